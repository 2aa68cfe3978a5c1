package dispatch_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/simulator"
)

func TestWaysToStop(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		faults []simulator.Fault
		edit   func(*dispatch.Config)
		reason dispatch.Reason
		atMost int // pay calls
	}{
		{
			"deadline", nil, func(c *dispatch.Config) { c.Deadline = time.Now().Add(10 * time.Second) },
			dispatch.PastDeadline, 60,
		},
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
			inTime(t, simulator.Options{Faults: tt.faults, Latency: 500 * time.Millisecond},
				func(t *testing.T, b *bundle) {
					b.rate = 5
					orders := many(200)
					run := b.plan(dispatch.OneStep, orders...)
					tt.edit(&b.config)
					reason, err := b.send(run)
					require.NoError(t, err)
					require.Equal(t, tt.reason, reason)
					calls := b.count(simulator.OpPay)
					require.LessOrEqual(t, calls, tt.atMost)
					require.NotZero(t, calls)
					left, outcomes := 0, b.outcomes(run)
					require.Len(t, outcomes, len(orders))
					for _, o := range orders {
						state := outcomes[o.Reference].State
						require.NotEqual(t, billing.Sending, state, "every request in flight was awaited and journaled")
						if state == billing.Planned {
							left++
						}
					}
					require.GreaterOrEqual(t, left, 200-tt.atMost)

					b.config.Stop, b.config.Deadline, b.rate = nil, time.Time{}, 0
					b.faults()
					_, reason = b.run(dispatch.OneStep, orders...)
					require.Equal(t, dispatch.Finished, reason)
					for _, o := range orders {
						require.Equal(t, 1, b.provider.Live(o.Reference), "running again finishes")
					}
				})
		})
	}
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

func TestRefusedCredentialsStopTheRun(t *testing.T) {
	inTime(t, simulator.Options{ClientID: "id", ClientSecret: "right"}, func(t *testing.T, b *bundle) {
		b.secret = "wrong"
		run := b.plan(dispatch.OneStep, many(50)...)
		reason, err := b.send(run)
		require.ErrorIs(t, err, dintero.ErrCredentials)
		require.Equal(t, dispatch.CredentialsRefused, reason)
		require.Zero(t, b.count(simulator.OpPay))
		outcomes := b.outcomes(run)
		for _, o := range many(50) {
			require.Equal(t, billing.Planned, outcomes[o.Reference].State)
		}
	})
}

// The journal cannot be written: nothing more is sent.
func TestFullDiskStopsBeforeTheNextCall(t *testing.T) {
	inTime(t, simulator.Options{}, func(t *testing.T, b *bundle) {
		b.transport = closing{b.transport, b.journal}
		b.config.Concurrency = 1
		reason, err := b.send(b.plan(dispatch.OneStep, many(30)...))
		require.ErrorIs(t, err, journal.ErrClosed)
		require.Equal(t, dispatch.JournalFailed, reason)
		require.Equal(t, 1, b.count(simulator.OpPay), "the journal went away during the first call")
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

// A provider that answers every creation with 500 ends the order as failed after some tries.
func TestCreationAlwaysFails(t *testing.T) {
	inTime(t, with(simulator.Fault{Operation: simulator.OpCreate, Action: simulator.ActionStatus, Status: 500}),
		func(t *testing.T, b *bundle) {
			b.config.MaxFailures = 3
			run := b.plan(dispatch.TwoStep, many(5)...)
			b.stopAfter(time.Hour)
			reason, err := b.send(run)
			require.NoError(t, err)
			require.Equal(t, dispatch.TooManyFailures, reason, "%d calls", b.calls())
			require.Less(t, b.calls(), 100)
			failed := 0
			for _, o := range many(5) {
				if b.outcome(run, o.Reference).State == billing.Failed {
					failed++
				}
			}
			require.GreaterOrEqual(t, failed, 3, "whichever they are")
		})
}

// One order whose look-ups fail is one failure.
func TestOneOrderIsManyFailures(t *testing.T) {
	inTime(t, with(
		once(simulator.OpPay, simulator.ActionDropBefore),
		simulator.Fault{Operation: simulator.OpTransactions, Action: simulator.ActionStatus, Times: 3},
	), func(t *testing.T, b *bundle) {
		b.config.MaxFailures = 3
		run, reason := b.run(dispatch.OneStep, order("R-1"))
		assert.Equal(t, dispatch.Finished, reason)
		require.Equal(t, billing.Invoiced, b.outcome(run, "R-1").State)
	})
}

// A limit counts places in the run, also among orders that wait for a second look-up.
func TestLimit(t *testing.T) {
	inTime(t, simulator.Options{}, func(t *testing.T, b *bundle) {
		b.config.NoWait, b.extraLooks = true, 1
		b.run(dispatch.TwoStep, many(4)...)
		held, err := b.journal.Limit(t.Context(), b.plan(dispatch.TwoStep, many(4)...), 1)
		require.NoError(t, err)
		require.Equal(t, int64(3), held)
	})
}

// After the deadline nothing waits for a repetition that is not made any more.
func TestDeadlineWaits(t *testing.T) {
	inTime(t, with(once(simulator.OpPay, simulator.ActionDropBefore)), func(t *testing.T, b *bundle) {
		begin := time.Now()
		b.config.Deadline = begin.Add(2 * time.Minute)
		_, reason := b.run(dispatch.OneStep, order("R-1"))
		require.Equal(t, dispatch.PastDeadline, reason)
		require.Less(t, time.Since(begin), 4*time.Minute, "it waits ten minutes for a repetition that it must not make")
	})
}

// A run that ends early tells nobody to check an order of its file that was never sent as if another had invoiced it.
func TestEndedEarlyIsNotNothingToDo(t *testing.T) {
	inTime(t, simulator.Options{SessionLife: 30 * time.Second}, func(t *testing.T, b *bundle) {
		b.opens(order("R-1"))
		b.extraLooks = 1
		b.config.Deadline = time.Now().Add(10 * time.Second)
		got := b.sends(dispatch.OneStep, order("R-1"))
		t.Log(got.State, got.Message, got.Hint)
		require.NotEqual(t, "check whether it was posted: no run of this journal sent it", got.Hint,
			"it is in the file, and not invoiced")
	})
}
