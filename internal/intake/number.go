package intake

import (
	"fmt"
	"slices"
	"strings"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
	"kraviabatch/internal/xlsx"
)

// What makes a cell a number, and under which decimal mark. Numbers of a workbook are typed. A text is a
// number under a mark, and each column has one mark: the profile declares it, or a cell decides it, such as
// 1250.5, which is no number under a comma. A column in which every number can be read in two ways, such as
// 1.250, is refused, and so is a column with both marks. Package money parses the texts.

// numeric reports whether the column's cells are numbers, or may be.
func (c *column) numeric() bool {
	return isNumeric(c.as) || c.values == nil && (c.known.Numeric() || len(c.columns) > 0 && c.columns[0].Numeric())
}

func isNumeric(kind billing.Kind) bool {
	return kind == billing.Number || kind == billing.Money || kind == billing.Percent
}

// observeNumber gathers the evidence of a cell about the decimal mark of its column.
func (c *column) observeNumber(row int, value *cell) {
	const spreadsheetDigits = 15 // digits that a spreadsheet keeps of a number
	if value.Kind == xlsx.Text && value.Value != "" {
		c.marks.observe(row, bareNumber(value.Value))
	}
	if (value.Kind == xlsx.Number || value.Kind == xlsx.Percent) && len(value.Value) > spreadsheetDigits {
		if _, exact, ok := value.Number(); ok && !exact {
			c.tails++
		}
	}
}

// example is the first cell that proves something about its column. Row 0 means that there is none.
type example struct {
	row   int
	value string
}

func (s *example) note(row int, value string) {
	if s.row == 0 {
		*s = example{row, value}
	}
}

// markEvidence is the evidence of a column's cells about its decimal mark: a number under the point alone, one
// under the comma alone, and one that is two different numbers.
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

// settle decides the mark of a column, or refuses the file. A wrong mark would bill a thousand times too much
// or too little, so a column without proof is refused.
func (e *markEvidence) settle(c *column, declared money.Mark) error {
	c.decided = declared != 0 || e.dot.row != 0 || e.comma.row != 0
	switch {
	case declared != 0:
		c.mark = declared
	case e.dot.row != 0 && e.comma.row != 0:
		message := fmt.Sprintf(msgBothMarks, e.dot.row, shown(e.dot.value), e.comma.row, shown(e.comma.value))
		return refuse(codeNumberMixed, message, hintOneMark).at(max(e.dot.row, e.comma.row), c.text, "")
	case e.comma.row != 0:
		c.mark = money.Comma
	case e.dot.row != 0 || e.either.row == 0:
		c.mark = money.Dot
	default:
		r := money.Read(bareNumber(e.either.value))
		message := fmt.Sprintf(msgTwoReadings, shown(e.either.value), r.Dot, r.Comma)
		return refuse(codeNumber, message, hintDeclareMark).at(e.either.row, c.text, e.either.value)
	}
	return nil
}

// markReading is what one text proves about the decimal mark.
type markReading uint8

const (
	noNumber  markReading = iota + 1
	neutral               // the same number under both marks
	onlyDot               // a number under the point alone
	onlyComma             // a number under the comma alone
	differs               // two different numbers
)

// markOfNumber reads a text under both marks.
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

// markOfPlain is a fast path for digits with at most one mark. It returns 0 where the text needs a closer look.
// A lone zero before the mark decides as well: nobody writes 0.500 for five hundred.
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

// otherMark reports whether a text is a number only under another decimal mark than the column's.
func (c *column) otherMark(text string) bool {
	told := markOfNumber(bareNumber(text))
	return c.mark == money.Comma && told == onlyDot || c.mark == money.Dot && told == onlyComma
}

// bareNumber is a text without its percent sign.
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

// number is the number in a cell, read under the column's mark.
func (c *column) number(value *cell) (money.Number, bool) {
	if c.values != nil {
		d, err := money.ParseDecimal(c.mapped(value).value, money.Dot)
		return money.Number{Decimal: d}, err == nil
	}
	switch value.Kind {
	case xlsx.Number:
		digits, _, ok := value.Number()
		d, err := money.ParseDecimal(digits, money.Dot)
		word, _ := money.ParseCurrencyWord(value.Words())
		return money.Number{Decimal: d, Currency: word}, ok && err == nil
	case xlsx.Percent:
		digits, ok := value.Percent()
		d, err := money.ParseDecimal(digits, money.Dot)
		return money.Number{Decimal: d, Percent: true}, ok && err == nil
	case xlsx.Text:
		n, err := money.ParseNumber(value.Value, c.mark)
		return n, err == nil
	case xlsx.Date, xlsx.Time, xlsx.Bool, xlsx.ErrorValue, xlsx.NoValue, xlsx.Merged:
	}
	return money.Number{}, false
}

// zero reports whether a cell is zero under either mark. Which rows are lines is decided before the marks are known.
func (c *column) zero(value *cell) bool {
	return slices.ContainsFunc([]money.Mark{money.Dot, money.Comma}, func(mark money.Mark) bool {
		as := column{known: c.known, values: c.values, mark: mark}
		n, ok := as.number(value)
		return ok && n.Decimal.IsZero()
	})
}

// readNumber reads a number or percentage. One that contradicts the column's mark or kind is a problem of its row.
func (c *column) readNumber(value *cell) reading {
	switch value.Kind {
	case xlsx.Date:
		return c.problem(value, "date")
	case xlsx.Time:
		return c.problem(value, "time")
	case xlsx.Text:
		if value.Value == "" {
			return reading{value: value.Value}
		}
		if c.otherMark(value.Value) {
			return c.problem(value, "decimal_mark", "mark", c.mark.String())
		}
	case xlsx.Number:
		if words := value.Words(); words != "" && !c.fitsWords(words) {
			return c.problem(value, "format", "words", words)
		}
	case xlsx.Percent, xlsx.Bool, xlsx.ErrorValue, xlsx.NoValue, xlsx.Merged:
	}
	n, ok := c.number(value)
	switch {
	case !ok:
		return reading{value: value.Text()}
	case n.Percent && c.known.Kind() != billing.Percent:
		return c.problem(value, "percent")
	case n.Currency != "" && c.known.Kind() != billing.Money:
		return c.problem(value, "currency")
	}
	r := reading{value: n.Decimal.String(), currency: n.Currency}
	if n.Percent && n.Decimal.Cmp(money.NewDecimal(1, 0)) < 0 {
		r.value += "%" // 0.5 % is half a percent; without the sign, 0.5 would be read as the fraction 50 %
	}
	return r
}

// fitsWords reports whether the words that a number format shows beside a number suit the column's kind: a
// currency for an amount, a unit for a quantity, a percent sign for a percentage.
func (c *column) fitsWords(words string) bool {
	switch c.known.Kind() {
	case billing.Money:
		_, ok := money.ParseCurrencyWord(words)
		return ok
	case billing.Percent:
		return words == "%"
	case billing.Number:
		return slices.Contains([]string{
			"stk", "stk.", "st", "st.", "kpl", "pcs", "pc", "ea", "x", "h", "t", "timer", "timmar", "tim", "hours",
			"hrs", "kg", "km", "m", "l", "mnd", "md", "dager", "dagar", "days",
		}, strings.ToLower(words))
	case billing.Text, billing.Choice, billing.Identifier, billing.Day:
	}
	return true
}
