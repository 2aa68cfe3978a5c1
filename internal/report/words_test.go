package report

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
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

// source gives the Go files of a package without its tests and without what is written in English alone.
func source(t *testing.T, dir string) (files []*ast.File) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	for _, path := range paths {
		if base := filepath.Base(path); strings.HasSuffix(base, "_test.go") || base == "template.go" ||
			strings.HasPrefix(base, "corrections") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		files = append(files, file)
	}
	require.NotEmpty(t, files)
	return files
}

// literals are the texts among expressions.
func literals(expressions ...ast.Expr) (texts []string) {
	for _, e := range expressions {
		if text, ok := literal(e); ok {
			texts = append(texts, text)
		}
	}
	return texts
}

// literal is the text of a string, or of strings joined by +.
func literal(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil && e.Kind == token.STRING
	case *ast.BinaryExpr:
		first, ok := literal(e.X)
		second, also := literal(e.Y)
		return first + second, ok && also
	}
	return "", false
}

// nameOf is the last name of an expression such as words.say.
func nameOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

// phrasesIn are the texts of a node of the package's source that are translated: by say, add, text, count and heading,
// as phrases, as names of columns and as names of sheets.
func phrasesIn(n ast.Node) (texts []string) {
	switch n := n.(type) {
	case *ast.CallExpr:
		switch name := nameOf(n.Fun); {
		case (name == "say" || name == "add" || name == "text" && len(n.Args) == 1 || name == "phrase") &&
			len(n.Args) > 0:
			return literals(n.Args[0])
		case name == "textColumn" || name == "amountColumn":
			return headingsOf(n.Args[0])
		case name == "count" && len(n.Args) == 3:
			return literals(n.Args[1:]...)
		}
	case *ast.ValueSpec:
		for i, name := range n.Names {
			if nameOf(n.Type) == "phrase" || strings.HasPrefix(name.Name, "sheet") {
				texts = append(texts, literals(n.Values[i])...)
			}
		}
	case *ast.CompositeLit:
		return phrasesOf(n)
	}
	return texts
}

// phrasesOf are the texts of a composite literal: of phrases, or the names of columns.
func phrasesOf(n *ast.CompositeLit) (texts []string) {
	if table, ok := n.Type.(*ast.MapType); ok {
		for _, element := range n.Elts {
			if pair, ok := element.(*ast.KeyValueExpr); ok && isPhrases(table.Value) {
				texts = append(texts, literals(pair.Value.(*ast.CompositeLit).Elts...)...)
			}
		}
		return texts
	}
	list, ok := n.Type.(*ast.ArrayType)
	if !ok {
		if nameOf(n.Type) == "column" && len(n.Elts) > 0 {
			return headingsOf(n.Elts[0])
		}
		return nil
	}
	for _, element := range n.Elts {
		if pair, ok := element.(*ast.KeyValueExpr); ok {
			element = pair.Value
		}
		switch nameOf(list.Elt) {
		case "phrase":
			texts = append(texts, literals(element)...)
		case "column", "orderColumn":
			if c, ok := element.(*ast.CompositeLit); ok && len(c.Elts) > 0 {
				texts = append(texts, headingsOf(c.Elts[0])...)
			}
		}
	}
	return texts
}

func isPhrases(e ast.Expr) bool {
	list, ok := e.(*ast.ArrayType)
	return ok && nameOf(list.Elt) == "phrase"
}

// headingsOf is what stands over a column with a constant name.
func headingsOf(name ast.Expr) []string {
	texts := literals(name)
	for i := range texts {
		texts[i] = strings.ReplaceAll(texts[i], "_", " ")
	}
	return texts
}

// hintsOf are the constant hints that a package gives orders: what it says is a Hint of an outcome or an
// answer, or returns as one.
func hintsOf(t *testing.T, dir string) (hints []string) {
	t.Helper()
	constants := map[string]string{}
	var given []ast.Expr
	for _, file := range source(t, dir) {
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Values) == 1 {
				for _, text := range literals(spec.Values[0]) {
					constants[spec.Names[0].Name] = text
				}
			}
			given = append(given, hintsIn(n)...)
			return true
		})
	}
	for _, e := range given {
		ast.Inspect(e, func(n ast.Node) bool {
			if e, ok := n.(ast.Expr); ok {
				hints = append(append(hints, literals(e)...), constants[nameOf(e)])
			}
			return true
		})
	}
	return slices.DeleteFunc(hints, func(hint string) bool { return hint == "" })
}

// hintsIn are the expressions of a node that become hints.
func hintsIn(n ast.Node) (given []ast.Expr) {
	switch n := n.(type) {
	case *ast.CompositeLit:
		for _, element := range n.Elts {
			if pair, ok := element.(*ast.KeyValueExpr); ok && nameOf(pair.Key) == "Hint" &&
				slices.Contains([]string{"Outcome", "Answer"}, nameOf(n.Type)) {
				given = append(given, pair.Value)
			}
		}
	case *ast.AssignStmt:
		for i, to := range n.Lhs {
			if nameOf(to) == "Hint" && n.Tok == token.ASSIGN && len(n.Lhs) == len(n.Rhs) {
				given = append(given, n.Rhs[i])
			}
		}
	case *ast.FuncDecl:
		if n.Type.Results == nil || n.Body == nil {
			return nil
		}
		last := n.Type.Results.List[len(n.Type.Results.List)-1]
		named := len(last.Names) > 0 && last.Names[len(last.Names)-1].Name == "hint"
		if !named && !slices.Contains([]string{"retryHint", "todo"}, n.Name.Name) {
			return nil
		}
		ast.Inspect(n.Body, func(n ast.Node) bool {
			if back, ok := n.(*ast.ReturnStmt); ok && len(back.Results) > 0 {
				switch result := back.Results[len(back.Results)-1].(type) {
				case *ast.BasicLit, *ast.Ident:
					given = append(given, result)
				}
			}
			return true
		})
	}
	return given
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
