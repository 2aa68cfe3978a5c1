package intake

import (
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"kraviabatch/internal/billing"
)

// This file finds texts that no reader means: error values, words for an empty cell such as NULL, marks of spreadsheets
// and garbled characters. They are problems of their rows, so that no invoice shows them.

// htmlEntity is an entity of a web page. A bare & in a name is none.
var htmlEntity = regexp.MustCompile(`&(#[0-9]{2,5}|#x[0-9a-fA-F]{2,4}|[a-zA-Z][a-zA-Z0-9]{1,10});`)

// isErrorText recognises error values of spreadsheets in all languages, as #REF!, #NAVN?, #I/T, Err:502, and ####.
func isErrorText(text string) bool {
	if name, code, found := strings.Cut(text, ":"); found {
		return slices.Contains([]string{"Err", "Feil", "Fel", "Fejl", "Virhe"}, name) && len(code) == 3 &&
			strings.Trim(code, "0123456789") == ""
	}
	name, found := strings.CutPrefix(text, "#")
	if !found || len(name) < 2 {
		return false
	}
	bare := strings.TrimRight(name, "!?")
	upper := !strings.ContainsFunc(bare, func(r rune) bool {
		return !unicode.IsUpper(r) && !strings.ContainsRune("0/_", r)
	})
	switch {
	case strings.Trim(name, "#") == "":
		return true
	case len(bare)+1 == len(name): // one mark after the name
		return upper && len(bare) > 1 && bare[0] != '0'
	case len(name) == len("N/A"):
		return upper && name[1] == '/'
	}
	return slices.Contains([]string{"SAKNAS", "PUUTTUU", "MANGLER", "GETTING_DATA"}, name)
}

// nullTexts are the words that databases and programs write for an empty cell, and spreadsheets in pivot tables.
// Forms that are also names, such as Nan and Nil, are not among them.
//
//nolint:gochecknoglobals // a fixed table
var nullTexts = nullTable(`NULL Null null (null) (NULL) (Null) <null> <NULL> [null] [NULL] {null} #NULL \N
	nan NaN NAN <NA> <na> NaT None NONE none NoneType (none) <none> N/A n/a nil NIL
	undefined Undefined UNDEFINED (undefined) (blank) (Blank) <blank> [blank] (empty) <empty> [empty]
	(tom) (tomt) (tyhjä) (tyhjät)`)

func nullTable(words string) map[string]bool {
	table := map[string]bool{"[object Object]": true}
	for word := range strings.FieldsSeq(words) {
		table[word] = true
	}
	return table
}

// nullWords lists those of nullTexts that count also among other words.
func nullWords() []string { return []string{"NULL", "null", "undefined", "NaN", "nan"} }

// suspicious gives the problem of a text that no reader means. It reports false if there is none. It runs for every
// text of a file, so that it looks at each byte once and closer only where looks says so.
func (c *column) suspicious(value *cell) (reading, bool) {
	text := value.Value
	if text != "" && text[0] <= ' ' {
		text = strings.TrimSpace(text)
	}
	if text == "" {
		return reading{}, false
	}
	switch text[0] {
	case '#', 'E', 'F', 'V':
		if isErrorText(strings.TrimSpace(text)) {
			return c.problem(value, "error_value"), true
		}
	case '\'':
		if isApostropheMark(text, c.known.Kind()) {
			return c.problem(value, "apostrophe"), true
		}
	}
	beyond, null := false, false
	for i := range len(text) {
		switch looks[text[i]] {
		case 0:
		case lookBeyond:
			beyond = true
		case lookNull:
			null = null || (i == 0 || !isLetter(text[i-1])) && beginsNull(text[i:])
		case lookBracket:
			null = null || i == 0
		}
	}
	if null && c.isNull(text) {
		return c.problem(value, "null"), true
	}
	if beyond {
		return c.odd(value)
	}
	return reading{}, false
}

// look says why a byte needs a closer look, 0 for none.
type look uint8

const (
	lookBeyond  look = iota + 1 // it is no ASCII, a control character, or may begin an entity
	lookNull                    // it is the first letter of a word for an empty cell
	lookBracket                 // it is a bracket before such a word
)

//nolint:gochecknoglobals // a fixed table
var looks = lookTable()

func lookTable() (table [256]look) {
	for b := range table {
		if b == '&' || b >= utf8.RuneSelf || b < ' ' {
			table[b] = lookBeyond
		}
	}
	for _, b := range "nNuU" {
		table[b] = lookNull
	}
	for _, b := range `([<{\` {
		table[b] = lookBracket
	}
	return table
}

// beginsNull reports whether a text begins as one of nullTexts does.
func beginsNull(text string) bool {
	const least = 3
	return len(text) >= least &&
		slices.ContainsFunc([]string{"nul", "nan", "nat", "nil", "non", "n/a", "und"}, func(begin string) bool {
			return strings.EqualFold(text[:least], begin)
		})
}

func isLetter(b byte) bool { return b|' ' >= 'a' && b|' ' <= 'z' || b >= utf8.RuneSelf }

// isNull reports whether a text is, consists of, or has among its words one for an empty cell: Kari NULL. Prose passes.
func (c *column) isNull(text string) bool {
	const longest = 60 // bytes
	text = strings.TrimSpace(text)
	head, _, more := strings.Cut(text, " ")
	switch {
	case len(text) > longest:
		return false
	case nullTexts[text]:
		return true
	case more && nullTexts[strings.TrimRight(head, ",;")] && consistsOfNulls(text):
		return true
	}
	return slices.ContainsFunc(nullWords(), func(word string) bool {
		return strings.Contains(text, word) && c.hasWord(text, word)
	})
}

func consistsOfNulls(text string) bool {
	return !slices.ContainsFunc(strings.Fields(text), func(word string) bool {
		return !nullTexts[strings.TrimRight(word, ",;")]
	})
}

// hasWord reports whether a text has one of nullWords as a word. In prose null and nan are words of the language, as in
// Pepsi null sukker, and so is NULL in a text of capitals.
func (c *column) hasWord(text, null string) bool {
	prose := c.known == billing.ColDescription || c.known == billing.ColBusinessName
	if prose && (null == "null" || null == "nan" || null == "NULL" && strings.ToUpper(text) == text) {
		return false
	}
	apart := func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(",;/()", r) }
	return slices.Contains(strings.FieldsFunc(text, apart), null)
}

// odd gives the problem of a text with characters beyond ASCII. It reports false if there is none.
func (c *column) odd(value *cell) (reading, bool) {
	text := value.Value
	if strings.Contains(text, lostCharacter) {
		return c.problem(value, "lost_character"), true
	}
	if entity := htmlEntity.FindString(text); entity != "" && html.UnescapeString(entity) != entity {
		return c.problem(value, "entity", "entity", entity, "character", html.UnescapeString(entity)), true
	}
	for _, r := range text {
		if unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' {
			return c.problem(value, "control_character", "character", fmt.Sprintf("%U", r)), true
		}
	}
	line := []rune(text)
	for at := range len(line) - 1 {
		if r := twice(line, at); r != 0 && !doubtful(line, at) {
			return c.problem(value, "encoded_twice", "garbled", string(line[at:at+2]), "character", string(r)), true
		}
	}
	return reading{}, false
}

// isApostropheMark reports whether the apostrophe at the beginning of a text is a spreadsheet's mark for text. Names
// such as 's-Hertogenbosch and 't Hof begin with one of their own.
func isApostropheMark(text string, kind billing.Kind) bool {
	rest := text[1:]
	if kind != billing.Text || strings.HasSuffix(rest, "'") && len(rest) > 1 {
		return kind != billing.Text
	}
	return !slices.ContainsFunc([]string{"s-", "s ", "t ", "n ", "S-", "T "}, func(name string) bool {
		return strings.HasPrefix(rest, name)
	})
}
