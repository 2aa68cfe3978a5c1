package report

import (
	"fmt"
	"strconv"

	"kraviabatch/internal/money"
)

// page is a sheet that is written from the top down: cells of a row with text, count, amount, sum …, then add. After
// the first error a page does nothing more, and end returns it.
type page struct {
	book  *book
	sheet *sheet
	cells []cell // of the current row
	last  int    // the last column of the page, from 1
	err   error
}

// page begins a sheet with columns of these widths in characters. Its name is English, a key of words.csv.
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

// say returns a text in the language of the workbook, see [words.say].
func (p *page) say(text string, values ...any) string { return p.book.words.say(text, values...) }

// text appends a cell to the current row, as do the methods that follow.
func (p *page) text(text string, k kind, t tone) { p.value(text, look{kind: k, tone: t}) }

func (p *page) value(text string, l look) {
	p.cells = append(p.cells, p.book.cell(text, l.kind, l.tone, l.digits))
}

// formula appends a live formula. The value is what the formula gives, for programs that do not compute.
func (p *page) formula(formula, value string, l look) {
	p.value(value, l)
	p.cells[len(p.cells)-1].formula = formula
}

func (p *page) count(n int, t tone) { p.value(strconv.Itoa(n), look{kind: kindCount, tone: t}) }

func (p *page) amount(a money.Amount, t tone) {
	p.value(a.String(), amountLook(a.Currency(), t))
}

func (p *page) sum(formula string, a money.Amount, t tone) {
	p.formula(rounded(formula, a.Currency().Digits()), a.String(), amountLook(a.Currency(), t))
}

// tally appends a formula that gives a number of things.
func (p *page) tally(formula string, n int, t tone) {
	p.formula(formula, strconv.Itoa(n), look{kind: kindCount, tone: t})
}

func (p *page) each(k kind, t tone, texts ...string) {
	for _, text := range texts {
		p.text(text, k, t)
	}
}

// fill appends empty cells up to the last column.
func (p *page) fill(k kind, t tone) {
	for len(p.cells) < p.last {
		p.text("", k, t)
	}
}

// note writes a row of one text over all columns, with a height in points.
func (p *page) note(text string, k kind, height int) {
	p.text(text, k, toneNone)
	p.fill(k, toneNone)
	p.add(height)
	p.merge(1, p.last)
}

// head writes the header of a table. overNumbers says which columns, from 1, have numbers.
func (p *page) head(overNumbers func(col int) bool, height int, names ...string) {
	for i, name := range names {
		p.text(name, headerKind(overNumbers(i+1)), toneHeader)
	}
	p.fill(kindHeader, toneHeader)
	p.add(height)
}

// add writes the current row with a height in points, 0 for the usual height.
func (p *page) add(height int) {
	if p.err == nil {
		p.err = p.sheet.add(p.cells, height)
	}
	p.cells = p.cells[:0]
}

// merge merges cells of the row that was written last.
func (p *page) merge(first, last int) {
	if p.err == nil {
		p.err = p.book.f.MergeCell(p.sheet.name, ref(first, p.sheet.row), ref(last, p.sheet.row))
	}
}

func (p *page) end() error {
	if p.err == nil {
		p.err = p.book.end(p.sheet)
	}
	if p.err != nil {
		return fmt.Errorf("sheet %s: %w", p.sheet.name, p.err)
	}
	return nil
}

// rounded rounds a formula's result to the currency's decimals: spreadsheets add binary fractions.
func rounded(formula string, digits int) string {
	return "ROUND(" + formula + "," + strconv.Itoa(digits) + ")"
}
