package billing

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"kraviabatch/internal/money"
)

// Scratch is working storage for one run, such as a temporary file: appended to, then read at positions.
type Scratch interface {
	io.Writer
	io.ReaderAt
}

// spool appends byte strings to scratch storage and gives them back by position.
type spool struct {
	scratch Scratch
	buffer  *bufio.Writer
	size    int64
	read    []byte
}

func newSpool(scratch Scratch) *spool {
	return &spool{scratch: scratch, buffer: bufio.NewWriterSize(scratch, 1<<18)}
}

// put appends data and returns where it stands.
func (s *spool) put(data []byte) (int64, error) {
	var head [4]byte
	binary.LittleEndian.PutUint32(head[:], uint32(len(data))) //nolint:gosec // G115: a row is far below 4 GiB
	at := s.size
	s.size += int64(len(head) + len(data))
	_, err := s.buffer.Write(head[:])
	if err == nil {
		_, err = s.buffer.Write(data)
	}
	if err != nil {
		return 0, fmt.Errorf("write working file: %w", err)
	}
	return at, nil
}

// firstRead is how much one read takes, which covers a usual row.
const firstRead = 2048

// get reads what put wrote at a position; the result is valid until the next get.
func (s *spool) get(at int64) ([]byte, error) {
	if s.buffer.Buffered() > 0 {
		if err := s.buffer.Flush(); err != nil {
			return nil, fmt.Errorf("write working file: %w", err)
		}
	}
	if s.read == nil {
		s.read = make([]byte, firstRead)
	}
	n, err := s.scratch.ReadAt(s.read, at)
	if n < 4 {
		return nil, fmt.Errorf("read working file: %w", err)
	}
	end := 4 + int(binary.LittleEndian.Uint32(s.read))
	if end > n {
		if end > len(s.read) {
			s.read = append(s.read[:n], make([]byte, end-n)...)
		}
		if _, err = s.scratch.ReadAt(s.read[n:end], at+int64(n)); err != nil {
			return nil, fmt.Errorf("read working file: %w", err)
		}
	}
	return s.read[4:end], nil
}

// appendRecord encodes a record compactly; decodeRecord reads it.
func appendRecord(data []byte, rec *Record, table, ordinal int) []byte {
	data = binary.AppendUvarint(data, uint64(table))   //nolint:gosec // G115: an index
	data = binary.AppendUvarint(data, uint64(ordinal)) //nolint:gosec // G115: an index
	data = binary.AppendUvarint(data, uint64(rec.Row)) //nolint:gosec // G115: a row number
	for _, cell := range rec.Values[1:] {
		data = appendText(data, cell)
	}
	data = binary.AppendUvarint(data, uint64(len(rec.Cells)))
	for _, cell := range rec.Cells {
		data = appendText(data, cell)
	}
	data = binary.AppendUvarint(data, uint64(len(rec.Currencies)))
	for _, said := range rec.Currencies {
		data = appendText(append(data, byte(said.Column)), string(said.Word))
	}
	data = binary.AppendUvarint(data, uint64(len(rec.Problems)))
	for _, p := range rec.Problems {
		data = binary.AppendUvarint(data, uint64(p.Severity))
		for _, text := range []string{string(p.Code), p.Column, p.Value, p.Message, p.Hint} {
			data = appendText(data, text)
		}
	}
	return data
}

func appendText(data []byte, text string) []byte {
	return append(binary.AppendUvarint(data, uint64(len(text))), text...)
}

// spooled is a record with its position in the batch.
type spooled struct {
	Record
	table   int
	ordinal int
}

var errSpool = errors.New("working file is damaged")

// decodeRecord shares one string among all cells.
func decodeRecord(data []byte) (spooled, error) {
	d := decoder{text: string(data)}
	var rec spooled
	rec.table, rec.ordinal, rec.Row = d.number(), d.number(), d.number()
	for i := range rec.Values[1:] {
		rec.Values[i+1] = d.string()
	}
	rec.Cells = make([]string, d.count())
	for i := range rec.Cells {
		rec.Cells[i] = d.string()
	}
	for range d.count() {
		column := Column(d.number()) //nolint:gosec // G115: written by appendRecord
		rec.Currencies = append(rec.Currencies, Said{column, money.CurrencyWord(d.string())})
	}
	for range d.count() {
		p := Problem{Severity: Severity(d.number())} //nolint:gosec // G115: written by appendRecord
		p.Code, p.Column, p.Value, p.Message, p.Hint = Code(d.string()), d.string(), d.string(), d.string(), d.string()
		rec.Problems = append(rec.Problems, p)
	}
	if d.bad {
		return rec, errSpool
	}
	return rec, nil
}

type decoder struct {
	text string
	bad  bool
}

func (d *decoder) number() int {
	var n uint64
	for shift := 0; shift < 64; shift += 7 {
		if d.text == "" {
			break
		}
		c := d.text[0]
		d.text = d.text[1:]
		n |= uint64(c&0x7f) << shift
		if c < 0x80 {
			return int(n) //nolint:gosec // G115: written by appendRecord
		}
	}
	d.bad = true
	return 0
}

// count is a number that cannot be larger than what follows.
func (d *decoder) count() int {
	n := d.number()
	if n < 0 || n > len(d.text) {
		d.bad = true
		return 0
	}
	return n
}

func (d *decoder) string() string {
	n := d.count()
	text := d.text[:n]
	d.text = d.text[n:]
	return text
}
