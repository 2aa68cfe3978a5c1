package batch

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"math"
	"os"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/report"
)

// leavings are the rows that the profile leaves out, in a working file: there may be as many as lines.
type leavings struct {
	file  *os.File
	out   *bufio.Writer
	total report.LeftOut
}

// leaveOut keeps a row of the newest table that the profile leaves out.
func (r *Reading) leaveOut(dir string, row billing.LeftOut) error {
	if r.left == nil {
		file, err := r.newScratch(dir)
		if err != nil {
			return err
		}
		r.left = &leavings{file: file, out: bufio.NewWriterSize(file, 1<<16)}
	}
	row.Table = len(r.Tables()) - 1
	line, err := json.Marshal(&row)
	if err != nil {
		return fmt.Errorf("%s row %d: %w", row.File, row.Row, err)
	}
	if _, err := r.left.out.Write(line); err != nil {
		return fmt.Errorf("write working file: %w", err)
	}
	r.left.total.Add(&row)
	return nil
}

// LeftOut counts the rows that the profile left out, nil for none.
func (r *Reading) LeftOut() *report.LeftOut {
	if r.left == nil {
		return nil
	}
	return &r.left.total
}

// rows is how many there are.
func (l *leavings) rows() int {
	if l == nil {
		return 0
	}
	return l.total.Rows
}

// all gives the rows in input order; it can be called again. One that is lost is an error at the end.
func (l *leavings) all() iter.Seq2[billing.LeftOut, error] {
	return func(yield func(billing.LeftOut, error) bool) {
		if l == nil {
			return
		}
		if err := l.out.Flush(); err != nil {
			yield(billing.LeftOut{}, fmt.Errorf("write working file: %w", err))
			return
		}
		decoder := json.NewDecoder(io.NewSectionReader(l.file, 0, math.MaxInt64))
		for range l.total.Rows {
			var row billing.LeftOut
			err := decoder.Decode(&row)
			if err != nil {
				err = fmt.Errorf("read working file: rows left out: %w", err)
			}
			if !yield(row, err) || err != nil {
				return
			}
		}
	}
}

// storeLeftOut writes to the journal what the profile left out, for a shard its share by reference, and gives its number.
func (s *Settings) storeLeftOut(ctx context.Context, run string, r *Reading) (stored int, err error) {
	chunk := make([]billing.LeftOut, 0, min(planSize, r.left.rows()))
	flush := func() error {
		if len(chunk) == 0 {
			return nil
		}
		stored += len(chunk)
		err := s.Journal.AppendLeftOut(ctx, run, chunk)
		chunk = chunk[:0]
		return err
	}
	for row, err := range r.left.all() {
		if err != nil {
			return stored, err
		}
		if !s.mine(row.Reference) {
			continue
		}
		if chunk = append(chunk, row); len(chunk) == planSize {
			if err := flush(); err != nil {
				return stored, err
			}
		}
	}
	return stored, flush()
}
