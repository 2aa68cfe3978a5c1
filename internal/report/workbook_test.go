package report

import (
	"iter"
	"os"
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

// under is a cell of a row under a header.
func under(t *testing.T, f *excelize.File, sheet, header string, row int) string {
	t.Helper()
	rows, err := f.GetRows(sheet)
	require.NoError(t, err)
	col := slices.Index(rows[0], header)
	require.NotEqual(t, -1, col, "no column %s in %v", header, rows[0])
	return ref(col+1, row)
}

func TestWorkbookSheetsAndCells(t *testing.T) {
	t.Parallel()
	r := makeReport(everyState())
	_, f := written(t, r)
	require.Equal(t, []string{"Summary", "Rows", "Orders", "VAT", "Problems", "Receivables"}, f.GetSheetList())
	for cell, want := range map[string]string{
		"A1": "file", "D1": "order_reference", "I1": "amount incl. VAT", "W1": "hint", "X1": "input_amount",
		"Z1": "Note",
		"C2": "2", "D2": "ORD-0001", "I2": "1,250.00", "I4": "-12.50", "M2": "invoiced", "O2": "2026-11-22",
		"P2": "2026-12-06",
		"Q2": "https://example.test/invoices/0.pdf", "N2": "100200", "U11": "provider.rejected",
		"Z2": "ring +4799999999", "M34": "invoiced",
	} {
		require.Equal(t, want, shown(t, f, "Rows", cell), cell)
	}
	require.Equal(t, "46348", raw(t, f, "Rows", "O2"), "a real date")
	formula, err := f.GetCellFormula("Rows", "Q2")
	require.NoError(t, err)
	require.Equal(t, `HYPERLINK("https://example.test/invoices/0.pdf")`, formula)
	for cell, want := range map[string]excelize.CellType{
		"I2": excelize.CellTypeUnset, "N2": excelize.CellTypeInlineString, "D2": excelize.CellTypeInlineString,
		"H2": excelize.CellTypeUnset,
	} {
		got, err := f.GetCellType("Rows", cell)
		require.NoError(t, err)
		require.Equal(t, want, got, cell)
	}
	linked, target, err := f.GetCellHyperLink("Rows", "D2")
	require.NoError(t, err)
	require.True(t, linked)
	require.Equal(t, "'Orders'!B2", target)
	for column, want := range map[string]string{
		"order reference": "ORD-0001", "customer number": "1042", "organization number": "974760673",
		"cost center": "410", "delivered": "2026-11",
		"net": "1,389.92", "VAT 25 %": "347.48", "VAT": "347.48", "amount incl. VAT": "1,737.40",
		"invoiced": "by this run", "open": "1,737.40",
		"settlement": "partially settled", "first attempt": "2026-11-22 13:04:06", "first row": "Rows 2",
	} {
		require.Equal(t, want, shown(t, f, "Orders", under(t, f, "Orders", column, 2)), column)
	}
	require.Equal(t, "Rows 29", shown(t, f, "Orders", under(t, f, "Orders", "first row", 10)))
	require.Equal(t, "2026-11-22", shown(t, f, "Orders", under(t, f, "Orders", "cancelled", 10)), "the cancelled one")
	require.Equal(t, "Total", shown(t, f, "Orders", "B14"))
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
	for name, orientation := range map[string]string{
		"Summary": "portrait", "Rows": "landscape",
		"Orders": "landscape", "VAT": "landscape", "Problems": "landscape",
	} {
		layout, err := f.GetPageLayout(name)
		require.NoError(t, err)
		require.Equal(t, orientation, *layout.Orientation, name)
		require.Equal(t, map[string]int{"Summary": 1, "Rows": 2, "Orders": 3, "VAT": 1, "Problems": 1}[name],
			*layout.FitToWidth, name)
		sheet, err := f.GetSheetProps(name)
		require.NoError(t, err)
		require.True(t, *sheet.FitToPage, name)
	}
	names := make(map[string]string)
	for _, n := range f.GetDefinedName() {
		names[n.Name+" "+n.Scope] = n.RefersTo
	}
	require.Equal(t, "'Rows'!$C:$D,'Rows'!$1:$1", names["_xlnm.Print_Titles Rows"])
	require.Equal(t, "'Rows'!$A$1:$AD$34", names["_xlnm._FilterDatabase Rows"])
	formats, err := f.GetConditionalFormats("Summary")
	require.NoError(t, err)
	require.Len(t, formats, 8, "two tables, and three lines of the ledger for each of two currencies")
}

func TestSummarySheetAnswers(t *testing.T) {
	t.Parallel()
	tests := []struct {
		environment Environment
		orders      []ended
		banner      string
		headline    string
	}{
		{
			Sandbox,
			[]ended{{billing.FinalInvoiced, []int64{29900}, "NOK"}},
			"SANDBOX",
			"Yes, everything was invoiced by this run: 1 order, 299.00\u00a0NOK.",
		},
		{
			Test,
			[]ended{{billing.FinalInvoiced, []int64{29900}, "NOK"}, {billing.FinalRegistered, []int64{500}, "NOK"}},
			"TEST",
			"Yes, everything is done: this run invoiced 1 order, 299.00\u00a0NOK. Registered, and invoiced later: 1 order, 5.00\u00a0NOK.",
		},
		{
			Live,
			[]ended{{billing.FinalInvoiced, []int64{1234567}, "NOK"}, {billing.FinalInDoubt, []int64{500}, "NOK"}},
			"LIVE",
			"No, not everything: this run invoiced 1 order, 12,345.67\u00a0NOK. Not invoiced: 1 order, 5.00\u00a0NOK.",
		},
		{
			Live,
			[]ended{{billing.FinalInvoiced, []int64{100}, "NOK"}, {billing.FinalVoided, []int64{500}, "NOK"}},
			"LIVE",
			"Yes, everything is done: this run invoiced 2 orders, 6.00\u00a0NOK. Cancelled since: 1 order, 5.00\u00a0NOK.",
		},
		{
			Live,
			[]ended{{billing.FinalInvalid, []int64{500}, "NOK"}},
			"LIVE",
			"No: this run invoiced nothing. Not invoiced: 1 order, 5.00\u00a0NOK.",
		},
		{
			Live,
			[]ended{{billing.FinalAlreadyInvoiced, []int64{500}, "NOK"}},
			"LIVE",
			"Nothing to post: this run invoiced nothing, everything was done before. Invoiced before: 1 order, 5.00\u00a0NOK.",
		},
		{
			Live,
			[]ended{{billing.FinalRegistered, []int64{500}, "NOK"}},
			"LIVE",
			"Nothing to post yet: this run invoiced nothing. Registered, and invoiced later: 1 order, 5.00\u00a0NOK.",
		},
		{Live, nil, "LIVE", "Nothing to do: the input has no rows."},
	}
	for _, test := range tests {
		t.Run(test.headline, func(t *testing.T) {
			t.Parallel()
			r := makeReport(test.orders)
			r.Run.Environment = test.environment
			_, f := written(t, r)
			require.True(t, strings.HasPrefix(shown(t, f, "Summary", "A1"), test.banner))
			require.Equal(t, test.headline, shown(t, f, "Summary", "A5"))
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
	require.Equal(t,
		[]string{
			"Summary", "Rows", "Rows 2", "Rows 3", "Rows 4", "Orders", "Orders 2", "VAT", "Problems",
			"Receivables",
		}, f.GetSheetList())
	require.Equal(t, "file", shown(t, f, "Rows 4", "A1"))
	require.Equal(t, "34", shown(t, f, "Rows 4", "C4"))
	require.Equal(t, "ORD-0012", shown(t, f, "Orders 2", "B2"))
	require.Equal(t, "Rows 4 4", shown(t, f, "Orders 2", under(t, f, "Orders 2", "first row", 2)))
	formula, err := f.GetCellFormula("Summary", cellOf(t, f, "invoiced", 1))
	require.NoError(t, err)
	require.True(t,
		strings.HasPrefix(formula, "COUNTIFS('Rows'!$M$2:$M$11,$A26)+COUNTIFS('Rows 2'!$M$2:$M$11,$A26)+"), formula)
	require.True(t, strings.HasSuffix(formula, "COUNTIFS('Rows 4'!$M$2:$M$4,$A26)"), formula)
}

func TestLinesIn(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"": 1, "0123456789": 1, "0123456789012": 2, "a\nb": 2, strings.Repeat("0123456789 ", 3): 4,
		strings.Repeat("x\n", 50): maxLines,
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
	}{{maxRowsPerSheet + 1, 0, true}, {maxRowsPerSheet, 0, false}, {10, 3<<30 + 1, true}, {10, 3 << 30, false}} {
		require.Equal(t, test.want, b.full(&sheet{row: test.row, out: &stream{bytes: test.bytes}}), "%+v", test)
	}
}

func TestHeadlineOfRowsWithoutOrder(t *testing.T) {
	t.Parallel()
	r := makeReport([]ended{{billing.FinalInvalid, []int64{500, 500}, "NOK"}})
	r.Control.InvalidOrders = 0
	text, _ := wordsOf("").headline(reconciled(t, r))
	require.Equal(t, "No: this run invoiced nothing. Not invoiced: 2 rows, 10.00\u00a0NOK.", text)
}

func TestHostileCells(t *testing.T) {
	t.Parallel()
	r := makeReport([]ended{{billing.FinalInvalid, []int64{100}, "NOK"}, {billing.FinalInvoiced, []int64{100}, "NOK"}})
	r = spoilOrders(t, r, func(orders []Order) []Order {
		orders[0].Outcome.InvoiceURL = `javascript:alert(1)`
		return orders
	})
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
		"F2": `=HYPERLINK("http://evil.example")`, "H2": "=1+1", "Q3": "javascript:alert(1)",
		"X2": "<b>&\ufffd\ufffd", "Y2": "_x000D_", "Z2": "@SUM(1)",
	} {
		require.Equal(t, want, raw(t, f, "Rows", cell), cell)
		formula, err := f.GetCellFormula("Rows", cell)
		require.NoError(t, err)
		require.Empty(t, formula, cell)
	}
}

func TestManyProblemsAreAllListed(t *testing.T) {
	t.Parallel()
	r := makeReport([]ended{
		{billing.FinalRejected, []int64{1}, "NOK"},
		{billing.FinalInvalid, make([]int64, MaxProblems+2), "NOK"},
		{billing.FinalFailed, []int64{1, 2}, "NOK"},
	})
	_, f := written(t, r)
	rows, err := f.GetRows("Problems")
	require.NoError(t, err)
	require.Len(t, rows, 1+1+MaxProblems+2+1)
	require.Equal(t, "provider.rejected", rows[1][1])
	require.Equal(t, strconv.Itoa(MaxProblems+2), rows[2][2])
	require.Equal(t, "provider.unavailable", rows[len(rows)-1][1])
}

func TestWorkbookInNorwegian(t *testing.T) {
	t.Parallel()
	r := makeReport(everyState())
	r.Language, r.Changed = "no", true
	r = spoil(t, r, func(rows []billing.Row) []billing.Row {
		p := billing.NewProblem("postal_code.missing", "")
		for i := range rows {
			if len(rows[i].Problems) > 0 {
				rows[i].Problems[0].Hint = p.Hint
			}
		}
		return rows
	})
	r = spoilOrders(t, r, func(orders []Order) []Order { orders[0].Changed = "var ubetalt"; return orders })
	path, f := written(t, r)
	require.Equal(t, []string{"Sammendrag", "Rader", "Ordrer", "Mva", "Problemer", "Fordringer"}, f.GetSheetList())
	for _, want := range []struct{ sheet, cell, text string }{
		{"Rader", "A1", "fil"},
		{"Rader", "D1", "ordrereferanse"},
		{"Rader", "I1", "beløp inkl. mva"},
		{"Rader", "X1", "input_amount"},
		{"Rader", under(t, f, "Rader", "fakturert", 2), "av denne kjøringen"},
		{"Rader", under(t, f, "Rader", "endret", 2), "var ubetalt"},
		{"Rader", "M2", "fakturert"},
		{"Rader", "T2", "ubetalt"},
		{"Rader", "M23", "ugyldig"},
		{"Rader", "U23", "postal_code.missing"},
		{"Rader", "W23", "fyll ut postal_code"},
		{"Ordrer", "B1", "ordrereferanse"},
		{"Ordrer", under(t, f, "Ordrer", "første rad", 10), "Rader 29"},
		{"Mva", "A5", "Fakturert av denne kjøringen"},
		{"Fordringer", "A1", "Fordringer"},
		{"Problemer", "A1", "alvorlighet"},
		{"Problemer", "A2", "feil"},
		{"Problemer", "D2", "fyll ut postal_code"},
		{"Problemer", "K2", "Rader 23"},
	} {
		require.Equal(t, want.text, shown(t, f, want.sheet, want.cell), want)
	}
	footer, err := f.GetHeaderFooter("Rader")
	require.NoError(t, err)
	require.Equal(t, "&L20261122-130405-ab12&C&A&RSide &P av &N", footer.OddFooter)
	_, target, err := f.GetCellHyperLink("Rader", "D2")
	require.NoError(t, err)
	require.Equal(t, "'Ordrer'!B2", target)
	for cell, want := range map[string]string{"I2": "[$-414]#,##0.00", "H2": "[$-414]General"} {
		id, err := f.GetCellStyle("Rader", cell)
		require.NoError(t, err)
		style, err := f.GetStyle(id)
		require.NoError(t, err)
		require.Equal(t, want, *style.CustomNumFmt, cell)
	}
	file, err := os.ReadFile(writtenFile(t, r, CSV))
	require.NoError(t, err)
	require.Contains(t, string(file), ",state,invoice_number,")
	require.Contains(t, string(file), ",1250.00,25,250.00,NOK,invoiced,")
	require.NotContains(t, string(file), "fyll ut")
	require.Equal(t, "1\u00a0250,00", shownByOffice(t, path, 2, 9))
}

// writtenFile is the report as one file of a format.
func writtenFile(t *testing.T, r *Report, format Format) string {
	t.Helper()
	s, err := Write(t.Context(), r, t.TempDir(), []Format{format}, noCode)
	require.NoError(t, err)
	return s.Reports[0]
}

// manyRows is a report of n rows that are made as they are read.
func manyRows(n int) *Report {
	r := makeReport([]ended{{billing.FinalInvoiced, []int64{29900, 100, 250, 1999}, "NOK"}})
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
