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
	for i := range f.layout.columns {
		c := &f.layout.columns[i]
		use := ColumnUse{Header: c.text, Column: c.known, How: c.how, Sample: shown(strings.TrimSpace(c.sample.Text()))}
		if use.Header == "" {
			use.Header = columnLetters(i)
		}
		switch {
		case c.ignored:
			use.How = "passed over, as the profile says"
		case c.known == 0 && c.sample.Kind == 0:
			use.How = "empty"
		case c.known == 0:
			use.How = "not used, only copied to the report"
		case c.sample.Kind == 0:
		default:
			r := c.read(&c.sample)
			use.Read = shown(r.value)
			for _, word := range c.currencies(&r, f.layout.currency) {
				use.Read += " " + string(word)
			}
		}
		if c.text != "" || c.sample.Kind != 0 {
			f.Columns = append(f.Columns, use)
		}
		if c.tails > 0 {
			f.notice("column %q: numbers stored with a binary rounding tail, such as 299.00000000000006, were read as a spreadsheet shows them (%d)",
				c.text, c.tails)
		}
		if c.bare > 0 {
			f.notice("column %q: numbers without a date format were read as dates (%d)", c.text, c.bare)
		}
		if c.known == billing.ColDeliveryDate {
			f.notice("column %q decides which VAT rates hold; the provider does not take it, so it is not on the invoice", c.text)
		}
	}
}

func (f *File) notice(format string, args ...any) {
	f.Notices = append(f.Notices, fmt.Sprintf(format, args...))
}

// absent are the names of columns that the table does not have.
func (f *File) absent() []string {
	var names []string
	for _, c := range billing.Columns() {
		if !slices.ContainsFunc(f.layout.columns, func(have column) bool { return have.known == c }) {
			names = append(names, c.String())
		}
	}
	return names
}
