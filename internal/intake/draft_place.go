package intake

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// customerHome is the one country whose organization numbers and postal codes the customers have. It is "" where
// the two do not agree, or where there are no organization numbers.
func (d *drafter) customerHome() (country, why string) {
	organization, postal := d.entries[billing.ColOrganizationNumber], d.entries[billing.ColPostalCode]
	if organization == nil || organization.source.stats.home() == "" {
		return "", ""
	}
	country = organization.source.stats.home()
	why = fmt.Sprintf(msgWhyOrganizations, country)
	if postal != nil && postal.source.stats.filled > 0 {
		if s := postal.source.stats; !s.most(s.postal[billing.PostalDigits(country)]) {
			return "", ""
		}
		why += fmt.Sprintf(msgWhyPostalCodes, billing.PostalDigits(country))
	}
	return country, why
}

// writePlaces writes in which country the customers are: by a column, a constant or a default, or as a question.
func (d *drafter) writePlaces(w *draftWriter) {
	home, why := d.customerHome()
	e := d.entries[billing.ColCountry]
	if e == nil {
		if home != "" {
			w.line("constants", "  country: "+yamlText(home), why)
		} else {
			w.ask("constants", `  country: "?"`, msgAskCountry)
		}
		return
	}
	s := e.source.stats
	if e.source.level(billing.ColCountry) == levelOwn {
		return
	}
	if !s.all(s.countries) && s.filled > 0 {
		list, _ := s.wordList()
		for _, word := range list {
			pair := valuePair{word: word}
			if code, known := billing.KnownCountry(word); known {
				pair.value = yamlText(code)
			}
			e.values = append(e.values, pair)
		}
		e.asked = append(e.asked, msgAskCountries)
	}
	blank := d.customersWithout(e.source)
	if blank == 0 {
		return
	}
	if home != "" {
		w.line("defaults", "  country: "+yamlText(home), fmt.Sprintf(msgWhyNoCountry, countOf(blank, "row"), why))
	} else {
		w.ask("defaults", `  country: "?"`, msgAskCountryWhere, oneLine(e.source.name))
	}
}

// customersWithout counts the rows that name a customer and have an empty cell in a column of the same table.
func (d *drafter) customersWithout(c *draftColumn) int {
	n := 0
	for i := range c.table.rows {
		named := slices.ContainsFunc([]billing.Column{
			billing.ColBusinessName, billing.ColContactName, billing.ColLastName, billing.ColEmail,
		}, func(column billing.Column) bool {
			source := d.mapped(column)
			return source != nil && source.table == c.table && source.value(i) != ""
		})
		count(&n, named && c.value(i) == "")
	}
	return n
}

// priceColumns are the columns whose amounts are billed: the mapped ones, or all that can be such columns as long
// as none is mapped.
func (d *drafter) priceColumns() []*draftColumn {
	var all, mapped []*draftColumn
	for _, c := range d.columns() {
		if c.can(billing.ColUnitPrice, billing.ColAmount) {
			all = append(all, c)
		}
		if c.use == billing.ColUnitPrice.String() || c.use == billing.ColAmount.String() {
			mapped = append(mapped, c)
		}
	}
	if len(mapped) > 0 {
		return mapped
	}
	return all
}

// currencyWord is the one currency that headers of prices, all of their cells or rows above the header name, and
// where it stands. It is "" where there is none or more than one.
func (d *drafter) currencyWord() (code, where string) {
	found := map[string]string{}
	note := func(word money.CurrencyWord, where string) {
		if c, ok := word.Currency(); ok {
			found[c.Code()] = where
		}
	}
	if d.severalCurrencies() != "" {
		return "", ""
	}
	for _, c := range d.priceColumns() {
		if c.unit.currency != "" && !c.table.headerless {
			note(c.unit.currency, fmt.Sprintf(msgWhyInHeader, oneLine(c.text)))
		}
		for word := range c.stats.currency {
			if c.stats.all(c.stats.currencies) {
				note(word, fmt.Sprintf(msgWhyInCells, oneLine(c.name)))
			}
		}
	}
	for _, above := range d.lines.above {
		for _, word := range currenciesOf(above.text) {
			note(word, fmt.Sprintf(msgWhyInRow, above.number))
		}
	}
	for code, where := range found {
		if len(found) == 1 {
			return code, where
		}
	}
	return "", ""
}

// severalCurrencies lists the words for currencies in the cells of prices, "" where all can mean the same currency.
// kr and NOK, for example, can.
func (d *drafter) severalCurrencies() string {
	rows := map[money.CurrencyWord]int{}
	for _, c := range d.priceColumns() {
		for word, n := range c.stats.currency {
			rows[word] += n
		}
	}
	list := slices.Sorted(maps.Keys(rows))
	var parts []string
	several := false
	for i, word := range list {
		parts = append(parts, fmt.Sprintf("%s in %s", oneLine(string(word)), countOf(rows[word], "cell")))
		several = several || slices.ContainsFunc(list[:i], func(other money.CurrencyWord) bool {
			return !sameCurrency(word, other)
		})
	}
	if !several {
		return ""
	}
	return strings.Join(parts, ", ")
}

// sameCurrency reports whether two words can mean the same currency.
func sameCurrency(a, b money.CurrencyWord) bool {
	if c, ok := a.Currency(); ok {
		return b.Fits(c)
	}
	c, ok := b.Currency()
	return a == b || ok && a.Fits(c)
}

// writePrices writes whether prices are with VAT, their currency and their unit, and the country whose VAT rates
// count.
func (d *drafter) writePrices(w *draftWriter) {
	seller, why := d.sellerOf()
	d.writeCurrency(w, seller)
	d.pricesByRow()
	prices, because := d.pricesOf()
	byRow := d.entries[billing.ColPrices]
	switch {
	case byRow != nil && byRow.source.stats.filled > 0 && byRow.source.stats.blank == 0:
	case prices == "":
		w.ask("prices", `prices: "?"`, msgAskPrices)
	default:
		w.line("prices", "prices: "+prices, because)
	}
	var minor, whole []*draftEntry
	for _, column := range []billing.Column{
		billing.ColUnitPrice, billing.ColAmount, billing.ColDiscountAmount, billing.ColVATAmount,
	} {
		switch e := d.entries[column]; {
		case e == nil || e.source == nil:
		case e.source.minor():
			minor = append(minor, e)
		default:
			whole = append(whole, e)
		}
	}
	switch {
	case len(minor) == 0:
		d.askUnit(w, whole)
	case len(whole) == 0:
		w.line("amounts", "amounts: minor", fmt.Sprintf(msgWhyHeaderSays, oneLine(minor[0].source.text)))
	default:
		d.askMinor(minor[0], whole)
		for _, e := range minor {
			e.value, e.plain = yamlText("= num({"+d.path(e.source)+"}) / 100"), false
			e.why = evidence(msgWhyMinor, e.why)
		}
	}
	if seller == "" || d.ownNames() {
		return
	}
	line := "seller: {country: " + yamlQuoted(seller) + "}"
	for _, other := range d.sellerSigns() {
		if other.country != seller {
			w.ask("seller", line, msgAskSeller, seller, why, other.country, other.why)
			return
		}
	}
	w.line("seller", line, why)
}

// acronym finds where the words of VATIncluded part.
var acronym = regexp.MustCompile(`(\p{Lu}{2,})(\p{Lu}\p{Ll})`)

// pricesByRow reads a column that says on each row whether the prices are with VAT.
func (d *drafter) pricesByRow() {
	if d.entries[billing.ColPrices] != nil {
		return
	}
	for _, c := range d.lines.columns {
		text := acronym.ReplaceAllString(c.text, "$1 $2")
		said := vatAbove(text, words(text))
		list, whole := c.stats.wordList()
		if said == 0 || c.use != "" || c.stats.filled == 0 || c.stats.blank > 0 || !whole || !allYesOrNo(list) ||
			!bracesFit(c.name) {
			continue
		}
		yes, no := parted(list, func(word string) bool { yes, _ := isYes(word); return yes })
		if said == withoutVAT {
			yes, no = no, yes
		}
		c.use = billing.ColPrices.String()
		d.entries[billing.ColPrices] = &draftEntry{
			value:  yamlQuoted("= " + choose(c.name, []choice{{yes, "'incl'"}, {no, "'excl'"}}, "")),
			source: c, why: fmt.Sprintf(msgWhySaid, said, wordCounts(c, list)),
		}
		return
	}
}

// ownNames reports whether all money is in columns with our own names. Their meaning is fixed: prices with VAT.
func (d *drafter) ownNames() bool {
	some := false
	for _, column := range []billing.Column{billing.ColUnitPrice, billing.ColAmount, billing.ColDiscountAmount} {
		c := d.filled(column)
		if c == nil {
			continue
		}
		if c.level(column) != levelOwn {
			return false
		}
		some = true
	}
	return some
}

func (d *drafter) writeCurrency(w *draftWriter, seller string) {
	if e := d.entries[billing.ColCurrency]; e != nil {
		if list, whole := e.source.stats.wordList(); e.source.stats.coded > 0 && whole {
			for _, word := range list {
				e.values = append(e.values, valuePair{word, cmp.Or(currencyCodeIn(word), yamlText(word))})
			}
		}
		return
	}
	word, where := d.currencyWord()
	switch {
	case d.severalCurrencies() != "":
		w.ask("constants", `  currency: "?"`, msgAskCurrencies, d.severalCurrencies())
	case word != "":
		w.line("constants", "  currency: "+word, where)
	case d.ownNames():
	case billing.CurrencyOf(seller) != "":
		w.ask("constants", "  currency: "+billing.CurrencyOf(seller), msgAskSellerCurrency, billing.CurrencyOf(seller))
	default:
		w.ask("constants", `  currency: "?"`, msgAskCurrency)
	}
}

// pricesOf is whether prices are with VAT, and what proves it: amounts with VAT and without, the headers of the
// prices, or a row above the header. It is "" where nothing proves it, or where these contradict each other.
func (d *drafter) pricesOf() (prices, why string) {
	said := map[string]string{}
	if d.money.prices != "" {
		said[d.money.prices] = d.money.why
	}
	vat := map[vatWord]string{withVAT: PricesInclVAT, withoutVAT: PricesExclVAT}
	for _, column := range []billing.Column{billing.ColUnitPrice, billing.ColAmount, billing.ColDiscountAmount} {
		if e := d.entries[column]; e != nil && e.source != nil && d.saysVAT(e.source) != 0 && !d.doubtsNet(e.source) {
			if word := vat[e.source.unit.vat]; said[word] == "" {
				said[word] = fmt.Sprintf(msgWhyHeaderSays, oneLine(e.source.text))
			}
		}
	}
	for _, above := range d.lines.above {
		if word := vatAbove(above.text, words(above.text)); word != 0 && said[vat[word]] == "" {
			said[vat[word]] = fmt.Sprintf(msgWhyRowSays, above.number)
		}
	}
	switch {
	case len(said) == 1:
		for prices, why := range said {
			return prices, why
		}
	case len(said) == 0 && d.ownNames():
		return PricesInclVAT, msgWhyOwnNames
	}
	return "", ""
}

// doubtsNet reports a header such as Net beside one such as Gross whose amounts do not differ by VAT. The two may
// be something else, such as prices after and before a discount.
func (d *drafter) doubtsNet(c *draftColumn) bool {
	return !explicitVAT(c) && d.money.taxed == nil &&
		slices.ContainsFunc(d.lines.columns, func(other *draftColumn) bool {
			return other != c && other.stats.filled > 0 && other.unit.vat != 0 && other.unit.vat != c.unit.vat &&
				!explicitVAT(other) && figuresOf(other) != nil
		})
}

// findTerms maps a column whose header speaks of the due date and whose cells are all terms of payment in words,
// such as "30 dager netto".
func (d *drafter) findTerms() {
	if !d.missing(billing.ColDaysUntilDue, billing.ColDueDate) {
		return
	}
	for _, c := range d.columns() {
		list, whole := c.stats.wordList()
		inWords := len(list) > 0 && !slices.ContainsFunc(list, func(word string) bool {
			_, ok := daysInTerms(word)
			return !ok || strings.Trim(word, "0123456789") == ""
		})
		due := !c.table.headerless && theVocabulary().speaksOf(c.text).what == subjectDueDate
		if c.free() && whole && inWords && due {
			d.use(billing.ColDaysUntilDue, c)
			return
		}
	}
}

// daysOf writes how many days each of the terms of payment means, and asks about those that are unclear.
func (d *drafter) daysOf() {
	e := d.entries[billing.ColDaysUntilDue]
	if e == nil || e.source.stats.filled == 0 || e.source.stats.all(e.source.stats.wholes) ||
		e.source.level(billing.ColDaysUntilDue) == levelOwn {
		return
	}
	list, whole := e.source.stats.wordList()
	open := 0
	for _, word := range list {
		days, ok := daysInTerms(word)
		count(&open, !ok)
		if ok {
			days = cmp.Or(strings.TrimLeft(days, "0"), "0")
		}
		e.values = append(e.values, valuePair{word, days})
	}
	e.valuesWhy = msgWhyDays
	if open > 0 || !whole {
		e.asked = append(e.asked, msgAskDays)
	}
}
