package intake

import (
	"fmt"
	"strings"
)

// checkUnclosedQuote refuses a quoted cell that swallowed records, which would silently not be billed: its quote was
// closed by one further down. Of a cell that is meant so the lines decide: they are records if they have as many cells
// as the header, and numbers exactly where the row itself has them.
func (f *recordFilter) checkUnclosedQuote(r *row, delimiter string) error {
	if !f.layout.strictWidth || !r.broken {
		return nil
	}
	for i, c := range r.cells {
		if !strings.ContainsAny(c.Value, "\n\r") {
			continue
		}
		lines := strings.Split(strings.ReplaceAll(c.Value, "\r", "\n"), "\n")
		if f.holdsRecords(r, i, lines, delimiter) {
			message := fmt.Sprintf(msgSwallowedRecords, r.line, len(lines))
			return refuse(codeQuote, message, fmt.Sprintf(hintSwallowedRecords, delimiter)).
				at(r.number, f.header[i], c.Value)
		}
	}
	return nil
}

// holdsRecords reports whether the lines of cell at contain records: a line in the middle is one, or the first and
// the last line make two records with the cells before and after.
func (f *recordFilter) holdsRecords(r *row, at int, lines []string, delimiter string) bool {
	if len(r.cells) < f.named() { // the record is short too, so any delimiter in the cell is evidence enough
		return strings.Contains(strings.Join(lines, ""), delimiter)
	}
	record := func(line string, from, behind int) (numbers int, fits bool) {
		cells := strings.Split(line, delimiter)
		width := from + len(cells) + behind
		numbers, fits = r.resembles(cells, from, at)
		return numbers, fits && width >= f.named() && width <= len(f.header)+1
	}
	last := len(lines) - 1
	for _, line := range lines[1:last] {
		if numbers, fits := record(line, 0, 0); fits && numbers > 0 {
			return true
		}
	}
	first, fitsFirst := record(lines[0], at, 0)
	behind, fitsBehind := record(lines[last], 0, len(r.cells)-1-at)
	return fitsFirst && fitsBehind && first+behind > 0
}

// resembles compares cells from column from on with the row's, but for column except, and counts numbers under numbers.
// fits is false for a number elsewhere, and for a space behind the delimiter, as in prose.
func (r *row) resembles(cells []string, from, except int) (numbers int, fits bool) {
	for i, value := range cells {
		column := from + i
		if column == except || column >= len(r.cells) {
			continue
		}
		own := r.cells[column].Value
		switch number := figure(value); {
		case strings.HasPrefix(value, " ") && !strings.HasPrefix(own, " "):
			return 0, false
		case !figure(own):
		case number:
			numbers++
		case strings.TrimSpace(value) != "":
			return 0, false
		}
	}
	return numbers, true
}
