package intake

import (
	"bufio"
	"errors"
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
	declared bool
	line     int

	doubt   *Error // of the first pair that may be one letter encoded twice
	counter bool   // Ã and Õ stand in words of this file, as in São Paulo
}

// prove refuses a file whose text is none: control characters, UTF-8 encoded twice, and bytes that are no letters in the
// encoding that was declared or detected.
func (d dialect) prove(file *os.File, size int64, declared bool) error {
	p := prover{charset: d.charset, declared: declared}
	in := bufio.NewReaderSize(d.text(file, size), readBlock)
	var long []byte
	for {
		part, err := in.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			if long = append(long, part...); len(long) > maxRecordBytes {
				return nil // refused as a record that is too long
			}
			continue
		}
		if len(long) > 0 {
			part, long = append(long, part...), nil
		}
		p.line++
		if !plain(part) {
			if refusal := p.judge([]rune(string(part))); refusal != nil {
				return refusal
			}
		}
		if err != nil {
			break // the end, or what reading the records will meet again
		}
	}
	if p.doubt != nil && !p.counter {
		return p.doubt
	}
	return nil
}

// plain reports printable ASCII.
func plain(line []byte) bool {
	for _, b := range line {
		if b < ' ' && b != '\t' && b != '\n' && b != '\r' || b >= 0x7f {
			return false
		}
	}
	return true
}

// judge refuses the line for its first character that cannot stand there.
func (p *prover) judge(line []rune) error {
	for i, r := range line {
		switch {
		case r < ' ' && r != '\t' && r != '\n' && r != '\r', r == 0x7f:
			return refuse(codeEncoding, fmt.Sprintf("line %d holds the control character %U, which is no text%s", p.line, r, ctrlZ(r)),
				"remove it, or export the file again").at(0, "", strings.TrimFunc(wordAt(line, i), unicode.IsControl))
		case r < utf8.RuneSelf:
			continue
		}
		if letter := twice(line, i); letter != 0 {
			switch {
			case !doubtful(line, i):
				return p.mojibake(line, i, letter)
			case p.doubt == nil:
				p.doubt = p.mojibake(line, i, letter)
			}
		}
		p.counter = p.counter || (r == 'Ã' || r == 'Õ') && unicode.IsLetter(runeAt(line, i+1))
		s := sight{line, i}
		switch eight := p.charset.table() != nil; {
		case eight && !p.declared && s.odd(), eight && p.declared && s.clash(), !eight && unicode.IsControl(r):
			return p.noWord(line, i)
		}
	}
	return nil
}

func ctrlZ(r rune) string {
	if r == endMark {
		return " (Ctrl-Z, the end mark of DOS, with more text behind it)"
	}
	return ""
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

func (p *prover) mojibake(line []rune, at int, letter rune) *Error {
	word := wordAt(line, at)
	if p.charset.table() != nil {
		return refuse(codeEncoding, fmt.Sprintf("line %d holds UTF-8, while the file is read as %s: %q has the bytes of %q", p.line, p.charset, word, letter),
			"export the file again in one encoding").at(0, "", word)
	}
	return refuse(codeEncoding, fmt.Sprintf("line %d holds text that is UTF-8 encoded twice: %q, where %q became several signs", p.line, word, letter),
		"correct it in the source, or export the file again as CSV in UTF-8").at(0, "", word)
}

// noWord refuses a word, and names the encoding that makes words of its line.
func (p *prover) noWord(line []rune, at int) error {
	word := wordAt(line, at)
	as := "read as " + p.charset.String()
	if p.declared {
		as = fmt.Sprintf("the profile declares %s, but read so", p.charset)
	}
	refusal := refuse(codeEncoding, fmt.Sprintf("line %d: %s, the text has %q, in which %q is no letter", p.line, as, word, line[at]), exportAgain).at(0, "", word)
	if unicode.IsControl(line[at]) {
		refusal.Message = fmt.Sprintf("line %d: %s, the text has the control character %U", p.line, as, line[at])
	}
	table := p.charset.table()
	if table == nil {
		return refusal
	}
	message, best := refusal.Message, 0
	for _, c := range []charset{charsetWindows1252, charsetMacintosh, charsetCP850, charsetCP865} {
		if likely := likeliness(c.read(rawBytes(table, line))); c != p.charset && likely > best {
			best = likely
			refusal.Message = fmt.Sprintf("%s; it looks like %s, which makes it %q", message, c, string(c.read(rawBytes(table, []rune(word)))))
			refusal.Hint = fmt.Sprintf("declare the encoding in a profile, input: {encoding: %s}, or %s", c, exportAgain)
		}
	}
	return refusal
}

// rawBytes are the bytes that the table has made the text of.
func rawBytes(table *charmap.Charmap, text []rune) []byte {
	raw := make([]byte, len(text))
	for i, r := range text {
		b, ok := table.EncodeRune(r)
		if !ok {
			b = byte(r) //nolint:gosec // G115: a byte without a character of its own
		}
		raw[i] = b
	}
	return raw
}

// read decodes single bytes.
func (c charset) read(raw []byte) []rune {
	out := make([]rune, 0, len(raw))
	for _, b := range raw {
		out = append(out, c.table().DecodeByte(b))
	}
	return out
}

// likeliness is how many letters beyond ASCII a reading has, those that Nordic texts have twice; 0 if anything in it is odd.
func likeliness(word []rune) (n int) {
	for i, r := range word {
		switch {
		case r < utf8.RuneSelf:
		case (sight{word, i}).odd():
			return 0
		case !fitsCase(r, runeAt(word, i-1), runeAt(word, i+1)): // possible, and not likely
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
