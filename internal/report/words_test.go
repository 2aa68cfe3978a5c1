package report

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"go/ast"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// wordsByKey is words.csv: the other languages by the English text.
func wordsByKey(t *testing.T) map[string][]string {
	t.Helper()
	lines, err := csv.NewReader(bytes.NewReader(wordsCSV)).ReadAll()
	require.NoError(t, err)
	require.Equal(t, Languages(), lines[0])
	all := map[string][]string{}
	for i, line := range lines[1:] {
		if i > 0 {
			require.Less(t, lines[i][0], line[0], "lines are sorted, and no key is there twice")
		}
		all[line[0]] = line[1:]
	}
	return all
}

// statusWords are the words for what the provider tells of an invoice, for channels and severities, and for answers.
func statusWords() []string {
	return []string{
		"unpaid", "overdue", "part-paid", "part-paid, overdue", "paid", "part-refunded", "refunded", "voided",
		"failed", "undecided",
		"not settled", "pending settlement", "partially settled", "settled", "kravia", "merchant", "error",
		"warning", "yes", "no",
	}
}

// saidPhrases are all texts of the workbook, and hints that may stand in it.
func saidPhrases(t *testing.T) map[string]bool {
	t.Helper()
	said := map[string]bool{}
	for _, file := range source(t, ".") {
		ast.Inspect(file, func(n ast.Node) bool {
			for _, text := range phrasesIn(n) {
				said[text] = true
			}
			return true
		})
	}
	for field := range reflect.TypeFor[line]().Fields() {
		said[strings.ReplaceAll(cmp.Or(field.Tag.Get("heading"), field.Tag.Get("csv")), "_", " ")] = true
	}
	said[changedColumn] = true
	for _, f := range billing.Finals() {
		said[f.String()] = true
	}
	hints := append(statusWords(), billing.HintInDoubt)
	for _, dir := range []string{"../billing", "../dintero", "../dispatch", "../batch"} {
		hints = append(hints, hintsOf(t, dir)...)
	}
	var groups billing.ProblemGroups
	waits := billing.Problem{Code: billing.CodeOrderIncomplete}
	groups.Add(&waits)
	hints = append(hints, groups.Of(&waits).Hint)
	for _, hint := range hints {
		said[strings.ReplaceAll(hint, "%", "%%")] = true
	}
	return said
}

// inEnglish are texts of codes.csv that are not translated, for the values in them are English sentences.
func inEnglish() []string {
	return []string{
		"order {reference} was {done} {was} by an earlier run, and this run {is}",
		"to invoice the order {again} too, give it a reference of its own{such}",
		"the program cannot decide what kind of row this is: {formula} has no value, because {why}", "{fix}", "{what}", "{why}",
		"{header} is empty here, but not on the first row of the order: row {row} of the order {says}",
		`if the cell counts for the whole order, write fill_down: ["{reference}"] in the profile; if it counts for its own row only, write severity: {row.first_row: off}`,
		"the key for the register {register} cannot be read: {why}",
		"{key} {value} stands in row {row} of {file}, and {why}",
		"{value} is not among the profile's values for {column}: {words}",
		"the profile's formula for {column} has no value here: {why}",
	}
}

// Every text of the workbook and of codes.csv has a line in words.csv, and no line is unused.
func TestNoPhraseIsMissing(t *testing.T) {
	t.Parallel()
	known, said := wordsByKey(t), saidPhrases(t)
	for _, info := range billing.Codes() {
		for _, text := range []string{info.Message, info.Fix} {
			if !slices.Contains(inEnglish(), text) {
				said[strings.ReplaceAll(text, "%", "%%")] = true
			}
		}
	}
	missing := slices.DeleteFunc(slices.Sorted(maps.Keys(said)), func(text string) bool { return known[text] != nil })
	require.Empty(t, missing, "these have no line in words.csv")
	unused := slices.DeleteFunc(slices.Sorted(maps.Keys(known)), func(text string) bool { return said[text] })
	require.Empty(t, unused, "these lines of words.csv are said nowhere")
}

var verb = regexp.MustCompile(`%(\[\d+\])?[-+# 0-9.]*[a-zA-Z%]`)

// verbsOf are the verbs of a text by the value that they stand for.
func verbsOf(t *testing.T, text string) map[int]string {
	t.Helper()
	verbs, next := map[int]string{}, 1
	for _, m := range verb.FindAllStringSubmatch(text, -1) {
		if m[0] == "%%" {
			continue
		}
		if m[1] != "" {
			n, err := strconv.Atoi(strings.Trim(m[1], "[]"))
			require.NoError(t, err)
			next = n
		}
		verbs[next] = strings.Replace(m[0], m[1], "", 1)
		next++
	}
	return verbs
}

func TestPhrasesAreWhole(t *testing.T) {
	t.Parallel()
	for key, texts := range wordsByKey(t) {
		for i, text := range texts {
			language := Languages()[i+1]
			require.NotEmpty(t, strings.TrimSpace(text), "%s in %s", key, language)
			require.Equal(t, verbsOf(t, key), verbsOf(t, text), "%s in %s: %s", key, language, text)
			require.Equal(t, strings.Count(key, "%%"), strings.Count(text, "%%"), "%s in %s: %s", key, language, text)
			require.ElementsMatch(t, braces.FindAllString(key, -1), braces.FindAllString(text, -1), "%s in %s: %s",
				key, language, text)
			require.Equal(t, strings.HasSuffix(key, "."), strings.HasSuffix(text, "."), "%s in %s: %s", key,
				language, text)
		}
	}
}

func sheetNames() []string {
	return []string{
		sheetSummary, sheetRows, sheetOrders, sheetVAT, sheetProblems, sheetCredits, sheetLeftOut,
		sheetLastMonth, sheetReceivables, sheetPostings,
	}
}

// A name of a sheet is one that spreadsheets take, also with a number behind it, and no other sheet's;
// whoever points to a sheet names it.
func TestNamesOfSheetsInEveryLanguage(t *testing.T) {
	t.Parallel()
	for i, language := range Languages() {
		w, known := wordsOf(language), map[string]bool{}
		for _, name := range sheetNames() {
			said := w.text(name)
			require.NotContains(t, known, strings.ToLower(said))
			known[strings.ToLower(said)] = true
			require.LessOrEqual(t, utf8.RuneCountInString(said+" 1000"), 31, said)
			require.False(t, strings.ContainsAny(said, `[]:*?/\'`), said)
			for key, texts := range wordsByKey(t) {
				if i > 0 && (strings.Contains(key, "sheet "+name) || strings.Contains(key, "under "+name)) {
					require.Contains(t, texts[i-1], said, key)
				}
			}
		}
	}
}

// No word of a heading is broken in a narrow column: each fits in bold, with the margins of the cell.
func TestWordsOfHeadersAreWhole(t *testing.T) {
	t.Parallel()
	for _, language := range Languages() {
		r := makeReport(everyState())
		r.Language = language
		_, f := written(t, r)
		w, headers := wordsOf(language), 0
		for _, sheet := range []string{w.text(sheetVAT), w.text(sheetReceivables)} {
			rows, err := f.GetRows(sheet)
			require.NoError(t, err)
			for _, row := range rows {
				if len(row) < 4 || row[0] != w.say("Currency") {
					continue
				}
				headers++
				for i, heading := range row {
					width, err := f.GetColWidth(sheet, colName(i+1))
					require.NoError(t, err)
					for word := range strings.FieldsSeq(heading) {
						require.LessOrEqual(t, utf8.RuneCountInString(word)+2, int(width),
							"%s in %s, column %d of %s", word, language, i+1, sheet)
					}
				}
			}
		}
		require.GreaterOrEqual(t, headers, 4)
	}
}

// Formulas compare the words for states, so no two are alike and none has a wildcard or an operator.
func TestWordsForStates(t *testing.T) {
	t.Parallel()
	for _, language := range Languages() {
		known := map[string]bool{}
		for _, f := range billing.Finals() {
			word := wordsOf(language).final(f)
			require.NotContains(t, known, word)
			known[word] = true
			require.False(t, strings.ContainsAny(word, `*?~<>="`), word)
		}
	}
	for language, want := range map[string]string{
		"": "in doubt", "en": "in doubt", "no": "uavklart", "sv": "oklar",
		"fi": "epäselvä",
	} {
		require.Equal(t, want, wordsOf(language).final(billing.FinalInDoubt))
	}
}

func TestWordsOfLanguages(t *testing.T) {
	t.Parallel()
	amounts := []money.Amount{
		money.New(118466, money.MustCurrency("EUR")),
		money.New(25111631, money.MustCurrency("NOK")),
	}
	for _, test := range []struct{ language, count, sums, rate, hint, foreign string }{
		{"", "1,234 orders", "1,184.66\u00a0EUR and 251,116.31\u00a0NOK", "25.5", "write 25 for 25 %", "100 %d of it"},
		{
			"no", "1\u00a0234 ordrer", "1\u00a0184,66\u00a0EUR og 251\u00a0116,31\u00a0NOK", "25,5",
			"skriv 25 for 25 %", "100 %d of it",
		},
		{
			"sv", "1\u00a0234 ordrar", "1\u00a0184,66\u00a0EUR och 251\u00a0116,31\u00a0NOK", "25,5",
			"skriv 25 för 25 %", "100 %d of it",
		},
		{
			"fi", "1\u00a0234 tilausta", "1\u00a0184,66\u00a0EUR ja 251\u00a0116,31\u00a0NOK", "25,5",
			"kirjoita 25, kun tarkoitat 25 %", "100 %d of it",
		},
	} {
		w, err := newWords(test.language)
		require.NoError(t, err)
		require.Equal(t, test.count, w.count(1234, "1 order", "%d orders"))
		require.Equal(t, test.sums, w.sums(amounts))
		require.Empty(t, w.sums(nil))
		require.Equal(t, test.rate, w.decimal("25.5"))
		require.Equal(t, test.hint, w.text("write 25 for 25 %"))
		require.Equal(t, test.foreign, w.text("100 %d of it"), "what is no key stays as it is")
	}
	_, err := newWords("de")
	require.EqualError(t, err, `language "de" is not one of en, no, sv, fi`)
}
