package money

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// Mark is the decimal mark: the character before the decimals.
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

// What is wrong with a text that should be a number. Every error of ParseNumber and ParseDecimal wraps one of them.
var (
	// ErrNotNumber is for text that is not a number under the decimal mark, or that says something else too.
	ErrNotNumber = errors.New(msgNotNumber)
	// ErrTooManyDigits is for a number with more digits or decimals than are read. Such a number is never rounded.
	ErrTooManyDigits = errors.New(msgTooManyDigits)
)

// Number is what a cell says: a value, and the currency or percent sign around it.
type Number struct {
	Decimal  Decimal
	Currency CurrencyWord // "" where none is written
	Percent  bool         // a percent sign; Decimal is 25 for "25 %"
}

// ParseNumber reads a number as people write it, under a declared decimal mark. The package comment lists the forms. It
// returns what stands around the digits and never drops it. Errors wrap ErrNotNumber or ErrTooManyDigits.
func ParseNumber(text string, mark Mark) (Number, error) {
	if d, ok := parseBare(text, mark); ok {
		return Number{Decimal: d}, nil
	}
	u := unwrapping{rest: strings.TrimSpace(strings.ReplaceAll(text, "\u2212", "-"))}
	u.unwrap()
	if u.conflict != "" {
		return Number{}, fmt.Errorf(msgContradicts, text, u.conflict, ErrNotNumber)
	}
	whole, fraction, ok := splitNumber(u.rest, mark)
	if !ok {
		return Number{}, fmt.Errorf(msgIs, text, ErrNotNumber)
	}
	digits := strings.TrimLeft(whole+fraction, "0")
	if len(digits) > MaxDigits || len(fraction) > MaxDigits {
		return Number{}, fmt.Errorf(msgDigits, text, ErrTooManyDigits, MaxDigits)
	}
	coef, _ := strconv.ParseInt("0"+digits, 10, 64) // cannot fail: only digits, and few enough
	if u.negative {
		coef = -coef
	}
	return Number{NewDecimal(coef, len(fraction)), u.word, u.percent}, nil
}

// ParseDecimal reads a number like ParseNumber, but a currency or a percent sign is an error that wraps ErrNotNumber.
func ParseDecimal(text string, mark Mark) (Decimal, error) {
	n, err := ParseNumber(text, mark)
	switch {
	case err != nil:
		return Decimal{}, err
	case n.Percent:
		return Decimal{}, fmt.Errorf(msgHasPercent, text, ErrNotNumber)
	case n.Currency != "":
		return Decimal{}, fmt.Errorf(msgHasCurrency, text, n.Currency, ErrNotNumber)
	}
	return n.Decimal, nil
}

// Reading is a cell read under both decimal marks. It helps to find the mark of a column.
type Reading struct {
	Dot, Comma Decimal // the value under each mark, valid if its OK is set
	DotOK      bool
	CommaOK    bool
}

// Read reads text under both marks as ParseNumber does.
func Read(text string) Reading {
	dot, dotErr := ParseNumber(text, Dot)
	comma, commaErr := ParseNumber(text, Comma)
	return Reading{dot.Decimal, comma.Decimal, dotErr == nil, commaErr == nil}
}

// Ambiguous reports whether both marks give a number, but different ones.
func (r Reading) Ambiguous() bool { return r.DotOK && r.CommaOK && r.Dot != r.Comma }

// parseBare is the fast path for digits with at most one decimal mark, as most exports have them.
func parseBare(text string, mark Mark) (Decimal, bool) {
	digits, negative := strings.CutPrefix(text, "-")
	if digits == "" || len(digits) > MaxDigits {
		return Decimal{}, false
	}
	decimalMark := mark.String()[0]
	var coef int64
	point := -1
	for i := range len(digits) {
		switch c := digits[i]; {
		case c >= '0' && c <= '9':
			coef = coef*10 + int64(c-'0')
		case c == decimalMark && point < 0 && i > 0 && i < len(digits)-1:
			point = i
		default:
			return Decimal{}, false
		}
	}
	if negative {
		coef = -coef
	}
	if point < 0 {
		return Decimal{coef: coef}, true
	}
	return NewDecimal(coef, len(digits)-1-point), true
}

// splitNumber splits the digits before and after the decimal mark and checks the groups of thousands.
func splitNumber(text string, mark Mark) (whole, fraction string, ok bool) {
	whole = text
	if i := strings.LastIndex(text, mark.String()); i >= 0 {
		whole, fraction = text[:i], text[i+1:]
		if !onlyDigits(fraction) {
			return "", "", false
		}
	}
	groups := strings.Split(strings.Map(spaceFor(mark), whole), " ")
	for i, group := range groups {
		if !onlyDigits(group) || len(groups) > 1 && (len(group) > 3 || i > 0 && len(group) < 3) {
			return "", "", false
		}
	}
	return strings.Join(groups, ""), fraction, true
}

// spaceFor maps what may stand between thousands to a space.
func spaceFor(mark Mark) func(rune) rune {
	other := '.'
	if mark == Dot {
		other = ','
	}
	return func(r rune) rune {
		if r == other || r == '\'' || r == '\u2019' || unicode.Is(unicode.Zs, r) {
			return ' '
		}
		return r
	}
}

func onlyDigits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}
