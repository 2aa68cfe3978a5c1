package money

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Mark is the character before the decimals.
type Mark uint8

// The two decimal marks in use.
const (
	Dot   Mark = iota + 1 // 1,234.50
	Comma                 // 1.234,50 and 1 234,50
)

// String is the character itself.
func (m Mark) String() string {
	if m == Comma {
		return ","
	}
	return "."
}

// ErrNotNumber is wrapped by every parsing error for text that is no number under the mark.
var ErrNotNumber = errors.New("not a number")

// ParseDecimal reads a number as people write it under a declared decimal mark: thousands apart by
// spaces of any width, apostrophes or the other mark in groups of three; a minus in front or behind,
// as a hyphen or U+2212; a currency word or sign on one side; the ending ",-".
// Exponents, hexadecimal, NaN and more than MaxDigits digits are errors.
func ParseDecimal(text string, mark Mark) (Decimal, error) {
	if d, ok := parsePlain(text, mark); ok {
		return d, nil
	}
	body, negative := stripAdornment(text)
	whole, fraction, err := splitNumber(body, mark)
	if err != nil {
		return Decimal{}, fmt.Errorf("%q: %w", text, err)
	}
	digits := strings.TrimLeft(whole+fraction, "0")
	if len(digits) > MaxDigits || len(fraction) > MaxDigits {
		return Decimal{}, fmt.Errorf("%q has more than %d digits", text, MaxDigits)
	}
	var coef int64
	if digits != "" {
		coef, err = strconv.ParseInt(digits, 10, 64)
		if err != nil {
			return Decimal{}, fmt.Errorf("%q: %w", text, ErrNotNumber)
		}
	}
	if negative {
		coef = -coef
	}
	return Decimal{coef, int8(len(fraction))}.reduce(), nil //nolint:gosec // G115: at most MaxDigits
}

// parsePlain is the fast way for digits with at most one mark, which is what exports hold.
func parsePlain(text string, mark Mark) (Decimal, bool) {
	if text == "" || len(text) > MaxDigits {
		return Decimal{}, false
	}
	var d Decimal
	var sawMark bool
	start := 0
	if text[0] == '-' {
		start = 1
	}
	decimalMark := mark.String()[0]
	digits := 0
	for i := start; i < len(text); i++ {
		c := text[i]
		switch {
		case c >= '0' && c <= '9':
			d.coef = d.coef*10 + int64(c-'0')
			digits++
			if sawMark {
				d.scale++
			}
		case c == decimalMark && !sawMark && digits > 0 && i < len(text)-1:
			sawMark = true
		default:
			return Decimal{}, false
		}
	}
	if digits == 0 {
		return Decimal{}, false
	}
	if start == 1 {
		d.coef = -d.coef
	}
	return d.reduce(), true
}

// stripAdornment takes signs, currency words and the ending ",-" off.
func stripAdornment(text string) (body string, negative bool) {
	body = strings.TrimSpace(strings.ReplaceAll(text, "\u2212", "-"))
	body = trimCurrency(body)
	if strings.HasPrefix(body, "-") {
		body, negative = strings.TrimSpace(body[1:]), true
		body = trimCurrency(body)
	}
	for _, ending := range []string{",-", ".-", ",\u2013"} {
		if rest, ok := strings.CutSuffix(body, ending); ok {
			return strings.TrimSpace(rest), negative
		}
	}
	if rest, ok := strings.CutSuffix(body, "-"); ok && !negative {
		body, negative = strings.TrimSpace(rest), true
	}
	return body, negative
}

// trimCurrency removes one currency word or sign from the front or the back.
func trimCurrency(text string) string {
	lower := strings.ToLower(text)
	for _, word := range []string{"nok", "sek", "dkk", "eur", "kr.", "kr", "€"} {
		if len(lower) != len(text) {
			return text
		}
		if strings.HasPrefix(lower, word) {
			return strings.TrimSpace(text[len(word):])
		}
		if strings.HasSuffix(lower, word) {
			return strings.TrimSpace(text[:len(text)-len(word)])
		}
	}
	return text
}

// splitNumber separates the digits before and after the mark and checks the thousands groups.
func splitNumber(body string, mark Mark) (whole, fraction string, err error) {
	whole = body
	if i := strings.LastIndex(body, mark.String()); i >= 0 {
		whole, fraction = body[:i], body[i+1:]
		if !onlyDigits(fraction) || fraction == "" {
			return "", "", ErrNotNumber
		}
	}
	groups := strings.FieldsFunc(whole, isSeparator(mark))
	separators := strings.Count(whole, "") - 1 - digitCount(whole)
	if len(groups) == 0 || separators != len(groups)-1 {
		return "", "", ErrNotNumber
	}
	for i, group := range groups {
		if !onlyDigits(group) || (len(groups) > 1 && (len(group) > 3 || (i > 0 && len(group) != 3))) {
			return "", "", ErrNotNumber
		}
	}
	return strings.Join(groups, ""), fraction, nil
}

func isSeparator(mark Mark) func(rune) bool {
	other := '.'
	if mark == Dot {
		other = ','
	}
	return func(r rune) bool {
		return r == other || r == '\'' || r == '\u2019' || unicode.Is(unicode.Zs, r)
	}
}

func digitCount(text string) int {
	n := 0
	for i := range len(text) {
		if text[i] >= '0' && text[i] <= '9' {
			n++
		}
	}
	return n
}

func onlyDigits(text string) bool { return digitCount(text) == len(text) }

// Reading tells what one cell says about the decimal mark of its column.
type Reading struct {
	Dot, Comma Decimal // the value under each mark, where the ok flag is set
	DotOK      bool
	CommaOK    bool
}

// Read reads text under both marks.
func Read(text string) Reading {
	var r Reading
	var err error
	r.Dot, err = ParseDecimal(text, Dot)
	r.DotOK = err == nil
	r.Comma, err = ParseDecimal(text, Comma)
	r.CommaOK = err == nil
	return r
}

// Ambiguous reports whether both marks give a number, and not the same one.
func (r Reading) Ambiguous() bool { return r.DotOK && r.CommaOK && r.Dot != r.Comma }

// ParseStored reads the decimal text of a binary number as spreadsheets store it ("299.00000000000006",
// "4.7999999999E10") and rounds it to the 15 significant digits that such programs show.
// exact is false when digits were dropped.
func ParseStored(text string) (d Decimal, exact bool, err error) {
	mantissa, exponentText, hasExponent := strings.Cut(strings.ToUpper(strings.TrimSpace(text)), "E")
	exponent := 0
	if hasExponent {
		exponent, err = strconv.Atoi(exponentText)
		if err != nil || exponent < -400 || exponent > 400 {
			return Decimal{}, false, fmt.Errorf("%q: %w", text, ErrNotNumber)
		}
	}
	unsigned, negative := strings.CutPrefix(mantissa, "-")
	whole, fraction, _ := strings.Cut(unsigned, ".")
	if whole+fraction == "" || !onlyDigits(whole+fraction) || !utf8.ValidString(text) {
		return Decimal{}, false, fmt.Errorf("%q: %w", text, ErrNotNumber)
	}
	digits := strings.TrimLeft(whole+fraction, "0")
	exponent -= len(fraction)
	const shown = 15
	exact = true
	if drop := len(digits) - shown; drop > 0 {
		exact = strings.Trim(digits[shown:], "0") == ""
		roundUp := digits[shown] >= '5'
		digits, exponent = digits[:shown], exponent+drop
		if roundUp {
			n, _ := strconv.ParseInt(digits, 10, 64)
			digits = strconv.FormatInt(n+1, 10)
		}
	}
	digits, exponent = trimZeros(digits, exponent)
	return assemble(text, digits, exponent, negative, exact)
}

func trimZeros(digits string, exponent int) (string, int) {
	for strings.HasSuffix(digits, "0") {
		digits, exponent = digits[:len(digits)-1], exponent+1
	}
	return digits, exponent
}

func assemble(text, digits string, exponent int, negative, exact bool) (Decimal, bool, error) {
	if digits == "" {
		return Decimal{}, exact, nil
	}
	if exponent > 0 {
		if len(digits)+exponent > MaxDigits {
			return Decimal{}, false, fmt.Errorf("%q has more than %d digits", text, MaxDigits)
		}
		digits, exponent = digits+strings.Repeat("0", exponent), 0
	}
	if -exponent > MaxDigits {
		return Decimal{}, false, nil // smaller than any unit in use: zero, not exact
	}
	coef, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return Decimal{}, false, fmt.Errorf("%q: %w", text, ErrNotNumber)
	}
	if negative {
		coef = -coef
	}
	return Decimal{coef, int8(-exponent)}, exact, nil
}
