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

// survey reads all that the provider has of the account, in pages, in the place of a look-up for each order that a new journal knows
// nothing of. It gives up, and leaves them to their look-ups, when there are more pages than orders. In two steps it does
// nothing: sessions are found by reference alone.
func (d *dispatcher) survey(ctx context.Context) error {
	if d.Flow != OneStep {
		return nil
	}
	waiting, err := d.journal.Unlooked(ctx, d.Account, d.Run, d.Shard)
	if err != nil || waiting < surveyFrom || d.stopped(ctx) {
		return unlessEnded(ctx, err)
	}
	found := map[string]*surveyedOrder{}
	for _, read := range []func(context.Context, string, map[string]*surveyedOrder) (string, error){d.readTransactions, d.readSessions} {
		last, err := read(ctx, "", found)
		for ; err == nil && last != ""; waiting-- {
			if waiting == 0 {
				return nil
			}
			last, err = read(ctx, last, found)
		}
		_, provider := errors.AsType[*dintero.Error](err)
		switch {
		case err == nil, errors.Is(err, dintero.ErrNotAvailable):
		case errors.Is(err, dintero.ErrCredentials), !provider:
			return unlessEnded(ctx, err)
		default: // the look-ups will tell
			d.gaveUp(ctx, err)
			return nil
		}
	}
	return d.surveyed(ctx, found)
}

// surveyedOrder is an order that waits for its first look-up, and what the provider's lists have of it.
type surveyedOrder struct {
	order journal.Order
	finding
}

// readTransactions reads a page of transactions behind an id, and gives its last id, "" at the end of the list.
func (d *dispatcher) readTransactions(ctx context.Context, after string, found map[string]*surveyedOrder) (last string, err error) {
	page, err := d.client.TransactionsAfter(ctx, after)
	if err != nil {
		return "", err
	}
	err = match(ctx, d, page, found, func(t *dintero.Transaction) string { return t.Reference }, func(of *surveyedOrder, t *dintero.Transaction) {
		if !of.knows(t.ID) {
			of.add(&of.order, *t)
		}
	})
	if len(page) == dintero.PageSize {
		last = page[len(page)-1].ID
	}
	return last, err
}

// readSessions reads a page of sessions in the same way. What came of them is among the transactions.
func (d *dispatcher) readSessions(ctx context.Context, after string, found map[string]*surveyedOrder) (last string, err error) {
	page, err := d.client.SessionsAfter(ctx, after)
	if err != nil {
		return "", err
	}
	err = match(ctx, d, page, found, func(s *dintero.Session) string { return s.Reference }, func(of *surveyedOrder, s *dintero.Session) {
		if s.TransactionID == "" {
			of.addSession(&of.order, s)
		}
	})
	if len(page) == dintero.PageSize {
		last = page[len(page)-1].ID
	}
	return last, err
}

// match adds a page of a list to the orders that it is about; of others nothing is kept.
func match[T any](ctx context.Context, d *dispatcher, page []T, found map[string]*surveyedOrder, reference func(*T) string, add func(*surveyedOrder, *T)) error {
	var references []string
	for i := range page {
		if r := reference(&page[i]); found[r] == nil && r != "" {
			references = append(references, r)
		}
	}
	stored, err := d.journal.Stored(ctx, d.Account, references)
	if err != nil {
		return fmt.Errorf("read orders that the provider has: %w", err)
	}
	for reference, o := range stored {
		if o.Run == d.Run && o.Step == billing.StepLookFirst && o.Flow == OneStep {
			found[reference] = &surveyedOrder{order: o}
		}
	}
	for i := range page {
		if of := found[reference(&page[i])]; of != nil {
			add(of, &page[i])
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
	return d.journal.Looked(ctx, d.Account, d.Run, d.Shard, time.Now())
}
