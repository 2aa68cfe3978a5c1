package dispatch_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/simulator"
)

func TestEveryOrderIsSentOnce(t *testing.T) {
	inTime(t, simulator.Options{}, func(t *testing.T, b *bundle) {
		orders := many(500)
		run := b.plan(dispatch.OneStep, orders...)
		settled := make(chan billing.State, len(orders))
		b.config.Concluded = func(s billing.State) { settled <- s }
		reason, err := b.send(run)
		require.NoError(t, err)
		require.Equal(t, dispatch.Finished, reason)
		require.Len(t, settled, 500)
		requests := b.provider.Requests()
		require.Equal(t, 1, requests.Calls[simulator.OpToken])
		require.Equal(t, 500, requests.Calls[simulator.OpPay])
		for _, pay := range requests.Pays {
			require.Equal(t, "strict-success-merchant-reference", pay.Toggles)
		}
		outcomes := b.outcomes(run)
		for _, o := range orders {
			require.Equal(t, 1, b.provider.Live(o.Reference))
			got := outcomes[o.Reference]
			require.Equal(t, billing.Invoiced, got.State)
			require.NotEmpty(t, got.InvoiceNumber)
			require.NotEmpty(t, got.DueDate)
			require.NotEmpty(t, got.InvoiceURL)
		}

		b.run(dispatch.OneStep, orders...)
		require.Equal(t, 500, b.count(simulator.OpPay), "nothing is sent a second time")
	})
}

// One order meets one fault: what it becomes in the same run, and after a clean second run exactly one invoice is live.
func TestFaults(t *testing.T) {
	t.Parallel()
	const S = time.Second
	pay := func(a simulator.Action, more ...func(*simulator.Fault)) []simulator.Fault {
		f := simulator.Fault{Operation: simulator.OpPay, Action: a, Times: 1}
		for _, m := range more {
			m(&f)
		}
		return []simulator.Fault{f}
	}
	times := func(n int) func(*simulator.Fault) { return func(f *simulator.Fault) { f.Times = n } }
	status := func(n int) func(*simulator.Fault) { return func(f *simulator.Fault) { f.Status = n } }
	delay := func(d time.Duration) func(*simulator.Fault) { return func(f *simulator.Fault) { f.Delay = d } }
	header := func(k, v string) func(*simulator.Fault) {
		return func(f *simulator.Fault) { f.Header = map[string]string{k: v} }
	}
	tests := []struct {
		name   string
		faults []simulator.Fault
		want   billing.State
		code   billing.Code
		pays   int // pay requests in the first run
		live   int // after the first run
	}{
		{"clean", nil, billing.Invoiced, "", 1, 1},
		{"cut before commit", pay(simulator.ActionDropBefore), billing.Invoiced, "", 2, 1},
		{"cut after commit", pay(simulator.ActionDropAfter), billing.Invoiced, "", 1, 1},
		{"timeout, committed late", pay(simulator.ActionHang, delay(90*S)), billing.Invoiced, "", 1, 1},
		{"500 before commit", pay(simulator.ActionStatus, status(500)), billing.Invoiced, "", 2, 1},
		{"502 after commit", pay(simulator.ActionStatusAfterCommit, status(502)), billing.Invoiced, "", 1, 1},
		{"503 before commit", pay(simulator.ActionStatus, status(503)), billing.Invoiced, "", 2, 1},
		{"200 FAILED", pay(simulator.ActionFailed), billing.Rejected, dintero.CodeDeclined, 1, 0},
		{"unknown status", pay(simulator.ActionUnknownStatus), billing.Invoiced, "", 1, 1},
		{"on hold, then done", pay(simulator.ActionOnHold, delay(15*S)), billing.Invoiced, "", 1, 1},
		{"missing fields", pay(simulator.ActionMissingFields), billing.Invoiced, "", 1, 1},
		{"extra fields", pay(simulator.ActionExtraFields), billing.Invoiced, "", 1, 1},
		{"web page", pay(simulator.ActionHTML), billing.Invoiced, "", 1, 1},
		{"truncated", pay(simulator.ActionTruncated), billing.Invoiced, "", 1, 1},
		{"20 MB", pay(simulator.ActionHuge), billing.Invoiced, "", 1, 1},
		{
			"redirect", pay(simulator.ActionRedirect, status(307), header("Location", "http://localhost/elsewhere")),
			billing.Invoiced, "", 2, 1,
		},
		{"wrong amount in the answer only", pay(simulator.ActionWrongAmount), billing.Invoiced, "", 1, 1},
		{"number later", pay(simulator.ActionNoNumber, delay(8*S)), billing.Invoiced, "", 1, 1},
		{"number much later", pay(simulator.ActionNoNumber, delay(1000*S)), billing.Registered, "", 1, 1},
		{"401 once", pay(simulator.ActionUnauthorized), billing.Invoiced, "", 2, 1},
		{"429 with seconds", pay(simulator.ActionThrottle, header("Retry-After", "7")), billing.Invoiced, "", 2, 1},
		{"429 without a wait", pay(simulator.ActionThrottle), billing.Invoiced, "", 2, 1},
		{"429 absurd", pay(simulator.ActionThrottle, header("Retry-After", "1000000000")), billing.Invoiced, "", 2, 1},
		{
			"429 for ever", pay(simulator.ActionThrottle, times(0), header("Retry-After", "1")), billing.Failed,
			dintero.CodeThrottled, 20, 0,
		},
		{"late index", []simulator.Fault{
			{Operation: simulator.OpPay, Action: simulator.ActionDropAfter, Times: 1},
			{Operation: simulator.OpTransactions, Action: simulator.ActionStatus, Status: 500, Times: 2},
		}, billing.Invoiced, "", 1, 1},
		{"400 for the data", pay(simulator.ActionStatus, status(400)), billing.Rejected, dintero.CodeRejected, 1, 0},
		{"404", pay(simulator.ActionStatus, status(404)), billing.Rejected, dintero.CodeRejected, 1, 0},
		{"duplicate, but nothing there", pay(simulator.ActionDuplicate), billing.Rejected, dintero.CodeRejected, 1, 0},
		{"wrong due date", pay(simulator.ActionWrongDueDate), billing.Invoiced, dintero.CodeDueDate, 1, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inTime(t, with(tt.faults...), func(t *testing.T, b *bundle) {
				got := b.sends(dispatch.OneStep, order("R-1"))
				require.Equal(t, tt.want, got.State, "%s %s", got.Code, got.Message)
				require.Equal(t, tt.code, got.Code, got.Message)
				require.Equal(t, tt.pays, b.count(simulator.OpPay))
				require.Equal(t, tt.live, b.provider.Live("R-1"))
				if got.State == billing.Invoiced {
					require.NotEmpty(t, got.InvoiceNumber)
					require.NotEmpty(t, got.DueDate)
				}
				b.faults()
				b.sends(dispatch.OneStep, order("R-1"))
				require.Equal(t, 1, b.provider.Live("R-1"), "after a clean run")
			})
		})
	}
}

// One order that is refused does not keep the others from being invoiced.
func TestOneRefusalStopsNobody(t *testing.T) {
	inTime(t, with(simulator.Fault{
		Operation: simulator.OpPay, Reference: "R-0002", Action: simulator.ActionStatus, Status: 400,
	}), func(t *testing.T, b *bundle) {
		run, _ := b.run(dispatch.OneStep, many(3)...)
		require.Equal(t, billing.Invoiced, b.outcome(run, "R-0001").State)
		require.Equal(t, billing.Rejected, b.outcome(run, "R-0002").State)
		require.Equal(t, billing.Invoiced, b.outcome(run, "R-0003").State)
	})
}

// Where no connection is made the order stays planned.
func TestUnreachableProvider(t *testing.T) {
	t.Parallel()
	b := setup(t, simulator.Options{})
	run := b.plan(dispatch.OneStep, order("R-1"))
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	b.transport = transport
	b.stopAfter(2 * time.Second)
	reason, err := dispatch.Run(t.Context(), b.journal, b.clientAt("http://127.0.0.1:1/v1"), b.configOf(run))
	require.NoError(t, err)
	require.Equal(t, dispatch.Interrupted, reason)
	require.Equal(t, billing.Planned, b.outcome(run, "R-1").State, "certainly nothing was sent")
}

// An order that asks for a due date is dated on the day it is sent, also when it was planned on another, and
// across midnight.
func TestDueDateCountsFromTheDayOfSending(t *testing.T) {
	inTime(t, simulator.Options{}, func(t *testing.T, b *bundle) {
		edit, due := dueIn(30)
		in := func(days int) func(*billing.Order) { return func(o *billing.Order) { edit(o); o.DaysUntilDue = days } }
		later := func(flow, reference string, days, wait int) billing.Outcome {
			run := b.plan(flow, order(reference, in(days)))
			time.Sleep(time.Duration(wait) * 24 * time.Hour)
			_, err := b.send(run)
			require.NoError(t, err)
			return b.outcome(run, reference)
		}
		require.Empty(t, later(dispatch.OneStep, "R-1", 30, 10).Code)
		require.Equal(t, due, b.live("R-1")[0].DueDate)
		require.Empty(t, later(dispatch.TwoStep, "R-2", 20, 15).Code)
		require.Equal(t, due, b.live("R-2")[0].DueDate)
		past := later(dispatch.OneStep, "R-3", 5, 6)
		require.Equal(t, billing.Failed, past.State)
		require.Equal(t, dispatch.CodeDuePassed, past.Code)
		require.Empty(t, b.live("R-3"))
	})
}
