package report

import "fmt"

// page is a sheet that is written from the top down; after the first error it does nothing.
type page struct {
	book  *book
	sheet *sheet
	cells []cell // of the row being put together
	err   error
}

// page begins a sheet.
func (b *book) page(name, orientation string, widths []int) (page, error) {
	s, err := b.open(name, widths)
	if err == nil {
		err = b.layout(name, orientation, "")
	}
	if err != nil {
		return page{}, fmt.Errorf("sheet %s: %w", name, err)
	}
	return page{book: b, sheet: s}, nil
}

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
