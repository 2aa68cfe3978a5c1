package intake

import (
	"io"

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
	charsetMacintosh
	charsetCP850
	charsetCP865
)

// charsetNames are the names that a profile may use, in the order of the constants.
func charsetNames() []string {
	return []string{"utf-8", "utf-16le", "utf-16be", "windows-1252", "iso-8859-1", "macintosh", "cp850", "cp865"}
}

func (c charset) String() string { return charsetNames()[c-1] }

// table is the character of each byte, nil where a character takes more than one byte.
func (c charset) table() *charmap.Charmap {
	switch c {
	case charsetWindows1252:
		return charmap.Windows1252
	case charsetLatin1:
		return charmap.ISO8859_1
	case charsetMacintosh:
		return charmap.Macintosh
	case charsetCP850:
		return charmap.CodePage850
	case charsetCP865:
		return charmap.CodePage865
	case charsetUTF8, charsetUTF16LE, charsetUTF16BE:
	}
	return nil
}

func (c charset) decoder() *encoding.Decoder {
	switch c {
	case charsetUTF16LE:
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewDecoder()
	case charsetUTF16BE:
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewDecoder()
	case charsetWindows1252: // a byte without a character becomes the control character of its number, so that it can be told
		return &encoding.Decoder{Transformer: transform.Chain(charmap.ISO8859_1.NewDecoder(), runes.Map(func(r rune) rune {
			if r < 0x80 || r >= 0xa0 || charmap.Windows1252.DecodeByte(byte(r)) == '\ufffd' {
				return r
			}
			return charmap.Windows1252.DecodeByte(byte(r))
		}))}
	case charsetLatin1, charsetMacintosh, charsetCP850, charsetCP865:
		return c.table().NewDecoder()
	case charsetUTF8:
	}
	return encoding.Nop.NewDecoder()
}

const (
	byteOrderMark = "\ufeff"
	lostCharacter = "\ufffd"
)

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
