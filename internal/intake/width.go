package intake

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"kraviabatch/internal/billing"
)

// blockRows is how many rows Excel gives the same number of cells: it leaves out the empty ones that a whole block of rows ends with.
const blockRows = 16

// widths is what the records of a CSV file tell about cells that are left out at the end of a line or stand beyond the header. A
// record of another width is read only where it is certain that its cells stand under their headers:
//
//   - Empty cells beyond the header are passed over where all records have equally many and no delimiter can be missing in the
//     header, or where no record of the header's width ends in an empty cell, which an extra delimiter could have pushed out.
//   - Cells may be left out at the end by a program that does so always: no record of the file ends in an empty cell, or the
//     records of each block of sixteen rows are equally long, as Excel writes them. At least one record has all cells, what a
//     short one has is a number where they have numbers and a text where they have texts, and no number of money is left out.
//   - The last line of a file that does not end with a line end is never short: a file that was cut off ends so.
type widths struct {
	least, most int // cells of the records so far
	whole       int // records with all cells
	short, long misfit
	trims       bool // no record ends in an empty cell
	hollow      bool // a record of the header's width ends in an empty cell
	blocks      blockWidths
	columns     []columnShape
}

// misfit is the first record of another width.
type misfit struct {
	number, line, cells int // 0: none
	value               string
}

func (m *misfit) note(r *row) {
	if m.number == 0 && len(r.cells) > 0 {
		*m = misfit{r.number, r.line, len(r.cells), r.cells[0].Value}
	}
}

// blockWidths tells whether the records of a block are equally long.
type blockWidths struct {
	block, cells int
	mixed        bool // of one block
}

func (b *blockWidths) note(r *row) {
	block := (r.number - 1) / blockRows
	b.mixed = b.mixed || b.cells != 0 && b.block == block && b.cells != len(r.cells)
	b.block, b.cells = block, len(r.cells)
}

// columnShape is what the cells of a column look like, in records with all cells and in others.
type columnShape struct {
	figures, words int    // cells of whole records
	figure, word   misfit // first ones of other records
	leftOut        bool   // by a short record
}

// checkWidth refuses a CSV record with text beyond the header, and cuts off the empty cells there. What it notes of other widths
// is for settleWidths.
func (f *recordFilter) checkWidth(r *row) error {
	if !f.layout.strictWidth {
		return nil
	}
	w, n := &f.widths, len(f.header)
	if len(r.cells) > n && !blankCells(r.cells[n:]) {
		return f.ragged(misfit{r.number, r.line, len(r.cells), r.cells[0].Value},
			"look for an extra delimiter, or a cell with a delimiter or line break that needs quotes")
	}
	named := f.named()
	if r.open && len(r.cells) < max(named, w.least) {
		return f.ragged(misfit{r.number, r.line, len(r.cells), r.cells[0].Value},
			"the file ends in the middle of this line, as one that was cut off: copy or export it again; if it is whole, end the line with a line break")
	}
	if w.columns == nil {
		w.columns, w.least, w.trims = make([]columnShape, n), len(r.cells), true
	}
	w.least, w.most = min(w.least, len(r.cells)), max(w.most, len(r.cells))
	if w.blocks.cells == 0 {
		w.blocks.note(&row{number: 1, cells: make([]cell, n)}) // the header
	}
	w.blocks.note(r)
	ends := len(r.cells) > 0 && blankCells(r.cells[min(len(r.cells), named)-1:])
	w.trims = w.trims && !ends
	whole := len(r.cells) >= named && len(r.cells) <= n
	switch {
	case whole:
		w.whole++
		w.hollow = w.hollow || ends
	case len(r.cells) < named:
		w.short.note(r)
	default:
		w.long.note(r)
		r.cells = r.cells[:n]
	}
	w.shape(r, named, whole)
	return nil
}

// named is how many cells the header has up to its last name.
func (f *recordFilter) named() int {
	n := len(f.header)
	for n > 1 && strings.TrimSpace(f.header[n-1]) == "" {
		n--
	}
	return n
}

func (w *widths) shape(r *row, named int, whole bool) {
	for i := range w.columns[:min(named, len(w.columns))] {
		c := &w.columns[i]
		if i >= len(r.cells) {
			c.leftOut = true
			continue
		}
		value := r.cells[i].Value
		switch {
		case strings.TrimSpace(value) == "":
		case whole && figure(value):
			c.figures++
		case whole:
			c.words++
		case figure(value):
			c.figure.note(r)
		default:
			c.word.note(r)
		}
	}
}

// settleWidths refuses records of another width than the header's, unless the whole file shows that they are meant so. A profile
// has said which header is which.
func (f *recordFilter) settleWidths(columns []column, profile bool) error {
	w := &f.widths
	if w.short.number == 0 && w.long.number == 0 {
		return nil
	}
	const look = "look for a missing or an extra delimiter, or a cell with a delimiter or line break that needs quotes"
	switch {
	case w.long.number != 0 && w.least != w.most && w.hollow:
		return f.ragged(w.long, look)
	case w.long.number != 0 && w.whole == 0 && !profile && f.mayHaveLostDelimiter(columns):
		return f.ragged(w.long, "put a delimiter at the end of the header line too, if none is missing between its names")
	case w.short.number != 0 && w.moneyLeftOut(columns):
		return f.ragged(w.short, look+"; lines after the last record are left out with skip_footer in a profile")
	case w.short.number != 0 && (w.whole == 0 || !w.trims && w.blocks.mixed):
		return f.ragged(w.short, look+"; empty cells at the end of a line need their delimiters")
	}
	for i, c := range w.columns {
		odd := misfit{}
		switch {
		case c.figures > 0 && c.words == 0:
			odd = c.word
		case c.words > 0 && c.figures == 0:
			odd = c.figure
		}
		if odd.number != 0 {
			return f.ragged(odd, fmt.Sprintf("its cell under %q does not look like those of the other lines: %s", shown(f.header[i]), look))
		}
	}
	return nil
}

// mayHaveLostDelimiter reports a header that may be two with the delimiter between them lost, so that known columns behind it
// would be read from their neighbours.
func (f *recordFilter) mayHaveLostDelimiter(columns []column) bool {
	unknown := slices.IndexFunc(columns, func(c column) bool { return c.known == 0 })
	return unknown >= 0 && slices.ContainsFunc(columns[unknown:], func(c column) bool { return c.known != 0 })
}

// moneyLeftOut reports a column of numbers that a short record does not reach.
func (w *widths) moneyLeftOut(columns []column) bool {
	for i, c := range w.columns {
		if kind := columns[i].known.Kind(); c.leftOut && columns[i].known != 0 && (kind == billing.Number || kind == billing.Money || kind == billing.Percent) {
			return true
		}
	}
	return false
}

func (f *recordFilter) ragged(m misfit, hint string) error {
	return refuse(codeRagged, fmt.Sprintf("line %d has %d cells where the header has %d", m.line, m.cells, len(f.header)), hint).
		at(m.number, "", m.value)
}

// cut passes over the empty cells that checkWidth let stand beyond the header.
func (f *recordFilter) cut(r *row) *row {
	if f.layout.strictWidth && len(r.cells) > len(f.header) {
		r.cells = r.cells[:len(f.header)]
	}
	return r
}

// figure reports a number, an amount with its currency, a date, a phone number: digits and signs.
func figure(value string) bool {
	digits, letters := 0, 0
	for i := range len(value) {
		switch c := value[i]; {
		case c >= '0' && c <= '9':
			digits++
		case c|0x20 >= 'a' && c|0x20 <= 'z' || c >= utf8.RuneSelf:
			letters++
		}
	}
	const longest = 3 // a currency has no more letters
	if letters == 0 || digits == 0 || letters > longest && len(value) == digits+letters {
		return letters == 0 && digits > 0
	}
	if bare := strings.TrimLeftFunc(strings.TrimRightFunc(value, unicode.IsLetter), unicode.IsLetter); len(bare) < len(value) {
		word := strings.ToLower(strings.TrimSpace(strings.Replace(value, bare, "", 1)))
		if !slices.Contains([]string{"kr", "nok", "sek", "dkk", "eur", "usd", "gbp", "chf"}, word) {
			return false
		}
		value = bare
	}
	return strings.ContainsFunc(value, unicode.IsDigit) && !strings.ContainsFunc(value, unicode.IsLetter)
}
