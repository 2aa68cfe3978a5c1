package billing

import "fmt"

// Step is what is to be done for an order next; 0 is nothing.
type Step uint8

// The steps.
const (
	StepSend Step = iota + 1 // ask for the payment
	// ask the provider what it has under the reference, of which this journal has sent nothing
	StepLookFirst
	StepLookUp  // ask it what became of what was sent
	StepAwait   // read the transaction again, which lacked its number, address or due date
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

// ParseStep reads String.
func ParseStep(text string) (Step, error) {
	for _, s := range Steps() {
		if s.String() == text {
			return s, nil
		}
	}
	if text == "" {
		return 0, nil
	}
	return 0, fmt.Errorf("unknown step %q", text)
}

// Event is what happened to an order.
type Event uint8

// The events. Those of an answer and of a look-up are the same: what the provider shows counts, not how it was asked.
const (
	// a run's file holds it, and nothing of it exists at the provider as far as the journal knows
	EventPlanned   Event = iota + 1
	EventResumed         // a run of the account, or a refresh, begins
	EventBegun           // a payment request is durable and about to leave
	EventUnsent          // the request certainly did not arrive
	EventThrottled       // the request was turned away unread, for there were too many
	// the request was not made after all: a stop came first, or the credentials were refused
	EventWithdrawn
	EventHeld       // nothing more may be sent to its customer
	EventUnsendable // no request can be made of it on this day
	EventRefused    // the request was refused, whatever the words
	EventLost       // the answer is not known
	EventLive       // one live transaction, and everything it tells agrees
	EventAdopted    // the same, but another program made it
	EventDiffers    // one live transaction, and something differs or is not told
	EventSeveral    // two or more live transactions
	EventForeign    // nothing but another program's session that can still be paid
	EventDeclined   // only transactions that failed, and every request is accounted for
	EventVoided     // only transactions that were cancelled, or these beside failed ones
	EventPending    // something that is not decided yet
	EventUnpaid     // nothing but the order's own session, which can still be paid
	EventSpent      // only what failed or ended, and not every request is accounted for
	EventNothing    // nothing at all
	EventLookFailed // the look-up gave no answer
	EventCapturing  // a request for collection is durable and about to leave
	EventUncaptured // collection is not seen to have started
	EventNoCapture  // collection was refused, and is not seen to have started
)

// String is the event in words.
func (e Event) String() string {
	words := [...]string{
		EventPlanned: "planned", EventResumed: "a run or refresh begins", EventBegun: "request about to leave",
		EventUnsent:    "certainly not sent",
		EventThrottled: "turned away: too many requests", EventWithdrawn: "request not made",
		EventHeld: "customer held", EventUnsendable: "cannot be sent today",
		EventRefused: "refused", EventLost: "answer unknown", EventLive: "one live, agrees",
		EventAdopted: "one live of another program, agrees", EventDiffers: "one live, differs or does not tell",
		EventSeveral: "two or more live", EventForeign: "another program's open session",
		EventDeclined: "only failed, all accounted for",
		EventVoided:   "cancelled", EventPending: "pending", EventUnpaid: "own session, unpaid",
		EventSpent:   "only failed, not all accounted for",
		EventNothing: "nothing", EventLookFailed: "look-up failed", EventCapturing: "capture about to leave",
		EventUncaptured: "not captured as far as seen",
		EventNoCapture:  "capture refused",
	}
	if e == 0 || int(e) >= len(words) {
		return fmt.Sprintf("event(%d)", uint8(e))
	}
	return words[e]
}
