package intake

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// blockRows is how many rows Excel writes with equally many cells, without the empty ones at the end that all have.
const blockRows = 16

// widths is the evidence of the records of a CSV file about their widths. A missing or extra delimiter moves all cells
// behind it under wrong headers, so that a phone number could be billed as an amount. A record that is wider or
// narrower than the header is read only if it is certain that its cells stand under their headers:
//
//   - Empty cells beyond the header are cut off if all records have equally many and no delimiter can be missing in
//     the header. They are also cut off if no record of the header's width ends in an empty cell, which an extra
//     delimiter could have pushed out.
//   - Cells may be missing at the end if the program always leaves them out: no record of the file ends in an empty
//     cell, or all records of a block of sixteen rows are equally long, as Excel writes them. Then at least one record
//     must have all cells, a short record must have numbers and texts where these have them, and no amount may be
//     missing.
//   - In a file with commas, 1250,50 without quotes becomes two cells. So a cell of a number column such as 00 or 05 is
//     refused. Empty cells beyond the header are refused too, unless another number shows how decimals are written.
//   - The last line is never short if the file does not end in a line end: a file that was cut off ends so.
type widths struct {
	least, most        int    // least and most cells of the records so far
	whole, short, long *Error // refusals of the first records as wide as the header, narrower and wider
	trims              bool   // no record ends in an empty cell
	hollow             bool   // a record of the header's width ends in an empty cell
	block, blockCells  int    // block and cells of the previous record, or of the header
	mixed              bool   // the records of a block are not equally long
	columns            []columnShape
}

// columnShape is what the cells of a column look like, in records with all cells and in others.
type columnShape struct {
	whole, others shapes
	decimals      bool   // some number has decimals
	zeros         *Error // refusal of the first number such as 05
}

// shapes has the refusals of the first records with a figure and with a text in a column, nil for none.
type shapes struct{ figure, word *Error }

// checkWidth refuses a record with text beyond the header, cuts empty cells off there, and gathers for settleWidths.
func (f *recordFilter) checkWidth(r *row) error {
	if !f.layout.strictWidth {
		return nil
	}
	w, all, named, cells := &f.widths, len(f.header), f.named(), len(r.cells)
	switch {
	case cells > all && !blankCells(r.cells[all:]):
		return f.ragged(r)
	case f.layout.given: // without a header line, records may have different lengths
		f.cut(r)
		return nil
	case r.open && cells < max(named, w.least):
		return f.ragged(r).hint(hintCutLine)
	case w.most == 0: // the first record
		*w = widths{least: cells, trims: true, blockCells: all, columns: make([]columnShape, all)}
	}
	block := (r.number - 1) / blockRows
	w.mixed = w.mixed || block == w.block && cells != w.blockCells
	w.least, w.most, w.block, w.blockCells = min(w.least, cells), max(w.most, cells), block, cells
	empty := blankCells(r.cells[min(cells, named)-1:])
	w.trims = w.trims && !empty
	whole := cells >= named && cells <= all
	switch {
	case whole:
		f.note(r, &w.whole)
		w.hollow = w.hollow || empty
	case cells < named:
		f.note(r, &w.short)
	default:
		f.note(r, &w.long)
	}
	for i, c := range r.cells[:min(cells, named)] {
		in := &w.columns[i].others
		if whole {
			in = &w.columns[i].whole
		}
		split := f.layout.comma && f.layout.columns[i].numeric()
		switch {
		case in.figure != nil && in.word != nil && !split, isBlank(c.Value):
		case figure(c.Value):
			f.note(r, &in.figure)
			if split {
				f.noteDecimals(r, c.Value, &w.columns[i])
			}
		default:
			f.note(r, &in.word)
		}
	}
	f.cut(r)
	return nil
}

// note makes the refusal of a record and keeps it, unless an earlier record has made one.
func (f *recordFilter) note(r *row, first **Error) {
	if *first == nil {
		*first = f.ragged(r)
	}
}

// noteDecimals collects a number's evidence: 1250.50 has decimals; 00 and 05 may be the decimals of the cell before.
func (f *recordFilter) noteDecimals(r *row, value string, c *columnShape) {
	if !c.decimals {
		mark := strings.LastIndexAny(value, ".,")
		c.decimals = mark >= 0 && mark != len(value)-len(".000")
	}
	if len(value) > 1 && value[0] == '0' && strings.Trim(value, "0123456789") == "" {
		f.note(r, &c.zeros)
	}
}

// ragged is the refusal of a record that does not fit the header.
func (f *recordFilter) ragged(r *row) *Error {
	return refuse(codeRagged, fmt.Sprintf(msgRagged, r.line, len(r.cells), len(f.header)), hintDelimiter).
		at(r.number, "", r.cells[0].Value)
}

// named is how many cells the header has up to its last name.
func (f *recordFilter) named() int {
	n := len(f.header)
	for n > 1 && strings.TrimSpace(f.header[n-1]) == "" {
		n--
	}
	return n
}

// settleWidths refuses records of another width than the header, unless the whole file shows that their cells stand
// under their headers. named says that a profile names the columns, so that the header lacks no delimiter.
func (f *recordFilter) settleWidths(columns []column, named bool) error {
	w := &f.widths
	if split := f.splitNumber(columns); split != nil {
		return split.hint(hintDecimalComma)
	}
	switch {
	case w.short == nil && w.long == nil:
		return nil
	case w.long != nil && w.least != w.most && w.hollow:
		return w.long
	case w.long != nil && w.whole == nil && !named && mayHaveLostDelimiter(columns):
		return w.long.hint(hintHeaderDelimiter)
	case w.short != nil && slices.ContainsFunc(columns[w.least:], func(c column) bool { return c.numeric() }):
		return w.short.hint(hintDelimiterOrFooter)
	case w.short != nil && (w.whole == nil || !w.trims && w.mixed):
		return w.short.hint(hintDelimiterOrEmpty)
	}
	for i, c := range w.columns {
		var odd *Error
		switch {
		case c.whole.word == nil && c.whole.figure != nil:
			odd = c.others.word
		case c.whole.figure == nil && c.whole.word != nil:
			odd = c.others.figure
		}
		if odd != nil {
			return odd.hint(fmt.Sprintf(hintOddCell, shown(f.header[i])))
		}
	}
	return nil
}

// splitNumber is the refusal of the first record in which two cells may be one number with a comma, nil for none.
func (f *recordFilter) splitNumber(columns []column) *Error {
	if !f.layout.comma {
		return nil
	}
	split := f.widths.long
	for i, shape := range f.widths.columns {
		if i >= len(columns) || !columns[i].numeric() {
			continue
		}
		if shape.zeros != nil {
			shape.zeros.Message = fmt.Sprintf(msgSplitNumber, shown(f.header[i]))
			return shape.zeros
		}
		if shape.decimals {
			split = nil
		}
	}
	return split
}

// mayHaveLostDelimiter reports whether a header before known columns may be two headers without their delimiter. Then
// those columns would be read from their neighbours.
func mayHaveLostDelimiter(columns []column) bool {
	known := func(c column) bool { return c.known != 0 }
	unknown := slices.IndexFunc(columns, func(c column) bool { return !known(c) })
	return unknown >= 0 && slices.ContainsFunc(columns[unknown:], known)
}

// cut removes the empty cells beyond the header.
func (f *recordFilter) cut(r *row) *row {
	if f.layout.strictWidth && len(r.cells) > len(f.header) {
		r.cells = r.cells[:len(f.header)]
	}
	return r
}

const currencies = `kr|nok|sek|dkk|eur|usd|gbp|chf`

// figureText recognises figures among texts with characters beyond ASCII.
var figureText = regexp.MustCompile(`^(?i:` + currencies + `)?\PL*\p{Nd}\PL*$|^\PL*\p{Nd}\PL*(?i:` + currencies + `)$`)

// figure reports whether a text is digits and signs, with a currency at most: an amount, a date, a phone number.
func figure(value string) bool {
	digits, letters, ascii := 0, 0, true
	for i := range len(value) {
		switch c := value[i]; {
		case c >= '0' && c <= '9':
			digits++
		case c|0x20 >= 'a' && c|0x20 <= 'z':
			letters++
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	const shortest, longest = 2, 3 // letters of a currency
	switch {
	case digits == 0:
		return false
	case letters == 0 && ascii:
		return true
	case letters > 0 && (letters < shortest || letters > longest):
		return false
	case ascii:
		return isCurrency(value[:letters]) || isCurrency(value[len(value)-letters:])
	}
	return figureText.MatchString(value)
}

// isCurrency reports whether a word is one of currencies, in any case.
func isCurrency(word string) bool {
	return slices.Contains(strings.Split(currencies, "|"), strings.ToLower(word))
}
