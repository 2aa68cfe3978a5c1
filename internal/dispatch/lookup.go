package dispatch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/journal"
)

// CodeForeign says that the reference has a session that this journal did not make and that can still be paid.
const CodeForeign billing.Code = "session.foreign"

// clockSkew is how far apart the provider's clock and ours may be.
const clockSkew = 5 * time.Minute

// finding is what the provider holds under a merchant reference.
type finding struct {
	live     []dintero.Transaction
	voided   []dintero.Transaction
	failed   []dintero.Transaction
	answered int    // voided and failed transactions that this program's own requests made
	ended    int    // sessions without a transaction from which none will come
	session  string // the order's own session, which can still be paid; "" for none
	foreign  bool   // another program has a session that can still be paid
	pending  bool   // a transaction or session may still become an invoice
}

// lookUp asks the provider what it has of an order. It only reads.
func (d *dispatcher) lookUp(ctx context.Context, o *journal.Order) happened {
	found, err := d.find(ctx, o)
	switch {
	case d.over(ctx, err):
		return happened{}
	case err != nil:
		return happened{event: billing.EventLookFailed, outcome: billing.Outcome{
			Code: dintero.CodeUnavailable, Message: fmt.Sprintf(msgLookUpFailed, dintero.Detail(err)),
			Hint: billing.HintInDoubt,
		}}
	}
	return d.judgeFinding(o, &found)
}

// judgeFinding turns a finding into an event. Each case is safe only because the cases above it did not apply, so their
// order must not change. An order is concluded as not invoiced only if each of its requests is accounted for, or is so
// old that it cannot be under way any more.
func (d *dispatcher) judgeFinding(o *journal.Order, f *finding) happened {
	young := time.Since(o.LastAttempt) < d.ResendAfter // so a request may still be under way
	f.voided = slices.DeleteFunc(f.voided, func(t dintero.Transaction) bool {
		if !d.others(o, &t) {
			return false
		}
		f.ended++ // it is another order's, so it says as little as an ended session
		return true
	})
	switch {
	case len(f.live) > 1:
		return happened{event: billing.EventSeveral, outcome: d.alarm(o, f.live)}
	case len(f.live) == 1 && young && o.Sent > 0 && !o.Refused && !d.own(o, &f.live[0]):
		return undecided() // the order's own transaction may still appear beside it
	case len(f.live) == 1:
		return d.one(o, &f.live[0])
	case len(f.voided) > 0 && !f.pending && (f.answered >= o.Sent || !young):
		return happened{event: billing.EventVoided, outcome: voided(o, &f.voided[0])}
	case f.pending, len(f.voided) > 0: // a request may be under way beside the cancelled invoice
		return undecided()
	case len(f.failed) > 0 && f.answered >= o.Sent && !f.foreign:
		return happened{event: billing.EventDeclined, outcome: f.failure(o)}
	case f.foreign:
		return happened{event: billing.EventForeign, outcome: billing.Outcome{
			Code: CodeForeign, Message: msgForeign, Hint: hintOtherReference,
		}}
	case f.session != "":
		if f.session != o.SessionID && d.date(o) == nil {
			o.SessionHash = sessionHash(o)
		}
		return happened{event: billing.EventUnpaid, outcome: billing.Outcome{SessionID: f.session}}
	case len(f.failed)+f.ended > 0,
		// The strict guard refused the resend because of something that the provider's lists need not show.
		o.Flow == OneStep && o.Sent > 1 && o.Code == dintero.CodeRejected && !o.Resent && !young:
		return happened{event: billing.EventSpent, outcome: d.nothingCame(o, f)}
	}
	return happened{event: billing.EventNothing}
}

// undecided is the event for an order that must be looked up again.
func undecided() happened {
	return happened{
		event:   billing.EventPending,
		outcome: billing.Outcome{Code: dintero.CodeStatus, Message: msgUndecided, Hint: billing.HintInDoubt},
	}
}

// own reports whether a transaction may come from this program: it has the mark (the content hash), or came from the
// order's session, or the provider shows no marks at all.
func (d *dispatcher) own(o *journal.Order, t *dintero.Transaction) bool {
	return t.Content != "" || o.SessionID != "" && t.SessionID == o.SessionID || d.unmarked.Load()
}

// others reports whether a transaction certainly comes from another program and is for another order.
func (d *dispatcher) others(o *journal.Order, t *dintero.Transaction) bool {
	if d.own(o, t) {
		return false
	}
	code, _ := d.client.Same(t, d.expectFound(o))
	return code != "" && code != dintero.CodeUncomparable
}

// expectFound gives what a transaction that a look-up found must agree with to be the order's.
func (d *dispatcher) expectFound(o *journal.Order) dintero.Expect {
	want := expect(o)
	want.Address = addressOf(o)
	return want
}

// one compares the one live transaction with the order. A transaction of the order's own session may leave fields out,
// but not for an order in conflict: earlier versions of this program stored the other program's session with it.
func (d *dispatcher) one(o *journal.Order, t *dintero.Transaction) happened {
	compare := d.client.Same
	if o.SessionID != "" && t.SessionID == o.SessionID && o.Sent > 0 && o.State != billing.Conflict {
		compare = d.client.Verify
	}
	code, message := compare(t, d.expectFound(o))
	if code == "" {
		event := billing.EventLive
		if !d.own(o, t) {
			event = billing.EventAdopted
		}
		return happened{event: event, outcome: created(o, t, "")}
	}
	differs := billing.Outcome{
		TransactionID: t.ID, InvoiceNumber: t.InvoiceNumber, Code: code,
		Message: fmt.Sprintf(msgOtherContent, message), Hint: hintCompare,
	}
	if code == dintero.CodeUncomparable {
		differs.Message, differs.Hint = fmt.Sprintf(msgCannotCompare, message), hintLookAtInvoice
	}
	return happened{event: billing.EventDiffers, outcome: differs}
}

// addressOf reads from the stored request whom the order is for.
func addressOf(o *journal.Order) billing.Address {
	var body struct {
		Address billing.Address `json:"billing_address"` // two-step
		Session struct {
			Order struct {
				Address billing.Address `json:"billing_address"` // one-step
			} `json:"order"`
		} `json:"session"`
	}
	_ = json.Unmarshal(o.Body, &body) // our own JSON; without it there is nothing to compare
	if o.Flow == OneStep {
		return body.Session.Order.Address
	}
	return body.Address
}

// nothingCame says why an order has no invoice, of which the provider has only failed or ended attempts.
func (d *dispatcher) nothingCame(o *journal.Order, f *finding) billing.Outcome {
	switch {
	case !o.Refused && len(f.failed) > 0:
		return f.failure(o)
	case !o.Refused:
		return billing.Outcome{Code: dintero.CodeDeclined, Message: msgNoInvoice, Hint: hintRunAgain}
	case d.Guard != dintero.Strict:
		return billing.Outcome{} // the refusal's own words stay
	}
	return billing.Outcome{Code: o.Code, Message: fmt.Sprintf(msgUsedUp, o.Message), Hint: hintStrictSuccess}
}

// failure says why the order's own attempt failed, or another program's if the order has none there.
func (f *finding) failure(o *journal.Order) billing.Outcome {
	own := slices.IndexFunc(f.failed, func(t dintero.Transaction) bool { return t.Content != "" })
	return outcomeOf(o, &f.failed[max(0, own)])
}

// outcomeOf gives the outcome that a transaction means for the order. Without this program's mark the transaction's
// session may be another program's, so it is left out.
func outcomeOf(o *journal.Order, t *dintero.Transaction) billing.Outcome {
	outcome := t.Outcome(o.DaysUntilDue)
	if t.Content == "" {
		outcome.SessionID = ""
	}
	return outcome
}

// alarm stops sending to a customer who has more than one live invoice for one reference, and says which they are.
func (d *dispatcher) alarm(o *journal.Order, live []dintero.Transaction) billing.Outcome {
	d.alarmed.Store(customerOf(o), true)
	d.Logger.Error("more than one live invoice for one reference", "order", o.Reference, "count", len(live))
	ids := make([]string, len(live))
	for i, t := range live {
		ids[i] = strings.TrimSpace(t.ID + " " + t.InvoiceNumber)
	}
	return billing.Outcome{
		TransactionID: live[0].ID, InvoiceNumber: live[0].InvoiceNumber, Code: billing.CodeDuplicated,
		Message: fmt.Sprintf(msgDuplicated, len(live), strings.Join(ids, ", ")),
		Hint:    hintCancelAllButOne,
	}
}

// find asks the provider for everything that it has under the order's reference: first the transactions, then the
// sessions. Any error makes the look-up fail: half a list must not be taken for "nothing there".
func (d *dispatcher) find(ctx context.Context, o *journal.Order) (finding, error) {
	var f finding
	transactions, err := d.client.TransactionsByReference(ctx, o.Reference)
	if err != nil {
		return finding{}, fmt.Errorf(msgLookUp, o.Reference, err)
	}
	for _, t := range transactions {
		f.add(o, t)
	}
	if len(f.live) > 0 {
		return f, nil
	}
	if err := d.findSessions(ctx, o, &f); err != nil {
		return finding{}, fmt.Errorf(msgLookUp, o.Reference, err)
	}
	return f, nil
}

// findSessions adds the sessions of the reference, and transactions that only a session leads to. It also reads the
// order's own session by its id: the provider's list may lag, or may not exist.
func (d *dispatcher) findSessions(ctx context.Context, o *journal.Order, f *finding) error {
	sessions, err := d.client.SessionsByReference(ctx, o.Reference)
	if err != nil && !errors.Is(err, dintero.ErrNotAvailable) {
		return err
	}
	if id := o.SessionID; id != "" &&
		!slices.ContainsFunc(sessions, func(s dintero.Session) bool { return s.ID == id }) {
		session, err := d.client.Session(ctx, id)
		unknown, refused := errors.AsType[*dintero.Error](err)
		switch {
		case refused && unknown.Code == dintero.CodeNotFound:
		case err != nil:
			return err
		case session.Reference == o.Reference:
			sessions = append(sessions, *session)
		}
	}
	for i := range sessions {
		s := &sessions[i]
		if s.TransactionID == "" {
			f.addSession(o, s)
			continue
		}
		if f.knows(s.TransactionID) {
			continue
		}
		t, err := d.client.Transaction(ctx, s.TransactionID)
		if err != nil {
			return err
		}
		if t.Reference == o.Reference {
			f.add(o, *t)
		}
	}
	return nil
}

// addSession adds a session without a transaction. This program marks its sessions with the hash of their content. In
// one step a payment request creates the session, so an open session of the order's own request is under way; an older
// one, or a shop's, blocks nothing.
func (f *finding) addSession(o *journal.Order, s *dintero.Session) {
	own := s.Content != "" || s.ID == o.SessionID
	switch {
	case !s.InFlight(time.Now()):
		if own || o.Flow == OneStep {
			f.ended++
		}
	case o.Flow == OneStep:
		since := s.CreatedAt.IsZero() || s.CreatedAt.After(o.PlannedAt.Add(-clockSkew))
		two := s.ID == o.SessionID && o.SessionHash != "" // this journal made it for two steps, and has not paid it
		if own && !two && (o.Sent > 0 && since || o.Sent == 0 && o.FirstAttempt.IsZero()) {
			f.pending = true
		} else {
			f.ended++
		}
	case s.Content == o.Hash, s.ID == o.SessionID && (o.State != billing.Planned || o.SessionHash == sessionHash(o)):
		f.session = s.ID
	case !own:
		f.foreign = true
	}
}

// add sorts a transaction by what came of it.
func (f *finding) add(o *journal.Order, t dintero.Transaction) {
	switch {
	case t.Live():
		f.live = append(f.live, t)
	case t.Created():
		f.voided = append(f.voided, t)
		f.account(o, &t)
	case t.Failed():
		f.failed = append(f.failed, t)
		f.account(o, &t)
	default:
		f.pending = true
	}
}

// account counts a transaction that answers one of the order's requests: it has this program's mark, and is certainly
// newer than the stored content. Another program's transaction says nothing about the requests.
func (f *finding) account(o *journal.Order, t *dintero.Transaction) {
	if t.Content != "" && t.CreatedAt.After(o.PlannedAt.Add(clockSkew)) {
		f.answered++
	}
}

func (f *finding) knows(id string) bool {
	return slices.ContainsFunc(slices.Concat(f.live, f.voided, f.failed), func(t dintero.Transaction) bool {
		return t.ID == id
	})
}

// readAgain reads the transaction of an order whose invoice lacked something, such as its number.
func (d *dispatcher) readAgain(ctx context.Context, o *journal.Order) happened {
	h, _ := d.read(ctx, o)
	return h
}

// read reads the order's transaction and says what it shows. The transaction is nil if it cannot be read.
func (d *dispatcher) read(ctx context.Context, o *journal.Order) (happened, *dintero.Transaction) {
	t, err := d.client.Transaction(ctx, o.TransactionID)
	switch {
	case d.over(ctx, err):
		return happened{}, nil
	case err != nil:
		return happened{event: billing.EventLookFailed}, nil
	}
	return d.shows(o, t), t
}

// shows turns a known transaction of the order into an event. A transaction that does not agree with the order changes
// nothing.
func (d *dispatcher) shows(o *journal.Order, t *dintero.Transaction) happened {
	code, _ := d.client.Verify(t, expect(o))
	switch {
	case code != "":
		return happened{event: billing.EventLookFailed}
	case t.Live():
		return happened{event: billing.EventLive, outcome: created(o, t, "")}
	case t.Created():
		return happened{event: billing.EventVoided, outcome: voided(o, t)}
	case t.Failed():
		return happened{event: billing.EventDeclined, outcome: t.Outcome(o.DaysUntilDue)}
	}
	return happened{event: billing.EventLookFailed}
}
