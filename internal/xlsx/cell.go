package xlsx

import "strings"

// Kind is how a cell was stored and is shown.
type Kind uint8

// The kinds of cells.
const (
	Text       Kind = iota + 1 // text, and an empty cell; those from Number to Time are numbers
	Number                     // a number that is shown as one
	Percent                    // a number that is shown with a percent sign: 0.25 for 25 %
	Date                       // a day, perhaps with a time of day: days since the workbook's epoch, or ISO 8601
	Time                       // a time of day or a duration alone: a part of a day
	Bool                       // TRUE or FALSE
	ErrorValue                 // an error value such as #REF!
	NoValue                    // a formula without a stored result
	Merged                     // covered by a merged area that begins in another cell; a value in it is not shown
)

// Cell is one cell of a row. The zero Kind does not occur.
type Cell struct {
	Value  string  // as stored: a text, a number's decimal text, TRUE or FALSE, #REF!
	Kind   Kind    //
	Format *Format // how a number is shown, nil for General and for all that is no number
	from   epoch   // of the workbook, 0 for the usual one
}

// Text is the cell as a reader of the sheet sees it, where what it shows identifies something: "000042",
// "F26-4711", "7:30". All other numbers are their plain digits, whatever decimals, thousands, exponent or
// fraction the format shows, with the currency that it names behind them: "1250", "1250.5 kr", "4711000000".
// So are times in parts of a second. Percentages are "25 %", and dates are in ISO 8601 with the time of day
// if there is one, "2026-11-30 08:00:00". A number with too many digits is as stored.
func (c *Cell) Text() string {
	switch c.Kind {
	case Number:
		if c.Format == nil && isPlain(c.Value) {
			return c.Value
		}
		if d, _, ok := parseDecimal(c.Value); ok {
			return c.Format.show(d)
		}
	case Percent:
		if digits, ok := c.Percent(); ok {
			return digits + " %"
		}
	case Date:
		if date, clock, ok := c.Day(); ok {
			return strings.TrimSuffix(date+" "+clock, " ")
		}
	case Time:
		if d, _, ok := parseDecimal(c.Value); ok && !d.negative {
			return c.Format.show(d)
		}
	case Text, Bool, ErrorValue, NoValue, Merged:
	}
	return c.Value
}

// Words are what the number format shows beside a number's digits: "kr", "eks mva", "%" in quotes. Signs of a negative
// number are none, nor is the dash for zero. A comma that leaves out thousands is one.
func (c *Cell) Words() string {
	if c.Kind != Number || c.Format == nil {
		return ""
	}
	if d, _, ok := parseDecimal(c.Value); ok {
		return c.Format.words(d)
	}
	return ""
}

// Number is the value of a cell with a number in it, whatever its format, as plain decimal text: digits, a
// minus in front, a point before decimals. It is rounded to the 15 significant digits that spreadsheets show,
// of which at most 18 are decimals; exact is false when digits were dropped, and when there are more than 15
// before the point, since then the last are zeros that nobody typed. ok is false for a cell without a number,
// and for one of more than 18 digits before the point.
func (c *Cell) Number() (digits string, exact, ok bool) {
	if c.Kind < Number || c.Kind > Time {
		return "", false, false
	}
	if isPlain(c.Value) {
		return c.Value, true, true
	}
	if d, exact, ok := parseDecimal(c.Value); ok {
		return d.String(), exact, true
	}
	return "", false, false
}

// Percent is the hundredfold of Number for a cell that shows a percentage: 25 for 0.25.
func (c *Cell) Percent() (digits string, ok bool) {
	d, _, ok := parseDecimal(c.Value)
	if c.Kind != Percent || !ok {
		return "", false
	}
	d.point += 2
	d, ok = d.bounded()
	return d.String(), ok
}

// Day is the day of a date, YYYY-MM-DD, and its time, HH:MM:SS, or "" at midnight. A plain number counts days since the
// workbook's epoch. ok is false for any other cell, and for a number that is no day: a time alone, 29 February 1900.
func (c *Cell) Day() (date, clock string, ok bool) {
	if c.Kind != Date && c.Kind != Number {
		return "", "", false
	}
	if date, clock, ok = splitISO(c.Value); ok && date != "" {
		return date, clock, true
	}
	return c.from.day(c.Value)
}
