package intake

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"kraviabatch/internal/billing"
)

const (
	maxSkipFooter = 100
	maxDeclared   = 10_000 // header_row
)

// ProfileError is a mistake in a profile or another file of [ReadYAML]. Such a file is a wrong setting, not a refused input.
type ProfileError struct {
	File         string // base name
	Line, Column int    // from 1, 0 if the whole file is meant
	Message      string
	Hint         string
}

// Error has the place in the form that editors jump to.
func (e *ProfileError) Error() string {
	where := e.File
	if e.Line > 0 {
		where = fmt.Sprintf("%s:%d:%d", e.File, e.Line, e.Column)
	}
	if e.Hint == "" {
		return where + ": " + e.Message
	}
	return fmt.Sprintf("%s: %s (%s)", where, e.Message, e.Hint)
}

// LoadProfile reads a profile and checks it strictly: a key, column or problem code that does not exist is a *[ProfileError] with its
// place and a suggestion. A code that cannot be lowered is one in an *[Error], for by such a profile no input may be billed.
func LoadProfile(path string) (*Profile, error) {
	data, err := ReadYAML(path)
	if err != nil {
		return nil, err
	}
	return parseProfile(filepath.Base(path), data)
}

// linter reads one profile.
type linter struct {
	file string
}

// take handles the value of one key.
type take func(value ast.Node) error

func parseProfile(file string, data []byte) (*Profile, error) {
	l := &linter{file}
	tree, err := parser.ParseBytes(data, 0)
	if err != nil {
		var syntax interface {
			GetToken() *token.Token
			GetMessage() string
		}
		if errors.As(err, &syntax) {
			return nil, l.mistake(syntax.GetToken(), syntax.GetMessage(), "correct the YAML")
		}
		return nil, l.mistake(nil, err.Error(), "correct the YAML")
	}
	if len(tree.Docs) != 1 || tree.Docs[0].Body == nil {
		return nil, l.mistake(nil, "the profile is empty",
			"write one YAML document with name, input, columns and so on")
	}
	p := &Profile{}
	if err := l.mapping(tree.Docs[0].Body, l.fields(p)); err != nil {
		return nil, err
	}
	if p.Name == "" {
		p.Name = strings.TrimSuffix(file, filepath.Ext(file))
	}
	return p, nil
}

func (l *linter) fields(p *Profile) map[string]take {
	amounts := ""
	return map[string]take{
		"name":         l.text(&p.Name),
		"input":        func(n ast.Node) error { return l.mapping(n, l.inputFields(&p.Input)) },
		"columns":      func(n ast.Node) error { return l.headers(n, &p.Columns) },
		"ignore":       func(n ast.Node) error { return l.words(n, &p.Ignore) },
		"seller":       func(n ast.Node) error { return l.mapping(n, map[string]take{"country": l.country(&p.Seller)}) },
		"constants":    func(n ast.Node) error { return l.byColumn(n, &p.Constants) },
		"defaults":     func(n ast.Node) error { return l.byColumn(n, &p.Defaults) },
		"prices":       l.oneOf(&p.Prices, PricesInclVAT, PricesExclVAT),
		"reference":    func(n ast.Node) error { return l.reference(n, &p.Reference) },
		"split_orders": l.truth(&p.SplitOrders),
		"severity":     func(n ast.Node) error { return l.severity(n, &p.Severity) },
		"amounts": func(n ast.Node) error {
			err := l.oneOf(&amounts, "whole", "minor")(n)
			p.Minor = amounts == "minor"
			return err
		},
	}
}

func (l *linter) inputFields(in *Input) map[string]take {
	return map[string]take{
		"sheet":       l.text(&in.Sheet),
		"header_row":  l.count(&in.HeaderRow, 1, maxDeclared),
		"encoding":    l.oneOf(&in.Encoding, charsetNames()...),
		"decimal":     l.oneOf(&in.Decimal, ".", ","),
		"dates":       l.oneOf(&in.Dates, dateForms()...),
		"skip_footer": l.count(&in.SkipFooter, 0, maxSkipFooter),
		"hidden_rows": l.oneOf(&in.HiddenRows, "read", hiddenSkip),
		"delimiter": func(n ast.Node) error {
			err := l.oneOf(&in.Delimiter, ",", ";", "|", "\t", "tab")(n)
			if in.Delimiter == "tab" {
				in.Delimiter = "\t"
			}
			return err
		},
	}
}

func (l *linter) mistake(at *token.Token, message, hint string) error {
	return yamlMistake(l.file, at, message, hint)
}

// mapping hands each key's value to its reader.
func (l *linter) mapping(n ast.Node, fields map[string]take) error {
	keys := make([]string, 0, len(fields))
	for k := range fields {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return l.pairs(n, func(key string, at *token.Token, value ast.Node) error {
		read := fields[key]
		if read == nil {
			return l.unknown(at, "key", key, keys)
		}
		return read(value)
	})
}

func (l *linter) unknown(at *token.Token, what, word string, all []string) error {
	hint := "there are " + strings.Join(all, ", ")
	if near := nearest(all, []string{word}); near != "" {
		hint = fmt.Sprintf("did you mean %s?", near)
	}
	return l.mistake(at, fmt.Sprintf("unknown %s %q", what, shown(word)), hint)
}

func (l *linter) pairs(n ast.Node, each func(key string, at *token.Token, value ast.Node) error) error {
	m, ok := n.(ast.MapNode)
	if !ok {
		return l.mistake(n.GetToken(), "keys with values are expected here", "write them as key: value")
	}
	seen := map[string]bool{}
	for it := m.MapRange(); it.Next(); {
		at := it.Key().GetToken()
		key, err := l.scalar(it.Key())
		if err != nil {
			return err
		}
		if seen[key] {
			return l.mistake(at, fmt.Sprintf("%q stands here twice", shown(key)), "remove one")
		}
		seen[key] = true
		if err := each(key, at, it.Value()); err != nil {
			return err
		}
	}
	return nil
}

// scalar is a value as written, so that 0151 and NO stay what they are.
func (l *linter) scalar(n ast.Node) (string, error) {
	switch v := n.(type) {
	case *ast.StringNode:
		return v.Value, nil
	case *ast.LiteralNode:
		return strings.TrimSpace(v.Value.Value), nil
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return n.GetToken().Value, nil
	case *ast.NullNode:
		return "", nil
	}
	return "", l.mistake(n.GetToken(), "a single value is expected here", "")
}

func (l *linter) text(to *string) take {
	return func(n ast.Node) (err error) {
		*to, err = l.scalar(n)
		return err
	}
}

func (l *linter) oneOf(to *string, words ...string) take {
	return func(n ast.Node) error {
		value, err := l.scalar(n)
		if err != nil {
			return err
		}
		for _, w := range words {
			if strings.EqualFold(w, value) {
				*to = w
				return nil
			}
		}
		return l.unknown(n.GetToken(), "value", value, words)
	}
}

func (l *linter) count(to *int, least, most int) take {
	return func(n ast.Node) error {
		value, err := l.scalar(n)
		if err != nil {
			return err
		}
		number, err := strconv.Atoi(value)
		if err != nil || number < least || number > most {
			return l.mistake(n.GetToken(), fmt.Sprintf("%q is no whole number from %d to %d", shown(value), least, most), "")
		}
		*to = number
		return nil
	}
}

func (l *linter) truth(to *bool) take {
	return func(n ast.Node) error {
		v, ok := n.(*ast.BoolNode)
		if !ok {
			return l.mistake(n.GetToken(), "true or false is expected here", "")
		}
		*to = v.Value
		return nil
	}
}

// words reads a list of texts, or one text.
func (l *linter) words(n ast.Node, to *[]string) error {
	list, ok := n.(*ast.SequenceNode)
	if !ok {
		word, err := l.scalar(n)
		*to = []string{word}
		return err
	}
	for _, value := range list.Values {
		word, err := l.scalar(value)
		if err != nil {
			return err
		}
		*to = append(*to, word)
	}
	return nil
}

// country reads a country whose VAT rates are known.
func (l *linter) country(to *string) take {
	return func(n ast.Node) error {
		value, err := l.scalar(n)
		if err != nil {
			return err
		}
		*to = billing.CountryCode(value)
		if rates, _ := billing.VATRates(*to, "", "", "2026-01-01"); len(rates) == 0 {
			return l.mistake(n.GetToken(), fmt.Sprintf("the VAT rates of %q are not known", shown(value)), "use NO, SE, FI or DK, or leave seller out")
		}
		return nil
	}
}

// byColumn reads values by known column.
func (l *linter) byColumn(n ast.Node, to *map[billing.Column]string) error {
	*to = map[billing.Column]string{}
	return l.pairs(n, func(key string, at *token.Token, value ast.Node) error {
		c, ok := billing.ColumnByName(key)
		if !ok {
			return l.unknown(at, "column", key, billing.ColumnNames())
		}
		content, err := l.scalar(value)
		(*to)[c] = content
		return err
	})
}

// headers reads which header stands for which column; one header cannot stand for two.
func (l *linter) headers(n ast.Node, to *map[billing.Column]string) error {
	if err := l.byColumn(n, to); err != nil {
		return err
	}
	used := map[string]string{}
	return l.pairs(n, func(key string, at *token.Token, _ ast.Node) error {
		c, _ := billing.ColumnByName(key) // byColumn checked it
		header := normalise((*to)[c])
		switch other := used[header]; {
		case header == "":
			return l.mistake(at, fmt.Sprintf("column %s has no header", key), "name the header as the file has it, or remove the line")
		case other != "":
			return l.mistake(at, fmt.Sprintf("the header %q is given to %s and to %s", shown((*to)[c]), other, key), "keep one")
		}
		used[header] = key
		return nil
	})
}

// reference checks the placeholders of a reference template.
func (l *linter) reference(n ast.Node, to *string) error {
	value, err := l.scalar(n)
	if err != nil {
		return err
	}
	*to = value
	allowed := []string{"period"}
	for _, c := range billing.Columns() {
		if c.Info().Order && c != billing.ColOrderReference {
			allowed = append(allowed, c.String())
		}
	}
	for rest := value; ; {
		i := strings.IndexAny(rest, "{}")
		if i < 0 {
			return nil
		}
		name, after, ok := strings.Cut(rest[i+1:], "}")
		if rest[i] == '}' || !ok {
			return l.mistake(n.GetToken(), fmt.Sprintf("the braces in %q do not match", shown(value)), `write placeholders as "{customer_number}"`)
		}
		if !slices.Contains(allowed, name) {
			return l.unknown(n.GetToken(), "placeholder", name, allowed)
		}
		rest = after
	}
}

func (l *linter) severity(n ast.Node, to *map[billing.Code]billing.Severity) error {
	*to = map[billing.Code]billing.Severity{}
	codes := map[string]billing.CodeInfo{}
	for _, info := range billing.Codes() {
		codes[string(info.Code)] = info
	}
	return l.pairs(n, func(key string, at *token.Token, value ast.Node) error {
		info, ok := codes[key]
		if !ok {
			hint := "codes stand in the column problem_code of every report"
			if near := Nearest(slices.Sorted(maps.Keys(codes)), key); near != "" {
				hint = fmt.Sprintf("did you mean %s?", near)
			}
			return l.mistake(at, fmt.Sprintf("unknown problem code %q", shown(key)), hint)
		}
		word, err := l.scalar(value)
		if err != nil {
			return err
		}
		var s billing.Severity
		if err := s.UnmarshalText([]byte(word)); err != nil {
			return l.mistake(value.GetToken(), err.Error(), "")
		}
		if s != billing.Error && !info.Lowerable {
			return &Error{
				File: l.file, Code: codeNeeded, Message: "nothing is billed with this profile",
				Err: l.mistake(at, fmt.Sprintf("%s cannot be lowered to %s: what it checks is needed; without it the invoice would be wrong or impossible", key, s),
					"leave it an error, and correct the rows or the export"),
			}
		}
		(*to)[info.Code] = s
		return nil
	})
}
