package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// message is one text of a package's messages.go. Its example is the comment above it, if it has values.
type message struct{ name, text, example string }

// hasValues reports whether the text is a format that takes some.
func (m *message) hasValues() bool {
	return slices.ContainsFunc(formatVerb.FindAllString(m.text, -1), func(v string) bool { return v != "%%" })
}

// speaking are the packages whose texts users read. Those of internal/report have words.csv beside them.
func speaking() []string {
	return []string{
		"cmd/kravia-batch", "internal/intake", "internal/xlsx", "internal/money", "internal/billing", "internal/planfile",
		"internal/journal", "internal/dintero", "internal/dispatch", "internal/batch", "internal/report",
		"internal/atomicfile", "internal/fault",
	}
}

// sourceOf gives the files of a package without its tests: those with its messages, and the others.
func sourceOf(t *testing.T, dir string) (messages, others []*ast.File, fset *token.FileSet) {
	t.Helper()
	fset = token.NewFileSet()
	paths, err := filepath.Glob(filepath.Join("../..", dir, "*.go"))
	require.NoError(t, err)
	for _, path := range paths {
		base := filepath.Base(path)
		if strings.HasSuffix(base, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(fset, path, nil, parser.ParseComments|parser.SkipObjectResolution)
		require.NoError(t, err)
		if strings.HasPrefix(base, "messages") {
			messages = append(messages, file)
		} else {
			others = append(others, file)
		}
	}
	require.NotEmpty(t, others, dir)
	return messages, others, fset
}

// textOf is a constant string expression: a literal, or literals joined by +.
func textOf(e ast.Expr) (text string, ok bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil && e.Kind == token.STRING
	case *ast.BinaryExpr:
		left, ok := textOf(e.X)
		right, also := textOf(e.Y)
		return left + right, ok && also
	}
	return "", false
}

// messagesOf are the constants of the package's messages.go, in its order.
func messagesOf(t *testing.T, dir string) (all []message) {
	t.Helper()
	files, _, fset := sourceOf(t, dir)
	for _, file := range files {
		for _, decl := range file.Decls {
			group, ok := decl.(*ast.GenDecl)
			require.True(t, ok && group.Tok == token.CONST, "%s: only constants", fset.Position(decl.Pos()))
			for _, spec := range group.Specs {
				spec := spec.(*ast.ValueSpec)
				place := fset.Position(spec.Pos())
				require.Len(t, spec.Values, 1, "%s", place)
				text, ok := textOf(spec.Values[0])
				require.True(t, ok, "%s: only texts", place)
				m := message{name: spec.Names[0].Name, text: text}
				if m.hasValues() {
					m.example = strings.Join(strings.Fields(spec.Doc.Text()), " ")
				}
				all = append(all, m)
			}
		}
	}
	require.NotEmpty(t, all, dir)
	return all
}

var formatVerb = regexp.MustCompile(`%(\[\d+\])?[-+# 0-9.*]*[a-zA-Z%]`)

// shape is the pattern of what a format prints, on one line.
func shape(format string) *regexp.Regexp {
	var b strings.Builder
	last := 0
	for _, at := range formatVerb.FindAllStringIndex(format, -1) {
		b.WriteString(regexp.QuoteMeta(format[last:at[0]]))
		if format[at[0]:at[1]] == "%%" {
			b.WriteString("%")
		} else {
			b.WriteString(".+")
		}
		last = at[1]
	}
	b.WriteString(regexp.QuoteMeta(format[last:]))
	return regexp.MustCompile(`^` + strings.Join(strings.Fields(b.String()), " ") + `$`)
}

// Every text with values has an example that it can print.
func TestMessagesHaveExamples(t *testing.T) {
	t.Parallel()
	for _, dir := range speaking() {
		for _, m := range messagesOf(t, dir) {
			if m.hasValues() {
				require.Regexp(t, shape(m.text), m.example, "%s: %s: the comment above it is its example", dir, m.name)
			}
		}
	}
}

// TestMessagesPage keeps samples/MESSAGES.md what the packages' messages.go say.
func TestMessagesPage(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString(messagesIntroduction)
	for _, dir := range speaking() {
		fmt.Fprintf(&b, "\n## %s\n\n| message | for example |\n|---|---|\n", dir)
		for _, m := range messagesOf(t, dir) {
			fmt.Fprintf(&b, "| %s | %s |\n", messageCell(formatVerb.ReplaceAllString(m.text, "…")), messageCell(m.example))
		}
	}
	path := filepath.Join(samples, "MESSAGES.md")
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(b.String()), 0o644))
	}
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, b.String(), string(data), "`make samples` writes it anew")
}

const messagesIntroduction = `# Messages

What the program says, package by package, with an example where a message has values; … stands for a value. What it says of a row or an order
is in [CODES.md](CODES.md), the words of the workbook in four languages are in ` + "`internal/report/words.csv`" + `.
`

// messageCell is a text in a cell of a table: one line, with nothing that the table or HTML would take for its own.
func messageCell(text string) string {
	text = strings.NewReplacer("|", "\\|", "<", "&lt;", "*", "\\*").Replace(text)
	return strings.Join(strings.Fields(text), " ")
}

var sentence = regexp.MustCompile(`\b[A-Za-z]{2,} [a-z]{1,} [a-z]{2,}|\b[a-z]{2,} [a-z]{2,}\b.*%[a-z]|%[a-z] [a-z]+ [a-z]+`)

// quiet are calls and fields whose texts are no messages: logs, queries, and the help of commands, which is read in one go where it stands.
func quiet(e ast.Node) bool {
	switch e := e.(type) {
	case *ast.CallExpr:
		name := ""
		switch f := e.Fun.(type) {
		case *ast.Ident:
			name = f.Name
		case *ast.SelectorExpr:
			name = f.Sel.Name
		}
		return slices.Contains([]string{
			"panic", "MustCompile", "Debug", "Info", "Warn", "Error", "Log", "LogAttrs", "InfoContext", "WarnContext", "ErrorContext",
			"NewReplacer", "NewDesc", "exec", "ExecContext", "QueryContext", "QueryRowContext", "NewGauge", "NewGaugeVec", "NewCounterVec",
			"write", "read", "fail", "reading", "scan", "Chdir", "add",
		}, name) || strings.HasSuffix(name, "Var") || strings.HasSuffix(name, "VarP")
	case *ast.KeyValueExpr:
		key, _ := e.Key.(*ast.Ident)
		return key != nil && slices.Contains([]string{"Use", "Short", "Long", "Example", "Help", "Title"}, key.Name)
	case *ast.Field, *ast.FuncType, *ast.ImportSpec:
		return true
	}
	return false
}

// outside are the sentences of a package that do not stand in its messages.go.
func outside(t *testing.T, dir string) (found []string) {
	t.Helper()
	_, files, fset := sourceOf(t, dir)
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			if n != nil && quiet(n) {
				return false
			}
			if literal, ok := n.(*ast.BasicLit); ok {
				text, is := textOf(literal)
				if is && sentence.MatchString(text) && !strings.Contains(text, "SELECT ") && !strings.Contains(text, " = $") {
					found = append(found, fmt.Sprintf("%s: %q", fset.Position(literal.Pos()), text))
				}
			}
			return true
		})
	}
	return found
}

// No sentence for users stands outside messages.go, so that all of a package's can be read in one go. What internal/report
// says on its sheets is in words.csv instead, and what internal/billing says of rows in codes.csv.
func TestMessagesStandTogether(t *testing.T) {
	t.Parallel()
	for _, dir := range speaking() {
		if dir != "internal/report" {
			for _, place := range outside(t, dir) {
				t.Error(place)
			}
		}
	}
}
