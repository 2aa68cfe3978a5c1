package report

import (
	"context"
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"kraviabatch/internal/billing"
)

// Widths of the sheet Summary in characters; the money columns are as wide as their amounts.
const (
	labelWidth = 34
	countWidth = 14
	moneyWidth = 18
	wordsWidth = 74
)

// lineHigh is the height of a row with one line, in points.
const lineHigh = 17

// maxHeight is how high Excel lets a row be, in points.
const maxHeight = 409

// maxGroups is how many kinds of problem the summary sheet names.
const maxGroups = 12

// summarySheet writes the first sheet.
type summarySheet struct {
	page
	s      *Summary
	last   int // last column, the one with words
	width  int // of all columns, in characters
	widths []int
	// Rows of the table of states and of VAT, for charts.
	firstState, firstVAT int
}

func (b *book) writeSummary(context.Context) error {
	widths := []int{labelWidth, countWidth, countWidth}
	for i := range b.summary.Money {
		m := &b.summary.Money[i]
		width := max(len(m.In.Grouped()), len(m.Out().Grouped())) + 2
		widths = append(widths, max(moneyWidth, width))
		for col := 1; col <= 3; col++ {
			widths[col] = max(widths[col], width) // VAT of every currency stands there
		}
	}
	widths = append(widths, wordsWidth)
	p, err := b.page(sheetSummary, "portrait", widths)
	if err != nil {
		return err
	}
	no := false
	p.err = b.f.SetSheetView(sheetSummary, 0, &excelize.ViewOptions{ShowGridLines: &no})
	w := &summarySheet{page: p, s: b.summary, last: len(widths), widths: widths}
	for _, width := range widths {
		w.width += width
	}
	preview := b.report.Preview
	if preview == nil {
		w.top()
	} else {
		w.planTop(preview)
	}
	w.states()
	w.beside()
	w.orderCheck()
	if preview == nil {
		w.vat()
		w.charts()
	} else {
		w.planVAT(preview)
	}
	w.groups()
	w.provenance()
	return w.end()
}

// wide ends the row with one text from its next cell to the last column, high enough to be read whole.
func (w *summarySheet) wide(text string, k kind, t tone) {
	first := len(w.cells) + 1
	room, lineHeight := 0, lineHigh
	for _, width := range w.widths[first-1:] {
		room += width * 9 / 10
	}
	switch k {
	case kindTitle:
		room, lineHeight = room*3/5, 28
	case kindBanner:
		room, lineHeight = room*3/4, 26
	case kindHeading:
		lineHeight = 21
	case kindText, kindProse, kindNumber, kindAmount, kindDate, kindTime, kindLink, kindJump, kindHeader, kindNumberHeader, kindLabel:
	}
	lines := utf8.RuneCountInString(text)/room + 1
	if first > 1 {
		lines = max(lines, utf8.RuneCountInString(w.cells[0].text)/(labelWidth*9/10)+1)
	}
	w.text(text, k, t)
	for len(w.cells) < w.last {
		w.text("", k, t)
	}
	w.add(min(lines*lineHeight, maxHeight))
	w.merge(first, w.last)
}

func (w *summarySheet) gap() { w.add(8) }

func (w *summarySheet) heading(text string) {
	w.gap()
	w.wide(text, kindHeading, toneNone)
}

// header is a table's header, in which the columns first to last stand over numbers.
func (w *summarySheet) header(first, last int, names ...string) {
	for i, name := range names {
		k := kindHeader
		if i+1 >= first && i+1 <= last {
			k = kindNumberHeader
		}
		w.text(name, k, toneHeader)
	}
	for len(w.cells) < w.last {
		w.text("", kindHeader, toneHeader)
	}
	w.add(20)
}

// top answers the reader's first questions: real or not, which run, is all invoiced.
func (w *summarySheet) top() {
	run := &w.book.report.Run
	text, t := banner(run)
	w.seller()
	w.wide(text, kindBanner, t)
	w.wide("Reconciliation of run "+run.ID, kindTitle, toneNone)
	location := w.s.shape.location
	times := fmt.Sprintf("%s to %s (%s), %s", localTime(run.Started, location), localTime(run.Finished, location), zone,
		run.Finished.Sub(run.Started).Round(time.Second))
	if run.Period != "" {
		times += ". Period " + run.Period
	}
	w.wide(times, kindProse, toneNone)
	w.gap()
	text, t = verdict(w.s)
	w.wide(text, kindBanner, t)
	if run.StoppedBecause != "" {
		w.wide("Stopped early: "+run.StoppedBecause, kindLabel, toneAttention)
	}
	for _, notice := range run.Notices {
		w.wide(notice, kindProse, toneWarning)
	}
	if w.s.shape.changed {
		w.wide("Something changed at the provider since the last report: see the last column of sheet Rows.", kindProse, toneWarning)
	}
}

// states is the table of control totals: what came in, where it ended, and what does not add up.
func (w *summarySheet) states() {
	w.heading("What came in and where it ended")
	names := []string{"State", "Rows", "Orders"}
	for i := range w.s.Money {
		names = append(names, w.s.Money[i].Currency.Code())
	}
	w.header(2, w.last-1, append(names, "Who must do what")...)
	w.text("In: read from the input", kindLabel, toneTotal)
	w.value(strconv.Itoa(w.book.report.Control.Rows), look{kind: kindNumber, tone: toneTotal})
	w.value(strconv.Itoa(w.s.Orders.Total()), look{kind: kindNumber, tone: toneTotal})
	for i := range w.s.Money {
		m := &w.s.Money[i]
		w.value(m.In.String(), look{kind: kindAmount, tone: toneTotal, digits: m.Currency.Digits()})
	}
	w.text("Control totals, counted when the input was read", kindProse, toneTotal)
	w.add(0)
	in := w.sheet.row
	w.firstState = in + 1
	for _, f := range billing.Finals() {
		w.state(f)
	}
	w.sums(in)
}

func (w *summarySheet) state(f billing.Final) {
	t, words := w.book.toneOf(f, false), todo(f)
	if w.book.report.Preview != nil {
		words = planned(f)
	}
	if w.s.Rows.Of(f) == 0 {
		t, words = toneMuted, ""
	}
	label := "$A" + strconv.Itoa(w.sheet.row+1)
	w.text(f.String(), kindText, t)
	b := w.book
	count := over(b.rows, "COUNTIFS(%s,"+label+")", "state")
	w.formula(count, strconv.Itoa(w.s.Rows.Of(f)), look{kind: kindNumber, tone: t})
	orders := over(b.orders, "COUNTIFS(%s,"+label+")", "state")
	if f == billing.FinalInvalid {
		orders += "+" + strconv.Itoa(b.report.Control.InvalidOrders)
	}
	w.formula(orders, strconv.Itoa(w.s.Orders.Of(f)), look{kind: kindNumber, tone: t})
	for i := range w.s.Money {
		m := &w.s.Money[i]
		sum := over(b.rows, `SUMIFS(%s,%s,`+label+`,%s,"`+m.Currency.Code()+`")`, "amount", "state", "currency")
		w.formula(rounded(sum, m.Currency), m.Of(f).String(), look{kind: kindAmount, tone: t, digits: m.Currency.Digits()})
	}
	w.text(words, kindProse, t)
	w.add(0)
}

// sums ends the table with the sum of the states and the difference to what came in.
func (w *summarySheet) sums(in int) {
	first, last := w.firstState, w.sheet.row
	w.text("Out: all states", kindLabel, toneTotal)
	total := func(col int) string { return fmt.Sprintf("SUM(%s:%s)", ref(col, first), ref(col, last)) }
	w.formula(total(2), strconv.Itoa(w.s.Rows.Total()), look{kind: kindNumber, tone: toneTotal})
	w.formula(total(3), strconv.Itoa(w.s.Orders.Total()), look{kind: kindNumber, tone: toneTotal})
	for i := range w.s.Money {
		m := &w.s.Money[i]
		w.formula(rounded(total(4+i), m.Currency), m.Out().String(), look{kind: kindAmount, tone: toneTotal, digits: m.Currency.Digits()})
	}
	w.text("Counted from sheets Rows and Orders", kindProse, toneTotal)
	w.add(0)
	out := w.sheet.row
	w.text("Difference (in − out)", kindLabel, toneTotal)
	minus := func(col int) string { return ref(col, in) + "-" + ref(col, out) }
	w.formula(minus(2), strconv.Itoa(w.book.report.Control.Rows-w.s.Rows.Total()), look{kind: kindNumber, tone: toneTotal})
	w.formula(minus(3), "0", look{kind: kindNumber, tone: toneTotal})
	for i := range w.s.Money {
		m := &w.s.Money[i]
		w.difference(minus(4+i), m, m.In, m.Out())
	}
	w.text("Must be 0 everywhere; red if it is not", kindProse, toneTotal)
	w.add(0)
	w.redUnlessZero()
}
