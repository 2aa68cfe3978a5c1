package xlsx

import (
	"errors"
	"io"
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
func (w *Workbook) loadStrings() error {
	if w.text == "" || w.strings != nil {
		return nil
	}
	in, err := w.open(w.text, 4*maxStrings)
	if err != nil {
		return err
	}
	loaded, err := readStrings(in)
	if err = errors.Join(err, in.Close()); err != nil {
		return inPart(err, w.text, 0)
	}
	w.strings = loaded
	return nil
}

// readStrings takes the text of each <si>.
func readStrings(in io.Reader) (*sharedStrings, error) {
	s, err := newXMLScanner(in)
	if err != nil {
		return nil, err
	}
	loaded := &sharedStrings{}
	var block strings.Builder // gives its string without copying it
	var one []byte
	for {
		t, err := s.next()
		switch {
		case errors.Is(err, io.EOF):
			loaded.block = block.String()
			return loaded, nil
		case err != nil:
			return nil, err
		case t.kind == characters && !blank(t.data):
			return nil, s.damaged("text between the texts")
		case t.kind != startTag:
			continue
		case s.depth() == 1 && !t.is("sst"):
			return nil, s.damaged("<%s> where <sst> should be", shorten(t.name))
		case s.depth() == 1:
			continue
		case t.is("extLst") || t.space == foreignSpace:
			if err := s.skipElement(); err != nil {
				return nil, err
			}
			continue
		case !t.is("si"):
			return nil, s.damaged("<%s> among the texts", shorten(t.name))
		}
		if one, err = s.richText(one[:0]); err != nil {
			return nil, err
		}
		block.Write(unescape(one))
		if block.Len() > maxStrings {
			return nil, refuse(TooLarge, "the texts of the workbook take more than %d MiB", maxStrings>>20)
		}
		loaded.ends = append(loaded.ends, uint32(block.Len())) //nolint:gosec // G115: limited above
	}
}

// richText adds the text of the <si> or <is> whose start tag was just read: its runs joined, its phonetic guides left out.
func (s *xmlScanner) richText(to []byte) ([]byte, error) {
	for {
		t, err := s.next()
		switch {
		case err != nil:
			return nil, noEOF(err)
		case t.kind == endTag:
			return to, nil
		case t.kind == characters:
			if !blank(t.data) {
				return nil, s.damaged("text outside of <t>")
			}
		case t.is("t"):
			to, err = s.plainText(to)
		case t.is("r"):
			to, err = s.richText(to)
		case t.is("rPh") || t.is("phoneticPr") || t.is("rPr") || t.is("extLst") || t.space == foreignSpace:
			err = s.skipElement()
		default:
			err = s.damaged("<%s> in a text", shorten(t.name))
		}
		if err != nil {
			return nil, err
		}
	}
}

// plainText adds the text of the element whose start tag was just read, which must have no others in it.
func (s *xmlScanner) plainText(to []byte) ([]byte, error) {
	for {
		t, err := s.next()
		switch {
		case err != nil:
			return nil, noEOF(err)
		case t.kind == endTag:
			return to, nil
		case t.kind == startTag:
			return nil, s.damaged("<%s> inside a value", shorten(t.name))
		}
		if to, err = appendText(to, t); err != nil {
			if _, ok := errors.AsType[*Error](err); ok {
				return nil, err
			}
			return nil, s.damaged("%v", err)
		}
	}
}
