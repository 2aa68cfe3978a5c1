package intake

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/xlsx"
)

// referenceColumn is the column with the numbers of the orders: the mapped one, or else the likeliest; nil for none.
func (d *drafter) referenceColumn() (c *draftColumn, mapped bool) {
	if c := d.filled(billing.ColOrderReference); c != nil {
		return c, true
	}
	return likeliest(d.lines.columns, d.likeReference), false
}

// likeReference is how likely an unused column has the numbers of the orders, 0 for not at all. Its header speaks of
// an order or a document, its cells are codes with digits, each code has one customer, and there are at least as
// many codes as customers.
func (d *drafter) likeReference(c *draftColumn) int {
	s := c.stats
	if !c.free() || !s.all(s.references) || s.emails > 0 || s.most(s.dates) || s.most(s.hours) || c.table.headerless {
		return 0
	}
	digits := slices.ContainsFunc(slices.Collect(maps.Keys(s.words)), func(w string) bool {
		return strings.ContainsAny(w, "0123456789")
	})
	if !c.hasWord("order", strings.HasPrefix) || !digits || theVocabulary().speaksOf(c.text).what != "" {
		return 0
	}
	customer := d.customerColumn()
	if customer == nil || customer.table != d.lines || !determines(c, customer) ||
		s.different() < customer.stats.different() {
		return 0
	}
	return 1 + s.filled
}

// customerColumn is a mapped column by which customers differ, nil for none.
func (d *drafter) customerColumn() *draftColumn {
	for _, column := range []billing.Column{
		billing.ColCustomerNumber, billing.ColOrganizationNumber, billing.ColBusinessName, billing.ColEmail,
	} {
		if c := d.filled(column); c != nil {
			return c
		}
	}
	return nil
}

// determines reports whether all rows with the same value in one column have the same value in another of its table.
func determines(one, other *draftColumn) bool {
	if one.table != other.table {
		return false
	}
	first := map[string]string{}
	for i := range one.table.rows {
		key, value := one.value(i), other.value(i)
		if key == "" || value == "" {
			continue
		}
		if before, seen := first[key]; seen && before != value {
			return false
		}
		first[key] = value
	}
	return true
}

// assignOrder decides what makes an order, and which cells also hold for the rows below.
func (d *drafter) assignOrder(w *draftWriter) {
	d.daysOf()
	d.writeHeads(w)
	e := d.entries[billing.ColOrderReference]
	if e != nil && e.source.stats.filled == 0 {
		e.source.use = ""
		delete(d.entries, billing.ColOrderReference)
	}
	c, mapped := d.referenceColumn()
	if c == nil {
		d.derive(w)
		return
	}
	if !mapped {
		d.use(billing.ColOrderReference, c).ask(msgAskOrderNumber, oneLine(c.name))
	}
	d.fillDown(w, billing.ColOrderReference, c)
}

// derive asks for a reference where no column has one. It proposes one invoice per customer and period.
func (d *drafter) derive(w *draftWriter) {
	for _, column := range []billing.Column{billing.ColCustomerNumber, billing.ColOrganizationNumber} {
		if c := d.filled(column); c != nil {
			w.ask("reference", fmt.Sprintf(`reference: "{period}-{%s}"`, column), msgAskPeriods)
			d.fillDown(w, column, c)
			return
		}
	}
	w.ask("reference", `reference: "?"`, msgAskReference)
}

// quotable reports a word that can stand in single quotes in a formula.
func quotable(word string) bool { return !strings.ContainsAny(word, `'\`) && oneLine(word) == word }

// fillDown finds rows that continue the order above: their cells of the order are all empty, and a cell of the line
// is not. It fills the column down for them, and asks where few columns of the order support that.
func (d *drafter) fillDown(w *draftWriter, column billing.Column, c *draftColumn) {
	if c.stats.blank == 0 || c.table != d.lines || len(d.lines.rows) == 0 || c.value(0) == "" ||
		len(w.sections["head"]) > 0 {
		return
	}
	var ofOrder, ofLine []*draftColumn
	for _, known := range billing.Columns() {
		switch source := d.mapped(known); {
		case source == nil || source.table != d.lines || source == c:
		case known.Info().Order:
			ofOrder = append(ofOrder, source)
		default:
			ofLine = append(ofLine, source)
		}
	}
	blank := 0
	for i := range c.table.rows {
		if c.value(i) != "" {
			continue
		}
		some := func(list []*draftColumn) bool {
			return slices.ContainsFunc(list, func(other *draftColumn) bool { return other.value(i) != "" })
		}
		if some(ofOrder) || !some(ofLine) {
			return // the rows are no continuation
		}
		blank++
	}
	const few = 2
	text, rows := fmt.Sprintf("fill_down: [%s]", column), countOf(blank, "row")
	switch {
	case blank == 0:
		return
	case len(ofOrder) >= few:
		w.line("fill_down", text, fmt.Sprintf(msgWhyFillDown, rows))
	default:
		w.ask("fill_down", text, msgAskFillDown, rows, oneLine(c.name))
	}
	d.down = column
}

// fillMerged also fills down the columns of the order whose cells are merged over the rows of an order. A column
// with an empty cell that is not merged is left out: there the order has no value.
func (d *drafter) fillMerged(w *draftWriter) {
	var names []string
	for _, column := range billing.Columns() {
		e := d.entries[column]
		if e == nil || !e.plain || !column.Info().Order || e.source.table != d.lines || len(w.sections["head"]) > 0 {
			continue
		}
		merged, open := 0, 0
		for i := range d.lines.rows {
			is := e.source.cell(i).Kind == xlsx.Merged
			count(&merged, is)
			count(&open, !is && e.source.value(i) == "")
		}
		if merged > 0 && open == 0 || column == d.down {
			names = append(names, column.String())
		}
	}
	if len(names) == 0 || len(names) == 1 && d.down != 0 {
		return
	}
	line := w.fillLine()
	line.text = fmt.Sprintf("fill_down: [%s]", strings.Join(names, ", "))
	if line.comment == "" && len(line.questions) == 0 {
		line.comment = msgWhyMerged
	}
}

// splitCustomers separates firms from private persons where one column has the names of both. It asks for a contact
// person where firms have none.
func (d *drafter) splitCustomers(w *draftWriter) {
	name, number := d.entries[billing.ColBusinessName], d.entries[billing.ColOrganizationNumber]
	contact := d.entries[billing.ColContactName]
	if contact == nil {
		contact = d.entries[billing.ColLastName]
	}
	if name == nil || name.source == nil || name.source.stats.filled == 0 ||
		name.source.level(billing.ColBusinessName) == levelOwn {
		return
	}
	if number == nil {
		name.ask(msgAskFirms, oneLine(name.source.name))
		return
	}
	if contact == nil {
		contact = d.personBeside(name.source)
	}
	d.splitNames(name, number, contact)
	if contact == nil {
		w.ask("defaults", `  contact_name: "?"`, msgAskContact)
	}
}

// personBeside maps a second column of names to the contact person. It has a name on every row with a firm, always
// another one, and also on rows without a firm.
func (d *drafter) personBeside(firm *draftColumn) *draftEntry {
	for _, c := range firm.table.columns {
		if c.use != "" || c.level(billing.ColBusinessName) == 0 || !bracesFit(c.name) ||
			c.stats.filled <= firm.stats.filled || c.stats.spaces*2 < c.stats.filled {
			continue
		}
		for i := range firm.table.rows {
			if firm.value(i) != "" && (c.value(i) == "" || c.value(i) == firm.value(i)) {
				return nil
			}
		}
		e := d.use(billing.ColContactName, c)
		name := d.entries[billing.ColBusinessName]
		name.questions = slices.DeleteFunc(name.questions, func(q string) bool {
			return strings.Contains(q, oneLine(c.name)+"?")
		})
		e.ask(msgAskPerson, oneLine(c.name))
		return e
	}
	return nil
}

// splitNames reads a name as that of a firm where there is an organization number, and else as a private person.
func (d *drafter) splitNames(name, number, contact *draftEntry) {
	path, numberPath := d.path(name.source), d.path(number.source)
	if !bracesFit(path) || !bracesFit(numberPath) {
		return
	}
	named := name.source
	if table := number.source.table; named.table != table { // a register that is looked up by the name
		at := slices.IndexFunc(d.joins, func(j *draftJoin) bool { return j.register == table && j.by == named })
		if at < 0 {
			return
		}
		named = d.joins[at].key
	}
	persons, contacted, firm := 0, 0, ""
	for i := range named.table.rows {
		if named.value(i) == "" || number.source.value(i) != "" {
			continue
		}
		persons++
		if contact != nil && contact.source.table == named.table {
			count(&contacted, contact.source.value(i) != "")
		}
		if holdsAny(words(named.value(i)), draftList("firm")) {
			firm = cmp.Or(firm, named.value(i))
		}
	}
	if persons == 0 {
		return
	}
	name.value, name.plain = yamlText(fmt.Sprintf("= {%s} != '' ? {%s} : ''", numberPath, path)), false
	name.why = evidence(name.why, fmt.Sprintf(msgWhyPrivate, countOf(persons, "row")))
	if firm != "" {
		name.ask(msgAskFirm, oneLine(shown(firm)))
	}
	switch {
	case contact == nil:
		value := fmt.Sprintf("= {%s} == '' ? {%s} : ''", numberPath, path)
		d.entries[billing.ColContactName] = &draftEntry{value: yamlText(value), why: msgWhyPrivateName}
	case contacted < persons && contact == d.entries[billing.ColContactName] && bracesFit(d.path(contact.source)):
		value := fmt.Sprintf("= {%[1]s} != '' ? {%[1]s} : {%s} == '' ? {%s} : ''",
			d.path(contact.source), numberPath, path)
		contact.value, contact.plain = yamlText(value), false
		contact.why = evidence(contact.why, msgWhyOrPrivateName)
	case contacted < persons:
		contact.ask(msgAskNameless, countOf(persons-contacted, "row"), oneLine(contact.source.name))
	}
}

// mappedIn are the mapped columns of the lines that have cells: those of the order, and the amounts of the line.
func (d *drafter) mappedIn() (ofOrder, amounts []*draftColumn) {
	for _, column := range billing.Columns() {
		switch c := d.filled(column); {
		case c == nil || c.table != d.lines:
		case column.Info().Order:
			ofOrder = append(ofOrder, c)
		case slices.Contains(moneyColumns(), column):
			amounts = append(amounts, c)
		}
	}
	return ofOrder, amounts
}

// headRows marks the rows that carry the order above its lines. A head row has at least three cells of the order and
// no amount. Every other row has no cell of the order, except numbers that the lines repeat. n is the number of head
// rows: 0 where a row fits neither, where the first row is a line, or where there are no lines.
func (d *drafter) headRows() (heads []bool, n int) {
	const much = 3
	ofOrder, amounts := d.mappedIn()
	heads = make([]bool, len(d.lines.rows))
	for i := range heads {
		filled, repeated, money := 0, 0, 0
		for _, c := range ofOrder {
			count(&filled, c.value(i) != "")
			count(&repeated, c.value(i) != "" &&
				(c.use == billing.ColOrderReference.String() || c.use == billing.ColCustomerNumber.String()))
		}
		for _, c := range amounts {
			count(&money, c.value(i) != "")
		}
		switch {
		case money == 0 && filled >= much:
			heads[i] = true
			n++
		case filled > repeated, i == 0:
			return nil, 0
		}
	}
	if n == len(heads) {
		return nil, 0
	}
	return heads, n
}

// writeHeads writes head: the formula that tells head rows from lines. It compares a column of record types, or
// else a cell that only head rows have.
func (d *drafter) writeHeads(w *draftWriter) {
	heads, n := d.headRows()
	if n == 0 {
		return
	}
	why := fmt.Sprintf(msgWhyHeads, countOf(n, "row"))
	for _, c := range d.lines.columns {
		if word := c.wordOf(heads); word != "" && c.use == "" && bracesFit(c.name) && quotable(word) {
			c.use = "head"
			w.line("head", "head: "+yamlQuoted(fmt.Sprintf("= {%s} == '%s'", c.name, word)), why)
			return
		}
	}
	ofOrder, _ := d.mappedIn()
	for _, c := range ofOrder {
		alike := true
		for i, head := range heads {
			alike = alike && head == (c.value(i) != "")
		}
		if alike && bracesFit(c.name) {
			w.line("head", "head: "+yamlQuoted(fmt.Sprintf("= {%s} != ''", c.name)), why)
			return
		}
	}
}

// wordOf is the one word that a column has on all marked rows and on no other row, "" for none.
func (c *draftColumn) wordOf(marked []bool) string {
	word := c.value(slices.Index(marked, true))
	for i, is := range marked {
		if is != (c.value(i) == word) {
			return ""
		}
	}
	return word
}
