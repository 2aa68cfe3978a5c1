package billing

import (
	"cmp"
	"slices"
	"strings"

	"kraviabatch/internal/money"
)

// rateFrom is a set of VAT rates that holds from a day on.
type rateFrom struct {
	from  Date
	rates []money.Rate
}

// vatRates are the standard and reduced rates in force, newest first; food in Sweden is 6 % from April 2026
// while 12 % stays for restaurant service, so both are valid there.
var vatRates = map[string][]rateFrom{ //nolint:gochecknoglobals // fixed table
	"NO": {{"", []money.Rate{2500, 1500, 1200, 1111, 0}}},
	"SE": {{"", []money.Rate{2500, 1200, 600, 0}}},
	"FI": {
		{"2026-01-01", []money.Rate{2550, 1350, 1000, 0}},
		{"2024-09-01", []money.Rate{2550, 1400, 1000, 0}},
		{"", []money.Rate{2400, 1400, 1000, 0}},
	},
	"DK": {{"", []money.Rate{2500, 0}}},
}

// ratesOf are the rates of a country on a day; none for a country whose rates are not known.
func ratesOf(code string, day Date) []money.Rate {
	for _, set := range vatRates[code] {
		if day >= set.from {
			return set.rates
		}
	}
	return nil
}

// VATCountry is the code of the country whose VAT an invoice has: the seller's, or where seller is "" that of
// the currency. It is "" where that is none or, as for the euro of a customer outside Finland, one of
// several.
func VATCountry(seller, currency, customer string) string {
	switch {
	case seller != "":
		return seller
	case currency == "NOK":
		return "NO"
	case currency == "SEK":
		return "SE"
	case currency == "DKK":
		return "DK"
	case currency == "EUR" && customer == "FI":
		return "FI"
	}
	return ""
}

// VATRates are the rates that an invoice in a currency can have on a day, highest first, and the code of the
// country that they are of, see [VATCountry]. Where currency is "", it is that of the customer's country. The
// euro has many countries: if the customer is not in Finland, of is "the Nordic countries" and the rates are
// those of all. Of other countries and currencies no rate is known. The rates must not be changed.
func VATRates(seller, currency, customer string, day Date) (rates []money.Rate, of string) {
	if currency == "" {
		currency = countries[customer].currency
	}
	if of = VATCountry(seller, currency, customer); of != "" || currency != "EUR" {
		return ratesOf(of, day), of
	}
	for _, code := range []string{"NO", "SE", "FI", "DK"} {
		rates = append(rates, ratesOf(code, day)...)
	}
	slices.SortFunc(rates, func(a, b money.Rate) int { return cmp.Compare(b, a) })
	return slices.Compact(rates), "the Nordic countries"
}

// CurrencyOfVAT is the currency in which a country's VAT is stated, "" for a country that is not known.
func CurrencyOfVAT(country string) string { return countries[country].currency }

// rateNames writes rates for a hint: "25, 15, 12, 11.11 or 0".
func rateNames(rates []money.Rate) string {
	names := make([]string, len(rates))
	for i, r := range rates {
		names[i] = r.String()
	}
	last := len(names) - 1
	if last < 1 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// rate reads the line's VAT rate. Where there is none, vat_amount decides it.
func (c *builder) rate(l *lineReader) (money.Rate, bool) {
	text := l.value(ColVAT)
	c.rows[l.row].VAT = text
	if c.unread(&c.records[l.row].Record, ColVAT) { // whose own problem tells why
		return 0, false
	}
	if text == "" {
		return c.rateOfAmount(l)
	}
	rate, err := money.ParseRate(text, money.Dot)
	if looksLikeFraction(text) {
		c.report(l.row, "vat.fraction", text)
		return 0, false
	}
	if err != nil {
		c.report(l.row, "vat.unreadable", text)
		return 0, false
	}
	c.rows[l.row].VAT = rate.String()
	if rates, of := c.vatRates(l); len(rates) > 0 && !slices.Contains(rates, rate) {
		c.report(l.row, "vat.rate", text, "country", of, "rate", rate.String(), "day", string(l.vatDay()), "rates",
			rateNames(rates))
	}
	return rate, true
}

// vatRates are those that the line can have. They are kept for the next line, which mostly has the same day.
func (c *builder) vatRates(l *lineReader) (rates []money.Rate, of string) {
	if day := l.vatDay(); c.rates == nil || c.ratesDay != day {
		c.rates, c.ratesCountry = VATRates(c.rules.Seller, c.order.Currency.Code(), c.order.Address.Country, day)
		c.ratesDay = day
	}
	return c.rates, c.ratesCountry
}

// vatDay is the day whose rates count.
func (l *lineReader) vatDay() Date {
	if l.delivery != "" {
		return l.delivery
	}
	return l.rules.Today
}

// rateOfAmount is the one rate of the country that makes the line's own VAT amount.
func (c *builder) rateOfAmount(l *lineReader) (money.Rate, bool) {
	stated, ok := c.statedVAT(l)
	if !ok || !l.hasAmount {
		because := ""
		if l.value(ColVATAmount) != "" {
			because = ", and vat_amount cannot tell it"
		}
		c.report(l.row, "vat.missing", "", "because", because)
		return 0, false
	}
	rates, _ := c.vatRates(l)
	var fits []money.Rate
	for _, rate := range rates {
		if _, vat, err := taxed(l.stated, rate, l.exclVAT); err == nil && near(vat, stated) {
			fits = append(fits, rate)
		}
	}
	if len(fits) != 1 {
		because := ", and vat_amount fits none"
		if len(fits) > 1 {
			because = ", and vat_amount fits " + rateNames(fits)
		}
		c.report(l.row, "vat.missing", "", "because", because)
		return 0, false
	}
	c.rows[l.row].VAT = fits[0].String()
	return fits[0], true
}

// near reports whether two amounts differ by one minor unit at most.
func near(a, b money.Amount) bool {
	diff, err := a.Sub(b)
	return err == nil && diff.Minor() >= -1 && diff.Minor() <= 1
}

// taxed is the gross and VAT of an amount with or without VAT.
func taxed(stated money.Amount, rate money.Rate, exclVAT bool) (gross, vat money.Amount, err error) {
	if !exclVAT {
		return stated, rate.InGross(stated), nil
	}
	if gross, err = rate.AddTo(stated); err != nil {
		return gross, vat, err
	}
	vat, err = gross.Sub(stated)
	return gross, vat, err
}

// looksLikeFraction reports whether a percentage without its sign is above 0 and below 1.
func looksLikeFraction(text string) bool {
	d, err := money.ParseDecimal(text, money.Dot)
	return err == nil && d.Sign() > 0 && d.Cmp(money.NewDecimal(1, 0)) < 0
}

// statedVAT is the file's own VAT amount.
func (c *builder) statedVAT(l *lineReader) (money.Amount, bool) {
	text := l.value(ColVATAmount)
	if text == "" || c.order.Currency.Code() == "" {
		return money.Amount{}, false
	}
	stated, _, err := c.parseAmount(text)
	if err != nil {
		c.report(l.row, "vat_amount.unreadable", text)
	}
	return stated, err == nil
}

// checkVATAmount compares the file's own VAT amount with the computed one: that of the line alone, and what
// it bears where VAT is rounded by rate.
func (c *builder) checkVATAmount(l *lineReader, computed ...money.Amount) {
	stated, ok := c.statedVAT(l)
	if ok && !slices.ContainsFunc(computed, func(vat money.Amount) bool { return near(stated, vat) }) {
		c.report(l.row, "vat_amount.mismatch", stated.String(), "amount", stated.String(), "computed",
			computed[0].String())
	}
}
