package billing

import (
	"cmp"
	"fmt"
	"hash/maphash"
	"slices"
	"strconv"
	"strings"

	"kraviabatch/internal/money"
)

// maxOrderRows limits the memory that one reference can take. A longer order is refused, in chunks of so many rows.
const maxOrderRows = 20_000

// batchContext is what the checks of an order know of the rest of the batch. Workers share it and only read it.
type batchContext struct {
	rules     *Rules
	constants []constant
	makesLine bool // see Rules.makesLine
	tables    []Table
	doubts    map[int]doubt  // by table: its first row that may belong to any order of the table
	seed      maphash.Seed   // seed of the hashes of references
	counts    map[uint64]int // lines by hash of the reference; kept only if orders are split
}

// doubt is a row that may belong to any order of its file.
type doubt struct {
	row  int
	code Code
}

func newBatchContext(rules *Rules) batchContext {
	return batchContext{
		rules: rules, constants: constantsOf(rules), makesLine: rules.makesLine(),
		doubts: map[int]doubt{}, seed: maphash.MakeSeed(), counts: map[uint64]int{},
	}
}

// key is the hash of a reference. References that differ only in spelling have the same key, see fold.
func (b *batchContext) key(reference string) uint64 { return maphash.String(b.seed, fold(reference)) }

// fold makes references equal that are probably one reference in different spellings: T-1, t-1, T–1 and T_01 all give
// t-1. It drops case, leading zeros, and which sign separates the parts. It is "" for a text without a letter or digit,
// such as a ditto mark.
func fold(reference string) string {
	digit := func(i int) bool { return i < len(reference) && reference[i] >= '0' && reference[i] <= '9' }
	folded, apart, number := make([]byte, 0, len(reference)), false, false
	for i := range len(reference) {
		c := reference[i]
		switch {
		case digit(i):
			if c == '0' && !number && digit(i+1) {
				continue
			}
			number = true
		case c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z':
			c, number = c|0x20, false
		default:
			apart, number = true, false
			continue
		}
		if apart && len(folded) > 0 {
			folded = append(folded, '-')
		}
		folded, apart = append(folded, c), false
	}
	return string(folded)
}

// prepare brings a record of the newest table into its normal form, notes what it says about the batch, and returns its
// reference.
func (b *batchContext) prepare(rec *Record) string {
	b.rules.prepare(rec)
	b.putConstants(rec)
	reference, missing := b.rules.referenceOf(rec)
	table := len(b.tables) - 1
	if _, known := b.doubts[table]; !known && b.rules.doubtful(rec, reference) {
		b.doubts[table] = doubt{rec.Row, b.doubtCode(rec, reference, missing)}
	}
	if b.rules.SplitOrders && reference != "" && !b.textAlone(rec) {
		b.counts[b.key(reference)]++
	}
	return reference
}

// doubtCode is why a record may belong to any order of its file.
func (b *batchContext) doubtCode(rec *Record, reference, missing string) Code {
	for _, p := range rec.Problems {
		if b.rules.severity(&p) == Error {
			return p.Code
		}
	}
	switch {
	case missing != "":
		return CodeReferenceTemplate
	case fold(reference) != "":
		return "order_reference.characters"
	}
	return "order_reference.missing"
}

// builder makes the order of one reference's records. A worker uses the same memory for the next order, so nothing that
// a builder returns may point into it.
type builder struct {
	*batchContext
	reference string
	records   []spooled
	alike     *spooled // the first record of another order whose reference folds to the same; nil if there is none
	rows      []Row
	bad       bool
	past      bool // the due date has passed
	// the first record that says its prices otherwise than the rules do, -1 for none; nil before the search
	other        *int
	unlooked     bool // a register had no row for a record, so that its missing cells are not reported again
	order        *Order
	taxed        []lineReader // if VAT is rounded by rate: the lines whose VAT could be computed
	cells        [endOfColumns]orderCell
	home         country // what is known of the order's country, zero if unknown
	rates        []money.Rate
	ratesDay     Date
	ratesCountry string
}

// assemble makes the groups of records whose references have the same hash: usually one group. size is how many such
// records the entire batch has. A record without a reference is alone. c is scratch memory.
func (b *batchContext) assemble(c *builder, records []spooled, size int) []Group {
	reference := func(rec *spooled) string {
		reference, _ := b.rules.referenceOf(&rec.Record)
		return reference
	}
	alike := func(list []spooled) (n int) { // how many records at the beginning have the same reference
		first := reference(&list[0])
		for n = 1; n < len(list) && reference(&list[n]) == first; n++ {
		}
		return n
	}
	if alike(records) < len(records) {
		slices.SortStableFunc(records, func(a, b spooled) int { return cmp.Compare(reference(&a), reference(&b)) })
	}
	var groups []Group
	for rest := records; len(rest) > 0; {
		of, missing := b.rules.referenceOf(&rest[0].Record)
		end := alike(rest)
		*c = builder{batchContext: b, reference: of, records: rest[:end:end], order: &Order{}}
		rest = rest[end:]
		if of != "" && end < len(records) {
			at := slices.IndexFunc(records, func(rec spooled) bool {
				other := reference(&rec)
				return other != of && fold(other) == fold(of)
			})
			if at >= 0 {
				c.alike = &records[at]
			}
		}
		groups = append(groups, c.run(missing, size)...)
	}
	return groups
}

// checkAlike refuses an order if another order has the same reference in another spelling.
func (c *builder) checkAlike() {
	if c.alike == nil {
		return
	}
	other, _ := c.rules.referenceOf(&c.alike.Record)
	c.report(0, "order.alike", c.reference, "reference", c.reference, "other", other,
		"place", c.alike.from(c.records[0].File), "column", ColOrderReference.String())
}

// run makes every check of the order, so that all problems are found in one pass, and returns its groups: one, or its
// parts if it is split.
func (c *builder) run(missing string, size int) []Group {
	c.rows = make([]Row, len(c.records))
	for i := range c.records {
		rec := &c.records[i]
		c.rows[i] = Row{
			Place: rec.Place, Ordinal: rec.ordinal, Table: rec.table, Reference: c.reference, Cells: rec.Cells,
			LineID: rec.Get(ColLineID), Description: rec.Get(ColDescription),
		}
		for _, p := range rec.Problems {
			c.unlooked = c.unlooked || strings.HasPrefix(string(p.Code), "register.")
			c.note(i, p)
		}
	}
	if c.unreadable() {
		return c.refused()
	}
	c.checkReference(missing)
	if len(c.rows) == 1 && c.bad && noLine(&c.records[0].Record) {
		return c.refused()
	}
	if c.reference != "" {
		c.terms()
	}
	if c.reference != "" || c.rows[0].Description != "" {
		c.lines()
	}
	c.checkFiles()
	c.checkLines(size)
	c.checkCredit()
	if c.bad {
		c.checkPast(c.order)
		return c.refused()
	}
	return c.split()
}

// noLine reports whether a record has no cell that makes a line, such as a remark below the list.
func noLine(rec *Record) bool {
	for _, c := range []Column{ColDescription, ColQuantity, ColUnitPrice, ColAmount} {
		if rec.Values[c] != "" {
			return false
		}
	}
	return true
}

// unreadable reports whether the only row is not a line, such as a total that does not add up. Its cells are then not
// checked.
func (c *builder) unreadable() bool {
	return len(c.rows) == 1 &&
		slices.ContainsFunc(c.rows[0].Problems, func(p Problem) bool { return p.Code == "row.total" })
}

// refused is the group of an order that is not sent.
func (c *builder) refused() []Group {
	c.markIncomplete()
	return []Group{{Reference: c.reference, Rows: c.rows, debtor: c.debtor()}}
}

// report notes a problem of row i. The other parameters are those of [NewProblem].
func (c *builder) report(i int, code Code, value string, words ...string) {
	p := NewProblem(code, value, words...)
	if column, ok := ColumnByName(p.Column); ok && strings.HasSuffix(string(code), ".missing") {
		p.Hint += c.notUnderstood(i, column)
	}
	c.note(i, p)
}

// notUnderstood is the hint that the file has no column for a missing cell, with the headers that were not understood.
func (c *builder) notUnderstood(i int, column Column) string {
	if len(c.tables) == 0 || i >= len(c.records) {
		return ""
	}
	t := &c.tables[c.records[i].table]
	if slices.Contains(t.Known, column) || slices.Contains(t.Made, column) {
		return ""
	}
	var headers []string
	for k, header := range t.Header {
		if k < len(t.Known) && t.Known[k] == 0 && strings.TrimSpace(header) != "" {
			headers = append(headers, fmt.Sprintf("%q", header))
		}
	}
	const most = 8
	if len(t.Made) > 0 || len(headers) == 0 || len(headers) > most {
		return fmt.Sprintf(hintNoColumn, column)
	}
	return fmt.Sprintf(hintNotUnderstood, column,
		strings.Join(headers, ", "))
}

// note keeps a problem of row i with the severity that the rules give it. It drops one that only follows from another.
func (c *builder) note(i int, p Problem) {
	p.Severity = c.rules.severity(&p)
	if p.Severity == Off || c.repeatsIntake(i, p) || c.unlooked && strings.HasSuffix(string(p.Code), ".missing") {
		return
	}
	if p.Severity == Error {
		c.bad = true
	}
	p.Place, p.Value = c.rows[i].Place, strings.Clone(p.Value)
	c.rows[i].Problems = append(c.rows[i].Problems, p)
}

// repeatsIntake reports whether intake has already reported an error of the problem's cell.
func (c *builder) repeatsIntake(i int, p Problem) bool {
	if p.Column == "" || i >= len(c.records) {
		return false
	}
	return slices.ContainsFunc(c.records[i].Problems, func(read Problem) bool {
		return read.Column == p.Column && read.Code != p.Code && c.rules.severity(&read) == Error
	})
}

// checkReference checks that the provider would keep the reference, and that it names one order.
func (c *builder) checkReference(missing string) {
	switch {
	case missing != "":
		c.report(0, "order_reference.template", "", "template", strconv.Quote(c.rules.Reference), "missing", missing)
	case fold(c.reference) == "":
		c.report(0, "order_reference.missing", c.reference)
	case !plainReference(c.reference):
		c.report(0, "order_reference.characters", c.reference)
	case len(c.reference) > MaxReference:
		c.report(0, "order_reference.length", c.reference, "reference", c.reference,
			"length", strconv.Itoa(len(c.reference)), "limit", strconv.Itoa(MaxReference))
	}
	for i := range c.records {
		c.checkInvisible(i, ColOrderReference)
	}
	c.checkAlike()
	c.hold()
}

// hold holds back an order if its file has a row that may belong to it. Rows with a problem of their own report only
// that one.
func (c *builder) hold() {
	if c.reference == "" || len(c.doubts) == 0 {
		return
	}
	at, d, held := 0, doubt{}, false
	for ; at < len(c.records) && !held; at++ {
		d, held = c.doubts[c.records[at].table]
	}
	if !held {
		return
	}
	of := &c.records[at-1]
	for i := range c.records {
		if !hasError(c.rows[i]) {
			place := Place{File: of.File, Row: d.row}
			c.report(i, CodeOrderHeld, c.reference, "reference", c.reference, "place", place.from(c.records[i].File),
				"code", string(d.code))
		}
	}
}

// plainReference reports whether text has only A-Z a-z 0-9 . _ -.
func plainReference(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && r != '.' && r != '_' && r != '-'
	})
}

// checkInvisible warns if clean removed something from an identifier.
func (c *builder) checkInvisible(i int, column Column) {
	if value := c.records[i].Get(column); strings.ContainsFunc(value, invisible) {
		c.report(i, "text.invisible", value, "column", column.String())
	}
}

// checkFiles refuses an order whose rows are in two files.
func (c *builder) checkFiles() {
	first := &c.records[0]
	for i := range c.records {
		if c.records[i].table != first.table {
			c.report(i, "order.files", c.reference, "reference", c.reference, "file", first.File, "other",
				c.records[i].File)
			return
		}
	}
}

// markIncomplete notes on every correct row of a bad order which row keeps the order from being sent.
func (c *builder) markIncomplete() {
	culprit := slices.IndexFunc(c.rows, hasError)
	for i := range c.rows {
		if hasError(c.rows[i]) {
			continue
		}
		p := NewProblem(CodeOrderIncomplete, c.reference, "reference", c.reference,
			"place", c.rows[culprit].from(c.rows[i].File), "code", string(firstError(c.rows[culprit])))
		p.Place = c.rows[i].Place
		c.rows[i].Problems = append(c.rows[i].Problems, p)
	}
}

func hasError(row Row) bool { return firstError(row) != "" }

func firstError(row Row) Code {
	for _, p := range row.Problems {
		if p.Severity == Error {
			return p.Code
		}
	}
	return ""
}
