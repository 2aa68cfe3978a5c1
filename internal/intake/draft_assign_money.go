package intake

import (
	"fmt"
	"slices"
	"strings"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// assignMoney maps quantity, price, amount and discount: by sums where these prove them, else by headers that can
// mean nothing else. About any other money it asks.
func (d *drafter) assignMoney() {
	if p := d.money.best; p != nil {
		d.useProof(p)
	} else {
		for _, column := range []billing.Column{billing.ColQuantity, billing.ColUnitPrice, billing.ColAmount} {
			d.useHeaded(column)
		}
	}
	for _, column := range []billing.Column{
		billing.ColDiscountPercent, billing.ColDiscountAmount, billing.ColVATAmount,
	} {
		if c, _ := d.headed(column); c != nil && c.level(column) == levelOwn {
			d.use(column, c)
			continue
		}
		if column != billing.ColVATAmount && d.missing(billing.ColDiscountPercent, billing.ColDiscountAmount) {
			d.useHeaded(column)
		}
	}
	d.contradiction()
	d.hourly()
	d.discountKinds()
	d.money.lacking = d.lines.count > 0 && d.filled(billing.ColAmount) == nil && d.filled(billing.ColUnitPrice) == nil
}

func (d *drafter) useProof(p *proof) {
	for _, used := range []struct {
		column billing.Column
		f      *figures
	}{{billing.ColQuantity, p.quantity}, {billing.ColUnitPrice, p.price}, {billing.ColAmount, p.amount}} {
		e := d.use(used.column, used.f.column)
		e.why = p.String()
		d.hours(e)
	}
	if d.lines.headerless {
		e := d.entries[billing.ColUnitPrice]
		e.ask(msgAskProduct, p.price.column.name, p.quantity.column.name, p.amount.column.name)
	}
	if p.discount != nil {
		column := billing.ColDiscountAmount
		if p.percent {
			column = billing.ColDiscountPercent
		}
		d.use(column, p.discount.column).why = p.String()
	}
}

// useHeaded maps a column by its header alone. It asks where the header leaves something open.
func (d *drafter) useHeaded(column billing.Column) {
	c, also := d.headed(column)
	if c == nil {
		return
	}
	level := c.level(column)
	sure := level >= levelKnown || column == billing.ColQuantity && c.stats.hours > 0
	if column == billing.ColAmount && level == levelUnsure {
		ofLine, ofOrder := d.lineTotal(c)
		if ofOrder {
			return
		}
		sure = ofLine
	}
	if c.stats.filled == 0 && !sure {
		return
	}
	e := d.use(column, c)
	if column == billing.ColQuantity {
		d.hours(e)
	}
	switch {
	case len(also) == 1 && d.money.withAndWithout(c, also[0]):
		e.why = d.money.why
	case len(also) > 0 && !sameCells(c, also[0]) && c.stats.filled > 0:
		e.ask(msgAskProof, column, oneLine(c.name), oneLine(also[0].name))
	case !sure && c.can(billing.ColDiscountPercent) && c.can(billing.ColDiscountAmount):
		e.ask(msgAskDiscountKind, oneLine(c.name))
	case !sure:
		e.ask(msgAskMeaning, oneLine(c.name), meaningOf(column))
	}
}

// withAndWithout reports whether one column is proven to be the other one with VAT.
func (m *moneyPlan) withAndWithout(a, b *draftColumn) bool {
	return m.gross != nil && (m.gross.column == a && m.net.column == b || m.gross.column == b && m.net.column == a)
}

// headed is the column whose header most surely means one of ours, nil for none. also are further columns that are
// as sure.
func (d *drafter) headed(column billing.Column) (best *draftColumn, also []*draftColumn) {
	for _, c := range d.lines.columns {
		level := c.level(column)
		switch {
		case !c.free() || level == 0 || c == d.money.codes && column != billing.ColVAT:
		case best == nil || level > best.level(column):
			best, also = c, nil
		case level == best.level(column) && c.stats.filled > 0:
			also = append(also, c)
		}
	}
	return best, also
}

// lineTotal decides what a column such as Total is, by the orders of several rows. It is the amount of the line
// where the rows of an order differ, and the total of the order where each order has one value on all rows.
func (d *drafter) lineTotal(c *draftColumn) (ofLine, ofOrder bool) {
	reference, _ := d.referenceColumn()
	f := figuresOf(c)
	if reference == nil || f == nil {
		return false, false
	}
	several, repeated, _ := f.ofOrders(reference, nil)
	if several == 0 || repeated < several {
		return several > 0, false
	}
	if e := d.entries[billing.ColUnitPrice]; e != nil && d.entries[billing.ColQuantity] == nil {
		if price := figuresOf(e.source); price != nil && f.sumsOrders(reference, price) {
			c.because = sumOfOrders(price)
		}
	}
	return false, true
}

// meaningOf says in a question what a column is.
func meaningOf(column billing.Column) string {
	switch column { //nolint:exhaustive // the columns that sums decide about
	case billing.ColQuantity:
		return msgAskQuantity
	case billing.ColUnitPrice:
		return msgAskPrice
	}
	return describeReading(column)
}

// contradiction asks about an amount that is not quantity × price on every row.
func (d *drafter) contradiction() {
	price, amount := d.entries[billing.ColUnitPrice], d.entries[billing.ColAmount]
	if d.money.best != nil || price == nil || amount == nil || len(amount.questions) > 0 ||
		amount.source.level(billing.ColAmount) == levelOwn {
		return
	}
	p, a := figuresOf(price.source), figuresOf(amount.source)
	if p == nil || a == nil {
		return
	}
	for i := range p.has {
		if p.has[i] && a.has[i] {
			amount.ask(msgAskContradiction, oneLine(amount.source.name))
			return
		}
	}
}

// hourly answers the question about a price: where it is the only money beside hours, it is the price of an hour.
func (d *drafter) hourly() {
	price, quantity := d.entries[billing.ColUnitPrice], d.entries[billing.ColQuantity]
	if price == nil || quantity == nil || quantity.source.stats.hours == 0 || len(price.questions) == 0 ||
		d.entries[billing.ColAmount] != nil {
		return
	}
	for _, f := range d.money.figures {
		if f.column != price.source && f.column.use == "" && f.role(billing.ColAmount) >= 0 {
			return
		}
	}
	price.questions, price.why = nil, msgWhyOnlyAmount
}

// hours maps a column of clock texts such as 7:30 as a number of hours. It rounds where a text has no exact decimal
// number: 0:20 is a third of an hour.
func (d *drafter) hours(e *draftEntry) {
	s := e.source.stats
	if s.hours == 0 || !s.most(s.hours+s.numbers) {
		return
	}
	value, why := "hours({"+e.source.name+"})", msgWhyHours
	if endless := e.source.endlessHours(); endless != "" {
		decimals := d.hourDecimals(e.source)
		value = fmt.Sprintf("round(%s, %d)", value, decimals)
		why += fmt.Sprintf(msgWhyRounded, decimals, endless)
	}
	e.value, e.plain = yamlText("= "+value), false
	e.why = evidence(why, strings.TrimPrefix(e.why, msgWhyHours))
}

// endlessHours is the first cell whose hours have no exact decimal number, "" for none.
func (c *draftColumn) endlessHours() string {
	const nines = 9 // 3600 without its factors 2 and 5: a multiple of nine seconds is a decimal number of hours
	for i := range c.table.rows {
		if seconds, ok := clockSeconds(c.cell(i)); ok && seconds%nines != 0 {
			return oneLine(c.value(i))
		}
	}
	return ""
}

// hourDecimals is the number of decimals to which hours are rounded: two, or as many as the proven amounts need to
// come out right.
func (d *drafter) hourDecimals(c *draftColumn) int {
	const least, most, hour = 2, 6, 3600
	p := d.money.best
	if p == nil || p.quantity.column != c {
		return least
	}
	for decimals, parts := least, int64(100); decimals < most; decimals, parts = decimals+1, parts*10 {
		rounded := *p.quantity
		rounded.values = slices.Clone(rounded.values)
		for i := range rounded.values {
			if seconds, ok := clockSeconds(c.cell(i)); ok {
				rounded.values[i] = money.NewDecimal((seconds*parts+hour/2)/hour, decimals)
			}
		}
		with := *p
		with.quantity, with.rows, with.telling = &rounded, 0, 0
		if _, ok := multiplies(with); ok {
			return decimals
		}
	}
	return most
}

// discountKinds splits a discount that is a percentage on some rows and money on others, where another column says
// which. Each of the two columns gets a formula.
func (d *drafter) discountKinds() {
	e := d.entries[billing.ColDiscountPercent]
	if e == nil || e.source == nil || d.entries[billing.ColDiscountAmount] != nil ||
		d.money.best != nil && d.money.best.discount != nil || !bracesFit(e.source.name) {
		return
	}
	kinds := map[string]billing.Column{
		"PERCENT": billing.ColDiscountPercent, "PERCENTAGE": billing.ColDiscountPercent,
		"PROSENT": billing.ColDiscountPercent, "PROCENT": billing.ColDiscountPercent, "%": billing.ColDiscountPercent,
		"AMOUNT": billing.ColDiscountAmount, "FIXED": billing.ColDiscountAmount, "BELØP": billing.ColDiscountAmount,
		"BELOPP": billing.ColDiscountAmount,
	}
	for _, c := range d.lines.columns {
		list, whole := c.stats.wordList()
		if c.use != "" || c.stats.filled == 0 || !whole || !bracesFit(c.name) ||
			theVocabulary().speaksOf(c.text).what != "a discount" ||
			slices.ContainsFunc(list, func(word string) bool { return kinds[strings.ToUpper(word)] == 0 }) {
			continue
		}
		c.use = "discount kind"
		for _, column := range []billing.Column{billing.ColDiscountPercent, billing.ColDiscountAmount} {
			of, others := parted(list, func(word string) bool { return kinds[strings.ToUpper(word)] == column })
			if delete(d.entries, column); len(of) == 0 {
				continue
			}
			value := choose(c.name, []choice{{of, "{" + e.source.name + "}"}, {others, "''"}},
				"num({"+e.source.name+"}, 0) == 0 ? '' : ")
			d.entries[column] = &draftEntry{
				value: yamlQuoted("= " + value), source: e.source,
				why: fmt.Sprintf(msgWhySaysWhich, oneLine(c.name), wordCounts(c, list)),
			}
		}
		return
	}
}

// parted are the words that are of one kind, and the others.
func parted(list []string, is func(string) bool) (of, others []string) {
	for _, word := range list {
		if is(word) {
			of = append(of, word)
		} else {
			others = append(others, word)
		}
	}
	return of, others
}

// choice is the value of a formula for some words of a column.
type choice struct {
	words []string
	value string
}

// choose is a formula with a value for each known word of a column. A row with another word, or with none, is
// stopped: it must not be billed in the wrong way. pass is code before the stop that may let such a row pass.
func choose(name string, choices []choice, pass string) string {
	var b strings.Builder
	for _, c := range choices {
		if len(c.words) > 0 {
			fmt.Fprintf(&b, "%s ? %s : ", oneOfWords(name, c.words), c.value)
		}
	}
	return b.String() + pass + fmt.Sprintf(msgDraftStop, strings.ReplaceAll(name, "'", ""), name)
}
