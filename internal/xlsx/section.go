package xlsx

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// sectionParser reads one section of a number format.
type sectionParser struct {
	code     string
	at       int
	section  section
	forText  bool   // it has @
	currency string // in brackets
}

// parse reads up to a semicolon; more reports whether there is another section behind it.
func (p *sectionParser) parse() (more bool) {
	for p.at < len(p.code) {
		c := p.code[p.at]
		switch {
		case c == ';':
			p.at++
			return true
		case c == '"':
			inside, _, _ := strings.Cut(p.code[p.at+1:], `"`)
			p.add(literal, inside, len(inside)+2)
		case c == '[':
			p.brackets()
		case c == '\\' || c == '_' || c == '*':
			p.escape(c)
		case c == '@':
			p.forText = true
			p.add(general, "@", 1)
		case hasWord(p.code[p.at:], "General"):
			p.add(general, "General", len("General"))
		case strings.IndexByte("eE", c) >= 0 && p.at+1 < len(p.code) && strings.IndexByte("+-", p.code[p.at+1]) >= 0:
			p.add(exponent, p.code[p.at:p.at+2], 2)
		case hasWord(p.code[p.at:], "AM/PM"):
			p.add(clock, "AM/PM", len("AM/PM"))
		case hasWord(p.code[p.at:], "A/P"):
			p.add(clock, "A/P", len("A/P"))
		case strings.IndexByte("yYmMdDhHsS", c) >= 0:
			n := len(p.code[p.at:]) - len(strings.TrimLeft(p.code[p.at:], strings.ToLower(string(c))+strings.ToUpper(string(c))))
			p.add(clock, p.code[p.at:p.at+n], n)
		default:
			p.single()
		}
	}
	p.at = len(p.code)
	return false
}

func hasWord(code, word string) bool {
	return len(code) >= len(word) && strings.EqualFold(code[:len(word)], word)
}

// single takes a character that stands for itself, or for a digit or mark.
func (p *sectionParser) single() {
	r, size := utf8.DecodeRuneInString(p.code[p.at:])
	kind := literal
	switch r {
	case '0', '#', '?':
		kind = digit
	case '.':
		kind = point
	case ',':
		kind = comma
	case '%':
		kind = percent
	case '/':
		kind = slash
	}
	p.add(kind, string(r), size)
}

func (p *sectionParser) add(kind pieceKind, text string, size int) {
	p.section.pieces = append(p.section.pieces, piece{kind, text})
	p.at = min(p.at+size, len(p.code))
}

// escape reads a character that stands for itself, for its width, or for filling up the cell.
func (p *sectionParser) escape(how byte) {
	_, size := utf8.DecodeRuneInString(p.code[p.at+1:])
	text := p.code[p.at+1 : p.at+1+size]
	switch how {
	case '\\':
		p.add(literal, text, 1+size)
	case '_':
		p.add(padding, " ", 1+size)
	default: // what fills up the cell is as wide as the cell, or nothing
		p.at += 1 + size
	}
}

// brackets reads a condition, a currency with a country, a duration, or what only colours.
func (p *sectionParser) brackets() {
	inside, _, closed := strings.Cut(p.code[p.at+1:], "]")
	if !closed {
		p.at = len(p.code)
		return
	}
	size := len(inside) + 2
	letters := strings.ToLower(inside)
	switch {
	case strings.HasPrefix(inside, "$"):
		sign, _, _ := strings.Cut(inside[1:], "-")
		if p.currency == "" {
			p.currency = strings.TrimSpace(sign)
		}
		p.add(literal, sign, size)
	case letters != "" && strings.Trim(letters, letters[:1]) == "" && strings.IndexByte("hms", letters[0]) >= 0:
		p.add(clock, "["+letters+"]", size)
	default:
		p.condition(inside)
		p.at += size
	}
}

// condition takes what stands in brackets, such as >=100; colours and the like are no conditions.
func (p *sectionParser) condition(inside string) {
	bound := strings.TrimLeft(inside, "<>=")
	d, _, ok := parseDecimal(bound)
	if ok && len(bound) < len(inside) {
		p.section.operator, p.section.bound = inside[:len(inside)-len(bound)], d
	}
}

// isSign reports whether a character is the sign of a currency.
func isSign(r rune) bool { return unicode.Is(unicode.Sc, r) }
