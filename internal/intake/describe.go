package intake

import (
	"fmt"
	"slices"
	"strings"

	"kraviabatch/internal/billing"
)

// ColumnUse tells how a column of the input was understood.
type ColumnUse struct {
	Header string         `json:"header"`
	Column billing.Column `json:"column,omitempty"`
	How    string         `json:"how"`              // why it is that column, or why it is not used
	Sample string         `json:"sample,omitempty"` // the first cell that is not empty, as a reader sees it
	Read   string         `json:"read,omitempty"`   // what it became
}

// describe tells how each column was understood, and what was assumed about its cells.
func (f *File) describe() {
	for i, c := range f.layout.all() {
		use := ColumnUse{Header: c.text, Column: c.known, How: c.how, Sample: shown(strings.TrimSpace(c.sample.Text()))}
		if c.values != nil && c.known != 0 {
			use.How += ", through its values"
		}
		if i >= madeBase {
			use.How += f.derivation.how(i-madeBase, true)
		}
		if use.Header == "" {
			use.Header = columnLetters(i)
		}
		switch {
		case c.ignored:
			use.How = "passed over, as the profile says"
		case c.known == 0 && c.used != "":
			use.How = "used for " + c.used
		case c.known == 0 && c.sample.Kind == 0:
			use.How = "empty"
		case c.known == 0:
			use.How = "not used, only copied to the report"
			if f.profile.orNone().register {
				use.How = "not used"
			}
		case c.sample.Kind == 0:
		default:
			r := c.read(&c.sample)
			use.Read = shown(r.value)
			for _, word := range c.currencies(&r, f.layout.currency) {
				use.Read += " " + string(word)
			}
		}
		if i < madeBase && f.told(c) {
			continue
		}
		if c.text != "" || c.sample.Kind != 0 {
			f.Columns = append(f.Columns, use)
		}
		if c.tails > 0 {
			f.notice(
				"column %q: numbers stored with a binary rounding tail, such as 299.00000000000006, were read as a spreadsheet shows them (%d)",
				c.text, c.tails)
		}
		if c.bare > 0 {
			f.notice("column %q: numbers without a date format were read as dates (%d)", c.text, c.bare)
		}
		if c.known == billing.ColDeliveryDate && !f.profile.tellsDelivery() {
			f.notice(
				"column %q decides which VAT rates hold; the provider does not take it, so it is not on the invoice",
				c.text)
		}
	}
}

// told reports whether a column is told by a made one that is nothing but its cells.
func (f *File) told(c *column) bool {
	return c.known == 0 &&
		slices.ContainsFunc(f.layout.made, func(m column) bool {
			return m.text == c.text && m.known.String() == c.used
		})
}

// tellsDelivery reports whether the description has the header that the delivery date is read from.
func (p *Profile) tellsDelivery() bool {
	date, text := p.orNone().Columns[billing.ColDeliveryDate], p.orNone().Columns[billing.ColDescription]
	return date != nil && text != nil && slices.ContainsFunc(date.references, func(r reference) bool {
		return slices.Contains(text.references, r)
	})
}

// how tells where a made column's cells come from, beside its expression.
func (d *derivation) how(i int, filled bool) (how string) {
	if m := &d.columns[i]; m.fromHead {
		how += ", from head rows"
	}
	if d.columns[i].fill && filled {
		how += ", an empty cell is the one above"
	}
	return how
}

func (f *File) notice(format string, args ...any) {
	f.Notices = append(f.Notices, fmt.Sprintf(format, args...))
}

// absent are the names of columns that the table does not have.
func (f *File) absent() []string {
	var names []string
	for _, c := range billing.Columns() {
		if f.layout.index(c) < 0 {
			names = append(names, c.String())
		}
	}
	return names
}
