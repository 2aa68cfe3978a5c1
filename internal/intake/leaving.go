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

// follows finds a row that only decides otherwise than another of its order, where a cell by which it decides
// is empty on one of them: the order would be sent in part. A text behind a row of its order that is left out
// is such a row too.
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
		problem = t.only.untold(&valueError{
			fmt.Sprintf("the row is a text, and row %d before it is left out", before.row),
			"let only leave the text out too, or make a line of it",
		})
	}
	if problem.Code != "" {
		r.role, t.outBefore, r.problem = aLine, leaving{}, problem
	}
	return nil
}

// orderOf are the cells that tell a row's order, as one text, "" where all are empty.
func (t *madeRows) orderOf(r *row) (string, error) {
	var says strings.Builder
	for _, c := range t.identity {
		at := t.table.index(c)
		if at >= madeBase {
			if err := t.make(r, at-madeBase); err != nil {
				return "", err
			}
		}
		says.WriteString(strings.TrimSpace(r.cellAt(at).Text()) + "\x00")
	}
	if order := says.String(); strings.Trim(order, "\x00") != "" {
		return order, nil
	}
	return "", nil
}

// differs finds that only decides otherwise about a row than about another of its order, where a cell by
// which it decides is empty on one of them. It notes what it decides.
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
	own, other, says, saysOther := &d.line, &d.left, "is a line", "is left out"
	if r.role == leftOut {
		own, other, says, saysOther = other, own, saysOther, says
	}
	if own.row == 0 || empty != "" && !own.unsure {
		*own = decision{int32(r.number), empty != ""} //nolint:gosec // G115: a row number
	}
	t.decided[key] = d
	var why string
	header := "{Header}"
	switch {
	case other.row == 0 || empty == "" && ofOrder == "" && !other.unsure:
		return billing.Problem{}, nil
	case empty != "":
		why, header = fmt.Sprintf("%s is empty, and row %d of the same order %s", empty, other.row, saysOther),
			fmt.Sprintf("{%s}", empty)
	case ofOrder != "":
		return billing.NewProblem("row.first_row", "", "header", ofOrder, "reference", "{"+ofOrder+"}", "row",
			fmt.Sprint(other.row), "says", saysOther), nil
	default:
		why = fmt.Sprintf("a cell is empty on row %d of the same order, which %s, and this row %s", other.row,
			saysOther, says)
	}
	return t.only.untold(
		&valueError{why, fmt.Sprintf("fill in the cell; if the export has it on the order's first row alone, "+
			"write fill_down: [\"%s\"] in the profile; if an empty cell has a meaning of its own, compare it with '' in only", header)}), nil
}

// leaving is a row that is left out, and the reference of its order.
type leaving struct {
	row   int
	order string
}

// decisions are what only said about the rows of an order, and which cells that may be empty its first row has, by bit.
type decisions struct {
	line, left decision
	first      uint64
}

// decision is a row about which only decided so: where there is one, one on which a cell by which it decides is empty.
type decision struct {
	row    int32
	unsure bool
}

// undecided is an empty cell by which only decides, "" for none, and which of those that may be empty are
// not, by bit. A number has a problem or a default of its own, and a text that is compared with ” is meant to
// be empty.
func (t *madeRows) undecided(r *row) (header string, filled uint64, err error) {
	cells, err := t.cells(r, t.only)
	if err != nil {
		if _, missing := errors.AsType[*keyError](err); missing {
			err = nil // which is a problem of its own
		}
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

// ofLine are the columns that make a line of a text.
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

// whole is an amount in whole units of a currency, whose minor units the profile may have.
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

// asLeftOut is a row that the profile leaves out, as the report lists it.
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
	sum, _ := isTotalText(says) // whose lines have the amount
	if total, ok := j.lineTotal(r, j.line(r)); ok && (!sum || f.layout.complete(r)) {
		l.Amount = f.profile.whole(total, l.Currency).String()
	}
	return l
}
