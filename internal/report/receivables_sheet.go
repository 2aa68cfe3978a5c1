package report

import (
	"cmp"
	"context"
	"strings"

	"kraviabatch/internal/money"
)

// sheetReceivables has invoice numbers, due dates, payments and the settlement.
const sheetReceivables = "Receivables"

// Columns of the table of due weeks, from 1.
const (
	dueWeek   = 2
	dueAmount = 4
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

// table begins a table. Its columns from the third to last have numbers.
func (r *receivablesSheet) table(title string, last int, names ...string) {
	r.add(10)
	r.note(title, kindHeading, 21)
	r.head(func(col int) bool { return col >= 3 && col <= last }, 4+lineHigh, names...)
}

// receivable is a row of a table: some orders of a currency and their amounts.
type receivable struct {
	currency money.Currency
	what     string
	tone     tone
	orders   int
	amounts  []money.Amount
	note     string
}

// rows writes the rows of a table, which are sorted by currency, with a total below each currency. It returns where the
// rows of each currency are.
func (r *receivablesSheet) rows(all []receivable) map[money.Currency]*span {
	at := map[money.Currency]*span{}
	for i := 0; i < len(all); {
		currency, orders, sums := all[i].currency, 0, make([]money.Amount, len(all[i].amounts))
		of := entry(at, currency)
		for ; i < len(all) && all[i].currency == currency; i++ {
			row := &all[i]
			of.grow(r.sheet.row + 1)
			orders += row.orders
			r.text(currency.Code(), kindText, toneNone)
			r.text(row.what, kindText, row.tone)
			r.count(row.orders, toneNone)
			for k, a := range row.amounts {
				r.amount(money.New(a.Minor(), currency), toneNone)
				sums[k] = plus(sums[k], a)
			}
			r.text(row.note, kindProse, toneNone)
			r.add(lineHigh * linesIn(row.note, 40))
		}
		r.each(kindText, toneTotal, currency.Code(), r.say("Total"))
		sum := func(col int) string { return "SUM(" + ref(col, of.first) + ":" + ref(col, of.last) + ")" }
		r.tally(sum(3), orders, toneTotal)
		for k, a := range sums {
			r.sum(sum(4+k), money.New(a.Minor(), currency), toneTotal)
		}
		r.fill(kindText, toneTotal)
		r.add(lineHigh)
	}
	return at
}

// series is the table of the invoice numbers of this run.
func (r *receivablesSheet) series() {
	r.table(r.say("Invoice numbers of this run"), 4, "", r.say("First"), r.say("Invoices"), r.say("Numbers missing"),
		r.say("Last"), "", r.say("Missing"))
	for i := range r.Series {
		s := &r.Series[i]
		r.each(kindText, toneNone, "", s.First)
		r.count(s.Invoices, toneNone)
		r.count(s.Missing, toneNone)
		r.each(kindText, toneNone, s.Last, "")
		gaps := strings.Join(s.Gaps, listSeparator)
		if len(s.Gaps) == maxGaps {
			gaps += " …"
		}
		r.text(gaps, kindProse, toneNone)
		r.add(lineHigh * linesIn(gaps, 40))
	}
	if len(r.Series) == 0 {
		r.note(r.say("This run has no invoice number"), kindText, lineHigh)
		return
	}
	r.note(r.say("The provider numbers all invoices of the account, so a missing number belongs to another run or "+
		"was made elsewhere. The provider does not report KID or OCR numbers; find a payment by its invoice number."),
		kindProse, 2*lineHigh)
}

// due is the table of this run's invoices by the week in which they are due.
func (r *receivablesSheet) due() {
	if len(r.Due) == 0 {
		return
	}
	r.table(r.say("Due by week, invoiced by this run"), 4, r.say("Currency"), r.say("Week from Monday"),
		r.say("Orders"), r.say("Amount incl. VAT"))
	var rows []receivable
	for _, d := range r.Due {
		week := cmp.Or(string(d.Monday), r.say("no due date known"))
		rows = append(rows, receivable{d.Amount.Currency(), week, toneNone, d.Invoices, []money.Amount{d.Amount}, ""})
	}
	r.book.dueRows = r.rows(rows)
}

// ageWords are the ages in words, in English.
func ageWords() [ages]phrase {
	return [ages]phrase{
		ageNotDue: "Not due yet", ageMonth: "1–30 days overdue", ageTwo: "31–60 days overdue",
		ageThree: "61–90 days overdue", ageOlder: "More than 90 days overdue",
		ageUndated: "No due date known", agePaid: "Paid", ageRefunded: "Refunded in part",
	}
}

// aging is the table of what is paid and open, of all invoices of the report.
func (r *receivablesSheet) aging() {
	if len(r.Aging) == 0 {
		return
	}
	r.table(r.say("Open, overdue and paid on %s: the orders of this file, whichever run invoiced them",
		string(r.book.report.Today)), 6, r.say("Currency"), r.say("Age"),
		r.say("Orders"), r.say("Amount incl. VAT"), r.say("Paid"), r.say("Open"))
	var rows []receivable
	for _, a := range r.Aging {
		t, note := toneNone, ""
		if a.Age >= ageMonth && a.Age <= ageOlder {
			t = toneAttention
		}
		if a.Untold > 0 {
			note = r.say("%d are paid in part; the provider does not say how much", a.Untold)
		}
		what := r.book.words.text(string(ageWords()[a.Age]))
		rows = append(rows, receivable{a.Currency, what, t, a.Invoices, []money.Amount{a.Amount, a.Paid, a.Open}, note})
	}
	r.rows(rows)
	r.note(r.say("As the provider last reported it; `kravia-batch refresh --all` asks again about every invoice. "+
		"Each order of a grouped invoice counts separately."), kindProse, lineHigh)
}

// settlement is the table of how far the provider has settled with the seller.
func (r *receivablesSheet) settlement() {
	if len(r.Settled) == 0 {
		return
	}
	r.table(r.say("Settled by the provider with the seller"), 4, r.say("Currency"), r.say("Settlement"),
		r.say("Orders"), r.say("Amount incl. VAT"))
	var rows []receivable
	for _, of := range r.Settled {
		word := cmp.Or(r.book.words.text(of.Word), r.say("not known"))
		rows = append(rows, receivable{of.Currency, word, toneNone, of.Invoices, []money.Amount{of.Amount}, ""})
	}
	r.rows(rows)
}
