package intake

import (
	"cmp"
	"errors"
	"fmt"
	"hash/maphash"
	"math/bits"
	"slices"
	"strings"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// The profile's formula only decides which rows are lines. An order must not be billed in part because a cell that
// the formula reads is empty on some of its rows. This file finds such orders; their rows get a problem.

// follows finds a row about which only decides otherwise than about another row of its order, where one of them
// lacks a cell that only reads. It also finds a text that belongs to a row that is left out.
func (t *madeRows) follows(r *row) error {
	before := t.outBefore
	t.outBefore = leaving{}
	if t.only == nil || r.problem.Code != "" {
		return nil
	}
	reference, err := t.orderOf(r)
	if err != nil {
		return err
	}
	if r.role == leftOut {
		t.outBefore = leaving{r.number, reference}
	}
	problem, err := t.differs(r, reference)
	if err != nil {
		return err
	}
	if problem.Code == "" && before.row > 0 && r.role == aLine && t.textAlone(r) &&
		(reference == "" || reference == before.order) {
		problem = t.only.untold(&valueError{fmt.Sprintf(msgTextOfLeftOut, before.row), hintTextOfLeftOut})
	}
	if problem.Code != "" {
		r.role, t.outBefore, r.problem = aLine, leaving{}, problem
	}
	return nil
}

// orderOf joins the cells that identify a row's order into one text. It is "" if all are empty.
func (t *madeRows) orderOf(r *row) (string, error) {
	var says strings.Builder
	for _, c := range t.identity {
		value, err := t.made(r, t.table.index(c))
		if err != nil {
			return "", err
		}
		says.WriteString(strings.TrimSpace(value.Text()) + "\x00")
	}
	if order := says.String(); strings.Trim(order, "\x00") != "" {
		return order, nil
	}
	return "", nil
}

// differs finds that only decides otherwise about a row than about another of its order, where one of them lacks a
// cell that only reads. It remembers what only decides about this row.
func (t *madeRows) differs(r *row, reference string) (billing.Problem, error) {
	empty, filled, err := t.undecided(r)
	if err != nil || reference == "" {
		return billing.Problem{}, err
	}
	key := maphash.String(t.seed, reference)
	d, known := t.decided[key]
	if !known {
		d.first = filled
	}
	ofOrder := ""
	if missed := d.first &^ filled; missed != 0 && !t.partly {
		ofOrder = t.only.references[bits.TrailingZeros64(missed)].String()
	}
	if t.headSure {
		empty, ofOrder = "", ""
	}
	own, other, says, saysOther := &d.line, &d.left, msgWordIsLine, msgWordIsLeftOut
	if r.role == leftOut {
		own, other, says, saysOther = other, own, saysOther, says
	}
	if own.row == 0 || empty != "" && !own.unsure {
		*own = decision{int32(r.number), empty != ""} //nolint:gosec // G115: a row number
	}
	t.decided[key] = d
	var why string
	header := "Header"
	switch {
	case other.row == 0 || empty == "" && ofOrder == "" && !other.unsure:
		return billing.Problem{}, nil
	case empty != "":
		why, header = fmt.Sprintf(msgEmptyHere, empty, other.row, saysOther), empty
	case ofOrder != "":
		return billing.NewProblem("row.first_row", "", "header", ofOrder, "reference", "{"+ofOrder+"}", "row",
			fmt.Sprint(other.row), "says", saysOther), nil
	default:
		why = fmt.Sprintf(msgEmptyThere, other.row, saysOther, says)
	}
	return t.only.untold(&valueError{why, fmt.Sprintf(hintFillDown, header)}), nil
}

// leaving is a row that is left out, and its order.
type leaving struct {
	row   int
	order string
}

// decisions remember what only decided about the rows of an order. There may be a million orders, so they are small.
type decisions struct {
	line, left decision // one row that is a line, and one that is left out
	first      uint64   // the cells that may be empty and are filled on the first row, by bit
}

// decision is a row about which only decided so; an unsure one, which lacks a cell that only reads, takes precedence.
type decision struct {
	row    int32
	unsure bool
}

// undecided finds an empty cell that only reads, "" for none. filled has a bit for every cell that may be empty and
// is filled. Only texts that are compared count: a number has a problem or a default of its own, and a text that
// is compared with an empty one is meant to be empty.
func (t *madeRows) undecided(r *row) (header string, filled uint64, err error) {
	cells, err := t.cells(r, t.only)
	if _, missing := errors.AsType[*problemError](err); missing {
		return "", 0, nil // a missing row of a register is a problem of its own
	}
	if err != nil {
		return "", 0, err
	}
	for i, c := range cells {
		of, empty := t.only.formula, saysNothing(c)
		switch meant := of.meansEmpty(i); {
		case meant && !empty:
			filled |= 1 << i
		case !meant && empty && header == "":
			header = t.only.references[i].String()
		}
	}
	return header, filled, nil
}

// textAlone reports whether a row has a description and nothing that makes a line of it.
func (t *madeRows) textAlone(r *row) bool {
	filled := func(c billing.Column) bool {
		at := t.table.index(c)
		return at >= 0 && strings.TrimSpace(r.cellAt(at).Value) != ""
	}
	return filled(billing.ColDescription) && !slices.ContainsFunc(ofLine(), filled)
}

// ofLine lists the columns that make a line of a text.
func ofLine() []billing.Column {
	return []billing.Column{billing.ColAmount, billing.ColUnitPrice, billing.ColQuantity}
}

// leavesOut reports whether the profile leaves a row out.
func (t *madeRows) leavesOut(r *row) (bool, error) {
	if t.only == nil {
		return false, nil
	}
	is, err := t.truth(r, t.only)
	if err != nil || r.problem.Code != "" || t.derivation.head == nil || r.role == aHead || t.headOut {
		return !is && r.problem.Code == "", err
	}
	cells, err := t.cells(r, t.only)
	if err != nil {
		return false, err
	}
	e := t.decidesOtherwise(t.only, cells, func(cells []*cell) bool {
		other, failed := t.holds(t.only, cells)
		return failed == nil && other == is
	})
	if e != nil {
		r.problem = t.only.untold(e)
	}
	return !is && e == nil, nil
}

// whole is an amount in whole units of a currency. The profile may say that amounts are in minor units.
func (p *Profile) whole(amount money.Decimal, currency string) money.Decimal {
	const usual = 2 // digits of a currency
	digits := usual
	if c, err := money.ParseCurrency(currency); err == nil {
		digits = c.Digits()
	}
	if whole, err := amount.Mul(money.NewDecimal(1, digits)); err == nil && p.orNone().Minor {
		return whole
	}
	return amount
}

// asLeftOut describes a row that the profile leaves out, for the report.
func (f *File) asLeftOut(r *row) billing.LeftOut {
	j := &judge{file: f, profile: f.profile}
	text := func(c billing.Column) string { return j.text(r, c) }
	l := billing.LeftOut{
		Place:     billing.Place{File: f.Name, Sheet: f.Tables[0].Sheet, Row: r.number},
		Reference: text(billing.ColOrderReference), Description: text(billing.ColDescription),
		Currency: text(billing.ColCurrency), Cells: make([]string, len(f.layout.columns)),
		Customer: cmp.Or(text(billing.ColBusinessName), text(billing.ColContactName),
			strings.TrimSpace(text(billing.ColFirstName)+" "+text(billing.ColLastName)),
			text(billing.ColCustomerNumber)),
	}
	for i := range r.cells {
		l.Cells[i] = f.layout.columns[i].repeat(&r.cells[i])
	}
	says, _ := f.layout.totalText(r)
	sum, _ := isTotalText(says) // the amount of a total would count twice
	if total, ok := j.lineTotal(r, j.line(r)); ok && (!sum || f.layout.complete(r)) {
		l.Amount = f.profile.whole(total, l.Currency).String()
	}
	return l
}
