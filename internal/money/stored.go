package money

import (
	"fmt"
	"strconv"
	"strings"
)

// storedDigits is how many significant digits spreadsheets show of the binary numbers that they store.
const storedDigits = 15

// ParseStored reads the decimal text of a binary number as spreadsheets store it ("299.00000000000006",
// "4.7999999999E10") and rounds it to the 15 significant digits that such programs show. exact is false
// when digits were dropped. Errors are those of ParseNumber.
func ParseStored(text string) (d Decimal, exact bool, err error) {
	mantissa, exponentText, hasExponent := strings.Cut(strings.ToUpper(strings.TrimSpace(text)), "E")
	exponent := 0
	if hasExponent {
		exponent, err = strconv.Atoi(exponentText)
	}
	mantissa, negative := strings.CutPrefix(mantissa, "-")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	if err != nil || exponent < -400 || exponent > 400 || !onlyDigits(whole+fraction) {
		return Decimal{}, false, fmt.Errorf("%q is %w", text, ErrNotNumber)
	}
	coef, dropped, exact := storedCoef(strings.TrimLeft(whole+fraction, "0"))
	if coef == 0 {
		return Decimal{}, exact, nil
	}
	for exponent += dropped - len(fraction); coef%10 == 0; exponent++ {
		coef /= 10
	}
	if exponent < -MaxDigits { // smaller than any unit in use
		return Decimal{}, false, nil
	}
	if exponent > MaxDigits-len(strconv.FormatInt(coef, 10)) {
		return Decimal{}, false, fmt.Errorf("%q has %w: %d is the most", text, ErrTooManyDigits, MaxDigits)
	}
	if negative {
		coef = -coef
	}
	for ; exponent > 0; exponent-- {
		coef *= 10
	}
	return NewDecimal(coef, -exponent), exact, nil
}

// storedCoef is the number of the first storedDigits digits, rounded half up by the dropped ones behind them.
func storedCoef(digits string) (coef int64, dropped int, exact bool) {
	rest := ""
	if len(digits) > storedDigits {
		digits, rest = digits[:storedDigits], digits[storedDigits:]
	}
	coef, _ = strconv.ParseInt("0"+digits, 10, 64) // digits alone, and few enough
	if rest != "" && rest[0] >= '5' {
		coef++
	}
	return coef, len(rest), strings.Trim(rest, "0") == ""
}
