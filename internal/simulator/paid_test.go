package simulator_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/simulator"
)

func TestBuyersPayByTheirAddress(t *testing.T) {
	t.Parallel()
	type payments []float64
	for _, test := range []struct {
		email      string
		model      simulator.Model
		want       payments
		status     string
		settlement string
		paid       int64
	}{
		{"ola@nordmann.no", simulator.ModelAuthorized, nil, "AUTHORIZED", "NOT_SETTLED", 0},
		{"paid@example.com", simulator.ModelAuthorized, payments{29900}, "CAPTURED", "SETTLED", 29900},
		{
			"Half-Paid@example.com", simulator.ModelAuthorized,
			payments{14950},
			"PARTIALLY_CAPTURED",
			"PARTIALLY_SETTLED", 14950,
		},
		{
			"paid-in-three@example.com", simulator.ModelAuthorized,
			payments{14950, 8970, 5980},
			"CAPTURED", "SETTLED",
			29900,
		},
		{
			"part-paid-in-two@example.com", simulator.ModelAuthorized,
			payments{8970, 8970},
			"PARTIALLY_CAPTURED",
			"PARTIALLY_SETTLED", 17940,
		},
		// its own CAPTURE
		{"paid@example.com", simulator.ModelCaptured, payments{29900}, "CAPTURED", "NOT_SETTLED", 29900},
	} {
		b := setup(t, simulator.Options{Model: test.model})
		first := b.do(http.MethodPost, "/sessions/pay",
			strings.Replace(orderB2B("a"), "ola@nordmann.no", test.email, 1)).object()
		require.NotEqual(t, "SETTLED", first["settlement_status"], "a payment takes its time")
		now := b.get("/transactions/" + first["id"].(string)).object()
		require.Equal(t, test.status, now["status"], test.email)
		require.Equal(t, test.settlement, now["settlement_status"], test.email)
		require.Equal(t, test.paid, b.provider.Invoices()[0].Paid)
		var got payments
		for _, e := range now["events"].([]any) {
			if dig(t, e, "event") == "CAPTURE" || dig(t, e, "name") == "CAPTURE" {
				got = append(got, dig(t, e, "amount").(float64))
				if test.model == simulator.ModelAuthorized {
					require.InDelta(t, dig(t, e, "amount"), dig(t, e, "settlements", "events", 0, "capture"), 0)
				}
			}
		}
		require.Equal(t, test.want, got, test.email)
		if test.paid > 0 {
			require.Equal(t, http.StatusBadRequest,
				b.do(http.MethodPost, "/transactions/"+first["id"].(string)+"/void", "").status)
		}
	}
}

func TestBuyersPayWhatIsOut(t *testing.T) {
	t.Parallel()
	b := setup(t, simulator.Options{})
	payer := strings.Replace(addressB2B, "ola@nordmann.no", "paid@example.com", 1)
	grouped := b.do(http.MethodPost, "/sessions/pay", body("grouped", payer, paymentGrouped)).object()["id"].(string)
	merchant := b.do(http.MethodPost, "/sessions/pay",
		body("merchant", payer, paymentB2B+`,"invoice_channel":"merchant"`)).object()["id"].(string)
	status := func(id string) any { return b.get("/transactions/" + id).object()["status"] }
	require.Equal(t, "AUTHORIZED", status(grouped))
	require.Equal(t, "AUTHORIZED", status(merchant))
	require.Equal(t, http.StatusOK,
		b.do(http.MethodPost, "/transactions/"+merchant+"/capture", `{"amount":29900}`).status)
	require.Equal(t, "CAPTURED", status(merchant))
	_, err := b.provider.Issue(time.Now())
	require.NoError(t, err)
	paid := b.get("/transactions/" + grouped).object()
	require.Equal(t, "CAPTURED", paid["status"])
	var kinds []any
	for _, e := range paid["events"].([]any) {
		kinds = append(kinds, dig(t, e, "event"))
	}
	require.Equal(t, []any{"AUTHORIZE", "CAPTURE"}, kinds, "grouped invoices have no INITIATE_CAPTURE")
}
