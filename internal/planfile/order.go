package planfile

import (
	"crypto/sha256"
	"encoding/hex"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/money"
)

// Order is one order of a plan. Hashes are hex SHA-256 over the exact bytes of a request.
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
	State          string          `json:"state"` // when it was planned: not attempted, already invoiced, …
	Send           bool            `json:"send"`
	Content        string          `json:"content_hash"` // billing.Order.Hash
	Request        string          `json:"request_sha256"`
	Session        string          `json:"session_request_sha256,omitempty"` // of a two-step flow
}

// DraftOrder is an order as it was made, with what its file does not hold: what the journal makes of it.
type DraftOrder struct {
	Order
	First       billing.Place // of its rows
	Final       billing.Final
	Outcome     billing.Outcome `json:",omitzero"` // at the provider, of an order that an earlier run has
	Particulars billing.Particulars
	Earlier     *Earlier `json:",omitempty"` // where an earlier run has it for another period, else nil
}

// Earlier is an order as an earlier run has it, for that run's period.
type Earlier struct {
	State  billing.State
	Period string // YYYY-MM or ""
}

// NewOrder is an order that no earlier run has. The first of its rows stands in a place.
func NewOrder(p *journal.Entry, first billing.Place) DraftOrder {
	m := DraftOrder{
		Order: Order{
			Reference: p.Reference, CustomerNumber: plain(p.CustomerNumber), Customer: plain(p.Customer),
			Product: p.Product, Channel: p.Channel,
			DaysUntilDue: p.DaysUntilDue, Rows: p.Rows, Gross: p.Gross,
			VAT: money.New(p.VAT.Minor(), p.Gross.Currency()), Content: p.Hash,
			State: billing.FinalNotAttempted.String(), Send: true,
		},
		First: first, Final: billing.FinalNotAttempted, Particulars: p.Particulars,
	}
	m.requests(p.Body, p.CreateBody)
	return m
}

// Compare applies [billing.Decide] to an order that is stored already, for a run of the period. One in doubt is
// sent again with the request that it was stored with. replaced is true where it is as if nothing were
// stored; otherwise [DraftOrder.SetFinal] is to follow.
func (m *DraftOrder) Compare(stored *journal.Order, period string) (verdict billing.Decision, replaced bool) {
	verdict, replaced = billing.Decide(stored.Life, stored.Hash == m.Content)
	if replaced {
		return verdict, true
	}
	if stored.Period != period {
		m.Earlier = &Earlier{stored.State, stored.Period}
	}
	if m.Send = verdict == billing.ToSend; m.Send {
		m.requests(stored.Body, stored.CreateBody)
		m.DaysUntilDue = stored.DaysUntilDue
	}
	return verdict, false
}

// SetFinal says where the order stands.
func (m *DraftOrder) SetFinal(final billing.Final, outcome billing.Outcome) {
	m.Final, m.Outcome, m.State = final, outcome, final.String()
}

// Problems are those that the journal makes of the row in a place, in a run of the period.
func (m *DraftOrder) Problems(place billing.Place, period string) []billing.Problem {
	if m.Earlier == nil {
		return nil
	}
	return []billing.Problem{billing.OtherPeriod(place, m.Reference, m.Earlier.State, m.Earlier.Period, period)}
}

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
