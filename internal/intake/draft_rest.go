package intake

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"kraviabatch/internal/billing"
)

// missing reports whether none of the columns is written in the profile so far.
func (d *drafter) missing(columns ...billing.Column) bool {
	return !slices.ContainsFunc(columns, func(c billing.Column) bool { return d.entries[c] != nil })
}

// open writes a line with "?" for the user to fill in, with a question unless format is "".
func (d *drafter) open(column billing.Column, format string, args ...any) {
	e := &draftEntry{value: `"?"`}
	if format != "" {
		e.ask(format, args...)
	}
	d.entries[column] = e
}

// askNeeded asks for what every invoice needs and no column has: a description, an amount, a name, an address.
func (d *drafter) askNeeded() {
	if c := d.texts(); d.missing(billing.ColDescription) && c != nil {
		d.use(billing.ColDescription, c).ask(msgAskDescription, oneLine(c.name))
	} else if d.missing(billing.ColDescription) {
		d.open(billing.ColDescription, msgAskNoDescription)
	}
	if d.money.lacking {
		d.open(billing.ColAmount, msgAskAmount)
	}
	if d.missing(billing.ColBusinessName, billing.ColContactName, billing.ColLastName) {
		d.open(billing.ColBusinessName, msgAskNames, hintDraftAgain)
	}
	d.askAddresses()
}

// askAddresses asks for the missing parts of the customers' addresses: each on its own, or with one question for all
// where three or more are missing.
func (d *drafter) askAddresses() {
	all := []billing.Column{
		billing.ColEmail, billing.ColPhoneNumber, billing.ColAddressLine, billing.ColPostalCode, billing.ColPostalPlace,
	}
	all = slices.DeleteFunc(all, func(c billing.Column) bool { return !d.missing(c) })
	const several = 3
	for i, column := range all {
		hint := d.addressesHint(column)
		switch {
		case len(all) < several && column == billing.ColPhoneNumber:
			d.open(column, msgAskPhones)
		case len(all) < several:
			what := strings.ReplaceAll(column.String(), "_", " ")
			d.open(column, msgAskAddress, what, hint, hintDraftAgain)
		case i == 0:
			d.open(column, msgAskAddresses, hint, hintDraftAgain)
		default:
			d.open(column, "")
		}
	}
}

// texts is the unused column that looks most like a description: most of its cells have several words, and it has the
// most different cells; nil for none.
func (d *drafter) texts() *draftColumn {
	return likeliest(d.lines.columns, func(c *draftColumn) int {
		if !c.free() || c.stats.spaces*2 <= c.stats.filled || theVocabulary().speaksOf(c.text).what != "" {
			return 0
		}
		return c.stats.different()
	})
}

// addressesHint names the column with e-mail addresses that was not mapped since they may be of employees.
func (d *drafter) addressesHint(column billing.Column) string {
	if column != billing.ColEmail {
		return ""
	}
	for _, c := range d.lines.columns {
		if why := d.ofEmployees(c); why != "" && c.use == "" {
			return fmt.Sprintf(msgAskEmployees, oneLine(c.name), why)
		}
	}
	return ""
}

// writeOnly writes only: the formula that says which rows are billed. It compares the columns that speak of that with
// words of theirs, and asks which words are right unless they are yes and no.
func (d *drafter) writeOnly(w *draftWriter) {
	var conditions, questions, reasons []string
	for _, c := range d.columns() {
		path := d.path(c)
		list, asks := c.billingWords()
		if len(list) == 0 || !bracesFit(path) {
			continue
		}
		counts := wordCounts(c, list)
		if below := d.onFirstRows(c); below > 0 {
			d.fillCell(w, c, below)
		} else if c.stats.blank > 0 && asks {
			list = append(list, "")
		}
		conditions, c.use = append(conditions, oneOfWords(path, list)), "only"
		if asks {
			questions = append(questions, fmt.Sprintf(msgAskBilled, oneLine(path), counts))
		} else {
			all, _ := c.stats.wordList()
			reasons = append(reasons, wordCounts(c, all))
		}
	}
	if len(conditions) > 0 {
		w.line("only", "only: "+yamlQuoted("= "+strings.Join(conditions, " and ")), strings.Join(reasons, "; "),
			questions...)
	}
}

// billingWords are the words of a column that tells whether a row is billed, nil where it does not. Where asks is
// true, they are all of its words, and the user must choose; else they are the words that surely mean billed.
func (c *draftColumn) billingWords() (list []string, asks bool) {
	if c.use != "" || c.stats.filled == 0 || c.name == "" || c.table.headerless {
		return nil, false
	}
	what := c.speaksOfBilling()
	list, whole := c.stats.wordList()
	switch {
	case what == "" || c.stats.numeric() && !allYesOrNo(list):
	case !whole || slices.ContainsFunc(list, func(w string) bool { return !quotable(w) }):
	case asksToBill(c.text) && c.stats.blank == 0 && allYesOrNo(list):
		return slices.DeleteFunc(list, func(word string) bool { yes, _ := isYes(word); return !yes }), false
	case what == "a status" || what == "cancelling" || what == draftBilled || what == "a credit" &&
		len(list) < draftWords/2:
		return list, true
	}
	return nil, false
}

// onFirstRows counts the rows on which a column is empty, where it is filled on exactly the first row of each order.
// It is 0 for any other column.
func (d *drafter) onFirstRows(c *draftColumn) int {
	reference, _ := d.referenceColumn()
	if reference == nil || reference.table != d.lines || c.table != d.lines || c.stats.blank == 0 ||
		!bracesFit(c.name) || len(d.lines.rows) < d.lines.count {
		return 0
	}
	seen, below := map[string]bool{}, 0
	for i := range d.lines.rows {
		order := reference.value(i)
		first := order != "" && !seen[order]
		if seen[order] = true; first != (c.value(i) != "") {
			return 0
		}
		count(&below, !first)
	}
	return below
}

// fillCell adds a header to fill_down, so that formulas see the cell of an order's first row on all of its rows.
func (d *drafter) fillCell(w *draftWriter, c *draftColumn, below int) {
	line := w.fillLine()
	line.comment = evidence(line.comment, fmt.Sprintf(msgWhyFirstRows, oneLine(c.name), countOf(below, "row")))
	line.text = strings.Replace(strings.TrimSuffix(line.text, "]")+", "+yamlQuoted("{"+c.name+"}")+"]", "[, ", "[", 1)
}

// speaksOfBilling is the subject of a header, or else of the cells where these are a few words.
func (c *draftColumn) speaksOfBilling() string {
	h := theVocabulary().speaksOf(c.text)
	if h.what != "" {
		return h.what
	}
	if slices.Contains(draftList("payment"), normalise(c.text)) && len(c.stats.words) > 1 {
		return draftBilled
	}
	const most = 6 // a column of more words may have other words next time
	if list, whole := c.stats.wordList(); !whole || len(list) > most {
		return ""
	}
	what, _, _ := strings.Cut(c.cells.speaksOf(h, false), ":")
	return what
}

// stateWords are the words of a column that may say which rows are invoiced, although its header does not: a few
// short words, or yes and no, under a header that names no thing, person, place or group. Other columns give nil.
func (c *draftColumn) stateWords() []string {
	const most, longest = 6, 20
	h := theVocabulary().speaksOf(c.text)
	list, whole := c.stats.wordList()
	kinds := len(list)
	count(&kinds, c.stats.blank > 0)
	talks := func(w string) bool {
		return utf8.RuneCountInString(w) > longest || strings.ContainsAny(w, "0123456789@") ||
			c.stats.blank > 0 && strings.Contains(w, " ")
	}
	if !whole || c.table.headerless || kinds < 2 || kinds > most || h.harmless || c.namesThings() ||
		len(c.guesses) > 0 || !allYesOrNo(list) && (h.labels || h.others || slices.ContainsFunc(list, talks)) {
		return nil
	}
	return list
}

// namesThings reports a header that names what a row is about, such as a project, and not its state.
func (c *draftColumn) namesThings() bool {
	const short = 3 // letters of one that other words end in: ort, eksport
	return c.hasWord("thing", func(w, thing string) bool {
		return w == thing || len(thing) > short && (strings.HasPrefix(w, thing) || strings.HasSuffix(w, thing))
	})
}

// asksToBill reports a header under which yes surely means that the row is billed. The complete header must be known:
// one more word, such as "not", would reverse it.
func asksToBill(header string) bool {
	return slices.Contains(draftList("billable"), strings.TrimRight(normalise(header), "?"))
}

// allYesOrNo reports whether all words are words for yes or no.
func allYesOrNo(list []string) bool {
	return len(list) > 0 && !slices.ContainsFunc(list, func(w string) bool { _, known := isYes(w); return !known })
}

// oneOfWords is the formula that is true where a column has one of the words.
func oneOfWords(name string, list []string) string {
	if len(list) == 1 {
		return fmt.Sprintf("{%s} == '%s'", name, list[0])
	}
	return fmt.Sprintf("{%s} in ['%s']", name, strings.Join(list, "', '"))
}

// wordCounts lists words with the number of rows of each, for a comment.
func wordCounts(c *draftColumn, list []string) string {
	const most = 12
	var parts []string
	for _, word := range list[:min(most, len(list))] {
		parts = append(parts, fmt.Sprintf("%s in %s", oneLine(shown(word)), countOf(c.stats.words[word], "row")))
	}
	if len(list) > most {
		parts = append(parts, fmt.Sprintf("and %d more", len(list)-most))
	}
	if c.stats.blank > 0 {
		parts = append(parts, fmt.Sprintf(msgWhyBlank, countOf(c.stats.blank, "row")))
	}
	return strings.Join(parts, ", ")
}

// canIgnore reports whether a profile can name a column in ignore without also ignoring one that it uses.
func (d *drafter) canIgnore(c *draftColumn) bool {
	if !headerFits(c.name) || strings.Trim(normalise(c.name), "* ") == "" {
		return false
	}
	return !slices.ContainsFunc(d.lines.columns, func(other *draftColumn) bool {
		return other.use != "" && (matches(c.name, other.text) || matches(c.name, other.name))
	})
}

// says is what an unused column speaks of, "" for nothing that an invoice depends on. A run with the profile would
// refuse the file for such a column by the same rule.
func (d *drafter) says(c *draftColumn) string {
	own := &column{heading: heading{text: c.text}, cells: c.cells, sample: c.stats.sample}
	if c.table.headerless {
		own.text = ""
	}
	var mapped layout // as a run with the profile would know it
	for known := range d.entries {
		mapped.columns = append(mapped.columns, column{known: known})
	}
	profile := &Profile{Columns: map[billing.Column]*Expression{billing.ColDescription: {}}} // one that names columns
	return own.unreadSays(d.index, profile, &mapped)
}

// redundant is the proof that a column adds nothing to the used ones, "" for none.
func (d *drafter) redundant(c *draftColumn) string {
	if vat := d.mapped(billing.ColVAT); vat != nil && vat.table == c.table && saysCode(c) &&
		len(d.entries[billing.ColVAT].asked) == 0 && theVocabulary().speaksOf(c.text).what == "VAT" &&
		determines(c, vat) {
		return fmt.Sprintf(msgWhyOneRate, oneLine(vat.name))
	}
	f := figuresOf(c)
	if p := d.money.best; p != nil && p.telling > 0 && f != nil && holdsAny(words(c.text), draftList("cost")) {
		return fmt.Sprintf(msgWhyCost, p)
	}
	if f == nil {
		for _, column := range billing.Columns() {
			if other := d.mapped(column); other != nil && other.table == c.table && c.stats.filled > 0 &&
				sameCells(c, other) {
				return fmt.Sprintf(msgWhySameCells, oneLine(other.name))
			}
		}
		return ""
	}
	if m := &d.money; m.gross != nil && (c == m.gross.column || c == m.net.column) {
		return m.why
	}
	for _, column := range moneyColumns() {
		source := d.mapped(column)
		if source == nil || source.table != c.table {
			continue
		}
		if why := d.repeats(f, figuresOf(source), column); why != "" {
			return why
		}
	}
	return ""
}

// repeats is how a column of numbers follows from a mapped one: as the same numbers, as the amounts with VAT, or as
// the total of each order. It is "" where it does not follow.
func (d *drafter) repeats(f, other *figures, column billing.Column) string {
	if other == nil || !f.varied() {
		return ""
	}
	name := oneLine(other.column.name)
	money := column == billing.ColAmount || column == billing.ColUnitPrice
	if money && f.same(other) || column == billing.ColQuantity && f.near(other, f.unit) &&
		(f.column.stats.hours > 0 || other.column.stats.hours > 0) { // hours to a hundredth
		return fmt.Sprintf(msgWhySameNumbers, name)
	}
	if column != billing.ColAmount {
		return ""
	}
	if t, ok := d.taxes(other, f); ok && d.money.codes != nil && t.single() {
		return fmt.Sprintf(msgWhyWithOwnVAT, name)
	}
	if reference, _ := d.referenceColumn(); reference != nil && f.sumsOrders(reference, other) {
		return sumOfOrders(other)
	}
	return ""
}

// sumsOrders reports whether a column repeats the total of the order on each row. At least one order must have several
// rows.
func (f *figures) sumsOrders(reference *draftColumn, amount *figures) bool {
	several, _, summed := f.ofOrders(reference, amount)
	return several > 0 && summed == several && f.ofSingles(reference, amount)
}

func sumOfOrders(amount *figures) string {
	return fmt.Sprintf(msgWhySumOfOrder, oneLine(amount.column.name))
}

// ofSingles reports whether the column has the amount of the row for all orders of one row.
func (f *figures) ofSingles(reference *draftColumn, amount *figures) bool {
	rows := map[string]int{}
	for i := range f.values {
		rows[reference.value(i)]++
	}
	for i := range f.values {
		if rows[reference.value(i)] == 1 && f.has[i] && amount.has[i] && f.values[i].Cmp(amount.values[i]) != 0 {
			return false
		}
	}
	return true
}
