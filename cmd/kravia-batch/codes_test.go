package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
)

// TestCodesPage keeps samples/CODES.md the list of all problem codes of rows and orders.
func TestCodesPage(t *testing.T) {
	t.Parallel()
	path := filepath.Join(samples, "CODES.md")
	page := codesPage()
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(page), 0o644))
	}
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, page, string(data), "`make samples` writes it anew")
}

func codesPage() string {
	var b strings.Builder
	b.WriteString(`# Problem codes

Every problem of a row or an order has a code. Codes are stable; the words beside them may change. ` + "`samples/problems.csv`" + ` has a row
for nearly each of them, and ` + "`kravia-batch check samples/problems.csv`" + ` shows what the program says about it.

An **error** keeps the whole order from being sent, for an order is sent whole or not at all. A **warning** is shown in the report and
the order is sent. A profile may change either: ` + "`severity: {organization_number.check_digit: error}`" + `, with ` + "`error`, `warning` or `off`" + `.
Where the column "may be lowered" says no, only ` + "`error`" + ` is taken: what the code checks is needed, and without it the invoice would be
wrong or impossible.

Codes that are not here: what refuses a file as a whole (` + "`file.…`, `csv.…`, `xlsx.…`, `header.…`, `number.…`, `date.…`" + `), what a spreadsheet
did to one cell (the column's name with an ending such as ` + "`.scientific`, `.error_value`, `.two_digit_year`" + `; of these only ` + "`.date`" + `
of a reference, number or code may be lowered), and what the provider or the
network answered (` + "`provider.…`, `answer.…`, `network.…`" + `). They say what to do when they appear.
`)
	group := ""
	for _, info := range billing.Codes() {
		of, _, _ := strings.Cut(string(info.Code), ".")
		if of != group {
			group = of
			fmt.Fprintf(&b, "\n## %s\n\n| code | severity | may be lowered | meaning | example | what to do |\n|---|---|---|---|---|---|\n", group)
		}
		lowerable := map[bool]string{true: "yes", false: "no"}[info.Lowerable]
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s |\n", info.Code, info.Severity, lowerable, tableCell(info.Meaning), tableCell(info.Example), tableCell(info.Fix))
	}
	return b.String()
}

func tableCell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }
