package billing

import (
	"cmp"
	"fmt"
	"slices"

	"kraviabatch/internal/money"
)

// rounding is what a line takes of the difference between the VAT of a sum and the sum of the lines' VAT.
type rounding struct {
	vat     int64 // minor units
	exclVAT bool  // the file states the line's net amount, so that its gross amount changes too
}

// share is what VAT is computed on once: the lines of one order (or of one part of a split order) with one rate, all
// stated with VAT or all without.
type share struct {
	part    int
	rate    money.Rate
	exclVAT bool
}

// roundByRate makes the VAT of every share equal to the VAT of its sum. Before that, every line is rounded for itself.
// A part of a split order is an order of its own.
func (c *builder) roundByRate() {
	if len(c.taxed) == 0 {
		return
	}
	shares := map[share][]*lineReader{}
	for i := range c.taxed {
		l := &c.taxed[i]
		of := share{rate: c.order.Lines[l.line].Rate, exclVAT: l.exclVAT}
		if c.rules.SplitOrders {
			of.part = l.line / MaxLines
		}
		shares[of] = append(shares[of], l)
	}
	for of, lines := range shares {
		c.roundShare(of, lines)
	}
	for i := range c.taxed {
		line := c.order.Lines[c.taxed[i].line]
		c.checkVATAmount(&c.taxed[i], line.alone().VAT, line.VAT)
	}
}

// roundShare gives the difference between the VAT of the sum and that of the lines to the largest line. The line takes
// only so much that its VAT stays between zero and its amount; the next line takes the rest. Many small lines can make
// such a large difference.
func (c *builder) roundShare(of share, lines []*lineReader) {
	sum, left := money.New(0, c.order.Currency), int64(0)
	var err error
	for _, l := range lines {
		if sum, err = sum.Add(l.stated); err != nil {
			break
		}
		left -= c.order.Lines[l.line].VAT.Minor()
	}
	var vat money.Amount
	if err == nil {
		_, vat, err = taxed(sum, of.rate, of.exclVAT)
	}
	if err != nil {
		c.report(lines[0].row, "amount.too_large", lines[0].stated.String())
		return
	}
	left += vat.Minor()
	slices.SortStableFunc(lines, func(a, b *lineReader) int {
		x, y := c.order.Lines[a.line].Gross.Minor(), c.order.Lines[b.line].Gross.Minor()
		// a charge comes before a return of the same size
		return cmp.Or(cmp.Compare(max(y, -y), max(x, -x)), cmp.Compare(y, x))
	})
	for _, l := range lines {
		left -= l.bear(left)
	}
}

// bear adds to the line's VAT as much of the difference as keeps the VAT between zero and the line's amount. It returns
// what it added.
func (l *lineReader) bear(difference int64) int64 {
	line := &l.order.Lines[l.line]
	before, stated := line.VAT.Minor(), l.stated.Minor()
	vat := max(min(before+difference, max(stated, 0)), min(stated, 0))
	line.rounding = rounding{vat - before, l.exclVAT}
	line.add(vat - before)
	*l.rows[l.row].Amount, *l.rows[l.row].VATAmount = line.Gross, line.VAT
	return vat - before
}

// add changes the line's VAT, and its gross amount if the file states the net amount.
func (line *Line) add(vat int64) {
	line.VAT = money.New(line.VAT.Minor()+vat, line.VAT.Currency())
	if line.rounding.exclVAT {
		line.Gross = money.New(line.Gross.Minor()+vat, line.Gross.Currency())
	}
}

// alone is the line without its share of the rounding.
func (line Line) alone() Line {
	line.add(-line.rounding.vat)
	return line
}

// canonical writes a rounding for the content hash. The text is the same for every line of the same rate and size, so
// that the hash does not depend on which of equal lines takes the rounding.
func (r rounding) canonical(alone *Line) string {
	gross := alone.Gross.Minor()
	return fmt.Sprintf("rounding %s %d %d %t", alone.Rate, max(gross, -gross), r.vat, r.exclVAT)
}
