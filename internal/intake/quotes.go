package intake

import (
	"fmt"
	"strings"
)

// doubleQuotes is how a cell with quotes is written.
const doubleQuotes = `close the cell with a quote, and double the quotes inside it: "5"" pipe"`

// checkUnclosedQuote refuses a quoted cell that spans whole records: a quote was forgotten, and another one
// below closed it. A cell of several lines that is meant so has the same form, so what decides is whether its
// lines are records of this table: as many cells as the header, and numbers exactly where the row itself has
// them.
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
			return refuse(codeQuote,
				fmt.Sprintf(
					"a quote opened on line %d makes one cell of %d lines, which look like records of their own",
					r.line, len(lines)),
				fmt.Sprintf("%s; if the cell is meant so, write its lines without %q", doubleQuotes, delimiter)).at(
				r.number, f.header[i], c.Value)
		}
	}
	return nil
}

// holdsRecords reports a line in the middle of cell at that is a record, or a first and a last line that make
// two records with the cells before and behind.
func (f *recordFilter) holdsRecords(r *row, at int, lines []string, delimiter string) bool {
	if len(r.cells) < f.named() { // a short record must be certain
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

// resembles compares cells that begin in column from with those of the row, but for column except: how many
// numbers stand under numbers, and whether none stands elsewhere. A space behind the delimiter, as prose has
// it, is no likeness.
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
