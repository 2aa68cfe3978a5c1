package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// explainFile has an order of two rows, a row that is wrong, and an order with a price and a discount.
const explainFile = `Ordrenr;Fornavn;Etternavn;E-post;Telefon;Adresse;Postnr;Poststed;Land;Tekst;Antall;Enhetspris;Rabatt %;MVA %;Prosjekt
1001;Kari;Moe;kari@example.no;40000011;Storgata 1;151;Oslo;no;Abonnement;1;1 234,50 kr;;25;Alfa
1002;Ola;Moe;ola@nordmann;40000012;Storgata 2;0151;Oslo;NO;Abonnement;1;99,00;;25;
1001;;;;;;;;;SMS;3;0,49;10;25;

1003;Liv;Moe;liv@example.no;40000013;Storgata 3;0151;Oslo;NO;Abonnement;1;99,00;;høy;
`

func explainFixture(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "lines.csv")
	require.NoError(t, os.WriteFile(path, []byte(explainFile), 0o600))
	return path
}

func TestExplainForPeople(t *testing.T) {
	t.Parallel()
	path := explainFixture(t)
	for row, want := range map[string][]string{
		"2": {
			"lines.csv row 2\n", "Postnr postal_code 151 as a synonym", `Enhetspris  unit_price`,
			"`1 234,50 kr` → 1234.5, in kr as a synonym", "Prosjekt – Alfa not used, only copied to the report",
			"empty: Rabatt %",
			"order 1001\n  together with row 4\n", "net 987.60 NOK + VAT 246.90 NOK = gross 1 234.50 NOK at 25 %",
			"quantity × unit price includes VAT: VAT = gross × rate / (100 + rate) = 1234.50 × 25 / 125 = 246.90, rounded half up",
			"e-mail, phone    kari@example.no, +4740000011", "address          Storgata 1, 0151 Oslo, NO",
			"total            1 235.82 NOK, of it VAT 247.16 NOK, in 2 lines",
			`"amount": 123450,`, "warning postal_code.restored", "fix: format the column as text",
		},
		"4": {"quantity × unit price less the discount includes VAT", `"line_id": "2"`, "problems\n  none\n"},
		"3": {"the only row of its order", "error email.invalid", "the order is not sent"},
		"6": {"taxed\n  not computed: see the problems", "error vat.unreadable"},
	} {
		code, stdout, stderr := call(t, "explain", path, "--row", row)
		require.Equal(t, 0, code, stderr)
		for _, text := range want {
			require.Contains(t, spaceless(stdout), spaceless(text), "row %s", row)
		}
		require.NotContains(t, stdout, "ended", "no account was named")
	}
}

// spaceless is text with runs of spaces as one.
func spaceless(text string) string {
	out := make([]rune, 0, len(text))
	for _, r := range text {
		if r != ' ' || len(out) == 0 || out[len(out)-1] != ' ' {
			out = append(out, r)
		}
	}
	return string(out)
}

func TestExplainRowsThatAreNotThere(t *testing.T) {
	t.Parallel()
	path := explainFixture(t)
	for row, want := range map[string]string{
		"7":  "row 7 of lines.csv is no line; the last one is in row 6",
		"0":  "explain needs --row N",
		"-4": "explain needs --row N",
	} {
		code, stdout, stderr := call(t, "explain", path, "--row", row)
		require.Equal(t, 2, code)
		require.Empty(t, stdout)
		require.Contains(t, stderr, want)
	}
	for _, args := range [][]string{
		{"explain", "--row", "2"},
		{"explain", path, path, "--row", "2"},
		{"explain", samples, "--row", "2"},
	} {
		code, _, _ := call(t, args...)
		require.Equal(t, 2, code, args)
	}
}

// TestExplainRowsThatAreNoLines tells of each why, and what it holds.
func TestExplainRowsThatAreNoLines(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const header = "Ordrenr;Fornavn;Etternavn;E-post;Telefon;Adresse;Postnr;Poststed;Land;Tekst;Beløp;MVA %"
	line := func(text, amount string) string {
		return "1001;Kari;Moe;kari@example.no;40000011;Storgata 1;0151;Oslo;NO;" + text + ";" + amount + ";25"
	}
	path := filepath.Join(dir, "lines.csv")
	lines := []string{
		"Utskrift fra lageret", header, line("Ved", "500,00"), "", line("Frakt", "250,00"), header,
		";;;;;;;;;I alt å betale;750,00;", line("Is", "10,00"), "Slutt;;;;;;;;;;;", "",
	}
	require.NoError(t, os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o600))
	profile := filepath.Join(dir, "p.yaml")
	require.NoError(t, os.WriteFile(profile, []byte("input: {skip_footer: 1}\n"), 0o600))
	for row, want := range map[string]string{
		"1": "the row stands above the header\n", "2": "the row is the header\n", "4": "the row is blank\n",
		"6": "the row repeats the header\n",
		"7": "the row says total, and its amount is the sum of rows before it, so it was passed over\n  Tekst I alt å betale\n  Beløp 750,00\n",
		"9": "the row belongs to the rows at the end that the profile passes over\n  Ordrenr Slutt\n",
	} {
		code, stdout, stderr := call(t, "explain", path, "--row", row, "--profile", profile)
		require.Equal(t, 0, code, stderr)
		require.Equal(t, "lines.csv row "+row+"\n  "+want, strings.ReplaceAll(spaceless(stdout), "\n ", "\n  "))
	}
	code, stdout, stderr := call(t, "explain", path, "--row", "7", "--profile", profile, "--json")
	require.Equal(t, 0, code, stderr)
	var e explanation
	require.NoError(t, json.Unmarshal([]byte(stdout), &e))
	require.Contains(t, e.Passed, "says total")
	require.Equal(t, explainedCell{Header: "Beløp", How: "not used", Value: "750,00"}, e.Cells[10])
}

// TestExplainHiddenRow is about a row that the profile passes over.
func TestExplainHiddenRow(t *testing.T) {
	t.Parallel()
	code, stdout, stderr := call(t, "explain", filepath.Join(field, "filtered.xlsx"), "--row", "3", "--profile",
		filepath.Join(field, "skip.yaml"))
	require.Equal(t, 0, code, stderr)
	require.Contains(t, stdout,
		"filtered.xlsx, sheet Linjer, row 3\n  the row is hidden, and the profile passes hidden rows over\n")
	require.Contains(t, spaceless(stdout), "\n Ordrenr W4\n")
}

// TestExplainPricesOfTheRow computes as the row's own cell says.
func TestExplainPricesOfTheRow(t *testing.T) {
	t.Parallel()
	for row, want := range map[string]string{
		"2": "the amount includes VAT: VAT = gross × rate",
		"3": "the amount is without VAT: gross = net × (100 + rate) / 100 = 100.00 × 125 / 100 = 125.00",
	} {
		code, stdout, stderr := call(t, "explain", filepath.Join(field, "both-prices.csv"), "--row", row)
		require.Equal(t, 0, code, stderr)
		require.Contains(t, stdout, want)
	}
}

// TestExplainTellsTheProfilesValues beside the cells of the file.
func TestExplainTellsTheProfilesValues(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path, profile := filepath.Join(dir, "lines.csv"), filepath.Join(dir, "p.yaml")
	require.NoError(t, os.WriteFile(path, []byte("Nr;Hva;Sum (EUR);Notat\nA1;Ved;12,50;intern\n"), 0o600))
	require.NoError(t,
		os.WriteFile(profile,
			[]byte(
				"columns: {order_reference: Nr, description: Hva, amount: Sum (EUR)}\nconstants: {country: FI}\ndefaults: {product: b2c}\nignore: [Notat]\n"), 0o600))
	code, stdout, stderr := call(t, "explain", path, "--row", "2", "--profile", profile, "--json")
	require.Equal(t, 0, code, stderr)
	var e explanation
	require.NoError(t, json.Unmarshal([]byte(stdout), &e))
	require.Equal(t, []explainedCell{
		{Header: "Nr", Column: "order_reference", How: "by the profile", Value: "A1", Read: "A1"},
		{Header: "Hva", Column: "description", How: "by the profile", Value: "Ved", Read: "Ved"},
		{Header: "Sum (EUR)", Column: "amount", How: "by the profile", Value: "12,50", Read: "12.5", Currency: "EUR"},
		{Header: "Notat", How: "passed over, as the profile says", Value: "intern"},
		{Column: "product", How: "a default of the profile", Read: "b2c"},
		{Column: "country", How: "a constant of the profile", Read: "FI"},
	}, e.Cells)
}

func TestExplainWorkbookByProfile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	profile := filepath.Join(dir, "net.yaml")
	require.NoError(t,
		os.WriteFile(profile,
			[]byte(
				"name: net\nignore: [order_reference]\nprices: excl_vat\nreference: \"{period}-{customer_number}\"\n"), 0o600))
	file := filepath.Join(samples, "november.xlsx")
	code, stdout, stderr := call(t, "explain", file, "--sheet", "Lines", "--row", "3", "--profile", profile,
		"--period", "2026-11")
	require.Equal(t, 0, code, stderr)
	require.Contains(t, stdout, "november.xlsx, sheet Lines, row 3")
	require.Contains(t, stdout, "order 2026-11-K1001, derived from {period}-{customer_number}")
	require.Contains(t, stdout,
		"quantity × unit price is without VAT: gross = net × (100 + rate) / 100 = 13875.00 × 125 / 100 = 17343.75, rounded half up; VAT = gross − net")
	code, _, stderr = call(t, "explain", file, "--sheet", "Elsewhere", "--row", "3")
	require.Equal(t, 5, code)
	require.Contains(t, stderr, `there is no sheet "Elsewhere"`)
}

func TestExplainWhereItEnded(t *testing.T) {
	t.Parallel()
	path := explainFixture(t)
	state := filepath.Join(t.TempDir(), "state")
	explain := func(row string) *explanation {
		code, stdout, stderr := call(t, "explain", path, "--row", row, "--json", "--sandbox", "--state", state)
		require.Equal(t, 0, code, stderr)
		var e explanation
		require.NoError(t, json.Unmarshal([]byte(stdout), &e))
		return &e
	}
	require.Nil(t, explain("2").Outcome, "there is no journal")
	require.NoFileExists(t, filepath.Join(state, "journal.db"), "and none is made")

	code, _, stderr := call(t, "run", "--sandbox", "--rate", "0", "--state", state, "--reports",
		filepath.Join(state, "reports"), path)
	require.Equal(t, 3, code, stderr)
	e := explain("4")
	require.Equal(t, "invoiced", e.Outcome.State)
	require.NotEmpty(t, e.Outcome.InvoiceNumber)
	require.NotEmpty(t, e.Outcome.DueDate)
	require.False(t, e.Outcome.Differs)
	require.Equal(t, int64(123582), e.Order.Gross)
	require.Equal(t, "2", itemOf(t, e).LineID)
	require.Nil(t, explain("3").Outcome, "it never became an order")

	changed := explainFile +
		"1001;;;;;;;;;More SMS;1;5,00;;25;\n1009;Eva;Moe;eva@example.no;40000013;Storgata 3;0151;Oslo;NO;New;1;99,00;;25;\n"
	require.NoError(t, os.WriteFile(path, []byte(changed), 0o600))
	require.True(t, explain("2").Outcome.Differs)
	require.Equal(t, "not in the journal", explain("8").Outcome.State)
	code, stdout, _ := call(t, "explain", path, "--row", "2", "--sandbox", "--state", state)
	require.Equal(t, 0, code)
	require.Contains(t, stdout, "other content than the file: as it stands here the order would be a conflict")
	require.Contains(t, stdout, e.Outcome.InvoiceNumber)
}

func itemOf(t *testing.T, e *explanation) (item struct {
	LineID string `json:"line_id"`
},
) {
	t.Helper()
	require.NoError(t, json.Unmarshal(e.Item, &item))
	return item
}
