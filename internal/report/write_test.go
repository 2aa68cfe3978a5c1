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
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

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
	_, err := ParseFormat("pdf")
	require.EqualError(t, err, `report format "pdf" is not one of xlsx, csv, json`)
}

func TestWriteAllFormatsTwice(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := makeReport(everyState())
	for _, suffix := range []string{"", "-2"} {
		s, err := Write(t.Context(), r, dir, []Format{JSON, CSV, XLSX, CSV}, func(*Summary, error) int { return 3 })
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

// A format that cannot be written does not keep the others back.
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
		require.EqualError(t, m.publish(t.Context(), dir, "r", []Format{XLSX, CSV, JSON}), failing.String()+" report: write r."+failing.String()+": disk full")
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
	var b bytes.Buffer
	m := gathered(t, t.TempDir(), r, CSV)
	require.NoError(t, m.write(t.Context(), CSV, &b))
	require.NoError(t, m.close())
	text := b.String()
	records, err := csv.NewReader(&b).ReadAll()
	require.NoError(t, err)
	return text, records
}

func TestCSV(t *testing.T) {
	t.Parallel()
	text, records := csvOf(t, makeReport(everyState()))
	require.Equal(t, "file,sheet,row,order_reference,line_id,customer,description,quantity,amount,vat,vat_amount,currency,state,"+
		"invoice_number,invoice_date,due_date,invoice_url,transaction_id,session_id,payment_status,problem_code,problem,hint,"+
		"input_amount,Avdeling,Note", strings.Join(records[0], ","))
	require.Len(t, records, 34)
	require.Equal(t, []string{
		"lines.csv", "", "2", "ORD-0001", "1", "Fjord & Fjell AS", "Serviceavtale november", "1", "1250.00", "25", "250.00", "NOK",
		"invoiced", "100200", "2026-11-22", "2026-12-06", "https://example.test/invoices/0.pdf", "P12345678.000000", "5c1a", "unpaid",
		"", "", "", "1250.00", "Salg Øst", "ring +4799999999",
	}, records[1])
	require.Equal(t, "-12.50", records[3][8])
	require.Equal(t, "provider.rejected", records[10][20])
	require.Equal(t, 34, strings.Count(text, "\r\n"))
	require.Equal(t, 34, strings.Count(text, "\n"))
}

func TestCSVOfManyRowsKeepsCellsTogether(t *testing.T) {
	t.Parallel()
	r := spoil(t, makeReport([]plan{{billing.FinalInvoiced, make([]int64, 2*csvBatch+7), "JPY"}}), func(rows []billing.Row) []billing.Row {
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
	r := spoil(t, makeReport([]plan{{billing.FinalRejected, []int64{100}, "NOK"}}), func(rows []billing.Row) []billing.Row {
		rows[0].Problems = []billing.Problem{{Code: "phone.odd", Severity: billing.Warning, Message: "Odd number", Hint: "Check it"}}
		rows[0].Description = "=cmd|' /C calc'!A0"
		rows[0].Cells = []string{"ORD-0001", "1,00", "@x", "a\n\"b\""}
		return rows
	})
	r = spoilOrders(t, r, func(orders []Order) []Order { orders[0].Changed = "now paid"; return orders })
	r.Changed = true
	_, records := csvOf(t, r)
	require.Equal(t, []string{
		"phone.odd; provider.rejected", "Odd number; The provider refused the address", "Check it; Correct the address and run again",
		"1,00", "'@x", "a\n\"b\"", "now paid",
	}, records[1][20:])
	require.Equal(t, "'=cmd|' /C calc'!A0", records[1][6])
	require.Equal(t, "changed", records[0][26])
}

func TestCSVOfUnreadableAmount(t *testing.T) {
	t.Parallel()
	r := makeReport([]plan{{billing.FinalInvalid, []int64{0}, "NOK"}})
	r = spoil(t, r, func(rows []billing.Row) []billing.Row {
		rows[0].Amount, rows[0].VATAmount, rows[0].AmountText = nil, nil, "-ca 5"
		return rows
	})
	_, records := csvOf(t, r)
	require.Equal(t, []string{"'-ca 5", "25", "", "NOK"}, records[1][8:12])
}

// A program that splits the CSV at another separator than the comma finds no formula in it either.
func TestCSVHoldsNoFormulaUnderAnySeparator(t *testing.T) {
	t.Parallel()
	hostile := []string{
		"=1+1", " =1+1", "x;=2+2", "x; =2+2", "=1;=2", `x;"=3+3`, `x;""=3+3`, `";"=3+3`, "x\t=4+4", "x\n=5+5", "x\r=5+5", "x;\n=5+5", "x;", ";;=6",
		"x;+7-7", "x;-7+7", "x;@SUM(1)", "=cmd|' /C calc'!A0", "x;=cmd|' /C calc'!A0;y", `a,b;=8,";=9"`, "\u2028=10", "x;\u202e=11", "-12,5",
	}
	r := spoil(t, makeReport([]plan{{billing.FinalInvoiced, make([]int64, len(hostile)), "NOK"}}), func(rows []billing.Row) []billing.Row {
		for i, text := range hostile {
			rows[i].File, rows[i].Sheet, rows[i].Customer, rows[i].Description = text, text, text, text
			rows[i].Cells[3] = text
		}
		return rows
	})
	r.Tables[0].Header[2], r.Tables[0].Header[3] = "x;=2+2", "=3+3"
	text, records := csvOf(t, r)
	require.Contains(t, text, `,"x;'=2+2",`, "a cell with a semicolon is quoted")
	require.Equal(t, []string{"x;'=2+2", "'=3+3"}, records[0][24:26])
	require.Len(t, records, len(hostile)+1)

	dir := t.TempDir()
	path, unguarded := filepath.Join(dir, "report.csv"), filepath.Join(dir, "unguarded.csv")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	require.NoError(t, os.WriteFile(unguarded, []byte("a,b,\"x;=2+2\"\n"), 0o600))
	found := func(path, separator string) map[string]string {
		opened := throughOffice(t, path, "--infilter=CSV:"+separator+",34,76,1,,0,false,true,false,false,false,0,true")
		return formulas(t, opened, opened)
	}
	require.Len(t, found(unguarded, "59"), 1, "LibreOffice runs formulas of a CSV file")
	for _, separator := range []string{"44", "59", "9"} {
		require.Empty(t, found(path, separator), separator)
	}
}

// What goes wrong in the workbook alone keeps nothing else back, wherever it happens, and a report that was told of is there.
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

// A panic while the rows are read leaves no working file behind.
func TestPanicLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := makeReport(everyState())
	r.Rows = func(func(billing.Row, error) bool) { panic("a fault") }
	require.Panics(t, func() { _, _ = Write(t.Context(), r, dir, []Format{XLSX, CSV}, noCode) })
	require.Empty(t, namesIn(t, dir))
}

// A folder that cannot be written does not keep the summary back.
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

// A report removes what a killed process left beside it.
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
