package simulator

import (
	"encoding/json"
	"slices"
	"time"
)

// sent is what a session was made of, as it came in. A two-step payment adds its billing address to the order.
type sent struct {
	URL           json.RawMessage `json:"url,omitempty"`
	Customer      json.RawMessage `json:"customer,omitempty"`
	Order         json.RawMessage `json:"order"`
	Configuration json.RawMessage `json:"configuration,omitempty"`
	Metadata      json.RawMessage `json:"metadata,omitempty"`
}

// ordered are the parts of an order that its transaction shows.
type ordered struct {
	Items           json.RawMessage `json:"items"`
	BillingAddress  json.RawMessage `json:"billing_address,omitempty"`
	ShippingAddress json.RawMessage `json:"shipping_address,omitempty"`
	Store           json.RawMessage `json:"store,omitempty"`
	EventReference  json.RawMessage `json:"event_reference,omitempty"`
}

// sentBy is what a decoded body, or a part of one, says of a session.
func sentBy(parts object) sent {
	return sent{parts.get("url"), parts.get("customer"), parts.get("order"), parts.get("configuration"), parts.get("metadata")}
}

// ordered takes the order apart.
func (s *sent) ordered() ordered {
	parts := members(s.Order)
	return ordered{parts.get("items"), parts.get("billing_address"), parts.get("shipping_address"), parts.get("store"), parts.get("event_reference")}
}

// session and transaction are immutable once they are in the books: a change puts a changed copy in their place.
type session struct {
	sent

	N           int             `json:"n"` // position in the order of creation, from 1
	ID          string          `json:"id"`
	Reference   string          `json:"reference"`
	Reference2  string          `json:"reference_2,omitempty"`
	Amount      int64           `json:"amount"`
	Currency    string          `json:"currency"`
	Callback    string          `json:"callback,omitempty"`
	Profile     bool            `json:"profile,omitempty"` // made from a profile
	Headers     json.RawMessage `json:"headers,omitempty"` // who called: the documented system headers
	Created     time.Time       `json:"created"`
	Updated     time.Time       `json:"updated"`
	Visible     time.Time       `json:"visible"` // in lists from then on
	Expires     time.Time       `json:"expires"`
	Cancelled   time.Time       `json:"cancelled,omitzero"`
	Transaction string          `json:"transaction,omitempty"`
	Authorized  bool            `json:"authorized,omitempty"` // was successfully authorized once
	Events      []sessionEvent  `json:"events"`
}

type sessionEvent struct {
	Name string    `json:"name"`
	At   time.Time `json:"at"`
}

// add notes an event, leaving the events of other copies alone.
func (s *session) add(at time.Time, names ...string) {
	events := slices.Clip(s.Events)
	for _, name := range names {
		events = append(events, sessionEvent{name, at})
	}
	s.Events, s.Updated = events, at
}

// configured says whether the session itself says something of Kravia.
func (s *session) configured() bool {
	return members(s.Configuration).get("kravia") != nil
}

type transaction struct {
	N           int       `json:"n"` // position in the order of creation, from 1
	ID          string    `json:"id"`
	Session     string    `json:"session"`
	Reference   string    `json:"reference"`
	Reference2  string    `json:"reference_2,omitempty"`
	Words       []string  `json:"words,omitempty"` // what search finds it by beside its references
	Amount      int64     `json:"amount"`
	Collected   int64     `json:"collected,omitempty"` // captured: how much of it the collection has been started for
	Paid        int64     `json:"paid,omitempty"`
	Coming      []int64   `json:"coming,omitempty"` // payments that come once the invoice is out, in percent
	Currency    string    `json:"currency"`
	Product     string    `json:"product"`
	Channel     string    `json:"channel,omitempty"`
	Days        int64     `json:"days"`
	Status      string    `json:"status"`
	Group       string    `json:"group,omitempty"` // grouped purchases of one group share an invoice
	Created     time.Time `json:"created"`
	Updated     time.Time `json:"updated"`
	Visible     time.Time `json:"visible"`          // in lists from then on
	Held        time.Time `json:"held,omitzero"`    // ON_HOLD until then; zero: for ever
	Late        bool      `json:"late,omitempty"`   // its number waits for Issue, as a grouped one's does
	Numbered    time.Time `json:"shown,omitzero"`   // the number shows from then on
	Base        string    `json:"base"`             // scheme and host of its URLs
	Number      string    `json:"number,omitempty"` // invoice number
	File        string    `json:"file,omitempty"`
	InvoiceDate string    `json:"invoice_date,omitempty"`
	DueDate     string    `json:"due_date,omitempty"`
	Events      []event   `json:"events"`
}

type event struct {
	Kind   string    `json:"kind"`
	Status string    `json:"status"` // of the transaction after it
	Amount int64     `json:"amount"`
	At     time.Time `json:"at"`
	Shown  time.Time `json:"shown,omitzero"`   // in answers from then on
	Dated  bool      `json:"dated,omitempty"`  // shows the invoice's number and dates
	Reason string    `json:"reason,omitempty"` // of a failure
}

// add notes an event, leaving the events of other copies alone.
func (t *transaction) add(e event) {
	t.Status = e.Status
	t.Updated = e.At
	t.Events = append(slices.Clip(t.Events), e)
}

// live says whether a customer owes this: created, and neither failed nor voided.
func (t *transaction) live() bool {
	return t.Status != statusFailed && t.Status != statusVoided
}

// url is where the invoice document is described; "" before the invoice is issued.
func (t *transaction) url() string {
	if t.File == "" {
		return ""
	}
	return t.Base + "/v1/files/" + t.File
}

// issued says whether the invoice has a number that shows.
func (t *transaction) issued(now time.Time) bool {
	return t.Number != "" && !now.Before(t.Numbered)
}

// captured is when the first money was captured; zero before.
func (t *transaction) captured() time.Time {
	for _, e := range t.Events {
		if e.Kind == eventCapture {
			return e.At
		}
	}
	return time.Time{}
}
