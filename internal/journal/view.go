package journal

import (
	"context"
	"database/sql"
	"sync"
)

// View reads runs with their rows and orders: in a [Journal] the newest at each read, in a [Journal.Snapshot]
// all as they were at one moment.
type View struct {
	journal *Journal
	from    queryer
	fixed   bool // a snapshot, whose reads cannot be repeated once its connection failed
}

// queryer is the database, or a transaction of it.
type queryer interface {
	rowReader
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Snapshot gives look a view that does not change while others write, and ends it afterwards. Where the
// connection fails, look is called again with another view. While it runs, SQLite keeps its log and
// PostgreSQL old versions of rows.
func (j *Journal) Snapshot(ctx context.Context, look func(View) error) error {
	for try := 1; ; try++ {
		err := j.snapshot(ctx, look)
		if err == nil || ctx.Err() != nil || !j.engine.transient(err) || try == maxTries || !j.pause(backoff(try)) {
			return err
		}
	}
}

func (j *Journal) snapshot(ctx context.Context, look func(View) error) error {
	// SQLite in WAL mode and PostgreSQL at this level show what was committed before the first read.
	tx, err := j.db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return j.fail("begin a snapshot", err)
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	return look(View{journal: j, from: tx, fixed: true})
}

// read runs a read that may be repeated, again if the connection failed.
func (v View) read(ctx context.Context, doing string, run func() error) error {
	if v.fixed {
		return v.journal.fail(doing, run())
	}
	return v.journal.read(ctx, doing, run)
}

// rowReader asks for rows by a fixed or a changing text.
type rowReader interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// statements are those of fixed texts, each prepared once.
type statements struct {
	db   *sql.DB
	kept sync.Map // *sql.Stmt by text
}

// get prepares a statement without keeping others waiting: a connection may hang.
func (s *statements) get(ctx context.Context, query string) (*sql.Stmt, error) {
	if kept, found := s.kept.Load(query); found {
		return kept.(*sql.Stmt), nil //nolint:forcetypeassert // of one type
	}
	stmt, err := s.db.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	kept, found := s.kept.LoadOrStore(query, stmt)
	if found {
		_ = stmt.Close() //nolint:sqlclosecheck // another was faster
	}
	return kept.(*sql.Stmt), nil //nolint:forcetypeassert // of one type
}

// QueryContext asks by a statement that stays prepared.
func (s *statements) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	stmt, err := s.get(ctx, query) //nolint:sqlclosecheck // kept for the next time
	if err != nil {
		return nil, err
	}
	return stmt.QueryContext(ctx, args...)
}
