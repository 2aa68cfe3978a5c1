package intake

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"kraviabatch/internal/billing"
)

// moneyColumns are our columns that are assigned by sums, and not by headers and cells alone.
func moneyColumns() []billing.Column {
	return []billing.Column{
		billing.ColQuantity, billing.ColUnitPrice, billing.ColAmount, billing.ColDiscountPercent,
		billing.ColDiscountAmount, billing.ColVAT, billing.ColVATAmount,
	}
}

// assignParty maps every column but those of money: to a column of the lines where they have one, else of a
// register.
func (d *drafter) assignParty() {
	for _, column := range partyOrder() {
		if best := d.bestFor(column); best != nil {
			d.use(column, best)
		}
	}
	for _, j := range d.joins {
		column := billing.ColCustomerNumber
		if !j.by.can(column) {
			column = billing.ColItemID
		}
		if j.by.use == "" && j.by.can(column) && d.missing(column) &&
			(column == billing.ColCustomerNumber || !j.by.stats.numeric()) {
			d.use(column, j.by)
		}
	}
	for _, column := range partyOrder() {
		if e := d.entries[column]; e != nil {
			d.doubt(column, e)
		}
	}
	d.findTerms()
}

// partyOrder are our columns in the order in which they are assigned. Columns that are known by the form of their
// cells come first, so that a vague header does not take their column.
func partyOrder() []billing.Column {
	first := []billing.Column{
		billing.ColEmail, billing.ColOrganizationNumber, billing.ColPhoneNumber, billing.ColPostalCode,
		billing.ColCountry, billing.ColCurrency, billing.ColOrderReference, billing.ColCustomerNumber,
		billing.ColBusinessName, billing.ColContactName,
	}
	for _, c := range billing.Columns() {
		if !slices.Contains(first, c) && !slices.Contains(moneyColumns(), c) {
			first = append(first, c)
		}
	}
	return first
}

// columns are those of the lines and of their registers.
func (d *drafter) columns() []*draftColumn {
	all := slices.Clone(d.lines.columns)
	for _, j := range d.joins {
		all = append(all, j.register.columns...)
	}
	return all
}

// free reports a column that can still be mapped.
func (c *draftColumn) free() bool { return c.use == "" && headerFits(c.name) }

// likeliest is the first of the columns with the most points, nil where none has any.
func likeliest(columns []*draftColumn, points func(*draftColumn) int) (best *draftColumn) {
	most := 0
	for _, c := range columns {
		if p := points(c); p > most {
			best, most = c, p
		}
	}
	return best
}

// bestFor is the column of the export that most surely stands for one of ours, nil for none.
func (d *drafter) bestFor(column billing.Column) *draftColumn {
	return likeliest(d.columns(), func(c *draftColumn) int {
		level := c.level(column)
		if !c.free() || level == 0 || d.unlikely(c, column) {
			return 0
		}
		const filled, level1 = 2, 8
		points := level * level1
		count(&points, c.table == d.lines)
		count(&points, column == billing.ColDescription && c.stats.spaces*2 > c.stats.filled)
		if c.stats.filled > 0 {
			points += filled
		}
		return points
	})
}

// unlikely reports a guess that needs more evidence than a header, and has none.
func (d *drafter) unlikely(c *draftColumn, column billing.Column) bool {
	switch level := c.level(column); column { //nolint:exhaustive // the others have none
	case billing.ColEmail:
		return d.ofEmployees(c) != ""
	case billing.ColOrderReference, billing.ColLineID:
		return level == levelPart
	case billing.ColCustomerNumber:
		return level == levelPart && (c.table == d.lines && !d.isKey(c) && !d.numbersCustomers(c) || c.stats.spaces > 0)
	case billing.ColFirstName, billing.ColLastName:
		return level < levelOwn && c.table == d.lines && (c.table.namesWorkers() || d.ofSeveral(c))
	case billing.ColContactName:
		return level == levelPart && c.table.has(billing.ColOrganizationNumber) || // a name of a firm
			level < levelOwn && c.table == d.lines && d.ofSeveral(c)
	case billing.ColItemID:
		return level == levelPart && c.stats.spaces > 0
	}
	return false
}

// numbersCustomers reports whether a column and the organization numbers correspond one to one.
func (d *drafter) numbersCustomers(c *draftColumn) bool {
	e := d.entries[billing.ColOrganizationNumber]
	return e != nil && e.source.table == c.table && e.source.stats.filled > 0 && determines(c, e.source) &&
		determines(e.source, c)
}

// isKey reports whether a register is looked up by the column.
func (d *drafter) isKey(c *draftColumn) bool {
	return slices.ContainsFunc(d.joins, func(j *draftJoin) bool { return j.by == c })
}

// ofEmployees is why e-mail addresses may be those of employees, "" where nothing suggests it. Reasons are a word
// of the header, a list that names workers, and one domain for several customers. Invoices must not be sent to
// employees, so such a column is not mapped.
func (d *drafter) ofEmployees(c *draftColumn) string {
	if c.stats.emails == 0 || c.table != d.lines {
		return ""
	}
	for _, word := range words(c.text) {
		if slices.Contains(draftList("author"), word) {
			return fmt.Sprintf(msgWhyHeaderWord, word)
		}
	}
	if c.table.namesWorkers() {
		return msgWhyWorkers
	}
	if len(c.stats.domains) == 1 && d.customers() > 1 && c.level(billing.ColEmail) < levelOwn {
		return msgWhyOneDomain
	}
	return ""
}

// namesWorkers reports a table of hours, or one that names who did the work.
func (t *draftTable) namesWorkers() bool {
	return slices.ContainsFunc(t.columns, func(c *draftColumn) bool {
		return c.stats.all(c.stats.hours) || holdsAny(words(c.text), draftList("worker"))
	})
}

// ofSeveral reports whether one customer has several names in a column. Such names are not those of customers, but
// perhaps of those who did the work.
func (d *drafter) ofSeveral(c *draftColumn) bool {
	customer := d.customerColumn()
	return customer != nil && customer != c && customer.table == c.table && !determines(customer, c)
}

// customers is the number of different customers in the lines, 0 where no column tells.
func (d *drafter) customers() int {
	most := 0
	for _, c := range d.lines.columns {
		if c.can(billing.ColCustomerNumber, billing.ColOrganizationNumber, billing.ColBusinessName) {
			most = max(most, c.stats.different())
		}
	}
	return most
}

// use maps a column of the export to one of ours.
func (d *drafter) use(column billing.Column, c *draftColumn) *draftEntry {
	g := c.guessOf(column)
	why := g.why
	if slices.Contains([]string{dullTexts, dullNumbers, dullCodes, dullDates, dullFew}, why) {
		why = ""
		if g.level == levelPart {
			why = msgWhyWord
		}
	}
	e := &draftEntry{value: yamlText(d.path(c)), plain: c.table == d.lines, source: c, why: why}
	if column == billing.ColOrderReference && c.stats.hashes > 0 && bracesFit(d.path(c)) {
		e.value, e.plain, e.why = yamlQuoted("= replace({"+d.path(c)+"}, '#', '')"), false, evidence(e.why, "without #")
	}
	c.use = column.String()
	d.entries[column] = e
	return e
}

// doubt asks which column is meant where another one is as likely and has different cells.
func (d *drafter) doubt(column billing.Column, e *draftEntry) {
	if !slices.Contains([]billing.Column{
		billing.ColEmail, billing.ColBusinessName, billing.ColOrganizationNumber, billing.ColAddressLine,
		billing.ColPostalCode, billing.ColPostalPlace, billing.ColOrderReference, billing.ColCustomerNumber,
		billing.ColDescription, billing.ColDueDate, billing.ColDaysUntilDue, billing.ColCurrency, billing.ColCountry,
	}, column) {
		return // one is as good as the next
	}
	var others []string
	best := e.source
	for _, c := range best.table.columns {
		if c != best && c.use == "" && c.level(column) >= best.level(column) && c.stats.filled > 0 &&
			!sameCells(c, best) && !d.unlikely(c, column) {
			others = append(others, oneLine(c.name))
		}
	}
	if len(others) > 0 {
		e.ask(msgAskWhich, column, oneLine(best.name), strings.Join(others, " or "))
	}
}

// sameCells reports whether two columns of a table say the same on every row that is kept.
func sameCells(a, b *draftColumn) bool {
	for i := range a.table.rows {
		if a.value(i) != b.value(i) {
			return false
		}
	}
	return true
}

// sampleOf is the first cell of a column that is not empty, shortened for a comment.
func sampleOf(c *draftColumn) string {
	const longest = 40
	text := oneLine(c.stats.sample.Text())
	if c.stats.filled == 0 {
		return "empty"
	}
	if runes := []rune(text); len(runes) > longest {
		text = string(runes[:longest]) + "…"
	}
	return text
}

// evidence joins the parts of a comment that are not empty.
func evidence(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " · ")
}

// writeColumns writes columns and values, in the order of our columns.
func (d *drafter) writeColumns(w *draftWriter) {
	for _, column := range billing.Columns() {
		e := d.entries[column]
		if e == nil {
			continue
		}
		comment := e.why
		if e.source != nil {
			comment = evidence(sampleOf(e.source), e.why)
		}
		w.line("columns", fmt.Sprintf("  %s: %s", column, e.value), comment, e.questions...)
		if len(e.values) == 0 {
			continue
		}
		var pairs []string
		for _, p := range e.values {
			pairs = append(pairs, yamlQuoted(p.word)+": "+cmp.Or(p.value, `"?"`))
		}
		w.line("values", fmt.Sprintf("  %s: {%s}", column, strings.Join(pairs, ", ")), e.valuesWhy, e.asked...)
	}
}

// yamlQuoted is like yamlText, but always in quotes.
func yamlQuoted(text string) string {
	quoted := yamlText(text)
	if !strings.HasPrefix(quoted, `"`) {
		return `"` + quoted + `"`
	}
	return quoted
}
