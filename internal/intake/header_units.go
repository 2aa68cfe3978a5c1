package intake

import (
	"fmt"
	"slices"
	"strings"

	"kraviabatch/internal/billing"
)

// checkVAT refuses a price whose header contradicts the profile about VAT, and one that a formula computes of such
// a column. Otherwise the invoices would ask for VAT twice, or for none.
func (f *File) checkVAT(p *Profile, row int) error {
	if f.layout.prices >= 0 {
		return nil // each row says whether its prices are with VAT, see checkRow
	}
	price := func(c billing.Column) bool {
		return c == billing.ColAmount || c == billing.ColUnitPrice || c == billing.ColDiscountAmount
	}
	for _, h := range f.layout.all() {
		says, prices, other := p.saysOfVAT(h)
		if says == 0 || !slices.ContainsFunc(h.columns, price) {
			continue
		}
		hint := fmt.Sprintf(hintVAT, says, other, h.text)
		if h.how == byProfile {
			hint = fmt.Sprintf(hintVATByProfile, says, other)
		}
		return refuse(codeVAT, fmt.Sprintf(msgHeaderVAT, h.text, says, prices), hint).at(row, h.text, "")
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
			says, prices, other := p.saysOfVAT(f.derivation.column(o))
			if says == 0 {
				continue
			}
			if o.join >= 0 {
				row = 0 // the header stands in another table
			}
			return refuse(codeVAT, fmt.Sprintf(msgFormulaVAT, name, says, prices),
				fmt.Sprintf(hintFormulaVAT, says, other, name)).at(row, name, "")
		}
	}
	return nil
}

// checkMinor refuses amounts whose header says that they are in hundredths, such as øre, where they are read as whole
// units. A formula may read such a column, because it can divide the amounts.
func (f *File) checkMinor(p *Profile, row int) error {
	if p.orNone().Minor {
		return nil
	}
	isMoney := func(c billing.Column) bool { return c.Kind() == billing.Money }
	for i, c := range f.layout.all() {
		formula := i >= madeBase && f.derivation.columns[i-madeBase].from.formula != nil
		if !formula && slices.ContainsFunc(c.columns, isMoney) && saysMinor(c.text) {
			return refuse(codeMinor, fmt.Sprintf(msgHundredths, c.text), fmt.Sprintf(hintHundredths, c.text)).
				at(row, c.text, "")
		}
	}
	return nil
}

// currencyGiven reports whether the profile says in which currency orders are.
func (f *File) currencyGiven(p *Profile) bool {
	return p.given(billing.ColCurrency) != "" || p.orNone().Columns[billing.ColCurrency] != nil ||
		f.layout.index(billing.ColCurrency) >= 0
}

// checkConverted refuses a formula over an ignored column whose header names a currency, unless something says that of
// the result: the profile may ignore it because of its VAT, or because the formula converts it.
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
			ignored := p.ignores(r.header) || p.ignoresByName(r.String())
			if c.unit.currency != "" && isNumeric(m.from.formula.reads[i]) && ignored {
				return refuse(codeCurrency, fmt.Sprintf(msgConverted, m.known, r, c.unit.currency), hintConverted).
					at(row, r.String(), "")
			}
		}
	}
	return nil
}

// saysOfVAT is what a header says about VAT against the profile, 0 for nothing; what the profile says; and the other
// value that prices can have there.
func (p *Profile) saysOfVAT(c *column) (says, prices vatWord, other string) {
	prices, other = withVAT, PricesExclVAT
	if p.exclVAT() {
		prices, other = withoutVAT, PricesInclVAT
	}
	if c.unit.vat != prices {
		says = c.unit.vat
	}
	return says, prices, other
}

// saysMinor reports that a header says hundredths. `Line total (cents)` does; `Sum uten øre` and `kr.øre` do not.
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

// minorWord reports whether a word of a header names minor units.
func minorWord(word string) bool {
	return slices.Contains([]string{
		"cent", "cents", "ore", "oren", "penni", "pennia", "pennies", "pence", "minor", "senttia", "sentteina",
	}, word)
}
