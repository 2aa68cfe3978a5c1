package intake

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/goccy/go-yaml/ast"
	"golang.org/x/text/unicode/norm"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// compile reads what needs the names of all registers, and finds what does not fit together.
func (l *linter) compile(p *Profile) {
	for _, read := range l.later {
		if l.err == nil {
			read()
		}
	}
	if l.err == nil {
		l.namedTwice(p)
	}
	for _, j := range p.Registers {
		if l.err == nil && len(p.of(j.Name)) == 0 {
			l.mistake(l.nodes[j.Name], "no column is read from the register "+j.Name,
				fmt.Sprintf("name one of its headers in columns: business_name: %s.Name", j.Name))
		}
	}
	for i, j := range p.Registers {
		same := func(other Join) bool { return j.File != "" && strings.EqualFold(j.File, other.File) }
		if at := slices.IndexFunc(p.Registers[:i], same); l.err == nil && at >= 0 {
			l.mistake(l.nodes[j.Name],
				fmt.Sprintf("the registers %s and %s have the same file", p.Registers[at].Name, j.Name),
				"a file is one register: give a copy under another name, and write that name here")
		}
		if as := p.kindOf(j.ByColumn); l.err == nil && j.ByColumn != 0 && (isNumeric(as) || as == billing.Day) {
			l.mistake(l.nodes[j.Name],
				fmt.Sprintf("the register %s is looked up by %s, which is no text", j.Name, j.ByColumn),
				`look it up by a header: by: "{Header}"`)
		}
	}
	for _, j := range p.Registers {
		if l.err == nil && p.looksUp(j.Name, j.Name, nil) {
			l.mistake(l.nodes[j.Name], fmt.Sprintf("the register %s is looked up by what it gives itself", j.Name),
				"look it up by a column of the lines")
		}
	}
}

// namedTwice finds a header that is read as a column, and is passed over too or filled down by itself. A
// pattern of ignore passes over the others.
func (l *linter) namedTwice(p *Profile) {
	for _, c := range billing.Columns() {
		x := p.Columns[c]
		if x == nil || !x.cell() || x.braced || x.references[0].register != "" {
			continue
		}
		header := x.references[0]
		if slices.ContainsFunc(p.Ignore, func(other string) bool {
			return !strings.Contains(other, "*") && normalise(other) == normalise(header.String())
		}) {
			l.mistake(l.ignore,
				fmt.Sprintf("%q is passed over here, and %s is read from it", shown(header.String()), c), "remove one")
		}
		if slices.ContainsFunc(p.FillCells, header.same) {
			l.mistake(l.fill, fmt.Sprintf("{%s} is %s", shown(header.String()), c),
				fmt.Sprintf(
					"write fill_down: [%s], or where formulas need the cell too, columns: {%[1]s: \"{%s}\"} beside it", c, shown(header.String())))
		}
	}
}

// looksUp reports whether a register is looked up by cells of another, or through more of them.
func (p *Profile) looksUp(register, other string, through []string) bool {
	if slices.Contains(through, register) {
		return false
	}
	j := p.join(register)
	x := j.By
	if x == nil {
		x = p.Columns[j.ByColumn]
	}
	return x != nil && slices.ContainsFunc(x.references, func(r reference) bool {
		return r.register == other || r.register != "" && p.looksUp(r.register, other, append(through, register))
	})
}

// expression compiles an expression for a kind of column, or with "" one that is true or false. Its mistake
// has the line and column inside it.
func (l *linter) expression(n ast.Node, text string, target billing.Kind) *Expression {
	x, mistake := parseExpression(text, slices.Collect(maps.Keys(l.nodes)), target)
	if mistake == nil {
		return x
	}
	place := *n.GetToken()
	position := *place.Position
	place.Position = &position
	value := place.Value
	if v, ok := n.(*ast.LiteralNode); ok {
		value = v.Value.Value
		position.Line, position.Column = position.Line+mistake.line, mistake.column
	} else {
		if strings.HasPrefix(place.Origin, "'") || strings.HasPrefix(strings.TrimSpace(place.Origin), `"`) {
			position.Column++
		}
		position.Line, position.Column = position.Line+mistake.line-1, position.Column+mistake.column-1
	}
	message := fmt.Sprintf("%s: %s", shown(strings.Join(strings.Fields(value), " ")), mistake.message)
	l.err = cmp.Or(l.err, yamlMistake(l.file, &place, message, "see the formulas in samples/PROFILES.md"))
	return x
}

// columns reads what each column is made of. One header cannot stand for two, unless a head row has it for
// one and the lines for the other.
func (l *linter) columns(n ast.Node, p *Profile) map[billing.Column]*Expression {
	columns, used := map[billing.Column]*Expression{}, map[reference]billing.Column{}
	for key, pair := range l.pairs(n) {
		c := l.column(pair.Key, key)
		text := l.text(pair.Value)
		if strings.Trim(normalise(text), "= ") == "" {
			l.mistake(pair.Key, fmt.Sprintf("column %s has no header", key),
				"name the header as the file has it, or remove the line")
		}
		if l.err != nil {
			return nil
		}
		x := l.expression(pair.Value, text, p.kindOf(c))
		columns[c] = x
		if !x.cell() || x.braced || len(x.references) == 0 || x.references[0].register != "" {
			continue
		}
		of := x.references[0]
		of.header = normalise(of.header)
		if other, twice := used[of]; twice && (p.Head == nil || other.Info().Order == c.Info().Order) {
			l.mistake(pair.Key, fmt.Sprintf("the header %q is given to %s and to %s", shown(text), other, key),
				fmt.Sprintf("keep one, or write %q if both are meant", "{"+x.references[0].String()+"}"))
		}
		used[of] = c
	}
	return columns
}

// column is the column of a name.
func (l *linter) column(n ast.Node, name string) billing.Column {
	c, ok := billing.ColumnByName(name)
	if !ok {
		l.unknown(n, "column", name, billing.ColumnNames(), "")
	}
	return c
}

// fillDown reads our columns, and headers in braces.
func (l *linter) fillDown(n ast.Node, p *Profile) {
	l.fill = n
	for _, text := range l.texts(n) {
		name, inBraces := strings.CutPrefix(text, "{")
		name, closed := strings.CutSuffix(name, "}")
		if !inBraces {
			c := l.column(n, text)
			if p.FillDown = append(p.FillDown, c); c == billing.ColQuantity || c.Kind() == billing.Money ||
				c == billing.ColDiscountPercent {
				l.mistake(n, fmt.Sprintf("%s is not filled down: an empty cell is no amount", c),
					"fill in the cells in the export")
			}
		} else if r := parseReference(name, slices.Collect(maps.Keys(l.nodes))); !closed || r.header == "" ||
			strings.ContainsAny(name, "{}") ||
			r.register != "" {
			l.mistake(n, fmt.Sprintf("%q is no header of the lines", shown(text)), `write one in braces: "{Status}"`)
		} else {
			p.FillCells = append(p.FillCells, r)
		}
	}
}

func (l *linter) condition(n ast.Node, to **Expression) {
	text := l.text(n)
	// before the columns, which look at head
	l.later = slices.Insert(l.later, 0, func() { *to = l.expression(n, text, "") })
}

// input reads how a table is written.
func (l *linter) input(n ast.Node, in *Input) {
	l.mapping(n, l.inputKeys(in))
	switch {
	case in.headerless && len(in.Headers) == 0:
		l.mistake(n, "header_row: none needs names for the columns",
			"write headers: [A, B, C] beside it, in the order of the file")
	case !in.headerless && len(in.Headers) > 0:
		l.mistake(n, "headers are for a table without a header row",
			"write header_row: none beside them, or leave them out")
	}
}

// headerNames reads the names of columns that have none. Each is another.
func (l *linter) headerNames(n ast.Node) []string {
	all, seen := l.texts(n), map[string]bool{}
	for _, name := range all {
		if folded := normalise(name); folded != "" && seen[folded] {
			l.mistake(n, fmt.Sprintf("%q is the name of two columns", shown(name)),
				"give each its own; an empty text stands for one that is not used")
		} else {
			seen[folded] = true
		}
	}
	return all
}

// foldWord makes words comparable that differ in capitals, or as foldSpaces says.
func foldWord(text string) string { return strings.ToLower(strings.TrimSpace(foldSpaces(text))) }

// foldSpaces makes texts comparable that look the same: with other spaces, invisible characters, or letters
// of several parts.
func foldSpaces(text string) string {
	plain := func(r rune) bool { return r > ' ' && r < 0x7f }
	if !strings.ContainsFunc(text, func(r rune) bool { return !plain(r) }) {
		return text
	}
	before := rune(0)
	return norm.NFC.String(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			r = ' '
		}
		if unicode.Is(unicode.Cf, r) || r == ' ' && before == ' ' {
			return -1
		}
		before = r
		return r
	}, text))
}

// values reads what their words stand for, by column.
func (l *linter) values(n ast.Node) map[billing.Column]*Values {
	values := map[billing.Column]*Values{}
	for key, pair := range l.pairs(n) {
		c := l.column(pair.Key, key)
		v := &Values{of: map[string]string{}, written: map[string]string{}}
		for word, entry := range l.pairs(pair.Value) {
			folded := foldWord(word)
			if _, twice := v.of[folded]; twice {
				l.mistake(entry.Key, fmt.Sprintf("%q stands here twice", shown(word)),
					"remove one; words are compared without case")
			}
			v.words, v.of[folded] = append(v.words, word), l.value(entry.Value, c)
			v.written[folded] = strings.TrimSpace(word)
		}
		if len(v.words) == 0 {
			l.mistake(pair.Key, fmt.Sprintf("values of %s list no word", key),
				fmt.Sprintf("write values: {%s: {\"their word\": our value}}", key))
		}
		values[c] = v
	}
	return values
}

// value reads what a word stands for, which must be a value of the column.
func (l *linter) value(n ast.Node, c billing.Column) string {
	text, bad := l.text(n), ""
	if _, null := n.(*ast.NullNode); null {
		l.mistake(n, "a word has no value",
			`write it behind the colon, with a point before decimals: "32": 11.11; an empty text is ""`)
	}
	switch info := c.Info(); c.Kind() {
	case billing.Number, billing.Money, billing.Percent:
		if _, err := money.ParseDecimal(text, money.Dot); err != nil && text != "" {
			bad = "is no number"
		}
	case billing.Day:
		if !billing.IsDay(text) && text != "" {
			bad = "is no date such as 2026-01-31"
		}
	case billing.Choice:
		if text != "" &&
			!slices.ContainsFunc(info.Choices, func(word string) bool { return strings.EqualFold(word, text) }) {
			bad = "is none of " + strings.Join(info.Choices, ", ")
		}
	case billing.Text, billing.Identifier:
		if _, known := billing.KnownCountry(text); c == billing.ColCountry && text != "" && !known {
			bad = "is no country that is known"
		}
	}
	if bad != "" {
		l.mistake(n, fmt.Sprintf("%q %s, so it is no value of %s", shown(text), bad, c),
			fmt.Sprintf("write a value of %s, such as %s", c, c.Info().Example))
	}
	return text
}

// registers reads which other tables are looked up, in the order of the file.
func (l *linter) registers(n ast.Node) (all []Join) {
	l.nodes = map[string]ast.Node{}
	for name, pair := range l.pairs(n) {
		if strings.ContainsAny(name, ".{}#=") || strings.TrimSpace(name) != name || name == "" {
			l.mistake(pair.Key, fmt.Sprintf("%q is no name of a register", shown(name)),
				"use a word, such as customers")
		}
		l.nodes[name] = pair.Key
		j := Join{Name: name}
		key, by := "", ast.Node(nil)
		var only ast.Node
		l.mapping(pair.Value, readers{
			"file": func(n ast.Node) {
				if j.File = l.text(n); j.File == "" || strings.ContainsAny(j.File, "/\\") {
					l.mistake(n, fmt.Sprintf("%q is no name of a file", shown(j.File)),
						`write the name alone, without folders; an asterisk stands for any text: file: "customers*.csv"`)
				}
			},
			"sheet": func(n ast.Node) { j.Sheet = l.text(n) },
			"key":   func(n ast.Node) { key = l.text(n) },
			"by":    func(n ast.Node) { by = n },
			"only":  func(n ast.Node) { only = n },
			"input": func(n ast.Node) { l.input(n, &j.Input) },
		})
		switch {
		case l.err != nil:
			return nil
		case key == "":
			l.mistake(pair.Key, fmt.Sprintf("the register %s has no key", name),
				"write key: the header whose cells are looked up")
		case by == nil:
			l.mistake(pair.Key, fmt.Sprintf("nothing looks the register %s up", name),
				"write by: the column whose value is the key, such as customer_number")
		case j.inLines() && only == nil:
			l.mistake(pair.Key, fmt.Sprintf("where the register %s stands is not said", name),
				`write file: "customers*.csv", sheet: Customers, or only: "= {Type} == 'C'" for rows among the lines`)
		}
		j.Key = parseReference(key, nil)
		all = append(all, j)
		at := len(all) - 1
		l.later = append([]func(){func() {
			if only != nil {
				all[at].Only = l.expression(only, l.text(only), "")
			}
			text := l.text(by)
			if c, ok := billing.ColumnByName(text); ok {
				all[at].ByColumn = c
			} else if strings.ContainsAny(text, "{=") {
				all[at].By = l.expression(by, text, billing.Identifier)
			} else {
				l.unknown(by, "column", text, billing.ColumnNames(), `name a column, or a header as "{Header}"`)
			}
		}}, l.later...)
	}
	return all
}
