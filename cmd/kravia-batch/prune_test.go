package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/money"
)

// oldJournal holds two runs of 2025: one whose order is rejected, one whose order is in doubt.
func oldJournal(t *testing.T) (state string, j *journal.Journal) {
	t.Helper()
	state = t.TempDir()
	j, err := journal.Open(t.Context(), filepath.Join(state, "journal.db"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, j.Close()) })
	ended := time.Date(2025, 12, 31, 22, 59, 0, 0, time.UTC) // before midnight in Oslo
	for run, event := range map[string]billing.Event{"settled": billing.EventDeclined, "doubtful": billing.EventLost} {
		r := journal.Run{
			ID: run, Account: "T12345678", Environment: "test", Started: ended.Add(-time.Hour), Finished: ended,
			Control: journal.Control{Rows: 1, Orders: 1},
		}
		require.NoError(t, j.BeginRun(t.Context(), r))
		require.NoError(t, j.AppendRows(t.Context(), run, func(yield func([]byte, error) bool) {
			yield(billing.AppendRow(nil, &billing.Row{Customer: "Kari Nordmann", Reference: run, Valid: true}), nil)
		}))
		_, err := j.Enter(t.Context(), run, []journal.Entry{{
			Reference: run, Hash: "1:a", Customer: "Kari Nordmann", Gross: money.New(100, money.MustCurrency("NOK")),
			Body: []byte("{}"),
		}})
		require.NoError(t, err)
		stored, err := j.Stored(t.Context(), "T12345678", []string{run})
		require.NoError(t, err)
		order := stored[run]
		life := order.Next(billing.EventBegun, billing.Outcome{}, ended).Next(event, billing.Outcome{}, ended)
		require.NoError(t, j.Conclude(t.Context(), &order, nil, life))
		require.NoError(t, j.UpdateRun(t.Context(), r))
	}
	return state, j
}

func TestPrune(t *testing.T) {
	t.Parallel()
	state, j := oldJournal(t)
	prune := []string{"prune", "--account", "T12345678", "--state", state, "--before", "2026-01-01"}

	release, err := j.Lock(t.Context(), "T12345678", journal.Shard{}, journal.Holder{Run: "R9", PID: 4711})
	require.NoError(t, err)
	code, stdout, stderr := call(t, prune...)
	require.Equal(t, 7, code)
	require.Empty(t, stdout)
	require.Contains(t, stderr, "account T12345678 is locked by run R9")
	require.NoError(t, release())

	code, stdout, stderr = call(t, "prune", "--account", "T12345678", "--state", state, "--before", "2025-12-31")
	require.Zero(t, code, stderr)
	require.Equal(t, "pruned 0 runs, and 0 orders of them\n", stdout)

	code, stdout, stderr = call(t, prune...)
	require.Zero(t, code, stderr)
	require.Equal(t,
		"kept run doubtful: some of its orders have not ended; see `kravia-batch refresh --run doubtful`\npruned 1 run, and 1 order of them\n", stdout)

	code, _, stderr = call(t, "report", "--account", "T12345678", "--state", state, "--reports", t.TempDir(),
		"--run", "settled")
	require.Equal(t, 2, code)
	require.Contains(t, stderr, "the rows of the run were pruned on "+time.Now().UTC().Format(time.DateOnly))

	code, stdout, stderr = call(t, append(prune, "--json")...)
	require.Zero(t, code, stderr)
	require.JSONEq(t, `{"account":"T12345678","before":"2026-01-01","runs":[],"orders":0,"kept":["doubtful"]}`, stdout)
	code, stdout, stderr = call(t, "runs", "--state", state, "--json")
	require.Zero(t, code, stderr)
	var runs []struct{ Run string }
	require.NoError(t, json.Unmarshal([]byte(stdout), &runs))
	require.Len(t, runs, 2, "the runs themselves stay")
}

// The first signal cuts off what can be cut off anywhere, with the signal's exit code.
func TestUntilStopped(t *testing.T) {
	t.Parallel()
	a := &app{environment: &environment{}, stop: make(chan struct{})}
	ctx, cancel := a.untilStopped(t.Context())
	defer cancel()
	require.NoError(t, ctx.Err())
	a.signal.Store(143)
	close(a.stop)
	<-ctx.Done()
	err := a.cutOff(fmt.Errorf("journal: %w", ctx.Err()))
	require.EqualError(t, err, "interrupted by a signal before the end")
	require.Equal(t, 143, a.codeOf(err))
}
