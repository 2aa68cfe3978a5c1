package billing

import (
	"fmt"
	"time"
)

// State is where an order stands in the journal. Each comment says what to do with an order that is found so at the
// start of a run.
type State uint8

// The states of an order.
const (
	Planned    State = iota + 1 // the exact body is in the journal, nothing was sent: send it
	Sending                     // an attempt is in the journal and the request left: in doubt, look up first
	InDoubt                     // sent, and the answer is unknown: look up first
	Registered                  // the provider has it without an invoice number yet: leave, refresh on request
	Invoiced                    // the provider has it and gave an invoice number: leave it
	Rejected                    // the provider refused it and nothing was created: may be planned again
	Failed                      // certainly nothing was created: send it
	Conflict                    // the reference exists with other content: the user decides
	Voided                      // cancelled after it was created: leave it
)

// States lists all states in their order.
func States() []State {
	return []State{Planned, Sending, InDoubt, Registered, Invoiced, Rejected, Failed, Conflict, Voided}
}

// String is the state's word: "in doubt".
func (s State) String() string {
	words := [...]string{
		Planned: "planned", Sending: "sending", InDoubt: "in doubt", Registered: "registered", Invoiced: "invoiced",
		Rejected: "rejected", Failed: "failed", Conflict: "conflict", Voided: "voided",
	}
	if s == 0 || int(s) >= len(words) {
		return fmt.Sprintf("state(%d)", uint8(s))
	}
	return words[s]
}

// ParseState reads String.
func ParseState(text string) (State, error) {
	for _, s := range States() {
		if s.String() == text {
			return s, nil
		}
	}
	return 0, fmt.Errorf(msgUnknownState, text)
}

// Live reports whether the provider has an invoice for the order or will issue one.
func (s State) Live() bool { return s == Registered || s == Invoiced }

// Outcome is what is known of one order at the provider.
type Outcome struct {
	State         State
	TransactionID string
	SessionID     string
	InvoiceNumber string
	InvoiceDate   Date
	DueDate       Date
	InvoiceURL    string
	PaymentStatus string // the provider's transaction status in our words: unpaid, part-paid, paid, voided, …
	// the provider's payout to the merchant: not settled, pending settlement, partially settled, settled; "" if
	// the provider does not tell
	Settlement string
	Paid       int64  // how much of the order is paid, in minor units; 0 also if the provider does not tell
	Code       Code   // why State is not Registered or Invoiced, or a warning if it is
	Message    string // what happened, one sentence without a full stop
	Hint       string // what to do, one sentence without a full stop
	UpdatedAt  time.Time
}

// PaymentOn is PaymentStatus, with "overdue" for an invoice that is not paid in full and was due before the day. The
// provider does not tell that.
func (o *Outcome) PaymentOn(day Date) string {
	if !o.State.Live() || o.DueDate == "" || o.DueDate >= day {
		return o.PaymentStatus
	}
	switch o.PaymentStatus {
	case "unpaid":
		return "overdue"
	case "part-paid":
		return "part-paid, overdue"
	}
	return o.PaymentStatus
}

// Final is the final state: each row ends a run in exactly one.
type Final uint8

// The final states of a row.
const (
	FinalInvoiced Final = iota + 1
	FinalAlreadyInvoiced
	FinalRegistered
	FinalRejected
	FinalFailed
	FinalInDoubt
	FinalConflict
	FinalInvalid
	FinalNotAttempted
	FinalVoided
)

// Finals lists all final states in the order of the report.
func Finals() []Final {
	return []Final{
		FinalInvoiced, FinalAlreadyInvoiced, FinalRegistered, FinalRejected, FinalFailed, FinalInDoubt, FinalConflict,
		FinalInvalid, FinalNotAttempted, FinalVoided,
	}
}

// String is the word in the report: "already invoiced".
func (f Final) String() string {
	words := [...]string{
		FinalInvoiced: "invoiced", FinalAlreadyInvoiced: "already invoiced", FinalRegistered: "registered",
		FinalRejected: "rejected",
		FinalFailed:   "failed", FinalInDoubt: "in doubt", FinalConflict: "conflict", FinalInvalid: "invalid",
		FinalNotAttempted: "not attempted", FinalVoided: "voided",
	}
	if f == 0 || int(f) >= len(words) {
		return fmt.Sprintf("final(%d)", uint8(f))
	}
	return words[f]
}

// Decision is what a run does with an order, see [Decide].
type Decision uint8

// The decisions.
const (
	ToSend     Decision = iota + 1 // new, or not concluded by an earlier run
	Already                        // an earlier run has it with the same content, and nothing is to be sent
	Mismatched                     // the journal has the reference with other content: a conflict
)

// FinalOf is the final state of an order in a run, from the run's decision and where the order stands now. An unknown
// state counts as in doubt, which nobody invoices by hand.
func FinalOf(d Decision, o *Outcome) Final {
	if d == Mismatched {
		return FinalConflict
	}
	switch o.State {
	case Planned:
		return FinalNotAttempted
	case Sending, InDoubt:
		return FinalInDoubt
	case Registered:
		return FinalRegistered
	case Invoiced:
		if d == Already || o.Code == CodeAdopted {
			return FinalAlreadyInvoiced
		}
		return FinalInvoiced
	case Rejected:
		return FinalRejected
	case Failed:
		return FinalFailed
	case Conflict:
		return FinalConflict
	case Voided:
		return FinalVoided
	}
	return FinalInDoubt
}
