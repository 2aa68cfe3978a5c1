package xlsx

import (
	"bytes"
	"cmp"
	"slices"
)

// Area is a merged area, all ends inclusive: rows from 1, columns from 0.
type Area struct{ Top, Left, Bottom, Right int }

// merge adds a merged area: A1:B2, or A6, A:C and 1:3, which some programs write.
func (r *Rows) merge() error {
	values, err := r.xml.values()
	if err != nil {
		return err
	}
	ref := []byte(values["ref"])
	from, to, ok := bytes.Cut(ref, []byte{':'})
	if !ok {
		to = from
	}
	left, top, ok1 := place(from)
	right, bottom, ok2 := place(to)
	if !ok1 || !ok2 || left == 0 != (right == 0) || top == 0 != (bottom == 0) || right < left || bottom < top ||
		!ok && (left == 0 || top == 0) {
		return r.xml.damaged(msgMergedArea, shorten(ref))
	}
	if len(r.areas) == maxMerged {
		return refuse(TooLarge, msgTooManyMerged, maxMerged)
	}
	if right == 0 {
		left, right = 1, lastSheetColumn
	}
	if bottom == 0 {
		top, bottom = 1, lastSheetRow
	}
	r.areas = append(r.areas, Area{top, left - 1, bottom, right - 1})
	return nil
}

// Cover marks the cells that merged areas cover. Its rows must come in ascending order.
type Cover struct {
	areas   []Area // by top, without those that were passed
	bottoms []int  // for each column the last row of the areas passed so far
}

// NewCover covers the first columns of a sheet. The time for a row depends on its columns only, not on how many
// areas overlap, so a hostile sheet cannot slow it down.
func NewCover(areas []Area, columns int) *Cover {
	return &Cover{
		areas:   slices.SortedFunc(slices.Values(areas), func(a, b Area) int { return cmp.Compare(a.Top, b.Top) }),
		bottoms: make([]int, columns),
	}
}

// Mark gives the covered cells of a row the kind [Merged]. A value in a covered cell stays in Value, although
// the sheet does not show it. The first cell of an area shows its value and is not covered.
func (c *Cover) Mark(r *Row) {
	for len(c.areas) > 0 && c.areas[0].Top < r.Number {
		c.add(c.areas[0], c.areas[0].Left)
		c.areas = c.areas[1:]
	}
	for i := 0; i < len(c.areas) && c.areas[i].Top == r.Number; i++ {
		c.add(c.areas[i], c.areas[i].Left+1)
	}
	for column, bottom := range c.bottoms {
		if bottom < r.Number {
			continue
		}
		for len(r.Cells) <= column {
			r.Cells = append(r.Cells, Cell{Kind: Text})
		}
		r.Cells[column].Kind = Merged
	}
}

// add covers the columns of the area from left on.
func (c *Cover) add(a Area, left int) {
	for column := left; column <= min(a.Right, len(c.bottoms)-1); column++ {
		c.bottoms[column] = max(c.bottoms[column], a.Bottom)
	}
}
