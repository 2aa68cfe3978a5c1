package intake

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// sharedStrings are the texts that cells name by number, in one block of memory.
type sharedStrings struct {
	block string
	ends  []uint32
}

func (s *sharedStrings) get(index int) (string, bool) {
	if s == nil || index < 0 || index >= len(s.ends) {
		return "", false
	}
	begin := uint32(0)
	if index > 0 {
		begin = s.ends[index-1]
	}
	return s.block[begin:s.ends[index]], true
}

// loadStrings reads the shared strings once.
func (w *workbook) loadStrings() error {
	if w.text == "" || w.strings != nil {
		return nil
	}
	in, err := w.open(w.text, 4*maxStrings)
	if err != nil {
		return err
	}
	defer in.Close() //nolint:errcheck // read to the end below
	loaded, err := readStrings(in)
	if _, ok := errors.AsType[*Error](err); ok {
		return err
	}
	if err != nil {
		return damaged(fmt.Errorf("part %s: %w", w.text, err))
	}
	w.strings = loaded
	return nil
}

// readStrings takes the text of each <si>, its runs joined and its phonetic guides left out.
func readStrings(in io.Reader) (*sharedStrings, error) {
	s := newXMLScanner(in)
	loaded := &sharedStrings{}
	var block []byte
	begin, phonetic, inText := 0, 0, false
	for {
		t, err := s.next()
		if errors.Is(err, io.EOF) {
			loaded.block = string(block)
			return loaded, nil
		}
		if err != nil {
			return nil, err
		}
		switch t.kind {
		case startTag:
			if len(s.lengths) == 1 && string(t.name) != "sst" {
				return nil, s.damaged("<%s> where <sst> should be", shown(string(t.name)))
			}
			switch string(t.name) {
			case "si":
				begin = len(block)
			case "rPh":
				phonetic++
			case "t":
				inText = phonetic == 0
			}
		case endTag:
			switch string(t.name) {
			case "si":
				block = append(block[:begin], unescape(block[begin:])...)
				if len(block) > maxStrings {
					return nil, refuse(codeXLSXLimit, fmt.Sprintf("the texts of the workbook take more than %d MiB", maxStrings>>20),
						"split the file, or save it as CSV")
				}
				loaded.ends = append(loaded.ends, uint32(len(block))) //nolint:gosec // G115: limited above
			case "rPh":
				phonetic--
			case "t":
				inText = false
			}
		case characters:
			if inText {
				if block, err = appendText(block, t); err != nil {
					return nil, s.damaged("%v", err)
				}
			}
		}
	}
}

// unescape resolves _xHHHH_, which stands for a character that XML cannot hold (ECMA-376 part 1, 22.9.2.19).
func unescape(data []byte) []byte {
	if !bytes.Contains(data, []byte("_x")) {
		return data
	}
	text := string(data)
	var out strings.Builder
	for {
		i := strings.Index(text, "_x")
		if i < 0 || i+7 > len(text) {
			break
		}
		n, err := strconv.ParseUint(text[i+2:i+6], 16, 16)
		if err != nil || text[i+6] != '_' {
			out.WriteString(text[:i+2])
			text = text[i+2:]
			continue
		}
		out.WriteString(text[:i])
		out.WriteRune(rune(n))
		text = text[i+7:]
	}
	out.WriteString(text)
	return []byte(out.String())
}
