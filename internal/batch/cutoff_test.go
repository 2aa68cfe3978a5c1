package batch_test

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/batch"
	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/journal"
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

// Posting the reports of all runs posts each invoice once, whichever run read its line first and whenever the
// reports are made.
func TestEachInvoiceIsOfOneRun(t *testing.T) {
	t.Parallel()
	b := setup(t,
		simulator.Options{
			Faults: []simulator.Fault{
				{Operation: simulator.OpPay, Reference: "B", Action: simulator.ActionDropBefore, Times: 1},
			},
		})
	input := b.month(t, "november.csv", bill{"A", "1", "Alfa AS", "100.00", "NOK"},
		bill{"B", "2", "Beta AS", "200.00", "NOK"})
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

// connected is a client of the provider, with what a refresh or a cancellation of a run needs.
func (b *bench) connected(t *testing.T, run string) (*dintero.Client, dispatch.Config, journal.Run) {
	t.Helper()
	client, err := b.settings(0).Connect()
	require.NoError(t, err)
	found, err := b.journal.FindRun(t.Context(), run)
	require.NoError(t, err)
	return client,
		dispatch.Config{Account: found.Account, Run: run, Concurrency: 1, Logger: slog.New(slog.DiscardHandler)}, found
}

// A report names the runs whose reports have to be made anew: numbers and cancellations that come while it is
// made are posted from those alone.
func TestReportNamesTheRunsThatPost(t *testing.T) {
	t.Parallel()
	b := setup(t, simulator.Options{})
	input := b.month(t, "november.csv", bill{"A", "1", "Alfa AS", "100.00", "NOK"},
		bill{"B", "2", "Beta AS", "200.00", "NOK"})
	text, err := os.ReadFile(input)
	require.NoError(t, err)
	grouped := strings.NewReplacer(",currency\n", ",currency,product\n", ",NOK\n",
		",NOK,b2b_grouped\n").Replace(string(text))
	require.NoError(t, os.WriteFile(input, []byte(grouped), 0o600))
	var runs []string
	for range 2 {
		result, err := batch.Run(t.Context(), b.settings(0, input))
		require.NoError(t, err)
		require.Equal(t, 2, result.Summary.Orders.Of(billing.FinalRegistered))
		runs = append(runs, result.Run)
	}
	theirs := []report.OtherRun{{Run: runs[0], Orders: 2}}
	require.Equal(t, theirs, b.rewritten(t, runs[1]).ByOthers)
	_, err = b.provider.Issue(time.Now())
	require.NoError(t, err)
	client, cfg, run := b.connected(t, runs[1])
	w := batch.Refresh(t.Context(), b.journal, client, cfg, run, false)
	require.NoError(t, w.Failure)
	require.Empty(t, w.Notices)
	second := b.rewritten(t, runs[1])
	require.Equal(t, 2, second.Orders.Of(billing.FinalAlreadyInvoiced))
	require.Equal(t, theirs, second.ByOthers)
	first := b.rewritten(t, runs[0])
	requireByRun(t, first, 2, 30000)
	require.Empty(t, first.ByOthers)

	orders, err := dispatch.Voidable(t.Context(), b.journal, runs[1], []string{"A"})
	require.NoError(t, err)
	_, _, err = dispatch.Void(t.Context(), b.journal, client, cfg, orders)
	require.NoError(t, err)
	second = b.rewritten(t, runs[1])
	require.Equal(t, 1, second.Orders.Of(billing.FinalVoided))
	require.Equal(t, theirs, second.ByOthers, "the correction is to be posted, too")
	require.Empty(t, b.rewritten(t, runs[0]).ByOthers)
}

// An invoice that was found at the provider is no run's, so that no report is named for it.
func TestAdoptedInvoiceIsOfNoRun(t *testing.T) {
	t.Parallel()
	b := setup(t, simulator.Options{})
	input := b.month(t, "november.csv", bill{"A", "1", "Alfa AS", "100.00", "NOK"})
	_, err := batch.Run(t.Context(), b.settings(0, input))
	require.NoError(t, err)
	lost := b.journal
	defer func() { require.NoError(t, lost.Close()) }()
	b.journal, err = journal.Open(t.Context(), filepath.Join(t.TempDir(), "journal.db"))
	require.NoError(t, err)
	for range 2 {
		result, err := batch.Run(t.Context(), b.settings(0, input))
		require.NoError(t, err)
		require.Equal(t, 1, result.Summary.Orders.Of(billing.FinalAlreadyInvoiced))
		require.Empty(t, result.Summary.ByOthers)
	}
}

// Who settles another run's order says so, for that run's last report does not know it.
func TestSettlingAnotherRunsOrderIsTold(t *testing.T) {
	t.Parallel()
	const orders = 12
	var faults []simulator.Fault
	var bills []bill
	for i := range orders {
		reference := fmt.Sprintf("A-%02d", i)
		bills = append(bills, bill{reference, "1", "Alfa AS", "100.00", "NOK"})
		faults = append(faults,
			simulator.Fault{
				Operation: simulator.OpPay, Reference: reference, Action: simulator.ActionDropAfter,
				Times: 1,
			},
			simulator.Fault{
				Operation: simulator.OpTransactions, Reference: reference,
				Action: simulator.ActionStatus, Status: 503,
			})
	}
	work := map[string]func(t *testing.T, b *bench, before string) []string{
		"run": func(t *testing.T, b *bench, _ string) []string {
			t.Helper()
			result, err := batch.Run(t.Context(),
				b.settings(0, b.month(t, "december.csv", bill{"C", "2", "Beta AS", "200.00", "NOK"})))
			require.NoError(t, err)
			return result.Notices
		},
		"refresh": func(t *testing.T, b *bench, before string) []string {
			t.Helper()
			client, cfg, run := b.connected(t, before)
			w := batch.Refresh(t.Context(), b.journal, client, cfg, run, false)
			require.NoError(t, w.Failure)
			return w.Notices
		},
	}
	for name, work := range work {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, simulator.Options{Faults: faults})
			before, err := batch.Run(t.Context(),
				b.settings(0, b.month(t, "october.csv", bill{"B", "2", "Beta AS", "200.00", "NOK"})))
			require.NoError(t, err)
			s := b.settings(0, b.month(t, "november.csv", bills...))
			s.Dispatch.NoWait = true
			first, err := batch.Run(t.Context(), s)
			require.NoError(t, err)
			require.Equal(t, orders, first.Summary.Orders.Of(billing.FinalInDoubt))
			require.NoError(t, b.provider.SetFaults(nil))
			notices := work(t, b, before.Run)
			require.Len(t, notices, 11)
			for i, notice := range notices[:10] {
				require.Equal(t, fmt.Sprintf("order A-%02d of run %s was in doubt and is invoiced now; "+
					"`kravia-batch report --run %[2]s` makes that run's report again", i, first.Run), notice)
			}
			require.Equal(t, "2 more orders of other runs are no longer in doubt or in conflict",
				notices[10])
			requireByRun(t, b.rewritten(t, first.Run), orders, orders*10000)
		})
	}
}
