package intake

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"kraviabatch/internal/money"
)

// writeIgnored writes ignore: the columns that are not used. It asks about each that an invoice may depend on,
// unless other columns prove that it adds nothing.
func (d *drafter) writeIgnored(w *draftWriter) {
	silent, questions := d.silent(), map[*draftColumn]string{}
	askFewWords(silent, questions)
	askNumbers(silent, questions)
	for _, c := range d.lines.columns {
		if c.use != "" || d.isKey(c) || c.name == "" && c.stats.filled == 0 {
			continue
		}
		why := c.because
		if why == "" {
			why = d.redundant(c)
		}
		says := ""
		if c.stats.filled > 0 && why == "" {
			says = d.says(c)
		}
		if why == "" && d.ofEmployees(c) != "" {
			why = fmt.Sprintf(msgWhyEmployees, d.ofEmployees(c))
		}
		text := ""
		if d.canIgnore(c) {
			text = "  - " + yamlText(c.name)
		}
		comment := evidence(sampleOf(c), why)
		switch {
		case c.name == "" && says != "":
			w.ask("ignore", "", msgAskNoHeader, columnLetters(c.at), says)
		case c.name == "":
			w.line("ignore", "", fmt.Sprintf(msgWhyNoHeader, columnLetters(c.at), comment))
		case says != "":
			w.line("ignore", text, comment, fmt.Sprintf(msgAskUnread, oneLine(shown(c.name)), says))
		case text == "":
			w.line("ignore", "", fmt.Sprintf(msgWhyUnnamed, oneLine(shown(c.name)), comment))
		case questions[c] != "":
			w.line("ignore", text, comment, questions[c])
		default:
			w.line("ignore", text, comment)
		}
	}
}

// silent are the columns that are passed over and of which nothing speaks: neither a header nor a proof.
func (d *drafter) silent() []*draftColumn {
	return slices.DeleteFunc(slices.Clone(d.lines.columns), func(c *draftColumn) bool {
		return c.use != "" || c.because != "" || c.stats.filled == 0 || d.isKey(c) || !d.canIgnore(c) ||
			d.redundant(c) != "" || d.says(c) != ""
	})
}

// askFewWords asks about columns with a few words, such as "ok" and "wait", that may say which rows are invoiced. One
// question about all of them stands at the first.
func askFewWords(silent []*draftColumn, questions map[*draftColumn]string) {
	var first *draftColumn
	var counts []string
	for _, c := range silent {
		list := c.stateWords()
		if len(list) == 0 {
			continue
		}
		first, counts = cmp.Or(first, c), append(counts, oneLine(c.name)+" has "+wordCounts(c, list))
	}
	if first != nil {
		example := fmt.Sprintf(msgAskOnlyWords, oneLine(first.name))
		questions[first] = fmt.Sprintf(msgAskWords, strings.Join(counts, "; "), example)
	}
}

// askNumbers asks about columns of numbers whose headers say nothing: such a number may have to be billed. One
// question about all of them stands at the first.
func askNumbers(silent []*draftColumn, questions map[*draftColumn]string) {
	var first *draftColumn
	var names []string
	for _, c := range silent {
		f, h := figuresOf(c), theVocabulary().speaksOf(c.text)
		if f != nil && !c.table.headerless && !h.others && !h.labels && !h.harmless && f.counts() &&
			len(c.stateWords()) == 0 {
			first, names = cmp.Or(first, c), append(names, fmt.Sprintf("%s (%s)", oneLine(c.name), sampleOf(c)))
		}
	}
	if first != nil {
		questions[first] = fmt.Sprintf(msgAskNumbers, strings.Join(names, ", "))
	}
}

// counts reports whether numbers may count or cost something: they are not the same on every row, and shorter than
// numbers that name something, such as those of customers.
func (f *figures) counts() bool {
	const few = 5
	different := map[money.Decimal]bool{}
	for i, has := range f.has {
		if has {
			different[f.values[i]] = true
			if len(f.values[i].String()) > few {
				return false
			}
		}
	}
	return len(different) > 1
}
