package dispatch_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/simulator"
)

// Of a paid, an unpaid and an already void invoice only the unpaid one is cancelled, also when the first call's answer is lost.
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
		once(simulator.OpPay, simulator.ActionDropBefore), simulator.Fault{Operation: simulator.OpTransactions, Action: simulator.ActionStatus},
	), func(t *testing.T, b *bundle) {
		run, _ := b.run(dispatch.OneStep, order("R-1"))
		require.Equal(t, billing.InDoubt, b.outcome(run, "R-1").State)
		before := b.calls()
		results, reason := b.void(run, "R-1")
		require.Equal(t, dispatch.Finished, reason)
		require.Equal(t, []dispatch.Voided{{Reference: "R-1", Message: "left alone: it is in doubt; refresh the run first, and look at the report"}}, results)
		require.Equal(t, before, b.calls())
	})
}
