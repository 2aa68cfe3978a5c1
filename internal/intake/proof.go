package intake

import (
	"bufio"
	"cmp"
	"fmt"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// prover holds the decoded text against what texts have.
type prover struct {
	charset  charset
	table    *charmap.Charmap // of the charset, nil where a character takes more than one byte
	declared bool
	places   map[rune][]place

	doubt   *Error // of the first pair that may be one letter encoded twice
	counter bool   // Ã and Õ stand in words of this file, as in São Paulo
}

// prove refuses a file whose text is none: control characters, UTF-8 encoded twice, and bytes that are no
// letters in the encoding that was declared or detected. Reading the records meets what ends it early:
// damage, and a line that is too long.
func (d dialect) prove(file *os.File, size int64, declared bool) error {
	p := prover{charset: d.charset, table: d.charset.table(), declared: declared, places: places()}
	lines := bufio.NewScanner(d.text(file, size))
	lines.Buffer(make([]byte, readBlock), maxRecordBytes)
	for n := 1; lines.Scan(); n++ {
		if plain(lines.Bytes()) {
			continue
		}
		if refusal := p.judge(n, []rune(lines.Text())); refusal != nil {
			return refusal
		}
	}
	if p.doubt != nil && !p.counter {
		return p.doubt
	}
	return nil
}

// plain reports printable ASCII, tabs and line ends.
func plain(text []byte) bool {
	for _, b := range text {
		if b < ' ' && b != '\t' && b != '\r' && b != '\n' || b >= 0x7f {
			return false
		}
	}
	return true
}

// judge refuses a line for its first character that cannot stand there. Where the encoding was declared, odd
// signs that stand alone are the user's affair, those behind a letter are not.
func (p *prover) judge(number int, line []rune) *Error {
	for i, r := range line {
		if r == '\t' || r == '\r' || r >= ' ' && r < 0x7f {
			continue
		}
		control := unicode.IsControl(r)
		if control && (r < utf8.RuneSelf || p.table == nil) {
			what := "which is no text"
			if r == endMark {
				what = "the end mark Ctrl-Z of DOS, with more text behind it"
			}
			return refuse(codeEncoding, fmt.Sprintf("line %d holds the control character %U, %s", number, r, what),
				"remove it, or export the file again").at(0, "", strings.TrimFunc(wordAt(line, i), unicode.IsControl))
		}
		if letter := twice(line, i); letter != 0 {
			refusal := p.mojibake(number, wordAt(line, i), letter)
			if !doubtful(line, i) {
				return refusal
			}
			p.doubt = cmp.Or(p.doubt, refusal)
		}
		p.counter = p.counter || (r == 'Ã' || r == 'Õ') && unicode.IsLetter(runeAt(line, i+1))
		if p.table != nil && p.odd(line, i) &&
			(!p.declared || control || unicode.IsLetter(r) || unicode.IsLetter(runeAt(line, i-1))) {
			return p.noWord(number, line, i)
		}
	}
	return nil
}

// wordAt is the word around a character, for a message.
func wordAt(line []rune, at int) string {
	ends := func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(`;,|"`, r) }
	from, to := at, at+1
	for from > max(0, at-nearby) && !ends(line[from-1]) {
		from--
	}
	for to < min(len(line), at+nearby) && !ends(line[to]) {
		to++
	}
	return shown(string(line[from:to]))
}

func (p *prover) mojibake(number int, word string, letter rune) *Error {
	what := "text that is UTF-8 encoded twice"
	if p.table != nil {
		what = fmt.Sprintf("UTF-8, while the file is read as %s", p.charset)
	}
	return refuse(codeEncoding,
		fmt.Sprintf("line %d holds %s: %q, where %q became several signs", number, what, word, letter),
		"correct it in the source, or "+exportAgain).at(0, "", word)
}

// noWord refuses a word of single bytes, and names the encoding that makes words of its line.
func (p *prover) noWord(number int, line []rune, at int) *Error {
	word := wordAt(line, at)
	as := "read as " + p.charset.String()
	if p.declared {
		as = fmt.Sprintf("the profile declares %s, but read so", p.charset)
	}
	what := fmt.Sprintf("%q, in which %q is no letter", word, line[at])
	if unicode.IsControl(line[at]) {
		what = fmt.Sprintf("the control character %U", line[at])
	}
	refusal := refuse(codeEncoding, fmt.Sprintf("line %d: %s, the text has %s", number, as, what), exportAgain).at(0,
		"", word)
	message, best := refusal.Message, 0
	for _, c := range []charset{charsetWindows1252, charsetMacintosh, charsetCP850, charsetCP865} {
		if likely := p.likeliness(reread(line, p.table, c.table())); c != p.charset && likely > best {
			best = likely
			refusal.Message = fmt.Sprintf("%s; it looks like %s, which makes it %q", message, c,
				string(reread([]rune(word), p.table, c.table())))
			refusal.Hint = fmt.Sprintf("declare the encoding in a profile, input: {encoding: %s}, or %s", c,
				exportAgain)
		}
	}
	return refusal
}

// rawBytes are the bytes that the table made the text of, for other characters a question mark.
func rawBytes(table *charmap.Charmap, text []rune) []byte {
	raw := make([]byte, len(text))
	for i, r := range text {
		b, ok := table.EncodeRune(r)
		switch {
		case ok:
		case r >= 0x80 && r < 0xa0: // a byte without a character of its own
			b = byte(r)
		default:
			b = '?'
		}
		raw[i] = b
	}
	return raw
}

// reread is text as the other table shows its bytes.
func reread(text []rune, table, other *charmap.Charmap) []rune {
	again := make([]rune, len(text))
	for i, b := range rawBytes(table, text) {
		again[i] = other.DecodeByte(b)
	}
	return again
}

// likeliness is how many letters beyond ASCII a reading has, those that Nordic texts have twice; 0 if
// anything in it is odd.
func (p *prover) likeliness(line []rune) (n int) {
	for i, r := range line {
		switch {
		case r < utf8.RuneSelf:
		case p.odd(line, i):
			return 0
		case !fitsCase(r, runeAt(line, i-1), runeAt(line, i+1)): // possible, and not likely
		case strings.ContainsRune("åäöæøüÅÄÖÆØÜ", r):
			n += 2
		case unicode.IsLetter(r):
			n++
		}
	}
	return n
}

// fitsCase reports whether a letter is written as those around it.
func fitsCase(r, before, after rune) bool {
	if unicode.IsUpper(r) {
		return !unicode.IsLower(before) && (!unicode.IsUpper(before) || !unicode.IsLower(after))
	}
	return !unicode.IsUpper(before) || !unicode.IsUpper(after)
}

// twice is the character that was encoded as UTF-8, taken for single bytes, and encoded again from line[at]
// on: ø for Ã¸. It is 0 where the characters can be what they are.
func twice(line []rune, at int) rune {
	var table *charmap.Charmap
	switch line[at] { // the bytes that begin a character of two or three, as the tables show them
	case 'Â', 'Ã', 'Ä', 'Å', 'â', 'ï':
		table = charmap.Windows1252
	case '√', '¬', '‚':
		table = charmap.Macintosh
	case '├', '┬', 'Ô':
		table = charmap.CodePage850
	default:
		return 0
	}
	r, _ := utf8.DecodeRune(rawBytes(table, line[at:min(len(line), at+3)]))
	switch { // letters and signs of European texts
	case r >= 0x100 && r <= 0x17f && !endsWord(line[at+1]): // Å”, Ä–: a word's last letter and a sign
	case r >= 0xa0 && r < 0x100, r >= 0x2010 && r <= 0x203a, r == '€', r == '™', r == '\ufeff':
	default:
		return 0
	}
	return r
}

// endsWord tells signs that stand right behind a word.
func endsWord(r rune) bool { return strings.ContainsRune("’‘”“»«–—…®™\u00a0", r) }

// doubtful tells a pair that can be the end of a word in capitals, MAÇÃ”, as well as a letter encoded twice, MALMÃ–.
func doubtful(line []rune, at int) bool {
	return line[at] == 'Ã' && unicode.IsUpper(runeAt(line, at-1)) && endsWord(line[at+1]) &&
		!unicode.IsLetter(runeAt(line, at+2))
}
