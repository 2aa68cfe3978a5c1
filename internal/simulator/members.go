package simulator

import (
	"bytes"
	"encoding/json"
)

// members takes a JSON object apart, whose text must have been decoded before. The values are parts of it, as they were
// written. It is there because a second pass of the decoder is a fifth of what serving a payment costs.
func members(object json.RawMessage) map[string]json.RawMessage {
	found := make(map[string]json.RawMessage, 8)
	if len(object) == 0 {
		return found
	}
	at := space(object, 0) + 1
	for {
		at = space(object, at)
		switch object[at] {
		case '}':
			return found
		case ',':
			at++
			continue
		}
		end := value(object, at)
		var name string
		if quoted := object[at:end]; bytes.IndexByte(quoted, '\\') < 0 {
			name = string(quoted[1 : len(quoted)-1])
		} else {
			_ = json.Unmarshal(quoted, &name)
		}
		at = space(object, space(object, end)+1) // behind the colon
		end = value(object, at)
		found[name] = object[at:end:end]
		at = end
	}
}

// space is where the white space that begins at the position ends.
func space(text []byte, at int) int {
	for text[at] == ' ' || text[at] == '\n' || text[at] == '\r' || text[at] == '\t' {
		at++
	}
	return at
}

// value is where the JSON value that begins at the position ends.
func value(text []byte, at int) int {
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
		if depth == 0 && (at == len(text) || text[at-1] == '"' || text[at-1] == '}' || text[at-1] == ']' ||
			bytes.IndexByte([]byte(",}] \n\r\t"), text[at]) >= 0) {
			return at
		}
	}
}
