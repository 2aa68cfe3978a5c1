package dintero_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/simulator"
)

// simulated is a client before the built-in provider, without a network.
func simulated(t *testing.T, o simulator.Options) (*dintero.Client, *simulator.Provider) {
	t.Helper()
	provider, err := simulator.New(o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, provider.Close()) })
	cfg := config("http://localhost/v1")
	cfg.HTTP = &http.Client{Transport: provider.Transport()}
	cfg.Timeout = time.Minute
	client, err := dintero.New(cfg)
	require.NoError(t, err)
	return client, provider
}

func oneStep(t *testing.T, o *billing.Order) []byte {
	t.Helper()
	body, err := dintero.OneStep(o,
		dintero.BodyOptions{
			Content: o.Hash(), Days: 30, Period: "2026-10",
			CallbackURL: "https://example.com/callback",
		})
	require.NoError(t, err)
	return body
}

func TestSimulatedOneStep(t *testing.T) {
	t.Parallel()
	for _, model := range []simulator.Model{simulator.ModelCaptured, simulator.ModelAuthorized} {
		client, provider := simulated(t, simulator.Options{Model: model})
		a := client.Pay(t.Context(), oneStep(t, order()), dintero.StrictSuccess, expect())
		require.Equal(t, dintero.MeansInvoiced, a.Meaning, "%+v", a)
		require.Equal(t, 1, provider.Live("inv-2026-001"))
		invoice := provider.Invoices()[0]
		outcome := a.Transaction.Outcome(30)
		require.Empty(t, outcome.Code)
		require.Equal(t, billing.Outcome{
			State: billing.Invoiced, TransactionID: invoice.TransactionID, SessionID: invoice.SessionID,
			InvoiceNumber: invoice.Number,
			InvoiceDate:   billing.Date(invoice.InvoiceDate), DueDate: billing.Date(invoice.DueDate),
			InvoiceURL: invoice.URL, PaymentStatus: "unpaid",
			Settlement: "not settled",
		}, outcome)

		again := client.Pay(t.Context(), oneStep(t, order()), dintero.StrictSuccess, expect())
		require.Equal(t, dintero.MeansRefused, again.Meaning)
		require.Equal(t, dintero.CodeRejected, again.Code)
		found, err := client.TransactionsByReference(t.Context(), "inv-2026-001")
		require.NoError(t, err)
		require.Len(t, found, 1)
		code, _ := client.Same(&found[0], expect())
		require.Empty(t, code)
		sessions, err := client.SessionsByReference(t.Context(), "inv-2026-001")
		require.NoError(t, err)
		require.Len(t, sessions, 1)
		require.Equal(t, invoice.TransactionID, sessions[0].TransactionID)
		byID, err := client.TransactionsByID(t.Context(), []string{invoice.TransactionID})
		require.NoError(t, err)
		require.Len(t, byID, 1)

		require.Equal(t, dintero.MeansVoided, client.Void(t.Context(), invoice.TransactionID).Meaning)
		require.Zero(t, provider.Live("inv-2026-001"))
	}
}

func TestSimulatedProducts(t *testing.T) {
	t.Parallel()
	client, provider := simulated(t, simulator.Options{Model: simulator.ModelAuthorized})
	grouped, merchant := order(), order()
	grouped.Product, grouped.Channel, grouped.Reference = billing.B2BGrouped, "", "grouped-1"
	merchant.Channel, merchant.Reference = billing.ChannelMerchant, "merchant-1"
	for _, test := range []struct {
		order   *billing.Order
		meaning dintero.Meaning
		started bool
	}{
		{person(), dintero.MeansInvoiced, true},
		{grouped, dintero.MeansRegistered, true},
		{merchant, dintero.MeansInvoiced, false},
	} {
		a := client.Pay(t.Context(), oneStep(t, test.order), dintero.Strict, expectOf(test.order))
		require.Equal(t, test.meaning, a.Meaning, "%+v", a)
		require.Equal(t, 1, provider.Live(test.order.Reference))
		if !test.started {
			require.False(t, a.Transaction.Initiated())
			a = client.Capture(t.Context(), a.Transaction.ID, test.order.Gross)
			require.Equal(t, dintero.MeansInvoiced, a.Meaning, "%+v", a)
			require.True(t, a.Transaction.Initiated())
		}
	}
	require.NoError(t, provider.MarkPaid("merchant-1", 29900))
	paid, err := client.TransactionsByReference(t.Context(), "merchant-1")
	require.NoError(t, err)
	require.Equal(t, "paid", paid[0].PaymentStatus())
}

func TestSimulatedTwoSteps(t *testing.T) {
	t.Parallel()
	for _, result := range []bool{false, true} {
		for _, profile := range []string{"", "default"} {
			client, provider := simulated(t, simulator.Options{PaymentResult: result})
			body, err := dintero.SessionBody(order(), dintero.BodyOptions{
				Content: order().Hash(), Days: 30, Period: "2026-10", ReturnURL: "https://example.com/",
				ProfileID: profile,
			})
			require.NoError(t, err)
			created := client.CreateSession(t.Context(), body, profile != "", 0)
			require.Equal(t, dintero.MeansOpened, created.Meaning, "%+v", created)
			require.Zero(t, provider.Live("inv-2026-001"))
			body, err = dintero.PayBody(order())
			require.NoError(t, err)
			for range 2 { // paying a session again gives the same invoice
				paid := client.PaySession(t.Context(), created.SessionID, body, expect())
				require.Equal(t, dintero.MeansInvoiced, paid.Meaning, "%+v", paid)
				require.Equal(t, created.SessionID, paid.SessionID)
				require.Equal(t, 1, provider.Live("inv-2026-001"))
			}
		}
	}
}

// Whatever goes wrong, the answer never promises more than the provider's own books hold.
func TestSimulatedFaults(t *testing.T) {
	t.Parallel()
	const doubt, declined, refused, notSent = dintero.MeansInDoubt, dintero.MeansDeclined, dintero.MeansRefused,
		dintero.MeansNotSent
	for _, test := range []struct {
		fault   simulator.Fault
		meaning dintero.Meaning
		code    billing.Code
		live    int
	}{
		{simulator.Fault{Action: simulator.ActionStatus}, doubt, dintero.CodeUnavailable, 0},
		{simulator.Fault{Action: simulator.ActionStatusAfterCommit}, doubt, dintero.CodeUnavailable, 1},
		{simulator.Fault{Action: simulator.ActionDropBefore}, doubt, dintero.CodeBroken, 0},
		{simulator.Fault{Action: simulator.ActionDropAfter}, doubt, dintero.CodeBroken, 1},
		{simulator.Fault{Action: simulator.ActionDelay, Delay: 30 * time.Second}, dintero.MeansInvoiced, "", 1},
		{simulator.Fault{Action: simulator.ActionDelay, Delay: 90 * time.Second}, doubt, dintero.CodeTimeout, 1},
		{simulator.Fault{Action: simulator.ActionHang, Delay: 90 * time.Second}, doubt, dintero.CodeTimeout, 1},
		{simulator.Fault{Action: simulator.ActionFailed, Body: "no credit"}, declined, dintero.CodeDeclined, 0},
		{simulator.Fault{Action: simulator.ActionUnknownStatus}, doubt, dintero.CodeStatus, 1},
		{simulator.Fault{Action: simulator.ActionMissingFields}, doubt, dintero.CodeUnreadable, 1},
		{simulator.Fault{Action: simulator.ActionExtraFields}, dintero.MeansInvoiced, "", 1},
		{simulator.Fault{Action: simulator.ActionHTML}, doubt, dintero.CodeUnreadable, 1},
		{simulator.Fault{Action: simulator.ActionTruncated}, doubt, dintero.CodeBroken, 1},
		{simulator.Fault{Action: simulator.ActionHuge}, doubt, dintero.CodeTooLarge, 1},
		{
			simulator.Fault{
				Action: simulator.ActionRedirect,
				Header: map[string]string{"Location": "http://localhost/x"},
			}, doubt, dintero.CodeRedirect, 0,
		},
		{simulator.Fault{Action: simulator.ActionWrongAmount}, doubt, dintero.CodeAmount, 1},
		{simulator.Fault{Action: simulator.ActionNoNumber}, dintero.MeansRegistered, "", 1},
		{simulator.Fault{Action: simulator.ActionUnauthorized, Times: 1}, dintero.MeansInvoiced, "", 1},
		{simulator.Fault{Action: simulator.ActionUnauthorized}, notSent, dintero.CodeCredentials, 0},
		{simulator.Fault{Action: simulator.ActionThrottle}, notSent, dintero.CodeThrottled, 0},
		{simulator.Fault{Action: simulator.ActionDuplicate}, refused, dintero.CodeRejected, 0},
	} {
		t.Run(string(test.fault.Action)+test.fault.Delay.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				test.fault.Operation = simulator.OpPay
				client, provider := simulated(t, simulator.Options{Faults: []simulator.Fault{test.fault}})
				a := client.Pay(t.Context(), oneStep(t, order()), dintero.StrictSuccess, expect())
				require.Equal(t, test.meaning.String(), a.Meaning.String(), "%+v", a)
				require.Equal(t, test.code, a.Code)
				wait(t, 2*time.Minute)
				require.Equal(t, test.live, provider.Live("inv-2026-001"))
			})
		})
	}
}

func TestSimulatedDocument(t *testing.T) {
	t.Parallel()
	for _, mode := range []simulator.FileMode{simulator.FilesJSON, simulator.FilesPDF, simulator.FilesRedirect} {
		provider, err := simulator.New(simulator.Options{Files: mode})
		require.NoError(t, err)
		server := httptest.NewServer(provider)
		client, err := dintero.New(config(server.URL + "/v1"))
		require.NoError(t, err)
		a := client.Pay(t.Context(), oneStep(t, order()), dintero.StrictSuccess, expect())
		require.Equal(t, dintero.MeansInvoiced, a.Meaning)
		var out bytes.Buffer
		require.NoError(t, client.Document(t.Context(), a.Transaction.InvoiceURL, &out, 1<<20))
		require.True(t, bytes.HasPrefix(out.Bytes(), []byte("%PDF-")))
		server.Close()
		require.NoError(t, provider.Close())
	}
}
