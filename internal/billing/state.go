package billing

import (
	"fmt"
	"time"
)

// State is where an order stands in the journal. Each comment says what finding it at start-up means.
type State uint8

// The states of an order.
const (
	Planned    State = iota + 1 // exact body journaled, nothing sent: send it
	Sending                     // an attempt was journaled, then the request left: in doubt, look up first
	InDoubt                     // sent, answer unknown: look up first
	Registered                  // the provider has it, invoice number not issued yet: leave, refresh on request
	Invoiced                    // the provider has it and gave an invoice number: leave
	Rejected                    // the provider refused it, nothing was created: may be planned again
	Failed                      // certainly nothing was created: send it
	Conflict                    // the reference exists with other content: a person decides
	Voided                      // cancelled after it was created: leave
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
	return 0, fmt.Errorf("unknown order state %q", text)
}

// Live reports whether the provider holds an invoice, or the promise of one, for the order.
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
	// of what was paid to the merchant: not settled, pending settlement, partially settled, settled; "" when
	// not told
	Settlement string
	Paid       int64 // of the order's amount, in minor units; 0 also where it is not told
	Code       Code  // why, when State is not Registered or Invoiced, or a warning beside them
	Message    string
	Hint       string
	UpdatedAt  time.Time
}

// PaymentOn is PaymentStatus with what the provider does not tell: that an invoice is not paid in full though
// its due date is before the day.
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

// Final is the one state in which a row ends a run.
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

// Decision is what a run decided about an order when it was planned.
type Decision uint8

// The verdicts.
const (
	ToSend     Decision = iota + 1 // new, or left unsettled by an earlier run
	Already                       // known from an earlier run with the same content, and nothing is to be sent
	Mismatched                    // the journal has the reference with other content: conflict
)

// FinalOf is the final state of an order in a run, from what the run decided and where the order stands now.
func FinalOf(v Decision, o *Outcome) Final {
	if v == Mismatched {
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
		if v == Already || o.Code == CodeAdopted {
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
