package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"runtime"
	"time"

	"kraviabatch/internal/fault"
)

// maxGroup is how many waiting writes share one transaction at most, and with it one sync of the disk.
const maxGroup = 1024

// yields is how often in a row the writer lets other goroutines run before it closes a group.
const yields = 4

// maxTries is how often a transaction is tried if it certainly did not happen.
const maxTries = 5

// request is one write that waits for the writer. run may be called more than once: its transaction may be repeated.
type request struct {
	run  func(*tx) error
	done chan error
}

// refusal is an error of a request that has written nothing. The other requests of its group may be committed.
type refusal struct{ error }

// Unwrap is the reason.
func (r refusal) Unwrap() error { return r.error }

// tx is the writer's transaction.
type tx struct {
	ctx     context.Context //nolint:containedctx // lives for one transaction
	sql     *sql.Tx
	journal *Journal
	fenced  bool // the account's lock is certainly still ours
}

// prepared gives the statement within the transaction. It stays prepared for later transactions.
func (t *tx) prepared(query string) (*sql.Stmt, error) {
	stmt, err := t.journal.prepared.get(t.ctx, query)
	if err != nil {
		return nil, err
	}
	return t.sql.StmtContext(t.ctx, stmt), nil
}

// ExecContext runs a statement that stays prepared.
func (t *tx) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	stmt, err := t.prepared(query) //nolint:sqlclosecheck // kept for the next transaction
	if err != nil {
		return nil, err
	}
	return stmt.ExecContext(ctx, args...)
}

// QueryContext runs a query that stays prepared.
func (t *tx) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	stmt, err := t.prepared(query) //nolint:sqlclosecheck // kept for the next transaction
	if err != nil {
		return nil, err
	}
	return stmt.QueryContext(ctx, args...)
}

// exec runs a statement and gives the number of rows that it changed.
func (t *tx) exec(query string, args ...any) (int64, error) {
	result, err := t.ExecContext(t.ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// execOnce runs a statement whose text differs from call to call, and does not keep it prepared.
func (t *tx) execOnce(query string, args ...any) error {
	_, err := t.sql.ExecContext(t.ctx, query, args...)
	return err
}

// get scans the one row of a query. Without a row the error is sql.ErrNoRows.
func (t *tx) get(query string, args []any, into ...any) error {
	stmt, err := t.prepared(query) //nolint:sqlclosecheck // kept for the next transaction
	if err != nil {
		return err
	}
	return stmt.QueryRowContext(t.ctx, args...).Scan(into...)
}

// write hands run to the writer and waits for the commit. nil means committed, ErrUnknown means perhaps committed, any
// other error means certainly not committed. If ctx ends before the writer takes the request, nothing is written; after
// that, ctx has no effect.
func (j *Journal) write(ctx context.Context, doing string, run func(*tx) error) error {
	if err := ctx.Err(); err != nil {
		return j.fail(doing, err)
	}
	r := &request{run: run, done: make(chan error, 1)}
	select {
	case j.requests <- r:
		return j.fail(doing, <-r.done)
	case <-ctx.Done():
		return j.fail(doing, ctx.Err())
	case <-j.closing:
		return j.fail(doing, ErrClosed)
	}
}

// writeLoop is the one writer of this process. It puts all waiting requests into one transaction, since each commit
// waits for the disk.
func (j *Journal) writeLoop() {
	defer close(j.stopped)
	group := make([]*request, 0, maxGroup)
	for {
		select {
		case r := <-j.requests:
			group = j.gather(append(group[:0], r))
			j.commit(group)
		case <-j.closing:
			return
		}
	}
}

// gather adds the requests that are waiting already.
func (j *Journal) gather(group []*request) []*request {
	// Workers whose writes were just committed get time to queue their next ones. That makes groups larger and syncs of
	// the disk fewer.
	for idle := 0; len(group) < maxGroup && idle < yields; {
		select {
		case r := <-j.requests:
			group, idle = append(group, r), 0
		default:
			runtime.Gosched()
			idle++
		}
	}
	return group
}

// commit answers every request of the group. If one of them fails, each gets a transaction of its own, so that only
// the failing one is refused.
func (j *Journal) commit(group []*request) {
	refused := make([]error, len(group))
	failed, err := j.transact(func(t *tx) error {
		for i, r := range group {
			err := r.run(t)
			if _, only := errors.AsType[refusal](err); err != nil && !only {
				return err
			}
			refused[i] = err
		}
		return nil
	})
	if failed && len(group) > 1 && !j.engine.transient(err) {
		for i := range group {
			j.commit(group[i : i+1])
		}
		return
	}
	for i, r := range group {
		if err == nil {
			r.done <- refused[i]
		} else {
			r.done <- err
		}
	}
}

// transact runs the transaction. It repeats a transaction that certainly did not happen because of a passing trouble,
// and never one whose commit is in doubt. failed reports that run itself returned the error.
func (j *Journal) transact(run func(*tx) error) (failed bool, err error) {
	for try := 1; ; try++ {
		failed, err = j.transactOnce(run)
		if err == nil || errors.Is(err, ErrUnknown) || !j.engine.transient(err) || try == maxTries {
			return failed, err
		}
		if !j.pause(backoff(try)) {
			return failed, err
		}
	}
}

// backoff is the wait before another try.
func backoff(try int) time.Duration { return time.Duration(try*try) * 100 * time.Millisecond }

// pause waits, and reports whether the journal is still open.
func (j *Journal) pause(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-j.closing:
		return false
	}
}

func (j *Journal) transactOnce(run func(*tx) error) (failed bool, err error) {
	if err := j.inPlace(); err != nil {
		return false, err
	}
	ctx := context.Background()
	if j.engine.limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, j.engine.limit)
		defer cancel()
	}
	sqlTx, err := j.db.BeginTx(ctx, nil)
	if err != nil {
		return false, err
	}
	t := &tx{ctx: ctx, sql: sqlTx, journal: j}
	if err := fault.Run(func() error { return run(t) }); err != nil {
		_ = sqlTx.Rollback() // if this fails, the connection ends, and the transaction with it
		return true, err
	}
	if err := sqlTx.Commit(); err != nil {
		if !j.engine.refused(err) {
			return false, fmt.Errorf("%w: %w", ErrUnknown, err) // the server may have committed all the same
		}
		return false, err
	}
	return false, nil
}

// inPlace refuses to write into a file that was deleted or replaced since it was opened: what is written there is lost
// when the process ends, and the next run would send the orders again. It looks once a second, so that many writes cost
// nothing.
func (j *Journal) inPlace() error {
	if j.file == nil || time.Since(j.seenAt) < time.Second {
		return nil
	}
	if now, err := os.Stat(j.path); err != nil || !os.SameFile(j.file, now) {
		return fmt.Errorf(msgReplaced, ErrDamaged)
	}
	j.seenAt = time.Now()
	return nil
}

// read runs a read, and repeats it if the connection failed.
func (j *Journal) read(ctx context.Context, doing string, run func() error) error {
	for try := 1; ; try++ {
		err := run()
		if err == nil || ctx.Err() != nil || !j.engine.transient(err) || try == maxTries {
			return j.fail(doing, err)
		}
		if !j.pause(backoff(try)) {
			return j.fail(doing, err)
		}
	}
}
