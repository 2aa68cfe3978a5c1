package dispatch_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/simulator"
)

// What a killed process left in state sending is looked up before anything is sent.
func TestSendingAtStartUpIsLookedUp(t *testing.T) {
	for name, arrived := range map[string]bool{"arrived": true, "never left": false} {
		t.Run(name, func(t *testing.T) {
			inTime(t, simulator.Options{}, func(t *testing.T, b *bundle) {
				run := b.plan(dispatch.OneStep, order("R-1"))
				due, err := b.journal.Due(t.Context(),
					journal.Work{Account: account, Run: run, Steps: billing.Steps()}, time.Now(), 10, nil)
				require.NoError(t, err)
				body := due[0].Body
				_, err = b.journal.Begin(t.Context(), &due[0], journal.Attempt{Run: run, Kind: "pay"},
					due[0].Next(billing.EventBegun, billing.Outcome{}, time.Now()))
				require.NoError(t, err)
				if arrived {
					answer := b.client().Pay(t.Context(), body, dintero.StrictSuccess, dintero.Expect{})
					require.Equal(t, dintero.MeansInvoiced, answer.Meaning)
				}
				require.Equal(t, billing.Invoiced, b.sends(dispatch.OneStep, order("R-1")).State)
				require.Equal(t, 1, b.provider.Live("R-1"))
				pays := b.provider.Requests().Pays
				require.Len(t, pays, 1)
				if !arrived {
					require.Equal(t, "strict-merchant-reference", pays[0].Toggles)
				}
			})
		})
	}
}

// A process that is killed while the provider takes longer than the whole look-up schedule: the next, begun
// at once, must wait for the age of the request and not for its own.
func TestSlowCommitAfterAKill(t *testing.T) {
	for name, delay := range map[string]time.Duration{"80 s": 80 * time.Second, "9 minutes": 9 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			inTime(t, with(hangs(simulator.OpPay, delay)), func(t *testing.T, b *bundle) {
				b.round(dispatch.OneStep, round{stopped: 100 * time.Millisecond, killed: true},
					[]*billing.Order{order("R-1")})
				run, reason := b.run(dispatch.OneStep, order("R-1"))
				require.Equal(t, dispatch.Finished, reason)
				require.Equal(t, billing.Invoiced, b.outcome(run, "R-1").State)
				require.Equal(t, 1, b.provider.Live("R-1"))
				require.Equal(t, 1, b.count(simulator.OpPay))
			})
		})
	}
}

// An order that no file holds any more is looked up all the same; its resend is not made, for no file says it.
func TestDoubtIsNeverForgotten(t *testing.T) {
	for name, tt := range map[string]struct {
		action  simulator.Action
		state   billing.State // when the next run is over
		unclear int
	}{
		"it arrived": {simulator.ActionDropAfter, billing.Invoiced, 0},
		"it did not": {simulator.ActionDropBefore, billing.InDoubt, 1},
	} {
		t.Run(name, func(t *testing.T) {
			inTime(t, with(
				once(simulator.OpPay, tt.action),
				simulator.Fault{Operation: simulator.OpTransactions, Action: simulator.ActionStatus, Times: 3},
			), func(t *testing.T, b *bundle) {
				b.sendsAtOnce(dispatch.OneStep, order("R-1"))
				b.sends(dispatch.OneStep, order("R-2"))
				_, unclear, err := b.journal.Unclear(t.Context(), account, journal.Shard{}, []string{"run-2"}, 10)
				require.NoError(t, err)
				require.Equal(t, tt.unclear, unclear)
				require.Equal(t, tt.state, b.stored().State)
				require.Equal(t, 2, b.count(simulator.OpPay), "R-1 and R-2, once each")
				time.Sleep(time.Hour)
				require.Equal(t, billing.Invoiced, b.sends(dispatch.OneStep, order("R-1")).State,
					"the file says it again")
				require.Equal(t, 1, b.provider.Live("R-1"))
			})
		})
	}
}

// What was planned and not sent takes everything from the run that sends it.
func TestPlannedAgainTakesTheNewFlow(t *testing.T) {
	inTime(t, simulator.Options{}, func(t *testing.T, b *bundle) {
		b.plan(dispatch.OneStep, order("R-1"))
		b.run(dispatch.TwoStep, order("R-1"))
		require.Equal(t, 1, b.count(simulator.OpSessionPay))
		require.Zero(t, b.count(simulator.OpPay))
	})
}
