package batch_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/batch"
	"kraviabatch/internal/billing"
	"kraviabatch/internal/simulator"
)

// TestDueDateThatPassedSince has a file read again after its due dates: what was invoiced stays so, and what
// was not is invalid.
func TestDueDateThatPassedSince(t *testing.T) {
	t.Parallel()
	b := setup(t, simulator.Options{})
	oslo, err := time.LoadLocation("Europe/Oslo")
	require.NoError(t, err)
	now := time.Now().In(oslo)
	due, later := billing.Date(now.AddDate(0, 0, 1).Format(time.DateOnly)),
		billing.Date(now.AddDate(0, 0, 5).Format(time.DateOnly))
	records, _ := shuffled(2, 1)
	path := filepath.Join(b.dir, "november.csv")
	writeCSV(t, path, records)
	run := func(today billing.Date, limit int) *batch.Result {
		t.Helper()
		s := b.settings(0, path)
		s.Rules.Constants, s.Rules.Today, s.Limit = map[billing.Column]string{billing.ColDueDate: string(due)},
			today, limit
		result, err := batch.Run(t.Context(), s)
		require.NoError(t, err)
		return result
	}
	first := run("", 1)
	require.Equal(t, 3, first.Summary.Rows.Of(billing.FinalInvoiced))
	require.Equal(t, 3, first.Summary.Rows.Of(billing.FinalNotAttempted))
	second := run(later, 0)
	require.Equal(t, 3, second.Summary.Rows.Of(billing.FinalAlreadyInvoiced))
	require.Equal(t, 3, second.Summary.Rows.Of(billing.FinalInvalid))
	require.Equal(t, 1, second.Summary.ProblemsOf("due_date.range"))
	require.Equal(t, batch.ExitIncomplete, second.Summary.ExitCode)
	require.Len(t, b.provider.Invoices(), 1)
}
