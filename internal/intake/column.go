package intake

import (
	"fmt"
	"strings"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// observe gathers what a cell tells about its column.
func (c *column) observe(row int, value *cell) {
	switch c.known.Kind {
	case billing.Number, billing.Percent:
		switch value.kind {
		case text:
			if value.text != "" {
				c.marks.observe(row, bareNumber(c.known.Kind, value.text))
			}
		case number, percent:
			if len(value.text) > 15 {
				if _, exact, err := money.ParseStored(value.text); err == nil && !exact {
					c.tails++
				}
			}
		case day, boolean, failed, uncached, merged:
		}
	case billing.Day:
		if value.kind == number {
			c.bare++
		}
		if value.kind != text || value.text == "" || isISO(value.text) {
			return
		}
		d, ok := splitDate(value.text)
		switch {
		case !ok || d.yearFirst || d.shortYear:
		case d.separator == '/':
			c.slashs.observe(row, value.text, d)
		case d.separator == '-':
			c.dashs.observe(row, value.text, d)
		}
	case billing.Text, billing.Identifier:
	}
}

// finding is a problem of one cell before it has a place.
type finding struct {
	suffix   string // behind the column and a dot in the code
	severity billing.Severity
	message  string
	hint     string
}

// read turns a cell of a known column into what its record holds. A cell that it cannot read stays as it is.
func (c *column) read(value *cell, from epoch) (string, *finding) {
	switch value.kind {
	case failed:
		return value.text, &finding{"error_value", billing.Error, "the cell holds the error " + value.text, "correct the formula"}
	case uncached:
		return "", &finding{
			"no_value", billing.Error, "the formula in the cell has no stored result",
			"open the file in a spreadsheet and save it, so that results are stored",
		}
	case merged:
		return "", &finding{
			"merged", billing.Error, "the cell is part of a merged area, so its value stands in another row or column",
			"unmerge the cells and fill each one",
		}
	case text, number, percent, day, boolean:
	}
	if c.torn && strings.Contains(value.text, lostCharacter) {
		return value.text, &finding{
			"lost_character", billing.Error, "the text holds the sign for a character that was lost before the file was written",
			"correct the text in the source, or export it again in UTF-8",
		}
	}
	switch c.known.Kind {
	case billing.Number, billing.Percent:
		return c.readNumber(value, from)
	case billing.Day:
		return c.readDay(value, from)
	case billing.Identifier:
		return c.readIdentifier(value, from)
	case billing.Text:
	}
	return shownCell(value, from), nil
}

// decimal is the value of a numeric cell under the column's mark.
func (c *column) decimal(value *cell) (money.Decimal, bool) {
	switch value.kind {
	case number, percent:
		d, _, err := money.ParseStored(value.text)
		if err != nil || value.kind == number || c.known.Kind != billing.Percent {
			return d, err == nil
		}
		return hundredfold(d)
	case text:
		n, err := money.ParseNumber(bareNumber(c.known.Kind, value.text), c.mark)
		switch n.Currency {
		case "", "kr", "NOK", "SEK", "DKK", "EUR", "€":
			return n.Decimal, err == nil && !n.Percent
		}
	case day, boolean, failed, uncached, merged:
	}
	return money.Decimal{}, false
}

// hundredfold is what a spreadsheet shows for a number with a percent format: 25 for 0.25.
func hundredfold(d money.Decimal) (money.Decimal, bool) {
	whole, fraction, _ := strings.Cut(d.String(), ".")
	fraction += "00"
	d, err := money.ParseDecimal(whole+fraction[:2]+"."+fraction[2:]+"0", money.Dot)
	return d, err == nil
}

func (c *column) readNumber(value *cell, from epoch) (string, *finding) {
	if value.kind == day {
		return shownCell(value, from), &finding{
			"date", billing.Error, "the spreadsheet turned this number into a date", "type the number again in a cell with a number format",
		}
	}
	if value.kind == text {
		bare := bareNumber(c.known.Kind, value.text)
		if bare == "" || canonical(bare) && c.mark == money.Dot {
			return bare, nil
		}
		reading := markOfNumber(bare)
		if c.mark == money.Comma && reading == onlyDot || c.mark == money.Dot && reading == onlyComma {
			return value.text, &finding{
				"decimal_mark", billing.Error, fmt.Sprintf("the number does not have the decimal mark %q of its column", c.mark.String()),
				"write it as the rest of the column, or correct the profile",
			}
		}
	}
	d, ok := c.decimal(value)
	if !ok {
		return shownCell(value, from), nil
	}
	return d.String(), nil
}

func (c *column) readDay(value *cell, from epoch) (string, *finding) {
	if value.kind == day || value.kind == number {
		if _, ok := splitCompact(value.text); !ok {
			if date, _, ok := from.dayOf(value.text); ok {
				return date, nil
			}
			return shownCell(value, from), nil
		}
	}
	if isISO(value.text) {
		return value.text, nil
	}
	d, ok := splitDate(value.text)
	if !ok {
		return shownCell(value, from), nil
	}
	if d.shortYear {
		return value.text, &finding{
			"two_digit_year", billing.Error, "the year has two digits, so it is not certain which date is meant",
			"write the date as 2026-01-31",
		}
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
		return value.text, nil
	}
	return iso, nil
}

func (c *column) readIdentifier(value *cell, from epoch) (string, *finding) {
	switch value.kind {
	case number, percent:
		_, exact, err := money.ParseStored(value.text)
		if err == nil && !exact {
			return shownCell(value, from), &finding{
				"digits_lost", billing.Error, "the spreadsheet stored this as a number and lost digits beyond the fifteenth",
				"format the column as text and type it again",
			}
		}
	case day:
		return shownCell(value, from), &finding{
			"date", billing.Warning, "the spreadsheet holds a date here", "format the column as text and type it again if it is no date",
		}
	case text:
		id := value.text
		if inner, ok := strings.CutPrefix(id, `="`); ok && strings.HasSuffix(inner, `"`) { // keeps zeros in Excel
			id = inner[:len(inner)-1]
		}
		if isScientific(id) {
			return id, &finding{
				"scientific", billing.Error, "a spreadsheet has shortened this number to " + shown(id) + ", digits are lost",
				"format the column as text in the source and export it again",
			}
		}
		return id, nil
	case boolean, failed, uncached, merged:
	}
	return shownCell(value, from), nil
}

// isScientific recognises what spreadsheets make of long numbers: 4.79E+10. The sign is part of it, so
// that item numbers such as 1E5 stay.
func isScientific(value string) bool {
	value = strings.TrimSpace(value)
	at := strings.IndexAny(value, "eE")
	if at < 1 || at+2 >= len(value) || value[at+1] != '+' {
		return false
	}
	for _, c := range value[at+2:] {
		if c < '0' || c > '9' {
			return false
		}
	}
	r := markOfPlain(value[:at])
	return r == neutral || r == onlyDot || r == onlyComma || markOfNumber(value[:at]) == differs
}

// shownCell is a cell as a reader of the file sees it.
func shownCell(value *cell, from epoch) string {
	switch value.kind {
	case number, percent:
		if value.kind == number && canonical(value.text) && len(value.text) <= 15 {
			return value.text
		}
		d, _, err := money.ParseStored(value.text)
		if err != nil {
			return value.text
		}
		if value.kind == percent {
			if d, ok := hundredfold(d); ok {
				return d.String() + " %"
			}
		}
		return d.String()
	case day:
		date, clock, ok := from.dayOf(value.text)
		if !ok {
			return value.text
		}
		if clock != "" {
			date += " " + clock
		}
		return date
	case text, boolean, failed, uncached, merged:
	}
	return value.text
}
