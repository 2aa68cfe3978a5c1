package report

import (
	"bufio"
	"io"
	"os"
	"strings"

	"github.com/gocarina/gocsv"
)

// csvBatch is how many rows are handed to the encoder at once.
const csvBatch = 512

// csvFile takes all rows: UTF-8 without a byte order mark, RFC 4180 with CR LF (also for line breaks in a
// cell), ISO dates, amounts with a dot and the currency's digits. Excel, LibreOffice and Python read it alike. A cell with a
// semicolon or a tab is quoted like one with a comma. Where a row has several problems, the cells problem_code, problem and hint list
// them in one order, with "; " between two, which stands within none of them.
type csvFile struct {
	file  *os.File // where the rows lie meanwhile
	out   widened
	lines []line
	err   error // the first; after it nothing is done
}

func newCSV(s *shape, folder string) *csvFile {
	c := &csvFile{}
	if c.file, c.err = os.CreateTemp(folder, "csv-*"); c.err != nil {
		return c
	}
	c.out = widened{out: bufio.NewWriter(c.file), more: [][]string{s.ownHeader()}}
	c.err = gocsv.MarshalCSV([]line{}, &c.out)
	c.out.more = nil
	return c
}

// add takes a row and the cells of the input's own columns.
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
	if err := c.out.out.Flush(); err != nil {
		return err
	}
	if _, err := c.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	_, err := io.Copy(w, c.file)
	return err
}

// widened appends to each record of gocsv the cells of the input's own columns, and guards them all.
type widened struct {
	out    *bufio.Writer
	more   [][]string
	next   int
	record []string
}

// Write implements gocsv.CSVWriter. The buffer keeps an error for every later write, so that the last one tells.
func (w *widened) Write(fixed []string) error {
	w.record = append(append(w.record[:0], fixed...), w.more[w.next]...)
	w.next++
	_, _ = w.out.WriteString(quoted(guardText(w.record[0]))) // for another separator the line's first cell is more than a number
	for _, text := range w.record[1:] {
		_ = w.out.WriteByte(',')
		_, _ = w.out.WriteString(quoted(guard(text)))
	}
	_, err := w.out.WriteString("\r\n")
	return err
}

// quoted is a cell's text as it stands in the file.
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
