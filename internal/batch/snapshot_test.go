package batch_test

import (
	"context"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/batch"
	"kraviabatch/internal/billing"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/report"
	"kraviabatch/internal/simulator"
)

// A report that is made while the run sends shows one moment of it: every row and order once, in one state.
func TestReportOfARunUnderWayBalances(t *testing.T) {
	t.Parallel()
	for name, location := range map[string]func(*testing.T) string{
		"sqlite":   func(t *testing.T) string { t.Helper(); return filepath.Join(t.TempDir(), "journal.db") },
		"postgres": func(t *testing.T) string { t.Helper(); return postgres.Database(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, simulator.Options{Latency: 10 * time.Millisecond})
			j, err := journal.Open(t.Context(), location(t))
			require.NoError(t, err)
			defer func() { require.NoError(t, j.Close()) }()
			path := filepath.Join(b.dir, "export.csv")
			records, _ := shuffled(60, 5)
			writeCSV(t, path, records)
			s := b.settings(0, path)
			s.Journal, s.Dispatch.Concurrency = j, 4
			sending, shown := make(chan struct{}), make(chan struct{})
			s.Planned = func(int) { close(sending) }
			var settled atomic.Int32
			s.Dispatch.Concluded = func(billing.State) {
				if settled.Add(1) > 30 { // the other half waits for a report in the middle
					<-shown
				}
			}
			ended := make(chan error, 1)
			go func() {
				_, err := batch.Run(context.WithoutCancel(t.Context()), s)
				ended <- err
			}()
			<-sending
			runs, err := j.Runs(t.Context(), "T12345678", 1)
			require.NoError(t, err)
			between := false
			for under := true; under; {
				select {
				case err := <-ended:
					require.NoError(t, err)
					under = false
				default:
				}
				summary, err := batch.Rewrite(t.Context(), j, runs[0].ID,
					batch.Rewriting{Reports: t.TempDir(), Formats: []report.Format{report.CSV}})
				require.NoError(t, err)
				require.True(t, summary.Balanced)
				require.Equal(t, 180, summary.Rows.Total())
				if n := summary.Rows.Of(billing.FinalInvoiced); n > 0 && n < 180 && !between {
					between = true
					close(shown)
				}
			}
			require.True(t, between, "a report was made in the middle of the run")
		})
	}
}

// A run that has not read its input yet has no report, and one that was killed then never will.
func TestReportOfARunThatReadNothing(t *testing.T) {
	t.Parallel()
	b := setup(t, simulator.Options{})
	require.NoError(t,
		b.journal.BeginRun(t.Context(),
			journal.Run{ID: "run", Account: "T12345678", Environment: "test", Started: time.Now()}))
	_, err := batch.Rewrite(t.Context(), b.journal, "run",
		batch.Rewriting{Reports: t.TempDir(), Formats: []report.Format{report.CSV}})
	require.ErrorContains(t, err, "run run has no report, because it did not finish reading its input")
}
