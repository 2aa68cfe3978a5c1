package intake

import (
	"strings"

	"kraviabatch/internal/xlsx"
)

// What makes a cell an identifier, such as an order number: the text that the sheet shows. Where a program has damaged
// it, as 4.7E+09, 1001.0 and 10.jan, the original can no longer be told, so it is a problem.

// readIdentifier takes the text that the sheet shows. A number counts if all its digits show, and only literals else.
func (c *column) readIdentifier(value *cell) reading {
	switch value.Kind {
	case xlsx.Number:
		_, exact, ok := value.Number()
		switch {
		case ok && !exact:
			return c.problem(value, "digits_lost")
		case !identifies(value):
			return c.problem(value, "shown")
		}
	case xlsx.Percent, xlsx.Bool:
		return c.problem(value, "shown")
	case xlsx.Date:
		return c.problem(value, "date")
	case xlsx.Time:
		return c.problem(value, "time")
	case xlsx.Text:
		id := unquoted(value.Value)
		switch {
		case digitsAndSigns(id):
		case isScientific(id):
			return c.problem(value, "scientific")
		case isWholeDecimal(id):
			return c.problem(value, "shown")
		case isMonthText(id):
			return c.problem(value, "date")
		}
		return reading{value: id}
	case xlsx.ErrorValue, xlsx.NoValue, xlsx.Merged:
	}
	return reading{value: value.Text()}
}

// unquoted is a text without the ="…" that exports put around identifiers so that a spreadsheet keeps their zeros.
func unquoted(text string) string {
	if inner, ok := strings.CutPrefix(text, `="`); ok && strings.HasSuffix(inner, `"`) {
		return inner[:len(inner)-1]
	}
	return text
}

// digitsAndSigns reports whether an identifier is of digits, + - and spaces alone, as most are. No program can have
// changed such a one, so it needs no closer look. strings.Trim takes ten times as long.
func digitsAndSigns(id string) bool {
	for i := range len(id) {
		if c := id[i]; (c < '0' || c > '9') && c != '+' && c != '-' && c != ' ' {
			return false
		}
	}
	return true
}

// isScientific recognises a long number that a program has shortened: 4.79E+10, 4.79E10. It needs a sign or a
// decimal mark, so item numbers such as 1E5 stay identifiers.
func isScientific(value string) bool {
	if strings.IndexByte(value, 'E') < 0 && strings.IndexByte(value, 'e') < 0 {
		return false
	}
	mantissa, exponent, found := strings.Cut(strings.ToUpper(strings.TrimSpace(value)), "E")
	exponent, signed := strings.CutPrefix(exponent, "+")
	if !found || mantissa == "" || exponent == "" || strings.Trim(exponent, "0123456789") != "" {
		return false
	}
	r := markOfPlain(mantissa)
	return r == onlyDot || r == onlyComma || signed && r == neutral || markOfNumber(mantissa) == differs
}

// isWholeDecimal recognises an integer that a program has read as a decimal: 1001.0.
func isWholeDecimal(value string) bool {
	value = strings.TrimSpace(value)
	if !strings.HasSuffix(value, "0") {
		return false
	}
	whole, fraction, found := strings.Cut(strings.ReplaceAll(value, ",", "."), ".")
	return found && len(whole) > 2 && (fraction == "0" || fraction == "00") && strings.Trim(whole, "0123456789") == ""
}

// isMonthText recognises an identifier that a spreadsheet has turned into a date, such as 10.jan or Jan-26 for 10-1.
func isMonthText(value string) bool {
	value = strings.TrimSpace(value)
	if len(value) > len("sept. 2026") {
		return false
	}
	month := strings.Trim(value, "0123456789.- ")
	if len(month) < 3 || len(month) > 4 {
		return false
	}
	switch strings.ToLower(month) {
	case "jan", "feb", "mar", "mars", "apr", "mai", "maj", "may", "jun", "jul", "aug", "sep", "sept", "okt", "oct",
		"nov", "des", "dec":
	default:
		return false
	}
	before, after, _ := strings.Cut(value, month)
	before, after = strings.TrimRight(before, ".- "), strings.TrimSuffix(after, ".")
	year := strings.TrimLeft(after, ".- ")
	dayFirst := after == "" && before != "" && len(before) <= 2 && strings.Trim(before, "0123456789") == ""
	return dayFirst || before == "" && year != after && len(year) >= 2 && strings.Trim(year, "0123456789") == ""
}

// identifies reports whether a sheet shows all digits of a number, and nothing but them and literals.
func identifies(value *cell) bool {
	digits, _, _ := value.Number()
	return value.Kind == xlsx.Number && value.Format.Plain() && !strings.Contains(digits, ".")
}
