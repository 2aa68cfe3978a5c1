// Package money has exact amounts in minor units ([Amount]), decimal numbers ([Decimal]), VAT rates in basis points
// ([Rate]) and the currencies of ISO 4217 ([Currency]), and it reads numbers as people write them. It hides how many
// decimals a currency has, how values are rounded, and what a cell such as "1 234,50 kr" says.
//
// A text becomes a [Decimal] by [ParseNumber] or [ParseDecimal], and a Decimal an [Amount] by [Decimal.Amount] or
// [Product]. [Rate.InGross] and [Rate.AddTo] compute VAT.
//
// Rules that must not be broken: no floating point anywhere. A number is read exactly or refused, never rounded while
// it is read. All types are values. Rounding is half up, away from zero for negative values, and happens in four
// places only: [Rate.InGross], [Rate.AddTo], [Decimal.Amount] and [Product].
//
// # Numbers
//
// [ParseNumber] reads these forms, here under a decimal comma:
//
//	1234,5                       digits with at most one decimal mark, digits on both sides of it
//	1 234,50  1.234,50  1'234,50 thousands apart in threes: by spaces of any width, apostrophes, the other mark
//	-5  −5  5-  (5)              negative: a hyphen or U+2212 in front or behind, parentheses around
//	100,-  100.-  100,–          whole units; names no currency; kroner and euros are written so
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
