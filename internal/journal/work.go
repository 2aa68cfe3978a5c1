package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"

	"kraviabatch/internal/billing"
)

// Work says which orders a process takes.
type Work struct {
	Account string
	Run     string         // whose orders may be sent, "" for no run's
	Shard   Shard          // the zero value takes all orders
	Steps   []billing.Step // the steps to do, the most urgent first
}

// mine is the SQL condition on orders AS o for one step of a Work, with the parameters $1 to $6.
//
// Its form serves the index orders_due. SQLite uses a partial index only if the query repeats the index's condition,
// step <> ”. PostgreSQL assumes that an equality with an expression is rare and would then sort instead of reading
// the index in order; abs(…) < 1 means the same and misleads it less.
const mine = `o.account = $1 AND o.step <> '' AND o.step = $2 AND o.due_at <= $3 AND abs(o.bucket % $4 - $5) < 1
	AND (o.run = $6 OR o.step NOT IN ('send', 'look first'))`

func (w *Work) args(step billing.Step, until time.Time) []any {
	return []any{w.Account, step.String(), nanos(until), max(w.Shard.Count, 1), w.Shard.Index, w.Run}
}

// Due gives about limit orders whose step is due now, with their bodies: by step in the order of Work.Steps, then the
// one that is due longest first. Orders for which skip is true are passed over.
func (j *Journal) Due(ctx context.Context, w Work, now time.Time, limit int, skip map[string]bool) ([]Order, error) {
	due, page := make([]Order, 0, limit), make([]Order, 0, limit)
	for _, step := range w.Steps {
		left := limit - len(due)
		if left <= 0 {
			break
		}
		err := j.read(ctx, "read orders that are due", func() (err error) {
			page, err = selectInto(ctx, &j.prepared, page, scanWithBodies(),
				`SELECT b.body, b.create_body, `+orderColumns+`
				FROM orders o JOIN order_bodies b ON b.order_id = o.id WHERE `+mine+` ORDER BY o.due_at, o.id LIMIT $7`,
				append(w.args(step, now), left+len(skip))...)
			return err
		})
		if err != nil {
			return nil, err
		}
		for i := range page {
			if !skip[page[i].Reference] {
				due = append(due, page[i])
			}
		}
	}
	return due, nil
}

// NextDue gives the time when the next step of the work is due, in the past if one is due already, and zero if none
// will be. Steps that are left to the next run do not count.
func (j *Journal) NextDue(ctx context.Context, w Work, skip map[string]bool) (next time.Time, err error) {
	for _, step := range w.Steps {
		err := j.read(ctx, "read when orders are due", func() error {
			rows, err := j.prepared.QueryContext(ctx,
				`SELECT o.reference, o.due_at FROM orders o WHERE `+mine+` ORDER BY o.due_at LIMIT $7`,
				append(w.args(step, billing.Never().Add(-1)), len(skip)+1)...)
			if err != nil {
				return err
			}
			defer func() { _ = rows.Close() }() // rows.Err below says what went wrong
			for rows.Next() {
				var reference string
				var at int64
				if err := rows.Scan(&reference, &at); err != nil {
					return err
				}
				if due := fromNanos(at); !skip[reference] && (next.IsZero() || due.Before(next)) {
					next = due
				}
			}
			return rows.Err()
		})
		if err != nil {
			return time.Time{}, err
		}
	}
	return next, nil
}

// Resume makes due now what earlier runs of the account left unclear, uncollected or incomplete, see
// [billing.EventResumed]. It does not touch an order that was never sent: that is for a run whose file holds it.
//
// An order that is found in state sending had a request under way when its process ended. Begin recorded the request
// before it waited for its turn in the pace, so it may have left later than the journal says. Its age therefore counts
// from the earlier of now and waited after its Begin: too young only delays a resend, too old could invoice twice.
func (j *Journal) Resume(ctx context.Context, account string, shard Shard, now time.Time, waited time.Duration) error {
	const left = `account = $1 AND bucket % $2 = $3 AND step <> '' AND state <> 'planned'`
	args := []any{account, max(shard.Count, 1), shard.Index}
	err := j.write(ctx, "take up requests of account "+account, func(t *tx) error {
		if err := j.checkLocks(t); err != nil {
			return err
		}
		_, err := t.exec(`UPDATE orders
			SET last_attempt_at = CASE WHEN last_attempt_at + $4 < $5 THEN last_attempt_at + $4 ELSE $5 END
			WHERE `+left+` AND step = 'look up' AND state = 'sending' AND last_attempt_at < $5`,
			append(args, int64(waited), nanos(now))...)
		return err
	})
	if err != nil {
		return err
	}
	return j.rewrite(ctx, "resume account "+account, left, args, billing.InDoubt, billing.EventResumed, now)
}

// Shelve takes the step from orders that other runs planned and did not send: only this run's file says what is sent
// now. A later run whose file holds such an order makes it due again.
func (j *Journal) Shelve(ctx context.Context, account, run string, shard Shard) error {
	return j.write(ctx, "put unsent orders aside", func(t *tx) error {
		if err := j.checkLocks(t); err != nil {
			return err
		}
		_, err := t.exec(`UPDATE orders SET version = version + 1, step = '', due_at = 0
			WHERE account = $1 AND bucket % $2 = $3 AND step <> '' AND step IN ('send', 'look first')
			AND state = 'planned' AND run <> $4`, account, max(shard.Count, 1), shard.Index, run)
		return err
	})
}

// unchecked is the condition for the orders of a run that wait for a look-up before their first request, since a new
// journal knows nothing of them. Its parameters are account, shard count, shard index and run.
const unchecked = `account = $1 AND bucket % $2 = $3 AND run = $4 AND step = 'look first' AND step <> ''`

// Unchecked counts the run's orders that wait for a look-up before their first request.
func (j *Journal) Unchecked(ctx context.Context, account, run string, shard Shard) (number int, err error) {
	err = j.read(ctx, "count orders to look up", func() error {
		return j.db.QueryRowContext(ctx, `SELECT COUNT(*) FROM orders WHERE `+unchecked, account, max(shard.Count, 1),
			shard.Index, run).Scan(&number)
	})
	return number, err
}

// ReleaseUnchecked lets the orders that Unchecked counts take the step after a look-up that found nothing. Call it only
// after the provider's entire list showed none of them.
func (j *Journal) ReleaseUnchecked(ctx context.Context, account, run string, shard Shard, now time.Time) error {
	return j.rewrite(ctx, "release run "+run, unchecked,
		[]any{account, max(shard.Count, 1), shard.Index, run}, billing.Planned, billing.EventNothing, now)
}

// Limit takes the step from all but the run's first orders, by their places in it, and counts those that it leaves
// unsent. They stay planned.
func (j *Journal) Limit(ctx context.Context, run string, first int) (limited int64, err error) {
	err = j.write(ctx, "limit orders of run "+run, func(t *tx) (err error) {
		if err := j.checkLocks(t); err != nil {
			return err
		}
		limited, err = t.exec(`UPDATE orders SET version = version + 1, step = '', due_at = 0
			WHERE run = $1 AND state = 'planned' AND step <> ''
			AND id NOT IN (SELECT ro.order_id FROM run_orders ro JOIN orders p ON p.id = ro.order_id
			WHERE ro.run = $1 AND p.state = 'planned' AND p.step <> '' ORDER BY ro.seq LIMIT $2)`,
			run, first)
		return err
	})
	return limited, err
}

// rewrite applies one event to all orders that a condition finds. It asks the lifecycle once for all orders that stand
// alike, and so does not read a million orders one by one. Orders that are to be sent keep their due time, and with it
// their order.
func (j *Journal) rewrite(ctx context.Context, doing, which string, args []any, state billing.State, e billing.Event,
	now time.Time,
) error {
	type standing struct {
		step         string
		tries, looks int
		refused      int64
	}
	scan := func(scan func(...any) error) (s standing, err error) {
		return s, scan(&s.step, &s.tries, &s.looks, &s.refused)
	}
	return j.write(ctx, doing, func(t *tx) error {
		if err := j.checkLocks(t); err != nil {
			return err
		}
		// The fewest looks first: an order that then has one look less falls into no later group.
		alike, err := selectAll(t.ctx, t.sql, scan,
			`SELECT DISTINCT step, tries, looks, refused FROM orders WHERE `+which+
				` ORDER BY looks, step, tries, refused`, args...)
		if err != nil {
			return err
		}
		for _, s := range alike {
			l := billing.Life{
				Outcome: billing.Outcome{State: state}, Tries: s.tries, Looks: s.looks, Refused: s.refused != 0,
			}
			if l.Step, err = billing.ParseStep(s.step); err != nil {
				return err
			}
			next := l.Next(e, billing.Outcome{}, now)
			due := `due_at`
			if next.Step != billing.StepSend {
				due = strconv.FormatInt(nanos(next.Due), 10)
			}
			n := len(args)
			err := t.execOnce(fmt.Sprintf(`UPDATE orders
				SET version = version + 1, step = $%d, due_at = %s, tries = $%d, looks = $%d, resent = 0
				WHERE %s AND step = $%d AND tries = $%d AND looks = $%d AND refused = $%d`,
				n+1, due, n+2, n+3, which, n+4, n+5, n+6, n+7),
				append(args[:n:n], next.Step.String(), next.Tries, next.Looks, s.step, s.tries, s.looks, s.refused)...)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// KnownSince gives the time since when the journal has known of any request for the account's orders, zero for never.
// A journal that knows of none may be new in the place of one that was lost, so its orders are looked up before they
// are sent.
func (j *Journal) KnownSince(ctx context.Context, account string) (since time.Time, err error) {
	err = j.read(ctx, "look for earlier orders", func() error {
		var at int64
		err := j.db.QueryRowContext(ctx,
			`SELECT planned_at FROM orders WHERE account = $1 AND (attempts > 0 OR state <> 'planned')
			ORDER BY id LIMIT 1`,
			account).Scan(&at)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		since = fromNanos(at)
		return err
	})
	return since, err
}

// Unclear gives the account's orders in doubt or in conflict that none of the runs holds with the stored content: their
// number, and at most limit of them. It leaves out a conflict for which this account cannot have made anything, see
// [billing.Life.NothingMade]: that is somebody else's invoice. An alarm about two live invoices is always among them.
func (v View) Unclear(ctx context.Context, account string, shard Shard, runs []string, limit int) (orders []Order,
	number int, err error,
) {
	args := []any{account, max(shard.Count, 1), shard.Index, int64(billing.Mismatched)}
	for _, run := range runs {
		args = append(args, run)
	}
	unclear := `FROM orders o WHERE o.account = $1 AND o.step <> '' AND o.step IN ('look up', 'send')
		AND o.state <> 'planned' AND o.bucket % $2 = $3
		AND NOT (o.state = 'conflict' AND o.code <> '` + string(billing.CodeDuplicated) + `'
			AND (o.sent = 0 OR o.sent = 1 AND o.refused = 1))
		AND NOT EXISTS (SELECT 1 FROM run_orders ro WHERE ro.order_id = o.id AND ro.verdict <> $4
		AND ro.run IN (` + v.journal.engine.places(5, len(runs)) + `))`
	err = v.read(ctx, "read unclear orders", func() (err error) {
		if err := v.from.QueryRowContext(ctx, `SELECT COUNT(*) `+unclear, args...).Scan(&number); err != nil {
			return err
		}
		orders, err = selectAll(ctx, v.from, scanOrder(),
			`SELECT `+orderColumns+` `+unclear+` ORDER BY o.id LIMIT `+strconv.Itoa(limit), args...)
		return err
	})
	return orders, number, err
}

// scanOrder gives a function that scans a row of orderColumns.
func scanOrder() func(func(...any) error) (Order, error) {
	var s orderScan
	columns := s.columns()
	return func(scan func(...any) error) (Order, error) {
		if err := scan(columns...); err != nil {
			return Order{}, err
		}
		return s.order()
	}
}
