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

// Voidable lists the run's live orders, of the references if there are any, in the run's order: what Void would try.
func Voidable(ctx context.Context, j *journal.Journal, run string, references []string) ([]journal.Order, error) {
	var orders []journal.Order
	found := map[string]bool{}
	for ro, err := range j.RunOrders(ctx, run) {
		if err != nil {
			return nil, fmt.Errorf("read orders to void: %w", err)
		}
		wanted := len(references) == 0 || slices.Contains(references, ro.Order.Reference)
		if !wanted || ro.Verdict == billing.Mismatched {
			continue
		}
		found[ro.Order.Reference] = true
		if ro.Order.Outcome.State.Live() {
			orders = append(orders, ro.Order)
		}
	}
	for _, reference := range references {
		if !found[reference] {
			return nil, fmt.Errorf("run %s has no order %s", run, reference)
		}
	}
	return orders, nil
}

// Voided is what became of one order.
type Voided struct {
	Reference string
	Done      bool   // it is void now, by this call or before
	Message   string // why not, or that it was void already
}

// Void cancels the orders' invoices. The transaction is read first: what is paid or void already is left alone. An order
// that could not be cancelled keeps its state; calling again goes on where it stopped.
func Void(ctx context.Context, j *journal.Journal, c *dintero.Client, cfg Config, orders []journal.Order) ([]Voided, error) {
	d := newDispatcher(j, c, cfg)
	results := make([]Voided, len(orders))
	var workers errgroup.Group
	workers.SetLimit(cfg.Concurrency)
	for i, o := range orders {
		results[i] = Voided{Reference: o.Reference, Message: "not attempted: " + Interrupted.String()}
		if d.stopped(ctx) {
			continue
		}
		workers.Go(func() error { results[i] = d.void(ctx, o); return nil })
	}
	_ = workers.Wait() // workers keep their errors in d.err
	return results, d.err
}

func (d *dispatcher) void(ctx context.Context, o journal.Order) Voided {
	if done, result := d.seeVoid(ctx, &o, "was void already"); done {
		return result
	}
	attempt, ok := d.begin(ctx, &o, journal.Attempt{Kind: kindVoid})
	if !ok {
		return Voided{Reference: o.Reference, Message: "not attempted: the journal could not be written"}
	}
	answer := d.client.Void(ctx, o.Outcome.TransactionID)
	if answer.Fatal != nil {
		d.fail(answer.Fatal)
	}
	if answer.Meaning == dintero.MeansVoided && answer.Transaction != nil {
		d.settle(ctx, &o, attempt, d.voidOutcome(&o, answer.Transaction), resultOf(answer))
		return Voided{Reference: o.Reference, Done: true}
	}
	if !d.settle(ctx, &o, attempt, o.Outcome, resultOf(answer)) {
		return Voided{Reference: o.Reference, Message: "the journal could not be written"}
	}
	if done, result := d.seeVoid(ctx, &o, ""); done {
		return result
	}
	return Voided{Reference: o.Reference, Message: "the provider did not cancel it: " + answer.Message}
}

// seeVoid reads the transaction; done reports that there is nothing to cancel, or nothing that may be.
func (d *dispatcher) seeVoid(ctx context.Context, o *journal.Order, already string) (done bool, result Voided) {
	result = Voided{Reference: o.Reference}
	t, err := d.client.Transaction(ctx, o.Outcome.TransactionID)
	switch {
	case err != nil:
		result.Message = "not attempted: " + err.Error()
		return true, result
	case t.Status == dintero.StatusVoided:
		result.Done, result.Message = true, already
		d.settle(ctx, o, 0, d.voidOutcome(o, t), journal.AttemptResult{})
		return true, result
	case t.PaymentStatus() != "unpaid":
		result.Message = "left alone: it is " + t.PaymentStatus()
		d.settle(ctx, o, 0, withSession(d.created(o, t), o.Outcome.SessionID), journal.AttemptResult{})
		return true, result
	}
	return false, result
}

func (d *dispatcher) voidOutcome(o *journal.Order, t *dintero.Transaction) billing.Outcome {
	outcome := withSession(t.Outcome(o.DaysUntilDue), o.Outcome.SessionID)
	outcome.State = billing.Voided
	outcome.Code, outcome.Message = CodeVoided, "the invoice was cancelled"
	outcome.Hint = "to invoice it anew, give the order a new reference"
	return outcome
}

// CodeVoided says that an order's invoice was cancelled.
const CodeVoided billing.Code = "order.voided"
