package intake

import (
	"cmp"
	"fmt"
	"iter"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"kraviabatch/internal/billing"
)

// Expression is what a profile makes a value of: the name of a header, a text with {headers} in it, or a
// formula that begins with "=".
type Expression struct {
	text       string // as the profile has it
	references []reference
	parts      []string // of a text: what stands around the references
	formula    *formula
	braced     bool // a cell alone, written in braces
}

// String is the expression as the profile has it.
func (x *Expression) String() string { return x.text }

// reference names a cell of the row, or of the row of a register.
type reference struct {
	register string // "" for the row itself
	header   string
	nth      int // which column of that name, 0 if there is one
}

// same reports whether two references name the same column, however they spell it.
func (r reference) same(other reference) bool {
	return r.register == other.register && r.nth == other.nth && normalise(r.header) == normalise(other.header)
}

func (r reference) String() string {
	name := r.header
	if r.nth > 0 {
		name += "#" + strconv.Itoa(r.nth)
	}
	if r.register != "" {
		name = r.register + "." + name
	}
	return name
}

// cell reports whether the expression is a cell as it stands.
func (x *Expression) cell() bool { return x.formula == nil && x.parts == nil }

var nthText = regexp.MustCompile(`^(.+)#([1-9][0-9]?)$`)

// parseReference takes what stands in braces apart.
func parseReference(text string, registers []string) reference {
	var r reference
	if name, header, found := strings.Cut(text, "."); found && slices.Contains(registers, strings.TrimSpace(name)) {
		r.register, text = strings.TrimSpace(name), header
	}
	r.header = strings.TrimSpace(text)
	if m := nthText.FindStringSubmatch(r.header); m != nil {
		r.header, r.nth = m[1], int(m[2][0]-'0')
		if len(m[2]) > 1 {
			r.nth, _ = strconv.Atoi(m[2]) // digits
		}
	}
	return r
}

// parseExpression reads an expression that is for a kind of column, or with "" one that must be true or false.
func parseExpression(text string, registers []string, target billing.Kind) (*Expression, *formulaMistake) {
	x := &Expression{text: text}
	body, isFormula := strings.CutPrefix(strings.TrimLeft(text, " \t\n"), "=")
	switch {
	case isFormula:
		before := text[:len(text)-len(body)]
		code, headers, mistake := withVariables(body)
		if mistake == nil {
			x.formula, mistake = compileFormula(code, len(headers), target)
		}
		for _, header := range headers {
			x.references = append(x.references, parseReference(header, registers))
		}
		return x, mistake.behind(before)
	case target == "":
		return x, &formulaMistake{1, 1, msgFormulaExpected}
	case !strings.ContainsAny(text, "{}"):
		x.references = []reference{parseReference(text, registers)}
		return x, nil
	}
	mistake := x.parseText(registers)
	if len(x.references) == 1 && strings.Trim(strings.Join(x.parts, ""), " ") == "" { // a cell alone
		x.parts, x.braced = nil, true
	}
	if mistake == nil && x.parts != nil && isNumeric(target) {
		mistake = &formulaMistake{1, 1, msgFormulaTextForNumber}
	}
	return x, mistake
}

// parseText takes a text with {headers} apart.
func (x *Expression) parseText(registers []string) *formulaMistake {
	rest := x.text
	for {
		before, after, found := strings.Cut(rest, "{")
		if strings.Contains(before, "}") {
			return &formulaMistake{1, 1, msgFormulaCloseBrace}
		}
		x.parts = append(x.parts, before)
		if !found {
			return nil
		}
		name, behind, closed := strings.Cut(after, "}")
		switch {
		case !closed || strings.Contains(name, "{"):
			return &formulaMistake{1, 1, msgFormulaOpenBrace}
		case strings.TrimSpace(name) == "":
			return &formulaMistake{1, 1, msgFormulaNoName}
		}
		x.references, rest = append(x.references, parseReference(name, registers)), behind
	}
}

// behind moves a mistake behind the text that stands before the formula.
func (m *formulaMistake) behind(before string) *formulaMistake {
	if m == nil {
		return nil
	}
	lines := strings.Count(before, "\n")
	if m.line == 1 {
		m.column += len([]rune(before[strings.LastIndex(before, "\n")+1:]))
	}
	m.line += lines
	return m
}

// find is where a reference stands in a header, or why it does not.
func (r reference) find(header []string) (int, error) {
	// a header that ends in #2 itself
	if i := slices.Index(header, r.String()); r.register == "" && r.nth > 0 && i >= 0 {
		return i, nil
	}
	var there []int
	for i, h := range header {
		if normalise(h) == normalise(r.header) {
			there = append(there, i)
		}
	}
	switch {
	case len(there) == 0 || r.nth > len(there):
		return -1, &missingHeaderError{r, len(there)}
	case r.nth > 0:
		return there[r.nth-1], nil
	case len(there) > 1:
		first, second := columnLetters(there[0]), columnLetters(there[1])
		return -1, refuse(codeAmbiguous, fmt.Sprintf(msgHeaderTwice, r.header, first, second),
			fmt.Sprintf(hintHeaderTwice, r.header)).at(0, r.header, "")
	}
	return there[0], nil
}

// missingHeaderError tells of a reference to a header that a table does not have.
type missingHeaderError struct {
	reference reference
	there     int // how many columns of that name there are
}

func (e *missingHeaderError) Error() string {
	if e.there > 0 {
		return fmt.Sprintf(msgHeaderMissingNth, e.reference, e.there)
	}
	return fmt.Sprintf(msgHeaderMissing, e.reference.header)
}

// need is a reference to the profile's table, what the profile wants it for, and what its cells are read as,
// if that is no text.
type need struct {
	what string
	reference
	kind billing.Kind
	want string // the header, normalised
}

// needsOf are the references of an expression to cells of the row itself. kind is that of the column which it is for.
func needsOf(what string, x *Expression, kind billing.Kind) []need {
	var needs []need
	for i, r := range x.references {
		if r.register == "" {
			needs = append(needs, need{what: what, reference: r, kind: x.kindOf(i, kind)})
		}
	}
	return needs
}

// kindOf is what a reference of an expression is read as, for a column of a kind.
func (x *Expression) kindOf(i int, kind billing.Kind) billing.Kind {
	switch {
	case x.formula != nil:
		return x.formula.reads[i]
	case x.cell():
		return kind
	}
	return billing.Text
}

// readAs is what the profile reads the cells of a register's column as.
func (p *Profile) readAs(r reference) billing.Kind {
	as := billing.Text
	for x, kind := range p.expressions() {
		for i, other := range x.references {
			if of := x.kindOf(i, kind); other.same(r) && stronger(of, as) {
				as = of
			}
		}
	}
	return as
}

// usesOf names the columns that are made of a register's cell, or else the register.
func (p *Profile) usesOf(r reference) string {
	var names []string
	for _, c := range billing.Columns() {
		if x := p.Columns[c]; x != nil && slices.ContainsFunc(x.references, r.same) {
			names = append(names, c.String())
		}
	}
	return cmp.Or(strings.Join(names, ", "), "register "+r.register)
}

// stronger reports whether a column that is read in two ways is to be observed as the one: a number goes
// before a day, a day before the others.
func stronger(one, other billing.Kind) bool {
	return isNumeric(one) || one == billing.Day && !isNumeric(other)
}

// expressions are all that the profile has, each with the kind of its column.
func (p *Profile) expressions() iter.Seq2[*Expression, billing.Kind] {
	return func(yield func(*Expression, billing.Kind) bool) {
		for _, c := range billing.Columns() {
			if x := p.orNone().Columns[c]; x != nil && !yield(x, p.kindOf(c)) {
				return
			}
		}
		others := []*Expression{p.orNone().Only, p.orNone().Head}
		for _, j := range p.orNone().Registers {
			others = append(others, j.By)
		}
		for _, x := range others {
			if x != nil && !yield(x, billing.Text) {
				return
			}
		}
	}
}

// kindOf is what a column's cells are read as: words where the profile says what they stand for.
func (p *Profile) kindOf(c billing.Column) billing.Kind {
	if p.valuesOf(c) != nil {
		return billing.Text
	}
	return c.Kind()
}

// wants are all that the profile names in its table.
func (p *Profile) wants() []need {
	p = p.orNone()
	needs := slices.Clone(p.needs)
	for _, c := range billing.Columns() {
		if x := p.Columns[c]; x != nil {
			needs = append(needs, needsOf(c.String(), x, p.kindOf(c))...)
		}
	}
	if p.Only != nil && !p.register {
		needs = append(needs, needsOf("only", p.Only, billing.Text)...)
	}
	for _, r := range p.FillCells {
		needs = append(needs, need{what: "fill_down", reference: r, kind: billing.Text})
	}
	if p.Head != nil {
		needs = append(needs, needsOf("head", p.Head, billing.Text)...)
	}
	for _, j := range p.Registers {
		if j.By != nil {
			needs = append(needs, needsOf("register "+j.Name, j.By, billing.Identifier)...)
		}
		if j.inLines() {
			needs = append(needs, needsOf("register "+j.Name, j.Only, billing.Text)...)
		}
	}
	return needs
}
