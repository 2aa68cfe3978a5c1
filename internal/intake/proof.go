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

// prover checks that the decoded text of a file is text. A wrong encoding would put wrong names on invoices.
type prover struct {
	charset  charset
	table    *charmap.Charmap // of the charset, nil where a character takes more than one byte
	declared bool             // the profile declares the charset
	places   map[rune][]place

	doubt   *Error // refusal of the first pair that may be one letter encoded twice
	counter bool   // the file has words with Ã and Õ, such as São Paulo, so that such pairs are letters
}

// prove refuses a file whose text cannot be right: control characters, UTF-8 encoded twice, or bytes that are no
// letters in the charset. It stops at a line that is too long or damaged; reading the records refuses such a line.
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

// plain reports whether a text has nothing but printable ASCII, tabs and line ends.
func plain(text []byte) bool {
	for _, b := range text {
		if b < ' ' && b != '\t' && b != '\r' && b != '\n' || b >= 0x7f {
			return false
		}
	}
	return true
}

// judge refuses a line for its first character that cannot stand there. If the profile declares the charset, signs
// are accepted unless they follow a letter.
func (p *prover) judge(number int, line []rune) *Error {
	for i, r := range line {
		if r == '\t' || r == '\r' || r >= ' ' && r < 0x7f {
			continue
		}
		control := unicode.IsControl(r)
		if control && (r < utf8.RuneSelf || p.table == nil) {
			message := fmt.Sprintf(msgControl, number, r)
			if r == endMark {
				message = fmt.Sprintf(msgInnerEndMark, number, r)
			}
			return refuse(codeEncoding, message, hintRemoveIt).
				at(0, "", strings.TrimFunc(wordAt(line, i), unicode.IsControl))
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

// mojibake refuses a word in which one letter has become several signs.
func (p *prover) mojibake(number int, word string, letter rune) *Error {
	message := fmt.Sprintf(msgTwiceUTF8, number, word, letter)
	if p.table != nil {
		message = fmt.Sprintf(msgUTF8ReadAs, number, p.charset, word, letter)
	}
	return refuse(codeEncoding, message, hintInSource).at(0, "", word)
}

// noWord refuses a word that is none in the charset. It names the charset under which the line has words.
func (p *prover) noWord(number int, line []rune, at int) *Error {
	word := wordAt(line, at)
	as := fmt.Sprintf(msgReadAsCharset, p.charset)
	if p.declared {
		as = fmt.Sprintf(msgDeclaredCharset, p.charset)
	}
	what := fmt.Sprintf(msgNoLetter, word, line[at])
	if unicode.IsControl(line[at]) {
		what = fmt.Sprintf(msgControlSign, line[at])
	}
	message := fmt.Sprintf(msgNoWord, number, as, what)
	refusal, best := refuse(codeEncoding, message, hintExportUTF8).at(0, "", word), 0
	for _, c := range []charset{charsetWindows1252, charsetMacintosh, charsetCP850, charsetCP865} {
		if likely := p.likeliness(reread(line, p.table, c.table())); c != p.charset && likely > best {
			best = likely
			word := string(reread([]rune(word), p.table, c.table()))
			refusal.Message = fmt.Sprintf(msgLooksLikeCharset, message, c, word)
			refusal.Hint = fmt.Sprintf(hintDeclareCharset, c)
		}
	}
	return refusal
}

// rawBytes turns a text back into the bytes that the table decoded. Other characters become question marks.
func rawBytes(table *charmap.Charmap, text []rune) []byte {
	raw := make([]byte, len(text))
	for i, r := range text {
		if b, ok := table.EncodeRune(r); ok {
			raw[i] = b
		} else if r >= 0x80 && r < 0xa0 { // a byte without a character of its own
			raw[i] = byte(r)
		} else {
			raw[i] = '?'
		}
	}
	return raw
}

// reread decodes the bytes of a text by another table.
func reread(text []rune, table, other *charmap.Charmap) []rune {
	again := make([]rune, len(text))
	for i, b := range rawBytes(table, text) {
		again[i] = other.DecodeByte(b)
	}
	return again
}

// likeliness scores a reading of a line by its letters beyond ASCII, Nordic ones twice, and 0 if a character is odd.
func (p *prover) likeliness(line []rune) (n int) {
	for i, r := range line {
		switch {
		case r < utf8.RuneSelf:
		case p.odd(line, i):
			return 0
		case !fitsCase(r, runeAt(line, i-1), runeAt(line, i+1)): // possible, but no evidence
		case strings.ContainsRune("åäöæøüÅÄÖÆØÜ", r):
			n += 2
		case unicode.IsLetter(r):
			n++
		}
	}
	return n
}

// fitsCase reports whether the case of a letter suits its neighbours.
func fitsCase(r, before, after rune) bool {
	if unicode.IsUpper(r) {
		return !unicode.IsLower(before) && (!unicode.IsUpper(before) || !unicode.IsLower(after))
	}
	return !unicode.IsUpper(before) || !unicode.IsUpper(after)
}

// twice is the character that stands from line[at] on if its UTF-8 bytes were taken for characters of their own: ø
// for Ã¸. It is 0 where the characters can be what they are.
func twice(line []rune, at int) rune {
	var table *charmap.Charmap
	switch line[at] { // how the tables show bytes that begin a character of two or three bytes
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

// endsWord reports whether a sign can stand right behind a word.
func endsWord(r rune) bool { return strings.ContainsRune("’‘”“»«–—…®™\u00a0", r) }

// doubtful reports whether a pair can also end a word in capitals, as MAÇÃ” does; MALMÃ– is MALMÖ encoded twice.
func doubtful(line []rune, at int) bool {
	return line[at] == 'Ã' && unicode.IsUpper(runeAt(line, at-1)) && endsWord(line[at+1]) &&
		!unicode.IsLetter(runeAt(line, at+2))
}
