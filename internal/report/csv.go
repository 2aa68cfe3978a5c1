package report

import (
	"bufio"
	"cmp"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/gocarina/gocsv"
)

// csvBatch is how many rows are handed to the encoder at once.
const csvBatch = 512

// dialect is how the cells of a CSV file are written.
type dialect struct {
	begin     string // of the file
	separator byte
	others    string // behind which programs begin a cell that do not split at the separator
	comma     bool   // our numbers have a decimal comma
}

// dialectOf is the dialect of a format. Excel, LibreOffice and Python read the plain one alike; the other is
// what a spreadsheet opens that is set to a Nordic language, and that takes a text for UTF-8 only behind a
// byte order mark.
func dialectOf(f Format) dialect {
	if f == ExcelCSV || f == ExcelPostings {
		return dialect{begin: "\ufeff", separator: ';', others: ",\t\n", comma: true}
	}
	return dialect{separator: ',', others: ";\t\n"}
}

// cell is a text as it stands in the file. A number and a phone number stay what they are.
func (d *dialect) cell(text string) string {
	switch number := isNumber(text); {
	case number && d.comma:
		return text
	case number, isPhone(text):
		return quoted(text)
	}
	return d.text(text)
}

// text is a text as it stands in the file, never as a number.
func (d *dialect) text(text string) string { return quoted(guardText(text, d.others)) }

// number is the cell of a column of ours that holds numbers, where they can be read.
func (d *dialect) number(text string) string {
	if isNumber(text) {
		text = strings.Replace(text, ".", ",", 1)
	}
	return d.cell(text)
}

// csvFile takes all rows: UTF-8, RFC 4180 with CR LF (also for line breaks in a cell), ISO dates, amounts
// with the currency's digits. A cell with a comma, a semicolon or a tab is quoted, whatever the separator.
// Where a row has several problems, the cells problem_code, problem and hint list them in one order, with ";
// " between two, which stands within none of them.
type csvFile struct {
	file  *os.File // where the rows lie meanwhile
	out   widened
	lines []line
	err   error // the first; after it nothing is done
}

func newCSV(s *shape, folder string, d dialect) *csvFile {
	c := &csvFile{}
	if c.file, c.err = os.CreateTemp(folder, "csv-*"); c.err != nil {
		return c
	}
	c.out = widened{out: bufio.NewWriter(c.file), dialect: d, more: make([][]string, 1)}
	for _, column := range s.more() {
		c.out.more[0] = append(c.out.more[0], column.name)
	}
	if d.comma {
		for _, column := range append(slices.Clip(s.fixed), s.more()...) {
			c.out.numeric = append(c.out.numeric, column.kind == kindNumber || column.kind == kindAmount)
		}
	}
	_, _ = c.out.out.WriteString(d.begin) // see Write
	c.err = gocsv.MarshalCSV([]line{}, &c.out)
	c.out.more = nil
	return c
}

// add takes a row and the cells of the columns behind the fixed ones.
func (c *csvFile) add(l *line, own []string) {
	n := len(c.lines)
	if n == len(c.out.more) {
		c.out.more = append(c.out.more, nil)
	}
	c.out.more[n], c.lines = append(c.out.more[n][:0], own...), append(c.lines, *l)
	if n+1 == csvBatch {
		c.encode()
	}
}

func (c *csvFile) encode() {
	if c.err == nil {
		c.out.next = 0
		c.err = gocsv.MarshalCSVWithoutHeaders(c.lines, &c.out)
	}
	c.lines = c.lines[:0]
}

// write copies the file to w.
func (c *csvFile) write(w io.Writer) error {
	if c.encode(); c.err != nil {
		return c.err
	}
	s := spool{c.file, c.out.out}
	return s.copyTo(w)
}

// widened appends to each record of gocsv the cells of the columns behind the fixed ones, and guards them all.
type widened struct {
	out     *bufio.Writer
	dialect dialect
	numeric []bool // the columns that get a decimal comma
	more    [][]string
	next    int
	record  []string
}

// Write implements gocsv.CSVWriter. The buffer keeps an error for every later write, so that the last one tells.
func (w *widened) Write(fixed []string) error {
	w.record = append(append(w.record[:0], fixed...), w.more[w.next]...)
	w.next++
	// for another separator the line's first cell is more than a number
	_, _ = w.out.WriteString(w.dialect.text(w.record[0]))
	for i, text := range w.record[1:] {
		_ = w.out.WriteByte(w.dialect.separator)
		if i+1 < len(w.numeric) && w.numeric[i+1] {
			text = w.dialect.number(cmp.Or(decimalOf(text), text)) // a number of the input's own may have other marks
		} else {
			text = w.dialect.cell(text)
		}
		_, _ = w.out.WriteString(text)
	}
	_, err := w.out.WriteString("\r\n")
	return err
}

// quoted puts quotes around a text that needs them.
func quoted(text string) string {
	if text == "" || !strings.ContainsAny(text, ",;\"\t\n") && text[0] != ' ' {
		return text
	}
	return `"` + strings.ReplaceAll(strings.ReplaceAll(text, `"`, `""`), "\n", "\r\n") + `"`
}

// Flush implements gocsv.CSVWriter; the last flush is the file's.
func (w *widened) Flush() {}

// Error implements gocsv.CSVWriter: Write tells.
func (w *widened) Error() error { return nil }
