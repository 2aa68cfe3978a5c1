package batch_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"kraviabatch/internal/batch"
	"kraviabatch/internal/billing"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/report"
	"kraviabatch/internal/simulator"
)

// otherPeriods are the messages about other periods in a CSV report, with their rows.
func otherPeriods(t *testing.T, path string) []string {
	t.Helper()
	table := lines(t, path)
	code, problem := slices.Index(table[0], "problem_code"), slices.Index(table[0], "problem")
	var found []string
	for _, row := range table[1:] {
		if row[code] == "order.other_period" {
			found = append(found, row[2]+": "+row[problem])
		}
	}
	return found
}

// A reference that an earlier run invoiced for another period is said on each of its rows, by a run, its plan
// and its dry run.
func TestOrderOfAnotherPeriod(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name       string
		shards     int
		first, now string
		want       string // "" for nothing
	}{
		{
			"both", 0, "2026-10", "2026-11",
			"invoiced for period 2026-10 by an earlier run, and this run is for period 2026-11",
		},
		{
			"in shards", 2, "2026-10", "2026-11",
			"invoiced for period 2026-10 by an earlier run, and this run is for period 2026-11",
		},
		{"now without", 0, "2026-10", "", "invoiced for period 2026-10 by an earlier run, and this run has no period"},
		{
			"before without", 0, "", "2026-11",
			"invoiced without a period by an earlier run, and this run is for period 2026-11",
		},
		{"the same", 0, "2026-11", "2026-11", ""},
		{"never any", 0, "", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, simulator.Options{})
			if tt.shards > 0 {
				b.share(t)
			}
			path := b.export(t, 4)
			run := func(period string, shard journal.Shard) *batch.Result {
				s := b.settings(0, path)
				s.Period, s.Shard = period, shard
				result, err := batch.Run(t.Context(), s)
				require.NoError(t, err)
				require.Equal(t, batch.ExitDone, result.Summary.ExitCode)
				return result
			}
			before := run(tt.first, journal.Shard{})
			require.Empty(t, otherPeriods(t, before.Summary.Reports[0]))

			var rows []string
			for i, row := range lines(t, path)[1:] {
				if tt.want != "" {
					rows = append(rows, fmt.Sprintf("%d: order %s was %s", i+2, row[0], tt.want))
				}
			}
			planning := b.settings(0, path)
			planning.Period = tt.now
			planned := b.makePlan(t, planning)
			orders := 0
			for p, err := range planned.Problems() {
				require.NoError(t, err)
				require.Contains(t, p.Message, tt.want)
				orders++
			}
			paths, err := planned.Write(t.Context(), filepath.Join(b.dir, "plan.json"))
			require.NoError(t, err)
			require.Equal(t, len(rows), problemsIn(t, paths[0]))
			require.Equal(t, orders, dryRunProblems(t, planning))

			var again *batch.Result
			for i := range max(1, tt.shards) {
				again = run(tt.now, journal.Shard{Index: i, Count: tt.shards})
			}
			require.Len(t, b.provider.Invoices(), 4, "nothing is invoiced twice")
			summary, err := batch.Rewrite(t.Context(), b.journal, again.Run,
				batch.Rewriting{Reports: filepath.Join(b.dir, "again"), Formats: []report.Format{report.CSV}})
			require.NoError(t, err)
			require.Equal(t, len(rows), summary.ProblemsOf(billing.CodeOtherPeriod))
			require.Equal(t, rows, otherPeriods(t, summary.Reports[0]))

			summary, err = batch.Rewrite(t.Context(), b.journal, before.Run,
				batch.Rewriting{Reports: filepath.Join(b.dir, "first"), Formats: []report.Format{report.CSV}})
			require.NoError(t, err)
			require.Zero(t, summary.ProblemsOf(billing.CodeOtherPeriod), "the first run is the one of its period")
		})
	}
}

// dryRunProblems is how many orders a dry run has a word about.
func dryRunProblems(t *testing.T, s *batch.Settings) (n int) {
	t.Helper()
	reading, err := batch.Read(t.Context(), &s.Input)
	require.NoError(t, err)
	defer reading.Close()
	_, err = batch.DryRun(t.Context(), s, reading.Groups(), func(r batch.Request) error {
		n += len(r.Problems)
		return nil
	})
	require.NoError(t, err)
	return n
}

// problemsIn is how many other periods a workbook's Problems sheet lists.
func problemsIn(t *testing.T, path string) (n int) {
	t.Helper()
	f, err := excelize.OpenFile(path)
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	rows, err := f.GetRows("Problems")
	require.NoError(t, err)
	for _, row := range rows {
		if len(row) > 1 && row[1] == "order.other_period" {
			n++
		}
	}
	return n
}
