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
	// checkBelow is the size in bytes up to which the entire file is checked whenever it is opened, in about 0.1 s.
	checkBelow = 64 << 20
	// connections is the number of connections: one writer, the others read.
	connections = 8
)

// openSQLite opens or creates the file. A file that cannot be written is opened for reading only.
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

// findSQLite finds the file, or creates it. An empty file is damage and not a new journal: a copy that broke off, or a
// full disk, leaves such files, and a journal that has forgotten everything would send orders again.
func findSQLite(ctx context.Context, path string) (os.FileInfo, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := createSQLite(ctx, path); err != nil {
			return nil, fmt.Errorf(msgNotCreated, explainSQLite(err))
		}
		info, err = os.Stat(path)
	}
	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, fmt.Errorf(msgFolder, ErrDamaged, hintRestore)
	case info.Size() == 0:
		return nil, fmt.Errorf(msgEmpty, ErrDamaged, hintRestore)
	}
	return info, nil
}

// resolve gives the absolute path without symbolic links, so that all names of a journal lead to the same lock files.
// It creates the folder of a new journal.
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

// createSQLite makes a complete journal beside path and links it into place. So no process ever sees a half-made
// journal, and a journal that another process made meanwhile is never replaced.
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

// How a file is opened, as parameters of an SQLite URI.
const (
	// mode=rw never creates the file: createSQLite does, so that a half-made file is no journal.
	// _txlock=immediate takes the write lock at BEGIN. A transaction that read first and locked later could fail in its
	// middle because another process wrote.
	alone = "mode=rw&_txlock=immediate"
	// A write-ahead log lets the report read while orders are being sent. A new file is made without it, since closing
	// then leaves the one file that is linked into place.
	withWAL = alone + "&_pragma=journal_mode(WAL)"
	always  = "&_pragma=busy_timeout(10000)" + // ms that a writer waits for another process before SQLITE_BUSY
		"&_pragma=synchronous(FULL)" + // syncs the log at each commit; NORMAL may lose commits when the power fails
		"&_pragma=foreign_keys(1)" + // off by default: no attempt without its order, no row without its run
		"&_pragma=cache_size(-16000)" // KiB for each connection, so that memory does not grow with the journal
)

// readOnly gives the way to open a file where nothing can be written, not even the shared memory that a WAL needs.
func readOnly(path string) string {
	if info, err := os.Stat(path + "-wal"); err == nil && info.Size() > 0 {
		return "mode=ro" // immutable would leave out what is only in the log
	}
	return "mode=ro&immutable=1"
}

// cannotWrite reports whether the file may still be read after this error.
func cannotWrite(err error) bool {
	cause, ok := errors.AsType[*sqlite.Error](err)
	return ok && (cause.Code()&0xff == sqlite3.SQLITE_READONLY || cause.Code()&0xff == sqlite3.SQLITE_CANTOPEN)
}

// connectSQLite opens the file, refuses it if it is not an intact journal, and migrates its schema.
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

// prepareSQLite checks that the database is a journal and migrates its schema. check also has SQLite check every page.
func prepareSQLite(ctx context.Context, db *sql.DB, check bool) error {
	var id, tables int64
	if err := db.QueryRowContext(ctx, "PRAGMA application_id").Scan(&id); err != nil {
		return err
	}
	if err := db.QueryRowContext(ctx, "SELECT COUNT(*) FROM sqlite_master").Scan(&tables); err != nil {
		return err
	}
	if id != applicationID && tables > 0 {
		return fmt.Errorf(msgOtherProgram, ErrDamaged, hintRestore)
	}
	if check {
		var found string
		if err := db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&found); err != nil {
			return err
		}
		if found != "ok" {
			return fmt.Errorf(msgUnsound, ErrDamaged, found, hintRestore)
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
		refused:   func(error) bool { return true }, // there is no connection to lose: a failed COMMIT is rolled back
		unnamed:   true,                             // SQLite searches the names of parameters one by one
	}
}

// explainSQLite says in plain words what SQLite's result code means for the journal.
func explainSQLite(err error) error {
	cause, ok := errors.AsType[*sqlite.Error](err)
	if !ok || errors.Is(err, ErrDamaged) {
		return err
	}
	switch cause.Code() & 0xff {
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return fmt.Errorf(msgCorrupt, ErrDamaged, hintRestore, err)
	case sqlite3.SQLITE_FULL:
		return fmt.Errorf(msgDiskFull, err)
	case sqlite3.SQLITE_READONLY:
		return fmt.Errorf(msgReadOnly, err)
	case sqlite3.SQLITE_IOERR:
		return fmt.Errorf(msgDiskFailed, err)
	case sqlite3.SQLITE_CANTOPEN:
		return fmt.Errorf(msgCannotOpen, err)
	case sqlite3.SQLITE_BUSY:
		return fmt.Errorf(msgBusy, err)
	}
	return err
}
