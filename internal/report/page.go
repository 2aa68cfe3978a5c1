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
	last  int    // column
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
	return page{book: b, sheet: s, last: len(widths)}, nil
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

// count is a cell with a number of things.
func (p *page) count(n int, t tone) { p.value(strconv.Itoa(n), look{kind: kindCount, tone: t}) }

// amount is a cell with an amount.
func (p *page) amount(a money.Amount, t tone) {
	p.value(a.String(), look{kind: kindAmount, tone: t, digits: a.Currency().Digits()})
}

// sum is a cell with a formula that gives an amount.
func (p *page) sum(formula string, a money.Amount, t tone) {
	p.formula(rounded(formula, a.Currency()), a.String(),
		look{kind: kindAmount, tone: t, digits: a.Currency().Digits()})
}

// fill ends the row with empty cells.
func (p *page) fill(k kind, t tone) {
	for len(p.cells) < p.last {
		p.text("", k, t)
	}
}

// note is words over the whole width, of so many points.
func (p *page) note(text string, k kind, height int) {
	p.text(text, k, toneNone)
	p.fill(k, toneNone)
	p.add(height)
	p.merge(1, p.last)
}

// head is the header of a table, over numbers where that is so.
func (p *page) head(overNumbers func(col int) bool, height int, names ...string) {
	for i, name := range names {
		k := kindHeader
		if overNumbers(i + 1) {
			k = kindNumberHeader
		}
		p.text(name, k, toneHeader)
	}
	p.fill(kindHeader, toneHeader)
	p.add(height)
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
