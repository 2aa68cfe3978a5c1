package report

import (
	"bufio"
	"io"
	"os"
)

// spool is a working file that is written while orders pass, and copied when everything is counted.
type spool struct {
	file *os.File
	out  *bufio.Writer // keeps its first error; copyTo returns it
}

func newSpool(folder, name string) (s spool, err error) {
	s.file, err = os.CreateTemp(folder, name+"-*")
	s.out = bufio.NewWriter(s.file)
	return s, err
}

// copyTo copies the file to w.
func (s *spool) copyTo(w io.Writer) error {
	if err := s.out.Flush(); err != nil {
		return err
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	_, err := io.Copy(w, s.file)
	return err
}

// postingsFile is the postings as CSV, in the same form as the report's CSV.
type postingsFile struct {
	spool
	dialect dialect
	columns []postingColumn
}

func newPostingsFile(folder string, columns []postingColumn, d dialect) (*postingsFile, error) {
	s, err := newSpool(folder, "postings")
	f := &postingsFile{s, d, columns}
	_, _ = f.out.WriteString(d.begin)
	f.record(func(c *postingColumn) string { return d.text(c.name) })
	return f, err
}

func (f *postingsFile) add(v *voucher) {
	for i := range v.postings {
		f.record(func(c *postingColumn) string {
			text := c.text(v, &v.postings[i])
			if f.dialect.comma && (c.kind == kindNumber || c.kind == kindAmount) {
				return f.dialect.number(text)
			}
			return f.dialect.cell(text)
		})
	}
}

// record writes a line with a cell for each column.
func (f *postingsFile) record(cell func(*postingColumn) string) {
	for i := range f.columns {
		if i > 0 {
			_ = f.out.WriteByte(f.dialect.separator)
		}
		_, _ = f.out.WriteString(cell(&f.columns[i]))
	}
	_, _ = f.out.WriteString("\r\n")
}
