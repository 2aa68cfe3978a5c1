package billing

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"math"
)

// Tape keeps values in scratch storage, as JSON, and gives them back in the order in which they were put.
type Tape[T any] struct {
	scratch Scratch
	out     *bufio.Writer
	values  int
}

// NewTape makes a tape on scratch storage, which must be empty.
func NewTape[T any](scratch Scratch) *Tape[T] {
	return &Tape[T]{scratch: scratch, out: bufio.NewWriterSize(scratch, 1<<16)}
}

// Put takes the next value.
func (t *Tape[T]) Put(value *T) error {
	t.values++
	if err := json.NewEncoder(t.out).Encode(value); err != nil {
		return fmt.Errorf("write working file: %w", err)
	}
	return nil
}

// All gives the values; it can be called again. One that is lost is an error at the end.
func (t *Tape[T]) All() iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		if err := t.out.Flush(); err != nil {
			yield(*new(T), fmt.Errorf("write working file: %w", err))
			return
		}
		decoder := json.NewDecoder(io.NewSectionReader(t.scratch, 0, math.MaxInt64))
		for range t.values {
			var value T
			err := decoder.Decode(&value)
			if err != nil {
				err = fmt.Errorf("read working file: %w", err)
			}
			if !yield(value, err) || err != nil {
				return
			}
		}
	}
}
