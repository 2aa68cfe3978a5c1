package report

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"kraviabatch/internal/billing"
)

func sinceOctober(t *testing.T) *billing.LastMonth {
	t.Helper()
	m := &billing.LastMonth{
		Run: "20261022-120000-abcdef", Period: "2026-10",
		Started: time.Date(2026, 10, 22, 10, 0, 0, 0, time.UTC), ChangePercent: 30, Same: 4,
	}
	require.NoError(t,
		m.New.Add(&billing.CustomerChange{Number: "100", Customer: "=Alfa", Before: nok(0), Now: nok(1050)}))
	require.NoError(t,
		m.Gone.Add(&billing.CustomerChange{Number: "200", Customer: "Beta", Before: nok(9900), Now: nok(0)}))
	require.NoError(t,
		m.Changed.Add(&billing.CustomerChange{Number: "300", Customer: "Gamma", Before: nok(20000), Now: nok(29999)}))
	return m
}

// requireChanges requires what the comparison with October shows.
func requireChanges(t *testing.T, f *excelize.File) {
	t.Helper()
	require.NotEmpty(t, cellOf(t, f, "Compared with run 20261022-120000-abcdef of 2026-10-22, period 2026-10", 0))
	for label, want := range map[string]string{
		"New":                         "1 customer, 0.00\u00a0NOK before and 10.50\u00a0NOK now",
		"Gone":                        "1 customer, 99.00\u00a0NOK before and 0.00\u00a0NOK now",
		"Changed by more than 30 %":   "1 customer, 200.00\u00a0NOK before and 299.99\u00a0NOK now",
		"Changed less, or not at all": "4 customers",
	} {
		require.Equal(t, want, shown(t, f, "Summary", cellOf(t, f, label, 1)), label)
	}
	rows, err := f.GetRows("Last month")
	require.NoError(t, err)
	require.Equal(t, [][]string{
		{"difference", "customer number", "customer", "currency", "before", "now", "change", "percent"},
		{"new", "100", "=Alfa", "NOK", "0.00", "10.50", "10.50"},
		{"gone", "200", "Beta", "NOK", "99.00", "0.00", "-99.00"},
		{"changed", "300", "Gamma", "NOK", "200.00", "299.99", "99.99", "49"},
	}, rows)
	formula, err := f.GetCellFormula("Last month", "C2")
	require.NoError(t, err)
	require.Empty(t, formula)
}

func TestRunSaysWhatChanged(t *testing.T) {
	t.Parallel()
	r := makeReport([]ended{{billing.FinalInvoiced, []int64{125000}, "NOK"}})
	r.LastMonth = sinceOctober(t)
	_, f := written(t, r)
	require.Equal(t, []string{"Summary", "Rows", "Orders", "VAT", "Problems", "Last month", "Receivables"},
		f.GetSheetList())
	requireChanges(t, f)
}

// Without an earlier run, the report says nothing about a comparison.
func TestRunWithNothingToCompareWith(t *testing.T) {
	t.Parallel()
	r := makeReport([]ended{{billing.FinalInvoiced, []int64{125000}, "NOK"}})
	_, f := written(t, r)
	require.NotContains(t, f.GetSheetList(), "Last month")
	rows, err := f.GetRows("Summary")
	require.NoError(t, err)
	for _, row := range rows {
		for _, cell := range row {
			require.NotContains(t, cell, "ompare")
		}
	}
}

// The JSON summary has numbers and sums, but no list of customers.
func TestSummaryOfChanges(t *testing.T) {
	t.Parallel()
	r := makeReport([]ended{{billing.FinalInvoiced, []int64{125000}, "NOK"}})
	s, err := Write(t.Context(), r, t.TempDir(), nil, func(*Summary, error) int { return 0 })
	require.NoError(t, err)
	data, err := json.Marshal(s)
	require.NoError(t, err)
	require.NotContains(t, string(data), "last_month")
	r = makeReport([]ended{{billing.FinalInvoiced, []int64{125000}, "NOK"}})
	r.LastMonth = sinceOctober(t)
	s, err = Write(t.Context(), r, t.TempDir(), nil, func(*Summary, error) int { return 0 })
	require.NoError(t, err)
	data, err = json.Marshal(s)
	require.NoError(t, err)
	var got struct {
		LastMonth json.RawMessage `json:"last_month"`
	}
	require.NoError(t, json.Unmarshal(data, &got))
	require.JSONEq(t, `{"run":"20261022-120000-abcdef","period":"2026-10","started":"2026-10-22T10:00:00Z","change_percent":30,
		"all":{"customers":0,"money":[]},"same":4,
		"new":{"customers":1,"money":[{"before":{"minor":0,"currency":"NOK"},"now":{"minor":1050,"currency":"NOK"}}]},
		"gone":{"customers":1,"money":[{"before":{"minor":9900,"currency":"NOK"},"now":{"minor":0,"currency":"NOK"}}]},
		"changed":{"customers":1,"money":[{"before":{"minor":20000,"currency":"NOK"},"now":{"minor":29999,"currency":"NOK"}}]}}`, string(got.LastMonth))
	require.Len(t, r.LastMonth.New.List, 1, "the workbook has them")
}

func TestPreviewWithoutLastMonth(t *testing.T) {
	t.Parallel()
	f := previewed(t, nil)
	require.NotEmpty(t, cellOf(t, f, "There is no earlier run to compare with", 0))
	require.Equal(t, "There is no earlier run to compare with", shown(t, f, "Last month", "A2"))
	f = previewed(t, &billing.LastMonth{Run: "r", Same: 1})
	require.Equal(t, "No customer is new, gone or changed", shown(t, f, "Last month", "A2"))
}

// A list that is too long says how many customers it leaves out.
func TestLongListOfChanges(t *testing.T) {
	t.Parallel()
	m := &billing.LastMonth{Run: "r"}
	for i := range 3 {
		require.NoError(t,
			m.Gone.Add(
				&billing.CustomerChange{Number: string(rune('1' + i)), Customer: "Alfa", Before: nok(1), Now: nok(0)}))
	}
	m.Gone.Cut(1)
	rows, err := previewed(t, m).GetRows("Last month")
	require.NoError(t, err)
	require.Equal(t, [][]string{
		{"difference", "customer number", "customer", "currency", "before", "now", "change", "percent"},
		{"gone", "1", "Alfa", "NOK", "0.01", "0.00", "-0.01"},
		{"gone", "", "and 2 customers with smaller differences"},
	}, rows)
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
