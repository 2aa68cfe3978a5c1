package billing

// This file has the VAT rates of each country (vatRates), decides which country's rates an invoice has (VATCountry),
// and reads and computes the VAT of a line. How VAT is rounded over an order is in rounding.go.

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"kraviabatch/internal/money"
)

// rateFrom is the set of VAT rates in force from a day on; "" is the beginning.
type rateFrom struct {
	from  Date
	rates []money.Rate
}

// vatRates has each country's standard and reduced rates in basis points, the newest set first: 2550 is 25.5 %.
// A change of law is a new first line with its day; old lines stay, because a delivery before that day keeps its rate.
//
// Norway's 11.11 % is for raw fish. In Sweden food is 6 % from April 2026 while 12 % stays for restaurant service, so
// both are valid. Finland's standard rate rose from 24 to 25.5 % in September 2024, and its reduced rate of 14 % fell
// to 13.5 % in 2026.
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

// ratesOf lists the rates of a country on a day; nil for a country whose rates are not known.
func ratesOf(code string, day Date) []money.Rate {
	for _, set := range vatRates[code] {
		if day >= set.from {
			return set.rates
		}
	}
	return nil
}

// VATCountry is the ISO code of the country whose VAT an invoice has: the seller's, or that of the currency if seller
// is "". It is "" if the currency does not name one country, such as the euro for a customer outside Finland.
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

// VATRates lists the rates that an invoice can have on a day, highest first, and of is the code of their country, see
// [VATCountry]. If currency is "", the currency of the customer's country counts. The euro has many countries: for a
// customer outside Finland, of is "the Nordic countries" and the rates are those of all four. For other countries and
// currencies no rate is known. The caller must not change the rates.
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
	return slices.Compact(rates), msgNordicCountries
}

// CurrencyOfVAT is the currency in which a country's VAT is reported, "" for an unknown country.
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

// rate reads the line's VAT rate. If the cell is empty, vat_amount decides. ok is false if there is no rate.
func (c *builder) rate(l *lineReader) (rate money.Rate, ok bool) {
	text := l.value(ColVAT)
	c.rows[l.row].VAT = text
	if c.unread(&c.records[l.row].Record, ColVAT) { // intake has reported why
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

// vatRates lists the rates that the line can have. The builder keeps them, because the next line mostly has the same
// day.
func (c *builder) vatRates(l *lineReader) (rates []money.Rate, of string) {
	if day := l.vatDay(); c.rates == nil || c.ratesDay != day {
		c.rates, c.ratesCountry = VATRates(c.rules.Seller, c.order.Currency.Code(), c.order.Address.Country, day)
		c.ratesDay = day
	}
	return c.rates, c.ratesCountry
}

// vatDay is the day whose rates count: the delivery date, else the day of the run.
func (l *lineReader) vatDay() Date {
	if l.delivery != "" {
		return l.delivery
	}
	return l.rules.Today
}

// rateOfAmount is the one rate of the country that gives the VAT amount that the row states. If none or several do, the
// rate is missing.
func (c *builder) rateOfAmount(l *lineReader) (money.Rate, bool) {
	stated, ok := c.statedVAT(l)
	if !ok || !l.hasAmount {
		because := ""
		if l.value(ColVATAmount) != "" {
			because = msgVATAmountSilent
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
		because := msgVATAmountNone
		if len(fits) > 1 {
			because = fmt.Sprintf(msgVATAmountSeveral, rateNames(fits))
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

// taxed computes gross and VAT of a stated amount, which is without VAT if exclVAT is set.
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

// looksLikeFraction reports whether a percentage is above 0 and below 1, such as 0.25 where 25 is meant.
func looksLikeFraction(text string) bool {
	d, err := money.ParseDecimal(text, money.Dot)
	return err == nil && d.Sign() > 0 && d.Cmp(money.NewDecimal(1, 0)) < 0
}

// statedVAT is the VAT amount that the row states; ok is false if there is none or it cannot be read.
func (c *builder) statedVAT(l *lineReader) (vat money.Amount, ok bool) {
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

// checkVATAmount compares the VAT amount that the row states with the computed ones: that of the line alone and, if VAT
// is rounded by rate, that with the line's share of the rounding. It may agree with either.
func (c *builder) checkVATAmount(l *lineReader, computed ...money.Amount) {
	stated, ok := c.statedVAT(l)
	if ok && !slices.ContainsFunc(computed, func(vat money.Amount) bool { return near(stated, vat) }) {
		c.report(l.row, "vat_amount.mismatch", stated.String(), "amount", stated.String(), "computed",
			computed[0].String())
	}
}
