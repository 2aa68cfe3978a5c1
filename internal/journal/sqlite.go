package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

const (
	// applicationID marks an SQLite file as a journal: "KrvB".
	applicationID = 0x4b727642
	// checkBelow is the size up to which a whole file is checked whenever it is opened: about 0.1 s.
	checkBelow = 64 << 20
	// connections is readers and one writer.
	connections = 8
)

// openSQLite opens or makes the file.
func openSQLite(ctx context.Context, path string) (*Journal, error) {
	if onNetwork(path) {
		return nil, fmt.Errorf("journal %s: %w", path, ErrNetwork)
	}
	resolved, err := resolve(path)
	if err != nil {
		return nil, fmt.Errorf("journal %s: %w", path, err)
	}
	path = resolved
	info, err := findSQLite(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("journal %s: %w", path, err)
	}
	db, err := connectSQLite(ctx, path, withWAL, info.Size() <= checkBelow)
	if cannotWrite(err) {
		db, err = connectSQLite(ctx, path, readOnly(path), false)
	}
	if err != nil {
		return nil, fmt.Errorf("journal %s: %w", path, explainSQLite(err))
	}
	j, err := start(db, sqliteEngine(), path) //nolint:contextcheck // the writer outlives the caller's context
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	j.path, j.file = path, info
	return j, nil
}

// findSQLite finds the file, or makes it.
func findSQLite(ctx context.Context, path string) (os.FileInfo, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := createSQLite(ctx, path); err != nil {
			return nil, fmt.Errorf("cannot be created: %w", explainSQLite(err))
		}
		info, err = os.Stat(path)
	}
	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, fmt.Errorf("%w: a folder is in the file's place: %s", ErrDamaged, restoreHint)
	case info.Size() == 0:
		return nil, fmt.Errorf("%w: the file is empty: %s", ErrDamaged, restoreHint)
	}
	return info, nil
}

// resolve is the path without symbolic links, so that all names of a journal lead to the same lock files. The
// folder of a journal to be is made.
func resolve(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	found, err := filepath.EvalSymlinks(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return found, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", err
	}
	folder, err := filepath.EvalSymlinks(filepath.Dir(path))
	return filepath.Join(folder, filepath.Base(path)), err
}

const restoreHint = "restore it from a backup, or move it away: " +
	"a new journal is begun, and orders that were sent before are found by look-ups"

// createSQLite makes a complete journal beside path and links it into place, so that an empty or
// half-made file is never taken for a journal, and one that another process made is never replaced.
func createSQLite(ctx context.Context, path string) error {
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".new-*") // mode 0600
	if err != nil {
		return err
	}
	made := file.Name()
	defer func() { _ = os.Remove(made) }()
	if err := file.Close(); err != nil {
		return err
	}
	db, err := connectSQLite(ctx, made, alone, false)
	if err != nil {
		return err
	}
	if err := db.Close(); err != nil {
		return err
	}
	err = os.Link(made, path)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return nil
	}
	if _, err := os.Lstat(path); err == nil {
		return nil
	}
	return os.Rename(made, path) // a file system without hard links
}

// How a file is opened, in the words of an SQLite URI.
const (
	alone   = "mode=rw&_txlock=immediate" // without WAL, closing leaves the one file
	withWAL = alone + "&_pragma=journal_mode(WAL)"
	always  = "&_pragma=busy_timeout(10000)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&_pragma=cache_size(-16000)"
)

// readOnly opens a file for reading where nothing can be written, not even the shared memory that a WAL needs.
func readOnly(path string) string {
	if info, err := os.Stat(path + "-wal"); err == nil && info.Size() > 0 {
		return "mode=ro" // what is in it counts
	}
	return "mode=ro&immutable=1"
}

// cannotWrite tells errors after which the file may still be read.
func cannotWrite(err error) bool {
	cause, ok := errors.AsType[*sqlite.Error](err)
	return ok && (cause.Code()&0xff == sqlite3.SQLITE_READONLY || cause.Code()&0xff == sqlite3.SQLITE_CANTOPEN)
}

// connectSQLite opens the file, refuses what is no sound journal, and migrates it.
func connectSQLite(ctx context.Context, path, how string, check bool) (*sql.DB, error) {
	name := url.URL{Scheme: "file", Path: filepath.ToSlash(path), OmitHost: true, RawQuery: how + always}
	connector, err := sqlite.NewConnector(name.String())
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	if err := prepareSQLite(ctx, db, check); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func prepareSQLite(ctx context.Context, db *sql.DB, check bool) error {
	var id, tables int64
	if err := db.QueryRowContext(ctx, "PRAGMA application_id").Scan(&id); err != nil {
		return err
	}
	if err := db.QueryRowContext(ctx, "SELECT COUNT(*) FROM sqlite_master").Scan(&tables); err != nil {
		return err
	}
	if id != applicationID && tables > 0 {
		return fmt.Errorf("%w: it is a database of another program: %s", ErrDamaged, restoreHint)
	}
	if check {
		var found string
		if err := db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&found); err != nil {
			return err
		}
		if found != "ok" {
			return fmt.Errorf("%w (%s): %s", ErrDamaged, found, restoreHint)
		}
	}
	return migrate(ctx, db, sqliteSchema())
}

func sqliteSchema() schema {
	return schema{
		steps: embeddedSteps("sqlite"),
		version: func(ctx context.Context, tx *sql.Tx) (version int, err error) {
			return version, tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version)
		},
		record: func(ctx context.Context, tx *sql.Tx, version int) error {
			_, err := tx.ExecContext(ctx, "PRAGMA user_version = "+strconv.Itoa(version)+
				"; PRAGMA application_id = "+strconv.Itoa(applicationID))
			return err
		},
	}
}

func sqliteEngine() engine {
	return engine{
		schema:    sqliteSchema(),
		explain:   explainSQLite,
		transient: func(error) bool { return false },
		refused:   func(error) bool { return true }, // a failed COMMIT is rolled back
		unnamed:   true,                             // SQLite searches names one by one
	}
}

// explainSQLite says in words what SQLite's result code means for a journal.
func explainSQLite(err error) error {
	cause, ok := errors.AsType[*sqlite.Error](err)
	if !ok || errors.Is(err, ErrDamaged) {
		return err
	}
	switch cause.Code() & 0xff {
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("%w: %s: %w", ErrDamaged, restoreHint, err)
	case sqlite3.SQLITE_FULL:
		return fmt.Errorf("the disk is full, nothing was recorded: make room and run again: %w", err)
	case sqlite3.SQLITE_READONLY:
		return fmt.Errorf("the file or its folder is read-only, nothing was recorded: %w", err)
	case sqlite3.SQLITE_IOERR:
		return fmt.Errorf("the disk failed or is full, nothing was recorded: %w", err)
	case sqlite3.SQLITE_CANTOPEN:
		return fmt.Errorf(
			"the file cannot be opened or written, nothing was recorded: check its folder and rights: %w", err)
	case sqlite3.SQLITE_BUSY:
		return fmt.Errorf("another process holds the file, nothing was recorded: try again later: %w", err)
	}
	return err
}
