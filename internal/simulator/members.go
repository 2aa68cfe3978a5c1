package simulator

import (
	"bytes"
	"encoding/json"
	"iter"
	"maps"
	"strconv"
)

// object is a JSON object taken apart.
type object struct {
	whole []byte
	parts []part
}

// part is where a member of an object stands in its text. It has no pointers, so that it costs no collection.
type part struct {
	name, nameEnd, value, valueEnd int32
}

// all are the names and values, as they were written, in their order.
func (o object) all() iter.Seq2[string, json.RawMessage] {
	return func(yield func(string, json.RawMessage) bool) {
		for _, p := range o.parts {
			if !yield(string(o.name(p)), o.value(p)) {
				return
			}
		}
	}
}

func (o object) name(p part) []byte { return unquote(o.whole[p.name:p.nameEnd]) }

func (o object) value(p part) json.RawMessage { return o.whole[p.value:p.valueEnd:p.valueEnd] }

// get is the value of a name, nil when there is none.
func (o object) get(name string) json.RawMessage {
	for _, p := range o.parts {
		if string(o.name(p)) == name {
			return o.value(p)
		}
	}
	return nil
}

// text is the member of a name, nil when there is none. The kind was checked before, here and below.
func (o object) text(name string) *string {
	value := o.get(name)
	if value == nil {
		return nil
	}
	decoded := string(unquote(value))
	return &decoded
}

func (o object) integer(name string) *int64 {
	value := o.get(name)
	if value == nil {
		return nil
	}
	n, err := strconv.ParseInt(string(value), 10, 64)
	if err != nil {
		n = 1 << 62 // out of any range that is allowed
	}
	return &n
}

// flag is whether the member is true, and whether it is there.
func (o object) flag(name string) (yes, given bool) {
	value := o.get(name)
	return len(value) > 0 && value[0] == 't', value != nil
}

// with is the object's text with one member more, or another one.
func (o object) with(name string, value json.RawMessage) json.RawMessage {
	all := maps.Collect(o.all())
	all[name] = value
	return raw(all)
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// raw encodes what was decoded from JSON, so it can be encoded again.
func raw(value any) json.RawMessage {
	encoded, err := json.Marshal(value)
	if err != nil {
		panic("simulator: " + err.Error())
	}
	return encoded
}

// members takes a valid JSON object apart. It is there because decoding with the standard library was half of what
// serving a payment cost.
func members(text json.RawMessage) object {
	if len(text) == 0 {
		return object{}
	}
	found := object{text, make([]part, 0, 12)}
	for at := 1; at < len(text); {
		if at = space(text, at); text[at] == '}' {
			break
		}
		name, nameEnd := at, end(text, at)
		at = space(text, space(text, nameEnd)+1) // behind the colon
		stop := end(text, at)
		found.parts = append(found.parts, part{int32(name), int32(nameEnd), int32(at), int32(stop)}) //nolint:gosec // G115: a body is small
		at = next(text, stop)
	}
	return found
}

// elements takes a valid JSON list apart.
func elements(text json.RawMessage) (found []json.RawMessage) {
	for at := 1; at < len(text); {
		if at = space(text, at); text[at] == ']' {
			break
		}
		stop := end(text, at)
		found = append(found, text[at:stop:stop])
		at = next(text, stop)
	}
	return found
}

// next is where the search for the next member goes on, behind a comma if there is one.
func next(text []byte, at int) int {
	if at = space(text, at); text[at] == ',' {
		at++
	}
	return at
}

// space is where the white space that begins at the position ends.
func space(text []byte, at int) int {
	for text[at] == ' ' || text[at] == '\n' || text[at] == '\r' || text[at] == '\t' {
		at++
	}
	return at
}

// end is where the JSON value that begins at the position ends.
func end(text []byte, at int) int {
	for depth := 0; ; {
		switch text[at] {
		case '"':
			for at++; text[at] != '"'; at++ {
				if text[at] == '\\' {
					at++
				}
			}
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		at++
		if depth == 0 && (at == len(text) || closes(text[at-1]) || separates(text[at])) {
			return at
		}
	}
}

// closes says whether a text, an object or a list ends with the character.
func closes(c byte) bool { return c == '"' || c == '}' || c == ']' }

// separates says whether the character stands behind a number or a word.
func separates(c byte) bool {
	return c == ',' || c == '}' || c == ']' || c == ' ' || c == '\n' || c == '\r' || c == '\t'
}

// unquote reads a JSON text.
func unquote(quoted []byte) []byte {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return quoted[1 : len(quoted)-1]
	}
	var decoded string
	_ = json.Unmarshal(quoted, &decoded)
	return []byte(decoded)
}
