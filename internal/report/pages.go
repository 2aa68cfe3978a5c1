package report

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"kraviabatch/internal/billing"
)

// pages is a list with a header that goes on in another sheet when one is full.
type pages struct {
	book    *book
	names   []string
	columns []column
	widths  []int
	sheet   *sheet
	opened  int
	cells   []any
	lines   int // of the highest cell of the row being put together
}

// start opens the next sheet with its frozen, repeated and filtered header.
func (p *pages) start() error {
	name := p.names[p.opened]
	p.opened++
	if err := p.book.layout(name, "landscape", "$1:$1"); err != nil {
		return err
	}
	s, err := p.book.open(name, p.widths)
	if err != nil {
		return err
	}
	p.sheet = s
	frozen := &excelize.Panes{
		Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft",
		Selection: []excelize.Selection{{SQRef: "A2", ActiveCell: "A2", Pane: "bottomLeft"}},
	}
	if err := s.w.SetPanes(frozen); err != nil {
		return err
	}
	header := make([]any, len(p.columns))
	for i, c := range p.columns {
		k := kindHeader
		if c.kind == kindNumber || c.kind == kindAmount {
			k = kindNumberHeader
		}
		cell, err := p.book.cell(c.name, k, toneHeader, 0)
		if err != nil {
			return err
		}
		header[i] = cell
	}
	return s.add(header, excelize.RowOpts{Height: 22})
}

// next makes room for one more row, in the next sheet if need be.
func (p *pages) next() error {
	if p.sheet != nil && p.sheet.row-1 < p.book.rowsPerSheet {
		return nil
	}
	if err := p.end(); err != nil {
		return err
	}
	return p.start()
}

// end finishes the open sheet.
func (p *pages) end() error {
	if p.sheet == nil {
		return nil
	}
	area := "A1:" + ref(len(p.columns), max(p.sheet.row, 2))
	if err := p.book.filter(p.sheet.name, area); err != nil {
		return err
	}
	last := strings.TrimRight(ref(p.printed(), 1), "0123456789")
	err := p.book.f.SetDefinedName(&excelize.DefinedName{
		Name: "_xlnm.Print_Area", RefersTo: fmt.Sprintf("%s!$A$1:$%s$%d", quotedSheet(p.sheet.name), last, max(p.sheet.row, 2)), Scope: p.sheet.name,
	})
	if err != nil {
		return err
	}
	return p.sheet.w.Flush()
}

// paperWidth is how many characters fit on a landscape page in a size that can be read.
const paperWidth = 262

// printed is how many of the first columns are printed: those that fit on a page. All are in the sheet.
func (p *pages) printed() int {
	used := 0
	for n, width := range p.widths {
		if used += width; used > paperWidth {
			return max(n, 1)
		}
	}
	return len(p.columns)
}

// put is one more cell of the row that add writes.
func (p *pages) put(text string, k kind, t tone, digits int) error {
	if text == "" && t == toneNone {
		p.cells = append(p.cells, nil)
		return nil
	}
	if k == kindProse && len(text) > maxProse {
		k = kindText
	}
	if k == kindProse {
		p.lines = max(p.lines, linesIn(text, p.widths[len(p.cells)]))
	}
	cell, err := p.book.cell(text, k, t, digits)
	p.cells = append(p.cells, cell)
	return err
}

// jump is a cell that leads to another one of the workbook.
func (p *pages) jump(toSheet string, toRow int, t tone) error {
	id, err := p.book.style(look{kind: kindJump, tone: t})
	text := toSheet + " " + strconv.Itoa(toRow)
	p.cells = append(p.cells, excelize.Cell{
		StyleID: id, Formula: `HYPERLINK("#` + quotedSheet(toSheet) + `!A` + strconv.Itoa(toRow) + `","` + text + `")`, Value: text,
	})
	return err
}

// add writes the row that was put together, high enough for its longest cell: not every program does that itself.
func (p *pages) add() error {
	var row excelize.RowOpts
	if p.lines > 1 {
		row.Height = float64(p.lines * lineHigh)
	}
	err := p.sheet.add(p.cells, row)
	p.cells, p.lines = p.cells[:0], 0
	return err
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

// place is the sheet and row of the n-th line of a list, from 0.
func (b *book) place(names []string, n int) (name string, row int) {
	return names[min(n/b.rowsPerSheet, len(names)-1)], n%b.rowsPerSheet + 2
}

// layout is the print set-up: A4, one page wide, titles repeated, pages numbered. A streamed sheet takes it only
// before it is opened.
func (b *book) layout(name, orientation, titles string) error {
	a4, wide, high, fitToPage := 9, 1, 0, true
	if err := b.f.SetSheetProps(name, &excelize.SheetPropsOptions{FitToPage: &fitToPage}); err != nil {
		return err
	}
	err := b.f.SetPageLayout(name, &excelize.PageLayoutOptions{
		Size: &a4, Orientation: &orientation, FitToWidth: &wide, FitToHeight: &high,
	})
	if err != nil {
		return err
	}
	left, top, header := 0.4, 0.6, 0.3
	margins := &excelize.PageLayoutMarginsOptions{Left: &left, Right: &left, Top: &top, Bottom: &top}
	run := &b.report.Run
	words := &excelize.HeaderFooterOptions{OddFooter: "&L" + plainName(run.ID, "run") + "&C&A&RPage &P of &N"}
	if run.Seller != "" {
		margins.Header = &header
		words.OddHeader = "&L" + headerText(run.Seller) + "&R" + strings.ToUpper(string(run.Environment))
	}
	if err := b.f.SetPageMargins(name, margins); err != nil {
		return err
	}
	if err := b.f.SetHeaderFooter(name, words); err != nil || titles == "" {
		return err
	}
	return b.f.SetDefinedName(&excelize.DefinedName{
		Name: "_xlnm.Print_Titles", RefersTo: quotedSheet(name) + "!" + titles, Scope: name,
	})
}

// maxHeaderText is how many characters of a text stand in a header: all of a header are 255 at most, with each & doubled.
const maxHeaderText = 100

// headerText is foreign text in the header of a page, where & begins a command.
func headerText(text string) string {
	runes := []rune(billing.OneLine(clean(text)))
	if len(runes) > maxHeaderText {
		runes = append(runes[:maxHeaderText-1], '…')
	}
	return strings.ReplaceAll(string(runes), "&", "&&")
}

// quotedSheet is a sheet's name in a formula or a reference, before its exclamation mark.
func quotedSheet(name string) string { return "'" + strings.ReplaceAll(name, "'", "''") + "'" }

// filter puts the buttons of a filter on an area of a sheet. The library forgets to double the apostrophes of the sheet's name, for
// which Excel calls the workbook damaged.
func (b *book) filter(name, area string) error {
	if err := b.f.AutoFilter(name, area, nil); err != nil {
		return err
	}
	names := b.f.WorkBook.DefinedNames.DefinedName
	for i := range names {
		if cells, ok := strings.CutPrefix(names[i].Data, "'"+name+"'!"); ok && names[i].Name == "_xlnm._FilterDatabase" {
			names[i].Data = quotedSheet(name) + "!" + cells
		}
	}
	return nil
}
