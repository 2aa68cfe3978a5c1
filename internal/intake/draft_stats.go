package intake

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
	"kraviabatch/internal/xlsx"
)

// Limits of what a draft keeps of a table in memory. Rows beyond them are counted, but not compared; the draft says
// so.
const (
	draftRows  = 20_000  // rows that are kept for sums and orders
	draftCells = 400_000 // cells that are kept
	draftKeys  = 20_000  // different values of a column
	draftWords = 40      // different values of a column of words
)

// columnStats counts what the cells of one column look like. Every count but blank is of cells that are not empty; a
// cell may count in several.
type columnStats struct {
	blank, filled int
	letters       int // cells with letters
	spaces        int // texts of several words
	numbers       int // numbers, percentages and amounts with a currency
	wholes        int // digits alone, the first of which may be zero
	percents      int // with a percent sign
	currencies    int // with a currency
	dates, hours  int
	emails        int
	phones        int
	postal        [6]int // by the number of digits
	countries     int
	codes         int            // of currencies
	coded         int            // names of currencies with their code
	references    int            // perhaps with # in front
	hashes        int            // with it
	orgs          map[string]int // by country: organization numbers with a right check digit
	domains       map[string]int // of e-mail addresses, the first few
	words         map[string]int // each value with its count, the first draftWords
	keys          map[string]struct{}
	full          bool // keys has draftKeys values, and further ones are not kept
	twice         bool // a value is in two rows
	currency      map[money.CurrencyWord]int
	marks         markEvidence
	order         dateEvidence
	separator     byte // of dates whose day and month could be swapped
	sample        cell
}

func newColumnStats() *columnStats {
	return &columnStats{
		orgs: map[string]int{}, domains: map[string]int{}, words: map[string]int{}, keys: map[string]struct{}{},
		currency: map[money.CurrencyWord]int{},
	}
}

// observe counts one cell.
func (s *columnStats) observe(row int, value *cell) {
	text := strings.TrimSpace(value.Text())
	if text == "" {
		s.blank++
		return
	}
	if s.filled == 0 {
		s.sample = *value
	}
	s.filled++
	s.note(text)
	s.observeNumber(row, value, text)
	const longest = 100 // bytes of what is more than a text
	if len(text) > longest {
		s.letters++
		s.spaces++
		return
	}
	s.observeText(row, text)
}

// note adds a value to the different ones.
func (s *columnStats) note(text string) {
	if _, again := s.keys[text]; again {
		s.twice = true
	} else if s.full = s.full || len(s.keys) >= draftKeys; !s.full {
		s.keys[text] = struct{}{}
	}
	if _, again := s.words[text]; again || len(s.words) < draftWords {
		s.words[text]++
	}
}

func (s *columnStats) observeNumber(row int, value *cell, text string) {
	switch value.Kind {
	case xlsx.Number, xlsx.Percent:
		s.numbers++
		digits, _, _ := value.Number()
		count(&s.percents, value.Kind == xlsx.Percent)
		count(&s.wholes, !strings.ContainsAny(digits, ".-"))
		if word, ok := money.ParseCurrencyWord(value.Words()); ok {
			s.currencies++
			s.currency[word]++
		}
	case xlsx.Date:
		s.dates++
	case xlsx.Time:
		s.hours++
	case xlsx.Text:
		s.observeFigure(row, text)
	case xlsx.Bool, xlsx.ErrorValue, xlsx.NoValue, xlsx.Merged:
	}
}

// observeFigure counts a text that is a number, under either decimal mark.
func (s *columnStats) observeFigure(row int, text string) {
	for _, mark := range []money.Mark{money.Dot, money.Comma} {
		n, err := money.ParseNumber(text, mark)
		if err != nil {
			continue
		}
		s.numbers++
		s.marks.observe(row, bareNumber(text))
		count(&s.wholes, strings.Trim(text, "0123456789") == "")
		count(&s.percents, n.Percent)
		if n.Currency != "" {
			s.currencies++
			s.currency[n.Currency]++
		}
		return
	}
}

func (s *columnStats) observeText(row int, text string) {
	count(&s.letters, hasLetters(text))
	count(&s.spaces, hasLetters(text) && strings.ContainsAny(text, " \u00a0"))
	count(&s.hours, looksLikeHours(text))
	count(&s.phones, looksLikePhone(text))
	count(&s.codes, isCurrencyCode(text))
	count(&s.coded, currencyCodeIn(text) != "")
	bare, hash := strings.CutPrefix(text, "#")
	count(&s.references, isReference(bare))
	count(&s.hashes, hash && isReference(bare))
	s.postal[postalDigits(text)]++
	if looksLikeEmail(text) {
		s.emails++
		const few = 8
		if _, domain, _ := strings.Cut(strings.ToLower(text), "@"); len(s.domains) < few {
			s.domains[domain]++
		}
	}
	const longestName, shortestNumber, longestNumber = 12, 7, 18
	if _, ok := billing.KnownCountry(text); ok && len(text) <= longestName {
		s.countries++
	}
	if len(text) >= shortestNumber && len(text) <= longestNumber {
		for _, code := range billing.OrganizationHomes(text) {
			s.orgs[code]++
		}
	}
	if d, ok := splitDate(text); ok && d.readable() {
		s.dates++
		if !d.yearFirst && !d.shortYear && d.separator != '.' {
			s.separator = d.separator
			s.order.observe(row, text, d)
		}
	}
}

func count(n *int, yes bool) {
	if yes {
		*n++
	}
}

// most reports whether n is nearly all cells that are not empty. One in ten may be otherwise, for data has mistakes.
func (s *columnStats) most(n int) bool { return s.filled > 0 && n*10 >= s.filled*9 }

// all reports whether n is all cells that are not empty, and there are some.
func (s *columnStats) all(n int) bool { return s.filled > 0 && n == s.filled }

// unique reports whether every row has a value, and no value twice.
func (s *columnStats) unique() bool { return s.filled > 0 && s.blank == 0 && !s.twice && !s.full }

// different is the number of different values, at most draftKeys.
func (s *columnStats) different() int { return len(s.keys) }

// numeric reports whether every cell that is not empty is a number.
func (s *columnStats) numeric() bool { return s.all(s.numbers) }

// mark is the decimal mark of the cells, 0 where none has decimals. ok is false where they contradict each other or
// can be read either way.
func (s *columnStats) mark() (mark money.Mark, ok bool) {
	switch {
	case s.marks.dot.row != 0 && s.marks.comma.row != 0:
		return 0, false
	case s.marks.comma.row != 0:
		return money.Comma, true
	case s.marks.dot.row != 0:
		return money.Dot, true
	}
	return 0, s.marks.either.row == 0
}

// home is the country whose organization numbers nearly all cells are, "" for none.
func (s *columnStats) home() string {
	best := ""
	for _, code := range slices.Sorted(maps.Keys(s.orgs)) {
		if s.most(s.orgs[code]) && s.orgs[code] > s.orgs[best] {
			best = code
		}
	}
	return best
}

// wordList are the different values, the most frequent first. ok is false where there may be more than are listed.
func (s *columnStats) wordList() (list []string, ok bool) {
	list = slices.SortedFunc(maps.Keys(s.words), func(a, b string) int {
		return cmp.Or(s.words[b]-s.words[a], strings.Compare(a, b))
	})
	return list, len(list) < draftWords || len(list) == len(s.keys) && !s.full
}
