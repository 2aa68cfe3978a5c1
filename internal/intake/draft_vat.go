package intake

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// norwegianRates are the rates of the Norwegian standard tax codes (SAF-T) for sales, and of words that programs export
// in place of numbers. They are only proposed, with a question.
func norwegianRates() map[string]string {
	return map[string]string{
		"3": "25", "31": "15", "32": "11.11", "33": "12", "5": "0", "51": "0", "52": "0", "6": "0", "7": "0",
		"HIGH": "25", "MEDIUM": "15", "LOW": "12", "RAW_FISH": "11.11", "EXEMPT": "0", "EXEMPT_IMPORT_EXPORT": "0",
		"EXEMPT_REVERSE": "0", "OUTSIDE": "0", "NONE": "0", "HØY": "25", "HØY SATS": "25", "MIDDELS": "15",
		"MIDDELS SATS": "15", "LAV": "12", "LAV SATS": "12", "FRITATT": "0", "UNNTATT": "0", "INGEN": "0",
	}
}

// vatColumn is the unused column of the lines that most surely has VAT rates or tax codes, nil for none.
func (d *drafter) vatColumn() *draftColumn {
	return likeliest(d.lines.columns, func(c *draftColumn) int {
		level := c.level(billing.ColVAT)
		if !c.free() || c.stats.filled == 0 && level != levelOwn {
			return 0
		}
		return level
	})
}

// assignVAT maps the VAT rate. Codes get values with rates: those that the amounts prove, or proposed ones with a
// question.
func (d *drafter) assignVAT(w *draftWriter) {
	c := d.money.codes
	if c == nil || c.use != "" {
		c = d.vatOfRegister()
	}
	if c == nil {
		d.vatOfSums(w)
		return
	}
	list, whole := c.stats.wordList()
	rates, inPercent := ratesIn(c, list, 1)
	if d.money.isVAT(c) && !inPercent {
		d.use(billing.ColVATAmount, c).why = fmt.Sprintf(msgWhyDifference, oneLine(d.money.gross.column.name),
			oneLine(d.money.net.column.name))
		return
	}
	e := d.use(billing.ColVAT, c)
	fractions, _ := ratesIn(c, list, 100)
	switch {
	case c.stats.filled == 0, c.level(billing.ColVAT) == levelOwn:
	case d.provenRates(e, list):
	case !saysCode(c) && inPercent && d.foreignRates(list, rates):
		d.askRates(e, list, whole)
	case !saysCode(c) && inPercent:
		e.why = evidence(msgWhyRates, d.money.why)
		if d.money.twofold && c.level(billing.ColVAT) <= levelUnsure && d.fitsMoney(c) {
			e.ask(msgAskRateOrVAT, oneLine(c.name))
		}
	case !saysCode(c) && slices.ContainsFunc(fractions, func(r money.Rate) bool { return r != 0 }):
		e.value, e.plain, e.why = yamlText("= num({"+d.path(c)+"}) * 100"), false, msgWhyFractions
	default:
		d.askRates(e, list, whole)
	}
}

// isVAT reports whether a column is on every row the amount with VAT minus the one without.
func (m *moneyPlan) isVAT(c *draftColumn) bool {
	f := figuresOf(c)
	return f != nil && m.gross != nil && f.same(m.gross.less(m.net))
}

// fitsMoney reports whether the cells, which are rates, can be the VAT in money as well.
func (d *drafter) fitsMoney(c *draftColumn) bool {
	column, vat := d.mapped(billing.ColAmount), figuresOf(c)
	if column == nil || column.table != c.table || vat == nil || c.stats.percents > 0 {
		return false
	}
	amount := figuresOf(column)
	if amount == nil {
		return false
	}
	_, excl := taxes(amount, vat, true, nil)
	_, incl := taxes(amount.less(vat), vat, true, nil)
	return excl || incl
}

// vatOfRegister is a column of a register with VAT rates or tax codes, nil for none.
func (d *drafter) vatOfRegister() *draftColumn {
	for _, c := range d.columns() {
		if c.table != d.lines && c.free() && c.level(billing.ColVAT) > 0 && c.stats.filled > 0 {
			return c
		}
	}
	return nil
}

// saysCode reports a header with a word for code, class or type.
func saysCode(c *draftColumn) bool { return c.hasWord("code", strings.HasSuffix) }

// rateOf reads a cell as a VAT rate.
func rateOf(c *draftColumn, text string) (money.Rate, bool) {
	mark, _ := c.stats.mark()
	r, err := money.ParseRate(text, cmp.Or(mark, money.Dot))
	return r, err == nil
}

// ratesIn reads cells as VAT rates, and multiplies them by the factor. ok is false where one is no rate of any country.
func ratesIn(c *draftColumn, list []string, factor money.Rate) (rates []money.Rate, ok bool) {
	known := draftRates(c.table.today)
	for _, text := range list {
		r, isRate := rateOf(c, text)
		if !isRate || !slices.Contains(known, r*factor) {
			return nil, false
		}
		rates = append(rates, r*factor)
	}
	return rates, true
}

// allRates reports whether every cell is a VAT rate of some country.
func allRates(c *draftColumn, list []string) bool {
	_, ok := ratesIn(c, list, 1)
	return ok
}

// provenRates gives each code the rate that the amounts with and without VAT prove. It reports false where they do not
// prove all of them.
func (d *drafter) provenRates(e *draftEntry, list []string) bool {
	t := d.money.taxed
	if t == nil || e.source != d.money.codes || d.money.gross == nil {
		return false
	}
	same := true
	var pairs []valuePair
	for _, code := range list {
		rates := t.rates[code]
		own, isRate := rateOf(e.source, code)
		switch {
		case isRate && slices.Contains(rates, own):
			pairs = append(pairs, valuePair{code, own.String()})
		case len(rates) == 1:
			pairs = append(pairs, valuePair{code, rates[0].String()})
			same = false
		default:
			return false
		}
	}
	e.why = d.money.why
	if !same {
		e.values, e.valuesWhy, e.why = pairs, d.money.why, ""
	}
	return true
}

// askRates proposes a rate for each code that it knows, and asks.
func (d *drafter) askRates(e *draftEntry, list []string, whole bool) {
	seller, _ := d.sellerOf()
	proposed, rates := 0, map[string]string{}
	for _, code := range list {
		r, ok := rateOf(e.source, code)
		percent := strings.Contains(code, "%")
		if ok && (percent || !saysCode(e.source) && seller != "" && r != 0 &&
			ratesOf(seller, []money.Rate{r}, d.lines.today)) {
			rates[code] = r.String()
		}
	}
	for _, code := range list {
		value := rates[code]
		if seller == "NO" && len(rates) == 0 {
			value = norwegianRates()[strings.ToUpper(code)]
		}
		count(&proposed, value != "")
		e.values = append(e.values, valuePair{code, value})
	}
	usual := msgWhyNorwegian
	if len(rates) > 0 {
		usual = msgWhyRatesInCells
	}
	hint := hintAskWriteRates
	switch {
	case proposed == len(list) && proposed > 0:
		hint = fmt.Sprintf(hintAskKeepRates, usual)
	case proposed > 0:
		hint = fmt.Sprintf(hintAskMoreRates, usual)
	}
	ask := fmt.Sprintf(msgAskRates, oneLine(d.path(e.source))) + " " + hint
	if !whole {
		ask += " " + msgAskMoreCodes
	}
	e.asked = append(e.asked, ask)
}

// vatOfSums maps the VAT where no column has the rate: as the difference of the amounts with and without VAT, as the
// VAT in money with a question, or else as a question for the rate.
func (d *drafter) vatOfSums(w *draftWriter) {
	m := &d.money
	switch {
	case d.entries[billing.ColVATAmount] != nil:
	case m.gross != nil && !m.perUnit && bracesFit(m.gross.column.name) && bracesFit(m.net.column.name):
		m.gross.column.because = fmt.Sprintf(msgWhyTellsVAT, oneLine(m.net.column.name))
		d.entries[billing.ColVATAmount] = &draftEntry{
			value: yamlText(fmt.Sprintf("= num({%s}) - num({%s})", m.gross.column.name, m.net.column.name)), why: m.why,
		}
		for _, f := range []*figures{m.gross, m.net} {
			if f.column.use == "" {
				f.column.use = billing.ColVATAmount.String()
			}
		}
	default:
		if c, _ := d.headed(billing.ColVATAmount); c != nil && c.stats.filled > 0 {
			d.use(billing.ColVATAmount, c).ask(msgAskVATAmount, oneLine(c.name))
			return
		}
		rates := "25, 15, 12, 11.11 or 0"
		if seller, _ := d.sellerOf(); seller != "" {
			rates = rateList(seller, d.lines.today)
		}
		w.ask("constants", `  vat: "?"`, msgAskRate, rates)
	}
}

// rateList lists the rates of a country for a question.
func rateList(country string, day billing.Date) string {
	rates, _ := billing.VATRates(country, "", "", day)
	names := make([]string, len(rates))
	for i, r := range rates {
		names[i] = r.String()
	}
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}

// usedRates are the rates of the lines, as far as they are decided.
func (d *drafter) usedRates() (found []money.Rate) {
	e := d.entries[billing.ColVAT]
	switch {
	case e == nil || e.source == nil || len(e.asked) > 0:
	case len(e.values) > 0:
		for _, p := range e.values {
			if r, err := money.ParseRate(p.value, money.Dot); err == nil {
				found = append(found, r)
			}
		}
	case e.plain:
		list, _ := e.source.stats.wordList()
		for _, text := range list {
			if r, ok := rateOf(e.source, text); ok {
				found = append(found, r)
			}
		}
	}
	return found
}

// sellerOf is the country whose VAT rates count, and the evidence: the currency, words for VAT, the country of the
// customers, or rates that only one country has. It is "" without evidence.
func (d *drafter) sellerOf() (country, why string) {
	if signs := d.sellerSigns(); len(signs) > 0 {
		return signs[0].country, signs[0].why
	}
	used := d.usedRates()
	if home, why := d.customerHome(); home != "" && ratesOf(home, used, d.lines.today) {
		return home, why
	}
	var fits []string
	for _, code := range billing.Homes() {
		if len(used) > 0 && ratesOf(code, used, d.lines.today) {
			fits = append(fits, code)
		}
	}
	if len(fits) == 1 {
		return fits[0], msgWhyOnlyCountry
	}
	return "", ""
}

// sellerSign is a possible country of the seller, and the evidence.
type sellerSign struct{ country, why string }

// sellerSigns are the countries that the currency and the words for VAT suggest. The customers may be elsewhere, so
// their country is weaker evidence.
func (d *drafter) sellerSigns() []sellerSign {
	var signs []sellerSign
	word, where := d.currencyWord()
	if c := d.entries[billing.ColCurrency]; word == "" && c != nil && c.source != nil {
		if list, _ := c.source.stats.wordList(); len(list) == 1 {
			word, where = cmp.Or(currencyCodeIn(list[0]), strings.ToUpper(list[0])),
				fmt.Sprintf(msgWhyInCells, oneLine(d.path(c.source)))
		}
	}
	for _, code := range billing.Homes() {
		if billing.CurrencyOf(code) == word && word != "EUR" {
			signs = append(signs, sellerSign{code, fmt.Sprintf(msgWhyItsCurrency, where)})
		}
	}
	for _, c := range d.lines.columns {
		for _, word := range words(c.text) {
			switch {
			case c.table.headerless:
			case strings.Contains(word, "mva"):
				signs = append(signs, sellerSign{"NO", fmt.Sprintf(msgWhyHeader, oneLine(c.text))})
			case word == "alv":
				signs = append(signs, sellerSign{"FI", fmt.Sprintf(msgWhyHeader, oneLine(c.text))})
			}
		}
	}
	return signs
}

// ratesOf reports whether a country has all of the rates.
func ratesOf(country string, rates []money.Rate, day billing.Date) bool {
	of, _ := billing.VATRates(country, "", "", day)
	return !slices.ContainsFunc(rates, func(r money.Rate) bool { return !slices.Contains(of, r) })
}

// foreignRates reports rates that the seller's country does not have: they may be tax codes. Where no country is
// suggested, it reports cells that are rates and Norwegian tax codes alike, such as 6.
func (d *drafter) foreignRates(list []string, rates []money.Rate) bool {
	code := slices.ContainsFunc(list, func(text string) bool { return norwegianRates()[text] != "" })
	signs := d.sellerSigns()
	if home, why := d.customerHome(); len(signs) == 0 && home != "" {
		signs = append(signs, sellerSign{home, why})
	}
	return len(signs) == 0 && code ||
		slices.ContainsFunc(signs, func(s sellerSign) bool { return !ratesOf(s.country, rates, d.lines.today) })
}
