package intake

import (
	"cmp"
	"slices"
	"strings"
)

// recordFilter picks the rows of a table that can be records: blank rows, repeated headers, hidden rows that the profile skips and
// rows that sum up others are passed over.
type recordFilter struct {
	in            rowReader
	header        []string
	layout        *layout
	widths        widths
	repeated      int // headers passed over
	firstRepeated int
	hidden        int // hidden rows, whether they are passed over or not
	firstHidden   int
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
		case f.isHeader(r):
			f.repeated++
			f.firstRepeated = cmp.Or(f.firstRepeated, r.number)
		case f.layout.totals[r.number]:
		case r.hidden:
			f.hidden++
			f.firstHidden = cmp.Or(f.firstHidden, r.number)
			if !f.layout.skipHidden {
				return r, nil
			}
			if reference := strings.TrimSpace(r.cellAt(f.layout.reference).Text()); reference != "" {
				f.layout.hidden[reference] = r.number
			}
		default:
			return r, nil
		}
	}
}

func (f *recordFilter) isHeader(r *row) bool {
	if len(r.cells) == 0 || !blankCells(r.cells[min(len(r.cells), len(f.header)):]) || strings.TrimSpace(r.cells[0].Value) != strings.TrimSpace(f.header[0]) {
		return false
	}
	for i, h := range f.header {
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
}

// push takes a row and gives back the one that cannot be in the footer any more, or nil. What it
// gives back stays valid until the next push.
func (b *footerBuffer) push(r *row) *row {
	if b.size == 0 {
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
	b.held = slices.Delete(b.held, 0, 1)
	b.free = append(b.free, out)
	return &out
}
