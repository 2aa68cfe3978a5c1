package main

import (
	"encoding/csv"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
)

// TestWorkbookReadByAnotherProgram has LibreOffice read the workbook's rows: every cell, number, date and
// link is what the CSV report has of the same journal.
func TestWorkbookReadByAnotherProgram(t *testing.T) {
	t.Parallel()
	office, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("no LibreOffice here: install it, on Debian with `apt-get install libreoffice-calc`, to run this test")
	}
	made := runSample(t, "november.xlsx", 0, "")
	want := readCSV(t, made[".csv"])
	shown := rowsBy(t, office, made[".xlsx"], "false")
	formulas := rowsBy(t, office, made[".xlsx"], "true")
	require.Len(t, shown, len(want)+2, "an empty row and the total stand below")
	url := 16
	require.Equal(t, "invoice_url", want[0][url])
	for r, record := range want {
		for c, cell := range record {
			got := shown[r][c]
			switch name := want[0][c]; {
			case r == 0:
				got = strings.TrimSuffix(got, " incl. VAT") // the workbook's heading says more than the name
			case slices.Contains([]string{"amount", "vat_amount", "net_amount", "unit_price", "input_amount"}, name):
				got = strings.ReplaceAll(got, ",", "") // thousands, by the number format
			case strings.HasPrefix(cell, "'"):
				cell = cell[1:] // the CSV's guard against formulas
			}
			require.Equal(t, strings.ReplaceAll(cell, "\r\n", "\n"), got, "row %d, %s", r+1, want[0][c])
		}
		if r > 0 {
			require.Equal(t, `=HYPERLINK("`+record[url]+`")`, formulas[r][url])
		}
	}
}

// rowsBy is the sheet Rows as LibreOffice writes it to CSV, with what cells show or with their formulas.
func rowsBy(t *testing.T, office, workbook, formulas string) [][]string {
	t.Helper()
	dir := t.TempDir()
	filter := `csv:Text - txt - csv (StarCalc):44,34,76,1,,1033,false,false,true,` + formulas + `,false,-1`
	out, err := exec.Command(office, "-env:UserInstallation=file://"+filepath.Join(dir, "profile"), "--headless",
		"--convert-to", filter,
		"--outdir", dir, workbook).CombinedOutput()
	require.NoError(t, err, "%s", out)
	found, err := filepath.Glob(filepath.Join(dir, "*-Rows.csv"))
	require.NoError(t, err)
	require.Len(t, found, 1, "%s", out)
	f, err := os.Open(found[0])
	require.NoError(t, err)
	defer func() { _ = f.Close() }() // read only
	table, err := csv.NewReader(f).ReadAll()
	require.NoError(t, err)
	return table
}

// shows has a sheet in the one workbook of a folder, and a cell of it that shows a text.
func shows(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 && len(args) != 4 {
		ts.Fatalf("usage: shows FOLDER SHEET [CELL TEXT]")
	}
	found, err := filepath.Glob(ts.MkAbs(filepath.Join(args[0], "*.xlsx")))
	ts.Check(err)
	if len(found) != 1 {
		ts.Fatalf("%d workbooks in %s", len(found), args[0])
	}
	f, err := excelize.OpenFile(found[0])
	ts.Check(err)
	defer func() { _ = f.Close() }() // read only
	if i, err := f.GetSheetIndex(args[1]); err != nil || i < 0 {
		ts.Fatalf("no sheet %s, but %s", args[1], strings.Join(f.GetSheetList(), ", "))
	}
	if len(args) == 4 {
		got, err := f.GetCellValue(args[1], args[2])
		ts.Check(err)
		if got != args[3] {
			ts.Fatalf("%s shows %q", args[2], got)
		}
	}
}
