package report

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"maps"
	"os"
	"slices"

	"kraviabatch/internal/billing"
)

// Row is one input row and where it ended.
type Row struct {
	billing.Row
	Final   billing.Final
	Outcome billing.Outcome // of its order; zero for an invalid row
	Changed string          // see Order

	order  *Order // at its first row, else nil
	listed place  // of its order on the sheet Orders
}

// joiner puts rows beside their orders. Both come in the order of first rows, so that of an order only what its later rows need is
// kept, and that until the last of them has passed.
type joiner struct {
	next  func() (Order, error, bool)
	held  map[string]*held
	shelf shelf
	seq   int // of the last order
}

// held is an order of which rows are still to come.
type held struct {
	order  *Order // until its first row comes
	final  billing.Final
	left   int   // rows
	at     int64 // of what its later rows need, on the shelf
	size   int
	listed place
}

// join gives see every row with what became of its order, and lost every order that no row came for. What is kept meanwhile lies in the
// folder where it is much.
func join(r *Report, folder string, see func(*Row) error, lost func(*Order) error) (err error) {
	next, stop := iter.Pull2(r.Orders)
	defer stop()
	j := &joiner{next: next, held: map[string]*held{}, shelf: shelf{folder: folder, limit: shelfMemory}}
	defer func() { err = errors.Join(err, j.shelf.close()) }()
	for of, err := range r.Rows {
		row := Row{Row: of, Final: billing.FinalInvalid}
		if err == nil && of.Valid {
			err = j.settle(&row)
		}
		if err == nil {
			err = see(&row)
		}
		if err == nil && of.Valid {
			err = j.keep(&row)
		}
		if err != nil {
			return err
		}
	}
	return j.rest(lost)
}

// settle says of a row where its order ended.
func (j *joiner) settle(row *Row) error {
	for j.held[row.Reference] == nil {
		order, err, more := j.next()
		if err == nil && !more {
			err = fmt.Errorf("row %d of %s: its order %s is not in the run, or has fewer rows there", row.Place.Row, row.File, row.Reference)
		}
		if err != nil {
			return err
		}
		j.held[order.Reference] = &held{order: &order, final: order.Final, left: order.Rows}
	}
	h := j.held[row.Reference]
	row.Final, row.listed = h.final, h.listed
	if h.order == nil {
		data, err := j.shelf.get(h.at, h.size)
		unpack(data, row)
		return err
	}
	j.seq++
	h.order.Seq = j.seq
	row.order, row.Outcome, row.Changed = h.order, h.order.Outcome, h.order.Changed
	row.remark(h.order.Remarks)
	return nil
}

// keep keeps what the next row of the same order needs.
func (j *joiner) keep(row *Row) (err error) {
	h := j.held[row.Reference]
	if h.left--; h.left <= 0 {
		delete(j.held, row.Reference)
		return nil
	}
	if h.order != nil {
		data := pack(h.order)
		h.order, h.listed, h.size = nil, row.listed, len(data)
		h.at, err = j.shelf.put(data)
	}
	return err
}

// rest gives the orders that no row came for.
func (j *joiner) rest(lost func(*Order) error) error {
	for _, h := range slices.SortedFunc(maps.Values(j.held), func(a, b *held) int { return cmp.Compare(a.reference(), b.reference()) }) {
		if h.order != nil {
			if err := lost(h.order); err != nil {
				return err
			}
		}
	}
	for {
		order, err, more := j.next()
		if err != nil || !more {
			return err
		}
		if err := lost(&order); err != nil {
			return err
		}
	}
}

func (h *held) reference() string {
	if h.order == nil {
		return ""
	}
	return h.order.Reference
}

// remark adds what is said of an order at each of its rows.
func (r *Row) remark(remarks []billing.Problem) {
	for _, p := range remarks {
		p.Place = r.Place
		r.Problems = append(r.Problems, p)
	}
}

// pack is what the later rows of an order need.
func pack(o *Order) (data []byte) {
	put := func(texts ...string) {
		for _, text := range texts {
			data = append(binary.AppendUvarint(data, uint64(len(text))), text...)
		}
	}
	of := &o.Outcome
	put(of.TransactionID, of.SessionID, of.InvoiceNumber, string(of.InvoiceDate), string(of.DueDate), of.InvoiceURL, of.PaymentStatus,
		string(of.Code), of.Message, of.Hint, o.Changed)
	for i := range o.Remarks {
		p := &o.Remarks[i]
		put(string(p.Code), p.Severity.String(), p.Column, p.Value, p.Message, p.Hint)
	}
	return data
}

// unpack gives a row what pack made of its order. One string holds all texts.
func unpack(data []byte, row *Row) {
	text := string(data)
	get := func() (part string) {
		n, size := binary.Uvarint(data)
		part = text[size : size+int(n)] //nolint:gosec // G115: of pack
		data, text = data[size+len(part):], text[size+len(part):]
		return part
	}
	if text == "" {
		return
	}
	of := &row.Outcome
	of.TransactionID, of.SessionID, of.InvoiceNumber, of.InvoiceDate, of.DueDate = get(), get(), get(), billing.Date(get()), billing.Date(get())
	of.InvoiceURL, of.PaymentStatus, of.Code, of.Message, of.Hint, row.Changed = get(), get(), billing.Code(get()), get(), get(), get()
	for text != "" {
		p := billing.Problem{Code: billing.Code(get())}
		_ = p.Severity.UnmarshalText([]byte(get())) // as it was written
		p.Column, p.Value, p.Message, p.Hint = get(), get(), get(), get()
		row.remark([]billing.Problem{p})
	}
}

// shelfMemory is up to how much of a shelf lies in memory.
const shelfMemory = 16 << 20

// shelf keeps byte strings: the newest in memory, the others in a working file.
type shelf struct {
	folder string
	limit  int // of bytes in memory, about
	file   *os.File
	filed  int64
	newest []byte
}

// put keeps data and gives its place.
func (s *shelf) put(data []byte) (at int64, err error) {
	if len(s.newest) > s.limit {
		if s.file == nil {
			if s.file, err = os.CreateTemp(s.folder, "kravia-batch-*"); err != nil {
				return 0, err
			}
			_ = os.Remove(s.file.Name()) // where the system lets it go while it is open
		}
		if _, err := s.file.Write(s.newest); err != nil {
			return 0, err
		}
		s.filed += int64(len(s.newest))
		s.newest = s.newest[:0]
	}
	at = s.filed + int64(len(s.newest))
	s.newest = append(s.newest, data...)
	return at, nil
}

// get reads what was put at a place.
func (s *shelf) get(at int64, size int) ([]byte, error) {
	if at >= s.filed {
		return s.newest[at-s.filed : at-s.filed+int64(size)], nil
	}
	data := make([]byte, size)
	if _, err := s.file.ReadAt(data, at); err != nil {
		return nil, err
	}
	return data, nil
}

func (s *shelf) close() error {
	if s.file == nil {
		return nil
	}
	return s.file.Close()
}
