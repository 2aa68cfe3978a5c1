package xlsx

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
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

// namespaces are the prefixes declared so far.
type namespaces struct {
	bindings []binding
	root     string // namespace of the root element
	plain    space  // of names without a prefix
}

type binding struct {
	prefix, uri string
	depth       int // of the element that declares it
}

// enter takes what an element at that depth declares.
func (n *namespaces) enter(attrs []byte, depth int) error {
	if len(attrs) < len(` xmlns=""`) || !bytes.Contains(attrs, []byte("xmlns")) {
		return nil
	}
	name, value, rest, err := attribute(attrs)
	for ; name != nil && err == nil; name, value, rest, err = attribute(rest) {
		prefix, declares := bytes.CutPrefix(name, []byte("xmlns"))
		if declares && (len(prefix) == 0 || prefix[0] == ':') {
			n.bindings = append(n.bindings, binding{string(bytes.TrimPrefix(prefix, []byte{':'})), string(value), depth})
			n.plain = 0
		}
	}
	return err
}

// leave forgets what the element at that depth declared.
func (n *namespaces) leave(depth int) {
	for last := len(n.bindings) - 1; last >= 0 && n.bindings[last].depth >= depth; last-- {
		n.bindings = n.bindings[:last]
		n.plain = 0
	}
}

// spaceOf is the namespace of an element with that prefix, which may be empty; known is false when its prefix is not declared.
func (n *namespaces) spaceOf(prefix []byte, root bool) (s space, known bool) {
	if len(prefix) == 0 && n.plain != 0 {
		return n.plain, true
	}
	uri, known := n.lookup(string(prefix))
	if root {
		n.root = uri
	}
	switch uri {
	case n.root:
		s = ownSpace
	case choiceURI:
		s = choiceSpace
	default:
		s = foreignSpace
	}
	if len(prefix) == 0 {
		n.plain, known = s, true
	}
	return s, known
}

func (n *namespaces) lookup(prefix string) (uri string, known bool) {
	for _, b := range slices.Backward(n.bindings) {
		if b.prefix == prefix {
			return b.uri, true
		}
	}
	return "", false
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

// appendText adds characters with their entities resolved and the ends of their lines made LF. Unknown entities, control
// characters and invalid UTF-8 are errors.
func appendText(to []byte, t xmlToken) ([]byte, error) {
	if !utf8.Valid(t.data) {
		return nil, refuse(Encoding, "a text is not UTF-8")
	}
	begin := len(to)
	data := t.data
	if bytes.IndexByte(data, '\r') >= 0 {
		data = bytes.ReplaceAll(bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n")), []byte("\r"), []byte("\n"))
	}
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

// unescape resolves _xHHHH_, which stands for a UTF-16 unit that XML cannot hold (ECMA-376 part 1, 22.9.2.19).
func unescape(data []byte) []byte {
	if !bytes.Contains(data, []byte("_x")) {
		return data
	}
	var out []byte
	for text := string(data); ; {
		i := strings.Index(text, "_x")
		if i < 0 {
			return append(out, text...)
		}
		out, text = append(out, text[:i]...), text[i:]
		r, ok := escaped(text)
		size := 7
		if !ok {
			out, text = append(out, "_x"...), text[2:]
			continue
		}
		if low, ok := escaped(text[size:]); ok && utf16.DecodeRune(r, low) != utf8.RuneError {
			r, size = utf16.DecodeRune(r, low), 2*size
		}
		out, text = utf8.AppendRune(out, r), text[size:]
	}
}

// escaped reads the _xHHHH_ that a text begins with.
func escaped(text string) (rune, bool) {
	if len(text) < 7 || text[:2] != "_x" || text[6] != '_' {
		return 0, false
	}
	r := rune(0)
	for _, c := range []byte(strings.ToLower(text[2:6])) {
		i := strings.IndexByte("0123456789abcdef", c)
		if i < 0 {
			return 0, false
		}
		r = r<<4 | rune(i) //nolint:gosec // G115: below 16
	}
	return r, true
}
