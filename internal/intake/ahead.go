package intake

import (
	"sync"

	"kraviabatch/internal/fault"
)

// ahead has a goroutine of its own fill batches while those before are worked on. next gives them in order,
// each until it is called again; a batch with an error is the last. stop ends the goroutine and must be
// called.
func ahead[T any](fill func(*T) error) (next func() (*T, error), stop func()) {
	type filled struct {
		batch *T
		err   error
	}
	const buffers = 3 // one is filled, one waits, one is worked on
	free, full, done := make(chan *T, buffers), make(chan filled, buffers), make(chan struct{})
	for range buffers {
		free <- new(T)
	}
	var filler sync.WaitGroup
	filler.Go(func() {
		for {
			select {
			case <-done:
				return
			case batch := <-free:
				err := fault.Run(func() error { return fill(batch) })
				if full <- (filled{batch, err}); err != nil {
					return
				}
			}
		}
	})
	var now filled
	next = func() (*T, error) {
		if now.batch != nil {
			free <- now.batch
		}
		now = <-full
		return now.batch, now.err
	}
	stop = func() {
		close(done)
		filler.Wait()
	}
	return next, stop
}

// aheadRows are the rows of another reader, which reads them ahead.
type aheadRows struct {
	batches func() (*[]row, error)
	batch   []row
	at      int
	end     error
}

// rowsAhead is how many rows are read at once.
const rowsAhead = 128

// readAhead reads rows in a goroutine of its own until stop is called.
func readAhead(in rowReader) (rows *aheadRows, stop func()) {
	batches, stop := ahead(func(batch *[]row) error {
		for *batch = (*batch)[:0]; len(*batch) < rowsAhead; {
			r, err := in.next()
			if err != nil {
				return err
			}
			n := len(*batch)
			if n == cap(*batch) {
				*batch = append(*batch, row{})
			}
			*batch = (*batch)[:n+1]
			(*batch)[n].copyFrom(r)
		}
		return nil
	})
	return &aheadRows{batches: batches}, stop
}

func (a *aheadRows) next() (*row, error) {
	for a.at == len(a.batch) {
		if a.end != nil {
			return nil, a.end
		}
		var batch *[]row
		batch, a.end = a.batches()
		a.batch, a.at = *batch, 0
	}
	a.at++
	return &a.batch[a.at-1], nil
}
