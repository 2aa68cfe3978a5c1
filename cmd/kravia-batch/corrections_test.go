package main

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"kraviabatch/internal/billing"
)

// checked is what check and a dry run print as JSON.
type checked struct {
	Rows        int
	InvalidRows int `json:"invalid_rows"`
	Problems    []billing.Problem
	Requests    json.RawMessage
	Corrections []string
}

func readJSON(t *testing.T, code int, args ...string) checked {
	t.Helper()
	got, stdout, stderr := call(t, args...)
	require.Equal(t, code, got, stderr)
	var result checked
	require.NoError(t, json.Unmarshal([]byte(stdout), &result))
	return result
}

// unplaced are problems without the name of their file. A cell that would be right as text is an error in a
// corrections workbook until it is corrected, whatever it was before.
func unplaced(c checked, file string) []billing.Problem {
	for i := range c.Problems {
		p := &c.Problems[i]
		p.File, p.Sheet = "", ""
		p.Message = strings.ReplaceAll(p.Message, file, "the file")
		switch column, ending, _ := strings.Cut(string(p.Code), "."); ending {
		case "error_value", "no_value", "shown":
			*p = billing.Problem{
				Code: billing.Code(column + ".error"), Severity: p.Severity, Place: p.Place,
				Column: p.Column,
			}
		}
	}
	return c.Problems
}

// TestCorrectionsUncorrected has the workbook mean exactly what the file means, and nothing overwritten.
func TestCorrectionsUncorrected(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		file, profile string
		code          int
	}{
		{filepath.Join(samples, "problems.csv"), "", 3},
		{"testdata/corrections/profile.csv", "testdata/corrections/profile.yaml", 3},
	} {
		dir := t.TempDir()
		args := []string{"check", "--json", "--reports", dir}
		if test.profile != "" {
			args = append(args, "--profile", test.profile)
		}
		first := readJSON(t, test.code, append(args, test.file)...)
		require.Len(t, first.Corrections, 1)
		second := readJSON(t, test.code, append(args, first.Corrections[0])...)
		require.Equal(t, first.Rows, second.Rows)
		require.Equal(t, unplaced(first, filepath.Base(test.file)),
			unplaced(second, filepath.Base(first.Corrections[0])))
		require.Equal(t, strings.TrimSuffix(first.Corrections[0], ".xlsx")+"-2.xlsx", second.Corrections[0],
			"never overwritten")
		third := readJSON(t, test.code, append(args, second.Corrections[0])...)
		require.Equal(t, second.Problems[0].Message, third.Problems[0].Message)
	}
}

// TestCorrectionsOfWorkbook has cells of every kind read the same again: numbers, percents, dates, errors and text.
func TestCorrectionsOfWorkbook(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "typed.xlsx")
	book := excelize.NewFile()
	require.NoError(t, book.SetSheetName("Sheet1", "Linjer"))
	percent, err := book.NewStyle(&excelize.Style{NumFmt: 10})
	require.NoError(t, err)
	day, err := book.NewStyle(&excelize.Style{NumFmt: 14})
	require.NoError(t, err)
	rows := [][]any{
		{
			"Ordrenr", "Fornavn", "Etternavn", "E-post", "Telefon", "Adresse", "Postnr", "Poststed", "Land", "Tekst",
			"Antall", "Enhetspris", "MVA %", "Levert", "Rabatt %",
		},
		{
			"A1", "Kari", "Moe", "kari@example.no", "+4740000011", "Storgata 1", "0151", "Oslo", "NO", "one thousandth",
			1.234, 1000, 0.25, 46356, nil,
		},
		{"A1", nil, nil, nil, nil, nil, nil, nil, nil, "text", "1.5", "1,234.50", 0.25, 46356.5, 5},
		{
			"A2", "Ola", "Moe", "ola@nordmann", 40000011, "Storgata 2", 151, "Oslo", "NO", 12.5, 2, 99.9, 0.255,
			"2026-11-30", nil,
		},
		{
			"A3", "Ola", "Moe", "ola@example.no", "+4740000011", "Storgata 2", "0151", "Oslo", "NO", "unread discount",
			2, 99.9, 0.25, "2026-11-30", nil,
		},
	}
	for r, cells := range rows {
		require.NoError(t, book.SetSheetRow("Linjer", cellName(t, 0, r+2), &cells))
	}
	require.NoError(t, book.SetCellFormula("Linjer", "O7", "1/0"))
	require.NoError(t, book.SetCellStyle("Linjer", "M4", "M7", percent))
	require.NoError(t, book.SetCellStyle("Linjer", "N4", "N5", day))
	require.NoError(t, book.SaveAs(path))
	require.NoError(t, book.Close())

	first := readJSON(t, 3, "check", "--json", "--reports", dir, path)
	codes := map[billing.Code]int{}
	for _, p := range first.Problems {
		codes[p.Code] = p.Row
	}
	require.Equal(t, map[billing.Code]int{
		"email.invalid": 6, "postal_code.restored": 6, "discount_percent.no_value": 7, "vat.rate": 6,
	}, codes)
	second := readJSON(t, 3, "check", "--json", "--reports", dir, first.Corrections[0])
	require.Equal(t, unplaced(first, "typed.xlsx"), unplaced(second, "typed_corrections.xlsx"))
	before := readJSON(t, 3, "run", "--dry-run", "--json", "--sandbox", path)
	after := readJSON(t, 3, "run", "--dry-run", "--json", "--sandbox", first.Corrections[0])
	require.JSONEq(t, string(before.Requests), string(after.Requests))

	made, err := excelize.OpenFile(first.Corrections[0])
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, made.Close()) })
	require.Equal(t, []string{"Linjer", "Read me"}, made.GetSheetList())
	for cell, want := range map[string]string{
		"A3": "Ordrenr", "P3": "kravia_problems", "K4": "1.234", "M4": "25", "N4": "46356", "L5": "1234.5",
		"E6": "40000011", "G6": "151", "J6": "12.5",
	} {
		got, err := made.GetCellValue("Linjer", cell, excelize.Options{RawCellValue: true})
		require.NoError(t, err)
		require.Equal(t, want, got, cell)
	}
	formula, err := made.GetCellFormula("Linjer", "O7")
	require.NoError(t, err)
	require.Equal(t, "NA()", formula, "an error that no text can say")
}

// TestCorrectionsCorrected corrects every wrong row of the sample as a person would, and compares with a file
// that was never wrong.
func TestCorrectionsCorrected(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	wrong := readJSON(t, 3, "check", "--json", "--reports", dir, filepath.Join(samples, "problems.csv"))
	require.Len(t, wrong.Corrections, 1)
	table := readCSV(t, filepath.Join(samples, "problems.csv"))
	book, err := excelize.OpenFile(wrong.Corrections[0])
	require.NoError(t, err)
	bad := map[int]bool{}
	for _, p := range wrong.Problems {
		bad[p.Row] = true
	}
	for row := range bad {
		for c, value := range table[1] {
			if c == 0 {
				value = "corrected-" + cellName(t, c, row-1)
			}
			if table[row-1][c] == value || table[0][c] == "note" {
				continue
			}
			table[row-1][c] = value
			require.NoError(t, book.SetCellStr("Lines", cellName(t, c, row-1), value))
		}
	}
	require.NoError(t, book.Save())
	require.NoError(t, book.Close())
	clean := filepath.Join(dir, "clean.csv")
	file, err := os.Create(clean)
	require.NoError(t, err)
	require.NoError(t, csv.NewWriter(file).WriteAll(table))
	require.NoError(t, file.Close())

	want := readJSON(t, 0, "run", "--dry-run", "--json", "--sandbox", clean)
	got := readJSON(t, 0, "run", "--dry-run", "--json", "--sandbox", wrong.Corrections[0])
	require.Empty(t, got.Problems)
	require.Equal(t, want.Rows, got.Rows)
	require.JSONEq(t, string(want.Requests), string(got.Requests))
	require.Equal(t, 0, readJSON(t, 0, "check", "--json", "--reports", dir, wrong.Corrections[0]).InvalidRows)
}

func TestCorrectionsOfRun(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	args := []string{
		"run", "--sandbox", "--rate", "0", "--json", "--state", filepath.Join(dir, "state"),
		"--reports", filepath.Join(dir, "reports"),
	}
	code, stdout, stderr := call(t,
		append(args, "testdata/corrections/profile.csv", "--profile", "testdata/corrections/profile.yaml")...)
	require.Equal(t, 3, code, stderr)
	var summary struct{ Reports []string }
	require.NoError(t, json.Unmarshal([]byte(stdout), &summary))
	require.Contains(t, summary.Reports, filepath.Join(dir, "reports", "profile_corrections.xlsx"))
	code, _, stderr = call(t,
		append(args, "--format", "csv", "testdata/corrections/profile.csv", "--profile",
			"testdata/corrections/profile.yaml")...)
	require.Equal(t, 3, code, stderr)
	require.NoFileExists(t, filepath.Join(dir, "reports", "profile_corrections-2.xlsx"), "no workbooks were wanted")
}

func TestCorrectionsThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	code, stdout, stderr := call(t, "check", "--reports", filepath.Join(file, "below"),
		filepath.Join(samples, "problems.csv"))
	require.Equal(t, 3, code)
	require.Contains(t, stderr, "note: corrections of problems.csv")
	require.NotContains(t, stdout, "_corrections")
}

// TestCorrectionsOfManyFiles has each wrong file given back on its own, and no file read beside its corrections.
func TestCorrectionsOfManyFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	header, rows, _ := strings.Cut(explainFile, "\n")
	wrong := strings.Split(rows, "\n")[1]
	var files []string
	for i, text := range []string{
		strings.ReplaceAll(wrong, "1002", "1012"),
		strings.ReplaceAll(wrong, "nordmann", "example.no"), strings.ReplaceAll(wrong, "1002", "1022"),
	} {
		sub := filepath.Join(dir, string(rune('a'+i)))
		require.NoError(t, os.Mkdir(sub, 0o700))
		files = append(files, filepath.Join(sub, "lines.csv"))
		require.NoError(t, os.WriteFile(files[i], []byte(header+"\n"+text+"\n"), 0o600))
	}
	args := []string{"check", "--json", "--reports", filepath.Join(dir, "out")}
	result := readJSON(t, 3, append(args, files...)...)
	require.Len(t, result.Corrections, 2)
	for i, reference := range []string{"1012", "1022"} {
		book, err := excelize.OpenFile(result.Corrections[i])
		require.NoError(t, err)
		value, err := book.GetCellValue("Lines", "A2")
		require.NoError(t, err)
		require.Equal(t, reference, value)
		require.NoError(t, book.Close())
	}
	for _, both := range [][]string{
		{files[0], result.Corrections[0]},
		{result.Corrections[1], files[2]},
		result.Corrections,
	} {
		code, _, stderr := call(t, append(args, both...)...)
		require.Equal(t, 5, code)
		require.Contains(t, stderr, "its lines would be billed twice")
	}
}

// TestCorrectionsOfConstants has cells that contradict the profile's constants read the same again, whatever
// they are in a workbook.
func TestCorrectionsOfConstants(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "fixed.xlsx")
	book := excelize.NewFile()
	percent, err := book.NewStyle(&excelize.Style{NumFmt: 10})
	require.NoError(t, err)
	day, err := book.NewStyle(&excelize.Style{NumFmt: 14}) // month first
	require.NoError(t, err)
	rows := [][]any{
		{
			"Ordrenr", "Fornavn", "Etternavn", "E-post", "Telefon", "Adresse", "Postnr", "Poststed", "Land", "Tekst",
			"Antall", "Enhetspris", "MVA %", "Levert",
		},
		{
			"A1", "Kari", "Moe", "kari@example.no", "+4740000011", "Storgata 1", "0151", "Oslo", "Norge", "same", 2,
			100, 0.25, 46361,
		},
		{
			"A2", "Kari", "Moe", "kari@example.no", "+4740000011", "Storgata 1", "0151", "Oslo", "SE", "other", 1.234,
			100, 0.15, 46358,
		},
		{
			"A3", "Kari", "Moe", "kari@example.no", "+4740000011", "Storgata 1", "0151", "Oslo", nil, "absent", nil,
			100, nil, nil,
		},
	}
	for r, cells := range rows {
		require.NoError(t, book.SetSheetRow("Sheet1", cellName(t, 0, r), &cells))
	}
	require.NoError(t, book.SetCellStyle("Sheet1", "M2", "M3", percent))
	require.NoError(t, book.SetCellStyle("Sheet1", "N2", "N3", day))
	require.NoError(t, book.SaveAs(path))
	require.NoError(t, book.Close())
	profile := filepath.Join(dir, "p.yaml")
	require.NoError(t,
		os.WriteFile(profile,
			[]byte("name: p\nconstants: {country: \"NO\", quantity: 2, vat: 25, delivery_date: 2026-12-05}\n"), 0o600))

	first := readJSON(t, 3, "check", "--json", "--reports", dir, "--profile", profile, path)
	codes := map[billing.Code]int{}
	for _, p := range first.Problems {
		codes[p.Code] = p.Row
	}
	require.Equal(t,
		map[billing.Code]int{
			"country.constant": 3, "quantity.constant": 3, "vat.constant": 3,
			"delivery_date.constant": 3,
		}, codes)
	second := readJSON(t, 3, "check", "--json", "--reports", dir, "--profile", profile, first.Corrections[0])
	require.Equal(t, unplaced(first, "fixed.xlsx"), unplaced(second, "fixed_corrections.xlsx"))
	before := readJSON(t, 3, "run", "--dry-run", "--json", "--sandbox", "--profile", profile, path)
	after := readJSON(t, 3, "run", "--dry-run", "--json", "--sandbox", "--profile", profile, first.Corrections[0])
	require.JSONEq(t, string(before.Requests), string(after.Requests))
}
