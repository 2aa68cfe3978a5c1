package intake

import (
	"fmt"
	"slices"

	"kraviabatch/internal/billing"
)

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
// no amount. Every other row has no cell of the order, except numbers that the lines repeat. The result is nil
// where a row fits neither, where the first row is a line, or where there are no lines.
func (d *drafter) headRows() []bool {
	const much = 3
	ofOrder, amounts := d.mappedIn()
	heads, some := make([]bool, len(d.lines.rows)), false
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
			heads[i], some = true, true
		case filled > repeated, i == 0:
			return nil
		}
	}
	if !some || !slices.Contains(heads, false) {
		return nil
	}
	return heads
}

// writeHeads writes head: the formula that tells head rows from lines. It compares a column of record types, or
// else a cell that only head rows have. It reports whether there are head rows that a formula can tell.
func (d *drafter) writeHeads(w *draftWriter) bool {
	heads := d.headRows()
	if heads == nil {
		return false
	}
	n := 0
	for _, head := range heads {
		count(&n, head)
	}
	why := fmt.Sprintf(msgWhyHeads, countOf(n, "row"))
	for _, c := range d.lines.columns {
		if word := c.wordOf(heads); word != "" && c.use == "" && bracesFit(c.name) && quotable(word) {
			c.use = "head"
			w.line("head", "head: "+yamlQuoted(fmt.Sprintf("= {%s} == '%s'", c.name, word)), why)
			return true
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
			return true
		}
	}
	return false
}

// wordOf is the one word that a column has on all marked rows and on no other row, "" for none.
func (c *draftColumn) wordOf(marked []bool) string {
	word, first := "", true
	for i, is := range marked {
		if !is {
			continue
		}
		if value := c.value(i); first {
			word, first = value, false
		} else if value != word {
			return ""
		}
	}
	for i, is := range marked {
		if !is && c.value(i) == word {
			return ""
		}
	}
	return word
}
