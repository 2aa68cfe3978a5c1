package billing

import (
	"fmt"
	"iter"
)

// RowStore takes the rows of an input in the order of their groups and gives them back in input order. Every row must
// be put or omitted, exactly once. If one was neither, reading the store fails, so that no row is lost silently.
type RowStore struct {
	spool   *spool
	at      []int64 // by ordinal: position in the spool plus one, omitted, or 0 if nothing came yet
	encoded []byte
}

// omitted marks a row that the store does not keep.
const omitted = -1

// NewRowStore makes a store for an input of n rows. It takes 8 bytes of memory for each.
func NewRowStore(n int, scratch Scratch) *RowStore {
	return &RowStore{spool: newSpool(scratch), at: make([]int64, n)}
}

// Put stores a row. It fails for an ordinal that was put or omitted before, because a row has one final state.
func (s *RowStore) Put(row *Row) error {
	if err := s.free(row); err != nil {
		return err
	}
	s.encoded = AppendRow(s.encoded[:0], row)
	at, err := s.spool.put(s.encoded)
	if err != nil {
		return err
	}
	s.at[row.Ordinal] = at + 1
	return nil
}

// Omit notes that a row came and is not kept. It fails where Put does.
func (s *RowStore) Omit(row *Row) error {
	if err := s.free(row); err != nil {
		return err
	}
	s.at[row.Ordinal] = omitted
	return nil
}

// free checks that the row's ordinal is one of the input and still free.
func (s *RowStore) free(row *Row) error {
	if row.Ordinal < 0 || row.Ordinal >= len(s.at) {
		return fmt.Errorf(msgRowNumber, row.Row, row.File, row.Ordinal+1, len(s.at))
	}
	if s.at[row.Ordinal] != 0 {
		return fmt.Errorf(msgRowTwice, row.Row, row.File)
	}
	return nil
}

// All gives the rows that were put, in input order. It ends with an error at a row that was neither put nor omitted.
func (s *RowStore) All() iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for data, err := range s.Encoded() {
			var row Row
			if err == nil {
				row, _, err = DecodeRow(data)
			}
			if !yield(row, err) || err != nil {
				return
			}
		}
	}
}

// Encoded gives the rows like All, but as [AppendRow] wrote them. Each is valid until the next one.
func (s *RowStore) Encoded() iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for ordinal, shifted := range s.at {
			switch shifted {
			case omitted:
				continue
			case 0:
				yield(nil, fmt.Errorf(msgRowLost, ordinal+1, len(s.at)))
				return
			}
			if data, err := s.spool.get(shifted - 1); !yield(data, err) || err != nil {
				return
			}
		}
	}
}
