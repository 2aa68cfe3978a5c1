package journal

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
)

func newFile(t *testing.T) (string, *Journal) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "state", "journal.db")
	j, err := Open(t.Context(), path)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, j.Close()) })
	return path, j
}

func TestFileIsPrivate(t *testing.T) {
	t.Parallel()
	path, j := newFile(t)
	require.NoError(t, j.BeginRun(t.Context(), Run{ID: "R1"}))
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	info, err = os.Stat(filepath.Dir(path))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o700), info.Mode().Perm())
	info, err = os.Stat(path + "-wal")
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	entries, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, entries, 3, "the journal and its two companions")
}

func TestEveryConnectionIsDurable(t *testing.T) {
	t.Parallel()
	_, j := newFile(t)
	for range connections {
		conn, err := j.db.Conn(t.Context())
		require.NoError(t, err)
		defer func() { require.NoError(t, conn.Close()) }()
		var mode string
		var synchronous, keys int
		require.NoError(t, conn.QueryRowContext(t.Context(), "PRAGMA journal_mode").Scan(&mode))
		require.NoError(t, conn.QueryRowContext(t.Context(), "PRAGMA synchronous").Scan(&synchronous))
		require.NoError(t, conn.QueryRowContext(t.Context(), "PRAGMA foreign_keys").Scan(&keys))
		require.Equal(t, "wal", mode)
		require.Equal(t, 2, synchronous, "FULL")
		require.Equal(t, 1, keys)
	}
}

func TestUnsoundFilesAreRefusedAndKept(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		spoil func(t *testing.T, path string, sound []byte) []byte
		want  error
		words string
	}{
		{"empty", func(*testing.T, string, []byte) []byte { return nil }, ErrDamaged, "the file is empty"},
		{"garbage", func(*testing.T, string, []byte) []byte {
			return []byte(
				"order;amount\n1;299,00\nthis is an export that was given as the journal by mistake, long enough")
		}, ErrDamaged, "move it away"},
		{
			"truncated", func(_ *testing.T, _ string, sound []byte) []byte { return sound[:len(sound)/2] }, ErrDamaged,
			"move it away",
		},
		{"header overwritten", func(_ *testing.T, _ string, sound []byte) []byte {
			return append(make([]byte, 100), sound[100:]...)
		}, ErrDamaged, "move it away"},
		{"page overwritten", func(_ *testing.T, _ string, sound []byte) []byte {
			for i := 4096; i < 3*4096; i++ {
				sound[i] = 0xa5
			}
			return sound
		}, ErrDamaged, "move it away"},
		{"another program's", func(t *testing.T, path string, _ []byte) []byte {
			require.NoError(t, os.Remove(path))
			execute(t, path, "CREATE TABLE bookmarks (id INTEGER)")
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			return text
		}, ErrDamaged, "another program"},
		{"newer", func(t *testing.T, path string, _ []byte) []byte {
			execute(t, path, "PRAGMA user_version = 99")
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			return text
		}, ErrNewer, "schema has version 99, this program knows 7: use the newer kravia-batch"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "journal.db")
			j, err := Open(t.Context(), path)
			require.NoError(t, err)
			require.NoError(t, j.BeginRun(t.Context(), Run{ID: "R1"}))
			require.NoError(t, j.Close())
			sound, err := os.ReadFile(path)
			require.NoError(t, err)
			spoiled := test.spoil(t, path, sound)
			require.NoError(t, os.WriteFile(path, spoiled, 0o600))

			_, err = Open(t.Context(), path)
			require.ErrorIs(t, err, test.want)
			require.ErrorContains(t, err, path)
			require.ErrorContains(t, err, test.words)
			after, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Len(t, after, len(spoiled), "the file stays as it was")
		})
	}
}

// execute runs a statement on a file as another program would.
func execute(t *testing.T, path, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	_, err = db.ExecContext(t.Context(), statement)
	require.NoError(t, err)
	require.NoError(t, db.Close())
}

func TestFolderInTheJournalsPlace(t *testing.T) {
	t.Parallel()
	_, err := Open(t.Context(), t.TempDir())
	require.ErrorIs(t, err, ErrDamaged)
	require.ErrorContains(t, err, "a folder is in the file's place")
}

func TestOpenNeedsAFolderThatCanBeMade(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err := Open(t.Context(), filepath.Join(file, "journal.db"))
	require.ErrorContains(t, err, file)
}

func TestOlderSchemaIsMigrated(t *testing.T) {
	t.Parallel()
	path, j := newFile(t)
	require.NoError(t, j.BeginRun(t.Context(), Run{ID: "R1"}))
	require.NoError(t, j.Close())
	newer, broken := sqliteSchema(), sqliteSchema()
	newer.steps = append(newer.steps, "ALTER TABLE runs ADD COLUMN operator TEXT NOT NULL DEFAULT 'nobody'")
	broken.steps = append(slices.Clone(newer.steps), "NOT SQL")
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	require.ErrorContains(t, migrate(t.Context(), db, broken), "migrate from schema version 7")
	require.NoError(t, migrate(t.Context(), db, newer), "the broken one left nothing behind")
	var operator string
	require.NoError(t, db.QueryRowContext(t.Context(), "SELECT operator FROM runs WHERE id = 'R1'").Scan(&operator))
	require.Equal(t, "nobody", operator)
	_, err = Open(t.Context(), path)
	require.ErrorIs(t, err, ErrNewer)
}

// Two names of one folder, or of the file, are one journal with one lock.
func TestSymbolicLinksGiveOneLock(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	state, other, third := filepath.Join(dir, "state"), filepath.Join(dir, "other"), filepath.Join(dir, "third")
	require.NoError(t, os.Mkdir(state, 0o700))
	require.NoError(t, os.Mkdir(third, 0o700))
	require.NoError(t, os.Symlink(state, other))
	require.NoError(t, os.Symlink(filepath.Join(state, "journal.db"), filepath.Join(third, "journal.db")))
	first, err := Open(t.Context(), filepath.Join(other, "journal.db")) // which makes it
	require.NoError(t, err)
	defer func() { require.NoError(t, first.Close()) }()
	release, err := first.Lock(t.Context(), "T1", Shard{}, Holder{Run: "R1"})
	require.NoError(t, err)
	for _, folder := range []string{state, third} {
		j, err := Open(t.Context(), filepath.Join(folder, "journal.db"))
		require.NoError(t, err)
		_, err = j.Lock(t.Context(), "T1", Shard{}, Holder{Run: "R2"})
		locked := &LockedError{}
		require.ErrorAs(t, err, &locked, folder)
		require.Equal(t, "R1", locked.Holder.Run)
		require.NoError(t, j.Close())
	}
	require.NoError(t, release())
	left, err := os.ReadDir(third)
	require.NoError(t, err)
	require.Len(t, left, 1, "no companions beside a name that is a link")
}

// What is due is found among all orders of an account by an index, in its order.
func TestDueUsesTheIndex(t *testing.T) {
	t.Parallel()
	_, j := newFile(t)
	work := Work{Account: "T1", Run: "R1"}
	scan := func(scan func(...any) error) (detail string, err error) {
		var ignored any
		return detail, scan(&ignored, &ignored, &ignored, &detail)
	}
	for _, what := range []string{"o.reference, o.due_at", orderColumns} {
		plan, err := selectAll(t.Context(), j.db, scan,
			`EXPLAIN QUERY PLAN SELECT `+what+` FROM orders o WHERE `+mine+` ORDER BY o.due_at, o.id LIMIT $7`,
			append(work.args(billing.StepSend, time.Now()), 1)...)
		require.NoError(t, err)
		require.Equal(t, []string{"SEARCH o USING INDEX orders_due (account=? AND step=? AND due_at<?)"}, plan,
			"and nothing is sorted")
	}
	require.NoError(t, j.Shelve(t.Context(), work.Account, work.Run, work.Shard))
	plan, err := selectAll(t.Context(), j.db, scan, `EXPLAIN QUERY PLAN `+shelving(t, j), work.Account, 1, 0, work.Run)
	require.NoError(t, err)
	require.Equal(t, []string{"SEARCH orders USING INDEX orders_due (account=? AND step=?)"}, plan)
}

// shelving is the statement of Shelve, which was called; no other has its words.
func shelving(t *testing.T, j *Journal) (statement string) {
	t.Helper()
	for kept := range j.prepared.kept.Range {
		if text, _ := kept.(string); strings.Contains(text, "run <> $4") {
			require.Empty(t, statement)
			statement = text
		}
	}
	require.Contains(t, statement, "UPDATE orders SET")
	return statement
}

// A file that is deleted while it is written to would take what is recorded with it.
func TestDeletedFileIsNoticed(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal.db")
	synctest.Test(t, func(t *testing.T) {
		j, err := Open(t.Context(), path)
		require.NoError(t, err)
		require.NoError(t, j.BeginRun(t.Context(), Run{ID: "R1"}))
		require.NoError(t, os.Rename(path, path+".away"))
		require.NoError(t, j.BeginRun(t.Context(), Run{ID: "R2"}), "within the second")
		for _, id := range []string{"R3", "R4"} {
			time.Sleep(time.Second)
			err = j.BeginRun(t.Context(), Run{ID: id})
			require.ErrorIs(t, err, ErrDamaged)
			require.ErrorContains(t, err, "was deleted or replaced")
		}
		require.NoError(t, os.Rename(path+".away", path))
		require.NoError(t, j.BeginRun(t.Context(), Run{ID: "R5"}))
		require.NoError(t, j.Close())
	})
}

// Where nothing can be written, a journal can be read: with what its last writer left in the WAL, and without
// making a file.
func TestReadOnlyJournal(t *testing.T) {
	t.Parallel()
	path, j := newFile(t)
	require.NoError(t, j.BeginRun(t.Context(), Run{ID: "R1"}))
	for _, withLog := range []bool{true, false} {
		if !withLog {
			require.NoError(t, j.Close())
		}
		db, err := connectSQLite(t.Context(), path, readOnly(path), false)
		require.NoError(t, err)
		runs, err := selectAll(t.Context(), db, func(scan func(...any) error) (id string, err error) {
			return id, scan(&id)
		}, "SELECT id FROM runs")
		require.NoError(t, err)
		require.Equal(t, []string{"R1"}, runs)
		_, err = db.ExecContext(t.Context(), "DELETE FROM runs")
		require.ErrorContains(t, explainSQLite(err), "read-only, nothing was recorded")
		require.NoError(t, db.Close())
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, entries, 1)
}

func TestFullOrReadOnlyDiskIsSaid(t *testing.T) {
	t.Parallel()
	tests := []struct{ pragma, words string }{
		{"PRAGMA max_page_count = 1", "the disk is full, nothing was recorded"},
		{"PRAGMA query_only = 1", "read-only, nothing was recorded"},
	}
	random := make([]byte, 1<<16) // what a page with room cannot take
	_, _ = rand.Read(random)      // never fails
	for _, test := range tests {
		path, j := newFile(t)
		require.NoError(t, j.BeginRun(t.Context(), Run{ID: "R1"}))
		onEveryConnection(t, j, test.pragma)
		err := j.AppendRows(t.Context(), "R1", Encoded(billing.Row{Description: string(random)}))
		require.ErrorContains(t, err, test.words)
		require.ErrorContains(t, err, path)
		for row, err := range j.Rows(t.Context(), "R1") {
			require.NoError(t, err)
			require.Fail(t, "nothing was recorded", row)
		}
	}
}

func TestDamageAmidWorkIsSaid(t *testing.T) {
	t.Parallel()
	path, j := newFile(t)
	require.NoError(t, j.BeginRun(t.Context(), Run{ID: "R1"}))
	require.NoError(t, j.AppendRows(t.Context(), "R1", Encoded(make([]billing.Row, 10)...)))
	_, err := j.db.ExecContext(t.Context(), "UPDATE run_rows SET body = x'00'")
	require.NoError(t, err)
	for _, err := range j.Rows(t.Context(), "R1") {
		require.ErrorIs(t, err, ErrDamaged)
		require.ErrorContains(t, err, path)
	}
}

// A failing write must leave those beside it alone, whenever in its work it fails.
func TestFailingWriteDoesNotPoisonItsNeighbours(t *testing.T) {
	t.Parallel()
	_, j := newFile(t)
	wrong := errors.New("wrong")
	insert := func(id string) func(*tx) error {
		return func(t *tx) error {
			_, err := t.exec(
				`INSERT INTO run_files (run, place, name, sha256, row_count) VALUES ('R1', $1, '', '', 0)`, id)
			return err
		}
	}
	require.NoError(t, j.BeginRun(t.Context(), Run{ID: "R1"}))
	tests := []struct {
		run  func(*tx) error
		want error
	}{
		{insert("1"), nil},
		{func(t *tx) error { return errors.Join(insert("2")(t), wrong) }, wrong},
		{func(*tx) error { return refusal{ErrTaken} }, ErrTaken},
		{insert("3"), nil},
	}
	for _, fail := range []bool{true, false} {
		var group []*request
		for i, test := range tests {
			if fail || i != 1 {
				group = append(group, &request{run: test.run, done: make(chan error, 1)})
			}
		}
		j.commit(group)
		i := 0
		for n, test := range tests {
			if !fail && n == 1 {
				continue
			}
			require.ErrorIs(t, <-group[i].done, test.want)
			i++
		}
		var places string
		err := j.db.QueryRowContext(t.Context(), `SELECT group_concat(place) FROM run_files`).Scan(&places)
		require.NoError(t, err)
		require.Equal(t, "1,3", places)
		_, err = j.db.ExecContext(t.Context(), `DELETE FROM run_files`)
		require.NoError(t, err)
	}
}

func TestShardsNeedASharedJournal(t *testing.T) {
	t.Parallel()
	_, j := newFile(t)
	_, err := j.Lock(t.Context(), "T1", Shard{Index: 0, Count: 2}, Holder{})
	require.ErrorContains(t, err, "PostgreSQL")
	for _, account := range []string{"", "../T1", "T 1"} {
		_, err = j.Lock(t.Context(), account, Shard{}, Holder{})
		require.ErrorContains(t, err, "cannot be locked")
	}
}

func TestManyProcessesMayCreateOneJournal(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "new", "journal.db")
	results := make(chan error)
	for i := range 8 {
		go func() {
			j, err := Open(context.WithoutCancel(t.Context()), path)
			if err == nil {
				err = errors.Join(j.BeginRun(context.WithoutCancel(t.Context()), Run{ID: fmt.Sprint(i)}), j.Close())
			}
			results <- err
		}()
	}
	for range 8 {
		require.NoError(t, <-results)
	}
	j, err := Open(t.Context(), path)
	require.NoError(t, err)
	runs, err := j.Runs(t.Context(), "", 100)
	require.NoError(t, err)
	require.Len(t, runs, 8)
	require.NoError(t, j.Close())
}

func onEveryConnection(t *testing.T, j *Journal, pragma string) {
	t.Helper()
	for range connections {
		conn, err := j.db.Conn(t.Context())
		require.NoError(t, err)
		defer func() { require.NoError(t, conn.Close()) }()
		_, err = conn.ExecContext(t.Context(), pragma)
		require.NoError(t, err)
	}
}
