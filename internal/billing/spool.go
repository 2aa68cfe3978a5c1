package billing

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"kraviabatch/internal/money"
)

// Scratch is working storage for one run, such as a temporary file: appended to, then read at positions.
type Scratch interface {
	io.Writer
	io.ReaderAt
}

const (
	blockBytes = 256 << 10
	heldBlocks = 96 // in memory before the scratch storage is used, so that a usual file needs none
)

// spool appends byte strings to working storage and gives them back by position. It starts in memory. Once there are
// more than heldBlocks blocks, only the last one stays in memory, and the others go to the scratch storage.
type spool struct {
	reader
	scratch Scratch
	blocks  [][]byte // what is not in the scratch storage yet; all but the last are full
	held    int      // how many blocks may be in memory
	written int64    // bytes in the scratch storage
	size    int64
}

func newSpool(scratch Scratch) *spool {
	s := &spool{scratch: scratch, held: heldBlocks}
	s.reader = s.newReader()
	return s
}

// put appends data and returns its position.
func (s *spool) put(data []byte) (int64, error) {
	var head [lengthBytes]byte
	binary.LittleEndian.PutUint32(head[:], uint32(len(data))) //nolint:gosec // G115: a row is far below 4 GiB
	at := s.size
	err := s.write(head[:])
	if err == nil {
		err = s.write(data)
	}
	if err != nil {
		return 0, fmt.Errorf(msgWrite, err)
	}
	return at, nil
}

func (s *spool) write(data []byte) error {
	for len(data) > 0 {
		last := len(s.blocks) - 1
		if last < 0 || len(s.blocks[last]) == blockBytes {
			if err := s.addBlock(); err != nil {
				return err
			}
			continue
		}
		n := min(len(data), blockBytes-len(s.blocks[last]))
		s.blocks[last] = append(s.blocks[last], data[:n]...)
		s.size += int64(n)
		data = data[n:]
	}
	return nil
}

// addBlock makes room. If as many blocks as may be are in memory, it writes them to the scratch storage.
func (s *spool) addBlock() error {
	if len(s.blocks) < s.held {
		s.blocks = append(s.blocks, make([]byte, 0, blockBytes))
		return nil
	}
	for _, block := range s.blocks {
		if _, err := s.scratch.Write(block); err != nil {
			return err
		}
		s.written += blockBytes
	}
	s.blocks, s.held = [][]byte{s.blocks[0][:0]}, 1
	return nil
}

// ReadAt reads from the scratch storage and from memory. Many goroutines may read at once, but not during put.
func (s *spool) ReadAt(data []byte, at int64) (n int, err error) {
	if stored := min(int64(len(data)), s.written-at); stored > 0 {
		if n, err = s.scratch.ReadAt(data[:stored], at); int64(n) < stored {
			return n, err
		}
	}
	for n < len(data) {
		from := at + int64(n) - s.written
		if from >= s.size-s.written {
			return n, io.EOF
		}
		n += copy(data[n:], s.blocks[from/blockBytes][from%blockBytes:])
	}
	return n, nil
}

// newReader makes an independent reader.
func (s *spool) newReader() reader { return reader{from: s} }

// reader gives back what was put into a spool. It reads ahead if it is asked for one string after the other.
type reader struct {
	from  io.ReaderAt
	text  []byte // what was read last
	start int64  // its position
	next  int64  // the position after the last result
}

const (
	lengthBytes = 4
	readBytes   = 512 // read at least; covers a usual row
	aheadBytes  = 64 << 10
)

// get reads what put wrote at a position; the result is valid until the next get.
func (r *reader) get(at int64) ([]byte, error) {
	text, err := r.read(at, lengthBytes)
	if err == nil {
		text, err = r.read(at, lengthBytes+int(binary.LittleEndian.Uint32(text)))
	}
	if err != nil {
		return nil, fmt.Errorf(msgRead, err)
	}
	r.next = at + int64(len(text))
	return text[lengthBytes:], nil
}

// read gives the n bytes at a position.
func (r *reader) read(at int64, n int) ([]byte, error) {
	if offset := at - r.start; offset >= 0 && offset+int64(n) <= int64(len(r.text)) {
		return r.text[offset : offset+int64(n)], nil
	}
	size := max(n, readBytes)
	if at == r.next {
		size = max(n, aheadBytes)
	}
	r.text = slices.Grow(r.text[:0], size)[:size]
	got, err := r.from.ReadAt(r.text, at)
	r.start, r.text = at, r.text[:got]
	if got < n {
		return nil, err
	}
	return r.text[:n], nil
}

// appendRecord encodes a record in a compact form, which decode reads. A value that equals its cell of the table is not
// written a second time.
func (g *Grouper) appendRecord(data []byte, rec *Record, ordinal int) []byte {
	table := len(g.batch.tables) - 1
	data = binary.AppendUvarint(data, uint64(table))   //nolint:gosec // G115: an index
	data = binary.AppendUvarint(data, uint64(ordinal)) //nolint:gosec // G115: an index
	data = binary.AppendUvarint(data, uint64(rec.Row)) //nolint:gosec // G115: a row number
	data = binary.AppendUvarint(data, uint64(len(rec.Cells)))
	var values [endOfColumns]string
	for i, cell := range rec.Cells {
		data = appendText(data, cell)
		values[g.batch.columnOf(table, i)] = cell
	}
	for c := Column(1); c < endOfColumns; c++ {
		if rec.Values[c] != values[c] {
			data = appendText(append(data, byte(c)), rec.Values[c])
		}
	}
	data = append(data, 0)
	data = binary.AppendUvarint(data, uint64(len(rec.Currencies)))
	for _, said := range rec.Currencies {
		data = appendText(append(data, byte(said.Column)), string(said.Word))
	}
	data = binary.AppendUvarint(data, uint64(len(rec.Problems)))
	for _, p := range rec.Problems {
		data = appendProblem(data, &p)
	}
	return data
}

// columnOf is the column that a cell of a table is read as, 0 for one that is not known.
func (b *batchContext) columnOf(table, cell int) Column {
	if known := b.tables[table].Known; cell < len(known) {
		return known[cell]
	}
	return 0
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

var errSpool = errors.New(msgDamaged)

// decode fills an empty record with what appendRecord wrote, and with its place. Its cells share one string.
func (g *Grouper) decode(data []byte, rec *spooled) error {
	d := decoder{text: string(data)}
	rec.table, rec.ordinal, rec.Row = d.number(), d.number(), d.number()
	if uint(rec.table) >= uint(len(g.batch.tables)) {
		return errSpool
	}
	table := &g.batch.tables[rec.table]
	rec.File, rec.Sheet = table.File, table.Sheet
	rec.Cells = make([]string, d.count())
	for i := range rec.Cells {
		rec.Cells[i] = d.string()
		rec.Values[g.batch.columnOf(rec.table, i)] = rec.Cells[i]
	}
	rec.Values[0] = ""
	for c := d.number(); c > 0 && c < int(endOfColumns); c = d.number() {
		rec.Values[c] = d.string()
	}
	for range d.count() {
		column := Column(d.number()) //nolint:gosec // G115: written by appendRecord
		rec.Currencies = append(rec.Currencies, Said{column, money.CurrencyWord(d.string())})
	}
	for range d.count() {
		rec.Problems = append(rec.Problems, d.problem(rec.Place))
	}
	if d.bad {
		return errSpool
	}
	return nil
}

// decoder reads numbers and texts one after the other. At the first error it sets bad, which
// the caller checks at the end.
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

// count is a number of items that follow. It is never larger than the rest, so that damage cannot make huge lists.
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
