package intake

import (
	"bytes"
	"fmt"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
)

// charset is how the bytes of a CSV file stand for characters.
type charset uint8

const (
	charsetUTF8 charset = iota + 1
	charsetUTF16LE
	charsetUTF16BE
	charsetWindows1252
	charsetLatin1
)

// charsetNames are the names that a profile may use, in the order of the constants.
func charsetNames() []string {
	return []string{"utf-8", "utf-16le", "utf-16be", "windows-1252", "iso-8859-1"}
}

func (c charset) String() string { return charsetNames()[c-1] }

func (c charset) decoder() *encoding.Decoder {
	switch c {
	case charsetUTF16LE:
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewDecoder()
	case charsetUTF16BE:
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewDecoder()
	case charsetWindows1252:
		return charmap.Windows1252.NewDecoder()
	case charsetLatin1:
		return charmap.ISO8859_1.NewDecoder()
	case charsetUTF8:
	}
	return encoding.Nop.NewDecoder()
}

const (
	byteOrderMark = "\ufeff"
	lostCharacter = "\ufffd"
)

// bytesScan is what the bytes of a file tell before they are read as text. Lines count from 1.
type bytesScan struct {
	bom         charset // 0: none
	invalidLine int     // first byte sequence that is no UTF-8, 0: none
	invalid     []byte
	multibyte   bool // has UTF-8 characters beyond ASCII
	nulLine     int
	unusedLine  int  // first byte that Windows-1252 has no character for
	innerMarks  int  // byte order marks after the first
	torn        bool // holds U+FFFD
	size        int64

	line int
	tail []byte // an incomplete character at the end of the last block
}

// Write takes the next block of the file. It never fails.
func (s *bytesScan) Write(block []byte) (int, error) {
	if s.size == 0 {
		s.line = 1
		s.bom = markOf(block)
	}
	s.size += int64(len(block))
	written := len(block)
	if len(s.tail) > 0 {
		block = append(s.tail, block...)
		s.tail = nil
	}
	s.innerMarks += bytes.Count(block, []byte(byteOrderMark))
	s.torn = s.torn || bytes.Contains(block, []byte(lostCharacter))
	if s.nulLine == 0 {
		s.nulLine = s.lineOf(block, bytes.IndexByte(block, 0))
	}
	if s.unusedLine == 0 && s.invalidLine > 0 {
		s.unusedLine = s.lineOf(block, unusedByte(block))
	}
	whole := s.utf8Part(block)
	s.tail = append(s.tail, block[whole:]...)
	s.line += bytes.Count(block[:whole], []byte{'\n'})
	return written, nil
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
	if s.invalidLine > 0 {
		return whole
	}
	rest := block[:whole]
	if !utf8.Valid(rest) {
		for i := 0; i < len(rest); {
			r, size := utf8.DecodeRune(rest[i:])
			if r == utf8.RuneError && size == 1 {
				s.invalidLine = s.lineOf(block, i)
				s.invalid = bytes.Clone(rest[i : i+1])
				s.unusedLine = s.lineOf(block, unusedByte(block))
				rest = rest[:i]
				break
			}
			i += size
		}
	}
	s.multibyte = s.multibyte || bytes.IndexFunc(bytes.TrimPrefix(rest, []byte(byteOrderMark)),
		func(r rune) bool { return r >= utf8.RuneSelf }) >= 0
	return whole
}

func (s *bytesScan) lineOf(block []byte, i int) int {
	if i < 0 {
		return 0
	}
	return s.line + bytes.Count(block[:i], []byte{'\n'})
}

// unusedByte is where the first byte stands that Windows-1252 leaves undefined, or -1.
func unusedByte(block []byte) int {
	for i, b := range block {
		switch b {
		case 0x81, 0x8d, 0x8f, 0x90, 0x9d:
			return i
		}
	}
	return -1
}

// finish ends the scan: a character cut off at the end of the file is no UTF-8.
func (s *bytesScan) finish() {
	if len(s.tail) > 0 && s.invalidLine == 0 {
		s.invalidLine, s.invalid = s.line, s.tail[:1]
	}
	if s.bom == charsetUTF8 {
		s.innerMarks--
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

// charset settles the encoding: the mark at the start, what the profile says, UTF-8 if all of the
// file is, else Windows-1252. A file that mixes encodings is refused.
func (s *bytesScan) charset(declared charset) (c charset, notice string, err error) {
	switch {
	case s.bom != 0:
		c = s.bom
	case declared != 0:
		c = declared
	case s.invalidLine == 0:
		c = charsetUTF8
	default:
		c = charsetWindows1252
		notice = "read as windows-1252, because it is not UTF-8 and has no byte order mark"
	}
	if c == charsetUTF16LE || c == charsetUTF16BE {
		return c, "", nil
	}
	if s.nulLine > 0 {
		return 0, "", refuse(codeNUL, fmt.Sprintf("line %d holds a NUL byte, which text never does", s.nulLine),
			"export the file again as CSV in UTF-8, or declare encoding utf-16le in the profile if it is UTF-16")
	}
	mixed := c == charsetUTF8 || declared == 0 && s.multibyte
	if mixed && s.invalidLine > 0 {
		return 0, "", refuse(codeEncoding,
			fmt.Sprintf("line %d holds the byte 0x%x, which is not UTF-8, while the rest is UTF-8", s.invalidLine, s.invalid),
			"export the file again in one encoding, or declare the encoding in the profile").at(0, "", "")
	}
	if c == charsetWindows1252 && s.unusedLine > 0 {
		return 0, "", refuse(codeEncoding,
			fmt.Sprintf("line %d holds a byte that is neither UTF-8 nor windows-1252", s.unusedLine),
			"export the file again as CSV in UTF-8")
	}
	return c, notice, nil
}

// decoded is the file as UTF-8 without byte order marks, its lines ending in LF.
func decoded(in io.Reader, c charset, marks, carriage bool) io.Reader {
	var steps []transform.Transformer
	if c != charsetUTF8 {
		steps = append(steps, c.decoder())
	}
	if marks {
		steps = append(steps, runes.Remove(runes.Predicate(func(r rune) bool { return r == '\ufeff' })))
	}
	if carriage {
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
