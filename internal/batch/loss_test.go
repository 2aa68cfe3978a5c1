package batch_test

import (
	"iter"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/batch"
	"kraviabatch/internal/billing"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/report"
	"kraviabatch/internal/simulator"
)

// losing passes on all groups but the n-th.
func losing(n int) func(iter.Seq2[billing.Group, error]) iter.Seq2[billing.Group, error] {
	return func(groups iter.Seq2[billing.Group, error]) iter.Seq2[billing.Group, error] {
		return func(yield func(billing.Group, error) bool) {
			at := 0
			for g, err := range groups {
				if at++; at != n && !yield(g, err) {
					return
				}
			}
		}
	}
}

// share puts a journal in PostgreSQL, which shards need, in the place of the bench's own.
func (b *bench) share(t *testing.T) {
	t.Helper()
	shared, err := journal.Open(t.Context(), postgres.Database(t))
	require.NoError(t, err)
	require.NoError(t, b.journal.Close())
	b.journal = shared
}

// An order that is lost on its way through the program stops the run before anything is sent, also in a shard.
func TestLostOrderStopsTheRun(t *testing.T) {
	t.Parallel()
	for name, shard := range map[string]journal.Shard{"whole": {}, "shard": {Index: 1, Count: 2}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, simulator.Options{})
			if shard.Count > 0 {
				b.share(t)
			}
			s := b.settings(0, b.export(t, 20))
			s.Shard, s.Watch = shard, losing(3)
			result, err := batch.Run(t.Context(), s)
			require.ErrorContains(t, err, "was lost after it was read")
			require.Equal(t, batch.ExitError, batch.ExitCodeOf(err))
			require.Nil(t, result.Summary)
			require.Empty(t, b.provider.Requests().Calls)

			s.Watch = nil
			result, err = batch.Run(t.Context(), s)
			require.NoError(t, err)
			require.True(t, result.Summary.Balanced)
			require.Len(t, b.provider.Invoices(), result.Summary.Orders.Total(), "the next run sends everything")
		})
	}
}

// The report is held against the rows that the files have, not against those that were planned.
func TestReportOfLostRowsDoesNotBalance(t *testing.T) {
	t.Parallel()
	for name, shards := range map[string]int{"whole": 0, "shards": 2} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, simulator.Options{})
			if shards > 0 {
				b.share(t)
			}
			path := b.export(t, 20)
			var id string
			for i := range max(1, shards) {
				s := b.settings(0, path)
				s.Shard = journal.Shard{Index: i, Count: shards}
				result, err := batch.Run(t.Context(), s)
				require.NoError(t, err)
				require.True(t, result.Summary.Balanced)
				id = result.Run
			}
			rewriting := batch.Rewriting{Reports: filepath.Join(b.dir, "again"), Formats: []report.Format{report.CSV}}
			_, err := batch.Rewrite(t.Context(), b.journal, id, rewriting)
			require.NoError(t, err)

			runs, err := b.journal.Runs(t.Context(), "T12345678", 10)
			require.NoError(t, err)
			for _, run := range runs {
				run.Files[0].Rows++ // as if each part had lost a row on its way and counted what was left
				require.NoError(t, b.journal.UpdateRun(t.Context(), run))
			}
			summary, err := batch.Rewrite(t.Context(), b.journal, id, rewriting)
			imbalance := &report.ImbalanceError{}
			require.ErrorAs(t, err, &imbalance)
			require.Equal(t, []report.Difference{{What: "rows", In: "61", Out: "60"}}, imbalance.Differences)
			require.False(t, summary.Balanced)
		})
	}
}
