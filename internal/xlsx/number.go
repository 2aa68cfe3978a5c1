package xlsx

import (
	"cmp"
	"strconv"
	"strings"
)

const (
	shownDigits = 15 // significant digits that spreadsheets show
	maxDigits   = 18 // before the point, and behind it
)

// decimal is the number 0.digits × 10^point. Its digits neither begin nor end with a zero; none are the number 0.
type decimal struct {
	digits   string
	point    int
	negative bool
}

// parse reads a number as it is stored, 299.00000000000006 or 4.7999999999E10, with all digits. ok is false for what is
// none in XML Schema, for infinity and the like, and for powers of ten beyond 400, of which no program writes any.
func parse(text string) (d decimal, ok bool) {
	mantissa := strings.TrimSpace(text)
	if i := strings.IndexAny(mantissa, "eE"); i >= 0 {
		n, err := strconv.Atoi(mantissa[i+1:])
		if err != nil || n < -400 || n > 400 {
			return decimal{}, false
		}
		mantissa, d.point = mantissa[:i], n
	}
	mantissa, d.negative = strings.CutPrefix(mantissa, "-")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	d.digits = whole + fraction
	d.point += len(whole)
	return d.trim(), d.digits != "" && strings.Trim(d.digits, "0123456789") == ""
}

// parseDecimal rounds a number as [Cell.Number] does.
func parseDecimal(text string) (d decimal, exact, ok bool) {
	all, ok := parse(text)
	if !ok {
		return decimal{}, false, false
	}
	d, ok = all.keep(shownDigits).bounded()
	return d, d == all && d.point <= shownDigits, ok
}

// isPlain reports whether a stored number is already as [decimal.String] would write it, exactly.
func isPlain(text string) bool {
	digits := strings.TrimPrefix(text, "-")
	point := -1
	for i := range len(digits) {
		switch c := digits[i]; {
		case c >= '0' && c <= '9':
		case c == '.' && point < 0:
			point = i
		default:
			return false
		}
	}
	n := len(digits)
	switch {
	case n == 0 || n > shownDigits || point == 0 || point == n-1:
		return false
	case digits[0] == '0' && n > 1 && point != 1:
		return false
	case digits == "0":
		return len(text) == 1
	}
	return point < 0 || digits[n-1] != '0'
}

func (d decimal) trim() decimal {
	significant := strings.TrimLeft(d.digits, "0")
	d.point -= len(d.digits) - len(significant)
	d.digits = strings.TrimRight(significant, "0")
	if d.digits == "" {
		return decimal{}
	}
	return d
}

// keep rounds half away from zero to the first n digits, n may be negative.
func (d decimal) keep(n int) decimal {
	switch {
	case n >= len(d.digits):
		return d
	case n < 0:
		return decimal{}
	}
	up := d.digits[n] >= '5'
	kept := []byte(d.digits[:n])
	for i := n - 1; up && i >= 0; i-- {
		if kept[i]++; kept[i] <= '9' {
			up = false
		} else {
			kept[i] = '0'
		}
	}
	d.digits = string(kept)
	if up {
		d.digits, d.point = "1"+d.digits, d.point+1
	}
	return d.trim()
}

// bounded rounds to as many decimals as there may be; ok is false when there are too many digits before the point.
func (d decimal) bounded() (decimal, bool) {
	d = d.keep(d.point + maxDigits)
	return d, d.point <= maxDigits
}

// split gives the digits before the point, none for 0, and those behind it.
func (d decimal) split() (whole, fraction string) {
	switch {
	case d.point <= 0:
		return "", strings.Repeat("0", -d.point) + d.digits
	case d.point >= len(d.digits):
		return d.digits + strings.Repeat("0", d.point-len(d.digits)), ""
	}
	return d.digits[:d.point], d.digits[d.point:]
}

// String is the number without an exponent: -0.05, 100.
func (d decimal) String() string {
	if d.digits == "" {
		return "0"
	}
	whole, fraction := d.split()
	if whole == "" {
		whole = "0"
	}
	if fraction != "" {
		whole += "." + fraction
	}
	if d.negative {
		return "-" + whole
	}
	return whole
}

// compare is -1, 0 or 1 as d is below, equal to or above other.
func (d decimal) compare(other decimal) int {
	sign := 1
	if d.negative {
		sign = -1
	}
	switch {
	case d.negative != other.negative:
		return sign
	case d.digits != "" && other.digits != "" && d.point != other.point:
		return sign * cmp.Compare(d.point, other.point)
	}
	return sign * cmp.Compare(d.digits, other.digits)
}
