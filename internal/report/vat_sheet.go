package report

import (
	"context"
	"fmt"
	"strconv"

	"kraviabatch/internal/money"
)

// The columns of the sheet VAT.
const (
	vatNet   = 4
	vatLines = 5
	vatOnSum = 6
	vatDiff  = 7
	vatGross = 8
)

// formula is a live formula with the value that it gives.
func (b *book) formula(formula, value string, l look) cell {
	c := b.cell(value, l.kind, l.tone, l.digits)
	c.formula = formula
	return c
}

func (b *book) writeVAT(context.Context) error {
	s, err := b.open(sheetVAT, []int{12, 12, 10, 20, 20, 20, 16, 20})
	if err == nil {
		err = b.layout(sheetVAT, "landscape", "")
	}
	if err != nil {
		return fmt.Errorf("sheet VAT: %w", err)
	}
	v := &vatSheet{book: b, sheet: s}
	v.note("VAT by rate", kindTitle)
	v.note("The provider is sent the sum of the lines' VAT, each line rounded half up. VAT on the sum is rounded once, for comparison.",
		kindLabel)
	v.note("", kindLabel)
	v.block("Invoiced: rows that are invoiced, already invoiced or registered", true)
	v.note("", kindLabel)
	v.block("Not invoiced: all other rows whose VAT could be computed", false)
	if v.err == nil {
		v.err = b.end(s)
	}
	if v.err != nil {
		return fmt.Errorf("sheet VAT: %w", v.err)
	}
	return nil
}

// vatSheet writes the sheet VAT; after the first error it does nothing.
type vatSheet struct {
	book  *book
	sheet *sheet
	err   error
	cells []cell
}

func (v *vatSheet) text(text string, l look) {
	v.cells = append(v.cells, v.book.cell(text, l.kind, l.tone, l.digits))
}

func (v *vatSheet) formula(formula, value string, l look) {
	v.cells = append(v.cells, v.book.formula(formula, value, l))
}

func (v *vatSheet) add() {
	if v.err == nil {
		v.err = v.sheet.add(v.cells, 0)
	}
	v.cells = v.cells[:0]
}

// note is one line of words over the whole width.
func (v *vatSheet) note(text string, k kind) {
	v.text(text, look{kind: k, tone: toneNone})
	v.add()
	if v.err == nil {
		v.err = v.book.f.MergeCell(sheetVAT, ref(1, v.sheet.row), ref(vatGross, v.sheet.row))
	}
}

// block is the table of the invoiced rows or of the others, with a total for each currency.
func (v *vatSheet) block(title string, invoiced bool) {
	v.note(title, kindHeading)
	v.text("Currency", look{kind: kindHeader, tone: toneHeader})
	v.text("Country", look{kind: kindHeader, tone: toneHeader})
	for _, name := range []string{"Rate %", "Net", "VAT, sum of lines", "VAT on the sum", "Difference", "Gross"} {
		v.text(name, look{kind: kindNumberHeader, tone: toneHeader})
	}
	v.add()
	first := v.sheet.row + 1
	var totals []VATTotal
	for _, t := range v.book.summary.VAT {
		if t.Invoiced != invoiced {
			continue
		}
		v.line(&t)
		if len(totals) == 0 || totals[len(totals)-1].Currency != t.Currency {
			totals = append(totals, VATTotal{Currency: t.Currency})
		}
		v.sum(&totals[len(totals)-1], &t)
	}
	last := v.sheet.row
	if len(totals) == 0 {
		v.note("No such rows", kindText)
	}
	for i := range totals {
		v.total(&totals[i], first, last)
	}
}

func (v *vatSheet) sum(total, t *VATTotal) {
	for _, pair := range [][2]*money.Amount{{&total.Gross, &t.Gross}, {&total.VAT, &t.VAT}, {&total.OnSum, &t.OnSum}} {
		if v.err == nil {
			*pair[0], v.err = pair[0].Add(*pair[1])
		}
	}
}

func (v *vatSheet) line(t *VATTotal) {
	amount := look{kind: kindAmount, tone: toneNone, digits: t.Currency.Digits()}
	row := v.sheet.row + 1
	v.text(t.Currency.Code(), look{kind: kindText, tone: toneNone})
	v.text(t.Country, look{kind: kindText, tone: toneNone})
	v.text(t.Rate.String(), look{kind: kindNumber, tone: toneNone})
	v.formula(rounded(ref(vatGross, row)+"-"+ref(vatLines, row), t.Currency), v.minus(t.Gross, t.VAT), amount)
	v.text(t.VAT.String(), amount)
	v.text(t.OnSum.String(), amount)
	v.formula(rounded(ref(vatLines, row)+"-"+ref(vatOnSum, row), t.Currency), v.minus(t.VAT, t.OnSum), amount)
	v.text(t.Gross.String(), amount)
	v.add()
}

func (v *vatSheet) total(t *VATTotal, first, last int) {
	amount := look{kind: kindAmount, tone: toneTotal, digits: t.Currency.Digits()}
	row := strconv.Itoa(v.sheet.row + 1)
	v.text(t.Currency.Code(), look{kind: kindText, tone: toneTotal})
	v.text("Total", look{kind: kindText, tone: toneTotal})
	v.text("", look{kind: kindText, tone: toneTotal})
	values := []string{v.minus(t.Gross, t.VAT), t.VAT.String(), t.OnSum.String(), v.minus(t.VAT, t.OnSum), t.Gross.String()}
	for i, value := range values {
		name := colName(vatNet + i)
		sum := fmt.Sprintf("SUMIFS(%s%d:%s%d,A%d:A%d,A%s)", name, first, name, last, first, last, row)
		v.formula(rounded(sum, t.Currency), value, amount)
	}
	v.add()
}

func (v *vatSheet) minus(a, b money.Amount) string {
	if v.err != nil {
		return ""
	}
	var d money.Amount
	d, v.err = a.Sub(b)
	return d.String()
}

// rounded takes the noise of binary fractions off a formula's result.
func rounded(formula string, c money.Currency) string {
	return "ROUND(" + formula + "," + strconv.Itoa(c.Digits()) + ")"
}
