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

// csvBatch is the number of rows that the encoder gets at once.
const csvBatch = 512

// dialect is a form of CSV.
type dialect struct {
	begin     string // written before everything else
	separator byte
	others    string // the other separators, at which a program may split instead; see guardText
	comma     bool   // numbers have a decimal comma
}

// dialectOf returns the dialect of a format. Excel, LibreOffice and Python read plain CSV alike. The other dialect is
// for spreadsheets that are set to a Nordic language, which read UTF-8 only after a byte order mark.
func dialectOf(f Format) dialect {
	if f == ExcelCSV || f == ExcelPostings {
		return dialect{begin: "\ufeff", separator: ';', others: ",\t\n", comma: true}
	}
	return dialect{separator: ',', others: ";\t\n"}
}

// cell returns a text as the file has it. Numbers and phone numbers are not guarded.
func (d *dialect) cell(text string) string {
	switch number := isNumber(text); {
	case number && d.comma:
		return text
	case number, isPhone(text):
		return quoted(text)
	}
	return d.text(text)
}

// text returns a text as the file has it, guarded also if it is a number.
func (d *dialect) text(text string) string { return quoted(guardText(text, d.others)) }

// number returns a cell of a column of numbers, with the dialect's decimal mark.
func (d *dialect) number(text string) string {
	if isNumber(text) {
		text = strings.Replace(text, ".", ",", 1)
	}
	return d.cell(text)
}

// csvFile is the report as CSV: UTF-8, RFC 4180 with CR LF (also for line breaks in a cell), ISO dates, amounts with
// the decimals of their currency. A cell with a comma, a semicolon or a tab is quoted, whatever the separator. Several
// problems of a row are listed in the cells problem_code, problem and hint in one sequence, separated by "; ", which
// none of them contains.
type csvFile struct {
	file  *os.File // the working file
	out   widened
	lines []line // not encoded yet, up to csvBatch
	err   error  // the first error; nothing is done after it
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
	_, _ = c.out.out.WriteString(d.begin) // the buffer keeps the error
	c.err = gocsv.MarshalCSV([]line{}, &c.out)
	c.out.more = nil
	return c
}

// add writes a row, with the cells of the columns after the fixed ones.
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

// widened is the writer that gocsv writes records to. It appends the cells of the columns after the fixed ones to each
// record, and guards all cells.
type widened struct {
	out     *bufio.Writer
	dialect dialect
	numeric []bool     // the columns that get a decimal comma
	more    [][]string // the further cells, by line of the batch
	next    int        // line of the batch
	record  []string
}

// Write implements gocsv.CSVWriter. The buffer returns its first error at every later write, so the last one is enough.
func (w *widened) Write(fixed []string) error {
	w.record = append(append(w.record[:0], fixed...), w.more[w.next]...)
	w.next++
	// A program that splits elsewhere sees more than a number in the first cell of a line.
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

// quoted returns a text in quotes if it needs them.
func quoted(text string) string {
	if text == "" || !strings.ContainsAny(text, ",;\"\t\n") && text[0] != ' ' {
		return text
	}
	return `"` + strings.ReplaceAll(strings.ReplaceAll(text, `"`, `""`), "\n", "\r\n") + `"`
}

// Flush implements gocsv.CSVWriter; copyTo flushes.
func (w *widened) Flush() {}

// Error implements gocsv.CSVWriter; Write returns the errors.
func (w *widened) Error() error { return nil }
