package dispatch

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/journal"
)

// Refresh looks up the run's orders that are in doubt, in conflict or registered, and with all every live one. It makes no
// payment. changes tells by reference what became different, such as "unpaid → paid"; reason is Finished when every order
// was looked up.
func Refresh(ctx context.Context, j *journal.Journal, c *dintero.Client, cfg Config, all bool) (changes map[string]string, reason Reason, err error) {
	r := &refresher{dispatcher: newDispatcher(j, c, cfg), changes: map[string]string{}}
	if err := r.run(ctx, all); err != nil {
		r.fail(err)
	}
	reason, err = r.result()
	return r.changes, reason, errors.Join(err, r.troubles)
}

type refresher struct {
	*dispatcher
	refreshMu sync.Mutex
	changes   map[string]string
	troubles  error // look-ups that failed, each for itself
}

func (r *refresher) run(ctx context.Context, all bool) error {
	var workers errgroup.Group
	workers.SetLimit(r.Concurrency)
	defer func() { _ = workers.Wait() }() // workers keep their errors in r
	var page []journal.Order
	flush := func() {
		orders := page
		page = nil
		workers.Go(r.worker(func() { r.byID(ctx, orders) }))
	}
	for ro, err := range r.journal.RunOrders(ctx, r.Run) {
		if r.stopped(ctx) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read orders to refresh: %w", err)
		}
		o := ro.Order
		if ro.Verdict == billing.Mismatched || !r.mine(o.Reference) {
			continue
		}
		switch o.Outcome.State {
		case billing.Sending, billing.InDoubt, billing.Conflict:
			workers.Go(r.worker(func() { r.byReference(ctx, o) }))
		case billing.Registered, billing.Invoiced:
			if o.Outcome.State == billing.Invoiced && !all {
				continue
			}
			if page = append(page, o); len(page) == dintero.PageSize {
				flush()
			}
		case billing.Planned, billing.Rejected, billing.Failed, billing.Voided:
		}
	}
	if len(page) > 0 {
		flush()
	}
	return nil
}

// byReference settles an unclear order by one look-up.
func (r *refresher) byReference(ctx context.Context, o journal.Order) {
	found, err := tried(ctx, r.dispatcher, func() (finding, error) { return r.find(ctx, &o) })
	if err != nil {
		r.trouble(ctx, err)
		return
	}
	if outcome, ok := r.verdict(ctx, &o, found); ok {
		r.update(ctx, o, outcome)
	}
}

// byID reads up to a page of transactions in one call.
func (r *refresher) byID(ctx context.Context, orders []journal.Order) {
	ids := make([]string, len(orders))
	for i, o := range orders {
		ids[i] = o.Outcome.TransactionID
	}
	transactions, err := tried(ctx, r.dispatcher, func() ([]dintero.Transaction, error) { return r.client.TransactionsByID(ctx, ids) })
	if err != nil {
		r.trouble(ctx, err)
		return
	}
	byID := make(map[string]*dintero.Transaction, len(transactions))
	for i := range transactions {
		byID[transactions[i].ID] = &transactions[i]
	}
	for _, o := range orders {
		t := byID[o.Outcome.TransactionID]
		if t == nil || !r.matches(&o, t) {
			r.Logger.Warn("the provider's list lacks an order that it has", "order", o.Reference)
			continue
		}
		outcome := withSession(r.created(&o, t), o.Outcome.SessionID)
		if outcome.Code == "" && o.Outcome.Code == billing.CodeAdopted {
			outcome.Code, outcome.Message, outcome.Hint = o.Outcome.Code, o.Outcome.Message, o.Outcome.Hint
		}
		r.update(ctx, o, outcome)
	}
}

// lookUpTries is how often a look-up is made that nothing else will repeat.
const lookUpTries = 3

// tried repeats a look-up that failed: reading changes nothing.
func tried[T any](ctx context.Context, d *dispatcher, lookUp func() (T, error)) (T, error) {
	for try := 1; ; try++ {
		found, err := lookUp()
		if err == nil || try == lookUpTries || errors.Is(err, dintero.ErrCredentials) || errors.Is(err, ErrStopped) || !d.pause(ctx, firstBackoff<<try) {
			return found, err
		}
	}
}

// trouble stops at refused credentials; any other look-up that fails, or was not begun, leaves its orders as they are.
func (r *refresher) trouble(ctx context.Context, err error) {
	switch {
	case errors.Is(err, dintero.ErrCredentials):
		r.fail(err)
	case !r.gaveUp(ctx, err):
		r.Logger.Warn("look-up failed", "error", err.Error())
		r.refreshMu.Lock()
		defer r.refreshMu.Unlock()
		r.troubles = errors.Join(r.troubles, err)
	}
}

// update settles an order whose outcome is not what the journal has.
func (r *refresher) update(ctx context.Context, o journal.Order, outcome billing.Outcome) {
	before := o.Outcome
	outcome.UpdatedAt = before.UpdatedAt
	if outcome == before || !r.settle(ctx, &o, 0, outcome, journal.AttemptResult{}) {
		return
	}
	r.refreshMu.Lock()
	defer r.refreshMu.Unlock()
	r.changes[o.Reference] = difference(before, outcome)
}

// difference names what changed for a reader of the report.
func difference(before, after billing.Outcome) string {
	var parts []string
	note := func(from, to string) {
		if from != to {
			if from == "" {
				from = "–"
			}
			parts = append(parts, from+" → "+to)
		}
	}
	note(before.State.String(), after.State.String())
	note(before.PaymentStatus, after.PaymentStatus)
	note(before.InvoiceNumber, after.InvoiceNumber)
	note(string(before.DueDate), string(after.DueDate))
	return strings.Join(parts, ", ")
}
