package report

import (
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

func raw(t *testing.T, f *excelize.File, sheet, cell string) string {
	t.Helper()
	value, err := f.GetCellValue(sheet, cell, excelize.Options{RawCellValue: true})
	require.NoError(t, err)
	return value
}

func shown(t *testing.T, f *excelize.File, sheet, cell string) string {
	t.Helper()
	value, err := f.GetCellValue(sheet, cell)
	require.NoError(t, err)
	return value
}

// cellOf finds the cell right of a label in column A of Summary, col columns on.
func cellOf(t *testing.T, f *excelize.File, label string, col int) string {
	t.Helper()
	rows, err := f.GetRows(sheetSummary)
	require.NoError(t, err)
	for i, row := range rows {
		if len(row) > 0 && row[0] == label {
			return ref(1+col, i+1)
		}
	}
	require.Fail(t, "no label "+label)
	return ""
}

func TestWorkbookSheetsAndCells(t *testing.T) {
	t.Parallel()
	r := makeReport(everyState())
	_, f := written(t, r)
	require.Equal(t, []string{"Summary", "Rows", "Orders", "VAT", "Problems"}, f.GetSheetList())
	for cell, want := range map[string]string{
		"A1": "file", "W1": "hint", "X1": "input_amount", "Z1": "Note",
		"C2": "2", "D2": "ORD-0001", "I2": "1,250.00", "I4": "-12.50", "M2": "invoiced", "O2": "2026-11-22", "P2": "2026-12-06",
		"Q2": "https://example.test/invoices/0.pdf", "N2": "100200", "U11": "provider.rejected", "Z2": "ring +4799999999", "M34": "invoiced",
	} {
		require.Equal(t, want, shown(t, f, "Rows", cell), cell)
	}
	require.Equal(t, "46348", raw(t, f, "Rows", "O2"), "a real date")
	formula, err := f.GetCellFormula("Rows", "Q2")
	require.NoError(t, err)
	require.Equal(t, `HYPERLINK("https://example.test/invoices/0.pdf")`, formula)
	for cell, want := range map[string]excelize.CellType{
		"I2": excelize.CellTypeUnset, "N2": excelize.CellTypeInlineString, "D2": excelize.CellTypeInlineString, "H2": excelize.CellTypeUnset,
	} {
		got, err := f.GetCellType("Rows", cell)
		require.NoError(t, err)
		require.Equal(t, want, got, cell)
	}
	linked, target, err := f.GetCellHyperLink("Rows", "D2")
	require.NoError(t, err)
	require.True(t, linked)
	require.Equal(t, "'Orders'!B2", target)
	require.Equal(t, "ORD-0010", shown(t, f, "Orders", "B10"))
	require.Equal(t, "settlement", shown(t, f, "Orders", "S1"))
	require.Equal(t, "partially settled", shown(t, f, "Orders", "S2"))
	require.Equal(t, "2026-11-22 13:04:06", shown(t, f, "Orders", "X2"), "in the readers' time zone")
	require.Equal(t, "Rows 29", shown(t, f, "Orders", "AB10"))
	require.Equal(t, "postal_code.missing", shown(t, f, "Problems", "B2"))
	require.Equal(t, "Rows 23", shown(t, f, "Problems", "K2"))
}

func TestWorkbookSetUp(t *testing.T) {
	t.Parallel()
	r := makeReport(everyState())
	_, f := written(t, r)
	props, err := f.GetDocProps()
	require.NoError(t, err)
	require.Equal(t, "kravia-batch", props.Creator)
	require.Equal(t, "2026-11-22T12:04:39Z", props.Created)
	panes, err := f.GetPanes("Rows")
	require.NoError(t, err)
	require.True(t, panes.Freeze)
	require.Equal(t, 1, panes.YSplit)
	for name, orientation := range map[string]string{"Summary": "portrait", "Rows": "landscape", "Orders": "landscape", "VAT": "landscape", "Problems": "landscape"} {
		layout, err := f.GetPageLayout(name)
		require.NoError(t, err)
		require.Equal(t, orientation, *layout.Orientation, name)
		require.Equal(t, 1, *layout.FitToWidth, name)
		sheet, err := f.GetSheetProps(name)
		require.NoError(t, err)
		require.True(t, *sheet.FitToPage, name)
	}
	names := make(map[string]string)
	for _, n := range f.GetDefinedName() {
		names[n.Name+" "+n.Scope] = n.RefersTo
	}
	require.Equal(t, "'Rows'!$1:$1", names["_xlnm.Print_Titles Rows"])
	require.Equal(t, "'Rows'!$A$1:$Z$34", names["_xlnm._FilterDatabase Rows"])
	formats, err := f.GetConditionalFormats("Summary")
	require.NoError(t, err)
	require.Len(t, formats, 2)
}

func TestSummarySheetAnswers(t *testing.T) {
	t.Parallel()
	tests := []struct {
		environment Environment
		plans       []plan
		banner      string
		verdict     string
	}{
		{Sandbox, []plan{{billing.FinalInvoiced, []int64{29900}, "NOK"}}, "SANDBOX", "Yes, everything was invoiced: 1 order, 299.00 NOK."},
		{
			Test,
			[]plan{{billing.FinalInvoiced, []int64{29900}, "NOK"}, {billing.FinalRegistered, []int64{500}, "NOK"}},
			"TEST",
			"Yes, everything was invoiced: 2 orders, 304.00 NOK. Waiting for an invoice number: 1 order.",
		},
		{
			Live,
			[]plan{{billing.FinalInvoiced, []int64{1234567}, "NOK"}, {billing.FinalInDoubt, []int64{500}, "NOK"}},
			"LIVE",
			"No, not everything was invoiced. Invoiced: 1 order, 12 345.67 NOK. Left: 1 order, 5.00 NOK.",
		},
		{
			Live,
			[]plan{{billing.FinalInvoiced, []int64{100}, "NOK"}, {billing.FinalVoided, []int64{500}, "NOK"}},
			"LIVE",
			"Nothing is left. Invoiced: 1 order, 1.00 NOK. Cancelled: 1 order, 5.00 NOK.",
		},
		{Live, []plan{{billing.FinalInvalid, []int64{500}, "NOK"}}, "LIVE", "No, nothing was invoiced. Left: 1 order, 5.00 NOK."},
		{Live, nil, "LIVE", "Nothing to do: the input has no rows."},
	}
	for _, test := range tests {
		t.Run(test.verdict, func(t *testing.T) {
			t.Parallel()
			r := makeReport(test.plans)
			r.Run.Environment = test.environment
			_, f := written(t, r)
			require.True(t, strings.HasPrefix(shown(t, f, "Summary", "A1"), test.banner))
			require.Equal(t, test.verdict, shown(t, f, "Summary", "A5"))
		})
	}
}

func TestSummarySheetShowsImbalance(t *testing.T) {
	t.Parallel()
	r := makeReport(everyState())
	r = spoil(t, r, func(rows []billing.Row) []billing.Row {
		wrong := money.New(125001, money.MustCurrency("NOK"))
		rows[0].Amount = &wrong
		return rows
	})
	_, f := written(t, r)
	require.Contains(t, shown(t, f, "Summary", "A5"), "OUT OF BALANCE")
	require.Equal(t, "-0.01", raw(t, f, "Summary", cellOf(t, f, "Difference (in − out)", 4)))
	require.Equal(t, "0.01", raw(t, f, "Summary", cellOf(t, f, "Difference", 4)))
}

func TestListsGoOnInAnotherSheet(t *testing.T) {
	t.Parallel()
	r := makeReport(everyState())
	r.rowsPerSheet = 10
	_, f := written(t, r)
	require.Equal(t, []string{"Summary", "Rows", "Rows 2", "Rows 3", "Rows 4", "Orders", "Orders 2", "VAT", "Problems"}, f.GetSheetList())
	require.Equal(t, "file", shown(t, f, "Rows 4", "A1"))
	require.Equal(t, "34", shown(t, f, "Rows 4", "C4"))
	require.Equal(t, "ORD-0012", shown(t, f, "Orders 2", "B2"))
	require.Equal(t, "Rows 4 4", shown(t, f, "Orders 2", "AB2"))
	formula, err := f.GetCellFormula("Summary", cellOf(t, f, "invoiced", 1))
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(formula, "COUNTIFS('Rows'!$M$2:$M$11,$A10)+COUNTIFS('Rows 2'!$M$2:$M$11,$A10)+"), formula)
	require.True(t, strings.HasSuffix(formula, "COUNTIFS('Rows 4'!$M$2:$M$4,$A10)"), formula)
}

func TestLinesIn(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"": 1, "0123456789": 1, "01234567890": 2, "a\nb": 2, strings.Repeat("0123456789 ", 3): 4, strings.Repeat("x\n", 50): maxLines,
	} {
		require.Equal(t, want, linesIn(text, 10+padding), "%q", text)
	}
}

func TestSheetIsFull(t *testing.T) {
	t.Parallel()
	b := &book{report: &Report{}}
	for _, test := range []struct {
		row   int
		bytes int64
		want  bool
	}{{1 << 20, 0, true}, {1<<20 - 1, 0, false}, {10, 3<<30 + 1, true}, {10, 3 << 30, false}} {
		require.Equal(t, test.want, b.full(&sheet{row: test.row, out: &stream{bytes: test.bytes}}), "%+v", test)
	}
}

func TestVerdictOfRowsWithoutOrder(t *testing.T) {
	t.Parallel()
	r := makeReport([]plan{{billing.FinalInvalid, []int64{500, 500}, "NOK"}})
	r.Control.InvalidOrders = 0
	text, _ := verdict(reconciled(t, r))
	require.Equal(t, "No, nothing was invoiced. Left: 2 rows, 10.00 NOK.", text)
}

func TestHostileCells(t *testing.T) {
	t.Parallel()
	r := makeReport([]plan{{billing.FinalInvalid, []int64{100}, "NOK"}, {billing.FinalInvoiced, []int64{100}, "NOK"}})
	r = spoilOrders(t, r, func(orders []Order) []Order { orders[0].Outcome.InvoiceURL = `javascript:alert(1)`; return orders })
	r.Tables[0].Header[1] = strings.Repeat("long header ", 4000)
	r.Run.Notices = []string{strings.Repeat("notice ", 9000)}
	r.Run.Settings = []Setting{{strings.Repeat("name ", 2000), "=1+1"}}
	r = spoil(t, r, func(rows []billing.Row) []billing.Row {
		row := &rows[0]
		row.Description = strings.Repeat("x", 40_000)
		row.Customer = `=HYPERLINK("http://evil.example")`
		row.Quantity = "=1+1"
		row.Problems[0].Message = strings.Repeat("line\n", 70)
		row.Problems[0].Hint = strings.Repeat("hint ", 2000)
		row.Cells = []string{"", "<b>&\x01\u202e", "_x000D_", "@SUM(1)"}
		return rows
	})
	_, f := written(t, r)
	require.True(t, strings.HasSuffix(raw(t, f, "Rows", "G2"), "xxx … [cut]"))
	for cell, want := range map[string]string{
		"F2": `=HYPERLINK("http://evil.example")`, "H2": "=1+1", "Q3": "javascript:alert(1)", "X2": "<b>&\ufffd\ufffd", "Y2": "_x000D_", "Z2": "@SUM(1)",
	} {
		require.Equal(t, want, raw(t, f, "Rows", cell), cell)
		formula, err := f.GetCellFormula("Rows", cell)
		require.NoError(t, err)
		require.Empty(t, formula, cell)
	}
}

func TestManyProblemsAreAllListed(t *testing.T) {
	t.Parallel()
	r := makeReport([]plan{
		{billing.FinalRejected, []int64{1}, "NOK"}, {billing.FinalInvalid, make([]int64, MaxProblems+2), "NOK"}, {billing.FinalFailed, []int64{1, 2}, "NOK"},
	})
	_, f := written(t, r)
	rows, err := f.GetRows("Problems")
	require.NoError(t, err)
	require.Len(t, rows, 1+1+MaxProblems+2+1)
	require.Equal(t, "provider.rejected", rows[1][1])
	require.Equal(t, strconv.Itoa(MaxProblems+2), rows[2][2])
	require.Equal(t, "provider.unavailable", rows[len(rows)-1][1])
}

// throughOffice opens a file in LibreOffice, which computes every formula anew, and saves it as a workbook.
func throughOffice(t *testing.T, path string, options ...string) *excelize.File {
	t.Helper()
	soffice, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("LibreOffice is not installed: nothing is opened with it")
	}
	home, out := t.TempDir(), t.TempDir()
	const always = `<?xml version="1.0"?><oor:items xmlns:oor="http://openoffice.org/2001/registry">` +
		`<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item></oor:items>`
	require.NoError(t, os.MkdirAll(filepath.Join(home, "user"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(home, "user", "registrymodifications.xcu"), []byte(always), 0o600))
	args := append([]string{"-env:UserInstallation=file://" + home, "--headless", "--convert-to", "xlsx", "--outdir", out}, options...)
	output, err := exec.CommandContext(t.Context(), soffice, append(args, path)...).CombinedOutput()
	require.NoError(t, err, string(output))
	f, err := excelize.OpenFile(filepath.Join(out, strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))+".xlsx"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, f.Close()) })
	return f
}

// formulas gives the value of every formula cell of a workbook.
func formulas(t *testing.T, f *excelize.File, of *excelize.File) map[string]string {
	t.Helper()
	values := make(map[string]string)
	for _, sheet := range f.GetSheetList() {
		rows, err := f.GetRows(sheet, excelize.Options{RawCellValue: true})
		require.NoError(t, err)
		for i, row := range rows {
			for j := range row {
				cell := ref(j+1, i+1)
				formula, err := f.GetCellFormula(sheet, cell)
				require.NoError(t, err)
				if formula != "" {
					values[sheet+"!"+cell] = raw(t, of, sheet, cell)
				}
			}
		}
	}
	return values
}

func TestFormulasGiveTheCachedValues(t *testing.T) {
	t.Parallel()
	for _, rowsPerSheet := range []int{maxRowsPerSheet, 10} {
		r := makeReport(append(everyState(), plan{billing.FinalInvoiced, []int64{1234, 5}, "JPY"}, plan{billing.FinalInvoiced, []int64{10, 20, 70}, "NOK"}))
		r.rowsPerSheet = rowsPerSheet
		path, ours := written(t, r)
		theirs := throughOffice(t, path)
		cached := formulas(t, ours, ours)
		require.Greater(t, len(cached), 100)
		got := formulas(t, ours, theirs)
		for cell, value := range cached {
			a, errA := strconv.ParseFloat(value, 64)
			b, errB := strconv.ParseFloat(got[cell], 64)
			if errA == nil && errB == nil {
				require.InDelta(t, a, b, 1e-9, cell)
				continue
			}
			require.Equal(t, value, got[cell], cell)
		}
	}
}

func TestFormulasAreLive(t *testing.T) {
	t.Parallel()
	r := makeReport(everyState())
	path, ours := writtenWith(t, r, func(m *making) { // a wrong cached value must not survive: the formulas count the rows themselves
		m.Rows.by[billing.FinalInvoiced] = 77
		m.Money[1].by[billing.FinalInvoiced] = money.New(5, money.MustCurrency("NOK"))
	})
	theirs := throughOffice(t, path)
	require.Equal(t, "77", raw(t, ours, "Summary", cellOf(t, ours, "invoiced", 1)))
	require.Equal(t, "6", raw(t, theirs, "Summary", cellOf(t, ours, "invoiced", 1)))
	require.Equal(t, "101737.39", raw(t, theirs, "Summary", cellOf(t, ours, "invoiced", 4)))
}

// manyRows is a report of n rows that are made as they are read.
func manyRows(n int) *Report {
	r := makeReport([]plan{{billing.FinalInvoiced, []int64{29900, 100, 250, 1999}, "NOK"}})
	first, order := slices.Collect(values(r.Rows)), slices.Collect(values(r.Orders))[0]
	r.Control = Control{Rows: n, Money: []money.Amount{money.New(int64(n/4)*32249, money.MustCurrency("NOK"))}}
	r.Rows = func(yield func(billing.Row, error) bool) {
		for i := range n {
			row := first[i%4]
			row.Ordinal, row.Row = i, i+2
			row.Reference = "ORD-" + strconv.Itoa(i/4)
			if !yield(row, nil) {
				return
			}
		}
	}
	r.Orders = func(yield func(Order, error) bool) {
		for i := range n / 4 {
			o := order
			o.Reference = "ORD-" + strconv.Itoa(i)
			if !yield(o, nil) {
				return
			}
		}
	}
	return r
}

// values leaves the errors out of a sequence that has none.
func values[T any](all iter.Seq2[T, error]) iter.Seq[T] {
	return func(yield func(T) bool) {
		for v := range all {
			if !yield(v) {
				return
			}
		}
	}
}

// BenchmarkWrite writes 200,000 rows as a workbook and as CSV.
func BenchmarkWrite(b *testing.B) {
	for b.Loop() {
		_, err := Write(b.Context(), manyRows(200_000), b.TempDir(), []Format{XLSX, CSV}, noCode)
		require.NoError(b, err)
	}
}
