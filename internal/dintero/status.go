package dintero

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"kraviabatch/internal/billing"
)

// Status is the provider's transaction status in capitals.
type Status string

// The statuses that decide something. Any other is undecided, such as INITIATED, ON_HOLD and UNKNOWN.
const (
	StatusAuthorized                Status = "AUTHORIZED"
	StatusCaptured                  Status = "CAPTURED"
	StatusPartiallyCaptured         Status = "PARTIALLY_CAPTURED"
	StatusFailed                    Status = "FAILED"
	StatusDeclined                  Status = "DECLINED"
	StatusVoided                    Status = "AUTHORIZATION_VOIDED"
	StatusRefunded                  Status = "REFUNDED"
	StatusPartiallyRefunded         Status = "PARTIALLY_REFUNDED"
	StatusPartiallyCapturedRefunded Status = "PARTIALLY_CAPTURED_REFUNDED"
)

// parseStatus makes the two words for a begun transaction one.
func parseStatus(word string) Status {
	if word = capitals(word); word == "INITIALIZED" {
		return "INITIATED"
	}
	return Status(word)
}

// PaymentStatus is one of unpaid, part-paid, paid, part-refunded, refunded, voided, failed, undecided.
//
// CAPTURED has two meanings. In the older edition it only says that the invoice exists, or that the merchant
// has started its collection, in the newer one that it is paid. An account on the older edition shows
// "unpaid" also after payment, until the payment is settled.
func (t *Transaction) PaymentStatus() string {
	switch t.Status {
	case StatusAuthorized:
		return "unpaid"
	case StatusCaptured:
		if t.has("AUTHORIZE") && t.Channel != billing.ChannelMerchant || t.has("INITIATE_CAPTURE") || t.settled() {
			return "paid"
		}
		return "unpaid"
	case StatusPartiallyCaptured:
		return "part-paid"
	case StatusPartiallyRefunded:
		return "part-refunded"
	case StatusRefunded, StatusPartiallyCapturedRefunded:
		return "refunded"
	case StatusVoided:
		return "voided"
	case StatusFailed, StatusDeclined:
		return "failed"
	}
	return "undecided"
}

// MayBePaid reports whether the transaction is anything but certainly unpaid. What may be paid must not be voided.
func (t *Transaction) MayBePaid() bool {
	captured := t.has("CAPTURE")
	return t.PaymentStatus() != "unpaid" || t.settled() || captured != (t.Status == StatusCaptured) || captured &&
		t.has("AUTHORIZE")
}

// settled reports whether the provider has begun to pay the money out: settlement follows payment.
func (t *Transaction) settled() bool {
	return t.SettlementStatus != "" && t.SettlementStatus != "NOT_SETTLED"
}

// paid is how much was paid, in minor units: all of it, or what the successful CAPTURE events of a part say.
// It is 0 where that is not told.
func (t *Transaction) paid() (sum int64) {
	switch t.PaymentStatus() {
	case "paid":
		return t.Amount
	case "part-paid":
		for i := range t.events {
			if e := &t.events[i]; e.kind() == "CAPTURE" && e.succeeded() && e.Amount > 0 && e.Amount <= t.Amount-sum {
				sum += e.Amount
			}
		}
	}
	return sum
}

// Live reports whether the provider holds an invoice: registered and neither cancelled nor repaid in full.
func (t *Transaction) Live() bool {
	return slices.Contains([]string{"unpaid", "part-paid", "paid", "part-refunded"}, t.PaymentStatus())
}

// Created reports whether an invoice came into being, though it may be cancelled or repaid by now.
func (t *Transaction) Created() bool {
	return t.Live() || slices.Contains([]string{"refunded", "voided"}, t.PaymentStatus())
}

// Failed reports whether the payment came to nothing. What is neither Created nor Failed is undecided.
func (t *Transaction) Failed() bool { return t.Status == StatusFailed || t.Status == StatusDeclined }

// Initiated reports whether collection has started: a successful INITIATE_CAPTURE or CAPTURE event, or CAPTURED itself.
func (t *Transaction) Initiated() bool {
	return t.has("INITIATE_CAPTURE") || t.has("CAPTURE") || t.Status == StatusCaptured ||
		t.Status == StatusPartiallyCaptured
}

func (t *Transaction) has(kind string) bool {
	for i := range t.events {
		if t.events[i].kind() == kind && t.events[i].succeeded() {
			return true
		}
	}
	return false
}

// Outcome is what the transaction means for its order, without UpdatedAt. days is the order's days until due: a due
// date that is not the invoice date plus days gets the warning [CodeDueDate]; below 0 nothing is compared. A numbered
// invoice without address or due date gets the warning [CodeIncomplete].
func (t *Transaction) Outcome(days int) billing.Outcome {
	o := billing.Outcome{
		TransactionID: t.ID, SessionID: t.SessionID, InvoiceNumber: t.InvoiceNumber, InvoiceDate: t.InvoiceDate,
		DueDate: t.DueDate, InvoiceURL: t.InvoiceURL, PaymentStatus: t.PaymentStatus(),
		Paid:       t.paid(),
		Settlement: strings.ToLower(strings.ReplaceAll(cut(billing.OneLine(t.SettlementStatus), maxWord), "_", " ")),
	}
	switch {
	case t.Live() && t.InvoiceNumber != "":
		o.State = billing.Invoiced
		o.Code, o.Message, o.Hint = t.warning(days)
	case t.Live():
		o.State = billing.Registered
	case t.Created():
		o.State = billing.Voided
	case t.Failed():
		o.State = billing.Rejected
		o.Code = CodeDeclined
		o.Message, o.Hint = t.refusal()
		o.Message = cmp.Or(o.Message, msgNoReason)
	default:
		o.State = billing.InDoubt
		o.Code = CodeStatus
		o.Message = fmt.Sprintf(msgUndecided, cut(string(t.Status), maxWord))
		o.Hint = hintRefresh
	}
	return o
}

// warning is what is odd about an invoice, "" for nothing.
func (t *Transaction) warning(days int) (code billing.Code, message, hint string) {
	expected := t.InvoiceDate.Time().AddDate(0, 0, days).Format(time.DateOnly)
	switch {
	case days >= 0 && t.InvoiceDate != "" && t.DueDate != "" && string(t.DueDate) != expected:
		message = fmt.Sprintf(msgDueDate, t.DueDate, days, expected)
		return CodeDueDate, message, hintDueDateCounts
	case t.InvoiceURL == "" && t.DueDate == "":
		message = msgNoURLAndDate
	case t.InvoiceURL == "":
		message = msgNoURL
	case t.DueDate == "":
		message = msgNoDueDate
	default:
		return "", "", ""
	}
	return CodeIncomplete, message, hintRefresh
}

// refusal is why the payment failed, from its newest event that did not succeed; "" when no event tells.
func (t *Transaction) refusal() (message, hint string) {
	for i := range t.events {
		if e := &t.events[i].Error; !t.events[i].succeeded() || e.Code != "" || e.Message != "" {
			return e.describe(), e.retryHint()
		}
	}
	return "", ""
}
