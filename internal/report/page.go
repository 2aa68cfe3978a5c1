package report

import (
	"fmt"
	"strconv"

	"kraviabatch/internal/money"
)

// page is a sheet that is written from the top down; after the first error it does nothing.
type page struct {
	book  *book
	sheet *sheet
	cells []cell // of the row being put together
	err   error
}

// page begins a sheet, whose name is English.
func (b *book) page(name, orientation string, widths []int) (page, error) {
	name = b.words.text(name)
	s, err := b.open(name, widths)
	if err == nil {
		err = b.layout(name, orientation, 1)
	}
	if err != nil {
		return page{}, fmt.Errorf("sheet %s: %w", name, err)
	}
	return page{book: b, sheet: s}, nil
}

// say is a text of the page in the language of the workbook.
func (p *page) say(text string, values ...any) string { return p.book.words.say(text, values...) }

func (p *page) text(text string, k kind, t tone) { p.value(text, look{kind: k, tone: t}) }

func (p *page) value(text string, l look) {
	p.cells = append(p.cells, p.book.cell(text, l.kind, l.tone, l.digits))
}

// formula is a live formula with the value that it gives.
func (p *page) formula(formula, value string, l look) {
	p.value(value, l)
	p.cells[len(p.cells)-1].formula = formula
}

// add writes the row. Its height is in points, 0 for the usual one.
func (p *page) add(height int) {
	if p.err == nil {
		p.err = p.sheet.add(p.cells, height)
	}
	p.cells = p.cells[:0]
}

// merge makes one cell of some of the last row.
func (p *page) merge(first, last int) {
	if p.err == nil {
		p.err = p.book.f.MergeCell(p.sheet.name, ref(first, p.sheet.row), ref(last, p.sheet.row))
	}
}

// end finishes the sheet.
func (p *page) end() error {
	if p.err == nil {
		p.err = p.book.end(p.sheet)
	}
	if p.err != nil {
		return fmt.Errorf("sheet %s: %w", p.sheet.name, p.err)
	}
	return nil
}

// rounded takes the noise of binary fractions off a formula's result.
func rounded(formula string, c money.Currency) string {
	return "ROUND(" + formula + "," + strconv.Itoa(c.Digits()) + ")"
}
