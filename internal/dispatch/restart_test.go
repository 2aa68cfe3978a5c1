package dispatch_test

import (
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

// A process that is killed while the provider takes longer than the whole look-up schedule: the next, begun at once, must wait for the age
// of the request and not for its own.
func TestSlowCommitAfterAKill(t *testing.T) {
	for name, delay := range map[string]time.Duration{"80 s": 80 * time.Second, "9 minutes": 9 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			faults := []simulator.Fault{{Operation: simulator.OpPay, Action: simulator.ActionHang, Delay: delay, Times: 1}}
			inTime(t, simulator.Options{Faults: faults}, func(t *testing.T, b *bundle) {
				b.round(dispatch.OneStep, round{stopped: 100 * time.Millisecond, killed: true}, []*billing.Order{order("R-1")})
				run, reason := b.run(dispatch.OneStep, order("R-1"))
				require.Equal(t, dispatch.Finished, reason)
				require.Equal(t, billing.Invoiced, b.outcome(run, "R-1").State)
				require.Equal(t, 1, b.provider.Live("R-1"))
				require.Equal(t, 1, b.provider.Requests().Calls[simulator.OpPay])
			})
		})
	}
}

// An order that no file holds any more is looked up all the same; its resend is not made, for no file says it.
func TestDoubtIsNeverForgotten(t *testing.T) {
	for name, arrived := range map[string]bool{"it arrived": true, "it did not": false} {
		t.Run(name, func(t *testing.T) {
			action := simulator.ActionDropBefore
			if arrived {
				action = simulator.ActionDropAfter
			}
			faults := []simulator.Fault{{Operation: simulator.OpPay, Action: action, Times: 1}, {Operation: simulator.OpTransactions, Action: simulator.ActionStatus, Times: 3}}
			inTime(t, simulator.Options{Faults: faults}, func(t *testing.T, b *bundle) {
				b.config.NoWait = true
				first, _ := b.run(dispatch.OneStep, order("R-1"))
				b.config.NoWait = false
				b.run(dispatch.OneStep, order("R-2"))
				_, unclear, err := b.journal.Unclear(t.Context(), account, journal.Shard{}, []string{"run-2"}, 10)
				require.NoError(t, err)
				if arrived {
					require.Equal(t, billing.Invoiced, b.outcome(first, "R-1").State)
					require.Zero(t, unclear)
					return
				}
				require.Equal(t, billing.InDoubt, b.outcome(first, "R-1").State)
				require.Equal(t, 1, unclear)
				require.Equal(t, 2, b.provider.Requests().Calls[simulator.OpPay], "R-1 and R-2, once each")
				time.Sleep(time.Hour)
				run, _ := b.run(dispatch.OneStep, order("R-1"))
				require.Equal(t, billing.Invoiced, b.outcome(run, "R-1").State, "the file says it again")
			})
		})
	}
}
