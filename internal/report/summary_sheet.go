package report

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"kraviabatch/internal/billing"
)

// Widths of columns of the sheet Summary, in characters. A page fits about 130 in a readable size.
const (
	labelWidth  = 32
	numberWidth = 15 // at least; wider if the amounts are
)

// numberColumns is the least number of columns with numbers: the table of what was invoiced has so many.
const numberColumns = 7

// lineHigh is the height of a row with one line, in points.
const lineHigh = 17

// maxHeight is the greatest height of a row in Excel, in points.
const maxHeight = 409

// summarySheet writes the first sheet.
type summarySheet struct {
	page
	s      *Summary
	widths []int // in characters
	// first rows of tables that other tables refer to
	firstState, firstInvoiced int
	chartsAt                  int // row of the charts, 0 without charts
}

// writeSummary writes the sheet from top to bottom. The methods that follow here and in summary_parts.go write one part
// each.
func (b *book) writeSummary(context.Context) error {
	const room = 2 // columns for words beside the money
	widths := []int{labelWidth}
	for range max(numberColumns, 2+len(b.summary.Money)+room) {
		widths = append(widths, b.summary.amountWidth(numberWidth))
	}
	p, err := b.page(sheetSummary, "portrait", widths)
	if err != nil {
		return err
	}
	p.err = b.f.SetSheetView(p.sheet.name, 0, &excelize.ViewOptions{ShowGridLines: new(false)})
	b.front = &summarySheet{page: p, s: b.summary, widths: widths}
	w := b.front
	parts := []func(){
		w.top, w.invoiced, w.controlTotals, w.states, w.beside, w.chartsSpace, w.lastMonth, w.groups, w.ledger,
		w.signOff, w.orderCheck, w.provenance,
	}
	if b.report.Preview != nil {
		parts = []func(){
			w.planTop, w.controlTotals, w.states, w.beside, w.planVAT, w.groups, w.signOff, w.orderCheck, w.provenance,
		}
	}
	for _, write := range parts {
		write()
	}
	return w.end()
}

// amountWidth returns the width of a column for the amounts of all currencies, at least the given one.
func (s *Summary) amountWidth(width int) int {
	for i := range s.Money {
		m := &s.Money[i]
		width = max(width, len(m.In.Grouped())+1, len(m.Out().Grouped())+1)
	}
	return width
}

// wide ends the row with one text that is merged up to the last column. The row is high enough for all of the text.
func (w *summarySheet) wide(text string, k kind, t tone) {
	first := len(w.cells) + 1
	room, lineHeight := 0, lineHigh
	for _, width := range w.widths[first-1:] {
		room += width * 9 / 10
	}
	switch k { //nolint:exhaustive // the others have the usual letters
	case kindTitle:
		room, lineHeight = room*3/5, 28
	case kindBanner:
		room, lineHeight = room*3/4, 26
	case kindHeading:
		lineHeight = 21
	}
	lines := utf8.RuneCountInString(text)/max(room, 1) + 1
	if first > 1 {
		lines = max(lines, utf8.RuneCountInString(w.cells[0].text)/(labelWidth*9/10)+1)
	}
	w.text(text, k, t)
	w.fill(k, t)
	w.add(min(lines*lineHeight, maxHeight))
	w.merge(first, w.last)
}

// prose writes a row of text for each of the texts.
func (w *summarySheet) prose(texts ...string) {
	for _, text := range texts {
		w.wide(text, kindProse, toneNone)
	}
}

func (w *summarySheet) pageBreak() {
	if w.err == nil {
		w.err = w.book.f.InsertPageBreak(w.sheet.name, ref(1, w.sheet.row+1))
	}
}

// gap leaves a little room above the next row.
func (w *summarySheet) gap() { w.add(8) }

func (w *summarySheet) heading(text string) {
	w.gap()
	w.wide(text, kindHeading, toneNone)
}

// header writes the header of a table. The columns first to last have numbers. The cell of the last name is merged up
// to the last column.
func (w *summarySheet) header(first, last int, names ...string) {
	lines := 1
	for i, name := range names {
		if i < len(names)-1 || len(names) == w.last {
			lines = max(lines, (utf8.RuneCountInString(name)+2)/w.widths[i]+1)
		}
		w.text(name, headerKind(i+1 >= first && i+1 <= last), toneHeader)
	}
	at := len(w.cells)
	w.fill(kindHeader, toneHeader)
	w.add(4 + lines*lineHigh)
	if at < w.last {
		w.merge(at, w.last)
	}
}

// top answers the first questions: real or not, whose and of when, is everything invoiced.
func (w *summarySheet) top() {
	run := &w.book.report.Run
	text, t := w.banner(run)
	w.seller()
	w.wide(text, kindBanner, t)
	w.title()
	location := w.s.shape.location
	w.prose(w.say("Run %s, %s to %s (%s), %s", run.ID, localTime(run.Started, location),
		localTime(run.Finished, location), zone, run.Finished.Sub(run.Started).Round(time.Second).String()))
	if run.Made.Sub(run.Finished) > time.Minute {
		w.prose(w.say("This report was made %s, with what the provider had reported by then.",
			localTime(run.Made, location)))
	}
	w.gap()
	text, t = w.book.words.headline(w.s)
	w.wide(text, kindBanner, t)
	w.prose(w.book.words.postedElsewhere(w.s)...)
	if run.StoppedBecause != "" {
		w.wide(w.say("Stopped early: %s", run.StoppedBecause), kindLabel, toneAttention)
	}
	w.prose(run.Notices...)
	if w.s.shape.changed {
		w.wide(w.say("Something changed at the provider since the last report: see the last column of sheet %s.",
			w.say(sheetRows)), kindProse, toneWarning)
	}
}

func (w *summarySheet) seller() {
	if name := w.book.report.Run.Seller; name != "" {
		w.wide(name, kindTitle, toneNone)
	}
}

// title says which period or files are reported.
func (w *summarySheet) title() {
	run := &w.book.report.Run
	var names []string
	for _, f := range run.Files {
		if f.Register == "" {
			names = append(names, f.Name)
		}
	}
	w.wide(w.say("Reconciliation of %s", cmp.Or(run.Period, strings.Join(names, ", "))), kindTitle, toneNone)
}

// states is the table of what came in, the state in which it ended, and the difference, which must be 0.
func (w *summarySheet) states() {
	title := w.say("What came in and where it ended")
	if w.book.report.Preview != nil {
		title = w.say("What came in and what becomes of it")
	}
	w.heading(title)
	names := []string{w.say("State"), w.say("Rows"), w.say("Orders")}
	for i := range w.s.Money {
		names = append(names, w.say("%s incl. VAT", w.s.Money[i].Currency.Code()))
	}
	w.header(2, len(names), append(names, w.say("Who must do what"))...)
	w.text(w.say("In: read from the input"), kindLabel, toneTotal)
	w.count(w.book.report.Control.Rows, toneTotal)
	w.count(w.s.Orders.Total(), toneTotal)
	for i := range w.s.Money {
		w.amount(w.s.Money[i].In, toneTotal)
	}
	w.wide(w.say("Counted when the input was read"), kindProse, toneTotal)
	in := w.sheet.row
	w.firstState = in + 1
	for _, f := range w.finals() {
		w.state(f)
	}
	w.sums(in)
}

// filled returns the states that any row is in.
func (w *summarySheet) filled() []billing.Final {
	return slices.DeleteFunc(billing.Finals(), func(f billing.Final) bool { return w.s.Rows.Of(f) == 0 })
}

// finals returns all states, the filled ones first.
func (w *summarySheet) finals() []billing.Final {
	return append(w.filled(),
		slices.DeleteFunc(billing.Finals(), func(f billing.Final) bool { return w.s.Rows.Of(f) > 0 })...)
}

func (w *summarySheet) state(f billing.Final) {
	t, words := w.book.toneOf(f, false), w.book.words.todo(w.s, f)
	if w.book.report.Preview != nil {
		words = w.book.words.text(planned(f))
	}
	if w.s.Rows.Of(f) == 0 {
		t, words = toneMuted, ""
	}
	label := condition{"state", "$A" + strconv.Itoa(w.sheet.row+1)}
	w.text(w.book.words.final(f), kindText, t)
	b := w.book
	w.tally(b.rows.over("COUNTIFS", "", label), w.s.Rows.Of(f), t)
	orders := b.orders.over("COUNTIFS", "", label)
	if f == billing.FinalInvalid {
		orders += "+" + strconv.Itoa(b.report.Control.InvalidOrders)
	}
	w.tally(orders, w.s.Orders.Of(f), t)
	for i := range w.s.Money {
		m := &w.s.Money[i]
		w.sum(b.rows.over("SUMIFS", "amount", label, inCurrencyOf(m.Currency)), m.Of(f), t)
	}
	w.wide(words, kindProse, t)
}

// sums ends the table with the sum of the states and the difference to what came in.
func (w *summarySheet) sums(in int) {
	first, last := w.firstState, w.sheet.row
	w.text(w.say("Out: all states"), kindLabel, toneTotal)
	total := func(col int) string { return fmt.Sprintf("SUM(%s:%s)", ref(col, first), ref(col, last)) }
	w.tally(total(2), w.s.Rows.Total(), toneTotal)
	w.tally(total(3), w.s.Orders.Total(), toneTotal)
	for i := range w.s.Money {
		w.sum(total(4+i), w.s.Money[i].Out(), toneTotal)
	}
	w.wide(w.say("Counted from sheets %s and %s", w.say(sheetRows), w.say(sheetOrders)), kindProse, toneTotal)
	out := w.sheet.row
	w.text(w.say("Difference (in − out)"), kindLabel, toneTotal)
	minus := func(col int) string { return ref(col, in) + "-" + ref(col, out) }
	w.tally(minus(2), w.book.report.Control.Rows-w.s.Rows.Total(), toneTotal)
	w.tally(minus(3), 0, toneTotal)
	for i := range w.s.Money {
		w.difference(minus(4+i), w.s.Money[i].In, w.s.Money[i].Out())
	}
	w.wide(w.say("Must be 0 everywhere; red if it is not"), kindProse, toneTotal)
	w.redUnlessZero(2, 3+len(w.s.Money))
}
