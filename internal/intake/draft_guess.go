package intake

import (
	_ "embed"
	"encoding/csv"
	"fmt"
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

// draftVocabulary is the content of draft_words.csv.
type draftVocabulary struct {
	columns []spokenColumn // in the order of the file
	lists   map[string][]string
}

// spokenColumn is how headers speak of a column.
type spokenColumn struct {
	column billing.Column
	words  subject
}

//nolint:gochecknoglobals // a fixed table
var theDraftVocabulary = sync.OnceValue(readDraftVocabulary)

// draftList is a list of words by its name in draft_words.csv.
func draftList(name string) []string {
	list, ok := theDraftVocabulary().lists[name]
	if !ok {
		panic("draft_words.csv: there is no list " + name)
	}
	return list
}

// hasWord reports whether a word of the header and one of a list match: strings.HasPrefix compares beginnings.
func (c *draftColumn) hasWord(list string, match func(word, listed string) bool) bool {
	return slices.ContainsFunc(words(c.text), func(w string) bool {
		return slices.ContainsFunc(draftList(list), func(listed string) bool { return match(w, listed) })
	})
}

func readDraftVocabulary() *draftVocabulary {
	in := csv.NewReader(strings.NewReader(draftWordsCSV))
	in.Comment = '#'
	rows, err := in.ReadAll()
	if err != nil {
		panic("draft_words.csv is no table") // a test reads it
	}
	all := &draftVocabulary{lists: map[string][]string{}}
	for _, row := range rows[1:] {
		list := strings.Split(row[2], "|")
		for i, word := range list {
			list[i] = normalise(word)
		}
		if row[1] == "list" {
			all.lists[row[0]] = list
			continue
		}
		c, ok := billing.ColumnByName(row[0])
		if !ok {
			panic("draft_words.csv: there is no column " + row[0])
		}
		s := spokenColumn{column: c}
		switch row[1] {
		case "alone":
			s.words.alone = list
		case "part":
			s.words.parts = list
		default:
			s.words.words = list
		}
		all.columns = append(all.columns, s)
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
func (c *draftColumn) withoutMinor() string {
	if list := words(c.text); saysMinor(c.text) {
		return strings.Join(slices.DeleteFunc(list, minorWord), " ")
	}
	return c.text
}

// guessColumns finds what each column of a table can be.
func (t *draftTable) guessColumns(index *headerIndex) {
	for _, c := range t.columns {
		h := heading{}
		if !t.headerless {
			h = index.read(c.withoutMinor())
		}
		h.text = c.text
		c.heading = h
		c.guess(index)
	}
}

// guess finds what a column can be, the surest first.
func (c *draftColumn) guess(index *headerIndex) {
	if c.table.headerless {
		c.guessCells()
		return
	}
	for _, column := range c.columns {
		level := levelKnown
		if c.how == byItsName && c.text == column.String() {
			level = levelOwn
		} else if c.unsure || len(c.columns) > 1 {
			level = levelUnsure
		}
		c.add(column, level)
	}
	if len(c.guesses) > 0 && c.guesses[0].level >= levelKnown {
		return
	}
	list := words(c.withoutMinor())
	if len(c.guesses) == 0 {
		for _, s := range runsOf(index, list) {
			if c.unit.vat == 0 {
				c.unit.vat = s.vat
			}
			c.add(s.column, levelOf(s, list))
		}
	}
	whole := []string{normalise(c.withoutMinor())}
	for _, s := range theDraftVocabulary().columns {
		if s.words.spokenOf(whole, list) {
			c.add(s.column, levelPart)
		}
	}
}

// add appends a guess unless the cells contradict it, or it is there already.
func (c *draftColumn) add(column billing.Column, level int) {
	if why, ok := c.fitsCells(column, level); ok && !c.can(column) {
		c.guesses = append(c.guesses, guess{column, level, why})
	}
}

// guessCells finds what a column without a header can be, by the form of its cells alone. It never guesses money:
// a wrong amount would be billed.
func (c *draftColumn) guessCells() {
	for _, column := range []billing.Column{
		billing.ColEmail, billing.ColOrganizationNumber, billing.ColCountry, billing.ColCurrency,
	} {
		if why, proven, _ := cellsOf(column, c.stats); proven && c.stats.filled > 0 {
			c.guesses = append(c.guesses, guess{column, levelPart, why})
		}
	}
}

// levelOf is how much a synonym at the end of a header tells. After the name of a part of the record, as in
// "order line price", a synonym tells as much as alone. An amount after the name of the order is an exception: it
// may be the total of the order, and not the amount of a line.
func levelOf(s synonym, list []string) int {
	for at := 1; at < len(list); at++ {
		name, before := strings.Join(list[at:], ""), list[:at]
		if !slices.Contains(spellingsOf(s.column), name) || slices.ContainsFunc(before, func(w string) bool {
			return !slices.Contains(draftList("line"), w) && !slices.Contains(draftList("section"), w)
		}) {
			continue
		}
		if s.unsure {
			return levelUnsure
		}
		if kindIsMoney(s.column.Kind()) && s.column != billing.ColUnitPrice && !holdsAny(before, draftList("line")) {
			continue
		}
		return levelKnown
	}
	return levelPart
}

// spellingsOf are the headers that stand for a column and for no other one, normalised.
func spellingsOf(c billing.Column) []string {
	all := []string{normalise(c.String())}
	for _, s := range slices.Concat(c.Info().Synonyms, c.Info().WithVAT, c.Info().WithoutVAT) {
		all = append(all, normalise(strings.TrimSuffix(s, "?")))
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

// fitsCells reports whether the cells can be those of one of our columns, and gives the evidence in them. Where only
// a word of the header speaks of the column, the cells must bear it out, and the header must speak of nothing else
// that an invoice depends on.
func (c *draftColumn) fitsCells(column billing.Column, level int) (why string, ok bool) {
	s := c.stats
	if s.filled == 0 {
		return "", level >= levelKnown
	}
	if level == levelPart && !c.speaksOfSame(column) {
		return "", false
	}
	if !kindIsMoney(column.Kind()) && column.Kind() != billing.Number && (c.unit.vat != 0 || c.unit.percent) &&
		level < levelOwn {
		return "", false
	}
	why, proven, possible := cellsOf(column, s)
	if level == levelOwn {
		return why, true
	}
	return why, proven || possible && (level > levelPart || why != "")
}

// speaksOfSame reports whether what the words of a header speak of fits one of our columns. A header that speaks of
// a discount, for example, does not fit a price.
func (c *draftColumn) speaksOfSame(column billing.Column) bool {
	what := theVocabulary().speaksOf(c.withoutMinor()).what
	kind := column.Kind()
	switch what {
	case "":
		return !kindIsMoney(kind) || c.unit.currency != "" || c.minor()
	case "money":
		return kind == billing.Money && column != billing.ColVATAmount || kind == billing.Text && c.stats.numbers == 0
	case "VAT":
		return column == billing.ColVAT || column == billing.ColVATAmount || column == billing.ColOrganizationNumber ||
			kind == billing.Money && c.unit.vat != 0
	case "a discount":
		return column == billing.ColDiscountAmount || column == billing.ColDiscountPercent
	case "a currency":
		return column == billing.ColCurrency
	case "a due date":
		return column == billing.ColDueDate || column == billing.ColDaysUntilDue
	case "a quantity":
		return column == billing.ColQuantity
	case draftBilled:
		return kind == billing.Money && c.stats.numeric() && !c.stats.all(c.stats.wholes)
	case "a percentage":
		return kind == billing.Percent
	}
	return false
}

func kindIsMoney(kind billing.Kind) bool { return kind == billing.Money || kind == billing.Percent }

// cellsOf reports by the form of the cells whether they surely are those of one of our columns, and whether they
// can be. why is the evidence.
func cellsOf(column billing.Column, s *columnStats) (why string, proven, possible bool) {
	is := func(n int, what string) (string, bool, bool) {
		return fmt.Sprintf(msgWhyCells, what, n, s.filled), s.most(n), s.most(n)
	}
	switch column { //nolint:exhaustive // the others are judged by their kind
	case billing.ColEmail:
		return is(s.emails, "e-mail addresses")
	case billing.ColPhoneNumber:
		return is(s.phones, "phone numbers")
	case billing.ColOrganizationNumber:
		home := s.home()
		if home == "" {
			return "", false, s.most(s.references) && s.letters*2 < s.filled
		}
		return fmt.Sprintf(msgWhyCheckDigits, home, s.orgs[home], s.filled), true, true
	case billing.ColPostalCode:
		return is(s.postal[4]+s.postal[5], "postal codes")
	case billing.ColCountry:
		return is(s.countries, "countries")
	case billing.ColCurrency:
		return is(s.codes+s.coded, "currency codes")
	case billing.ColDaysUntilDue:
		return dullFew, false, s.dates == 0 && len(s.words) < draftWords
	case billing.ColQuantity:
		if s.all(s.hours) {
			return msgWhyHours, true, true
		}
		return dullNumbers, false, s.numeric() && s.currencies == 0
	case billing.ColVAT:
		return dullFew, false, len(s.words) < draftWords && s.dates == 0 && s.currencies == 0
	case billing.ColProduct, billing.ColInvoiceChannel, billing.ColPrices:
		return is(s.choices(column), "its words")
	case billing.ColOrderReference, billing.ColCustomerNumber, billing.ColItemID, billing.ColLineID:
		return dullCodes, false, s.emails == 0 && !s.most(s.dates) &&
			(s.most(s.references) || column != billing.ColOrderReference && s.spaces == 0) && s.currencies == 0 &&
			s.percents == 0
	}
	return cellsOfKind(column.Kind(), s)
}

// cellsOfKind is cellsOf for columns of which only the kind is known.
func cellsOfKind(kind billing.Kind, s *columnStats) (why string, proven, possible bool) {
	switch kind {
	case billing.Money:
		return dullNumbers, false, s.most(s.numbers) && s.percents == 0
	case billing.Percent:
		return dullNumbers, false, s.most(s.numbers) && s.currencies == 0
	case billing.Number:
		return dullNumbers, false, s.most(s.numbers)
	case billing.Day:
		return dullDates, s.all(s.dates), s.most(s.dates)
	case billing.Text:
		return dullTexts, false, s.letters*2 >= s.filled && s.emails == 0 && !s.most(s.dates)
	case billing.Identifier, billing.Choice:
	}
	return "", false, true
}

// choices counts the cells that have one of the words of a column.
func (s *columnStats) choices(column billing.Column) int {
	n := 0
	for word, times := range s.words {
		if slices.ContainsFunc(column.Info().Choices, func(choice string) bool {
			return strings.EqualFold(choice, strings.TrimPrefix(word, "kravia."))
		}) {
			n += times
		}
	}
	return n
}
