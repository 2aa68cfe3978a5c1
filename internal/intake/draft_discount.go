package intake

import (
	"fmt"
	"slices"
	"strings"

	"kraviabatch/internal/billing"
)

// discountKinds splits a discount that is a percentage on some rows and money on others, where another column says
// which. Each of the two columns gets a formula.
func (d *drafter) discountKinds() {
	e := d.entry(billing.ColDiscountPercent)
	if e == nil || e.source == nil || d.entry(billing.ColDiscountAmount) != nil || d.money.best != nil &&
		d.money.best.discount != nil ||
		!bracesFit(e.source.name) {
		return
	}
	kinds := map[string]billing.Column{
		"PERCENT": billing.ColDiscountPercent, "PERCENTAGE": billing.ColDiscountPercent,
		"PROSENT": billing.ColDiscountPercent, "PROCENT": billing.ColDiscountPercent, "%": billing.ColDiscountPercent,
		"AMOUNT": billing.ColDiscountAmount, "FIXED": billing.ColDiscountAmount, "BELØP": billing.ColDiscountAmount,
		"BELOPP": billing.ColDiscountAmount,
	}
	for _, c := range d.lines.columns {
		list, whole := c.stats.wordList()
		if c.use != "" || c.stats.filled == 0 || !whole || !bracesFit(c.name) ||
			theVocabulary().speaksOf(c.text).what != "a discount" ||
			slices.ContainsFunc(list, func(word string) bool { return kinds[strings.ToUpper(word)] == 0 }) {
			continue
		}
		c.use = "discount kind"
		for _, column := range []billing.Column{billing.ColDiscountPercent, billing.ColDiscountAmount} {
			of, others := []string{}, []string{}
			for _, word := range list {
				if kinds[strings.ToUpper(word)] == column {
					of = append(of, word)
				} else {
					others = append(others, word)
				}
			}
			if d.drop(column); len(of) == 0 {
				continue
			}
			d.entries[column.String()] = &draftEntry{
				value: yamlQuoted("= " + choose(c.name, []choice{{of, "{" + e.source.name + "}"}, {others, "''"}},
					"num({"+e.source.name+"}, 0) == 0 ? '' : ")),
				source: e.source, why: fmt.Sprintf(msgWhySaysWhich, oneLine(c.name), wordCounts(c, list)),
			}
		}
		return
	}
}

// choice is the value of a formula for some words of a column.
type choice struct {
	words []string
	value string
}

// choose is a formula with a value for each known word of a column. A row with another word, or with none, is
// stopped: it must not be billed in the wrong way. pass is code before the stop that may let such a row pass.
func choose(name string, choices []choice, pass string) string {
	var b strings.Builder
	for _, c := range choices {
		if len(c.words) > 0 {
			fmt.Fprintf(&b, "%s ? %s : ", oneOfWords(name, c.words), c.value)
		}
	}
	return b.String() + pass + fmt.Sprintf(msgDraftStop, strings.ReplaceAll(name, "'", ""), name)
}
