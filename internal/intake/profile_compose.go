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

// compile reads the parts that need the names of all registers, further down, and checks that all fit together.
func (l *linter) compile(p *Profile) {
	for _, read := range l.later {
		if l.err == nil {
			read()
		}
	}
	if l.err != nil {
		return
	}
	l.namedTwice(p)
	for _, j := range p.Registers {
		if len(p.of(j.Name)) == 0 {
			l.mistake(l.nodes[j.Name], fmt.Sprintf(msgRegisterUnread, j.Name), fmt.Sprintf(hintRegisterUnread, j.Name))
		}
	}
	for i, j := range p.Registers {
		same := func(other Join) bool { return j.File != "" && strings.EqualFold(j.File, other.File) }
		if at := slices.IndexFunc(p.Registers[:i], same); at >= 0 {
			l.mistake(l.nodes[j.Name], fmt.Sprintf(msgRegisterSameFile, p.Registers[at].Name, j.Name),
				hintRegisterSameFile)
		}
		if as := p.kindOf(j.ByColumn); j.ByColumn != 0 && (isNumeric(as) || as == billing.Day) {
			l.mistake(l.nodes[j.Name], fmt.Sprintf(msgRegisterByNumber, j.Name, j.ByColumn), hintRegisterByNumber)
		}
	}
	for _, j := range p.Registers {
		if p.looksUp(j.Name, j.Name, nil) {
			l.mistake(l.nodes[j.Name], fmt.Sprintf(msgRegisterByItself, j.Name), hintRegisterByItself)
		}
	}
}

// namedTwice finds a header that is read as a column and also stands by name in ignore, or in braces in fill_down. A
// pattern in ignore does not count: it is meant for the other headers.
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
			l.mistake(l.ignore, fmt.Sprintf(msgProfileIgnoredAndRead, shown(header.String()), c), hintProfileTwice)
		}
		if slices.ContainsFunc(p.FillCells, header.same) {
			l.mistake(l.fill, fmt.Sprintf(msgProfileFilledTwice, shown(header.String()), c),
				fmt.Sprintf(hintProfileFilledTwice, c, shown(header.String())))
		}
	}
}

// looksUp reports whether a register is looked up by a cell of the other one, also through some not in through.
func (p *Profile) looksUp(register, other string, through []string) bool {
	if slices.Contains(through, register) {
		return false
	}
	j := p.join(register)
	x := cmp.Or(j.By, p.Columns[j.ByColumn])
	return x != nil && slices.ContainsFunc(x.references, func(r reference) bool {
		return r.register == other || r.register != "" && p.looksUp(r.register, other, append(through, register))
	})
}

// expression compiles an expression for a kind of column, "" for a condition. A mistake is placed inside of it.
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
	l.err = cmp.Or(l.err, yamlMistake(l.file, &place, message, hintProfileFormulas))
	return x
}

// columns reads what each column is made of. Two columns cannot have the same header, unless one is read from head
// rows and the other from lines. With braces a header can be used any number of times.
func (l *linter) columns(n ast.Node, p *Profile) map[billing.Column]*Expression {
	columns, used := map[billing.Column]*Expression{}, map[reference]billing.Column{}
	for key, pair := range l.pairs(n) {
		c := l.column(pair.Key, key)
		text := l.text(pair.Value)
		if strings.Trim(normalise(text), "= ") == "" {
			l.mistake(pair.Key, fmt.Sprintf(msgProfileNoHeader, key), hintProfileNoHeader)
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
			l.mistake(pair.Key, fmt.Sprintf(msgProfileHeaderTwice, shown(text), other, key),
				fmt.Sprintf(hintProfileHeaderTwice, "{"+x.references[0].String()+"}"))
		}
		used[of] = c
	}
	return columns
}

// column is our column with a name.
func (l *linter) column(n ast.Node, name string) billing.Column {
	c, ok := billing.ColumnByName(name)
	if !ok {
		l.unknown(n, "column", name, billing.ColumnNames(), "")
	}
	return c
}

// fillDown reads our columns, and headers in braces. Amounts are not filled down: an empty one may mean zero.
func (l *linter) fillDown(n ast.Node, p *Profile) {
	l.fill = n
	for _, text := range l.texts(n) {
		name, inBraces := strings.CutPrefix(text, "{")
		name, closed := strings.CutSuffix(name, "}")
		if !inBraces {
			c := l.column(n, text)
			p.FillDown = append(p.FillDown, c)
			if c == billing.ColQuantity || c == billing.ColDiscountPercent || c.Kind() == billing.Money {
				l.mistake(n, fmt.Sprintf(msgProfileNotFilled, c), hintProfileNotFilled)
			}
			continue
		}
		r := parseReference(name, slices.Collect(maps.Keys(l.nodes)))
		p.FillCells = append(p.FillCells, r)
		if !closed || r.header == "" || r.register != "" || strings.ContainsAny(name, "{}") {
			l.mistake(n, fmt.Sprintf(msgProfileNotAHeader, shown(text)), hintProfileNotAHeader)
		}
	}
}

// condition reads a formula that is true or false.
func (l *linter) condition(n ast.Node, to **Expression) {
	text := l.text(n)
	// first in the list, since columns checks head
	l.later = slices.Insert(l.later, 0, func() { *to = l.expression(n, text, "") })
}

// input reads how a file is written.
func (l *linter) input(n ast.Node, in *Input) {
	l.mapping(n, l.inputKeys(in))
	switch {
	case in.headerless && len(in.Headers) == 0:
		l.mistake(n, msgProfileNoHeaders, hintProfileNoHeaders)
	case !in.headerless && len(in.Headers) > 0:
		l.mistake(n, msgProfileHeaders, hintProfileHeaders)
	}
}

// headerNames reads the names for the columns of a table without a header row. All names must differ.
func (l *linter) headerNames(n ast.Node) []string {
	all, seen := l.texts(n), map[string]bool{}
	for _, name := range all {
		if folded := normalise(name); folded != "" && seen[folded] {
			l.mistake(n, fmt.Sprintf(msgProfileTwoColumns, shown(name)), hintProfileTwoColumns)
		} else {
			seen[folded] = true
		}
	}
	return all
}

// foldWord makes words comparable without regard to case and to what foldSpaces evens out.
func foldWord(text string) string { return strings.ToLower(strings.TrimSpace(foldSpaces(text))) }

// foldSpaces makes texts comparable that look the same: it evens out kinds of spaces, removes invisible characters
// and composes letters of several parts, such as a and a ring.
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

// values reads what the words of the export stand for, by column.
func (l *linter) values(n ast.Node) map[billing.Column]*Values {
	values := map[billing.Column]*Values{}
	for key, pair := range l.pairs(n) {
		c := l.column(pair.Key, key)
		v := &Values{of: map[string]string{}, written: map[string]string{}}
		for word, entry := range l.pairs(pair.Value) {
			folded := foldWord(word)
			if _, twice := v.of[folded]; twice {
				l.mistake(entry.Key, fmt.Sprintf(msgProfileTwice, shown(word)), hintProfileWordTwice)
			}
			v.words, v.of[folded] = append(v.words, word), l.value(entry.Value, c)
			v.written[folded] = strings.TrimSpace(word)
		}
		if len(v.words) == 0 {
			l.mistake(pair.Key, fmt.Sprintf(msgProfileNoWords, key), fmt.Sprintf(hintProfileNoWords, key))
		}
		values[c] = v
	}
	return values
}

// value reads what a word stands for. It must be a valid value of the column, or empty.
func (l *linter) value(n ast.Node, c billing.Column) string {
	text, bad := l.text(n), ""
	if _, null := n.(*ast.NullNode); null {
		l.mistake(n, msgProfileNoValue, hintProfileNoValue)
	}
	switch info := c.Info(); c.Kind() {
	case billing.Number, billing.Money, billing.Percent:
		if _, err := money.ParseDecimal(text, money.Dot); err != nil && text != "" {
			bad = msgProfileNotNumber
		}
	case billing.Day:
		if !billing.IsDay(text) && text != "" {
			bad = msgProfileNotDate
		}
	case billing.Choice:
		if text != "" &&
			!slices.ContainsFunc(info.Choices, func(word string) bool { return strings.EqualFold(word, text) }) {
			bad = fmt.Sprintf(msgProfileNotAmong, strings.Join(info.Choices, ", "))
		}
	case billing.Text, billing.Identifier:
		if _, known := billing.KnownCountry(text); c == billing.ColCountry && text != "" && !known {
			bad = msgProfileNotCountry
		}
	}
	if bad != "" {
		l.mistake(n, fmt.Sprintf(msgProfileNotAValue, shown(text), bad, c),
			fmt.Sprintf(hintProfileValue, c, c.Info().Example))
	}
	return text
}

// registers reads the registers, in the order of the file. Their expressions are compiled later, see compile.
func (l *linter) registers(n ast.Node) (all []Join) {
	l.nodes = map[string]ast.Node{}
	for name, pair := range l.pairs(n) {
		if strings.ContainsAny(name, ".{}#=") || strings.TrimSpace(name) != name || name == "" {
			l.mistake(pair.Key, fmt.Sprintf(msgRegisterName, shown(name)), hintRegisterName)
		}
		l.nodes[name] = pair.Key
		j := Join{Name: name}
		key, by := "", ast.Node(nil)
		var only ast.Node
		l.mapping(pair.Value, readers{
			"file": func(n ast.Node) {
				if j.File = l.text(n); j.File == "" || strings.ContainsAny(j.File, "/\\") {
					l.mistake(n, fmt.Sprintf(msgRegisterFile, shown(j.File)), hintRegisterFile)
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
			l.mistake(pair.Key, fmt.Sprintf(msgRegisterNoKey, name), hintRegisterNoKey)
		case by == nil:
			l.mistake(pair.Key, fmt.Sprintf(msgRegisterNoBy, name), hintRegisterNoBy)
		case j.inLines() && only == nil:
			l.mistake(pair.Key, fmt.Sprintf(msgRegisterNowhere, name), hintRegisterNowhere)
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
				l.unknown(by, "column", text, billing.ColumnNames(), hintRegisterBy)
			}
		}}, l.later...)
	}
	return all
}
