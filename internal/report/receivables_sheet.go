package report

import (
	"context"
	"strconv"

	"kraviabatch/internal/money"
)

// sheetReceivables has invoice numbers, due dates and payments.
const sheetReceivables = "Receivables"

// The columns of its tables.
const (
	receivablesLast = 7
	dueWeek         = 2
	dueAmount       = 4
)

// receivablesSheet writes the sheet Receivables.
type receivablesSheet struct {
	page
	*Receivables
}

func (b *book) writeReceivables(context.Context) error {
	if of := b.summary.Receivables; b.report.Preview != nil || len(of.Series)+len(of.Aging) == 0 {
		return nil
	}
	width := b.summary.amountWidth(18)
	p, err := b.page(sheetReceivables, "landscape", []int{12, 30, 12, width, width, width, 40})
	if err != nil {
		return err
	}
	r := &receivablesSheet{p, b.summary.Receivables}
	r.note(r.say("Receivables"), kindTitle, 28)
	r.series()
	r.due()
	r.aging()
	r.settlement()
	return r.end()
}

// note is a line of words over the whole width, of so many points.
func (r *receivablesSheet) note(text string, k kind, height int) {
	r.text(text, k, toneNone)
	for len(r.cells) < receivablesLast {
		r.text("", k, toneNone)
	}
	r.add(height)
	r.merge(1, receivablesLast)
}

// table begins a table, whose columns from the third to last have numbers.
func (r *receivablesSheet) table(title string, last int, names ...string) {
	r.add(10)
	r.note(title, kindHeading, 21)
	for i, name := range names {
		k := kindHeader
		if i+1 >= 3 && i+1 <= last {
			k = kindNumberHeader
		}
		r.text(name, k, toneHeader)
	}
	for len(r.cells) < receivablesLast {
		r.text("", kindHeader, toneHeader)
	}
	r.add(4 + lineHigh)
}

func (r *receivablesSheet) count(n int) { r.value(strconv.Itoa(n), look{kind: kindCount}) }

func (r *receivablesSheet) money(a money.Amount) {
	r.value(a.String(), look{kind: kindAmount, digits: a.Currency().Digits()})
}

// total ends the rows of a currency with their sums in the columns of numbers.
func (r *receivablesSheet) total(of span, currency money.Currency, orders int, sums ...money.Amount) {
	r.text(currency.Code(), kindText, toneTotal)
	r.text(r.say("Total"), kindText, toneTotal)
	sum := func(col int) string { return "SUM(" + ref(col, of.first) + ":" + ref(col, of.last) + ")" }
	r.formula(sum(3), strconv.Itoa(orders), look{kind: kindCount, tone: toneTotal})
	for i, a := range sums {
		r.formula(rounded(sum(4+i), currency), money.New(a.Minor(), currency).String(), look{kind: kindAmount, tone: toneTotal, digits: currency.Digits()})
	}
	for len(r.cells) < receivablesLast {
		r.text("", kindText, toneTotal)
	}
	r.add(lineHigh)
}

// series are the invoice numbers of this run.
func (r *receivablesSheet) series() {
	r.table(r.say("Invoice numbers of this run"), 4, "", r.say("First"), r.say("Invoices"), r.say("Numbers missing"), r.say("Last"), "", r.say("Missing"))
	for i := range r.Series {
		s := &r.Series[i]
		r.text("", kindText, toneNone)
		r.text(s.First, kindText, toneNone)
		r.count(s.Invoices)
		r.count(s.Missing)
		r.text(s.Last, kindText, toneNone)
		r.text("", kindText, toneNone)
		gaps := joined(append([]string{}, s.Gaps...))
		if len(s.Gaps) == maxGaps {
			gaps += " …"
		}
		r.text(gaps, kindProse, toneNone)
		r.add(max(lineHigh, linesIn(gaps, 40)*lineHigh))
	}
	if len(r.Series) == 0 {
		r.note(r.say("This run has no invoice number"), kindText, lineHigh)
		return
	}
	r.note(r.say("The provider numbers all invoices of the account: a missing number is one of another run, or one made elsewhere. It tells no KID or OCR number; a payment is found by its invoice number."),
		kindProse, 2*lineHigh)
}

// due is what this run's invoices come to by the week in which they fall due.
func (r *receivablesSheet) due() {
	if len(r.Due) == 0 {
		return
	}
	r.table(r.say("Due by week, invoiced by this run"), 4, r.say("Currency"), r.say("Week from Monday"), r.say("Orders"), r.say("Amount incl. VAT"))
	for i := 0; i < len(r.Due); {
		currency, rows, orders, sum := r.Due[i].Amount.Currency(), &span{}, 0, money.Amount{}
		for ; i < len(r.Due) && r.Due[i].Amount.Currency() == currency; i++ {
			d := &r.Due[i]
			rows.grow(r.sheet.row + 1)
			orders, sum = orders+d.Invoices, plus(sum, d.Amount)
			r.text(currency.Code(), kindText, toneNone)
			if d.Monday == "" {
				r.text(r.say("no due date told"), kindText, toneNone)
			} else {
				r.text(string(d.Monday), kindText, toneNone)
			}
			r.count(d.Invoices)
			r.money(d.Amount)
			r.add(lineHigh)
		}
		r.total(*rows, currency, orders, sum)
		r.book.dueRows[currency] = rows
	}
}

// ageWords are the ages in words.
func ageWords() [ages]phrase {
	return [ages]phrase{
		ageNotDue: "Not due yet", ageMonth: "1–30 days overdue", ageTwo: "31–60 days overdue", ageThree: "61–90 days overdue",
		ageOlder: "More than 90 days overdue", ageUndated: "No due date told", agePaid: "Paid", ageRefunded: "Refunded in part",
	}
}

// aging is what is paid and open of all invoices of the report.
func (r *receivablesSheet) aging() {
	if len(r.Aging) == 0 {
		return
	}
	r.table(r.say("Open, overdue and paid on %s: the orders of this file, whichever run invoiced them", string(r.book.report.Today)), 6, r.say("Currency"), r.say("Age"),
		r.say("Orders"), r.say("Amount incl. VAT"), r.say("Paid"), r.say("Open"))
	for i := 0; i < len(r.Aging); {
		currency, rows, orders, sums := r.Aging[i].Currency, &span{}, 0, [3]money.Amount{}
		for ; i < len(r.Aging) && r.Aging[i].Currency == currency; i++ {
			a := &r.Aging[i]
			rows.grow(r.sheet.row + 1)
			orders += a.Invoices
			t := toneNone
			if a.Age >= ageMonth && a.Age <= ageOlder {
				t = toneAttention
			}
			r.text(currency.Code(), kindText, toneNone)
			r.text(r.book.words.text(string(ageWords()[a.Age])), kindText, t)
			r.count(a.Invoices)
			for i, m := range []money.Amount{a.Amount, a.Paid, a.Open} {
				r.money(money.New(m.Minor(), currency))
				sums[i] = plus(sums[i], m)
			}
			if a.Untold > 0 {
				r.text(r.say("%d are paid in part, and the provider does not tell how much", a.Untold), kindProse, toneNone)
			}
			r.add(max(lineHigh, min(a.Untold, 1)*2*lineHigh))
		}
		r.total(*rows, currency, orders, sums[:]...)
	}
	r.note(r.say("As the provider told last; `kravia-batch refresh --all` asks about every invoice anew. One of several orders of a grouped invoice counts by itself."),
		kindProse, lineHigh)
}

// settlement is how far the provider has settled with the seller.
func (r *receivablesSheet) settlement() {
	if len(r.Settled) == 0 {
		return
	}
	r.table(r.say("Settled by the provider with the seller"), 4, r.say("Currency"), r.say("Settlement"), r.say("Orders"), r.say("Amount incl. VAT"))
	for i := 0; i < len(r.Settled); {
		currency, rows, orders, sum := r.Settled[i].Currency, &span{}, 0, money.Amount{}
		for ; i < len(r.Settled) && r.Settled[i].Currency == currency; i++ {
			s := &r.Settled[i]
			rows.grow(r.sheet.row + 1)
			orders, sum = orders+s.Invoices, plus(sum, s.Amount)
			word := r.book.words.text(s.Word)
			if word == "" {
				word = r.say("not told")
			}
			r.text(currency.Code(), kindText, toneNone)
			r.text(word, kindText, toneNone)
			r.count(s.Invoices)
			r.money(s.Amount)
			r.add(lineHigh)
		}
		r.total(*rows, currency, orders, sum)
	}
}
