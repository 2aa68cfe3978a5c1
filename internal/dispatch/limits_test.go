package dispatch_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/simulator"
)

// A provider that answers every creation with 500 ends the order as failed after some tries.
func TestCreationAlwaysFails(t *testing.T) {
	inTime(t, simulator.Options{Faults: []simulator.Fault{{Operation: simulator.OpCreate, Action: simulator.ActionStatus, Status: 500}}}, func(t *testing.T, b *bundle) {
		b.config.MaxFailures = 3
		run := b.plan(dispatch.TwoStep, many(5)...)
		b.stopAfter(time.Hour)
		reason, err := b.send(run)
		require.NoError(t, err)
		require.NotEqual(t, dispatch.Interrupted, reason, "still at it after an hour, %d calls", b.calls())
		require.Less(t, b.calls(), 100)
	})
}

// One order whose look-ups fail is one failure.
func TestOneOrderIsManyFailures(t *testing.T) {
	inTime(t, simulator.Options{Faults: []simulator.Fault{
		{Operation: simulator.OpPay, Action: simulator.ActionDropBefore, Times: 1},
		{Operation: simulator.OpTransactions, Action: simulator.ActionStatus, Status: 500, Times: 3},
	}}, func(t *testing.T, b *bundle) {
		b.config.MaxFailures = 3
		run, reason := b.run(dispatch.OneStep, order("R-1"))
		assert.Equal(t, dispatch.Finished, reason)
		require.Equal(t, billing.Invoiced, b.outcome(run, "R-1").State)
	})
}

// A limit counts places in the run, also among orders that wait for a second look-up.
func TestLimit(t *testing.T) {
	inTime(t, simulator.Options{}, func(t *testing.T, b *bundle) {
		b.extraLooks = 1
		b.config.NoWait = true
		b.run(dispatch.TwoStep, many(4)...)
		run := b.plan(dispatch.TwoStep, many(4)...)
		held, err := b.journal.Hold(t.Context(), run, 1)
		require.NoError(t, err)
		require.Equal(t, int64(3), held)
	})
}

// After the deadline nothing waits for a repetition that is not made any more.
func TestDeadlineWaits(t *testing.T) {
	inTime(t, simulator.Options{Faults: []simulator.Fault{{Operation: simulator.OpPay, Action: simulator.ActionDropBefore, Times: 1}}}, func(t *testing.T, b *bundle) {
		begin := time.Now()
		b.config.Deadline = begin.Add(2 * time.Minute)
		_, reason := b.run(dispatch.OneStep, order("R-1"))
		require.Equal(t, dispatch.PastDeadline, reason)
		require.Less(t, time.Since(begin), 4*time.Minute, "it waits ten minutes for a repetition that it must not make")
	})
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
