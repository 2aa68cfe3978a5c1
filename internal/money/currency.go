// Package money holds exact amounts in minor units, VAT rates in basis points and
// the parsing of numbers as people write them. It never uses floating point.
//
// Rounding is half up everywhere, away from zero for negative values, and it
// happens in one place: [Rate.InGross], [Rate.AddTo] and [Decimal.Amount].
package money

import (
	"fmt"
	"strings"

	"golang.org/x/text/currency"
)

// Currency is an ISO 4217 currency with the number of digits of its minor unit.
// The zero value is "no currency".
type Currency struct {
	code   string
	digits int8
}

// ParseCurrency reads an ISO 4217 code in any case. The error names the code.
func ParseCurrency(code string) (Currency, error) {
	unit, err := currency.ParseISO(strings.TrimSpace(code))
	if err != nil {
		return Currency{}, fmt.Errorf("%q is not an ISO 4217 currency code", code)
	}
	digits, _ := currency.Standard.Rounding(unit)
	return Currency{code: unit.String(), digits: int8(digits)}, nil //nolint:gosec // G115: at most 3 digits exist
}

// MustCurrency is ParseCurrency for codes written in the program; it panics on a wrong one.
func MustCurrency(code string) Currency {
	c, err := ParseCurrency(code)
	if err != nil {
		panic(err)
	}
	return c
}

// Code is the three-letter code, "" for the zero value.
func (c Currency) Code() string { return c.code }

// Digits is the number of decimals of the minor unit: 2 for NOK.
func (c Currency) Digits() int { return int(c.digits) }

// String is Code.
func (c Currency) String() string { return c.code }
