package dispatch_test

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/simulator"
)

// Of a paid, an unpaid and an already void invoice only the unpaid one is cancelled, also when the first call's answer is lost.
func TestVoid(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t, simulator.Options{
			Model:  simulator.ModelAuthorized,
			Faults: []simulator.Fault{{Operation: simulator.OpVoid, Action: simulator.ActionDropAfter, Times: 1}},
		})
		defer b.close()
		run := b.plan(dispatch.OneStep, order("paid"), order("unpaid"), order("void"))
		_, err := b.send(run)
		require.NoError(t, err)
		require.NoError(t, b.provider.MarkPaid("paid", 29900))
		c := b.client(b.provider.Transport(), "secret")
		cfg := b.config
		cfg.Run = run
		void := func(references ...string) []dispatch.Voided {
			orders, err := dispatch.Voidable(t.Context(), b.journal, run, references)
			require.NoError(t, err)
			results, _, err := dispatch.Void(t.Context(), b.journal, c, cfg, orders)
			require.NoError(t, err)
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
		_, err = dispatch.Voidable(t.Context(), b.journal, run, []string{"nobody"})
		require.ErrorContains(t, err, "nobody")

		again := b.plan(dispatch.OneStep, order("unpaid"))
		_, err = b.send(again)
		require.NoError(t, err)
		require.Zero(t, b.provider.Live("unpaid"), "a cancelled order is not invoiced anew under its reference")
	})
}

// An order that was named but cannot be cancelled, since nobody knows what became of it, is left alone and said so.
func TestVoidLeavesWhatIsUnclear(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t, simulator.Options{Faults: []simulator.Fault{
			{Operation: simulator.OpPay, Action: simulator.ActionDropBefore, Times: 1},
			{Operation: simulator.OpTransactions, Action: simulator.ActionStatus, Status: 500},
		}})
		defer b.close()
		run := b.plan(dispatch.OneStep, order("R-1"))
		_, err := b.send(run)
		require.NoError(t, err)
		require.Equal(t, billing.InDoubt, b.outcome(run, "R-1").State)
		orders, err := dispatch.Voidable(t.Context(), b.journal, run, []string{"R-1"})
		require.NoError(t, err)
		require.Len(t, orders, 1)
		before := b.calls()
		cfg := b.config
		cfg.Run = run
		results, reason, err := dispatch.Void(t.Context(), b.journal, b.client(b.provider.Transport(), "secret"), cfg, orders)
		require.NoError(t, err)
		require.Equal(t, dispatch.Finished, reason)
		require.Equal(t, []dispatch.Voided{{Reference: "R-1", Message: "left alone: it is in doubt; refresh the run first, and look at the report"}}, results)
		require.Equal(t, before, b.calls())
	})
}
