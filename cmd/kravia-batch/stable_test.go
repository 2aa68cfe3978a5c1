package main

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
)

var (
	cellValue   = regexp.MustCompile(`(?s)<(v|t)[^>]*>[^<]*<`)
	variesByRun = []*regexp.Regexp{
		regexp.MustCompile(`\d{8}-\d{6}-[0-9a-f]{6}`),                      // a run
		regexp.MustCompile(`\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?[0-9Z.]*`), // a moment
		regexp.MustCompile(`\d+ days (before|after) \d{4}-\d\d-\d\d`),
		regexp.MustCompile(`(\(Europe/Oslo\), )((\d+(\.\d+)?(h|ms|m|s|µs))+)`), // how long it took
		regexp.MustCompile(`INV-\d{4}-`),
		regexp.MustCompile(`DATE\(\d{4},\d\d?,\d\d?\)`),
		regexp.MustCompile(`(paid on )\d{4}-\d\d-\d\d`),
	}
	isoDay   = regexp.MustCompile(`^\d{4}-\d\d-\d\d$`)
	isoMonth = regexp.MustCompile(`^\d{4}-\d\d$`)
)

// The days that are due fall into more or fewer weeks by the weekday of the run: what they move is left out.
var (
	receivables  = regexp.MustCompile(`name="Receivables" sheetId="(\d+)"`)
	movedByWeeks = regexp.MustCompile(`(?s)<sheetData>.*</sheetData>|"[A-Z]+\d+:[A-Z]+\d+"`)
	weeksOfChart = regexp.MustCompile(`(Receivables&#39;!\$[A-Z]\$)\d+(:\$[A-Z]\$)\d+`)
)

func stableText(text string) string {
	for _, form := range variesByRun {
		text = form.ReplaceAllString(text, "…")
	}
	return text
}

// stable replaces what varies from run to run: names and moments of the run, and the dates of its invoices,
// of which only the time to pay is kept. The weeks in which they are due are left out.
func stable(table [][]string) [][]string {
	kept := make([][]string, 0, len(table))
	invoiced, due, expected, month, week := -1, -1, -1, -1, -1
	for _, row := range table {
		column := func(name string) int { // of the CSV file, or of a list of the workbook
			return slices.IndexFunc(row, func(heading string) bool {
				return strings.ReplaceAll(heading, "_", " ") == name
			})
		}
		at := func(c int, form *regexp.Regexp) string {
			if c < 0 || c >= len(row) || !form.MatchString(row[c]) {
				return ""
			}
			return row[c]
		}
		if i := column("invoice date"); i >= 0 {
			invoiced, due, expected = i, column("due date"), column("expected")
		}
		// a list of a sheet with several
		if i := max(column("Invoiced in"), column("Week from Monday")); i >= 0 || len(row) == 0 {
			month, week = column("Invoiced in"), column("Week from Monday")
		}
		if at(week, isoDay) != "" {
			continue
		}
		for c := range row {
			row[c] = stableText(row[c])
		}
		if from, to := at(invoiced, isoDay), at(due, isoDay); from != "" && to != "" {
			row[due] = strconv.Itoa(int(billing.Date(to).Time().Sub(billing.Date(from).Time()).Hours()/24)) +
				" days later"
		}
		for _, c := range []int{invoiced, expected} {
			if at(c, isoDay) != "" {
				row[c] = "a day"
			}
		}
		if at(month, isoMonth) != "" {
			row[month] = "a month"
		}
		kept = append(kept, row)
	}
	return kept
}

// TestStable has reports of two days agree, and not those with another time to pay.
func TestStable(t *testing.T) {
	t.Parallel()
	on := func(issued, due string) [][]string {
		return stable([][]string{
			{"invoice_number", "invoice_date", "due_date", "delivery_date", "expected"},
			{"INV-" + issued[:4] + "-0001", issued, due, "2026-11-30", due},
		})
	}
	november := on("2026-11-22", "2026-12-06")
	require.Equal(t, november, on("2028-02-20", "2028-03-05"))
	require.NotEqual(t, november, on("2028-02-20", "2028-03-06"))
	require.Equal(t, []string{"…0001", "a day", "14 days later", "2026-11-30", "a day"}, november[1])

	lists := func(month, day string, weeks ...[]string) [][]string {
		table := slices.Concat([][]string{{"Currency", "Week from Monday"}}, weeks, [][]string{
			{"NOK", "Total"},
			{},
			{"Open, overdue and paid on " + day + ": the orders"},
			{"Currency", "Invoiced in"},
			{"NOK", month},
			{},
			{"2026-11", day},
		})
		return stable(table)
	}
	one := lists("2026-11", "2026-11-22", []string{"NOK", "2026-11-30"}, []string{"NOK", "2026-12-07"})
	require.Equal(t, [][]string{
		{"Currency", "Week from Monday"},
		{"NOK", "Total"},
		{},
		{"Open, overdue and …: the orders"},
		{"Currency", "Invoiced in"},
		{"NOK", "a month"},
		{},
		{"2026-11", "2026-11-22"},
	}, one)
	other := lists("2027-02", "2027-02-28", []string{"NOK", "2027-03-08"})
	require.Equal(t, one[:7], other[:7])
	require.NotEqual(t, one[7], other[7])
	require.Equal(t, stableText("(Europe/Oslo), 0s. Period 2026-11"),
		stableText("(Europe/Oslo), 1m12.5s. Period 2026-11"))
}
