package intake

import (
	"cmp"
	"errors"
	"fmt"
	"hash/maphash"
	"slices"
	"strings"
)

// orderCells are cells and keys of earlier rows of an order, or of its head row, with which later rows are read.
type orderCells struct {
	cells   []cell   // the last ones that were not empty: those of derivation.filled, decisive and linesFilled in a row
	rows    []int    // by index in decisive: the row of that cell, 0 for none
	keys    []string // by join: the last key
	unkeyed []int    // by join: the last row that looked it up without a key, 0 for none
}

// suspended keeps the orderCells of an interrupted order. There may be a million: it is small and shares equal cells.
type suspended struct {
	cells *[]cell // shared with orders that have the same; nil where all are empty
	keys  string  // joined by zero bytes
	rows  *[]int  // rows and then unkeyed; nil where all are zero
}

// noCells are the orderCells of an order without rows.
func (d *derivation) noCells() orderCells {
	n := len(d.joins)
	return orderCells{
		make([]cell, len(d.filled)+len(d.decisive)+len(d.linesFilled)), make([]int, len(d.decisive)),
		make([]string, n), make([]int, n),
	}
}

func (o *orderCells) clear() {
	clear(o.cells)
	clear(o.rows)
	clear(o.keys)
	clear(o.unkeyed)
}

// below, deciding and lineFilled are the cells of the order by their index in filled, decisive and linesFilled.
func (t *madeRows) below(i int) *cell      { return &t.order.cells[i] }
func (t *madeRows) deciding(i int) *cell   { return &t.order.cells[len(t.filled)+i] }
func (t *madeRows) lineFilled(i int) *cell { return &t.order.cells[len(t.filled)+len(t.decisive)+i] }

// suspend keeps the orderCells of an order when a row of another one comes.
func (t *madeRows) suspend(order string) {
	o := &t.order
	s := suspended{}
	if rows := slices.Concat(o.rows, o.unkeyed); slices.Max(append(rows, 0)) > 0 {
		s.rows = &rows
	}
	for k, i := range t.linesFilled {
		*t.lineFilled(k) = t.above[i].cell
	}
	if keys := strings.Join(o.keys, "\x00"); strings.Trim(keys, "\x00") != "" {
		s.keys = strings.Clone(keys)
	}
	if slices.ContainsFunc(o.cells, func(c cell) bool { return !saysNothing(&c) }) {
		s.cells = t.share(o.cells)
	}
	if s != (suspended{}) {
		t.suspended[maphash.String(t.seed, order)] = s
	}
}

// share gives a copy of cells. Equal cells share one copy.
func (t *madeRows) share(cells []cell) *[]cell {
	all := t.cellsText[:0]
	for i := range cells {
		all = append(all, byte(cells[i].Kind))
		if cells[i].Format != nil {
			all = fmt.Appendf(all, "%p", cells[i].Format)
		}
		all = append(append(append(all, 0), cells[i].Value...), 0)
	}
	t.cellsText = all
	shared := t.shared[string(all)]
	if shared == nil {
		copied := slices.Clone(cells)
		for i := range copied {
			copied[i].Value = strings.Clone(copied[i].Value) // so that it does not keep the entire row in memory
		}
		shared = &copied
		t.shared[string(all)] = shared
	}
	return shared
}

// resume restores the orderCells of an order that had rows before, or clears them.
func (t *madeRows) resume(order string) {
	o := &t.order
	o.clear()
	s, known := t.suspended[maphash.String(t.seed, order)]
	if !known {
		return
	}
	if s.keys != "" {
		copy(o.keys, strings.Split(s.keys, "\x00"))
	}
	if s.cells != nil {
		copy(o.cells, *s.cells)
	}
	if s.rows != nil {
		copy(o.rows, *s.rows)
		copy(o.unkeyed, (*s.rows)[len(o.rows):])
	}
	for k, i := range t.linesFilled {
		t.above[i] = made{cell: *t.lineFilled(k)}
	}
}

// watch finds the columns whose cells decide about lines, and those by which registers are looked up. An empty cell of
// such a column may be one that the export writes only on the order's first row.
func (d *derivation) watch() {
	add := func(o origin) {
		if o.join < 0 && !slices.Contains(d.decisive, o.at) {
			d.decisive = append(d.decisive, o.at)
		}
	}
	ofLine := func(b *bound) {
		for i, o := range b.origins {
			if b.decides(i) {
				add(o)
			}
		}
	}
	ofOrder := map[origin]bool{}
	for i := range d.table.columns {
		ofOrder[origin{-1, i}] = d.table.columns[i].known.Info().Order
	}
	for i := range d.columns {
		if m := &d.columns[i]; !m.known.Info().Order {
			if m.fill && !slices.Contains(d.identity, m.known) {
				d.linesFilled = append(d.linesFilled, i)
			}
			ofLine(&m.from)
			continue
		}
		for _, o := range d.columns[i].from.origins {
			ofOrder[o] = true
			ofOrder[origin{o.join, -1}] = true
		}
	}
	if d.head != nil && d.only != nil {
		ofLine(d.only)
	}
	for i := range d.joins {
		for _, o := range d.joins[i].by.origins {
			add(o)
			d.joins[i].ofOrder = d.joins[i].ofOrder || ofOrder[o]
		}
		d.joins[i].ofOrder = d.joins[i].ofOrder || ofOrder[origin{i, -1}] || d.joins[i].followsOrder()
	}
	for range d.joins {
		for i := range d.joins {
			for _, o := range d.joins[i].by.origins {
				d.joins[i].ofOrder = d.joins[i].ofOrder || o.join >= 0 && d.joins[o.join].ofOrder
			}
		}
	}
}

// decides reports whether a formula decides by the text of a cell, and gives an empty one no meaning of its own.
func (b *bound) decides(reference int) bool {
	f := b.formula
	return f != nil && slices.Contains(f.decides, reference) && !f.meansEmpty(reference)
}

// meansEmpty reports that a formula reads an empty cell as a number, or compares it with the empty text.
func (f *formula) meansEmpty(reference int) bool {
	return isNumeric(f.reads[reference]) ||
		slices.ContainsFunc(f.spelled[reference], func(s spelling) bool { return s.word == "" && s.operator == "==" })
}

// byOrder reports whether rows are read with cells of earlier rows of their order.
func (d *derivation) byOrder() bool {
	return len(d.linesFilled) > 0 || len(d.filled) > 0 || len(d.decisive) > 0 ||
		slices.ContainsFunc(d.joins, func(j join) bool { return j.ofOrder })
}

// followsOrder reports whether a column of the order looks the register up. Rows after the first may leave it empty.
func (j *join) followsOrder() bool { return j.by.Expression == nil && j.rule.ByColumn.Info().Order }

// noteRow keeps the cells of a line for those below. Without a header only head rows are filled down: columns differ.
func (t *madeRows) noteRow(r *row) {
	if t.derivation.head == nil || !t.table.given {
		t.noteCells(r)
	}
}

// noteCells keeps the cells of a row that are filled down or decide. Cells of totals are not kept.
func (t *madeRows) noteCells(r *row) {
	for i, at := range t.filled {
		if c := r.cellAt(at); !saysNothing(c) && t.carries(r, c) {
			*t.below(i) = *c
		}
	}
	for i, at := range t.decisive {
		if c := r.cellAt(at); !saysNothing(c) && !t.table.totals[r.number] {
			*t.deciding(i), t.order.rows[i] = *c, r.number
		}
	}
}

// noteHead keeps the cells and keys of a head row for its lines.
func (t *madeRows) noteHead(r *row) error {
	if r.hidden && t.table.skipHidden {
		return nil
	}
	t.noteCells(r)
	if t.table.given {
		clear(t.order.rows)
	}
	for i := range t.joins {
		if !t.joins[i].followsOrder() {
			continue
		}
		key, err := t.key(r, i)
		if _, missing := errors.AsType[*problemError](err); err != nil && !missing {
			return err
		}
		t.order.keys[i] = cmp.Or(key, t.order.keys[i])
	}
	return nil
}

// cellOf is a cell as formulas and texts see it: filled down where the profile says so.
func (t *madeRows) cellOf(r *row, at int) *cell {
	c := r.cellAt(at)
	if i := slices.Index(t.filled, at); i >= 0 && r.role != aHead && saysNothing(c) {
		return t.below(i)
	}
	return c
}

// missed reports an empty cell of a line that is filled on an earlier row of its order, where the line would differ
// with that cell. It may be billed wrongly as it is, so that the user must say what an empty cell means.
func (t *madeRows) missed(r *row, of *making, cells []*cell, m *made) *valueError {
	if of.known.Info().Order || of.key || r.role == leftOut || !t.byOrder() {
		return nil
	}
	e := t.missedCell(r, of, cells, m)
	if e != nil {
		if text, total := t.table.totalText(r); total && t.table.identity(r, text) == "" {
			return nil // the row is a total and not a line
		}
	}
	return e
}

// missedCell is missed for a row that may be a line.
func (t *madeRows) missedCell(r *row, of *making, cells []*cell, m *made) *valueError {
	for i, o := range of.from.origins {
		if o.join >= 0 && cells[i] == &nothing && t.joins[o.join].ofOrder {
			if e := t.missedKey(r, o.join); e != nil {
				return e
			}
		}
	}
	if m.problem.Code != "" {
		return nil
	}
	return t.decidesOtherwise(&of.from, cells, func(cells []*cell) bool {
		other := t.evaluate(of, cells)
		if strings.HasSuffix(string(other.problem.Code), ".formula") {
			return m.empty() // neither cell gives the formula a value on this line
		}
		return other.problem.Code == "" && (other.cell == m.cell || other.empty() && m.empty())
	})
}

// decidesOtherwise reports an empty cell that an earlier row of the order has, where a formula's result would differ
// with all such cells filled. It names the first cell that makes the difference alone, or else the first.
func (t *madeRows) decidesOtherwise(of *bound, cells []*cell, same func(cells []*cell) bool) *valueError {
	var filled []*cell
	var missed []int
	for i, o := range of.origins {
		if o.join >= 0 || !saysNothing(cells[i]) || !of.decides(i) {
			continue
		}
		if at := slices.Index(t.decisive, o.at); t.order.rows[at] > 0 {
			if filled == nil {
				filled = slices.Clone(cells)
			}
			filled[i] = t.deciding(at)
			missed = append(missed, i)
		}
	}
	if missed == nil || same(filled) {
		return nil
	}
	first := missed[0]
	for _, i := range missed {
		one := slices.Clone(cells)
		if one[i] = filled[i]; !same(one) {
			first = i
			break
		}
	}
	return t.isEmpty(of, first, t.order.rows[slices.Index(t.decisive, of.origins[first].at)])
}

// missedKey reports the empty cell by which a line finds no row of a register, where its order has one further up.
func (t *madeRows) missedKey(r *row, join int) *valueError {
	j := &t.joins[join]
	if t.found[join].cells != nil {
		return nil
	}
	if j.followsOrder() {
		t.order.unkeyed[join] = r.number
		return nil
	}
	for i, o := range j.by.origins {
		if o.join >= 0 {
			if e := t.missedKey(r, o.join); e != nil {
				return e
			}
		} else if row := t.order.rows[slices.Index(t.decisive, o.at)]; row > 0 && saysNothing(t.cellOf(r, o.at)) {
			return t.isEmpty(&j.by, i, row)
		}
	}
	return nil
}

// isEmpty is what is wrong with an empty cell that another row of the order has.
func (t *madeRows) isEmpty(of *bound, i, row int) *valueError {
	what := of.references[i]
	return &valueError{fmt.Sprintf(msgFormulaEmptyInOrder, what, row), fmt.Sprintf(hintFormulaEmptyInOrder, what)}
}

// carries reports whether a cell counts for the rows below. That of a total does not.
func (t *madeRows) carries(r *row, value *cell) bool {
	_, total := isTotalText(value.Text())
	return !t.table.totals[r.number] && (!total || r.role != leftOut && t.table.complete(r))
}

// identify makes the columns of identity, and finds out whether the row begins another order: then the cells above are
// forgotten, but for those of identity columns before the one that changed, as customers have several orders.
func (t *madeRows) identify(r *row) error {
	if t.identified {
		return nil
	}
	t.identified = true
	another := false
	for k, c := range t.identity {
		value, err := t.made(r, t.table.index(c))
		if err != nil {
			return err
		}
		own := strings.TrimSpace(value.Text())
		if own == "" || own == t.says[k] || !t.carries(r, value) {
			continue
		}
		if !another && t.derivation.head == nil && t.byOrder() {
			t.suspend(strings.Join(t.says, "\x00"))
		}
		another = true
		t.says[k] = own
		clear(t.says[k+1:])
		for i := range t.columns {
			if !slices.Contains(t.identity[:k+1], t.columns[i].known) {
				t.above[i] = made{}
			}
		}
	}
	if another && t.derivation.head == nil && t.byOrder() {
		t.resume(strings.Join(t.says, "\x00"))
	}
	return nil
}
