package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/intake"
)

var update = flag.Bool("update", false, "write samples/november.xlsx and reports/samples anew")

const (
	samples  = "../../samples"
	expected = "../../reports/samples"
)

// call is the program in this process, with nothing in its environment.
func call(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, diagnostics bytes.Buffer
	code = run(context.Background(), args, &environment{
		getenv: func(string) string { return "" }, stdin: &bytes.Buffer{}, stdout: &out, stderr: &diagnostics,
	})
	return code, out.String(), diagnostics.String()
}

// numeric are the columns that a spreadsheet program would hold as numbers; all others are text.
var numeric = []string{"days_until_due", "quantity", "unit_price", "amount", "discount_percent", "vat"}

// TestSamples runs the samples in the sandbox and compares every cell of the reports with reports/samples.
func TestSamples(t *testing.T) {
	t.Parallel()
	if *update {
		writeWorkbook(t, filepath.Join(samples, "november.xlsx"), readCSV(t, filepath.Join(samples, "november.csv")))
	}
	t.Run("workbook", testNovemberWorkbook)
	t.Run("same", testNovemberAgrees)
	runs := []sampleRun{
		{"november.xlsx", 0, "", allFormats},
		{"grouped.csv", 0, "", allFormats},
		{"problems.csv", 3, "", allFormats},
		{"unreadable.csv", 3, "", allFormats},
	}
	for _, sample := range profileSamples {
		formats := allFormats
		if sample.messy() {
			formats = ".csv"
		}
		runs = append(runs, sampleRun{strings.Join(sample.files(), " "), 0, sample.profile(), formats})
	}
	for _, sample := range runs {
		file, _, _ := strings.Cut(sample.files, " ")
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			made := runSample(t, sample.files, sample.code, sample.profile)
			name := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
			for format := range strings.FieldsSeq(sample.formats) {
				want := filepath.Join(expected, name+format)
				if *update {
					data, err := os.ReadFile(made[format])
					require.NoError(t, err)
					require.NoError(t, os.WriteFile(want, data, 0o644))
				}
				compare(t, format, want, made[format])
			}
		})
	}
}

// sampleRun is a run of a sample whose reports are kept in reports/samples under the first file's name.
type sampleRun struct {
	files   string // with a space between two
	code    int
	profile string
	formats string // of the reports that are kept
}

const allFormats = ".csv .json .xlsx"

// testNovemberWorkbook keeps november.xlsx the same table as november.csv.
func testNovemberWorkbook(t *testing.T) {
	t.Parallel()
	table := readCSV(t, filepath.Join(samples, "november.csv"))
	book, err := excelize.OpenFile(filepath.Join(samples, "november.xlsx"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, book.Close()) })
	rows, err := book.GetRows("Lines", excelize.Options{RawCellValue: true})
	require.NoError(t, err)
	require.Len(t, rows, len(table))
	for r, want := range table {
		for c, value := range want {
			got := ""
			if c < len(rows[r]) {
				got = rows[r][c]
			}
			cell := cellName(t, c, r)
			kind, err := book.GetCellType("Lines", cell)
			require.NoError(t, err)
			if r > 0 && value != "" && slices.Contains(numeric, table[0][c]) {
				require.InDelta(t, number(t, value), number(t, got), 0, cell)
				require.NotContains(t,
					[]excelize.CellType{excelize.CellTypeSharedString, excelize.CellTypeInlineString}, kind, cell)
				continue
			}
			require.Equal(t, value, got, cell)
			require.NotEqual(t, excelize.CellTypeNumber, kind, cell)
		}
	}
}

func number(t *testing.T, text string) float64 {
	t.Helper()
	n, err := strconv.ParseFloat(text, 64)
	require.NoError(t, err)
	return n
}

func cellName(t *testing.T, column, row int) string {
	t.Helper()
	name, err := excelize.CoordinatesToCellName(column+1, row+1)
	require.NoError(t, err)
	return name
}

func writeWorkbook(t *testing.T, path string, table [][]string) {
	t.Helper()
	book := excelize.NewFile()
	defer func() { require.NoError(t, book.Close()) }()
	require.NoError(t, book.SetSheetName("Sheet1", "Lines"))
	amounts, err := book.NewStyle(&excelize.Style{NumFmt: 4})
	require.NoError(t, err)
	header, err := book.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	require.NoError(t, err)
	for r, row := range table {
		for c, value := range row {
			cell := cellName(t, c, r)
			switch name := table[0][c]; {
			case value == "":
			case r > 0 && slices.Contains(numeric, name):
				require.NoError(t, book.SetCellValue("Lines", cell, number(t, value)))
				if name == "unit_price" || name == "amount" {
					require.NoError(t, book.SetCellStyle("Lines", cell, cell, amounts))
				}
			default:
				require.NoError(t, book.SetCellStr("Lines", cell, value))
			}
		}
	}
	last := cellName(t, len(table[0])-1, 0)
	require.NoError(t, book.SetCellStyle("Lines", "A1", last, header))
	require.NoError(t,
		book.SetPanes("Lines", &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}))
	require.NoError(t,
		book.SetDocProps(&excelize.DocProperties{Created: "2026-12-01T08:00:00Z", Modified: "2026-12-01T08:00:00Z"}))
	file, err := book.WriteToBuffer()
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, file.Bytes(), 0o644))
}

// TestProblemsShowEveryCode keeps samples/problems.csv and samples/unreadable.csv pages of everything that
// can be wrong in a CSV file.
func TestProblemsShowEveryCode(t *testing.T) {
	t.Parallel()
	found := map[billing.Code]bool{}
	endings := map[string]bool{} // of codes that many columns can have
	for _, file := range []string{"problems.csv", "unreadable.csv"} {
		code, stdout, _ := call(t, "check", "--json", "--reports", "off", filepath.Join(samples, file))
		require.Equal(t, 3, code)
		var result struct{ Problems []billing.Problem }
		require.NoError(t, json.Unmarshal([]byte(stdout), &result))
		for _, p := range result.Problems {
			found[p.Code] = true
			_, ending, _ := strings.Cut(string(p.Code), ".")
			endings[ending] = true
			require.NotEmpty(t, p.Message, p.Code)
			require.NotEmpty(t, p.Hint, p.Code)
			require.NotRegexp(t, `\{[a-z_]+\}`,
				strings.ReplaceAll(p.Message+p.Hint, "{period}-{customer_number}", ""), "a word is not filled in")
		}
	}
	elsewhere := []string{
		"order_reference.template", "order.part", "*.decimal_mark", "*.constant", "*.unlisted", // need a profile
		// need one too
		"*.formula", "*.stopped", "row.formula", "row.head", "row.first_row", "prices.missing", "quantity.missing",
		"register.key", "register.row", "register.twice", "register.unread",
		"amount.negative",                          // is off until a profile asks for it
		"order.files",                              // needs two files
		"order.other_period", "order.parts_before", // need an earlier run
		// are of workbooks
		"order.hidden", "*.no_value", "*.merged", "*.date", "*.time", "*.digits_lost", "*.control_character",
		"*.encoded_twice",
	}
	for _, row := range readCSV(t, "../../internal/billing/codes.csv")[1:] {
		ending, many := strings.CutPrefix(row[0], "*.")
		shown := found[billing.Code(row[0])] || many && endings[ending]
		require.NotEqual(t, slices.Contains(elsewhere, row[0]), shown, row[0])
	}
}

// TestHeldBack has one row without a readable reference hold back every order of its file, and no order of another.
func TestHeldBack(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	code, stdout, stderr := call(t, "run", "--sandbox", "--rate", "0", "--state", dir, "--reports", dir, "--json",
		filepath.Join(samples, "unreadable.csv"), filepath.Join(samples, "grouped.csv"))
	require.Equal(t, 3, code, stderr)
	var ran struct {
		Rows struct{ Total, Registered, Invalid int }
	}
	require.NoError(t, json.Unmarshal([]byte(stdout), &ran))
	require.Equal(t, struct{ Total, Registered, Invalid int }{10, 6, 4}, ran.Rows)
}

// testNovemberAgrees has both forms of november end in the same report, but for the place of a row.
func testNovemberAgrees(t *testing.T) {
	t.Parallel()
	fromCSV := stable(readCSV(t, runSample(t, "november.csv", 0, "")[".csv"]))
	fromXLSX := stable(readCSV(t, runSample(t, "november.xlsx", 0, "")[".csv"]))
	for _, table := range [][][]string{fromCSV, fromXLSX} {
		for i := range table {
			table[i] = table[i][2:23]
		}
	}
	require.Equal(t, fromCSV, fromXLSX)
}

// runSample runs a sample, which may be several files with spaces between, in a new sandbox, one order after
// the other so that numbers follow the input, and gives the reports by extension. All invoices are of one
// day, for two may be of two months.
func runSample(t *testing.T, files string, code int, profile string) map[string]string {
	t.Helper()
	day := intake.DayOf(time.Now())
	dir := t.TempDir()
	args := []string{
		"run", "--sandbox", "--rate", "0", "--concurrency", "1", "--state", filepath.Join(dir, "state"),
		"--reports", filepath.Join(dir, "reports"), "--format", "xlsx,csv,json",
	}
	for file := range strings.FieldsSeq(files) {
		args = append(args, filepath.Join(samples, file))
	}
	if profile != "" {
		args = append(args, "--period", "2026-11", "--profile", filepath.Join(samples, "profiles", profile+".yaml"))
	}
	got, _, stderr := call(t, args...)
	require.Equal(t, code, got, stderr)
	if intake.DayOf(time.Now()) != day {
		return runSample(t, files, code, profile)
	}
	made := map[string]string{}
	paths, err := filepath.Glob(filepath.Join(dir, "reports", "*"))
	require.NoError(t, err)
	for _, path := range paths {
		ext := filepath.Ext(path)
		if strings.HasSuffix(runForm.ReplaceAllString(path, "run"), "_run"+ext) { // and not a workbook for corrections
			made[ext] = path
		}
	}
	require.Len(t, made, 3)
	summary, err := os.ReadFile(made[".json"])
	require.NoError(t, err)
	summary = bytes.ReplaceAll(summary, []byte(dir+"/"), nil) // as if the run had been made where the reader is
	require.NoError(t, os.WriteFile(made[".json"], summary, 0o600))
	return made
}

func compare(t *testing.T, format, want, got string) {
	t.Helper()
	switch format {
	case ".csv":
		require.Equal(t, stable(readCSV(t, want)), stable(readCSV(t, got)))
	case ".json":
		require.Equal(t, readSummary(t, want), readSummary(t, got))
	case ".xlsx":
		require.Equal(t, readWorkbook(t, want), readWorkbook(t, got))
		wanted, made := readLayout(t, want), readLayout(t, got)
		require.Equal(t, slices.Sorted(maps.Keys(wanted)), slices.Sorted(maps.Keys(made)))
		for part, content := range wanted {
			if content != made[part] { // whole parts are too long to be printed
				t.Errorf("%s of %s is not made like this any more: make samples", part, want)
			}
		}
	}
}

func readCSV(t *testing.T, path string) [][]string {
	t.Helper()
	f, err := os.Open(path)
	require.NoError(t, err)
	defer func() { _ = f.Close() }() // read only
	table, err := csv.NewReader(f).ReadAll()
	require.NoError(t, err)
	return table
}

func readSummary(t *testing.T, path string) map[string]any {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	var summary map[string]any
	require.NoError(t, json.Unmarshal(data, &summary))
	for _, varies := range []string{"run", "duration_seconds"} {
		require.Contains(t, summary, varies)
		delete(summary, varies)
	}
	return throughText(t, summary)
}

// throughText makes the texts of a decoded JSON value stable.
func throughText(t *testing.T, value map[string]any) map[string]any {
	t.Helper()
	data, err := json.Marshal(value)
	require.NoError(t, err)
	var result map[string]any
	require.NoError(t, json.Unmarshal([]byte(stableText(string(data))), &result))
	return result
}

func readWorkbook(t *testing.T, path string) map[string][][]string {
	t.Helper()
	book, err := excelize.OpenFile(path)
	require.NoError(t, err)
	defer func() { require.NoError(t, book.Close()) }()
	sheets := map[string][][]string{}
	for _, name := range book.GetSheetList() {
		rows, err := book.GetRows(name)
		require.NoError(t, err)
		sheets[name] = stable(rows)
	}
	return sheets
}

// readLayout is everything of a workbook beside its values, by part: styles, widths, page set-up, print
// areas, links, charts.
func readLayout(t *testing.T, path string) map[string]string {
	t.Helper()
	archive, err := zip.OpenReader(path)
	require.NoError(t, err)
	defer func() { require.NoError(t, archive.Close()) }()
	parts := map[string]string{}
	for _, file := range archive.File {
		if file.Name == "[Content_Types].xml" { // in no order
			continue
		}
		part, err := file.Open()
		require.NoError(t, err)
		data, err := io.ReadAll(part)
		require.NoError(t, errors.Join(err, part.Close()))
		layout := stableText(cellValue.ReplaceAllString(string(data), "<$1>"))
		parts[file.Name] = weeksOfChart.ReplaceAllString(layout, "$1…$2…")
	}
	if sheet := receivables.FindStringSubmatch(parts["xl/workbook.xml"]); sheet != nil {
		name := "xl/worksheets/sheet" + sheet[1] + ".xml"
		require.Contains(t, parts, name)
		parts[name] = movedByWeeks.ReplaceAllString(parts[name], "…")
	}
	return parts
}
