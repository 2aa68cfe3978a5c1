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

func (b *book) writeVAT(context.Context) error {
	p, err := b.page(sheetVAT, "landscape", []int{12, 12, 10, 20, 20, 20, 16, 20})
	if err != nil {
		return err
	}
	v := &vatSheet{p}
	v.note("VAT by rate", kindTitle)
	v.note("The provider is sent the sum of the lines' VAT, each line rounded half up. VAT on the sum is rounded once, for comparison.",
		kindLabel)
	v.note("", kindLabel)
	v.block("Invoiced: rows that are invoiced, already invoiced or registered", true)
	v.note("", kindLabel)
	v.block("Not invoiced: all other rows whose VAT could be computed", false)
	return v.end()
}

// vatSheet writes the sheet VAT.
type vatSheet struct{ page }

// note is one line of words over the whole width.
func (v *vatSheet) note(text string, k kind) {
	v.text(text, k, toneNone)
	v.add(0)
	v.merge(1, vatGross)
}

// block is the table of the invoiced rows or of the others, with a total for each currency.
func (v *vatSheet) block(title string, invoiced bool) {
	v.note(title, kindHeading)
	v.text("Currency", kindHeader, toneHeader)
	v.text("Country", kindHeader, toneHeader)
	for _, name := range []string{"Rate %", "Net", "VAT, sum of lines", "VAT on the sum", "Difference", "Gross"} {
		v.text(name, kindNumberHeader, toneHeader)
	}
	v.add(0)
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
	v.text(t.Currency.Code(), kindText, toneNone)
	v.text(t.Country, kindText, toneNone)
	v.text(t.Rate.String(), kindNumber, toneNone)
	v.formula(rounded(ref(vatGross, row)+"-"+ref(vatLines, row), t.Currency), v.minus(t.Gross, t.VAT), amount)
	v.value(t.VAT.String(), amount)
	v.value(t.OnSum.String(), amount)
	v.formula(rounded(ref(vatLines, row)+"-"+ref(vatOnSum, row), t.Currency), v.minus(t.VAT, t.OnSum), amount)
	v.value(t.Gross.String(), amount)
	v.add(0)
}

func (v *vatSheet) total(t *VATTotal, first, last int) {
	amount := look{kind: kindAmount, tone: toneTotal, digits: t.Currency.Digits()}
	row := strconv.Itoa(v.sheet.row + 1)
	v.text(t.Currency.Code(), kindText, toneTotal)
	v.text("Total", kindText, toneTotal)
	v.text("", kindText, toneTotal)
	values := []string{v.minus(t.Gross, t.VAT), t.VAT.String(), t.OnSum.String(), v.minus(t.VAT, t.OnSum), t.Gross.String()}
	for i, value := range values {
		name := colName(vatNet + i)
		sum := fmt.Sprintf("SUMIFS(%s%d:%s%d,A%d:A%d,A%s)", name, first, name, last, first, last, row)
		v.formula(rounded(sum, t.Currency), value, amount)
	}
	v.add(0)
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
