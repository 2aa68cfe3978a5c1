package report

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

const creditHint = "put it on the order that it reduces, or make it with the provider"

// crediting is a report in which the orders with these numbers, from 0, are credits; of the n-th it is row
// say[n] that says so, usually the first.
func crediting(t *testing.T, orders []ended, say map[string]int) *Report {
	t.Helper()
	seen := map[string]int{}
	return spoil(t, makeReport(orders), func(rows []billing.Row) []billing.Row {
		for i := range rows {
			row := &rows[i]
			n, is := say[row.Reference]
			if is && seen[row.Reference] == n {
				row.Problems = []billing.Problem{{
					Code: billing.CodeOrderCredit, Severity: billing.Error, Place: row.Place,
					Message: "the order is a credit", Hint: creditHint,
				}}
			}
			seen[row.Reference]++
		}
		return rows
	})
}

func TestCreditsAreListed(t *testing.T) {
	t.Parallel()
	r := crediting(t, []ended{
		{billing.FinalInvalid, []int64{-50000, 10000}, "NOK"},
		{billing.FinalInvoiced, []int64{29900}, "NOK"},
		{billing.FinalInvalid, []int64{100}, "NOK"},
		{billing.FinalInvalid, []int64{5000, 5000, -15000}, "NOK"},
		{billing.FinalInvalid, []int64{-700}, "JPY"},
	}, map[string]int{"ORD-0001": 0, "ORD-0004": 0, "ORD-0005": 0})
	r = spoil(t, r, func(rows []billing.Row) []billing.Row { // rows of an order need not be adjacent
		rows[1], rows[7] = rows[7], rows[1]
		for i := range rows {
			rows[i].Ordinal = i
		}
		return rows
	})
	s := reconciled(t, r)
	require.Equal(t, "3 orders, -700 JPY and -450.00 NOK", s.Credits.String())
	require.Equal(t, 7, s.Rows.Of(billing.FinalInvalid), "they stay invalid rows")
	data, err := json.Marshal(s)
	require.NoError(t, err)
	require.Contains(t, string(data),
		`"credits":{"orders":3,"money":[{"currency":"JPY","total":-700},{"currency":"NOK","total":-45000}]},"balanced":true`)

	_, f := written(t, r)
	require.Equal(t, []string{"Summary", "Rows", "Orders", "VAT", "Problems", "Credits", "Receivables"},
		f.GetSheetList())
	rows, err := f.GetRows("Credits")
	require.NoError(t, err)
	require.Equal(t, [][]string{
		{"order reference", "customer", "rows", "amount", "currency", "what to do", "go to"},
		{"ORD-0001", "Fjord & Fjell AS", "2", "-400.00", "NOK", creditHint, "Rows 2"},
		{"ORD-0004", "Fjord & Fjell AS", "3", "-50.00", "NOK", creditHint, "Rows 6"},
		{"ORD-0005", "Fjord & Fjell AS", "1", "-700", "JPY", creditHint, "Rows 3"},
	}, slices.Concat(rows[:2], rows[3:], rows[2:3]))
	require.Equal(t, "-400", raw(t, f, "Credits", "D2"), "a number")
	require.NotEmpty(t, cellOf(t, f, "Credits to make by hand: 3 orders, -700\u00a0JPY and -450.00\u00a0NOK."+
		" They are among the invalid rows; each one is on sheet Credits.", 0))
}

func TestNoCredits(t *testing.T) {
	t.Parallel()
	r := makeReport(everyState())
	s := reconciled(t, r)
	require.Nil(t, s.Credits)
	_, f := written(t, r)
	require.NotContains(t, f.GetSheetList(), "Credits")
}

// A row of a credit without an amount, or in another currency, does not hide the credit.
func TestCreditOfRowsThatDoNotAddUp(t *testing.T) {
	t.Parallel()
	r := crediting(t, []ended{{billing.FinalInvalid, []int64{-50000, 10000, 5}, "NOK"}}, map[string]int{"ORD-0001": 0})
	euro := money.New(10000, money.MustCurrency("EUR"))
	r.Control.Money = []money.Amount{money.New(-50000, money.MustCurrency("NOK")), euro}
	r = spoil(t, r, func(rows []billing.Row) []billing.Row {
		rows[1].Amount, rows[2].Amount, rows[2].VATAmount = &euro, nil, nil
		vat := money.New(0, euro.Currency())
		rows[1].VATAmount = &vat
		return rows
	})
	s := reconciled(t, r)
	require.Equal(t, "1 order, 100.00 EUR and -500.00 NOK", s.Credits.String())
	_, f := written(t, r)
	rows, err := f.GetRows("Credits")
	require.NoError(t, err)
	require.Equal(t, []string{"ORD-0001", "Fjord & Fjell AS", "3", "", "", creditHint, "Rows 2"}, rows[1])
}

func TestCreditsGoOnInAnotherSheet(t *testing.T) {
	t.Parallel()
	r := crediting(t, []ended{
		{billing.FinalInvalid, []int64{-1}, "NOK"},
		{billing.FinalInvalid, []int64{-2}, "NOK"},
		{billing.FinalInvalid, []int64{-3}, "NOK"},
	}, map[string]int{"ORD-0001": 0, "ORD-0002": 0, "ORD-0003": 0})
	r.rowsPerSheet = 2
	_, f := written(t, r)
	require.Equal(t,
		[]string{"Summary", "Rows", "Rows 2", "Orders", "VAT", "Problems", "Problems 2", "Credits", "Credits 2"},
		f.GetSheetList())
	require.Equal(t, "ORD-0003", shown(t, f, "Credits 2", "A2"))
	require.Equal(t, "Rows 2 2", shown(t, f, "Credits 2", "G2"))
}
