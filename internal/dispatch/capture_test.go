package dispatch_test

import (
	"bytes"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
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
		b.round(dispatch.OneStep, round{stopped: 100 * time.Millisecond, killed: true},
			[]*billing.Order{order("R-1", delivered)})
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

// In the older edition CAPTURED is said of an invoice whose collection has started, though the events are not told.
func TestCapturedWithoutEvents(t *testing.T) {
	inTime(t, simulator.Options{Model: simulator.ModelCaptured}, func(t *testing.T, b *bundle) {
		b.transport = rewriting{b.transport, func(r *http.Request, body []byte) []byte {
			return bytes.ReplaceAll(body, []byte(`"events"`), []byte(`"no_events"`))
		}}
		got := b.sends(dispatch.OneStep, order("R-1", delivered))
		require.NotEqual(t, billing.CodeDeliver, got.Code, got.Message)
	})
}

// A refresh starts no collection, and nobody is told so.
func TestRefreshDoesNotCollect(t *testing.T) {
	inTime(t, with(refuses(simulator.OpCapture, 503)), func(t *testing.T, b *bundle) {
		b.config.NoWait = true
		run, _ := b.run(dispatch.OneStep, order("R-1", delivered))
		captures := b.count(simulator.OpCapture)
		_, _, err := b.refresh(run, true)
		require.NoError(t, err)
		require.Equal(t, captures, b.count(simulator.OpCapture))
		got := b.outcome(run, "R-1")
		require.Equal(t, billing.CodeDeliver, got.Code)
		require.Equal(t, "run again", got.Hint)
	})
}

// In the older edition the collection that this program has just started shows as CAPTURED, after AUTHORIZED:
// nobody has paid anything.
func TestCollectedIsNotPaid(t *testing.T) {
	inTime(t, simulator.Options{Model: simulator.ModelCaptured}, func(t *testing.T, b *bundle) {
		run, _ := b.run(dispatch.OneStep, order("R-1", delivered))
		assert.NotEqual(t, "paid", b.outcome(run, "R-1").PaymentStatus)
		require.Zero(t, b.live("R-1")[0].Paid)
		results, _ := b.void(run)
		assert.NotEqual(t, "left alone: it is paid", results[0].Message)
	})
}
