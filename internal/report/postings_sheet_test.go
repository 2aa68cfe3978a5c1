package report

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"kraviabatch/internal/billing"
)

func TestPostingsSheet(t *testing.T) {
	t.Parallel()
	unknown := posted(7, ByThisRun, "SEK", "Nord AB", "", billing.VATShare{Rate: 1200, Gross: 1120, VAT: 120})
	var paths []string
	var reports []*excelize.File
	for _, rowsPerSheet := range []int{0, 12} {
		r := reportOf(append(small(), unknown)...)
		r.rowsPerSheet = rowsPerSheet
		path, f := written(t, r)
		var rows [][]string
		for _, sheet := range f.GetSheetList() {
			if strings.HasPrefix(sheet, sheetPostings) {
				all, err := f.GetRows(sheet)
				require.NoError(t, err)
				rows = append(rows, all[1:]...)
			}
		}
		require.Len(t, rows, 13+3+1+4+2+8)
		require.Equal(t, []string{"100201", "2026-11-22", "3010", "10.00", "", "SEK"}, rows[3][:6])
		require.Equal(t, []string{"Total", "", "", "50.00", "50.00", "NOK"}, rows[17])
		require.Equal(t, []string{"Difference", "", "", "0.00", "", "NOK"}, rows[18])
		require.Equal(t, []string{"Total", "", "", "1,013.70", "1,013.70", "SEK"}, rows[19])
		require.Equal(t, [][]string{
			{"By account", "", "Account", "Debit", "Credit", "Currency", "Balance"},
			{"", "", "1500", "50.00", "0.00", "NOK", "50.00"},
			{"", "", "3108", "0.00", "50.00", "NOK", "-50.00"},
			{"", "", "1500", "1,000.95", "1.25", "SEK", "999.70"},
			{"", "", "2700", "0.25", "200.25", "SEK", "-200.00"},
			{"", "", "2701", "1.50", "0.00", "SEK", "1.50"},
			{"", "", "3000", "1.00", "801.00", "SEK", "-800.00"},
			{"", "", "3010", "10.00", "0.00", "SEK", "10.00"},
			{"", "", "no account", "0.00", "11.20", "SEK", "-11.20"},
		}, rows[22:])
		if rowsPerSheet == 0 {
			header, err := f.GetRows(sheetPostings)
			require.NoError(t, err)
			require.Equal(t, []string{"Voucher", "Date", "Account", "Debit", "Credit", "Currency"}, header[0][:6])
			red, err := f.GetConditionalFormats(sheetPostings)
			require.NoError(t, err)
			require.Contains(t, red, "D20")
			require.Contains(t, red, "D22")
			require.Equal(t, "F2A9A0", fillOf(t, f, sheetPostings, "C16"))
			names := map[string]string{}
			for _, name := range f.GetDefinedName() {
				names[name.Name+" "+name.Scope] = name.RefersTo
			}
			require.Equal(t, "'Postings'!$A$1:$P$17", names["_xlnm._FilterDatabase Postings"]) // without the sums
			require.Equal(t, "'Postings'!$A:$C,'Postings'!$1:$1", names["_xlnm.Print_Titles Postings"])
		}
		paths, reports = append(paths, path), append(reports, f)
	}
	for i, theirs := range throughOffice(t, nil, paths...) {
		f := reports[i]
		ours, got := formulas(t, f, f), formulas(t, f, theirs)
		checked := 0
		for cell, value := range ours {
			if strings.HasPrefix(cell, sheetPostings) {
				require.Equal(t, value, got[cell], cell)
				checked++
			}
		}
		require.Equal(t, 6+3*8, checked)
	}
}

func TestPostingsSheetOfNothing(t *testing.T) {
	t.Parallel()
	_, f := written(t,
		reportOf(posted(1, Before, "SEK", "Nord AB", "", billing.VATShare{Rate: 2500, Gross: 125, VAT: 25})))
	rows, err := f.GetRows(sheetPostings)
	require.NoError(t, err)
	require.Equal(t, []string{"Nothing to post: this run invoiced nothing"}, rows[1])
	r := reportOf(small()...)
	r.Accounts = nil
	_, f = written(t, r)
	require.NotContains(t, f.GetSheetList(), sheetPostings)
}

func TestPostingsSheetInNorwegian(t *testing.T) {
	t.Parallel()
	treated := posted(7, ByThisRun, "SEK", "Nord AB", "",
		billing.VATShare{Rate: 1200, Treatment: "33", Gross: 1120, VAT: 120})
	plain := posted(8, ByThisRun, "SEK", "Nord AB", "", billing.VATShare{Rate: 1200, Gross: 1120, VAT: 120})
	undated := posted(9, ByThisRun, "SEK", "Nord AB", "", billing.VATShare{Rate: 2500, Gross: 125, VAT: 25})
	undated.Outcome.InvoiceDate = ""
	r := reportOf(treated, plain, posted(10, ByThisRun, "SEK", "Nord AB", ""), undated)
	r.Language = "no"
	_, f := written(t, r)
	for cell, want := range map[string]string{
		"A1": "Bilag", "G2": "Faktura 100207, Nord AB",
		"P3": "profilen har ingen inntektskonto for 12 % (behandling 33)",
		"P4": "profilen har ingen mva-konto for 12 % (behandling 33)",
		"P6": "profilen har ingen inntektskonto for 12 %", "P7": "profilen har ingen mva-konto for 12 %",
		"P8": "faktura 100210 på 0.00 SEK må bokføres manuelt: mva per sats står ikke i journalen, fordi en eldre versjon skrev den",
		"P9": "faktura 100209 må bokføres manuelt: datoen er ikke kjent", "A14": "Differanse",
	} {
		require.Equal(t, want, shown(t, f, "Posteringer", cell), cell)
	}
	width, err := f.GetColWidth("Posteringer", "A")
	require.NoError(t, err)
	require.GreaterOrEqual(t, int(width), len("Differanse")+padding, "the foot is not cut")
}
