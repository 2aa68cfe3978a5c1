package dispatch_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/simulator"
)

// With --no-wait a new journal in two steps gets its second look by a later run.
func TestNoWaitTwoStepsNewJournal(t *testing.T) {
	inTime(t, simulator.Options{}, func(t *testing.T, b *bundle) {
		b.config.NoWait, b.extraLooks = true, 1
		var run string
		for range 4 {
			known, err := b.journal.KnownSince(t.Context(), account)
			require.NoError(t, err)
			require.Zero(t, known)
			run, _ = b.run(dispatch.TwoStep, order("R-1"))
			time.Sleep(10 * time.Minute)
			if b.outcome(run, "R-1").State == billing.Invoiced {
				return
			}
		}
		require.Equal(t, billing.Invoiced, b.outcome(run, "R-1").State, "never sent")
	})
}

// A last request or a due time that a wrong clock put far into the future is waited for no longer than --resend-after.
func TestClockThatWasAhead(t *testing.T) {
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	l := billing.Life{Outcome: billing.Outcome{State: billing.InDoubt}, Step: billing.StepLookUp, Tries: 5, Sent: 1, LastAttempt: now.AddDate(1, 0, 0), Wanted: true, ResendAfter: 10 * time.Minute}
	got := l.Next(billing.EventNothing, billing.Outcome{}, now)
	require.False(t, got.Due.After(now.Add(10*time.Minute)) && !got.Parked(), "the run waits until %s", got.Due)
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

// Of what never arrived nothing is ever seen: it is sent again when the first request is ten minutes old, under the guard that any session
// blocks, and no earlier.
func TestResendWaitsForTheAgeOfTheRequest(t *testing.T) {
	inTime(t, simulator.Options{Faults: []simulator.Fault{{Operation: simulator.OpPay, Action: simulator.ActionDropBefore, Times: 1}}}, func(t *testing.T, b *bundle) {
		run, _ := b.run(dispatch.OneStep, order("R-1"))
		require.Equal(t, billing.Invoiced, b.outcome(run, "R-1").State)
		pays := b.provider.Requests().Pays
		require.Len(t, pays, 2)
		require.GreaterOrEqual(t, pays[1].At.Sub(pays[0].At), 10*time.Minute)
		require.Less(t, pays[1].At.Sub(pays[0].At), 10*time.Minute+time.Second)
		require.Equal(t, "strict-merchant-reference", pays[1].Toggles)
	})
}

// With --no-wait a run ends at once; the order stays in doubt for the next.
func TestNoWait(t *testing.T) {
	inTime(t, simulator.Options{Faults: []simulator.Fault{{Operation: simulator.OpPay, Action: simulator.ActionDropAfter, Times: 1}}}, func(t *testing.T, b *bundle) {
		b.config.NoWait = true
		begin := time.Now()
		run, reason := b.run(dispatch.OneStep, order("R-1"))
		require.Equal(t, dispatch.Finished, reason)
		require.Less(t, time.Since(begin), time.Second)
		require.Equal(t, billing.InDoubt, b.outcome(run, "R-1").State)
		run, _ = b.run(dispatch.OneStep, order("R-1"))
		require.Equal(t, billing.Invoiced, b.outcome(run, "R-1").State)
		require.Less(t, time.Since(begin), time.Second, "the first look-up of the next run needs no wait either")
	})
}
