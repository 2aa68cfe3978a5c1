package report

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// difference appends the formula of a - b in one currency.
func (w *summarySheet) difference(formula string, a, b money.Amount) {
	d, err := a.Sub(b)
	w.err = cmp.Or(w.err, err)
	w.sum(formula, money.New(d.Minor(), a.Currency()), toneTotal)
}

// redUnlessZero makes the numbers of the last row red when they are not 0.
func (p *page) redUnlessZero(first, last int) {
	if p.err == nil {
		p.err = p.book.redUnlessZero(p.sheet.name, ref(first, p.sheet.row)+":"+ref(last, p.sheet.row))
	}
}

// redUnlessZero makes the numbers of areas red when they are not 0.
func (b *book) redUnlessZero(sheet string, areas ...string) error {
	fill, text := toneLive.colours()
	id, err := b.f.NewConditionalStyle(&excelize.Style{
		Font: &excelize.Font{Bold: true, Color: text},
		Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{fill}},
	})
	for _, area := range areas {
		first, _, _ := strings.Cut(area, ":")
		err = errors.Join(err, b.f.SetConditionalFormat(sheet, area, []excelize.ConditionalFormatOptions{
			{Type: "formula", Criteria: "AND(ISNUMBER(" + first + ")," + first + "<>0)", Format: &id},
		}))
	}
	return err
}

// invoiced is the table to post from: what this run invoiced, apart from what other runs did.
func (w *summarySheet) invoiced() {
	w.heading(w.say("Invoiced by this run, before, and later"))
	names := []string{
		"", w.say("By this run"), w.say("Cancelled since"), w.say("To post"), w.say("Before"),
		w.say("Registered, invoice later"), w.say("Not invoiced"), w.say("All rows"),
	}
	if w.last > len(names) {
		names = append(names, "")
	}
	w.header(2, 1+numberColumns, names...)
	w.firstInvoiced = w.sheet.row + 2
	w.text(w.say("Orders"), kindLabel, toneNone)
	w.across(func(p part) (string, string) {
		n, formula := w.s.ordersOf(p), w.book.orders.over("COUNTIFS", "", w.book.ofPart(p)...)
		if p == partNot {
			n += w.book.report.Control.InvalidOrders
			formula += "+" + strconv.Itoa(w.book.report.Control.InvalidOrders)
		}
		return formula, strconv.Itoa(n)
	}, strconv.Itoa(w.s.ordersOf(partThisRun)-w.s.ordersOf(partCancelled)), strconv.Itoa(w.s.Orders.Total()),
		look{kind: kindCount})
	untaxed := false
	for i := range w.s.Invoicing {
		of := &w.s.Invoicing[i]
		code, not := of.Currency.Code(), &of.by[partNot]
		w.figure(w.say("Net, %s", code), "net_amount", toneNone, of, (*Figures).net)
		w.figure(w.say("VAT, %s", code), "vat_amount", toneNone, of, (*Figures).vat)
		w.figure(w.say("Incl. VAT, %s", code), "amount", toneTotal, of, (*Figures).gross)
		untaxed = untaxed || not.gross() != not.net()+not.vat()
	}
	if untaxed {
		w.prose(w.say("Rows that are not invoiced and whose VAT cannot be computed are only in the amounts incl. VAT."))
	}
}

// figure is a row of the table: one column of sheet Rows in all its parts.
func (w *summarySheet) figure(label, column string, t tone, of *Invoicing, value func(*Figures) int64) {
	w.text(label, kindLabel, t)
	text := func(minor int64) string { return money.New(minor, of.Currency).String() }
	minor := func(p part) int64 { return value(&of.by[p]) }
	// The sum of all rows did not overflow, so this cannot.
	all := minor(partThisRun) + minor(partBefore) + minor(partLater) + minor(partNot)
	w.across(func(p part) (string, string) {
		conditions := append(w.book.ofPart(p), inCurrencyOf(of.Currency))
		return w.book.rows.over("SUMIFS", column, conditions...), text(minor(p))
	}, text(minor(partThisRun)-minor(partCancelled)), text(all), amountLook(of.Currency, t))
}

// across ends a row of the table: a cell for each part, and the two sums. What was cancelled counts below zero.
func (w *summarySheet) across(of func(part) (formula, value string), toPost, all string, l look) {
	row, sum := w.sheet.row+1, l
	sum.tone = toneTotal
	put := func(formula, value string, l look) {
		if l.kind == kindAmount {
			formula = rounded(formula, l.digits)
		}
		w.formula(formula, value, l)
	}
	for p := range part(parts) {
		formula, value := of(p)
		if p != partCancelled {
			put(formula, value, l)
			continue
		}
		if strings.Trim(value, "0.") != "" {
			value = "-" + value
		}
		put("-("+formula+")", value, l)
		put(ref(2, row)+"+"+ref(3, row), toPost, sum)
	}
	put(ref(2, row)+"+"+ref(5, row)+"+"+ref(6, row)+"+"+ref(7, row), all, sum)
	w.fill(kindText, l.tone)
	w.add(lineHigh)
}

// ofPart returns the conditions that select a part.
func (b *book) ofPart(p part) []condition {
	word := b.words.invoiced([parts]Invoiced{ByThisRun, ByThisRun, Before, Later, NotInvoiced}[p])
	if p == partCancelled {
		return []condition{{invoicedColumn, quote(word)}, {"state", quote(b.words.final(billing.FinalVoided))}}
	}
	return []condition{{invoicedColumn, quote(word)}}
}

// controlTotals compares what was read with what the user expected, and names the files.
func (w *summarySheet) controlTotals() {
	control := &w.book.report.Control
	w.heading(w.say("Control totals"))
	if e := control.Expected; e == nil {
		w.wide(w.say("None were given for this run. With --expect-rows, --expect-total, --expect-net and --expect-vat "+
			"the program checks the file against the system that it comes from."), kindProse, toneMuted)
	} else {
		w.header(2, 4, "", w.say("Expected"), w.say("Found"), w.say("Difference"), "")
		if e.Rows != nil {
			w.text(w.say("Rows"), kindLabel, toneNone)
			w.count(*e.Rows, toneNone)
			w.count(control.Rows, toneNone)
			w.tally(ref(2, w.sheet.row+1)+"-"+ref(3, w.sheet.row+1), *e.Rows-control.Rows, toneTotal)
			w.add(lineHigh)
			w.redUnlessZero(4, 4)
		}
		w.expected("Net, %s", e.Net, control.Net)
		w.expected("VAT, %s", e.VAT, control.VAT)
		w.expected("Incl. VAT, %s", e.Total, control.Money)
	}
	w.gap()
	w.files()
}

// expected is a row of the control totals for each currency.
func (w *summarySheet) expected(label string, expected, found []money.Amount) {
	for _, want := range expected {
		got := money.New(0, want.Currency())
		if i := slices.IndexFunc(found, func(a money.Amount) bool { return a.Currency() == want.Currency() }); i >= 0 {
			got = found[i]
		}
		w.text(w.say(label, want.Currency().Code()), kindLabel, toneNone)
		w.amount(want, toneNone)
		w.amount(got, toneNone)
		w.difference(ref(2, w.sheet.row+1)+"-"+ref(3, w.sheet.row+1), want, got)
		w.add(lineHigh)
		w.redUnlessZero(4, 4)
	}
}

func (w *summarySheet) files() {
	left, sheets := map[string]int{}, map[string]string{}
	for _, t := range w.book.report.Tables {
		if t.Sheet != "" {
			sheets[t.File] = t.Sheet
		}
	}
	if w.s.LeftOut != nil {
		left = w.s.LeftOut.byFile
	}
	w.header(2, 3, w.say("Input file"), w.say("Rows"), w.say("Left out by the profile"), "SHA-256")
	for _, f := range w.book.report.Run.Files {
		name := f.Name
		switch {
		case f.Register != "":
			name = w.say("%s (register %s)", f.Name, f.Register)
		case sheets[f.Name] != "":
			name = w.say("%s, sheet %s", f.Name, sheets[f.Name])
		}
		w.text(name, kindProse, toneNone)
		w.count(f.Rows, toneNone)
		w.count(left[f.Name], toneNone)
		w.wide(f.SHA256, kindText, toneNone)
	}
}

// beside says what the table of states does not show: credits to make by hand, and rows that the profile left out.
func (w *summarySheet) beside() {
	if w.s.Credits != nil || w.s.LeftOut != nil {
		w.gap()
	}
	if c := w.s.Credits; c != nil {
		sums := w.book.words.things(w.book.words.orders(c.Orders), c.Money)
		w.wide(w.say("Credits to make by hand: %s. They are among the invalid rows; each one is on sheet %s.", sums,
			w.say(sheetCredits)), kindProse, toneAttention)
	}
	if l := w.s.LeftOut; l != nil {
		w.prose(w.say("Left out by the profile: %s. They are in no total; each one is on sheet %s.",
			w.book.words.leftOut(l), w.say(sheetLeftOut)))
	}
}

// short reports whether everything up to the signatures fits on one page.
func (w *summarySheet) short() bool {
	return len(w.s.Money) <= 1 && len(w.s.Groups) == 0 && w.book.report.LastMonth == nil
}

// ledger is a table with empty cells, where the reader fills in what the ledger says about this run.
func (w *summarySheet) ledger() {
	if w.s.ordersOf(partThisRun) == 0 {
		return
	}
	if !w.short() {
		w.pageBreak() // keeps the table and the signatures on one page
	}
	w.heading(w.say("Reconciled with the ledger"))
	w.header(2, 4, "", w.say("This run"), w.say("Ledger"), w.say("Difference"), "")
	for i := range w.s.Invoicing {
		of := &w.s.Invoicing[i]
		posted, since, digits := &of.by[partThisRun], &of.by[partCancelled], of.Currency.Digits()
		if posted.Orders == 0 {
			continue
		}
		for k, line := range []struct {
			label string
			minor int64
		}{
			{w.say("Revenue, %s", of.Currency.Code()), posted.net() - since.net()},
			{w.say("Output VAT, %s", of.Currency.Code()), posted.vat() - since.vat()},
			{w.say("Receivables, %s", of.Currency.Code()), posted.gross() - since.gross()},
		} {
			at := w.sheet.row + 1
			w.text(line.label, kindLabel, toneNone)
			w.sum(ref(4, w.firstInvoiced+3*i+k), money.New(line.minor, of.Currency), toneNone)
			w.value("", look{kind: kindInput, digits: digits})
			w.formula(fmt.Sprintf(`IF(%s="","",ROUND(%s-%s,%d))`, ref(3, at), ref(2, at), ref(3, at), digits), "",
				amountLook(of.Currency, toneNone))
			w.add(lineHigh)
			w.redUnlessZero(4, 4)
		}
	}
}

// signOff is the table of signatures: the names that are known, and empty cells for the others.
func (w *summarySheet) signOff() {
	w.heading(w.say("Sign-off"))
	run := &w.book.report.Run
	w.header(0, 0, "", w.say("Name"), "", "", w.say("Date"), "", w.say("Signature"))
	line := func(label, who string) {
		name, at, _ := strings.Cut(who, ", ")
		if t, err := time.Parse(time.RFC3339, at); err == nil {
			at = localTime(t, w.s.shape.location)
		}
		w.text(label, kindLabel, toneNone)
		w.each(kindInput, toneNone, name, "", "", at, "", "")
		w.add(24)
		w.merge(2, 4)
		w.merge(5, 6)
	}
	line(w.say("Prepared"), run.Prepared)
	for _, who := range run.Approved {
		line(w.say("Approved"), who)
	}
	if len(run.Approved) == 0 {
		line(w.say("Approved"), "")
	}
	line(w.say("Reviewed"), "")
}

// orderCheck compares the sheet Orders with the sheet Rows: the same rows, the same money.
func (w *summarySheet) orderCheck() {
	if w.short() {
		w.pageBreak()
	}
	w.heading(w.say("Check: orders against their rows"))
	names := []string{"", w.say("Rows"), ""}
	for i := range w.s.Money {
		names = append(names, w.s.Money[i].Currency.Code())
	}
	w.header(2, len(names), append(names, "")...)
	invalid, out := w.firstState+slices.Index(w.finals(), billing.FinalInvalid), w.firstState+finals
	rows := w.s.Rows.Total() - w.s.Rows.Of(billing.FinalInvalid)
	w.text(w.say("Sheet %s, all but invalid", w.say(sheetRows)), kindProse, toneNone)
	minus := func(col, a, b int) string { return ref(col, a) + "-" + ref(col, b) }
	w.tally(minus(2, out, invalid), rows, toneNone)
	w.text("", kindText, toneNone)
	valid := make([]money.Amount, len(w.s.Money))
	for i := range w.s.Money {
		m := &w.s.Money[i]
		if w.err == nil {
			valid[i], w.err = m.Out().Sub(m.Of(billing.FinalInvalid))
		}
		w.sum(minus(4+i, out, invalid), valid[i], toneNone)
	}
	w.add(lineHigh)
	w.text(w.say("Sheet %s", w.say(sheetOrders)), kindProse, toneNone)
	orders, sh := w.book.orders, &w.s.shape
	w.tally(orders.over("SUM", "rows"), sh.orderRows, toneNone)
	w.text("", kindText, toneNone)
	for i := range w.s.Money {
		w.sum(orders.over("SUMIFS", "amount", inCurrencyOf(w.s.Money[i].Currency)), sh.orderMoney[i], toneNone)
	}
	w.add(lineHigh)
	at := w.sheet.row
	w.text(w.say("Difference"), kindLabel, toneTotal)
	w.tally(minus(2, at-1, at), rows-sh.orderRows, toneTotal)
	w.text("", kindText, toneTotal)
	for i := range w.s.Money {
		w.difference(minus(4+i, at-1, at), valid[i], sh.orderMoney[i])
	}
	w.add(lineHigh)
	w.redUnlessZero(2, 3+len(w.s.Money))
}

// maxGroups is the number of kinds of problem that the sheet names.
const maxGroups = 12

// groups lists the kinds of problem, in the sequence of Summary.Groups.
func (w *summarySheet) groups() {
	if len(w.s.Groups) == 0 {
		return
	}
	w.heading(w.say("Problems by what to do (each one on sheet %s)", w.say(sheetProblems)))
	w.header(3, 3, w.say("Code"), w.say("Severity"), w.say("Count"), w.say("What to do"))
	for i, g := range w.s.Groups {
		if i == maxGroups {
			w.prose(w.say("and %d more kinds of problem", len(w.s.Groups)-i))
			return
		}
		t := toneWarning
		if g.Severity == billing.Error {
			t = toneProblem
		}
		w.text(string(g.Code), kindProse, toneNone)
		w.text(w.book.words.text(g.Severity.String()), kindText, t)
		w.count(g.Count, toneNone)
		_, hint := w.book.words.problem(g.Code, "", g.Hint)
		w.prose(cmp.Or(hint, w.say("see sheet %s for each row", w.say(sheetProblems))))
	}
}

// provenance answers an auditor: which run, which settings, how many requests.
func (w *summarySheet) provenance() {
	run := &w.book.report.Run
	w.heading(w.say("Run"))
	requests := w.book.report.Requests
	pairs := []Setting{
		{w.say("Run"), run.ID},
		{w.say("Environment"), string(run.Environment)},
		{w.say("Account"), run.Account},
		{w.say("Flow"), run.Flow},
		{w.say("Program"), strings.TrimSpace("kravia-batch " + run.Version)},
	}
	if w.book.report.Preview == nil { // a plan has made no request and has not ended
		pairs = append(pairs, Setting{w.say("Exit code"), strconv.Itoa(w.s.ExitCode)},
			Setting{w.say("Requests"), w.say("%d token, %d account, %d pay, %d look-up, %d other",
				requests.Token, requests.Account, requests.Pay, requests.Lookup, requests.Other)})
	}
	w.pairs(pairs)
	w.gap()
	w.prose(w.say("Keep the input files, this report and the journal for as long as accounting records are kept: " +
		"five years in Norway."))
	if len(run.Settings) > 0 {
		w.heading(w.say("Settings"))
		w.pairs(run.Settings)
	}
}

// pairs writes names and their values; those without a value are left out.
func (w *summarySheet) pairs(pairs []Setting) {
	for _, p := range pairs {
		if p.Value == "" {
			continue
		}
		w.text(p.Name, kindProse, toneNone)
		w.prose(p.Value)
	}
}
