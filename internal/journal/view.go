package journal

import (
	"context"
	"database/sql"
	"sync"
)

// View reads runs with their rows and orders. A [Journal] shows the newest state at each read; a [Journal.Snapshot]
// shows everything as it was at one moment.
type View struct {
	journal *Journal
	from    queryer
	fixed   bool // a snapshot: when its connection fails, its reads cannot be repeated
}

// queryer is the database, or a transaction in it.
type queryer interface {
	rowReader
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Snapshot calls look with a view that does not change while others write. If the connection fails, look is called
// again with a new view, so it must be able to begin anew. Meanwhile SQLite cannot shorten its log, and PostgreSQL
// keeps old versions of rows.
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

// read runs a read, and repeats it if the connection failed and the view is not a snapshot.
func (v View) read(ctx context.Context, doing string, run func() error) error {
	if v.fixed {
		return v.journal.fail(doing, run())
	}
	return v.journal.read(ctx, doing, run)
}

// rowReader runs queries: it keeps them prepared ([statements], [tx]) or not (the database, a plain transaction).
type rowReader interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// statements keeps statements of fixed texts, each prepared once.
type statements struct {
	db   *sql.DB
	kept sync.Map // *sql.Stmt by text
}

// get gives the prepared statement. It holds no lock while it prepares one, since a connection may hang.
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
		_ = stmt.Close() //nolint:sqlclosecheck // another goroutine was faster
	}
	return kept.(*sql.Stmt), nil //nolint:forcetypeassert // of one type
}

// QueryContext runs a query that stays prepared.
func (s *statements) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	stmt, err := s.get(ctx, query) //nolint:sqlclosecheck // kept for the next time
	if err != nil {
		return nil, err
	}
	return stmt.QueryContext(ctx, args...)
}
