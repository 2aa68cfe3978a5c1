package planfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
)

// File is a plan's file that [Open] has read and checked: its form, its hashes and the seals of its approvals.
type File struct {
	Head
	Approvals []Approval
	path      string
	first     int64 // offset of the first order, in bytes
}

// Open reads and checks a plan's file. A file that is not exactly as this program wrote it is [ErrRefused]; a file
// that cannot be read is another error.
func Open(path string) (*File, error) {
	f, err := open(path)
	if errors.Is(err, ErrRefused) {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if err != nil {
		return nil, fmt.Errorf(msgRead, err)
	}
	return f, nil
}

func open(path string) (*File, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = in.Close() }() // read only
	r, f := newReader(in), &File{path: path}
	if f.Head, err = r.head(); err != nil {
		return nil, err
	}
	f.first = r.at
	for _, err := range r.orders(&f.Head) {
		if err != nil {
			return nil, err
		}
	}
	f.Approvals, err = r.approvals(&f.Head)
	return f, err
}

// Orders yields the plan's orders in the sequence in which they were drafted, from the file each time. After an
// error nothing more is yielded: the file was changed since [Open], or cannot be read.
func (f *File) Orders() iter.Seq2[Order, error] {
	return func(yield func(Order, error) bool) {
		for line, err := range f.lines() {
			var o Order
			if err == nil && json.Unmarshal(line, &o) != nil {
				err = fmt.Errorf("%s: %w", f.path, errForm)
			}
			if !yield(o, err) || err != nil {
				return
			}
		}
	}
}

// lines yields the orders as lines of JSON. The bytes of a line are valid until the next one.
func (f *File) lines() iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		in, err := os.Open(f.path)
		if err != nil {
			yield(nil, err)
			return
		}
		defer func() { _ = in.Close() }() // read only
		if _, err := in.Seek(f.first, io.SeekStart); err != nil {
			yield(nil, err)
			return
		}
		for line, err := range newReader(in).orders(&f.Head) {
			if err != nil {
				err = fmt.Errorf("%s: %w", f.path, err)
			}
			if !yield(line, err) || err != nil {
				return
			}
		}
	}
}
