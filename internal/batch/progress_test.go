package batch_test

import (
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/batch"
	"kraviabatch/internal/report"
	"kraviabatch/internal/simulator"
)

// Every stage but the sending, which has a way of its own, is told to its end.
func TestStagesAreTold(t *testing.T) {
	t.Parallel()
	b := setup(t, simulator.Options{Files: simulator.FilesPDF})
	path := filepath.Join(b.dir, "export.csv")
	records, _ := shuffled(7, 3)
	writeCSV(t, path, records)
	s := b.settings(0, path)
	s.Documents, s.Formats = filepath.Join(b.dir, "documents"), []report.Format{report.CSV, report.JSON}
	type told struct{ calls, most, total int }
	var mu sync.Mutex
	stages := map[batch.Stage]told{}
	s.Progress = func(stage batch.Stage, done, total int) {
		mu.Lock()
		defer mu.Unlock()
		at := stages[stage]
		stages[stage] = told{at.calls + 1, max(at.most, done), total}
	}
	result, err := batch.Run(t.Context(), s)
	require.NoError(t, err)
	require.Equal(t, map[batch.Stage]told{
		batch.StageReading: {2 * 21, 21, 21}, batch.StageChecking: {7, 21, 21}, batch.StageDocuments: {7, 7, 7},
		batch.StageReport: {21, 21, 21},
	}, stages)

	clear(stages)
	_, err = batch.Rewrite(t.Context(), b.journal, result.Run,
		batch.Rewriting{Reports: b.dir, Formats: []report.Format{report.CSV}, Progress: s.Progress})
	require.NoError(t, err)
	require.Equal(t, map[batch.Stage]told{batch.StageReport: {21, 21, 21}}, stages)
}
