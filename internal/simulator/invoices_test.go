package simulator_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"kraviabatch/internal/simulator"
)

const captureOfAll = `{"amount":29900,"capture_reference":"r","final_capture":true,"metadata":{"ext_a":"b"},
	"items":[{"line_id":"1","id":"sku","description":"x","quantity":1,"amount":29900,"vat":25}]}`

func TestCapture(t *testing.T) {
	t.Parallel()
	merchant := body("a", addressB2B, paymentB2B+`,"invoice_channel":"merchant"`)
	for _, test := range []struct {
		name  string
		model simulator.Model
		order string
		body  string
		want  []int // first and second capture
		after string
		key   string
		kind  string
	}{
		{
			"older", simulator.ModelCaptured, merchant, `{"amount":29900}`,
			[]int{200, 400},
			"CAPTURED", "name",
			"CAPTURE",
		},
		{
			"newer", simulator.ModelAuthorized, merchant, `{"amount":29900}`,
			[]int{200, 400},
			"AUTHORIZED", "event",
			"INITIATE_CAPTURE",
		},
		{
			"kravia delivers", simulator.ModelAuthorized, orderB2B("a"), `{"amount":29900}`,
			[]int{400, 400},
			"AUTHORIZED", "event", "INITIATE_CAPTURE",
		},
		{
			"older, in part", simulator.ModelCaptured, merchant, `{"amount":14950}`,
			[]int{200, 200},
			"CAPTURED",
			"name", "CAPTURE",
		},
		{
			"older, a part", simulator.ModelCaptured, merchant, `{"amount":20000}`,
			[]int{200, 400},
			"PARTIALLY_CAPTURED", "name", "CAPTURE",
		},
		{
			"newer, a part", simulator.ModelAuthorized, merchant, `{"amount":20000}`,
			[]int{200, 400},
			"AUTHORIZED",
			"event", "INITIATE_CAPTURE",
		},
		{
			"all documented fields", simulator.ModelAuthorized, merchant, captureOfAll,
			[]int{200, 400},
			"AUTHORIZED",
			"event", "INITIATE_CAPTURE",
		},
		{
			"too much", simulator.ModelAuthorized, merchant, `{"amount":29901}`,
			[]int{400, 400},
			"AUTHORIZED", "event",
			"AUTHORIZE",
		},
		{"no amount", simulator.ModelAuthorized, merchant, `{}`, []int{400, 400}, "AUTHORIZED", "event", "AUTHORIZE"},
		{
			"metadata", simulator.ModelAuthorized, merchant, `{"amount":29900,"metadata":{"ext":"x"}}`,
			[]int{400, 400},
			"AUTHORIZED", "event", "AUTHORIZE",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, simulator.Options{Model: test.model})
			id := b.do(http.MethodPost, "/sessions/pay", test.order).object()["id"].(string)
			for _, want := range test.want {
				a := b.do(http.MethodPost, "/transactions/"+id+"/capture", test.body)
				require.Equal(t, want, a.status, a.text)
			}
			now := b.get("/transactions/" + id).object()
			require.Equal(t, test.after, now["status"])
			events := now["events"].([]any)
			require.Equal(t, test.kind, dig(t, events[len(events)-1], test.key))
			require.NotEmpty(t, dig(t, now, "metadata", "kravia:invoice_number"))
		})
	}
}

func TestCaptureSaysWhyNot(t *testing.T) {
	t.Parallel()
	b := setup(t, simulator.Options{})
	id := b.pay("a")["id"].(string)
	code := func() any {
		return dig(t, b.do(http.MethodPost, "/transactions/"+id+"/capture", `{"amount":29900}`).object(), "error",
			"code")
	}
	require.Equal(t, "ALREADY_CAPTURED", code())
	require.Equal(t, http.StatusOK, b.do(http.MethodPost, "/transactions/"+id+"/void", "").status)
	require.Equal(t, "INVALID_STATUS", code())
}

func TestVoid(t *testing.T) {
	t.Parallel()
	for _, model := range []simulator.Model{simulator.ModelCaptured, simulator.ModelAuthorized} {
		b := setup(t, simulator.Options{Model: model})
		void := func(paid map[string]any) answer {
			return b.do(http.MethodPost, "/transactions/"+paid["id"].(string)+"/void", "")
		}
		unpaid, paid := b.pay("unpaid"), b.pay("paid")
		require.NoError(t, b.provider.MarkPaid("paid", 1))
		require.Equal(t, "AUTHORIZATION_VOIDED", void(unpaid).object()["status"])
		require.Equal(t, 0, b.provider.Live("unpaid"))
		require.Equal(t, http.StatusBadRequest, void(unpaid).status)
		require.Equal(t, http.StatusBadRequest, void(paid).status)
		require.Equal(t, 1, b.provider.Live("paid"))

		session := "/sessions/" + b.pay("session")["session_id"].(string) + "/cancel"
		require.Equal(t, http.StatusOK, b.do(http.MethodPost, session, "").status)
		require.Equal(t, 0, b.provider.Live("session"))
		require.Equal(t, http.StatusBadRequest, b.do(http.MethodPost, session, "").status)
		require.Equal(t, http.StatusBadRequest,
			b.do(http.MethodPost, "/sessions/"+paid["session_id"].(string)+"/cancel", "").status)
	}
}

func TestVoidDropsAfterCommit(t *testing.T) {
	t.Parallel()
	b := setup(t,
		simulator.Options{Faults: []simulator.Fault{{Operation: simulator.OpVoid, Action: simulator.ActionDropAfter}}})
	_, err := b.try(http.MethodPost, "/transactions/"+b.pay("a")["id"].(string)+"/void", "")
	require.Error(t, err)
	require.Equal(t, 0, b.provider.Live("a"))
}

func TestMarkPaid(t *testing.T) {
	t.Parallel()
	b := setup(t, simulator.Options{Model: simulator.ModelAuthorized})
	id := b.pay("a")["id"].(string)
	status := func() any { return b.get("/transactions/" + id).object()["status"] }
	require.NoError(t, b.provider.MarkPaid("a", 10000))
	require.Equal(t, "PARTIALLY_CAPTURED", status())
	require.ErrorContains(t, b.provider.MarkPaid("a", 19901), "19900 is open")
	require.Error(t, b.provider.MarkPaid("a", 0))
	require.NoError(t, b.provider.MarkPaid("a", 19900))
	require.Equal(t, "CAPTURED", status())
	require.ErrorContains(t, b.provider.MarkPaid("A", 1), "no live invoice")
	require.Equal(t, int64(29900), b.provider.Invoices()[0].Paid)
}

func TestGroupedInvoicesShareANumber(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t, simulator.Options{Model: simulator.ModelAuthorized})
		other := strings.Replace(addressB2B, `"country":"NO"`, `"country":"NO","customer_reference":"project 7"`, 1)
		for _, order := range []string{
			body("a", addressB2B, paymentGrouped),
			body("b", addressB2B, strings.Replace(paymentGrouped, "14", "20", 1)),
			body("c", other, paymentGrouped), body("voided", addressB2B, paymentGrouped),
		} {
			paid := b.do(http.MethodPost, "/sessions/pay", order).object()
			require.Equal(t, "AUTHORIZED", paid["status"])
			require.Empty(t, paid["metadata"])
			require.Len(t, paid["events"], 1)
			require.Nil(t, dig(t, paid, "events", 0, "metadata"))
		}
		voided := b.provider.Invoices()[3].TransactionID
		require.Equal(t, http.StatusOK, b.do(http.MethodPost, "/transactions/"+voided+"/void", "").status)

		response, err := b.client.Post("http://simulator/_simulator/issue", "application/json",
			strings.NewReader(`{"now":"2000-02-01T08:00:00Z"}`))
		require.NoError(t, err)
		require.JSONEq(t, `{"issued":3}`, read(t, response).text)
		type line struct{ reference, number, date, due string }
		var lines []line
		urls := map[string]bool{}
		for _, invoice := range b.provider.Invoices() {
			lines = append(lines, line{invoice.Reference, invoice.Number, invoice.InvoiceDate, invoice.DueDate})
			urls[invoice.URL] = true
		}
		require.Equal(t, []line{
			{"a", "INV-2000-0001", "2000-02-01", "2000-02-15"},
			{"b", "INV-2000-0001", "2000-02-01", "2000-02-21"},
			{"c", "INV-2000-0002", "2000-02-01", "2000-02-15"},
			{"voided", "", "", ""},
		}, lines)
		require.Len(t, urls, 3) // a and b share theirs, and the voided one has none
		found := b.get("/transactions?merchant_reference=a").list()[0]
		require.Equal(t, "INV-2000-0001", dig(t, found, "metadata", "kravia:invoice_number"))
		require.Equal(t, "2000-02-15", dig(t, found, "events", 0, "metadata", "kravia:invoice_due_date"))
		require.Equal(t, "AUTHORIZED", found["status"])
		require.Len(t, found["events"], 1)
		issued, err := b.provider.Issue(time.Now())
		require.NoError(t, err)
		require.Zero(t, issued)
	})
}

func TestRequests(t *testing.T) {
	t.Parallel()
	b := setup(t, simulator.Options{Faults: []simulator.Fault{{Reference: "b", Action: simulator.ActionDropBefore}}})
	b.payGuarded("a", strict)
	_, err := b.try(http.MethodPost, "/sessions/pay", orderB2B("b"))
	require.Error(t, err)
	b.get("/transactions")
	counts := b.provider.Requests()
	require.Equal(t, map[simulator.Operation]int{
		simulator.OpToken: 1, simulator.OpPay: 2, simulator.OpTransactions: 1,
	}, counts.Calls)
	require.Len(t, counts.Arrivals, 3)
	require.Len(t, counts.Pays, 2)
	require.Equal(t, strict, counts.Pays[0].Toggles)
	require.Equal(t, orderB2B("a"), counts.Pays[0].Body)
	require.Empty(t, counts.Pays[1].Toggles)

	response, err := b.client.Get("http://simulator/_simulator/requests")
	require.NoError(t, err)
	var remote simulator.Counts
	require.NoError(t, json.Unmarshal([]byte(read(t, response).text), &remote))
	require.Equal(t, counts.Calls, remote.Calls)
	require.Equal(t, counts.Pays[0].Body, remote.Pays[0].Body)

	forgetful := setup(t, simulator.Options{ForgetRequests: true})
	forgetful.pay("a")
	require.Equal(t, 1, forgetful.provider.Requests().Calls[simulator.OpPay])
	require.Empty(t, forgetful.provider.Requests().Arrivals)
	require.Empty(t, forgetful.provider.Requests().Pays)
}

func TestControlInterface(t *testing.T) {
	t.Parallel()
	b := setup(t, simulator.Options{})
	b.pay("a")
	post := func(path, body string) answer {
		response, err := b.client.Post("http://simulator/_simulator/"+path, "application/json", strings.NewReader(body))
		require.NoError(t, err)
		return read(t, response)
	}
	require.Equal(t, http.StatusOK, post("paid", `{"reference":"a","amount":100}`).status)
	require.Equal(t, http.StatusBadRequest, post("paid", `{"reference":"x","amount":100}`).status)
	require.JSONEq(t, `{"issued":0}`, post("issue", ``).text)
	response, err := b.client.Get("http://simulator/_simulator/ledger")
	require.NoError(t, err)
	var ledger []simulator.Invoice
	require.NoError(t, json.Unmarshal([]byte(read(t, response).text), &ledger))
	require.Equal(t, b.provider.Invoices(), ledger)
	require.Equal(t, int64(100), ledger[0].Paid)
}

func TestStateSurvivesWithoutClose(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		tail string // what a kill left behind
	}{
		{"whole", ""},
		{"torn line", `{"session":{"n":9,"id":`},
		{"torn line that looks whole", `{"numbers":77}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "state.jsonl")
			killed := setup(t, simulator.Options{StateFile: path})
			killed.pay("a")
			void := killed.pay("void")["id"].(string)
			killed.do(http.MethodPost, "/transactions/"+void+"/void", "")
			killed.do(http.MethodPost, "/sessions/pay", body("grouped", addressB2B, paymentGrouped))
			require.NoError(t, killed.provider.MarkPaid("a", 5))
			file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
			require.NoError(t, err)
			_, err = file.WriteString(test.tail)
			require.NoError(t, err)
			require.NoError(t, file.Close())

			b := setup(t, simulator.Options{StateFile: path})
			require.Equal(t, killed.provider.Invoices(), b.provider.Invoices())
			require.Equal(t, killed.get("/transactions").text, b.get("/transactions").text)
			require.Equal(t, killed.get("/sessions").text, b.get("/sessions").text)
			require.Equal(t, http.StatusBadRequest, b.payGuarded("a", strictSuccess).status)
			next := b.pay("next")
			require.Regexp(t, `-0003$`, dig(t, next, "metadata", "kravia:invoice_number"))

			again := setup(t, simulator.Options{StateFile: path})
			require.Equal(t, b.provider.Invoices(), again.provider.Invoices())
		})
	}
}

func TestDamagedStateIsRefused(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "state.jsonl")
	require.NoError(t, os.WriteFile(path, []byte("{\"numbers\":1}\nrubbish\n{\"numbers\":2}\n"), 0o600))
	_, err := simulator.New(simulator.Options{StateFile: path})
	require.ErrorContains(t, err, "line 2")
	require.NoError(t,
		os.WriteFile(path, []byte("{\"session\":{\"n\":1,\"id\":\"T1.a\",\"items\":[]},\"numbers\":1}\n"), 0o600))
	_, err = simulator.New(simulator.Options{StateFile: path})
	require.ErrorContains(t, err, "line 1: another version wrote it")
	_, err = simulator.New(simulator.Options{StateFile: filepath.Join(path, "below")})
	require.ErrorContains(t, err, "state")
}

// After any calls a replayed provider answers as the one that wrote the log.
func TestReplayGivesTheSameState(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	rapid.Check(t, func(r *rapid.T) {
		file, err := os.CreateTemp(folder, "state")
		require.NoError(r, err)
		require.NoError(r, file.Close())
		path := file.Name()
		b := setup(t, simulator.Options{StateFile: path, Model: simulator.ModelAuthorized, Faults: []simulator.Fault{
			{Operation: simulator.OpPay, Chance: 0.2, Action: simulator.ActionFailed},
			{Operation: simulator.OpPay, Chance: 0.2, Action: simulator.ActionOnHold},
			{Operation: simulator.OpPay, Chance: 0.2, Action: simulator.ActionNoNumber},
		}})
		for range rapid.IntRange(0, 12).Draw(r, "calls") {
			reference := rapid.SampledFrom([]string{"a", "A", "b"}).Draw(r, "reference")
			switch rapid.IntRange(1, 5).Draw(r, "call") {
			case 1:
				b.payGuarded(reference, rapid.SampledFrom([]string{"", strict, strictSuccess}).Draw(r, "toggle"))
			case 2:
				b.do(http.MethodPost, "/sessions/pay", body(reference, addressB2B, paymentGrouped))
			case 3:
				_ = b.provider.MarkPaid(reference, 100) // fails where there is nothing to pay
			case 4:
				_, err := b.provider.Issue(time.Now())
				require.NoError(r, err)
			case 5:
				for _, found := range b.get("/transactions?merchant_reference=" + reference).list() {
					b.do(http.MethodPost, "/transactions/"+found["id"].(string)+"/void", "")
				}
			}
		}
		again := setup(t, simulator.Options{StateFile: path, Model: simulator.ModelAuthorized})
		require.Equal(r, b.get("/transactions?limit=100").text, again.get("/transactions?limit=100").text)
		require.Equal(r, b.get("/sessions?limit=100").text, again.get("/sessions?limit=100").text)
		require.Equal(r, b.pay("next")["id"], again.pay("next")["id"])
	})
}
