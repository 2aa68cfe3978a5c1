package intake

import "strings"

// Limits of any table. Beyond them a file is no list of billable lines.
const (
	maxColumns   = 1024     // cells in one row
	maxCell      = 1 << 20  // bytes in one cell
	maxHeaderRow = 50       // how far down a header is looked for
	maxRows      = 20000000 // records in one file
)

// cellKind is how the file stored a cell. Everything in a CSV file is text.
type cellKind uint8

const (
	text     cellKind = iota + 1
	number            // binary number, as its stored decimal text
	percent           // number shown with a percent sign, 0.25 for 25 %
	day               // number shown as a date: days since the workbook's epoch
	boolean           // TRUE or FALSE
	failed            // an error value such as #REF!
	uncached          // a formula without a stored result
	merged            // empty, and part of a merged area that begins elsewhere
)

type cell struct {
	text string
	kind cellKind
}

// row is one row of a table. A rowReader reuses it; texts stay valid.
type row struct {
	number int // as a spreadsheet shows it
	line   int // physical line where it begins, CSV only
	cells  []cell
}

// rowReader gives rows in order, and io.EOF after the last one was proved to be whole.
type rowReader interface {
	next() (*row, error)
}

func (r *row) blank() bool {
	for _, c := range r.cells {
		if c.text != "" && strings.TrimSpace(c.text) != "" || c.kind == uncached {
			return false
		}
	}
	return true
}

// copyFrom makes r an independent copy of other.
func (r *row) copyFrom(other *row) {
	r.number, r.line = other.number, other.line
	r.cells = append(r.cells[:0], other.cells...)
}
