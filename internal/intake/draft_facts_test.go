package intake

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
)

// tableOf is a table of text cells under a header.
func tableOf(t *testing.T, lines ...string) *draftTable {
	t.Helper()
	path := filepath.Join(t.TempDir(), "lines.csv")
	require.NoError(t, os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600))
	d := &drafter{index: newHeaderIndex(nil), entries: map[billing.Column]*draftEntry{}}
	require.NoError(t, d.read(t.Context(), path, Options{}))
	d.tables[0].guessColumns(d.index)
	return d.tables[0]
}

func TestShapesOfCells(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"a@b.no": true, "a@b": false, "@b.no": false, "a b@c.no": false, "a@b.no, c@d.no": false, "": false,
	} {
		require.Equal(t, want, looksLikeEmail(text), text)
	}
	for text, want := range map[string]bool{
		"+47 900 00 012": true, "90 00 00 11": true, "070-123 45 67": true, "2026-11-30": false, "12345": false,
		"4OOO0000": false, "1+2345678": false,
	} {
		require.Equal(t, want, looksLikePhone(text), text)
	}
	for text, want := range map[string]bool{
		"7:30": true, "37:30:00": true, "7:60": false, "7:3": false, "7.30": false, ":30": false, "09:00 AM": false,
	} {
		require.Equal(t, want, looksLikeHours(text), text)
	}
	for text, want := range map[string]int{
		"0151": 4, "111 20": 5, "SE-111 20": 5, "N-0151": 4, "123": 0, "1234567": 0, "12A4": 0, "-0151": 0,
	} {
		require.Equal(t, want, postalDigits(text), text)
	}
	for text, want := range map[string]string{
		"30 dagar netto": "30", "Netto 14 dager": "14", "netto per 20 dagar": "20", "14": "14",
		"2 % 10 dager, netto 30": "", "fri leveringsmåned": "", "": "",
	} {
		days, ok := daysInTerms(text)
		require.Equal(t, want, days, text)
		require.Equal(t, want != "", ok, text)
	}
	for _, word := range []string{"Yes", "ja", "1", "TRUE"} {
		yes, known := isYes(word)
		require.True(t, yes && known, word)
	}
}

func TestSumsOfColumns(t *testing.T) {
	t.Parallel()
	table := tableOf(t, "Ordre;Antall;Pris;Rabatt;Netto;Brutto;Kode;Sum ordre", "A;2;100,00;10;180,00;225,00;3;210,00",
		"A;1;30,00;0;30,00;33,33;32;210,00", "B;3;33,33;0;99,99;124,99;3;99,99")
	f := map[string]*figures{}
	for _, c := range table.columns {
		f[c.text] = figuresOf(c)
	}
	p, ok := multiplies(
		proof{quantity: f["Antall"], price: f["Pris"], amount: f["Netto"], discount: f["Rabatt"], percent: true})
	require.True(t, ok)
	require.Equal(t, 3, p.rows)
	require.Equal(t, 2, p.telling)
	require.True(t, p.discounts())
	_, ok = multiplies(proof{quantity: f["Antall"], price: f["Pris"], amount: f["Netto"]})
	require.False(t, ok, "the discount is needed")
	taxed, ok := taxes(f["Netto"], f["Brutto"], false, table.columns[6])
	require.True(t, ok)
	require.Equal(t, "25", taxed.rates["3"][0].String())
	require.Equal(t, "11.11", taxed.rates["32"][0].String())
	require.True(t, taxed.single())
	_, ok = taxes(f["Brutto"], f["Netto"], false, nil)
	require.False(t, ok)
	several, repeated, summed := f["Sum ordre"].ofOrders(table.columns[0], f["Netto"])
	require.Equal(t, []int{1, 1, 1}, []int{several, repeated, summed})
	require.True(t, f["Sum ordre"].ofSingles(table.columns[0], f["Netto"]))

	register := tableOf(t, "Ordre;Kunde", "A;1") // whose rows are not those of the lines
	several, repeated, summed = f["Sum ordre"].ofOrders(register.columns[0], f["Netto"])
	require.Equal(t, []int{0, 0, 0}, []int{several, repeated, summed})
	require.False(t, determines(table.columns[0], register.columns[0]))
}

// TestGuesses guesses columns by their headers and cells.
func TestGuesses(t *testing.T) {
	t.Parallel()
	for header, cases := range map[string]map[string]billing.Column{
		"E-post faktura":           {"a@b.no": billing.ColEmail, "Kari": 0},
		"Registration number":      {"SE556036079301": billing.ColOrganizationNumber, "Kari": 0},
		"ORDER LINE - UNIT PRICE":  {"10.50": billing.ColUnitPrice, "Kari": 0},
		"InvoiceRows.Price":        {"10.50": billing.ColUnitPrice},
		"Order amount":             {"10.50": billing.ColAmount},
		"Line net (cents)":         {"1050": billing.ColAmount},
		"ORDER LINE - DESCRIPTION": {"Drift i november": billing.ColDescription},
		"Net weight":               {"10.50": 0},
		"Customer Type":            {"Firm": 0},
		"MVA-kode":                 {"3": billing.ColVAT},
		"Order status":             {"Open": 0},
		"Kontaktperson":            {"Kari": billing.ColContactName},
		"Charge":                   {"Team plan": billing.ColDescription, "10.50": 0},
	} {
		for cell, want := range cases {
			c := tableOf(t, "Tekst her;"+header, "a b;"+cell).columns[1]
			got := billing.Column(0)
			if len(c.guesses) > 0 {
				got = c.guesses[0].column
			}
			require.Equal(t, want, got, "%s: %s", header, cell)
		}
	}
	require.Equal(t, levelPart, tableOf(t, "Tekst her;Order amount", "a b;10.50").columns[1].level(billing.ColAmount),
		"that of an order is none of a line")
}

func TestYAMLText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Ordre nr.": "Ordre nr.", "NO": `"NO"`, "0151": `"0151"`, "a: b": `"a: b"`, "a #b": `"a #b"`, "x\ny": `"x\ny"`,
		`"`: `"\""`, " a": `" a"`, "Rabatt %": "Rabatt %", "\u202e": `"\u202E"`,
	} {
		require.Equal(t, want, yamlText(text), text)
	}
}

func TestFilePattern(t *testing.T) {
	t.Parallel()
	require.Equal(t, "kunder_*.csv", filePattern("kunder_2026-11.csv", []string{"lines_2026-11.csv"}))
	require.Equal(t, "kunder.csv", filePattern("kunder.csv", nil))
	require.Equal(t, "20261130.csv", filePattern("20261130.csv", []string{"a.csv"}))
	require.Equal(t, "a2026.csv", filePattern("a2026.csv", []string{"a2027.csv"}))
}

// TestRelate finds the table of the lines, in any order of the files.
func TestRelate(t *testing.T) {
	t.Parallel()
	lines := tableOf(t, "Ordrenr;Kundenr;Tekst;Antall;Pris", "F1;11;En time;1;5,00", "F2;12;To timer;2;5,00",
		"F3;11;En time;1;5,00")
	customers := tableOf(t, "Kundenr;Navn;Orgnr;E-post", "11;A AS;974760673;a@b.no", "12;B AS;999888003;c@d.no",
		"13;C AS;974760673;e@f.no")
	for _, tables := range [][]*draftTable{{lines, customers}, {customers, lines}} {
		found, joins, left := relate(tables)
		require.Same(t, lines, found)
		require.Empty(t, left)
		require.Len(t, joins, 1)
		require.Equal(t, "customers", joins[0].name)
		require.Equal(t, "Kundenr", joins[0].key.name)
		require.Equal(t, "Kundenr", joins[0].by.name)
	}
	other := tableOf(t, "Dato;Vær", "2026-11-01;Regn")
	_, joins, left := relate([]*draftTable{lines, other})
	require.Empty(t, joins)
	require.Equal(t, []*draftTable{other}, left)
}

// draftOf is the draft of one table.
func draftOf(t *testing.T, lines ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "lines.csv")
	require.NoError(t, os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600))
	drafted, err := Draft(t.Context(), []string{path}, Options{})
	require.NoError(t, err)
	return string(drafted.Text)
}

// TestDraftAsksAboutMoney drafts sums that may agree by chance, or in two ways.
func TestDraftAsksAboutMoney(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		lines []string
		want  string
	}{
		"a rate or money": {
			[]string{"Tekst;Beløp;Mva", "Drift i november;100,00;25,00"},
			"is Mva the rate in percent, or the VAT in money? Both fit.",
		},
		"a fee of zero": {[]string{
			"Tekst;Antall;Pris;Rabatt %;Gebyr", "Drift i november;2;100,00;0;0", "Frakt med bil;3;50,00;0;0",
		}, "QUESTION: Gebyr"},
		"one amount by chance": {
			[]string{"Tekst;Beløp;Depositum", "Drift i november;100,00;125,00"},
			"QUESTION: are the prices with or without VAT?",
		},
		"a budget in euros": {
			[]string{"Tekst;Beløp;Budsjett (EUR)", "Drift i november;100,00;125,00"},
			"QUESTION: in which currency are the amounts?",
		},
		"a currency on some rows": {
			[]string{"Tekst;Beløp", "Drift i november;100,00 EUR", "Frakt med bil;50,00"},
			"QUESTION: in which currency are the amounts?",
		},
		"a discount in two ways": {
			[]string{"Tekst;Antall;Pris;Rabatt", "Drift i november;2;100,00;10"},
			"is Rabatt in percent or in money?",
		},
		"a mark in two ways": {
			[]string{"Tekst;Beløp", "Drift i november;1.234"},
			"can be read in two ways. Write decimal:",
		},
		"a status": {
			[]string{"Tekst;Beløp;Status", "Drift i november;100,00;Klar", "Frakt med bil;50,00;Betalt"},
			"Keep below only the words of such rows.",
		},
		"yes, no and nothing": {
			[]string{"Tekst;Beløp;Faktureres", "Drift i november;100,00;Ja", "Frakt med bil;50,00;"},
			"which rows are to be invoiced?",
		},
		"two amounts": {
			[]string{"Tekst;Linjebeløp;Beløp", "Drift i november;100,00;90,00"},
			"amount: Linjebeløp or Beløp? No sum proves it.",
		},
		"a product that is not so": {
			[]string{"Tekst;Antall;Pris;Beløp", "Drift i november;2;100,00;150,00"},
			"does not make Beløp on every row.",
		},
		"an order's total": {
			[]string{"Ordre;Tekst;Total", "A;Drift i november;90,00", "A;Frakt med bil;90,00"},
			"QUESTION: Total looks like amount",
		},
	} {
		require.Contains(t, strings.NewReplacer("\n  #   ", " ", "\n#   ", " ").Replace(draftOf(t, c.lines...)),
			c.want, name)
	}
}
