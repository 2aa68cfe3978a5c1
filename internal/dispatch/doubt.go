package dispatch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/journal"
)

// CodeDuplicated is the alarm: more than one live invoice for one merchant reference.
const CodeDuplicated billing.Code = "duplicate.invoices"

// finding is what the provider holds of a merchant reference.
type finding struct {
	live    []dintero.Transaction
	voided  []dintero.Transaction
	failed  []dintero.Transaction
	ended   int    // sessions that came to nothing without a transaction
	session string // of an unpaid session that may still be paid
	pending bool   // something is under way there
}

// resolve settles an order in doubt: look-ups on the schedule, then one more attempt that any session of the reference
// blocks. What stays in doubt is taken up by the next run.
func (d *dispatcher) resolve(ctx context.Context, o journal.Order) {
	var last finding
	var err error
	for _, wait := range d.Schedule {
		if !d.pause(ctx, wait) {
			return
		}
		last, err = d.find(ctx, &o)
		if errors.Is(err, dintero.ErrCredentials) {
			d.fail(err)
			return
		}
		if err == nil && d.decide(ctx, &o, last) {
			return
		}
	}
	switch {
	case d.gaveUp(ctx, cmp.Or(err, ctx.Err())):
	case err != nil:
		d.leave(ctx, &o, "provider.unavailable", "the look-up did not succeed: "+dintero.Detail(err))
	case last.pending:
		d.leave(ctx, &o, dintero.CodeStatus, "the provider has not decided yet")
	default:
		d.lastAttempt(ctx, o, last)
	}
}

// decide settles the order if the finding says what became of it.
func (d *dispatcher) decide(ctx context.Context, o *journal.Order, f finding) bool {
	outcome, ok := d.verdict(ctx, o, f)
	if !ok {
		return false
	}
	if d.settle(ctx, o, 0, outcome, journal.AttemptResult{}) {
		if o.Outcome.State == billing.Registered && o.Product != billing.B2BGrouped {
			d.awaitNumber(ctx, *o)
			return true
		}
		d.done(outcome.State)
	}
	return true
}

// verdict is what a finding means for the order; ok is false when it means nothing yet.
func (d *dispatcher) verdict(ctx context.Context, o *journal.Order, f finding) (outcome billing.Outcome, ok bool) {
	switch {
	case len(f.live) > 1:
		return d.alarm(o, f.live), true
	case len(f.live) == 1:
		t := &f.live[0]
		if code, message := d.client.Verify(t, expect(o)); code != "" {
			return billing.Outcome{
				State: billing.Conflict, TransactionID: t.ID, SessionID: t.SessionID, InvoiceNumber: t.InvoiceNumber, Code: code,
				Message: "the provider has this reference with other content: " + message,
				Hint:    "compare the invoice with the order; give one of them another reference",
			}, true
		}
		return d.created(o, t), true
	case len(f.voided) > 0 && !f.pending:
		return d.voidOutcome(o, &f.voided[0]), true
	case len(f.failed) > 0 && !f.pending && len(f.failed)+f.ended >= d.sent(ctx, o):
		return f.failed[0].Outcome(o.DaysUntilDue), true // every request that may have arrived is accounted for
	}
	return outcome, false
}

// created is the outcome of an order that the provider has.
func (d *dispatcher) created(o *journal.Order, t *dintero.Transaction) billing.Outcome {
	outcome := t.Outcome(o.DaysUntilDue)
	if outcome.State.Live() && o.Channel == billing.ChannelMerchant && !t.Initiated() {
		outcome.Code = CodeDeliver
		outcome.Message = "collection has not started: the transaction is not captured yet"
		outcome.Hint = "run again or refresh"
	}
	return outcome
}

func (d *dispatcher) alarm(o *journal.Order, live []dintero.Transaction) billing.Outcome {
	d.alarmed.Store(customerOf(o), true)
	d.Logger.Error("more than one live invoice for one reference", "order", o.Reference, "count", len(live))
	ids := make([]string, len(live))
	for i, t := range live {
		ids[i] = strings.TrimSpace(t.ID + " " + t.InvoiceNumber)
	}
	return billing.Outcome{
		State: billing.Conflict, TransactionID: live[0].ID, SessionID: live[0].SessionID, InvoiceNumber: live[0].InvoiceNumber,
		Code: CodeDuplicated, Message: fmt.Sprintf("the provider has %d live invoices for this reference: %s", len(live), strings.Join(ids, ", ")),
		Hint: "cancel all but one at the provider",
	}
}

// sent is how many payment requests of the order may have arrived, over all runs; too many rather than too few.
func (d *dispatcher) sent(ctx context.Context, o *journal.Order) int {
	attempts, err := d.journal.Attempts(ctx, d.Account, o.Reference)
	if err != nil {
		return int(^uint(0) >> 1)
	}
	return len(slices.DeleteFunc(attempts, func(a journal.AttemptRecord) bool {
		return (a.Kind != kindPay && a.Kind != kindPaySess) || a.Result.Meaning == dintero.MeansNotSent.String()
	}))
}

// find asks the provider for everything it has under the order's reference: by session, then by reference among the
// transactions, then among the sessions.
func (d *dispatcher) find(ctx context.Context, o *journal.Order) (finding, error) {
	select {
	case d.slots <- struct{}{}:
		defer func() { <-d.slots }()
	case <-ctx.Done():
		return finding{}, context.Cause(ctx)
	case <-d.Stop:
		return finding{}, ErrStopped
	}
	var f finding
	transactions, err := d.client.TransactionsByReference(ctx, o.Reference)
	if err != nil {
		return finding{}, fmt.Errorf("look up order %s: %w", o.Reference, err)
	}
	for _, t := range transactions {
		f.add(t)
	}
	if len(f.live) > 0 {
		return f, nil
	}
	if err := d.findSessions(ctx, o, &f); err != nil {
		return finding{}, fmt.Errorf("look up order %s: %w", o.Reference, err)
	}
	return f, nil
}

// findSessions adds what the sessions of the reference lead to beyond the transactions known.
func (d *dispatcher) findSessions(ctx context.Context, o *journal.Order, f *finding) error {
	sessions, err := d.client.SessionsByReference(ctx, o.Reference)
	if err != nil {
		return err
	}
	if id := o.Outcome.SessionID; id != "" && !slices.ContainsFunc(sessions, func(s dintero.Session) bool { return s.ID == id }) {
		session, err := d.client.Session(ctx, id)
		var unknown *dintero.Error
		switch {
		case errors.As(err, &unknown) && unknown.Code == dintero.CodeNotFound:
		case err != nil:
			return err
		case session.Reference == o.Reference:
			sessions = append(sessions, *session)
		}
	}
	for _, s := range sessions {
		switch {
		case s.InFlight() && o.Flow == OneStep:
			f.pending = true
		case s.InFlight():
			f.session = s.ID // unpaid: ours to pay
		case s.TransactionID != "" && !f.knows(s.TransactionID):
			t, err := d.client.Transaction(ctx, s.TransactionID)
			if err != nil {
				return err
			}
			if t.Reference == o.Reference {
				f.add(*t)
			}
		case s.TransactionID == "":
			f.ended++
		}
	}
	return nil
}

func (f *finding) add(t dintero.Transaction) {
	switch {
	case t.Live():
		f.live = append(f.live, t)
	case t.Created():
		f.voided = append(f.voided, t)
	case t.Failed():
		f.failed = append(f.failed, t)
	default:
		f.pending = true
	}
}

func (f *finding) knows(id string) bool {
	return slices.ContainsFunc(slices.Concat(f.live, f.voided, f.failed), func(t dintero.Transaction) bool { return t.ID == id })
}

// lastAttempt sends an order once more after the whole schedule found nothing alive. In one step the guard is the one
// that any session blocks, or, when there is a failed session, any successful one; in two steps the same session is
// paid again, which cannot make a second invoice.
func (d *dispatcher) lastAttempt(ctx context.Context, o journal.Order, f finding) {
	guard := dintero.Strict
	if len(f.failed)+f.ended > 0 {
		guard = dintero.StrictSuccess
	}
	if f.session != "" && o.Outcome.SessionID == "" {
		o.Outcome.SessionID = f.session
	}
	if ctx.Err() != nil || closed(d.Stop) {
		return
	}
	before := o.Outcome
	answer, attempt, ok := d.attempt(ctx, &o, guard)
	if !ok {
		return
	}
	switch {
	case answer.Fatal != nil:
		d.settle(ctx, &o, attempt, doubtful(answer), resultOf(answer))
		d.fail(answer.Fatal)
	case answer.Meaning == dintero.MeansNotSent && answer.Code == dintero.CodeCancelled:
		before.State = billing.InDoubt
		d.settle(ctx, &o, attempt, before, resultOf(answer))
		d.note(Interrupted)
	case answer.Meaning == dintero.MeansInvoiced, answer.Meaning == dintero.MeansRegistered, answer.Meaning == dintero.MeansVoided:
		d.accept(ctx, &o, attempt, answer)
	case answer.Meaning == dintero.MeansRejected && !answer.LookUp:
		d.reject(ctx, &o, attempt, answer)
	default:
		if !d.settle(ctx, &o, attempt, doubtful(answer), resultOf(answer)) {
			return
		}
		d.lookOnceMore(ctx, &o)
	}
}

// lookOnceMore ends the procedure: found, or in doubt until the next run.
func (d *dispatcher) lookOnceMore(ctx context.Context, o *journal.Order) {
	wait := time.Second
	if len(d.Schedule) > 0 {
		wait = d.Schedule[len(d.Schedule)-1]
	}
	if !d.pause(ctx, wait) {
		return
	}
	found, err := d.find(ctx, o)
	if err == nil && d.decide(ctx, o, found) {
		return
	}
	d.done(billing.InDoubt)
}

// leave writes why an order stays in doubt.
func (d *dispatcher) leave(ctx context.Context, o *journal.Order, code billing.Code, message string) {
	outcome := o.Outcome
	outcome.State, outcome.Code, outcome.Message, outcome.Hint = billing.InDoubt, code, message, "refresh later; it is not sent again before a look-up has settled it"
	if d.settle(ctx, o, 0, outcome, journal.AttemptResult{}) {
		d.done(billing.InDoubt)
	}
}

// numberWaits are the waits for the invoice number of an invoice that is not grouped.
func numberWaits() []time.Duration {
	return []time.Duration{2 * time.Second, 5 * time.Second, 10 * time.Second}
}

// awaitNumber reads the transaction again until it has its number. Without one the order stays registered.
func (d *dispatcher) awaitNumber(ctx context.Context, o journal.Order) {
	for _, wait := range numberWaits() {
		if !d.pause(ctx, wait) {
			break
		}
		t, err := d.client.Transaction(ctx, o.Outcome.TransactionID)
		if err != nil || !t.Live() || t.InvoiceNumber == "" {
			continue
		}
		d.settle(ctx, &o, 0, withSession(d.created(&o, t), o.Outcome.SessionID), journal.AttemptResult{})
		break
	}
	d.done(o.Outcome.State)
}
