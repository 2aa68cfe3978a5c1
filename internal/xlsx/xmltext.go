package xlsx

import (
	"bytes"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// space is the namespace of an element, as far as it matters.
type space uint8

const (
	ownSpace     space = iota + 1 // that of the part's root
	foreignSpace                  // any other: an extension that is passed over as a whole
	choiceSpace                   // of AlternateContent, which says the same in two ways
)

const choiceURI = "http://schemas.openxmlformats.org/markup-compatibility/2006"

// binding is what a prefix stands for, inside the tag that declares it.
type binding struct{ prefix, uri string }

// enter reads the prefixes that the open tag declares, and finds the namespace of its name.
func (s *xmlScanner) enter(name []byte) error {
	last := len(s.open) - 1
	plain := s.open[max(0, last-1)].plain
	for _, a := range s.token.attrs {
		if isDeclaration(a.name) {
			_, prefix, _ := bytes.Cut(a.name, []byte{':'})
			s.bindings = append(s.bindings, binding{string(prefix), string(a.value)})
			plain = 0
		}
	}
	// bytes.Cut takes four times as long, for each tag
	if colon := bytes.IndexByte(name, ':'); colon >= 0 { //nolint:modernize // the cost
		s.token.name, s.token.space = name[colon+1:], s.spaceOf(string(name[:colon]))
	} else {
		if plain == 0 {
			plain = s.spaceOf("")
		}
		s.token.name, s.token.space = name, plain
	}
	s.open[last].plain = plain
	if s.token.space == 0 {
		return s.damaged(msgPrefix, shorten(name))
	}
	return nil
}

// spaceOf is the namespace that a prefix stands for, 0 if it is not declared.
func (s *xmlScanner) spaceOf(prefix string) space {
	i := len(s.bindings) - 1
	for i >= 0 && s.bindings[i].prefix != prefix {
		i--
	}
	if i < 0 && prefix != "" {
		return 0
	}
	uri := ""
	if i >= 0 {
		uri = s.bindings[i].uri
	}
	if !s.rooted {
		s.root = uri
	}
	switch uri {
	case s.root:
		return ownSpace
	case choiceURI:
		return choiceSpace
	}
	return foreignSpace
}

// isDeclaration reports whether an attribute declares a prefix.
func isDeclaration(name []byte) bool {
	rest, declares := bytes.CutPrefix(name, []byte("xmlns"))
	return declares && (len(rest) == 0 || rest[0] == ':')
}

// attributes reads the attributes of a tag, from index at on. It gives the tag's length, or 0 if the buffer has
// not all of the tag yet, and whether the tag is its own end, as <c/> is.
func (s *xmlScanner) attributes(tag []byte, at int) (n int, alone bool, err error) {
	attrs := s.attrs[:0]
	for {
		begin := spaceEnd(tag, at)
		at = nameEnd(tag, begin)
		name := tag[begin:at]
		at = spaceEnd(tag, at)
		switch rest := tag[at:]; {
		case len(rest) == 0 || string(rest) == "/":
			return 0, false, nil
		case len(name) == 0 && rest[0] == '>':
			s.token.attrs, s.attrs = attrs, attrs
			return at + 1, false, nil
		case len(name) == 0 && rest[0] == '/' && rest[1] == '>':
			s.token.attrs, s.attrs = attrs, attrs
			return at + 2, true, nil
		case rest[0] == '<':
			return 0, false, s.damaged(msgTagInTag)
		case rest[0] != '=' || len(name) == 0:
			return 0, false, s.damaged(msgAttribute)
		}
		if at = spaceEnd(tag, at+1); at == len(tag) {
			return 0, false, nil
		}
		quote, value := tag[at], tag[at+1:]
		if quote != '"' && quote != '\'' {
			return 0, false, s.damaged(msgAttribute)
		}
		length := bytes.IndexByte(value, quote)
		if length < 0 {
			return 0, false, nil
		}
		attrs = append(attrs, attribute{name, value[:length]})
		at += length + 2
	}
}

// nameEnd is the index after the name that begins at index at of a tag.
func nameEnd(tag []byte, at int) int {
	for ; at < len(tag); at++ {
		if c := tag[at]; c <= '>' &&
			(c <= ' ' || c == '>' || c == '/' || c == '=' || c == '"' || c == '\'' || c == '<' || c == '&') {
			break
		}
	}
	return at
}

// spaceEnd is the index after the XML white space, if any, that begins at index at of a tag or text.
func spaceEnd(text []byte, at int) int {
	for at < len(text) && (text[at] == ' ' || text[at] == '\t' || text[at] == '\r' || text[at] == '\n') {
		at++
	}
	return at
}

// values are the attributes, by local name, of the start tag that was just read, but for declarations of prefixes.
func (s *xmlScanner) values() (map[string]string, error) {
	values := map[string]string{}
	for _, a := range slices.Backward(s.token.attrs) {
		if isDeclaration(a.name) {
			continue
		}
		text, err := s.appendText(nil, a.value, false)
		if err != nil {
			return nil, err
		}
		values[string(a.name[bytes.IndexByte(a.name, ':')+1:])] = string(text)
	}
	return values, nil
}

// richText adds the text of the <si> or <is> whose start tag was just read: its runs, without phonetic guides.
func (s *xmlScanner) richText(to []byte) ([]byte, error) {
	for {
		if text, ok := s.verbatim("t"); ok {
			to = append(to, text...)
			continue
		}
		t, ok, err := s.child(msgTextOutsideOfRuns)
		switch {
		case err != nil || !ok:
			return to, err
		case t.is("t"):
			to, err = s.plainText(to)
		case t.is("r"):
			to, err = s.richText(to)
		case t.is("rPh") || t.is("phoneticPr") || t.is("rPr") || t.is("extLst") || t.space == foreignSpace:
			err = s.skipElement()
		default:
			err = s.damaged(msgInText, shorten(t.name))
		}
		if err != nil {
			return nil, err
		}
	}
}

// plainText adds the text of the element whose start tag was just read. An element inside it is damage.
func (s *xmlScanner) plainText(to []byte) ([]byte, error) {
	for {
		t, err := s.next()
		switch {
		case err != nil:
			return nil, err
		case t.kind == endTag:
			return to, nil
		case t.kind == startTag:
			return nil, s.damaged(msgInValue, shorten(t.name))
		}
		if to, err = s.appendText(to, t.data, t.cdata); err != nil {
			return nil, err
		}
	}
}

// verbatim is a fast path for most cells: the text of the next child if the child is exactly <name>text</name>
// in the buffer and the text needs no decoding. Otherwise nothing is read, and the child is read as usual.
func (s *xmlScanner) verbatim(name string) (text []byte, ok bool) {
	ahead, begin := s.buf[s.pos:s.end], len(name)+len("<>")
	if s.pending || s.open[len(s.open)-1].plain != ownSpace || len(ahead) < begin || ahead[0] != '<' ||
		string(ahead[1:begin-1]) != name || ahead[begin-1] != '>' {
		return nil, false
	}
	end := begin
	for ; end < len(ahead) && ahead[end] != '<'; end++ {
		if c := ahead[end]; c < ' ' || c >= utf8.RuneSelf || c == '&' {
			return nil, false
		}
	}
	n := end + begin + len("/")
	if n > len(ahead) || ahead[end+1] != '/' || string(ahead[end+2:n-1]) != name || ahead[n-1] != '>' {
		return nil, false
	}
	s.pos += n
	return ahead[begin:end], true
}

// appendText adds characters. Line ends become LF, and entities are resolved except in CDATA. Unknown entities,
// control characters and invalid UTF-8 are errors.
func (s *xmlScanner) appendText(to, data []byte, cdata bool) ([]byte, error) {
	if !utf8.Valid(data) {
		return nil, refuse(Encoding, msgNotUTF8)
	}
	begin := len(to)
	if bytes.IndexByte(data, '\r') >= 0 {
		data = bytes.ReplaceAll(bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n")), []byte("\r"), []byte("\n"))
	}
	for !cdata {
		i := bytes.IndexByte(data, '&')
		if i < 0 {
			break
		}
		to = append(to, data[:i]...)
		j := bytes.IndexByte(data[i:], ';')
		if j < 0 || j > 12 {
			return nil, s.damaged(msgAmpersand)
		}
		r, ok := entity(string(data[i+1 : i+j]))
		if !ok {
			return nil, s.damaged(msgEntity, data[i:i+j+1])
		}
		to = utf8.AppendRune(to, r)
		data = data[i+j+1:]
	}
	to = append(to, data...)
	for _, c := range to[begin:] {
		if c < 0x20 && c != '\t' && c != '\n' && c != '\r' {
			return nil, s.damaged(msgControl, c)
		}
	}
	return to, nil
}

// entity is the character that an entity's name stands for.
func entity(name string) (rune, bool) {
	if i := slices.Index([]string{"amp", "lt", "gt", "quot", "apos"}, name); i >= 0 {
		return rune(`&<>"'`[i]), true
	}
	digits, ok := strings.CutPrefix(name, "#")
	base := 10
	if hex, is := strings.CutPrefix(digits, "x"); is {
		digits, base = hex, 16
	}
	n, err := strconv.ParseInt(digits, base, 32)
	return rune(n), ok && err == nil && digits[0] != '-' && digits[0] != '+' && utf8.ValidRune(rune(n))
}

// escapes are UTF-16 units that XML cannot hold (ECMA-376 part 1, 22.9.2.19).
var escapes = regexp.MustCompile(`(_x[0-9A-Fa-f]{4}_)+`)

// unescape replaces escapes by their characters. Half of a surrogate pair becomes U+FFFD.
func unescape(data []byte) []byte {
	if !bytes.Contains(data, []byte("_x")) {
		return data
	}
	return escapes.ReplaceAllFunc(data, func(run []byte) []byte {
		var units []uint16
		for unit := range slices.Chunk(run, len("_xHHHH_")) {
			n, _ := strconv.ParseUint(string(unit[2:6]), 16, 16) // as the expression says
			units = append(units, uint16(n))
		}
		return []byte(string(utf16.Decode(units)))
	})
}
