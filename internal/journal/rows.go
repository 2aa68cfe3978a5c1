package journal

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"kraviabatch/internal/billing"
)

// chunkRows is how many rows are compressed together; reading holds that many in memory.
const chunkRows = 500

// chunk is some rows as they are stored.
type chunk struct {
	rows int
	body []byte
}

// chunkTable is a table that holds rows of runs in chunks.
type chunkTable string

const (
	tableRows    chunkTable = "run_rows"
	tableLeftOut chunkTable = "left_out"
)

// words name its rows for people.
func (t chunkTable) words() string {
	if t == tableLeftOut {
		return "rows left out"
	}
	return "rows"
}

// AppendRows adds rows to those of the run, in one transaction. Some hundred rows a call store best.
func (j *Journal) AppendRows(ctx context.Context, run string, rows []billing.Row) error {
	return appendChunks(ctx, j, tableRows, run, rows)
}

// AppendLeftOut adds rows to those that the profile left out in the run, as AppendRows does.
func (j *Journal) AppendLeftOut(ctx context.Context, run string, rows []billing.LeftOut) error {
	return appendChunks(ctx, j, tableLeftOut, run, rows)
}

func appendChunks[T any](ctx context.Context, j *Journal, table chunkTable, run string, rows []T) error {
	var chunks []chunk
	for part := range slices.Chunk(rows, chunkRows) {
		var lines bytes.Buffer
		encoder := json.NewEncoder(&lines)
		for i := range part {
			if err := encoder.Encode(&part[i]); err != nil {
				return fmt.Errorf("journal: %s of run %s: %w", table.words(), run, err)
			}
		}
		chunks = append(chunks, chunk{rows: len(part), body: j.encoder.EncodeAll(lines.Bytes(), nil)})
	}
	return j.write(ctx, "append "+table.words()+" of run "+run, func(t *tx) error {
		var next int64
		err := t.get(`SELECT COALESCE(MAX(chunk), -1) + 1 FROM `+string(table)+` WHERE run = $1`, []any{run}, &next)
		if err != nil {
			return err
		}
		for i, c := range chunks {
			_, err := t.exec(`INSERT INTO `+string(table)+` (run, chunk, row_count, body) VALUES ($1, $2, $3, $4)`,
				run, next+int64(i), c.rows, c.body)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// Rows are the rows of a run in the order they were appended. An error is the last thing yielded; it is ErrPruned where the
// rows were removed. Between the rows writes may go on.
func (v View) Rows(ctx context.Context, run string) iter.Seq2[billing.Row, error] {
	return readChunks[billing.Row](ctx, v, tableRows, run)
}

// LeftOut are the rows that the profile left out in a run, as Rows gives its rows.
func (v View) LeftOut(ctx context.Context, run string) iter.Seq2[billing.LeftOut, error] {
	return readChunks[billing.LeftOut](ctx, v, tableLeftOut, run)
}

func readChunks[T any](ctx context.Context, v View, table chunkTable, run string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for n := int64(0); ; n++ {
			rows, err := readChunk[T](ctx, v, table, run, n)
			if err != nil {
				yield(*new(T), err)
				return
			}
			if rows == nil {
				if err := v.checkPruned(ctx, run); err != nil {
					yield(*new(T), err)
				}
				return
			}
			for _, row := range rows {
				if !yield(row, nil) {
					return
				}
			}
		}
	}
}

// checkPruned tells the end of a run's rows from rows that were removed. Prune removes the first chunk first.
func (v View) checkPruned(ctx context.Context, run string) error {
	var at int64
	err := v.read(ctx, "read run "+run, func() error {
		return v.from.QueryRowContext(ctx, `SELECT pruned_at FROM runs WHERE id = $1`, run).Scan(&at)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err == nil && at != 0 {
		err = v.journal.fail("read the rows of run "+run, fmt.Errorf("%w on %s", ErrPruned, fromNanos(at).Format(time.DateOnly)))
	}
	return err
}

// readChunk is the n-th chunk of a run, nil after the last.
func readChunk[T any](ctx context.Context, v View, table chunkTable, run string, n int64) ([]T, error) {
	var count int
	var body []byte
	doing := "read " + table.words() + " of run " + run
	err := v.read(ctx, doing, func() error {
		return v.from.QueryRowContext(ctx, `SELECT row_count, body FROM `+string(table)+` WHERE run = $1 AND chunk = $2`, run, n).
			Scan(&count, &body)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	lines, err := v.journal.decoder.DecodeAll(body, nil)
	if err != nil {
		return nil, v.journal.fail(doing, fmt.Errorf("%w: chunk %d: %w", ErrDamaged, n, err))
	}
	decoder := json.NewDecoder(bytes.NewReader(lines))
	rows := make([]T, count)
	for i := range rows {
		if err := decoder.Decode(&rows[i]); err != nil {
			return nil, v.journal.fail(doing, fmt.Errorf("%w: chunk %d row %d: %w", ErrDamaged, n, i, err))
		}
	}
	return rows, nil
}
