package intake

import (
	"fmt"
	"strings"

	"kraviabatch/internal/money"
)

// example is a cell that tells something about its column.
type example struct {
	row   int
	value string
}

func (s *example) note(row int, value string) {
	if s.row == 0 {
		*s = example{row, value}
	}
}

// markEvidence is what the cells of a column tell about its decimal mark.
type markEvidence struct{ dot, comma, either example }

// observe takes a text cell of a numeric column.
func (e *markEvidence) observe(row int, value string) {
	switch markOfNumber(value) {
	case onlyDot:
		e.dot.note(row, value)
	case onlyComma:
		e.comma.note(row, value)
	case differs:
		e.either.note(row, value)
	case neutral, noNumber:
	}
}

// settle decides the mark of a column, or refuses the file.
func (e *markEvidence) settle(c *column, declared money.Mark) error {
	c.decided = declared != 0 || e.dot.row != 0 || e.comma.row != 0
	switch {
	case declared != 0:
		c.mark = declared
	case e.dot.row != 0 && e.comma.row != 0:
		return refuse(codeNumberMixed,
			fmt.Sprintf("row %d has %q with a decimal point and row %d has %q with a decimal comma", e.dot.row,
				shown(e.dot.value),
				e.comma.row, shown(e.comma.value)),
			"write all numbers of the column in one way").at(max(e.dot.row, e.comma.row), c.text, "")
	case e.comma.row != 0:
		c.mark = money.Comma
	case e.dot.row != 0 || e.either.row == 0:
		c.mark = money.Dot
	default:
		r := money.Read(bareNumber(e.either.value))
		return refuse(codeNumber,
			fmt.Sprintf("%q can be read as %s or as %s, and no other cell of the column tells which",
				shown(e.either.value), r.Dot, r.Comma),
			`declare it in a profile: input: {decimal: ","} or {decimal: "."}`).at(e.either.row, c.text, e.either.value)
	}
	return nil
}

// markReading is what one number tells about the decimal mark.
type markReading uint8

const (
	noNumber  markReading = iota + 1
	neutral               // the same under both marks
	onlyDot               // a number under the point alone
	onlyComma             // a number under the comma alone
	differs               // two different numbers
)

func markOfNumber(value string) markReading {
	if r := markOfPlain(value); r != 0 {
		return r
	}
	r := money.Read(value)
	switch {
	case strings.Contains(value, "%"):
		return noNumber
	case r.Ambiguous():
		return differs
	case r.DotOK && r.CommaOK:
		return neutral
	case r.DotOK:
		return onlyDot
	case r.CommaOK:
		return onlyComma
	}
	return noNumber
}

// markOfPlain judges digits with at most one mark without parsing them twice; 0: look closer.
// A lone zero before the mark decides too: nobody writes 0.500 for five hundred.
func markOfPlain(value string) markReading {
	digits := strings.TrimPrefix(value, "-")
	at := -1
	for i := range len(digits) {
		switch c := digits[i]; {
		case c >= '0' && c <= '9':
		case (c == '.' || c == ',') && at < 0:
			at = i
		default:
			return 0
		}
	}
	switch {
	case at < 0 && digits != "" && len(digits) <= money.MaxDigits:
		return neutral
	case at <= 0 || at == len(digits)-1 || len(digits) > money.MaxDigits:
		return 0
	case len(digits)-at-1 == 3 && at <= 3 && digits[:at] != "0":
		return 0
	case digits[at] == '.':
		return onlyDot
	}
	return onlyComma
}

// bareNumber takes the percent sign off a number.
func bareNumber(value string) string {
	if strings.IndexByte(value, '%') < 0 {
		return value
	}
	value = strings.TrimSpace(value)
	if rest, ok := strings.CutSuffix(value, "%"); ok {
		return strings.TrimSpace(rest)
	}
	return strings.TrimSpace(strings.TrimPrefix(value, "%"))
}
