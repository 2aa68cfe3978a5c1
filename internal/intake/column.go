package intake

import (
	"fmt"
	"slices"
	"strings"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
	"kraviabatch/internal/xlsx"
)

// column is one column of the table, what its cells told in the first pass, and how they are read in the second.
type column struct {
	heading
	known   billing.Column // zero: the input's own, passed on as it is
	values  *Values        // nil: cells stand for themselves
	as      billing.Kind   // what formulas read the cells as, beside known
	used    string         // what the profile makes of its cells
	asHead  bool           // in head rows
	asLine  bool           // in the others
	decided bool           // the mark is that of a cell, or the profile's
	settled bool           // its marks are known before the survey: a formula reads it, or its cells are a register's
	mark    money.Mark
	slash   dateOrder // of dates with / between their parts
	dash    dateOrder // of dates with - between their parts

	marks   markEvidence
	slashes dateEvidence
	dashes  dateEvidence
	tails   int     // numbers stored with digits that no spreadsheet shows
	bare    int     // dates stored as bare numbers
	real    example // a date of a workbook whose day and month could be swapped
	cells   cellEvidence
	sample  cell // the first that is not empty
}

// numeric reports whether the column's cells are numbers, or may be.
func (c *column) numeric() bool {
	return isNumeric(c.as) || c.values == nil && (hasNumbers(c.known) || len(c.columns) > 0 && hasNumbers(c.columns[0]))
}

// hasNumbers reports whether the cells of a known column are numbers.
func hasNumbers(c billing.Column) bool { return c.Numeric() }

func isNumeric(kind billing.Kind) bool {
	return kind == billing.Number || kind == billing.Money || kind == billing.Percent
}

// observe gathers what a cell tells about its column.
func (c *column) observe(row int, value *cell) {
	if value.Value != "" && c.sample.Kind == 0 {
		c.sample = *value
	}
	switch {
	case c.ignored && c.used == "", c.values != nil && c.as == "":
	case c.numeric():
		switch value.Kind {
		case xlsx.Text:
			if value.Value != "" {
				c.marks.observe(row, bareNumber(value.Value))
			}
		case xlsx.Number, xlsx.Percent:
			if len(value.Value) > 15 {
				if _, exact, ok := value.Number(); ok && !exact {
					c.tails++
				}
			}
		case xlsx.Date, xlsx.Time, xlsx.Bool, xlsx.ErrorValue, xlsx.NoValue, xlsx.Merged:
		}
	case c.known.Kind() == billing.Day, c.as == billing.Day:
		c.observeDay(row, value)
	case c.known == 0 && c.used == "":
		c.cells.observe(value)
	}
}

func (c *column) observeDay(row int, value *cell) {
	switch date, _, ok := value.Day(); {
	case value.Kind == xlsx.Number:
		c.bare++
	case value.Kind == xlsx.Date && ok && date[8:] <= "12" && date[5:7] != date[8:]:
		c.real.note(row, date)
	}
	if value.Kind != xlsx.Text || value.Value == "" || billing.IsDay(value.Value) {
		return
	}
	d, ok := splitDate(value.Value)
	switch {
	case !ok || d.yearFirst || d.shortYear:
	case d.separator == '/':
		c.slashes.observe(row, value.Value, d)
	case d.separator == '-':
		c.dashes.observe(row, value.Value, d)
	}
}

// reading is what a cell says.
type reading struct {
	value    string
	currency money.CurrencyWord   // in the cell or its number format
	problem  *billing.Problem     // nil for none
	others   []money.CurrencyWord // that stood with the numbers of a formula
}

// problem is the reading of a cell that is not read as it should be. It stays as a reader of the file sees it.
func (c *column) problem(value *cell, suffix string, words ...string) reading {
	shows := value.Text()
	p := billing.NewProblem(billing.Code(c.known.String()+"."+suffix), shown(strings.TrimSpace(shows)),
		append(words, "shown", shows)...)
	return reading{value: shows, problem: &p}
}

// read turns a cell of a known column into what its record holds. A cell that it cannot read stays as it is.
func (c *column) read(value *cell) reading {
	switch value.Kind {
	case xlsx.ErrorValue:
		return c.problem(value, "error_value")
	case xlsx.NoValue:
		return c.problem(value, "no_value")
	case xlsx.Merged:
		r := c.problem(value, "merged")
		r.value = ""
		return r
	case xlsx.Text:
		if r, bad := c.suspicious(value); bad {
			return r
		}
	case xlsx.Number, xlsx.Percent, xlsx.Date, xlsx.Time, xlsx.Bool:
	}
	if c.values != nil {
		return c.mapped(value)
	}
	switch c.known.Kind() {
	case billing.Number, billing.Money, billing.Percent:
		return c.readNumber(value)
	case billing.Day:
		return c.readDay(value)
	case billing.Identifier:
		return c.readIdentifier(value)
	case billing.Text, billing.Choice:
	}
	return reading{value: value.Text()}
}

// mapped is what the word in a cell stands for. An empty cell stays empty unless the profile says what it stands for.
func (c *column) mapped(value *cell) reading {
	word := foldWord(value.Text())
	if mapped, ok := c.values.of[word]; ok || word == "" {
		return reading{value: mapped}
	}
	hint := ""
	const short = 5 // a slip in such a word makes another code
	if near := nearest(c.values.words, []string{word}); len(word) >= short && near != "" {
		hint = fmt.Sprintf(" (did you mean %q?)", near)
	}
	return c.problem(value, "unlisted", "column", c.known.String(), "words", quoted(c.values.words), "near", hint)
}

// number is what a numeric cell says under the column's mark.
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

// zero reports a number that is nothing under any mark: what a row is, is told before the marks are known.
func (c *column) zero(value *cell) bool {
	return slices.ContainsFunc([]money.Mark{money.Dot, money.Comma}, func(mark money.Mark) bool {
		as := column{known: c.known, values: c.values, mark: mark}
		n, ok := as.number(value)
		return ok && n.Decimal.IsZero()
	})
}

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
		told := markOfNumber(bareNumber(value.Value))
		if c.mark == money.Comma && told == onlyDot || c.mark == money.Dot && told == onlyComma {
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
		r.value += "%" // what is said to be below one percent is no fraction
	}
	return r
}

// fitsWords reports whether what a number format shows beside a number says nothing else about it: a currency
// of an amount, a unit of a quantity, a percent sign of a percentage.
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

// currencies are what an amount's cell, its header and the list as a whole say, each of which must fit the
// order's currency.
func (c *column) currencies(r *reading, ofList money.CurrencyWord) []money.CurrencyWord {
	if r.value == "" || c.known.Kind() != billing.Money || r.currency == "" && c.unit.currency == "" && ofList == "" {
		return nil
	}
	return slices.DeleteFunc([]money.CurrencyWord{r.currency, c.unit.currency, ofList},
		func(w money.CurrencyWord) bool { return w == "" })
}

func (c *column) readDay(value *cell) reading {
	switch value.Kind {
	case xlsx.Date, xlsx.Number:
		if _, ok := splitCompact(value.Value); !ok {
			if date, _, ok := value.Day(); ok {
				return reading{value: date}
			}
			return reading{value: value.Text()}
		}
	case xlsx.Time:
		return c.problem(value, "time")
	case xlsx.Text, xlsx.Percent, xlsx.Bool, xlsx.ErrorValue, xlsx.NoValue, xlsx.Merged:
	}
	if billing.IsDay(value.Value) {
		return reading{value: value.Value}
	}
	d, ok := splitDate(value.Value)
	if !ok {
		return reading{value: value.Text()}
	}
	if d.shortYear {
		one, two := d.twoReadings()
		return c.problem(value, "two_digit_year", "one", one, "two", two)
	}
	order := dayFirst
	switch d.separator {
	case '/':
		order = c.slash
	case '-':
		order = c.dash
	}
	iso, ok := d.iso(order)
	if !ok {
		return reading{value: value.Value}
	}
	return reading{value: iso}
}

// readIdentifier takes what the sheet shows: a number only where it shows nothing but its digits and what
// belongs to them.
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

// unquoted is a text without the ="…" by which exports keep zeros in a spreadsheet.
func unquoted(text string) string {
	if inner, ok := strings.CutPrefix(text, `="`); ok && strings.HasSuffix(inner, `"`) {
		return inner[:len(inner)-1]
	}
	return text
}

// digitsAndSigns reports what most identifiers are, which no program has made anything of.
func digitsAndSigns(id string) bool {
	for i := range len(id) {
		if c := id[i]; (c < '0' || c > '9') && c != '+' && c != '-' && c != ' ' {
			return false
		}
	}
	return true
}

// isScientific recognises what programs make of long numbers: 4.79E+10, 4.79E10. A sign or a decimal mark is
// part of it, so that item numbers such as 1E5 stay.
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

// isWholeDecimal recognises what programs make of a number that was read as a decimal: 1001.0.
func isWholeDecimal(value string) bool {
	value = strings.TrimSpace(value)
	if !strings.HasSuffix(value, "0") {
		return false
	}
	whole, fraction, found := strings.Cut(strings.ReplaceAll(value, ",", "."), ".")
	return found && len(whole) > 2 && (fraction == "0" || fraction == "00") && strings.Trim(whole, "0123456789") == ""
}

// isMonthText recognises what spreadsheets make of an identifier that looked like a date to them, such as
// 10-1: 10.jan, Jan-26.
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

// identifies reports whether what a sheet shows of a number has all its digits and nothing but them and literals.
func identifies(value *cell) bool {
	digits, _, _ := value.Number()
	return value.Kind == xlsx.Number && value.Format.Plain() && !strings.Contains(digits, ".")
}

// repeat is a cell as the report repeats it: as the sheet shows it, but with all digits of a number, and
// those alone if it is one to compute with.
func (c *column) repeat(value *cell) string {
	if digits, _, ok := value.Number(); ok && value.Kind == xlsx.Number && (c.numeric() || !identifies(value)) {
		return digits
	}
	return value.Text()
}
