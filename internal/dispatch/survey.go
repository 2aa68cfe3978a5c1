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

// surveyFrom is how many orders must wait for their first look-up before the provider's entire list is read instead.
const surveyFrom = 10

// survey reads everything that the provider has of the account, page by page. A new journal knows nothing of earlier
// requests, so each order needs a look-up before it is sent, and pages cost fewer requests than look-ups. If there are
// more pages than orders, or reading fails, it gives up, and each order gets its own look-up. In two steps it does
// nothing, since there a look-up must also find sessions that the list does not show.
func (d *dispatcher) survey(ctx context.Context) error {
	if d.Flow != OneStep {
		return nil
	}
	waiting, err := d.journal.Unchecked(ctx, d.Account, d.Run, d.Shard)
	if err != nil || waiting < surveyFrom || d.stopped(ctx) {
		return unlessEnded(ctx, err)
	}
	found := map[string]*surveyedOrder{}
	for _, list := range []func(context.Context, string) ([]listed, error){d.transactionsAfter, d.sessionsAfter} {
		for last, more := "", true; more; waiting-- {
			if waiting < 0 {
				return nil
			}
			page, err := list(ctx, last)
			switch {
			case errors.Is(err, dintero.ErrNotAvailable):
			case errors.Is(err, dintero.ErrCredentials):
				return err
			case err != nil: // leave the orders to their look-ups
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

// surveyedOrder is an order that waits for its first look-up, with what the provider's lists have of it.
type surveyedOrder struct {
	order journal.Order
	finding
}

// listed is an element of one of the provider's lists.
type listed struct {
	id, reference string
	add           func(*surveyedOrder)
}

// transactionsAfter gives the page of transactions that follows the one with the id.
func (d *dispatcher) transactionsAfter(ctx context.Context, last string) (page []listed, err error) {
	transactions, err := d.client.TransactionsAfter(ctx, last)
	for _, t := range transactions {
		page = append(page, listed{t.ID, t.Reference, func(of *surveyedOrder) {
			if !of.knows(t.ID) {
				of.add(&of.order, t)
			}
		}})
	}
	return page, err
}

// sessionsAfter gives the page of sessions that follows the one with the id. It passes over sessions with a
// transaction, since that is among the transactions.
func (d *dispatcher) sessionsAfter(ctx context.Context, last string) (page []listed, err error) {
	sessions, err := d.client.SessionsAfter(ctx, last)
	for i := range sessions {
		s := &sessions[i]
		page = append(page, listed{s.ID, s.Reference, func(of *surveyedOrder) {
			if s.TransactionID == "" {
				of.addSession(&of.order, s)
			}
		}})
	}
	return page, err
}

// match adds a page to the orders that it is about. It keeps nothing about other orders.
func (d *dispatcher) match(ctx context.Context, page []listed, found map[string]*surveyedOrder) error {
	var references []string
	for _, e := range page {
		if found[e.reference] == nil && e.reference != "" {
			references = append(references, e.reference)
		}
	}
	stored, err := d.journal.Stored(ctx, d.Account, references)
	if err != nil {
		return unlessEnded(ctx, fmt.Errorf(msgReadSurveyed, err))
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

// surveyed concludes the orders that the provider has, and then releases the others. It releases none after a stop: an
// order that was found may not be concluded yet.
func (d *dispatcher) surveyed(ctx context.Context, found map[string]*surveyedOrder) error {
	var workers errgroup.Group
	workers.SetLimit(d.Concurrency)
	for _, of := range found {
		workers.Go(d.worker(func() { d.write(ctx, &of.order, d.judgeFinding(&of.order, &of.finding)) }))
	}
	_ = workers.Wait() // workers keep their errors in d.err
	if d.stopped(ctx) {
		return nil
	}
	return d.journal.ReleaseUnchecked(ctx, d.Account, d.Run, d.Shard, time.Now())
}
