package intake

import (
	"fmt"
	"slices"
	"strings"

	"kraviabatch/internal/billing"
)

// checkVAT refuses a price whose header says that it is with VAT under prices without, and the other way
// round; so does one that a formula computes of such a column.
func (f *File) checkVAT(p *Profile, row int) error {
	if f.layout.prices >= 0 {
		return nil // each row says it, see checkRow
	}
	price := func(c billing.Column) bool {
		return c == billing.ColAmount || c == billing.ColUnitPrice || c == billing.ColDiscountAmount
	}
	for _, h := range f.layout.all() {
		if p.fitsVAT(h) || !slices.ContainsFunc(h.columns, price) {
			continue
		}
		says, prices, other := p.saysOfVAT(h)
		instead := fmt.Sprintf("pass the column over: ignore: [%q]", h.text)
		if h.how == byProfile {
			instead = "let the profile read another column, or a formula that adds the VAT or takes it off"
		}
		return refuse(codeVAT, fmt.Sprintf("the header %q says %s, but prices are read %s", h.text, says, prices),
			fmt.Sprintf(
				"if all prices of the file are %s, say so: --prices %s, or prices: %s in a profile; otherwise %s",
				says, other, other, instead)).at(row, h.text, "")
	}
	if f.derivation == nil {
		return nil
	}
	for _, m := range f.derivation.columns {
		if !price(m.known) || m.from.formula == nil {
			continue
		}
		for i, o := range m.from.origins {
			name := m.from.references[i].String()
			if !isNumeric(m.from.formula.reads[i]) || p.ignoresByName(name) {
				continue
			}
			c := f.derivation.column(o)
			if p.fitsVAT(c) {
				continue
			}
			if o.join >= 0 {
				row = 0 // of another table
			}
			says, prices, other := p.saysOfVAT(c)
			return refuse(codeVAT,
				fmt.Sprintf("a formula computes a price of the column %q, which says %s, but prices are read %s",
					name, says, prices),
				fmt.Sprintf(
					"if what the formula makes is %s, write prices: %s; if the formula adds the VAT or takes it off, write ignore: [%q], "+
						"with which the formula still reads the column", says, other, name)).at(row, name, "")
		}
	}
	return nil
}

// checkMinor refuses amounts whose header says that they are in hundredths, where they are read whole. A
// formula may divide them.
func (f *File) checkMinor(p *Profile, row int) error {
	if p.orNone().Minor {
		return nil
	}
	isMoney := func(c billing.Column) bool { return c.Kind() == billing.Money }
	for i, c := range f.layout.all() {
		formula := i >= madeBase && f.derivation.columns[i-madeBase].from.formula != nil
		if formula || !slices.ContainsFunc(c.columns, isMoney) || !saysMinor(c.text) {
			continue
		}
		return refuse(codeMinor,
			fmt.Sprintf("the header %q says that its amounts are in hundredths, but they are read whole", c.text),
			fmt.Sprintf(
				"if all amounts of the file are, write amounts: minor in a profile; if these alone are, divide them: \"= num({%s}) / 100\"; "+
					"if they are whole, read them by a formula too: \"= num({%[1]s})\"", c.text)).
			at(row, c.text, "")
	}
	return nil
}

// currencyGiven reports whether the profile says in which currency orders are.
func (f *File) currencyGiven(p *Profile) bool {
	return p.constants()[billing.ColCurrency] != "" || p.defaults()[billing.ColCurrency] != "" ||
		p.orNone().Columns[billing.ColCurrency] != nil ||
		f.layout.index(billing.ColCurrency) >= 0
}

// checkConverted refuses a formula over amounts of a currency whose column is passed over, where nothing says
// in which currency the result is: the column may be passed over for what it says of VAT, or because the
// formula converts it.
func (f *File) checkConverted(p *Profile, row int) error {
	if f.derivation == nil || f.currencyGiven(p) {
		return nil
	}
	for _, m := range f.derivation.columns {
		if m.from.formula == nil || m.known.Kind() != billing.Money {
			continue
		}
		for i, o := range m.from.origins {
			r, c := m.from.references[i], f.derivation.column(o)
			if c.unit.currency == "" || !isNumeric(m.from.formula.reads[i]) || !p.ignores(r.header) &&
				!p.ignoresByName(r.String()) {
				continue
			}
			return refuse(codeCurrency,
				fmt.Sprintf("a formula computes %s of the column %q, which is in %s and passed over", m.known, r,
					c.unit.currency),
				"write the currency of the result in the profile, for example constants: {currency: NOK}").at(row,
				r.String(), "")
		}
	}
	return nil
}

// fitsVAT reports whether a column's header says nothing else about VAT than the profile.
func (p *Profile) fitsVAT(c *column) bool {
	_, prices, _ := p.saysOfVAT(c)
	return c.unit.vat == 0 || c.unit.vat == prices
}

// saysOfVAT is what a header and the profile say about VAT, and the prices that the profile could have.
func (p *Profile) saysOfVAT(c *column) (says, prices vatWord, other string) {
	if p.exclVAT() {
		return c.unit.vat, withoutVAT, PricesInclVAT
	}
	return c.unit.vat, withVAT, PricesExclVAT
}

// saysMinor reports a header that says that its amounts are in hundredths: `Line total (cents)`, and not `Sum
// uten øre` or `kr.øre`.
func saysMinor(header string) bool {
	list := words(header)
	at := slices.IndexFunc(list, minorWord)
	if at < 0 {
		return false
	}
	whole := []string{"kr", "kroner", "kronor", "krona", "krone", "euro", "euros", "dollar", "dollars"}
	without := []string{
		"uten", "utan", "uden", "ilman", "without", "no", "excl", "eks", "inkl", "incl", "med",
		"with", "og", "och", "and",
	}
	rounded := []string{"avrund", "afrund", "round", "pyorist"}
	return !slices.ContainsFunc(list, func(w string) bool {
		return slices.Contains(whole, w) ||
			slices.ContainsFunc(rounded, func(begin string) bool { return strings.HasPrefix(w, begin) })
	}) && (at == 0 || !slices.Contains(without, list[at-1])) &&
		(list[at] != "minor" || slices.Contains(list, "unit") || slices.Contains(list, "units"))
}

// minorWord reports a word of a header that says that its amounts are in minor units.
func minorWord(word string) bool {
	return slices.Contains([]string{
		"cent", "cents", "ore", "oren", "penni", "pennia", "pennies", "pence", "minor", "senttia", "sentteina",
	}, word)
}
