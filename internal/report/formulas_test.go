package report

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

func TestFormulasGiveTheCachedValues(t *testing.T) {
	t.Parallel()
	var paths []string
	var reports []*excelize.File
	for language, rowsPerSheet := range map[string]int{"en": maxRowsPerSheet, "no": 10} {
		r := makeReport(
			append(everyState(), ended{billing.FinalInvoiced, []int64{1234, 5}, "JPY"},
				ended{billing.FinalInvoiced, []int64{10, 20, 70}, "NOK"}))
		r = spoil(t, r, oddRows)
		r.Control.Expected = &Expected{
			Rows: new(30), Total: []money.Amount{nok(1)}, Net: []money.Amount{nok(2)},
			VAT: []money.Amount{nok(3)},
		}
		r.Accounts = &billing.Accounts{
			Receivable: "1500", Revenue: billing.AccountsBy{"": "3000"},
			VAT: billing.AccountsBy{"25": "2700"},
		}
		r.Run.SellerCountry = "NO"
		r.rowsPerSheet, r.Language = rowsPerSheet, language
		path, ours := written(t, r)
		paths, reports = append(paths, path), append(reports, ours)
	}
	for i, theirs := range throughOffice(t, nil, paths...) {
		ours := reports[i]
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

// oddRows gives rows treatments that formulas may take for something else, other rates and countries, and one
// no amount.
func oddRows(rows []billing.Row) []billing.Row {
	treatments := []string{
		"", "a", "A", "*", "a*", "~x", "01", "1", `he said "x"`, strings.Repeat("long ", 60),
		">5", "=3", "3 %",
	}
	for i := range rows {
		row := &rows[i]
		row.Treatment, row.Country = treatments[i%len(treatments)], []string{"NO", "SE", ""}[i%3]
		if i%4 == 0 {
			none := money.New(0, row.Amount.Currency())
			row.VAT, row.Rate, row.VATAmount = "0", 0, &none
		}
	}
	for i := range rows {
		if !rows[i].Valid { // of prices without VAT: what is not known to be with it is in no sum
			rows[i].Amount, rows[i].AmountText, rows[i].VATAmount, rows[i].VAT = nil, "100.00", nil, ""
			break
		}
	}
	return rows
}

func TestFormulasAreLive(t *testing.T) {
	t.Parallel()
	r := makeReport(everyState())
	// a wrong cached value must not survive: the formulas count the rows themselves
	path, ours := writtenWith(t, r, func(m *making) {
		m.Rows.by[billing.FinalInvoiced] = 77
		m.Money[1].by[billing.FinalInvoiced] = money.New(5, money.MustCurrency("NOK"))
	})
	theirs := throughOffice(t, nil, path)[0]
	require.Equal(t, "77", raw(t, ours, "Summary", cellOf(t, ours, "invoiced", 1)))
	require.Equal(t, "6", raw(t, theirs, "Summary", cellOf(t, ours, "invoiced", 1)))
	require.Equal(t, "101737.39", raw(t, theirs, "Summary", cellOf(t, ours, "invoiced", 4)))
}
