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

// Limits of any table. A larger file is no list of billable lines.
const (
	maxColumns   = 1024     // cells in one row
	maxCell      = 1 << 20  // bytes in one cell
	maxHeaderRow = 50       // the last row that can be the header
	maxRows      = 20000000 // records in one file
)

// cell is one cell of a table. In a CSV file all cells are texts.
type cell = xlsx.Cell

// row is one row of a table. A rowReader reuses it, so a caller that keeps it must copy it. Its texts stay valid.
type row struct {
	number int  // as a spreadsheet shows it
	line   int  // physical line where it begins, CSV only
	open   bool // the file ends without a line end after it, CSV only
	broken bool // a cell may have several lines, CSV only
	hidden bool
	cells  []cell

	role    role            // what the row is, by the profile's formulas
	made    []made          // cells that the profile makes of others
	problem billing.Problem // why its role is not known; it has no code if there is none
}

// rowReader gives rows in order. It returns io.EOF only if the table is intact up to its end.
type rowReader interface {
	next() (*row, error)
}

// each calls take for every row, until an error or the end of the context.
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

// texts are the cells of the row as a reader sees them.
func (r *row) texts() (all []string) {
	for i := range r.cells {
		all = append(all, r.cells[i].Text())
	}
	return all
}

// copyFrom makes r an independent copy of other.
func (r *row) copyFrom(other *row) {
	r.number, r.line, r.open, r.broken, r.hidden = other.number, other.line, other.open, other.broken, other.hidden
	r.cells, r.made = append(r.cells[:0], other.cells...), append(r.made[:0], other.made...)
	r.role, r.problem = other.role, other.problem
}
