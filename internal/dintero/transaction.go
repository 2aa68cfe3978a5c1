package dintero

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"kraviabatch/internal/billing"
)

// Transaction is what the provider holds for one payment. Fields that an answer lacks are empty.
type Transaction struct {
	ID                 string
	Status             Status
	Product            billing.Product
	Amount             int64  // minor units, 0 when missing: no order is for nothing
	Currency           string // ISO 4217 in capitals
	Reference          string // merchant reference
	SessionID          string
	CreatedAt          time.Time
	InvoiceNumber      string
	InvoiceDate        billing.Date
	DueDate            billing.Date
	InvoiceURL         string // http or https, and only with a token: see [Client.Document]
	OrganizationNumber string
	events             []wireEvent // newest first
}

// Status is the provider's transaction status in capitals, with the two words for a begun one made one.
type Status string

// The documented statuses. Any other is undecided, as are StatusInitiated, StatusOnHold and StatusUnknown.
const (
	StatusAuthorized                Status = "AUTHORIZED"
	StatusCaptured                  Status = "CAPTURED"
	StatusPartiallyCaptured         Status = "PARTIALLY_CAPTURED"
	StatusInitiated                 Status = "INITIATED"
	StatusOnHold                    Status = "ON_HOLD"
	StatusUnknown                   Status = "UNKNOWN"
	StatusFailed                    Status = "FAILED"
	StatusDeclined                  Status = "DECLINED"
	StatusVoided                    Status = "AUTHORIZATION_VOIDED"
	StatusRefunded                  Status = "REFUNDED"
	StatusPartiallyRefunded         Status = "PARTIALLY_REFUNDED"
	StatusPartiallyCapturedRefunded Status = "PARTIALLY_CAPTURED_REFUNDED"
)

// ParseTransaction reads the provider's JSON of one transaction. Missing, renamed and additional fields are no error;
// only what is no JSON object is.
func ParseTransaction(data []byte) (*Transaction, error) {
	wire, err := parseWire(data)
	if err != nil {
		return nil, err
	}
	return wire.transaction(), nil
}

// errNoObject is every reading error: the parser's own may quote personal data.
var errNoObject = errors.New("no complete JSON object")

func parseWire(data []byte) (*wireTransaction, error) {
	if trimmed := strings.TrimLeft(string(data[:min(len(data), 64)]), " \t\r\n"); !strings.HasPrefix(trimmed, "{") {
		return nil, errNoObject
	}
	var wire wireTransaction
	if err := json.Unmarshal(data, &wire); err != nil {
		return nil, errNoObject
	}
	return &wire, nil
}

func (w *wireTransaction) transaction() *Transaction {
	t := &Transaction{
		ID: string(w.ID), Status: parseStatus(string(w.Status)), Product: billing.Product(w.Product), Amount: int64(w.Amount),
		Currency: strings.ToUpper(string(w.Currency)), Reference: string(w.Reference), SessionID: string(w.SessionID),
		CreatedAt: parseTime(w.CreatedAt), OrganizationNumber: string(w.Address.value.OrganizationNumber),
		events: newestFirst(w.Events),
	}
	t.InvoiceNumber = t.find(w.Metadata, "kravia:invoice_number", nil)
	t.InvoiceURL = t.find(w.Metadata, "kravia:invoice_url", isWebAddress)
	t.InvoiceDate = dateOf(t.find(metadata{}, "kravia:invoice_date", isDate))
	t.DueDate = dateOf(t.find(metadata{}, "kravia:invoice_due_date", isDate))
	return t
}

// find looks a key up in the transaction's metadata, then in those of its successful events, whatever their kind: the
// editions put it on different ones.
func (t *Transaction) find(own metadata, key string, valid func(string) bool) string {
	if v := string(own.value[key]); v != "" && (valid == nil || valid(v)) {
		return v
	}
	for i := range t.events {
		v := string(t.events[i].Metadata.value[key])
		if v != "" && t.events[i].succeeded() && (valid == nil || valid(v)) {
			return v
		}
	}
	return ""
}

// newestFirst orders by time; among events without one the last listed counts as the newest.
func newestFirst(events []wireEvent) []wireEvent {
	sorted := slices.Clone(events)
	slices.Reverse(sorted)
	slices.SortStableFunc(sorted, func(a, b wireEvent) int {
		return cmp.Compare(parseTime(b.CreatedAt).UnixNano(), parseTime(a.CreatedAt).UnixNano())
	})
	return sorted
}

// Created reports whether an invoice came into being, though it may be cancelled or repaid by now.
func (t *Transaction) Created() bool {
	switch t.Status {
	case StatusVoided, StatusRefunded, StatusPartiallyCapturedRefunded:
		return true
	case StatusAuthorized, StatusCaptured, StatusPartiallyCaptured, StatusPartiallyRefunded,
		StatusInitiated, StatusOnHold, StatusUnknown, StatusFailed, StatusDeclined:
	}
	return t.Live()
}

// Live reports whether the provider holds an invoice: registered and neither cancelled nor repaid in full.
func (t *Transaction) Live() bool {
	switch t.Status {
	case StatusAuthorized, StatusCaptured, StatusPartiallyCaptured, StatusPartiallyRefunded:
		return true
	case StatusInitiated, StatusOnHold, StatusUnknown, StatusFailed, StatusDeclined, StatusVoided, StatusRefunded,
		StatusPartiallyCapturedRefunded:
	}
	return false
}

// Failed reports whether the payment came to nothing. What is neither Created nor Failed is undecided.
func (t *Transaction) Failed() bool { return t.Status == StatusFailed || t.Status == StatusDeclined }

// Initiated reports whether collection has started: a successful INITIATE_CAPTURE or CAPTURE event.
func (t *Transaction) Initiated() bool { return t.has("INITIATE_CAPTURE") || t.has("CAPTURE") }

func (t *Transaction) has(kind string) bool {
	return slices.ContainsFunc(t.events, func(e wireEvent) bool { return e.kind() == kind && e.succeeded() })
}

// PaymentStatus is one of unpaid, part-paid, paid, part-refunded, refunded, voided, failed, undecided.
//
// CAPTURED has two meanings. In the older edition it only says that the invoice exists, in the newer one that it is
// paid. It is taken for paid only beside both events of the newer edition: the INITIATE_CAPTURE that started
// collection and a CAPTURE. An account on the older edition therefore shows "unpaid" also after payment: saying too
// little is the safe side.
func (t *Transaction) PaymentStatus() string {
	switch t.Status {
	case StatusAuthorized:
		return "unpaid"
	case StatusCaptured:
		if t.has("INITIATE_CAPTURE") && t.has("CAPTURE") {
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
	case StatusInitiated, StatusOnHold, StatusUnknown:
	}
	return "undecided"
}

// Outcome is what the transaction means for its order, without UpdatedAt. days is the order's days until due: a due
// date that is not the invoice date plus days gets the warning [CodeDueDate]; below 0 nothing is compared.
func (t *Transaction) Outcome(days int) billing.Outcome {
	o := billing.Outcome{
		TransactionID: t.ID, SessionID: t.SessionID, InvoiceNumber: t.InvoiceNumber, InvoiceDate: t.InvoiceDate,
		DueDate: t.DueDate, InvoiceURL: t.InvoiceURL, PaymentStatus: t.PaymentStatus(),
	}
	switch {
	case t.Live() && t.InvoiceNumber != "":
		o.State = billing.Invoiced
		t.checkDueDate(&o, days)
	case t.Live():
		o.State = billing.Registered
	case t.Created():
		o.State = billing.Voided
	case t.Failed():
		o.State = billing.Rejected
		o.Code = CodeDeclined
		o.Message, o.Hint = t.refusal()
		o.Message = cmp.Or(o.Message, "the provider gave no reason")
	default:
		o.State = billing.InDoubt
		o.Code = CodeStatus
		o.Message = fmt.Sprintf("the provider has not decided yet (%s)", t.Status)
		o.Hint = "refresh later"
	}
	return o
}

func (t *Transaction) checkDueDate(o *billing.Outcome, days int) {
	if days < 0 || t.InvoiceDate == "" || t.DueDate == "" {
		return
	}
	expected := t.InvoiceDate.Time().AddDate(0, 0, days).Format(time.DateOnly)
	if string(t.DueDate) == expected {
		return
	}
	o.Code = CodeDueDate
	o.Message = fmt.Sprintf("due %s, but %d days from the invoice date is %s", t.DueDate, days, expected)
	o.Hint = "the provider's due date counts"
}

// refusal is why the payment failed, from its newest event that did not succeed; "" when no event tells.
func (t *Transaction) refusal() (message, hint string) {
	for i := range t.events {
		if e := t.events[i].Error.value; t.events[i].Success == flagFalse || e.Code != "" || e.Message != "" {
			return e.describe(), e.retryHint()
		}
	}
	return "", ""
}

func parseStatus(word string) Status {
	status := Status(strings.ToUpper(word))
	if status == "INITIALIZED" {
		return StatusInitiated
	}
	return status
}

// parseTime gives the zero time for what is no RFC 3339.
func parseTime(value text) time.Time {
	at, err := time.Parse(time.RFC3339, string(value))
	if err != nil {
		return time.Time{}
	}
	return at
}

// dateLength is YYYY-MM-DD; a time behind it is dropped.
const dateLength = len(time.DateOnly)

func isDate(value string) bool { return dateOf(value) != "" }

func dateOf(value string) billing.Date {
	date, err := billing.ParseDate(value[:min(len(value), dateLength)])
	if err != nil {
		return ""
	}
	return date
}

// isWebAddress keeps other schemes out of reports, where the address becomes a link.
func isWebAddress(value string) bool {
	u, err := url.Parse(value)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}
