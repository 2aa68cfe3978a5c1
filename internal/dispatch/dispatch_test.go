package dispatch_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/simulator"
)

func TestEveryOrderIsSentOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t, simulator.Options{})
		defer b.close()
		orders := many(500)
		run := b.plan(dispatch.OneStep, orders...)
		settled := make(chan billing.State, len(orders))
		b.config.Settled = func(s billing.State) { settled <- s }
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
		for _, o := range orders {
			require.Equal(t, 1, b.provider.Live(o.Reference))
			got := b.outcome(run, o.Reference)
			require.Equal(t, billing.Invoiced, got.State)
			require.NotEmpty(t, got.InvoiceNumber)
			require.NotEmpty(t, got.DueDate)
			require.NotEmpty(t, got.InvoiceURL)
		}

		again := b.plan(dispatch.OneStep, orders...)
		_, err = b.send(again)
		require.NoError(t, err)
		require.Equal(t, 500, b.provider.Requests().Calls[simulator.OpPay], "nothing is sent a second time")
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
		{"redirect", pay(simulator.ActionRedirect, status(307), header("Location", "http://localhost/elsewhere")), billing.Invoiced, "", 2, 1},
		{"wrong amount in the answer only", pay(simulator.ActionWrongAmount), billing.Invoiced, "", 1, 1},
		{"number later", pay(simulator.ActionNoNumber, delay(8*S)), billing.Invoiced, "", 1, 1},
		{"number much later", pay(simulator.ActionNoNumber, delay(1000*S)), billing.Registered, "", 1, 1},
		{"401 once", pay(simulator.ActionUnauthorized), billing.Invoiced, "", 2, 1},
		{"429 with seconds", pay(simulator.ActionThrottle, header("Retry-After", "7")), billing.Invoiced, "", 2, 1},
		{"429 without a wait", pay(simulator.ActionThrottle), billing.Invoiced, "", 2, 1},
		{"429 absurd", pay(simulator.ActionThrottle, header("Retry-After", "1000000000")), billing.Invoiced, "", 2, 1},
		{"429 for ever", pay(simulator.ActionThrottle, times(0), header("Retry-After", "1")), billing.Failed, dintero.CodeThrottled, 20, 0},
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
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := setup(t, simulator.Options{Faults: tt.faults})
				defer b.close()
				o := order("R-1")
				run := b.plan(dispatch.OneStep, o)
				_, err := b.send(run)
				require.NoError(t, err)
				got := b.outcome(run, "R-1")
				require.Equal(t, tt.want, got.State, "%s %s", got.Code, got.Message)
				require.Equal(t, tt.code, got.Code, got.Message)
				require.Equal(t, tt.pays, b.provider.Requests().Calls[simulator.OpPay])
				require.Equal(t, tt.live, b.provider.Live("R-1"))
				if got.State == billing.Invoiced {
					require.NotEmpty(t, got.InvoiceNumber)
					require.NotEmpty(t, got.DueDate)
				}
			})
		})
	}
}

// One order that is refused does not keep the others from being invoiced.
func TestOneRefusalStopsNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t, simulator.Options{Faults: []simulator.Fault{
			{Operation: simulator.OpPay, Reference: "R-0002", Action: simulator.ActionStatus, Status: 400},
		}})
		defer b.close()
		run := b.plan(dispatch.OneStep, many(3)...)
		_, err := b.send(run)
		require.NoError(t, err)
		require.Equal(t, billing.Invoiced, b.outcome(run, "R-0001").State)
		require.Equal(t, billing.Rejected, b.outcome(run, "R-0002").State)
		require.Equal(t, billing.Invoiced, b.outcome(run, "R-0003").State)
	})
}

// A slow commit that the guard cannot see yet, with an index that lags: the schedule outlasts both.
func TestSlowCommitAndLateIndex(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t, simulator.Options{
			IndexDelay: 10 * time.Second,
			Faults:     []simulator.Fault{{Operation: simulator.OpPay, Action: simulator.ActionHang, Delay: 70 * time.Second, Times: 1}},
		})
		defer b.close()
		run := b.plan(dispatch.OneStep, order("R-1"))
		_, err := b.send(run)
		require.NoError(t, err)
		require.Equal(t, billing.Invoiced, b.outcome(run, "R-1").State)
		require.Equal(t, 1, b.provider.Live("R-1"))
		require.Equal(t, 1, b.provider.Requests().Calls[simulator.OpPay])
	})
}

// The journal is lost: everything is found at the provider and adopted.
func TestLostJournal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t, simulator.Options{})
		run := b.plan(dispatch.OneStep, many(20)...)
		_, err := b.send(run)
		require.NoError(t, err)
		number := b.outcome(run, "R-0007").InvoiceNumber
		require.NoError(t, b.journal.Close())

		fresh := setup(t, simulator.Options{})
		require.NoError(t, fresh.provider.Close())
		fresh.provider = b.provider
		defer fresh.close()
		run = fresh.plan(dispatch.OneStep, many(20)...)
		_, err = fresh.send(run)
		require.NoError(t, err)
		for _, o := range many(20) {
			got := fresh.outcome(run, o.Reference)
			require.Equal(t, billing.Invoiced, got.State)
			require.Equal(t, billing.CodeAdopted, got.Code)
			require.Equal(t, billing.FinalAlreadyInvoiced, billing.FinalOf(billing.ToSend, &got))
			require.Equal(t, 1, b.provider.Live(o.Reference))
		}
		require.Equal(t, number, fresh.outcome(run, "R-0007").InvoiceNumber)
	})
}

// The reference is at the provider with another amount, or for another business: nothing is adopted.
func TestConflictAtTheProvider(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]func(*billing.Order){
		"amount": func(o *billing.Order) {
			o.Gross, o.Lines[0].Gross = nok(30000), nok(30000)
			o.VAT, o.Lines[0].VAT = nok(6000), nok(6000)
		},
		"product": func(o *billing.Order) { o.Product, o.Channel = billing.B2BGrouped, "" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := setup(t, simulator.Options{})
				run := b.plan(dispatch.OneStep, order("R-1"))
				_, err := b.send(run)
				require.NoError(t, err)
				require.NoError(t, b.journal.Close())
				fresh := setup(t, simulator.Options{})
				require.NoError(t, fresh.provider.Close())
				fresh.provider = b.provider
				defer fresh.close()
				run = fresh.plan(dispatch.OneStep, order("R-1", edit))
				_, err = fresh.send(run)
				require.NoError(t, err)
				got := fresh.outcome(run, "R-1")
				require.Equal(t, billing.Conflict, got.State)
				require.NotEmpty(t, got.Message)
				require.Equal(t, 1, b.provider.Live("R-1"))
			})
		})
	}
}

// Two live invoices for one reference are an alarm, not a success.
func TestTwoLiveInvoices(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t, simulator.Options{})
		defer b.close()
		c := b.client(b.provider.Transport(), "secret")
		body, err := dintero.OneStep(order("R-1"), dintero.BodyOptions{Days: 14})
		require.NoError(t, err)
		for range 2 {
			require.Equal(t, dintero.MeansInvoiced, c.Pay(t.Context(), body, 0, dintero.Expect{}).Meaning)
		}
		b.config.Concurrency, b.extraLooks = 1, 1
		other := func(o *billing.Order) { o.Address.BusinessName = "Fjord AS" }
		run := b.plan(dispatch.OneStep, order("R-1"), order("R-2"), order("R-3", other))
		_, err = b.send(run)
		require.NoError(t, err)
		got := b.outcome(run, "R-1")
		require.Equal(t, billing.Conflict, got.State)
		require.Equal(t, dispatch.CodeDuplicated, got.Code)
		require.Contains(t, got.Message, "2 live invoices")
		require.Equal(t, billing.Planned, b.outcome(run, "R-2").State, "nothing more is sent to that customer")
		require.Equal(t, billing.Invoiced, b.outcome(run, "R-3").State)
	})
}

// What a killed process left in state sending is looked up before anything is sent.
func TestSendingAtStartUpIsLookedUp(t *testing.T) {
	t.Parallel()
	for name, arrived := range map[string]bool{"arrived": true, "never left": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := setup(t, simulator.Options{})
				defer b.close()
				run := b.plan(dispatch.OneStep, order("R-1"))
				due, err := b.journal.Due(t.Context(), journal.Work{Account: account, Run: run, Steps: billing.Steps()}, time.Now(), 10, nil)
				require.NoError(t, err)
				body := due[0].Body
				_, err = b.journal.Begin(t.Context(), &due[0], journal.Attempt{Run: run, Kind: "pay"}, due[0].Next(billing.EventBegun, billing.Outcome{}, time.Now()))
				require.NoError(t, err)
				pays := 1
				if arrived {
					answer := b.client(b.provider.Transport(), "secret").Pay(t.Context(), body, dintero.StrictSuccess, dintero.Expect{})
					require.Equal(t, dintero.MeansInvoiced, answer.Meaning)
				}
				run = b.plan(dispatch.OneStep, order("R-1"))
				_, err = b.send(run)
				require.NoError(t, err)
				require.Equal(t, billing.Invoiced, b.outcome(run, "R-1").State)
				require.Equal(t, 1, b.provider.Live("R-1"))
				requests := b.provider.Requests()
				require.Equal(t, pays, requests.Calls[simulator.OpPay])
				if !arrived {
					require.Equal(t, "strict-merchant-reference", requests.Pays[0].Toggles)
				}
			})
		})
	}
}

func TestRefusedCredentialsStopTheRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t, simulator.Options{ClientID: "id", ClientSecret: "right"})
		defer b.close()
		run := b.plan(dispatch.OneStep, many(50)...)
		cfg := b.config
		cfg.Run = run
		reason, err := dispatch.Run(t.Context(), b.journal, b.client(b.provider.Transport(), "wrong"), cfg)
		require.ErrorIs(t, err, dintero.ErrCredentials)
		require.Equal(t, dispatch.CredentialsRefused, reason)
		require.Zero(t, b.provider.Requests().Calls[simulator.OpPay])
		for _, o := range many(50) {
			require.Equal(t, billing.Planned, b.outcome(run, o.Reference).State)
		}
	})
}

// unreachable is a network without the provider; the trace tells that no connection was made.
func TestUnreachableProvider(t *testing.T) {
	t.Parallel()
	b := setup(t, simulator.Options{})
	defer b.close()
	run := b.plan(dispatch.OneStep, order("R-1"))
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	c, err := dintero.New(dintero.Config{
		HTTP: &http.Client{Transport: transport}, BaseURL: "http://127.0.0.1:1/v1", Account: account, ClientID: "id", Secret: "secret",
	})
	require.NoError(t, err)
	cfg := b.config
	cfg.Run, cfg.Stop = run, nil
	stop := make(chan struct{})
	cfg.Stop = stop
	time.AfterFunc(2*time.Second, func() { close(stop) })
	reason, err := dispatch.Run(t.Context(), b.journal, c, cfg)
	require.NoError(t, err)
	require.Equal(t, dispatch.Interrupted, reason)
	require.Equal(t, billing.Planned, b.outcome(run, "R-1").State, "certainly nothing was sent")
}

func TestWaysToStop(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		faults []simulator.Fault
		edit   func(*dispatch.Config)
		reason dispatch.Reason
		atMost int // pay calls
	}{
		{"deadline", nil, func(c *dispatch.Config) { c.Deadline = time.Now().Add(10 * time.Second) }, dispatch.PastDeadline, 60},
		{
			"failures in a row",
			[]simulator.Fault{{Operation: simulator.OpPay, Action: simulator.ActionFailed}},
			func(c *dispatch.Config) { c.MaxFailures = 5 }, dispatch.TooManyFailures, 5 + 8,
		},
		{
			"provider down",
			[]simulator.Fault{{Action: simulator.ActionStatus, Status: 503}},
			func(c *dispatch.Config) { c.MaxFailures = 5 }, dispatch.TooManyFailures, 5 + 8,
		},
		{"signal", nil, func(c *dispatch.Config) {
			stop := make(chan struct{})
			c.Stop = stop
			time.AfterFunc(10*time.Second, func() { close(stop) })
		}, dispatch.Interrupted, 60},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := setup(t, simulator.Options{Faults: tt.faults, Latency: 500 * time.Millisecond})
				defer b.close()
				b.rate = 5
				orders := many(200)
				run := b.plan(dispatch.OneStep, orders...)
				tt.edit(&b.config)
				reason, err := b.send(run)
				require.NoError(t, err)
				require.Equal(t, tt.reason, reason)
				calls := b.provider.Requests().Calls[simulator.OpPay]
				require.LessOrEqual(t, calls, tt.atMost)
				require.NotZero(t, calls)
				left := 0
				for _, o := range orders {
					state := b.outcome(run, o.Reference).State
					require.NotEqual(t, billing.Sending, state, "every request in flight was awaited and journaled")
					if state == billing.Planned {
						left++
					}
				}
				require.GreaterOrEqual(t, left, 200-tt.atMost)

				b.config.Stop, b.config.Deadline, b.rate = nil, time.Time{}, 0
				require.NoError(t, b.provider.SetFaults(nil))
				again := b.plan(dispatch.OneStep, orders...)
				reason, err = b.send(again)
				require.NoError(t, err)
				require.Equal(t, dispatch.Finished, reason)
				for _, o := range orders {
					require.Equal(t, 1, b.provider.Live(o.Reference), "running again finishes")
				}
			})
		})
	}
}

// A second signal gives up requests in flight; what they became is found by the next run.
func TestSecondSignal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t, simulator.Options{Latency: 20 * time.Second})
		defer b.close()
		orders := many(4)
		run := b.plan(dispatch.OneStep, orders...)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(5*time.Second, cancel)
		cfg := b.config
		cfg.Run = run
		reason, err := dispatch.Run(ctx, b.journal, b.client(b.provider.Transport(), "secret"), cfg)
		require.NoError(t, err)
		require.Equal(t, dispatch.Interrupted, reason)
		for _, o := range orders {
			require.Equal(t, billing.InDoubt, b.outcome(run, o.Reference).State)
		}
		run = b.plan(dispatch.OneStep, orders...)
		_, err = b.send(run)
		require.NoError(t, err)
		for _, o := range orders {
			require.Equal(t, billing.Invoiced, b.outcome(run, o.Reference).State)
			require.Equal(t, 1, b.provider.Live(o.Reference))
		}
		require.Equal(t, 4, b.provider.Requests().Calls[simulator.OpPay])
	})
}

// Orders in doubt wait in the background: a hundred others are done long before the first is settled.
func TestDoubtHoldsUpNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t, simulator.Options{Faults: []simulator.Fault{{Operation: simulator.OpPay, Action: simulator.ActionDropBefore, Times: 8}}})
		defer b.close()
		run := b.plan(dispatch.OneStep, many(108)...)
		start := time.Now()
		settled := make(chan time.Duration, 200)
		b.config.Concurrency, b.rate = 1, 100
		b.config.Settled = func(billing.State) { settled <- time.Since(start) }
		_, err := b.send(run)
		require.NoError(t, err)
		require.Len(t, settled, 108)
		for n := range 108 {
			took := <-settled
			if n < 100 {
				require.Less(t, took, 3*time.Second)
			} else {
				require.Greater(t, took, 60*time.Second)
			}
		}
	})
}

// The journal cannot be written: nothing more is sent.
func TestFullDiskStopsBeforeTheNextCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t, simulator.Options{})
		run := b.plan(dispatch.OneStep, many(30)...)
		c := b.client(closing{b.provider.Transport(), b.journal}, "secret")
		cfg := b.config
		cfg.Run, cfg.Concurrency = run, 1
		reason, err := dispatch.Run(t.Context(), b.journal, c, cfg)
		require.ErrorIs(t, err, journal.ErrClosed)
		require.Equal(t, dispatch.JournalFailed, reason)
		require.Equal(t, 1, b.provider.Requests().Calls[simulator.OpPay], "the journal went away during the first call")
		require.NoError(t, b.provider.Close())
	})
}

// closing takes the journal away while a payment is under way.
type closing struct {
	http.RoundTripper
	journal *journal.Journal
}

func (c closing) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Path == "/v1/sessions/pay" {
		if err := c.journal.Close(); err != nil {
			return nil, errors.New("close")
		}
	}
	return c.RoundTripper.RoundTrip(r)
}

func TestReasons(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for r := dispatch.Finished; r <= dispatch.Faulted; r++ {
		require.NotContains(t, r.String(), "reason(")
		require.False(t, seen[r.String()])
		seen[r.String()] = true
	}
	require.Equal(t, "reason(99)", fmt.Sprint(dispatch.Reason(99)))
}
