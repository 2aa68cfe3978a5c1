package billing

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Hostile tells characters that do something to their reader instead of standing for something: control
// characters steer terminals, line separators break lines, bidirectional overrides and isolates show text in
// another order than it has.
func Hostile(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp) || bidirectional(r) || r&0xfffe == 0xfffe // a noncharacter
}

func bidirectional(r rune) bool { return (r >= 0x202a && r <= 0x202e) || (r >= 0x2066 && r <= 0x2069) }

// invisible tells characters that show nothing: soft hyphen, byte order mark, zero width, bidirectional marks.
func invisible(r rune) bool {
	return r == '\u00ad' || r == '\ufeff' || r == '\u2060' || (r >= '\u200b' && r <= '\u200f') || bidirectional(r)
}

// unseen tells what no line for people and no JSON text may hold.
func unseen(r rune) bool { return Hostile(r) || invisible(r) }

// OneLine makes foreign text fit to stand in a line for people or in a log: a line break becomes ↵ and a tab
// a space, any other hostile or invisible character and broken UTF-8 become U+FFFD.
func OneLine(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\r', r == '\u2028', r == '\u2029':
			return '↵'
		case r == '\t':
			return ' '
		case unseen(r):
			return utf8.RuneError
		}
		return r
	}, strings.ReplaceAll(text, "\r\n", "\n"))
}

// EscapeJSON escapes hostile and invisible characters in the texts of a JSON document, whose meaning stays.
func EscapeJSON(document []byte) []byte {
	// what is below stands between texts, or is escaped already
	raw := func(r rune) bool { return r >= 0x7f && unseen(r) }
	if bytes.IndexFunc(document, raw) < 0 {
		return document
	}
	var out bytes.Buffer
	for _, r := range string(document) {
		if !raw(r) {
			out.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&out, `\u%04x`, unit)
		}
	}
	return out.Bytes()
}
