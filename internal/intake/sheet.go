package intake

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

const (
	lastSheetRow    = 1 << 20 // rows of a sheet
	lastSheetColumn = 1 << 14
	maxMerged       = 100_000
)

// area is a merged area, all ends inclusive, columns from 0.
type area struct{ top, left, bottom, right int }

// sheetRows streams the rows of one sheet part, and only those that have a cell in the file: a cell in
// the last row costs one row. io.EOF comes after the part was proved whole: tags closed, checksum right.
type sheetRows struct {
	book *workbook
	in   io.ReadCloser
	xml  *xmlScanner

	row    row
	inData bool
	done   bool
	column int     // of the last cell, -1 before the first
	style  int     // of the cell being read
	text   []byte  // values of the row, cut into cells at its end
	starts []piece // where in text each cell's value stands

	hidden      int // hidden rows so far
	firstHidden int
	areas       []area // merged areas, complete at io.EOF
}

type piece struct{ cell, begin, end int }

func (w *workbook) sheetRows(s sheet) (*sheetRows, error) {
	if err := w.loadStrings(); err != nil {
		return nil, err
	}
	in, err := w.open(s.part, maxPart)
	if err != nil {
		return nil, err
	}
	return &sheetRows{book: w, in: in, xml: newXMLScanner(in)}, nil
}

// next is the next row of the sheet; damage becomes a refusal that names the row where it was met.
func (r *sheetRows) next() (*row, error) {
	if r.done {
		return nil, io.EOF
	}
	found, err := r.step()
	if err == nil {
		return found, nil
	}
	r.done = true
	closed := r.in.Close()
	if errors.Is(err, io.EOF) && closed == nil {
		return nil, io.EOF
	}
	if _, ok := errors.AsType[*Error](err); ok {
		return nil, err
	}
	return nil, damaged(errors.Join(err, closed)).at(r.row.number, "", "")
}

// close ends a reading before its end.
func (r *sheetRows) close() {
	if !r.done {
		r.done = true
		_ = r.in.Close() // nothing was written
	}
}

func (r *sheetRows) step() (*row, error) {
	for {
		t, err := r.xml.next()
		if err != nil {
			return nil, err
		}
		if t.kind == characters {
			continue
		}
		depth := len(r.xml.lengths)
		switch name := string(t.name); {
		case t.kind == endTag:
			r.inData = r.inData && name != "sheetData"
		case depth == 1 && name != "worksheet":
			return nil, r.xml.damaged("<%s> where <worksheet> should be", shown(name))
		case depth == 2 && name == "sheetData":
			r.inData = true
		case depth == 3 && r.inData && name == "row":
			if err := r.readRow(t); err != nil {
				return nil, err
			}
			return &r.row, nil
		case depth == 3 && name == "mergeCell":
			if err := r.merge(t.attrs); err != nil {
				return nil, err
			}
		}
	}
}

// readRow reads the cells up to </row>.
func (r *sheetRows) readRow(t xmlToken) error {
	number := r.row.number + 1
	for rest := t.attrs; ; {
		name, value, after, err := attribute(rest)
		if err != nil {
			return err
		}
		if name == nil {
			break
		}
		rest = after
		switch string(name) {
		case "r":
			number, err = strconv.Atoi(string(value))
			if err != nil || number <= r.row.number || number > lastSheetRow {
				return r.xml.damaged("row number %q after row %d", shown(string(value)), r.row.number)
			}
		case "hidden":
			if string(value) == "1" || string(value) == "true" {
				r.hidden++
				if r.firstHidden == 0 {
					r.firstHidden = number
				}
			}
		}
	}
	r.row.number, r.row.cells, r.text, r.starts, r.column = number, r.row.cells[:0], r.text[:0], r.starts[:0], -1
	for {
		t, err := r.xml.next()
		if err != nil {
			return noEOF(err)
		}
		switch {
		case t.kind == endTag: // of the row, as readCell takes its own
			r.finish()
			return nil
		case t.kind == startTag && string(t.name) == "c":
			if err := r.readCell(t); err != nil {
				return noEOF(err)
			}
		case t.kind == startTag:
			if err := r.xml.skipElement(); err != nil {
				return noEOF(err)
			}
		}
	}
}

// noEOF keeps an early end from looking like a good one.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// finish cuts the row's values out of one string.
func (r *sheetRows) finish() {
	all := string(r.text)
	for _, p := range r.starts {
		r.row.cells[p.cell].text = all[p.begin:p.end]
	}
}

// readCell reads one <c> and puts it in its column.
func (r *sheetRows) readCell(t xmlToken) error {
	kind, err := r.cellHead(t.attrs)
	if err != nil {
		return err
	}
	begin, formula, valued := len(r.text), false, false
	inValue, depth := false, len(r.xml.lengths)
	for len(r.xml.lengths) >= depth {
		t, err := r.xml.next()
		if err != nil {
			return err
		}
		switch {
		case t.kind == characters && inValue:
			if r.text, err = appendText(r.text, t); err != nil {
				return r.xml.damaged("%v", err)
			}
		case t.kind == endTag:
			inValue = false
		case t.kind == startTag:
			switch string(t.name) {
			case "f":
				formula = true
			case "v":
				inValue, valued = kind != "inlineStr", true
			case "t":
				inValue, valued = kind == "inlineStr", true
			case "rPh":
				if err := r.xml.skipElement(); err != nil {
					return err
				}
			}
		}
	}
	// An empty <v> is a result only for text; other formulas stored nothing.
	return r.store(kind, begin, formula && len(r.text) == begin && (kind != "str" || !valued))
}

// cellHead reads a cell's attributes, makes room for it in the row, and returns its type.
func (r *sheetRows) cellHead(attrs []byte) (kind string, err error) {
	column := r.column + 1
	r.style = 0
	for rest := attrs; ; {
		name, value, after, err := attribute(rest)
		if err != nil {
			return "", err
		}
		if name == nil {
			break
		}
		rest = after
		switch string(name) {
		case "r":
			var row int
			if column, row, err = cellPlace(value); err != nil || column <= r.column || row != r.row.number {
				return "", r.xml.damaged("cell %q in row %d after column %d", shown(string(value)), r.row.number, r.column+1)
			}
		case "t":
			kind = cellType(value)
		case "s":
			if r.style, err = strconv.Atoi(string(value)); err != nil {
				return "", r.xml.damaged("style %q", shown(string(value)))
			}
		}
	}
	r.column = column
	return kind, nil
}

// cellType saves an allocation for the types that exist.
func cellType(value []byte) string {
	for _, known := range []string{"s", "n", "str", "inlineStr", "b", "e", "d"} {
		if string(value) == known {
			return known
		}
	}
	return string(value)
}

// cellPlace reads a reference such as BC17.
func cellPlace(ref []byte) (column, row int, err error) {
	i := 0
	for ; i < len(ref) && i < 4 && ref[i] >= 'A' && ref[i] <= 'Z'; i++ {
		column = column*26 + int(ref[i]-'A') + 1
	}
	for _, c := range ref[i:] {
		if c < '0' || c > '9' || row > lastSheetRow {
			return 0, 0, errAttribute
		}
		row = row*10 + int(c-'0')
	}
	if i == 0 || i == len(ref) || column > lastSheetColumn || row < 1 || row > lastSheetRow {
		return 0, 0, errAttribute
	}
	return column - 1, row, nil
}

// store puts the value that stands in text from begin on into its column. Empty cells are not stored.
func (r *sheetRows) store(kind string, begin int, noValue bool) error {
	raw := r.text[begin:]
	c := cell{kind: text}
	switch {
	case noValue:
		c.kind = uncached
	case len(raw) == 0:
		return nil
	case kind == "s":
		index, err := strconv.Atoi(string(bytes.TrimSpace(raw)))
		value, ok := r.book.strings.get(index)
		if err != nil || !ok {
			return r.xml.damaged("shared text %q in row %d, which does not exist", shown(string(raw)), r.row.number)
		}
		r.text, c.text = r.text[:begin], value
	case kind == "" || kind == "n":
		var err error
		if c.kind, err = r.book.kind(r.style, raw); err != nil {
			return err
		}
	case kind == "b":
		c.kind = boolean
		r.text = append(r.text[:begin], map[string]string{"1": "TRUE", "0": "FALSE"}[string(raw)]...)
	case kind == "e":
		c.kind = failed
	case kind == "str" || kind == "inlineStr":
		r.text = append(r.text[:begin], unescape(raw)...)
	case kind == "d":
	default:
		return r.xml.damaged("cell type %q", shown(kind))
	}
	if r.column >= maxColumns {
		return refuse(codeXLSXLimit, fmt.Sprintf("row %d has a cell in column %d, beyond column %d", r.row.number, r.column+1, maxColumns),
			"clear the cells beside the lines")
	}
	for len(r.row.cells) < r.column {
		r.row.cells = append(r.row.cells, cell{kind: text})
	}
	if len(r.text) > begin {
		r.starts = append(r.starts, piece{len(r.row.cells), begin, len(r.text)})
	}
	r.row.cells = append(r.row.cells, c)
	return nil
}

func (r *sheetRows) merge(attrs []byte) error {
	for rest := attrs; ; {
		name, value, after, err := attribute(rest)
		if err != nil || name == nil {
			return err
		}
		rest = after
		if string(name) != "ref" {
			continue
		}
		from, to, ok := strings.Cut(string(value), ":")
		left, top, err1 := cellPlace([]byte(from))
		right, bottom, err2 := cellPlace([]byte(to))
		if !ok || err1 != nil || err2 != nil || right < left || bottom < top {
			return r.xml.damaged("merged area %q", shown(string(value)))
		}
		if len(r.areas) == maxMerged {
			return refuse(codeXLSXLimit, fmt.Sprintf("the sheet has more than %d merged areas", maxMerged), "unmerge all cells")
		}
		r.areas = append(r.areas, area{top, left, bottom, right})
	}
}

// skipElement passes over the rest of the element whose start tag was just read.
func (s *xmlScanner) skipElement() error {
	for depth := len(s.lengths); len(s.lengths) >= depth; {
		if _, err := s.next(); err != nil {
			return err
		}
	}
	return nil
}
