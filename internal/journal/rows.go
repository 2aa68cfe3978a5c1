package journal

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"time"

	"kraviabatch/internal/billing"
)

// chunkSize is how many bytes of rows are compressed and stored together in one transaction. Reading holds that many
// bytes in memory.
const chunkSize = 1 << 20

// chunkTable is a table that holds the rows of runs in chunks: encoded rows one after another, compressed with zstd.
type chunkTable string

const (
	tableRows    chunkTable = "run_rows"
	tableLeftOut chunkTable = "left_out"
)

// words name the table's rows in errors.
func (t chunkTable) words() string {
	if t == tableLeftOut {
		return "left-out rows"
	}
	return "rows"
}

// AppendRows adds rows to those of the run, each encoded by [billing.AppendRow]. If it fails, some of them may be
// stored.
func (j *Journal) AppendRows(ctx context.Context, run string, rows iter.Seq2[[]byte, error]) error {
	_, err := j.appendChunks(ctx, tableRows, run, rows)
	return err
}

// AppendLeftOut adds rows to those that the profile left out in the run, as AppendRows does, and gives their number.
// They are no lines of any order; the journal keeps them so that the report can show every row of the input.
func (j *Journal) AppendLeftOut(ctx context.Context, run string, rows iter.Seq2[billing.LeftOut, error]) (stored int,
	err error,
) {
	return j.appendChunks(ctx, tableLeftOut, run, func(yield func([]byte, error) bool) {
		for row, err := range rows {
			var line []byte
			if err == nil {
				line, err = json.Marshal(&row)
			}
			if !yield(append(line, '\n'), err) {
				return
			}
		}
	})
}

func (j *Journal) appendChunks(ctx context.Context, table chunkTable, run string,
	rows iter.Seq2[[]byte, error],
) (stored int, err error) {
	var chunk []byte
	count := 0
	flush := func() error {
		body := j.encoder.EncodeAll(chunk, nil)
		err := j.write(ctx, "append "+table.words()+" of run "+run, func(t *tx) error {
			_, err := t.exec(`INSERT INTO `+string(table)+` (run, chunk, row_count, body)
				VALUES ($1, (SELECT COALESCE(MAX(chunk), -1) + 1 FROM `+string(table)+` WHERE run = $1), $2, $3)`,
				run, count, body)
			return err
		})
		stored += count
		chunk, count = chunk[:0], 0
		return err
	}
	for row, err := range rows {
		if err == nil && len(chunk)+len(row) > chunkSize && count > 0 {
			err = flush()
		}
		if err != nil {
			return stored, err
		}
		chunk, count = append(chunk, row...), count+1
	}
	if count > 0 {
		err = flush()
	}
	return stored, err
}

// Rows gives the rows of a run in the order in which they were appended. An error is the last thing yielded; it is
// ErrPruned if Prune removed the rows. Writes may go on between two rows.
func (v View) Rows(ctx context.Context, run string) iter.Seq2[billing.Row, error] {
	return readChunks(ctx, v, tableRows, run, func(data []byte) (billing.Row, []byte, error) {
		if data[0] == '{' { // written by an older program, before schema version 5
			return decodeLine[billing.Row](data)
		}
		return billing.DecodeRow(data)
	})
}

// LeftOut gives the rows that the profile left out in a run, in the way of Rows.
func (v View) LeftOut(ctx context.Context, run string) iter.Seq2[billing.LeftOut, error] {
	return readChunks(ctx, v, tableLeftOut, run, decodeLine[billing.LeftOut])
}

// decodeLine reads a value from the first line of JSON, and gives the lines that follow.
func decodeLine[T any](data []byte) (value T, rest []byte, err error) {
	line, rest, _ := bytes.Cut(data, []byte("\n"))
	return value, rest, json.Unmarshal(line, &value)
}

func readChunks[T any](ctx context.Context, v View, table chunkTable, run string,
	decode func([]byte) (T, []byte, error),
) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var chunk []byte
		var err error
		for n := 0; ; n++ {
			if chunk, err = v.readChunk(ctx, chunk[:0], table, run, n); err != nil {
				yield(*new(T), err)
			}
			if err != nil || len(chunk) == 0 {
				return
			}
			for i, rest := 0, chunk; len(rest) > 0; i++ {
				var row T
				if row, rest, err = decode(rest); err != nil {
					err = v.journal.fail("read "+table.words()+" of run "+run,
						fmt.Errorf(msgBadRow, ErrDamaged, n, i, err))
				}
				if !yield(row, err) || err != nil {
					return
				}
			}
		}
	}
}

// readChunk puts the n-th chunk of a run into a buffer. After the last chunk it gives none. A missing chunk of a pruned
// run is ErrPruned and not the end: a report must not take a part of the rows for all of them.
func (v View) readChunk(ctx context.Context, buffer []byte, table chunkTable, run string, n int) ([]byte, error) {
	var body []byte
	var pruned int64
	doing := "read " + table.words() + " of run " + run
	err := v.read(ctx, doing, func() error {
		err := v.from.QueryRowContext(ctx, `SELECT body FROM `+string(table)+` WHERE run = $1 AND chunk = $2`, run,
			n).Scan(&body)
		if errors.Is(err, sql.ErrNoRows) {
			err = v.from.QueryRowContext(ctx, `SELECT pruned_at FROM runs WHERE id = $1`, run).Scan(&pruned)
		}
		return err
	})
	switch {
	case errors.Is(err, sql.ErrNoRows), err == nil && body == nil && pruned == 0:
		return nil, nil
	case err != nil:
		return nil, err
	case body == nil:
		return nil, v.journal.fail(doing, fmt.Errorf(msgPrunedOn, ErrPruned, fromNanos(pruned).Format(time.DateOnly)))
	}
	chunk, err := v.journal.decoder.DecodeAll(body, buffer)
	if err != nil {
		err = v.journal.fail(doing, fmt.Errorf(msgBadChunk, ErrDamaged, n, err))
	}
	return chunk, err
}
