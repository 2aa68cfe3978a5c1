package xlsx

import (
	"bytes"
	"errors"
	"io"
	"strconv"
)

const (
	lastSheetRow    = 1 << 20 // rows of a sheet
	lastSheetColumn = 1 << 14
	maxMerged       = 100_000
	maxColumns      = 1024 // cells in one row; a wider sheet is not a list of lines
)

// Row is a row that the file has, perhaps without cells. A cell that is left out before others is an empty text.
type Row struct {
	Number int    // as the sheet shows it, from 1
	Hidden bool   // also by a height of 0
	Cells  []Cell // from column A on
}

// Rows streams the rows of a sheet that the file has: a sheet whose only cell is in row 1,048,576 gives one row.
type Rows struct {
	book *Workbook
	part string
	in   io.ReadCloser
	xml  *xmlScanner

	row    Row
	read   bool // <sheetData> was seen
	inData bool
	done   bool
	column int     // of the last cell, -1 before the first
	style  int     // of the cell being read
	kind   []byte  // its type
	text   []byte  // values of the row, cut into cells at its end
	starts []slice // where in text each cell's value stands

	areas []Area
}

type slice struct{ cell, begin, end int }

// Rows begins to read the rows of a sheet of the workbook.
func (w *Workbook) Rows(s Sheet) (*Rows, error) {
	if err := w.loadStrings(); err != nil {
		return nil, err
	}
	in, err := w.open(s.part, maxPart)
	if err != nil {
		return nil, err
	}
	scanner, err := newXMLScanner(in, "worksheet")
	if err != nil {
		return nil, inPart(errors.Join(err, in.Close()), s.part, 0)
	}
	return &Rows{book: w, part: s.part, in: in, xml: scanner}, nil
}

// Next is the next row of the sheet, valid until the next call; its texts stay valid. The error is io.EOF after the
// last row of a complete part: all tags closed, checksum right. Any other is an *[Error] with the row where the damage
// was found. Earlier rows may be damaged too: none may be used for good before io.EOF.
func (r *Rows) Next() (*Row, error) {
	if r.done {
		return nil, io.EOF
	}
	row, err := r.step()
	if err == nil {
		return row, nil
	}
	r.done = true
	closed := r.in.Close()
	if errors.Is(err, io.EOF) && closed == nil {
		return nil, io.EOF
	}
	return nil, inPart(errors.Join(err, closed), r.part, r.row.Number)
}

// Close stops reading before the last row. After io.EOF or an error it does nothing.
func (r *Rows) Close() {
	if !r.done {
		r.done = true
		_ = r.in.Close() // nothing was written
	}
}

// Merged are the merged areas of the sheet. They stand after its rows, so they are complete only after io.EOF.
func (r *Rows) Merged() []Area { return r.areas }

func (r *Rows) step() (*Row, error) {
	for r.inData {
		t, ok, err := r.xml.child(msgTextBetweenRows)
		switch {
		case err != nil:
			return nil, err
		case !ok:
			r.inData = false
		case t.is("row"):
			return &r.row, r.readRow(t)
		default:
			return nil, r.xml.damaged(msgNotRow, shorten(t.name))
		}
	}
	for {
		t, err := r.xml.next()
		switch {
		case errors.Is(err, io.EOF) && !r.read:
			return nil, refuse(Damaged, msgNoSheetData)
		case err != nil:
			return nil, err
		case t.is("sheetData") && (len(r.xml.open) != 2 || r.read):
			return nil, r.xml.damaged(msgSheetDataPlace)
		case t.is("sheetData"):
			r.inData, r.read = true, true
			return r.step()
		case t.is("mergeCell"):
			if err := r.merge(); err != nil {
				return nil, err
			}
		}
	}
}

// readRow reads the cells up to </row>. All values of a row share one string, which saves an allocation a cell.
func (r *Rows) readRow(t *xmlToken) error {
	if err := r.rowHead(t.attrs); err != nil {
		return err
	}
	for {
		t, ok, err := r.xml.child(msgTextBetweenCells)
		switch {
		case err != nil:
		case !ok:
			all := string(r.text)
			for _, p := range r.starts {
				r.row.Cells[p.cell].Value = all[p.begin:p.end]
			}
			return nil
		case t.is("c"):
			err = r.readCell(t)
		case t.is("extLst"):
			err = r.xml.skipElement()
		default:
			err = r.xml.damaged(msgNotCell, shorten(t.name))
		}
		if err != nil {
			return err
		}
	}
}

func (r *Rows) rowHead(attrs []attribute) (err error) {
	number, hidden, flat := r.row.Number+1, false, false
	for _, a := range attrs {
		switch string(a.name) {
		case "r":
			number, err = strconv.Atoi(string(a.value))
			if err != nil || number <= r.row.Number || number > lastSheetRow {
				return r.xml.damaged(msgRowNumber, shorten(a.value), r.row.Number)
			}
		case "hidden":
			hidden = isTrue(string(a.value))
		case "ht":
			flat = len(a.value) > 0 && len(bytes.Trim(a.value, "0.")) == 0
		}
	}
	if number > lastSheetRow {
		return r.xml.damaged(msgRowBeyond, lastSheetRow)
	}
	r.row = Row{number, hidden || flat, r.row.Cells[:0]}
	r.text, r.starts, r.column = r.text[:0], r.starts[:0], -1
	return nil
}

// readCell reads one <c> and puts it in its column. Elements of its extensions are not read as values.
func (r *Rows) readCell(t *xmlToken) error {
	if err := r.cellHead(t.attrs); err != nil {
		return err
	}
	begin, formula, in := len(r.text), false, "" // the element that the value stands in
	for {
		if in == "" {
			if value, ok := r.xml.verbatim("v"); ok {
				in, r.text = "v", append(r.text, value...)
			}
		}
		t, ok, err := r.xml.child(msgTextBesideValue)
		switch {
		case err != nil:
		case !ok:
			return r.store(begin, formula, in)
		case in != "" && (t.is("v") || t.is("is")):
			err = r.xml.damaged(msgTwoValues)
		case t.is("v"):
			in = "v"
			r.text, err = r.xml.plainText(r.text)
		case t.is("is"):
			in = "is"
			r.text, err = r.xml.richText(r.text)
		case t.is("f"):
			formula = true
			err = r.xml.skipElement()
		case t.is("extLst") || t.space == foreignSpace:
			err = r.xml.skipElement()
		default:
			err = r.xml.damaged(msgInCell, shorten(t.name))
		}
		if err != nil {
			return err
		}
	}
}

// cellHead reads a cell's attributes.
func (r *Rows) cellHead(attrs []attribute) (err error) {
	column := r.column + 1
	r.style, r.kind = 0, r.kind[:0]
	for _, a := range attrs {
		switch string(a.name) {
		case "r":
			at, row, ok := place(a.value)
			if column = at - 1; !ok || at == 0 || row != r.row.Number || column <= r.column {
				return r.xml.damaged(msgCellPlace, shorten(a.value), r.row.Number, r.column+1)
			}
		case "t":
			r.kind = append(r.kind, a.value...)
		case "s":
			if r.style, err = strconv.Atoi(string(a.value)); err != nil && len(a.value) > 0 {
				return r.xml.damaged(msgStyleNumber, shorten(a.value))
			}
		}
	}
	r.column = column
	return nil
}

// place reads a reference such as B7, B or 7. Columns count from 1; a column or row that is missing is 0.
func place(ref []byte) (column, row int, ok bool) {
	i := 0
	for ; i < len(ref) && i < 4 && (ref[i]|0x20) >= 'a' && (ref[i]|0x20) <= 'z'; i++ {
		column = column*26 + int((ref[i]|0x20)-'a') + 1
	}
	for _, c := range ref[i:] {
		if c < '0' || c > '9' || row > lastSheetRow {
			return 0, 0, false
		}
		row = row*10 + int(c-'0')
	}
	return column, row, len(ref) > 0 && column <= lastSheetColumn && row <= lastSheetRow && (row > 0 || i == len(ref))
}

// store puts the value in r.text[begin:] into its column. Empty cells are not stored.
func (r *Rows) store(begin int, formula bool, in string) error {
	c := Cell{Kind: Text, from: r.book.epoch}
	if in == "is" && string(r.kind) != "inlineStr" && string(r.kind) != "str" {
		return r.xml.damaged(msgInlineType, shorten(r.kind))
	}
	if len(r.text) == begin {
		// An empty <v> is a result only for text; other formulas stored nothing.
		if !formula || string(r.kind) == "str" && in != "" {
			return nil
		}
		c.Kind = NoValue
	} else if err := r.interpret(begin, &c); err != nil {
		return err
	}
	if r.column >= maxColumns {
		return refuse(TooLarge, msgTooManyColumns, r.row.Number, r.column+1, maxColumns)
	}
	for len(r.row.Cells) < r.column {
		r.row.Cells = append(r.row.Cells, Cell{Kind: Text})
	}
	if len(r.text) > begin {
		r.starts = append(r.starts, slice{len(r.row.Cells), begin, len(r.text)})
	}
	r.row.Cells = append(r.row.Cells, c)
	return nil
}

// interpret finds the kind of the stored value in r.text[begin:], and converts the value to the form of [Cell.Value].
func (r *Rows) interpret(begin int, c *Cell) (err error) {
	raw := r.text[begin:]
	switch string(r.kind) {
	case "s":
		index, err := strconv.Atoi(string(bytes.TrimSpace(raw)))
		value, ok := r.book.strings.get(index)
		if err != nil || !ok {
			return r.xml.damaged(msgNoSharedText, shorten(raw), r.row.Number)
		}
		r.text, c.Value = r.text[:begin], value
	case "", "n":
		return r.number(begin, c)
	case "b":
		words := map[string]string{"1": "TRUE", "true": "TRUE", "0": "FALSE", "false": "FALSE"}
		word, ok := words[string(bytes.ToLower(bytes.TrimSpace(raw)))]
		if !ok {
			return r.xml.damaged(msgLogical, shorten(raw))
		}
		c.Kind = Bool
		r.text = append(r.text[:begin], word...)
	case "e":
		c.Kind = ErrorValue
	case "str", "inlineStr":
		r.text = append(r.text[:begin], unescape(raw)...)
	case "d":
		if date, _, ok := splitISO(string(raw)); ok && date != "" {
			c.Kind = Date
		} else if ok {
			c.Kind = Time
		}
	default:
		return r.xml.damaged(msgCellType, shorten(r.kind))
	}
	return nil
}

// number reads a stored number. Spaces around it are removed.
func (r *Rows) number(begin int, c *Cell) (err error) {
	r.text = append(r.text[:begin], bytes.TrimSpace(r.text[begin:])...)
	raw := r.text[begin:]
	if len(raw) == 0 {
		return nil
	}
	if !isPlain(string(raw)) {
		if _, ok := parse(string(raw)); !ok {
			return r.xml.damaged(msgNumber, shorten(raw), r.row.Number)
		}
	}
	if c.Format, err = r.book.format(r.style); err == nil {
		c.Kind = c.Format.kind(string(raw))
	}
	return err
}
