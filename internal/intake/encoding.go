package intake

import (
	"io"

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
