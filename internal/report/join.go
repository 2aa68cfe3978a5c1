package report

import (
	"encoding/json"
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
	Final    billing.Final
	Outcome  billing.Outcome // of its order; zero for an invalid row
	Changed  string          // see Order
	Invoiced Invoiced        // of its order

	order  *Order // at its first row, else nil
	listed place  // of its order on the sheet Orders
}

// joiner puts rows beside their orders. Both come in the order of first rows, so that of an order only what
// its later rows need is kept, and that until the last of them has passed.
type joiner struct {
	next func() (Order, error, bool)
	held map[string]*held
	most int // orders in memory; of more, what is needed lies in a working file
	file *os.File
	size int64
	seq  int // of the last order
}

// held is an order of which rows are still to come.
type held struct {
	order    *Order // nil where it lies in the file
	seen     bool   // its first row has passed
	final    billing.Final
	invoiced Invoiced
	left     int   // rows
	at       int64 // in the file
	size     int
	listed   place
}

// later is what the later rows of an order need.
type later struct {
	Outcome billing.Outcome
	Changed string
	Remarks []billing.Problem
}

// maxHeld is how many orders lie in memory until their last rows have passed: some tens of MiB.
const maxHeld = 20_000

// join gives see every row with what became of its order, and lost every order that no row came for. What is
// kept meanwhile lies in the folder where it is much.
func join(r *Report, folder string, most int, see func(*Row) error, lost func(*Order) error) (err error) {
	next, stop := iter.Pull2(r.Orders)
	defer stop()
	j := &joiner{next: next, held: map[string]*held{}, most: most}
	defer func() { err = errors.Join(err, j.close()) }()
	for of, err := range r.Rows {
		row := Row{Row: of, Final: billing.FinalInvalid}
		if err == nil && of.Valid {
			err = j.settle(&row)
		}
		if err == nil {
			err = see(&row)
		}
		if err == nil && of.Valid {
			err = j.keep(&row, folder)
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
		switch {
		case err == nil && !more:
			err = fmt.Errorf(msgOrderMissing, row.Place.Row, row.File, row.Reference, msgIncomplete)
		case err == nil && j.held[order.Reference] != nil:
			err = fmt.Errorf(msgOrderTwice, order.Reference, msgIncomplete)
		}
		if err != nil {
			return err
		}
		j.held[order.Reference] = &held{order: &order, final: order.Final, invoiced: order.Invoiced, left: order.Rows}
	}
	h := j.held[row.Reference]
	row.Final, row.Invoiced, row.listed = h.final, h.invoiced, h.listed
	of, err := j.laterOf(h)
	row.Outcome, row.Changed = of.Outcome, of.Changed
	for _, p := range of.Remarks {
		p.Place = row.Place
		row.Problems = append(row.Problems, p)
	}
	if !h.seen {
		j.seq++
		h.order.Seq, h.seen, row.order = j.seq, true, h.order
	}
	return err
}

func (j *joiner) laterOf(h *held) (of later, err error) {
	if h.order != nil {
		return later{h.order.Outcome, h.order.Changed, h.order.Remarks}, nil
	}
	data := make([]byte, h.size)
	if _, err := j.file.ReadAt(data, h.at); err != nil {
		return of, err
	}
	return of, json.Unmarshal(data, &of)
}

// keep keeps what the next row of the same order needs.
func (j *joiner) keep(row *Row, folder string) (err error) {
	h := j.held[row.Reference]
	h.listed = row.listed
	if h.left--; h.left <= 0 {
		delete(j.held, row.Reference)
		return nil
	}
	if h.order == nil || len(j.held) <= j.most {
		return nil
	}
	if j.file == nil {
		if j.file, err = os.CreateTemp(folder, "kravia-batch-*"); err != nil {
			return err
		}
		_ = os.Remove(j.file.Name()) // where the system lets it go while it is open
	}
	data, err := json.Marshal(later{h.order.Outcome, h.order.Changed, h.order.Remarks})
	if err == nil {
		_, err = j.file.Write(data)
	}
	h.order, h.at, h.size = nil, j.size, len(data)
	j.size += int64(len(data))
	return err
}

func (j *joiner) close() error {
	if j.file == nil {
		return nil
	}
	return j.file.Close()
}

// rest gives the orders that no row came for.
func (j *joiner) rest(lost func(*Order) error) error {
	for _, reference := range slices.Sorted(maps.Keys(j.held)) {
		if h := j.held[reference]; !h.seen {
			j.seq++
			h.order.Seq = j.seq
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
		j.seq++
		order.Seq = j.seq
		if err := lost(&order); err != nil {
			return err
		}
	}
}
