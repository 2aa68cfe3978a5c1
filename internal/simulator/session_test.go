package simulator_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/simulator"
)

// sessionB2B is the body that makes a session of 299.00 to be paid later; more goes into it.
func sessionB2B(reference, more string) string {
	return `{"url":{"return_url":"https://example.com/back","callback_url":"https://example.com/callback"},
		"order":{"amount":29900,"currency":"NOK","vat_amount":5980,"merchant_reference":"` + reference + `",
			"items":[{"line_id":"1","description":"x","quantity":1,"amount":29900,"vat":25}]},` + more +
		`"configuration":{"channel":"ecommerce","allow_express_wallet_payment":false,"default_payment_type":"kravia.invoice_b2b",
			"kravia":{"type":"payment_type","invoice_b2b":{"type":"payment_product_type","enabled":true,"days_until_due":30,
			"require_identity_verification":false}}}}`
}

const paymentOfSession = `{"payment_product_type":"kravia.invoice_b2b","billing_address":` + addressB2B + `}`

func TestSessionIsAnsweredAsItWasMade(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t, simulator.Options{})
		more := `"profile_id":"default","customer":{"customer_id":"K1"},"metadata":{"ext_row":3},`
		id := b.do(http.MethodPost, "/sessions-profile", sessionB2B("a", more)).object()["id"].(string)
		made := b.get("/sessions/" + id)
		require.Equal(t,
			map[string]any{"return_url": "https://example.com/back", "callback_url": "https://example.com/callback"},
			made.object()["url"])
		require.Equal(t, map[string]any{"customer_id": "K1"}, made.object()["customer"])
		require.Equal(t, map[string]any{"ext_row": 3.0, "session:profile_id": "default"}, made.object()["metadata"])
		require.InDelta(t, 5980, dig(t, made.object(), "order", "vat_amount"), 0)
		require.Equal(t, "kravia.invoice_b2b", dig(t, made.object(), "configuration", "default_payment_type"))
		require.Equal(t, "2000-01-01T00:00:00Z", made.object()["updated_at"])
		require.Equal(t, "2000-01-02T00:00:00Z", made.object()["expires_at"])
		require.NotContains(t, made.object(), "profile_id")
		require.NotContains(t, made.object()["order"], "billing_address")

		time.Sleep(time.Second)
		paid := b.do(http.MethodPost, "/sessions/"+id+"/pay", paymentOfSession).object()
		require.Equal(t, map[string]any{"callback_url": "https://example.com/callback"}, paid["url"])
		require.Equal(t, map[string]any{"customer_id": "K1"}, paid["customer"])
		now := b.get("/sessions/" + id).object()
		require.Equal(t, "2000-01-01T00:00:01Z", now["updated_at"])
		require.Equal(t, "Nordmann AS", dig(t, now, "order", "billing_address", "business_name"))
		for i, name := range []string{"INITIATED", "AUTHORIZED", "COMPLETED"} {
			require.Equal(t, name, dig(t, now, "events", i, "name"))
			require.Len(t, dig(t, now, "events", i, "request_id"), 11)
		}
		with := b.get("/transactions/" + paid["id"].(string) + "?includes=session").object()
		require.Equal(t, now, with["session"])
	})
}

func TestSessionHasAConfigurationOfKravia(t *testing.T) {
	t.Parallel()
	b := setup(t, simulator.Options{})
	create := func(query, from, to string) any {
		of := strings.Replace(sessionB2B("a", `"profile_id":"default",`), from, to, 1)
		return b.do(http.MethodPost, "/sessions-profile"+query, of).object()
	}
	settings := func(days float64) map[string]any {
		return map[string]any{
			"type": "payment_product_type", "enabled": true, "days_until_due": days,
			"require_identity_verification": false,
			"invoice_channel":               "kravia",
		}
	}
	grouped := settings(14)
	grouped["invoice_schedule"] = map[string]any{"interval": "monthly"}
	delete(grouped, "invoice_channel")
	const query, own, none = "?include_session=true", `"kravia":{`, `"dintero":{`
	ofPayment := map[string]any{"type": "payment_type", "invoice_b2b": settings(30)}
	ofProfile := map[string]any{
		"type": "payment_type", "invoice_b2b": settings(14), "invoice_b2c": settings(14),
		"invoice_b2b_grouped": grouped,
	}
	for _, test := range []struct {
		name string
		of   any
		path []any
		want any
	}{
		{
			"of its payment", b.get("/sessions/" + b.pay("a")["session_id"].(string)).object(),
			[]any{"configuration", "kravia"},
			ofPayment,
		},
		{"of its profile", create(query, own, none), []any{"session", "configuration", "kravia"}, ofProfile},
		{"beside what it says", create(query, own, none), []any{"session", "configuration", "channel"}, "ecommerce"},
		{
			"of its own", create(query, "30", "31"),
			[]any{"session", "configuration", "kravia", "invoice_b2b", "days_until_due"},
			31.0,
		},
		{"not asked for", create("", "", ""), []any{"session"}, nil},
	} {
		require.Equal(t, test.want, dig(t, test.of, test.path...), test.name)
	}
}

// Parts of the order of an unpaid session can be replaced; a paid one's cannot.
func TestSessionIsUpdated(t *testing.T) {
	t.Parallel()
	b := setup(t, simulator.Options{})
	made := b.do(http.MethodPost, "/sessions", sessionB2B("a", "")).object()["id"].(string)
	const update = `{"order":{"amount":200,"currency":"SEK","merchant_reference":"b"},"remove_lock":true}`
	for _, test := range []struct {
		name, id, body, toggle string
		want                   int
	}{
		{"unpaid", made, update, "", 200},
		{"paid", b.pay("c")["session_id"].(string), update, "", 400},
		{"unknown", "none", update, "", 404},
		{"without an order", made, `{}`, "", 400},
		{"with an order that no session can have", made, `{"order":{"items":[]}}`, "", 400},
		{"with an amount that is not the sum", made, update, "strict-session-amounts", 400},
		{"with an amount that is the sum", made, `{"order":{"amount":29900}}`, "strict-session-amounts", 200},
		{"with a toggle of another endpoint", made, update, strict, 400},
	} {
		changed := b.do(http.MethodPut, "/sessions/"+test.id, test.body, "Dintero-Feature-Toggles", test.toggle)
		require.Equal(t, test.want, changed.status, "%s: %s", test.name, changed.text)
	}
	session := b.get("/sessions/" + made).object()
	require.Equal(t, "b", dig(t, session, "order", "merchant_reference"))
	require.InDelta(t, 5980, dig(t, session, "order", "vat_amount"), 0)
	paid := b.do(http.MethodPost, "/sessions/"+made+"/pay", paymentOfSession).object()
	require.InDelta(t, 29900, paid["amount"], 0)
	require.Equal(t, "SEK", paid["currency"])
}

func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		options simulator.Options
		more    string
		wait    time.Duration
		want    int
	}{
		{"by default after a day", simulator.Options{}, "", 24 * time.Hour, 400},
		{"by default not before", simulator.Options{}, "", 24*time.Hour - time.Second, 200},
		{"by the option", simulator.Options{SessionLife: time.Minute}, "", time.Minute, 400},
		{
			"by themselves",
			simulator.Options{SessionLife: time.Minute},
			`"expires_at":"2000-01-01T00:02:00Z",`,
			time.Minute, 200,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := setup(t, test.options)
				id := b.do(http.MethodPost, "/sessions", sessionB2B("a", test.more)).object()["id"].(string)
				time.Sleep(test.wait)
				b.login()
				paid := b.do(http.MethodPost, "/sessions/"+id+"/pay", paymentOfSession)
				require.Equal(t, test.want, paid.status, paid.text)
				if test.want == http.StatusBadRequest {
					require.Equal(t, "SESSION_EXPIRED", dig(t, paid.object(), "error", "code"))
				}
			})
		})
	}
}

func TestSessionTogglesAndSums(t *testing.T) {
	t.Parallel()
	other := strings.Replace(sessionB2B("a", ""), `"amount":29900,"currency"`, `"amount":30000,"currency"`, 1)
	shipped := strings.Replace(other, `"currency"`, `"shipping_option":{"amount":100},"currency"`, 1)
	less := strings.Replace(sessionB2B("a", ""), `"amount":29900,"currency"`,
		`"partial_payment":true,"amount":100,"currency"`, 1)
	for _, test := range []struct {
		name   string
		guard  simulator.Guard
		toggle string
		body   string
		want   int
		code   string
	}{
		{"no toggle, other sum", simulator.GuardIgnored, "", other, 200, ""},
		{"amounts", simulator.GuardIgnored, "strict-session-amounts", sessionB2B("a", ""), 200, ""},
		{
			"amounts, other sum", simulator.GuardIgnored, "strict-session-amounts", other, 400,
			"INVALID_REQUEST_PARAMETER",
		},
		{"amounts, shipping", simulator.GuardRefused, "strict-session-amounts", shipped, 200, ""},
		{"amounts, partial payment", simulator.GuardHonoured, "strict-session-amounts", less, 200, ""},
		{"guard ignored", simulator.GuardIgnored, strictSuccess, sessionB2B("a", ""), 200, ""},
		{
			"guard honoured", simulator.GuardHonoured, strictSuccess, sessionB2B("a", ""), 400,
			"DUPLICATE_MERCHANT_REFERENCE",
		},
		{"guard honoured, other reference", simulator.GuardHonoured, strictSuccess, sessionB2B("A", ""), 200, ""},
		{"guard refused", simulator.GuardRefused, strictSuccess, sessionB2B("a", ""), 400, "INVALID_REQUEST_PARAMETER"},
		{"unknown", simulator.GuardIgnored, "nonsense", sessionB2B("a", ""), 400, "INVALID_REQUEST_PARAMETER"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, simulator.Options{CreateGuard: test.guard})
			b.pay("a")
			made := b.do(http.MethodPost, "/sessions", test.body, "Dintero-Feature-Toggles", test.toggle)
			require.Equal(t, test.want, made.status, made.text)
			if test.code != "" {
				require.Equal(t, test.code, dig(t, made.object(), "error", "code"))
				require.NotContains(t, made.object(), "success", "only one-step payments have it")
			}
			if test.guard == simulator.GuardRefused && test.toggle == strictSuccess {
				require.Equal(t, []string{"Dintero-Feature-Toggles"}, paths(t, made))
			}
		})
	}
}

func TestReturnURLIsOptionalInTheOlderEdition(t *testing.T) {
	t.Parallel()
	without := strings.Replace(sessionB2B("a", ""), `"return_url":"https://example.com/back",`, "", 1)
	for model, want := range map[simulator.Model]int{simulator.ModelAuthorized: 400, simulator.ModelCaptured: 200} {
		require.Equal(t, want,
			setup(t, simulator.Options{Model: model}).do(http.MethodPost, "/sessions", without).status)
	}
}

func TestNoSessionList(t *testing.T) {
	t.Parallel()
	b := setup(t, simulator.Options{NoSessionList: true})
	session := b.pay("a")["session_id"].(string)
	require.Equal(t, "NOT FOUND", dig(t, b.get("/sessions?search=a").object(), "error", "code"))
	require.Equal(t, http.StatusOK, b.get("/sessions/"+session).status)
}
