package report

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// list is rows under a header that go on in another sheet when one is full; after the first error it does nothing.
type list struct {
	page    // the last sheet
	name    string
	columns []column
	widths  []int
	grows   bool // the columns are as wide as their texts need
	pages   []*sheet
	lines   int // of the highest cell of the row being put together
	below   int // rows at the end of the last sheet that are not the list's
}

// place is a row of a sheet.
type place struct {
	Sheet string
	Row   int
}

// list begins a list, with columns as wide as their texts need where widths is nil.
func (b *book) list(name string, columns []column, widths []int) *list {
	l := &list{page: page{book: b}, name: name, columns: columns, widths: widths, grows: widths == nil}
	if l.grows {
		for _, c := range columns { // with room for the filter's button
			l.widths = append(l.widths, min(utf8.RuneCountInString(c.name)+4, kindHeader.maxWidth()))
		}
	}
	l.start()
	return l
}

// start begins the next sheet with its header.
func (l *list) start() {
	if l.sheet != nil {
		l.err = l.sheet.out.end()
	}
	if l.err == nil {
		l.sheet, l.err = l.book.sheet()
	}
	if l.err != nil {
		return
	}
	l.pages = append(l.pages, l.sheet)
	for _, c := range l.columns {
		k := kindHeader
		if c.kind == kindNumber || c.kind == kindAmount {
			k = kindNumberHeader
		}
		l.text(c.name, k, toneHeader)
	}
	l.page.add(22)
}

// next makes room for one more row, and tells its place.
func (l *list) next() place {
	if l.err == nil && l.book.full(l.sheet) {
		l.start()
	}
	if l.err != nil {
		return place{}
	}
	return place{l.pageName(len(l.pages)), l.sheet.row + 1}
}

// pageName is the name of the n-th sheet, from 1.
func (l *list) pageName(n int) string {
	if n == 1 {
		return l.name
	}
	return l.name + " " + strconv.Itoa(n)
}

// put is one more cell of the row that add writes.
func (l *list) put(text string, k kind, t tone, digits int) {
	at := len(l.cells)
	if l.grows {
		widen(&l.widths[at], text, l.columns[at].kind)
	}
	if text == "" && t == toneNone {
		l.cells = append(l.cells, cell{})
		return
	}
	if k == kindProse && len(text) > maxProse {
		k = kindText
	}
	if k == kindProse {
		width := l.widths[at]
		if l.grows { // where it ends narrower, each line fits
			width = k.maxWidth()
		}
		l.lines = max(l.lines, linesIn(text, width))
	}
	l.value(text, look{kind: k, tone: t, digits: digits})
}

// texts are the next cells of the row, of which the first one has a tone.
func (l *list) texts(t tone, digits int, texts ...string) {
	for _, text := range texts {
		l.put(text, l.columns[len(l.cells)].kind, t, digits)
		t = toneNone
	}
}

// jump is a cell that leads to another one of the workbook.
func (l *list) jump(to place, t tone) {
	text := to.Sheet + " " + strconv.Itoa(to.Row)
	l.formula(`HYPERLINK("#`+quotedSheet(to.Sheet)+`!A`+strconv.Itoa(to.Row)+`","`+text+`")`, text, look{kind: kindJump, tone: t})
}

// add writes the row that was put together, high enough for its longest cell: not every program does that itself.
func (l *list) add() {
	height := 0
	if l.lines > 1 {
		height = l.lines * lineHigh
	}
	l.page.add(height)
	l.lines = 0
}

// ifEmpty writes a row of words where there is none.
func (l *list) ifEmpty(words string) {
	if l.err == nil && len(l.pages) == 1 && l.sheet.row == 1 {
		l.cells = append(l.cells, cell{form: formText, text: words})
		l.add()
	}
}

// lay puts the list's sheets into the workbook, each with its frozen, repeated and filtered header. A list that is nil has none.
func (l *list) lay(context.Context) error {
	if l == nil {
		return nil
	}
	for i, s := range l.pages {
		if l.err == nil {
			l.err = l.layPage(s, l.pageName(i+1))
		}
	}
	if l.err != nil {
		return fmt.Errorf("sheet %s: %w", l.name, l.err)
	}
	return nil
}

func (l *list) layPage(s *sheet, name string) error {
	b := l.book
	if err := b.place(s, name, l.widths); err != nil {
		return err
	}
	last := s.row
	if s == l.sheet {
		last -= l.below
	}
	if err := b.filter(name, "A1:"+ref(len(l.columns), max(last, 2))); err != nil {
		return err
	}
	if err := b.layout(name, "landscape", "$1:$1"); err != nil { // after the filter, which undoes it
		return err
	}
	return errors.Join(b.freeze(name, 1), b.end(s), b.f.SetDefinedName(&excelize.DefinedName{
		Name: "_xlnm.Print_Area", RefersTo: fmt.Sprintf("%s!$A$1:$%s$%d", quotedSheet(name), colName(l.printed()), max(s.row, 2)), Scope: name,
	}))
}

// paperWidth is how many characters fit on a landscape page in a size that can be read.
const paperWidth = 262

// printed is how many of the first columns are printed: those that fit on a page. All are in the sheet.
func (l *list) printed() int {
	used := 0
	for n, width := range l.widths {
		if used += width; used > paperWidth {
			return max(n, 1)
		}
	}
	return len(l.columns)
}

// padding is the room beside a text, also when the reader's font is a little wider.
const padding = 3

// widen makes a column as wide as its text needs, in characters, up to what its kind may have.
func widen(width *int, text string, k kind) {
	n := len(text)
	if n+padding <= *width && k != kindAmount {
		return // it has no more characters than bytes
	}
	n = utf8.RuneCountInString(text)
	if k == kindAmount {
		n += n/3 + 1 // thousands apart
	}
	*width = max(*width, min(n+padding, k.maxWidth()))
}

// linesIn is how many lines a wrapped text takes in a column, with room for a wider font.
func linesIn(text string, width int) int {
	lines := 0
	for line := range strings.SplitSeq(text, "\n") {
		lines++
		if n, room := utf8.RuneCountInString(line), width-padding; n > room {
			lines += n * 10 / (9 * room)
		}
	}
	return min(lines, maxLines)
}

// freeze keeps a sheet's first rows in sight.
func (b *book) freeze(name string, rows int) error {
	top := ref(1, rows+1)
	return b.f.SetPanes(name, &excelize.Panes{
		Freeze: true, YSplit: rows, TopLeftCell: top, ActivePane: "bottomLeft",
		Selection: []excelize.Selection{{SQRef: top, ActiveCell: top, Pane: "bottomLeft"}},
	})
}

// maxLinks is up to how many rows references link to their orders: real links cost the square of their number.
const maxLinks = 2000

// referenceColumn is the one whose cells link to the order.
const referenceColumn = "order_reference"

// columnOf is the position of a column, from 1, or 0.
func columnOf(columns []column, name string) int {
	return 1 + slices.IndexFunc(columns, func(c column) bool { return c.name == name })
}

// addRow writes a row and, where it is the first of its order, the order. It tells the row's place.
func (b *book) addRow(r *Row, l *line, own []string) place {
	at := b.rows.next()
	links := b.report.Control.Rows <= maxLinks && b.rows.err == nil
	if r.order != nil {
		r.listed = b.addOrder(r.order, at)
	}
	t := b.toneOf(r.Final, l.ProblemCode != "")
	digits := digitsOf(r.Amount)
	for i, c := range b.rows.columns[:len(b.rows.columns)-len(own)] {
		k := c.kind
		if links && r.listed.Row != 0 && c.name == referenceColumn {
			k = kindJump
			b.rows.sheet.links = append(b.rows.sheet.links, link{ref(i+1, at.Row), r.listed})
		}
		b.rows.put(l.cell(i), k, t, digits)
	}
	for _, text := range own {
		b.rows.put(text, kindText, t, 0)
	}
	b.rows.add()
	return at
}

// addOrder writes an order and tells its place. first is its first row, zero for none.
func (b *book) addOrder(o *Order, first place) place {
	at := b.orders.next()
	t := b.toneOf(o.Final, o.Outcome.Code != "")
	for _, c := range b.orderColumns {
		b.orders.put(c.text(o), c.kind, t, o.Gross.Currency().Digits())
	}
	if first.Row != 0 {
		b.orders.jump(first, t)
	}
	b.orders.add()
	return at
}
