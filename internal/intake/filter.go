package intake

import (
	"cmp"
	"slices"
	"strings"
)

// recordFilter picks the rows of a table that can be records: blank rows, repeated headers, hidden rows that
// the profile skips and rows that sum up others are passed over.
type recordFilter struct {
	in            rowReader
	stop          func() // ends the reading ahead
	header        []string
	layout        *layout
	widths        widths
	repeated      int // headers passed over
	firstRepeated int
	hidden        int // hidden rows, whether they are passed over or not
	firstHidden   int
	lastHidden    int
	footer        *footerBuffer    // of the survey, which finds where the table ends
	left          int              // rows that the profile leaves out
	leftOut       func(*row) error // takes them; may be nil
}

// next is the next row that can be a record. Its width is not checked yet: it may belong to the footer.
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
		case f.footer == nil && r.number > f.layout.last: // read too, since it may be damaged
		default:
			if r = f.behindFooter(r); r == nil {
				continue
			}
			if is, err := f.line(r); is || err != nil {
				return r, err
			}
		}
	}
}

// behindFooter is the row that cannot be in the footer any more, nil for none yet.
func (f *recordFilter) behindFooter(r *row) *row {
	if f.footer == nil {
		return r
	}
	if r = f.footer.push(r); r != nil {
		f.layout.last = max(f.layout.last, r.number)
	}
	return r
}

func (f *recordFilter) noteHidden(r *row) {
	if r.number != f.lastHidden { // a head row without lines comes again
		f.hidden++
	}
	f.firstHidden, f.lastHidden = cmp.Or(f.firstHidden, r.number), r.number
}

// line reports whether a row is what the profile says is a line.
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

// isHeader reports whether a row says the same as the header.
func isHeader(r *row, header []string) bool {
	if len(r.cells) == 0 || strings.TrimSpace(r.cells[0].Value) != strings.TrimSpace(header[0]) ||
		!blankCells(r.cells[min(len(r.cells), len(header)):]) {
		return false
	}
	for i, h := range header {
		value := ""
		if i < len(r.cells) {
			value = r.cells[i].Value
		}
		if strings.TrimSpace(value) != strings.TrimSpace(h) {
			return false
		}
	}
	return true
}

// footerBuffer holds back as many rows as the profile's footer has.
type footerBuffer struct {
	held []row // oldest first
	free []row
	size int
	last int // the row that was given back
}

// push takes a row and gives back the one that cannot be in the footer any more, or nil. What it
// gives back stays valid until the next push.
func (b *footerBuffer) push(r *row) *row {
	// a head row without lines comes again
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
