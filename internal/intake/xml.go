package intake

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"
)

// Limits of the XML inside a workbook.
const (
	maxXMLToken = 2 << 20 // one tag or one text: a cell has at most 32,767 characters
	maxXMLDepth = 64
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
	kind   tokenKind
	name   []byte // local name of a tag
	attrs  []byte // raw, of a start tag
	data   []byte // raw, of characters
	cdata  bool   // data has no entities
	closed bool   // the start tag is its own end; an endTag token follows
}

// xmlScanner reads the XML of workbook parts, several times faster than encoding/xml, and as strictly as
// money asks for: tags must match, entities must be known, the document must end where it should.
// It knows UTF-8 without document types, which is all that workbooks use.
type xmlScanner struct {
	in       io.Reader
	buf      []byte
	pos, end int
	eof      bool
	stack    []byte // names of open tags
	lengths  []int
	pending  bool // the last start tag was its own end
	rooted   bool
	offset   int64 // of buf[0]
}

func newXMLScanner(in io.Reader) *xmlScanner {
	return &xmlScanner{in: in, buf: make([]byte, 64<<10)}
}

func (s *xmlScanner) damaged(format string, args ...any) error {
	return fmt.Errorf("byte %d: %s", s.offset+int64(s.pos), fmt.Sprintf(format, args...))
}

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
			return s.damaged("a cell or tag is longer than %d MiB", maxXMLToken>>20)
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
		return xmlToken{kind: endTag, name: local(s.pop())}, nil
	}
	for {
		for s.pos == s.end && !s.eof {
			if err := s.fill(); err != nil {
				return xmlToken{}, err
			}
		}
		switch {
		case s.pos == s.end && (len(s.lengths) > 0 || !s.rooted):
			return xmlToken{}, s.damaged("the part ends before it is complete")
		case s.pos == s.end:
			return xmlToken{}, io.EOF
		case s.buf[s.pos] != '<':
			t, err := s.characters()
			if err != nil || len(s.lengths) > 0 {
				return t, err
			}
			if len(bytes.TrimSpace(bytes.TrimPrefix(t.data, []byte(byteOrderMark)))) > 0 {
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
			return xmlToken{}, s.damaged("</%s> closes nothing", shown(string(name)))
		}
		if open := s.pop(); !bytes.Equal(open, name) {
			return xmlToken{}, s.damaged("</%s> closes <%s>", shown(string(name)), shown(string(open)))
		}
		return xmlToken{kind: endTag, name: local(name)}, nil
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
	return xmlToken{}, s.damaged("a document type or other declaration")
}

func (s *xmlScanner) start(whole []byte) (xmlToken, error) {
	inside := whole[1 : len(whole)-1]
	t := xmlToken{kind: startTag}
	if inside, t.closed = bytes.CutSuffix(inside, []byte{'/'}); t.closed {
		s.pending = true
	}
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
	s.rooted = true
	s.stack = append(s.stack, name...)
	s.lengths = append(s.lengths, len(name))
	t.name = local(name)
	return t, nil
}

func (s *xmlScanner) pop() []byte {
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
			return nil, s.damaged("the part ends inside a tag")
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
		return nil, s.damaged("the part ends before %q", ending)
	}
	data := s.buf[s.pos : s.pos+n]
	s.pos += n
	return data, nil
}

func (s *xmlScanner) instruction() error {
	data, err := s.skip("?>")
	if err != nil {
		return err
	}
	lower := bytes.ToLower(data)
	if bytes.HasPrefix(lower, []byte("<?xml ")) && bytes.Contains(lower, []byte("encoding")) && !bytes.Contains(lower, []byte("utf-8")) &&
		!bytes.Contains(lower, []byte("ascii")) {
		return s.damaged("the part is not in UTF-8")
	}
	return nil
}

func local(name []byte) []byte {
	if _, after, ok := bytes.Cut(name, []byte{':'}); ok {
		return after
	}
	return name
}

var errAttribute = errors.New("an attribute that is not name=\"value\"")

// attribute takes the first attribute off; name is nil when there is none left.
func attribute(attrs []byte) (name, value, rest []byte, err error) {
	for len(attrs) > 0 && (attrs[0] == ' ' || attrs[0] == '\t' || attrs[0] == '\r' || attrs[0] == '\n') {
		attrs = attrs[1:]
	}
	if len(attrs) == 0 {
		return nil, nil, nil, nil
	}
	i := bytes.IndexByte(attrs, '=')
	if i < 1 || i+1 >= len(attrs) {
		return nil, nil, nil, errAttribute
	}
	name = bytes.TrimRight(attrs[:i], " \t\r\n")
	attrs = bytes.TrimLeft(attrs[i+1:], " \t\r\n")
	if len(attrs) == 0 || attrs[0] != '"' && attrs[0] != '\'' {
		return nil, nil, nil, errAttribute
	}
	j := bytes.IndexByte(attrs[1:], attrs[0])
	if j < 0 {
		return nil, nil, nil, errAttribute
	}
	return name, attrs[1 : 1+j], attrs[2+j:], nil
}

// appendText adds characters with their entities resolved. Unknown entities, control characters and
// invalid UTF-8 are errors.
func appendText(to []byte, t xmlToken) ([]byte, error) {
	if !utf8.Valid(t.data) {
		return nil, errors.New("text that is not UTF-8")
	}
	begin := len(to)
	data := t.data
	for !t.cdata {
		i := bytes.IndexByte(data, '&')
		if i < 0 {
			break
		}
		to = append(to, data[:i]...)
		j := bytes.IndexByte(data[i:], ';')
		if j < 0 || j > 12 {
			return nil, errors.New("an & without its entity")
		}
		r, ok := entity(string(data[i+1 : i+j]))
		if !ok {
			return nil, fmt.Errorf("the unknown entity %q", data[i:i+j+1])
		}
		to = utf8.AppendRune(to, r)
		data = data[i+j+1:]
	}
	to = append(to, data...)
	for _, c := range to[begin:] {
		if c < 0x20 && c != '\t' && c != '\n' && c != '\r' {
			return nil, fmt.Errorf("the control character 0x%02x", c)
		}
	}
	return to, nil
}

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
