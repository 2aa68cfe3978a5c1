package batch

import (
	"iter"
	"slices"
	"sync"

	"kraviabatch/internal/fault"
)

// mapped gives what of makes of each element. An error, of the sequence or of the function, is the last thing yielded.
func mapped[A, B any](sequence iter.Seq2[A, error], of func(*A) (B, error)) iter.Seq2[B, error] {
	return func(yield func(B, error) bool) {
		for a, err := range sequence {
			var b B
			if err == nil {
				b, err = of(&a)
			}
			if !yield(b, err) || err != nil {
				return
			}
		}
	}
}

// seen shows every element to see, which may change it or end the sequence with an error.
func seen[T any](sequence iter.Seq2[T, error], see func(*T) error) iter.Seq2[T, error] {
	return mapped(sequence, func(v *T) (T, error) {
		err := see(v)
		return *v, err
	})
}

// only gives the elements that are wanted, and any error.
func only[T any](sequence iter.Seq2[T, error], wanted func(*T) bool) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for v, err := range sequence {
			if (err != nil || wanted(&v)) && !yield(v, err) {
				return
			}
		}
	}
}

// numbered gives every element its place in the sequence, from 0.
func numbered[T any](sequence iter.Seq2[T, error], set func(*T, int)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		n := -1
		seen(sequence, func(v *T) error {
			n++
			set(v, n)
			return nil
		})(yield)
	}
}

// chunkSize is how many orders, or rows, the journal is asked for or given at once.
const chunkSize = 500

// chunks gives the elements some hundred at a time. A chunk is valid until the next.
func chunks[T any](sequence iter.Seq2[T, error]) iter.Seq2[[]T, error] {
	return func(yield func([]T, error) bool) {
		var chunk []T
		for v, err := range sequence {
			if err != nil {
				yield(nil, err)
				return
			}
			if chunk = append(chunk, v); len(chunk) == chunkSize {
				if !yield(chunk, nil) {
					return
				}
				chunk = chunk[:0]
			}
		}
		if len(chunk) > 0 {
			yield(chunk, nil)
		}
	}
}

// ahead gives chunks while a goroutine makes the next one. The goroutine ends before ahead does. A panic in it is a
// [fault.Error].
func ahead[T any](sequence iter.Seq2[[]T, error]) iter.Seq2[[]T, error] {
	return func(yield func([]T, error) bool) {
		var failed error
		made, stop := make(chan []T), make(chan struct{})
		var maker sync.WaitGroup
		maker.Go(func() {
			defer close(made)
			failed = fault.Run(func() error {
				for chunk, err := range sequence {
					if err != nil {
						return err
					}
					select {
					case made <- slices.Clone(chunk):
					case <-stop:
						return nil
					}
				}
				return nil
			})
		})
		defer maker.Wait()
		defer close(stop)
		for chunk := range made {
			if !yield(chunk, nil) {
				return
			}
		}
		if failed != nil {
			yield(nil, failed)
		}
	}
}

// inChunks gives what of makes of the elements, some hundred at a time.
func inChunks[A, B any](sequence iter.Seq2[A, error], of func([]A) ([]B, error)) iter.Seq2[B, error] {
	return func(yield func(B, error) bool) {
		for chunk, err := range mapped(chunks(sequence), func(chunk *[]A) ([]B, error) { return of(*chunk) }) {
			if err != nil {
				yield(*new(B), err)
				return
			}
			for _, b := range chunk {
				if !yield(b, nil) {
					return
				}
			}
		}
	}
}

// joined gives the elements of several ordered sequences in their common order. An error is the last thing yielded.
func joined[T any](sequences []iter.Seq2[T, error], compare func(a, b *T) int) iter.Seq2[T, error] {
	if len(sequences) == 1 {
		return sequences[0]
	}
	return func(yield func(T, error) bool) {
		type head struct {
			value T
			err   error
			next  func() (T, error, bool)
		}
		var heads []*head
		for _, s := range sequences {
			next, stop := iter.Pull2(s)
			defer stop()
			if value, err, more := next(); more {
				heads = append(heads, &head{value, err, next})
			}
		}
		for len(heads) > 0 {
			first := slices.MinFunc(heads, func(a, b *head) int { return compare(&a.value, &b.value) })
			if !yield(first.value, first.err) || first.err != nil {
				return
			}
			var more bool
			if first.value, first.err, more = first.next(); !more {
				heads = slices.DeleteFunc(heads, func(h *head) bool { return h == first })
			}
		}
	}
}
