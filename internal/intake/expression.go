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

// Expression says what a value is made of: a header, a text with {headers} in it, or a formula that begins with "=".
type Expression struct {
	text       string      // as the profile has it
	references []reference // in the order of their first use
	parts      []string    // of a text: what stands before, between and behind the references
	formula    *formula    // nil for a header or a text
	braced     bool        // a header alone, written in braces
}

// String is the expression as the profile has it.
func (x *Expression) String() string { return x.text }

// reference names a cell of the row, or of the row of a register that belongs to it.
type reference struct {
	register string // "" for the row itself
	header   string
	nth      int // which of the columns with that header, from 1; 0 where the profile does not say it
}

// same reports whether two references name the same column, spelled in the same way or not.
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

// cell reports whether the expression is a single cell, taken as it is.
func (x *Expression) cell() bool { return x.formula == nil && x.parts == nil }

var nthText = regexp.MustCompile(`^(.+)#([1-9][0-9]?)$`)

// parseReference reads what stands in braces: Header, Header#2 or register.Header.
func parseReference(text string, registers []string) reference {
	var r reference
	if name, header, found := strings.Cut(text, "."); found && slices.Contains(registers, strings.TrimSpace(name)) {
		r.register, text = strings.TrimSpace(name), header
	}
	r.header = strings.TrimSpace(text)
	if m := nthText.FindStringSubmatch(r.header); m != nil {
		r.header = m[1]
		r.nth, _ = strconv.Atoi(m[2]) // digits
	}
	return r
}

// parseExpression reads an expression for a kind of column; with "" it must be a formula that is true or false.
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

// parseText splits a text with {headers} into references and the parts around them.
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

// behind moves the place of a mistake by the text that stands before the formula.
func (m *formulaMistake) behind(before string) *formulaMistake {
	if m == nil {
		return nil
	}
	if m.line == 1 {
		m.column += len([]rune(before[strings.LastIndex(before, "\n")+1:]))
	}
	m.line += strings.Count(before, "\n")
	return m
}

// find is the index of a reference's column in a header. The error is a *missingHeaderError, or a refusal where
// several columns have the header and the reference does not say which.
func (r reference) find(header []string) (int, error) {
	// a header of the file may itself end in #2
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

// missingHeaderError is a reference to a header that a table does not have.
type missingHeaderError struct {
	reference reference
	there     int // how many columns have the header, fewer than the reference counts
}

func (e *missingHeaderError) Error() string {
	if e.there > 0 {
		return fmt.Sprintf(msgHeaderMissingNth, e.reference, e.there)
	}
	return fmt.Sprintf(msgHeaderMissing, e.reference.header)
}

// need is a header that the profile reads: what for, and as what kind.
type need struct {
	what string
	reference
	kind billing.Kind
	want string // the header, normalised
}

// needsOf are an expression's references to cells of the row itself; x may be nil. kind is that of the column.
func needsOf(what string, x *Expression, kind billing.Kind) (needs []need) {
	if x == nil {
		return nil
	}
	for i, r := range x.references {
		if r.register == "" {
			needs = append(needs, need{what: what, reference: r, kind: x.kindOf(i, kind)})
		}
	}
	return needs
}

// kindOf is the kind as which the i-th reference is read, in an expression for a column of the given kind.
func (x *Expression) kindOf(i int, kind billing.Kind) billing.Kind {
	switch {
	case x.formula != nil:
		return x.formula.reads[i]
	case x.cell():
		return kind
	}
	return billing.Text
}

// readAs is the strongest kind as which the profile reads a column of a register.
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

// usesOf names the columns that are made of a cell of a register, or else the register.
func (p *Profile) usesOf(r reference) string {
	var names []string
	for _, c := range billing.Columns() {
		if x := p.Columns[c]; x != nil && slices.ContainsFunc(x.references, r.same) {
			names = append(names, c.String())
		}
	}
	return cmp.Or(strings.Join(names, ", "), "register "+r.register)
}

// stronger reports whether the first kind wins where a column is read as both. Numbers win over days, and days over
// the others, since their decimal marks and orders of dates must be observed.
func stronger(one, other billing.Kind) bool {
	return isNumeric(one) || one == billing.Day && !isNumeric(other)
}

// expressions are all expressions of the profile, each with the kind of its column. Those without one are texts.
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

// kindOf is the kind as which the cells of a column are read: texts where the profile has values for their words.
func (p *Profile) kindOf(c billing.Column) billing.Kind {
	if p.valuesOf(c) != nil {
		return billing.Text
	}
	return c.Kind()
}

// wants are all headers of its table that the profile names.
func (p *Profile) wants() []need {
	p = p.orNone()
	needs := slices.Clone(p.needs)
	for _, c := range billing.Columns() {
		needs = append(needs, needsOf(c.String(), p.Columns[c], p.kindOf(c))...)
	}
	if !p.register {
		needs = append(needs, needsOf("only", p.Only, billing.Text)...)
	}
	for _, r := range p.FillCells {
		needs = append(needs, need{what: "fill_down", reference: r, kind: billing.Text})
	}
	needs = append(needs, needsOf("head", p.Head, billing.Text)...)
	for _, j := range p.Registers {
		needs = append(needs, needsOf("register "+j.Name, j.By, billing.Identifier)...)
		if j.inLines() {
			needs = append(needs, needsOf("register "+j.Name, j.Only, billing.Text)...)
		}
	}
	return needs
}
