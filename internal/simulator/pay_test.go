package simulator_test

import (
	"encoding/base64"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/simulator"
)

func TestPayAnswersWithTheInvoice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // midnight UTC of 2000-01-01, so 1 o'clock in Oslo
		for _, test := range []struct {
			name    string
			model   simulator.Model
			payment string
			status  string
			kinds   []string
			key     string
		}{
			{"older", simulator.ModelCaptured, "", "CAPTURED", []string{"CAPTURE"}, "name"},
			{
				"older, merchant", simulator.ModelCaptured, `,"invoice_channel":"merchant"`, "AUTHORIZED",
				[]string{"AUTHORIZE"},
				"name",
			},
			{"newer", simulator.ModelAuthorized, "", "AUTHORIZED", []string{"AUTHORIZE", "INITIATE_CAPTURE"}, "event"},
			{
				"newer, merchant", simulator.ModelAuthorized, `,"invoice_channel":"merchant"`, "AUTHORIZED",
				[]string{"AUTHORIZE"},
				"event",
			},
		} {
			b := setup(t, simulator.Options{Model: test.model})
			paid := b.do(http.MethodPost, "/sessions/pay",
				body("inv-1", addressB2B,
					`"payment_product_type":"kravia.invoice_b2b","days_until_due":30`+test.payment),
				"Dintero-System-Name", "kravia-batch").object()
			require.Equal(t, "kravia-batch", dig(t, paid, "initiating_system_request_headers", "dintero-system-name"))
			require.Equal(t, test.status, paid["status"], test.name)
			require.Equal(t, true, paid["success"])
			require.Equal(t, []any{map[string]any{"source": "kravia", "code": test.status, "type": "success"}},
				paid["actions"])
			require.Equal(t, "kravia.invoice_b2b", paid["payment_product_type"])
			require.Equal(t, "inv-1", paid["merchant_reference"])
			require.InDelta(t, 29900, paid["amount"], 0)
			require.Regexp(t, `^T12345678\.[1-9A-Za-z]{11}$`, paid["id"])
			require.Regexp(t, `^T12345678\.[1-9A-Za-z]{11}$`, paid["session_id"])
			require.Equal(t, "INV-2000-0001", dig(t, paid, "metadata", "kravia:invoice_number"))
			require.Regexp(t, `^http://simulator/v1/files/f-`, dig(t, paid, "metadata", "kravia:invoice_url"))
			var kinds []string
			for _, e := range paid["events"].([]any) {
				kinds = append(kinds, dig(t, e, test.key).(string))
				require.Equal(t, map[string]any{
					"kravia:invoice_number":   "INV-2000-0001",
					"kravia:invoice_date":     "2000-01-01",
					"kravia:invoice_due_date": "2000-01-31",
				}, dig(t, e, "metadata"))
			}
			require.Equal(t, test.kinds, kinds, test.name)
		}
	})
}

func TestInvoiceDateIsTheDayInOslo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(23*time.Hour + 30*time.Minute) // still 1 January in UTC
		b := setup(t, simulator.Options{})
		require.Equal(t, "2000-01-02", dig(t, b.pay("a"), "events", 0, "metadata", "kravia:invoice_date"))
	})
}

func TestDuplicateGuard(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		first  simulator.Action // what happened to the first call
		toggle string
		status int
		live   int
	}{
		{"no guard makes a second invoice", simulator.ActionExtraFields, "", 200, 2},
		{"strict after success", simulator.ActionExtraFields, strict, 400, 1},
		{"strict after failure", simulator.ActionFailed, strict, 400, 0},
		{"strict after nothing", simulator.ActionStatus, strict, 200, 1},
		{"strict success after success", simulator.ActionExtraFields, strictSuccess, 400, 1},
		{"strict success after failure", simulator.ActionFailed, strictSuccess, 200, 1},
		{"strict success does not see a hold", simulator.ActionOnHold, strictSuccess, 200, 2},
		{"unknown toggle", simulator.ActionStatus, "strict-mercant-reference", 400, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, simulator.Options{Faults: []simulator.Fault{{Action: test.first, Times: 1}}})
			b.do(http.MethodPost, "/sessions/pay", orderB2B("a"))
			again := b.payGuarded("a", test.toggle)
			require.Equal(t, test.status, again.status, again.text)
			require.Equal(t, test.live, b.provider.Live("a"))
		})
	}
}

func TestVoidedInvoiceStillBlocksTheStrictSuccessGuard(t *testing.T) {
	t.Parallel()
	b := setup(t, simulator.Options{})
	id := b.pay("a")["id"].(string)
	require.Equal(t, http.StatusOK, b.do(http.MethodPost, "/transactions/"+id+"/void", "").status)
	require.Equal(t, http.StatusBadRequest, b.payGuarded("a", strictSuccess).status)
}

func TestGuardIsAtomicUnlessTheCommitIsSlow(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		delay time.Duration
		live  int
	}{
		{"atomic", 0, 1},
		{"apart", time.Second, 8},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := setup(t,
					simulator.Options{
						Faults: []simulator.Fault{{Action: simulator.ActionSlowCommit, Delay: test.delay}},
					})
				var group sync.WaitGroup
				for range 8 {
					group.Go(func() { b.payGuarded("a", strict) })
				}
				group.Wait()
				require.Equal(t, test.live, b.provider.Live("a"))
			})
		})
	}
}

func TestTwoStep(t *testing.T) {
	t.Parallel()
	const order = `"url":{"return_url":"https://example.com"},"order":{"amount":29900,"currency":"NOK",
		"merchant_reference":"a","items":[{"line_id":"1","description":"x","quantity":2.5,"amount":29900,"vat":25.5}]}`
	b2b := `{"payment_product_type":"kravia.invoice_b2b","billing_address":` + addressB2B + `}`
	b2c := `{"payment_product_type":"kravia.invoice_b2c","billing_address":` + addressB2C + `}`
	enabled := func(product, more string) string {
		return `{` + order + `,"configuration":{"kravia":{"type":"payment_type","` + product +
			`":{"type":"payment_product_type","enabled":true` + more + `}}}}`
	}
	for _, test := range []struct {
		name    string
		path    string
		create  string
		pay     string
		created int
		paid    int
		live    int
	}{
		{
			"b2b without verification", "/sessions", enabled("invoice_b2b", `,"require_identity_verification":false`),
			b2b, 200, 200, 1,
		},
		{"b2b asks for verification by default", "/sessions", enabled("invoice_b2b", ``), b2b, 200, 200, 0},
		{
			"b2b asks for verification", "/sessions", enabled("invoice_b2b", `,"require_identity_verification":true`),
			b2b, 200, 200, 0,
		},
		{
			"b2c without verification", "/sessions",
			enabled("invoice_b2c", `,"require_identity_verification":false,"invoice_channel":"kravia"`), b2c, 200,
			200, 1,
		},
		{"b2c asks for verification by default", "/sessions", enabled("invoice_b2c", ``), b2c, 200, 200, 0},
		{"other product than configured", "/sessions", enabled("invoice_b2c", ``), b2b, 200, 400, 0},
		{"profile", "/sessions-profile", `{` + order + `,"profile_id":"default"}`, b2b, 200, 200, 1},
		{"no configuration", "/sessions", `{` + order + `}`, b2b, 400, 0, 0},
		{"no profile", "/sessions-profile", `{` + order + `}`, b2b, 400, 0, 0},
		{
			"no return_url", "/sessions-profile",
			strings.Replace(`{`+order+`,"profile_id":"x"}`, "return_url", "callback_url", 1), b2b, 400, 0, 0,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, simulator.Options{})
			created := b.do(http.MethodPost, test.path, test.create)
			require.Equal(t, test.created, created.status, created.text)
			if test.created != http.StatusOK {
				return
			}
			id := created.object()["id"].(string)
			require.Nil(t, b.get("/sessions/" + id).object()["transaction_id"])
			for range 2 { // paying again must change nothing
				paid := b.do(http.MethodPost, "/sessions/"+id+"/pay", test.pay)
				require.Equal(t, test.paid, paid.status, paid.text)
				require.Len(t, b.provider.Invoices(), test.live)
				if test.live == 1 {
					require.Equal(t, b.provider.Invoices()[0].TransactionID, paid.object()["id"])
					require.Equal(t, paid.object()["id"], b.get("/sessions/" + id).object()["transaction_id"])
				} else if test.paid == http.StatusOK {
					require.NotEmpty(t, paid.object()["redirect_url"])
				}
			}
		})
	}
}

func TestTwoStepDaysAndChannelComeFromTheConfiguration(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t, simulator.Options{PaymentResult: true})
		id := b.do(http.MethodPost, "/sessions", `{"url":{"return_url":"https://example.com"},
			"order":{"amount":100,"currency":"NOK","merchant_reference":"a",
				"items":[{"line_id":"1","description":"x","quantity":1,"amount":100,"vat":0}]},
			"configuration":{"kravia":{"invoice_b2b":{"enabled":true,"days_until_due":3,"invoice_channel":"merchant","require_identity_verification":false}}}}`).object()
		paid := b.do(http.MethodPost, "/sessions/"+id["id"].(string)+"/pay",
			`{"payment_product_type":"kravia.invoice_b2b","billing_address":`+addressB2B+`}`)
		require.JSONEq(t, `{"success":true,"actions":[{"source":"kravia","code":"AUTHORIZED","type":"success"}]}`,
			paid.text)
		invoice := b.provider.Invoices()[0]
		require.Equal(t, "merchant", invoice.Channel)
		require.Equal(t, "2000-01-04", invoice.DueDate)
	})
}

func TestSessionCannotBePaidAfterItsEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t, simulator.Options{})
		create := func(expires string) string {
			created := b.do(http.MethodPost, "/sessions-profile", `{"url":{"return_url":"https://example.com"},"profile_id":"default",
				"expires_at":"`+expires+`","order":{"amount":100,"currency":"NOK","merchant_reference":"a",
				"items":[{"line_id":"1","description":"x","quantity":1,"amount":100,"vat":0}]}}`)
			return created.object()["id"].(string)
		}
		expired, cancelled := create("2000-01-01T01:00:00Z"), create("2000-01-02T00:00:00Z")
		time.Sleep(2 * time.Hour)
		require.Equal(t, http.StatusOK, b.do(http.MethodPost, "/sessions/"+cancelled+"/cancel", "").status)
		b.login()
		for _, id := range []string{expired, cancelled} {
			paid := b.do(http.MethodPost, "/sessions/"+id+"/pay",
				`{"payment_product_type":"kravia.invoice_b2b","billing_address":`+addressB2B+`}`)
			require.Equal(t, http.StatusBadRequest, paid.status)
		}
		require.Empty(t, b.provider.Invoices())
	})
}

func TestToken(t *testing.T) {
	t.Parallel()
	basic := func(pair string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(pair)) }
	for _, test := range []struct {
		name, path, authorization, body string
		status                          int
	}{
		{"good", "/accounts/T12345678/auth/token", basic("me:hush"), grant, 200},
		{"wrong secret", "/accounts/T12345678/auth/token", basic("me:hus"), grant, 401},
		{"wrong id", "/accounts/T12345678/auth/token", basic("you:hush"), grant, 401},
		{"no credentials", "/accounts/T12345678/auth/token", "", grant, 401},
		{"other account", "/accounts/T87654321/auth/token", basic("me:hush"), grant, 403},
		{
			"other audience", "/accounts/T12345678/auth/token", basic("me:hush"),
			strings.Replace(grant, "api.", "checkout.", 1), 403,
		},
		{
			"other grant", "/accounts/T12345678/auth/token", basic("me:hush"), strings.Replace(grant, "client_", "", 1),
			400,
		},
		{"no JSON", "/accounts/T12345678/auth/token", basic("me:hush"), "grant_type=client_credentials", 400},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p, err := simulator.New(simulator.Options{ClientID: "me", ClientSecret: "hush"})
			require.NoError(t, err)
			b := &bundle{t: t, provider: p, client: &http.Client{Transport: p.Transport()}}
			granted := b.do(http.MethodPost, test.path, test.body, "Authorization", test.authorization)
			require.Equal(t, test.status, granted.status, granted.text)
			if test.status == http.StatusOK {
				require.Equal(t, "Bearer", granted.object()["token_type"])
				require.InDelta(t, 4*3600, granted.object()["expires_in"], 0)
			}
			require.NoError(t, p.Close())
		})
	}
}

func TestTokenEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t, simulator.Options{})
		require.Equal(t, http.StatusOK, b.get("/transactions").status)
		time.Sleep(4 * time.Hour)
		require.Equal(t, http.StatusUnauthorized, b.get("/transactions").status)
		require.Equal(t, http.StatusUnauthorized, b.do(http.MethodPost, "/sessions/pay", orderB2B("a")).status)
		require.Empty(t, b.provider.Invoices())
		b.login()
		require.Equal(t, http.StatusOK, b.get("/transactions").status)
	})
}
