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
)

// dateOrder is the order of day and month in dates such as 03/04/2026.
type dateOrder uint8

const (
	dayFirst dateOrder = iota + 1
	monthFirst
)

// dateForms are the forms of dates that a profile may declare.
func dateForms() []string {
	return []string{"yyyy-mm-dd", "dd.mm.yyyy", "dd/mm/yyyy", "mm/dd/yyyy", "dd-mm-yyyy", "mm-dd-yyyy"}
}

// dateEvidence is what the cells of a column tell about the order of day and month.
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

// settle decides the order for one separator, or refuses the file. A column of texts and of real dates was
// converted by a program that read some texts with day and month swapped, perhaps: real is one that could be.
func (e *dateEvidence) settle(header string, declared dateOrder, real *example) (dateOrder, error) {
	switch {
	case declared != 0:
		return declared, nil
	case real.row != 0 && cmp.Or(e.day.row, e.month.row, e.either.row) != 0:
		text := cmp.Or(e.day.value, e.month.value, e.either.value)
		return 0,
			refuse(codeDateMixed,
				fmt.Sprintf(
					"row %d has the date %s and another row the text %q, so that a program may have read some dates with day and month swapped",
					real.row, real.value, shown(text)),
				"format the whole column as dates, or as text written like 2026-01-31").at(real.row, header, "")
	case e.day.row != 0 && e.month.row != 0:
		return 0,
			refuse(codeDateMixed, fmt.Sprintf("row %d has %q with the day first and row %d has %q with the month first",
				e.day.row, shown(e.day.value), e.month.row, shown(e.month.value)),
				"write all dates of the column in one way, best as 2026-01-31").at(max(e.day.row, e.month.row),
				header, "")
	case e.day.row != 0:
		return dayFirst, nil
	case e.month.row != 0:
		return monthFirst, nil
	case e.either.row == 0:
		return dayFirst, nil
	}
	d, _ := splitDate(e.either.value)
	one, _ := d.iso(dayFirst)
	two, _ := d.iso(monthFirst)
	return 0, refuse(codeDate, fmt.Sprintf("%q can be read as %s or as %s, and no other cell of the column tells which",
		shown(e.either.value), one, two),
		fmt.Sprintf("declare it in a profile: input: {dates: dd%[1]cmm%[1]cyyyy} or {dates: mm%[1]cdd%[1]cyyyy}",
			d.separator)).at(e.either.row, header, e.either.value)
}

// dateParts are the numbers of a date as written; for year-first dates first is the year.
type dateParts struct {
	first, second, third int
	separator            byte // '.', '/', '-', or 0 for yyyymmdd
	yearFirst, shortYear bool
}

// splitDate takes a date apart. A time of day behind it is left out; with a zone it is a moment, whose day is
// that of Norway.
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
	d := dateParts{separator: value[at]}
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
	d.first, d.second, d.third = numbers[0], numbers[1], numbers[2]
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
		"2006-01-02 15:04:05 UTC", "2006-01-02 15:04:05 GMT",
		"2006-01-02T15:04:05Z0700", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05 -0700 UTC",
		"2006-01-02 15:04Z07:00", "2006-01-02 15:04:05-07",
		"2006-01-02T15:04:05-07",
	} {
		if t, err := time.Parse(layout, value); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// norway is the zone by whose days invoices are issued.
var norway = sync.OnceValue(func() *time.Location { //nolint:gochecknoglobals // loaded once
	zone, err := time.LoadLocation("Europe/Oslo")
	if err != nil {
		return time.UTC // the command refuses to start then
	}
	return zone
})

// DayOf is the day of a moment by which invoices are issued.
func DayOf(moment time.Time) billing.Date {
	return billing.Date(moment.In(norway()).Format(time.DateOnly))
}

// isTime accepts hh:mm, hh:mm:ss and fractions, with AM or PM; the date stands as written.
func isTime(value string) bool {
	for _, layout := range []string{"15:04", "15:04:05", "15.04", "15.04.05", "3:04 PM", "3:04:05 PM", "3:04PM"} {
		if _, err := time.Parse(layout, strings.ToUpper(value)); err == nil {
			return true
		}
	}
	return false
}

// twoReadings are the dates that one with a short year can be: with the day first and with the year first, or
// with the month first where that is no date.
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

// iso is the date as YYYY-MM-DD, if there is such a day.
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

// twoDays are the days that a date can be, where it does not tell by itself which number is the month.
func twoDays(text string) (first, second string, open bool) {
	d, ok := splitDate(text)
	if !ok || d.yearFirst || d.separator == '.' {
		return "", "", false
	}
	first, one := d.iso(dayFirst)
	second, two := d.iso(monthFirst)
	return first, second, one && two && first != second
}
