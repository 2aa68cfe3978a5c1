package journal

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Pruned says what Prune removed.
type Pruned struct {
	Runs   []string // runs that have no rows and names any more, oldest first
	Orders int      // orders that have no names, requests and messages any more
	Kept   []string // runs that are old enough, but stay complete because some of their orders are not concluded
}

// How much one transaction of Prune removes. Other processes write between two of them.
const (
	pruneOrders = 500
	pruneChunks = 50
)

// concluded is the condition on orders AS o for which nothing more is to be done until a run plans them again.
const concluded = `(o.state = 'planned' OR o.step = '' AND o.state IN ('invoiced', 'rejected', 'failed', 'voided'))`

// Prune removes who was billed for what in the account's runs that ended before a time: rows, left-out rows, names,
// request bodies, and the provider's words. References, hashes, amounts, invoice numbers, dates, addresses of invoices
// and the runs themselves stay for ever, so that no order is ever sent twice. A run with an order that is not concluded
// stays complete, and so does an order that another run has which is not pruned.
//
// Prune takes the account's lock (error *LockedError) and works in small transactions. If it is interrupted, the next
// Prune goes on. At the end SQLite rewrites its file, which needs free space of the file's size twice: in the temporary
// folder and beside the file.
func (j *Journal) Prune(ctx context.Context, account string, before time.Time) (p Pruned, err error) {
	release, err := j.Lock(ctx, account, Shard{}, ThisProcess("prune"))
	if err != nil {
		return p, err
	}
	defer func() { err = errors.Join(err, release()) }()
	runs, err := j.oldRuns(ctx, account, before)
	if err != nil {
		return p, err
	}
	for _, run := range runs {
		if !run.begun && run.open > 0 {
			p.Kept = append(p.Kept, run.id)
			continue
		}
		if err := j.pruneRun(ctx, run.id, &p); err != nil {
			return p, err
		}
		p.Runs = append(p.Runs, run.id)
	}
	return p, j.shrink(ctx)
}

// oldRun is a run that ended before a time, or one that an earlier Prune did not finish.
type oldRun struct {
	id    string
	begun bool // an earlier Prune has begun to remove its rows
	open  int  // orders that are not concluded
}

func (j *Journal) oldRuns(ctx context.Context, account string, before time.Time) (runs []oldRun, err error) {
	scan := func(scan func(...any) error) (r oldRun, err error) { return r, scan(&r.id, &r.begun, &r.open) }
	// No run is under way while Prune holds the lock, so a run that has not finished was killed.
	err = j.read(ctx, "find old runs", func() (err error) {
		runs, err = selectAll(ctx, j.db, scan, `SELECT r.id, r.pruned_at <> 0, (SELECT COUNT(*) FROM run_orders ro
			JOIN orders o ON o.id = ro.order_id WHERE ro.run = r.id AND NOT `+concluded+`)
			FROM runs r WHERE r.account = $1 AND (r.pruned_at <> 0 AND r.tables <> ''
			OR r.pruned_at = 0 AND CASE WHEN r.finished_at = 0 THEN r.started_at ELSE r.finished_at END < $2)
			ORDER BY r.place`, account, nanos(before))
		return err
	})
	return runs, err
}

// pruneRun marks a run as pruned and removes its data. The column tables is emptied last: while it holds something,
// the next Prune knows that the run may not be done.
func (j *Journal) pruneRun(ctx context.Context, run string, p *Pruned) error {
	for first, last := int64(-2), int64(-1); first < last; {
		var orders int64
		first = last
		err := j.pruneWrite(ctx, run, func(t *tx) (err error) {
			_, err = t.exec(`UPDATE runs SET pruned_at = $2 WHERE id = $1 AND pruned_at = 0`, run,
				time.Now().UnixNano())
			if err == nil {
				last, orders, err = t.pruneOrders(run, first)
			}
			return err
		})
		if err != nil {
			return err
		}
		p.Orders += int(orders)
	}
	for _, table := range []chunkTable{tableRows, tableLeftOut} {
		for n := int64(1); n > 0; {
			err := j.pruneWrite(ctx, run, func(t *tx) (err error) {
				n, err = t.exec(`DELETE FROM `+string(table)+` WHERE run = $1
					AND chunk < (SELECT MIN(chunk) FROM `+string(table)+` WHERE run = $1) + $2`, run, pruneChunks)
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	return j.pruneWrite(ctx, run, func(t *tx) error {
		_, err := t.exec(`UPDATE runs SET tables = '' WHERE id = $1`, run)
		return err
	})
}

// pruneWrite is one small transaction of Prune.
func (j *Journal) pruneWrite(ctx context.Context, run string, work func(*tx) error) error {
	return j.write(ctx, "prune run "+run, func(t *tx) error {
		if err := j.checkLocks(t); err != nil {
			return err
		}
		return work(t)
	})
}

// pruneOrders prunes the next orders of a run after the place first. It gives the place of the last one, or first if
// there was none. A body becomes empty but its row stays, since Enter reads orders together with their bodies. A
// planned order loses its step with its body: it must not be sent without one.
func (t *tx) pruneOrders(run string, first int64) (last, orders int64, err error) {
	err = t.get(`SELECT COALESCE(MAX(seq), $2) FROM
		(SELECT seq FROM run_orders WHERE run = $1 AND seq > $2 ORDER BY seq LIMIT $3) portion`,
		[]any{run, first, pruneOrders}, &last)
	if err != nil || last == first {
		return first, 0, err
	}
	const these = `(SELECT ro.order_id FROM run_orders ro JOIN orders o ON o.id = ro.order_id
		WHERE ro.run = $1 AND ro.seq > $2 AND ro.seq <= $3 AND ` + concluded + `
		AND NOT EXISTS (SELECT 1 FROM run_orders other
		JOIN runs r ON r.id = other.run WHERE other.order_id = o.id AND r.pruned_at = 0))`
	for _, statement := range []string{
		`UPDATE order_bodies SET body = substr(body, 1, 0), create_body = NULL
			WHERE length(body) > 0 AND order_id IN ` + these,
		`UPDATE attempts SET detail = '' WHERE order_id IN ` + these,
		`UPDATE run_orders SET customer = '', particulars = '' WHERE run = $1 AND seq > $2 AND seq <= $3`,
		`UPDATE orders SET customer = '', organization_number = '', message = '', step = '', version = version + 1
			WHERE id IN ` + these,
	} {
		if orders, err = t.exec(statement, run, first, last); err != nil {
			return first, 0, err
		}
	}
	return last, orders, nil
}

// shrink makes SQLite give the free pages of its file back to the disk. PostgreSQL does so by itself.
func (j *Journal) shrink(ctx context.Context) error {
	if j.path == "" {
		return nil
	}
	var free int
	err := j.db.QueryRowContext(ctx, "PRAGMA freelist_count").Scan(&free)
	if err == nil && free == 0 {
		return nil
	}
	if err == nil {
		_, err = j.db.ExecContext(ctx, "VACUUM; PRAGMA wal_checkpoint(TRUNCATE)")
	}
	if err != nil {
		return fmt.Errorf(msgNotShrunk, j.fail("rewrite the file", err))
	}
	return nil
}
