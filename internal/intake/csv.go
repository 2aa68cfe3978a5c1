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
	headBytes      = 256 << 10 // bytes of decoded text in which delimiter and header must be found
	maxRecordBytes = 8 << 20   // of one record; a forgotten quote must not load the whole file into memory
	readBlock      = 256 << 10 // bytes that are read at once
)

// dialect is how one CSV file is written.
type dialect struct {
	charset   charset
	skip      int64 // bytes of the byte order mark
	marks     bool  // byte order marks stand inside the file
	carriage  bool  // lines end in CR alone
	returns   bool  // a CR may stand outside of a line end
	torn      bool  // may hold U+FFFD, which replaces a lost character
	delimiter rune
	header    int // physical line of the header, from 1; 0 for none
	skipped   int // lines before the data of a file without a header
}

// csvSource is a CSV file whose dialect is known.
type csvSource struct {
	file *os.File
	size int64
	dialect
}

func (s *csvSource) headerRow() int { return s.header }

func (s *csvSource) rows() (rowReader, error) {
	in, err := s.records()
	if err != nil || s.header == 0 {
		return in, err
	}
	_, err = in.next()
	return in, err
}

// records reads the file from the header on, if there is one.
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
	in.FieldsPerRecord = -1 // checkWidth compares the number of cells with the header, with a better message
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

var errRecordTooLong = errors.New("too long")

// recordGuard ends the reading of a record that is too long.
type recordGuard struct {
	in              io.Reader
	delivered, mark int64 // bytes given out, and where the current record began
	last            byte  // the last byte given out
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

// csvRows reads records and knows their places: the physical line, and the row that a spreadsheet shows. There a
// record is one row even if its cells have line breaks, and an empty line is a row too.
type csvRows struct {
	in      *csv.Reader
	guard   *recordGuard
	returns bool // see dialect
	offset  int  // physical lines before the first record
	last    int  // line where the previous record ended, counted from the first record
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
		message := fmt.Sprintf(msgManyCells, r.row.line, len(record), maxColumns)
		return nil, refuse(codeCSVLimit, message, hintCheckDelimiter).at(r.number, "", "")
	}
	r.row.cells = r.row.cells[:0]
	for i, value := range record {
		if len(value) > maxCell {
			message := fmt.Sprintf(msgLongCell, i+1, r.row.line, len(value), maxCell)
			return nil, refuse(codeCSVLimit, message, hintOpenQuoteOrShorten).at(r.number, "", value)
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
		return refuse(codeCSVLimit, fmt.Sprintf(msgLongRecord, line, maxRecordBytes>>20), hintOpenQuote)
	}
	if stray, ok := errors.AsType[strayReturnError](err); ok {
		return refuse(codeRagged, stray.Error(), hintLineEnds).at(r.number+1+int(stray)-line, "", "")
	}
	damage, ok := errors.AsType[*csv.ParseError](err)
	if !ok {
		return err
	}
	opened, found := damage.StartLine+r.offset, damage.Line+r.offset
	message, hint := fmt.Sprintf(msgOpenQuote, opened), hintDoubleQuotes
	if errors.Is(damage.Err, csv.ErrBareQuote) {
		message, hint = fmt.Sprintf(msgBareQuote, found), hintPutInQuotes
	} else if found != opened {
		message = fmt.Sprintf(msgOpenQuoteTo, opened, found)
	}
	return refuse(codeQuote, message, hint).at(r.number+damage.StartLine-r.last, "", "")
}

// strayReturnError is the number of a line with a CR that stands outside of quotes and of a line end.
type strayReturnError int

func (e strayReturnError) Error() string { return fmt.Sprintf(msgStrayReturn, int(e)) }

// returnGuard passes text on and refuses a CR that stands neither in quotes nor before LF. Of several CR before LF it
// keeps one. encoding/csv would take a CR that ends a line for a part of the last cell, and make one record of two.
type returnGuard struct {
	in     *bufio.Reader
	line   int // physical line, from 1
	quoted bool
}

func (g *returnGuard) Read(p []byte) (n int, err error) {
	for n < len(p) {
		b, err := g.in.ReadByte()
		if err != nil {
			return n, err
		}
		switch {
		case b == '"':
			g.quoted = !g.quoted
		case b == '\n':
			g.line++
		case b == '\r' && !g.quoted:
			next, err := g.in.Peek(1)
			if err == nil && next[0] == '\r' {
				continue
			}
			if err == nil && next[0] != '\n' {
				return n, strayReturnError(g.line)
			}
		}
		p[n] = b
		n++
	}
	return n, nil
}
