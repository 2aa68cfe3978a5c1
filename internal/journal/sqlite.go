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
	// connections is readers and one writer; a file on a network has one connection alone.
	connections = 8
)

// openSQLite opens or makes the file. On a network file system shared memory does not work, so the
// file is kept without WAL and for one process alone.
func openSQLite(ctx context.Context, path string, network bool) (*Journal, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("journal %s: %w", path, err)
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := createSQLite(ctx, path); err != nil {
			return nil, fmt.Errorf("journal %s: cannot be created: %w", path, explainSQLite(err))
		}
		if info, err = os.Stat(path); err != nil {
			return nil, fmt.Errorf("journal: %w", err)
		}
	case err != nil:
		return nil, fmt.Errorf("journal: %w", err)
	case info.Size() == 0:
		return nil, fmt.Errorf("journal %s: %w: the file is empty: %s", path, ErrDamaged, restoreHint)
	}
	db, err := connectSQLite(ctx, path, network, info.Size() <= checkBelow)
	if err != nil {
		return nil, fmt.Errorf("journal %s: %w", path, explainSQLite(err))
	}
	j, err := start(db, sqliteEngine(network), path) //nolint:contextcheck // the writer outlives the caller's context
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	j.path = path
	if network {
		j.notice = "the journal " + path + " is on a network file system: it is kept without WAL and by one process alone," +
			" which is slower; a folder on a local disk is safer"
	}
	return j, nil
}

const restoreHint = "restore it from a backup, or move it away: " +
	"a new journal is begun, and orders that were sent before are found by look-ups"

// createSQLite makes a complete journal beside path and links it into place, so that an empty or
// half-made file is never taken for a journal, and one that another process made is never replaced.
func createSQLite(ctx context.Context, path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".new-*") // mode 0600
	if err != nil {
		return err
	}
	made := file.Name()
	defer func() { _ = os.Remove(made) }()
	if err := file.Close(); err != nil {
		return err
	}
	// Without WAL, closing leaves the one file.
	db, err := connectSQLite(ctx, made, true, false)
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

// connectSQLite opens the file, refuses what is no sound journal, and migrates it.
func connectSQLite(ctx context.Context, path string, network, check bool) (*sql.DB, error) {
	query := url.Values{"mode": {"rw"}, "_txlock": {"immediate"}, "_pragma": {"busy_timeout(10000)"}}
	if network {
		query["_pragma"] = append(query["_pragma"], "locking_mode(EXCLUSIVE)", "journal_mode(DELETE)")
	} else {
		query["_pragma"] = append(query["_pragma"], "journal_mode(WAL)")
	}
	query["_pragma"] = append(query["_pragma"], "synchronous(FULL)", "foreign_keys(1)", "cache_size(-16000)")
	name := url.URL{Scheme: "file", Path: filepath.ToSlash(path), OmitHost: true, RawQuery: query.Encode()}
	connector, err := sqlite.NewConnector(name.String())
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(connector)
	limit := connections
	if network {
		limit = 1
	}
	db.SetMaxOpenConns(limit)
	db.SetMaxIdleConns(limit)
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
	return migrate(ctx, db, sqliteSchema(), embeddedSteps())
}

func sqliteSchema() schema {
	return schema{
		version: func(ctx context.Context, tx *sql.Tx) (version int, err error) {
			return version, tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version)
		},
		record: func(ctx context.Context, tx *sql.Tx, version int) error {
			_, err := tx.ExecContext(ctx, "PRAGMA user_version = "+strconv.Itoa(version)+
				"; PRAGMA application_id = "+strconv.Itoa(applicationID))
			return err
		},
		translate: func(statements string) string { return statements },
	}
}

func sqliteEngine(network bool) engine {
	return engine{
		explain:   explainSQLite,
		transient: func(error) bool { return false },
		refused:   func(error) bool { return true }, // a failed COMMIT is rolled back
		prepare:   !network,                         // preparing takes a second connection
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
		return fmt.Errorf("the file cannot be opened or written, nothing was recorded: check its folder and rights: %w", err)
	case sqlite3.SQLITE_BUSY:
		return fmt.Errorf("another process holds the file, nothing was recorded: try again later: %w", err)
	}
	return err
}
