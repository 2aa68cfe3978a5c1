package billing

import (
	"maps"
	"slices"
	"strings"
)

// Homes lists the ISO codes of the countries whose organization numbers, postal codes and VAT rates are known, sorted.
func Homes() []string { return slices.Sorted(maps.Keys(countries)) }

// CurrencyOf is the currency of a known country, "" for any other.
func CurrencyOf(code string) string { return countries[code].currency }

// PostalDigits is how many digits the postal codes of a known country have, 0 for any other.
func PostalDigits(code string) int { return countries[code].postal }

// KnownCountry reads any country's ISO code, or the name of one of the Homes. ok is false for any other text.
func KnownCountry(text string) (code string, ok bool) {
	code = CountryCode(strings.TrimSpace(text))
	return code, isCountry(code)
}

// OrganizationHomes lists the Homes where a text is an organization number with a correct check digit.
func OrganizationHomes(text string) []string {
	var homes []string
	for _, code := range Homes() {
		c := &builder{home: countries[code], order: &Order{}}
		c.order.Address.Country = code
		if number, _, ok := c.organization(strings.TrimSpace(text)); ok && c.home.checkDigit(number) {
			homes = append(homes, code)
		}
	}
	return homes
}
