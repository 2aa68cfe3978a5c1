package billing

import (
	"bufio"
	"fmt"
	"io"
	"iter"
	"math"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Tape keeps values in scratch storage as JSON, and gives them back in the order in which they were put.
type Tape[T any] struct {
	scratch Scratch
	out     *bufio.Writer
	encoder *jsontext.Encoder
	values  int
}

// NewTape makes a tape on scratch storage, which must be empty.
func NewTape[T any](scratch Scratch) *Tape[T] {
	out := bufio.NewWriterSize(scratch, 1<<16)
	return &Tape[T]{scratch: scratch, out: out, encoder: jsontext.NewEncoder(out, jsontext.AllowInvalidUTF8(true))}
}

// Put appends a value.
func (t *Tape[T]) Put(value *T) error {
	t.values++
	if err := json.MarshalEncode(t.encoder, value); err != nil {
		return fmt.Errorf(msgWrite, err)
	}
	return nil
}

// All gives the values, and can be called again. A missing value is an error at its place.
func (t *Tape[T]) All() iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		if err := t.out.Flush(); err != nil {
			yield(*new(T), fmt.Errorf(msgWrite, err))
			return
		}
		decoder := jsontext.NewDecoder(io.NewSectionReader(t.scratch, 0, math.MaxInt64),
			jsontext.AllowInvalidUTF8(true))
		for range t.values {
			var value T
			err := json.UnmarshalDecode(decoder, &value)
			if err != nil {
				err = fmt.Errorf(msgRead, err)
			}
			if !yield(value, err) || err != nil {
				return
			}
		}
	}
}
