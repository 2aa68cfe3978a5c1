// Package money holds exact amounts in minor units, VAT rates in basis points, currencies as ISO 4217
// has them, and the reading of numbers as people write them. It never uses floating point.
//
// Rounding is half up everywhere, away from zero for negative values, and it happens in four places:
// [Rate.InGross], [Rate.AddTo], [Decimal.Amount] and [Product].
//
// # Numbers
//
// [ParseNumber] reads these forms, here under a decimal comma:
//
//	1234,5                       digits with at most one decimal mark, digits on both sides of it
//	1 234,50  1.234,50  1'234,50 thousands apart in threes: by spaces of any width, apostrophes, the other mark
//	-5  −5  5-  (5)              negative: a hyphen or U+2212 in front or behind, parentheses around
//	100,-  100.-  100,–          whole units; says nothing about the currency, it stands behind kroner and euros
//	100:-                        whole units of kr
//	100 kr  kr. 100  100 kroner  krone, krona, kroner, kronor and kr. are kr
//	NOK 100  100sek  -EUR 5      any active code of ISO 4217 in any case; euro, euroa and euros are EUR
//	€ 100  100 $  £100  US$ 100  signs; US$ is USD
//	25 %  25%                    a percentage: 25, and Number.Percent is set
//
// A currency is named at most once on each side, and both sides must agree: "kr 100 NOK" is NOK,
// "EUR 100 kr" is an error. Exponents, hexadecimal, a plus sign, digits of other scripts, NaN and more
// than [MaxDigits] digits are errors. [ParseDecimal] reads the same without currencies and percent signs.
package money
