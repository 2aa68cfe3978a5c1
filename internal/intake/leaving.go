package intake

import (
	"cmp"
	"fmt"
	"hash/maphash"
	"slices"
	"strings"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// follows finds a row about which only decides by a cell that is empty, while another row of its order had that cell and was decided
// otherwise: the order would be sent in part. A text behind a row that is left out is such a row too.
func (t *madeRows) follows(r *row) {
	if t.only == nil || r.role == aHead || r.role == aRegister || r.problem.Code != "" {
		return
	}
	before := t.outBefore
	if t.outBefore = 0; r.role == leftOut {
		t.outBefore = r.number
	}
	why, fix := "", ""
	if reference := strings.TrimSpace(r.cellAt(t.table.index(billing.ColOrderReference)).Text()); reference != "" {
		key := maphash.String(t.seed, reference)
		other, known := t.decided[key]
		empty := t.undecided(r)
		switch {
		case empty == "":
			t.decided[key] = decision{r.number, r.role == leftOut}
		case known && other.out != (r.role == leftOut):
			says := "is a line"
			if other.out {
				says = "is left out"
			}
			why = fmt.Sprintf("%s is empty, and row %d of the same order %s", empty, other.row, says)
			fix = "fill in the cell, or stop such orders in a column that is filled down: stop('…')"
		}
	}
	if why == "" && before > 0 && r.role == aLine && t.textAlone(r) {
		why = fmt.Sprintf("the row is a text, and row %d before it is left out", before)
		fix = "let only leave the text out too, or make a line of it"
	}
	if why != "" {
		r.role, t.outBefore = aLine, 0
		r.problem = billing.NewProblem("row.formula", "", "formula", strings.TrimSpace(t.only.text), "why", why, "fix", fix)
	}
}

// decision is what only said about a row of an order that had all cells by which it decides.
type decision struct {
	row int
	out bool
}

// undecided is an empty cell by which only decides, "" for none. A number has a problem or a default of its own, and a text that is
// compared with ” is meant to be empty.
func (t *madeRows) undecided(r *row) string {
	for i, o := range t.only.origins {
		meant := isNumeric(t.only.formula.reads[i]) || slices.Contains(t.only.formula.spelled[i], spelling{"", false})
		if o.join < 0 && !meant && strings.TrimSpace(r.cellAt(o.at).Value) == "" {
			return t.only.references[i].String()
		}
	}
	return ""
}

// textAlone reports whether a row has a description and nothing that makes a line of it.
func (t *madeRows) textAlone(r *row) bool {
	filled := func(c billing.Column) bool {
		at := t.table.index(c)
		return at >= 0 && strings.TrimSpace(r.cellAt(at).Value) != ""
	}
	ofLine := []billing.Column{billing.ColAmount, billing.ColUnitPrice, billing.ColQuantity}
	return filled(billing.ColDescription) && !slices.ContainsFunc(ofLine, filled)
}

// leavesOut reports whether the profile leaves a row out.
func (t *madeRows) leavesOut(r *row) (bool, error) {
	if t.only == nil {
		return false, nil
	}
	is, err := t.truth(r, t.only)
	return !is && r.problem.Code == "", err
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
	text := func(c billing.Column) string {
		if i := f.layout.index(c); i >= 0 {
			return strings.TrimSpace(f.layout.read(r, i).value)
		}
		return f.profile.constants()[c]
	}
	l := billing.LeftOut{
		Place:     billing.Place{File: f.Name, Sheet: f.Tables[0].Sheet, Row: r.number},
		Reference: text(billing.ColOrderReference), Description: text(billing.ColDescription),
		Currency: text(billing.ColCurrency), Cells: make([]string, len(f.layout.columns)),
		Customer: cmp.Or(text(billing.ColBusinessName), text(billing.ColContactName),
			strings.TrimSpace(text(billing.ColFirstName)+" "+text(billing.ColLastName)), text(billing.ColCustomerNumber)),
	}
	for i := range r.cells {
		l.Cells[i] = f.layout.columns[i].repeat(&r.cells[i])
	}
	j := &judge{file: f, profile: f.profile}
	if total, ok := j.lineTotal(r, j.line(r)); ok {
		l.Amount = f.profile.whole(total, l.Currency).String()
	}
	return l
}
