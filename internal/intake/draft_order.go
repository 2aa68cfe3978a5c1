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

// referenceColumn is the column that tells the orders of the lines: the one that is mapped, or one that is
// likely; nil for none.
func (d *drafter) referenceColumn() (c *draftColumn, mapped bool) {
	if c := d.filled(billing.ColOrderReference); c != nil {
		return c, true
	}
	var best *draftColumn
	points := 0
	for _, c := range d.lines.columns {
		if p := d.likeReference(c); p > points {
			best, points = c, p
		}
	}
	return best, false
}

// likeReference weighs a column that is not used as the number of orders, 0 for none: codes with digits, each
// with one customer, and as many as there are customers at least.
func (d *drafter) likeReference(c *draftColumn) int {
	s := c.stats
	if c.use != "" || s.filled == 0 || !headerFits(c.name) || !s.all(s.references) || s.emails > 0 || s.most(s.dates) ||
		s.most(s.hours) || c.table.headerless {
		return 0
	}
	spoken := slices.ContainsFunc(words(c.text), func(w string) bool {
		return slices.ContainsFunc([]string{
			"order", "ordre", "tilaus", "avtale", "avtal", "contract", "kontrakt", "sopimus", "faktura",
			"invoice", "lasku", "bilag", "document", "dokument", "subscription", "abonnement",
		},
			func(begin string) bool { return strings.HasPrefix(w, begin) })
	})
	digits := slices.ContainsFunc(slices.Collect(maps.Keys(s.words)), func(w string) bool {
		return strings.ContainsAny(w, "0123456789")
	})
	if !spoken || !digits || theVocabulary().speaksOf(c.text).what != "" {
		return 0
	}
	customer := d.customerColumn()
	if customer == nil || customer.table != d.lines || !determines(c, customer) ||
		s.different() < customer.stats.different() {
		return 0
	}
	return 1 + s.filled
}

// customerColumn is the mapped column that tells customers apart, nil for none.
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

// determines reports whether rows with the same value of one column have the same of another one.
func determines(one, other *draftColumn) bool {
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

// assignOrder tells what an order is, and which cells go on below.
func (d *drafter) assignOrder(w *draftWriter) {
	d.daysOf()
	d.writeHeads(w)
	e := d.entry(billing.ColOrderReference)
	if e != nil && e.source.stats.filled == 0 {
		e.source.use = ""
		d.drop(billing.ColOrderReference)
	}
	switch c, mapped := d.referenceColumn(); {
	case mapped:
		d.fillDown(w, billing.ColOrderReference, c)
	case c != nil:
		e := d.use(billing.ColOrderReference, c)
		e.ask(msgAskOrderNumber, oneLine(c.name))
		d.fillDown(w, billing.ColOrderReference, c)
	default:
		d.derive(w)
	}
}

// derive proposes a reference where no column has one.
func (d *drafter) derive(w *draftWriter) {
	for _, column := range []billing.Column{billing.ColCustomerNumber, billing.ColOrganizationNumber} {
		c := d.filled(column)
		if c == nil {
			continue
		}
		w.ask("reference", fmt.Sprintf(`reference: "{period}-{%s}"`, column), msgAskPeriods)
		if c.table == d.lines {
			d.fillDown(w, column, c)
		}
		return
	}
	w.ask("reference", `reference: "?"`, msgAskReference)
}

// quotable reports a word that can stand in a formula.
func quotable(word string) bool { return !strings.ContainsAny(word, `'\`) && oneLine(word) == word }

// fillDown finds rows that continue the order above: all that belongs to the order is empty on them, and
// something of the line is there.
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

// fillMerged adds the columns of the order whose cells are merged over its rows to those that are filled
// down. One with a cell that is empty and not merged is left out: the order above has something else there.
func (d *drafter) fillMerged(w *draftWriter) {
	var names []string
	for _, column := range billing.Columns() {
		e := d.entry(column)
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
	line := draftLine{comment: msgWhyMerged}
	if before := w.sections["fill_down"]; len(before) > 0 {
		line = before[0]
	}
	line.text = fmt.Sprintf("fill_down: [%s]", strings.Join(names, ", "))
	w.sections["fill_down"] = []draftLine{line}
}

// splitCustomers tells firms from private persons where one column has the names of both, and asks for a
// contact where there is none.
func (d *drafter) splitCustomers(w *draftWriter) {
	name, number := d.entry(billing.ColBusinessName), d.entry(billing.ColOrganizationNumber)
	contact := d.entry(billing.ColContactName)
	if contact == nil {
		contact = d.entry(billing.ColLastName)
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

// personBeside takes a column of other names for the contact person, where it has one on every row of a
// customer and the names of firms are not on all of them.
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
		name := d.entry(billing.ColBusinessName)
		name.questions = slices.DeleteFunc(name.questions, func(q string) bool {
			return strings.Contains(q, oneLine(c.name)+"?")
		})
		e.ask(msgAskPerson, oneLine(c.name))
		return e
	}
	return nil
}

// splitNames reads a name as that of a firm where there is an organization number, and else as that of a person.
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
		if slices.ContainsFunc(words(named.value(i)), isFirmWord) {
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
		d.entries[billing.ColContactName.String()] = &draftEntry{value: yamlText(fmt.Sprintf("= {%s} == '' ? {%s} : ''",
			numberPath, path)), why: msgWhyPrivateName}
	case contacted < persons && contact == d.entry(billing.ColContactName) && bracesFit(d.path(contact.source)):
		contact.value, contact.plain = yamlText(
			fmt.Sprintf("= {%[1]s} != '' ? {%[1]s} : {%s} == '' ? {%s} : ''", d.path(contact.source),
				numberPath, path)), false
		contact.why = evidence(contact.why, msgWhyOrPrivateName)
	case contacted < persons:
		contact.ask(msgAskNameless, countOf(persons-contacted, "row"), oneLine(contact.source.name))
	}
}

// isFirmWord reports a word of a name that persons do not have, as normalise writes it.
func isFirmWord(word string) bool {
	return slices.Contains([]string{
		"as", "asa", "ans", "da", "sa", "ba", "nuf", "enk", "ab", "abp", "hb", "kb", "oy", "oyj", "ky", "ry", "tmi",
		"aps", "a/s", "i/s", "k/s", "p/s", "amba",
		"ltd", "limited", "llc", "inc", "gmbh", "kommune", "kommun", "kunta", "stiftelse", "stiftelsen", "forening",
		"foreningen", "sameie", "sameiet",
		"borettslag", "skole", "skola", "koulu",
	}, word)
}
