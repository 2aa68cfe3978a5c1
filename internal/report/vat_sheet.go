package report

import (
	"context"
	"fmt"
	"strings"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// Columns of the sheet VAT, from 1.
const (
	vatRate     = 4
	vatCustomer = 6
	vatNet      = 7
	vatLines    = 8
	vatOnSum    = 10
	vatOff      = 12
)

func (b *book) writeVAT(context.Context) error {
	width := b.summary.amountWidth(16)
	p, err := b.page(sheetVAT, "landscape", []int{10, 12, 10, 9, 14, 12, width, width, width, width, 12, 12})
	if err != nil {
		return err
	}
	v := &vatSheet{p, map[money.Currency][]int{}, alike(b.summary.VAT)}
	v.words(v.say("VAT by seller's country, rate and treatment"), kindTitle)
	v.words(v.say("The provider gets the sum of the lines' VAT, each line rounded half up. "+
		"VAT on the sum is computed once for each rate of an invoice, on its net, as electronic invoices state it. "+
		"The differences of the invoices are added up with their signs, and without."), kindProse)
	if v.book.report.Run.SellerCountry == "" {
		v.words(v.say("No profile names the seller's country, so the country of the currency is used."), kindLabel)
	}
	v.foreign()
	v.block(v.say("Invoiced by this run"), partThisRun)
	v.block(v.say("Cancelled since: corrections of what this run invoiced; the date of each is on sheet %s",
		v.say(sheetOrders)), partCancelled)
	v.block(v.say("Invoiced before: posted from the reports of the runs that invoiced it"), partBefore)
	v.block(v.say("Registered: the invoice comes later, and its VAT with it"), partLater)
	v.block(v.say("Not invoiced, as far as VAT could be computed"), partNot)
	v.check()
	return v.end()
}

// vatSheet writes the sheet VAT: a table for each part, and the check that the parts are all rows.
type vatSheet struct {
	page
	totals map[money.Currency][]int // rows with the totals of the parts, without corrections
	alike  map[string]int           // see alike
}

// alike counts the treatments by their number: 1 and 01 are one number, and the formulas of some programs do not tell
// them apart.
func alike(lines []VATLine) map[string]int {
	seen, numbers := map[string]bool{}, map[string]int{}
	for i := range lines {
		if of := lines[i].Treatment; !seen[of] {
			seen[of] = true
			numbers[numberOf(of)]++
		}
	}
	return numbers
}

// words writes a row of one text, with the height of its kind.
func (v *vatSheet) words(text string, k kind) {
	v.note(text, k, map[kind]int{kindTitle: 28, kindHeading: 21, kindProse: 2 * lineHigh}[k])
}

// foreign names the currencies whose VAT the tax authority wants in its own currency.
func (v *vatSheet) foreign() {
	said := map[money.Currency]bool{}
	for _, t := range v.book.summary.VAT {
		own := billing.CurrencyOfVAT(t.Country)
		if t.Country == "" || own == t.Currency.Code() || said[t.Currency] {
			continue
		}
		said[t.Currency] = true
		v.words(v.say("VAT in %s, as the tax authority of %s requires it, is not shown for invoices in %s: "+
			"the file has no exchange rate.", own, t.Country, t.Currency.Code()), kindLabel)
	}
}

// block is the table of a part, with a total for each currency. A part without rows has no table, except this run's.
func (v *vatSheet) block(title string, of part) {
	first, totals := 0, map[money.Currency]*VATLine{}
	var order []*VATLine
	for i := range v.book.summary.VAT {
		t := &v.book.summary.VAT[i]
		if t.Part != of {
			continue
		}
		if first == 0 {
			v.begin(title)
			if of == partThisRun {
				v.book.vatHead = v.sheet.row
			}
			first = v.sheet.row + 1
		}
		v.line(t)
		total := totals[t.Currency]
		if total == nil {
			total = &VATLine{vatKey: vatKey{Part: of, Currency: t.Currency}, told: true}
			totals[t.Currency], order = total, append(order, total)
		}
		for _, pair := range [][2]*money.Amount{
			{&total.Gross, &t.Gross}, {&total.VAT, &t.VAT}, {&total.OnSum, &t.OnSum}, {&total.Off, &t.Off},
		} {
			if v.err == nil {
				*pair[0], v.err = pair[0].Add(*pair[1])
			}
		}
		total.told = total.told && t.OnSumKnown()
	}
	last := v.sheet.row
	for _, total := range order {
		v.total(total, first, last)
	}
	if first == 0 && of == partThisRun {
		v.begin(title)
		v.words(v.say("No such rows"), kindText)
	}
}

func (v *vatSheet) begin(title string) {
	v.add(10)
	v.words(title, kindHeading)
	v.head(func(col int) bool { return col >= vatNet || col == vatRate }, 4+2*lineHigh,
		v.say("Currency"), v.say("Invoiced in"), v.say("VAT of"), v.say("Rate %%"), v.say("Treatment"),
		v.say("Customer in"), v.say("Net"), v.say("VAT, sum of lines"), v.say("Amount incl. VAT"),
		v.say("VAT on invoices' sums"), v.say("Difference"), v.say("Without signs"))
}

// line is a row of a block. What was cancelled counts below zero.
func (v *vatSheet) line(t *VATLine) {
	row := v.sheet.row + 1
	if t.Part == partThisRun {
		entry(v.book.vatRows, t.Currency).grow(row)
	}
	v.each(kindText, toneNone, t.Currency.Code(), string(t.Month), t.Country)
	v.text(t.Rate.String(), kindNumber, toneNone)
	v.each(kindText, toneNone, t.Treatment, t.Customer)
	for _, of := range []struct {
		column string
		value  int64
	}{{"net_amount", t.Gross.Minor() - t.VAT.Minor()}, {"vat_amount", t.VAT.Minor()}, {"amount", t.Gross.Minor()}} {
		formula := v.lineSum(of.column, t)
		if len(t.Treatment) > longCriterion || v.alike[numberOf(t.Treatment)] > 1 {
			formula = ""
		}
		v.turned(formula, t, of.value, toneNone)
	}
	if t.OnSumKnown() {
		v.turned("", t, t.OnSum.Minor(), toneNone)
		v.turned(ref(vatLines, row)+"-"+ref(vatOnSum, row), t, t.VAT.Minor()-t.OnSum.Minor(), toneNone)
		v.amount(money.New(t.Off.Minor(), t.Currency), toneNone)
	}
	v.add(lineHigh)
}

// turned appends an amount of a part, with a formula unless that is "". What was cancelled has the opposite sign.
func (v *vatSheet) turned(formula string, t *VATLine, minor int64, of tone) {
	if t.Part == partCancelled {
		minor = -minor
	}
	if a := money.New(minor, t.Currency); formula == "" {
		v.amount(a, of)
	} else {
		v.sum(formula, a, of)
	}
}

// lineSum returns the formula of a line: the sum of a column of sheet Rows over the rows that the line counts.
func (v *vatSheet) lineSum(column string, t *VATLine) string {
	of := v.book.ofPart(t.Part)
	switch first := (t.Month + "-01").Time(); {
	case t.Part != partThisRun:
	case t.Month == "":
		of = append(of, condition{"invoice_date", quote("")})
	default:
		next := first.AddDate(0, 1, 0)
		of = append(of, condition{"invoice_date", fmt.Sprintf(`">="&DATE(%d,%d,1)`, first.Year(), first.Month())},
			condition{"invoice_date", fmt.Sprintf(`"<"&DATE(%d,%d,1)`, next.Year(), next.Month())})
	}
	formula := v.book.rows.over("SUMIFS", column, append(of, inCurrencyOf(t.Currency),
		condition{"vat", t.Rate.String()}, condition{"vat_treatment", criterion(t.Treatment)},
		condition{"customer_country", criterion(t.Customer)})...)
	if t.Part == partCancelled {
		return "-(" + formula + ")"
	}
	return formula
}

// numberOf returns a text of digits without the zeros in front, and any other text unchanged.
func numberOf(text string) string {
	if text == "" || strings.Trim(text, "0123456789") != "" {
		return text
	}
	return "0" + strings.TrimLeft(text, "0")
}

// longCriterion is the highest number of bytes of a treatment in a formula. A line with a longer one has its value
// without a formula.
const longCriterion = 120

// criterion returns a text as a condition of a formula that selects exactly this text.
func criterion(text string) string {
	if text == "" {
		return `""`
	}
	return `"=` + strings.NewReplacer(`"`, `""`, "~", "~~", "*", "~*", "?", "~?").Replace(text) + `"`
}

// total is the row with the total of a currency; first and last are the rows of its block.
func (v *vatSheet) total(t *VATLine, first, last int) {
	row := v.sheet.row + 1
	v.each(kindText, toneTotal, t.Currency.Code(), v.say("Total"), "", "", "", "")
	gross, vat, onSum := t.Gross.Minor(), t.VAT.Minor(), t.OnSum.Minor()
	values := []int64{gross - vat, vat, gross, onSum, vat - onSum}
	if !t.told {
		values = values[:3]
	}
	sum := func(col int) string {
		name := colName(col)
		return fmt.Sprintf("SUMIFS(%s%d:%s%d,A%d:A%d,A%d)", name, first, name, last, first, last, row)
	}
	for i, value := range values {
		v.turned(sum(vatNet+i), t, value, toneTotal)
	}
	if t.told {
		v.sum(sum(vatOff), money.New(t.Off.Minor(), t.Currency), toneTotal)
	}
	v.fill(kindText, toneTotal)
	v.add(lineHigh)
	if t.Part != partCancelled {
		v.totals[t.Currency] = append(v.totals[t.Currency], row)
	}
}

// check compares the tables with all rows: each row must be in exactly one of them. Corrections are not counted, since
// their rows are also among those of this run.
func (v *vatSheet) check() {
	if len(v.totals) == 0 {
		return
	}
	v.add(10)
	v.words(v.say("Check: all rows of sheet %s less the tables above", v.say(sheetRows)), kindHeading)
	for i := range v.book.summary.Invoicing {
		currency := v.book.summary.Invoicing[i].Currency
		v.each(kindText, toneTotal, currency.Code(), v.say("Difference"), "", "", "", "")
		for i, column := range []string{"net_amount", "vat_amount"} {
			formula := []string{v.book.rows.over("SUMIFS", column, inCurrencyOf(currency))}
			for _, row := range v.totals[currency] {
				formula = append(formula, ref(vatNet+i, row))
			}
			v.sum(strings.Join(formula, "-"), money.New(0, currency), toneTotal)
		}
		v.fill(kindText, toneTotal)
		v.add(lineHigh)
		v.redUnlessZero(vatNet, vatLines)
	}
}
