package report

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

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
