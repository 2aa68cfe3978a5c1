package billing

// This file is the only place that decides what happens to an order: when it is sent, looked up, sent again and
// concluded. Planning, plan files, dispatch, refresh and the report all ask it. testdata/lifecycle.md shows the
// table that the tests derive from it.
//
// An order is sent again only here: see Next, looked and refused for the conditions.

import (
	"cmp"
	"time"
)

// Life is where an order stands: what is known of it, and which step is due. It is a value; no method changes it.
type Life struct {
	Outcome
	Step Step
	Due  time.Time // when Step is due
	// Tries counts for the step: look-ups since the last request or resumption, or requests that did not arrive.
	Tries       int
	Looks       int       // while planned: look-ups that must precede the first request
	Sent        int       // payment requests since the order was planned that may have arrived
	Refused     bool      // the provider refused the last request; Outcome has its words
	Resent      bool      // this run has made its one repeated request
	LastAttempt time.Time // when the last request began, zero for never

	// The rest belongs to the current run; the journal does not keep it.

	Wanted      bool          // the run's file has the order with this content, so that it may be sent
	Grouped     bool          // the invoice number comes when the period is over
	ResendAfter time.Duration // how old the last request must be before it may be repeated
}

// The limits of the table.
const (
	refusalLooks   = 2                // look-ups that must show nothing before a refusal is believed
	refusalWait    = 10 * time.Second // the wait between these look-ups
	awaits         = 3                // reads for what a transaction lacks, by the first waits of the Schedule
	unsentTries    = 5                // requests that did not arrive, before the order fails
	throttledTries = 20               // requests turned away unread; the pace waits as long as the provider asks
	unsentBackoff  = time.Second      // the first wait; it doubles with every try
)

// Codes of outcomes that the table decides on.
const (
	// CodeAdopted marks an invoice that a look-up found and that no request of this journal made.
	CodeAdopted Code = "order.adopted"
	// CodeDeliver marks an invoice that the merchant delivers and whose collection has not started.
	CodeDeliver Code = "delivery.not_captured"
	// CodeIncomplete marks an invoice whose address or due date the provider has not told yet.
	CodeIncomplete Code = "invoice.incomplete"
	// CodeDuplicated is the alarm: one merchant reference has more than one live invoice.
	CodeDuplicated Code = "duplicate.invoices"
)

// Decide says what a run does with an order whose reference the journal already knows. It depends on where the stored
// order stands and on whether the content is the same. If replace is true, the run's order replaces the stored one,
// because nothing of the stored one exists at the provider.
//
// An order that may exist is never replaced: other content under its reference is Mismatched.
func Decide(stored Life, sameContent bool) (decision Decision, replace bool) {
	switch stored.State {
	case Planned, Failed, Rejected:
		return ToSend, true
	case Voided:
		return Already, false
	case Conflict:
		switch {
		case sameContent:
			return Already, false
		case stored.NothingMade():
			return ToSend, true // a look-up comes first, see planned
		}
	case Sending, InDoubt:
		if sameContent {
			return ToSend, false
		}
	case Registered, Invoiced:
		if sameContent {
			return Already, false
		}
	}
	return Mismatched, false
}

// NothingMade reports whether no request can have created anything: none was sent, or the only one was refused.
func (l Life) NothingMade() bool { return l.Sent == 0 || l.Sent == 1 && l.Refused }

// Next is what becomes of an order when an event happens. It is the one rule by which an order is sent, looked up and
// concluded. answer is what the provider said with the event; its State is empty if the event implies the state.
//
// It keeps two promises:
//
//   - If a request of the order may have arrived, the order is sent again only when the provider shows nothing of it
//     after the entire Schedule, the last request is older than ResendAfter, the run's file still has the order, and
//     this run has not sent it again before.
//   - A refusal is believed only after two look-ups show nothing.
func (l Life) Next(e Event, answer Outcome, now time.Time) Life {
	switch e {
	case EventPlanned:
		return l.planned(now)
	case EventResumed:
		return l.resumed(now)
	case EventBegun:
		if l.Resent = l.State == InDoubt; l.Resent {
			l.Tries = 0
		}
		l.State, l.Refused, l.LastAttempt = Sending, false, now
		l.Sent++
		return l.due(StepLookUp, now.Add(l.pause(0)))
	case EventUnsent, EventThrottled, EventWithdrawn, EventHeld, EventUnsendable:
		return l.unsent(e, answer, now)
	case EventRefused, EventLost:
		l = l.with(answer, InDoubt)
		l.LastAttempt = now // the request may have waited for its turn since it began
		l.Refused, l.Tries = e == EventRefused && !l.Resent, 0
		if l.Refused {
			return l.due(StepLookUp, now)
		}
		// A refused repeat waits too: the provider may refuse it because the request before it arrived after all.
		return l.wait(now)
	case EventLive:
		return l.live(answer, l.Sent == 0 || l.Refused || l.Code == CodeAdopted, now)
	case EventAdopted:
		return l.live(answer, true, now)
	case EventDiffers, EventSeveral:
		return l.with(answer, Conflict).done()
	case EventVoided:
		return l.with(answer, Voided).done()
	case EventForeign, EventDeclined, EventPending, EventUnpaid, EventSpent, EventNothing, EventLookFailed:
		return l.looked(e, answer, now)
	case EventCapturing:
		l.Resent = l.Tries > 0
		l.Tries, l.LastAttempt = 1, now
		return l.due(StepCapture, now.Add(l.pause(0)))
	case EventUncaptured, EventNoCapture:
		return l.uncaptured(e, answer, now)
	}
	return l
}

// MayCapture reports whether the step capture may request collection. If not, the step only looks whether collection
// has started: an earlier request may have worked although its event does not show yet.
func (l Life) MayCapture(now time.Time) bool {
	return l.Tries == 0 || !l.Resent && now.Sub(l.LastAttempt) >= l.shortened(ScheduleLength())
}

// planned starts an order, new or known. Only Decide allows it for a known one.
func (l Life) planned(now time.Time) Life {
	if l.State == Planned && l.Step == StepLookFirst && l.Due.After(now) {
		now = l.Due // the second look-up must not come early
	}
	if l.State == Conflict { // something at the provider was in the way: look before sending
		l.Looks = max(l.Looks, 1)
	}
	l.Outcome = Outcome{State: Planned, SessionID: l.SessionID}
	l.Refused, l.Resent, l.Tries, l.Sent = false, false, 0, 0 // the fate of earlier requests is known
	return l.first(now)
}

// first makes a planned order's first step due: a look-up if one must precede the request, else the request.
func (l Life) first(at time.Time) Life {
	if l.Looks > 0 {
		return l.due(StepLookFirst, at)
	}
	return l.due(StepSend, at)
}

// resumed takes up what an earlier run left, whatever the current run's file has. An order that was never sent waits
// for a run whose file has it.
func (l Life) resumed(now time.Time) Life {
	if l.State == Planned || l.Step == 0 {
		return l
	}
	l.Resent = false
	switch l.Step {
	case StepLookUp, StepSend, StepLookFirst:
		if l.Tries = min(l.Tries, 1); !l.Refused { // a look-up that followed the refusal still counts
			l.Tries = 0
		}
		return l.due(StepLookUp, now)
	case StepAwait:
		l.Tries = awaits - 1
	case StepCapture:
		l.Tries = 1 // the earlier run may have made the request: look first
	}
	return l.due(l.Step, now)
}

// unsent is for a request that certainly did not arrive.
func (l Life) unsent(e Event, answer Outcome, now time.Time) Life {
	if l.State == Sending {
		l.Sent--
	}
	switch {
	case l.State == Sending && l.Resent || l.State == InDoubt: // the earlier request may still have arrived
		l.State = InDoubt
		return l.done()
	case e == EventWithdrawn:
		return l.with(Outcome{SessionID: answer.SessionID}, Planned).due(StepSend, now)
	case e == EventHeld:
		return l.with(Outcome{}, Planned).done()
	case e == EventUnsendable:
		return l.with(answer, Failed).done()
	}
	limit, wait := unsentTries, unsentBackoff<<l.Tries
	if e == EventThrottled {
		limit, wait = throttledTries, 0
	}
	if l.Tries++; l.Tries >= limit {
		return l.with(answer, Failed).done()
	}
	return l.with(Outcome{SessionID: answer.SessionID}, Planned).first(now.Add(wait))
}

// live is for an order that the provider has, in the state that answer says. found means that none of the order's
// requests created it.
func (l Life) live(answer Outcome, found bool, now time.Time) Life {
	unfinished := answer.Code == CodeDeliver || answer.Code == CodeIncomplete
	if found && !unfinished {
		message := msgAdopted
		if answer.Message != "" {
			message += "; " + answer.Message
		}
		answer.Code, answer.Message, answer.Hint = CodeAdopted, message, cmp.Or(answer.Hint, hintAdopted)
	}
	before := l
	l = l.with(answer, answer.State)
	l.Refused, l.Resent = found && unfinished, false // Refused remembers found until the invoice is complete
	switch {
	case answer.Code == CodeDeliver:
		l.Tries = 0
		if before.State.Live() {
			l.Tries = 1 // collection may have been requested: look first
		}
		return l.due(StepCapture, now)
	case l.lacks():
		if before.Step != StepAwait {
			l.Tries = 0
		}
		return l.await(now)
	}
	return l.done()
}

// await makes another read of the transaction due, up to the limit.
func (l Life) await(now time.Time) Life {
	if l.Tries >= awaits {
		return l.done()
	}
	l.Tries++
	return l.due(StepAwait, now.Add(l.pause(l.Tries-1)))
}

// looked is for look-ups that showed nothing live. The order of the cases matters: the first cases are about orders
// whose fate is known, the last ones are about orders in doubt.
func (l Life) looked(e Event, answer Outcome, now time.Time) Life {
	switch {
	case l.State.Live() && e == EventDeclined:
		return l.with(answer, Rejected).done()
	case l.Step == StepAwait: // as far as is known the order is live
		return l.await(now)
	case l.State.Live(), l.State == Voided, l.State == Rejected, l.State == Failed:
		return l
	case l.State == Planned:
		return l.lookedFirst(e, answer, now)
	case l.State == Conflict && l.NothingMade() &&
		(e == EventSpent || e == EventDeclined || e == EventUnpaid || e == EventNothing && l.TransactionID == ""):
		l.TransactionID = "" // it belonged to another order
		return l.with(Outcome{Code: l.Code, Message: msgWayIsFree, Hint: hintRunAgain}, Failed).done()
	case l.State == Conflict && e == EventDeclined:
		return l.with(answer, Rejected).done()
	// What was in the way is gone, but a request of the order itself may still show.
	case l.State == Conflict && (e != EventSpent || !l.old(now)):
		return l.done()
	case e == EventDeclined && !l.Refused:
		return l.with(answer, Rejected).done()
	case e == EventForeign:
		e = EventPending
	}
	if l.Refused {
		return l.refused(e, answer, now)
	}
	// Paying the same session again makes no second invoice, so that ResendAfter need not pass.
	if e == EventUnpaid && l.Tries >= len(Schedule()) && l.Wanted && !l.Resent {
		return l.due(StepSend, now)
	}
	if next := l.wait(now); !next.Parked() {
		return next
	}
	open := e == EventPending || e == EventLookFailed
	switch {
	case e == EventSpent && l.Sent > 0 && l.old(now): // the duplicate guard would refuse a repeated request
		return l.with(answer, Rejected).done()
	case !open && l.Sent == 0 && !l.Wanted:
		return l.with(Outcome{Code: l.Code, Message: msgNothingLeft, Hint: hintIfWanted}, Failed).done()
	case !open && l.Wanted && !l.Resent: // this is where an order is sent again
		l.State, l.Tries = InDoubt, 0
		if l.Sent == 0 {
			l.Outcome, l.Looks = Outcome{State: Planned, SessionID: l.SessionID}, 0
		}
		return l.due(StepSend, now)
	}
	if answer.Code == "" {
		answer = l.Outcome
	}
	return l.with(answer, InDoubt).done()
}

// lookedFirst is for the look-ups that precede the first request.
func (l Life) lookedFirst(e Event, answer Outcome, now time.Time) Life {
	switch e { //nolint:exhaustive // the other events show that nothing is in the way
	case EventForeign:
		return l.with(answer, Conflict).done()
	case EventPending:
		l = l.with(answer, InDoubt)
		l.Tries = 0
		return l.wait(now)
	case EventLookFailed:
		if l.Tries++; l.Tries >= unsentTries {
			return l.with(answer, Failed).done()
		}
		return l.due(StepLookFirst, now.Add(unsentBackoff<<l.Tries))
	}
	if e == EventUnpaid {
		l.SessionID = answer.SessionID
	}
	if l.Looks--; l.Looks > 0 {
		return l.due(StepLookFirst, now.Add(l.shortened(ScheduleLength())))
	}
	l.Looks = 0
	return l.due(StepSend, now)
}

// refused is for an order whose first request was refused and of which a look-up shows nothing live. It is rejected
// once refusalLooks look-ups agree.
func (l Life) refused(e Event, answer Outcome, now time.Time) Life {
	if e == EventPending || e == EventLookFailed { // such a look-up does not count
		if l.old(now) {
			return l.done()
		}
		return l.due(StepLookUp, now.Add(l.shortened(refusalWait)))
	}
	if l.Tries++; l.Tries < refusalLooks || now.Sub(l.LastAttempt) < l.shortened(refusalWait) {
		return l.due(StepLookUp, now.Add(l.shortened(refusalWait)))
	}
	if answer.Code == "" || e == EventDeclined {
		answer = l.Outcome
	}
	l.Refused = false
	return l.with(answer, Rejected).done()
}

// old reports whether the last request is old enough to be repeated.
func (l Life) old(now time.Time) bool { return now.Sub(l.LastAttempt) >= l.ResendAfter }

// wait makes the next look-up due: first by the Schedule, then at the time when the last request is old enough to be
// repeated. If no further look-up helps, it parks the order for the next run.
func (l Life) wait(now time.Time) Life {
	l.State = InDoubt
	if l.Tries < len(Schedule()) {
		l.Tries++
		return l.due(StepLookUp, now.Add(l.pause(l.Tries-1)))
	}
	last := l.LastAttempt
	if last.After(now) { // a clock was ahead: count from now, but only once
		last = now
		if l.Tries++; l.Tries > len(Schedule())+1 {
			return l.done()
		}
	}
	if at := last.Add(l.ResendAfter); l.Wanted && !l.Resent && now.Before(at) {
		return l.due(StepLookUp, at)
	}
	return l.done()
}

// uncaptured waits for collection to show, which can be late. After the Schedule it leaves the order to the next run.
func (l Life) uncaptured(e Event, answer Outcome, now time.Time) Life {
	l.Message = cmp.Or(answer.Message, l.Message)
	if e == EventNoCapture || l.Tries > len(Schedule()) {
		return l.done()
	}
	l.Tries = max(l.Tries, 1) + 1
	return l.due(StepCapture, now.Add(l.pause(l.Tries-2)))
}

// with replaces the outcome by what the provider told, and keeps the ids that the answer does not repeat.
func (l Life) with(answer Outcome, state State) Life {
	answer.SessionID = cmp.Or(answer.SessionID, l.SessionID)
	answer.TransactionID = cmp.Or(answer.TransactionID, l.TransactionID)
	answer.State = state
	l.Outcome = answer
	return l
}

// due sets the next step.
func (l Life) due(step Step, at time.Time) Life {
	l.Step, l.Due = step, at
	return l
}

// done leaves nothing to do in this run. An order that is in doubt, in conflict, not collected or incomplete is parked
// for the next run.
func (l Life) done() Life {
	switch {
	case l.State == Sending, l.State == InDoubt, l.State == Conflict:
		return l.due(StepLookUp, Never())
	case l.State.Live() && l.Code == CodeDeliver:
		return l.due(StepCapture, Never())
	case l.State.Live() && l.lacks():
		return l.due(StepAwait, Never())
	}
	return l.due(0, time.Time{})
}

// lacks reports whether the provider still has to tell something of a live order, such as its invoice number.
func (l Life) lacks() bool { return l.State == Registered && !l.Grouped || l.Code == CodeIncomplete }

// Parked reports whether the order has no step left in this run.
func (l Life) Parked() bool { return l.Step == 0 || l.Due.Equal(Never()) }
