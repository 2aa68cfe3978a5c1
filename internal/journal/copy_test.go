package journal_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/journal"
)

// fill gives a journal a pruned run, one with orders, and one of another account.
func fill(t *testing.T, location string) {
	t.Helper()
	j, err := journal.Open(t.Context(), location)
	require.NoError(t, err)
	begin(t, j, "PRUNED")
	finishRun(t, j, "PRUNED", longAgo)
	ended(t, j, "PRUNED", 0, billing.Invoiced)
	_, err = j.Prune(t.Context(), account, cut2027)
	require.NoError(t, err)
	begin(t, j, "R1")
	finishRun(t, j, "R1", recently)
	for i := range 130 {
		ended(t, j, "R1", i, billing.States()[i%len(billing.States())])
	}
	require.NoError(t, j.BeginRun(t.Context(), journal.Run{ID: "R0", Account: "T87654321", Started: longAgo}))
	require.NoError(t, j.Close())
}

// held is what a journal tells of all its runs.
type held struct {
	runs     []journal.Run
	rows     []billing.Row
	leftOut  []billing.LeftOut
	orders   []journal.RunOrder
	bodies   []journal.Order
	attempts [][]journal.Attempt
}

func readAll(t *testing.T, j *journal.Journal) (h held) {
	t.Helper()
	runs, err := j.Runs(t.Context(), "", 99)
	require.NoError(t, err)
	for _, r := range runs {
		if r.Pruned.IsZero() {
			for row, err := range j.Rows(t.Context(), r.ID) {
				require.NoError(t, err)
				h.rows = append(h.rows, row)
			}
			for row, err := range j.LeftOut(t.Context(), r.ID) {
				require.NoError(t, err)
				h.leftOut = append(h.leftOut, row)
			}
		}
		for o, err := range j.RunOrders(t.Context(), r.ID) {
			require.NoError(t, err)
			attempts, err := j.Attempts(t.Context(), r.Account, o.Order.Reference)
			require.NoError(t, err)
			h.orders, h.attempts = append(h.orders, o), append(h.attempts, attempts)
			stored := storedOrder(t, j, o.Order.Reference)
			if len(stored.Body) == 0 {
				stored.Body = nil // SQLite gives nil for what is empty
			}
			h.bodies = append(h.bodies, stored)
		}
		r, err := j.FindRun(t.Context(), r.ID)
		require.NoError(t, err)
		h.runs = append(h.runs, r)
	}
	return h
}

func TestCopy(t *testing.T) {
	t.Parallel()
	file := func() string { return filepath.Join(t.TempDir(), "state", "journal.db") }
	database := func() string { return postgres.Database(t) }
	for name, at := range map[string][2]func() string{
		"sqlite to postgres": {file, database}, "postgres to sqlite": {database, file},
		"sqlite to sqlite": {file, file},
	} {
		from, to := at[0](), at[1]()
		fill(t, from)
		var last, total int
		require.NoError(t, journal.Copy(t.Context(), from, to, func(done, all int) {
			require.Greater(t, done, last)
			last, total = done, all
		}), name)
		require.Equal(t, total, last)
		source, copied := open(t, from), open(t, to)
		want := readAll(t, source)
		require.Len(t, want.runs, 3)
		require.Len(t, want.rows, 1200)
		require.Len(t, want.orders, 131)
		require.Equal(t, want, readAll(t, copied), name)

		begin(t, copied, "R2")
		require.Equal(t, billing.ToSend, enterOne(t, copied, "R2", entry(0, "new", "a")).Decision, "ids go on")
		runs, err := copied.Runs(t.Context(), "", 1)
		require.NoError(t, err)
		require.Equal(t, "R2", runs[0].ID, "and so do places")

		require.ErrorIs(t, journal.Copy(t.Context(), from, to, nil), journal.ErrNotEmpty)
		require.ErrorIs(t, journal.Copy(t.Context(), from, from, nil), journal.ErrNotEmpty)
		require.Len(t, readAll(t, open(t, to)).orders, 132, "a refused copy leaves the journal as it was")
	}
}

// What is cut off is no journal, whatever wants to open it.
func TestInterruptedCopyIsNoJournal(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, to string) {
		from := filepath.Join(t.TempDir(), "journal.db")
		fill(t, from)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		require.ErrorIs(t, journal.Copy(ctx, from, to, func(int, int) { cancel() }), context.Canceled)
		for _, err := range []error{
			func() error { _, err := journal.Open(t.Context(), to); return err }(),
			journal.Copy(t.Context(), from, to, nil),
			journal.Copy(t.Context(), to, filepath.Join(t.TempDir(), "third.db"), nil),
		} {
			require.ErrorIs(t, err, journal.ErrDamaged)
			require.ErrorContains(t, err, "a copy into it was interrupted, or is under way: remove it and copy again")
		}
		release, err := open(t, from).Lock(t.Context(), account, journal.Shard{}, journal.Holder{})
		require.NoError(t, err, "the source is free again")
		require.NoError(t, release())
	})
}

// Nobody sends by the old journal while it is copied.
func TestCopyLocksTheSource(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, from string) {
		fill(t, from)
		other := open(t, from)
		locked := &journal.LockedError{}
		told := 0
		require.NoError(t, journal.Copy(t.Context(), from, filepath.Join(t.TempDir(), "to.db"), func(int, int) {
			if told++; told > 1 {
				return
			}
			for _, account := range []string{account, "T87654321"} {
				_, err := other.Lock(t.Context(), account, journal.Shard{}, journal.Holder{})
				require.ErrorAs(t, err, &locked)
				require.Equal(t, "journal copy", locked.Holder.Run)
			}
		}))
		release, err := other.Lock(t.Context(), "T87654321", journal.Shard{}, journal.Holder{Run: "R9"})
		require.NoError(t, err)
		require.ErrorAs(t, journal.Copy(t.Context(), from, filepath.Join(t.TempDir(), "to.db"), nil), &locked)
		require.Equal(t, "R9", locked.Holder.Run)
		require.NoError(t, release())
	})
}

// An account that the journal did not know cannot be locked, so what it writes meanwhile is found out.
func TestCopyOfWhatChanges(t *testing.T) {
	t.Parallel()
	from, to := filepath.Join(t.TempDir(), "journal.db"), filepath.Join(t.TempDir(), "journal.db")
	fill(t, from)
	source, told := open(t, from), 0
	err := journal.Copy(t.Context(), from, to, func(int, int) {
		if told++; told == 3 {
			require.NoError(t,
				source.BeginRun(t.Context(), journal.Run{ID: "R9", Account: "T99999999", Started: time.Now()}))
		}
	})
	require.ErrorContains(t, err, "wrote to one of the journals meanwhile: runs has 4 rows in")
	_, err = journal.Open(t.Context(), to)
	require.ErrorIs(t, err, journal.ErrDamaged)
}

func TestCopyOfNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	err := journal.Copy(t.Context(), filepath.Join(dir, "journal.db"), filepath.Join(dir, "to.db"), nil)
	require.ErrorIs(t, err, os.ErrNotExist)
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)
}
