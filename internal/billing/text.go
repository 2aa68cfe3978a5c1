package billing

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Hostile reports whether a character acts on its reader instead of standing for something. Control characters steer
// terminals, line separators break lines, and bidirectional overrides show text in another order than it has.
func Hostile(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp) || bidirectional(r) || r&0xfffe == 0xfffe // a noncharacter
}

func bidirectional(r rune) bool { return (r >= 0x202a && r <= 0x202e) || (r >= 0x2066 && r <= 0x2069) }

// invisible reports whether a character shows nothing: soft hyphen, byte order mark, zero width, bidirectional marks.
func invisible(r rune) bool {
	return r == '\u00ad' || r == '\ufeff' || r == '\u2060' || (r >= '\u200b' && r <= '\u200f') || bidirectional(r)
}

// unseen reports whether a character must not be in a line for users or in a JSON text.
func unseen(r rune) bool { return Hostile(r) || invisible(r) }

// OneLine makes foreign text safe for a line that users read, or for a log. A line break becomes ↵ and a tab a space.
// Any other hostile or invisible character, and broken UTF-8, becomes U+FFFD.
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

// EscapeJSON escapes hostile and invisible characters in the texts of a JSON document. Its meaning stays the same.
func EscapeJSON(document []byte) []byte {
	// below 0x7f a character is between texts, or escaped already
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
