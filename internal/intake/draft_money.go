package intake

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// moneyPlan is what the sums of the lines prove. No relation is taken that a row contradicts.
type moneyPlan struct {
	figures []*figures   // the columns of the lines that can be money
	best    *proof       // quantity × price = amount, nil where no columns make it
	net     *figures     // the amounts without VAT, nil where nothing proves them
	gross   *figures     // the amounts with VAT, nil as net
	taxed   *taxing      // the rates between net and gross, or of the VAT in money
	prices  string       // PricesInclVAT or PricesExclVAT, "" where nothing proves it
	why     string       // what proves it
	codes   *draftColumn // the column with rates or tax codes, nil for none
	perUnit bool         // net and gross are prices for one: their difference is not the VAT of the line
	lacking bool         // no amount was found
	twofold bool         // the rates may be the VAT in money as well
}

// planMoney compares all columns of numbers with each other.
func (d *drafter) planMoney() {
	m := &d.money
	for _, c := range d.lines.columns {
		if !c.free() || d.isKey(c) || c.noMoney() {
			continue
		}
		if f := figuresOf(c); f != nil {
			m.figures = append(m.figures, f)
		}
	}
	const most = 24 // of more columns all triples take too long
	m.figures = m.figures[:min(most, len(m.figures))]
	m.codes = d.vatColumn()
	m.best = m.bestProof()
	d.planVAT()
}

// noMoney reports a column that is known not to be money: another of our columns, a date, a code or a label.
func (c *draftColumn) noMoney() bool {
	if len(c.guesses) > 0 {
		return !slices.Contains(moneyColumns(), c.guesses[0].column)
	}
	h := theVocabulary().speaksOf(c.text)
	return c.stats.most(c.stats.dates) || !c.table.headerless && (h.labels || h.others) && h.what == ""
}

// role is how surely a column can be one of ours in a sum: its level by the header, 0 where the header says
// nothing, -1 where it says something else.
func (f *figures) role(column billing.Column) int {
	c := f.column
	if level := c.level(column); level > 0 || len(c.guesses) > 0 {
		return cmp.Or(level, -1)
	}
	what := theVocabulary().speaksOf(c.withoutMinor()).what
	if what == "" || what == "money" && column.Kind() == billing.Money && column != billing.ColDiscountAmount &&
		column != billing.ColVATAmount {
		return 0
	}
	return -1
}

// bestProof is the product quantity × price = amount with the best score of headers and rows, nil for none.
func (m *moneyPlan) bestProof() *proof {
	var best *proof
	for _, q := range m.figures {
		for _, p := range m.figures {
			for _, a := range m.figures {
				if q == p || p == a || q == a {
					continue
				}
				roles := []int{q.role(billing.ColQuantity), p.role(billing.ColUnitPrice), a.role(billing.ColAmount)}
				if slices.Min(roles) < 0 {
					continue
				}
				score := 2 * (roles[0] + roles[1] + roles[2])
				if q.column.stats.hours > 0 {
					score-- // hours written as a number are better than 7:30
				}
				candidate := m.prove(proof{quantity: q, price: p, amount: a, score: score}, slices.Min(roles) == 0)
				if candidate != nil && (best == nil || candidate.score > best.score) {
					best = candidate
				}
			}
		}
	}
	return best
}

// prove tries a product without a discount, and then with each column that can be one. It gives the best that no row
// contradicts, nil for none. blind says that a header of the three says nothing: then a row with another quantity
// than one must prove the product, for with one any two equal columns make it.
func (m *moneyPlan) prove(p proof, blind bool) *proof {
	const discounted, told = 2, 4
	var best *proof
	take := func(candidate proof, extra int) {
		done, ok := multiplies(candidate)
		if !ok || blind && done.telling == 0 || done.discount != nil && !done.discounts() {
			return
		}
		if done.telling > 0 {
			done.score += told
		}
		if done.score += extra; best == nil || done.score > best.score {
			best = &done
		}
	}
	take(p, 0)
	for _, discount := range m.figures {
		if discount == p.quantity || discount == p.price || discount == p.amount {
			continue
		}
		p.discount = discount
		if p.percent = true; discount.role(billing.ColDiscountPercent) > 0 {
			take(p, discounted)
		}
		if p.percent = false; discount.role(billing.ColDiscountAmount) > 0 {
			take(p, discounted)
		}
	}
	return best
}

// planVAT finds the amounts with VAT and without, or the VAT in money. They prove whether the billed prices are with
// VAT.
func (d *drafter) planVAT() {
	m := &d.money
	var amount *figures
	if m.best != nil {
		amount = m.best.amount
	} else if c, _ := d.headed(billing.ColAmount); c != nil {
		amount = figuresOf(c)
	}
	column := billing.ColAmount
	if price, _ := d.headed(billing.ColUnitPrice); amount == nil && price != nil {
		amount, column, m.perUnit = figuresOf(price), billing.ColUnitPrice, true
	}
	if amount == nil {
		return
	}
	for _, other := range m.figures {
		if other.column == amount.column || m.best != nil && m.best.has(other) || other.role(column) < 0 {
			continue
		}
		if !amount.varied() && amount.column.unit.vat == 0 && other.column.unit.vat == 0 || m.beforeDiscount(other) {
			continue // one amount may be so by chance, and a discount takes off what VAT puts on
		}
		for _, way := range []struct {
			net, gross *figures
			prices     string
		}{{amount, other, PricesExclVAT}, {other, amount, PricesInclVAT}} {
			if t, ok := d.taxes(way.net, way.gross); ok {
				m.net, m.gross, m.taxed, m.prices = way.net, way.gross, t, way.prices
				m.why = fmt.Sprintf(msgWhyWithVAT, oneLine(m.gross.column.name), oneLine(m.net.column.name), t.rows,
					t.rows)
				return
			}
		}
	}
	d.planVATAmount(amount)
}

// beforeDiscount reports whether a column is quantity × price before the discount that the proof takes off.
func (m *moneyPlan) beforeDiscount(other *figures) bool {
	if m.best == nil || m.best.discount == nil {
		return false
	}
	_, is := multiplies(proof{quantity: m.best.quantity, price: m.best.price, amount: other})
	return is
}

// taxes proves that one column is another one with VAT. The ratio alone is not enough, for a list price may be 25 %
// above each amount as well. A header must speak of VAT, or the rates must agree with a column of rates or codes.
func (d *drafter) taxes(net, gross *figures) (*taxing, bool) {
	codes := d.money.codes
	if net.column.unit.vat == withVAT || gross.column.unit.vat == withoutVAT {
		return nil, false
	}
	t, ok := taxes(net, gross, false, codes)
	if !ok || codes != nil && !saysCode(codes) && !d.ratesAgree(codes, t) {
		return nil, false
	}
	told := d.saysVAT(net.column) != 0 || d.saysVAT(gross.column) != 0
	both := explicitVAT(net.column) && explicitVAT(gross.column)
	return t, both || told && (codes != nil || !t.untaxed) || codes != nil && d.severalRates(codes, t)
}

// ratesAgree reports whether the amounts have the rates in the column of rates. Codes that are not rates always agree.
func (d *drafter) ratesAgree(codes *draftColumn, t *taxing) bool {
	list, whole := codes.stats.wordList()
	if !whole || !allRates(codes, list) {
		return true
	}
	return !slices.ContainsFunc(list, func(code string) bool {
		own, _ := rateOf(codes, code)
		fit, seen := t.rates[code]
		return seen && !slices.Contains(fit, own)
	})
}

// severalRates reports whether the amounts have at least two different rates that go with the cells of a column.
// That is hardly by chance. The rates are those in the column itself, or one rate above zero for each of its codes.
func (d *drafter) severalRates(codes *draftColumn, t *taxing) bool {
	const several = 2
	list, whole := codes.stats.wordList()
	rates := whole && allRates(codes, list)
	found := map[money.Rate]bool{}
	for code, fit := range t.rates {
		own, isRate := rateOf(codes, code)
		switch {
		case rates && isRate:
			found[own] = true
		case len(fit) == 1 && fit[0] != 0:
			found[fit[0]] = true
		}
	}
	return len(found) >= several
}

// explicitVAT reports a header that says with or without VAT. Net and gross alone do not: they may mean after and
// before a discount.
func explicitVAT(c *draftColumn) bool {
	return c.unit.vat != 0 && !c.table.headerless && theVocabulary().speaks(c.text, "VAT")
}

// saysVAT is what a header says about VAT in its prices, 0 for nothing. Net and gross count only where no column
// reduces prices.
func (d *drafter) saysVAT(c *draftColumn) vatWord {
	if explicitVAT(c) || !slices.ContainsFunc(d.lines.columns, (*draftColumn).reduces) {
		return c.unit.vat
	}
	return 0
}

// reduces reports a discount or a list price. Beside such a column, net and gross may be prices after and before the
// reduction.
func (c *draftColumn) reduces() bool {
	if c.stats.filled == 0 || c.table.headerless {
		return false
	}
	return theVocabulary().speaksOf(c.text).what == "a discount" || c.hasWord("reduced", strings.HasPrefix)
}

// planVATAmount looks for a column with the VAT of each line in money. It proves whether amounts are with VAT.
func (d *drafter) planVATAmount(amount *figures) {
	m := &d.money
	for _, other := range m.figures {
		named := other.role(billing.ColVATAmount) > 0 ||
			other.column != m.codes && other.varied() && theVocabulary().speaksOf(other.column.text).what == "VAT"
		if other.column == amount.column || !named {
			continue
		}
		if list, whole := other.column.stats.wordList(); other.column.can(billing.ColVAT) && whole &&
			allRates(other.column, list) {
			m.twofold = true // the rates themselves
			continue
		}
		excl, isExcl := taxes(amount, other, true, nil)
		incl, isIncl := taxes(amount.less(other), other, true, nil)
		switch {
		case isExcl == isIncl:
			continue
		case isExcl:
			m.taxed, m.prices, m.why = excl, PricesExclVAT, msgWhyOnTop
		case isIncl:
			m.taxed, m.prices, m.why = incl, PricesInclVAT, "in"
		}
		m.why = fmt.Sprintf(msgWhyVATAmount, oneLine(other.column.name), m.why, oneLine(amount.column.name),
			m.taxed.rows, m.taxed.rows)
		if d.entries[billing.ColVATAmount] == nil {
			d.use(billing.ColVATAmount, other.column).why = m.why
		}
		return
	}
}

// less subtracts another column, row by row.
func (f *figures) less(other *figures) *figures {
	out := &figures{column: f.column, values: slices.Clone(f.values), has: slices.Clone(f.has), unit: f.unit}
	for i := range out.values {
		var err error
		out.values[i], err = f.values[i].Sub(other.values[i])
		out.has[i] = f.has[i] && other.has[i] && err == nil
	}
	return out
}
