package dispatch

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/journal"
)

// The kinds of attempt that the journal keeps.
const (
	kindPay     = "pay"
	kindCreate  = "create session"
	kindCancel  = "cancel session"
	kindPaySess = "pay session"
	kindCapture = "capture"
	kindVoid    = "void"
)

// CodeDuePassed says that the due date that an order asks for had passed when the order was to be sent.
const CodeDuePassed billing.Code = "due_date.passed"

// send makes the payment request of an order. It is the only place from which an invoice can come. A repeated request
// carries the strict guard: if the first one created anything, even a failed session, the provider refuses the second.
func (d *dispatcher) send(ctx context.Context, o *journal.Order) happened {
	if _, alarmed := d.alarmed.Load(customerOf(o)); alarmed {
		return happened{event: billing.EventHeld}
	}
	if err := d.date(o); err != nil {
		return happened{event: billing.EventUnsendable, outcome: billing.Outcome{
			Code: CodeDuePassed, Message: err.Error(), Hint: hintLaterDueDate,
		}}
	}
	kind, guard := kindPay, d.Guard
	if o.State == billing.InDoubt {
		guard = dintero.Strict
	}
	if o.Flow != OneStep {
		if ready, h := d.session(ctx, o); !ready {
			return h
		}
		kind, guard = kindPaySess, 0 // the guard went with the session, of which at most one invoice can come
	}
	a, ok := d.begin(ctx, o, kind, guard, o.Next(billing.EventBegun, billing.Outcome{}, time.Now()))
	if !ok {
		return happened{}
	}
	if o.Flow == OneStep {
		return d.judge(o, a, d.client.Pay(ctx, o.Body, guard, expect(o)))
	}
	return d.judge(o, a, d.client.PaySession(ctx, o.SessionID, o.Body, expect(o)))
}

// date sets the days until due of an order that asks for a due date. The provider counts them from the day on which the
// order is sent, which may be later than the day on which the body was made.
func (d *dispatcher) date(o *journal.Order) (err error) {
	if o.AskedDue == "" {
		return nil
	}
	asked := billing.Order{DueDate: o.AskedDue}
	o.DaysUntilDue = asked.DaysFrom(d.Day(time.Now()))
	if o.DaysUntilDue < 0 {
		return fmt.Errorf(msgDuePassed, o.AskedDue)
	}
	if o.CreateBody != nil {
		o.CreateBody, err = dintero.SetDays(o.CreateBody, o.DaysUntilDue)
	} else {
		o.Body, err = dintero.SetDays(o.Body, o.DaysUntilDue)
	}
	return err
}

// customerOf names the customer to whom nothing more is sent after an alarm.
func customerOf(o *journal.Order) string {
	if o.CustomerNumber != "" {
		return "number " + o.CustomerNumber
	}
	return "name " + o.Customer
}

// begin makes an attempt durable. If it reports false, the request must not leave.
func (d *dispatcher) begin(ctx context.Context, o *journal.Order, kind string, guard dintero.Guard,
	to billing.Life,
) (*journal.Attempt, bool) {
	a, err := d.journal.Begin(ctx, o, journal.Attempt{Run: d.Run, Kind: kind, Guard: guard.String()}, to)
	switch {
	case errors.Is(err, journal.ErrTaken):
		d.Logger.Warn("order was taken up by another process", "order", o.Reference)
		return nil, false
	case err != nil:
		if ctx.Err() == nil {
			d.fail(fmt.Errorf(msgStoppedBefore, o.Reference, err))
		}
		return nil, false
	}
	return &a, true
}

// judge turns the answer to a payment request into an event.
func (d *dispatcher) judge(o *journal.Order, a *journal.Attempt, answer dintero.Answer) happened {
	a.HTTPStatus, a.Meaning, a.Detail = answer.HTTPStatus, answer.Meaning.String(), answer.Message
	h := happened{attempt: a, outcome: billing.Outcome{Code: answer.Code, Message: answer.Message, Hint: answer.Hint}}
	if o.Flow == OneStep && answer.HTTPStatus/100 == 2 { // a refusal may name another program's session
		h.outcome.SessionID = answer.SessionID
	}
	if t := answer.Transaction; t != nil {
		h.outcome.TransactionID = t.ID
	}
	switch answer.Meaning {
	case dintero.MeansInvoiced, dintero.MeansRegistered:
		if answer.Transaction.Content == "" {
			d.unmarked.Store(true)
		}
		h.event, h.outcome = billing.EventLive, created(o, answer.Transaction, answer.SessionID)
	case dintero.MeansVoided:
		h.event, h.outcome = billing.EventVoided, voided(o, answer.Transaction)
	case dintero.MeansDeclined:
		h.event = billing.EventDeclined
		if o.Sent > 1 { // nobody knows yet what became of the earlier request
			h.event = billing.EventLost
		}
	case dintero.MeansRefused:
		h.event = billing.EventRefused
	case dintero.MeansNotSent:
		if o.Flow != OneStep { // no guard goes with a session's payment, so it is looked up anew before the next try
			o.Looks = 1
		}
		h.event = d.unsent(answer)
		h.outcome.Hint = hintNothingCreated
	case dintero.MeansInDoubt, dintero.MeansOpened:
		h.event = billing.EventLost
	}
	return h
}

// unsent says why a request certainly created nothing, as an event. It stops the run if no other request could succeed.
func (d *dispatcher) unsent(answer dintero.Answer) billing.Event {
	switch {
	case answer.Fatal != nil:
		d.fail(answer.Fatal)
		return billing.EventWithdrawn
	case answer.Code == dintero.CodeCancelled: // the request was still waiting for its turn
		d.note(Interrupted)
		return billing.EventWithdrawn
	case answer.Code == dintero.CodeThrottled:
		return billing.EventThrottled
	}
	return billing.EventUnsent
}

// created gives the outcome of an order that the provider has.
func created(o *journal.Order, t *dintero.Transaction, session string) billing.Outcome {
	days := o.DaysUntilDue
	if o.AskedDue != "" && t.DueDate == o.AskedDue { // right, whatever day the invoice was made on
		days = -1
	}
	outcome := t.Outcome(days)
	outcome.SessionID = cmp.Or(outcome.SessionID, session)
	if outcome.State.Live() && o.Channel == billing.ChannelMerchant && !t.Initiated() {
		outcome.Code = billing.CodeDeliver
		outcome.Message, outcome.Hint = msgNotCaptured, hintRunAgain
	}
	return outcome
}

// voided gives the outcome of an order whose invoice was cancelled.
func voided(o *journal.Order, t *dintero.Transaction) billing.Outcome {
	outcome := outcomeOf(o, t)
	outcome.Code, outcome.Message, outcome.Hint = CodeVoided, msgVoided, hintInvoiceAnew
	return outcome
}

// expect gives what an answer to the order's own request must agree with.
func expect(o *journal.Order) dintero.Expect {
	return dintero.Expect{
		Reference: o.Reference, Amount: o.Gross, Product: o.Product, Channel: o.Channel, Content: o.Hash,
		Address: billing.Address{OrganizationNumber: o.Organization},
	}
}

// session makes sure that the order has a session of its own to pay: the one that this journal made for the same
// content, as long as it can be paid, else a new one. A session invoices nothing before it is paid, so a spare one does
// no harm. The order may have only one session that could be paid, so an older one is given up before a new one is
// made.
func (d *dispatcher) session(ctx context.Context, o *journal.Order) (ready bool, h happened) {
	if o.SessionID != "" && (o.State == billing.InDoubt || o.SessionHash == sessionHash(o)) {
		s, err := d.client.Session(ctx, o.SessionID)
		unknown, refused := errors.AsType[*dintero.Error](err)
		switch {
		case err == nil && s.InFlight(time.Now()) && d.dated(o, s):
			return true, h
		case err == nil && s.TransactionID != "":
			if event := d.paid(ctx, s); event != 0 {
				o.Looks = 1
				return false, happened{event: event}
			}
			o.SessionID, o.SessionHash = "", ""
		case err != nil && (!refused || unknown.Code != dintero.CodeNotFound):
			return false, d.unread(ctx, err)
		case o.State == billing.InDoubt && time.Since(o.LastAttempt) < d.ResendAfter: // its payment may be under way
			return false, happened{event: billing.EventPending}
		case err != nil, !s.InFlight(time.Now()):
			o.SessionID, o.SessionHash = "", ""
		}
	}
	if o.SessionID != "" && (o.SessionHash != "" || o.State == billing.InDoubt) {
		if given, h := d.cancel(ctx, o); !given {
			return false, h
		}
	}
	return d.open(ctx, o)
}

// sessionHash identifies the request for the order's session. Unlike the content hash it covers days until due,
// callback and return addresses, and the profile.
func sessionHash(o *journal.Order) string {
	sum := sha256.Sum256(o.CreateBody)
	return hex.EncodeToString(sum[:])
}

// paid gives the event for a session that somebody has paid: 0 if the payment certainly failed, so that a new session
// may be made, else one after which the order is looked up.
func (d *dispatcher) paid(ctx context.Context, s *dintero.Session) billing.Event {
	t, err := d.client.Transaction(ctx, s.TransactionID)
	if err == nil && t.Failed() {
		return 0
	}
	return billing.EventUnsent
}

// dated reports whether a session gives the order's invoice the right due date. The days until due were set for the day
// on which the session was made, and the provider counts them from the day on which it is paid.
func (d *dispatcher) dated(o *journal.Order, s *dintero.Session) bool {
	return o.AskedDue == "" || d.Day(s.CreatedAt) == d.Day(time.Now())
}

// unread gives the event for an order that is not sent because its session could not be read.
func (d *dispatcher) unread(ctx context.Context, err error) happened {
	if d.over(ctx, err) {
		return happened{}
	}
	return happened{event: billing.EventUnsent, outcome: billing.Outcome{
		Code: dintero.CodeUnavailable, Message: dintero.Detail(err), Hint: hintNothingCreated,
	}}
}

// cancel gives up the session that was made for an older content or day; given reports that a new one may be made. If
// the session was never paid, the provider's answer does not matter, since only this program pays it. If it may have
// been paid, the provider must confirm the cancellation first: otherwise both sessions could become invoices.
func (d *dispatcher) cancel(ctx context.Context, o *journal.Order) (given bool, h happened) {
	a, ok := d.begin(ctx, o, kindCancel, 0, o.Life)
	if !ok {
		return false, h
	}
	answer := d.client.CancelSession(ctx, o.SessionID)
	a.HTTPStatus, a.Meaning, a.Detail = answer.HTTPStatus, answer.Meaning.String(), answer.Message
	if answer.Fatal != nil {
		d.fail(answer.Fatal)
	}
	if o.State == billing.InDoubt && answer.Meaning != dintero.MeansVoided {
		return false, happened{event: billing.EventWithdrawn, attempt: a}
	}
	o.SessionID, o.SessionHash = "", ""
	return d.keep(ctx, o, a) && answer.Fatal == nil, h
}

// open makes a session under the duplicate guard. Its id is in the journal before it is paid, so that a later run finds
// this session and does not make another.
func (d *dispatcher) open(ctx context.Context, o *journal.Order) (ready bool, h happened) {
	guard := d.Guard
	if d.unguarded.Load() {
		guard = 0
	}
	a, ok := d.begin(ctx, o, kindCreate, guard, o.Life)
	if !ok {
		return false, h
	}
	answer := d.client.CreateSession(ctx, o.CreateBody, o.Flow == TwoStepProfile, guard)
	if answer.Meaning == dintero.MeansOpened {
		a.HTTPStatus, a.Meaning = answer.HTTPStatus, answer.Meaning.String()
		o.SessionID, o.SessionHash = answer.SessionID, sessionHash(o)
		return d.keep(ctx, o, a), h
	}
	h = d.judge(o, a, answer)
	switch {
	case answer.Code == dintero.CodeGuard:
		if d.unguarded.CompareAndSwap(false, true) && d.Notice != nil {
			d.Notice(msgUnguarded)
		}
		o.Looks, h.event = 1, billing.EventUnsent
	case h.event == billing.EventLost: // an unpaid session may exist: the look-up finds it, or another is made
		o.Looks, h.event = 1, billing.EventUnsent
	}
	return false, h
}

// keep makes the order's session durable, together with the attempt that made or cancelled it.
func (d *dispatcher) keep(ctx context.Context, o *journal.Order, a *journal.Attempt) bool {
	if err := d.journal.Conclude(context.WithoutCancel(ctx), o, a, o.Life); err != nil {
		d.fail(fmt.Errorf(msgSessionNotKept, o.Reference, err))
		return false
	}
	return true
}
