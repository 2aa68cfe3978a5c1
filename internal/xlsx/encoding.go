package xlsx

import (
	"bufio"
	"encoding/binary"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// utf8Reader gives the text of a part in UTF-8. A part in UTF-16 begins with its byte order mark or with `<` in two bytes; all
// others are UTF-8 or refused by the scanner.
func utf8Reader(in io.Reader) (out io.Reader, transcoded bool, err error) {
	buffered := bufio.NewReaderSize(in, 16) // later reads go past so small a buffer
	head, err := buffered.Peek(2)
	if err != nil {
		return buffered, false, ignoreEOF(err)
	}
	switch string(head) {
	case "\xff\xfe", "<\x00":
		return &utf16Reader{in: bufio.NewReader(buffered), order: binary.LittleEndian}, true, nil
	case "\xfe\xff", "\x00<":
		return &utf16Reader{in: bufio.NewReader(buffered), order: binary.BigEndian}, true, nil
	}
	return buffered, false, nil
}

func ignoreEOF(err error) error {
	if err == io.EOF { //nolint:errorlint // Peek gives it as it is; the scanner says what an empty part is
		return nil
	}
	return err
}

// utf16Reader turns UTF-16 into UTF-8. Half a character is an error.
type utf16Reader struct {
	in    *bufio.Reader
	order binary.ByteOrder
	out   []byte // not yet taken
}

func (r *utf16Reader) Read(p []byte) (int, error) {
	if len(r.out) == 0 {
		c, err := r.rune()
		if err != nil {
			return 0, err
		}
		r.out = utf8.AppendRune(r.out[:0:cap(r.out)], c)
	}
	n := copy(p, r.out)
	r.out = r.out[n:]
	for len(p)-n >= utf8.UTFMax && r.in.Buffered() >= 4 {
		c, err := r.rune()
		if err != nil {
			return n, err
		}
		n += utf8.EncodeRune(p[n:], c)
	}
	return n, nil
}

func (r *utf16Reader) rune() (rune, error) {
	first, err := r.unit()
	if err != nil || !utf16.IsSurrogate(first) {
		return first, err
	}
	second, err := r.unit()
	if err != nil {
		return 0, noEOF(err)
	}
	c := utf16.DecodeRune(first, second)
	if c == utf8.RuneError {
		return 0, refuse(Encoding, "it is UTF-16 with half a character in it")
	}
	return c, nil
}

func (r *utf16Reader) unit() (rune, error) {
	var b [2]byte
	if _, err := io.ReadFull(r.in, b[:]); err != nil {
		return 0, err
	}
	return rune(r.order.Uint16(b[:])), nil
}
