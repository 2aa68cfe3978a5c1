package billing

import (
	"fmt"
	"strconv"
	"strings"

	"kraviabatch/internal/money"
)

// checkLines refuses an order that has too many lines and is not split. size is how many records it has; the builder
// has at most maxOrderRows of them.
func (c *builder) checkLines(size int) {
	lines := len(c.order.Lines)
	if size > maxOrderRows {
		lines = size
	}
	if size > maxOrderRows || lines > MaxLines && !c.rules.SplitOrders {
		c.report(0, "order.lines", c.reference, "reference", c.reference, "lines", strconv.Itoa(lines), "limit",
			strconv.Itoa(MaxLines))
	}
}

// partsOf is how many parts an order of so many lines is split into, 0 if it is not split.
func partsOf(lines int) int {
	if lines <= MaxLines {
		return 0
	}
	return (lines + MaxLines - 1) / MaxLines
}

// split finishes the order, in parts if it has too many lines; checkLines has refused that if the rules allow no parts.
func (c *builder) split() []Group {
	lines := c.order.Lines
	parts := partsOf(len(lines))
	c.checkParts(parts)
	if parts == 0 {
		return c.finish([]Group{{Reference: c.reference, Rows: c.rows, Order: c.order, debtor: c.debtor()}})
	}
	groups := make([]Group, parts)
	for p := range parts {
		from, to := p*MaxLines, min((p+1)*MaxLines, len(lines))
		first, end := lines[from].row, len(c.rows)
		if to < len(lines) {
			end = lines[to].row
		}
		part := *c.order
		part.Reference = c.part(p + 1)
		part.Lines = lines[from:to]
		groups[p] = Group{Reference: part.Reference, Rows: c.rows[first:end], Order: &part, debtor: c.debtor()}
	}
	return c.finish(groups)
}

// part is the reference of a part, which is numbered from 1: "A1-2".
func (c *builder) part(number int) string { return c.reference + "-" + strconv.Itoa(number) }

// checkParts refuses an order if one of its parts would have the reference of another order, and the other order too.
// It also refuses one whose lines an earlier run sent under another reference.
func (c *builder) checkParts(parts int) {
	if !c.rules.SplitOrders {
		return
	}
	for p := 1; p <= parts; p++ {
		if c.counts[c.key(c.part(p))] > 0 {
			c.report(0, "order.part", c.reference, "reference", c.reference, "part", c.part(p))
		}
	}
	if before := c.sentBefore(parts); before != "" {
		c.report(0, "order.parts_before", c.reference, "reference", c.reference, "before", before)
	}
	at := strings.LastIndexByte(c.reference, '-')
	if at < 0 {
		return
	}
	whole, suffix := c.reference[:at], c.reference[at+1:]
	if n, err := strconv.Atoi(suffix); err == nil && n > 0 && strconv.Itoa(n) == suffix &&
		n <= partsOf(c.counts[c.key(whole)]) {
		c.report(0, "order.part", c.reference, "reference", whole, "part", c.reference)
	}
}

// partsAsked is how many parts beyond the order's own sentBefore asks the journal for.
const partsAsked = 20

// sentBefore is the reference under which an earlier run sent lines of the order that this run would send under
// another: the order as a whole, or a part that it no longer has. It is "" if there is none.
func (c *builder) sentBefore(parts int) string {
	whole := c.rules.sent(c.reference) != ""
	switch {
	case whole && parts > 0:
		return c.reference
	case whole: // the same order again; a reference that looks like a part is another order's
		return ""
	}
	for n := parts + 1; n <= parts+partsAsked && c.rules.Sent != nil; n++ {
		if c.rules.sent(c.part(n)) != "" {
			return c.part(n)
		}
	}
	return ""
}

// finish sums the orders, checks their totals and marks their rows as valid. If one part is bad, all are refused.
func (c *builder) finish(groups []Group) []Group {
	first := 0
	for _, group := range groups {
		c.total(group.Order, first, len(group.Rows))
		c.checkPast(group.Order)
		first += len(group.Rows)
	}
	if c.bad {
		return c.refused()
	}
	for _, group := range groups {
		for i := range group.Rows {
			group.Rows[i].Reference = group.Reference
			group.Rows[i].Valid = true
		}
	}
	return groups
}

// total sums the lines of an order whose rows start at index first, and checks the limits of the provider.
func (c *builder) total(o *Order, first, rows int) {
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
		c.report(first, "order.total", o.Gross.String(), "reference", o.Reference, "total", o.Gross.Grouped(),
			"column", ColAmount.String(),
			"least", money.New(1, o.Currency).String(), "most", money.New(MaxTotal, o.Currency).Thousands())
	}
	if len(o.Reference) > MaxReference && len(c.reference) <= MaxReference {
		c.report(first, "order_reference.length", o.Reference, "reference", fmt.Sprintf(msgOfPart, o.Reference),
			"length", strconv.Itoa(len(o.Reference)), "limit", strconv.Itoa(MaxReference))
	}
}
