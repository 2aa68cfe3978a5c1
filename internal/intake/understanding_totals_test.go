package intake_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/intake"
)

// TestTotalsAreNoLines has tables of order, customer, text and amount: rows that sum up others, those that
// only say so, and lines.
func TestTotalsAreNoLines(t *testing.T) {
	t.Parallel()
	const header = "order_reference|customer_number|description|amount\n"
	for name, tc := range map[string]struct {
		table  string
		want   []string
		notice string
	}{
		"of the file":  {"A|1|x|100\nB|2|y|50\n||Totalt november|150", []string{"2", "3"}, "row 4"},
		"of the order": {"A|1|x|100\nA|1|y|50\nA|1|Sum|150\nB|2|z|7", []string{"2", "3", "5"}, "row 4"},
		"of the customer": {
			"A|1|x|100\nB|1|y|50\n|1 Totalt||150\nC|2|z|7\n|2 Totalt||7\n|||\n|Totalsum||157",
			[]string{"2", "3", "5"},
			"row 4, 6, 8",
		},
		"of the block": {
			"A|1|x|100\nB|2|y|50\n|Delsum||150\nC|3|z|7\nD|4|z|3\n|Delsum||10\n|I alt||160",
			[]string{"2", "3", "5", "6"},
			"row 4, 7, 8",
		},
		"Finnish":     {"A|1|x|100\n||Yhteensä|100", []string{"2"}, "row 3"},
		"grand total": {"A|1|x|100\n||GRAND TOTAL:|100", []string{"2"}, "row 3"},
		"no sum": {
			"A|1|x|100\nB|2|y|50\n||Totalt|170",
			[]string{"2", "3", "4 description=Totalt amount=170 !row.total"},
			"",
		},
		"no amount": {"A|1|x|100\n||Sum|", []string{"2", "3 description=Sum !row.total"}, ""},
		"a sum that does not say so": {
			"A|1|x|100\nB|2|y|50\nC|3|Oppstart|150",
			[]string{"2", "3", "4 order_reference=C customer_number=3 description=Oppstart amount=150"},
			"",
		},
		"no word at all": {
			"A|1|x|100\nB|2|y|50\n|||150",
			[]string{"2", "3", "4 amount=150 !row.total"},
			"",
		},
		"no word and no sum": {"A|1|x|100\nB|2|y|50\n|||170", []string{"2", "3", "4 amount=170"}, ""},
		"a word inside": {
			"A|1|Rent, summer house|100\nB|2|Totalitarian history|50",
			[]string{"2", "3"},
			"",
		},
		"a line that may say total": {
			"A|1|Total cleaning|100",
			[]string{"2 order_reference=A customer_number=1 description=Total cleaning amount=100 !row.total"},
			"",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			header := header
			if strings.Count(tc.table, "|")/(1+strings.Count(tc.table, "\n")) > strings.Count(header, "|") {
				header = "order_reference|customer_number|description|unit_price|discount_percent|amount\n"
			}
			records, notices, err := understand(t, strings.ReplaceAll(header+tc.table, "|", ";"), "")
			require.NoError(t, err)
			require.Len(t, records, len(tc.want), "%q", records)
			for i, want := range tc.want {
				if strings.Contains(want, " ") {
					require.Equal(t, want, records[i])
				} else {
					require.True(t, strings.HasPrefix(records[i], want+" "), records[i])
				}
			}
			told := strings.Join(notices, "\n")
			require.Equal(t, tc.notice != "", strings.Contains(told, "were passed over: "+tc.notice), told)
		})
	}
}

// TestLinesThatSayTotal has rows with all that a line has, whose text has a word for total.
func TestLinesThatSayTotal(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		table string
		want  []string // the last row
	}{
		"a product": {
			"A|x|1||399|25\nB|TV Total|1||250|25",
			[]string{"3 order_reference=B description=TV Total quantity=1 amount=250 vat=25"},
		},
		"a product and a sum": {
			"A|x|1||399|25\nA|TV Total|1||399|25",
			[]string{"3 order_reference=A description=TV Total quantity=1 amount=399 vat=25 !row.total"},
		},
		"another order's product": {
			"A|x|1||1250|25\nB|Total Protect|1||1250|25",
			[]string{"3 order_reference=B description=Total Protect quantity=1 amount=1250 vat=25"},
		},
		"another order's total": {
			"A|x|1||1250|25\nB|Sum|1||1250|25",
			[]string{"3 order_reference=B description=Sum quantity=1 amount=1250 vat=25 !row.total"},
		},
		"sums beside the word": {
			"A|x|1|100|100|25\nTotal||101|1250|100|",
			[]string{"2 order_reference=A description=x quantity=1 unit_price=100 amount=100 vat=25"},
		},
		"sums in all columns": {
			"A|x|1|100|100|25\n|Total:|101|1250|100|",
			[]string{"2 order_reference=A description=x quantity=1 unit_price=100 amount=100 vat=25"},
		},
		"a product and its price": {
			"A|x|1|50||25\nB|Avast Total|2|50||25",
			[]string{"3 order_reference=B description=Avast Total quantity=2 unit_price=50 vat=25"},
		},
		"nothing but a total": {
			"A|x|1||399|25\nA|Sum|1||250|25",
			[]string{"3 order_reference=A description=Sum quantity=1 amount=250 vat=25 !row.total"},
		},
		"no VAT": {"A|x|1||399|25\n|Sum||||", []string{"3 description=Sum !row.total"}},
		"a sum without VAT": {
			"A|x|1||399|25\n|Sum arbeid|||399|",
			[]string{"2 order_reference=A description=x quantity=1 amount=399 vat=25"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			records, _, err := understand(t,
				strings.ReplaceAll("order_reference|description|quantity|unit_price|amount|vat\n"+tc.table, "|",
					";"), "")
			require.NoError(t, err)
			require.Equal(t, tc.want[0], records[len(records)-1])
		})
	}
	records, _, err := understand(t,
		"description;amount;business_name;vat;Avdeling\nx;100;A;25;1\n;100;Total Energi AS;25;Total", "")
	require.NoError(t, err)
	require.Len(t, records, 2, "a name is no total")
}

// TestWordsForTotal has texts that say total where they stand alone: such a row is passed over even if it
// repeats an address, held if it has VAT, and a text that merely begins with such a word is a line.
func TestWordsForTotal(t *testing.T) {
	t.Parallel()
	const list = "order_reference;description;amount;vat;email\nA;x;100;25;a@example.com\nB;y;50;25;b@example.com\n"
	for _, text := range []string{
		"Å betale", "Att betala", "At betale", "Sluttsum", "Ordresum", "Fakturatotal", "Hovedsum", "Summert", "Tot.",
		"Saldo", "Overført", "Överfört", "Resultat", "Netto", "Brutto",
		"Herav mva", "Hvorav mva", "Herav 25 % mva", "Å fakturere", "Til fakturering", "Sum å betale", "SALDO",
		"Slutsumma",
	} {
		records, notices, err := understand(t, list+";"+text+";150;;b@example.com", "")
		require.NoError(t, err)
		require.Len(t, records, 2, text)
		require.Contains(t, strings.Join(notices, ""), "row 4", text)
		records, _, err = understand(t, list+"B;"+text+";150;25;b@example.com", "")
		require.NoError(t, err)
		require.Contains(t, records[2], "!row.total", text)
	}
	for _, text := range []string{
		"Nettolønn", "Netto timer", "Resultat av analyse", "Konsum", "Ordresum rapport",
		"Brutto vekt", "Saldo konto",
	} {
		records, _, err := understand(t, list+"B;"+text+";70;;", "")
		require.NoError(t, err)
		require.NotContains(t, records[2], "!row.total", text)
	}
}

// TestWhyTotalsAreHeld has what is told of rows that say total and are held.
func TestWhyTotalsAreHeld(t *testing.T) {
	t.Parallel()
	for row, why := range map[string]string{
		"A;Sum;150;25": "it has all that a line has, and its amount is the sum of rows before it",
		";Sum;170;":    "its amount is not the sum of the rows before it",
		";Sum;;":       "it has no amount",
		";;150;":       "it has nothing but an amount, which is the sum of the rows before it",
	} {
		f, err := intake.Open(t.Context(),
			write(t, "lines.csv", "order_reference;description;amount;vat\nA;x;100;25\nA;y;50;25\n"+row+"\n"),
			intake.Options{})
		require.NoError(t, err)
		var problems []billing.Problem
		for r, err := range f.Records(t.Context()) {
			require.NoError(t, err)
			problems = append(problems, r.Problems...)
		}
		require.NoError(t, f.Close())
		require.Len(t, problems, 1, row)
		require.Contains(t, problems[0].String(), why, row)
	}
}
