package billing

import (
	"slices"
	"strings"

	"golang.org/x/text/language"
)

// country is what is known of a country that Kravia invoices in, or of a neighbour.
type country struct {
	currency      string
	calling       int32                    // calling code of phone numbers
	mobile        int                      // digits of a mobile number
	mobiles       []string                 // how most mobile numbers begin
	postal        int                      // digits of a postal code
	postalLetters []string                 // letters before postal codes, besides the ISO code
	orgDigits     int                      // digits of an organization number
	longNumbers   bool                     // organization numbers also occur inside longer numbers, see held
	checkDigit    func(digits string) bool // of an organization number
	supported     bool                     // Kravia invoices there, by the provider's documentation
	names         []string                 // as people write them, in lower case
	parts         []string                 // ISO codes of regions that count as the country
}

// countries has the countries of the product's users. Check digits follow the rules of the company registers.
var countries = map[string]country{ //nolint:gochecknoglobals // fixed table
	"NO": {
		currency: "NOK", calling: 47, mobile: 8, mobiles: []string{"40", "41", "45", "46", "47", "48", "9"},
		postal: 4, postalLetters: []string{"N"}, supported: true,
		orgDigits: 9, checkDigit: mod11(3, 2, 7, 6, 5, 4, 3, 2),
		names: []string{"norge", "noreg", "norway", "norja"}, parts: []string{"SJ"},
	},
	"SE": {
		currency: "SEK", calling: 46, mobile: 9, mobiles: []string{"70", "72", "73", "76", "79"}, postal: 5,
		postalLetters: []string{"S"}, supported: true,
		orgDigits: 10, longNumbers: true, checkDigit: luhn,
		names: []string{"sverige", "sweden", "ruotsi"},
	},
	"FI": {
		currency: "EUR", calling: 358, mobile: 9, mobiles: []string{"40", "44", "45", "50"}, postal: 5,
		postalLetters: []string{"FIN", "AX"}, supported: true,
		orgDigits: 8, checkDigit: mod11(7, 9, 10, 5, 8, 4, 2),
		names: []string{"finland", "suomi", "åland"}, parts: []string{"AX"},
	},
	"DK": {
		currency: "DKK", calling: 45, postal: 4, orgDigits: 8, checkDigit: mod11(2, 7, 6, 5, 4, 3, 2),
		names: []string{"danmark", "denmark", "tanska"},
	},
}

// countryCodes has the codes of countries by their names and parts, in lower case.
var countryCodes = indexCountries() //nolint:gochecknoglobals // fixed table

func indexCountries() map[string]string {
	index := map[string]string{}
	for code, k := range countries {
		for _, name := range slices.Concat(k.names, k.parts) {
			index[strings.ToLower(name)] = code
		}
	}
	return index
}

// CountryCode is the ISO 3166-1 alpha-2 code of a country's code or name in any case. Åland gives FI and Svalbard NO.
// An unknown text comes back in capitals.
func CountryCode(given string) string {
	if _, known := countries[given]; known {
		return given
	}
	if code := countryCodes[strings.ToLower(given)]; code != "" {
		return code
	}
	return strings.ToUpper(given)
}

// isCountry reports whether code is an ISO 3166-1 alpha-2 code.
func isCountry(code string) bool {
	if len(code) != 2 {
		return false
	}
	region, err := language.ParseRegion(code)
	return err == nil && region.IsCountry() && region.Canonicalize().String() == code
}

// mod11 checks a number whose last digit is 11 minus the weighted sum modulo 11. Numbers with a check of 10 do not
// exist.
func mod11(weights ...int) func(string) bool {
	return func(digits string) bool {
		sum := 0
		for i, w := range weights {
			sum += w * int(digits[i]-'0')
		}
		check := (11 - sum%11) % 11
		return check != 10 && check == int(digits[len(weights)]-'0')
	}
}

// luhn checks a Swedish number of ten digits.
func luhn(digits string) bool {
	sum := 0
	for i, c := range digits {
		n := int(c - '0')
		if i%2 == 0 {
			n *= 2
		}
		sum += n/10 + n%10
	}
	return sum%10 == 0
}
