package intake

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var updateDrafts = flag.Bool("update-drafts", false, "write testdata/draft/*.yaml anew")

// TestDrafts compares the drafts of exports with testdata/draft. The first file gives the draft its name.
func TestDrafts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		files     string
		questions int
	}{
		{"harbour.csv", 3},                    // the reference, the tax codes, the currency
		{"subscriptions.csv accounts.csv", 1}, // the currency
		{"hours.csv clients.csv", 3},          // the reference, the rate, whether prices are with VAT
		{"tracker.csv", 6},                    // whose customers are nowhere
		{"discounts.csv", 3},                  // the reference, the phone numbers, a contact
		{"continued.csv", 0},                  // rows that go on with the order above
		{"heads.csv", 1},                      // whether prices are with VAT
		{"order-total.csv", 2},                // the currency, whether prices are with VAT
		{"parking.csv", 5},                    // the footer, the reference, the status, the type, the currency
		{"webshop.csv", 4},                    // a person's name, two columns that tell what is billed, refunds
		{"timesheet.csv klienter.csv", 8},     // a client that the register lacks, among others
		{"agreed.csv agreements.csv", 3},      // what is agreed with a customer: a price, a fee, a markup
		// the tax codes, the status on another sheet, whether prices are with VAT
		{"orders.xlsx", 3},
		{"../../../../samples/november.csv", 0}, // our own columns
		{"../../../../samples/november.xlsx", 0},
		{"../../../../samples/grouped.csv", 0},
		// the discount, the codes, a contact, a country, whether prices are with VAT
		{"../../../../samples/profiles/tripletex.csv", 5},
	} {
		t.Run(c.files, func(t *testing.T) {
			t.Parallel()
			var paths []string
			for name := range strings.FieldsSeq(c.files) {
				paths = append(paths, filepath.Join("testdata", "draft", name))
			}
			drafted, err := Draft(t.Context(), paths, Options{Today: "2026-11-30"})
			require.NoError(t, err)
			require.Len(t, drafted.Questions, c.questions, "%s", drafted.Text)
			golden := filepath.Join("testdata", "draft", strings.TrimSuffix(filepath.Base(paths[0]),
				filepath.Ext(paths[0]))+strings.TrimPrefix(filepath.Ext(paths[0]), ".csv")+".yaml")
			if *updateDrafts {
				require.NoError(t, os.WriteFile(golden, drafted.Text, 0o600))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			require.Equal(t, string(want), string(drafted.Text))
			loads(t, drafted)
		})
	}
}

// loads checks that a draft with questions is refused for them, and that one without questions loads.
func loads(t require.TestingT, drafted *Drafted) {
	err := openQuestions("draft.yaml", drafted.Text)
	if len(drafted.Questions) > 0 {
		require.ErrorContains(t, err, "open question", "%s", drafted.Text)
		return
	}
	require.NoError(t, err, "%s", drafted.Text)
	require.NoError(t, plainYAML("draft.yaml", drafted.Text))
	_, err = parseProfile("draft.yaml", drafted.Text)
	require.NoError(t, err, "%s", drafted.Text)
}

func TestDraftOfTableWithoutHeader(t *testing.T) {
	t.Parallel()
	drafted, err := Draft(t.Context(), []string{filepath.Join("testdata", "draft", "plain.csv")}, Options{})
	require.NoError(t, err)
	require.Contains(t, string(drafted.Text), "header_row: none, headers: [A, B, C, D, E, F, G, H]")
	require.Equal(t, 3, drafted.Rows)
}

func TestDraftRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	empty, page := filepath.Join(dir, "empty.csv"), filepath.Join(dir, "page.csv")
	require.NoError(t, os.WriteFile(empty, nil, 0o600))
	require.NoError(t, os.WriteFile(page, []byte("<!DOCTYPE html><html><table></table></html>"), 0o600))
	for path, code := range map[string]string{
		empty: codeEmpty, page: codeFormat, filepath.Join(dir, "none.csv"): codeNotFound,
	} {
		_, err := Draft(t.Context(), []string{path}, Options{})
		refusal := &Error{}
		require.ErrorAs(t, err, &refusal, path)
		require.Equal(t, code, refusal.Code)
	}
}

// TestDraftOfAnyTable drafts tables of any cells: it never panics, gives YAML that is one document, and what
// has no question loads.
func TestDraftOfAnyTable(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	words := []string{
		"", "Ordrenr", "Kunde", "Kundenr", "Navn", "Org.nr", "E-post", "Email", "Tekst", "Antall", "Pris",
		"Pris eks mva", "Beløp", "Total", "Mva", "MVA-kode", "Rabatt", "Valuta", "Status", "Billable", "Dato", "Land",
		"order_reference", "description", "amount", "unit_price", "quantity", "vat", "Total (øre)", "{x}", "= 1",
		"# QUESTION: x", "a: b", "- a", "'", "\"", "*", "#2", "Net", "Gross", "Due", "NO", "yes", "null", "~", "1", "{",
		"]", "\t", "\u202e", "é", "a#1", "VATIncluded", "DiscountType", "Discount", "y", "register.x", "customers.x",
		"|", ">", "%", "@x", "`",
	}
	cells := []string{
		"", "", "1", "2", "25", "15", "3", "31", "0.25", "100,00", "1.234", "125,00", "-5", "10 %", "NOK", "kr 5",
		"2026-11-30", "03/04/2026", "7:30", "a@b.example", "c@b.example", "974760673", "999888003", "0151", "Norge",
		"Yes", "No", "Klar", "Sum", "Total", "T-1", "T-2", "Fjord AS", "# QUESTION: y", "QUESTION: y", "PERCENT",
		"AMOUNT", "true", "false", "x: y\nz", "'", "\\", "30 dager", "K1", "K2", "\u202e",
	}
	rapid.Check(t, func(t *rapid.T) {
		var paths []string
		for n := range rapid.IntRange(1, 3).Draw(t, "files") {
			width := rapid.IntRange(1, 9).Draw(t, "width")
			rows := [][]string{
				rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom(words), rapid.String()), width, width).Draw(t, "header"),
			}
			for range rapid.IntRange(0, 6).Draw(t, "rows") {
				cell := rapid.OneOf(rapid.SampledFrom(cells), rapid.SampledFrom(cells), rapid.String())
				rows = append(rows, rapid.SliceOfN(cell, 0, width+1).Draw(t, "row"))
			}
			paths = append(paths, filepath.Join(dir, string(rune('a'+n))+".csv"))
			require.NoError(t, os.WriteFile(paths[n], []byte(asCSV(rows)), 0o600))
		}
		drafted, err := Draft(t.Context(), paths, Options{})
		if err != nil {
			refusal := &Error{}
			require.ErrorAs(t, err, &refusal)
			return
		}
		require.NoError(t, plainYAML("draft.yaml", drafted.Text), "%s", drafted.Text)
		loads(t, drafted)
		_, err = parseProfile("draft.yaml", drafted.Text)
		if mistake, ok := errors.AsType[*ProfileError](err); ok {
			require.NotEqual(t, "correct the YAML", mistake.Hint, "%s: %s", err, drafted.Text)
		}
	})
}

// asCSV writes rows with quotes around every cell.
func asCSV(rows [][]string) string {
	var b strings.Builder
	for _, row := range rows {
		for i, cell := range row {
			if i > 0 {
				b.WriteByte(';')
			}
			b.WriteString(`"` + strings.ReplaceAll(cell, `"`, `""`) + `"`)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// TestAnsweredDraftsLoad answers the questions of drafts line by line, as a user does, and loads them.
func TestAnsweredDraftsLoad(t *testing.T) {
	t.Parallel()
	for name, answers := range map[string]map[string]string{
		"harbour": {}, "subscriptions": {}, "continued": {}, "november": {},
		"hours":       {`vat: "?"`: "vat: 25", `prices: "?"`: "prices: excl_vat"},
		"heads":       {`prices: "?"`: "prices: excl_vat"},
		"order-total": {`currency: "?"`: "currency: NOK", `prices: "?"`: "prices: incl_vat"},
		"tripletex": {
			`contact_name: "?"`: "contact_name: Accounts Payable", `prices: "?"`: "prices: excl_vat",
			`country: "?"`: `country: "NO"`,
			`{"3": "?", "31": "?", "33": "?", "6": "?"}`: `{"3": 25, "31": 15, "33": 12, "6": 0}`,
		},
		"discounts": {`contact_name: "?"`: "contact_name: Accounts Payable", `  phone_number: "?"`: ""},
	} {
		data, err := os.ReadFile(filepath.Join("testdata", "draft", name+".yaml"))
		require.NoError(t, err)
		require.NotContains(t, answered(string(data), answers), `"?"`, name)
		path := filepath.Join(t.TempDir(), name+".yaml")
		require.NoError(t, os.WriteFile(path, []byte(answered(string(data), answers)), 0o600))
		_, err = LoadProfile(path)
		require.NoError(t, err, name)
	}
}

// answered is a draft with its questions removed and its open values replaced by the answers.
func answered(text string, answers map[string]string) string {
	var kept []string
	question := false
	for line := range strings.Lines(text) {
		comment, isComment := strings.CutPrefix(strings.TrimSpace(line), "# ")
		question = isComment &&
			(strings.HasPrefix(comment, questionMark) || question && strings.HasPrefix(comment, "  "))
		if !question {
			kept = append(kept, line)
		}
	}
	text = strings.Join(kept, "")
	for open, answer := range answers {
		text = strings.ReplaceAll(text, open, answer)
	}
	return text
}
