package billing

import "fmt"

// Step is what a run must do next for an order; 0 is nothing.
type Step uint8

// The steps.
const (
	StepSend Step = iota + 1 // request the payment, which makes the invoice
	// ask the provider what it has under the reference before this journal sends anything under it.

	StepLookFirst
	StepLookUp  // ask the provider what became of a request
	StepAwait   // read the transaction again, because its number, address or due date was missing
	StepCapture // start collection, or see whether it has started
)

// Steps lists all steps in their order.
func Steps() []Step { return []Step{StepSend, StepLookFirst, StepLookUp, StepAwait, StepCapture} }

// String is the step's word, "" for none.
func (s Step) String() string {
	words := [...]string{
		0: "", StepSend: "send", StepLookFirst: "look first", StepLookUp: "look up",
		StepAwait: "await", StepCapture: "capture",
	}
	if int(s) >= len(words) {
		return fmt.Sprintf("step(%d)", uint8(s))
	}
	return words[s]
}

// ParseStep reads String; "" is no step. Any other text is an error.
func ParseStep(text string) (Step, error) {
	for _, s := range Steps() {
		if s.String() == text {
			return s, nil
		}
	}
	if text == "" {
		return 0, nil
	}
	return 0, fmt.Errorf(msgUnknownStep, text)
}

// Event is what happened to an order.
type Event uint8

// The events. An answer and a look-up share theirs: what the provider shows counts, not how it was asked.
const (
	// a run's file has the order, and as far as the journal knows nothing of it exists at the provider.

	EventPlanned   Event = iota + 1
	EventResumed         // a run of the account, or a refresh, begins
	EventBegun           // a payment request is durable and about to leave
	EventUnsent          // the request certainly did not arrive
	EventThrottled       // the request was turned away unread, because there were too many
	// the request was not made: the run was stopped first, or the credentials were refused.

	EventWithdrawn
	EventHeld       // nothing more may be sent to the order's customer
	EventUnsendable // no valid request can be made of the order on this day
	EventRefused    // the provider refused the request, whatever its words
	EventLost       // no answer arrived, or none that can be understood
	EventLive       // one live transaction, and everything that it tells agrees with the order
	EventAdopted    // the same, but another program made it
	EventDiffers    // one live transaction, and something differs or is missing
	EventSeveral    // two or more live transactions
	EventForeign    // only a session of another program, which can still be paid
	EventDeclined   // only failed transactions, and they account for every request
	EventVoided     // only cancelled transactions, or cancelled and failed ones
	EventPending    // something that the provider has not decided yet
	EventUnpaid     // only the order's own session, which can still be paid
	EventSpent      // only what failed or expired, which does not account for every request
	EventNothing    // nothing at all
	EventLookFailed // the look-up gave no answer
	EventCapturing  // a request for collection is durable and about to leave
	EventUncaptured // collection is not seen to have started
	EventNoCapture  // collection was refused, and is not seen to have started
)

// String is the event in words.
func (e Event) String() string {
	words := [...]string{
		EventPlanned:    msgEventPlanned,
		EventResumed:    msgEventResumed,
		EventBegun:      msgEventBegun,
		EventUnsent:     msgEventUnsent,
		EventThrottled:  msgEventThrottled,
		EventWithdrawn:  msgEventWithdrawn,
		EventHeld:       msgEventHeld,
		EventUnsendable: msgEventUnsendable,
		EventRefused:    msgEventRefused,
		EventLost:       msgEventLost,
		EventLive:       msgEventLive,
		EventAdopted:    msgEventAdopted,
		EventDiffers:    msgEventDiffers,
		EventSeveral:    msgEventSeveral,
		EventForeign:    msgEventForeign,
		EventDeclined:   msgEventDeclined,
		EventVoided:     msgEventVoided,
		EventPending:    msgEventPending,
		EventUnpaid:     msgEventUnpaid,
		EventSpent:      msgEventSpent,
		EventNothing:    msgEventNothing,
		EventLookFailed: msgEventLookFailed,
		EventCapturing:  msgEventCapturing,
		EventUncaptured: msgEventUncaptured,
		EventNoCapture:  msgEventNoCapture,
	}
	if e == 0 || int(e) >= len(words) {
		return fmt.Sprintf("event(%d)", uint8(e))
	}
	return words[e]
}
