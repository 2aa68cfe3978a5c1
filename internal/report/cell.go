package report

import (
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// maxCell is how many UTF-16 units Excel takes in one cell.
const maxCell = 32767

// cutMark ends a text that was too long for a cell.
const cutMark = " … [cut]"

// clean makes foreign text harmless to show: line breaks become LF, and control characters, bidirectional
// overrides, noncharacters and broken UTF-8 become U+FFFD.
func clean(text string) string {
	if isClean(text) {
		return text
	}
	text = strings.ReplaceAll(text, "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return '\n'
		case hostile(r):
			return utf8.RuneError
		}
		return r
	}, text)
}

func isClean(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] >= 0x7f {
			return utf8.ValidString(text) && strings.IndexFunc(text, func(r rune) bool { return r == '\r' || hostile(r) }) < 0
		}
	}
	return true
}

func hostile(r rune) bool {
	switch {
	case r == '\n', r == '\t':
		return false
	case unicode.IsControl(r), r&0xfffe == 0xfffe:
		return true
	}
	return (r >= 0x202a && r <= 0x202e) || (r >= 0x2066 && r <= 0x2069) // bidirectional overrides and isolates
}

// guard puts a ' before text that a spreadsheet would run as a formula when it opens a CSV file. A plain
// number such as -12.50 stays one.
func guard(text string) string {
	if text == "" || !strings.ContainsRune("=+-@\t\r", rune(text[0])) || isNumber(text) {
		return clean(text)
	}
	return "'" + clean(text)
}

// isNumber reports digits with an optional leading minus and at most one decimal mark between digits.
func isNumber(text string) bool {
	digits := strings.TrimPrefix(text, "-")
	marks := 0
	for i := range len(digits) {
		switch c := digits[i]; {
		case c >= '0' && c <= '9':
		case (c == '.' || c == ',') && i > 0 && i < len(digits)-1:
			marks++
		default:
			return false
		}
	}
	return digits != "" && marks <= 1
}

// fit cuts text to what a workbook cell holds and says so in the cell.
func fit(text string) string {
	text = clean(text)
	if len(text) <= maxCell {
		return text
	}
	units := utf16.Encode([]rune(text))
	if len(units) <= maxCell {
		return text
	}
	keep := units[:maxCell-len(utf16.Encode([]rune(cutMark)))]
	if last := keep[len(keep)-1]; last >= 0xd800 && last < 0xdc00 { // the first half of a pair
		keep = keep[:len(keep)-1]
	}
	return string(utf16.Decode(keep)) + cutMark
}
