package xlsx

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"
)

// Limits of the XML inside a workbook.
const (
	maxXMLToken   = 2 << 20 // bytes of one tag or one text: a cell has at most 32,767 characters
	maxXMLDepth   = 64
	byteOrderMark = "\ufeff"
)

// tokenKind is what stands at one place of an XML part.
type tokenKind uint8

const (
	startTag tokenKind = iota + 1
	endTag
	characters
)

// xmlToken is one piece of XML. It is valid until the next one is read.
type xmlToken struct {
	kind  tokenKind
	space space       // of a start tag
	name  []byte      // local name of a start tag
	attrs []attribute // of a start tag
	data  []byte      // raw, of characters
	cdata bool        // data has no entities
}

// attribute is one of a start tag, raw.
type attribute struct{ name, value []byte }

// is reports whether the token begins an element of the part's own namespace with that name.
func (t *xmlToken) is(name string) bool {
	return t.kind == startTag && t.space == ownSpace && string(t.name) == name
}

// xmlScanner reads the XML of parts, several times faster than encoding/xml. It is strict, as cells are money: tags
// must match, prefixes and entities be known, nothing may follow the root, and a document type is refused.
type xmlScanner struct {
	in         io.Reader
	buf        []byte
	pos, end   int
	eof        bool
	token      xmlToken
	attrs      []attribute // memory of the token's
	names      []byte      // of open tags
	open       []openTag
	pending    bool // the last start tag was its own end
	rooted     bool
	transcoded bool  // from UTF-16, so that the declaration does not say UTF-8
	offset     int64 // of buf[0]
	bindings   []binding
	root       string // namespace of the root element
}

// openTag is an element that is open.
type openTag struct {
	name     int   // length
	bindings int   // that there were before it
	plain    space // of names without a prefix, 0 until it is looked up
}

// newXMLScanner begins to read a part, whose root must have that name. A part in UTF-16 begins with its byte
// order mark or with `<` in two bytes; all others are UTF-8 or refused.
func newXMLScanner(in io.Reader, root string) (*xmlScanner, error) {
	s := &xmlScanner{in: in, buf: make([]byte, 64<<10)}
	for s.end < 2 && !s.eof {
		if err := s.fill(); err != nil {
			return nil, err
		}
	}
	if order, wide := map[string]unicode.Endianness{
		"\xff\xfe": unicode.LittleEndian, "<\x00": unicode.LittleEndian,
		"\xfe\xff": unicode.BigEndian, "\x00<": unicode.BigEndian,
	}[string(s.buf[:2])]; wide {
		whole := io.MultiReader(bytes.NewReader(bytes.Clone(s.buf[:s.end])), in)
		s.in = unicode.UTF16(order, unicode.IgnoreBOM).NewDecoder().Reader(whole)
		s.transcoded, s.end, s.eof = true, 0, false
	}
	t, err := s.next()
	if err == nil && !t.is(root) {
		err = s.damaged(msgRoot, shorten(t.name), root)
	}
	return s, err
}

// damaged is an error that names the byte of the part that the scanner has reached.
func (s *xmlScanner) damaged(format string, args ...any) error {
	return refuse(Damaged, msgAtByte, s.offset+int64(s.pos), fmt.Sprintf(format, args...))
}

// fill reads more input into the buffer. At the end of input it sets eof.
func (s *xmlScanner) fill() error {
	if s.eof {
		return nil
	}
	if s.pos > 0 {
		copy(s.buf, s.buf[s.pos:s.end])
		s.end -= s.pos
		s.offset += int64(s.pos)
		s.pos = 0
	}
	if s.end == len(s.buf) {
		if len(s.buf) >= maxXMLToken {
			return refuse(TooLarge, msgTokenTooLarge, maxXMLToken>>20)
		}
		s.buf = append(s.buf, make([]byte, len(s.buf))...)
	}
	n, err := s.in.Read(s.buf[s.end:])
	s.end += n
	if s.transcoded && bytes.ContainsRune(s.buf[max(0, s.end-n-utf8.UTFMax):s.end], utf8.RuneError) {
		return refuse(Encoding, msgUTF16)
	}
	if errors.Is(err, io.EOF) {
		s.eof = true
		return nil
	}
	return err
}

// find is the length of the text up to and with a delimiter, -1 without one. It reads as much as it needs.
func (s *xmlScanner) find(delimiter string) (int, error) {
	from := 0
	for {
		if i := bytes.Index(s.buf[s.pos+from:s.end], []byte(delimiter)); i >= 0 {
			return from + i + len(delimiter), nil
		}
		if s.eof {
			return -1, nil
		}
		from = max(0, s.end-s.pos-len(delimiter)+1)
		if err := s.fill(); err != nil {
			return 0, err
		}
	}
}

// next is the next tag or text. Comments and instructions are skipped. io.EOF comes only after every tag was closed.
func (s *xmlScanner) next() (*xmlToken, error) {
	s.token.kind, s.token.cdata = 0, false
	if s.pending {
		s.pending = false
		s.pop()
		s.token.kind = endTag
	}
	for s.token.kind == 0 {
		for s.pos == s.end && !s.eof {
			if err := s.fill(); err != nil {
				return nil, err
			}
		}
		var err error
		switch {
		case s.pos == s.end && (len(s.open) > 0 || !s.rooted):
			err = s.damaged(msgEndsEarly)
		case s.pos == s.end:
			err = io.EOF
		case s.buf[s.pos] == '<':
			err = s.tag()
		default:
			err = s.characters()
		}
		if err != nil {
			return nil, err
		}
	}
	return &s.token, nil
}

// child is the next element inside the one whose start tag was read, when all of the one before it was read; ok is
// false at the end. Text beside elements is damage, and stray is the message that says so.
func (s *xmlScanner) child(stray string) (t *xmlToken, ok bool, err error) {
	for {
		t, err := s.next()
		switch {
		case err != nil:
			return nil, false, err
		case t.kind != characters:
			return t, t.kind == startTag, nil
		case !blank(t.data):
			return nil, false, s.damaged("%s", stray)
		}
	}
}

// skipElement skips the rest of the element whose start tag was just read.
func (s *xmlScanner) skipElement() error {
	for depth := len(s.open); len(s.open) >= depth; {
		if _, err := s.next(); err != nil {
			return err
		}
	}
	return nil
}

// finish reads to the end of the part: nothing may follow the root, and the checksum must be right.
func (s *xmlScanner) finish() error {
	_, err := s.next()
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

func blank(text []byte) bool { return spaceEnd(text, 0) == len(text) }

func (s *xmlScanner) characters() error {
	n, err := s.find("<")
	if err != nil {
		return err
	}
	if n--; n < 0 {
		n = s.end - s.pos
	}
	s.token.data = s.buf[s.pos : s.pos+n]
	s.pos += n
	if len(s.open) > 0 {
		s.token.kind = characters
	} else if !blank(bytes.TrimPrefix(s.token.data, []byte(byteOrderMark))) {
		return s.damaged(msgTextOutside)
	}
	return nil
}

// tag reads what begins with <. What leaves the token without a kind was passed over.
func (s *xmlScanner) tag() error {
	for {
		if ahead := s.buf[s.pos:s.end]; len(ahead) > 1 {
			read := s.start
			switch ahead[1] {
			case '!':
				return s.declaration()
			case '?':
				return s.instruction()
			case '/':
				read = s.close
			}
			if n, err := read(ahead); n > 0 || err != nil {
				s.pos += n
				return err
			}
		}
		if s.eof {
			return s.damaged(msgEndsInsideTag)
		}
		if err := s.fill(); err != nil {
			return err
		}
	}
}

// declaration skips comments, reads CDATA, and refuses everything else that begins with <!.
func (s *xmlScanner) declaration() error {
	for s.end-s.pos < len("<![CDATA[") && !s.eof {
		if err := s.fill(); err != nil {
			return err
		}
	}
	ahead := s.buf[s.pos:s.end]
	switch {
	case bytes.HasPrefix(ahead, []byte("<!--")):
		_, err := s.skip("-->")
		return err
	case bytes.HasPrefix(ahead, []byte("<![CDATA[")) && len(s.open) > 0:
		data, err := s.skip("]]>")
		if err == nil {
			s.token = xmlToken{kind: characters, data: data[len("<![CDATA[") : len(data)-len("]]>")], cdata: true}
		}
		return err
	}
	return s.damaged(msgDoctype)
}

// instruction skips what begins with <?, and refuses a declaration of another encoding.
func (s *xmlScanner) instruction() error {
	data, err := s.skip("?>")
	if err != nil || s.transcoded || !bytes.HasPrefix(data, []byte("<?xml")) || len(data) < 6 || data[5] > ' ' {
		return err
	}
	data[len(data)-len("?>")] = '>' // as a tag ends
	end, _, err := s.attributes(data, len("<?xml"))
	if err != nil {
		return err
	}
	if end != len(data)-1 {
		return s.damaged(msgAttribute)
	}
	for _, a := range s.token.attrs {
		if string(a.name) != "encoding" {
			continue
		}
		switch strings.ToLower(string(a.value)) {
		case "utf-8", "utf8", "us-ascii", "ascii":
		default:
			return refuse(Encoding, msgEncoding, shorten(a.value))
		}
	}
	return nil
}

// start reads a start tag, or a tag such as <c/>, and gives its length; 0 if the buffer has not all of it yet.
func (s *xmlScanner) start(ahead []byte) (n int, err error) {
	end := nameEnd(ahead, 1)
	name := ahead[1:end]
	if len(name) == 0 || end < len(ahead) && !utf8.Valid(name) {
		return 0, s.damaged(msgTagName)
	}
	n, alone, err := s.attributes(ahead, end)
	switch {
	case n == 0 || err != nil:
		return 0, err
	case len(s.open) == 0 && s.rooted:
		return 0, s.damaged(msgSecondRoot)
	case len(s.open) >= maxXMLDepth:
		return 0, s.damaged(msgTooDeep, maxXMLDepth)
	}
	s.names = append(s.names, name...)
	s.open = append(s.open, openTag{name: len(name), bindings: len(s.bindings)})
	if err := s.enter(name); err != nil {
		return 0, err
	}
	s.token.kind, s.pending, s.rooted = startTag, alone, true
	return n, nil
}

// close reads an end tag, and gives its length; 0 if the buffer has not all of it yet.
func (s *xmlScanner) close(ahead []byte) (n int, err error) {
	end := nameEnd(ahead, len("</"))
	n = spaceEnd(ahead, end)
	name := ahead[len("</"):end]
	switch {
	case n == len(ahead):
		return 0, nil
	case len(s.open) == 0:
		return 0, s.damaged(msgClosesNothing, shorten(name))
	}
	if open := s.pop(); !bytes.Equal(open, name) || ahead[n] != '>' {
		return 0, s.damaged(msgClosesOther, shorten(name), shorten(open))
	}
	s.token.kind = endTag
	return n + 1, nil
}

// pop closes the last open tag.
func (s *xmlScanner) pop() (name []byte) {
	last := len(s.open) - 1
	rest := len(s.names) - s.open[last].name
	name, s.names = s.names[rest:], s.names[:rest]
	s.bindings, s.open = s.bindings[:s.open[last].bindings], s.open[:last]
	return name
}

// skip gives everything up to and including an ending.
func (s *xmlScanner) skip(ending string) ([]byte, error) {
	n, err := s.find(ending)
	if err != nil {
		return nil, err
	}
	if n < 0 {
		return nil, s.damaged(msgEndsBefore, ending)
	}
	data := s.buf[s.pos : s.pos+n]
	s.pos += n
	return data, nil
}
