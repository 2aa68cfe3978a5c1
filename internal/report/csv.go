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

// spool is a working file that is written while rows and orders pass, and copied when everything is counted.
type spool struct {
	file *os.File
	out  *bufio.Writer // keeps its first error; write returns it
	err  error         // why there is no file, or not all of it
}

func newSpool(folder, name string) (s spool) {
	s.file, s.err = os.CreateTemp(folder, name+"-*")
	s.out = bufio.NewWriter(s.file)
	return s
}

func (s *spool) write(w io.Writer) error {
	if err := cmp.Or(s.err, s.out.Flush()); err != nil {
		return err
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	_, err := io.Copy(w, s.file)
	return err
}

func (s *spool) close() error {
	if s.file == nil {
		return nil
	}
	return s.file.Close()
}

// csvFile is a file of CSV: UTF-8, RFC 4180 with CR LF (also for line breaks in a cell), ISO dates, amounts with the
// decimals of their currency. A cell with a comma, a semicolon or a tab is quoted, whatever the separator.
type csvFile struct {
	spool
	dialect dialect
	numeric []bool // by column: it gets a decimal comma
}

// newCSVFile begins a file with the names of its columns.
func newCSVFile(folder, name string, d dialect, columns []column) *csvFile {
	f := &csvFile{spool: newSpool(folder, name), dialect: d}
	_, _ = f.out.WriteString(d.begin)
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i], f.numeric = c.name, append(f.numeric, d.comma && (c.kind == kindNumber || c.kind == kindAmount))
	}
	f.put(d.text(names[0]), names[1:])
	return f
}

// put writes a line. The first cell comes as the file has it.
func (f *csvFile) put(first string, others []string) {
	_, _ = f.out.WriteString(first)
	for i, text := range others {
		_ = f.out.WriteByte(f.dialect.separator)
		if f.numeric[i+1] {
			text = f.dialect.number(cmp.Or(decimalOf(text), text)) // a number of the input's own may have other marks
		} else {
			text = f.dialect.cell(text)
		}
		_, _ = f.out.WriteString(text)
	}
	_, _ = f.out.WriteString("\r\n")
}

// csvReport is the report as CSV. Several problems of a row are listed in the cells problem_code, problem and hint in
// one sequence, separated by "; ", which none of them contains. It is the writer that gocsv writes the fixed columns
// to, and appends the cells of the others to each record.
type csvReport struct {
	*csvFile
	lines  []line     // not encoded yet, up to csvBatch
	more   [][]string // the further cells, by line of the batch
	next   int        // line of the batch
	record []string
}

// csvBatch is the number of rows that the encoder gets at once.
const csvBatch = 512

func newCSV(s *shape, folder string, d dialect) *csvReport {
	return &csvReport{csvFile: newCSVFile(folder, "csv", d, append(slices.Clip(s.fixed), s.more()...))}
}

// add writes a row, with the cells of the columns after the fixed ones.
func (f *csvReport) add(l *line, more []string) {
	n := len(f.lines)
	if n == len(f.more) {
		f.more = append(f.more, nil)
	}
	f.more[n], f.lines = append(f.more[n][:0], more...), append(f.lines, *l)
	if n+1 == csvBatch {
		f.encode()
	}
}

func (f *csvReport) encode() {
	if f.next = 0; f.err == nil {
		f.err = gocsv.MarshalCSVWithoutHeaders(f.lines, f)
	}
	f.lines = f.lines[:0]
}

func (f *csvReport) write(w io.Writer) error {
	f.encode()
	return f.csvFile.write(w)
}

// Write implements gocsv.CSVWriter.
func (f *csvReport) Write(fixed []string) error {
	f.record = append(append(f.record[:0], fixed...), f.more[f.next]...)
	f.next++
	// A program that splits elsewhere sees more than a number in the first cell of a line.
	f.put(f.dialect.text(f.record[0]), f.record[1:])
	return nil
}

// Flush implements gocsv.CSVWriter; write flushes.
func (f *csvReport) Flush() {}

// Error implements gocsv.CSVWriter; write returns the error.
func (f *csvReport) Error() error { return nil }

// quoted returns a text in quotes if it needs them.
func quoted(text string) string {
	if text == "" || !strings.ContainsAny(text, ",;\"\t\n") && text[0] != ' ' {
		return text
	}
	return `"` + strings.ReplaceAll(strings.ReplaceAll(text, `"`, `""`), "\n", "\r\n") + `"`
}
