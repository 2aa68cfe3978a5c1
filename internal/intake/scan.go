package intake

import (
	"bytes"
	"cmp"
	"fmt"
	"unicode/utf8"

	"golang.org/x/text/encoding"
)

// endMark is Ctrl-Z, which DOS programs write behind the last line of a text.
const endMark = 0x1a

// bytesScan is what the bytes of a file tell before they are read as text. Lines count from 1.
type bytesScan struct {
	bom         charset // 0: none
	invalidLine int     // first byte sequence that is no UTF-8, 0: none
	invalid     byte
	severed     bool // that sequence is a character which the end of the file cuts
	multibyte   bool // has UTF-8 characters beyond ASCII
	nulLine     int
	nuls        [2]int64 // NUL bytes at even and at odd offsets
	innerMarks  int      // byte order marks after the first
	torn        bool     // holds U+FFFD
	returns     bool     // may have a CR without LF
	odd         bool     // has bytes beside printable ASCII, tabs and line ends
	size        int64    // bytes up to the end mark
	marked      bool     // a DOS end mark was passed over

	read     int64 // bytes of whole characters so far
	line     int
	held     []byte // what the next block may complete: a character, or CR LF
	markAt   int64  // offset of the end mark behind which nothing but padding was seen, -1: none
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

// unfinished is how many bytes at the end begin a character, or may begin CR LF.
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

// take notes what is in text, which begins and ends between characters.
func (s *bytesScan) take(text []byte) {
	s.returns = s.returns || bytes.Count(text, []byte("\r")) > bytes.Count(text, []byte("\r\n"))
	if s.odd = s.odd || !plain(text); s.odd {
		s.takeOdd(text)
	}
	s.line += bytes.Count(text, []byte{'\n'})
	s.read += int64(len(text))
}

// takeOdd notes what only odd bytes tell. Before the first of them there is nothing to note.
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
	beside := (len(byteOrderMark) - 1) * bytes.Count(text, []byte(byteOrderMark)) // bytes of marks, which are no text
	s.multibyte = s.multibyte || len(text)-utf8.RuneCount(text) > beside
}

func (s *bytesScan) lineOf(text []byte, at int) int {
	return s.line + bytes.Count(text[:at], []byte{'\n'})
}

// finish ends the scan: a character cut off at the end of the file is no UTF-8, and what follows an end mark
// is no text.
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

// wide is the UTF-16 that the NUL bytes show: in a table delimiters, digits and line ends have one each,
// always in the same half.
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

// What to do with a file whose encoding is in doubt.
const (
	exportAgain = "export the file again as CSV in UTF-8"
	copyAgain   = "copy or export it again"
	declareNone = "correct the encoding in the profile, or leave it out"
)

// charset settles the encoding: the mark at the start, what the profile says, UTF-8 if all of the
// file is, else Windows-1252, whose words are still to be proved. Bytes that contradict it refuse the file.
func (s *bytesScan) charset(declared charset) (charset, error) {
	no := func(hint, message string, args ...any) (charset, error) {
		return 0, refuse(codeEncoding, fmt.Sprintf(message, args...), hint)
	}
	c := cmp.Or(s.bom, declared)
	switch {
	case s.bom != 0 && declared != 0 && s.bom != declared:
		return no(declareNone, "the profile declares %s, but the file begins with the byte order mark of %s",
			declared, s.bom)
	case c.wide():
		if s.bom == 0 && s.wide() != c {
			return no(declareNone, "the profile declares %s, but the bytes are %s", c, s.shownByNULs())
		}
		if s.read%2 != 0 {
			return no(copyAgain, "the file ends in the middle of a character of %s: it was cut off", c)
		}
	case s.nulLine > 0:
		hint := exportAgain
		if wide := s.wide(); wide != 0 {
			hint = fmt.Sprintf(
				"it looks like %s without a byte order mark: declare it in a profile, input: {encoding: %s}", wide,
				wide)
		}
		return 0, refuse(codeNUL, fmt.Sprintf("line %d holds a NUL byte, which text never does", s.nulLine), hint)
	case s.severed:
		return no(copyAgain, "the file ends in the middle of a character of UTF-8, on line %d: it was cut off",
			s.invalidLine)
	case s.invalidLine > 0 && (c == charsetUTF8 || c == 0 && s.multibyte):
		says := "the rest is UTF-8"
		if declared != 0 {
			says = "the profile declares utf-8"
		}
		return no("export the file again in one encoding, or declare the encoding in the profile",
			"line %d holds the byte 0x%x, which is not UTF-8, while %s", s.invalidLine, s.invalid, says)
	case s.invalidLine == 0 && s.multibyte && c > charsetUTF8:
		return no(declareNone, "the profile declares %s, but all of the file is UTF-8", c)
	case s.invalidLine > 0:
		c = cmp.Or(c, charsetWindows1252)
	}
	return cmp.Or(c, charsetUTF8), nil
}

// shownByNULs names what a file is that is not the UTF-16 which it should be.
func (s *bytesScan) shownByNULs() string {
	switch wide := s.wide(); {
	case wide != 0:
		return wide.String()
	case s.nulLine == 0 && s.invalidLine == 0:
		return charsetUTF8.String()
	}
	return "no UTF-16"
}
