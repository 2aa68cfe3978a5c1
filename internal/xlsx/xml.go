package xlsx

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
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

// xmlToken is one piece of XML. Its bytes are valid until the next one is read.
type xmlToken struct {
	kind  tokenKind
	space space  // of a start tag
	name  []byte // local name of a start tag
	attrs []byte // raw, of a start tag
	data  []byte // raw, of characters
	cdata bool   // data has no entities
}

// is reports whether the token begins an element of the part's own namespace with that name.
func (t *xmlToken) is(name string) bool {
	return t.kind == startTag && t.space == ownSpace && string(t.name) == name
}

// xmlScanner reads the XML of workbook parts, several times faster than encoding/xml, and as strictly as money asks for:
// tags must match, prefixes and entities must be known, and the document must end where it should. A document type is refused.
type xmlScanner struct {
	in         io.Reader
	buf        []byte
	pos, end   int
	eof        bool
	stack      []byte // names of open tags
	lengths    []int
	pending    bool // the last start tag was its own end
	rooted     bool
	transcoded bool  // from UTF-16, so that the declaration does not say UTF-8
	offset     int64 // of buf[0]
	namespaces
}

func newXMLScanner(in io.Reader) (*xmlScanner, error) {
	in, transcoded, err := utf8Reader(in)
	return &xmlScanner{in: in, buf: make([]byte, 64<<10), transcoded: transcoded}, err
}

// damaged is an error at the place that was reached.
func (s *xmlScanner) damaged(format string, args ...any) error {
	return refuse(Damaged, "byte %d: "+format, append([]any{s.offset + int64(s.pos)}, args...)...)
}

// depth is how many elements are open.
func (s *xmlScanner) depth() int { return len(s.lengths) }

// fill reads more behind what is buffered. At the end of input it sets eof.
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
			return refuse(TooLarge, "a cell or tag is longer than %d MiB", maxXMLToken>>20)
		}
		s.buf = append(s.buf, make([]byte, len(s.buf))...)
	}
	n, err := s.in.Read(s.buf[s.end:])
	s.end += n
	if errors.Is(err, io.EOF) {
		s.eof = true
		return nil
	}
	return err
}

// find is the length of the buffered text up to and with a delimiter, reading as much as it takes; -1 at the end of input.
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

// next is the next tag or text. Comments and processing instructions are passed over. io.EOF comes
// only after every tag was closed.
func (s *xmlScanner) next() (xmlToken, error) {
	if s.pending {
		s.pending = false
		s.pop()
		return xmlToken{kind: endTag}, nil
	}
	for {
		for s.pos == s.end && !s.eof {
			if err := s.fill(); err != nil {
				return xmlToken{}, err
			}
		}
		switch {
		case s.pos == s.end && (len(s.lengths) > 0 || !s.rooted):
			return xmlToken{}, s.damaged("it ends before it is complete")
		case s.pos == s.end:
			return xmlToken{}, io.EOF
		case s.buf[s.pos] != '<':
			t, err := s.characters()
			if err != nil || len(s.lengths) > 0 {
				return t, err
			}
			if !blank(bytes.TrimPrefix(t.data, []byte(byteOrderMark))) {
				return xmlToken{}, s.damaged("text outside of the document")
			}
		default:
			t, err := s.tag()
			if err != nil || t.kind != 0 {
				return t, err
			}
		}
	}
}

func blank(text []byte) bool { return len(bytes.TrimLeft(text, " \t\r\n")) == 0 }

func (s *xmlScanner) characters() (xmlToken, error) {
	if n := bytes.IndexByte(s.buf[s.pos:s.end], '<'); n >= 0 {
		data := s.buf[s.pos : s.pos+n]
		s.pos += n
		return xmlToken{kind: characters, data: data}, nil
	}
	n, err := s.find("<")
	if err != nil {
		return xmlToken{}, err
	}
	if n < 0 {
		n = s.end - s.pos + 1
	}
	data := s.buf[s.pos : s.pos+n-1]
	s.pos += n - 1
	return xmlToken{kind: characters, data: data}, nil
}

// tag reads what begins with <. A token without kind was passed over.
func (s *xmlScanner) tag() (xmlToken, error) {
	whole, err := s.tagBytes()
	if err != nil {
		return xmlToken{}, err
	}
	switch whole[1] {
	case '!':
		return s.declaration()
	case '?':
		return xmlToken{}, s.instruction()
	case '/':
		name := whole[2 : len(whole)-1]
		if n := len(name); n > 0 && name[n-1] <= ' ' {
			name = bytes.TrimRight(name, " \t\r\n")
		}
		if len(s.lengths) == 0 {
			return xmlToken{}, s.damaged("</%s> closes nothing", shorten(name))
		}
		if open := s.pop(); !bytes.Equal(open, name) {
			return xmlToken{}, s.damaged("</%s> closes <%s>", shorten(name), shorten(open))
		}
		return xmlToken{kind: endTag}, nil
	}
	return s.start(whole)
}

// declaration passes comments over, reads CDATA, and refuses everything else that begins with <!.
func (s *xmlScanner) declaration() (xmlToken, error) {
	for s.end-s.pos < len("<![CDATA[") && !s.eof {
		if err := s.fill(); err != nil {
			return xmlToken{}, err
		}
	}
	ahead := s.buf[s.pos:s.end]
	switch {
	case bytes.HasPrefix(ahead, []byte("<!--")):
		_, err := s.skip("-->")
		return xmlToken{}, err
	case bytes.HasPrefix(ahead, []byte("<![CDATA[")) && len(s.lengths) > 0:
		data, err := s.skip("]]>")
		if err != nil {
			return xmlToken{}, err
		}
		return xmlToken{kind: characters, data: data[len("<![CDATA[") : len(data)-len("]]>")], cdata: true}, nil
	}
	return xmlToken{}, s.damaged("it has a document type or another declaration, as no workbook has")
}

func (s *xmlScanner) start(whole []byte) (xmlToken, error) {
	inside := whole[1 : len(whole)-1]
	t := xmlToken{kind: startTag}
	inside, s.pending = bytes.CutSuffix(inside, []byte{'/'})
	name := inside
	for i, c := range inside {
		if c <= ' ' {
			name, t.attrs = inside[:i], inside[i:]
			break
		}
	}
	switch {
	case !isName(name):
		return xmlToken{}, s.damaged("a tag without a proper name")
	case len(s.lengths) == 0 && s.rooted:
		return xmlToken{}, s.damaged("a second document begins")
	case len(s.lengths) >= maxXMLDepth:
		return xmlToken{}, s.damaged("tags are nested deeper than %d", maxXMLDepth)
	}
	s.stack = append(s.stack, name...)
	s.lengths = append(s.lengths, len(name))
	if err := s.enter(t.attrs, len(s.lengths)); err != nil {
		return xmlToken{}, s.damaged("%v", err)
	}
	var prefix []byte
	t.name = name
	if i := bytes.IndexByte(name, ':'); i >= 0 {
		prefix, t.name = name[:i], name[i+1:]
	}
	var known bool
	if t.space, known = s.spaceOf(prefix, !s.rooted); !known {
		return xmlToken{}, s.damaged("<%s> has a prefix that is not declared", shorten(name))
	}
	s.rooted = true
	return t, nil
}

func (s *xmlScanner) pop() []byte {
	s.leave(len(s.lengths))
	n := s.lengths[len(s.lengths)-1]
	s.lengths = s.lengths[:len(s.lengths)-1]
	name := s.stack[len(s.stack)-n:]
	s.stack = s.stack[:len(s.stack)-n]
	return name
}

// isName accepts what can name a tag.
func isName(name []byte) bool {
	for _, c := range name {
		switch c {
		case '<', '&', '"', '\'', '=', '/':
			return false
		}
		if c >= utf8.RuneSelf {
			return utf8.Valid(name)
		}
	}
	return len(name) > 0
}

// tagBytes is the tag up to its >, which may also stand inside quotes. For <! and <? it reads only
// that far and leaves the place as it is.
func (s *xmlScanner) tagBytes() ([]byte, error) {
	var quote byte
	for i := 1; ; {
		ahead := s.buf[s.pos:s.end]
		for ; i < len(ahead); i++ {
			switch c := ahead[i]; {
			case quote != 0:
				if c == quote {
					quote = 0
				}
			case c == '"' || c == '\'':
				quote = c
			case i == 1 && (c == '!' || c == '?'):
				return ahead[:2], nil
			case c == '<':
				return nil, s.damaged("a tag inside a tag")
			case c == '>' && i > 1:
				s.pos += i + 1
				return ahead[:i+1], nil
			}
		}
		if s.eof {
			return nil, s.damaged("it ends inside a tag")
		}
		if err := s.fill(); err != nil {
			return nil, err
		}
	}
}

// skip passes everything up to and with an ending.
func (s *xmlScanner) skip(ending string) ([]byte, error) {
	n, err := s.find(ending)
	if err != nil {
		return nil, err
	}
	if n < 0 {
		return nil, s.damaged("it ends before %q", ending)
	}
	data := s.buf[s.pos : s.pos+n]
	s.pos += n
	return data, nil
}

// skipElement passes over the rest of the element whose start tag was just read.
func (s *xmlScanner) skipElement() error {
	for depth := len(s.lengths); len(s.lengths) >= depth; {
		if _, err := s.next(); err != nil {
			return noEOF(err)
		}
	}
	return nil
}

// instruction passes over what begins with <?, and refuses a declaration of another encoding.
func (s *xmlScanner) instruction() error {
	data, err := s.skip("?>")
	if err != nil || s.transcoded || !bytes.HasPrefix(data, []byte("<?xml")) || len(data) < 6 || data[5] > ' ' {
		return err
	}
	attrs := data[len("<?xml") : len(data)-len("?>")]
	name, value, rest, err := attribute(attrs)
	for ; name != nil && err == nil; name, value, rest, err = attribute(rest) {
		if string(name) != "encoding" {
			continue
		}
		switch strings.ToLower(string(value)) {
		case "utf-8", "utf8", "us-ascii", "ascii":
		default:
			return refuse(Encoding, "it is in the encoding %s, which is not read", shorten(value))
		}
	}
	return err
}

func local(name []byte) []byte {
	if _, after, ok := bytes.Cut(name, []byte{':'}); ok {
		return after
	}
	return name
}

// noEOF keeps an early end from looking like a good one.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// entity is the character that an entity's name stands for.
func entity(name string) (rune, bool) {
	switch name {
	case "amp":
		return '&', true
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	if len(name) < 2 || name[0] != '#' {
		return 0, false
	}
	digits, base := name[1:], 10
	if digits[0] == 'x' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || n > utf8.MaxRune || !utf8.ValidRune(rune(n)) {
		return 0, false
	}
	return rune(n), true
}
