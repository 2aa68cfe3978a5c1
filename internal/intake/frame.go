package intake

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"kraviabatch/internal/billing"
)

// frame picks the records out of a table's rows: blank rows, repeated headers and what follows the
// last record are passed over.
type frame struct {
	in       rowReader
	header   []string
	odd      bool // a row with another number of cells is refused
	repeated int  // headers passed over
	firstRep int  // row of the first of them
}

// next is the next row that is not blank and not the header again. Its width is not checked yet:
// it may belong to the footer.
func (f *frame) next() (*row, error) {
	for {
		r, err := f.in.next()
		if err != nil {
			return nil, err
		}
		if r.blank() {
			continue
		}
		if !f.isHeader(r) {
			return r, nil
		}
		f.repeated++
		if f.firstRep == 0 {
			f.firstRep = r.number
		}
	}
}

func (f *frame) isHeader(r *row) bool {
	if len(r.cells) == 0 || len(r.cells) > len(f.header) || strings.TrimSpace(r.cells[0].text) != strings.TrimSpace(f.header[0]) {
		return false
	}
	for i, h := range f.header {
		value := ""
		if i < len(r.cells) {
			value = r.cells[i].text
		}
		if strings.TrimSpace(value) != strings.TrimSpace(h) {
			return false
		}
	}
	return true
}

// checkWidth refuses a CSV record whose cells do not stand under the header.
func (f *frame) checkWidth(r *row) error {
	if !f.odd || len(r.cells) == len(f.header) {
		return nil
	}
	hint := "look for a missing or an extra delimiter, or a cell with a delimiter or line break that needs quotes"
	if len(r.cells) < len(f.header) {
		hint += "; lines after the last record are left out with skip_footer in a profile"
	}
	value := ""
	if len(r.cells) > 0 {
		value = r.cells[0].text
	}
	return refuse(codeRagged, fmt.Sprintf("line %d has %d cells where the header has %d", r.line, len(r.cells), len(f.header)),
		hint).at(r.number, "", value)
}

// swallowed refuses a quoted cell that spans lines which look like whole records: a quote was
// forgotten, and another one far below closed it.
func (f *frame) swallowed(r *row, delimiter string) error {
	if !f.odd || len(f.header) < 3 {
		return nil
	}
	for i, c := range r.cells {
		if !strings.Contains(c.text, "\n") {
			continue
		}
		lines := strings.Split(c.text, "\n")
		inner := slices.ContainsFunc(lines[1:], func(l string) bool { return strings.Count(l, delimiter) >= len(f.header)-1 })
		if inner || strings.Count(c.text, delimiter) >= 2*(len(f.header)-1) {
			return refuse(codeQuote, fmt.Sprintf("a quote opened on line %d makes one cell of %d lines, which look like records of their own",
				r.line, len(lines)), `close the cell with a quote, and double the quotes inside it: "5"" pipe"`).at(r.number, f.header[i], c.text)
		}
	}
	return nil
}

// tail holds rows back until it is known whether they are records.
type tail struct {
	held []row // oldest first
	free []row
	size int
}

// push takes a row and gives back the one that cannot be in the footer any more, or nil. What it
// gives back stays valid until the next push.
func (t *tail) push(r *row) *row {
	var slot row
	if n := len(t.free); n > 0 {
		slot, t.free = t.free[n-1], t.free[:n-1]
	}
	slot.copyFrom(r)
	t.held = append(t.held, slot)
	if len(t.held) <= t.size {
		return nil
	}
	out := t.held[0]
	t.held = slices.Delete(t.held, 0, 1)
	t.free = append(t.free, out)
	return &out
}

// totalWords are what systems write in the row that sums up an export, normalised.
func totalWords() []string {
	return []string{
		"total", "totals", "grandtotal", "sum", "sumtotal", "totalsum", "totalt", "sumtotalt", "ialt", "tilsammen", "summa", "totalsumma",
		"sammanlagt", "yhteensa", "summayhteensa", "kaikkiyhteensa", "loppusumma", "totalamount", "subtotal",
	}
}

// totalsShape tells whether a row could be the totals row: beside numbers it has nothing, or
// nothing but a word for total.
func totalsShape(r *row, columns []column) (shape, word bool) {
	numbers := 0
	for i, c := range r.cells {
		value := strings.TrimSpace(c.text)
		if value == "" || i >= len(columns) {
			continue
		}
		kind := columns[i].known.Kind
		isNumber := c.kind == number || c.kind == percent || markOfNumber(bareNumber(kind, value)) != noNumber
		switch {
		case slices.Contains(totalWords(), normalise(value)):
			word = true
		case isNumber && (kind == billing.Number || kind == billing.Percent || columns[i].known.Name == ""):
			numbers++
		default:
			return false, false
		}
	}
	return word || numbers > 0, word
}

// drain reads to the end, so that damage behind the last record is found too.
func drain(in rowReader) error {
	for {
		if _, err := in.next(); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
	}
}
