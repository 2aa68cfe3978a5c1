package intake

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"kraviabatch/internal/billing"
)

// draftTable is one table of an export: what its columns look like, and its first rows.
type draftTable struct {
	files      []string // base names; files with the same header are one table
	sheet      string   // "" for CSV
	sheets     int      // visible sheets with rows in the workbook
	charset    charset  // of a CSV file
	delimiter  rune
	declared   bool // the encoding is one that a profile must declare
	headerless bool
	above      []rowAbove
	records    []recordAbove // rows above the header that may be lines or orders
	columns    []*draftColumn
	rows       [][]cell // the first ones, without totals
	numbers    []int    // of rows
	count      int      // all rows, without totals
	totals     []int    // numbers of rows with a word for total
	sparse     []row    // the last ones, with one cell each: they may be a footer
	last       int      // the last row before them
	cells      int      // in rows
	hidden     int      // hidden rows
	today      billing.Date
}

// draftColumn is one column of a table.
type draftColumn struct {
	heading

	table *draftTable
	at    int
	name  string // as the profile writes it: Total, or Total#2 for the second of that name
	stats *columnStats
	cells cellEvidence

	guesses []guess
	use     string // the key of columns that it is written under, "" for none
	because string // why it is passed over although its header speaks of what an invoice depends on
}

// recordAbove is a row above the header with its cells.
type recordAbove struct {
	number int
	cells  []string
}

// noteAbove keeps a row above the header that looks like a record: it is as wide as the header, has a code of at most
// three letters in its first cell, and at least three cells that are not empty.
func (t *draftTable) noteAbove(number int, cells []string, width int) {
	const letters, several = 3, 3
	filled := nonBlank(cells)
	if len(cells) != width || len(filled) < several {
		return
	}
	if code := strings.TrimSpace(cells[0]); code != "" && utf8.RuneCountInString(code) <= letters &&
		strings.IndexFunc(code, notLetter) < 0 {
		t.records = append(t.records, recordAbove{number, filled})
	}
}

func notLetter(r rune) bool { return !unicode.IsLetter(r) }

// place names the table for the user.
func (t *draftTable) place() string {
	if t.sheet != "" {
		return fmt.Sprintf("%s, sheet %q", t.files[0], t.sheet)
	}
	return t.files[0]
}

// read takes all rows below a header. An empty header is that of a table without one.
func (t *draftTable) read(ctx context.Context, header []string, rows rowReader) error {
	t.widen(len(header))
	for i, name := range header {
		t.columns[i].text = strings.TrimSpace(name)
	}
	filter := &recordFilter{
		in: rows, header: header, layout: &layout{reference: -1, last: math.MaxInt, totals: map[int]bool{}},
	}
	if len(header) == 0 {
		filter.header = []string{"\x00"} // no row repeats it
	}
	err := each(ctx, filter, func(r *row) error {
		t.take(r)
		return nil
	})
	t.hidden = filter.hidden
	t.nameColumns()
	return err
}

// widen makes the table as wide as a row. New columns count as empty in the rows before.
func (t *draftTable) widen(width int) {
	for i := len(t.columns); i < width; i++ {
		t.columns = append(t.columns, &draftColumn{table: t, at: i, stats: newColumnStats()})
		for range t.count {
			t.columns[i].stats.blank++
		}
	}
}

// take counts a row and keeps it if there is room. Totals are not counted. Rows with one cell wait in sparse: at the
// end of the table they may be a footer, and before another row they are lines.
func (t *draftTable) take(r *row) {
	const narrow = 3 // columns of a table whose rows have little
	filled := 0
	for i := range r.cells {
		count(&filled, strings.TrimSpace(r.cells[i].Value) != "")
	}
	switch {
	case t.saysTotal(r, filled):
		t.totals = append(t.totals, r.number)
	case filled == 1 && len(t.columns) > narrow && len(t.sparse) < maxSkipFooter:
		t.sparse = append(t.sparse, row{})
		t.sparse[len(t.sparse)-1].copyFrom(r)
	default:
		t.takeSparse()
		t.last = r.number
		t.keep(r)
	}
}

// takeSparse counts the waiting rows with one cell as lines.
func (t *draftTable) takeSparse() {
	for i := range t.sparse {
		t.keep(&t.sparse[i])
	}
	t.sparse = nil
}

// footer is the number of rows at the end that may not be lines, 0 where the last row has several cells.
func (t *draftTable) footer() int {
	n := len(t.sparse)
	for _, total := range t.totals {
		count(&n, len(t.sparse) > 0 && total > t.last)
	}
	return n
}

func (t *draftTable) keep(r *row) {
	t.widen(len(r.cells))
	t.count++
	for i, c := range t.columns {
		value := r.cellAt(i)
		c.stats.observe(r.number, value)
		c.cells.observe(value)
	}
	if len(t.rows) < draftRows && t.cells < draftCells {
		t.rows, t.numbers = append(t.rows, slices.Clone(r.cells)), append(t.numbers, r.number)
		t.cells += len(r.cells)
	}
}

// saysTotal reports a row with a word for total and few other cells: at most a third of the columns, or three.
func (t *draftTable) saysTotal(r *row, filled int) bool {
	const few = 3
	return filled <= max(few, len(t.columns)/3) && slices.ContainsFunc(r.cells, func(c cell) bool {
		total, _ := isTotalText(strings.TrimSpace(c.Value))
		return total
	})
}

// nameColumns names each column as a profile does: by its header, with #1, #2 … where several have the same one.
func (t *draftTable) nameColumns() {
	seen := map[string]int{}
	for i, c := range t.columns {
		if t.headerless {
			c.text = columnLetters(i)
		}
		c.name = c.text
		key := normalise(c.text)
		if key == "" {
			c.name = ""
			continue
		}
		if seen[key]++; seen[key] > 1 {
			c.name = fmt.Sprintf("%s#%d", c.text, seen[key])
		}
	}
	for _, c := range t.columns { // the first of several gets its #1
		if c.name == c.text && seen[normalise(c.text)] > 1 {
			c.name = c.text + "#1"
		}
	}
}

// cell is a cell of a kept row.
func (c *draftColumn) cell(row int) *cell {
	cells := c.table.rows[row]
	if c.at >= len(cells) {
		return &cell{}
	}
	return &cells[c.at]
}

// value is the text of a cell of a kept row.
func (c *draftColumn) value(row int) string { return strings.TrimSpace(c.cell(row).Text()) }
