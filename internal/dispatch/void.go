package dispatch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/journal"
)

// Voidable lists the run's orders that have an invoice or may have one, of the references if there are any, in the run's
// order: what Void would try.
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
		switch ro.Order.Outcome.State {
		case billing.Registered, billing.Invoiced, billing.Sending, billing.InDoubt, billing.Conflict:
			orders = append(orders, ro.Order)
		case billing.Planned, billing.Rejected, billing.Failed, billing.Voided:
		}
	}
	for _, reference := range references {
		if !found[reference] {
			return nil, fmt.Errorf("run %s has no order %s", run, reference)
		}
	}
	return orders, nil
}

// notAttempted begins the message of an order for which nothing was asked.
const notAttempted = "not attempted: "

// Voided is what became of one order.
type Voided struct {
	Reference string
	Done      bool   // it is void now, by this call or before
	Message   string // why not, or that it was void already
}

// Void cancels the orders' invoices. The transaction is read first: what is paid or void already is left alone, and so is an
// order of which it is not known which invoice is its own. An order that could not be cancelled keeps its state; calling
// again goes on where it stopped.
func Void(ctx context.Context, j *journal.Journal, c *dintero.Client, cfg Config, orders []journal.Order) ([]Voided, Reason, error) {
	d := newDispatcher(j, c, cfg)
	results := make([]Voided, len(orders))
	var workers errgroup.Group
	workers.SetLimit(cfg.Concurrency)
	for i, o := range orders {
		switch {
		case d.stopped(ctx):
			reason, _ := d.result()
			results[i] = Voided{Reference: o.Reference, Message: notAttempted + reason.String()}
		case !o.Outcome.State.Live():
			results[i] = Voided{Reference: o.Reference, Message: "left alone: it is " + o.Outcome.State.String() + "; refresh the run first, and look at the report"}
		default:
			workers.Go(d.worker(func() { results[i] = d.void(ctx, o) }))
		}
	}
	_ = workers.Wait() // workers keep their errors in d.err
	reason, err := d.result()
	return results, reason, err
}

func (d *dispatcher) void(ctx context.Context, o journal.Order) Voided {
	if done, result := d.seeVoid(ctx, &o, "was void already", notAttempted); done {
		return result
	}
	attempt, ok := d.begin(ctx, &o, journal.Attempt{Kind: kindVoid})
	if !ok {
		return Voided{Reference: o.Reference, Message: notAttempted + "the journal could not be written"}
	}
	answer := d.client.Void(ctx, o.Outcome.TransactionID)
	switch {
	case answer.Fatal != nil:
		d.fail(answer.Fatal)
	case answer.Code == dintero.CodeCancelled:
		d.note(Interrupted)
	}
	if answer.Meaning == dintero.MeansVoided && answer.Transaction != nil {
		d.settle(ctx, &o, attempt, d.voidOutcome(&o, answer.Transaction), resultOf(answer))
		return Voided{Reference: o.Reference, Done: true}
	}
	if !d.settle(ctx, &o, attempt, o.Outcome, resultOf(answer)) {
		return Voided{Reference: o.Reference, Message: "the journal could not be written"}
	}
	unknown := notAttempted
	if answer.LookUp {
		unknown = "asked for, but it is not known whether it was done: "
	}
	if done, result := d.seeVoid(ctx, &o, "", unknown); done {
		return result
	}
	return Voided{Reference: o.Reference, Message: fmt.Sprintf("the provider did not cancel it: %s (HTTP %d)", cmp.Or(string(answer.Code), answer.Meaning.String()), answer.HTTPStatus)}
}

// seeVoid reads the transaction; done reports that there is nothing to cancel, or nothing that may be. The message is already
// where it is void, and begins with unknown where it cannot be read.
func (d *dispatcher) seeVoid(ctx context.Context, o *journal.Order, already, unknown string) (done bool, result Voided) {
	result = Voided{Reference: o.Reference}
	t, err := d.client.Transaction(ctx, o.Outcome.TransactionID)
	switch {
	case errors.Is(err, dintero.ErrCredentials):
		d.fail(err)
		result.Message = unknown + CredentialsRefused.String()
		return true, result
	case d.gaveUp(ctx, err):
		result.Message = unknown + Interrupted.String()
		return true, result
	case err != nil:
		result.Message = unknown + err.Error()
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
