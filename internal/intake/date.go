package intake

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"kraviabatch/internal/money"
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
type dateEvidence struct{ day, month, either sighting }

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

// settle decides the order for one separator, or refuses the file. fallback is the order that stands
// without evidence, 0 if none does.
func (e *dateEvidence) settle(header string, declared, fallback dateOrder) (dateOrder, error) {
	switch {
	case declared != 0:
		return declared, nil
	case e.day.row != 0 && e.month.row != 0:
		return 0, refuse(codeDateMixed, fmt.Sprintf("row %d has %q with the day first and row %d has %q with the month first",
			e.day.row, shown(e.day.value), e.month.row, shown(e.month.value)),
			"write all dates of the column in one way, best as 2026-01-31").at(max(e.day.row, e.month.row), header, "")
	case e.day.row != 0:
		return dayFirst, nil
	case e.month.row != 0:
		return monthFirst, nil
	case fallback != 0 || e.either.row == 0:
		return max(fallback, dayFirst), nil
	}
	d, _ := splitDate(e.either.value)
	one, _ := d.iso(dayFirst)
	two, _ := d.iso(monthFirst)
	return 0, refuse(codeDate, fmt.Sprintf("%q can be read as %s or as %s, and no other cell of the column tells which",
		shown(e.either.value), one, two),
		"declare it in a profile: input: {dates: dd/mm/yyyy} or {dates: mm/dd/yyyy}").at(e.either.row, header, e.either.value)
}

// dateParts are the numbers of a date as written; for year-first dates first is the year.
type dateParts struct {
	first, second, third int
	separator            byte // '.', '/', '-', or 0 for yyyymmdd
	yearFirst, shortYear bool
}

// splitDate takes a date apart. A time of day behind it is left out.
func splitDate(value string) (dateParts, bool) {
	value = strings.TrimSpace(value)
	if i := strings.IndexAny(value, " T"); i > 0 {
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

// isTime accepts hh:mm, hh:mm:ss and fractions, with or without a zone; the date stands as written.
func isTime(value string) bool {
	value = strings.TrimSuffix(value, "Z")
	if zone := strings.IndexAny(value, "+-"); zone > 0 {
		value = value[:zone]
	}
	for _, layout := range []string{"15:04", "15:04:05", "15.04", "15.04.05"} {
		if _, err := time.Parse(layout, value); err == nil {
			return true
		}
	}
	return false
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

// isISO is the fast way for the form that most exports have.
func isISO(value string) bool {
	if len(value) != len(time.DateOnly) || value[4] != '-' || value[7] != '-' {
		return false
	}
	_, err := time.Parse(time.DateOnly, value)
	return err == nil
}

// epoch is the day that a workbook counts its dates from.
type epoch uint8

const (
	epoch1900 epoch = iota + 1
	epoch1904
)

// days1904 is how many days the 1904 date system counts less.
const days1904 = 1462

// dayOf is the calendar day of a serial as spreadsheets store it, and its time of day if it has one: the last moment of a
// day is 23:59:59. Two serials of the 1900 system are no day: 0, which a time of day alone has, and 60, 29 February 1900.
func (e epoch) dayOf(serial string) (date, clock string, ok bool) {
	d, _, err := money.ParseStored(serial)
	if err != nil || d.Sign() < 0 {
		return "", "", false
	}
	whole, fraction, _ := strings.Cut(d.String(), ".")
	n, err := strconv.Atoi(whole)
	if e == epoch1904 {
		n += days1904
	}
	if err != nil || n > 2958465 { // 9999-12-31
		return "", "", false
	}
	base := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	switch {
	case (n == 0 || n == 60) && e == epoch1900:
		return "", "", false
	case n < 60:
		base = base.AddDate(0, 0, 1)
	}
	t := base.AddDate(0, 0, n)
	seconds := 0
	if fraction != "" {
		parts, _ := strconv.Atoi((fraction + "000000000")[:9])
		seconds = min((parts*864+5000000)/10000000, 24*60*60-1)
	}
	t = t.Add(time.Duration(seconds) * time.Second)
	if seconds == 0 {
		return t.Format(time.DateOnly), "", true
	}
	return t.Format(time.DateOnly), t.Format(time.TimeOnly), true
}
