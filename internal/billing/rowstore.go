package billing

import (
	"fmt"
	"iter"
)

// RowStore takes the rows of an input in the order of their groups and gives them back in input order. Every
// row is either put or omitted, each once: a row that was neither is lost, and reading the store fails.
type RowStore struct {
	spool   *spool
	at      []int64 // by ordinal: position in the spool shifted by one, omitted, or 0 for a hole
	encoded []byte
}

// omitted marks a row that the store is not to keep.
const omitted = -1

// NewRowStore makes a store for an input of n rows, which takes 8 bytes of memory for each.
func NewRowStore(n int, scratch Scratch) *RowStore {
	return &RowStore{spool: newSpool(scratch), at: make([]int64, n)}
}

// Put stores a row. A row of an ordinal that was put or omitted before is an error, for a row has one final state.
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

// Omit notes that a row is seen and not to be kept. It is an error where Put is.
func (s *RowStore) Omit(row *Row) error {
	if err := s.free(row); err != nil {
		return err
	}
	s.at[row.Ordinal] = omitted
	return nil
}

func (s *RowStore) free(row *Row) error {
	if row.Ordinal < 0 || row.Ordinal >= len(s.at) {
		return fmt.Errorf(msgRowNumber, row.Row, row.File, row.Ordinal+1, len(s.at))
	}
	if s.at[row.Ordinal] != 0 {
		return fmt.Errorf(msgRowTwice, row.Row, row.File)
	}
	return nil
}

// All gives the rows that were put, in input order. A row that was neither put nor omitted is an error, which ends it.
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

// Encoded gives the rows as [AppendRow] wrote them, otherwise as All. Each is good until the next.
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
