package intake

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
)

// charset is the encoding of a CSV file.
type charset uint8

const (
	charsetUTF8 charset = iota + 1
	charsetUTF16LE
	charsetUTF16BE
	charsetWindows1252
	charsetLatin1
	charsetMacintosh
	charsetCP850
	charsetCP865
)

// charsetNames lists the names that a profile may use, in the order of the constants.
func charsetNames() []string {
	return []string{"utf-8", "utf-16le", "utf-16be", "windows-1252", "iso-8859-1", "macintosh", "cp850", "cp865"}
}

func (c charset) String() string { return charsetNames()[c-1] }

func (c charset) encoding() encoding.Encoding {
	return []encoding.Encoding{
		encoding.Nop, unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM),
		unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM),
		charmap.Windows1252, charmap.ISO8859_1, charmap.Macintosh, charmap.CodePage850, charmap.CodePage865,
	}[c-1]
}

// wide reports UTF-16.
func (c charset) wide() bool { return c == charsetUTF16LE || c == charsetUTF16BE }

// table maps each byte to its character. It is nil for encodings with more than one byte in a character.
func (c charset) table() *charmap.Charmap {
	table, _ := c.encoding().(*charmap.Charmap)
	return table
}

func (c charset) decoder() transform.Transformer {
	if c != charsetWindows1252 {
		return c.encoding().NewDecoder()
	}
	// A byte without a character becomes the control character of the same number, so that a message can name it.
	return transform.Chain(charmap.ISO8859_1.NewDecoder(), runes.Map(func(r rune) rune {
		if own := charmap.Windows1252.DecodeByte(byte(r & 0xff)); own != '\ufffd' {
			return own
		}
		return r
	}))
}

const (
	byteOrderMark = "\ufeff"
	lostCharacter = "\ufffd"
)

// text gives the file as UTF-8, without byte order marks and with LF at the end of each line.
func (d dialect) text(file io.ReaderAt, size int64) io.Reader {
	in := io.NewSectionReader(file, d.skip, size-d.skip)
	var steps []transform.Transformer
	if d.charset != charsetUTF8 {
		steps = append(steps, d.charset.decoder())
	}
	if d.marks {
		steps = append(steps, runes.Remove(runes.Predicate(func(r rune) bool { return r == '\ufeff' })))
	}
	if d.carriage {
		steps = append(steps, runes.Map(func(r rune) rune {
			if r == '\r' {
				return '\n'
			}
			return r
		}))
	}
	if len(steps) == 0 {
		return in
	}
	return transform.NewReader(in, transform.Chain(steps...))
}

// endMark is Ctrl-Z, which DOS programs write after the last line of a text.
const endMark = 0x1a

// bytesScan gathers what bytes prove about the encoding, before they are read as text. Lines count from 1; 0 is none.
type bytesScan struct {
	bom         charset  // of the byte order mark, 0 for none
	invalidLine int      // line of the first bytes that are no UTF-8
	invalid     byte     // the first of them
	severed     bool     // they are a character that the end of the file cuts
	multibyte   bool     // there are UTF-8 characters beyond ASCII
	nulLine     int      // line of the first NUL byte
	nuls        [2]int64 // count of NUL bytes at even and at odd offsets
	innerMarks  int      // count of byte order marks after the first
	torn        bool     // there is a U+FFFD
	returns     bool     // there may be a CR without LF
	odd         bool     // there are bytes beside printable ASCII, tabs and line ends
	size        int64    // bytes of text, without an end mark
	marked      bool     // there is a DOS end mark after the text

	read     int64 // bytes of complete characters so far
	line     int
	held     []byte // bytes that the next block may complete: of a character, or of CR LF
	markAt   int64  // offset of an end mark after which only padding was seen, -1 for none
	nulFirst int64  // offset of the first NUL
}

// Write takes the next block of the file. It never fails.
func (s *bytesScan) Write(block []byte) (int, error) {
	if s.line == 0 {
		s.line, s.markAt, s.bom = 1, -1, markOf(block)
	}
	s.held = append(s.held, block...)
	whole := len(s.held) - unfinished(s.held)
	s.take(s.held[:whole])
	s.held = append(s.held[:0], s.held[whole:]...)
	return len(block), nil
}

// unfinished is how many bytes at the end are the beginning of a character or of CR LF.
func unfinished(text []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(text); n++ {
		if end := text[len(text)-n:]; utf8.RuneStart(end[0]) {
			if end[0] == '\r' || !utf8.FullRune(end) {
				return n
			}
			break
		}
	}
	return 0
}

// take gathers the evidence of text, which begins and ends between characters.
func (s *bytesScan) take(text []byte) {
	s.returns = s.returns || bytes.Count(text, []byte("\r")) > bytes.Count(text, []byte("\r\n"))
	if s.odd = s.odd || !plain(text); s.odd {
		s.takeOdd(text)
	}
	s.line += bytes.Count(text, []byte{'\n'})
	s.read += int64(len(text))
}

// takeOdd gathers the evidence of odd bytes. Most files have none and skip it.
func (s *bytesScan) takeOdd(text []byte) {
	s.innerMarks += bytes.Count(text, []byte(byteOrderMark))
	s.torn = s.torn || bytes.Contains(text, []byte(lostCharacter))
	if s.invalidLine == 0 {
		s.checkUTF8(text)
	}
	if first := bytes.IndexByte(text, 0); first >= 0 {
		if s.nulLine == 0 {
			s.nulLine, s.nulFirst = s.lineOf(text, first), s.read+int64(first)
		}
		for i, b := range text[first:] {
			if b == 0 {
				s.nuls[(s.read+int64(first+i))&1]++
			}
		}
	}
	padding := len(bytes.TrimRight(text, "\x00\x1a\r\n"))
	if padding > 0 {
		s.markAt = -1
	}
	if at := bytes.IndexByte(text[padding:], endMark); at >= 0 && s.markAt < 0 {
		s.markAt = s.read + int64(padding+at)
	}
}

func (s *bytesScan) checkUTF8(text []byte) {
	if !utf8.Valid(text) {
		_, valid, _ := encoding.UTF8Validator.Transform(make([]byte, len(text)), text, true)
		s.invalidLine, s.invalid = s.lineOf(text, valid), text[valid]
		text = text[:valid]
	}
	beside := (len(byteOrderMark) - 1) * bytes.Count(text, []byte(byteOrderMark)) // byte order marks are no text
	s.multibyte = s.multibyte || len(text)-utf8.RuneCount(text) > beside
}

func (s *bytesScan) lineOf(text []byte, at int) int {
	return s.line + bytes.Count(text[:at], []byte{'\n'})
}

// finish ends the scan. A character that the end of the file cuts is no UTF-8. What follows an end mark is no text.
func (s *bytesScan) finish() {
	cut := s.invalidLine == 0 && len(s.held) > 0 && !utf8.FullRune(s.held)
	s.take(s.held)
	s.severed = cut && s.multibyte
	if s.bom == charsetUTF8 {
		s.innerMarks--
	}
	s.size = s.read
	if s.read > 0 && s.markAt >= 0 && !s.bom.wide() {
		s.size, s.marked = s.markAt, true
		if s.nulFirst > s.markAt {
			s.nulLine = 0
		}
	}
}

// markOf is the charset of a byte order mark, 0 for none.
func markOf(head []byte) charset {
	switch {
	case bytes.HasPrefix(head, []byte(byteOrderMark)):
		return charsetUTF8
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}):
		return charsetUTF16LE
	case bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		return charsetUTF16BE
	}
	return 0
}

// wide recognises UTF-16 by its NULs, or 0: delimiters, digits and line ends have one each, always in the same half.
func (s *bytesScan) wide() charset {
	even, odd := s.nuls[0], s.nuls[1]
	switch {
	case even+odd < s.read/8 || s.read%2 != 0:
		return 0
	case odd > 16*even:
		return charsetUTF16LE
	case even > 16*odd:
		return charsetUTF16BE
	}
	return 0
}

// charset settles the encoding. The byte order mark decides, then the profile. Otherwise it is UTF-8 if the entire file
// is valid UTF-8, else Windows-1252, whose text prove checks later. Bytes that contradict the encoding refuse the file.
func (s *bytesScan) charset(declared charset) (charset, error) {
	no := func(hint, message string, args ...any) (charset, error) {
		return 0, refuse(codeEncoding, fmt.Sprintf(message, args...), hint)
	}
	c := cmp.Or(s.bom, declared)
	switch {
	case s.bom != 0 && declared != 0 && s.bom != declared:
		return no(hintCorrectEncoding, msgOtherMark, declared, s.bom)
	case c.wide():
		if s.bom == 0 && s.wide() != c {
			return no(hintCorrectEncoding, msgOtherBytes, c, s.shownByNULs())
		}
		if s.read%2 != 0 {
			return no(hintCopyAgain, msgCutCharacter, c)
		}
	case s.nulLine > 0:
		hint := hintExportUTF8
		if wide := s.wide(); wide != 0 {
			hint = fmt.Sprintf(hintDeclareUTF16, wide)
		}
		return 0, refuse(codeNUL, fmt.Sprintf(msgNULByte, s.nulLine), hint)
	case s.severed:
		return no(hintCopyAgain, msgCutUTF8, s.invalidLine)
	case s.invalidLine > 0 && (c == charsetUTF8 || c == 0 && s.multibyte):
		message := msgNotUTF8
		if declared != 0 {
			message = msgNotDeclaredUTF8
		}
		return no(hintOneEncoding, message, s.invalidLine, s.invalid)
	case s.invalidLine == 0 && s.multibyte && c > charsetUTF8:
		return no(hintCorrectEncoding, msgAllUTF8, c)
	case s.invalidLine > 0:
		c = cmp.Or(c, charsetWindows1252)
	}
	return cmp.Or(c, charsetUTF8), nil
}

// shownByNULs names the encoding of a file that is not the UTF-16 which the profile declares.
func (s *bytesScan) shownByNULs() string {
	switch wide := s.wide(); {
	case wide != 0:
		return wide.String()
	case s.nulLine == 0 && s.invalidLine == 0:
		return charsetUTF8.String()
	}
	return msgWordNoUTF16
}
