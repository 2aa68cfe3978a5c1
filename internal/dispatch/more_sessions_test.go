package dispatch_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/simulator"
)

// A lost payment beside an older failed transaction ends invoiced where the provider honours the guard with sessions.
func TestCreateRefusedForeign(t *testing.T) {
	inTime(t, simulator.Options{SessionLife: 10000 * time.Hour, CreateGuard: simulator.GuardHonoured}, func(t *testing.T, b *bundle) {
		b.fails(order("R-1"))
		require.NoError(t, b.provider.SetFaults([]simulator.Fault{
			{Operation: simulator.OpSessionPay, Action: simulator.ActionDropBefore, Times: 1},
		}))
		b.config.NoWait = true
		b.run(dispatch.TwoStep, order("R-1"))
		b.config.NoWait = false
		for range 3 {
			time.Sleep(24 * time.Hour)
			run, _ := b.run(dispatch.TwoStep, order("R-1"))
			t.Log(b.outcome(run, "R-1").State, b.outcome(run, "R-1").Message)
		}
		stored, err := b.journal.Stored(t.Context(), account, []string{"R-1"})
		require.NoError(t, err)
		require.Equal(t, billing.Invoiced, stored["R-1"].State)
	})
}

// An order in doubt whose session has run out, and whose row was corrected since, is concluded.
func TestExpiredSessionAndCorrected(t *testing.T) {
	inTime(t, simulator.Options{SessionLife: time.Hour, Faults: []simulator.Fault{
		{Operation: simulator.OpSessionPay, Action: simulator.ActionDropBefore, Times: 1},
	}}, func(t *testing.T, b *bundle) {
		b.config.NoWait = true
		b.run(dispatch.TwoStep, order("R-1"))
		b.config.NoWait = false
		for range 3 {
			time.Sleep(24 * time.Hour)
			b.run(dispatch.TwoStep, order("R-1", amount(19900)))
		}
		stored, err := b.journal.Stored(t.Context(), account, []string{"R-1"})
		require.NoError(t, err)
		require.Equal(t, billing.Invoiced, stored["R-1"].State, "its session ended unpaid: nothing can come of it")
	})
}
