package simulator_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/simulator"
)

// What each action does to a pay call: what the client sees, how long it takes, and what the ledger then holds.
func TestFaultsOfPay(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		fault     simulator.Fault
		status    int // 0: no answer
		took      time.Duration
		committed bool
		live      int
	}{
		{simulator.Fault{Action: simulator.ActionStatus}, 500, 0, false, 0},
		{simulator.Fault{Action: simulator.ActionStatus, Status: 403}, 403, 0, false, 0},
		{simulator.Fault{Action: simulator.ActionStatusAfterCommit}, 500, 0, true, 1},
		{simulator.Fault{Action: simulator.ActionStatusAfterCommit, Status: 502, Body: "bad gateway"}, 502, 0, true, 1},
		{simulator.Fault{Action: simulator.ActionDropBefore}, 0, 0, false, 0},
		{simulator.Fault{Action: simulator.ActionDropAfter}, 0, 0, true, 1},
		{simulator.Fault{Action: simulator.ActionDelay, Delay: time.Second}, 200, time.Second, true, 1},
		{simulator.Fault{Action: simulator.ActionHang, Delay: time.Second}, 0, time.Second, true, 1},
		{simulator.Fault{Action: simulator.ActionSlowCommit, Delay: time.Second}, 200, time.Second, true, 1},
		{simulator.Fault{Action: simulator.ActionFailed}, 200, 0, true, 0},
		{simulator.Fault{Action: simulator.ActionUnknownStatus}, 200, 0, true, 1},
		{simulator.Fault{Action: simulator.ActionOnHold}, 200, 0, true, 1},
		{simulator.Fault{Action: simulator.ActionMissingFields}, 200, 0, true, 1},
		{simulator.Fault{Action: simulator.ActionExtraFields}, 200, 0, true, 1},
		{simulator.Fault{Action: simulator.ActionHTML}, 200, 0, true, 1},
		{simulator.Fault{Action: simulator.ActionHTML, Status: 504}, 504, 0, true, 1},
		{simulator.Fault{Action: simulator.ActionHuge}, 200, 0, true, 1},
		{
			simulator.Fault{
				Action: simulator.ActionRedirect,
				Header: map[string]string{"Location": "https://elsewhere.invalid/"},
			}, 307, 0, false, 0,
		},
		{simulator.Fault{Action: simulator.ActionWrongAmount}, 200, 0, true, 1},
		{simulator.Fault{Action: simulator.ActionWrongDueDate}, 200, 0, true, 1},
		{simulator.Fault{Action: simulator.ActionNoNumber}, 200, 0, true, 1},
		{simulator.Fault{Action: simulator.ActionLateIndex, Delay: time.Second}, 200, 0, true, 1},
		{simulator.Fault{Action: simulator.ActionLateEvent, Delay: time.Second}, 200, 0, true, 1},
		{simulator.Fault{Action: simulator.ActionUnauthorized}, 401, 0, false, 0},
		{simulator.Fault{Action: simulator.ActionThrottle}, 429, 0, false, 0},
		{simulator.Fault{Action: simulator.ActionDuplicate}, 400, 0, false, 0},
	} {
		t.Run(string(test.fault.Action), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				test.fault.Times = 1
				b := setup(t, simulator.Options{Faults: []simulator.Fault{test.fault}})
				before := time.Now()
				response, err := b.try(http.MethodPost, "/sessions/pay", orderB2B("a"))
				require.Equal(t, test.took, time.Since(before))
				if test.status == 0 {
					require.ErrorIs(t, err, io.ErrUnexpectedEOF)
				} else {
					require.NoError(t, err)
					require.Equal(t, test.status, read(t, response).status)
				}
				require.Equal(t, test.committed, len(b.provider.Invoices()) == 1)
				require.Equal(t, test.live, b.provider.Live("a"))
				b.login()
				require.NotNil(t, b.pay("b"), "the fault is used up")
			})
		})
	}
}

func TestFaultAnswers(t *testing.T) {
	t.Parallel()
	pay := func(t *testing.T, fault simulator.Fault) (*bundle, answer) {
		b := setup(t, simulator.Options{Model: simulator.ModelAuthorized, Faults: []simulator.Fault{fault}})
		return b, b.do(http.MethodPost, "/sessions/pay", orderB2B("a"))
	}
	t.Run("status with body and header", func(t *testing.T) {
		t.Parallel()
		_, a := pay(t, simulator.Fault{
			Action: simulator.ActionStatus, Status: 503, Body: "busy",
			Header: map[string]string{"Content-Type": "text/plain", "X-Where": "gateway"},
		})
		require.Equal(t, "busy", a.text)
		require.Equal(t, "text/plain", a.header.Get("Content-Type"))
		require.Equal(t, "gateway", a.header.Get("X-Where"))
	})
	t.Run("status without body has the shape of an error", func(t *testing.T) {
		t.Parallel()
		_, a := pay(t, simulator.Fault{Action: simulator.ActionStatus})
		require.Equal(t, "INTERNAL_SERVER_ERROR", dig(t, a.object(), "error", "code"))
	})
	t.Run("throttle", func(t *testing.T) {
		t.Parallel()
		_, a := pay(t, simulator.Fault{Action: simulator.ActionThrottle})
		require.Empty(t, a.header.Values("Retry-After"))
		_, a = pay(t,
			simulator.Fault{Action: simulator.ActionThrottle, Header: map[string]string{"Retry-After": "1000000000"}})
		require.Equal(t, "1000000000", a.header.Get("Retry-After"))
	})
	t.Run("failed", func(t *testing.T) {
		t.Parallel()
		_, a := pay(t, simulator.Fault{Action: simulator.ActionFailed, Body: "bankrupt"})
		require.Equal(t, "FAILED", a.object()["status"])
		require.Equal(t, false, a.object()["success"])
		require.Equal(t, false, dig(t, a.object(), "events", 0, "success"))
		require.Equal(t, "bankrupt", dig(t, a.object(), "events", 0, "error", "message"))
		require.NotContains(t, a.object()["metadata"], "kravia:invoice_number")
	})
	t.Run("unknown status", func(t *testing.T) {
		t.Parallel()
		b, a := pay(t, simulator.Fault{Operation: simulator.OpPay, Action: simulator.ActionUnknownStatus})
		require.Equal(t, "UNDER_REVIEW", a.object()["status"])
		require.Equal(t, "AUTHORIZED", b.get("/transactions?merchant_reference=a").list()[0]["status"])
	})
	t.Run("missing fields", func(t *testing.T) {
		t.Parallel()
		_, a := pay(t, simulator.Fault{Action: simulator.ActionMissingFields})
		require.NotContains(t, a.object(), "id")
		require.NotContains(t, a.object(), "status")
		require.Equal(t, "a", a.object()["merchant_reference"])
		_, a = pay(t, simulator.Fault{Action: simulator.ActionMissingFields, Fields: []string{"metadata"}})
		require.Contains(t, a.object(), "id")
		require.NotContains(t, a.object(), "metadata")
	})
	t.Run("extra fields", func(t *testing.T) {
		t.Parallel()
		_, a := pay(t, simulator.Fault{Action: simulator.ActionExtraFields})
		require.Contains(t, a.object(), "x_new_field")
		require.Equal(t, "NEW_EVENT", dig(t, a.object(), "events", 2, "event"))
	})
	t.Run("html", func(t *testing.T) {
		t.Parallel()
		_, a := pay(t, simulator.Fault{Action: simulator.ActionHTML})
		require.Equal(t, "text/html; charset=utf-8", a.header.Get("Content-Type"))
		require.Contains(t, a.text, "<html>")
	})
	t.Run("huge", func(t *testing.T) {
		t.Parallel()
		_, a := pay(t, simulator.Fault{Action: simulator.ActionHuge})
		require.Greater(t, len(a.text), 20<<20)
		require.True(t, json.Valid([]byte(a.text)))
	})
	t.Run("wrong amount", func(t *testing.T) {
		t.Parallel()
		b, a := pay(t, simulator.Fault{Action: simulator.ActionWrongAmount})
		require.InDelta(t, 30000, a.object()["amount"], 0)
		require.InDelta(t, 30000, b.get("/transactions?merchant_reference=a").list()[0]["amount"], 0)
		require.Equal(t, int64(29900), b.provider.Invoices()[0].Amount)
	})
	t.Run("wrong due date", func(t *testing.T) {
		t.Parallel()
		b, a := pay(t, simulator.Fault{Action: simulator.ActionWrongDueDate})
		require.Equal(t, "2099-12-31", dig(t, a.object(), "events", 0, "metadata", "kravia:invoice_due_date"))
		require.NotEqual(t, "2099-12-31", b.provider.Invoices()[0].DueDate)
	})
	t.Run("redirect", func(t *testing.T) {
		t.Parallel()
		_, a := pay(t,
			simulator.Fault{
				Action: simulator.ActionRedirect,
				Header: map[string]string{"Location": "https://elsewhere.invalid/"},
			})
		require.Equal(t, "https://elsewhere.invalid/", a.header.Get("Location"))
	})
	t.Run("duplicate", func(t *testing.T) {
		t.Parallel()
		b, a := pay(t, simulator.Fault{Action: simulator.ActionDuplicate, Times: 1})
		b.pay("b")
		require.Equal(t, b.payGuarded("b", strict).text, a.text)
	})
	t.Run("duplicate in other words", func(t *testing.T) {
		t.Parallel()
		_, a := pay(t, simulator.Fault{Action: simulator.ActionDuplicate, Body: "the reference is in use"})
		require.Equal(t, 400, a.status)
		require.Equal(t, "the reference is in use", dig(t, a.object(), "error", "message"))
		require.Equal(t, false, a.object()["success"])
		_, a = pay(t, simulator.Fault{Action: simulator.ActionDuplicate, Body: `{"error":{"message":"no"}}`})
		require.Equal(t, "no", dig(t, a.object(), "error", "message"))
	})
	t.Run("unauthorized forgets the token", func(t *testing.T) {
		t.Parallel()
		b, _ := pay(t, simulator.Fault{Action: simulator.ActionUnauthorized, Times: 1})
		require.Equal(t, http.StatusUnauthorized, b.get("/transactions").status)
		b.login()
		require.Equal(t, http.StatusOK, b.get("/transactions").status)
	})
}

func TestTruncatedCommitsAndBreaksOffInTheBody(t *testing.T) {
	t.Parallel()
	b := setup(t, simulator.Options{Faults: []simulator.Fault{{Action: simulator.ActionTruncated}}})
	response, err := b.try(http.MethodPost, "/sessions/pay", orderB2B("a"))
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.Equal(t, "application/json", response.Header.Get("Content-Type"))
	half, err := io.ReadAll(response.Body)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.NoError(t, response.Body.Close())
	require.Equal(t, response.ContentLength/2, int64(len(half)))
	require.Equal(t, 1, b.provider.Live("a"))
}

func TestOnHoldEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t,
			simulator.Options{
				Faults: []simulator.Fault{{Action: simulator.ActionOnHold, Delay: time.Minute, Times: 1}},
			})
		paid := b.pay("a")
		require.Equal(t, "ON_HOLD", paid["status"])
		require.Empty(t, b.provider.Invoices()[0].Number)
		time.Sleep(time.Minute)
		later := b.get("/transactions/" + paid["id"].(string)).object()
		require.Equal(t, "AUTHORIZED", later["status"])
		require.Equal(t, "INV-2000-0001", dig(t, later, "metadata", "kravia:invoice_number"))
		require.Equal(t, http.StatusBadRequest, b.payGuarded("a", strictSuccess).status)
	})
}

func TestCaptureEventShowsLater(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t, simulator.Options{Faults: []simulator.Fault{
			{Operation: simulator.OpCapture, Action: simulator.ActionLateEvent, Delay: time.Minute},
		}})
		id := b.do(http.MethodPost, "/sessions/pay",
			body("a", addressB2B, paymentB2B+`,"invoice_channel":"merchant"`)).object()["id"].(string)
		captured := b.do(http.MethodPost, "/transactions/"+id+"/capture", `{"amount":29900}`)
		require.Equal(t, http.StatusOK, captured.status)
		require.Len(t, captured.object()["events"], 1)
		time.Sleep(time.Minute - time.Millisecond)
		require.Len(t, b.get("/transactions/" + id).object()["events"], 1)
		require.Equal(t, http.StatusBadRequest,
			b.do(http.MethodPost, "/transactions/"+id+"/capture", `{"amount":29900}`).status)
		time.Sleep(time.Millisecond)
		require.Equal(t, "INITIATE_CAPTURE", dig(t, b.get("/transactions/"+id).object(), "events", 1, "event"))
	})
}

func TestNoNumberShowsLater(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t, simulator.Options{Faults: []simulator.Fault{
			{Reference: "timed", Operation: simulator.OpPay, Action: simulator.ActionNoNumber, Delay: time.Minute},
			{Reference: "driven", Operation: simulator.OpPay, Action: simulator.ActionNoNumber},
		}})
		number := func(reference string) any {
			found := b.get("/transactions?merchant_reference=" + reference).list()[0]
			require.Equal(t, "AUTHORIZED", found["status"])
			return dig(t, found, "metadata", "kravia:invoice_number")
		}
		b.pay("timed")
		b.pay("driven")
		require.Nil(t, number("timed"))
		require.Nil(t, number("driven"))
		time.Sleep(time.Minute)
		require.Equal(t, "INV-2000-0001", number("timed"))
		require.Nil(t, number("driven"))
		issued, err := b.provider.Issue(time.Now())
		require.NoError(t, err)
		require.Equal(t, 1, issued)
		require.Equal(t, "INV-2000-0002", number("driven"))
	})
}

func TestFaultsChooseTheirCalls(t *testing.T) {
	t.Parallel()
	statuses := func(b *bundle, references ...string) []int {
		var found []int
		for _, reference := range references {
			found = append(found, b.do(http.MethodPost, "/sessions/pay", orderB2B(reference)).status)
		}
		return found
	}
	for _, test := range []struct {
		name  string
		fault simulator.Fault
		want  []int // for a, b, a, b, a
	}{
		{"always", simulator.Fault{}, []int{500, 500, 500, 500, 500}},
		{"times", simulator.Fault{Times: 2}, []int{500, 500, 200, 200, 200}},
		{"skip", simulator.Fault{Skip: 3}, []int{200, 200, 200, 500, 500}},
		{"reference", simulator.Fault{Reference: "b"}, []int{200, 500, 200, 500, 200}},
		{"reference, skip, times", simulator.Fault{Reference: "a", Skip: 1, Times: 1}, []int{200, 200, 500, 200, 200}},
		{"operation", simulator.Fault{Operation: simulator.OpVoid}, []int{200, 200, 200, 200, 200}},
		{"chance", simulator.Fault{Chance: 0.5}, []int{200, 200, 500, 500, 500}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.fault.Action = simulator.ActionStatus
			b := setup(t, simulator.Options{Faults: []simulator.Fault{test.fault}})
			require.Equal(t, test.want, statuses(b, "a", "b", "a", "b", "a"))
		})
	}
}

func TestFaultsKnowTheReferenceOfEveryOperation(t *testing.T) {
	t.Parallel()
	b := setup(t, simulator.Options{})
	paid := b.pay("a")
	id, session := paid["id"].(string), paid["session_id"].(string)
	file := strings.TrimPrefix(dig(t, paid, "metadata", "kravia:invoice_url").(string), base)
	other := b.pay("b")
	calls := []struct{ method, path, body string }{
		{http.MethodGet, "/transactions/" + id, ""},
		{http.MethodGet, "/transactions?merchant_reference=a", ""},
		{http.MethodGet, "/transactions?session_id=" + session, ""},
		{http.MethodGet, "/sessions/" + session, ""},
		{http.MethodGet, "/sessions?search=a", ""},
		{http.MethodPost, "/transactions/" + id + "/capture", `{"amount":29900}`},
		{http.MethodPost, "/transactions/" + id + "/void", ""},
		{http.MethodPost, "/sessions/" + session + "/cancel", ""},
		{http.MethodPost, "/sessions/" + session + "/pay", "{}"},
		{http.MethodPost, "/sessions", `{"order":{"merchant_reference":"a"}}`},
		{http.MethodGet, file, ""},
	}
	script := `[{"reference":"a","action":"status","status":418}]`
	response, err := b.client.Post("http://simulator/_simulator/faults", "application/json", strings.NewReader(script))
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, read(t, response).status)
	for _, call := range calls {
		require.Equal(t, http.StatusTeapot, b.do(call.method, call.path, call.body).status, call.path)
	}
	require.Equal(t, http.StatusOK, b.get("/transactions/"+other["id"].(string)).status)
	require.Equal(t, 1, b.provider.Live("a"))
}

func TestHangCommitsAfterTheClientHasGone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t,
			simulator.Options{Faults: []simulator.Fault{{Action: simulator.ActionHang, Delay: time.Minute, Times: 1}}})
		b.client.Timeout = time.Second
		_, err := b.try(http.MethodPost, "/sessions/pay", orderB2B("a"))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, 0, b.provider.Live("a"))
		require.Equal(t, http.StatusOK, b.payGuarded("a", strict).status, "the guard cannot see the first call")
		time.Sleep(2 * time.Minute)
		require.Equal(t, 2, b.provider.Live("a"))
	})
}

func TestFaultsOfLookUpsAndTokens(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t, simulator.Options{Faults: []simulator.Fault{
			{Operation: simulator.OpTransactions, Action: simulator.ActionHang, Delay: time.Second},
			{Operation: simulator.OpToken, Skip: 1, Action: simulator.ActionStatus, Status: 503},
		}})
		before := time.Now()
		_, err := b.try(http.MethodGet, "/transactions", "")
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		require.Equal(t, time.Second, time.Since(before))
		require.Equal(t, http.StatusServiceUnavailable,
			b.do(http.MethodPost, "/accounts/T12345678/auth/token", grant).status)
	})
}

func TestFaultScriptIsChecked(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ script, want string }{
		{`[{"action":"explode"}]`, `unknown action \"explode\"`},
		{`[{"action":"status","operation":"buy"}]`, `unknown operation \"buy\"`},
		{`[{"action":"redirect"}]`, `needs the header Location`},
		{`[{"action":"status","status":99}]`, `status 99`},
		{`[{"action":"status","chance":2}]`, `out of range`},
		{`[{"action":"status","time":2}]`, `unknown field`},
		{`[{"action":"delay","delay":"soon"}]`, `invalid duration`},
		{`{}`, `cannot unmarshal object`},
	} {
		b := setup(t, simulator.Options{})
		response, err := b.client.Post("http://simulator/_simulator/faults", "application/json",
			strings.NewReader(test.script))
		require.NoError(t, err)
		a := read(t, response)
		require.Equal(t, http.StatusBadRequest, a.status)
		require.Contains(t, a.text, test.want)
	}
	_, err := simulator.New(simulator.Options{Faults: []simulator.Fault{{}}})
	require.ErrorContains(t, err, "unknown action")
}

func TestFaultDelayIsTextOrNanoseconds(t *testing.T) {
	t.Parallel()
	var faults []simulator.Fault
	require.NoError(t,
		json.Unmarshal([]byte(`[{"action":"delay","delay":"1.5s"},{"action":"delay","delay":1500000000}]`), &faults))
	require.Equal(t, 1500*time.Millisecond, faults[0].Delay)
	require.Equal(t, 1500*time.Millisecond, faults[1].Delay)
	again, err := json.Marshal(faults)
	require.NoError(t, err)
	var read []simulator.Fault
	require.NoError(t, json.Unmarshal(again, &read))
	require.Equal(t, faults, read)
}
