package intake

import (
	"fmt"
	"slices"

	"kraviabatch/internal/billing"
)

// checkVAT refuses a price whose header says that it is with VAT under prices without, and the other way round; so does one that a
// formula computes of such a column.
func (f *File) checkVAT(p *Profile, row int) error {
	if f.layout.prices >= 0 {
		return nil // each row says it, see checkRow
	}
	price := func(c billing.Column) bool {
		return c == billing.ColAmount || c == billing.ColUnitPrice || c == billing.ColDiscountAmount
	}
	for _, h := range f.layout.all() {
		if slices.ContainsFunc(h.columns, price) {
			if err := p.fitsVAT(h, row, false); err != nil {
				return err
			}
		}
	}
	if f.derivation == nil {
		return nil
	}
	for _, m := range f.derivation.columns {
		if !price(m.known) || m.from.formula == nil {
			continue
		}
		for i, o := range m.from.origins {
			if !isNumeric(m.from.formula.reads[i]) {
				continue
			}
			if err := p.fitsVAT(f.derivation.column(o), row, true); err != nil {
				return err
			}
		}
	}
	return nil
}

// fitsVAT refuses a column whose header says something else about VAT than the profile. A formula may add VAT or take it off.
func (p *Profile) fitsVAT(c *column, row int, formula bool) error {
	prices, other := withVAT, PricesExclVAT
	if p.exclVAT() {
		prices, other = withoutVAT, PricesInclVAT
	}
	if c.unit.vat == 0 || c.unit.vat == prices {
		return nil
	}
	if formula {
		return refuse(codeVAT, fmt.Sprintf("a formula computes a price of the column %q, which says %s, but prices are read %s", c.text, c.unit.vat, prices),
			fmt.Sprintf("if what the formula makes is %s, write prices: %s; if the formula adds the VAT or takes it off, write ignore: [%q], "+
				"with which the formula still reads the column", c.unit.vat, other, c.text)).at(row, c.text, "")
	}
	return refuse(codeVAT, fmt.Sprintf("the header %q says %s, but prices are read %s", c.text, c.unit.vat, prices),
		fmt.Sprintf("if all prices of the file are %s, say so: --prices %s, or prices: %s in a profile; "+
			"otherwise pass the column over: ignore: [%q]",
			c.unit.vat, other, other, c.text)).at(row, c.text, "")
}
