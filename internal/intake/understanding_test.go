package intake_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/intake"
)

// understand reads a table that is written with | between cells and a line for each row. It gives the
// records, or the refusal.
func understand(t *testing.T, table, profile string) (records, notices []string, err error) {
	t.Helper()
	var p *intake.Profile
	if profile != "" {
		p, err = intake.LoadProfile(write(t, "p.yaml", profile))
		require.NoError(t, err)
	}
	rows := strings.Split(strings.TrimSpace(table), "\n")
	for i := range rows {
		rows[i] = strings.TrimSpace(rows[i])
	}
	f, err := intake.Open(t.Context(), write(t, "lines.csv", strings.Join(rows, "\n")+"\n"),
		intake.Options{Profile: p, Today: "2026-11-25"})
	if err != nil {
		return nil, nil, err
	}
	defer func() { require.NoError(t, f.Close()) }()
	return lines(t.Context(), t, f), f.Notices, nil
}

// TestHeadersAreUnderstoodOrRefused has for each header what its column became, or the refusal.
func TestHeadersAreUnderstoodOrRefused(t *testing.T) {
	t.Parallel()
	const excl = "prices: excl_vat\n"
	for name, tc := range map[string]struct {
		table, profile string
		want           []string // records, or a code and a part of its message
	}{
		"a currency in brackets": {
			"description|Beløp (NOK)\nx|100", "",
			[]string{"2 description=x amount=100 ~amount:NOK"},
		},
		"a currency behind": {
			"description|Pris EUR\nx|100", "",
			[]string{"2 description=x unit_price=100 ~unit_price:EUR"},
		},
		"euros in Finnish": {
			"Kuvaus|Määrä euroina\nx|100", "",
			[]string{"2 description=x amount=100 ~amount:EUR"},
		},
		"with VAT in brackets": {"Tekst|Pris (inkl. mva)\nx|100", "", []string{"2 description=x unit_price=100"}},
		"with and without a unit": {
			"text|Price incl. VAT, SEK\nx|100", "",
			[]string{"2 description=x unit_price=100 ~unit_price:SEK"},
		},
		"without VAT as declared": {"Text|Radbelopp exkl moms\nx|100", excl, []string{"2 description=x amount=100"}},
		"net price as declared":   {"Tekst|Nettopris\nx|100", excl, []string{"2 description=x unit_price=100"}},
		"without VAT": {
			"Tekst|Beløp eks mva\nx|100", "",
			[]string{"header.vat", `"Beløp eks mva" says without VAT, but prices are read with VAT`},
		},
		"without VAT beside a price": {
			"Tekst|Pris|Beløp u/mva\nx|125|100", "",
			[]string{"header.vat", `"Beløp u/mva"`},
		},
		"with VAT under net prices": {
			"Text|Pris inkl moms\nx|100", excl,
			[]string{"header.vat", `"Pris inkl moms" says with VAT, but prices are read without VAT`},
		},
		"to pay under net prices": {
			"Text|Å betale\nx|100", excl,
			[]string{"header.vat", `"Å betale" says with VAT, but prices are read without VAT`},
		},
		"a net price by name": {"Tekst|Nettopris\nx|100", "", []string{"header.vat", `"Nettopris"`}},

		"VAT in percent by its sign": {
			"Tekst|Beløp|Mva %\nx|125|25", "",
			[]string{"2 description=x amount=125 vat=25"},
		},
		"VAT in money by its unit": {
			"Tekst|Beløp|Moms kr\nx|125|25", "",
			[]string{"2 description=x amount=125 vat_amount=25 ~vat_amount:kr"},
		},
		"VAT is a rate on every row": {
			"Tekst|Beløp|Mva|Land\nx|100|25|NO\ny|90|15|NO\nz|90|0|NO", "",
			[]string{"2 country=NO description=x amount=100 vat=25", "3", "4"},
		},
		"VAT of rows that continue": {
			"Ordre|Tekst|Beløp|Mva|Land\nA|x|100|25|NO\n|y|90|15|", "",
			[]string{"2 order_reference=A country=NO description=x amount=100 vat=25", "3"},
		},
		"VAT of no country": {
			"Tekst|Beløp|Mva\nx|100|25,5\ny|90|11,11", "",
			[]string{"2 description=x amount=100 vat=25.5", "3"},
		},
		"VAT is an amount": {
			"Tekst|Beløp|Mva|Land\nx|1250|250|NO\ny|115|15|NO", "",
			[]string{"2 country=NO description=x amount=1250 vat_amount=250", "3"},
		},
		"VAT is an amount without": {
			"Text|Belopp|Moms|Land\nx|1000|250|SE\ny|100|6|SE", excl,
			[]string{"2 country=SE description=x amount=1000 vat_amount=250", "3"},
		},
		"VAT is codes": {
			"Tekst|Beløp|Mva|Land\nx|1250|3|NO\ny|115|31|NO", "",
			[]string{
				"header.undecided",
				`VAT in percent (row 2, "3", does not fit) or VAT in money (row 2, "3", does not fit)`,
			},
		},
		"VAT is zero on every row": {
			"Tekst|Beløp|Mva|Land\nx|75|0|NO\ny|80|0,00|NO", "",
			[]string{"2 country=NO description=x amount=75 vat=0", "3"},
		},
		"VAT is the same either way": {
			"Tekst|Beløp|Mva|Land\nx|125|25|NO", "",
			[]string{"2 country=NO description=x amount=125 vat=25"},
		},
		"VAT by the row's prices": {
			"Tekst|Beløp|Mva|Land|prices\nx|60|15|NO|excl\ny|125|25|NO|incl\nz|1000|250|NO|excl", "", []string{
				"2 country=NO description=x amount=60 vat_amount=15 prices=excl", "3", "4",
			},
		},
		"VAT under constant prices": {
			"Tekst|Beløp|Mva|Land\nx|60|15|NO", "constants: {prices: excl}\n",
			[]string{"header.undecided", "VAT in money (fits every row)"},
		},
		"VAT is a rate or an amount": {
			"Tekst|Beløp|Mva|Land\nx|75|15|NO", "",
			[]string{"header.undecided", `VAT in percent (fits every row) or VAT in money (fits every row)`},
		},
		"VAT in percent in the cells": {
			"Tekst|Beløp|Mva|Land\nx|75|15 %|NO", "",
			[]string{"2 country=NO description=x amount=75 vat=15"},
		},
		"VAT in money in the cells": {
			"Tekst|Beløp|Mva|Land\nx|75|kr 15|NO", "",
			[]string{"2 country=NO description=x amount=75 vat_amount=15 ~vat_amount:kr"},
		},
		"a rate beside VAT": {
			"Tekst|Beløp|mva-sats|Mva|Land\nx|75|25|15|NO", "",
			[]string{"2 country=NO description=x amount=75 vat=25 vat_amount=15"},
		},
		"Finnish rates and price": {
			"Kuvaus|ALV|Maa|hinta\nx|25,5|FI|100", "",
			[]string{"2 country=FI description=x unit_price=100 vat=25.5"},
		},

		"a discount in percent": {
			"text|qty|price|amount|Discount\nx|2|100|180|10", "",
			[]string{"2 description=x quantity=2 unit_price=100 amount=180 discount_percent=10"},
		},
		"a discount in money": {
			"Tekst|Antall|Pris|Beløp|Rabatt\nx|2|100|150|50\ny|1|70|70|", "",
			[]string{"2 description=x quantity=2 unit_price=100 amount=150 discount_amount=50", "3"},
		},
		"a discount that is neither": {"Tekst|Antall|Pris|Beløp|Rabatt\nx|2|100|150|10", "", []string{
			"header.undecided",
			`a discount in percent (row 2, "10", does not fit) or a discount in money (row 2, "10", does not fit)`,
		}},
		"a discount without an amount": {
			"Tekst|Pris|Rabatt\nx|400|50", "",
			[]string{"header.undecided", `"Rabatt" can be a discount in percent or a discount in money`},
		},
		"no discount at all": {
			"Tekst|Pris|Rabatt\nx|400|0\ny|400|", "",
			[]string{"2 description=x unit_price=400 discount_percent=0", "3"},
		},
		"an empty discount": {
			"Tekst|Pris|Rabatt\nx|400|\ny|400|", "",
			[]string{"2 description=x unit_price=400", "3"},
		},
		"a discount, the first zero": {
			"Tekst|Antall|Pris|Rabatt\nx|1|100|0\ny|1|1000|50", "",
			[]string{"header.undecided", `"Rabatt" can be`},
		},
		"a discount with and without a sign": {
			"Tekst|Pris|Rabatt\nx|400|10 %\ny|400|20", "",
			[]string{"header.undecided", `"Rabatt" can be`},
		},
		"a discount in kroner": {
			"Tekst|Pris|Rabatt kr\nx|400|50", "",
			[]string{"2 description=x unit_price=400 discount_amount=50 ~discount_amount:kr"},
		},
		"a discount with a sign": {
			"Tekst|Pris|Rabatt\nx|400|50 %", "",
			[]string{"2 description=x unit_price=400 discount_percent=50"},
		},
		"a discount in percent below one": {
			"Tekst|Pris|Rabatt %\nx|400|0,5 %", "",
			[]string{"2 description=x unit_price=400 discount_percent=0.5%"},
		},

		"a total of the line": {
			"Ordre|Tekst|Antall|Pris|Total\nA|x|2|100|200\nA|y|1|50|50", "",
			[]string{"2 order_reference=A description=x quantity=2 unit_price=100 amount=200", "3"},
		},
		"a total of the order": {
			"Ordre|Tekst|Total\nA|x|250\nA|y|250\nB|z|90", "",
			[]string{"header.total", `"Total" has one amount on every row of an order`},
		},
		"totals that differ": {
			"Ordre|Tekst|Sum\nA|x|200\nA|y|50\nB|z|90\nB|v|90", "",
			[]string{"2 order_reference=A description=x amount=200", "3", "4", "5"},
		},
		"a total that no price makes": {"Ordre|Tekst|Antall|Pris|Total\nA|x|2|100|300\nA|y|1|100|300", "", []string{
			"header.undecided", `"Total" is not the amount of each line (row 2, "300", does not fit)`,
		}},
		"a total less a discount": {"Ordre|Tekst|Antall|Pris|Rabatt|Total\nA|x|2|100|10|180", "", []string{
			"2 order_reference=A description=x quantity=2 unit_price=100 amount=180 discount_percent=10",
		}},
		"two totals": {
			"Tekst|Sum|Totalt\nx|100|125", "",
			[]string{"header.ambiguous_column", `the columns "Sum" and "Totalt" can both be amount`},
		},
		"two totals of the order": {
			"Ordre|Tekst|Totalbeløp|Grand total\nA|x|250|100\nA|y|250|150", "",
			[]string{"header.total", `"Totalbeløp"`},
		},
		"a total beside an amount": {
			"Tekst|Beløp|Total\nx|100|500", "",
			[]string{"header.unread", `"Total" is not understood, and speaks of money`},
		},

		"a status": {
			"Tekst|Beløp|Ordrestatus\nx|100|kansellert", "",
			[]string{
				"header.unread",
				`"Ordrestatus" is not understood, and speaks of a status (for example "kansellert")`,
			},
		},
		"a credit": {
			"text|amount|IsCreditNote\nx|100|true", "",
			[]string{"header.unread", "speaks of a credit"},
		},
		"VAT included": {
			"text|amount|VATIncluded\nx|100|true", "",
			[]string{"header.unread", "speaks of VAT"},
		},
		"cancelling": {
			"Text|Belopp|Makulerad\nx|100|nej", "",
			[]string{"header.unread", "speaks of cancelling"},
		},
		"a fee": {
			"Tekst|Beløp|Fakturagebyr\nx|100|49,00", "",
			[]string{"header.unread", "speaks of money"},
		},
		"hours": {
			"Tekst|Pris|Timer\nx|100|7,5", "",
			[]string{"header.unread", "speaks of a quantity"},
		},
		"a due date": {
			"Tekst|Beløp|Siste frist\nx|100|2026-12-31", "",
			[]string{"header.unread", "speaks of a due date"},
		},
		"cells with a currency": {
			"text|amount|Extra\nx|100|€ 12", "",
			[]string{"header.unread", `"Extra" is not understood, and speaks of money: cells with a currency`},
		},
		"cells with a percentage": {
			"text|amount|Extra\nx|100|12 %", "",
			[]string{"header.unread", "cells with a percent sign"},
		},
		"cells with two decimals": {
			"text|amount|Extra\nx|100|12.50\ny|100|3.00", "",
			[]string{"header.unread", "numbers with decimals in every cell"},
		},
		"cells with codes": {
			"text|amount|Extra\nx|100|EUR\ny|100|NOK", "",
			[]string{"header.unread", "cells with currency codes"},
		},
		"cells that are states": {
			"Tekst|Beløp|Type\nx|100|Kreditnota\ny|100|", "",
			[]string{"header.unread", `"Type" is not understood, and speaks of a status`},
		},
		"invoiced or not": {
			"Tekst|Beløp|Fakturert\nx|100|Ja", "",
			[]string{"header.unread", "speaks of a status"},
		},
		"billable or not": {
			"text|amount|Is billable\nx|100|No", "",
			[]string{"header.unread", "speaks of whether a row is billed"},
		},
		"a compound of money": {
			"Tekst|Beløp|Kundespesialpris\nx|100|90", "",
			[]string{"header.unread", "speaks of money"},
		},
		"no compound of money": {
			"text|amount|Enterprise|Surprise|Consumer\nx|100|a|b|c", "",
			[]string{"2 description=x amount=100"},
		},
		"cells without a header": {
			"text|amount|\nx|100|€ 12", "",
			[]string{"header.unread", "column C has cells and no header"},
		},
		"an empty status": {"Tekst|Beløp|Status\nx|100|", "", []string{"2 description=x amount=100"}},
		"ignored": {
			"Tekst|Beløp|Ordrestatus|Intern sum\nx|100|ok|7,00",
			"ignore: [ordrestatus, 'Intern*']\n",
			[]string{"2 description=x amount=100"},
		},
		"the input's own": {
			"Tekst|Beløp|Prosjekt|Avdelingsleder|Versjon\nx|100|Hytta|Kari|1.10.2", "",
			[]string{"2 description=x amount=100"},
		},
		"a slip of a name": {
			"description|amount|discont_percent\nx|100|10 %", "",
			[]string{"header.unread", "did you mean discount_percent?"},
		},

		"a profile is the whole truth": {
			"Tekst|Sum|Email\nx|100|kari@example.no",
			"columns: {description: Tekst, amount: Sum}\n",
			[]string{"2 description=x amount=100"},
		},
		"an own name beside a profile": {
			"Tekst|Sum|currency\nx|100|EUR",
			"columns: {description: Tekst, amount: Sum}\n",
			[]string{"header.unread", `"currency" is not understood, and looks like currency`},
		},
		"a profile without columns": {
			"Tekst|Beløp|E-post\nx|100|kari@example.no", "defaults: {country: 'NO'}\n",
			[]string{"2 email=kari@example.no description=x amount=100"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			records, _, err := understand(t, strings.ReplaceAll(tc.table, "|", ";"), tc.profile)
			if code := tc.want[0]; len(tc.want) == 2 && !strings.HasPrefix(code, "2") {
				require.Contains(t, requireCode(t, err, code).Error(), tc.want[1])
				return
			}
			require.NoError(t, err)
			require.Len(t, records, len(tc.want))
			for i, want := range tc.want {
				if strings.Contains(want, " ") {
					require.Equal(t, want, records[i])
				}
			}
		})
	}
}

// TestCellsAreReadOrRefused has one cell of a column and what it became.
func TestCellsAreReadOrRefused(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ column, cell, want string }{
		{"amount", "€ 1.250,50", "amount=1250.5 ~amount:€"},
		{"amount", "1 250,50 SEK", "amount=1250.5 ~amount:SEK"},
		{"amount", "kr 100,-", "amount=100 ~amount:kr"},
		{"amount", "$12.50", "amount=12.5 ~amount:$"},
		{"amount", "EUR 5 NOK", "amount=EUR 5 NOK"},
		{"amount", "25 %", "amount=25 % !amount.percent"},
		{"quantity", "3 kr", "quantity=3 kr !quantity.currency"},
		{"quantity", "3 stk", "quantity=3 stk"},
		{"vat", "25 NOK", "vat=25 NOK !vat.currency"},
		{"vat", "25,5 %", "vat=25.5"},
		{"vat", "0,25", "vat=0.25"},
		{"discount_percent", "0,25", "discount_percent=0.25"},
		{"discount_percent", "0,25 %", "discount_percent=0.25%"},

		{"order_reference", "4.7E+09", "order_reference=4.7E+09 !order_reference.scientific"},
		{"order_reference", "4.7E9", "order_reference=4.7E9 !order_reference.scientific"},
		{"order_reference", "4,790E09", "order_reference=4,790E09 !order_reference.scientific"},
		{"order_reference", "47E+8", "order_reference=47E+8 !order_reference.scientific"},
		{"item_id", "A1E+5", "item_id=A1E+5"},
		{"order_reference", "1001.0", "order_reference=1001.0 !order_reference.shown"},
		{"order_reference", "1001,00", "order_reference=1001,00 !order_reference.shown"},
		{"order_reference", "10.jan", "order_reference=10.jan !order_reference.date"},
		{"item_id", "Okt-26", "item_id=Okt-26 !item_id.date"},
		{"item_id", "1. maj", "item_id=1. maj !item_id.date"},
		{"item_id", "nov26", "item_id=nov26"},
		{"item_id", "A-10-jan", "item_id=A-10-jan"},
		{"order_reference", "1E5", "order_reference=1E5"},
		{"order_reference", "1.2.0", "order_reference=1.2.0"},
		{"item_id", "2.0", "item_id=2.0"},
		{"postal_code", `="0151"`, "postal_code=0151"},

		{"due_date", "2026-12-13T23:00:00.000Z", "due_date=2026-12-14"},
		{"due_date", "2026-12-13T22:59:59Z", "due_date=2026-12-13"},
		{"due_date", "2026-06-30T22:00:00Z", "due_date=2026-07-01"},
		{"due_date", "2026-12-14 00:00:00+01:00", "due_date=2026-12-14"},
		{"due_date", "2026-12-14T05:00:00+09:00", "due_date=2026-12-13"},
		{"due_date", "2026-12-14 23:59", "due_date=2026-12-14"},
		{"due_date", "14.12.2026 23:59:59", "due_date=2026-12-14"},
		{"due_date", "03.04.27", "due_date=03.04.27 !due_date.two_digit_year"},

		{"business_name", "NULL", "business_name=NULL !business_name.null"},
		{"co_address", `\N`, `co_address=\N !co_address.null`},
		{"cost_center", "nan", "cost_center=nan !cost_center.null"},
		{"last_name", "Nullmeier", "last_name=Nullmeier"},
		{"description", "Fjord &amp; Fjell", "description=Fjord &amp; Fjell !description.entity"},
		{"description", "L&oslash;nn &#8211; nov", "description=L&oslash;nn &#8211; nov !description.entity"},
		{"business_name", "Fjord & Fjell; Oslo", "business_name=Fjord & Fjell; Oslo"},
		{"business_name", "A&B;C", "business_name=A&B;C"},
		{"description", "'Drift", "description='Drift !description.apostrophe"},
		{"customer_reference", "'00123", "customer_reference='00123 !customer_reference.apostrophe"},
		{"postal_place", "'s-Hertogenbosch", "postal_place='s-Hertogenbosch"},
		{"description", "'Hytta' november", "description='Hytta' november !description.apostrophe"},
		{"description", "'Hytta'", "description='Hytta'"},
		{"description", "#N/A", "description=#N/A !description.error_value"},
		{"amount", "#VERDI!", "amount=#VERDI! !amount.error_value"},
		{"amount", "#####", "amount=##### !amount.error_value"},
		{"description", "# 12 bolter", "description=# 12 bolter"},
		{"description", "St\ufffdtte", "description=St\ufffdtte !description.lost_character"},
	} {
		t.Run(tc.column+" "+tc.cell, func(t *testing.T) {
			t.Parallel()
			quoted := `"` + strings.ReplaceAll(tc.cell, `"`, `""`) + `"`
			table := "description;amount;" + tc.column + "\nx;1;" + quoted
			switch tc.column {
			case "description":
				table = "description;amount\n" + quoted + ";1"
			case "amount":
				table = "description;amount\nx;" + quoted
			}
			records, _, err := understand(t, table, "")
			require.NoError(t, err)
			got := strings.TrimPrefix(records[0], "2 ")
			for _, other := range []string{"description=x ", "amount=1"} {
				if !strings.HasPrefix(other, tc.column) {
					got = strings.Replace(got, other, "", 1)
				}
			}
			require.Equal(t, tc.want, strings.Join(strings.Fields(got), " "))
		})
	}
}

// TestAmbiguousDatesShowTwoReadings has columns that can be read in two ways.
func TestAmbiguousDatesShowTwoReadings(t *testing.T) {
	t.Parallel()
	for cell, says := range map[string]string{
		"03/04/2027": `"03/04/2027" can be read as 2027-04-03 or as 2027-03-04`,
		"03-04-2027": `"03-04-2027" can be read as 2027-04-03 or as 2027-03-04`,
	} {
		_, _, err := understand(t, "description;amount;due_date\nx;1;"+cell, "")
		refusal := requireCode(t, err, "date.ambiguous")
		require.Contains(t, refusal.Error(), says)
		require.Contains(t, refusal.Hint, "dates: dd"+cell[2:3]+"mm"+cell[2:3]+"yyyy")
	}
	records, _, err := understand(t, "description;amount;due_date\nx;1;03-04-2027\ny;1;12-31-2026", "")
	require.NoError(t, err)
	require.Equal(t,
		[]string{"2 due_date=2027-03-04 description=x amount=1", "3 due_date=2026-12-31 description=y amount=1"},
		records)
}

// TestColumnsAreDescribed has what check tells of each column.
func TestColumnsAreDescribed(t *testing.T) {
	t.Parallel()
	path := write(t, "lines.csv",
		"Ordrenr;Tekst;Beløp (NOK);Mva;Land;Prosjekt;Tom;Avtale\nA1;Drift;1.250,00;25;Norge;Hytta;;7\n")
	f, err := intake.Open(t.Context(), path, intake.Options{Profile: &intake.Profile{Ignore: []string{"avtale"}}})
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	got := make([]string, 0, len(f.Columns))
	for _, c := range f.Columns {
		got = append(got, strings.Join([]string{c.Header, c.Column.String(), c.How, c.Sample, c.Read}, "|"))
	}
	require.Equal(t, []string{
		"Ordrenr|order_reference|as a synonym|A1|A1",
		"Tekst|description|as a synonym|Drift|Drift",
		"Beløp (NOK)|amount|as a synonym|1.250,00|1250 NOK",
		"Mva|vat|because it fits every row (1)|25|25",
		"Land|country|as a synonym|Norge|Norge",
		"Prosjekt||not used, only copied to the report|Hytta|",
		"Tom||empty||",
		"Avtale||passed over, as the profile says|7|",
	}, got)
}
