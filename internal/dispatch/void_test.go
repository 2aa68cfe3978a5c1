package dispatch_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/simulator"
)

// Of a paid, an unpaid and an already void invoice only the unpaid one is cancelled, also when the first
// call's answer is lost.
func TestVoid(t *testing.T) {
	inTime(t, simulator.Options{
		Model: simulator.ModelAuthorized, Faults: []simulator.Fault{once(simulator.OpVoid, simulator.ActionDropAfter)},
	}, func(t *testing.T, b *bundle) {
		run, _ := b.run(dispatch.OneStep, order("paid"), order("unpaid"), order("void"))
		require.NoError(t, b.provider.MarkPaid("paid", 29900))
		void := func(references ...string) []dispatch.Voided {
			results, _ := b.void(run, references...)
			return results
		}
		require.Equal(t, []dispatch.Voided{{Reference: "void", Done: true}}, void("void"))
		require.Equal(t, billing.Voided, b.outcome(run, "void").State)
		results := void()
		require.Len(t, results, 2)
		require.False(t, results[0].Done)
		require.Contains(t, results[0].Message, "paid")
		require.True(t, results[1].Done)
		require.Equal(t, 1, b.provider.Live("paid"))
		require.Zero(t, b.provider.Live("unpaid"))
		require.Empty(t, void("unpaid"))
		_, err := dispatch.Voidable(t.Context(), b.journal, run, []string{"nobody"})
		require.ErrorContains(t, err, "nobody")

		b.run(dispatch.OneStep, order("unpaid"))
		require.Zero(t, b.provider.Live("unpaid"), "a cancelled order is not invoiced anew under its reference")
	})
}

// An order that was named but cannot be cancelled, since nobody knows what became of it, is left alone and said so.
func TestVoidLeavesWhatIsUnclear(t *testing.T) {
	inTime(t, with(
		once(simulator.OpPay, simulator.ActionDropBefore),
		simulator.Fault{Operation: simulator.OpTransactions, Action: simulator.ActionStatus},
	), func(t *testing.T, b *bundle) {
		run, _ := b.run(dispatch.OneStep, order("R-1"))
		require.Equal(t, billing.InDoubt, b.outcome(run, "R-1").State)
		before := b.calls()
		results, reason := b.void(run, "R-1")
		require.Equal(t, dispatch.Finished, reason)
		require.Equal(t,
			[]dispatch.Voided{
				{
					Reference: "R-1",
					Message:   "left alone: it is in doubt; refresh the run first, and look at the report",
				},
			}, results)
		require.Equal(t, before, b.calls())
	})
}

// A cancellation that was asked for and of which it is not known whether it was done: the order is not
// "already invoiced" in the next run.
func TestVoidUnknown(t *testing.T) {
	inTime(t, simulator.Options{}, func(t *testing.T, b *bundle) {
		run, _ := b.run(dispatch.OneStep, order("R-1"))
		b.faults(once(simulator.OpVoid, simulator.ActionDropAfter),
			simulator.Fault{Operation: simulator.OpTransaction, Action: simulator.ActionStatus, Skip: 1, Times: 5})
		results, _ := b.void(run, "R-1")
		require.Contains(t, results[0].Message, "not known whether it was done")
		b.faults()
		time.Sleep(time.Hour)
		_, _, err := b.refresh(run, false)
		require.NoError(t, err)
		again, _ := b.run(dispatch.OneStep, order("R-1"))
		require.Empty(t, b.live("R-1"))
		require.Equal(t, billing.Voided, b.outcome(again, "R-1").State, "reported as already invoiced")
	})
}

// A connection that breaks before the provider cancels leaves the invoice, and no status of HTTP is named.
func TestVoidCut(t *testing.T) {
	inTime(t, simulator.Options{}, func(t *testing.T, b *bundle) {
		run, _ := b.run(dispatch.OneStep, order("R-1"))
		b.faults(once(simulator.OpVoid, simulator.ActionDropBefore))
		results, _ := b.void(run, "R-1")
		require.False(t, results[0].Done)
		require.Contains(t, results[0].Message, "not known whether it was done: network.")
		require.NotContains(t, results[0].Message, "HTTP")
		require.Equal(t, 1, b.provider.Live("R-1"))
	})
}

// Killed in the middle of a cancellation.
func TestVoidKilled(t *testing.T) {
	inTime(t, with(hangs(simulator.OpVoid, 2*time.Second)), func(t *testing.T, b *bundle) {
		run, _ := b.run(dispatch.OneStep, order("R-1"))
		orders, err := dispatch.Voidable(t.Context(), b.journal, run, nil)
		require.NoError(t, err)
		time.AfterFunc(time.Second, func() { _ = b.journal.Close() })
		_, _, _ = dispatch.Void(t.Context(), b.journal, b.client(), b.configOf(run), orders)
		b.reopen()
		again, _ := b.run(dispatch.OneStep, order("R-1"))
		require.Empty(t, b.live("R-1"))
		require.Equal(t, billing.Voided, b.outcome(again, "R-1").State, "reported as already invoiced")
	})
}

// A cancellation that was accepted and is done later is not said to have been refused.
func TestVoidAccepted(t *testing.T) {
	inTime(t, simulator.Options{}, func(t *testing.T, b *bundle) {
		run, _ := b.run(dispatch.OneStep, order("R-1"))
		transport, later, id := b.transport, b.client(), b.stored().TransactionID
		b.transport = roundTripper(func(r *http.Request) (*http.Response, error) {
			if !strings.HasSuffix(r.URL.Path, "/void") {
				return transport.RoundTrip(r)
			}
			time.AfterFunc(5*time.Second, func() { later.Void(t.Context(), id) })
			_ = r.Body.Close()
			return &http.Response{StatusCode: 202, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
		})
		results, _ := b.void(run, "R-1")
		assert.NotContains(t, results[0].Message, "did not cancel it")
		t.Log(results[0].Message)
		b.transport = transport
		time.Sleep(time.Hour)
		again, _ := b.run(dispatch.OneStep, order("R-1"))
		require.Empty(t, b.live("R-1"))
		require.Equal(t, billing.Voided, b.outcome(again, "R-1").State, "reported as already invoiced")
	})
}

type roundTripper func(r *http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
