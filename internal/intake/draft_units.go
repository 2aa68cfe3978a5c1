package intake

import (
	"strings"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// askUnit asks whether large amounts without decimals are in whole units of the currency or in hundredths.
func (d *drafter) askUnit(w *draftWriter, whole []*draftEntry) {
	const least, few = 1000, 2
	for _, e := range whole {
		if hundredths(e) {
			w.ask("amounts", `amounts: "?"`, msgAskHundredths, oneLine(e.source.name), sampleOf(e.source))
			return
		}
	}
	rows := 0
	for _, e := range whole {
		f := figuresOf(e.source)
		if f == nil || e.source.level(billing.ColAmount) == levelOwn ||
			e.source.level(billing.ColUnitPrice) == levelOwn || e.source.stats.currencies > 0 {
			return
		}
		for i := range f.values {
			switch v := f.values[i]; {
			case !f.has[i] || v.IsZero() || e == d.entries[billing.ColDiscountAmount] ||
				e == d.entries[billing.ColVATAmount]:
			case e.source.value(i) != v.String() || v.Abs().Cmp(money.NewDecimal(least, 0)) < 0:
				return
			default:
				rows++
			}
		}
	}
	if rows >= few && len(whole) > 0 {
		w.ask("amounts", "amounts: whole", msgAskLarge, sampleOf(whole[0].source))
	}
}

// hundredths reports whole numbers under a header such as unit_amount or amount_paid, by which programs name amounts
// in hundredths.
func hundredths(e *draftEntry) bool {
	name, list := normalise(e.source.text), words(e.source.text)
	said := strings.HasPrefix(name, "unitamount") || len(list) > 1 && list[0] == "amount" ||
		strings.Contains(name, "cents") || strings.Contains(name, "minor")
	return said && !strings.Contains(e.source.text, " ") && !e.source.table.headerless &&
		e.source.stats.currencies == 0 && e.source.unit.currency == "" && noDecimals(e.source)
}

// noDecimals reports whether all numbers are whole, and written without decimals.
func noDecimals(c *draftColumn) bool {
	f := figuresOf(c)
	if f == nil {
		return false
	}
	for i, v := range f.values {
		if f.has[i] && !v.IsZero() && (c.value(i) != v.String() || strings.Contains(v.String(), ".")) {
			return false
		}
	}
	return true
}

// askMinor asks whether whole numbers are in hundredths too, as amounts of another column are.
func (d *drafter) askMinor(minor *draftEntry, whole []*draftEntry) {
	for _, e := range whole {
		if noDecimals(e.source) && bracesFit(d.path(e.source)) {
			e.ask(msgAskMinor, oneLine(e.source.name), oneLine(minor.source.name), oneLine(d.path(e.source)))
		}
	}
}
