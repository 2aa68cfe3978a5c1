package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

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
	require.Empty(t, j.Notice())
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

func TestNetworkFileSystemIsKeptWithoutWAL(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal.db")
	local, err := openSQLite(t.Context(), path, false) // as after moving a folder to a share
	require.NoError(t, err)
	require.NoError(t, local.BeginRun(t.Context(), Run{ID: "R1", Account: "T1"}))
	require.NoError(t, local.Close())

	j, err := openSQLite(t.Context(), path, true)
	require.NoError(t, err)
	require.Contains(t, j.Notice(), path+" is on a network file system")
	var mode string
	require.NoError(t, j.db.QueryRowContext(t.Context(), "PRAGMA journal_mode").Scan(&mode))
	require.Equal(t, "delete", mode)
	require.NoError(t, j.AppendRows(t.Context(), "R1", make([]billing.Row, 1200)))
	n := 0
	for _, err := range j.Rows(t.Context(), "R1") {
		require.NoError(t, err)
		if n%500 == 0 {
			require.NoError(t, j.BeginRun(t.Context(), Run{ID: fmt.Sprint("during ", n)}), "the one connection is free")
		}
		n++
	}
	require.Equal(t, 1200, n)
	require.NoError(t, j.Snapshot(t.Context(), func(v View) error {
		for _, err := range v.Rows(t.Context(), "R1") {
			require.NoError(t, err)
		}
		_, err := v.FindRun(t.Context(), "R1")
		return err
	}))
	require.NoError(t, j.BeginRun(t.Context(), Run{ID: "after"}), "the one connection is free again")
	release, err := j.Lock(t.Context(), "T1", Shard{}, Holder{})
	require.NoError(t, err)
	require.NoError(t, release())
	require.NoError(t, j.Close())
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
			return []byte("order;amount\n1;299,00\nthis is an export that was given as the journal by mistake, long enough")
		}, ErrDamaged, "move it away"},
		{"truncated", func(_ *testing.T, _ string, sound []byte) []byte { return sound[:len(sound)/2] }, ErrDamaged, "move it away"},
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
		}, ErrNewer, "schema has version 99, this program knows 3: use the newer kravia-batch"},
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
	newer := slices.Concat(embeddedSteps(), []string{"ALTER TABLE runs ADD COLUMN operator TEXT NOT NULL DEFAULT 'nobody'"})
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	broken := slices.Concat(newer, []string{"NOT SQL"})
	require.ErrorContains(t, migrate(t.Context(), db, sqliteSchema(), broken), fmt.Sprintf("migrate from schema version %d", len(newer)-1))
	require.NoError(t, migrate(t.Context(), db, sqliteSchema(), newer), "the broken one left nothing behind")
	var operator string
	require.NoError(t, db.QueryRowContext(t.Context(), "SELECT operator FROM runs WHERE id = 'R1'").Scan(&operator))
	require.Equal(t, "nobody", operator)
	_, err = Open(t.Context(), path)
	require.ErrorIs(t, err, ErrNewer)
}

func TestFullOrReadOnlyDiskIsSaid(t *testing.T) {
	t.Parallel()
	tests := []struct{ pragma, words string }{
		{"PRAGMA max_page_count = 1", "the disk is full, nothing was recorded"},
		{"PRAGMA query_only = 1", "read-only, nothing was recorded"},
	}
	for _, test := range tests {
		path, j := newFile(t)
		require.NoError(t, j.BeginRun(t.Context(), Run{ID: "R1"}))
		onEveryConnection(t, j, test.pragma)
		err := j.AppendRows(t.Context(), "R1", make([]billing.Row, 500*200))
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
	require.NoError(t, j.AppendRows(t.Context(), "R1", make([]billing.Row, 10)))
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
			_, err := t.exec(`INSERT INTO run_files (run, place, name, sha256, row_count) VALUES ('R1', $1, '', '', 0)`, id)
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
		cache := &statements{db: j.db, byText: map[string]*sql.Stmt{}}
		j.commit(group, cache)
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
