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

// Voidable lists the run's orders that have an invoice or may have one, of the references if there are any,
// in the run's order: what Void would try.
func Voidable(ctx context.Context, j *journal.Journal, run string, references []string) ([]journal.Order, error) {
	var orders []journal.Order
	found := map[string]bool{}
	for ro, err := range j.RunOrders(ctx, run) {
		if err != nil {
			return nil, fmt.Errorf("read orders to void: %w", err)
		}
		wanted := len(references) == 0 || slices.Contains(references, ro.Order.Reference)
		if !wanted || ro.Decision == billing.Mismatched {
			continue
		}
		found[ro.Order.Reference] = true
		switch ro.Order.State {
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

// Void cancels the orders' invoices. The transaction is read first: what is paid or void already is left
// alone, and so is an order of which it is not known which invoice is its own. An order that could not be
// cancelled keeps its state; calling again goes on where it stopped.
func Void(ctx context.Context, j *journal.Journal, c *dintero.Client, cfg Config, orders []journal.Order) ([]Voided,
	Reason, error,
) {
	d := newDispatcher(j, c, cfg)
	results := make([]Voided, len(orders))
	var workers errgroup.Group
	workers.SetLimit(cfg.Concurrency)
	for i, o := range orders {
		switch {
		case d.stopped(ctx):
			reason, _ := d.result()
			results[i] = Voided{Reference: o.Reference, Message: notAttempted + reason.String()}
		case !o.State.Live():
			results[i] = Voided{
				Reference: o.Reference,
				Message:   "left alone: it is " + o.State.String() + "; refresh the run first, and look at the report",
			}
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
	before, asked := o.Life, o.Life
	// the next run or refresh reads it, should no more be learned here
	asked.Step, asked.Due = billing.StepAwait, billing.Never()
	attempt, ok := d.begin(ctx, &o, kindVoid, 0, asked)
	if !ok {
		return Voided{Reference: o.Reference, Message: notAttempted + "the journal could not be written"}
	}
	answer := d.client.Void(ctx, o.TransactionID)
	attempt.HTTPStatus, attempt.Meaning, attempt.Detail = answer.HTTPStatus, answer.Meaning.String(), answer.Message
	switch {
	case answer.Fatal != nil:
		d.fail(answer.Fatal)
	case answer.Code == dintero.CodeCancelled:
		d.gaveUp(ctx, ErrStopped)
	}
	if answer.Meaning == dintero.MeansVoided && answer.Transaction != nil {
		d.write(ctx, &o, happened{event: billing.EventVoided, told: voided(&o, answer.Transaction), attempt: attempt})
		return Voided{Reference: o.Reference, Done: true}
	}
	now := before
	if answer.Meaning == dintero.MeansInDoubt {
		now = o.Life
	}
	if err := d.journal.Conclude(context.WithoutCancel(ctx), &o, attempt, now); err != nil {
		d.fail(fmt.Errorf("the attempt to void order %s could not be kept: %w", o.Reference, err))
		return Voided{Reference: o.Reference, Message: "the journal could not be written"}
	}
	unknown := notAttempted
	if answer.Meaning != dintero.MeansNotSent {
		unknown = "asked for, but it is not known whether it was done: "
	}
	if done, result := d.seeVoid(ctx, &o, "", unknown); done {
		return result
	}
	why := fmt.Sprintf("%s (HTTP %d)", cmp.Or(string(answer.Code), answer.Meaning.String()), answer.HTTPStatus)
	if answer.Meaning == dintero.MeansInDoubt {
		return Voided{Reference: o.Reference, Message: unknown + why + "; refresh the run later"}
	}
	return Voided{Reference: o.Reference, Message: "the provider did not cancel it: " + why}
}

// seeVoid reads the transaction; done reports that there is nothing to cancel, or nothing that may be. The
// message is already where it is void, and begins with unknown where it cannot be read.
func (d *dispatcher) seeVoid(ctx context.Context, o *journal.Order, already, unknown string) (done bool,
	result Voided,
) {
	result = Voided{Reference: o.Reference}
	t, err := d.client.Transaction(ctx, o.TransactionID)
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
	}
	h := d.shows(o, t)
	switch {
	case t.Status == dintero.StatusVoided:
		result.Done, result.Message = true, already
	case h.event == billing.EventLookFailed:
		result.Message = "left alone: the provider shows another transaction, or has not decided yet"
		return true, result
	case t.MayBePaid() && t.PaymentStatus() == "unpaid":
		result.Message = "left alone: the provider does not tell whether it is paid"
	case t.MayBePaid():
		result.Message = "left alone: it is " + t.PaymentStatus()
	default:
		return false, result
	}
	if news(o, h) {
		d.write(ctx, o, h)
	}
	return true, result
}

// CodeVoided says that an order's invoice was cancelled.
const CodeVoided billing.Code = "order.voided"
