package intake

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// endMark is Ctrl-Z, which DOS programs write behind the last line of a text.
const endMark = 0x1a

// bytesScan is what the bytes of a file tell before they are read as text. Lines count from 1.
type bytesScan struct {
	bom         charset // 0: none
	invalidLine int     // first byte sequence that is no UTF-8, 0: none
	invalid     []byte
	severed     bool // that sequence is a character which the end of the file cuts
	multibyte   bool // has UTF-8 characters beyond ASCII
	nulLine     int
	nuls        [2]int64 // NUL bytes at even and at odd offsets
	innerMarks  int      // byte order marks after the first
	torn        bool     // holds U+FFFD
	returns     bool     // has a CR without LF
	size        int64    // bytes up to the end mark
	marked      bool     // a DOS end mark was passed over

	read     int64
	line     int
	tail     []byte // an incomplete character at the end of the last block
	markAt   int64  // offset of the end mark behind which nothing but padding was seen, -1: none
	pending  bool   // the last block ended with CR
	nulFirst int64  // offset of the first NUL
}

// Write takes the next block of the file. It never fails.
func (s *bytesScan) Write(block []byte) (int, error) {
	if s.read == 0 {
		s.line, s.markAt = 1, -1
		s.bom = markOf(block)
	}
	written := len(block)
	s.seek(block)
	s.read += int64(written)
	if len(s.tail) > 0 {
		block = append(s.tail, block...)
		s.tail = nil
	}
	s.innerMarks += bytes.Count(block, []byte(byteOrderMark))
	s.torn = s.torn || bytes.Contains(block, []byte(lostCharacter))
	whole := s.utf8Part(block)
	s.tail = append(s.tail, block[whole:]...)
	s.line += bytes.Count(block[:whole], []byte{'\n'})
	return written, nil
}

// seek notes NUL bytes, carriage returns and the end mark of a block that begins at s.read.
func (s *bytesScan) seek(block []byte) {
	if at := bytes.IndexByte(block, 0); at >= 0 {
		if s.nulLine == 0 {
			s.nulLine, s.nulFirst = s.lineOf(block, at), s.read+int64(at)
		}
		for i, b := range block[at:] {
			if b == 0 {
				s.nuls[(s.read+int64(at+i))&1]++
			}
		}
	}
	for rest := block; !s.returns && len(rest) > 0; {
		if s.pending {
			s.returns, s.pending = rest[0] != '\n', false
			continue
		}
		at := bytes.IndexByte(rest, '\r')
		if at < 0 {
			break
		}
		rest, s.pending = rest[at+1:], true
	}
	text := bytes.TrimRight(block, "\x00\x1a\r\n")
	if len(text) > 0 {
		s.markAt = -1
	}
	if at := bytes.IndexByte(block[len(text):], endMark); at >= 0 && s.markAt < 0 {
		s.markAt = s.read + int64(len(text)+at)
	}
}

// utf8Part checks the block as UTF-8 and tells how much of it ends with a whole character.
func (s *bytesScan) utf8Part(block []byte) int {
	whole := len(block)
	for back := 1; back < utf8.UTFMax && back <= len(block); back++ {
		if start := block[len(block)-back:]; utf8.RuneStart(start[0]) {
			if !utf8.FullRune(start) {
				whole -= back
			}
			break
		}
	}
	rest := block[:whole]
	if s.invalidLine == 0 && !utf8.Valid(rest) {
		for i := 0; i < len(rest); {
			r, size := utf8.DecodeRune(rest[i:])
			if r == utf8.RuneError && size == 1 {
				s.invalidLine, s.invalid = s.lineOf(block, i), bytes.Clone(rest[i:i+1])
				rest = rest[:i]
				break
			}
			i += size
		}
	}
	if s.invalidLine == 0 || len(rest) < whole {
		s.multibyte = s.multibyte || bytes.IndexFunc(rest, func(r rune) bool { return r >= utf8.RuneSelf && r != '\ufeff' }) >= 0
	}
	return whole
}

func (s *bytesScan) lineOf(block []byte, i int) int {
	return s.line + bytes.Count(block[:i], []byte{'\n'})
}

// finish ends the scan: a character cut off at the end of the file is no UTF-8, and what follows an end mark is no text.
func (s *bytesScan) finish() {
	if len(s.tail) > 0 && s.invalidLine == 0 {
		s.invalidLine, s.invalid, s.severed = s.line, s.tail[:1], s.multibyte
	}
	if s.bom == charsetUTF8 {
		s.innerMarks--
	}
	s.size = s.read
	if s.read > 0 && s.markAt >= 0 && s.bom != charsetUTF16LE && s.bom != charsetUTF16BE {
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

// wide is the UTF-16 that the NUL bytes show: in a table delimiters, digits and line ends have one each, always in the same half.
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

// exportAgain is the way out of every file whose encoding is in doubt.
const exportAgain = "export the file again as CSV in UTF-8"

// charset settles the encoding: the mark at the start, what the profile says, UTF-8 if all of the
// file is, else Windows-1252, whose words are still to be proved. Bytes that contradict it refuse the file.
func (s *bytesScan) charset(declared charset) (charset, error) {
	if s.bom != 0 && declared != 0 && s.bom != declared {
		return 0, refuse(codeEncoding, fmt.Sprintf("the profile declares %s, but the file begins with the byte order mark of %s", declared, s.bom),
			fmt.Sprintf("write encoding: %s in the profile, or leave it out", s.bom))
	}
	c := declared
	switch {
	case s.bom != 0:
		c = s.bom
	case declared == 0 && s.invalidLine == 0:
		c = charsetUTF8
	case declared == 0:
		c = charsetWindows1252
	}
	if c == charsetUTF16LE || c == charsetUTF16BE {
		return c, s.checkWide(c)
	}
	if s.nulLine > 0 {
		hint := exportAgain
		if wide := s.wide(); wide != 0 {
			hint = fmt.Sprintf("it looks like %s without a byte order mark: declare it in a profile, input: {encoding: %s}", wide, wide)
		}
		return 0, refuse(codeNUL, fmt.Sprintf("line %d holds a NUL byte, which text never does", s.nulLine), hint)
	}
	return c, s.checkBytes(c, declared)
}

// checkWide refuses what cannot be the UTF-16 that it should be.
func (s *bytesScan) checkWide(c charset) error {
	if s.bom == 0 {
		if wide := s.wide(); wide != c {
			other := "no UTF-16"
			if wide != 0 {
				other = wide.String()
			} else if s.nulLine == 0 && s.invalidLine == 0 {
				other = charsetUTF8.String()
			}
			return refuse(codeEncoding, fmt.Sprintf("the profile declares %s, but the bytes are %s", c, other),
				"correct the encoding in the profile, or leave it out")
		}
	}
	if s.read%2 != 0 {
		return refuse(codeEncoding, fmt.Sprintf("the file ends in the middle of a character of %s: it was cut off", c), "copy or export it again")
	}
	return nil
}

// checkBytes refuses bytes that are no UTF-8 where they should be, and UTF-8 where another encoding is declared.
func (s *bytesScan) checkBytes(c, declared charset) error {
	says := "the rest is UTF-8"
	if declared == charsetUTF8 {
		says = "the profile declares utf-8"
	}
	switch {
	case s.severed:
		return refuse(codeEncoding, fmt.Sprintf("the file ends in the middle of a character of UTF-8, on line %d: it was cut off", s.invalidLine),
			"copy or export it again")
	case s.invalidLine > 0 && (c == charsetUTF8 || declared == 0 && s.multibyte):
		return refuse(codeEncoding, fmt.Sprintf("line %d holds the byte 0x%x, which is not UTF-8, while %s", s.invalidLine, s.invalid, says),
			"export the file again in one encoding, or declare the encoding in the profile")
	case s.invalidLine == 0 && s.multibyte && c != charsetUTF8:
		return refuse(codeEncoding, fmt.Sprintf("the profile declares %s, but all of the file is UTF-8", c),
			"write encoding: utf-8 in the profile, or leave it out")
	}
	return nil
}
