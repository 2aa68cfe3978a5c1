package simulator_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/simulator"
)

func TestCheckoutOfTheAccount(t *testing.T) {
	t.Parallel()
	b := setup(t, simulator.Options{DefaultChannel: "merchant", Disabled: []string{"kravia.invoice_b2c"}})
	require.JSONEq(t, `{"configuration":{"payment_options":[
			{"type":"kravia.invoice_b2b","currencies":["NOK","SEK","EUR"],"details":{"invoice_channel":"merchant"}},
			{"type":"kravia.invoice_b2b_grouped","currencies":["NOK","SEK","EUR"],"details":{}}]},
		"gateways":{"kravia":{"url":"https://kravia.invalid","merchant_id":1,"supported_invoice_channels":["kravia","merchant"]}}}`,
		b.get("/admin/checkout").text)
	profile := b.get("/admin/session/profiles/default").object()
	require.Equal(t, "default", profile["id"])
	require.Equal(t, "merchant", dig(t, profile, "configuration", "kravia", "invoice_b2b", "invoice_channel"))
	require.Equal(t, "monthly",
		dig(t, profile, "configuration", "kravia", "invoice_b2b_grouped", "invoice_schedule", "interval"))
	require.Equal(t, false, dig(t, profile, "configuration", "kravia", "invoice_b2c", "enabled"))

	healthy := setup(t, simulator.Options{})
	require.Equal(t, "kravia",
		dig(t, healthy.get("/admin/checkout").object(), "configuration", "payment_options", 0, "details",
			"invoice_channel"))
	closed := setup(t, simulator.Options{NoAdmin: true})
	require.Equal(t, http.StatusForbidden, closed.get("/admin/checkout").status)
	require.Equal(t, http.StatusForbidden, closed.get("/admin/session/profiles/default").status)
	closed.token = "wrong"
	require.Equal(t, http.StatusUnauthorized, closed.get("/admin/checkout").status)
}

func TestFaultsForAnyOperationLeaveThePreflightAlone(t *testing.T) {
	t.Parallel()
	b := setup(t, simulator.Options{Faults: []simulator.Fault{{Action: simulator.ActionStatus, Times: 1}}})
	require.Equal(t, http.StatusOK, b.get("/admin/checkout").status)
	require.Equal(t, http.StatusOK, b.get("/admin/session/profiles/default").status)
	require.Equal(t, http.StatusInternalServerError, b.get("/transactions").status)
	require.NoError(t,
		b.provider.SetFaults(
			[]simulator.Fault{{Operation: simulator.OpCheckout, Action: simulator.ActionStatus, Status: 404}}))
	require.Equal(t, http.StatusNotFound, b.get("/admin/checkout").status)
}

func TestDefaultChannel(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, account, payment, want string
	}{
		{"nobody says", "", paymentB2B, "kravia"},
		{"the account says", "merchant", paymentB2B, "merchant"},
		{"the order says", "merchant", paymentB2B + `,"invoice_channel":"kravia"`, "kravia"},
		{"grouped invoices have none", "merchant", paymentGrouped, ""},
	} {
		b := setup(t, simulator.Options{DefaultChannel: test.account})
		paid := b.do(http.MethodPost, "/sessions/pay", body("a", addressB2B, test.payment)).object()
		require.Equal(t, test.want, b.provider.Invoices()[0].Channel, test.name)
		if test.want == "" {
			require.NotContains(t, paid["metadata"], "kravia:invoice_channel")
		} else {
			require.Equal(t, test.want, dig(t, paid, "metadata", "kravia:invoice_channel"), test.name)
		}
	}
	b := setup(t, simulator.Options{DefaultChannel: "merchant"})
	id := b.do(http.MethodPost, "/sessions", sessionB2B("a", "")).object()["id"].(string)
	require.Equal(t, http.StatusOK, b.do(http.MethodPost, "/sessions/"+id+"/pay", paymentOfSession).status)
	require.Equal(t, "merchant", b.provider.Invoices()[0].Channel)
}

func TestDisabledProductIsRefused(t *testing.T) {
	t.Parallel()
	b := setup(t, simulator.Options{Disabled: []string{"kravia.invoice_b2b"}})
	paid := b.do(http.MethodPost, "/sessions/pay", orderB2B("a"))
	require.Equal(t, http.StatusBadRequest, paid.status)
	require.Equal(t, "INVALID_PAYMENT_PRODUCT_TYPE", dig(t, paid.object(), "error", "code"))
	require.Equal(t, false, paid.object()["success"])
	id := b.do(http.MethodPost, "/sessions", sessionB2B("a", "")).object()["id"].(string)
	two := b.do(http.MethodPost, "/sessions/"+id+"/pay", paymentOfSession)
	require.Equal(t, "INVALID_PAYMENT_PRODUCT_TYPE", dig(t, two.object(), "error", "code"))
	require.Empty(t, b.provider.Invoices())
	require.Equal(t, http.StatusOK, b.do(http.MethodPost, "/sessions/pay", body("a", addressB2C, paymentB2C)).status)
}

// What no route serves is still answered as the API answers.
func TestUnknownRoutes(t *testing.T) {
	t.Parallel()
	b := setup(t, simulator.Options{})
	id := b.pay("a")["id"].(string)
	for _, test := range []struct {
		method, path, code string
		status             int
	}{
		{http.MethodGet, "/nothing", "NOT FOUND", 404},
		{http.MethodPost, "/transactions/" + id + "/refund", "NOT_SUPPORTED", 400},
		{http.MethodPut, "/transactions/nothing", "NOT FOUND", 404},
		{http.MethodPut, "/transactions/" + id + "/void", "METHOD_NOT_ALLOWED", 405},
		{http.MethodDelete, "/transactions/" + id, "METHOD_NOT_ALLOWED", 405},
		{http.MethodGet, "/sessions-profile", "METHOD_NOT_ALLOWED", 405},
		{http.MethodPost, "/accounts/T12345678/settlements", "METHOD_NOT_ALLOWED", 405},
	} {
		a := b.do(test.method, test.path, "{}")
		require.Equal(t, test.status, a.status, test.path)
		require.Equal(t, "application/json", a.header.Get("Content-Type"))
		require.Equal(t, test.code, dig(t, a.object(), "error", "code"))
		require.NotContains(t, a.object(), "success")
	}
	require.Empty(t, b.get("/accounts/T12345678/settlements").list())
}

func TestSecondReferenceIsUpdated(t *testing.T) {
	t.Parallel()
	b := setup(t, simulator.Options{})
	changed := b.do(http.MethodPut, "/transactions/"+b.pay("a")["id"].(string), `{"merchant_reference_2":"later"}`)
	require.Equal(t, "later", changed.object()["merchant_reference_2"])
	require.Equal(t, []string{"a"}, b.get("/transactions?merchant_reference_2=later").references())
}

func TestTransactionIsAnsweredWithWhatWasSent(t *testing.T) {
	t.Parallel()
	b := setup(t, simulator.Options{})
	order := strings.Replace(orderB2B("a"), `{"session":{`,
		`{"session":{"customer":{"customer_id":"K1"},"metadata":{"batch":"7"},`, 1)
	order = strings.Replace(order, `"currency"`,
		`"event_reference":"payout 7","store":{"id":"s1"},"shipping_address":{"postal_place":"Oslo"},"currency"`, 1)
	order = strings.Replace(order, `"country"`, `"latitude":59.90,"country"`, 1)
	paid := b.do(http.MethodPost, "/sessions/pay", order, "Dintero-System-Version", "1.2", "User-Agent",
		"test/1").object()
	for name, want := range map[string]any{
		"url":                               map[string]any{"callback_url": "https://example.com/callback"},
		"customer":                          map[string]any{"customer_id": "K1"},
		"store":                             map[string]any{"id": "s1"},
		"shipping_address":                  map[string]any{"postal_place": "Oslo"},
		"initiating_system_request_headers": map[string]any{"dintero-system-version": "1.2", "user-agent": "test/1"},
	} {
		require.Equal(t, want, paid[name], name)
	}
	require.Equal(t, "payout 7", dig(t, paid, "metadata", "event_reference"))
	require.Equal(t, "payout 7", dig(t, paid, "events", 0, "event_reference"))
	require.Len(t, dig(t, paid, "events", 0, "request_id"), 11)
	require.InDelta(t, 59.9, dig(t, paid, "billing_address", "latitude"), 0)
	require.Equal(t, "7", dig(t, paid, "metadata", "batch"))
	require.Equal(t, "NOT_SETTLED", paid["settlement_status"])
}
