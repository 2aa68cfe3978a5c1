package dispatch

import (
	"context"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/journal"
)

// CodeDeliver marks an invoice that the merchant delivers and whose collection has not been started.
const CodeDeliver billing.Code = "delivery.not_captured"

// deliver captures the run's invoices of the merchant channel, which starts their collection. An invoice keeps
// CodeDeliver until the provider shows the event, so that a later run takes up what this one could not.
func (d *dispatcher) deliver(ctx context.Context) error {
	var workers errgroup.Group
	workers.SetLimit(d.Concurrency)
	defer func() { _ = workers.Wait() }() // workers keep their errors in d.err
	for ro, err := range d.journal.RunOrders(ctx, d.Run) {
		if d.stopped(ctx) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read orders to deliver: %w", err)
		}
		o := ro.Order
		if ro.Verdict == billing.Mismatched || !d.mine(o.Reference) || !o.Outcome.State.Live() || o.Outcome.Code != CodeDeliver {
			continue
		}
		workers.Go(d.worker(func() { d.capture(ctx, o) }))
	}
	return nil
}

// mine reports whether the order belongs to this process.
func (d *dispatcher) mine(reference string) bool {
	return d.Shard.Count == 0 || journal.ShardOf(reference, d.Shard.Count) == d.Shard.Index
}

// capture starts one order's collection. An earlier attempt may have succeeded unseen, so the transaction is read before
// another is made.
func (d *dispatcher) capture(ctx context.Context, o journal.Order) {
	attempts, err := d.journal.Attempts(ctx, d.Account, o.Reference)
	if err != nil {
		d.fail(err)
		return
	}
	tried := slices.ContainsFunc(attempts, func(a journal.AttemptRecord) bool { return a.Kind == kindCapture })
	if tried && d.captured(ctx, &o) {
		return
	}
	attempt, ok := d.begin(ctx, &o, journal.Attempt{Kind: kindCapture})
	if !ok {
		return
	}
	answer := d.client.Capture(ctx, o.Outcome.TransactionID, o.Gross)
	switch {
	case answer.Fatal != nil:
		d.fail(answer.Fatal)
	case answer.Code == dintero.CodeCancelled:
		d.note(Interrupted)
	}
	outcome := o.Outcome
	if t := answer.Transaction; t != nil && t.Live() && t.Initiated() && d.matches(&o, t) {
		outcome = withSession(d.created(&o, t), o.Outcome.SessionID)
	} else {
		outcome.Message = "collection has not started: " + answer.Message
	}
	if d.settle(ctx, &o, attempt, outcome, resultOf(answer)) && outcome.Code == CodeDeliver && answer.LookUp {
		d.captured(ctx, &o)
	}
}

// captured reads the transaction and reports whether the order is settled by what it says.
func (d *dispatcher) captured(ctx context.Context, o *journal.Order) bool {
	t, err := d.client.Transaction(ctx, o.Outcome.TransactionID)
	if d.gaveUp(ctx, err) || err != nil || !t.Live() || !t.Initiated() || !d.matches(o, t) {
		return err != nil // when it cannot be read, nothing is sent either
	}
	d.settle(ctx, o, 0, withSession(d.created(o, t), o.Outcome.SessionID), journal.AttemptResult{})
	return true
}

func (d *dispatcher) matches(o *journal.Order, t *dintero.Transaction) bool {
	code, _ := d.client.Verify(t, expect(o))
	return code == ""
}
