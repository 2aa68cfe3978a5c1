package intake

import (
	"slices"
	"strings"
	"unicode"
)

// This file says where letters and signs beyond ASCII can stand in a text. A letter in an impossible place shows that
// the file is read in a wrong encoding.

// The kinds of neighbours that a place can name, beside single characters.
const (
	capital  = '↑'
	small    = '↓' // also letters without case
	digit    = '0'
	blank    = ' ' // also the ends of a line
	other    = '.' // any other sign
	letters  = "↑↓"
	bare     = "0 ." // all but letters
	vowels   = "aeiouáéíóúäöüõå"
	capitals = "AEIOUÁÉÍÓÚÄÖÜÕÅ" // vowels
)

func kindOf(r rune) rune {
	switch {
	case unicode.IsUpper(r):
		return capital
	case unicode.IsLetter(r):
		return small
	case unicode.IsDigit(r):
		return digit
	case unicode.IsSpace(r):
		return blank
	}
	return other
}

// place is where signs may stand in a text. An empty field demands nothing.
type place struct {
	signs          string // characters, or a kind for letters that no place names
	before, after  string // possible neighbours, characters and kinds
	earlier, later string // characters of which one must stand elsewhere in the line
	left, right    string // words of which one must touch the sign on that side
	least          int    // least number of letters of each word that touches the sign
}

// places lists where a character is what it seems, by character. Windows-1252 shows Nordic letters of other tables as
// other letters and signs: the Œ in BlŒbær is the å of Mac Roman, and the signs in Bl†b‘r are letters of code page
// 850. But Œuvre, Šibenik, Kari’s, 5 m², 19” and «navn» are texts. A character without a place is odd everywhere.
func places() map[rune][]place {
	by := map[rune][]place{}
	for _, p := range []place{
		{signs: "↓ÅÄÖÆØ\u00a0\ufeff"},
		{signs: "↑", before: "↑ .", after: "↑↓ ."},
		{signs: "ÉÊÐÑÒÓÔÕÛ", before: "↑ .", after: letters}, // alone they are … – “ ’ € of Mac Roman
		{signs: "ÉÊÐÑÒÓÔÕÛ", before: "↑", after: "↑↓ ."},
		{signs: "ŠŽ", before: "↑ .", after: vowels + capitals}, // consonants whose bytes are vowels elsewhere
		{signs: "Š", before: capitals, after: "↑↓ ."},
		{signs: "Š", before: " .", after: "ktpvlm", least: 4}, // Škoda, Štefan
		{signs: "Ž", before: capitals, after: " ."},           // not AKTIEÄGARE of code page 850
		{signs: "šž", before: "↑↓ .", after: vowels},
		{signs: "šž", before: vowels, after: "↓ ."},
		{signs: "šž", before: capitals, after: "↓"},
		{signs: "Œ", before: "↑0 .", after: "uU"}, // as in all words that have it: Œuvre, sœur
		{signs: "œ", after: "uU"},
		{signs: "Ÿ", before: "↑", after: "↑0 ."},
		{signs: "ÿ", before: "↑↓ .", after: "↑↓ ."},
		{signs: "ß", before: vowels + capitals},
		{signs: "ƒ", before: "\x00"}, // nowhere

		{signs: "\u00ad", before: letters, after: letters},
		{signs: "€£§‰½¼¾±÷", before: bare, after: bare},
		{signs: "°×•©", before: bare},
		{signs: "·", before: letters, after: letters},
		{signs: "·", before: bare, after: bare},
		{signs: "®", after: bare},
		{signs: "…™", before: "↓0 .", after: bare}, // behind a capital they are the last Ö of MALMÖ in other tables
		{signs: "²³", before: "mM)0", after: bare},
		{signs: "º", before: "nN0", after: bare},
		{signs: "ª", before: "0", after: bare},
		{signs: "µ", before: bare, after: "mglsFAVW"},
		{signs: "–—", before: bare},
		{signs: "–—", after: "↑0 ."},
		{signs: "–—", before: letters, after: "↓", least: 4}, // kvartal–rapport, not Espa–a, the ñ of Mac Roman

		{signs: "“«»", before: " .", after: "↑↓0."},
		{signs: "„", before: " .", after: "↑↓0.", later: "“”"},
		{signs: "‘‚", before: " .", after: "↑↓0.", later: "’‘"},
		{signs: "”", before: " .", after: "↑↓0.", later: "”"},
		{signs: "”", before: "↑↓0.", after: bare, earlier: "“„”"},
		{signs: "”", before: "0", after: bare}, // inches
		{signs: "“", before: "↑↓0.", after: bare, earlier: "„"},
		{signs: "«", before: "↑↓0.", after: bare, earlier: "»"},
		{signs: "»", before: "↑↓0.", after: bare},
		{signs: "’´", before: bare, after: bare}, // not in ’rlig and B’R, the Æ of code page 850
		{signs: "’´", before: "sxzSXZ", after: bare},
		{signs: "’´", before: letters, after: bare, earlier: "‘’´"},
		{signs: "’´", before: bare, after: letters, later: "’´"},
		{signs: "’´", before: bare, right: "n|t|em"},
		{signs: "’´", before: letters, right: "s"},
		{signs: "’´", before: letters, after: "↓", right: "t|n|d|m|re|ve|ll|en|er|et|ene"},
		{signs: "’´", left: "o", after: letters},
		{signs: "’´", left: "d|l|n|s|c|j|m|t|qu|all|dell|nell|sant|un", after: "hH" + vowels + capitals},
	} {
		for _, sign := range p.signs {
			by[sign] = append(by[sign], p)
		}
	}
	return by
}

// odd reports whether a character has no place where it stands, so that its byte must mean another character.
func (p *prover) odd(line []rune, at int) bool {
	known, ok := p.places[line[at]]
	if !ok {
		known = p.places[kindOf(line[at])]
	}
	return !slices.ContainsFunc(known, func(pl place) bool { return pl.fits(line, at) })
}

// nearby is how many characters on each side of a character count.
const nearby = 100

// fits reports whether a character of a line stands in the place.
func (p place) fits(line []rune, at int) bool {
	stands := func(r rune, set string) bool {
		return set == "" || strings.ContainsRune(set, r) || strings.ContainsRune(set, kindOf(r))
	}
	if !stands(runeAt(line, at-1), p.before) || !stands(runeAt(line, at+1), p.after) {
		return false
	}
	if p.least == 0 && p.earlier+p.later+p.left+p.right == "" {
		return true
	}
	before, after := line[max(0, at-nearby):at], line[at+1:min(len(line), at+nearby)]
	left, right := len(before), 0
	for left > 0 && unicode.IsLetter(before[left-1]) {
		left--
	}
	for right < len(after) && unicode.IsLetter(after[right]) {
		right++
	}
	has := func(text []rune, signs string) bool { return signs == "" || strings.ContainsAny(string(text), signs) }
	oneOf := func(word []rune, words string) bool {
		return words == "" || slices.Contains(strings.Split(words, "|"), strings.ToLower(string(word)))
	}
	return has(before, p.earlier) && has(after, p.later) && oneOf(before[left:], p.left) &&
		oneOf(after[:right], p.right) &&
		(left == len(before) || len(before)-left >= p.least) && right >= p.least
}

// runeAt is the character at i, and a space outside of the line.
func runeAt(line []rune, i int) rune {
	if i < 0 || i >= len(line) {
		return blank
	}
	return line[i]
}
