package report

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"kraviabatch/internal/billing"
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
		case r == '\r', r == '\u2028', r == '\u2029':
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
			return utf8.ValidString(text) &&
				strings.IndexFunc(text, func(r rune) bool { return r == '\r' || hostile(r) }) < 0
		}
	}
	return true
}

// hostile tells what no cell may hold: line breaks and tabs are part of a cell's text.
func hostile(r rune) bool { return r != '\n' && r != '\t' && billing.Hostile(r) }

// guardText puts a ' before text that a spreadsheet would run as a formula when it opens a CSV file. A
// program that splits at another separator than the file's takes no quote inside a line for one, so that for
// it a cell begins behind each of the characters in others, which are those separators and the line break:
// there a ' is put too, behind the spaces.
func guardText(text, others string) string {
	text = clean(text)
	if !strings.ContainsAny(text, "=+-@\t") {
		return text
	}
	var out strings.Builder
	before := " " // what such programs pass over; inside a cell a quote may be where the file opened or doubled it
	for begin := 0; begin < len(text); before = ` "` {
		end := len(text)
		if i := strings.IndexAny(text[begin:], others); i >= 0 {
			end = begin + i + 1
		}
		if runs(strings.TrimLeft(text[begin:end], before)) {
			if begin > 0 {
				spaces := len(text[begin:end]) - len(strings.TrimLeft(text[begin:end], " "))
				out.WriteString(text[begin : begin+spaces])
				begin += spaces
			}
			out.WriteByte('\'')
		}
		out.WriteString(text[begin:end])
		begin = end
	}
	return out.String()
}

// runs reports whether a spreadsheet may take a text for a formula.
func runs(text string) bool { return text != "" && strings.IndexByte("=+-@\t", text[0]) >= 0 }

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

// isPhone reports a + and digits alone: as a formula too they are their own number.
func isPhone(text string) bool {
	digits, plus := strings.CutPrefix(text, "+")
	return plus && digits != "" && strings.Trim(digits, "0123456789") == ""
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

// decimalOf is the number that a cell of a numeric column of the input says, with a dot, or "" where that is
// not certain: of one mark with three digits behind it nobody knows whether it is a decimal mark.
func decimalOf(text string) string {
	const group = 3
	number := text
	if strings.ContainsAny(text, " \u00a0\u202f") {
		number = strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "").Replace(text)
	}
	mark := strings.LastIndexAny(number, ".,")
	if mark < 0 || strings.HasPrefix(number, "0"+number[mark:]) {
		number = strings.Replace(number, ",", ".", 1)
	} else {
		whole, other := number[:mark], strings.ContainsAny(number[:mark], ".,")
		if len(number)-mark-1 == group && !other || strings.Contains(whole, number[mark:mark+1]) {
			return ""
		}
		if other {
			whole = strings.NewReplacer(".", "", ",", "").Replace(whole)
		}
		if other || number[mark] == ',' {
			number = whole + "." + number[mark+1:]
		}
	}
	if !isNumber(number) {
		return ""
	}
	return number
}
