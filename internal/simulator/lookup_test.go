package simulator_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/simulator"
)

func TestTransactionFilters(t *testing.T) {
	t.Parallel()
	b := setup(t,
		simulator.Options{
			Faults: []simulator.Fault{
				{Reference: "failed", Operation: simulator.OpPay, Action: simulator.ActionFailed},
			},
		})
	known := strings.Replace(body("paid", addressB2C, paymentB2C), `"order":{`,
		`"customer":{"customer_id":"K1"},"order":{"store":{"id":"s1"},`, 1)
	known = strings.Replace(known, "kari@example.no", "paid@example.com", 1)
	require.Equal(t, http.StatusOK, b.do(http.MethodPost, "/sessions/pay", known).status)
	require.Equal(t, int64(29900), b.provider.Invoices()[0].Paid)
	first := b.pay("a")
	b.pay("A")
	b.pay("failed")
	grouped := b.do(http.MethodPost, "/sessions/pay", body("grouped", addressB2B, paymentGrouped)).object()
	last := b.pay("a")
	session := func(paid map[string]any) string { return url.QueryEscape(paid["session_id"].(string)) }
	id := func(paid map[string]any) string { return url.QueryEscape(paid["id"].(string)) }
	for _, test := range []struct {
		query string
		want  []string
	}{
		{"", []string{"a", "grouped", "failed", "A", "a", "paid"}},
		{"?merchant_reference=a", []string{"a", "a"}},
		{"?merchant_reference=A", []string{"A"}},
		{"?merchant_reference=unknown", []string{}},
		{"?search=a", []string{"a", "A", "a"}},
		{"?search=" + id(grouped), []string{"grouped"}},
		{"?search=" + session(grouped), []string{"grouped"}},
		{"?id=" + id(first) + "&id=" + id(grouped) + "&id=unknown", []string{"grouped", "a"}},
		{"?session_id=" + session(grouped) + "&session_id=" + session(last), []string{"a", "grouped"}},
		{"?status=FAILED", []string{"failed"}},
		{"?status=FAILED&status=AUTHORIZED&limit=2", []string{"a", "grouped"}},
		{"?payment_product_type=kravia.invoice_b2b_grouped", []string{"grouped"}},
		{"?payment_product=card", []string{}},
		{"?search=OLA@nordmann.no&limit=1", []string{"a"}},
		{"?search=%2B4799999999&limit=1", []string{"a"}},
		{"?search=ola%20Nordmann&status=FAILED", []string{"failed"}},
		{"?search=kari@example.no", []string{}},
		{"?search=a&merchant_reference=failed", []string{}},
		{"?currency=SEK&currency=NOK&limit=1", []string{"a"}},
		{"?currency=SEK", []string{}},
		{"?amount=29900&limit=1", []string{"a"}},
		{"?amount=29901", []string{}},
		{"?amount.gte=29900&amount.lte=29900&limit=1", []string{"a"}},
		{"?amount.gte=29901", []string{}},
		{"?amount.lte=29899", []string{}},
		{"?captured_at.gte=2000-01-01", []string{"paid"}},
		{"?captured_at.lte=2000-01-01", []string{}},
		{"?refunded_at.gte=2000-01-01", []string{}},
		{"?created_at.gte=2000-01-01T00:00:00&limit=1", []string{"a"}},
		{"?created_at.lte=2000-01-01", []string{}},
		{"?customer_id=K1", []string{"paid"}},
		{"?customer_id=K2", []string{}},
		{"?store_id=s1", []string{"paid"}},
		{"?channel=in_store", []string{}},
		{"?card_brand=Visa", []string{}},
		{"?payment_operation=x", []string{}},
		{"?payout_destination_id=x", []string{}},
		{"?payout_correlation_id=x", []string{}},
		{"?token_id=x", []string{}},
		{"?terminal_id=x", []string{}},
		{"?includes=events.success.true&limit=1", []string{"a"}},
		{"?merchant_reference=a&starting_after=" + id(last), []string{"a"}},
		{"?merchant_reference=a&starting_after=" + id(first), []string{}},
		{"?created_at.gte=2999-01-01T00:00:00Z", []string{}},
		{"?created_at.lte=2999-01-01T00:00:00Z&limit=1", []string{"a"}},
	} {
		a := b.get("/transactions" + test.query)
		require.Equal(t, http.StatusOK, a.status, a.text)
		require.Equal(t, test.want, a.references(), test.query)
	}
	for _, query := range []string{
		"?limit=0", "?limit=101", "?limit=x", "?merchant_ref=a",
		"?starting_after=unknown", "?created_at.gte=soon", "?created_at.gt=2000-01-01",
	} {
		require.Equal(t, http.StatusBadRequest, b.get("/transactions"+query).status, query)
		require.Equal(t, http.StatusBadRequest, b.get("/sessions"+query).status, query)
	}
}

func TestPaging(t *testing.T) {
	t.Parallel()
	b := setup(t, simulator.Options{})
	for i := range 25 {
		b.pay("r" + strconv.Itoa(i))
	}
	require.Len(t, b.get("/transactions").list(), 10)
	for _, path := range []string{"/transactions", "/sessions"} {
		var seen []any
		after := ""
		for _, want := range []int{7, 7, 7, 4, 0} {
			page := b.get(path + "?limit=7" + after).list()
			require.Len(t, page, want)
			for _, element := range page {
				seen = append(seen, element["id"])
				after = "&starting_after=" + url.QueryEscape(element["id"].(string))
			}
		}
		require.Len(t, seen, 25)
		distinct := map[any]bool{}
		for _, id := range seen {
			distinct[id] = true
		}
		require.Len(t, distinct, 25)
	}
}

func TestSessions(t *testing.T) {
	t.Parallel()
	b := setup(t, simulator.Options{})
	paid := b.pay("Ref-1")
	b.pay("Ref-2")
	one := b.get("/sessions/" + paid["session_id"].(string))
	require.Equal(t, http.StatusOK, one.status)
	require.Equal(t, paid["id"], one.object()["transaction_id"])
	require.Equal(t, "Ref-1", dig(t, one.object(), "order", "merchant_reference"))
	require.Equal(t, "INITIATED", dig(t, one.object(), "events", 0, "name"))
	require.Equal(t, "COMPLETED", dig(t, one.object(), "events", 2, "name"))
	for _, query := range []string{
		"search=ref-1", "id=" + paid["session_id"].(string),
		"transaction_id=" + paid["id"].(string),
	} {
		list := b.get("/sessions?" + query).list()
		require.Len(t, list, 1, query)
		require.Equal(t, paid["session_id"], list[0]["id"])
	}
	require.Empty(t, b.get("/sessions?search=Ref").list())
	require.Len(t, b.get("/sessions?search=ola%20nordmann").list(), 2)
	require.Empty(t, b.get("/sessions?store_id=s").list())
	require.Empty(t, b.get("/sessions?transaction_id=unknown").list())
	require.Equal(t, http.StatusBadRequest, b.get("/sessions?merchant_reference=Ref-1").status,
		"there is no such filter")
}

func TestListsLagBehindButLookUpsByIDDoNot(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		options simulator.Options
	}{
		{"option", simulator.Options{IndexDelay: 10 * time.Second}},
		{"fault", simulator.Options{Faults: []simulator.Fault{{
			Operation: simulator.OpPay, Action: simulator.ActionLateIndex, Delay: 10 * time.Second,
		}}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := setup(t, test.options)
				paid := b.pay("a")
				for _, wait := range []time.Duration{0, 9999 * time.Millisecond} {
					time.Sleep(wait)
					require.Empty(t, b.get("/transactions?merchant_reference=a").list())
					require.Empty(t, b.get("/transactions").list())
					require.Empty(t, b.get("/sessions?search=a").list())
					require.Equal(t, http.StatusOK, b.get("/transactions/"+paid["id"].(string)).status)
					require.Equal(t, http.StatusOK, b.get("/sessions/"+paid["session_id"].(string)).status)
				}
				time.Sleep(time.Millisecond)
				require.Len(t, b.get("/transactions?merchant_reference=a").list(), 1)
				require.Len(t, b.get("/sessions?search=a").list(), 1)
			})
		})
	}
}

func TestUnknownIDs(t *testing.T) {
	t.Parallel()
	b := setup(t, simulator.Options{})
	for _, call := range []struct{ method, path, body string }{
		{http.MethodGet, "/transactions/T12345678.x", ""},
		{http.MethodGet, "/sessions/T12345678.x", ""},
		{http.MethodGet, "/files/f-x", ""},
		{http.MethodGet, "/nothing", ""},
		{http.MethodPost, "/transactions/T12345678.x/void", ""},
		{http.MethodPost, "/transactions/T12345678.x/capture", `{"amount":1}`},
		{http.MethodPost, "/sessions/T12345678.x/cancel", ""},
		{
			http.MethodPost, "/sessions/T12345678.x/pay",
			`{"payment_product_type":"kravia.invoice_b2b","billing_address":` + addressB2B + `}`,
		},
	} {
		require.Equal(t, http.StatusNotFound, b.do(call.method, call.path, call.body).status, call.path)
	}
}
