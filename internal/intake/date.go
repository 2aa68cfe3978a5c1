package intake

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/xlsx"
)

// What makes a cell a date. Four things can, in a column of dates:
//
//   - A cell of a workbook with a date format, or a number without one that stands for a day. Package xlsx
//     converts both, see its Cell.Day.
//   - A text with the year first: 2026-12-24, 20261224. One with dots has the day first: 24.12.2026.
//   - A text such as 24/12/2026 or 24-12-2026. The order of day and month is settled for each column and each
//     separator: the profile declares it, or a cell with a number above 12 decides it. A column in which all
//     such dates can be read both ways is refused.
//   - A time behind a date is left out. With a zone it is a moment, and its date is that of Norway.
//
// A year of two digits is a problem of its row. A text that is none of these stays as it is, and package billing
// rejects it.

// dateOrder is the order of day and month in dates such as 03/04/2026.
type dateOrder uint8

const (
	dayFirst dateOrder = iota + 1
	monthFirst
)

// dateForms lists the forms of dates that a profile may declare.
func dateForms() []string {
	return []string{"yyyy-mm-dd", "dd.mm.yyyy", "dd/mm/yyyy", "mm/dd/yyyy", "dd-mm-yyyy", "mm-dd-yyyy"}
}

// dateEvidence is the evidence of a column's cells about the order of day and month: a date that must have the
// day first, one that must have the month first, and one that can be read both ways.
type dateEvidence struct{ day, month, either example }

func (e *dateEvidence) observe(row int, value string, d dateParts) {
	switch {
	case d.first > 12 && d.second <= 12:
		e.day.note(row, value)
	case d.second > 12 && d.first <= 12:
		e.month.note(row, value)
	case d.first != d.second:
		e.either.note(row, value)
	}
}

// settle decides the order for one separator, or refuses the file. real is a date cell whose day and month could be
// swapped: beside texts, a program has converted the column in part and may have swapped some.
func (e *dateEvidence) settle(header string, declared dateOrder, real *example) (dateOrder, error) {
	switch {
	case declared != 0:
		return declared, nil
	case real.row != 0 && cmp.Or(e.day.row, e.month.row, e.either.row) != 0:
		text := cmp.Or(e.day.value, e.month.value, e.either.value)
		message := fmt.Sprintf(msgDatesAndTexts, real.row, real.value, shown(text))
		return 0, refuse(codeDateMixed, message, hintDatesOrTexts).at(real.row, header, "")
	case e.day.row != 0 && e.month.row != 0:
		message := fmt.Sprintf(msgBothOrders, e.day.row, shown(e.day.value), e.month.row, shown(e.month.value))
		return 0, refuse(codeDateMixed, message, hintOneOrder).at(max(e.day.row, e.month.row), header, "")
	case e.month.row != 0:
		return monthFirst, nil
	case e.day.row != 0 || e.either.row == 0:
		return dayFirst, nil
	}
	d, _ := splitDate(e.either.value)
	one, _ := d.iso(dayFirst)
	two, _ := d.iso(monthFirst)
	return 0, refuse(codeDate, fmt.Sprintf(msgTwoReadings, shown(e.either.value), one, two),
		fmt.Sprintf(hintDeclareOrder, d.separator)).at(e.either.row, header, e.either.value)
}

// dateParts are the numbers of a date in the order in which they are written.
type dateParts struct {
	first, second, third int
	separator            byte // '.', '/', '-', or 0 for yyyymmdd
	yearFirst, shortYear bool // first is the year; the year has two digits
}

// splitDate takes a date apart. A time behind it is left out, but with a zone it is a moment, whose date is Norway's.
func splitDate(value string) (dateParts, bool) {
	value = strings.TrimSpace(value)
	if i := strings.IndexAny(value, " T"); i > 0 {
		if t, ok := moment(value); ok {
			y, m, d := t.In(norway()).Date()
			return dateParts{first: y, second: int(m), third: d, yearFirst: true}, true
		}
		if !isTime(strings.TrimSpace(value[i+1:])) {
			return dateParts{}, false
		}
		value = value[:i]
	}
	at := strings.IndexAny(value, "./-")
	if at < 0 {
		return splitCompact(value)
	}
	parts := strings.Split(value, value[at:at+1])
	if len(parts) != 3 {
		return dateParts{}, false
	}
	var numbers [3]int
	for i, p := range parts {
		n, err := strconv.Atoi(p)
		if err != nil || p[0] == '+' || p[0] == '-' || len(p) > 4 {
			return dateParts{}, false
		}
		numbers[i] = n
	}
	d := dateParts{separator: value[at], first: numbers[0], second: numbers[1], third: numbers[2]}
	switch short := len(parts[0]) <= 2 && len(parts[1]) <= 2; {
	case len(parts[0]) == 4 && len(parts[1]) <= 2 && len(parts[2]) <= 2:
		d.yearFirst = true
	case short && len(parts[2]) == 4:
	case short && len(parts[2]) == 2:
		d.shortYear = true
	default:
		return dateParts{}, false
	}
	return d, true
}

// splitCompact reads yyyymmdd.
func splitCompact(value string) (dateParts, bool) {
	n, err := strconv.Atoi(value)
	if err != nil || len(value) != 8 || n < 1900_01_01 || n > 2199_12_31 {
		return dateParts{}, false
	}
	return dateParts{first: n / 10000, second: n / 100 % 100, third: n % 100, yearFirst: true}, true
}

// moment reads a date and time with a zone: 2026-12-13T23:00:00.000Z, 2026-12-14 00:00:00+01:00.
func moment(value string) (time.Time, bool) {
	for _, layout := range []string{
		time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 Z07:00",
		"2006-01-02 15:04:05 UTC", "2006-01-02 15:04:05 GMT", "2006-01-02T15:04:05Z0700", "2006-01-02 15:04:05 -0700",
		"2006-01-02 15:04:05 -0700 UTC", "2006-01-02 15:04Z07:00", "2006-01-02 15:04:05-07", "2006-01-02T15:04:05-07",
	} {
		if t, err := time.Parse(layout, value); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// norway is the time zone whose dates invoices have.
var norway = sync.OnceValue(func() *time.Location { //nolint:gochecknoglobals // loaded once
	zone, err := time.LoadLocation("Europe/Oslo")
	if err != nil {
		return time.UTC // the command refuses to start without the zone
	}
	return zone
})

// DayOf is the date of a moment in Norway, which is the date that an invoice has.
func DayOf(moment time.Time) billing.Date {
	return billing.Date(moment.In(norway()).Format(time.DateOnly))
}

// isTime reports whether a text is a time without a zone: hh:mm or hh:mm:ss, also with fractions, AM or PM.
func isTime(value string) bool {
	layouts := []string{"15:04", "15:04:05", "15.04", "15.04.05", "3:04 PM", "3:04:05 PM", "3:04PM"}
	return slices.ContainsFunc(layouts, func(layout string) bool {
		_, err := time.Parse(layout, strings.ToUpper(value))
		return err == nil
	})
}

// twoReadings are the first two dates that a date with a short year can be: with the day first, with the year
// first, or with the month first. "no date" stands for a reading that is none.
func (d dateParts) twoReadings() (one, two string) {
	const century = 2000
	var all []string
	for _, p := range []dateParts{
		{first: d.first, second: d.second, third: century + d.third},
		{first: century + d.first, second: d.second, third: d.third, yearFirst: true},
		{first: d.second, second: d.first, third: century + d.third},
	} {
		if iso, ok := p.iso(dayFirst); ok && !slices.Contains(all, iso) {
			all = append(all, iso)
		}
	}
	all = append(all, "no date", "no date")
	return all[0], all[1]
}

// iso is the date as YYYY-MM-DD. It reports false if there is no such day, and for a short year.
func (d dateParts) iso(order dateOrder) (string, bool) {
	year, month, dayOfMonth := d.third, d.second, d.first
	switch {
	case d.shortYear:
		return "", false
	case d.yearFirst:
		year, month, dayOfMonth = d.first, d.second, d.third
	case order == monthFirst:
		month, dayOfMonth = d.first, d.second
	}
	t := time.Date(year, time.Month(month), dayOfMonth, 0, 0, 0, 0, time.UTC)
	if year < 1 || t.Year() != year || t.Month() != time.Month(month) || t.Day() != dayOfMonth {
		return "", false
	}
	return t.Format(time.DateOnly), true
}

// twoDays are the two dates that a text can be. open reports that the text does not decide which number is the month.
func twoDays(text string) (first, second string, open bool) {
	d, ok := splitDate(text)
	if !ok || d.yearFirst || d.separator == '.' {
		return "", "", false
	}
	first, one := d.iso(dayFirst)
	second, two := d.iso(monthFirst)
	return first, second, one && two && first != second
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

func (c *column) readDay(value *cell) reading {
	if value.Kind == xlsx.Time {
		return c.problem(value, "time")
	}
	if value.Kind == xlsx.Date || value.Kind == xlsx.Number {
		if _, compact := splitCompact(value.Value); !compact {
			if date, _, ok := value.Day(); ok {
				return reading{value: date}
			}
			return reading{value: value.Text()}
		}
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
	if iso, ok := d.iso(order); ok {
		return reading{value: iso}
	}
	return reading{value: value.Value}
}
