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

	"kraviabatch/internal/billing"
)

// chunkRows is how many rows are compressed together; reading holds that many in memory.
const chunkRows = 500

// chunk is some rows as they are stored.
type chunk struct {
	rows int
	body []byte
}

// AppendRows adds rows to those of the run, in one transaction. Some hundred rows a call store best.
func (j *Journal) AppendRows(ctx context.Context, run string, rows []billing.Row) error {
	var chunks []chunk
	for part := range slices.Chunk(rows, chunkRows) {
		var lines bytes.Buffer
		encoder := json.NewEncoder(&lines)
		for i := range part {
			if err := encoder.Encode(&part[i]); err != nil {
				return fmt.Errorf("journal: row %d: %w", part[i].Ordinal, err)
			}
		}
		chunks = append(chunks, chunk{rows: len(part), body: j.encoder.EncodeAll(lines.Bytes(), nil)})
	}
	return j.write(ctx, "append rows of run "+run, func(t *tx) error {
		var next int64
		err := t.get(`SELECT COALESCE(MAX(chunk), -1) + 1 FROM run_rows WHERE run = $1`, []any{run}, &next)
		if err != nil {
			return err
		}
		for i, c := range chunks {
			_, err := t.exec(`INSERT INTO run_rows (run, chunk, row_count, body) VALUES ($1, $2, $3, $4)`,
				run, next+int64(i), c.rows, c.body)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// Rows are the rows of a run in the order they were appended. An error is the last thing yielded.
// Between the rows writes may go on.
func (v View) Rows(ctx context.Context, run string) iter.Seq2[billing.Row, error] {
	return func(yield func(billing.Row, error) bool) {
		for n := int64(0); ; n++ {
			rows, err := v.readChunk(ctx, run, n)
			if err != nil {
				yield(billing.Row{}, err)
				return
			}
			if rows == nil {
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

// readChunk is the n-th chunk of a run, nil after the last.
func (v View) readChunk(ctx context.Context, run string, n int64) ([]billing.Row, error) {
	var count int
	var body []byte
	err := v.read(ctx, "read rows of run "+run, func() error {
		return v.from.QueryRowContext(ctx, `SELECT row_count, body FROM run_rows WHERE run = $1 AND chunk = $2`, run, n).
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
		return nil, v.journal.fail("read rows of run "+run, fmt.Errorf("%w: chunk %d: %w", ErrDamaged, n, err))
	}
	decoder := json.NewDecoder(bytes.NewReader(lines))
	rows := make([]billing.Row, count)
	for i := range rows {
		if err := decoder.Decode(&rows[i]); err != nil {
			return nil, v.journal.fail("read rows of run "+run, fmt.Errorf("%w: chunk %d row %d: %w", ErrDamaged, n, i, err))
		}
	}
	return rows, nil
}
