package intake

import (
	"cmp"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
	"kraviabatch/internal/xlsx"
)

// empty reports whether a made cell has no value and no problem.
func (m *made) empty() bool { return m.problem.Code == "" && saysNothing(&m.cell) }

// saysNothing reports whether a cell is empty, as one that a merged area covers is, so that it is filled down too.
func saysNothing(c *cell) bool {
	return c.Kind == xlsx.Merged || c.Kind != xlsx.NoValue && strings.TrimSpace(c.Value) == ""
}

// make computes a made cell of a row once. An empty cell of a column that is filled down takes the last value above it.
func (t *madeRows) make(r *row, i int) error {
	if t.columns[i].fill {
		if err := t.identify(r); err != nil {
			return err
		}
	}
	if t.state[i] {
		return nil
	}
	t.state[i] = true
	m, err := t.value(r, &t.columns[i])
	if err != nil {
		return err
	}
	if t.columns[i].fill {
		if m.empty() {
			m = t.above[i]
			m.elsewhere = true
		} else if t.carries(r, &m.cell) {
			t.above[i] = m
		}
	}
	r.made[i] = m
	return nil
}

// made is the cell of a row in the column of an index, which is made first if it is a made one.
func (t *madeRows) made(r *row, at int) (*cell, error) {
	if at < madeBase {
		return r.cellAt(at), nil
	}
	err := t.make(r, at-madeBase)
	return r.cellAt(at), err
}

// value computes the cell that an expression makes of a row.
func (t *madeRows) value(r *row, of *making) (m made, err error) {
	cells, err := t.cells(r, &of.from)
	switch problem, missing := errors.AsType[*problemError](err); {
	case missing:
		return made{problem: problem.Problem}, nil
	case err != nil:
		return made{}, err
	}
	if of.from.cell() {
		if unpriced, err := t.unpriced(r, of, cells[0]); unpriced || err != nil {
			e := &valueError{fmt.Sprintf(msgNoPrice, of.from.references[0]), hintFillIn}
			return made{problem: of.untold(e)}, err
		}
	}
	m = t.evaluate(of, cells)
	if e := t.missed(r, of, cells, &m); e != nil {
		return made{problem: of.untold(e)}, nil
	}
	return m, nil
}

// evaluate computes the cell that an expression makes of cells.
func (t *madeRows) evaluate(of *making, cells []*cell) (m made) {
	if of.from.cell() {
		return made{cell: *cells[0]}
	}
	if of.from.formula != nil {
		if e := of.from.doubts(cells); e != nil {
			return made{problem: of.untold(e)}
		}
	}
	t.now.currencies = t.now.currencies[:0]
	probe := column{known: of.known}
	for _, c := range cells {
		if r, bad := probe.told(c); bad && (of.from.formula == nil || !mendable(r.problem.Code)) {
			return made{cell: cell{Value: r.value, Kind: xlsx.Text}, problem: *r.problem}
		}
	}
	if of.from.formula == nil || of.from.formula.joins {
		if m = t.joined(of, cells); m.problem.Code != "" || of.from.formula == nil {
			return m
		}
	}
	value, failed := t.run(&of.from, of.target, cells)
	if failed == nil {
		m, failed = t.asMade(of, cells, value)
	}
	if of.target == billing.Money {
		m.currencies = slices.Clone(t.now.currencies)
	}
	if e, ok := errors.AsType[*stopError](failed); ok {
		m.problem = billing.NewProblem(billing.Code(of.known.String()+".stopped"), "", "why", e.reason)
	} else if e, ok := errors.AsType[*problemError](failed); ok {
		m.problem = e.Problem
	} else if failed != nil {
		m.problem = of.untold(asValueError(failed))
	}
	return m
}

// unpriced reports that a register has a line's row but no price. Such a line would be a text, and silently not billed.
func (t *madeRows) unpriced(r *row, of *making, price *cell) (bool, error) {
	if of.otherwise || of.from.origins[0].join < 0 || price == &nothing || !saysNothing(price) ||
		of.known != billing.ColUnitPrice && of.known != billing.ColAmount {
		return false, nil
	}
	if at := t.table.index(billing.ColQuantity); at >= 0 && saysNothing(r.cellAt(at)) {
		return false, nil // a text, as a register of articles has it
	}
	other := billing.ColUnitPrice
	if of.known == other {
		other = billing.ColAmount
	}
	own, err := t.made(r, t.table.index(other))
	return saysNothing(own), err
}

// untold is the problem of a made cell that could not be computed.
func (m *making) untold(e *valueError) billing.Problem {
	return billing.NewProblem(billing.Code(m.known.String()+".formula"), "", "column", m.known.String(), "why",
		e.message, "fix", cmp.Or(e.hint, hintCellOrFormula))
}

// asMade turns a formula's value into a made cell. A value that is a cell of the input is read here by the marks of
// its own column, because the columns of one formula may have different marks.
func (t *madeRows) asMade(of *making, cells []*cell, value any) (m made, err error) {
	whole, ok := value.(*cell)
	if !ok {
		m.cell, err = cellOf(value)
		return m, err
	}
	if strings.TrimSpace(whole.Value) == "" && whole.Kind != xlsx.NoValue {
		return m, nil
	}
	at := slices.Index(cells, whole)
	c := *t.column(of.from.origins[at])
	c.known, c.values = of.known, nil
	var r reading
	switch {
	case isNumeric(of.target):
		r = c.readNumber(whole)
	case of.target == billing.Day:
		r = c.readDay(whole)
	default:
		return made{cell: *whole}, nil
	}
	if r.problem != nil {
		return m, &problemError{*r.problem}
	}
	if of.target == billing.Day {
		return made{cell: cell{Kind: xlsx.Text, Value: r.value}}, nil
	}
	digits, below := strings.CutSuffix(r.value, "%") // below one percent
	d, err := money.ParseDecimal(digits, money.Dot)
	if err != nil {
		return m, &valueError{fmt.Sprintf(msgNoNumber, shown(whole.Text())), hintCell}
	}
	t.now.say(r.currency, c.unit.currency)
	if below {
		d, err = d.Mul(money.NewDecimal(1, 2))
		return made{cell: cell{Kind: xlsx.Percent, Value: d.String()}}, err
	}
	return made{cell: cell{Kind: xlsx.Number, Value: r.value}}, nil
}

// joined is a text with cells in it. An identifier needs all or none: else A- would be that of several orders.
func (t *madeRows) joined(of *making, cells []*cell) made {
	m := made{}
	if of.from.formula == nil {
		m.cell = of.from.join(cells)
	}
	empty := !slices.ContainsFunc(cells, func(c *cell) bool { return strings.TrimSpace(c.Value) != "" })
	if of.known.Kind() != billing.Identifier || empty {
		return m
	}
	for i, c := range cells {
		if strings.TrimSpace(c.Value) == "" {
			m.problem = of.untold(&valueError{fmt.Sprintf(msgPartEmpty, of.from.references[i]), hintFillIn})
		}
	}
	return m
}

// mendable reports whether a formula may mend a problem of a text. If it does not, the result has the problem.
func mendable(code billing.Code) bool {
	return strings.HasSuffix(string(code), ".apostrophe") || strings.HasSuffix(string(code), ".entity")
}

// join puts cells into a text in the places of its references. The text is "" if all cells are empty.
func (b *bound) join(cells []*cell) cell {
	var text strings.Builder
	empty := true
	for i, part := range b.parts {
		text.WriteString(part)
		if i < len(cells) {
			shows := strings.TrimSpace(cells[i].Text())
			empty = empty && shows == ""
			text.WriteString(shows)
		}
	}
	if empty && len(cells) > 0 {
		return cell{Kind: xlsx.Text}
	}
	return cell{Kind: xlsx.Text, Value: text.String()}
}

// cellOf turns a formula's value into a cell.
func cellOf(value any) (cell, error) {
	switch v := value.(type) {
	case string:
		return cell{Kind: xlsx.Text, Value: v}, nil
	case *big.Rat:
		digits, err := decimalText(v)
		return cell{Kind: xlsx.Number, Value: digits}, err
	}
	return cell{}, &valueError{msgNeitherNumberNorText, hintFormulaInProfile}
}
