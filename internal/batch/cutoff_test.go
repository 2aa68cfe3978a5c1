package batch_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/batch"
	"kraviabatch/internal/billing"
	"kraviabatch/internal/report"
	"kraviabatch/internal/simulator"
)

// requireByRun asks how much a run's report says that the run itself invoiced, in minor units of its one currency.
func requireByRun(t *testing.T, s *report.Summary, orders int, gross int64) {
	t.Helper()
	require.True(t, s.Balanced)
	require.Len(t, s.Invoicing, 1)
	require.Equal(t, orders, s.Invoicing[0].ByThisRun().Orders)
	require.Equal(t, gross, s.Invoicing[0].ByThisRun().Gross.Minor())
}

// Posting the reports of all runs posts each invoice once, whichever run read its line first and whenever the reports are made.
func TestEachInvoiceIsOfOneRun(t *testing.T) {
	t.Parallel()
	b := setup(t, simulator.Options{Faults: []simulator.Fault{{Operation: simulator.OpPay, Reference: "B", Action: simulator.ActionDropBefore, Times: 1}}})
	input := b.month(t, "november.csv", bill{"A", "1", "Alfa AS", "100.00", "NOK"}, bill{"B", "2", "Beta AS", "200.00", "NOK"})
	run := func(noWait bool) *batch.Result {
		s := b.settings(0, input)
		if s.Dispatch.NoWait = noWait; noWait {
			s.Dispatch.ResendAfter = time.Hour // not in this run, however slow it is
		}
		result, err := batch.Run(t.Context(), s)
		require.NoError(t, err)
		return result
	}
	first := run(true)
	require.Equal(t, 1, first.Summary.Orders.Of(billing.FinalInDoubt))
	requireByRun(t, first.Summary, 1, 10000)

	second := run(false)
	requireByRun(t, second.Summary, 1, 20000)
	require.Equal(t, 1, second.Summary.Orders.Of(billing.FinalAlreadyInvoiced))

	again := b.rewritten(t, first.Run)
	requireByRun(t, again, 1, 10000)
	require.Equal(t, 1, again.Orders.Of(billing.FinalAlreadyInvoiced), "the other run sent it")
	third := run(true)
	requireByRun(t, third.Summary, 0, 0)
	require.Equal(t, 2, third.Summary.Orders.Of(billing.FinalAlreadyInvoiced))
}
