package intake_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/intake"
)

// TestRowsAboveTheHeader has lists with rows above their header, and what the first record became or why the
// list is refused.
func TestRowsAboveTheHeader(t *testing.T) {
	t.Parallel()
	const plain = "3 description=x amount=100"
	for name, tc := range map[string]struct{ above, header, profile, want string }{
		"a title": {"Fakturagrunnlag november 2026", "", "", plain},
		"without VAT": {
			"Alle priser er eks. mva", "", "",
			`header.above row 1 above the header speaks of prices without VAT, but they are read with VAT`,
		},
		"with VAT":                {"Alle priser er inkl. mva", "", "", plain},
		"without VAT as declared": {"Alla priser exkl. moms", "", "prices: excl_vat\n", plain},
		"without VAT, a title":    {"Alle priser er eks. mva", "", "input: {header_row: 2}\n", plain},
		"a currency":              {"Valuta|EUR", "", "", plain + " ~amount:EUR"},
		"a currency in brackets":  {"Fakturaer november (SEK)", "", "", plain + " ~amount:SEK"},
		"a currency and another": {
			"Valuta|EUR", "description|amount|currency", "",
			`header.above a row above the header speaks of EUR, but row 3 has NOK`,
		},
		"a currency and the same": {
			"Alle tall i NOK", "description|amount|currency", "",
			"3 currency=NOK description=x amount=100 ~amount:NOK",
		},
		"a currency and a constant": {
			"Alle tall i SEK", "", "constants: {currency: NOK}\n",
			"header.above speaks of SEK, but row 3 has NOK",
		},
		"two currencies":             {"NOK og EUR|EUR", "", "", "header.above speaks of two currencies"},
		"a currency that is no code": {"Nok en liste, try it", "", "", plain},
		"smaller units":              {"Beløp i øre", "", "", "header.above other units than whole ones"},
		"smaller units as declared":  {"Beløp i øre", "", "amounts: minor\n", plain},
		"larger units":               {"Alla belopp i tkr", "", "", "header.above other units"},
		"a draft":                    {"UTKAST", "", "", "header.above speaks of a draft or credits"},
		"credits":                    {"Kreditnotaer november", "", "", "header.above a draft or credits"},
		"a due date":                 {"Forfall|31.12.2026", "", "", "header.above speaks of a due date"},
		"a due date and a column": {
			"Forfall|31.12.2026", "description|amount|days_until_due", "",
			"3 days_until_due=NOK description=x amount=100",
		},
		"a header above the header": {"|Eks. mva", "", "", "header.above prices without VAT"},
		"an empty row":              {"|", "", "", plain},
		"Swedish kroner":            {"Beløp i svenske kroner", "", "", plain + " ~amount:SEK"},
		"Swedish kronor":            {"Alla belopp i svenska kronor", "", "", plain + " ~amount:SEK"},
		"Danish kroner":             {"Beløp i danske kroner", "", "", plain + " ~amount:DKK"},
		"Norwegian kronor":          {"Norska kronor", "", "", plain + " ~amount:NOK"},
		"euro":                      {"Alle tall i euro", "", "", plain + " ~amount:EUR"},
		"a company of that name":    {"Euro Parts AS", "", "", plain},
		"terms that say net": {
			"Betalingsbetingelser: 30 dager netto", "", "",
			"header.above speaks of a due date",
		},
		"a VAT rate and a column": {"Mva: 15 %", "description|amount|vat", "", "3 description=x amount=100 vat=NOK"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			header := "description|amount"
			if tc.header != "" {
				header = tc.header
			}
			row := "x|100" + strings.Repeat("|NOK", strings.Count(header, "|")-1)
			records, notices, err := understand(t, strings.ReplaceAll(tc.above+"\n"+header+"\n"+row, "|", ";"),
				tc.profile)
			if code, says, refused := strings.Cut(tc.want, " "); refused && strings.Contains(code, ".") {
				require.Contains(t, requireCode(t, err, code).Error(), says)
				return
			}
			require.NoError(t, err)
			require.Equal(t, []string{tc.want}, records)
			require.Equal(t, tc.above != "|",
				strings.Contains(strings.Join(notices, ""), "row 1 stands above the header and is no line"))
		})
	}
}

// TestTitlesAboveTheHeader has what refuses a list that is plain below it, and titles that do not.
func TestTitlesAboveTheHeader(t *testing.T) {
	t.Parallel()
	for what, titles := range map[string][]string{
		"prices without VAT": {
			"Beløp ekskl. merverdiavgift", "Beløp er oppgitt uten avgift", "All prices exclude VAT", "Net amounts",
			"Priser: mva kommer i tillegg", "VAT is not included", "Netto",
		},
		"a draft or credits":          {"KREDIT", "Kreditnota", "Kreditering november", "Credit note"},
		"other units than whole ones": {"Beløp i 1000", "Amounts in 1 000"},
		"a due date": {
			"Betales innen 31.12.2026", "Betalingsfrist 30 dager", "Terms: net 30 days",
			"30 dager netto",
		},
		"a discount": {"Rabatt 10 % på alle linjer"},
		"a VAT rate": {
			"Mva: 15 %", "Mva: 15", "Moms 12%", "Mva-sats 15", "Mva-fritt",
			"Avgiftsfritt", "Reverse charge VAT",
		},
		"lines that should not be billed": {
			"Skal ikke faktureres før godkjent", "Testdata",
			"Allerede sendt til Kravia 15.11", "Kansellert", "Do not invoice",
		},
		"": {
			"Fakturagrunnlag november 2026", "Faktura november", "Eksportert 24.11.2026 av Kari",
			"Company: Nordmann AS", "Salgsrapport", "Invoice lines", "Period: 2026-11",
			"Orgnr 999888003", "Orgnr 999 888 003 MVA", "Side 1 av 3", "Nordic Net AS", "Siste 30 dager",
			"Kunde: Rabattkompaniet AS", "Ordrer som skal faktureres", "Alle priser er inkl. mva", "Prices include VAT",
			"Kravia Inkasso AS", "Sum inkl. mva: 12 500,00", "Total: 25 orders", "Til fakturering", "VAT no. 12",
			"Leveringsfrist 12.12.2026", "Credit limit 5000", "Utskrift 01.12.2026 kl 12:00",
		},
	} {
		for _, title := range titles {
			_, _, err := understand(t, title+"\ndescription;amount\nx;100", "")
			if what == "" {
				require.NoError(t, err, title)
			} else {
				require.Error(t, err, title)
				require.Contains(t, requireCode(t, err, "header.above").Error(), what, title)
			}
		}
	}
	records, _, err := understand(t, "Alle tall i SEK\nTekst;Beløp;Valuta\nx;100;\ny;50;", "")
	require.NoError(t, err)
	require.Equal(t, []string{"3 description=x amount=100 ~amount:SEK", "4 description=y amount=50 ~amount:SEK"},
		records)
}

// TestListsThatChange has lists that are another one below their header than at it.
func TestListsThatChange(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ table, profile, want string }{
		"prices against the header": {
			"description|Pris inkl mva|prices\nx|100|incl\ny|100|excl", "",
			`header.vat the header "Pris inkl mva" says with VAT, but row 3 has prices without VAT`,
		},
		"prices as the header": {
			"description|Pris eks mva|prices\nx|100|excl", "",
			"2 description=x unit_price=100 prices=excl",
		},
		"constant prices and a header": {
			"description|Gross price\nx|100", "constants: {prices: excl}\n",
			`header.vat "Gross price" says with VAT`,
		},
		"default prices and a header": {
			"description|Pris eks mva\nx|100", "defaults: {prices: excl}\n",
			"2 description=x unit_price=100",
		},
		"another header": {
			"Ordrenr|Tekst|Beløp\nA|x|100\nOrder no|Text|Amount\nB|y|100", "",
			"header.second row 3 is a second header",
		},
		"the header in capitals": {
			"Ordrenr|Tekst|Beløp\nA|x|100\nORDRENR|TEKST|BELØP\nB|y|100", "",
			"header.second row 3",
		},
		"a text that is a name": {
			"Ordrenr|Tekst|Beløp\nA|Tekst|100", "",
			"2 order_reference=A description=Tekst amount=100",
		},
		"a footer that is a line": {
			"Ordrenr|Tekst|Beløp|Mva-sats\nA|x|100|25\nB|y|100|25",
			"input: {skip_footer: 1}\n", "file.footer skip_footer of the profile would pass over row 3",
		},
		"a footer": {
			"Ordrenr|Tekst|Beløp|Mva-sats\nA|x|100|25\nUtskrift 01.12.2026|||",
			"input: {skip_footer: 1}\n", "2 order_reference=A description=x amount=100 vat=25",
		},
		"a currency and another": {
			"Ordrenr|Tekst|Beløp (EUR)\nA|x|100 kr", "",
			"2 order_reference=A description=x amount=100 ~amount:kr ~amount:EUR",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			records, _, err := understand(t, strings.ReplaceAll(tc.table, "|", ";"), tc.profile)
			if code, says, refused := strings.Cut(tc.want, " "); refused && strings.Contains(code, ".") {
				require.Contains(t, requireCode(t, err, code).Error(), says)
				return
			}
			require.NoError(t, err)
			require.Equal(t, []string{tc.want}, records)
		})
	}
}

// book makes a workbook of one sheet and lets edit change it.
func book(t *testing.T, rows [][]any, edit func(f *excelize.File)) string {
	t.Helper()
	f := excelize.NewFile()
	for i, row := range rows {
		at, err := excelize.CoordinatesToCellName(1, i+1)
		require.NoError(t, err)
		require.NoError(t, f.SetSheetRow("Sheet1", at, &row))
	}
	edit(f)
	path := t.TempDir() + "/lines.xlsx"
	require.NoError(t, f.SaveAs(path))
	require.NoError(t, f.Close())
	return path
}

func TestHiddenRowsOfAnOrder(t *testing.T) {
	t.Parallel()
	path := book(t,
		[][]any{{"order_reference", "description", "amount"}, {"A", "x", 1}, {"A", "y", 2}, {"B", "z", 3}},
		func(f *excelize.File) {
			require.NoError(t, f.SetRowVisible("Sheet1", 3, false))
		})
	_, err := intake.Open(t.Context(), path, intake.Options{})
	requireCode(t, err, "xlsx.hidden_rows")
	for decision, want := range map[string][]string{
		"skip": {
			"2 order_reference=A description=x amount=1 !order.hidden",
			"4 order_reference=B description=z amount=3",
		},
		"read": {
			"2 order_reference=A description=x amount=1", "3 order_reference=A description=y amount=2",
			"4 order_reference=B description=z amount=3",
		},
	} {
		f, err := intake.Open(t.Context(), path,
			intake.Options{Profile: &intake.Profile{Name: "p", Input: intake.Input{HiddenRows: decision}}})
		require.NoError(t, err)
		require.Equal(t, want, lines(t.Context(), t, f))
		require.NoError(t, f.Close())
	}
}

// TestDatesThatWereConvertedInPart has a column that a program read by its own order where that gave a date,
// and left as text where not.
func TestDatesThatWereConvertedInPart(t *testing.T) {
	t.Parallel()
	dated := func(day float64, text string) error {
		path := book(t, [][]any{{"description", "amount", "due_date"}, {"x", 1, day}, {"y", 2, text}},
			func(f *excelize.File) {
				style, err := f.NewStyle(&excelize.Style{NumFmt: 14})
				require.NoError(t, err)
				require.NoError(t, f.SetCellStyle("Sheet1", "C2", "C2", style))
			})
		f, err := intake.Open(t.Context(), path, intake.Options{})
		if err == nil {
			require.NoError(t, f.Close())
		}
		return err
	}
	require.Contains(t, requireCode(t, dated(46361, "13/12/2026"), "date.contradiction").Error(),
		`row 2 has the date 2026-12-05 and another row the text "13/12/2026"`)
	require.NoError(t, dated(46371, "13/12/2026"), "15 December is no other date")
	require.NoError(t, dated(46361, "13.12.2026"))
	require.NoError(t, dated(46368, "2026-12-13"))
}

// TestNumberFormatsThatSayMore has numbers whose number format says something beside them.
func TestNumberFormatsThatSayMore(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ column, format, want string }{
		{"amount", `0.00 "kr"`, "amount=2 ~amount:kr"},
		{"amount", `[>=1000]0 "kr";0 "EUR"`, "amount=2 ~amount:EUR"},
		{"amount", `#,##0.00 "eks mva"`, "amount=2 !amount.format"},
		{"amount", `0"%"`, "amount=2% !amount.format"},
		{"amount", `"-"0`, "amount=-2 !amount.format"},
		{"amount", "#,##0,", "amount=2 !amount.format"},
		{"amount", "[$₹-4009]0", "amount=₹2 !amount.format"},
		{"quantity", `0 "stk"`, "quantity=2"},
		{"quantity", `0 "dusin"`, "quantity=2 dusin !quantity.format"},
		{"vat", `0"%"`, "vat=2"},
	} {
		path := book(t, [][]any{{"description", "note", tc.column}, {"x", "", 2}}, func(f *excelize.File) {
			style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &tc.format})
			require.NoError(t, err)
			require.NoError(t, f.SetCellStyle("Sheet1", "C2", "C2", style))
		})
		f, err := intake.Open(t.Context(), path,
			intake.Options{Profile: &intake.Profile{Defaults: map[billing.Column]string{billing.ColAmount: "1"}}})
		require.NoError(t, err, tc.format)
		require.Equal(t, []string{"2 description=x " + tc.want}, lines(t.Context(), t, f), tc.format)
		require.NoError(t, f.Close())
	}
}
