package simulator

import (
	"encoding/json"
	"time"
)

// transactionAnswer is a transaction as look-ups answer it.
type transactionAnswer struct {
	transactionBody
	ordered

	PaymentProduct   string          `json:"payment_product"`
	Channel          string          `json:"channel"`
	SettlementStatus string          `json:"settlement_status"`
	Customer         json.RawMessage `json:"customer,omitempty"`
	Metadata         map[string]any  `json:"metadata"`
}

// ordered are the parts of an order that its transaction shows.
type ordered struct {
	Items           json.RawMessage `json:"items"`
	BillingAddress  json.RawMessage `json:"billing_address,omitempty"`
	ShippingAddress json.RawMessage `json:"shipping_address,omitempty"`
	Store           json.RawMessage `json:"store,omitempty"`
}

// paidAnswer is a transaction as pay calls answer it.
type paidAnswer struct {
	*transactionAnswer

	Success bool     `json:"success"`
	Actions []action `json:"actions"`
}

// action is what a payment came to, in the words of its processor.
type action struct {
	Source string `json:"source"`
	Code   string `json:"code"`
	Type   string `json:"type"` // success or error
}

// The keys of invoice metadata.
const (
	metaNumber  = "kravia:invoice_number"
	metaURL     = "kravia:invoice_url"
	metaChannel = "kravia:invoice_channel"
	metaDate    = "kravia:invoice_date"
	metaDue     = "kravia:invoice_due_date"
)

// answerTransaction renders t, hiding an invoice number and events whose time to show has not come.
func (p *Provider) answerTransaction(t *transaction, s *session) *transactionAnswer {
	now, order := moment(), members(s.Order)
	a := &transactionAnswer{
		transactionBody: t.transactionBody,
		ordered:         ordered{order.get("items"), order.get("billing_address"), order.get("shipping_address"), order.get("store")},
		PaymentProduct:  "kravia", Channel: "ecommerce", SettlementStatus: p.settlementStatus(t),
		Customer: s.Customer, Metadata: make(map[string]any, 4),
	}
	for key, value := range members(s.Metadata).all() {
		a.Metadata[key] = value
	}
	if t.Channel != "" {
		a.Metadata[metaChannel] = t.Channel
	}
	issued := t.issued(now)
	if issued {
		a.Metadata[metaNumber], a.Metadata[metaURL] = t.Number, t.url()
	}
	a.Events = make([]event, 0, len(t.Events))
	for _, e := range t.Events {
		if now.Before(e.Shown) {
			continue
		}
		if e.Dated && issued {
			e.Metadata = map[string]string{metaNumber: t.Number, metaDate: t.InvoiceDate, metaDue: t.DueDate}
		}
		e.Shown, e.Dated = time.Time{}, false
		a.Events = append(a.Events, e)
	}
	return a
}

// settlementStatus tells how much of t has been paid out. Only the newer edition shows it.
func (p *Provider) settlementStatus(t *transaction) string {
	switch {
	case t.Paid == 0 || p.options.Model == ModelCaptured:
		return "NOT_SETTLED"
	case t.Paid < t.Amount:
		return "PARTIALLY_SETTLED"
	}
	return "SETTLED"
}

func (p *Provider) answerPaid(t *transaction, s *session) *paidAnswer {
	outcome := action{"kravia", t.Status, "success"}
	if t.Status == statusFailed {
		outcome.Type = "error"
	}
	return &paidAnswer{p.answerTransaction(t, s), t.Status != statusFailed, []action{outcome}}
}

// answerSession renders s. One that was made without a configuration about Kravia has that of its profile, or the terms
// of its one-step payment. The caller holds books.mu.
func (p *Provider) answerSession(s *session) *sessionBody {
	body := s.sessionBody
	if s.configured() {
		return &body
	}
	if t := p.books.transactions.get(s.TransactionID); t != nil && !s.Profile {
		body.Configuration = raw(p.enabling(t.Days, t.Channel, t.Product))
	} else {
		body.Configuration = raw(p.profileConfiguration())
	}
	return &body
}

func (p *Provider) getTransaction(c *call) answer {
	p.books.mu.Lock()
	defer p.books.mu.Unlock()
	t := p.ripe(p.books.transactions.get(c.request.PathValue("id")))
	if t == nil {
		return notFound("transaction")
	}
	return reply(p.answerTransaction(t, p.books.sessions.get(t.SessionID)))
}

func (p *Provider) getSession(c *call) answer {
	p.books.mu.Lock()
	defer p.books.mu.Unlock()
	s := p.books.sessions.get(c.request.PathValue("id"))
	if s == nil {
		return notFound("session")
	}
	p.ripe(p.books.transactions.get(s.TransactionID))
	return reply(p.answerSession(p.books.sessions.get(s.ID)))
}
