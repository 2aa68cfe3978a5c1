package dispatch_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/simulator"
)

// Of what never arrived nothing is ever seen: it is sent again when the first request is ten minutes old,
// under the guard that any session blocks, and no earlier.
func TestResendWaitsForTheAgeOfTheRequest(t *testing.T) {
	inTime(t, with(once(simulator.OpPay, simulator.ActionDropBefore)), func(t *testing.T, b *bundle) {
		require.Equal(t, billing.Invoiced, b.sends(dispatch.OneStep, order("R-1")).State)
		pays := b.provider.Requests().Pays
		require.Len(t, pays, 2)
		require.GreaterOrEqual(t, pays[1].At.Sub(pays[0].At), 10*time.Minute)
		require.Less(t, pays[1].At.Sub(pays[0].At), 10*time.Minute+time.Second)
		require.Equal(t, "strict-merchant-reference", pays[1].Toggles)
	})
}

// Orders in doubt wait in the background: a hundred others are done long before the first is settled.
func TestDoubtHoldsUpNobody(t *testing.T) {
	inTime(t, with(simulator.Fault{Operation: simulator.OpPay, Action: simulator.ActionDropBefore, Times: 8}),
		func(t *testing.T, b *bundle) {
			start := time.Now()
			settled := make(chan time.Duration, 200)
			b.config.Concurrency, b.rate = 1, 100
			b.config.Concluded = func(billing.State) { settled <- time.Since(start) }
			b.run(dispatch.OneStep, many(108)...)
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

// With --no-wait a run ends at once; the order stays in doubt for the next.
func TestNoWait(t *testing.T) {
	inTime(t, with(once(simulator.OpPay, simulator.ActionDropAfter)), func(t *testing.T, b *bundle) {
		b.config.NoWait = true
		begin := time.Now()
		run, reason := b.run(dispatch.OneStep, order("R-1"))
		require.Equal(t, dispatch.Finished, reason)
		require.Less(t, time.Since(begin), time.Second)
		require.Equal(t, billing.InDoubt, b.outcome(run, "R-1").State)
		require.Equal(t, billing.Invoiced, b.sends(dispatch.OneStep, order("R-1")).State)
		require.Less(t, time.Since(begin), time.Second, "the first look-up of the next run needs no wait either")
	})
}

// With --no-wait a new journal in two steps gets its second look by a later run.
func TestNoWaitTwoStepsNewJournal(t *testing.T) {
	inTime(t, simulator.Options{}, func(t *testing.T, b *bundle) {
		b.config.NoWait, b.extraLooks = true, 1
		known, err := b.journal.KnownSince(t.Context(), account)
		require.NoError(t, err)
		require.Zero(t, known)
		require.Equal(t, billing.Planned, b.sends(dispatch.TwoStep, order("R-1")).State)
		time.Sleep(10 * time.Minute)
		require.Equal(t, billing.Invoiced, b.sends(dispatch.TwoStep, order("R-1")).State)
	})
}

// The age of a request counts from when it left, and not from when it began to wait for its turn: a run that
// is killed behind a 429 must not make the next one repeat it too early.
func TestAgeOfARequestThatWaited(t *testing.T) {
	inTime(t, with(
		simulator.Fault{
			Operation: simulator.OpPay, Reference: "R-0", Action: simulator.ActionThrottle,
			Header: map[string]string{"Retry-After": "120"}, Times: 1,
		},
		simulator.Fault{
			Operation: simulator.OpPay, Reference: "R-1", Action: simulator.ActionHang,
			Delay: 540 * time.Second, Times: 1,
		},
	), func(t *testing.T, b *bundle) {
		b.rate, b.config.Concurrency = 5, 1
		b.round(dispatch.OneStep, round{stopped: 125 * time.Second, killed: true},
			[]*billing.Order{order("R-0"), order("R-1")})
		b.sends(dispatch.OneStep, order("R-1"))
		time.Sleep(20 * time.Minute)
		var pays []time.Time
		for _, p := range b.provider.Requests().Pays {
			if strings.Contains(p.Body, `"R-1"`) {
				pays = append(pays, p.At)
			}
		}
		t.Log(pays)
		assert.Equal(t, 1, b.provider.Live("R-1"), "two live invoices")
		if len(pays) > 1 {
			require.GreaterOrEqual(t, pays[1].Sub(pays[0]), 10*time.Minute)
		}
	})
}
