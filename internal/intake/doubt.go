package intake

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
	"kraviabatch/internal/xlsx"
)

// A formula compares texts letter by letter. A cell such as "ready" beside a formula with 'Ready' would silently
// leave a row out or bill it, so a comparison that nearly holds is in doubt, and a problem of its row.

// spelling is a text with which a formula compares a cell, or which it looks for in the cell.
type spelling struct {
	word, operator  string
	same, small     string              // the word after foldSpaces, and the same in small letters
	of              func(string) string // the part of the cell that is compared, nil for all of it
	pattern, folded *regexp.Regexp      // of the operator matches; folded ignores case
}

// likeness is how near a text comes to a spelling.
type likeness uint8

const (
	unlike       likeness = iota
	otherLetters          // the comparison would hold if case did not count
	looksSame             // it would hold if invisible differences did not count
	exact                 // it holds
)

// like compares a text with the spelling.
func (s *spelling) like(text string) likeness {
	if s.of != nil {
		text = s.of(text)
	}
	if s.holds(text, s.word, s.pattern) {
		return exact
	}
	same := foldSpaces(text)
	if s.operator != "matches" && s.same == "" {
		return unlike
	}
	if s.holds(same, s.same, s.pattern) {
		return looksSame
	}
	small := strings.ToLower(same)
	if s.operator == "matches" && s.folded == nil || !s.holds(small, s.small, s.folded) || !s.isWord(small) {
		return unlike
	}
	return otherLetters
}

// isWord reports whether a text has the spelling as a word of its own. Only a short one stands in many words by chance.
func (s *spelling) isWord(text string) bool {
	const short = 4
	word := strings.TrimSpace(s.small)
	if s.operator == "==" || s.operator == "matches" || utf8.RuneCountInString(word) >= short {
		return true
	}
	own := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return slices.Contains(own, word)
}

func (s *spelling) holds(text, word string, pattern *regexp.Regexp) bool {
	switch s.operator {
	case "contains":
		return strings.Contains(text, word)
	case "startsWith":
		return strings.HasPrefix(text, word)
	case "endsWith":
		return strings.HasSuffix(text, word)
	case "matches":
		return pattern.MatchString(text)
	}
	return text == word
}

// unclear is why cells cannot decide a formula: one cannot be read, or has a word that the formula spells otherwise.
func unclear(of *bound, cells []*cell) error {
	for _, c := range cells {
		if r, bad := (&column{known: billing.ColDescription}).told(c); bad && !mendable(r.problem.Code) {
			return &valueError{r.problem.Message, r.problem.Hint}
		}
	}
	if e := of.doubts(cells); e != nil {
		return e
	}
	return nil
}

// doubts finds a cell that differs from what it is compared with in case or form alone, nil for none.
func (b *bound) doubts(cells []*cell) *valueError {
	for i, c := range cells {
		if e := b.misspelled(i, c); e != nil {
			return e
		}
	}
	for _, pair := range b.formula.pairs {
		one, other := strings.TrimSpace(cells[pair[0]].Text()), strings.TrimSpace(cells[pair[1]].Text())
		if one != other && foldWord(one) == foldWord(other) {
			first, second := b.references[pair[0]], b.references[pair[1]]
			why := fmt.Sprintf(msgCellsDiffer, first, shown(one), second, shown(other))
			return &valueError{why, fmt.Sprintf(hintLowerBoth, first, second)}
		}
	}
	return nil
}

// misspelled finds a word of the formula that a cell has in other case or another form, nil for none.
func (b *bound) misspelled(reference int, c *cell) *valueError {
	words, header := b.formula.spelled[reference], b.references[reference]
	if len(words) == 0 {
		return nil
	}
	shows := strings.TrimSpace(c.Text())
	same := func(s spelling) bool { return s.operator == "==" && s.of == nil && s.word == shows }
	if shows == "" || slices.ContainsFunc(words, same) {
		return nil // the loop below would find the same; this is faster
	}
	var doubt *valueError
	for i := range words {
		s := &words[i]
		if s.word == "" {
			continue
		}
		var e *valueError
		switch like := s.like(shows); {
		case like == exact && s.operator == "==": // however near it is to other words
			return nil
		case like == exact || slices.ContainsFunc(words, func(other spelling) bool {
			return other.small == s.small && other.like(shows) == exact
		}):
		case like == looksSame:
			e = &valueError{fmt.Sprintf(msgOtherSpaces, shown(shows)), hintCopyWord}
		case like == otherLetters:
			e = &valueError{fmt.Sprintf(msgOtherLetters, shown(shows), s.word), fmt.Sprintf(hintLower, header)}
		case s.operator != "==" || s.of != nil:
		case c.Kind == xlsx.Bool && !isTruth(s.word):
			e = &valueError{fmt.Sprintf(msgCellIsTruth, shows, s.word), hintTruth}
		case sameValue(c, shows, s.word):
			why := fmt.Sprintf(msgOtherForm, shown(shows), s.word)
			e = &valueError{why, fmt.Sprintf(hintOtherForm, shown(shows), header)}
		}
		doubt = cmp.Or(doubt, e)
	}
	return doubt
}

func isTruth(word string) bool {
	folded := foldWord(word)
	return folded == "true" || folded == "false"
}

// numbersParts reports that two texts are numberings: one begins with a zero, or both have parts, as 1.1 and 1.10.
func numbersParts(one, other string) bool {
	zero := func(s string) bool { return len(s) > 1 && s[0] == '0' && s[1] >= '0' && s[1] <= '9' }
	parts := func(s string) bool { return strings.ContainsAny(s, ".,") }
	return zero(one) || zero(other) || parts(one) && parts(other)
}

// sameValue reports whether a cell and a word are the same number or day in different forms.
func sameValue(c *cell, shows, word string) bool {
	const digits = "0123456789"
	if !strings.ContainsAny(word, digits) || !strings.ContainsAny(shows, digits) {
		return false
	}
	for _, mark := range []money.Mark{money.Dot, money.Comma} {
		one, err := money.ParseNumber(shows, mark)
		for _, other := range []money.Mark{money.Dot, money.Comma} {
			two, wrong := money.ParseNumber(word, other)
			if err == nil && wrong == nil && one.Decimal.Cmp(two.Decimal) == 0 && one.Percent == two.Percent &&
				!numbersParts(shows, word) {
				return true
			}
		}
	}
	of := shows
	if date, _, ok := c.Day(); ok && c.Kind == xlsx.Date {
		of = date
	}
	one, ok := splitDate(of)
	two, alike := splitDate(word)
	if !ok || !alike {
		return false
	}
	day, valid := one.iso(dayFirst)
	return valid && slices.ContainsFunc([]dateOrder{dayFirst, monthFirst}, func(order dateOrder) bool {
		said, ok := two.iso(order)
		return ok && said == day
	})
}
