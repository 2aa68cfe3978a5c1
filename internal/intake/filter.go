package intake

import (
	"cmp"
	"slices"
	"strings"
)

// recordFilter picks the rows of a table that can be records. It passes over blank rows, repeated headers, totals,
// hidden rows that the profile skips, and rows whose role is not that of a line.
type recordFilter struct {
	in            rowReader
	stop          func() // ends the goroutine that reads ahead
	header        []string
	layout        *layout
	widths        widths
	repeated      int // repeated headers that were passed over
	firstRepeated int
	hidden        int // hidden rows, skipped or not
	firstHidden   int
	lastHidden    int
	footer        *footerBuffer    // only in the survey, which finds where the table ends; nil later
	left          int              // rows that the profile leaves out
	leftOut       func(*row) error // is called with each of them; may be nil
}

// next is the next row that can be a record. Its width is not checked yet: the row may belong to the footer.
func (f *recordFilter) next() (*row, error) {
	for {
		r, err := f.in.next()
		if err != nil {
			return nil, err
		}
		switch {
		case r.blank():
		case isHeader(r, f.header):
			f.repeated++
			f.firstRepeated = cmp.Or(f.firstRepeated, r.number)
		case f.layout.totals[r.number]:
		case r.hidden && f.layout.skipHidden:
			f.noteHidden(r)
			if reference := strings.TrimSpace(r.cellAt(f.layout.reference).Text()); reference != "" && r.role == aLine {
				f.layout.hidden[reference] = r.number
			}
		case f.footer == nil && r.number > f.layout.last: // the footer is read too, since the file may be damaged there
		default:
			if f.footer != nil { // what comes out of it surely does not belong to the footer
				if r = f.footer.push(r); r == nil {
					continue
				}
				f.layout.last = max(f.layout.last, r.number)
			}
			if is, err := f.line(r); is || err != nil {
				return r, err
			}
		}
	}
}

// noteHidden counts a hidden row once.
func (f *recordFilter) noteHidden(r *row) {
	if r.number != f.lastHidden { // a head row without lines is read twice
		f.hidden++
	}
	f.firstHidden, f.lastHidden = cmp.Or(f.firstHidden, r.number), r.number
}

// line reports whether a row is a line by its role. Rows that are left out go to leftOut.
func (f *recordFilter) line(r *row) (bool, error) {
	if r.hidden {
		f.noteHidden(r)
	}
	switch r.role {
	case aLine:
		return true, nil
	case aHead, aRegister:
		return false, f.checkWidth(r)
	case leftOut:
		f.left++
		if err := f.checkWidth(r); err != nil || f.leftOut == nil {
			return false, err
		}
		return false, f.leftOut(f.cut(r))
	}
	return false, nil
}

// isHeader reports whether a row repeats the header.
func isHeader(r *row, header []string) bool {
	if len(r.cells) == 0 || strings.TrimSpace(r.cells[0].Value) != strings.TrimSpace(header[0]) ||
		!blankCells(r.cells[min(len(r.cells), len(header)):]) {
		return false
	}
	for i, h := range header {
		if strings.TrimSpace(r.cellAt(i).Value) != strings.TrimSpace(h) {
			return false
		}
	}
	return true
}

// footerBuffer delays rows by the length of the declared footer. What it holds at the end is the footer.
type footerBuffer struct {
	held []row // oldest first
	free []row
	size int
	last int // number of the row that was given last
}

// push takes a row and gives the oldest, valid until the next push, once more rows wait than the footer has; else nil.
func (b *footerBuffer) push(r *row) *row {
	// a head row without lines is read twice
	if i := slices.IndexFunc(b.held, func(held row) bool { return held.number == r.number }); i >= 0 {
		b.held[i].copyFrom(r)
		return nil
	}
	if b.size == 0 || r.number <= b.last {
		return r
	}
	var slot row
	if n := len(b.free); n > 0 {
		slot, b.free = b.free[n-1], b.free[:n-1]
	}
	slot.copyFrom(r)
	b.held = append(b.held, slot)
	if len(b.held) <= b.size {
		return nil
	}
	out := b.held[0]
	b.last = out.number
	b.held = slices.Delete(b.held, 0, 1)
	b.free = append(b.free, out)
	return &out
}
