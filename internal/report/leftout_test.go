package report

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"kraviabatch/internal/billing"
)

// leavingOut is a report of one invoiced order of which the profile left rows out.
func leavingOut(rows ...billing.LeftOut) *Report {
	r := makeReport([]ended{{billing.FinalInvoiced, []int64{29900}, "NOK"}})
	r.Control.LeftOut, r.LeftOut = len(rows), again(rows)
	return r
}

func leftOutRow(row int, amount, currency string, cells ...string) billing.LeftOut {
	return billing.LeftOut{
		Place: billing.Place{
			File: "lines.csv", Row: row,
		}, Reference: "U-7", Customer: "=Fjord & Fjell AS", Description: "Utkast\nlinje to", Amount: amount,
		Currency: currency,
		Cells:    cells,
	}
}

func TestLeftOutAddsUp(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		amounts [][2]string
		text    string
		json    string
	}{
		{
			[][2]string{{"4000", ""}, {"500.00", ""}},
			"2 rows, 4 500.00",
			`{"rows":2,"money":[{"currency":"","amount":"4500"}]}`,
		},
		{
			[][2]string{{"4500.5", "NOK"}},
			"1 row, 4 500.50 NOK",
			`{"rows":1,"money":[{"currency":"NOK","total":450050,"amount":"4500.50"}]}`,
		},
		{
			[][2]string{{"1", "SEK"}, {"2", "nok "}, {"-0.1", ""}, {"", "NOK"}, {"to be agreed", ""}},
			"5 rows, -0.10 and 2.00 NOK and 1.00 SEK, 2 without an amount",
			`{"rows":5,"money":[{"currency":"","amount":"-0.1"},{"currency":"NOK","total":200,"amount":"2.00"},` +
				`{"currency":"SEK","total":100,"amount":"1.00"}],"without_amount":2}`,
		},
		{[][2]string{{"", ""}}, "1 row, 1 without an amount", `{"rows":1,"money":[],"without_amount":1}`},
		{
			[][2]string{{"1200", "JPY"}},
			"1 row, 1 200 JPY",
			`{"rows":1,"money":[{"currency":"JPY","total":1200,"amount":"1200"}]}`,
		},
		{[][2]string{{"10", "kroner"}}, "1 row, 10.00", `{"rows":1,"money":[{"currency":"","amount":"10"}]}`},
		{
			[][2]string{{"0.005", "NOK"}, {"0.001", ""}},
			"2 rows, 0.001 and 0.005 NOK",
			`{"rows":2,"money":[{"currency":"","amount":"0.001"},{"currency":"NOK","amount":"0.005"}]}`,
		},
		{
			[][2]string{{"999999999999999999", "NOK"}, {"1", "NOK"}},
			"2 rows, a sum too large to be shown NOK",
			`{"rows":2,"money":[{"currency":"NOK","amount":""}]}`,
		},
	} {
		total := &LeftOut{}
		for _, a := range test.amounts {
			total.Add(&billing.LeftOut{Amount: a[0], Currency: a[1]})
		}
		require.Equal(t, test.text, total.String())
		data, err := json.Marshal(total)
		require.NoError(t, err)
		require.JSONEq(t, test.json, string(data), test.text)
	}
}

func TestLeftOutIsInNoOtherTotal(t *testing.T) {
	t.Parallel()
	r := leavingOut(leftOutRow(3, "4000", ""), leftOutRow(4, "500", ""))
	s := reconciled(t, r)
	require.True(t, s.Balanced)
	require.Equal(t, 1, s.Rows.Total())
	require.Equal(t, "299.00", s.Money[0].Out().String())
	require.Equal(t, "2 rows, 4 500.00", s.LeftOut.String())
	data, err := json.Marshal(s)
	require.NoError(t, err)
	require.Contains(t, string(data), `"left_out":{"rows":2,"money":[{"currency":"","amount":"4500"}]},"balanced":true`)
	require.NotContains(t, string(data), "credits")

	none := reconciled(t, leavingOut())
	data, err = json.Marshal(none)
	require.NoError(t, err)
	require.NotContains(t, string(data), "left_out")
	require.Nil(t, none.LeftOut)
}

func TestLostLeftOutDoesNotBalance(t *testing.T) {
	t.Parallel()
	r := leavingOut(leftOutRow(3, "1", ""))
	r.Control.LeftOut = 2
	s, err := reconcile(r)
	require.EqualError(t, err, "the report does not balance: rows left out: in 2, out 1")
	require.False(t, s.Balanced)
	broken := errors.New("disk gone")
	r.LeftOut = func() iter.Seq2[billing.LeftOut, error] {
		return func(yield func(billing.LeftOut, error) bool) { yield(billing.LeftOut{}, broken) }
	}
	_, err = reconcile(r)
	require.ErrorIs(t, err, broken)
}

func TestSheetLeftOut(t *testing.T) {
	t.Parallel()
	r := leavingOut(
		leftOutRow(3, "4000.5", "NOK", "U-7", "4000,50", "Salg Øst", "@SUM(1)"),
		leftOutRow(4, "1200", "JPY", "U-7"), leftOutRow(5, "0.125", ""), leftOutRow(6, "=1+1", "kroner"),
		leftOutRow(7, "", ""))
	// which sheet Rows has among its first columns
	r.Tables[0].Header[2], r.Tables[0].Known[2] = "quantity", billing.ColQuantity
	_, f := written(t, r)
	require.Equal(t, []string{"Summary", "Rows", "Orders", "VAT", "Problems", "Left out", "Receivables"},
		f.GetSheetList())
	rows, err := f.GetRows("Left out")
	require.NoError(t, err)
	require.Equal(t, [][]string{
		{
			"file", "sheet", "row", "order reference", "customer", "description", "amount", "currency", "input_amount",
			"quantity", "Note",
		},
		{
			"lines.csv", "", "3", "U-7", "=Fjord & Fjell AS", "Utkast\nlinje to", "4,000.50", "NOK", "4000,50",
			"Salg Øst", "@SUM(1)",
		},
		{"lines.csv", "", "4", "U-7", "=Fjord & Fjell AS", "Utkast\nlinje to", "1,200", "JPY"},
		{"lines.csv", "", "5", "U-7", "=Fjord & Fjell AS", "Utkast\nlinje to", "0.125"},
		{"lines.csv", "", "6", "U-7", "=Fjord & Fjell AS", "Utkast\nlinje to", "=1+1", "kroner"},
		{"lines.csv", "", "7", "U-7", "=Fjord & Fjell AS", "Utkast\nlinje to"},
	}, rows)
	for cell, want := range map[string]excelize.CellType{
		"C2": excelize.CellTypeUnset, "G2": excelize.CellTypeUnset, "G4": excelize.CellTypeUnset,
		"D2": excelize.CellTypeInlineString,
		"E2": excelize.CellTypeInlineString, "G5": excelize.CellTypeInlineString, "I2": excelize.CellTypeInlineString,
		"K2": excelize.CellTypeInlineString,
	} {
		got, err := f.GetCellType("Left out", cell)
		require.NoError(t, err)
		require.Equal(t, want, got, cell)
		formula, err := f.GetCellFormula("Left out", cell)
		require.NoError(t, err)
		require.Empty(t, formula, cell)
	}
	line := cellOf(t, f, "Left out by the profile: 5 rows, 0.125 and 1,200 JPY and 4,000.50 NOK, 2 without an amount."+
		" They are in no total; each one is on sheet Left out.", 0)
	require.NotEmpty(t, line)
	panes, err := f.GetPanes("Left out")
	require.NoError(t, err)
	require.True(t, panes.Freeze)
}

func TestLeftOutGoesOnInAnotherSheet(t *testing.T) {
	t.Parallel()
	var rows []billing.LeftOut
	for i := range 25 {
		rows = append(rows, leftOutRow(i+3, "1", ""))
	}
	r := leavingOut(rows...)
	r.rowsPerSheet = 10
	_, f := written(t, r)
	require.Equal(t,
		[]string{
			"Summary", "Rows", "Orders", "VAT", "Problems", "Left out", "Left out 2", "Left out 3",
			"Receivables",
		}, f.GetSheetList())
	require.Equal(t, "27", shown(t, f, "Left out 3", "C6"))
	require.Empty(t, shown(t, f, "Left out 3", "C7"))
}

// All rows may be left out: the headline says so, and the report balances.
func TestEveryRowLeftOut(t *testing.T) {
	t.Parallel()
	r := makeReport(nil)
	r.Control.LeftOut, r.LeftOut = 1, again([]billing.LeftOut{leftOutRow(2, "1", "")})
	_, f := written(t, r)
	require.Equal(t, "Nothing to do: the profile leaves out every row.", shown(t, f, "Summary", "A5"))
}

func TestLeftOutInTheJSONReport(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := leavingOut(leftOutRow(3, "4000.50", "NOK", "U-7", "4000,50", "", "<b>\x1b[1m"), leftOutRow(4, "", ""))
	_, err := Write(t.Context(), r, dir, []Format{JSON, CSV}, noCode)
	require.NoError(t, err)
	data, err := os.ReadFile(filepath.Join(dir, "lines_20261122-130405-ab12.json"))
	require.NoError(t, err)
	var got struct {
		Version int
		LeftOut struct{ Rows int } `json:"left_out"`
		Rows    json.RawMessage    `json:"left_out_rows"`
	}
	require.NoError(t, json.Unmarshal(data, &got))
	require.Equal(t, 1, got.Version)
	require.Equal(t, 2, got.LeftOut.Rows)
	require.JSONEq(t, `[
		{"file":"lines.csv","sheet":"","row":3,"order_reference":"U-7","customer":"=Fjord & Fjell AS","description":"Utkast\nlinje to",
			"amount":"4000.50","currency":"NOK","cells":{"input_amount":"4000,50","Note":"<b>\u001b[1m"}},
		{"file":"lines.csv","sheet":"","row":4,"order_reference":"U-7","customer":"=Fjord & Fjell AS","description":"Utkast\nlinje to",
			"amount":"","currency":"","cells":{}}]`, string(got.Rows))
	require.True(t, strings.HasSuffix(string(data), "\"cells\":{}}\n  ]\n}\n"))
	require.Contains(t, string(data), "  \"left_out_rows\": [\n    {\"file\"")
	table, err := os.Open(filepath.Join(dir, "lines_20261122-130405-ab12.csv"))
	require.NoError(t, err)
	rows, err := csv.NewReader(table).ReadAll()
	require.NoError(t, errors.Join(err, table.Close()))
	require.Len(t, rows, 2, "the CSV report has the lines alone")
}
