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

// Voidable lists the run's orders that have an invoice or may have one, in the run's order. With references it lists
// only those; one that the run does not have is an error.
func Voidable(ctx context.Context, j *journal.Journal, run string, references []string) ([]journal.Order, error) {
	var orders []journal.Order
	found := map[string]bool{}
	for ro, err := range j.RunOrders(ctx, run) {
		if err != nil {
			return nil, fmt.Errorf(msgReadVoid, err)
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
			return nil, fmt.Errorf(msgNoOrder, run, reference)
		}
	}
	return orders, nil
}

// Voided is what became of one order.
type Voided struct {
	Reference string
	Done      bool   // the invoice is void now, by this call or an earlier one
	Message   string // why the invoice is not void, or that it was void already
}

// Void cancels the orders' invoices. It reads each transaction first, and leaves alone an invoice that is paid or void
// already, and an order whose own invoice is not certain. An order whose invoice could not be cancelled keeps its
// state; another call goes on where this one stopped.
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
			results[i] = Voided{Reference: o.Reference, Message: fmt.Sprintf(msgNotAttempted, reason)}
		case !o.State.Live():
			results[i] = Voided{Reference: o.Reference, Message: fmt.Sprintf(msgLeftUnclear, o.State)}
		default:
			workers.Go(d.worker(func() { results[i] = d.void(ctx, o) }))
		}
	}
	_ = workers.Wait() // workers keep their errors in d.err
	reason, err := d.result()
	return results, reason, err
}

// void cancels the invoice of one order.
func (d *dispatcher) void(ctx context.Context, o journal.Order) Voided {
	if done, result := d.seeVoid(ctx, &o, msgWasVoid, msgNotAttempted); done {
		return result
	}
	before, asked := o.Life, o.Life
	// If nothing more is learned here, the next run or refresh reads the transaction.
	asked.Step, asked.Due = billing.StepAwait, billing.Never()
	attempt, ok := d.begin(ctx, &o, kindVoid, 0, asked)
	if !ok {
		return Voided{Reference: o.Reference, Message: fmt.Sprintf(msgNotAttempted, msgJournalUnwritten)}
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
		outcome := voided(&o, answer.Transaction)
		d.write(ctx, &o, happened{event: billing.EventVoided, outcome: outcome, attempt: attempt})
		return Voided{Reference: o.Reference, Done: true}
	}
	now := before
	if answer.Meaning == dintero.MeansInDoubt {
		now = o.Life
	}
	if err := d.journal.Conclude(context.WithoutCancel(ctx), &o, attempt, now); err != nil {
		d.fail(fmt.Errorf(msgVoidNotKept, o.Reference, err))
		return Voided{Reference: o.Reference, Message: msgJournalUnwritten}
	}
	unread := msgNotAttempted
	if answer.Meaning != dintero.MeansNotSent {
		unread = msgVoidUnknown
	}
	if done, result := d.seeVoid(ctx, &o, "", unread); done {
		return result
	}
	why := codeStatus(cmp.Or(string(answer.Code), answer.Meaning.String()), answer.HTTPStatus)
	if answer.Meaning == dintero.MeansInDoubt {
		return Voided{Reference: o.Reference, Message: fmt.Sprintf(msgVoidInDoubt, why)}
	}
	return Voided{Reference: o.Reference, Message: fmt.Sprintf(msgNotVoided, why)}
}

// codeStatus is a code with the status of HTTP, if there was an answer.
func codeStatus(code string, status int) string {
	if status == 0 {
		return code
	}
	return fmt.Sprintf(msgCodeStatus, code, status)
}

// seeVoid reads the transaction. done reports that there is nothing to cancel, or nothing that may be cancelled. The
// result's message is already if the invoice is void, and has the format unread if the transaction cannot be read.
func (d *dispatcher) seeVoid(ctx context.Context, o *journal.Order, already, unread string) (done bool,
	result Voided,
) {
	result = Voided{Reference: o.Reference}
	t, err := d.client.Transaction(ctx, o.TransactionID)
	switch {
	case errors.Is(err, dintero.ErrCredentials):
		d.fail(err)
		result.Message = fmt.Sprintf(unread, CredentialsRefused)
		return true, result
	case d.gaveUp(ctx, err):
		result.Message = fmt.Sprintf(unread, Interrupted)
		return true, result
	case err != nil:
		result.Message = fmt.Sprintf(unread, err)
		return true, result
	}
	h := d.shows(o, t)
	switch {
	case t.Status == dintero.StatusVoided:
		result.Done, result.Message = true, already
	case h.event == billing.EventLookFailed:
		result.Message = msgLeftOther
		return true, result
	case t.MayBePaid() && t.PaymentStatus() == "unpaid":
		result.Message = msgLeftUnknown
	case t.MayBePaid():
		result.Message = fmt.Sprintf(msgLeftPaid, t.PaymentStatus())
	default:
		return false, result
	}
	if changesOutcome(o, h) {
		d.write(ctx, o, h)
	}
	return true, result
}

// CodeVoided says that an order's invoice was cancelled.
const CodeVoided billing.Code = "order.voided"
