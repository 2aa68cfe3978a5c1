package dispatch_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/simulator"
)

// A refusal of which the reference exists, though the list shows it only later, or the first look-up fails:
// the words of the refusal decide nothing, and a look-up that failed does not count among the two that it
// needs.
func TestRefusedThoughItLives(t *testing.T) {
	for name, tt := range map[string]struct {
		words  string
		lag    time.Duration
		faults []simulator.Fault
	}{
		"a known word": {"already exists", 8 * time.Second, nil}, "another": {"is taken", 8 * time.Second, nil},
		"none": {"Bad Request", 8 * time.Second, nil},
		"a look-up fails": {
			"already exists", 15 * time.Second,
			[]simulator.Fault{refuses(simulator.OpTransactions, 500)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			inTime(t, simulator.Options{IndexDelay: tt.lag}, func(t *testing.T, b *bundle) {
				b.run(dispatch.OneStep, order("R-1"))
				b.faults(
					append(tt.faults,
						simulator.Fault{
							Operation: simulator.OpPay, Action: simulator.ActionDuplicate,
							Body: tt.words,
						})...)
				got := b.lost(0).sends(dispatch.OneStep, order("R-1"))
				require.Equal(t, billing.Invoiced, got.State, got.Message)
				require.Equal(t, billing.CodeAdopted, got.Code)
			})
		})
	}
}

// In two steps a refusal of the session's payment is not believed while look-ups fail either.
func TestRefusedSessionThoughItLives(t *testing.T) {
	inTime(t, with(
		simulator.Fault{
			Operation: simulator.OpSessionPay, Action: simulator.ActionStatusAfterCommit, Status: 400,
			Times: 1,
		},
		// after the payment
		simulator.Fault{Operation: simulator.OpTransactions, Action: simulator.ActionStatus, Skip: 1, Times: 2},
	), func(t *testing.T, b *bundle) {
		require.Equal(t, billing.Invoiced, b.sends(dispatch.TwoStep, order("R-1")).State)
		require.Equal(t, 4, b.count(simulator.OpTransactions), "before the payment, two that fail, one that shows it")
	})
}

// A refusal of a repeated request is not believed, by the next run neither: the first request may be in flight still.
func TestRefusedRepetition(t *testing.T) {
	for flow, options := range map[string]simulator.Options{
		// the guard refuses
		dispatch.OneStep: {
			IndexDelay: 100 * time.Second,
			Faults:     []simulator.Fault{hangs(simulator.OpPay, 640*time.Second)},
		},
		dispatch.TwoStep: with(hangs(simulator.OpSessionPay, 400*time.Second), refuses(simulator.OpSessionPay, 400)),
	} {
		t.Run(flow, func(t *testing.T) {
			inTime(t, options, func(t *testing.T, b *bundle) {
				require.Equal(t, billing.InDoubt, b.sends(flow, order("R-1")).State)
				require.Equal(t, billing.InDoubt, b.sendsAtOnce(flow, order("R-1")).State,
					"believed at once, though the first request is in flight")
				b.sends(flow, order("R-1", amount(19900)))
				time.Sleep(10 * time.Minute)
				require.Equal(t, 1, b.provider.Live("R-1"), "two live invoices")
			})
		})
	}
}

// With the strict guard a failed attempt burns its reference; with strict-success it does not.
func TestGuardsAfterAFailure(t *testing.T) {
	for guard, want := range map[dintero.Guard]billing.State{
		dintero.StrictSuccess: billing.Invoiced,
		dintero.Strict:        billing.Rejected,
	} {
		t.Run(guard.String(), func(t *testing.T) {
			inTime(t, with(once(simulator.OpPay, simulator.ActionFailed)), func(t *testing.T, b *bundle) {
				b.config.Guard = guard
				require.Equal(t, billing.Rejected, b.sends(dispatch.OneStep, order("R-1")).State)
				require.Equal(t, want, b.sends(dispatch.OneStep, order("R-1")).State)
			})
		})
	}
}

// In one step an open session that is not of the order's request is in nobody's way: a refusal of the data
// stays a refusal.
func TestRefusedBesideAnOpenSession(t *testing.T) {
	for name, tt := range map[string]struct {
		open func(b *bundle)
		wait time.Duration
	}{
		"a shop's":               {func(b *bundle) { b.shopOpens("R-1") }, time.Minute},
		"of a lost journal, old": {func(b *bundle) { b.opens(order("R-1")) }, time.Hour},
		"of two steps":           {func(b *bundle) { b.sends(dispatch.TwoStep, order("R-1")) }, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			inTime(t, with(refuses(simulator.OpSessionPay, 400), refuses(simulator.OpPay, 400)),
				func(t *testing.T, b *bundle) {
					tt.open(b)
					time.Sleep(tt.wait)
					require.Equal(t, billing.Rejected, b.sends(dispatch.OneStep, order("R-1", amount(10100))).State)
					require.Equal(t, billing.Invoiced, b.sends(dispatch.OneStep, order("R-1", amount(10200))).State)
				})
		})
	}
}

// The two look-ups that a refusal needs are 10 seconds apart, also when a run or refresh begins between them.
func TestRefusalIsNotBelievedTooSoon(t *testing.T) {
	inTime(t, simulator.Options{IndexDelay: 8 * time.Second}, func(t *testing.T, b *bundle) {
		b.sends(dispatch.OneStep, order("R-1"))
		l := b.lost(0)
		require.Equal(t, billing.InDoubt, l.sendsAtOnce(dispatch.OneStep, order("R-1")).State)
		got := l.sendsAtOnce(dispatch.OneStep, order("R-1"))
		require.NotEqual(t, billing.Rejected, got.State, "%s (%s), though it is invoiced, and no 10 s passed",
			got.Message, got.Hint)
	})
}
