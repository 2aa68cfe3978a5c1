package intake

import (
	"fmt"
	"slices"
	"strings"
)

// below is what the rows of an order are read with beside their own cells: those of its rows before, or of its head row.
type below struct {
	cells []cell   // the last ones that were not empty, as derivation.below
	rows  []int    // the last rows whose cell was not empty, as derivation.deciding; 0 for none
	keys  []string // the last ones of the registers
}

func (b *below) clear() {
	clear(b.cells)
	clear(b.rows)
	clear(b.keys)
}

// watch finds the columns by whose cells lines decide, and by which registers are looked up for them.
func (d *derivation) watch() {
	add := func(o origin) {
		if o.join < 0 && !slices.Contains(d.deciding, o.at) {
			d.deciding = append(d.deciding, o.at)
		}
	}
	for i := range d.columns {
		m := &d.columns[i]
		for k, o := range m.from.origins {
			if m.from.formula != nil && m.from.formula.decides(k) && !m.known.Info().Order {
				add(o)
			}
		}
	}
	for i := range d.joins {
		for _, o := range d.joins[i].by.origins {
			add(o)
		}
		d.joins[i].customers = slices.ContainsFunc(d.columns, func(m making) bool {
			return m.known.Info().Order && slices.ContainsFunc(m.from.origins, func(o origin) bool { return o.join == i })
		})
	}
}

// decides reports whether a formula compares a cell with words, none of which is empty.
func (f *formula) decides(reference int) bool {
	words := f.spelled[reference]
	return len(words) > 0 && !isNumeric(f.reads[reference]) && !slices.Contains(words, spelling{word: "", operator: "=="})
}

// byOrder reports whether rows are read with cells of others of their order.
func (d *derivation) byOrder() bool {
	return len(d.below) > 0 || len(d.deciding) > 0 || slices.ContainsFunc(d.joins, join.ofOrder)
}

// ofOrder reports whether a column of the order looks a register up, which its rows may leave out behind the first.
func (j join) ofOrder() bool { return j.by.Expression == nil && j.rule.ByColumn.Info().Order }

// noteBelow notes what of a line the lines below it are read with. Where head rows carry the order, these alone are filled down.
func (t *madeRows) noteBelow(r *row) error {
	if !t.byOrder() {
		return nil
	}
	if t.derivation.head == nil {
		if err := t.identify(r); err != nil {
			return err
		}
		t.noteCells(r)
	}
	t.noteDeciding(r)
	return nil
}

func (t *madeRows) noteCells(r *row) {
	for i, at := range t.below {
		if c := r.cellAt(at); !saysNothing(c) && t.carries(r, c) {
			t.order.cells[i] = *c
		}
	}
}

func (t *madeRows) noteDeciding(r *row) {
	for i, at := range t.deciding {
		if !saysNothing(r.cellAt(at)) && !t.table.totals[r.number] {
			t.order.rows[i] = r.number
		}
	}
}

// noteHead notes what of a head row its lines are read with. Without a header a column is another one in each kind of row.
func (t *madeRows) noteHead(r *row) {
	if r.hidden && t.table.skipHidden {
		return
	}
	if t.noteCells(r); !t.table.given {
		t.noteDeciding(r)
	}
}

// cellOf is a cell of the row as formulas and texts see it.
func (t *madeRows) cellOf(r *row, at int) *cell {
	c := r.cellAt(at)
	if i := slices.Index(t.below, at); i >= 0 && r.role != aHead && saysNothing(c) {
		return &t.order.cells[i]
	}
	return c
}

// missed tells of an empty cell by which a column of the line decides, or is looked up, while an earlier row of the order has it.
func (t *madeRows) missed(of *making, cells []*cell) *valueError {
	if of.known.Info().Order || of.key {
		return nil
	}
	for i, o := range of.from.origins {
		var e *valueError
		if o.join >= 0 && cells[i] == &nothing && t.joins[o.join].customers {
			e = t.missedKey(o.join)
		} else if o.join < 0 && of.from.formula != nil && of.from.formula.decides(i) && saysNothing(cells[i]) {
			e = t.missedCell(&of.from, i)
		}
		if e != nil {
			return e
		}
	}
	return nil
}

func (t *madeRows) missedKey(join int) *valueError {
	by := &t.joins[join].by
	for i, o := range by.origins {
		var e *valueError
		if o.join >= 0 {
			e = t.missedKey(o.join)
		} else {
			e = t.missedCell(by, i)
		}
		if e != nil {
			return e
		}
	}
	return nil
}

func (t *madeRows) missedCell(of *bound, i int) *valueError {
	row := t.order.rows[slices.Index(t.deciding, of.origins[i].at)]
	if row == 0 {
		return nil
	}
	return &valueError{
		fmt.Sprintf("%s is empty, and row %d of the same order has it", of.references[i], row),
		fmt.Sprintf("fill in the cell; if it is the order's, write fill_down: [\"{%s}\"]; if an empty cell has a meaning, compare it with ''",
			of.references[i]),
	}
}

// carries reports whether a cell counts for the rows below: not that of a row that sums up others, which only may leave out.
func (t *madeRows) carries(r *row, value *cell) bool {
	_, total := isTotalText(value.Text())
	return !t.table.totals[r.number] && (!total || r.role != leftOut && t.table.complete(r))
}

// identify makes the columns that tell one order from another, in their order. Where a row has another of its own, the cells above belong
// to the order before and are forgotten, but those of the columns before it: a customer may have several orders.
func (t *madeRows) identify(r *row) error {
	if t.identified {
		return nil
	}
	t.identified = true
	for k, c := range t.identity {
		at := t.table.index(c)
		if at >= madeBase {
			if err := t.make(r, at-madeBase); err != nil {
				return err
			}
		}
		own := strings.TrimSpace(r.cellAt(at).Text())
		if own == "" || own == t.says[k] || !t.carries(r, r.cellAt(at)) {
			continue
		}
		t.says[k] = own
		clear(t.says[k+1:])
		for i := range t.columns {
			if !slices.Contains(t.identity[:k+1], t.columns[i].known) {
				t.above[i] = made{}
			}
		}
		if t.derivation.head == nil {
			t.order.clear()
		}
	}
	return nil
}
