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

// empty reports a cell that says nothing. The rest of merged cells is empty where cells are filled down.
func (m *made) empty() bool { return m.problem.Code == "" && saysNothing(&m.cell) }

func saysNothing(c *cell) bool {
	return c.Kind == xlsx.Merged || c.Kind != xlsx.NoValue && strings.TrimSpace(c.Value) == ""
}

// make computes a made cell unless it is there.
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

// value is the cell that an expression makes of a row.
func (t *madeRows) value(r *row, of *making) (m made, err error) {
	cells, err := t.cells(r, &of.from)
	switch problem, missing := errors.AsType[*keyError](err); {
	case missing:
		return made{problem: problem.Problem}, nil
	case err != nil:
		return made{}, err
	}
	if of.from.cell() {
		unpriced, err := t.unpriced(r, of, cells[0])
		if err != nil {
			return made{}, err
		}
		if unpriced {
			return made{
				problem: of.untold(
					&valueError{
						fmt.Sprintf("%s is empty, and nothing else is the price", of.from.references[0]),
						"fill in the cell",
					}),
			}, nil
		}
	}
	m = t.evaluate(of, cells)
	if e := t.missed(r, of, cells, &m); e != nil {
		return made{problem: of.untold(e)}, nil
	}
	return m, nil
}

// evaluate is the cell that an expression makes of cells.
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

// unpriced reports a price that a register has the row of, and not the price. Without one the line would be a text.
func (t *madeRows) unpriced(r *row, of *making, price *cell) (bool, error) {
	if of.otherwise || of.from.origins[0].join < 0 || price == &nothing || !saysNothing(price) ||
		of.known != billing.ColUnitPrice && of.known != billing.ColAmount {
		return false, nil
	}
	if at := t.table.index(billing.ColQuantity); at >= 0 && saysNothing(r.cellAt(at)) {
		return false, nil // a text, as a register of articles has it
	}
	at := t.table.index(
		map[bool]billing.Column{true: billing.ColAmount, false: billing.ColUnitPrice}[of.known == billing.ColUnitPrice])
	if at >= madeBase {
		if err := t.make(r, at-madeBase); err != nil {
			return false, err
		}
	}
	return at < 0 || saysNothing(r.cellAt(at)), nil
}

// untold is the problem of a made cell that has no value.
func (m *making) untold(e *valueError) billing.Problem {
	return billing.NewProblem(billing.Code(m.known.String()+".formula"), "", "column", m.known.String(), "why",
		e.message,
		"fix", cmp.Or(e.hint, "correct the cell or the formula"))
}

// problemError is a problem that the reading of a cell has by itself.
type problemError struct{ billing.Problem }

func (e *problemError) Error() string { return e.Message }

// asMade is a formula's value as a made cell. A cell is read here where its own column tells how: the columns
// of one formula may have different marks.
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
	switch {
	case isNumeric(of.target):
		r := c.readNumber(whole)
		if r.problem != nil {
			return m, &problemError{*r.problem}
		}
		if _, err := money.ParseDecimal(strings.TrimSuffix(r.value, "%"), money.Dot); err != nil {
			return m, &valueError{fmt.Sprintf("%q is no number", shown(whole.Text())), "correct the cell"}
		}
		t.now.say(r.currency, c.unit.currency)
		if below, ok := strings.CutSuffix(r.value, "%"); ok { // below one percent
			d, _ := money.ParseDecimal(below, money.Dot) // as above
			d, err := d.Mul(money.NewDecimal(1, 2))
			return made{cell: cell{Kind: xlsx.Percent, Value: d.String()}}, err
		}
		return made{cell: cell{Kind: xlsx.Number, Value: r.value}}, nil
	case of.target == billing.Day:
		r := c.readDay(whole)
		if r.problem != nil {
			return m, &problemError{*r.problem}
		}
		return made{cell: cell{Kind: xlsx.Text, Value: r.value}}, nil
	}
	return made{cell: *whole}, nil
}

// joined is a text with cells in it. In an identifier none of them may be empty where another is not: A-
// would be that of several.
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
			m.problem = of.untold(&valueError{
				fmt.Sprintf("%s is empty, and other cells of the text are not", of.from.references[i]),
				"fill in the cell",
			})
		}
	}
	return m
}

// mendable reports a problem of a text that a formula may mend, and that is found in what it makes otherwise.
func mendable(code billing.Code) bool {
	return strings.HasSuffix(string(code), ".apostrophe") || strings.HasSuffix(string(code), ".entity")
}

// told is the reading of a cell that says nothing or may say something else than it shows.
func (c *column) told(value *cell) (reading, bool) {
	switch value.Kind {
	case xlsx.ErrorValue, xlsx.NoValue, xlsx.Merged:
		return c.read(value), true
	case xlsx.Text:
		return c.suspicious(value)
	case xlsx.Number, xlsx.Percent, xlsx.Date, xlsx.Time, xlsx.Bool:
	}
	return reading{}, false
}

// join is a text with the cells in the places of its references, "" if all of them are empty.
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

// cellOf is a formula's value as a cell.
func cellOf(value any) (cell, error) {
	switch v := value.(type) {
	case string:
		return cell{Kind: xlsx.Text, Value: v}, nil
	case *big.Rat:
		digits, err := decimalText(v)
		return cell{Kind: xlsx.Number, Value: digits}, err
	}
	return cell{}, &valueError{"the formula is neither a number nor a text here", "correct the formula in the profile"}
}
