package intake_test

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/intake"
)

// rolesTable is a table of any rows, the header first, under a profile that gives them roles.
type rolesTable struct {
	profile string
	rows    [][]string
	hidden  []bool // of a workbook
}

const typeAt, statusAt = 0, 6 // columns of a rolesTable

// drawRoles makes each part of the profile or leaves it out, and rows of few words, so that many belong together.
func drawRoles(rt *rapid.T) *rolesTable {
	t := &rolesTable{
		rows:   [][]string{{"Type", "Ordre", "Kunde", "Tekst", "Sum", "Mva", "Status"}},
		hidden: []bool{false},
	}
	mapped, inBook := rapid.Bool().Draw(rt, "mapped"), rapid.IntRange(0, 5).Draw(rt, "book") == 0
	onlys := []string{
		"", "{Status} != 'Kladd'", "{Type} == 'H' or {Status} != 'Kladd'",
		"{Status} == 'Klar' or {Status} == ''",
	}
	p := fmt.Sprintf("input: {skip_footer: %d, hidden_rows: %s}\n", rapid.IntRange(0, 2).Draw(rt, "footer"),
		rapid.SampledFrom([]string{"skip", "read"}).Draw(rt, "hidden rows"))
	if mapped {
		p += "columns:\n  order_reference: Ordre\n  customer_number: Kunde\n  description: Tekst\n  amount: Sum\n  vat: Mva\n"
	} else {
		t.rows[0] = []string{"Type", "order_reference", "customer_number", "description", "Total", "vat", "Status"}
	}
	if mapped && rapid.Bool().Draw(rt, "register") {
		p += "  business_name: kunder.Tekst\nregisters: {kunder: {only: \"= {Type} == 'K'\", key: Kunde, by: customer_number}}\n"
		onlys = append(onlys, "{kunder.Tekst} != 'Frakt'")
		t.rows, t.hidden = append(t.rows, []string{"K", "", "7", "Fjord AS", "", "", ""}), append(t.hidden, false)
	}
	p += rapid.SampledFrom([]string{"", "head: \"= {Type} == 'H'\"\n"}).Draw(rt, "head")
	only := rapid.SampledFrom(onlys).Draw(rt, "only")
	if only != "" {
		p += "only: \"= " + only + "\"\n"
	}
	if !strings.Contains(only, "Status") {
		p += "ignore: [Status]\n"
	}
	p += rapid.SampledFrom(
		[]string{"", "fill_down: [order_reference]", "fill_down: [order_reference, customer_number]"}).Draw(rt, "fill")
	ofLine := [][]string{
		{"L", "L", "L", "H", "K", "h", ""},
		{"", "", "1", "2", "Sum"},
		{"", "", "7", "8"},
		{"", "Leie", "Leie", "Frakt", "Totalt"},
		{"", "100,00", "100,00", "200,00", "0,00"},
		{"", "25", "25", "0"},
		{"", "Klar", "Klar", "Kladd", "kladd"},
	}
	ofHead := [][]string{{"H"}, {"1", "2", ""}, {"7", "8", ""}, {""}, {"", "0,00"}, {""}, ofLine[statusAt]}
	ofTotal := [][]string{{"", "L"}, {"", "", "Sum"}, {"", "8"}, {"", "Totalt"}, {"100,00", "200,00"}, {""}, {""}}
	none, header := make([][]string, len(t.rows[0])), make([][]string, len(t.rows[0]))
	for i, cell := range t.rows[0] {
		none[i], header[i] = []string{""}, []string{cell}
	}
	for range rapid.IntRange(1, 12).Draw(rt, "rows") {
		var row []string
		kinds := [][][]string{none, header, ofHead, ofHead, ofHead, ofTotal, ofTotal, ofLine, ofLine, ofLine, ofLine}
		for i, words := range rapid.SampledFrom(kinds).Draw(rt, "kind") {
			row = append(row, rapid.SampledFrom(words).Draw(rt, t.rows[0][i]))
		}
		if inBook && row[typeAt] != "" && rapid.IntRange(0, 5).Draw(rt, "wide") == 0 {
			row = append(row, "Totalt")
		}
		t.rows, t.hidden = append(t.rows, row), append(t.hidden, inBook && rapid.IntRange(0, 4).Draw(rt, "hidden") == 0)
	}
	t.profile = p
	return t
}

// write makes a file of the table: a workbook if a row is hidden or wider than the header.
func (t *rolesTable) write(rt *rapid.T, dir string) string {
	require.NoError(rt, os.WriteFile(filepath.Join(dir, "profile.yaml"), []byte(t.profile), 0o600))
	if !slices.Contains(t.hidden, true) &&
		!slices.ContainsFunc(t.rows, func(row []string) bool { return len(row) > len(t.rows[0]) }) {
		var out strings.Builder
		w := csv.NewWriter(&out)
		w.Comma = ';'
		require.NoError(rt, w.WriteAll(t.rows))
		require.NoError(rt, os.WriteFile(filepath.Join(dir, "lines.csv"), []byte(out.String()), 0o600))
		return filepath.Join(dir, "lines.csv")
	}
	book := excelize.NewFile()
	for i := range t.rows {
		require.NoError(rt, book.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &t.rows[i]))
		require.NoError(rt, book.SetRowVisible("Sheet1", i+1, !t.hidden[i]))
	}
	defer func() { require.NoError(rt, book.Close()) }()
	require.NoError(rt, book.SaveAs(filepath.Join(dir, "lines.xlsx")))
	return filepath.Join(dir, "lines.xlsx")
}

// TestEveryRowIsAccountedFor gives any rows any roles: each row is one record, left out once, or no record
// for a reason, in every reading of the file. A word that only or head cannot judge is a problem of its row.
func TestEveryRowIsAccountedFor(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		table := drawRoles(rt)
		path := table.write(rt, dir)
		p, err := intake.LoadProfile(filepath.Join(dir, "profile.yaml"))
		require.NoError(rt, err)
		left := map[int]int{}
		f, err := intake.Open(t.Context(), path,
			intake.Options{Profile: p, TmpDir: dir, LeftOut: func(l billing.LeftOut) error {
				left[l.Row]++
				return nil
			}})
		if err != nil {
			require.ErrorAs(rt, err, new(*intake.Error))
			require.NotContains(rt, err.Error(), "file.changed")
			return
		}
		defer func() { require.NoError(rt, f.Close()) }()
		said := [2]map[int]string{{}, {}}
		for _, reading := range said {
			for r, err := range f.Records(t.Context()) {
				require.NoError(rt, err)
				require.Empty(rt, reading[r.Row], "row %d", r.Row)
				reading[r.Row] = fmt.Sprint(r)
			}
			require.Len(rt, reading, f.Rows)
		}
		require.Equal(rt, said[0], said[1])
		require.Len(rt, left, f.LeftOut)
		for i, cells := range table.rows {
			number, record, why := i+1, said[0][i+1], ""
			if record == "" {
				why, _, err = f.Passed(t.Context(), number)
				require.NoError(rt, err)
				require.NotEmpty(rt, why, "row %d", number)
			}
			twice := map[bool]int{true: 2}[strings.HasPrefix(why, "is left out")] // by both readings
			require.Equal(rt, twice, left[number], "row %d: %s", number, why)
			unclear := strings.Contains(table.profile, "Kladd") && cells[statusAt] == "kladd" ||
				strings.Contains(table.profile, "head:") && cells[typeAt] == "h"
			if unclear && (record != "" || strings.Contains(why, "carries")) {
				require.Contains(rt, record, "row.formula", "row %d %s", number, why)
			}
		}
	})
}
