package xlsx

import (
	"strconv"
	"strings"
	"time"
)

// epoch is the day that a workbook counts its dates from.
type epoch uint8

const (
	epoch1900 epoch = iota + 1
	epoch1904
)

const (
	days1904 = 1462    // how many days the 1904 date system counts less
	lastDay  = 2958465 // 9999-12-31
	dayMilli = 24 * 60 * 60 * 1000
)

// day is the calendar day of a serial, and its time of day if it has one: the last moment of a day is 23:59:59. No day
// are those below 1, a time of day alone, and 60, 29 February 1900; in the 1904 system fractions below 1.
func (e epoch) day(serial string) (date, clock string, ok bool) {
	d, _, ok := parseDecimal(serial)
	if !ok || d.negative {
		return "", "", false
	}
	days, milliseconds := d.moment()
	if e == epoch1904 {
		if days == 0 && milliseconds > 0 {
			return "", "", false
		}
		days += days1904
	}
	if days == 0 || days == 60 && e != epoch1904 || days > lastDay {
		return "", "", false
	}
	base := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	if days < 60 {
		base = base.AddDate(0, 0, 1)
	}
	seconds := min((milliseconds+500)/1000, dayMilli/1000-1)
	t := base.AddDate(0, 0, days).Add(time.Duration(seconds) * time.Second)
	if seconds == 0 {
		return t.Format(time.DateOnly), "", true
	}
	return t.Format(time.DateOnly), t.Format(time.TimeOnly), true
}

// moment is a serial's whole days, at most one more than there are, and the milliseconds of the day behind them.
func (d decimal) moment() (days, milliseconds int) {
	whole, fraction := d.split()
	if whole != "" {
		days, _ = strconv.Atoi(whole) // at most 18 digits
	}
	const precision = 10
	parts, _ := strconv.Atoi((fraction + strings.Repeat("0", precision))[:precision])
	return min(days, lastDay+1), (parts*(dayMilli/1000) + 5_000_000) / 10_000_000
}

// splitISO takes apart a date in ISO 8601, as strict workbooks store it. A time alone has no date. Zones are left out.
func splitISO(value string) (date, clock string, ok bool) {
	if len(value) < len("00:00:00") || value[2] != ':' && (len(value) < len(time.DateOnly) || value[4] != '-') {
		return "", "", false
	}
	for _, layout := range []string{
		time.DateOnly, "2006-01-02T15:04:05", "2006-01-02T15:04:05Z07:00",
		"2006-01-02T15:04", time.TimeOnly, "15:04:05Z07:00",
	} {
		t, err := time.Parse(layout, value)
		if err != nil {
			continue
		}
		if strings.Contains(layout, "-") {
			date = t.Format(time.DateOnly)
		}
		if clock = t.Format(time.TimeOnly); clock == "00:00:00" && date != "" {
			clock = ""
		}
		return date, clock, true
	}
	return "", "", false
}
