package intake

import (
	"sync"

	"kraviabatch/internal/fault"
)

// ahead fills batches in a goroutine while the caller works on earlier ones. next gives them in order, valid until it
// is called again; one with an error is the last. The caller must call stop, which ends the goroutine.
func ahead[T any](fill func(*T) error) (next func() (*T, error), stop func()) {
	type filled struct {
		batch *T
		err   error
	}
	const buffers = 3 // one that is being filled, one that waits, and one that the caller has
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

// aheadRows is a rowReader whose rows another goroutine reads ahead.
type aheadRows struct {
	batches func() (*[]row, error)
	batch   []row
	at      int
	end     error
}

// rowsAhead is the number of rows in a batch. Handing over single rows would cost more than reading them.
const rowsAhead = 128

// readAhead reads rows in a goroutine of its own. The caller must call stop.
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
