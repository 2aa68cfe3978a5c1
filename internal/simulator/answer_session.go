package simulator

import (
	"encoding/json"
	"time"
)

// sessionBody is a session as look-ups answer it: what it was made of, and what became of it.
type sessionBody struct {
	sent

	ID            string             `json:"id"`
	TransactionID string             `json:"transaction_id,omitempty"`
	CreatedAt     time.Time          `json:"created_at"`
	UpdatedAt     time.Time          `json:"updated_at"`
	ExpiresAt     time.Time          `json:"expires_at"`
	CancelledAt   time.Time          `json:"cancelled_at,omitzero"`
	SystemHeaders json.RawMessage    `json:"initiating_system_request_headers,omitempty"`
	Events        []sessionEventBody `json:"events"` // oldest first
}

type sessionEventBody struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	CreatedAt time.Time `json:"created_at"`
	RequestID string    `json:"request_id"`
}

// sessionBody renders s. The caller holds books.mu.
func (p *Provider) sessionBody(s *session) *sessionBody {
	body := &sessionBody{
		sent: s.sent, ID: s.ID, TransactionID: s.Transaction,
		CreatedAt: s.Created, UpdatedAt: s.Updated, ExpiresAt: s.Expires, CancelledAt: s.Cancelled,
		SystemHeaders: s.Headers, Events: make([]sessionEventBody, len(s.Events)),
	}
	if !s.configured() {
		body.Configuration = p.configurationOf(s)
	}
	for i, e := range s.Events {
		body.Events[i] = sessionEventBody{s.ID + "-" + opaque(5, i), e.Name, e.At, opaque(8, s.N<<8+i)}
	}
	return body
}

// configurationOf is the configuration of a session that was made without one about Kravia: that of its profile, or the
// terms of its one-step payment.
func (p *Provider) configurationOf(s *session) json.RawMessage {
	if t := p.books.transaction(s.Transaction); t != nil && !s.Profile {
		return raw(p.enabling(t.Days, t.Channel, t.Product))
	}
	return raw(p.enabling(defaultDays, p.channel(productB2B, nil), productB2B, productGrouped, productB2C))
}
