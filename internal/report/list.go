package report

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"kraviabatch/internal/money"
)

// list is a table of any length: rows under a header, which go on in another sheet when one is full. A row is put
// together with next, put (or texts, jump) and add. After the first error a list does nothing more, and lay returns it.
type list struct {
	page     // the last sheet
	name     string
	columns  []column
	headings []string
	widths   []int
	grows    bool // columns widen to their texts
	pages    []*sheet
	lines    int    // of the highest cell of the current row
	filled   []bool // whether a column has a text in any row; the others are hidden
	printed  int    // number of columns that are printed, from the first
	titles   string // columns that are repeated on every printed page, such as $C:$D
	foot     func() // writes what follows the rows; nil for nothing
}

// place is a row of a sheet of the workbook.
type place struct {
	Sheet string
	Row   int
}

// list begins a list with the translated names of its columns as headings. With nil widths the columns widen to their
// texts.
func (b *book) list(name string, columns []column, widths []int) *list {
	return b.listUnder(b.words.headings(columns), name, columns, widths)
}

// listUnder is list with headings of the caller.
func (b *book) listUnder(headings []string, name string, columns []column, widths []int) *list {
	l := &list{
		page: page{book: b}, name: b.words.text(name), columns: columns, headings: headings, widths: widths,
		grows: widths == nil,
	}
	if l.grows {
		for _, heading := range headings { // 4 is room for the filter's button
			l.widths = append(l.widths, min(utf8.RuneCountInString(heading)+4, kindHeader.maxWidth()))
		}
	}
	l.filled, l.printed = make([]bool, len(columns)), len(columns)
	l.start()
	return l
}

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
	for i, c := range l.columns {
		l.text(l.headings[i], headerKind(c.kind == kindNumber || c.kind == kindAmount), toneHeader)
	}
	l.page.add(22)
}

// next begins one more row, on a new sheet if the last one is full, and returns its place.
func (l *list) next() place {
	if l.err == nil && l.book.full(l.sheet) {
		l.start()
	}
	if l.err != nil {
		return place{}
	}
	return place{l.pageName(len(l.pages)), l.sheet.row + 1}
}

// pageName returns the name of the n-th sheet, from 1.
func (l *list) pageName(n int) string {
	if n == 1 {
		return l.name
	}
	return l.name + " " + strconv.Itoa(n)
}

func (l *list) put(text string, k kind, t tone, digits int) {
	at := len(l.cells)
	if text != "" {
		l.filled[at] = true
	}
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
		if l.grows { // the final width is not known yet; in a narrower column each text is one line
			width = k.maxWidth()
		}
		l.lines = max(l.lines, linesIn(text, width))
	}
	l.value(text, look{kind: k, tone: t, digits: digits})
}

// texts appends cells of the kinds of their columns. Only the first one has the tone.
func (l *list) texts(t tone, digits int, texts ...string) {
	for _, text := range texts {
		l.put(text, l.columns[len(l.cells)].kind, t, digits)
		t = toneNone
	}
}

// jump appends a cell with a link to a place of the workbook.
func (l *list) jump(to place, t tone) {
	l.filled[len(l.cells)] = true
	text := to.Sheet + " " + strconv.Itoa(to.Row)
	l.formula(`HYPERLINK("#`+quotedSheet(to.Sheet)+`!A`+strconv.Itoa(to.Row)+`","`+text+`")`, text,
		look{kind: kindJump, tone: t})
}

// add writes the current row, high enough for its longest cell: not every program adjusts the height itself.
func (l *list) add() {
	height := 0
	if l.lines > 1 {
		height = l.lines * lineHigh
	}
	l.page.add(height)
	l.lines = 0
}

// ifEmpty writes a row that says why the list is empty, if it is.
func (l *list) ifEmpty(words string) {
	if l.err == nil && len(l.pages) == 1 && l.sheet.row == 1 {
		l.cells = append(l.cells, cell{form: formText, text: words})
		l.add()
	}
}

// lay puts the list's sheets into the workbook, each with a frozen header, a filter and its print set-up. A nil list
// has no sheets.
func (l *list) lay(context.Context) error {
	if l == nil {
		return nil
	}
	l.ends()
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

// ends notes where the rows end and writes the foot.
func (l *list) ends() {
	for _, s := range l.pages {
		s.data = s.row
	}
	if l.foot == nil || l.err != nil || l.sheet.row == 1 {
		return
	}
	l.page.add(0)
	l.foot()
}

// rangeOf returns the range of a column on the i-th sheet, below the header and above the foot.
func (l *list) rangeOf(i int, name string) string {
	col, s := colName(columnOf(l.columns, name)), l.pages[i]
	return fmt.Sprintf("%s!$%s$2:$%s$%d", quotedSheet(l.pageName(i+1)), col, col, max(cmp.Or(s.data, s.row), 2))
}

// condition selects the rows whose cell of a column meets a criterion, as formulas write it.
type condition struct{ column, criterion string }

// quote returns a text as formulas write it; it must not have quotes.
func quote(text string) string { return `"` + text + `"` }

func inCurrencyOf(c money.Currency) condition { return condition{"currency", quote(c.Code())} }

// over returns a function such as SUMIFS, added up over all sheets of the list: of a column, "" for none, and of the
// rows that meet the conditions.
func (l *list) over(function, column string, of ...condition) string {
	parts := make([]string, len(l.pages))
	for i := range l.pages {
		var arguments []string
		if column != "" {
			arguments = []string{l.rangeOf(i, column)}
		}
		for _, c := range of {
			arguments = append(arguments, l.rangeOf(i, c.column), c.criterion)
		}
		parts[i] = function + "(" + strings.Join(arguments, ",") + ")"
	}
	return strings.Join(parts, "+")
}

// technicalColumns are folded: only who looks into a single order needs them.
func technicalColumns() []string {
	return []string{"transaction_id", "session_id", "attempts", "first_attempt", "last_attempt"}
}

func (l *list) layPage(s *sheet, name string) error {
	b := l.book
	if err := b.place(s, name, l.widths); err != nil {
		return err
	}
	wide, err := l.hide(name)
	if err != nil {
		return err
	}
	titles := []string{"$1:$1"}
	if l.titles != "" && wide > paperWidth {
		titles = []string{l.titles, "$1:$1"}
	}
	if err := b.filter(name, "A1:"+ref(len(l.columns), max(s.data, 2)), pagesWide(wide), titles...); err != nil {
		return err
	}
	return errors.Join(b.freeze(name, 1), b.end(s), b.f.SetDefinedName(&excelize.DefinedName{
		Name:     "_xlnm.Print_Area",
		RefersTo: fmt.Sprintf("%s!$A$1:$%s$%d", quotedSheet(name), colName(l.printed), max(s.row, 2)), Scope: name,
	}))
}

// hide hides the columns without any text and folds the technical ones. It returns the width, in characters, of the
// other columns that are printed.
func (l *list) hide(name string) (wide int, err error) {
	for i, c := range l.columns {
		col := colName(i + 1)
		technical := slices.Contains(technicalColumns(), c.name)
		switch {
		case len(l.pages) == 1 && l.sheet.data <= 1, l.filled[i] && !technical:
			if i < l.printed {
				wide += l.widths[i]
			}
			continue
		case technical:
			err = errors.Join(err, l.book.f.SetColOutlineLevel(name, col, 1))
		}
		err = errors.Join(err, l.book.f.SetColVisible(name, col, false))
	}
	return wide, err
}

// padding is room beside a text, in characters, also for a font that is a little wider.
const padding = 3

// widen makes a column as wide as its text needs, in characters, up to the maximum of its kind.
func widen(width *int, text string, k kind) {
	n := len(text)
	if n+padding <= *width && k != kindAmount {
		return // the text has no more characters than bytes, so it fits
	}
	n = utf8.RuneCountInString(text)
	if k == kindAmount {
		n += n/3 + 1 // the spaces between thousands, and the sign
	}
	*width = max(*width, min(n+padding, k.maxWidth()))
}

// linesIn returns the number of lines that a wrapped text takes in a column, with room for a wider font.
func linesIn(text string, width int) int {
	lines := 0
	for line := range strings.SplitSeq(text, "\n") {
		lines++
		if n, room := utf8.RuneCountInString(line), width-1; n > room {
			lines += n * 10 / (9 * room)
		}
	}
	return min(lines, maxLines)
}

// freeze keeps the first rows of a sheet in view.
func (b *book) freeze(name string, rows int) error {
	top := ref(1, rows+1)
	return b.f.SetPanes(name, &excelize.Panes{
		Freeze: true, YSplit: rows, TopLeftCell: top, ActivePane: "bottomLeft",
		Selection: []excelize.Selection{{SQRef: top, ActiveCell: top, Pane: "bottomLeft"}},
	})
}
