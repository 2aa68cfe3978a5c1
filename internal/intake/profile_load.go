package intake

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"kraviabatch/internal/billing"
)

// Limits of numbers in a profile.
const (
	maxSkipFooter = 100    // skip_footer
	maxDeclared   = 10_000 // header_row
)

// ProfileError is a mistake in a profile or in another file that [ReadYAML] reads. It is a wrong setting, and not a
// refused input: the two have different exit codes.
type ProfileError struct {
	File         string // base name
	Line, Column int    // from 1, in characters; 0 where the file as a whole is meant
	Message      string
	Hint         string
}

// Error is the mistake on one line. It begins with file:line:column, which editors understand.
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

// LoadProfile reads a profile and checks it strictly. A key, column or problem code that does not exist is a
// *[ProfileError] with its place and a suggestion, and so is a draft with open questions. Where a profile lowers a
// problem code that must not be lowered, the *[ProfileError] is inside an *[Error]: no input may be billed with it.
func LoadProfile(path string) (*Profile, error) {
	data, err := ReadYAML(path)
	if err == nil {
		err = openQuestions(filepath.Base(path), data)
	}
	if err != nil {
		return nil, err
	}
	return parseProfile(filepath.Base(path), data)
}

func parseProfile(file string, data []byte) (*Profile, error) {
	tree, err := parser.ParseBytes(data, 0)
	var syntax interface {
		GetToken() *token.Token
		GetMessage() string
	}
	switch {
	case errors.As(err, &syntax):
		return nil, yamlMistake(file, syntax.GetToken(), syntax.GetMessage(), yamlAdvice(syntax.GetMessage()))
	case err != nil:
		return nil, yamlMistake(file, nil, err.Error(), hintProfileYAML)
	case len(tree.Docs) != 1 || tree.Docs[0].Body == nil:
		return nil, yamlMistake(file, nil, msgProfileEmpty, hintProfileEmpty)
	}
	l, p := &linter{file: file}, &Profile{}
	l.mapping(tree.Docs[0].Body, l.keys(p))
	l.compile(p)
	p.Name = cmp.Or(p.Name, strings.TrimSuffix(file, filepath.Ext(file)))
	if l.err != nil {
		return nil, l.err
	}
	return p, nil
}

// linter reads one profile. It keeps the first mistake; what it reads after that does not count.
type linter struct {
	file  string
	err   error
	later []func()            // reads what needs the names of all registers
	nodes map[string]ast.Node // the registers, by name

	ignore, fill ast.Node // the values of ignore and fill_down
}

// readers read the values of a mapping, by key. They are also the keys that a mapping may have.
type readers map[string]func(ast.Node)

func (l *linter) keys(p *Profile) readers {
	return readers{
		"name":      func(n ast.Node) { p.Name = l.text(n) },
		"input":     func(n ast.Node) { l.input(n, &p.Input) },
		"columns":   func(n ast.Node) { l.later = append(l.later, func() { p.Columns = l.columns(n, p) }) },
		"values":    func(n ast.Node) { p.Values = l.values(n) },
		"registers": func(n ast.Node) { p.Registers = l.registers(n) },
		"only":      func(n ast.Node) { l.condition(n, &p.Only) },
		"head":      func(n ast.Node) { l.condition(n, &p.Head) },
		"fill_down": func(n ast.Node) { l.later = append(l.later, func() { l.fillDown(n, p) }) },
		"ignore":    func(n ast.Node) { p.Ignore, l.ignore = l.names(n), n },
		"seller": func(n ast.Node) {
			l.mapping(n, readers{
				"country": func(n ast.Node) { p.Seller = l.country(n) },
				"name":    func(n ast.Node) { p.SellerName = l.text(n) },
			})
		},
		"accounts": func(n ast.Node) {
			l.later = append(l.later, func() { p.Accounts = l.accounts(n, p.Values[billing.ColVAT]) })
		},
		"constants":    func(n ast.Node) { p.Constants = l.byColumn(n) },
		"defaults":     func(n ast.Node) { p.Defaults = l.defaults(n) },
		"prices":       func(n ast.Node) { p.Prices = l.oneOf(n, PricesInclVAT, PricesExclVAT) },
		"amounts":      func(n ast.Node) { p.Minor = l.oneOf(n, "whole", "minor") == "minor" },
		"rounding":     func(n ast.Node) { p.RoundByRate = l.oneOf(n, "line", "rate") == "rate" },
		"reference":    func(n ast.Node) { p.Reference = l.reference(n) },
		"split_orders": func(n ast.Node) { p.SplitOrders = l.truth(n) },
		"severity":     func(n ast.Node) { p.Severity = l.severity(n) },
	}
}

func (l *linter) inputKeys(in *Input) readers {
	return readers{
		"sheet": func(n ast.Node) { in.Sheet = l.text(n) },
		"header_row": func(n ast.Node) {
			if in.headerless = strings.EqualFold(l.text(n), "none"); !in.headerless {
				in.HeaderRow = l.count(n, 1, maxDeclared)
			}
		},
		"headers":  func(n ast.Node) { in.Headers = l.headerNames(n) },
		"encoding": func(n ast.Node) { in.Encoding = l.oneOf(n, charsetNames()...) },
		"delimiter": func(n ast.Node) {
			in.Delimiter = strings.Replace(l.oneOf(n, ",", ";", "|", "\t", "tab"), "tab", "\t", 1)
		},
		"decimal":     func(n ast.Node) { in.Decimal = l.oneOf(n, ".", ",") },
		"dates":       func(n ast.Node) { in.Dates = l.oneOf(n, dateForms()...) },
		"skip_footer": func(n ast.Node) { in.SkipFooter = l.count(n, 0, maxSkipFooter) },
		"hidden_rows": func(n ast.Node) { in.HiddenRows = l.oneOf(n, "read", hiddenSkip) },
	}
}

// mistake notes a mistake at a node, unless there was one before.
func (l *linter) mistake(n ast.Node, message, hint string) {
	l.err = cmp.Or(l.err, yamlMistake(l.file, n.GetToken(), message, hint))
}

// unknown notes a word that is not among all. It suggests the nearest one, or else gives the hint or lists all.
func (l *linter) unknown(n ast.Node, what, word string, all []string, hint string) {
	if near := Nearest(all, word); near != "" {
		hint = fmt.Sprintf(hintProfileNear, near)
	}
	hint = cmp.Or(hint, fmt.Sprintf(hintProfileAmong, strings.Join(all, ", ")))
	l.mistake(n, fmt.Sprintf(msgProfileUnknown, what, shown(word)), hint)
}

// pairs iterates over the keys of a mapping, each with its node. It ends at the first mistake.
func (l *linter) pairs(n ast.Node) iter.Seq2[string, *ast.MappingValueNode] {
	return func(yield func(string, *ast.MappingValueNode) bool) {
		m, ok := n.(ast.MapNode)
		if !ok {
			l.mistake(n, msgProfileMapping, hintProfileMapping)
			return
		}
		seen := map[string]bool{}
		for it := m.MapRange(); it.Next(); {
			key := l.text(it.Key())
			if seen[key] {
				l.mistake(it.Key(), fmt.Sprintf(msgProfileTwice, shown(key)), hintProfileTwice)
			}
			seen[key] = true
			if l.err != nil || !yield(key, it.KeyValue()) {
				return
			}
		}
	}
}

func (l *linter) mapping(n ast.Node, read readers) {
	for key, pair := range l.pairs(n) {
		if take := read[key]; take != nil {
			take(pair.Value)
		} else {
			l.unknownKey(pair.Key, key, slices.Sorted(maps.Keys(read)))
		}
	}
}

// unknownKey notes a key that a mapping does not have. The name of a column is in the wrong place.
func (l *linter) unknownKey(n ast.Node, key string, all []string) {
	if _, column := billing.ColumnByName(key); column && slices.Contains(all, "columns") {
		l.mistake(n, fmt.Sprintf(msgProfileIsColumn, key), hintProfileIsColumn)
		return
	}
	l.unknown(n, "key", key, all, "")
}

// yamlAdvice says what to do about a mistake that the YAML parser reports in its own words.
func yamlAdvice(message string) string {
	for part, advice := range map[string]string{
		yamlContext: hintYAMLContext,
		yamlTab:     hintYAMLTab,
		yamlColon:   hintYAMLColon,
		yamlNoMap:   hintYAMLNoMap,
	} {
		if strings.Contains(message, part) {
			return advice
		}
	}
	return hintYAML
}

// defaults reads values by column. VAT cannot have one: an exempt line may have an empty cell, and would be taxed.
func (l *linter) defaults(n ast.Node) map[billing.Column]string {
	for key, pair := range l.pairs(n) {
		if key == billing.ColVAT.String() {
			l.mistake(pair.Key, msgProfileVATDefault, hintProfileVATDefault)
		}
	}
	return l.byColumn(n)
}

// text is a value as it is written, so that 0151 keeps its zero and NO does not become false.
func (l *linter) text(n ast.Node) string {
	switch v := n.(type) {
	case *ast.StringNode:
		return v.Value
	case *ast.LiteralNode:
		return strings.TrimSpace(v.Value.Value)
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return n.GetToken().Value
	case *ast.NullNode:
		return ""
	}
	l.mistake(n, msgProfileSingle, "")
	return ""
}

// texts reads a list of texts, or one text.
func (l *linter) texts(n ast.Node) (all []string) {
	values := []ast.Node{n}
	if list, ok := n.(*ast.SequenceNode); ok {
		values = list.Values
	}
	for _, value := range values {
		all = append(all, l.text(value))
	}
	return all
}

// names reads names and patterns of columns. Neither may be empty or asterisks alone: it would stand for all columns.
func (l *linter) names(n ast.Node) []string {
	all := l.texts(n)
	for _, header := range all {
		if strings.Trim(normalise(header), "* ") == "" {
			l.mistake(n, fmt.Sprintf(msgProfileNoName, header), hintProfileNoName)
		}
	}
	return all
}

// oneOf reads a value that must be one of the words, without regard to case.
func (l *linter) oneOf(n ast.Node, words ...string) string {
	value := l.text(n)
	i := slices.IndexFunc(words, func(w string) bool { return strings.EqualFold(w, value) })
	if i < 0 {
		l.unknown(n, "value", value, words, "")
		return ""
	}
	return words[i]
}

func (l *linter) count(n ast.Node, least, most int) int {
	value := l.text(n)
	number, err := strconv.Atoi(value)
	if err != nil || number < least || number > most {
		l.mistake(n, fmt.Sprintf(msgProfileCount, shown(value), least, most), "")
	}
	return number
}

func (l *linter) truth(n ast.Node) bool {
	v, ok := n.(*ast.BoolNode)
	if !ok {
		l.mistake(n, msgProfileTruth, "")
	}
	return ok && v.Value
}

// country reads a country. Its VAT rates must be known.
func (l *linter) country(n ast.Node) string {
	value := l.text(n)
	code := billing.CountryCode(value)
	if rates, _ := billing.VATRates(code, "", "", "2026-01-01"); len(rates) == 0 {
		l.mistake(n, fmt.Sprintf(msgProfileSeller, shown(value)), hintProfileSeller)
	}
	return code
}

// byColumn reads values by our columns.
func (l *linter) byColumn(n ast.Node) map[billing.Column]string {
	values := map[billing.Column]string{}
	for key, pair := range l.pairs(n) {
		values[l.column(pair.Key, key)] = l.text(pair.Value)
	}
	return values
}

var placeholderText = regexp.MustCompile(`\{([^{}]*)\}`)

// reference reads the template of order references, and checks its placeholders and that it changes with time.
func (l *linter) reference(n ast.Node) string {
	value := l.text(n)
	if strings.ContainsAny(placeholderText.ReplaceAllLiteralString(value, ""), "{}") {
		l.mistake(n, fmt.Sprintf(msgProfileBraces, shown(value)), hintProfileBraces)
	}
	allowed := []string{"period"}
	for _, c := range billing.Columns() {
		if c.Info().Order && c != billing.ColOrderReference {
			allowed = append(allowed, c.String())
		}
	}
	for _, found := range placeholderText.FindAllStringSubmatch(value, -1) {
		if !slices.Contains(allowed, found[1]) {
			l.unknown(n, "placeholder", found[1], allowed, "")
		}
	}
	if value != "" && !onceOnly.MatchString(value) {
		l.mistake(n, fmt.Sprintf(msgProfileEveryMonth, shown(value)), hintProfileEveryMonth)
	}
	return value
}

// onceOnly matches what makes each month's references different: a period, a date, a written month, or the number of
// a document. A reference is invoiced once and never again, so without it the second month would not be invoiced.
var onceOnly = regexp.MustCompile(`\{(period|due_date|customer_reference)\}|\b20\d\d-?(0[1-9]|1[0-2])`)

// severity reads the severities of problem codes. Lowering a code that must not be lowered is an *[Error].
func (l *linter) severity(n ast.Node) map[billing.Code]billing.Severity {
	levels, codes := map[billing.Code]billing.Severity{}, map[string]billing.CodeInfo{}
	for _, info := range billing.Codes() {
		codes[string(info.Code)] = info
	}
	for key, pair := range l.pairs(n) {
		info, ok := codes[key]
		if !ok {
			l.unknown(pair.Key, "problem code", key, slices.Sorted(maps.Keys(codes)), hintProfileCodes)
		}
		var s billing.Severity
		if err := s.UnmarshalText([]byte(l.text(pair.Value))); err != nil {
			l.mistake(pair.Value, err.Error(), "")
		} else if s != billing.Error && !info.Lowerable && l.err == nil {
			l.mistake(pair.Key, fmt.Sprintf(msgProfileLowered, key, s), hintProfileLowered)
			l.err = &Error{File: l.file, Code: codeNeeded, Message: msgProfileNothingBilled, Err: l.err}
		}
		levels[info.Code] = s
	}
	return levels
}
