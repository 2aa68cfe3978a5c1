package report

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"kraviabatch/internal/billing"
)

func TestFileName(t *testing.T) {
	t.Parallel()
	tests := []struct {
		files []string
		run   string
		want  string
	}{
		{[]string{"lines.csv"}, "r1", "lines_r1"},
		{[]string{"november.2026.xlsx"}, "r1", "november.2026_r1"},
		{[]string{"/in/Årsavgift 2026 (ny).xlsx"}, "r1", "Årsavgift_2026__ny__r1"},
		{[]string{"a.csv", "b.csv", "c.csv"}, "r1", "a_and_2_more_r1"},
		{[]string{"-"}, "r1", "input_r1"},
		{[]string{"../../etc/passwd"}, "../r1", "passwd_r1"},
		{[]string{".hidden"}, "r1", "input_r1"},
		{[]string{"a\x00\u202eb\xff.csv"}, "r1", "a__b__r1"},
		{nil, "", "input_run"},
		{[]string{strings.Repeat("å", 100) + ".csv"}, "r1", strings.Repeat("å", 40) + "_r1"},
	}
	for _, test := range tests {
		run := RunInfo{ID: test.run}
		for _, name := range test.files {
			run.Files = append(run.Files, File{Name: name})
		}
		require.Equal(t, test.want, fileName(&run), "%q", test.files)
	}
}

func TestParseFormat(t *testing.T) {
	t.Parallel()
	for _, f := range []Format{XLSX, CSV, JSON} {
		got, err := ParseFormat(f.String())
		require.NoError(t, err)
		require.Equal(t, f, got)
	}
	require.Equal(t, "csv", ExcelCSV.String())
	_, err := ParseFormat("pdf")
	require.EqualError(t, err, `report format "pdf" is not one of xlsx, csv, postings, sie, json`)
}

func TestWriteAllFormatsTwice(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := makeReport(everyState())
	for _, suffix := range []string{"", "-2"} {
		s, err := Write(t.Context(), r, dir, []Format{JSON, CSV, XLSX, ExcelCSV, CSV}, func(*Summary, error) int {
			return 3
		})
		require.NoError(t, err)
		stem := filepath.Join(dir, "lines_20261122-130405-ab12"+suffix)
		require.Equal(t, []string{stem + ".xlsx", stem + ".csv", stem + ".json"}, s.Reports)
		data, err := os.ReadFile(stem + ".json")
		require.NoError(t, err)
		require.Contains(t, string(data), stem+".csv")
		require.Contains(t, string(data), `"exit_code": 3`)
	}
	require.Len(t, namesIn(t, dir), 6)
}

func TestWriteLeavesNothingOnError(t *testing.T) {
	t.Parallel()
	broken := errors.New("journal gone")
	r := makeReport(everyState())
	good := r.Rows
	r.Rows = func(yield func(billing.Row, error) bool) {
		n := 0
		for row := range good { // made in memory, no error
			if n++; n == 20 {
				yield(billing.Row{}, broken)
				return
			}
			if !yield(row, nil) {
				return
			}
		}
	}
	dir := t.TempDir()
	s, err := Write(t.Context(), r, dir, []Format{XLSX, CSV, JSON}, noCode)
	require.ErrorIs(t, err, broken)
	require.Nil(t, s)
	require.Empty(t, namesIn(t, dir))
}

// A format that cannot be written does not stop the others.
func TestWriteOtherFormatsBesideAFailure(t *testing.T) {
	t.Parallel()
	for _, failing := range []Format{XLSX, CSV} {
		dir := t.TempDir()
		m := gathered(t, dir, makeReport(everyState()), XLSX, CSV)
		_, err := m.finish()
		require.NoError(t, err)
		if failing == XLSX {
			m.book.rows.err = errors.New("disk full")
		} else {
			m.csv.err = errors.New("disk full")
		}
		require.EqualError(t, m.publish(t.Context(), dir, "r", []Format{XLSX, CSV, JSON}),
			failing.String()+" report: write r."+failing.String()+": disk full")
		require.NoError(t, m.close())
		require.Len(t, namesIn(t, dir), 2)
		require.NotContains(t, namesIn(t, dir), "r."+failing.String())
	}
}

func TestWriteStopsWithContext(t *testing.T) {
	t.Parallel()
	r := makeReport(everyState())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir := t.TempDir()
	_, err := Write(ctx, r, dir, []Format{XLSX, CSV}, noCode)
	require.ErrorIs(t, err, context.Canceled)
	require.Empty(t, namesIn(t, dir))
}

func csvOf(t *testing.T, r *Report) (string, [][]string) {
	t.Helper()
	return csvIn(t, CSV, r)
}

// csvIn is a report in a format of CSV, and what a reader that knows its separator finds in it.
func csvIn(t require.TestingT, format Format, r *Report) (string, [][]string) {
	dir, err := os.MkdirTemp("", "csv-*")
	require.NoError(t, err)
	var b bytes.Buffer
	m := gathered(t, dir, r, format)
	require.NoError(t, m.write(context.Background(), format, &b))
	require.NoError(t, errors.Join(m.close(), os.Remove(dir)))
	text := b.String()
	d := dialectOf(format)
	require.True(t, strings.HasPrefix(text, d.begin+"file"))
	reader := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, d.begin)))
	reader.Comma = rune(d.separator)
	records, err := reader.ReadAll()
	require.NoError(t, err)
	return text, records
}

func TestCSV(t *testing.T) {
	t.Parallel()
	text, records := csvOf(t, makeReport(everyState()))
	require.Equal(t,
		"file,sheet,row,order_reference,line_id,customer,description,quantity,amount,vat,vat_amount,currency,state,"+
			"invoice_number,invoice_date,due_date,invoice_url,transaction_id,session_id,payment_status,problem_code,problem,hint,"+
			"input_amount,Avdeling,Note,net_amount,vat_treatment,customer_country,invoiced",
		strings.Join(records[0], ","))
	require.Len(t, records, 34)
	require.Equal(t, []string{
		"lines.csv", "", "2", "ORD-0001", "1", "Fjord & Fjell AS", "Serviceavtale november", "1", "1250.00", "25",
		"250.00", "NOK",
		"invoiced", "100200", "2026-11-22", "2026-12-06", "https://example.test/invoices/0.pdf", "P12345678.000000",
		"5c1a", "unpaid",
		"", "", "", "1250.00", "Salg Øst", "ring +4799999999", "1000.00", "", "NO", "by this run",
	}, records[1])
	require.Equal(t, "-12.50", records[3][8])
	require.Equal(t, "provider.rejected", records[10][20])
	require.Equal(t, 34, strings.Count(text, "\r\n"))
	require.Equal(t, 34, strings.Count(text, "\n"))
}

// What a Nordic spreadsheet opens: our numbers have its decimal comma, dates stay ISO, and the input's cells
// are as they were.
func TestExcelCSV(t *testing.T) {
	t.Parallel()
	r := spoil(t, makeReport(everyState()), func(rows []billing.Row) []billing.Row {
		rows[0].Quantity, rows[0].VAT = "1.5", "25.5"
		rows[0].Cells[3] = "1.5"
		return rows
	})
	text, records := csvIn(t, ExcelCSV, r)
	require.True(t, strings.HasPrefix(text, "\ufefffile;sheet;row;order_reference;"))
	require.Contains(t, text, ";Serviceavtale november;1,5;1250,00;25,5;250,00;NOK;invoiced;100200;2026-11-22;")
	require.Len(t, records, 34)
	require.Equal(t, []string{
		"lines.csv", "", "2", "ORD-0001", "1", "Fjord & Fjell AS", "Serviceavtale november", "1,5", "1250,00",
		"25,5", "250,00", "NOK",
		"invoiced", "100200", "2026-11-22", "2026-12-06", "https://example.test/invoices/0.pdf", "P12345678.000000",
		"5c1a", "unpaid",
		"", "", "", "1250,00", "Salg Øst", "1.5", "1000,00", "", "NO", "by this run",
	}, records[1])
	require.Equal(t, "-12,50", records[3][8])
	require.Equal(t, 34, strings.Count(text, "\r\n"))
	require.Equal(t, 34, strings.Count(text, "\n"))
}

// The dialects have the same cells, except for the decimal mark of our numbers and the places of guards.
func TestCSVIsReadBack(t *testing.T) {
	t.Parallel()
	cell := rapid.StringOf(rapid.SampledFrom([]rune("1234567890;;,,..++--=@ '\"\t\r\n\u2028xØ")))
	unguarded := strings.NewReplacer("'", "")
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SliceOfN(cell, 4, 4).Draw(t, "texts")
		r := makeReport(
			[]ended{{billing.FinalInvoiced, []int64{rapid.Int64Range(-99999, 99999).Draw(t, "minor")}, "NOK"}})
		var given billing.Row
		rows := r.Rows
		r.Rows = func(yield func(billing.Row, error) bool) {
			for row, err := range rows {
				row.Customer, row.Description, row.Cells = texts[0], texts[1],
					append(slices.Clone(row.Cells[:2]), texts[2], texts[3])
				given = row
				if !yield(row, err) {
					return
				}
			}
		}
		for _, format := range []Format{CSV, ExcelCSV} {
			_, records := csvIn(t, format, r)
			require.Len(t, records, 2)
			got := records[1]
			for i, text := range texts {
				require.Equal(t, unguarded.Replace(clean(text)), unguarded.Replace(got[[]int{5, 6, 24, 25}[i]]),
					"%q", text)
			}
			for i, text := range map[int]string{
				2: "2", 7: given.Quantity, 8: given.Amount.String(), 9: given.VAT,
				10: given.VATAmount.String(),
			} {
				if format == ExcelCSV {
					text = strings.Replace(text, ".", ",", 1)
				}
				require.Equal(t, text, got[i])
			}
		}
	})
}

func TestCSVOfManyRowsKeepsCellsTogether(t *testing.T) {
	t.Parallel()
	r := spoil(t, makeReport([]ended{{billing.FinalInvoiced, make([]int64, 2*csvBatch+7), "JPY"}}),
		func(rows []billing.Row) []billing.Row {
			for i := range rows {
				rows[i].Cells[3] = fmt.Sprint("note ", i)
			}
			return rows
		})
	_, records := csvOf(t, r)
	require.Len(t, records, 2*csvBatch+8)
	for i, record := range records[1:] {
		require.Equal(t, fmt.Sprint(i+2), record[2])
		require.Equal(t, fmt.Sprint("note ", i), record[25])
	}
}

func TestCSVJoinsProblemsAndGuards(t *testing.T) {
	t.Parallel()
	r := spoil(t, makeReport([]ended{{billing.FinalRejected, []int64{100}, "NOK"}}),
		func(rows []billing.Row) []billing.Row {
			rows[0].Problems = []billing.Problem{
				{Code: "phone.odd", Severity: billing.Warning, Message: "Odd number", Hint: "Check it"},
			}
			rows[0].Description = "=cmd|' /C calc'!A0"
			rows[0].Cells = []string{"ORD-0001", "1,00", "@x", "a\n\"b\""}
			return rows
		})
	r = spoilOrders(t, r, func(orders []Order) []Order { orders[0].Changed = "now paid"; return orders })
	r.Changed = true
	_, records := csvOf(t, r)
	require.Equal(t, []string{
		"phone.odd; provider.rejected", "Odd number; The provider refused the address",
		"Check it; Correct the address and run again",
		"1,00", "'@x", "a\n\"b\"", "0.80", "", "NO", "no", "now paid",
	}, records[1][20:])
	require.Equal(t, "'=cmd|' /C calc'!A0", records[1][6])
	require.Equal(t, "changed", records[0][30])
}

func TestCSVOfUnreadableAmount(t *testing.T) {
	t.Parallel()
	r := makeReport([]ended{{billing.FinalInvalid, []int64{0}, "NOK"}})
	r = spoil(t, r, func(rows []billing.Row) []billing.Row {
		rows[0].Amount, rows[0].VATAmount, rows[0].AmountText = nil, nil, "-ca 5"
		return rows
	})
	_, records := csvOf(t, r)
	require.Equal(t, []string{"'-ca 5", "25", "", "NOK"}, records[1][8:12])
}

// hostileRows is a report in which texts stand wherever the input decides what a cell holds.
func hostileRows(t *testing.T) *Report {
	t.Helper()
	hostile := []string{
		"=1+1", " =1+1", "x;=2+2", "x; =2+2", "=1;=2", `x;"=3+3`, `x;""=3+3`, `";"=3+3`, "x\t=4+4", "x\n=5+5",
		"x\r=5+5", "x;\n=5+5", "x;", ";;=6",
		"x;+7-7", "x;-7+7", "x;@SUM(1)", "=cmd|' /C calc'!A0", "x;=cmd|' /C calc'!A0;y", `a,b;=8,";=9"`, "\u2028=10",
		"x;\u202e=11", "-12,5",
		"x,=2+2", "x, =2+2", `x,"=3+3`, `x,""=3+3`, `","=3+3`, "x,", ",,=6", "x,+7-7", "x,-7+7", "x,@SUM(1)",
		"+4740000011", "x,+4740000011",
	}
	r := spoil(t, makeReport([]ended{{billing.FinalInvoiced, make([]int64, len(hostile)), "NOK"}}),
		func(rows []billing.Row) []billing.Row {
			for i, text := range hostile {
				rows[i].File, rows[i].Sheet, rows[i].Customer, rows[i].Description = text, text, text, text
				rows[i].Cells[3] = text
			}
			return rows
		})
	r.Tables[0].Header[2], r.Tables[0].Header[3] = "x;=2+2", "=3+3"
	return r
}

// A program that splits the CSV at another separator finds no formula in it either.
func TestCSVHoldsNoFormulaUnderAnySeparator(t *testing.T) {
	t.Parallel()
	r := hostileRows(t)
	plain, records := csvOf(t, r)
	require.Contains(t, plain, `,"x;'=2+2",`, "a cell with a semicolon is quoted")
	require.Equal(t, []string{"x;'=2+2", "'=3+3"}, records[0][24:26])
	require.Len(t, records, 36)
	excel, records := csvIn(t, ExcelCSV, r)
	require.Contains(t, excel, `;"x,'=2+2";`, "a cell with a comma is quoted")
	require.Equal(t, []string{"x;=2+2", "'=3+3"}, records[0][24:26])
	require.Len(t, records, 36)

	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	paths := []string{file("plain.csv", plain), file("excel.csv", excel), file("unguarded.csv", "a,b,\"x;=2+2\"\n")}
	for _, separator := range []string{"44", "59", "9"} {
		for i, f := range opened(t, separator, "0", paths...) {
			found := formulas(t, f, f)
			if i == 2 && separator == "59" {
				require.Len(t, found, 1, "LibreOffice runs formulas of a CSV file")
				continue
			}
			require.Empty(t, found, "%s at %s", paths[i], separator)
		}
	}
}

// A spreadsheet that is set to Norwegian reads our numbers and dates as such, and text as text.
func TestNordicSpreadsheetOpensExcelCSV(t *testing.T) {
	t.Parallel()
	text, _ := csvIn(t, ExcelCSV, makeReport(everyState()))
	path := filepath.Join(t.TempDir(), "report.csv")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	f := opened(t, "59", "1044", path)[0] // nb-NO
	sheet := f.GetSheetList()[0]
	for cell, want := range map[string]string{
		"A1": "file", "C2": "2", "F2": "Fjord & Fjell AS", "H2": "1", "I2": "1250", "J2": "25", "K2": "250",
		"L2": "NOK", "I4": "-12.5",
		"O2": serial("2026-11-22", "2006-01-02"), "Y2": "Salg Øst",
	} {
		require.Equal(t, want, raw(t, f, sheet, cell), cell)
	}
	for _, cell := range []string{"I2", "K2", "I4", "O2"} {
		kind, err := f.GetCellType(sheet, cell)
		require.NoError(t, err)
		require.Equal(t, excelize.CellTypeNumber, kind, cell)
	}
}

// What goes wrong in the workbook alone keeps nothing else back, wherever it happens, and a report that was
// told of is there.
func TestWorkbookFailsWhileRowsLeftOutAreRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := leavingOut(leftOutRow(3, "1", ""))
	rows := r.LeftOut
	r.LeftOut = func() iter.Seq2[billing.LeftOut, error] {
		for _, name := range namesIn(t, dir) {
			require.NoError(t, os.RemoveAll(filepath.Join(dir, name)))
		}
		r.LeftOut = rows
		return rows()
	}
	s, err := Write(t.Context(), r, dir, []Format{XLSX, CSV, JSON}, noCode)
	require.ErrorContains(t, err, "xlsx report")
	require.NotNil(t, s)
	require.Len(t, s.Reports, 2)
}

// A panic while rows are read leaves no working file.
func TestPanicLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := makeReport(everyState())
	r.Rows = func(func(billing.Row, error) bool) { panic("a fault") }
	require.Panics(t, func() { _, _ = Write(t.Context(), r, dir, []Format{XLSX, CSV}, noCode) })
	require.Empty(t, namesIn(t, dir))
}

// A folder that cannot be written does not stop the summary.
func TestWriteIntoNoFolder(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(dir, nil, 0o600))
	s, err := Write(t.Context(), makeReport(everyState()), dir, []Format{XLSX, CSV, JSON}, noCode)
	for _, f := range []string{"xlsx", "csv", "json"} {
		require.ErrorContains(t, err, f+" report: make folder")
	}
	require.True(t, s.Balanced)
	require.Empty(t, s.Reports)
}

// A report removes the working files that a killed process left beside it.
func TestWriteSweeps(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	left := filepath.Join(dir, ".kravia-batch-LEFT.tmp")
	require.NoError(t, os.WriteFile(left, []byte("Kari Nordmann"), 0o600))
	r := makeReport(everyState())
	_, err := Write(t.Context(), r, dir, []Format{CSV}, noCode)
	require.NoError(t, err)
	require.NoFileExists(t, left)
}
