package dispatch_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/simulator"
)

// stopping is work that a stop interrupts while most of it waits for its turn.
type stopping struct {
	name    string
	options simulator.Options
	flow    string
	orders  []*billing.Order // of the run that works
	rate    float64
	wait    time.Duration // until the stop
	work    func(b *bundle, run string) dispatch.Reason
	states  []billing.State // what orders may be in the end
}

func stoppings() []stopping {
	sent := []billing.State{billing.Planned, billing.Invoiced}
	send := func(b *bundle, run string) dispatch.Reason {
		reason, err := b.send(run)
		require.NoError(b.t, err)
		return reason
	}
	return []stopping{
		{
			name: "payments", flow: dispatch.OneStep, orders: many(40), rate: 2, wait: 4300 * time.Millisecond,
			work: send, states: sent,
		},
		{
			name: "payments under way", flow: dispatch.OneStep, orders: many(40), rate: 2,
			wait: 4300 * time.Millisecond, work: send, states: sent,
			options: simulator.Options{Latency: 3 * time.Second},
		},
		{
			name: "sessions", flow: dispatch.TwoStep, orders: many(40), rate: 2, wait: 9300 * time.Millisecond,
			work: send, states: sent,
		},
		{
			name: "payments after a 429", flow: dispatch.OneStep, orders: many(40), rate: 5, wait: 20 * time.Second,
			work: send, states: sent,
			options: with(
				simulator.Fault{
					Operation: simulator.OpPay, Skip: 3, Times: 1, Action: simulator.ActionThrottle,
					Header: map[string]string{"Retry-After": "60"},
				}),
		},
		{
			name: "look-ups after refusals", flow: dispatch.OneStep, orders: many(40), rate: 2,
			wait: 6300 * time.Millisecond, work: send,
			options: with(simulator.Fault{Operation: simulator.OpPay, Action: simulator.ActionDuplicate}),
			states:  []billing.State{billing.Planned, billing.InDoubt},
		},
		{
			name: "captures", flow: dispatch.OneStep, orders: many(30, delivered), rate: 2, wait: 20 * time.Second,
			work: send, states: sent,
		},
		{
			name: "refresh", flow: dispatch.OneStep, orders: many(450, grouped), rate: 0.2, wait: 4 * time.Second,
			states: []billing.State{billing.Registered},
			work: func(b *bundle, run string) dispatch.Reason {
				require.Equal(b.t, 450, b.sendFast(run))
				_, reason, err := b.refresh(run, true)
				require.NoError(b.t, err)
				return reason
			},
		},
		{
			name: "void", flow: dispatch.OneStep, orders: many(30), rate: 2, wait: 5200 * time.Millisecond,
			states: []billing.State{billing.Invoiced, billing.Voided},
			work: func(b *bundle, run string) dispatch.Reason {
				require.Equal(b.t, 30, b.sendFast(run))
				results, reason := b.void(run)
				for _, v := range results {
					voided := b.outcome(run, v.Reference).State == billing.Voided
					require.Equal(b.t, voided, v.Done)
					if !voided {
						require.Equal(b.t, "not attempted: interrupted by a signal", v.Message)
					}
				}
				return reason
			},
		},
		{
			name: "documents", flow: dispatch.OneStep, orders: many(30), rate: 2, wait: 4300 * time.Millisecond,
			states:  []billing.State{billing.Invoiced},
			options: simulator.Options{Files: simulator.FilesPDF},
			work: func(b *bundle, run string) dispatch.Reason {
				require.Equal(b.t, 30, b.sendFast(run))
				fetched := b.documents(run)
				require.NotZero(b.t, fetched.Saved)
				require.Less(b.t, fetched.Saved, 30)
				require.Zero(b.t, fetched.Missing, "one that was not asked for is not missing")
				return fetched.Reason
			},
		},
	}
}

// After a stop nothing leaves any more, also of what was waiting for its turn already. What had left is
// awaited, and an order whose payment had not left is planned again, never in doubt.
func TestNothingLeavesAfterAStop(t *testing.T) {
	for _, tt := range stoppings() {
		t.Run(tt.name, func(t *testing.T) {
			inTime(t, tt.options, func(t *testing.T, b *bundle) {
				run := b.plan(tt.flow, tt.orders...)
				b.rate = tt.rate
				then := b.stopAfter(tt.wait)
				require.Equal(t, dispatch.Interrupted, tt.work(b, run))
				at, calls := then()
				require.NotZero(t, calls, "the work had begun")
				require.Equal(t, calls, b.calls(), "something left after the stop")
				require.LessOrEqual(t, time.Since(at), tt.options.Latency, "only what had left was awaited")
				outcomes := b.outcomes(run)
				for _, o := range tt.orders {
					got := outcomes[o.Reference]
					require.Contains(t, tt.states, got.State, "%s: %s %s", o.Reference, got.Code, got.Message)
					if got.State == billing.Planned {
						b.unsent(o.Reference)
					}
				}
			})
		})
	}
}

// unsent asserts that the journal knows of no payment of the order that may have left.
func (b *bundle) unsent(reference string) {
	attempts, err := b.journal.Attempts(context.Background(), account, reference)
	require.NoError(b.t, err)
	for _, a := range attempts {
		require.Contains(b.t, []string{dintero.MeansNotSent.String(), dintero.MeansOpened.String()}, a.Meaning)
		require.NotZero(b.t, a.Finished)
	}
}

// A second signal gives up requests in flight; what they became is found by the next run.
func TestSecondSignal(t *testing.T) {
	inTime(t, simulator.Options{Latency: 20 * time.Second}, func(t *testing.T, b *bundle) {
		orders := many(4)
		run := b.plan(dispatch.OneStep, orders...)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		reason, err := b.sendUntil(ctx, run)
		require.NoError(t, err)
		require.Equal(t, dispatch.Interrupted, reason)
		for _, o := range orders {
			require.Equal(t, billing.InDoubt, b.outcome(run, o.Reference).State)
		}
		run, _ = b.run(dispatch.OneStep, orders...)
		for _, o := range orders {
			require.Equal(t, billing.Invoiced, b.outcome(run, o.Reference).State)
			require.Equal(t, 1, b.provider.Live(o.Reference))
		}
		require.Equal(t, 4, b.count(simulator.OpPay))
	})
}

// A stop ends the look-ups of orders in doubt too, which stay as they were; the next run settles them.
func TestStopEndsLookUps(t *testing.T) {
	inTime(t, simulator.Options{Latency: 20 * time.Second}, func(t *testing.T, b *bundle) {
		orders := many(100)
		b.config.Concurrency = len(orders)
		run := b.plan(dispatch.OneStep, orders...)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		_, err := b.sendUntil(ctx, run)
		require.NoError(t, err)
		before := b.outcome(run, "R-0001")
		require.Equal(t, billing.InDoubt, before.State)

		time.Sleep(time.Minute)
		b.config.Concurrency, b.rate = 8, 1
		then := b.stopAfter(10 * time.Second)
		again, reason := b.run(dispatch.OneStep, orders...)
		require.Equal(t, dispatch.Interrupted, reason)
		at, calls := then()
		require.Equal(t, calls, b.calls())
		require.LessOrEqual(t, time.Since(at), 20*time.Second)
		doubts, outcomes := 0, b.outcomes(again)
		for _, o := range orders {
			if got := outcomes[o.Reference]; got.State == billing.InDoubt {
				doubts++
				require.Equal(t, before.Code, got.Code, "nobody looked it up")
			}
		}
		require.Greater(t, doubts, 80)

		b.config.Stop, b.rate = nil, 0
		last, reason := b.run(dispatch.OneStep, orders...)
		require.Equal(t, dispatch.Finished, reason)
		outcomes = b.outcomes(last)
		for _, o := range orders {
			require.Equal(t, 1, b.provider.Live(o.Reference))
			require.Equal(t, billing.Invoiced, outcomes[o.Reference].State)
		}
	})
}

// A stop with hundreds in doubt ends within the calls in flight, and makes no further one.
func TestStopWithHundredsInDoubt(t *testing.T) {
	inTime(t, with(simulator.Fault{Operation: simulator.OpPay, Action: simulator.ActionDropBefore}),
		func(t *testing.T, b *bundle) {
			b.config.NoWait, b.config.MaxFailures = true, 0
			run, _ := b.run(dispatch.OneStep, many(300)...)
			require.Equal(t, billing.InDoubt, b.outcome(run, "R-0300").State)
			b.config.NoWait, b.rate = false, 5
			then := b.stopAfter(10 * time.Second)
			_, reason := b.run(dispatch.OneStep, many(300)...)
			require.Equal(t, dispatch.Interrupted, reason)
			at, calls := then()
			require.Equal(t, calls, b.calls())
			require.Zero(t, time.Since(at))
		})
}

// A stop that comes when the only thing left is the second try of an order in doubt leaves it in doubt.
func TestStopBeforeTheLastAttempt(t *testing.T) {
	inTime(t, with(once(simulator.OpPay, simulator.ActionDropBefore)), func(t *testing.T, b *bundle) {
		then := b.stopAfter(9 * time.Minute)
		run, reason := b.run(dispatch.OneStep, order("R-1"))
		require.Equal(t, dispatch.Interrupted, reason)
		_, calls := then()
		require.Equal(t, calls, b.calls())
		require.Equal(t, 1, b.count(simulator.OpPay))
		got := b.outcome(run, "R-1")
		require.Equal(t, billing.InDoubt, got.State)
		require.Equal(t, dintero.CodeBroken, got.Code, "as it was before")
	})
}

// A stop ends the wait for a token at once: no order hangs on it.
func TestStopEndsTheWaitForAToken(t *testing.T) {
	inTime(t, with(simulator.Fault{Operation: simulator.OpToken, Action: simulator.ActionHang, Delay: time.Minute}),
		func(t *testing.T, b *bundle) {
			begin := time.Now()
			b.stopAfter(3 * time.Second)
			run, reason := b.run(dispatch.OneStep, order("R-1"))
			require.Equal(t, 3*time.Second, time.Since(begin))
			require.Equal(t, dispatch.Interrupted, reason)
			require.Zero(t, b.count(simulator.OpPay))
			require.Equal(t, billing.Planned, b.outcome(run, "R-1").State)
		})
}
