package dispatch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/journal"
)

// surveyFrom is how many orders must wait for their first look-up before the provider's whole list is read for them.
const surveyFrom = 10

// survey reads all that the provider has of the account, in pages, in the place of a look-up for each order
// that a new journal knows nothing of. It gives up, and leaves them to their look-ups, when there are more
// pages than orders. In two steps it does nothing: sessions are found by reference alone.
func (d *dispatcher) survey(ctx context.Context) error {
	if d.Flow != OneStep {
		return nil
	}
	waiting, err := d.journal.Unchecked(ctx, d.Account, d.Run, d.Shard)
	if err != nil || waiting < surveyFrom || d.stopped(ctx) {
		return unlessEnded(ctx, err)
	}
	found := map[string]*surveyedOrder{}
	for _, list := range []func(context.Context, string) ([]entry, error){d.transactionsAfter, d.sessionsAfter} {
		for last, more := "", true; more; waiting-- {
			if waiting < 0 {
				return nil
			}
			page, err := list(ctx, last)
			switch {
			case errors.Is(err, dintero.ErrNotAvailable):
			case errors.Is(err, dintero.ErrCredentials):
				return err
			case err != nil: // the look-ups will tell
				d.gaveUp(ctx, err)
				return nil
			}
			if err := d.match(ctx, page, found); err != nil {
				return err
			}
			if more = len(page) == dintero.PageSize; more {
				last = page[len(page)-1].id
			}
		}
	}
	return d.surveyed(ctx, found)
}

// surveyedOrder is an order that waits for its first look-up, and what the provider's lists have of it.
type surveyedOrder struct {
	order journal.Order
	finding
}

// entry is an element of one of the provider's lists.
type entry struct {
	id, reference string
	add           func(*surveyedOrder)
}

func (d *dispatcher) transactionsAfter(ctx context.Context, last string) (page []entry, err error) {
	transactions, err := d.client.TransactionsAfter(ctx, last)
	for _, t := range transactions {
		page = append(page, entry{t.ID, t.Reference, func(of *surveyedOrder) {
			if !of.knows(t.ID) {
				of.add(&of.order, t)
			}
		}})
	}
	return page, err
}

// sessionsAfter gives sessions in the same way. What came of them is among the transactions.
func (d *dispatcher) sessionsAfter(ctx context.Context, last string) (page []entry, err error) {
	sessions, err := d.client.SessionsAfter(ctx, last)
	for i := range sessions {
		s := &sessions[i]
		page = append(page, entry{s.ID, s.Reference, func(of *surveyedOrder) {
			if s.TransactionID == "" {
				of.addSession(&of.order, s)
			}
		}})
	}
	return page, err
}

// match adds a page of a list to the orders that it is about; of others nothing is kept.
func (d *dispatcher) match(ctx context.Context, page []entry, found map[string]*surveyedOrder) error {
	var references []string
	for _, e := range page {
		if found[e.reference] == nil && e.reference != "" {
			references = append(references, e.reference)
		}
	}
	stored, err := d.journal.Stored(ctx, d.Account, references)
	if err != nil {
		return unlessEnded(ctx, fmt.Errorf("read orders that the provider has: %w", err))
	}
	for reference, o := range stored {
		if o.Run == d.Run && o.Step == billing.StepLookFirst && o.Flow == OneStep {
			found[reference] = &surveyedOrder{order: o}
		}
	}
	for _, e := range page {
		if of := found[e.reference]; of != nil {
			e.add(of)
		}
	}
	return nil
}

// surveyed settles the orders that were found, and lets the others be sent.
func (d *dispatcher) surveyed(ctx context.Context, found map[string]*surveyedOrder) error {
	var workers errgroup.Group
	workers.SetLimit(d.Concurrency)
	for _, of := range found {
		workers.Go(d.worker(func() { d.write(ctx, &of.order, d.verdict(&of.order, &of.finding)) }))
	}
	_ = workers.Wait() // workers keep their errors in d.err
	if d.stopped(ctx) {
		return nil
	}
	return d.journal.ReleaseUnchecked(ctx, d.Account, d.Run, d.Shard, time.Now())
}
