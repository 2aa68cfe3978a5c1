package intake

import (
	"fmt"
	"strings"
)

// checkUnclosedQuote refuses a quoted cell that spans whole records: a quote was forgotten, and another one below closed it. A cell
// of several lines that is meant so has the same form, so what decides is whether its lines are records of this table: as many
// cells as the header, and numbers exactly where the row itself has them.
func (f *recordFilter) checkUnclosedQuote(r *row, delimiter string) error {
	if !f.layout.strictWidth {
		return nil
	}
	for i, c := range r.cells {
		if !strings.ContainsAny(c.Value, "\n\r") {
			continue
		}
		lines := strings.Split(strings.ReplaceAll(c.Value, "\r", "\n"), "\n")
		if f.holdsRecords(r, i, lines, delimiter) {
			return refuse(codeQuote, fmt.Sprintf("a quote opened on line %d makes one cell of %d lines, which look like records of their own",
				r.line, len(lines)), `close the cell with a quote, and double the quotes inside it: "5"" pipe"; if the cell is meant so, write its lines without `+
				fmt.Sprintf("%q", delimiter)).at(r.number, f.header[i], c.Value)
		}
	}
	return nil
}

// holdsRecords reports a line in the middle of cell at that is a record, or a first and a last line that make two records with
// the cells before and behind.
func (f *recordFilter) holdsRecords(r *row, at int, lines []string, delimiter string) bool {
	if len(r.cells) < f.named() { // a short record must be certain
		return strings.Contains(strings.Join(lines, ""), delimiter)
	}
	split := func(line string) []string { return strings.Split(line, delimiter) }
	for _, line := range lines[1 : len(lines)-1] {
		if found, fits := r.resembles(split(line), 0, at); found > 0 && fits && f.fullWidth(strings.Count(line, delimiter)+1) {
			return true
		}
	}
	first, last := split(lines[0]), split(lines[len(lines)-1])
	if !f.fullWidth(at+len(first)) || !f.fullWidth(len(last)+len(r.cells)-1-at) {
		return false
	}
	before, fitsBefore := r.resembles(first, at, at)
	behind, fitsBehind := r.resembles(last, 0, at)
	return before+behind > 0 && fitsBefore && fitsBehind
}

// fullWidth reports a width that a record of the table has.
func (f *recordFilter) fullWidth(cells int) bool {
	return cells >= f.named() && cells <= len(f.header)+1
}

// resembles compares cells that begin in column from with those of the row, but for column except: how many numbers stand under
// numbers, and whether none stands elsewhere. A space behind the delimiter, as prose has it, is no likeness.
func (r *row) resembles(cells []string, from, except int) (numbers int, fits bool) {
	for i, value := range cells {
		column := from + i
		if column == except || column >= len(r.cells) {
			continue
		}
		own := r.cells[column].Value
		if strings.HasPrefix(value, " ") && !strings.HasPrefix(own, " ") {
			return 0, false
		}
		if figure(own) {
			if strings.TrimSpace(value) != "" && !figure(value) {
				return 0, false
			}
			if figure(value) {
				numbers++
			}
		}
	}
	return numbers, true
}
