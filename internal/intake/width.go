package intake

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// blockRows is how many rows Excel gives the same number of cells: it leaves out the empty ones that a whole
// block of rows ends with.
const blockRows = 16

// widths is what the records of a CSV file tell about cells that are left out at the end of a line or stand
// beyond the header. A record of another width is read only where it is certain that its cells stand under
// their headers:
//
//   - Empty cells beyond the header are passed over where all records have equally many and no delimiter can be missing in the
//     header, or where no record of the header's width ends in an empty cell, which an extra delimiter could have pushed out.
//   - Cells may be left out at the end by a program that does so always: no record of the file ends in an empty cell, or the
//     records of each block of sixteen rows are equally long, as Excel writes them. At least one record has all cells, what a
//     short one has is a number where they have numbers and a text where they have texts, and no number of money is left out.
//   - Where a comma separates the cells, 1250,50 without quotes makes two of one. So a cell of a number column such as 00 or 05 is
//     refused, and so are empty cells beyond the header unless another number of the file shows how decimals are written.
//   - The last line of a file that does not end with a line end is never short: a file that was cut off ends so.
type widths struct {
	least, most        int    // cells of the records so far
	whole, short, long *Error // refusals of the first records of the header's width, and of others
	trims              bool   // no record ends in an empty cell
	hollow             bool   // a record of the header's width ends in an empty cell
	block, blockCells  int    // of the record before, or the header
	mixed              bool   // the records of a block are not equally long
	columns            []columnShape
}

// columnShape is what the cells of a column look like, in records with all cells and in others.
type columnShape struct {
	whole, others shapes
	decimals      bool   // a number has decimals
	zeros         *Error // refusal of the first number that begins with a zero that it does not need
}

// shapes are refusals of the first records with a figure and with a text in a column.
type shapes struct{ figure, word *Error }

const lookForDelimiter = "look for a missing or an extra delimiter, or a cell with a delimiter or line break that needs quotes"

// checkWidth refuses a CSV record with text beyond the header, and cuts off the empty cells there. What it
// notes of other widths is for settleWidths.
func (f *recordFilter) checkWidth(r *row) error {
	if !f.layout.strictWidth {
		return nil
	}
	if f.layout.given { // the records of such a file have different lengths
		if len(r.cells) > len(f.header) && !blankCells(r.cells[len(f.header):]) {
			return f.ragged(r)
		}
		f.cut(r)
		return nil
	}
	w, all, named, cells := &f.widths, len(f.header), f.named(), len(r.cells)
	switch {
	case cells > all && !blankCells(r.cells[all:]):
		return f.ragged(r)
	case r.open && cells < max(named, w.least):
		return f.ragged(r).hint(
			"the file ends in the middle of this line, as one that was cut off: copy or export it again; " +
				"if it is whole, end the line with a line break")
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

// note keeps the refusal of the first record.
func (f *recordFilter) note(r *row, first **Error) {
	if *first == nil {
		*first = f.ragged(r)
	}
}

// noteDecimals notes what a number tells about decimals: 1250.50 has some, 00 and 05 may be those of the cell before.
func (f *recordFilter) noteDecimals(r *row, value string, c *columnShape) {
	if !c.decimals {
		mark := strings.LastIndexAny(value, ".,")
		c.decimals = mark >= 0 && mark != len(value)-len(".000")
	}
	if len(value) > 1 && value[0] == '0' && strings.Trim(value, "0123456789") == "" {
		f.note(r, &c.zeros)
	}
}

func (f *recordFilter) ragged(r *row) *Error {
	return refuse(codeRagged,
		fmt.Sprintf("line %d has %d cells where the header has %d", r.line, len(r.cells), len(f.header)),
		lookForDelimiter).
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

// settleWidths refuses records of another width than the header's, unless the whole file shows that they are
// meant so. A profile that names the columns has said which header is which.
func (f *recordFilter) settleWidths(columns []column, named bool) error {
	w := &f.widths
	if split := f.splitNumber(columns); split != nil {
		return split.hint(
			"put a number with a decimal comma into quotes, or export with another delimiter than the comma")
	}
	switch {
	case w.short == nil && w.long == nil:
		return nil
	case w.long != nil && w.least != w.most && w.hollow:
		return w.long
	case w.long != nil && w.whole == nil && !named && mayHaveLostDelimiter(columns):
		return w.long.hint("put a delimiter at the end of the header line too, if none is missing between its names")
	case w.short != nil && slices.ContainsFunc(columns[w.least:], func(c column) bool { return c.numeric() }):
		return w.short.hint(lookForDelimiter +
			"; lines after the last record are left out with skip_footer in a profile")
	case w.short != nil && (w.whole == nil || !w.trims && w.mixed):
		return w.short.hint(lookForDelimiter + "; empty cells at the end of a line need their delimiters")
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
			return odd.hint(
				fmt.Sprintf("its cell under %q does not look like those of the other lines: ", shown(f.header[i])) +
					lookForDelimiter)
		}
	}
	return nil
}

// splitNumber is the refusal of the first record in which one number may be two cells, nil if none may.
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
			shape.zeros.Message = fmt.Sprintf(
				"a cell under %q begins with a zero, as the decimals of the cell before it do", shown(f.header[i]))
			return shape.zeros
		}
		if shape.decimals {
			split = nil
		}
	}
	return split
}

// mayHaveLostDelimiter reports a header that may be two with the delimiter between them lost, so that known
// columns behind it would be read from their neighbours.
func mayHaveLostDelimiter(columns []column) bool {
	known := func(c column) bool { return c.known != 0 }
	unknown := slices.IndexFunc(columns, func(c column) bool { return !known(c) })
	return unknown >= 0 && slices.ContainsFunc(columns[unknown:], known)
}

// cut passes over the empty cells that checkWidth let stand beyond the header.
func (f *recordFilter) cut(r *row) *row {
	if f.layout.strictWidth && len(r.cells) > len(f.header) {
		r.cells = r.cells[:len(f.header)]
	}
	return r
}

const currencies = `kr|nok|sek|dkk|eur|usd|gbp|chf`

// figureText judges the texts that have characters beyond ASCII.
var figureText = regexp.MustCompile(`^(?i:` + currencies + `)?\PL*\p{Nd}\PL*$|^\PL*\p{Nd}\PL*(?i:` + currencies + `)$`)

// figure reports a number, an amount with its currency, a date, a phone number: digits and signs.
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

// isCurrency reports one of currencies, in any case.
func isCurrency(word string) bool {
	return slices.Contains(strings.Split(currencies, "|"), strings.ToLower(word))
}
