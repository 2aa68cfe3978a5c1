package intake

import (
	"fmt"
	"slices"
	"strings"

	"kraviabatch/internal/billing"
)

// ColumnUse says how a column of the input was understood.
type ColumnUse struct {
	Header string         `json:"header"`
	Column billing.Column `json:"column,omitempty"`
	How    string         `json:"how"`              // why it is that column, or why it is not used
	Sample string         `json:"sample,omitempty"` // the first cell that is not empty, as a reader sees it
	Read   string         `json:"read,omitempty"`   // how that cell is read
}

// describe fills File.Columns, and notes in File.Notices what was assumed about the cells of a column.
func (f *File) describe() {
	for i, c := range f.layout.all() {
		use := ColumnUse{Header: c.text, Column: c.known, How: c.how, Sample: shown(strings.TrimSpace(c.sample.Text()))}
		if c.values != nil && c.known != 0 {
			use.How += msgHowByValues
		}
		if i >= madeBase {
			use.How += f.derivation.how(i-madeBase, true)
		}
		if use.Header == "" {
			use.Header = columnLetters(i)
		}
		switch {
		case c.ignored:
			use.How = msgHowIgnored
		case c.known == 0 && c.used != "":
			use.How = fmt.Sprintf(msgHowUsedFor, c.used)
		case c.known == 0 && c.sample.Kind == 0:
			use.How = msgHowEmpty
		case c.known == 0:
			use.How = msgHowCopied
			if f.profile.orNone().register {
				use.How = msgHowUnused
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
			f.notice(msgRoundingTails, c.text, c.tails)
		}
		if c.bare > 0 {
			f.notice(msgNumbersAsDates, c.text, c.bare)
		}
		if c.known == billing.ColDeliveryDate && !f.profile.tellsDelivery() {
			f.notice(msgDeliveryDate, c.text)
		}
	}
}

// told reports whether a made column that only repeats this column's cells describes it already.
func (f *File) told(c *column) bool {
	return c.known == 0 && slices.ContainsFunc(f.layout.made, func(m column) bool {
		return m.text == c.text && m.known.String() == c.used
	})
}

// tellsDelivery reports whether the description contains the column that the delivery date is read from.
func (p *Profile) tellsDelivery() bool {
	date, text := p.orNone().Columns[billing.ColDeliveryDate], p.orNone().Columns[billing.ColDescription]
	return date != nil && text != nil && slices.ContainsFunc(date.references, func(r reference) bool {
		return slices.Contains(text.references, r)
	})
}

// how says where the cells of a made column come from, beside its expression.
func (d *derivation) how(i int, filled bool) (how string) {
	if d.columns[i].fromHead {
		how += msgHowFromHead
	}
	if d.columns[i].fill && filled {
		how += msgHowFilledDown
	}
	return how
}

// notice adds a sentence about an assumption.
func (f *File) notice(format string, args ...any) {
	f.Notices = append(f.Notices, fmt.Sprintf(format, args...))
}

// absent lists the names of our columns that the table does not have.
func (f *File) absent() []string {
	var names []string
	for _, c := range billing.Columns() {
		if f.layout.index(c) < 0 {
			names = append(names, c.String())
		}
	}
	return names
}
