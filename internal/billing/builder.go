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

// maxOrderRows bounds the memory that one reference can take: a longer order is refused in chunks.
const maxOrderRows = 20_000

// batchContext is what an order's checks know of the rest of the batch.
type batchContext struct {
	rules     *Rules
	constants []constant
	makesLine bool // see Rules.makesLine
	tables    []Table
	doubts    map[int]doubt  // by table: the first row that may belong to any of its orders
	seed      maphash.Seed   // of the hashes of references
	counts    map[uint64]int // lines of each reference, kept only where orders are split
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

// key is a hash of a reference.
func (b *batchContext) key(reference string) uint64 { return maphash.String(b.seed, fold(reference)) }

// fold is what references have in common that people and programs make of each other: T-1 written t-1, T–1 or
// T_01. It is "" for one without a letter or digit, such as a ditto mark.
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

// prepare readies a record of the newest table and notes what it tells about the batch. It gives the record's
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

// builder makes one order of its records. It is made anew for each in the same memory; what it gives away is not in it.
type builder struct {
	*batchContext
	reference string
	records   []spooled
	alike     *spooled // the first record of another order whose reference folds to the same, nil for none
	rows      []Row
	bad       bool
	past      bool // the due date has passed
	// the first record whose prices are not those of the rules, -1 for none; nil until it is looked for
	other        *int
	unlooked     bool // a register had no row for one of the records, so that cells are empty which may not be
	order        *Order
	taxed        []lineReader // where VAT is rounded by rate: the lines whose VAT could be computed
	cells        [endOfColumns]orderCell
	home         country // of the order's country, zero if unknown
	rates        []money.Rate
	ratesDay     Date
	ratesCountry string
}

// assemble makes the groups of records that share a hash: usually one. size is how many records share it in
// the whole batch. Records without a reference belong to nobody. c is used for each; nothing of it is kept.
func (b *batchContext) assemble(c *builder, records []spooled, size int) []Group {
	reference := func(rec *spooled) string {
		reference, _ := b.rules.referenceOf(&rec.Record)
		return reference
	}
	alike := func(list []spooled) (n int) { // how many at its beginning have the same reference
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

// checkAlike refuses an order whose reference another order has but for its spelling.
func (c *builder) checkAlike() {
	if c.alike == nil {
		return
	}
	other, _ := c.rules.referenceOf(&c.alike.Record)
	c.report(0, "order.alike", c.reference, "reference", c.reference, "other", other,
		"place", c.alike.from(c.records[0].File), "column", ColOrderReference.String())
}

// run makes every check of the order, so that all problems are found in one pass.
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

// noLine reports whether a record has nothing that a line is made of, such as a remark below the list.
func noLine(rec *Record) bool {
	for _, c := range []Column{ColDescription, ColQuantity, ColUnitPrice, ColAmount} {
		if rec.Values[c] != "" {
			return false
		}
	}
	return true
}

// unreadable reports whether the only row is no line at all, such as a total that does not add up: its cells
// are not checked.
func (c *builder) unreadable() bool {
	return len(c.rows) == 1 &&
		slices.ContainsFunc(c.rows[0].Problems, func(p Problem) bool { return p.Code == "row.total" })
}

// refused is the group of an order that is not sent.
func (c *builder) refused() []Group {
	c.markIncomplete()
	return []Group{{Reference: c.reference, Rows: c.rows, debtor: c.debtor()}}
}

// report notes a problem of row i: see NewProblem.
func (c *builder) report(i int, code Code, value string, words ...string) {
	p := NewProblem(code, value, words...)
	if column, ok := ColumnByName(p.Column); ok && strings.HasSuffix(string(code), ".missing") {
		p.Hint += c.notUnderstood(i, column)
	}
	c.note(i, p)
}

// notUnderstood names the headers that could be the missing column's, when its file has no column for it.
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

// note keeps a problem of row i under the severity in force: the rules' or its own.
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

// repeatsIntake reports whether intake already reported an error for the problem's cell.
func (c *builder) repeatsIntake(i int, p Problem) bool {
	if p.Column == "" || i >= len(c.records) {
		return false
	}
	return slices.ContainsFunc(c.records[i].Problems, func(read Problem) bool {
		return read.Column == p.Column && read.Code != p.Code && c.rules.severity(&read) == Error
	})
}

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

// hold refuses an order of whose files one has a row that may belong to it. Rows with a problem of their own
// are told that alone.
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

// plainReference reports whether text is of A-Z a-z 0-9 . _ - only.
func plainReference(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && r != '.' && r != '_' && r != '-'
	})
}

// checkInvisible warns where clean took something out of an identifier.
func (c *builder) checkInvisible(i int, column Column) {
	if value := c.records[i].Get(column); strings.ContainsFunc(value, invisible) {
		c.report(i, "text.invisible", value, "column", column.String())
	}
}

// checkFiles refuses an order whose rows stand in two files.
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

// markIncomplete tells every clean row of a bad order which row keeps it from being sent.
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
