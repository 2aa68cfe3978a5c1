package dispatch_test

import (
	"context"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/simulator"
)

// A second signal gives up requests in flight; what they became is found by the next run.
func TestSecondSignal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t, simulator.Options{Latency: 20 * time.Second})
		defer b.close()
		orders := many(4)
		run := b.plan(dispatch.OneStep, orders...)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(5*time.Second, cancel)
		cfg := b.config
		cfg.Run = run
		reason, err := dispatch.Run(ctx, b.journal, b.client(b.provider.Transport(), "secret"), cfg)
		require.NoError(t, err)
		require.Equal(t, dispatch.Interrupted, reason)
		for _, o := range orders {
			require.Equal(t, billing.InDoubt, b.outcome(run, o.Reference).State)
		}
		run = b.plan(dispatch.OneStep, orders...)
		_, err = b.send(run)
		require.NoError(t, err)
		for _, o := range orders {
			require.Equal(t, billing.Invoiced, b.outcome(run, o.Reference).State)
			require.Equal(t, 1, b.provider.Live(o.Reference))
		}
		require.Equal(t, 4, b.provider.Requests().Calls[simulator.OpPay])
	})
}

// A stop with hundreds in doubt ends within the calls in flight, and makes no further one.
func TestStopWithHundredsInDoubt(t *testing.T) {
	inTime(t, simulator.Options{Faults: []simulator.Fault{{Operation: simulator.OpPay, Action: simulator.ActionDropBefore}}}, func(t *testing.T, b *bundle) {
		b.config.NoWait, b.config.MaxFailures = true, 0
		run, _ := b.run(dispatch.OneStep, many(300)...)
		require.Equal(t, billing.InDoubt, b.outcome(run, "R-0300").State)
		b.config.NoWait, b.rate = false, 5
		again := b.plan(dispatch.OneStep, many(300)...)
		then := b.stopAfter(10 * time.Second)
		reason, err := b.send(again)
		require.NoError(t, err)
		require.Equal(t, dispatch.Interrupted, reason)
		at, calls := then()
		require.Equal(t, calls, b.calls())
		require.Zero(t, time.Since(at))
	})
}

// stopping is work that a stop interrupts while most of it waits for its turn.
type stopping struct {
	name    string
	options simulator.Options
	flow    string
	orders  []*billing.Order // of the run that works
	rate    float64
	wait    time.Duration // until the stop
	work    func(b *bundle, c *dintero.Client, cfg dispatch.Config) (dispatch.Reason, error)
	states  []billing.State // what orders may be in the end
}

func runIt(b *bundle, c *dintero.Client, cfg dispatch.Config) (dispatch.Reason, error) {
	return dispatch.Run(context.Background(), b.journal, c, cfg)
}

func stoppings() []stopping {
	sent := []billing.State{billing.Planned, billing.Invoiced}
	return []stopping{
		{name: "payments", orders: many(40), rate: 2, wait: 4300 * time.Millisecond, work: runIt, states: sent},
		{name: "payments under way", options: simulator.Options{Latency: 3 * time.Second}, orders: many(40), rate: 2, wait: 4300 * time.Millisecond, work: runIt, states: sent},
		{name: "sessions", flow: dispatch.TwoStep, orders: many(40), rate: 2, wait: 9300 * time.Millisecond, work: runIt, states: sent},
		{
			name: "payments after a 429", orders: many(40), rate: 5, wait: 20 * time.Second, work: runIt, states: sent,
			options: simulator.Options{Faults: []simulator.Fault{{Operation: simulator.OpPay, Skip: 3, Times: 1, Action: simulator.ActionThrottle, Header: map[string]string{"Retry-After": "60"}}}},
		},
		{
			name: "look-ups after refusals", orders: many(40), rate: 2, wait: 6300 * time.Millisecond, work: runIt,
			options: simulator.Options{Faults: []simulator.Fault{{Operation: simulator.OpPay, Action: simulator.ActionDuplicate}}},
			states:  []billing.State{billing.Planned, billing.InDoubt},
		},
		{name: "captures", orders: merchants(30), rate: 2, wait: 20 * time.Second, work: runIt, states: sent},
		{
			name: "refresh", orders: grouped(450), rate: 0.2, wait: 4 * time.Second, states: []billing.State{billing.Registered},
			work: func(b *bundle, c *dintero.Client, cfg dispatch.Config) (dispatch.Reason, error) {
				require.Equal(b.t, 450, b.sendFast(cfg.Run))
				_, reason, err := dispatch.Refresh(context.Background(), b.journal, c, cfg, true)
				return reason, err
			},
		},
		{
			name: "void", orders: many(30), rate: 2, wait: 5200 * time.Millisecond, states: []billing.State{billing.Invoiced, billing.Voided},
			work: func(b *bundle, c *dintero.Client, cfg dispatch.Config) (dispatch.Reason, error) {
				require.Equal(b.t, 30, b.sendFast(cfg.Run))
				orders, err := dispatch.Voidable(context.Background(), b.journal, cfg.Run, nil)
				require.NoError(b.t, err)
				results, reason, err := dispatch.Void(context.Background(), b.journal, c, cfg, orders)
				for _, v := range results {
					voided := b.outcome(cfg.Run, v.Reference).State == billing.Voided
					require.Equal(b.t, voided, v.Done)
					if !voided {
						require.Equal(b.t, "not attempted: interrupted by a signal", v.Message)
					}
				}
				return reason, err
			},
		},
		{
			name: "documents", options: simulator.Options{Files: simulator.FilesPDF}, orders: many(30), rate: 2, wait: 4300 * time.Millisecond, states: []billing.State{billing.Invoiced},
			work: func(b *bundle, c *dintero.Client, cfg dispatch.Config) (dispatch.Reason, error) {
				require.Equal(b.t, 30, b.sendFast(cfg.Run))
				fetched, err := dispatch.Documents(context.Background(), b.journal, c, cfg, func(_ string, write func(io.Writer) error) (bool, error) {
					return true, write(io.Discard)
				})
				require.NotZero(b.t, fetched.Saved)
				require.Less(b.t, fetched.Saved, 30)
				require.Zero(b.t, fetched.Missing, "one that was not asked for is not missing")
				return fetched.Reason, err
			},
		},
	}
}

// After a stop nothing leaves any more, also of what was waiting for its turn already. What had left is awaited, and an order
// whose payment had not left is planned again, never in doubt.
func TestNothingLeavesAfterAStop(t *testing.T) {
	t.Parallel()
	for _, tt := range stoppings() {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := setup(t, tt.options)
				defer b.close()
				if tt.flow == "" {
					tt.flow = dispatch.OneStep
				}
				run := b.plan(tt.flow, tt.orders...)
				b.rate = tt.rate
				then := b.stopAfter(tt.wait)
				cfg := b.config
				cfg.Run = run
				reason, err := tt.work(b, b.client(b.provider.Transport(), "secret"), cfg)
				require.NoError(t, err)
				require.Equal(t, dispatch.Interrupted, reason)
				at, calls := then()
				require.NotZero(t, calls, "the work had begun")
				require.Equal(t, calls, b.calls(), "something left after the stop")
				require.LessOrEqual(t, time.Since(at), tt.options.Latency, "only what had left was awaited")
				for _, o := range tt.orders {
					got := b.outcome(run, o.Reference)
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

// A stop ends the look-ups of orders in doubt too, which stay as they were; the next run settles them.
func TestStopEndsLookUps(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t, simulator.Options{Latency: 20 * time.Second})
		defer b.close()
		orders := many(100)
		run := b.plan(dispatch.OneStep, orders...)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		cfg := b.config
		cfg.Run, cfg.Concurrency = run, len(orders)
		_, err := dispatch.Run(ctx, b.journal, b.client(b.provider.Transport(), "secret"), cfg)
		require.NoError(t, err)
		before := b.outcome(run, "R-0001")
		require.Equal(t, billing.InDoubt, before.State)

		time.Sleep(time.Minute)
		again := b.plan(dispatch.OneStep, orders...)
		b.rate = 1
		then := b.stopAfter(10 * time.Second)
		reason, err := b.send(again)
		require.NoError(t, err)
		require.Equal(t, dispatch.Interrupted, reason)
		at, calls := then()
		require.Equal(t, calls, b.calls())
		require.LessOrEqual(t, time.Since(at), 20*time.Second)
		doubts := 0
		for _, o := range orders {
			if got := b.outcome(again, o.Reference); got.State == billing.InDoubt {
				doubts++
				require.Equal(t, before.Code, got.Code, "nobody looked it up")
			}
		}
		require.Greater(t, doubts, 80)

		b.config.Stop, b.rate = nil, 0
		last := b.plan(dispatch.OneStep, orders...)
		reason, err = b.send(last)
		require.NoError(t, err)
		require.Equal(t, dispatch.Finished, reason)
		for _, o := range orders {
			require.Equal(t, 1, b.provider.Live(o.Reference))
			require.Equal(t, billing.Invoiced, b.outcome(last, o.Reference).State)
		}
	})
}

// A stop that comes when the only thing left is the second try of an order in doubt leaves it in doubt.
func TestStopBeforeTheLastAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t, simulator.Options{Faults: []simulator.Fault{{Operation: simulator.OpPay, Action: simulator.ActionDropBefore, Times: 1}}})
		defer b.close()
		run := b.plan(dispatch.OneStep, order("R-1"))
		then := b.stopAfter(9 * time.Minute)
		reason, err := b.send(run)
		require.NoError(t, err)
		require.Equal(t, dispatch.Interrupted, reason)
		_, calls := then()
		require.Equal(t, calls, b.calls())
		require.Equal(t, 1, b.provider.Requests().Calls[simulator.OpPay])
		got := b.outcome(run, "R-1")
		require.Equal(t, billing.InDoubt, got.State)
		require.Equal(t, dintero.CodeBroken, got.Code, "as it was before")
	})
}

// A stop ends the wait for a token at once: no order hangs on it.
func TestStopEndsTheWaitForAToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t, simulator.Options{Faults: []simulator.Fault{{Operation: simulator.OpToken, Action: simulator.ActionHang, Delay: time.Minute}}})
		defer b.close()
		run := b.plan(dispatch.OneStep, order("R-1"))
		begin := time.Now()
		b.stopAfter(3 * time.Second)
		reason, err := b.send(run)
		require.NoError(t, err)
		require.Equal(t, 3*time.Second, time.Since(begin))
		require.Equal(t, dispatch.Interrupted, reason)
		require.Zero(t, b.provider.Requests().Calls[simulator.OpPay])
		require.Equal(t, billing.Planned, b.outcome(run, "R-1").State)
	})
}
