package billing

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"kraviabatch/internal/money"
)

// maxOrderRows bounds the memory that one reference can take: a longer order is refused in chunks.
const maxOrderRows = 20_000

// check is one order in the making.
type check struct {
	rules     *Rules
	reference string
	records   []spooled
	rows      []Row
	bad       bool
	order     Order
	cells     [columnCount]merged
	home      country              // of the order's country, zero if unknown
	line      [columnCount]*string // cells of the row whose line is being read
}

// assemble makes the groups of records that share a hash: usually one. size is how many records share it
// in the whole batch.
func (r *Rules) assemble(records []spooled, size int) []Group {
	var groups []Group
	for len(records) > 0 {
		reference, missing := r.referenceOf(&records[0].Record)
		var same, rest []spooled
		for i, rec := range records {
			ref, _ := r.referenceOf(&rec.Record)
			if ref == reference && (reference != "" || i == 0) {
				same = append(same, rec)
			} else {
				rest = append(rest, rec)
			}
		}
		c := &check{rules: r, reference: reference, records: same}
		groups = append(groups, c.run(missing, max(size, len(same)))...)
		records = rest
	}
	return groups
}

// run makes every check of the order, so that all problems are found in one pass.
func (c *check) run(missing string, size int) []Group {
	c.rows = make([]Row, len(c.records))
	for i := range c.records {
		rec := &c.records[i]
		c.rows[i] = Row{
			Place: rec.Place, Ordinal: rec.ordinal, Table: rec.table, Reference: c.reference, Cells: rec.Cells,
			LineID: rec.Get(lineIDColumn), Description: rec.Get(colDescription),
		}
		for _, p := range rec.Problems {
			c.note(i, p)
		}
	}
	c.checkReference(missing)
	c.head()
	c.lines()
	if size > MaxLines && (!c.rules.SplitOrders || size > maxOrderRows) {
		c.add(0, CodeOrderLines, ColOrderReference, c.reference,
			fmt.Sprintf("order %s has %d lines, at most %d are taken by the provider", c.reference, size, MaxLines),
			"split the order, or set split_orders: true in the profile")
	}
	if c.bad {
		c.markSisters()
		return []Group{{Reference: c.reference, Rows: c.rows, debtor: c.debtor()}}
	}
	return c.split()
}

// add notes a problem of row i, under the severity in force.
func (c *check) add(i int, code Code, column, value, message, hint string) {
	c.note(i, Problem{Code: code, Severity: codeIndex[code].Severity, Column: column, Value: value, Message: message, Hint: hint})
}

// note keeps a problem of row i under the severity in force: the rules' or its own.
func (c *check) note(i int, p Problem) {
	if s, ok := c.rules.Severity[p.Code]; ok {
		p.Severity = s
	}
	if p.Severity == Off || c.refusedCell(i, p) {
		return
	}
	if p.Severity == Error {
		c.bad = true
	}
	p.Place, p.Value = c.rows[i].Place, cloneText(p.Value)
	c.rows[i].Problems = append(c.rows[i].Problems, p)
}

// refusedCell reports whether p only repeats, of a cell that could not be read, what intake said of it.
func (c *check) refusedCell(i int, p Problem) bool {
	if p.Value == "" || i >= len(c.records) {
		return false
	}
	for _, read := range c.records[i].Problems {
		severity, ok := c.rules.Severity[read.Code]
		if !ok {
			severity = read.Severity
		}
		if read.Column == p.Column && read.Code != p.Code && severity == Error {
			return true
		}
	}
	return false
}

func (c *check) checkReference(missing string) {
	switch {
	case missing != "":
		c.add(0, CodeReferenceTemplate, missing, "", fmt.Sprintf("the reference %q cannot be made because %s is empty", c.rules.Reference, missing), "fill in "+missing)
	case c.reference == "":
		c.add(0, CodeReferenceMissing, ColOrderReference, "", "the row has no order reference", "fill in order_reference, or give a profile with a reference such as \"{period}-{customer_number}\"")
	case !plainReference(c.reference):
		c.add(0, CodeReferenceCharacters, ColOrderReference, c.reference, fmt.Sprintf("the order reference %q has characters other than A-Z a-z 0-9 . _ -", c.reference), "use only those characters")
	case len(c.reference) > MaxReference:
		c.add(0, CodeReferenceLength, ColOrderReference, c.reference, fmt.Sprintf("the order reference has %d characters, at most %d are kept by the provider", len(c.reference), MaxReference), "shorten it")
	}
	for i := range c.records {
		c.checkInvisible(i, ColOrderReference, c.records[i].Get(referenceColumn))
	}
}

// plainReference reports whether text is of A-Z a-z 0-9 . _ - only.
func plainReference(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && r != '.' && r != '_' && r != '-'
	})
}

// checkInvisible warns where clean took something out of an identifier.
func (c *check) checkInvisible(i int, column, value string) {
	if strings.ContainsFunc(value, invisible) {
		c.add(i, CodeInvisible, column, value, column+" has characters that cannot be seen, which were left out", "type the cell again")
	}
}

// markSisters tells every clean row of a bad order which row keeps it from being sent.
func (c *check) markSisters() {
	culprit := slices.IndexFunc(c.rows, hasError)
	for i := range c.rows {
		if hasError(c.rows[i]) {
			continue
		}
		place := fmt.Sprintf("row %d", c.rows[culprit].Row)
		if c.rows[culprit].File != c.rows[i].File {
			place += " of " + c.rows[culprit].File
		}
		c.rows[i].Problems = append(c.rows[i].Problems, Problem{
			Code: CodeOrderIncomplete, Severity: Error, Place: c.rows[i].Place, Value: c.reference,
			Message: fmt.Sprintf("order %s is not sent because %s has a problem (%s)", c.reference, place, firstError(c.rows[culprit])),
			Hint:    "fix " + place,
		})
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

// split closes the order, or makes parts of it when it has too many lines and the rules allow parts.
func (c *check) split() []Group {
	parts := (len(c.order.Lines) + MaxLines - 1) / MaxLines
	if parts == 1 || !c.rules.SplitOrders {
		return c.finish([]Group{{Reference: c.reference, Rows: c.rows, Order: &c.order, debtor: c.debtor()}})
	}
	groups := make([]Group, parts)
	for p := range parts {
		from, to := p*MaxLines, min((p+1)*MaxLines, len(c.order.Lines))
		part := c.order
		part.Reference = c.reference + "-" + strconv.Itoa(p+1)
		part.Lines = c.order.Lines[from:to]
		groups[p] = Group{Reference: part.Reference, Rows: c.rows[from:to], Order: &part, debtor: c.debtor()}
	}
	return c.finish(groups)
}

// finish sums the orders, checks their totals and marks their rows as valid. One bad part makes all bad.
func (c *check) finish(groups []Group) []Group {
	first := 0
	for _, group := range groups {
		c.total(group.Order, first, len(group.Rows))
		first += len(group.Rows)
	}
	if c.bad {
		c.markSisters()
		return []Group{{Reference: c.reference, Rows: c.rows}}
	}
	for _, group := range groups {
		for i := range group.Rows {
			group.Rows[i].Reference = group.Reference
			group.Rows[i].Valid = true
		}
	}
	return groups
}

// total sums the lines of an order whose rows start at index first.
func (c *check) total(o *Order, first, rows int) {
	o.First, o.Rows = c.rows[first].Ordinal, rows
	o.Gross, o.VAT = money.New(0, o.Currency), money.New(0, o.Currency)
	var err error
	for _, line := range o.Lines {
		if o.Gross, err = o.Gross.Add(line.Gross); err != nil {
			break
		}
		o.VAT, _ = o.VAT.Add(line.VAT) // |VAT| <= |gross|
	}
	if err != nil || o.Gross.Minor() < 1 || o.Gross.Minor() > MaxTotal {
		c.add(first, CodeOrderTotal, ColAmount, o.Gross.String(),
			fmt.Sprintf("order %s adds up to %s %s, which cannot be invoiced", o.Reference, o.Gross, o.Currency),
			fmt.Sprintf("an order must be between %s and %s", money.New(1, o.Currency), money.New(MaxTotal, o.Currency)))
	}
	if len(o.Reference) > MaxReference && len(c.reference) <= MaxReference {
		c.add(first, CodeReferenceLength, ColOrderReference, o.Reference,
			fmt.Sprintf("the part's reference %s has more than %d characters", o.Reference, MaxReference), "shorten the order reference")
	}
}
