package xlsx

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/currency"
)

// tokens are what a number format consists of: a quoted text, a bracket, a character that stands for itself,
// its width or filling up the cell, a word, digits with their marks, a part of a date or time, a character.
var tokens = regexp.MustCompile(
	`(?is)"[^"]*"?|\[[^\]]*\]?|[\\_*].?|general|am/pm|a/p|[0#?.,/%]+|e[+-]|y+|m+|d+|h+|s+|.`)

// piece is one element of a section.
type piece struct {
	kind pieceKind
	text string
}

type pieceKind uint8

const (
	literal pieceKind = iota + 1
	places            // digits with their marks: 000, #,##0.00
	general           // General, and @ for a number
	clock             // y, m, d, h, s in a row; [h], [m], [s]; AM/PM
)

// parseSection tells what the tokens of a section are together, and what currency it shows.
func parseSection(parts []string) (s section, currency string) {
	var day, month, hours, seconds, digits, rate, marked bool
	for _, token := range parts {
		p := piece{literal, token}
		switch c := token[0] | 0x20; {
		case token[0] == '"':
			p.text = strings.Trim(token, `"`)
		case token[0] == '\\':
			p.text = token[1:]
		case token[0] == '_':
			p.text = " "
		case token[0] == '*': // what fills up the cell is as wide as the cell, or nothing
			p.text = ""
		case token[0] == '[':
			var sign string
			p, sign = s.bracket(token[1:])
			currency = cmp.Or(currency, strings.TrimSpace(sign))
		case strings.ContainsAny(token[:1], "0#?.,/%"), c == 'e' && len(token) == 2:
			rate = rate || strings.Contains(token, "%")
			marked = marked || strings.Trim(token, "0#") != ""
			if strings.ContainsAny(token, "0#?") {
				p.kind = places
				s.places += len(token)
				digits = digits || !seconds // behind seconds they are parts of one
			}
		case token == "@", c == 'g' && len(token) > 1:
			p.kind = general
		case strings.IndexByte("ymdhs", c) >= 0, c == 'a' && len(token) > 1:
			p.kind = clock
		}
		if p.kind == clock {
			day = day || strings.ContainsAny(p.text[:1], "yYdD")
			month = month || strings.ContainsAny(p.text[:1], "mM")
			hours = hours || !strings.ContainsAny(p.text[:1], "yYdDmM")
			seconds = strings.ContainsAny(p.text, "sS")
		}
		s.shows = s.shows || p.kind == places || p.kind == general
		s.pieces = append(s.pieces, p)
	}
	switch {
	case day || month && !hours && !digits:
		s.kind = Date
	case (hours || month) && !digits:
		s.kind, s.exact = Time, s.places == 0
	case rate:
		s.kind = Percent
	default: // and other letters among digits are words without quotes: 0.00 SEK
		s.kind, s.exact = Number, !marked
	}
	return s, cmp.Or(currency, s.currency())
}

// bracket reads a currency with a country, a duration, a condition such as >=100, or what only colours and the like.
func (s *section) bracket(token string) (p piece, currency string) {
	inside, closed := strings.CutSuffix(token, "]")
	if !closed {
		return piece{literal, ""}, ""
	}
	if sign, ok := strings.CutPrefix(inside, "$"); ok {
		sign, _, _ = strings.Cut(sign, "-")
		return piece{literal, sign}, sign
	}
	if letters := strings.ToLower(inside); letters != "" && strings.IndexByte("hms", letters[0]) >= 0 &&
		strings.Trim(letters, letters[:1]) == "" {
		return piece{clock, "[" + letters + "]"}, ""
	}
	bound := strings.TrimLeft(inside, "<>=")
	if d, _, ok := parseDecimal(bound); ok && len(bound) < len(inside) {
		s.operator, s.bound = inside[:len(inside)-len(bound)], d
	}
	return piece{literal, ""}, ""
}

// time shows a time of day, or a duration.
func (s *section) time(d decimal) string {
	days, milliseconds := d.moment()
	if days > lastDay {
		return d.String()
	}
	seconds := days*dayMilli/1000 + (milliseconds+500)/1000
	halves := func(p piece) bool { return p.kind == clock && strings.Contains(p.text, "/") }
	half := slices.ContainsFunc(s.pieces, halves)
	var out strings.Builder
	for _, p := range s.pieces {
		if p.kind == clock {
			p.text = part(p.text, seconds, half)
		}
		out.WriteString(p.text)
	}
	return tidy(out.String())
}

// part is one part of a time: hours, minutes, seconds, each alone or of the whole duration, or the half of the day.
func part(code string, seconds int, half bool) string {
	if am, pm, ok := strings.Cut(strings.ToUpper(code), "/"); ok {
		if seconds/3600%24 < 12 {
			return am
		}
		return pm
	}
	unit := strings.Trim(code, "[]")
	size, all := 1, 60 // seconds in a unit, units in the next greater one
	switch unit[0] | 0x20 {
	case 'h':
		size, all = 3600, 24
	case 'm':
		size = 60
	}
	value := seconds / size
	if unit == code {
		value %= all
	}
	if half && all == 24 && unit == code {
		value = (value+11)%12 + 1
	}
	return fmt.Sprintf("%0*d", min(len(unit), 2), value)
}

// currency is the first word or sign of a section's literals that names a currency.
func (s *section) currency() string {
	var text strings.Builder
	for _, p := range s.pieces {
		if p.kind == literal || p.kind == clock && s.kind == Number {
			text.WriteString(p.text)
		} else {
			text.WriteByte(' ')
		}
	}
	for _, word := range strings.FieldsFunc(text.String(), func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune("()-+:;,/", r)
	}) {
		if isCurrency(word) {
			return word
		}
	}
	return ""
}

// isCurrency reports whether a word names a currency: a sign as € and US$, an ISO 4217 code, or a usual word.
func isCurrency(word string) bool {
	last, _ := utf8.DecodeLastRuneInString(word)
	first, _ := utf8.DecodeRuneInString(word)
	if unicode.In(last, unicode.Sc) || unicode.In(first, unicode.Sc) {
		return true
	}
	switch strings.ToLower(word) {
	case "kr", "kr.", "krone", "kroner", "krona", "kronor", "euro", "euroa", "zł", "kč", "ft":
		return true
	}
	_, err := currency.ParseISO(word)
	return err == nil && word == strings.ToUpper(word)
}
