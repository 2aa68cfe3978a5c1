package money

import "strings"

// CurrencyWord is what a cell, a header or a number format says about the currency: an ISO 4217 code ("NOK"), the sign
// "€", or a word or sign that several currencies share: "kr", "$", "£". The zero value says nothing.
type CurrencyWord string

// Words and signs that are not codes.
const (
	krone  CurrencyWord = "kr"
	euro   CurrencyWord = "€"
	dollar CurrencyWord = "$"
	pound  CurrencyWord = "£"
)

// ParseCurrencyWord reads a currency word or sign in any case, with spaces around it. The package comment lists them.
// It is false for any other text.
func ParseCurrencyWord(text string) (CurrencyWord, bool) {
	text = strings.TrimSpace(text)
	if c, ok := lookUp(text); ok {
		return CurrencyWord(c.code), true
	}
	switch strings.ToLower(text) {
	case "kr", "kr.", "krone", "kroner", "krona", "kronor":
		return krone, text[0]|0x20 == 'k' // the Kelvin sign becomes a k in lower case too
	case "euro", "euroa", "euros":
		return "EUR", true
	case "us$":
		return "USD", true
	case "€", "$", "£":
		return CurrencyWord(text), true
	}
	return "", false
}

// Currency is the one currency that the word names: that of its code, or EUR for "€". It is false for words that
// several currencies share: "kr", "$", "£".
func (w CurrencyWord) Currency() (Currency, bool) { return lookUp(w.codes()) }

// Fits reports whether the word can mean the currency: "kr" fits NOK, SEK, DKK and ISK, "NOK" fits only NOK. The zero
// word fits everything.
func (w CurrencyWord) Fits(c Currency) bool {
	return w == "" || c.code != "" && strings.Contains(w.codes(), c.code)
}

// codes lists the currencies that the word can mean.
func (w CurrencyWord) codes() string {
	switch w {
	case krone:
		return "DKK ISK NOK SEK"
	case euro:
		return "EUR"
	case dollar: // dollars and the pesos that are written with the same sign
		return "AUD BBD BMD BND BSD BZD CAD FJD GYD HKD JMD KYD LRD NAD NZD SBD SGD SRD TTD TWD USD XCD " +
			"ARS CLP COP CUP DOP MXN UYU"
	case pound:
		return "EGP FKP GBP GIP LBP SDG SHP SSP SYP"
	}
	return string(w)
}

// and combines two words of one number into the one that says more. It is false if they contradict each other.
func (w CurrencyWord) and(other CurrencyWord) (CurrencyWord, bool) {
	if w == "" || w == other {
		return other, true
	}
	if c, ok := other.Currency(); ok && w.Fits(c) {
		return CurrencyWord(c.code), true
	}
	c, ok := w.Currency()
	return CurrencyWord(c.code), ok && other.Fits(c)
}
