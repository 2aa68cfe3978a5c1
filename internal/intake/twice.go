package intake

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// twice is the character that was encoded as UTF-8, taken for single bytes, and encoded again from line[at] on: ø for Ã¸.
// It is 0 where the characters can be what they are.
func twice(line []rune, at int) rune {
	switch line[at] { // the bytes that begin a character of two or three, as the tables show them
	case 'Â', 'Ã', 'Ä', 'Å', 'â', 'ï':
		return joined(charmap.Windows1252, line[at:])
	case '√', '¬', '‚':
		return joined(charmap.Macintosh, line[at:])
	case '├', '┬', 'Ô':
		return joined(charmap.CodePage850, line[at:])
	}
	return 0
}

// joined is what the first characters are when their bytes of the table are read as UTF-8, if that is a letter or sign of
// European texts.
func joined(table *charmap.Charmap, line []rune) rune {
	var raw [3]byte
	for i := range min(len(raw), len(line)) {
		b, ok := table.EncodeRune(line[i])
		if !ok && line[i] >= 0x80 && line[i] < 0xa0 {
			b, ok = byte(line[i]), true
		}
		if !ok {
			break
		}
		raw[i] = b
	}
	r, size := utf8.DecodeRune(raw[:])
	switch {
	case size == 1:
	case r >= 0xa0 && r <= 0x17f, r >= 0x2010 && r <= 0x203a, r == '€', r == '™', r == '\ufeff':
		if r >= 0x100 && r <= 0x17f && endsWord(line[1]) {
			return 0 // Å”, Ä–: a word's last letter and a sign
		}
		return r
	}
	return 0
}

// endsWord tells signs that stand right behind a word.
func endsWord(r rune) bool { return strings.ContainsRune("’‘”“»«–—…®™\u00a0", r) }

// doubtful tells a pair that can be the end of a word in capitals, MAÇÃ”, as well as a letter encoded twice, MALMÃ–.
func doubtful(line []rune, at int) bool {
	return line[at] == 'Ã' && at > 0 && unicode.IsUpper(line[at-1]) && endsWord(line[at+1]) &&
		(at+2 == len(line) || !unicode.IsLetter(line[at+2]))
}
