package intake

import (
	"fmt"
	"strings"

	"kraviabatch/internal/money"
)

// writeIgnored writes ignore: the columns that are not used. It asks about each that an invoice may depend on,
// unless other columns prove that it adds nothing.
func (d *drafter) writeIgnored(w *draftWriter) {
	index, all := newHeaderIndex(nil), d.asColumns()
	few, numbers := d.askFewWords(index, all), d.askNumbers(index, all)
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
			says = d.says(c, index, all)
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
		case len(few.columns) > 0 && c == few.columns[0]:
			w.line("ignore", text, comment, few.question)
		case len(numbers.columns) > 0 && c == numbers.columns[0]:
			w.line("ignore", text, comment, numbers.question)
		default:
			w.line("ignore", text, comment)
		}
	}
}

// fewWords are columns that are passed over, and one question about all of them. The question stands at the first.
type fewWords struct {
	columns  []*draftColumn
	question string
}

// askFewWords asks about columns with a few words, such as "ok" and "wait", that may say which rows are invoiced.
func (d *drafter) askFewWords(index *headerIndex, all []column) fewWords {
	var few fewWords
	var counts []string
	example := ""
	for _, c := range d.lines.columns {
		if c.use != "" || c.because != "" || c.name == "" || c.stats.filled == 0 || d.isKey(c) || !d.canIgnore(c) {
			continue
		}
		list := c.stateWords()
		if len(list) == 0 || d.redundant(c) != "" || d.says(c, index, all) != "" {
			continue
		}
		few.columns, counts = append(few.columns, c), append(counts, oneLine(c.name)+" has "+wordCounts(c, list))
		if example == "" && bracesFit(c.name) {
			example = fmt.Sprintf(msgAskOnlyWords, oneLine(c.name))
		}
	}
	if len(counts) > 0 {
		few.question = fmt.Sprintf(msgAskWords, strings.Join(counts, "; "), example)
	}
	return few
}

// askNumbers asks about columns of numbers whose headers say nothing: such a number may have to be billed.
func (d *drafter) askNumbers(index *headerIndex, all []column) fewWords {
	var numbers fewWords
	var names []string
	for _, c := range d.lines.columns {
		if c.use != "" || c.because != "" || c.name == "" || d.isKey(c) || !d.canIgnore(c) || c.table.headerless {
			continue
		}
		f, h := figuresOf(c), theVocabulary().speaksOf(c.text)
		if f == nil || h.others || h.labels || h.harmless || !f.counts() || len(c.stateWords()) > 0 ||
			d.redundant(c) != "" || d.says(c, index, all) != "" {
			continue
		}
		numbers.columns, names = append(numbers.columns, c),
			append(names, fmt.Sprintf("%s (%s)", oneLine(c.name), sampleOf(c)))
	}
	if len(names) > 0 {
		numbers.question = fmt.Sprintf(msgAskNumbers, strings.Join(names, ", "))
	}
	return numbers
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
