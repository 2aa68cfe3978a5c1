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

// Codes of outcomes that a look-up gives.
const (
	// CodeForeign is a session under the reference that this journal did not make and that can still be paid.
	CodeForeign billing.Code = "session.foreign"
)

// clockSkew is how far the provider's clock and ours may be apart.
const clockSkew = 5 * time.Minute

// finding is what the provider holds of a merchant reference.
type finding struct {
	live    []dintero.Transaction
	voided  []dintero.Transaction
	failed  []dintero.Transaction
	spent   int    // of those, what this program's own requests came to
	ended   int    // sessions without a transaction of which nothing comes
	session string // of the order's own, which can still be paid
	foreign bool   // there is another program's session that can still be paid
	pending bool   // something is under way there
}

// lookUp asks the provider what it has of an order.
func (d *dispatcher) lookUp(ctx context.Context, o *journal.Order) happened {
	found, err := d.find(ctx, o)
	switch {
	case d.over(ctx, err):
		return happened{}
	case err != nil:
		return happened{event: billing.EventLookFailed, told: billing.Outcome{
			Code: dintero.CodeUnavailable, Message: "the look-up did not succeed: " + dintero.Detail(err),
			Hint: billing.HintInDoubt,
		}}
	}
	return d.verdict(o, &found)
}

// verdict says what a finding means for the order as an event.
func (d *dispatcher) verdict(o *journal.Order, f *finding) happened {
	young := time.Since(o.LastAttempt) < d.ResendAfter // a request may be under way
	f.voided = slices.DeleteFunc(f.voided, func(t dintero.Transaction) bool {
		if !d.others(o, &t) {
			return false
		}
		f.ended++ // nothing comes of it
		return true
	})
	switch {
	case len(f.live) > 1:
		return happened{event: billing.EventSeveral, told: d.alarm(o, f.live)}
	case len(f.live) == 1 && young && o.Sent > 0 && !o.Refused && !d.own(o, &f.live[0]): // the order's own may come yet
		return undecided()
	case len(f.live) == 1:
		return d.one(o, &f.live[0])
	case len(f.voided) > 0 && !f.pending && (f.spent >= o.Sent || !young):
		return happened{event: billing.EventVoided, told: voided(o, &f.voided[0])}
	case f.pending, len(f.voided) > 0: // beside a cancelled one a request may be under way
		return undecided()
	case len(f.failed) > 0 && f.spent >= o.Sent && !f.foreign:
		return happened{event: billing.EventDeclined, told: f.failure(o)}
	case f.foreign:
		return happened{event: billing.EventForeign, told: billing.Outcome{
			Code:    CodeForeign,
			Message: "the provider has a session under this reference that was not made by this program and can still be paid",
			Hint:    "cancel the session at the provider, or give the order another reference",
		}}
	case f.session != "":
		if f.session != o.SessionID && d.date(o) == nil {
			o.SessionHash = sessionHash(o)
		}
		return happened{event: billing.EventUnpaid, told: billing.Outcome{SessionID: f.session}}
	case len(f.failed)+f.ended > 0, o.Flow == OneStep && o.Sent > 1 && o.Code == dintero.CodeRejected && !o.Resent &&
		!young:
		// What the strict guard refused the repetition for need not be listed.
		return happened{event: billing.EventSpent, told: d.spent(o, f)}
	}
	return happened{event: billing.EventNothing}
}

func undecided() happened {
	return happened{
		event: billing.EventPending,
		told: billing.Outcome{
			Code: dintero.CodeStatus, Message: "the provider has not decided yet",
			Hint: billing.HintInDoubt,
		},
	}
}

// own reports whether a transaction has this program's mark, or came of the order's session. Where the
// provider tells no marks it may be.
func (d *dispatcher) own(o *journal.Order, t *dintero.Transaction) bool {
	return t.Content != "" || o.SessionID != "" && t.SessionID == o.SessionID || d.unmarked.Load()
}

// others reports whether a transaction is plainly of another program and of another order.
func (d *dispatcher) others(o *journal.Order, t *dintero.Transaction) bool {
	if d.own(o, t) {
		return false
	}
	code, _ := d.client.Same(t, d.wants(o))
	return code != "" && code != dintero.CodeUntold
}

// wants is what a transaction that is found must say to be the order's.
func (d *dispatcher) wants(o *journal.Order) dintero.Expect {
	want := expect(o)
	want.Address = addressOf(o)
	return want
}

// one compares the one live transaction with the order. What came of the order's own session needs to tell
// less; of a conflict it does not, for earlier versions kept the other's session with it.
func (d *dispatcher) one(o *journal.Order, t *dintero.Transaction) happened {
	compare := d.client.Same
	if o.SessionID != "" && t.SessionID == o.SessionID && o.Sent > 0 && o.State != billing.Conflict {
		compare = d.client.Verify
	}
	code, message := compare(t, d.wants(o))
	if code == "" {
		event := billing.EventLive
		if !d.own(o, t) {
			event = billing.EventAdopted
		}
		return happened{event: event, told: created(o, t, "")}
	}
	told := billing.Outcome{
		TransactionID: t.ID, InvoiceNumber: t.InvoiceNumber, Code: code,
		Message: "the provider has this reference with other content: " + message,
		Hint:    "compare the invoice with the order; correct the order, or give one of them another reference",
	}
	if code == dintero.CodeUntold {
		told.Message = "the provider has an invoice under this reference, and does not tell enough to know whether it is the order's: " + message
		told.Hint = "look at the invoice at the provider before anything else is done about the order"
	}
	return happened{event: billing.EventDiffers, told: told}
}

// addressOf is whom the order's request is for.
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

// spent says why nothing came of an order of which only failed attempts are there.
func (d *dispatcher) spent(o *journal.Order, f *finding) billing.Outcome {
	switch {
	case !o.Refused && len(f.failed) > 0:
		return f.failure(o)
	case !o.Refused:
		return billing.Outcome{
			Code:    dintero.CodeDeclined,
			Message: "the provider has no invoice, and a session under this reference of which nothing came",
			Hint:    "run again",
		}
	case d.Guard != dintero.Strict:
		return billing.Outcome{} // as the refusal says
	}
	return billing.Outcome{
		Code: o.Code,
		Message: "the reference was used by an attempt that failed, and the strict guard refuses it for good: " +
			o.Message,
		Hint: "run again with --duplicate-guard strict-success, or give the order a new reference",
	}
}

// failure is why nothing came of the order's own attempt, or of another's where there is no other.
func (f *finding) failure(o *journal.Order) billing.Outcome {
	own := slices.IndexFunc(f.failed, func(t dintero.Transaction) bool { return t.Content != "" })
	return outcomeOf(o, &f.failed[max(0, own)])
}

// outcomeOf is what a transaction means for the order. Without this program's mark its session may be another
// program's.
func outcomeOf(o *journal.Order, t *dintero.Transaction) billing.Outcome {
	outcome := t.Outcome(o.DaysUntilDue)
	if t.Content == "" {
		outcome.SessionID = ""
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
		TransactionID: live[0].ID, InvoiceNumber: live[0].InvoiceNumber, Code: billing.CodeDuplicated,
		Message: fmt.Sprintf("the provider has %d live invoices for this reference: %s", len(live),
			strings.Join(ids, ", ")),
		Hint: "cancel all but one at the provider, then refresh",
	}
}

// find asks the provider for everything it has under the order's reference: among the transactions, then
// among the sessions.
func (d *dispatcher) find(ctx context.Context, o *journal.Order) (finding, error) {
	var f finding
	transactions, err := d.client.TransactionsByReference(ctx, o.Reference)
	if err != nil {
		return finding{}, fmt.Errorf("look up order %s: %w", o.Reference, err)
	}
	for _, t := range transactions {
		f.add(o, t)
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

// addSession adds a session without a transaction. This program marks its sessions with the content that they are for.
func (f *finding) addSession(o *journal.Order, s *dintero.Session) {
	own := s.Content != "" || s.ID == o.SessionID
	switch {
	case !s.InFlight(time.Now()):
		if own || o.Flow == OneStep {
			f.ended++
		}
	// it is under way where it is of the order's request; an older one, and a shop's, block nothing
	case o.Flow == OneStep:
		since := s.CreatedAt.IsZero() || s.CreatedAt.After(o.PlannedAt.Add(-clockSkew))
		two := s.ID == o.SessionID && o.SessionHash != "" // of two steps that this journal began
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

// account counts a transaction that one of the order's requests came to: it has this program's mark, and is
// not older than the plan that was sent. Another's attempt says nothing of the requests.
func (f *finding) account(o *journal.Order, t *dintero.Transaction) {
	if t.Content != "" && t.CreatedAt.After(o.PlannedAt.Add(clockSkew)) {
		f.spent++
	}
}

func (f *finding) knows(id string) bool {
	return slices.ContainsFunc(slices.Concat(f.live, f.voided, f.failed), func(t dintero.Transaction) bool {
		return t.ID == id
	})
}

// readAgain reads the transaction of an order that lacked something.
func (d *dispatcher) readAgain(ctx context.Context, o *journal.Order) happened {
	h, _ := d.read(ctx, o)
	return h
}

// read reads the order's transaction, as far as it is the order's.
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

// shows says what a known transaction of the order shows now.
func (d *dispatcher) shows(o *journal.Order, t *dintero.Transaction) happened {
	code, _ := d.client.Verify(t, expect(o))
	switch {
	case code != "":
		return happened{event: billing.EventLookFailed}
	case t.Live():
		return happened{event: billing.EventLive, told: created(o, t, "")}
	case t.Created():
		return happened{event: billing.EventVoided, told: voided(o, t)}
	case t.Failed():
		return happened{event: billing.EventDeclined, told: t.Outcome(o.DaysUntilDue)}
	}
	return happened{event: billing.EventLookFailed}
}
