package dispatch_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/simulator"
)

// faults draws a schedule of faults that a provider and a network can show. Slow commits stay within what the
// look-up schedule waits for: beyond it no client without an idempotency key can be sure.
func faults(t *rapid.T) []simulator.Fault {
	paying := []simulator.Action{
		simulator.ActionStatus, simulator.ActionStatusAfterCommit, simulator.ActionDropBefore, simulator.ActionDropAfter,
		simulator.ActionDelay, simulator.ActionHang, simulator.ActionSlowCommit, simulator.ActionFailed, simulator.ActionUnknownStatus,
		simulator.ActionOnHold, simulator.ActionMissingFields, simulator.ActionExtraFields, simulator.ActionHTML, simulator.ActionTruncated,
		simulator.ActionWrongAmount, simulator.ActionNoNumber, simulator.ActionLateIndex, simulator.ActionUnauthorized,
		simulator.ActionThrottle, simulator.ActionDuplicate,
	}
	reading := []simulator.Action{
		simulator.ActionStatus, simulator.ActionDropBefore, simulator.ActionDelay, simulator.ActionHTML, simulator.ActionTruncated,
		simulator.ActionUnauthorized, simulator.ActionThrottle,
	}
	fault := rapid.Custom(func(t *rapid.T) simulator.Fault {
		f := simulator.Fault{
			Operation: rapid.SampledFrom([]simulator.Operation{simulator.OpPay, simulator.OpPay, simulator.OpPay, simulator.OpTransactions, simulator.OpSessions}).Draw(t, "operation"),
			Skip:      rapid.IntRange(0, 6).Draw(t, "skip"),
			Times:     rapid.IntRange(1, 4).Draw(t, "times"),
			Delay:     time.Duration(rapid.IntRange(1, 60).Draw(t, "seconds")) * time.Second,
			Status:    rapid.SampledFrom([]int{500, 502, 503, 504}).Draw(t, "status"),
		}
		if f.Operation == simulator.OpPay {
			f.Action = rapid.SampledFrom(paying).Draw(t, "action")
		} else {
			f.Action = rapid.SampledFrom(reading).Draw(t, "action")
		}
		return f
	})
	return rapid.SliceOfN(fault, 0, 6).Draw(t, "faults")
}

// Whatever faults a run meets, one clean run later every order has exactly one live invoice, and the journal says of
// each what the provider's ledger says.
func TestAnyFaultsThenOneCleanRun(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		script := faults(rt)
		indexDelay := time.Duration(rapid.IntRange(0, 15).Draw(rt, "index seconds")) * time.Second
		interrupt := time.Duration(rapid.IntRange(0, 90).Draw(rt, "interrupt after")) * time.Second
		synctest.Test(t, func(t *testing.T) {
			b := setup(t, simulator.Options{Faults: script, IndexDelay: indexDelay})
			defer b.close()
			b.rate, b.config.Concurrency, b.timeout = 5, 3, 45*time.Second
			orders := many(6)
			run := b.plan(dispatch.OneStep, orders...)
			if interrupt > 0 {
				stop := make(chan struct{})
				b.config.Stop = stop
				timer := time.AfterFunc(interrupt, func() { close(stop) })
				defer timer.Stop()
			}
			if _, err := b.send(run); err != nil {
				require.ErrorIs(t, err, dintero.ErrCredentials, "a second 401 stops a run")
			}
			for _, o := range orders {
				require.LessOrEqual(t, b.provider.Live(o.Reference), 1, "%s after the faults", o.Reference)
			}
			b.config.Stop = nil
			require.NoError(t, b.provider.SetFaults(nil))
			time.Sleep(2 * time.Minute) // what hangs at the provider comes to its end
			run = b.plan(dispatch.OneStep, orders...)
			_, err := b.send(run)
			require.NoError(t, err)
			numbers := map[string]string{}
			for _, invoice := range b.provider.Invoices() {
				if invoice.Live {
					numbers[invoice.Reference] = invoice.Number
				}
			}
			for _, o := range orders {
				require.Equal(t, 1, b.provider.Live(o.Reference), o.Reference)
				got := b.outcome(run, o.Reference)
				require.Contains(t, []billing.State{billing.Invoiced, billing.Registered}, got.State, "%s: %s %s", o.Reference, got.Code, got.Message)
				if got.State == billing.Invoiced {
					require.Equal(t, numbers[o.Reference], got.InvoiceNumber)
				}
			}
		})
	})
}
