package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
)

// samples/CODES.md lists all problem codes of rows and orders.
func TestCodesPage(t *testing.T) {
	t.Parallel()
	path := filepath.Join(samples, "CODES.md")
	page := codesPage(t)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(page), 0o644))
	}
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, page, string(data), "`make samples` writes it anew")
}

// codesPage is the page, made of codes.csv. In its table * stands for every column of some kinds.
func codesPage(t *testing.T) string {
	t.Helper()
	table := readCSV(t, "../../internal/billing/codes.csv")
	require.Equal(t, []string{"code", "severity", "lowerable", "cells", "message", "fix", "example"}, table[0])
	var b strings.Builder
	b.WriteString(`# Problem codes

Every problem of a row or an order has a code. Codes are stable; the words beside them may change.
` + "`samples/problems.csv`" + ` has an order for nearly every code, and
` + "`samples/unreadable.csv`" + ` has rows that keep every order of their file from being sent.
` + "`kravia-batch check`" + ` shows what the program says about them.

An **error** keeps the complete order from being sent. A **warning** is shown in the report, and the order is sent. A
code that is **off** is checked only if a profile asks for it.

A profile may change each: ` + "`severity: {organization_number.check_digit: error}`" + `, with ` +
		"`error`, `warning` or `off`" + `.
Where the column "may be lowered" says no, a profile may only set ` + "`error`" + `: without that check the
invoice would be wrong or impossible. A word in braces stands for a value that the message fills in.

What the provider or the network answered is not listed here (` + "`provider.…`, `answer.…`, `network.…`" + `): such a
message says itself what to do.
`)
	group := ""
	var ofCells [][]string
	for _, row := range table[1:] {
		if strings.HasPrefix(row[0], "*") {
			ofCells = append(ofCells, row)
			continue
		}
		if of, _, _ := strings.Cut(row[0], "."); of != group {
			group = of
			fmt.Fprintf(&b, "\n## %s\n\n| code | severity | may be lowered | message | example | what to do |\n"+
				"|---|---|---|---|---|---|\n", group)
		}
		fmt.Fprintf(&b, "| `%s` %s\n", row[0], codeCells(row))
	}
	b.WriteString(`
## What a spreadsheet or a program did to a cell

These codes apply to every column of some kinds. The code is the column's name and the ending, such as
` + "`phone_number.scientific`" + `.

| ending | columns | severity | may be lowered | message | example | what to do |
|---|---|---|---|---|---|---|
`)
	for _, row := range ofCells {
		fmt.Fprintf(&b, "| `%s` | %s %s\n", strings.TrimPrefix(row[0], "*"), strings.ReplaceAll(row[3], " ", ", "),
			codeCells(row))
	}
	b.WriteString("\n| kind | columns |\n|---|---|\n")
	for _, kind := range []billing.Kind{
		billing.Text, billing.Choice, billing.Identifier, billing.Number,
		billing.Money, billing.Percent, billing.Day,
	} {
		fmt.Fprintf(&b, "| %s | %s |\n", kind, strings.Join(columnsOfKind(kind), " "))
	}
	b.WriteString(`
## Files that are refused

If a file as a whole is in doubt, nothing of it is sent, and the exit code is 5. The message names the place and says
what to do.

| code | why |
|---|---|
`)
	for _, refusal := range refusals {
		fmt.Fprintf(&b, "| `%s` | %s |\n", refusal.code, refusal.why)
	}
	return b.String()
}

func columnsOfKind(kind billing.Kind) (names []string) {
	for _, c := range billing.Columns() {
		if c.Kind() == kind {
			names = append(names, "`"+c.String()+"`")
		}
	}
	return names
}

func codeCells(row []string) string {
	lowerable := cmp.Or(row[2], "no")
	message := strings.NewReplacer("{because}", "", "{of}", "").Replace(row[4]) // what is added in some cases
	return fmt.Sprintf("| %s | %s | %s | %s | %s |", row[1], lowerable, tableCell(message), tableCell(row[6]),
		tableCell(row[5]))
}

func tableCell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

// refusals are the codes of exit code 5.
var refusals = []struct{ code, why string }{
	{
		"file.not_found",
		"the file, the folder or a table in it is missing or cannot be read to its end; " +
			"or all files are registers and none has lines",
	},
	{"file.unreadable", "the file cannot be opened"},
	{"file.empty", "it is empty, or has no header"},
	{"file.no_rows", "it has a header and no rows"},
	{"file.changed", "it was written to while it was read"},
	{"register.absent", "the profile looks up rows in a register whose file was not given"},
	{
		"file.twice",
		"two files have the same content, so every line would be billed twice, or the lines are also a register",
	},
	{"file.lines_twice", "a line of it is also in another file, so that it would be billed twice"},
	{"file.corrected", "a file is given together with its corrections"},
	{"register.files", "two files are given for one register of the profile"},
	{"file.encoding", "its bytes are not text in any likely encoding, or not in the encoding that the profile names"},
	{"file.format", "it is not a table: a web page, a PDF, an archive"},
	{"csv.nul", "a CSV file holds NUL bytes"},
	{"csv.quote", "a quote is opened and not closed, or stands inside a cell"},
	{"csv.ragged", "a line does not have as many cells as the header"},
	{"csv.limit", "a line, a cell or the file is too large for a list of lines"},
	{"header.missing_column", "there is no column for the description, or none for an amount"},
	{"header.ambiguous_column", "two headers stand for one column"},
	{"header.profile_column", "a column that the profile names is missing"},
	{"header.unread", "a column is not understood, and its header names money, VAT, a due date or the like"},
	{"header.undecided", "a header such as `Mva` or `Rabatt` can mean two things, and its cells do not decide which"},
	{
		"header.currency",
		"a formula reads a column of a currency that the profile ignores, " +
			"and nothing says which currency its result has",
	},
	{"header.minor", "a header says that its amounts are in hundredths, and the profile does not read them so"},
	{"header.vat", "a header says that its prices include VAT and they are read without, or the other way round"},
	{"header.total", "a column such as `Total` repeats the order's total on each of its lines"},
	{"header.second", "a second header stands among the rows, so that those below it may be another list"},
	{"header.above", "a row above the header names what invoices depend on, such as VAT, a currency or a due date"},
	{"file.footer", "`skip_footer` of the profile would skip a row that has all that a line has"},
	{"number.ambiguous", "`1.234` can be one thousand or one, and no other cell of the column decides"},
	{"number.contradiction", "a column has numbers with a decimal comma and with a decimal point"},
	{"date.ambiguous", "`03/04/2027` can be March or April, and no other cell of the column decides"},
	{
		"date.contradiction",
		"a column has dates with the day first and with the month first, " +
			"or real dates beside texts such as `03/04/2027`",
	},
	{"xlsx.password", "the workbook has a password"},
	{"xlsx.old_format", "it is a workbook in the format before 2007"},
	{"xlsx.damaged", "the workbook is damaged or incomplete"},
	{"xlsx.limit", "the workbook is too large for a list of lines"},
	{"xlsx.sheet", "the sheet that the profile names is missing, or the only list is in a hidden sheet"},
	{"xlsx.ambiguous_sheet", "several sheets could be the list"},
	{"xlsx.hidden_rows", "rows of the list are hidden, and the profile does not say whether they count"},
	{"profile.needed", "the profile lowers a code that must not be lowered"},
	{"profile.rules", "the rules of profile and flags contradict each other"},
}

// Every code by which the program refuses a file is listed.
func TestRefusalsAreListed(t *testing.T) {
	t.Parallel()
	var listed []string
	for _, refusal := range refusals {
		listed = append(listed, refusal.code)
	}
	written := regexp.MustCompile(`(?m)(?:^\tcode\w+ += |Code: )"([a-z]+\.[a-z_]+)"`)
	var found []string
	for _, file := range []string{"intake/error.go", "batch/input.go", "batch/corrections.go", "batch/registers.go"} {
		source, err := os.ReadFile(filepath.Join("../../internal", filepath.FromSlash(file)))
		require.NoError(t, err)
		for _, match := range written.FindAllStringSubmatch(string(source), -1) {
			found = append(found, match[1])
		}
	}
	slices.Sort(found)
	require.ElementsMatch(t, slices.Compact(found), listed)
}
