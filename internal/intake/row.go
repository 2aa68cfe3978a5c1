package intake

import (
	"context"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/xlsx"
)

// Limits of any table. Beyond them a file is no list of billable lines.
const (
	maxColumns   = 1024     // cells in one row
	maxCell      = 1 << 20  // bytes in one cell
	maxHeaderRow = 50       // how far down a header is looked for
	maxRows      = 20000000 // records in one file
)

// cell is one cell of a table. Everything in a CSV file is text.
type cell = xlsx.Cell

// row is one row of a table. A rowReader reuses it; texts stay valid.
type row struct {
	number int  // as a spreadsheet shows it
	line   int  // physical line where it begins, CSV only
	open   bool // the file ends without a line end behind it, CSV only
	broken bool // a cell may have several lines, CSV only
	hidden bool
	cells  []cell

	role    role            // by the profile's formulas
	made    []made          // cells that the profile makes of others
	problem billing.Problem // that keeps its role from being told; without a code: none
}

// rowReader gives rows in order, and io.EOF after the last one was proved to be whole.
type rowReader interface {
	next() (*row, error)
}

// each takes every row up to the end, as long as the context lasts.
func each(ctx context.Context, in rowReader, take func(*row) error) error {
	for {
		r, err := in.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		if err := take(r); err != nil {
			return err
		}
	}
}

func (r *row) blank() bool { return blankCells(r.cells) }

func blankCells(cells []cell) bool {
	for i := range cells {
		if !isBlank(cells[i].Value) || cells[i].Kind == xlsx.NoValue {
			return false
		}
	}
	return true
}

func isBlank(text string) bool {
	return text == "" || (text[0] <= ' ' || text[0] >= utf8.RuneSelf) && strings.TrimSpace(text) == ""
}

// copyFrom makes r an independent copy of other.
func (r *row) copyFrom(other *row) {
	r.number, r.line, r.open, r.broken, r.hidden = other.number, other.line, other.open, other.broken, other.hidden
	r.cells, r.made = append(r.cells[:0], other.cells...), append(r.made[:0], other.made...)
	r.role, r.problem = other.role, other.problem
}
