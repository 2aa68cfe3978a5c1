package xlsx

import (
	"errors"
	"io"
	"strings"
)

// sharedStrings are the texts that cells refer to by index, in one block of memory.
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

// loadStrings reads the shared strings at the first call.
func (w *Workbook) loadStrings() error {
	if w.text == "" || w.strings != nil {
		return nil
	}
	in, err := w.open(w.text, 4*maxStrings)
	if err != nil {
		return err
	}
	w.strings, err = readStrings(in)
	return inPart(errors.Join(err, in.Close()), w.text, 0)
}

// readStrings takes the text of each <si>.
func readStrings(in io.Reader) (*sharedStrings, error) {
	s, err := newXMLScanner(in, "sst")
	if err != nil {
		return nil, err
	}
	loaded := &sharedStrings{}
	var block strings.Builder // gives its string without copying it
	var one []byte
	for {
		t, ok, err := s.child(msgTextBetweenStrings)
		switch {
		case err != nil:
		case !ok:
			loaded.block = block.String()
			return loaded, s.finish()
		case t.is("si"):
			one, err = s.richText(one[:0])
			block.Write(unescape(one))
			loaded.ends = append(loaded.ends, uint32(block.Len())) //nolint:gosec // G115: limited below
		case t.is("extLst") || t.space == foreignSpace:
			err = s.skipElement()
		default:
			err = s.damaged(msgAmongStrings, shorten(t.name))
		}
		switch {
		case err != nil:
			return nil, err
		case block.Len() > maxStrings:
			return nil, refuse(TooLarge, msgTextsTooLarge, maxStrings>>20)
		}
	}
}
