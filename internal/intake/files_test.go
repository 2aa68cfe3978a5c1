package intake_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestReadRight holds every good file of testdata against all of its records and notices.
func TestReadRight(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		path    string
		want    []string // row, filled columns, problem codes
		notices []string
	}{
		{
			"csv/cr_only.csv",
			[]string{
				"2 order_reference=A1 description=x amount=299 vat=25",
				"3 order_reference=A2 description=y amount=1 vat=25",
			},
			nil,
		},
		{
			"csv/crlf.csv",
			[]string{
				"2 order_reference=A1 description=x amount=299 vat=25",
				"3 order_reference=A2 description=y amount=1 vat=25",
			},
			nil,
		},
		{
			"csv/date_forms.csv",
			[]string{
				"2 order_reference=A1 due_date=2026-01-31 description=x amount=10",
				"3 order_reference=A2 due_date=2026-01-31 description=x amount=10",
				"4 order_reference=A3 due_date=2026-02-01 description=x amount=10",
				"5 order_reference=A4 due_date=2026-01-31 description=x amount=10",
				"6 order_reference=A5 due_date=2026-01-31 description=x amount=10",
				"7 order_reference=A6 due_date=2026-01-31 description=x amount=10",
				"8 order_reference=A7 due_date=31.02.2026 description=x amount=10",
				"9 order_reference=A8 due_date=soon description=x amount=10",
				"10 order_reference=A9 due_date=31.01.26 description=x amount=10 !due_date.two_digit_year",
			},
			nil,
		},
		{
			"csv/date_slash_day.csv",
			[]string{
				"2 order_reference=A1 due_date=2026-04-03 description=x amount=10",
				"3 order_reference=A2 due_date=2026-01-31 description=y amount=10",
			},
			nil,
		},
		{
			"csv/date_slash_month.csv",
			[]string{
				"2 order_reference=A1 due_date=2026-03-04 description=x amount=10",
				"3 order_reference=A2 due_date=2026-01-31 description=y amount=10",
			},
			nil,
		},
		{
			"csv/finnish.csv",
			[]string{
				"2 order_reference=A1 organization_number=0737546-2 description=Käyttömaksu quantity=1 amount=299.5",
			},
			[]string{`column "Yhteensä" is read as amount, because no order has one amount on all of its rows`},
		},
		{
			"csv/formulas.csv",
			[]string{
				"2 order_reference=A1 description==HYPERLINK(1) amount=-5.5 vat=25",
				"3 order_reference=A2 description=@SUM amount=1.5 vat=25 !row.total",
			},
			nil,
		},
		{
			"csv/header_case.csv",
			[]string{
				"2 order_reference=A1 description=x amount=1.5",
			},
			nil,
		},
		{
			"csv/identifiers.csv",
			[]string{
				"2 order_reference=007 phone_number=4.79E+10 postal_code=0151 item_id=1E5 description=x amount=10 !phone_number.scientific",
				"3 order_reference=008 phone_number=+47 40000000 postal_code=0152 item_id=10 description=y amount=10",
			},
			nil,
		},
		{
			"csv/no_final_newline.csv",
			[]string{
				"2 order_reference=A1 description=x amount=299 vat=25",
			},
			nil,
		},
		{
			"csv/norwegian.csv",
			[]string{
				"2 order_reference=A1 description=Abonnement quantity=1 amount=299 vat=25 delivery_date=2026-01-31",
				"3 order_reference=A2 description=Støtte quantity=2 amount=1299.5 vat=25 delivery_date=2026-02-01",
			},
			[]string{
				`column "Leveringsdato" decides which VAT rates hold; the provider does not take it, so it is not on the invoice`,
			},
		},
		{
			"csv/number_comma.csv",
			[]string{
				"2 order_reference=A1 description=x amount=1234 vat=25",
				"3 order_reference=A2 description=y amount=1.5 vat=25",
			},
			nil,
		},
		{
			"csv/number_dot.csv",
			[]string{
				"2 order_reference=A1 description=x amount=1234 vat=25",
				"3 order_reference=A2 description=y amount=1.5 vat=25",
			},
			nil,
		},
		{
			"csv/number_forms.csv",
			[]string{
				"2 order_reference=A1 description=x amount=1234.5 vat=25",
				"3 order_reference=A2 description=y amount=1234.5 vat=25",
				"4 order_reference=A3 description=z amount=-12 vat=25",
				"5 order_reference=A4 description=w amount=-12.5 vat=25",
				"6 order_reference=A5 description=v amount=5 vat=25 ~amount:kr",
				"7 order_reference=A6 description=u amount=1234567.89 vat=25",
			},
			nil,
		},
		{
			"csv/number_leading_zero.csv",
			[]string{
				"2 order_reference=A1 description=x quantity=0.5 amount=10",
			},
			nil,
		},
		{
			"csv/number_none.csv",
			[]string{
				"2 order_reference=A1 description=x amount=abc vat=25",
				"3 order_reference=A2 description=y amount=1.5 vat=25",
			},
			nil,
		},
		{
			"csv/number_scientific.csv",
			[]string{
				"2 order_reference=A1 description=x amount=1E5 vat=25",
				"3 order_reference=A2 description=y amount=1.5 vat=25",
			},
			nil,
		},
		{
			"csv/percent.csv",
			[]string{
				"2 order_reference=A1 description=x amount=10 vat=25",
				"3 order_reference=A2 description=y amount=10 vat=25.5",
				"4 order_reference=A3 description=z amount=10 vat=0",
			},
			nil,
		},
		{
			"csv/plain_bar.txt",
			[]string{
				"2 order_reference=A1 description=Support amount=299",
			},
			nil,
		},
		{
			"csv/plain_comma.csv",
			[]string{
				"2 order_reference=A1 description=Support, yearly amount=299",
			},
			nil,
		},
		{
			"csv/plain_semicolon.csv",
			[]string{
				"2 order_reference=A1 description=Subscription amount=299 vat=25",
				"3 order_reference=A2 description=Support amount=150.5 vat=25",
			},
			nil,
		},
		{
			"csv/plain_tab.tsv",
			[]string{
				"2 order_reference=A1 description=Support amount=299",
			},
			nil,
		},
		{
			"csv/preamble.csv",
			[]string{
				"5 order_reference=A1 description=x amount=299 vat=25",
			},
			[]string{"rows 1 to 2 stand above the header and are no lines"},
		},
		{
			"csv/quoted_newlines.csv",
			[]string{
				"2 order_reference=A1 description=two\nlines amount=299 vat=25",
				"5 order_reference=A2 description=y amount=1 vat=25",
			},
			nil,
		},
		{
			"csv/repeated_header.csv",
			[]string{
				"2 order_reference=A1 description=x amount=299 vat=25",
				"4 order_reference=A2 description=y amount=1 vat=25",
			},
			[]string{
				"the header is repeated in row 3 and was passed over (1 in all)",
			},
		},
		{
			"csv/sep_line.csv",
			[]string{
				"3 order_reference=A1 description=x amount=299",
			},
			nil,
		},
		{
			"csv/swedish_1252.csv",
			[]string{
				"2 order_reference=A1 description=Månadsavgift på räkning quantity=1 amount=299.5",
			},
			[]string{
				"read as windows-1252, because it is not UTF-8 and has no byte order mark",
			},
		},
		{
			"csv/totals_doubt.csv",
			[]string{
				"2 order_reference=A1 description=x amount=299 vat=25",
				"3 order_reference=A2 description=y amount=1 vat=25",
				"4 amount=310",
			},
			nil,
		},
		{
			"csv/totals_sum.csv", // without a word for total it is a row like any other
			[]string{
				"2 order_reference=A1 description=x amount=299 vat=25",
				"3 order_reference=A2 description=y amount=1 vat=25",
				"4 amount=300 !row.total",
			},
			nil,
		},
		{
			"csv/totals_word.csv",
			[]string{
				"2 order_reference=A1 description=x amount=299 vat=25",
				"3 order_reference=A2 description=y amount=1 vat=25",
			},
			[]string{
				"rows that say total and are the sum of rows before them were passed over: row 4",
			},
		},
		{
			"csv/unit_price.csv",
			[]string{
				"2 order_reference=A1 description=x quantity=2.5 unit_price=10.5",
			},
			nil,
		},
		{
			"csv/utf16be.csv",
			[]string{
				"2 order_reference=A1 description=Støtte amount=299 vat=25",
			},
			nil,
		},
		{
			"csv/utf16le.csv",
			[]string{
				"2 order_reference=A1 description=Støtte amount=299 vat=25",
			},
			nil,
		},
		{
			"csv/utf8_bom.csv",
			[]string{
				"2 order_reference=A1 description=Støtte amount=299 vat=25",
			},
			nil,
		},
		{
			"csv/utf8_bom_inside.csv",
			[]string{
				"2 order_reference=A1 description=Støtte amount=299 vat=25",
				"4 order_reference=A2 description=Støtte amount=299 vat=25",
			},
			[]string{
				"byte order marks inside the file were passed over (1)",
				"the header is repeated in row 3 and was passed over (1 in all)",
			},
		},
		{
			"csv/utf8_bom_quoted.csv",
			[]string{
				"2 order_reference=A1 description=Støtte amount=299",
			},
			nil,
		},
		{
			"xlsx/date1904.xlsx",
			[]string{
				"2 order_reference=A1 due_date=2026-01-31 postal_code=0151 description=x amount=10 vat=25",
			},
			nil,
		},
		{
			"xlsx/dates_as_numbers.xlsx",
			[]string{
				"2 order_reference=A1 due_date=tomorrow postal_code=2026-05-01 description=x amount=2026-05-01 vat=25 !amount.date !postal_code.date",
			},
			nil,
		},
		{
			"xlsx/libreoffice.xlsx",
			[]string{
				"2 order_reference=007 due_date=2026-01-31 description=Støtte, årlig amount=299.5",
				"3 order_reference=008 due_date=2026-02-28 description=two\nlines amount=1299",
			},
			nil,
		},
		{
			"xlsx/macro.xlsm",
			[]string{
				"2 order_reference=A1 due_date=2026-01-31 postal_code=0151 description=Subscription amount=299.5 vat=25",
				"3 order_reference=A2 due_date=2026-02-28 postal_code=151 description=Støtte amount=1299 vat=25.5",
			},
			nil,
		},
		{
			"xlsx/merged.xlsx",
			[]string{
				"5 order_reference=A1 description=x amount=10 vat=25",
				"6 order_reference=A2 description=y amount=20 vat=25",
				"7 description=z amount=30 vat=25 !order_reference.merged",
			},
			[]string{"rows 1 to 3 stand above the header and are no lines"},
		},
		{
			"xlsx/numbers.xlsx",
			[]string{
				"2 order_reference=A1 due_date=2025-12-09 postal_code=47999999999 description=x amount=299 vat=25",
				"3 order_reference=12345678901234600 due_date=2026-01-31 postal_code=x description=y amount=0.3 vat=25 !order_reference.digits_lost",
			},
			[]string{
				"column \"amount\": numbers stored with a binary rounding tail, such as 299.00000000000006, were read as a spreadsheet shows them (1)",
				"column \"due_date\": numbers without a date format were read as dates (1)",
			},
		},
		{
			"xlsx/openpyxl.xlsx",
			[]string{
				"2 order_reference=A1 due_date=2026-01-31 postal_code=0151 description=Subscription amount=299.5 vat=25",
				"3 order_reference=A2 due_date=2026-02-28 postal_code=151 description=Støtte amount=1299 vat=25.5",
			},
			nil,
		},
		{
			"xlsx/special.xlsx",
			[]string{
				"2 order_reference=A1 due_date=2026-01-31 postal_code=#REF! vat=TRUE !description.no_value !amount.no_value !postal_code.error_value",
			},
			nil,
		},
		{
			"xlsx/stray.xlsx",
			[]string{
				"2 order_reference=A1 description=x amount=10 vat=25",
				"4 order_reference=A2 description=y amount=20 vat=25",
				"1048576 order_reference=stray",
			},
			nil,
		},
		{
			"xlsx/totals.xlsx",
			[]string{
				"2 order_reference=A1 description=x amount=10 vat=25",
				"3 order_reference=A2 description=y amount=20 vat=25",
			},
			[]string{
				"rows that say total and are the sum of rows before them were passed over: row 4",
			},
		},
		{
			"xlsx/unchanged_name.csv",
			[]string{
				"2 order_reference=A1 due_date=2026-01-31 postal_code=0151 description=Subscription amount=299.5 vat=25",
				"3 order_reference=A2 due_date=2026-02-28 postal_code=151 description=Støtte amount=1299 vat=25.5",
			},
			[]string{
				"read as a workbook, although its name does not end in .xlsx",
			},
		},
		{
			"csv/lost_character.csv",
			[]string{"2 order_reference=A1 description=St\ufffdtte amount=299 vat=25 !description.lost_character"},
			nil,
		},
		{
			"csv/utf16_lone_surrogate.csv",
			[]string{"2 order_reference=A1 description=St\ufffdtte amount=299 vat=25 !description.lost_character"},
			nil,
		},
	} {
		t.Run(tc.path, func(t *testing.T) {
			t.Parallel()
			f, err := open(t, tc.path, nil)
			require.NoError(t, err)
			require.Equal(t, tc.want, lines(t.Context(), t, f))
			require.Equal(t, tc.notices, f.Notices)
			require.Equal(t, tc.want, lines(t.Context(), t, f), "a second reading gives the same")
		})
	}
}
