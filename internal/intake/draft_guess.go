package intake

import (
	_ "embed"
	"encoding/csv"
	"regexp"
	"slices"
	"strings"
	"sync"

	"kraviabatch/internal/billing"
)

// The levels of a guess say how much a header tells.
const (
	levelPart   = iota + 1 // words of it speak of the column
	levelUnsure            // a synonym that means other things too
	levelKnown             // a synonym
	levelOwn               // the column's own name
)

// guess is one of our columns that a column of the export may stand for. Its cells do not contradict the guess.
type guess struct {
	column billing.Column
	level  int
	why    string // the evidence in the cells, "" for none
}

//go:embed draft_words.csv
var draftWordsCSV string

// draftWordTable is the content of draft_words.csv, in the order of the file.
//
//nolint:gochecknoglobals // a fixed table
var draftWordTable = sync.OnceValue(readDraftWords)

// spokenColumn is how headers speak of a column.
type spokenColumn struct {
	column billing.Column
	words  subject
}

func readDraftWords() []*spokenColumn {
	in := csv.NewReader(strings.NewReader(draftWordsCSV))
	in.Comment = '#'
	rows, err := in.ReadAll()
	if err != nil {
		panic("draft_words.csv is no table") // a test reads it
	}
	var all []*spokenColumn
	for _, row := range rows[1:] {
		c, ok := billing.ColumnByName(row[0])
		if !ok {
			panic("draft_words.csv: there is no column " + row[0])
		}
		s := &spokenColumn{column: c}
		for word := range strings.SplitSeq(row[2], "|") {
			switch row[1] {
			case "alone":
				s.words.alone = append(s.words.alone, normalise(word))
			case "part":
				s.words.parts = append(s.words.parts, normalise(word))
			default:
				s.words.words = append(s.words.words, normalise(word))
			}
		}
		all = append(all, s)
	}
	return all
}

// minor reports whether the amounts of a column are in minor units: the header says so, and no cell has decimals
// that contradict it.
func (c *draftColumn) minor() bool {
	return !c.table.headerless && saysMinor(c.text) && !slices.ContainsFunc(c.table.rows, func(r []cell) bool {
		return c.at < len(r) && withDecimals.MatchString(strings.TrimSpace(r[c.at].Text()))
	})
}

// withDecimals matches numbers with one or two decimals, which are in whole units.
var withDecimals = regexp.MustCompile(`[.,][0-9]{1,2}$`)

// withoutMinor is the header without the words for minor units: `Line total (cents)` becomes `Line total`.
func (c *draftColumn) withoutMinor() string { return withoutMinor(c.text) }

func withoutMinor(header string) string {
	if list := words(header); saysMinor(header) {
		return strings.Join(slices.DeleteFunc(list, minorWord), " ")
	}
	return header
}

// guessColumns finds what each column of a table can be.
func (t *draftTable) guessColumns(index *headerIndex) {
	for _, c := range t.columns {
		text := c.text
		c.heading = heading{}
		if !t.headerless {
			c.heading = index.read(withoutMinor(text))
		}
		c.text = text
		c.guesses = c.guess(index)
	}
}

// guess lists what a column can be, the surest first.
func (c *draftColumn) guess(index *headerIndex) []guess {
	if c.table.headerless {
		return c.guessCells()
	}
	var all []guess
	for _, column := range c.columns {
		level := levelKnown
		if c.how == byItsName && c.text == column.String() {
			level = levelOwn
		} else if c.unsure || len(c.columns) > 1 {
			level = levelUnsure
		}
		all = c.add(all, column, level)
	}
	if len(all) > 0 && all[0].level >= levelKnown {
		return all
	}
	list := words(c.withoutMinor())
	if len(all) == 0 {
		for _, s := range runsOf(index, list) {
			if c.unit.vat == 0 {
				c.unit.vat = s.vat
			}
			all = c.add(all, s.column, levelOf(s, list))
		}
	}
	whole := []string{normalise(c.withoutMinor())}
	for _, s := range draftWordTable() {
		if s.words.spokenOf(whole, list) {
			all = c.add(all, s.column, levelPart)
		}
	}
	return all
}

// add appends a guess unless the cells contradict it, or it is there already.
func (c *draftColumn) add(all []guess, column billing.Column, level int) []guess {
	if slices.ContainsFunc(all, func(g guess) bool { return g.column == column }) {
		return all
	}
	why, ok := c.fitsCells(column, level)
	if !ok {
		return all
	}
	return append(all, guess{column, level, why})
}

// guessCells lists what a column without a header can be, by the form of its cells alone. It never guesses money:
// a wrong amount would be billed.
func (c *draftColumn) guessCells() []guess {
	var all []guess
	for _, column := range []billing.Column{
		billing.ColEmail, billing.ColOrganizationNumber, billing.ColCountry, billing.ColCurrency,
	} {
		if why, proven, _ := cellsOf(column, c.stats); proven && c.stats.filled > 0 {
			all = append(all, guess{column, levelPart, why})
		}
	}
	return all
}

// sectionWords name the part of a record that a header belongs to, normalised.
func sectionWords() []string {
	return append(lineWords(), "order", "ordre", "orders", "invoice", "invoices", "faktura", "delivered", "levert",
		"levererat", "customer", "kunde", "kund", "client", "billing", "postal", "addr")
}

// lineWords are those of sectionWords that name the lines.
func lineWords() []string {
	return []string{
		"line", "lines", "row", "rows", "linje", "linjer", "rad", "rader", "item", "items", "lineitem", "orderline",
		"ordrelinje", "rivi", "rivit",
	}
}

// levelOf is how much a synonym at the end of a header tells. After the name of a part of the record, as in
// "order line price", a synonym tells as much as alone. An amount after the name of the order is an exception: it
// may be the total of the order, and not the amount of a line.
func levelOf(s synonym, list []string) int {
	for at := 1; at < len(list); at++ {
		name, before := strings.Join(list[at:], ""), list[:at]
		if !slices.Contains(spellingsOf(s.column), name) || slices.ContainsFunc(before,
			func(w string) bool { return !slices.Contains(sectionWords(), w) }) {
			continue
		}
		if s.unsure {
			return levelUnsure
		}
		if kindIsMoney(s.column.Kind()) && s.column != billing.ColUnitPrice && !holdsAny(before, lineWords()) {
			continue
		}
		return levelKnown
	}
	return levelPart
}

// spellingsOf are the headers that stand for a column and for no other one, normalised.
func spellingsOf(c billing.Column) []string {
	all := []string{normalise(c.String())}
	for _, list := range [][]string{c.Info().Synonyms, c.Info().WithVAT, c.Info().WithoutVAT} {
		for _, s := range list {
			all = append(all, normalise(strings.TrimSuffix(s, "?")))
		}
	}
	return all
}

// runsOf are the synonyms that stand in a header among other words. The longest come first; of the same length,
// those nearer to the end do.
func runsOf(index *headerIndex, list []string) []synonym {
	var all []synonym
	for length := len(list); length > 0; length-- {
		for at := len(list) - length; at >= 0; at-- {
			found := index.byName[strings.Join(list[at:at+length], "")]
			for _, s := range found {
				s.unsure = s.unsure || len(found) > 1
				all = append(all, s)
			}
		}
	}
	return all
}
