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

// Row is one input row and its final state.
type Row struct {
	billing.Row
	Final    billing.Final
	Outcome  billing.Outcome // of its order; zero for an invalid row
	Changed  string          // of its order
	Invoiced Invoiced        // of its order

	order  *Order // set at the first row of an order, else nil
	listed place  // where the sheet Orders has its order
}

// joiner puts rows beside their orders in one pass. Orders come in the sequence of their first rows, so the joiner
// keeps an order only from its first row to its last, and in memory only so many; of the others a working file keeps
// what their later rows need.
type joiner struct {
	next func() (Order, error, bool)
	held map[string]*held // by reference
	most int              // orders in memory
	file *os.File         // nil until it is needed
	size int64            // of the file
	seq  int              // of the last order
}

// held is an order with rows still to come.
type held struct {
	order    *Order // nil when it is in the file
	seen     bool   // its first row has passed
	final    billing.Final
	invoiced Invoiced
	left     int   // rows still to come
	at       int64 // offset in the file
	size     int   // bytes in the file
	listed   place
}

// later is what the rows of an order after the first need of it.
type later struct {
	Outcome billing.Outcome
	Changed string
	Remarks []billing.Problem
}

// maxHeld is the number of orders that wait in memory for their last rows: some tens of MiB.
const maxHeld = 20_000

// join calls see for every row with what became of its order, and then lost for every order that has no row. most is
// the number of orders that wait in memory; the working file for more is in the folder.
func join(r *Report, folder string, most int, see func(*Row) error, lost func(*Order) error) (err error) {
	next, stop := iter.Pull2(r.Orders)
	defer stop()
	j := &joiner{next: next, held: map[string]*held{}, most: most}
	defer func() { err = errors.Join(err, j.close()) }()
	for of, err := range r.Rows {
		row := Row{Row: of, Final: billing.FinalInvalid}
		if err == nil && of.Valid {
			err = j.match(&row)
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

// match finds the order of a row and copies its final state to the row. An order that does not come is an error: the
// journal would be damaged.
func (j *joiner) match(row *Row) error {
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

// laterOf returns what a later row needs, from memory or from the file.
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

// keep keeps what the next row of the same order needs, until the last one has passed.
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
		_ = os.Remove(j.file.Name()) // works on systems that remove an open file
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

// rest calls lost for the orders that have no row.
func (j *joiner) rest(lost func(*Order) error) error {
	end := func(o *Order) error {
		j.seq++
		o.Seq = j.seq
		return lost(o)
	}
	for _, reference := range slices.Sorted(maps.Keys(j.held)) {
		if h := j.held[reference]; !h.seen {
			if err := end(h.order); err != nil {
				return err
			}
		}
	}
	for {
		order, err, more := j.next()
		if err != nil || !more {
			return err
		}
		if err := end(&order); err != nil {
			return err
		}
	}
}
