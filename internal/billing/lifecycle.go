package billing

import (
	"cmp"
	"math"
	"time"
)

// Life is where an order stands: what is known of it, and what is due.
type Life struct {
	Outcome
	Step        Step
	Due         time.Time // of the step
	Tries       int       // of the step: look-ups since the last request or resumption, or requests that did not arrive
	Looks       int       // while planned: look-ups to be made before the first request
	Sent        int       // payment requests since it was planned that may have arrived
	Refused     bool      // the last request was refused; Outcome has the words
	Resent      bool      // the one repeated request of this run was made
	LastAttempt time.Time // when the last request began, zero for never

	// Of the run at work; not kept.
	Wanted      bool          // its file holds the order with this content, so that it may be sent
	Grouped     bool          // its number comes when the period is over
	ResendAfter time.Duration // age of the last request before it is repeated
}

// Schedule is the waits before the look-ups of an order in doubt; together 67 s.
func Schedule() []time.Duration {
	return []time.Duration{2 * time.Second, 5 * time.Second, 10 * time.Second, 20 * time.Second, 30 * time.Second}
}

// ScheduleLength is how long the whole Schedule takes.
func ScheduleLength() (sum time.Duration) {
	for _, wait := range Schedule() {
		sum += wait
	}
	return sum
}

// The limits of the table.
const (
	refusalLooks   = 2                // look-ups before a refusal is believed
	refusalWait    = 10 * time.Second // between them
	awaits         = 3                // reads for what a transaction lacks, by the first waits of the Schedule
	unsentTries    = 5                // requests that did not arrive
	throttledTries = 20               // requests that were turned away; the pace waits as long as the provider asks
	unsentBackoff  = time.Second      // doubled with every try
)

// Codes of outcomes that the table decides on.
const (
	// CodeAdopted marks an outcome that was found at the provider and not made by this program's journal.
	CodeAdopted Code = "order.adopted"
	// CodeDeliver marks an invoice that the merchant delivers and whose collection has not been started.
	CodeDeliver Code = "delivery.not_captured"
	// CodeIncomplete marks an invoice of which the provider has not told the address or the due date.
	CodeIncomplete Code = "invoice.incomplete"
	// CodeDuplicated is the alarm: more than one live invoice for one merchant reference.
	CodeDuplicated Code = "duplicate.invoices"
)

// HintInDoubt is the advice for an order that is in doubt.
const HintInDoubt = "refresh later; it is not sent again before a look-up has settled it"

// Decide says what a run does with an order that the journal has already under its reference, by where it stands and by
// whether the content is the same. With replace the stored order makes way for the run's: nothing of it exists.
func Decide(stored Life, sameContent bool) (verdict Decision, replace bool) {
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
			return ToSend, true // after another look-up
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

// NothingMade reports whether no request can have made anything: none left, or the only one was refused.
func (l Life) NothingMade() bool { return l.Sent == 0 || l.Sent == 1 && l.Refused }

// Next is what becomes of an order when an event happens: the one rule by which an order is sent, looked up
// and settled. told is what the provider told with the event, its State left out where the event says it.
//
// It keeps two promises. An order of which a request may have arrived is sent again only when the provider
// shows nothing of it after the whole Schedule and the request is older than ResendAfter, and once a run at
// most. And a refusal is believed only when two look-ups show nothing.
func (l Life) Next(e Event, told Outcome, now time.Time) Life {
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
		return l.unsent(e, told, now)
	case EventRefused, EventLost:
		l = l.with(told, InDoubt)
		l.LastAttempt = now // it may have waited for its turn since it began
		l.Refused, l.Tries = e == EventRefused && !l.Resent, 0
		if l.Refused {
			return l.due(StepLookUp, now)
		}
		// also where a repeated request was refused, perhaps because the one before it arrived after all
		return l.wait(now)
	case EventLive:
		return l.live(told, l.Sent == 0 || l.Refused || l.Code == CodeAdopted, now)
	case EventAdopted:
		return l.live(told, true, now)
	case EventDiffers, EventSeveral:
		return l.with(told, Conflict).done()
	case EventVoided:
		return l.with(told, Voided).done()
	case EventForeign, EventDeclined, EventPending, EventUnpaid, EventSpent, EventNothing, EventLookFailed:
		return l.looked(e, told, now)
	case EventCapturing:
		l.Resent = l.Tries > 0
		l.Tries, l.LastAttempt = 1, now
		return l.due(StepCapture, now.Add(l.pause(0)))
	case EventUncaptured, EventNoCapture:
		return l.uncaptured(e, told, now)
	}
	return l
}

// MayCapture reports whether the step capture asks for collection; else it only looks whether it has started.
// An earlier request may have worked though its event does not show yet.
func (l Life) MayCapture(now time.Time) bool {
	return l.Tries == 0 || !l.Resent && now.Sub(l.LastAttempt) >= l.shortened(ScheduleLength())
}

func (l Life) planned(now time.Time) Life {
	if l.State == Planned && l.Step == StepLookFirst && l.Due.After(now) {
		now = l.Due // of the second look-up
	}
	if l.State == Conflict { // something was in the way
		l.Looks = max(l.Looks, 1)
	}
	l.Outcome = Outcome{State: Planned, SessionID: l.SessionID}
	l.Refused, l.Resent, l.Tries, l.Sent = false, false, 0, 0 // whatever was sent before is accounted for
	return l.first(now)
}

// first makes due what comes before anything else is known of a planned order.
func (l Life) first(at time.Time) Life {
	if l.Looks > 0 {
		return l.due(StepLookFirst, at)
	}
	return l.due(StepSend, at)
}

// resumed takes up what an earlier run left, whatever this one's file holds. An order that was never sent is
// left to a run whose file holds it.
func (l Life) resumed(now time.Time) Life {
	if l.State == Planned || l.Step == 0 {
		return l
	}
	l.Resent = false
	switch l.Step {
	case StepLookUp, StepSend, StepLookFirst:
		if l.Tries = min(l.Tries, 1); !l.Refused { // a look-up after the refusal counts
			l.Tries = 0
		}
		return l.due(StepLookUp, now)
	case StepAwait:
		l.Tries = awaits - 1
	case StepCapture:
		l.Tries = 1 // a request may have been made: look first
	}
	return l.due(l.Step, now)
}

// unsent is for a request of which nothing arrived.
func (l Life) unsent(e Event, told Outcome, now time.Time) Life {
	if l.State == Sending {
		l.Sent--
	}
	switch {
	case l.State == Sending && l.Resent || l.State == InDoubt: // the request before it may still have arrived
		l.State = InDoubt
		return l.done()
	case e == EventWithdrawn:
		return l.with(Outcome{SessionID: told.SessionID}, Planned).due(StepSend, now)
	case e == EventHeld:
		return l.with(Outcome{}, Planned).done()
	case e == EventUnsendable:
		return l.with(told, Failed).done()
	}
	limit, wait := unsentTries, unsentBackoff<<l.Tries
	if e == EventThrottled {
		limit, wait = throttledTries, 0
	}
	if l.Tries++; l.Tries >= limit {
		return l.with(told, Failed).done()
	}
	return l.with(Outcome{SessionID: told.SessionID}, Planned).first(now.Add(wait))
}

// live settles an order that the provider has, in the state that told says. found is whether none of the
// order's requests made it.
func (l Life) live(told Outcome, found bool, now time.Time) Life {
	unfinished := told.Code == CodeDeliver || told.Code == CodeIncomplete
	if found && !unfinished {
		message := "the provider had this invoice already; this run created nothing"
		if told.Message != "" {
			message += "; " + told.Message
		}
		told.Code, told.Message, told.Hint = CodeAdopted, message,
			cmp.Or(told.Hint, "check whether it was posted: no run of this journal sent it")
	}
	before := l
	l = l.with(told, told.State)
	l.Refused, l.Resent = found && unfinished, false // so that it is adopted when it is finished
	switch {
	case told.Code == CodeDeliver:
		l.Tries = 0
		if before.State.Live() {
			l.Tries = 1 // a request may have been made: look first
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

// await reads the transaction again, some times.
func (l Life) await(now time.Time) Life {
	if l.Tries >= awaits {
		return l.done()
	}
	l.Tries++
	return l.due(StepAwait, now.Add(l.pause(l.Tries-1)))
}

// looked is for look-ups that showed nothing alive.
func (l Life) looked(e Event, told Outcome, now time.Time) Life {
	switch {
	case l.State.Live() && e == EventDeclined:
		return l.with(told, Rejected).done()
	case l.Step == StepAwait: // it is live as far as is known
		return l.await(now)
	case l.State.Live(), l.State == Voided, l.State == Rejected, l.State == Failed:
		return l
	case l.State == Planned:
		return l.lookedFirst(e, told, now)
	case l.State == Conflict && l.NothingMade() &&
		(e == EventSpent || e == EventDeclined || e == EventUnpaid || e == EventNothing && l.TransactionID == ""):
		l.TransactionID = "" // another's
		return l.with(
			Outcome{
				Code: l.Code, Message: "what was in the way at the provider is gone; nothing was created",
				Hint: "run again",
			}, Failed).done()
	case l.State == Conflict && e == EventDeclined:
		return l.with(told, Rejected).done()
	// else what was in the way is gone, and of its own requests something may still show
	case l.State == Conflict && (e != EventSpent || !l.old(now)):
		return l.done()
	case e == EventDeclined && !l.Refused:
		return l.with(told, Rejected).done()
	case e == EventForeign:
		e = EventPending
	}
	if l.Refused {
		return l.refused(e, told, now)
	}
	// paying a session again makes no second invoice
	if e == EventUnpaid && l.Tries >= len(Schedule()) && l.Wanted && !l.Resent {
		return l.due(StepSend, now)
	}
	if next := l.wait(now); !next.Parked() {
		return next
	}
	open := e == EventPending || e == EventLookFailed
	switch {
	case e == EventSpent && l.Sent > 0 && l.old(now): // the guard of a repeated request would refuse it
		return l.with(told, Rejected).done()
	case !open && l.Sent == 0 && !l.Wanted:
		return l.with(
			Outcome{
				Code: l.Code, Message: "nothing was sent, and the provider has nothing any more",
				Hint: "run again if it is still to be invoiced",
			}, Failed).done()
	case !open && l.Wanted && !l.Resent:
		l.State, l.Tries = InDoubt, 0
		if l.Sent == 0 {
			l.Outcome, l.Looks = Outcome{State: Planned, SessionID: l.SessionID}, 0
		}
		return l.due(StepSend, now)
	}
	if told.Code == "" {
		told = l.Outcome
	}
	return l.with(told, InDoubt).done()
}

// lookedFirst is for the look-ups before the first request.
func (l Life) lookedFirst(e Event, told Outcome, now time.Time) Life {
	switch e { //nolint:exhaustive // the others show that nothing is in the way
	case EventForeign:
		return l.with(told, Conflict).done()
	case EventPending:
		l = l.with(told, InDoubt)
		l.Tries = 0
		return l.wait(now)
	case EventLookFailed:
		if l.Tries++; l.Tries >= unsentTries {
			return l.with(told, Failed).done()
		}
		return l.due(StepLookFirst, now.Add(unsentBackoff<<l.Tries))
	}
	if e == EventUnpaid {
		l.SessionID = told.SessionID
	}
	if l.Looks--; l.Looks > 0 {
		return l.due(StepLookFirst, now.Add(l.shortened(ScheduleLength())))
	}
	l.Looks = 0
	return l.due(StepSend, now)
}

// refused is for an order whose first request was refused, and of which a look-up shows nothing alive.
func (l Life) refused(e Event, told Outcome, now time.Time) Life {
	if e == EventPending || e == EventLookFailed { // no look-up that counts
		if l.old(now) {
			return l.done()
		}
		return l.due(StepLookUp, now.Add(l.shortened(refusalWait)))
	}
	if l.Tries++; l.Tries < refusalLooks || now.Sub(l.LastAttempt) < l.shortened(refusalWait) {
		return l.due(StepLookUp, now.Add(l.shortened(refusalWait)))
	}
	if told.Code == "" || e == EventDeclined {
		told = l.Outcome
	}
	l.Refused = false
	return l.with(told, Rejected).done()
}

// old reports whether the last request is old enough for another.
func (l Life) old(now time.Time) bool { return now.Sub(l.LastAttempt) >= l.ResendAfter }

// wait makes the next look-up due: by the Schedule, then when the last request is old enough to be repeated. It parks
// the order when no further look-up helps.
func (l Life) wait(now time.Time) Life {
	l.State = InDoubt
	if l.Tries < len(Schedule()) {
		l.Tries++
		return l.due(StepLookUp, now.Add(l.pause(l.Tries-1)))
	}
	last := l.LastAttempt
	if last.After(now) { // by a clock that was ahead: from now on, once
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

// pause is the wait before the look-up with this place in the Schedule.
func (l Life) pause(place int) time.Duration { return l.shortened(Schedule()[place]) }

// shortened is a wait of the table where the whole Schedule must fit into a shorter ResendAfter.
func (l Life) shortened(wait time.Duration) time.Duration {
	if whole := ScheduleLength(); l.ResendAfter > 0 && l.ResendAfter < whole {
		return time.Duration(wait.Milliseconds()*l.ResendAfter.Milliseconds()/whole.Milliseconds()) * time.Millisecond
	}
	return wait
}

// uncaptured waits for an event that shows late, and gives up after the Schedule.
func (l Life) uncaptured(e Event, told Outcome, now time.Time) Life {
	l.Message = cmp.Or(told.Message, l.Message)
	if e == EventNoCapture || l.Tries > len(Schedule()) {
		return l.done()
	}
	l.Tries = max(l.Tries, 1) + 1
	return l.due(StepCapture, now.Add(l.pause(l.Tries-2)))
}

// with takes over what was told, and keeps the ids that it leaves out.
func (l Life) with(told Outcome, state State) Life {
	told.SessionID = cmp.Or(told.SessionID, l.SessionID)
	told.TransactionID = cmp.Or(told.TransactionID, l.TransactionID)
	told.State = state
	l.Outcome = told
	return l
}

func (l Life) due(step Step, at time.Time) Life {
	l.Step, l.Due = step, at
	return l
}

// done leaves nothing to do in this run. What is unclear, not collected or incomplete is parked for the next one.
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

// lacks reports whether the provider has still to tell something of a live order.
func (l Life) lacks() bool { return l.State == Registered && !l.Grouped || l.Code == CodeIncomplete }

// Parked reports whether nothing more is due in this run.
func (l Life) Parked() bool { return l.Step == 0 || l.Due.Equal(Never()) }

// Never is when a step is due that is left to the next run.
func Never() time.Time { return time.Unix(0, math.MaxInt64).UTC() }
