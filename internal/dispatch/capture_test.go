package dispatch_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/simulator"
)

// A capture whose event shows late is not asked for twice within the schedule.
func TestCaptureShowsLate(t *testing.T) {
	inTime(t, with(simulator.Fault{
		Operation: simulator.OpCapture, Action: simulator.ActionLateEvent, Delay: 25 * time.Second, Times: 1,
	}), func(t *testing.T, b *bundle) {
		b.round(dispatch.OneStep, round{stopped: 100 * time.Millisecond, killed: true}, []*billing.Order{order("R-1", delivered)})
		got := b.sends(dispatch.OneStep, order("R-1", delivered))
		require.Equal(t, billing.Invoiced, got.State)
		require.Empty(t, got.Code, got.Message)
		require.Equal(t, 1, b.count(simulator.OpCapture))
	})
}

// A capture that is refused is left with its reason, and asked for again by the next run.
func TestCaptureRefused(t *testing.T) {
	inTime(t, with(refuses(simulator.OpCapture, 400)), func(t *testing.T, b *bundle) {
		got := b.sends(dispatch.OneStep, order("R-1", delivered))
		require.Equal(t, billing.CodeDeliver, got.Code)
		require.Contains(t, got.Message, "collection has not started")
		require.Equal(t, 1, b.count(simulator.OpCapture))
		time.Sleep(2 * time.Minute)
		require.Empty(t, b.sends(dispatch.OneStep, order("R-1", delivered)).Code, "the next run asks again")
		require.Equal(t, 2, b.count(simulator.OpCapture))
	})
}
