package report

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// difference is a cell for a - b of one currency.
func (w *summarySheet) difference(formula string, m *Money, a, b money.Amount) {
	if w.err != nil {
		return
	}
	var d money.Amount
	if d, w.err = a.Sub(b); w.err == nil {
		w.formula(rounded(formula, m.Currency), d.String(), look{kind: kindAmount, tone: toneTotal, digits: m.Currency.Digits()})
	}
}

// redUnlessZero colours the numbers of the last row when they are not 0.
func (w *summarySheet) redUnlessZero() {
	if w.err != nil {
		return
	}
	fill, text := toneLive.colours()
	id, err := w.book.f.NewConditionalStyle(&excelize.Style{
		Font: &excelize.Font{Bold: true, Color: text},
		Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{fill}},
	})
	if err != nil {
		w.err = err
		return
	}
	area := ref(2, w.sheet.row) + ":" + ref(w.last-1, w.sheet.row)
	w.err = w.book.f.SetConditionalFormat(sheetSummary, area, []excelize.ConditionalFormatOptions{
		{Type: "cell", Criteria: "!=", Value: "0", Format: &id},
	})
}

// over adds up a formula's values on each sheet of a list, in which each %s is a column's range.
func over(l *list, formula string, columns ...string) string {
	parts := make([]string, len(l.pages))
	for i, page := range l.pages {
		ranges := make([]any, len(columns))
		for j, name := range columns {
			col := colName(columnOf(l.columns, name))
			ranges[j] = fmt.Sprintf("%s!$%s$2:$%s$%d", quotedSheet(l.pageName(i+1)), col, col, max(page.row, 2))
		}
		parts[i] = fmt.Sprintf(formula, ranges...)
	}
	return strings.Join(parts, "+")
}

// seller is the name of whose invoices they are, where it is known.
func (w *summarySheet) seller() {
	if name := w.book.report.Run.Seller; name != "" {
		w.wide(name, kindTitle, toneNone)
	}
}

// beside is what the table of states does not have: rows that are no lines, and what a person must make of some that are.
func (w *summarySheet) beside() {
	if w.s.Credits != nil || w.s.LeftOut != nil {
		w.gap()
	}
	if w.s.Credits != nil {
		w.wide("Credits to make by hand: "+w.s.Credits.String()+". They are among the invalid rows; each one is on sheet "+sheetCredits,
			kindProse, toneAttention)
	}
	if w.s.LeftOut != nil {
		w.wide("Left out by the profile: "+w.s.LeftOut.String()+". They are in no total; each one is on sheet "+sheetLeftOut,
			kindProse, toneWarning)
	}
}

// orderCheck holds the orders against their rows.
func (w *summarySheet) orderCheck() {
	w.heading("Orders against their rows")
	invalid := w.firstState + int(billing.FinalInvalid) - 1
	out := w.firstState + finals
	rows := w.s.Rows.Total() - w.s.Rows.Of(billing.FinalInvalid)
	number := look{kind: kindNumber, tone: toneNone}
	w.text("Sheet Rows, all but invalid", kindProse, toneNone)
	minus := func(col, a, b int) string { return ref(col, a) + "-" + ref(col, b) }
	w.formula(minus(2, out, invalid), strconv.Itoa(rows), number)
	w.text("", kindText, toneNone)
	valid := make([]money.Amount, len(w.s.Money))
	for i := range w.s.Money {
		m := &w.s.Money[i]
		if w.err == nil {
			valid[i], w.err = m.Out().Sub(m.Of(billing.FinalInvalid))
		}
		w.formula(rounded(minus(4+i, out, invalid), m.Currency), valid[i].String(), look{kind: kindAmount, tone: toneNone, digits: m.Currency.Digits()})
	}
	w.add(lineHigh)
	w.text("Sheet Orders", kindProse, toneNone)
	orders, sh := w.book.orders, &w.s.shape
	w.formula(over(orders, "SUM(%s)", "rows"), strconv.Itoa(sh.orderRows), number)
	w.text("", kindText, toneNone)
	for i := range w.s.Money {
		m := &w.s.Money[i]
		sum := over(orders, `SUMIFS(%s,%s,"`+m.Currency.Code()+`")`, "amount", "currency")
		w.formula(rounded(sum, m.Currency), sh.orderMoney[i].String(), look{kind: kindAmount, tone: toneNone, digits: m.Currency.Digits()})
	}
	w.add(lineHigh)
	at := w.sheet.row
	w.text("Difference", kindLabel, toneTotal)
	w.formula(minus(2, at-1, at), strconv.Itoa(rows-sh.orderRows), look{kind: kindNumber, tone: toneTotal})
	w.text("", kindNumber, toneTotal)
	for i := range w.s.Money {
		w.difference(minus(4+i, at-1, at), &w.s.Money[i], valid[i], sh.orderMoney[i])
	}
	w.text("", kindText, toneTotal)
	w.add(lineHigh)
	w.redUnlessZero()
}

// vat is the VAT of what was invoiced, by rate.
func (w *summarySheet) vat() {
	w.heading("VAT of what was invoiced (more on sheet VAT)")
	w.header(2, 4, "Country and rate", "Net", "VAT", "Gross")
	w.firstVAT = w.sheet.row + 1
	for i := range w.s.VAT {
		t := &w.s.VAT[i]
		if t.Invoiced {
			w.vatLine(strings.TrimSpace(t.Country+" "+t.Rate.String()+" % "+t.Currency.Code()), &t.VATTotal)
		}
	}
	if w.sheet.row < w.firstVAT {
		w.wide("Nothing was invoiced", kindProse, toneNone)
	}
}

// vatLine is a row of a table of VAT.
func (w *summarySheet) vatLine(label string, of *billing.VATTotal) {
	net, err := of.Gross.Sub(of.VAT)
	w.err = cmp.Or(w.err, err)
	w.text(label, kindText, toneNone)
	for _, a := range []money.Amount{net, of.VAT, of.Gross} {
		w.value(a.String(), look{kind: kindAmount, tone: toneNone, digits: of.Gross.Currency().Digits()})
	}
	w.add(lineHigh)
}

// groups is the kinds of problem, those with most rows first.
func (w *summarySheet) groups() {
	if len(w.s.Groups) == 0 {
		return
	}
	w.heading("Problems by what to do (each one on sheet Problems)")
	w.header(3, 3, "Code", "Severity", "Count", "What to do")
	for i, g := range w.s.Groups {
		if i == maxGroups {
			w.wide(fmt.Sprintf("and %d more kinds of problem", len(w.s.Groups)-i), kindProse, toneNone)
			return
		}
		t := toneWarning
		if g.Severity == billing.Error {
			t = toneProblem
		}
		w.text(string(g.Code), kindProse, toneNone)
		w.text(g.Severity.String(), kindText, t)
		w.value(strconv.Itoa(g.Count), look{kind: kindNumber, tone: toneNone})
		w.wide(cmp.Or(g.Hint, "what sheet Problems says of each row"), kindProse, toneNone)
	}
}

// provenance is what an auditor asks: which files, which settings, how many requests.
func (w *summarySheet) provenance() {
	run := &w.book.report.Run
	w.heading("Input files")
	w.header(2, 2, "File", "Rows", "SHA-256")
	for _, f := range run.Files {
		name := f.Name
		if f.Register != "" {
			name += " (register " + f.Register + ")"
		}
		w.text(name, kindProse, toneNone)
		w.value(strconv.Itoa(f.Rows), look{kind: kindNumber, tone: toneNone})
		w.wide(f.SHA256, kindText, toneNone)
	}
	w.heading("Run")
	requests := w.book.report.Requests
	pairs := []Setting{
		{"Run", run.ID},
		{"Environment", string(run.Environment)},
		{"Account", run.Account},
		{"Flow", run.Flow},
		{"Program", strings.TrimSpace("kravia-batch " + run.Version)},
	}
	if w.book.report.Preview == nil { // a plan has made no request and has not ended
		pairs = append(pairs,
			Setting{"Exit code", strconv.Itoa(w.s.ExitCode)},
			Setting{"Requests", fmt.Sprintf("%d token, %d account, %d pay, %d look-up, %d other",
				requests.Token, requests.Account, requests.Pay, requests.Lookup, requests.Other)})
	}
	w.pairs(pairs)
	if len(run.Settings) > 0 {
		w.heading("Settings")
		w.pairs(run.Settings)
	}
}

func (w *summarySheet) pairs(pairs []Setting) {
	for _, p := range pairs {
		if p.Value == "" {
			continue
		}
		w.text(p.Name, kindProse, toneNone)
		w.wide(p.Value, kindProse, toneNone)
	}
}
