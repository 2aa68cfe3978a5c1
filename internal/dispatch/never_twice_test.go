package dispatch_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/simulator"
)

// faults draws a schedule of faults that a provider and a network can show. A commit may come any time before
// a request is repeated: beyond that no client without an idempotency key can be sure.
func faults(t *rapid.T) []simulator.Fault {
	paying := []simulator.Action{
		simulator.ActionStatus, simulator.ActionStatusAfterCommit, simulator.ActionDropBefore,
		simulator.ActionDropAfter,
		simulator.ActionDelay, simulator.ActionHang, simulator.ActionSlowCommit, simulator.ActionFailed,
		simulator.ActionUnknownStatus,
		simulator.ActionOnHold, simulator.ActionMissingFields, simulator.ActionExtraFields, simulator.ActionHTML,
		simulator.ActionTruncated,
		simulator.ActionWrongAmount, simulator.ActionNoNumber, simulator.ActionLateIndex, simulator.ActionUnauthorized,
		simulator.ActionThrottle, simulator.ActionDuplicate,
	}
	other := []simulator.Action{
		simulator.ActionStatus, simulator.ActionStatusAfterCommit, simulator.ActionDropBefore,
		simulator.ActionDropAfter, simulator.ActionDelay,
		simulator.ActionHTML, simulator.ActionTruncated, simulator.ActionUnauthorized, simulator.ActionThrottle,
	}
	fault := rapid.Custom(func(t *rapid.T) simulator.Fault {
		f := simulator.Fault{
			Operation: rapid.SampledFrom([]simulator.Operation{
				simulator.OpPay, simulator.OpPay, simulator.OpPay, simulator.OpSessionPay, simulator.OpSessionPay,
				simulator.OpCreate,
				simulator.OpTransactions, simulator.OpSessions, simulator.OpTransaction, simulator.OpSession,
				simulator.OpCapture, simulator.OpCancel,
			}).Draw(t, "operation"),
			Skip:  rapid.IntRange(0, 6).Draw(t, "skip"),
			Times: rapid.IntRange(1, 4).Draw(t, "times"),
			Delay: time.Duration(
				rapid.SampledFrom([]int{1, 5, 20, 50, 80, 200, 540}).Draw(t, "seconds")) * time.Second,
			Status: rapid.SampledFrom([]int{500, 502, 503, 504}).Draw(t, "status"),
		}
		switch f.Operation { //nolint:exhaustive // the others read
		case simulator.OpPay, simulator.OpSessionPay:
			f.Action = rapid.SampledFrom(paying).Draw(t, "action")
		default:
			f.Action = rapid.SampledFrom(other).Draw(t, "action")
			f.Delay = min(f.Delay, 50*time.Second)
		}
		return f
	})
	return rapid.SliceOfN(fault, 0, 6).Draw(t, "faults")
}

// history is what happens to one export, run after run.
type history struct {
	faults   []simulator.Fault
	index    time.Duration // lag of the provider's lists
	flow     string
	merchant bool
	strange  bool // another program has tried the first order's reference, and left a session open
	rounds   []round
}

func histories(t *rapid.T) history {
	return history{
		faults: faults(t),
		index:  time.Duration(rapid.IntRange(0, 15).Draw(t, "index seconds")) * time.Second,
		flow:   rapid.SampledFrom([]string{dispatch.OneStep, dispatch.OneStep, dispatch.TwoStep}).Draw(t, "flow"),

		merchant: rapid.Bool().Draw(t, "merchant"),
		strange:  rapid.Bool().Draw(t, "strange"),
		rounds: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) round {
			return round{
				stopped: time.Duration(rapid.IntRange(0, 90).Draw(t, "stopped after")) * time.Second,
				killed:  rapid.Bool().Draw(t, "killed"),
				pause:   time.Duration(rapid.SampledFrom([]int{0, 0, 1, 30, 120, 700}).Draw(t, "pause")) * time.Second,
				correct: rapid.SampledFrom([]int{0, 0, 0, 1, 3}).Draw(t, "corrected"),
			}
		}), 1, 4).Draw(t, "rounds"),
	}
}

const exported = 6

// export is the orders of the history as the file has them after so many corrections.
func (h *history) export(corrections int) []*billing.Order {
	orders := many(exported)
	for i, o := range orders {
		if h.merchant {
			o.Channel = billing.ChannelMerchant
		}
		if i < corrections {
			o.Gross, o.Lines[0].Gross = nok(29900+100*int64(corrections)), nok(29900+100*int64(corrections))
		}
	}
	return orders
}

// Whatever faults, kills, restarts and corrections a month meets, no order has two live invoices at any time,
// no row is lost, and a few clean runs later the journal says of each order what the provider's ledger says.
func TestAnyFaultsThenCleanRuns(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		h := histories(rt)
		synctest.Test(t, func(t *testing.T) { h.live(t) })
	})
}

func (h *history) live(t *testing.T) {
	b := setup(t, simulator.Options{IndexDelay: h.index, SessionLife: 5 * time.Minute})
	if h.strange {
		b.fails(order("R-0001", amount(100)))
		b.shopOpens("R-0001")
		time.Sleep(time.Minute)
	}
	b.faults(h.faults...)
	b.rate, b.config.Concurrency, b.timeout = 5, 3, 45*time.Second
	corrections := 0
	for _, r := range h.rounds {
		corrections = max(corrections, r.correct)
		b.round(h.flow, r, h.export(corrections))
		b.atMostOne(t)
		time.Sleep(r.pause)
	}
	b.faults()
	var run string
	for range 4 { // what was refused or declined is sent by the next run
		b.atMostOne(t)
		run = b.round(h.flow, round{}, h.export(corrections))
		time.Sleep(11 * time.Minute)
	}
	ledger := map[string]simulator.Invoice{}
	for _, invoice := range b.provider.Invoices() {
		if invoice.Live {
			require.NotContains(t, ledger, invoice.Reference, "two live invoices")
			ledger[invoice.Reference] = invoice
		}
	}
	for _, o := range h.export(corrections) {
		ro := b.orderOf(run, o.Reference)
		got := ro.Order.Outcome
		// a request may have arrived with what the row no longer says
		if ro.Decision == billing.Mismatched && got.State == billing.InDoubt {
			require.NotContains(t, ledger, o.Reference)
			continue
		}
		require.Contains(t, []billing.State{billing.Invoiced, billing.Registered}, got.State, "%s: %s %s",
			o.Reference, got.Code, got.Message)
		require.Equal(t, ledger[o.Reference].TransactionID, got.TransactionID)
		require.Equal(t, ro.Order.Gross.Minor(), ledger[o.Reference].Amount, "the journal knows what was invoiced")
		require.Equal(t, ro.Order.Hash == o.Hash(), ro.Decision != billing.Mismatched,
			"another content is a conflict, the same is none")
		require.NotEqual(t, billing.CodeDeliver, got.Code, "collection has started")
		if got.State == billing.Invoiced {
			require.Equal(t, ledger[o.Reference].Number, got.InvoiceNumber)
		}
	}
}

func (b *bundle) atMostOne(t *testing.T) {
	for _, o := range many(exported) {
		require.LessOrEqual(t, b.provider.Live(o.Reference), 1, "%s has two live invoices", o.Reference)
	}
}

// The same order over and over: a quick look at what the property covers, with its figures in the log.
func TestHistoryWithoutFaults(t *testing.T) {
	t.Parallel()
	for _, flow := range []string{dispatch.OneStep, dispatch.TwoStep} {
		t.Run(fmt.Sprint(flow), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := history{
					flow: flow, merchant: true,
					rounds: []round{{stopped: time.Second, killed: true}, {stopped: time.Second}, {correct: 3}},
				}
				h.live(t)
			})
		})
	}
}
