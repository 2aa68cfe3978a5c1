package dispatch_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/simulator"
)

// A capture whose event shows late is not asked for twice within the schedule; one that is refused is left with its reason.
func TestCaptureShowsLate(t *testing.T) {
	merchant := func(o *billing.Order) { o.Channel = billing.ChannelMerchant }
	inTime(t, simulator.Options{Faults: []simulator.Fault{
		{Operation: simulator.OpCapture, Action: simulator.ActionLateEvent, Delay: 25 * time.Second, Times: 1},
	}}, func(t *testing.T, b *bundle) {
		b.round(dispatch.OneStep, round{stopped: 100 * time.Millisecond, killed: true}, []*billing.Order{order("R-1", merchant)})
		run, _ := b.run(dispatch.OneStep, order("R-1", merchant))
		got := b.outcome(run, "R-1")
		require.Equal(t, billing.Invoiced, got.State)
		require.Empty(t, got.Code, got.Message)
		require.Equal(t, 1, b.provider.Requests().Calls[simulator.OpCapture])
	})
}

func TestCaptureRefused(t *testing.T) {
	merchant := func(o *billing.Order) { o.Channel = billing.ChannelMerchant }
	inTime(t, simulator.Options{Faults: []simulator.Fault{
		{Operation: simulator.OpCapture, Action: simulator.ActionStatus, Status: 400, Times: 1},
	}}, func(t *testing.T, b *bundle) {
		run, _ := b.run(dispatch.OneStep, order("R-1", merchant))
		got := b.outcome(run, "R-1")
		require.Equal(t, billing.CodeDeliver, got.Code)
		require.Contains(t, got.Message, "collection has not started")
		require.Equal(t, 1, b.provider.Requests().Calls[simulator.OpCapture])
		time.Sleep(2 * time.Minute)
		again, _ := b.run(dispatch.OneStep, order("R-1", merchant))
		require.Empty(t, b.outcome(again, "R-1").Code, "the next run asks again")
		require.Equal(t, 2, b.provider.Requests().Calls[simulator.OpCapture])
	})
}
