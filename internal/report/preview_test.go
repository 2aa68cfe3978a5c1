package report

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

func nok(minor int64) money.Amount { return money.New(minor, money.MustCurrency("NOK")) }

func previewed(t *testing.T, m *billing.LastMonth) *excelize.File {
	t.Helper()
	r := makeReport([]plan{
		{billing.FinalNotAttempted, []int64{125000, 49990}, "NOK"},
		{billing.FinalAlreadyInvoiced, []int64{10000}, "NOK"},
		{billing.FinalConflict, []int64{20000}, "NOK"},
		{billing.FinalInvalid, []int64{300}, "NOK"},
	})
	r.Preview = &Preview{
		Hash: "9f86d081884c7d65", By: "Ola Nordmann", Day: "2026-11-22", ToSend: 1, Money: []money.Amount{nok(174990)}, LastMonth: m,
		VAT: []billing.VATTotal{{Rate: 2500, Gross: nok(204990), VAT: nok(40998)}},
	}
	dir := t.TempDir()
	path, err := WritePreview(t.Context(), r, dir, "PLAN.xlsx")
	require.NoError(t, err)
	require.Equal(t, filepath.Join(dir, "PLAN.xlsx"), path)
	require.Equal(t, []string{"PLAN.xlsx"}, namesIn(t, dir))
	f, err := excelize.OpenFile(path)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, f.Close()) })
	return f
}

func TestPreviewOfPlan(t *testing.T) {
	t.Parallel()
	m := &billing.LastMonth{Run: "20261022-120000-abcdef", Period: "2026-10", Started: time.Date(2026, 10, 22, 10, 0, 0, 0, time.UTC), ChangePercent: 30, Same: 4}
	require.NoError(t, m.New.Add(&billing.CustomerChange{Number: "100", Customer: "=Alfa", Before: nok(0), Now: nok(1050)}))
	require.NoError(t, m.Gone.Add(&billing.CustomerChange{Number: "200", Customer: "Beta", Before: nok(9900), Now: nok(0)}))
	require.NoError(t, m.Changed.Add(&billing.CustomerChange{Number: "300", Customer: "Gamma", Before: nok(20000), Now: nok(29999)}))
	f := previewed(t, m)
	require.Equal(t, []string{"Summary", "Rows", "Orders", "VAT", "Problems", "Last month"}, f.GetSheetList())
	for cell, want := range map[string]string{
		"A1": "PLAN – NOTHING IS SENT", "A3": "Plan of 2026-11-22 by Ola Nordmann",
		"A6": "To be sent: 1 order, 1 749.90 NOK. Not to be sent: 3 orders, see the states below.",
	} {
		require.Equal(t, want, shown(t, f, "Summary", cell), cell)
	}
	require.Contains(t, shown(t, f, "Summary", "A2"), "SANDBOX")
	require.Equal(t, "1 customer, 0.00 NOK before and 10.50 NOK now", shown(t, f, "Summary", cellOf(t, f, "New", 1)))
	require.Equal(t, "4 customers", shown(t, f, "Summary", cellOf(t, f, "Within that", 1)))
	require.Equal(t, "1,639.92", shown(t, f, "Summary", cellOf(t, f, "25 % NOK", 1)))
	require.Equal(t, "Will be sent when the plan is run", shown(t, f, "Summary", cellOf(t, f, "not attempted", 4)))
	require.Equal(t, "2", shown(t, f, "Summary", cellOf(t, f, "not attempted", 1)))
	rows, err := f.GetRows("Last month")
	require.NoError(t, err)
	require.Equal(t, [][]string{
		{"difference", "customer_number", "customer", "currency", "before", "now", "change", "percent"},
		{"new", "100", "=Alfa", "NOK", "0.00", "10.50", "10.50"},
		{"gone", "200", "Beta", "NOK", "99.00", "0.00", "-99.00"},
		{"changed", "300", "Gamma", "NOK", "200.00", "299.99", "99.99", "49"},
	}, rows)
	formula, err := f.GetCellFormula("Last month", "C2")
	require.NoError(t, err)
	require.Empty(t, formula)
}

func TestPreviewWithoutLastMonth(t *testing.T) {
	t.Parallel()
	f := previewed(t, nil)
	require.Equal(t, "There is no earlier run to compare with", shown(t, f, "Last month", "A2"))
	f = previewed(t, &billing.LastMonth{Run: "r", Same: 1})
	require.Equal(t, "No customer is new, gone or changed", shown(t, f, "Last month", "A2"))
}

// What the list of a group leaves out is said in its place.
func TestPreviewOfALongList(t *testing.T) {
	t.Parallel()
	m := &billing.LastMonth{Run: "r"}
	for i := range 3 {
		require.NoError(t, m.Gone.Add(&billing.CustomerChange{Number: string(rune('1' + i)), Customer: "Alfa", Before: nok(1), Now: nok(0)}))
	}
	m.Gone.Cut(1)
	rows, err := previewed(t, m).GetRows("Last month")
	require.NoError(t, err)
	require.Equal(t, [][]string{
		{"difference", "customer_number", "customer", "currency", "before", "now", "change", "percent"},
		{"gone", "1", "Alfa", "NOK", "0.01", "0.00", "-0.01"},
		{"gone", "", "and 2 customers with smaller differences"},
	}, rows)
}

func TestPreviewIsNeverWrittenOver(t *testing.T) {
	t.Parallel()
	r := makeReport(everyState())
	r.Preview = &Preview{Day: "2026-11-22"}
	dir := t.TempDir()
	for _, want := range []string{"PLAN.xlsx", "PLAN-2.xlsx"} {
		path, err := WritePreview(t.Context(), r, dir, "PLAN.xlsx")
		require.NoError(t, err)
		require.Equal(t, filepath.Join(dir, want), path)
	}
}

func TestPercentOfChange(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		before, now int64
		want        string
	}{{100, 150, "50"}, {100, 50, "-50"}, {3, 4, "33"}, {100, 100, "0"}, {0, 5, ""}, {5, 0, ""}, {1, 1 << 60, ""}} {
		require.Equal(t, test.want, percent(nok(test.before), nok(test.now)), "%+v", test)
	}
}
