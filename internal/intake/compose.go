package intake

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/xlsx"
)

// makes reports whether a column's cells are made of others: by a text, a formula, a register, a head row or the cell
// above. Any other column is a column of the table, read as it is.
func (p *Profile) makes(c billing.Column) bool {
	p = p.orNone()
	if p.carried(c) || slices.Contains(p.FillDown, c) {
		return true
	}
	x := p.Columns[c]
	return x != nil && (!x.cell() || x.braced || x.references[0].register != "" || x.references[0].nth > 0)
}

// carried reports whether a column is read from head rows.
func (p *Profile) carried(c billing.Column) bool { return p.orNone().Head != nil && c.Info().Order }

// compose prepares the derivation: registers, columns that the profile names, decimal marks and dates for formulas.
func (f *File) compose(ctx context.Context, p *Profile, header []string) error {
	d := &derivation{header: header, table: &f.layout}
	for i := range p.orNone().Registers {
		r, err := f.register(ctx, &p.Registers[i])
		if err != nil {
			return err
		}
		d.joins = append(d.joins, join{Register: r, col: -1})
	}
	for _, c := range billing.Columns() {
		if err := f.composeColumn(d, c); err != nil {
			return err
		}
	}
	for i := range d.joins {
		if err := f.composeJoin(d, &d.joins[i]); err != nil {
			return err
		}
	}
	var err error
	if d.only, err = f.bindTruth(d, "only", p.orNone().Only); err != nil {
		return err
	}
	if d.head, err = f.bindTruth(d, "head", p.orNone().Head); err != nil {
		return err
	}
	for _, r := range p.orNone().FillCells {
		at, err := r.find(header)
		if err != nil {
			return notThere(err, fmt.Sprintf(msgProfileFills, p.Name, r), header)
		}
		f.layout.columns[at].use("fill_down")
		d.filled = append(d.filled, at)
	}
	d.dates = p.orNone().Input.Dates
	severity, lowered := p.orNone().Severity["row.first_row"]
	d.partly = lowered && severity != billing.Error
	d.given = slices.ContainsFunc([]billing.Column{billing.ColDescription, billing.ColAmount, billing.ColUnitPrice},
		func(c billing.Column) bool { return p.given(c) != "" })
	d.identity = []billing.Column{billing.ColOrderReference}
	if f.layout.index(billing.ColOrderReference) < 0 {
		d.identity = nil
		for _, field := range placeholderText.FindAllStringSubmatch(p.orNone().Reference, -1) {
			if c, ok := billing.ColumnByName(field[1]); ok {
				d.identity = append(d.identity, c)
			}
		}
	}
	d.watch()
	if d.head != nil && !f.layout.given { // without a header a column is another one in each kind of row
		f.setApart(d)
	}
	if len(d.columns) > 0 || d.only != nil || d.head != nil || len(d.joins) > 0 {
		f.derivation = d
		return f.learn(ctx, p)
	}
	return nil
}

// composeColumn prepares a made column. Without columns in the profile it is filled down or read from head rows.
func (f *File) composeColumn(d *derivation, c billing.Column) error {
	p := f.profile
	if !p.makes(c) {
		return nil
	}
	m := making{
		known: c, target: p.kindOf(c), fromHead: p.carried(c), fill: slices.Contains(p.FillDown, c),
		otherwise: p.defaults()[c] != "",
	}
	made := column{known: c, values: p.valuesOf(c), heading: heading{how: byProfile, columns: []billing.Column{c}}}
	if x := p.Columns[c]; x != nil {
		b, err := f.bind(d, c.String(), p.kindOf(c), x)
		if err != nil {
			return err
		}
		m.from, made.text = b, strings.TrimSpace(x.text)
		if x.cell() {
			o := b.origins[0]
			if o.join < 0 && !m.fromHead {
				f.Tables[0].Known[o.at] = c
			}
			of := d.column(o)
			made.text, made.unit = x.references[0].String(), of.unit
			if o.join >= 0 {
				made.settled, made.mark, made.slash, made.dash = true, of.mark, of.slash, of.dash
			}
		}
	} else {
		at := f.layout.index(c)
		if at < 0 {
			return nil // the table does not have the column, or it is a constant
		}
		cell := &Expression{text: d.header[at], references: []reference{{header: d.header[at]}}}
		m.from = bound{Expression: cell, origins: []origin{{-1, at}}}
		own := &f.layout.columns[at]
		made.heading = own.heading
		own.known, own.columns, own.used = 0, nil, c.String()
	}
	decided := m.from.formula != nil || made.values != nil || made.settled
	// columns by which totals and orders are found
	rows := []billing.Column{billing.ColDescription, billing.ColOrderReference, billing.ColPrices, billing.ColAmount}
	fills := len(p.orNone().FillCells) > 0 && slices.Contains(completing(), c)
	m.tells = fills || m.fill || p.skipFooter() > 0 || p.orNone().Head != nil || slices.Contains(rows, c) ||
		!decided && (c.Numeric() || c.Kind() == billing.Day)
	f.Tables[0].Made = append(f.Tables[0].Made, c)
	d.columns, f.layout.made = append(d.columns, m), append(f.layout.made, made)
	return nil
}

// composeJoin prepares how rows look a register up, and which rows of the table belong to it.
func (f *File) composeJoin(d *derivation, j *join) (err error) {
	rule, what := j.rule, "register "+j.Name
	if rule.inLines() {
		for _, r := range append(f.profile.of(j.Name), rule.Key) {
			if at, err := (reference{header: r.header, nth: r.nth}).find(d.header); err == nil {
				f.layout.columns[at].use(what)
			}
		}
		if j.in, err = f.bindTruth(d, what, rule.Only); err != nil {
			return err
		}
	}
	if rule.By != nil {
		j.by, err = f.bind(d, what, billing.Identifier, rule.By)
		return err
	}
	j.value = f.profile.given(rule.ByColumn)
	if j.col = f.layout.index(rule.ByColumn); j.col < 0 && j.value == "" {
		message := fmt.Sprintf(msgRegisterNoColumn, f.profile.Name, j.Name, rule.ByColumn)
		return refuse(codeProfile, message, fmt.Sprintf(hintRegisterNoColumn, rule.ByColumn))
	}
	return nil
}

// bindTruth binds a formula that is true or false. It is nil where the profile has none.
func (f *File) bindTruth(d *derivation, what string, x *Expression) (*bound, error) {
	if x == nil {
		return nil, nil //nolint:nilnil // no formula
	}
	b, err := f.bind(d, what, billing.Text, x)
	return &b, err
}

// bind finds the columns of an expression's references, and notes what uses them, by the name that messages have.
func (f *File) bind(d *derivation, what string, kind billing.Kind, x *Expression) (bound, error) {
	b, p := bound{Expression: x}, f.profile
	known, isColumn := billing.ColumnByName(what)
	head := isColumn && p.carried(known)
	for i, r := range x.references {
		if f.currencyGiven(p) && (p.ignores(r.header) || p.ignoresByName(r.String())) {
			b.converted = append(b.converted, i)
		}
		if r.register != "" {
			j := slices.IndexFunc(d.joins, func(j join) bool { return j.Name == r.register })
			b.origins = append(b.origins, origin{j, slices.IndexFunc(p.of(r.register), r.same)})
			continue
		}
		at, err := r.find(d.header)
		if err != nil {
			return b, notThere(err, fmt.Sprintf(msgProfileReads, p.Name, what, r), d.header)
		}
		c, as := &f.layout.columns[at], x.kindOf(i, kind)
		c.use(what)
		if x.formula != nil && stronger(as, c.as) {
			c.as = as
		}
		if as != billing.Text && as != billing.Identifier {
			c.asHead, c.asLine = c.asHead || head || !isColumn, c.asLine || !head
		}
		b.origins = append(b.origins, origin{-1, at})
	}
	return b, nil
}

// use notes what the profile uses a column for.
func (c *column) use(what string) {
	if !slices.Contains(strings.Split(c.used, ", "), what) {
		c.used = strings.TrimPrefix(c.used+", "+what, ", ")
	}
}

// register is the register of a rule: one that was opened before, or a table of this file, which it opens.
func (f *File) register(ctx context.Context, j *Join) (*Register, error) {
	if j.File != "" {
		i := slices.IndexFunc(f.options.Registers, func(r *Register) bool { return r.Name == j.Name })
		if i < 0 {
			message := fmt.Sprintf(msgRegisterAbsent, f.profile.Name, j.Name)
			return nil, refuse(codeAbsent, message, fmt.Sprintf(hintRegisterAbsent, j.File))
		}
		return f.options.Registers[i], nil
	}
	path := f.Path
	if f.temporary {
		path = f.handle.Name()
	}
	r, err := OpenRegister(ctx, path, j.Name, f.options)
	if err != nil {
		return nil, err
	}
	r.File = f.Name
	f.tables = append(f.tables, r)
	f.notice(msgRegisterRows, countRows(r.Rows), r.Name, r.where())
	return r, nil
}

// learn settles the marks and dates of columns that formulas read, before any runs. It reads the table once more where
// the profile does not declare them, or where merged cells may decide. Only rows whose role uses a column count:
// without a header a column means something else in a head row than in a line.
func (f *File) learn(ctx context.Context, p *Profile) error {
	sheet, isSheet := f.source.(*sheetSource)
	ofHours, merged := f.derivation.readsHours(), isSheet && f.derivation.hasRoles()
	if ofHours || merged || slices.ContainsFunc(f.layout.columns, func(c column) bool {
		return c.as == billing.Day || isNumeric(c.as) && p.mark() == 0
	}) {
		in, err := f.source.rows()
		if err != nil {
			return err
		}
		if f.derivation.tellsRoles() {
			made := f.derivation.rows(in)
			made.rolesAlone, in = true, made
		}
		footer := &footerBuffer{size: p.skipFooter()}
		err = each(ctx, in, func(r *row) error {
			if r.blank() || isHeader(r, f.Tables[0].Header) || r.hidden && f.layout.skipHidden {
				return nil
			}
			if r = footer.push(r); r == nil || r.role == aRegister {
				return nil
			}
			for i := range min(len(r.cells), len(f.layout.columns)) {
				c := &f.layout.columns[i]
				if ofHours && c.numeric() && r.cells[i].Kind == xlsx.Text &&
					markOfNumber(bareNumber(r.cells[i].Value)) == onlyComma {
					f.derivation.commas = true
				}
				if c.as != "" && c.as != billing.Text && (r.role == aHead && c.asHead || r.role != aHead && c.asLine) {
					c.observe(r.number, &r.cells[i])
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		if isSheet {
			sheet.learn()
		}
	}
	for i := range f.layout.columns {
		if c := &f.layout.columns[i]; c.as != "" {
			if err := c.settle(p); err != nil {
				return err
			}
			c.marks, c.slashes, c.dashes = markEvidence{}, dateEvidence{}, dateEvidence{}
			c.sample, c.tails, c.bare, c.real, c.settled = cell{}, 0, 0, example{}, true
		}
	}
	return nil
}

// readsHours reports whether a formula reads hours.
func (d *derivation) readsHours() bool {
	of := func(b *bound) bool { return b != nil && b.Expression != nil && b.formula != nil && b.formula.hours }
	return of(d.only) || of(d.head) || slices.ContainsFunc(d.columns, func(m making) bool { return of(&m.from) })
}

// hasRoles reports whether formulas decide the roles of rows.
func (d *derivation) hasRoles() bool {
	return d.only != nil || d.head != nil || slices.ContainsFunc(d.joins, func(j join) bool { return j.in != nil })
}

// tellsRoles reports that roles can be told before marks and dates: their formulas read no number, date or register.
func (d *derivation) tellsRoles() bool {
	if d.byOrder() { // cells of earlier rows need the order, whose reference may need a number
		return false
	}
	all := []*bound{d.only, d.head}
	for i := range d.joins {
		all = append(all, d.joins[i].in)
	}
	return !slices.ContainsFunc(all, func(b *bound) bool {
		return b != nil &&
			(len(b.formula.reads) > 0 || slices.ContainsFunc(b.origins, func(o origin) bool { return o.join >= 0 }))
	})
}

// settle decides the decimal mark or the order of day and month of a column.
func (c *column) settle(p *Profile) (err error) {
	switch {
	case c.ignored && c.used == "", c.settled, c.values != nil && c.as == "":
	case c.numeric():
		err = c.marks.settle(c, p.mark())
	case c.known.Kind() == billing.Day, c.as == billing.Day:
		if c.slash, err = c.slashes.settle(c.text, p.dates('/'), &c.real); err == nil {
			c.dash, err = c.dashes.settle(c.text, p.dates('-'), &c.real)
		}
	}
	return err
}

// rows reads the table from the row after the header on, with the cells that the profile makes.
func (f *File) rows() (rowReader, error) {
	in, err := f.source.rows()
	if err != nil {
		return nil, err
	}
	return f.derived(in), nil
}

// derived adds the cells that the profile makes to rows.
func (f *File) derived(in rowReader) rowReader {
	if f.derivation == nil {
		return in
	}
	return f.derivation.rows(in)
}
