package intake

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"kraviabatch/internal/xlsx"
)

const (
	headBytes      = 256 << 10 // of the decoded file, to find delimiter and header in
	maxRecordBytes = 8 << 20   // one CSV record; a forgotten quote must not load the file into memory
	readBlock      = 256 << 10
)

// dialect is how one CSV file is written.
type dialect struct {
	charset   charset
	skip      int64 // bytes of the byte order mark
	marks     bool  // byte order marks inside the file
	carriage  bool  // lines end in CR alone
	returns   bool  // may have a CR that is no part of a line end
	torn      bool  // may hold U+FFFD, which stands for a character that was lost
	delimiter rune
	header    int // physical line of the header, from 1; 0 for none
	skipped   int // lines before the first of a file without a header
}

// csvSource is a CSV file whose dialect is known.
type csvSource struct {
	file *os.File
	size int64
	dialect
}

func (s *csvSource) rows() (rowReader, error) {
	in, err := s.records()
	if err != nil || s.header == 0 {
		return in, err
	}
	_, err = in.next()
	return in, err
}

// records begins with the header, if there is one.
func (s *csvSource) records() (*csvRows, error) {
	text := bufio.NewReaderSize(s.text(s.file, s.size), readBlock)
	above := max(s.header-1, s.skipped)
	for range above {
		if err := skipLine(text); err != nil {
			return nil, err
		}
	}
	guard := &recordGuard{in: text}
	if s.returns {
		guard.in = &returnGuard{in: text, line: above + 1}
	}
	in := csv.NewReader(bufio.NewReaderSize(guard, readBlock))
	in.Comma, in.ReuseRecord = s.delimiter, true
	in.FieldsPerRecord = -1 // counted against the header, with a better message
	return &csvRows{in: in, guard: guard, returns: s.returns, offset: above, number: above}, nil
}

func skipLine(in *bufio.Reader) error {
	for {
		_, err := in.ReadSlice('\n')
		if !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}

var errRecordTooLong = errors.New("record too long")

// recordGuard stops a record from growing without bound.
type recordGuard struct {
	in              io.Reader
	delivered, mark int64 // bytes given out, and where the record being read began
	last            byte  // of those given out
}

func (g *recordGuard) Read(p []byte) (int, error) {
	if g.delivered-g.mark > maxRecordBytes+readBlock {
		return 0, errRecordTooLong
	}
	n, err := g.in.Read(p)
	if n > 0 {
		g.last = p[n-1]
	}
	g.delivered += int64(n)
	return n, err
}

// csvRows reads records and knows their true places: the row that a spreadsheet shows, where a cell
// with line breaks is one row and an empty line is one too, and the physical line.
type csvRows struct {
	in      *csv.Reader
	guard   *recordGuard
	returns bool // see dialect
	offset  int  // physical lines before the first record
	last    int  // line where the record before ended, counted from the first record
	number  int
	row     row
}

func (r *csvRows) next() (*row, error) {
	record, err := r.in.Read()
	r.guard.mark = r.in.InputOffset()
	if err != nil {
		return nil, r.explain(err)
	}
	first, _ := r.in.FieldPos(0)
	end, _ := r.in.FieldPos(len(record) - 1)
	end += strings.Count(record[len(record)-1], "\n")
	r.number += first - r.last
	r.last = end
	r.row.number, r.row.line, r.row.broken = r.number, first+r.offset, end > first || r.returns
	r.row.open = r.guard.delivered == r.guard.mark && r.guard.last != '\n'
	if len(record) > maxColumns {
		return nil,
			refuse(codeCSVLimit, fmt.Sprintf("line %d has %d cells, more than %d", r.row.line, len(record), maxColumns),
				"check the delimiter").at(r.number, "", "")
	}
	r.row.cells = r.row.cells[:0]
	for i, value := range record {
		if len(value) > maxCell {
			return nil,
				refuse(codeCSVLimit,
					fmt.Sprintf("cell %d on line %d has %d bytes, more than %d", i+1, r.row.line, len(value), maxCell),
					"look for a quote that is opened and not closed, or shorten the cell").at(r.number, "", value)
		}
		r.row.cells = append(r.row.cells, cell{Value: value, Kind: xlsx.Text})
	}
	return &r.row, nil
}

// explain turns a damaged record into a refusal that names the line where the damage begins.
func (r *csvRows) explain(err error) error {
	if errors.Is(err, io.EOF) {
		return io.EOF
	}
	line := r.last + r.offset + 1
	if errors.Is(err, errRecordTooLong) {
		return refuse(codeCSVLimit,
			fmt.Sprintf("the record on line %d is longer than %d MiB", line, maxRecordBytes>>20),
			"look for a quote that is opened there and not closed")
	}
	if stray, ok := errors.AsType[strayReturnError](err); ok {
		return refuse(codeRagged, stray.Error(), "end all lines alike, or put quotes around a cell with a line break").
			at(r.number+1+int(stray)-line, "", "")
	}
	damage, ok := errors.AsType[*csv.ParseError](err)
	if !ok {
		return err
	}
	opened, found := damage.StartLine+r.offset, damage.Line+r.offset
	message, hint := fmt.Sprintf("a quote opened on line %d is not closed", opened), doubleQuotes
	if errors.Is(damage.Err, csv.ErrBareQuote) {
		message = fmt.Sprintf("line %d has a quote inside a cell that does not begin with one", found)
		hint = `put quotes around the cell and double those inside it: "5"" pipe"`
	} else if found != opened {
		message += fmt.Sprintf(" properly; the next quote is on line %d", found)
	}
	return refuse(codeQuote, message, hint).at(r.number+damage.StartLine-r.last, "", "")
}
