package billing

import (
	"slices"
	"strings"

	"kraviabatch/internal/money"
)

// country is what we know of a country that Kravia invoices in, or that is near.
type country struct {
	currency   string
	calling    int32                    // of phone numbers
	postal     int                      // digits of a postal code
	orgDigits  []int                    // accepted lengths of an organization number
	checkDigit func(digits string) bool // of the first accepted length
	supported  bool                     // by the provider's documentation
}

// countries of the product's users. Postal codes as commonly published; numbers by the registers' rules.
var countries = map[string]country{ //nolint:gochecknoglobals // fixed table
	"NO": {currency: "NOK", calling: 47, postal: 4, orgDigits: []int{9}, checkDigit: mod11(3, 2, 7, 6, 5, 4, 3, 2), supported: true},
	"SE": {currency: "SEK", calling: 46, postal: 5, orgDigits: []int{10, 12}, checkDigit: luhn, supported: true},
	"FI": {currency: "EUR", calling: 358, postal: 5, orgDigits: []int{8}, checkDigit: mod11(7, 9, 10, 5, 8, 4, 2), supported: true},
	"DK": {currency: "DKK", calling: 45, postal: 4, orgDigits: []int{8}, checkDigit: mod11(2, 7, 6, 5, 4, 3, 2)},
}

// mod11 checks a number whose last digit is 11 minus the weighted sum modulo 11; a check of 10 is not issued.
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

// luhn checks the last ten digits, as Swedish numbers have it.
func luhn(digits string) bool {
	sum := 0
	for i, c := range digits[len(digits)-10:] {
		n := int(c - '0')
		if i%2 == 0 {
			n *= 2
		}
		sum += n/10 + n%10
	}
	return sum%10 == 0
}

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

// validRates are the rates of a country on a day; none for a country that we do not know.
func validRates(code string, day Date) []money.Rate {
	for _, set := range vatRates[code] {
		if day >= set.from {
			return set.rates
		}
	}
	return nil
}

// rateNames writes rates for a hint: "25, 15, 12, 11.11 or 0".
func rateNames(rates []money.Rate) string {
	names := make([]string, len(rates))
	for i, r := range rates {
		names[i] = r.String()
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

func validRate(rates []money.Rate, r money.Rate) bool { return slices.Contains(rates, r) }
