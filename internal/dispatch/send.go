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

// CodeDuePassed says that the due date an order asks for had passed when it was to be sent.
const CodeDuePassed billing.Code = "due_date.passed"

// send asks for the payment of an order. A repeated request goes under the guard that any session of the
// reference blocks.
func (d *dispatcher) send(ctx context.Context, o *journal.Order) happened {
	if _, held := d.alarmed.Load(customerOf(o)); held {
		return happened{event: billing.EventHeld}
	}
	if err := d.date(o); err != nil {
		return happened{event: billing.EventUnsendable, told: billing.Outcome{
			Code: CodeDuePassed, Message: err.Error(), Hint: "nothing was created; give the order a later due date",
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
		kind, guard = kindPaySess, 0
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

// date makes the request of an order that asks for a due date anew for the day on which it is sent.
func (d *dispatcher) date(o *journal.Order) (err error) {
	if o.AskedDue == "" {
		return nil
	}
	asked := billing.Order{DueDate: o.AskedDue}
	o.DaysUntilDue = asked.DaysFrom(d.Day(time.Now()))
	if o.DaysUntilDue < 0 {
		return fmt.Errorf("its due date %s has passed", o.AskedDue)
	}
	if o.CreateBody != nil {
		o.CreateBody, err = dintero.SetDays(o.CreateBody, o.DaysUntilDue)
	} else {
		o.Body, err = dintero.SetDays(o.Body, o.DaysUntilDue)
	}
	return err
}

// customerOf is the customer for whom an alarm holds.
func customerOf(o *journal.Order) string {
	if o.CustomerNumber != "" {
		return "number " + o.CustomerNumber
	}
	return "name " + o.Customer
}

// begin makes an attempt durable. Nothing may be sent when it reports false.
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
			d.fail(fmt.Errorf("stopped before sending order %s: %w", o.Reference, err))
		}
		return nil, false
	}
	return &a, true
}

// judge says what the answer to a payment request was as an event.
func (d *dispatcher) judge(o *journal.Order, a *journal.Attempt, answer dintero.Answer) happened {
	a.HTTPStatus, a.Meaning, a.Detail = answer.HTTPStatus, answer.Meaning.String(), answer.Message
	h := happened{attempt: a, told: billing.Outcome{Code: answer.Code, Message: answer.Message, Hint: answer.Hint}}
	if o.Flow == OneStep && answer.HTTPStatus/100 == 2 { // the session that a refusal names may be another's
		h.told.SessionID = answer.SessionID
	}
	if t := answer.Transaction; t != nil {
		h.told.TransactionID = t.ID
	}
	switch answer.Meaning {
	case dintero.MeansInvoiced, dintero.MeansRegistered:
		if answer.Transaction.Content == "" {
			d.unmarked.Store(true)
		}
		h.event, h.told = billing.EventLive, created(o, answer.Transaction, answer.SessionID)
	case dintero.MeansVoided:
		h.event, h.told = billing.EventVoided, voided(o, answer.Transaction)
	case dintero.MeansDeclined:
		h.event = billing.EventDeclined
		if o.Sent > 1 { // an earlier request is not accounted for
			h.event = billing.EventLost
		}
	case dintero.MeansRefused:
		h.event = billing.EventRefused
	case dintero.MeansNotSent:
		if o.Flow != OneStep { // by then the look-up before it is old, and no guard goes with a session's payment
			o.Looks = 1
		}
		h.event = d.unsent(answer)
		h.told.Hint = "nothing was created; run again"
	case dintero.MeansInDoubt, dintero.MeansOpened:
		h.event = billing.EventLost
	}
	return h
}

// unsent tells apart why a request did not arrive, and stops where no other would.
func (d *dispatcher) unsent(answer dintero.Answer) billing.Event {
	switch {
	case answer.Fatal != nil:
		d.fail(answer.Fatal)
		return billing.EventWithdrawn
	case answer.Code == dintero.CodeCancelled: // it was still waiting for its turn
		d.note(Interrupted)
		return billing.EventWithdrawn
	case answer.Code == dintero.CodeThrottled:
		return billing.EventThrottled
	}
	return billing.EventUnsent
}

// created is the outcome of an order that the provider has.
func created(o *journal.Order, t *dintero.Transaction, session string) billing.Outcome {
	days := o.DaysUntilDue
	if o.AskedDue != "" && t.DueDate == o.AskedDue { // whatever the day on which it was made
		days = -1
	}
	outcome := t.Outcome(days)
	outcome.SessionID = cmp.Or(outcome.SessionID, session)
	if outcome.State.Live() && o.Channel == billing.ChannelMerchant && !t.Initiated() {
		outcome.Code = billing.CodeDeliver
		outcome.Message = "collection has not started: the transaction is not captured yet"
		outcome.Hint = "run again"
	}
	return outcome
}

// voided is the outcome of an order whose invoice was cancelled.
func voided(o *journal.Order, t *dintero.Transaction) billing.Outcome {
	outcome := outcomeOf(o, t)
	outcome.Code, outcome.Message = CodeVoided, "the invoice was cancelled"
	outcome.Hint = "to invoice it anew, give the order a new reference"
	return outcome
}

// expect is what an answer to the order's own request must say to be the order's.
func expect(o *journal.Order) dintero.Expect {
	return dintero.Expect{
		Reference: o.Reference, Amount: o.Gross, Product: o.Product, Channel: o.Channel, Content: o.Hash,
		Address: billing.Address{OrganizationNumber: o.Organization},
	}
}

// session readies the order's own session: the one that this journal made for the same content while it can
// be paid, else a new one. No session invoices anything before it is paid.
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

// sessionHash tells the request for the order's session from others: it holds days, addresses and profile too.
func sessionHash(o *journal.Order) string {
	sum := sha256.Sum256(o.CreateBody)
	return hex.EncodeToString(sum[:])
}

// paid tells what to do about a session that was paid, by whomever: 0 where nothing came of it.
func (d *dispatcher) paid(ctx context.Context, s *dintero.Session) billing.Event {
	t, err := d.client.Transaction(ctx, s.TransactionID)
	if err == nil && t.Failed() {
		return 0
	}
	return billing.EventUnsent // it is looked up
}

// dated reports whether a session gives the order's invoice the right due date: its days until due count from
// the day it is paid.
func (d *dispatcher) dated(o *journal.Order, s *dintero.Session) bool {
	return o.AskedDue == "" || d.Day(s.CreatedAt) == d.Day(time.Now())
}

// unread is for an order that is not sent because something of it could not be read.
func (d *dispatcher) unread(ctx context.Context, err error) happened {
	if d.over(ctx, err) {
		return happened{}
	}
	return happened{event: billing.EventUnsent, told: billing.Outcome{
		Code: dintero.CodeUnavailable, Message: dintero.Detail(err), Hint: "nothing was created; run again",
	}}
}

// cancel gives up the session that was made for an older content or day. What became of that is of no account
// where it was never paid: only this program pays it. Where it may have been paid it must be cancelled for
// certain before another is made.
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

// open makes a session under the order's guard and keeps its id before it is paid.
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
			d.Notice(
				"the provider does not take the duplicate guard with a session: two journals of one account could invoice an order twice; keep one")
		}
		o.Looks, h.event = 1, billing.EventUnsent
	case h.event == billing.EventLost: // the session may exist; it is found, or another is made
		o.Looks, h.event = 1, billing.EventUnsent
	}
	return false, h
}

// keep makes durable which session the order has.
func (d *dispatcher) keep(ctx context.Context, o *journal.Order, a *journal.Attempt) bool {
	if err := d.journal.Conclude(context.WithoutCancel(ctx), o, a, o.Life); err != nil {
		d.fail(fmt.Errorf("the session of order %s could not be kept: %w", o.Reference, err))
		return false
	}
	return true
}
