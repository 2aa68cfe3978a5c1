package report

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"kraviabatch/internal/billing"
)

// maxCell is the number of UTF-16 units that Excel allows in one cell.
const maxCell = 32767

// cutMark ends a text that was too long for a cell.
const cutMark = " … [cut]"

// clean makes foreign text safe to show. Line breaks become LF. Control characters, bidirectional overrides,
// noncharacters and bytes that are not UTF-8 become U+FFFD.
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

// hostile reports whether a character must not stand in a cell. Line breaks and tabs may.
func hostile(r rune) bool { return r != '\n' && r != '\t' && billing.Hostile(r) }

// guardText puts a ' before text that a spreadsheet would run as a formula when it opens a CSV file.
//
// A spreadsheet may split the file at another separator than ours. Our quotes then mean nothing to it, and it sees a
// cell begin after each such separator and each line break, which are the characters in others. A ' is put there too,
// after any spaces.
func guardText(text, others string) string {
	text = clean(text)
	if !strings.ContainsAny(text, "=+-@\t") {
		return text
	}
	var out strings.Builder
	before := " " // spreadsheets skip these characters; inside a cell also the quotes that the file opens or doubles
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

// runs reports whether a spreadsheet may run a text as a formula.
func runs(text string) bool { return text != "" && strings.IndexByte("=+-@\t", text[0]) >= 0 }

// isNumber reports whether a text is digits, with an optional minus in front and at most one decimal mark inside.
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

// isPhone reports whether a text is a + and digits. Run as a formula it gives its own number, so it is harmless.
func isPhone(text string) bool {
	digits, plus := strings.CutPrefix(text, "+")
	return plus && digits != "" && strings.Trim(digits, "0123456789") == ""
}

// fit cleans a text, and cuts one that is too long for a cell, which the cell then says.
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

// decimalOf returns the number in a cell of a numeric column of the input, with a decimal dot. It returns "" when the
// number is not certain: in 1.234 the dot may be a decimal mark or stand between thousands.
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
