package dispatch

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/journal"
)

// Refresh looks up the account's orders in doubt or in conflict, and the run's orders that are registered or, with all,
// every live one. It never sends an order. changes says by reference what has changed, such as "unpaid → paid". reason
// is Finished if every order was looked up. The error is the one of the last look-up that failed.
func Refresh(ctx context.Context, j *journal.Journal, c *dintero.Client, cfg Config,
	all bool,
) (changes map[string]string, reason Reason, err error) {
	cfg.NoWait = true
	r := &refresher{dispatcher: newDispatcher(j, c, cfg), changes: map[string]string{}}
	r.work = journal.Work{Account: cfg.Account, Shard: cfg.Shard, Steps: []billing.Step{billing.StepLookUp}}
	r.changed = r.noteChange
	if err := r.run(ctx, all); err != nil {
		r.fail(err)
	}
	reason, err = r.result()
	return r.changes, reason, errors.Join(err, r.trouble)
}

// refresher is one Refresh in progress.
type refresher struct {
	*dispatcher
	refreshMu sync.Mutex
	changes   map[string]string
	trouble   error // the last look-up that failed
}

func (r *refresher) run(ctx context.Context, all bool) error {
	if err := r.journal.Resume(ctx, r.Account, r.Shard, time.Now(), r.ResendAfter); err != nil {
		return unlessEnded(ctx, err)
	}
	if err := r.pool(ctx); err != nil {
		return err
	}
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
			return fmt.Errorf(msgReadRefresh, err)
		}
		o := ro.Order
		if ro.Decision == billing.Mismatched || !r.Shard.Has(o.Reference) || !o.State.Live() ||
			o.State == billing.Invoiced && !all && o.Step == 0 {
			continue
		}
		if page = append(page, o); len(page) == dintero.PageSize {
			flush()
		}
	}
	if len(page) > 0 {
		flush()
	}
	return nil
}

// byID reads the transactions of up to a page of orders in one call.
func (r *refresher) byID(ctx context.Context, orders []journal.Order) {
	if r.stopped(ctx) {
		return
	}
	ids := make([]string, len(orders))
	for i, o := range orders {
		ids[i] = o.TransactionID
	}
	transactions, err := r.transactions(ctx, ids)
	switch {
	case r.over(ctx, err):
		return
	case err != nil:
		r.Logger.Warn("look-up failed", "error", err.Error())
		r.refreshMu.Lock()
		r.trouble = err
		r.refreshMu.Unlock()
		r.count(billing.EventLookFailed, 0)
		return
	}
	byID := make(map[string]*dintero.Transaction, len(transactions))
	for i := range transactions {
		byID[transactions[i].ID] = &transactions[i]
	}
	for i := range orders {
		o := &orders[i]
		t := byID[o.TransactionID]
		if t == nil {
			r.Logger.Warn("the provider does not list a transaction that the journal has", "order", o.Reference)
			continue
		}
		if h := r.shows(o, t); h.event != billing.EventLookFailed && changesOutcome(o, h) {
			r.write(ctx, o, h)
		}
	}
}

// changesOutcome reports whether an event says more than the journal has.
func changesOutcome(o *journal.Order, h happened) bool {
	to := o.Next(h.event, h.outcome, time.Now())
	to.UpdatedAt = o.UpdatedAt
	return to.Outcome != o.Outcome
}

// lookUpTries is how often a look-up is tried that nothing else repeats.
const lookUpTries = 3

// transactions repeats a look-up that failed, which is safe since it only reads.
func (r *refresher) transactions(ctx context.Context, ids []string) (found []dintero.Transaction, err error) {
	for try := 1; ; try++ {
		found, err = r.client.TransactionsByID(ctx, ids)
		if err == nil || try == lookUpTries || errors.Is(err, dintero.ErrCredentials) ||
			errors.Is(err, ErrStopped) || sleep(ctx, r.Stop, time.Second<<try) != nil {
			return found, err
		}
	}
}

// noteChange records what changed about an order.
func (r *refresher) noteChange(reference string, before, after billing.Outcome) {
	if text := difference(before, after); text != "" {
		r.refreshMu.Lock()
		defer r.refreshMu.Unlock()
		r.changes[reference] = text
	}
}

// difference says for the report what changed: "invoiced → voided, unpaid → voided".
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
	note(before.Settlement, after.Settlement)
	note(before.InvoiceNumber, after.InvoiceNumber)
	note(string(before.DueDate), string(after.DueDate))
	return strings.Join(parts, ", ")
}
