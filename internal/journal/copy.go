package journal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
)

// ErrNotEmpty says that a journal holds runs or orders already, so no other journal can be copied into it.
var ErrNotEmpty = errors.New(msgNotEmpty)

// copyRows is how many rows share one statement and one transaction of Copy.
const copyRows = 100

// tables gives the tables of a journal in an order in which none refers to a later one. Locks are not copied.
func tables() []string {
	return []string{"runs", "run_files", "run_rows", "left_out", "orders", "order_bodies", "run_orders", "attempts"}
}

// Copy puts everything that the journal at from holds into an empty journal at to, which it creates if there is none.
// Both are locations as Open takes them. All accounts of from are locked meanwhile (error *LockedError). from is only
// read, apart from bringing its schema up to date.
//
// A copy that does not come to its end leaves a journal that Open refuses as damaged: a run with a part of the orders
// would send the others again. Errors: those of Open, and ErrNotEmpty. progress is called with the number of rows
// copied so far and of all rows; it may be nil.
func Copy(ctx context.Context, from, to string, progress func(done, total int)) (err error) {
	if !Shared(from) {
		if _, err := os.Stat(from); err != nil { // Open would create it
			return fmt.Errorf("journal: %w", err)
		}
	}
	source, err := Open(ctx, from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	release, err := source.lockAll(ctx)
	defer func() { err = errors.Join(err, release()) }()
	if err != nil {
		return err
	}
	target, err := Open(ctx, to)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	if err := target.beginCopy(ctx); err != nil {
		return err
	}
	c := copier{source: source, target: target, progress: progress}
	counts, err := source.counts(ctx)
	if err != nil {
		return err
	}
	for _, n := range counts {
		c.total += n
	}
	for _, table := range tables() {
		if err := c.copyTable(ctx, table); err != nil {
			return err
		}
	}
	if err := c.compare(ctx); err != nil {
		return err
	}
	return target.endCopy(ctx)
}

// lockAll locks every account that the journal knows. Call release after an error too: it releases the locks taken by
// then.
func (j *Journal) lockAll(ctx context.Context) (release func() error, err error) {
	var held []func() error
	release = func() error {
		var err error
		for _, one := range held {
			err = errors.Join(err, one())
		}
		return err
	}
	var accounts []string
	err = j.read(ctx, "read accounts", func() (err error) {
		scan := func(scan func(...any) error) (account string, err error) { return account, scan(&account) }
		accounts, err = selectAll(ctx, j.db, scan, `SELECT account FROM runs UNION SELECT account FROM orders`)
		return err
	})
	if err != nil {
		return release, err
	}
	j.db.SetMaxOpenConns(connections + len(accounts)) // each lock in PostgreSQL keeps a connection of its own
	for _, account := range accounts {
		one, err := j.Lock(ctx, account, Shard{}, ThisProcess("journal copy"))
		if err != nil {
			return release, err
		}
		held = append(held, one)
	}
	return release, nil
}

// beginCopy marks an empty journal, so that Open refuses it until endCopy.
func (j *Journal) beginCopy(ctx context.Context) error {
	return j.write(ctx, "begin a copy", func(t *tx) error {
		var filled bool
		err := t.get(`SELECT EXISTS (SELECT 1 FROM runs) OR EXISTS (SELECT 1 FROM orders)`, nil, &filled)
		if err == nil && filled {
			err = refusal{ErrNotEmpty}
		}
		if err != nil {
			return err
		}
		return j.engine.schema.record(t.ctx, t.sql, copying)
	})
}

// endCopy removes the mark, so that the copy becomes a journal.
func (j *Journal) endCopy(ctx context.Context) error {
	return j.write(ctx, "end a copy", func(t *tx) error {
		if j.engine.countOn != "" {
			if _, err := t.exec(j.engine.countOn); err != nil {
				return err
			}
		}
		return j.engine.schema.record(t.ctx, t.sql, len(j.engine.schema.steps))
	})
}

// copier copies the rows of one journal into another.
type copier struct {
	source, target *Journal
	done, total    int // rows
	progress       func(done, total int)
}

func (c *copier) copyTable(ctx context.Context, table string) error {
	rows, err := c.source.db.QueryContext(ctx, `SELECT * FROM `+table) //nolint:gosec // G202: one of tables
	if err != nil {
		return c.source.fail("read "+table, err)
	}
	defer func() { _ = rows.Close() }() // rows.Err below says what went wrong
	columns, err := rows.Columns()
	if err != nil {
		return c.source.fail("read "+table, err)
	}
	var args []any
	for rows.Next() {
		row, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return c.source.fail("read "+table, err)
		}
		if args = append(args, row...); len(args) == copyRows*len(columns) {
			if err := c.put(ctx, table, columns, args); err != nil {
				return err
			}
			args = args[:0]
		}
	}
	if err := rows.Err(); err != nil {
		return c.source.fail("read "+table, err)
	}
	return c.put(ctx, table, columns, args)
}

// put writes rows to the target. cells holds them one after another.
func (c *copier) put(ctx context.Context, table string, columns []string, cells []any) error {
	if len(cells) == 0 {
		return nil
	}
	for i, cell := range cells {
		switch v := cell.(type) {
		case string:
			cells[i] = clean(v)
		case []byte:
			cells[i] = append([]byte{}, v...) // an empty one is not NULL
		}
	}
	var tuples []string
	for i := 0; i < len(cells); i += len(columns) {
		tuples = append(tuples, "("+c.target.engine.places(i+1, len(columns))+")")
	}
	insert := `INSERT INTO ` + table + ` (` + strings.Join(columns, ", ") + `) ` + c.target.engine.withIDs +
		` VALUES ` + strings.Join(tuples, ", ")
	err := c.target.write(ctx, "copy "+table, func(t *tx) error { return t.execOnce(insert, cells...) })
	if err != nil {
		return err
	}
	if c.done += len(tuples); c.progress != nil {
		c.progress(c.done, c.total)
	}
	return nil
}

// compare compares the numbers of rows. A run of a new account may have begun in the source meanwhile: its account
// could not be locked, because the journal did not know it.
func (c *copier) compare(ctx context.Context) error {
	is, err := c.source.counts(ctx)
	if err != nil {
		return err
	}
	copied, err := c.target.counts(ctx)
	if err != nil {
		return err
	}
	for i, table := range tables() {
		if is[i] != copied[i] {
			return fmt.Errorf(msgIncomplete, table, is[i], c.source.name, copied[i], c.target.name)
		}
	}
	return nil
}

// counts gives the number of rows of each of the tables.
func (j *Journal) counts(ctx context.Context) ([]int, error) {
	counts := make([]int, len(tables()))
	for i, table := range tables() {
		err := j.read(ctx, "count "+table, func() error {
			return j.db.QueryRowContext(ctx, `SELECT COUNT(*) FROM `+table).Scan(&counts[i])
		})
		if err != nil {
			return nil, err
		}
	}
	return counts, nil
}
