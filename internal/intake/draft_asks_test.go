package intake

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// unwrapped is a draft with each comment on one line.
func unwrapped(text string) string {
	return strings.NewReplacer("\n  #   ", " ", "\n#   ", " ").Replace(text)
}

// besideCustomers is the draft of lines whose customers and orders leave nothing open. The first line is the header of
// the further columns.
func besideCustomers(t *testing.T, lines ...string) string {
	t.Helper()
	customers := []string{
		"Ordrenr;Kundenr;Kunde;Orgnr;Kontakt;E-post;Telefon;Adresse;Postnr;Sted",
		"1;5001;Fjordvik Eksempel AS;999888003;Eva Eksempel;faktura@fjordvik.example;+4740000011;Kaia 1;0151;Oslo",
		"2;5002;Nordlys Eksempel AS;974760673;Nils Nord;post@nordlys.example;+4740000012;Polarveien 3;9008;Tromsø",
		"3;5003;Vestkyst Eksempel AS;999777007;Siri Vest;post@vestkyst.example;+4740000013;Strandgata 5;5003;Bergen",
	}
	all := make([]string, len(lines))
	for i, line := range lines {
		all[i] = customers[i] + ";" + line
	}
	text := draftOf(t, all...)
	if kept := answered(text, nil); !strings.Contains(kept, `"?"`) {
		_, err := parseProfile("draft.yaml", []byte(kept))
		require.NoError(t, err, text)
	}
	return unwrapped(text)
}

// billedBy is the draft of two lines with one more column, which may say whether they are billed.
func billedBy(t *testing.T, header, first, second string) string {
	t.Helper()
	return besideCustomers(t, "Tekst;Antall;Pris eks mva;Sum;Mva;Valuta;"+header,
		"Drift;2;100,00;200,00;25;NOK;"+first, "Frakt;3;150,00;450,00;25;NOK;"+second)
}

func TestDraftTakesYesForWholeHeadersAlone(t *testing.T) {
	t.Parallel()
	for _, header := range []string{
		"Billable", "billable?", "Is billable", "Fakturerbar", "Faktureres", "Skal faktureres", "Debiterbar",
		"Laskutettava", "To invoice", "To be billed", "Chargeable",
	} {
		text := billedBy(t, header, "Ja", "Nei")
		require.NotContains(t, text, "QUESTION", header)
		require.Contains(t, text, "only: \"= {"+header+"} == 'Ja'\"", header)
	}
	for _, header := range []string{
		"Ikke fakturerbar", "Non-billable", "Nonbillable", "Not billable", "Do not invoice", "Skal ikke faktureres",
		"Ej debiterbar", "Ei laskutettava", "Gratis", "Free", "Garanti", "Sperret", "Utgått", "On hold", "Exclude",
		"Skip", "Debiterad", "Laskutettu", "Overført", "Eksportert", "Fakturert", "Fakturerbar senere", "Ufakturerbar",
		"Hold", "Ikke faktureres",
	} {
		text := billedBy(t, header, "Nei", "Ja")
		require.Contains(t, text,
			"QUESTION: which rows are to be invoiced? "+header+" has Ja in 1 row, Nei in 1 row.", header)
	}
}

// TestDraftProvesNoVATByOneRate drafts lines with a column that is 80 % or 125 % of the amount.
func TestDraftProvesNoVATByOneRate(t *testing.T) {
	t.Parallel()
	const open = "QUESTION: are the prices with or without VAT?"
	for name, c := range map[string]struct {
		lines  []string
		prices string // "" for a question
	}{
		"a cost": {
			[]string{
				"Tekst;Antall;Pris;Beløp;Kostpris;Mva;Valuta", "Drift;1;100,00;100,00;80,00;25;NOK",
				"Frakt;1;120,00;120,00;96,00;25;NOK",
			}, "",
		},
		"a purchase": {
			[]string{
				"Tekst;Antall;Pris;Beløp;Innkjøp;Mva;Valuta", "Leie;2;125,00;250,00;200,00;25;NOK",
				"Leie;3;200,00;600,00;480,00;25;NOK",
			}, "",
		},
		"a cost without quantities": {
			[]string{"Tekst;Beløp;Kostnad;Mva;Valuta", "Drift;100,00;80,00;25;NOK", "Frakt;120,00;96,00;25;NOK"}, "",
		},
		"a list price": {
			[]string{
				"Tekst;Antall;Listepris;Pris;Sum;Mva;Valuta", "Drift;1;125,00;100,00;100,00;25;NOK",
				"Frakt;1;150,00;120,00;120,00;25;NOK",
			}, "",
		},
		"a cost with two margins": {
			[]string{"Tekst;Beløp;Kostnad;Mva;Valuta", "Drift;100,00;80,00;15;NOK", "Frakt;115,00;100,00;25;NOK"}, "",
		},
		"before and after a discount": {[]string{
			"Tekst;Antall;Pris;Bruttobeløp;Rabatt %;Nettobeløp;Valuta", "Drift;2;100,00;200,00;20;160,00;NOK",
			"Frakt;3;120,00;360,00;0;360,00;NOK",
		}, ""},
		"before and after the same discount": {[]string{
			"Tekst;Antall;Pris;Brutto;Rabatt %;Netto;Mva;Valuta", "Drift;2;100,00;200,00;20;160,00;25;NOK",
			"Frakt;3;120,00;360,00;20;288,00;25;NOK",
		}, ""},
		"before and after a discount that no sum proves": {[]string{
			"Tekst;Brutto;Rabatt;Netto;Mva;Valuta", "Drift;200,00;40,00;160,00;25;NOK",
			"Frakt;360,00;72,00;288,00;25;NOK",
		}, ""},
		"VAT on some lines, and no rates": {
			[]string{"Tekst;Netto;Brutto;Valuta", "Drift;200,00;250,00;NOK", "Frakt;360,00;360,00;NOK"}, "",
		},
		"two rates": {
			[]string{"Tekst;Beløp;Å betale;Mva;Valuta", "Drift;100,00;125,00;25;NOK", "Kaffe;200,00;230,00;15;NOK"},
			"excl_vat",
		},
		"words for VAT": {
			[]string{
				"Tekst;Beløp eks mva;Beløp inkl mva;Mva;Valuta", "Drift;100,00;125,00;25;NOK",
				"Frakt;200,00;250,00;25;NOK",
			}, "excl_vat",
		},
		"net and gross": {
			[]string{"Tekst;Netto;Brutto;Mva;Valuta", "Drift;100,00;125,00;25;NOK", "Frakt;200,00;250,00;25;NOK"},
			"excl_vat",
		},
	} {
		text := besideCustomers(t, c.lines...)
		if c.prices == "" {
			require.Contains(t, text, open, "%s\n%s", name, text)
			require.NotContains(t, text, "with VAT on", name)
			require.NotContains(t, text, "vat_amount", name)
			continue
		}
		require.Contains(t, text, "\nprices: "+c.prices, "%s\n%s", name, text)
	}
}

// TestDraftKnowsTheCountryByMoreThanRates drafts rates that only one country has, while all other evidence is for
// another one.
func TestDraftKnowsTheCountryByMoreThanRates(t *testing.T) {
	t.Parallel()
	const codes = "QUESTION: which VAT rates do the codes in Mva mean?"
	rated := func(header, first, second, currency string) string {
		return besideCustomers(t, "Tekst;Antall;Pris;Sum;"+header+";Valuta",
			"Drift;2;100,00;200,00;"+first+";"+currency, "Frakt;3;120,00;360,00;"+second+";"+currency)
	}
	text := rated("Mva", "6", "6", "NOK")
	require.Contains(t, text, codes)
	require.Contains(t, text, "vat: {\"6\": 0}")
	require.Contains(t, text, "seller: {country: \"NO\"}")
	text = rated("Mva", "25", "6", "NOK")
	require.Contains(t, text, codes)
	require.Contains(t, text, "vat: {\"25\": 25, \"6\": \"?\"}")
	text = rated("Mva", "6", "25", "SEK")
	require.Contains(t, text, codes, "the currency and the word tell two countries")
	require.Contains(t, text,
		"QUESTION: in which country is the seller, whose VAT rates count? SE is suggested by its currency, "+
			"in the cells of Valuta, NO by the header Mva.")
	text = rated("VAT", "6", "6", "EUR")
	require.Contains(t, text, "QUESTION: which VAT rates", "the customers are Norwegian")
	text = rated("Moms", "6", "25", "SEK")
	require.NotContains(t, text, "QUESTION: which VAT rates")
	require.Contains(t, text, "seller: {country: \"SE\"}                      # its currency, in the cells of Valuta")
	text = rated("Mva-sats", "25%", "0%", "NOK")
	require.NotContains(t, text, "QUESTION: which VAT rates")
	text = rated("Mva", "25%", "Fritatt", "NOK")
	require.Contains(t, text, "vat: {\"25%\": 25, \"Fritatt\": \"?\"}")
	text = rated("Mva-type", "25%", "0%", "NOK")
	require.Contains(t, text, "vat: {\"0%\": 0, \"25%\": 25}")
	text = unwrapped(draftOf(t, "Tekst;Beløp;VAT", "Drift av skjema;100,00;6", "Frakt med bil;50,00;6"))
	require.Contains(t, text, "QUESTION: which VAT rates", "nothing tells the country")
}

// TestDraftAsksForHundredths drafts whole numbers under headers of programs that write amounts in hundredths.
func TestDraftAsksForHundredths(t *testing.T) {
	t.Parallel()
	for _, c := range [][]string{
		{
			"description;quantity;unit_amount_excluding_tax;amount;tax_rate;currency", "Plan;1;100000;100000;25;nok",
			"Plan;2;70000;140000;25;nok",
		},
		{"description;quantity;unit_amount;tax_rate;currency", "Plan;1;500;25;nok", "Plan;2;70;25;nok"},
		{"description;amount_excluding_tax;tax_rate;currency", "Plan;500;25;nok", "Plan;70;25;nok"},
		{"description;quantity;UnitAmount;tax_rate;currency", "Plan;1;500;25;nok", "Plan;2;70;25;nok"},
	} {
		text := besideCustomers(t, c...)
		require.Contains(t, text, "in hundredths such as øre or cents?", c[0])
		require.Contains(t, text, "\namounts: \"?\"\n", c[0])
	}
	text := besideCustomers(t, "description;quantity;unit_amount;tax_rate;currency", "Plan;1;500.50;25;nok",
		"Plan;2;70.00;25;nok")
	require.NotContains(t, text, "amounts:", "decimals tell whole units")
	text = besideCustomers(t, "description;quantity;unit_price;amount;vat;currency", "Plan;1;500;500;25;nok",
		"Plan;2;70;140;25;nok")
	require.NotContains(t, text, "amounts:", "our own columns")
	text = besideCustomers(t, "description;quantity;unit_amount;line total (cents);tax_rate;currency",
		"Plan;1;500;500;25;nok", "Plan;2;70;140;25;nok")
	require.Contains(t, text, "is unit_amount in hundredths as line total (cents) is?")
	require.NotContains(t, text, "amounts:", "only one of two")
}

// TestDraftAsksAboutFewWords drafts unused columns whose words may say which rows are invoiced.
func TestDraftAsksAboutFewWords(t *testing.T) {
	t.Parallel()
	const ask = "do such words tell which rows are not to be invoiced?"
	for _, c := range []struct{ header, first, second string }{
		{"Fase", "Klar", "Tilbud"},
		{"Internt", "Nei", "Ja"},
		{"Intern", "0", "1"},
		{"Fase", "", "Tilbud"},
		{"Flagg", "x", ""},
		{"Eksport", "Ja", "Nei"},
	} {
		text := billedBy(t, c.header, c.first, c.second)
		require.Contains(t, text, ask, c.header)
		require.Contains(t, text, "- "+c.header, c.header)
		require.Contains(t, text, "write only: \"= {"+c.header+"} in ['…']\" with the words of those that are;",
			c.header)
		require.Equal(t, 1, strings.Count(text, "QUESTION"), text)
	}
	text := billedBy(t, "Internt;Fase;Runde", "Nei;Klar;En", "Ja;Tilbud;To")
	require.Equal(t, 1, strings.Count(text, "QUESTION"), "one question for all of them")
	require.Contains(t, text,
		"Internt has Ja in 1 row, Nei in 1 row; Fase has Klar in 1 row, Tilbud in 1 row; Runde has")
	for _, c := range []struct{ header, first, second string }{
		{"Prosjekt", "Nettside", "Drift"},
		{"Ansvarlig", "Kari", "Ola"},
		{"Region", "Nord", "Vest"},
		{"Enhet", "stk", "timer"},
		{"Avdeling", "Salg", "Drift"},
		{"Fase", "Klar", "Klar"},
		{"Merknad", "Ring først", ""},
		{"Selger", "Kari", "Ola"},
		{"Vekt", "12", "13"},
		{"Lager", "Oslo", "Moss"},
		{"Fargekode", "A-1", "B-2"},
		{"Varegruppe", "Frakt", "Drift"},
		{"Varemerke", "Kaffe", "Te"},
		{"Newsletter", "Ja", "Nei"},
	} {
		require.NotContains(t, billedBy(t, c.header, c.first, c.second), "QUESTION", c.header)
	}
}

// TestDraftAsksAboutNumbers drafts unused columns of numbers whose headers say nothing.
func TestDraftAsksAboutNumbers(t *testing.T) {
	t.Parallel()
	const ask = "is any of these numbers billed, or taken off?"
	text := billedBy(t, "Parkering;Garasje;Rom", "450;500;101", "380;0;102")
	require.Contains(t, text, "Parkering (450), Garasje (500), Rom (101): "+ask)
	require.Equal(t, 1, strings.Count(text, "QUESTION"), "one question for all of them")
	require.Contains(t, billedBy(t, "Intern;Bom", "0;90", "1;0"), "Bom (90): "+ask,
		"beside words that tell what is invoiced")
	for _, c := range []struct{ header, first, second string }{
		{"Rom", "101", "101"},
		{"Vekt", "12", "13"},
		{"Målerpunkt", "70705750", "70705751"},
		{"Uke", "40", "41"},
	} {
		require.NotContains(t, billedBy(t, c.header, c.first, c.second), "QUESTION", c.header)
	}
}

// TestDraftTellsHundredths drafts headers that mention øre without saying that amounts are in øre.
func TestDraftTellsHundredths(t *testing.T) {
	t.Parallel()
	for header, minor := range map[string]bool{
		"Beløp i øre": true, "Amount (cents)": true, "Amount in minor units": true, "Beløp (kr.øre)": false,
		"Beløp i kroner med øre": false, "Beløp uten øre": false, "Beløp u/øre": false, "Beløp (øre avrundet)": false,
		"Minor works amount": false,
	} {
		require.Equal(t, minor, saysMinor(header), header)
	}
	require.Contains(t, draftOf(t, "Tekst;Beløp i øre", "Drift;12500", "Leie;9900"), "\namounts: minor")
	require.NotContains(t, draftOf(t, "Tekst;Beløp i øre", "Drift;125,50", "Leie;99,00"), "amounts: minor",
		"cells with decimals say otherwise")
}

// TestDraftAsksAboutCredits drafts a column that says by its cells which rows are credits.
func TestDraftAsksAboutCredits(t *testing.T) {
	t.Parallel()
	for _, header := range []string{"Type", "Bilag", "Dokumenttype"} {
		text := billedBy(t, header, "Faktura", "Kreditnota")
		require.Contains(t, text,
			"QUESTION: which rows are to be invoiced? "+header+" has Faktura in 1 row, Kreditnota in 1 row.", header)
		require.Contains(t, text, "only: \"= {"+header+"} in ['Faktura', 'Kreditnota']\"", header)
	}
	many := []string{"Tekst;Beløp;Merkelapp", "Drift av skjema;100,00;Kreditnota"}
	for _, word := range []string{"Rød", "Blå", "Gul", "Grå", "Hvit", "Sort"} {
		many = append(many, "Drift av skjema;100,00;"+word)
	}
	require.NotContains(t, draftOf(t, many...), "only: \"=", "there may be others next time")
	require.Contains(t, draftOf(t, many...), "QUESTION: Merkelapp speaks of a status")
	require.Contains(t, billedBy(t, "Type", "FA", "KN"), "only: \"= {Type} in ['FA', 'KN']\"")
}

// TestDraftRoundsHours drafts minutes that are not a decimal number of hours. They are rounded to hundredths, or to as
// many decimals as the amounts need.
func TestDraftRoundsHours(t *testing.T) {
	t.Parallel()
	text := besideCustomers(t, "Tekst;Tid;Timepris;Mva;Valuta", "Drift;7:30;1200,00;25;NOK", "Drift;1:20;900,00;25;NOK")
	require.Contains(t, text,
		`quantity: "= round(hours({Tid}), 2)"       # 7:30 · hours and minutes, `+
			"rounded to 2 decimals since 1:20 has no exact decimal number")
	text = besideCustomers(t, "Tekst;Tid;Timepris;Mva;Valuta", "Drift;7:30;1200,00;25;NOK", "Drift;1:45;900,00;25;NOK")
	require.Contains(t, text, `quantity: "= hours({Tid})"                 # 7:30 · hours and minutes`)
	text = besideCustomers(t, "Tekst;Tid;Timepris;Beløp;Mva;Valuta", "Drift;7:30;1200,00;9000,00;25;NOK",
		"Drift;1:20;900,00;1200,00;25;NOK")
	require.Contains(t, text, "= round(hours({Tid}), 5)")
	require.Contains(t, text, "quantity × unit_price = amount on 2 of 2 rows")
}

// TestDraftAsksForOneOfSeveralCurrencies drafts prices with words of two currencies.
func TestDraftAsksForOneOfSeveralCurrencies(t *testing.T) {
	t.Parallel()
	for _, other := range []string{"€ 70,00", "EUR 70,00", "70,00"} {
		text := besideCustomers(t, "Tekst;Antall;Pris;Mva", "Drift;1;kr 1000,00;25", "Drift;2;"+other+";25")
		require.Contains(t, text, "QUESTION: in which currency are the amounts?", other)
		require.Equal(t, other != "70,00", strings.Contains(text, `  currency: "?"`), text)
		require.Equal(t, other != "70,00", strings.Contains(text, "The cells have several"), text)
	}
	text := besideCustomers(t, "Tekst;Antall;Pris;Mva", "Drift;1;€ 100,00;25", "Drift;2;€ 70,00;25")
	require.Contains(t, text, "  currency: EUR")
}

// TestDraftDoubtsNetPrices drafts prices whose headers say net and mean after a reduction.
func TestDraftDoubtsNetPrices(t *testing.T) {
	t.Parallel()
	const open = "QUESTION: are the prices with or without VAT?"
	require.Contains(t,
		besideCustomers(t, "Tekst;Antall;Listepris;Nettopris;Mva;Valuta", "Drift;1;150,00;100,00;25;NOK",
			"Drift;2;150,00;90,00;25;NOK"), open)
	require.Contains(t,
		besideCustomers(t, "Tekst;Antall;List price;Net price;VAT;Currency", "Drift;1;150,00;100,00;25;NOK",
			"Drift;2;150,00;90,00;25;NOK"), open)
	require.Contains(t,
		besideCustomers(t, "Tekst;Antall;Rabatt %;Nettopris;Mva;Valuta", "Drift;1;10;100,00;25;NOK",
			"Drift;2;5;90,00;25;NOK"), open)
	require.Contains(t,
		besideCustomers(t, "Tekst;Antall;Nettopris;Mva;Valuta", "Drift;1;100,00;25;NOK", "Drift;2;90,00;25;NOK"),
		"\nprices: excl_vat")
	require.Contains(t,
		besideCustomers(t, "Tekst;Antall;Listepris;Nettopris eks mva;Mva;Valuta", "Drift;1;150,00;100,00;25;NOK",
			"Drift;2;150,00;90,00;25;NOK"),
		"\nprices: excl_vat")
}

// TestDraftTellsRecordsAboveTheHeader drafts a file whose first row is one of its records.
func TestDraftTellsRecordsAboveTheHeader(t *testing.T) {
	t.Parallel()
	lines := []string{
		"Type;Ordrenr;Tekst;Antall;Pris eks mva;Mva", "L;1;Drift av skjema;2;100,00;25", "L;2;Frakt med bil;1;50,00;25",
	}
	text := unwrapped(draftOf(t, append([]string{"H;7001;Fjordvik Eksempel AS;999888003;;"}, lines...)...))
	require.Contains(t, text,
		"QUESTION: row 1 above the header looks like a record (H, 7001, Fjordvik Eksempel AS, 999888003).")
	text = unwrapped(draftOf(t, append([]string{"Ordrer i november;;;;;", "Nr;;;;;"}, lines...)...))
	require.NotContains(t, text, "looks like a record")
}
