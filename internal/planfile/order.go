package planfile

import (
	"crypto/sha256"
	"encoding/hex"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/money"
)

// Order is one order of a plan. Request and Session are the SHA-256, in hex, of the exact bytes of the requests.
type Order struct {
	Reference      string          `json:"order_reference"`
	CustomerNumber string          `json:"customer_number,omitempty"`
	Customer       string          `json:"customer"`
	Product        billing.Product `json:"product"`
	Channel        billing.Channel `json:"invoice_channel,omitempty"`
	DaysUntilDue   int             `json:"days_until_due"`
	Rows           int             `json:"rows"`
	Gross          money.Amount    `json:"gross"`
	VAT            money.Amount    `json:"vat"`
	State          string          `json:"state"` // when the plan was drafted: not attempted, already invoiced, …
	Send           bool            `json:"send"`
	Content        string          `json:"content_hash"` // billing.Order.Hash
	Request        string          `json:"request_sha256"`
	Session        string          `json:"session_request_sha256,omitempty"` // only in the two-step flow
}

// DraftOrder is an order of a draft: what the plan's file holds of it, and what the journal knows about it, which
// the file does not hold.
type DraftOrder struct {
	Order
	First       billing.Place // the place of its first row
	Final       billing.Final
	Outcome     billing.Outcome `json:",omitzero"` // at the provider, when an earlier run has the order
	Particulars billing.Particulars
	Earlier     *Earlier `json:",omitempty"` // set when an earlier run has the order for another period
}

// Earlier is the state of an order in an earlier run, and that run's period.
type Earlier struct {
	State  billing.State
	Period string // YYYY-MM or ""
}

// NewOrder returns the order of a journal's entry, as an order that no earlier run has and that is to be sent. first
// is the place of its first row. [DraftOrder.Compare] corrects it when the journal knows the order.
func NewOrder(e *journal.Entry, first billing.Place) DraftOrder {
	m := DraftOrder{
		Order: Order{
			Reference: e.Reference, CustomerNumber: validText(e.CustomerNumber), Customer: validText(e.Customer),
			Product: e.Product, Channel: e.Channel, DaysUntilDue: e.DaysUntilDue, Rows: e.Rows, Gross: e.Gross,
			VAT: money.New(e.VAT.Minor(), e.Gross.Currency()), Content: e.Hash,
			State: billing.FinalNotAttempted.String(), Send: true,
		},
		First: first, Final: billing.FinalNotAttempted, Particulars: e.Particulars,
	}
	m.requests(e.Body, e.CreateBody)
	return m
}

// Compare decides by [billing.Decide] what a run of the period does with an order that the journal knows. replaced
// is true when the run enters the order anew, as if the journal did not know it; otherwise the caller calls
// [DraftOrder.SetFinal] next. An order in doubt is sent again with the request that the journal holds, never with a
// new one.
func (m *DraftOrder) Compare(stored *journal.Order, period string) (decision billing.Decision, replaced bool) {
	decision, replaced = billing.Decide(stored.Life, stored.Hash == m.Content)
	if replaced {
		return decision, true
	}
	if stored.Period != period {
		m.Earlier = &Earlier{stored.State, stored.Period}
	}
	if m.Send = decision == billing.ToSend; m.Send {
		m.requests(stored.Body, stored.CreateBody)
		m.DaysUntilDue = stored.DaysUntilDue
	}
	return decision, false
}

// SetFinal sets the final state and the outcome of the order.
func (m *DraftOrder) SetFinal(final billing.Final, outcome billing.Outcome) {
	m.Final, m.Outcome, m.State = final, outcome, final.String()
}

// Problems returns the problem of the row at a place when an earlier run has the order for another period than this
// run's.
func (m *DraftOrder) Problems(place billing.Place, period string) []billing.Problem {
	if m.Earlier == nil {
		return nil
	}
	return []billing.Problem{billing.OtherPeriod(place, m.Reference, m.Earlier.State, m.Earlier.Period, period)}
}

// requests sets the hashes of the bodies that would be sent. create is nil in the one-step flow.
func (o *Order) requests(body, create []byte) {
	o.Request, o.Session = hashOf(body), ""
	if create != nil {
		o.Session = hashOf(create)
	}
}

func hashOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
