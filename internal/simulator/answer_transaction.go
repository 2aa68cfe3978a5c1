package simulator

import (
	"encoding/json"
	"time"
)

// transactionBody is a transaction as look-ups answer it. Amounts are minor units.
type transactionBody struct {
	ordered

	ID                 string          `json:"id"`
	Status             string          `json:"status"`
	PaymentProduct     string          `json:"payment_product"`
	PaymentProductType string          `json:"payment_product_type"`
	Amount             int64           `json:"amount"`
	Currency           string          `json:"currency"`
	MerchantReference  string          `json:"merchant_reference"`
	MerchantReference2 string          `json:"merchant_reference_2,omitempty"`
	SessionID          string          `json:"session_id"`
	Channel            string          `json:"channel"`
	CreatedAt          time.Time       `json:"created_at"`
	UpdatedAt          time.Time       `json:"updated_at"`
	SettlementStatus   string          `json:"settlement_status"`
	URL                *callbackURL    `json:"url,omitempty"`
	Customer           json.RawMessage `json:"customer,omitempty"`
	Metadata           map[string]any  `json:"metadata"`
	Events             []eventBody     `json:"events"`
	SystemHeaders      json.RawMessage `json:"initiating_system_request_headers,omitempty"`
	Session            *sessionBody    `json:"session,omitempty"`
}

type callbackURL struct {
	CallbackURL string `json:"callback_url"`
}

// paidBody is a transaction as pay calls answer it.
type paidBody struct {
	*transactionBody

	Success bool     `json:"success"`
	Actions []action `json:"actions"`
}

// action is what a payment came to, in the words of its processor.
type action struct {
	Source string `json:"source"`
	Code   string `json:"code"`
	Type   string `json:"type"` // success or error
}

// eventBody carries its kind as "name" under ModelCaptured and as "event" under ModelAuthorized.
type eventBody struct {
	ID                string            `json:"id"`
	Name              string            `json:"name,omitempty"`
	Event             string            `json:"event,omitempty"`
	TransactionStatus string            `json:"transaction_status"`
	Success           bool              `json:"success"`
	Amount            int64             `json:"amount"`
	CreatedAt         time.Time         `json:"created_at"`
	RequestID         string            `json:"request_id"`
	EventReference    json.RawMessage   `json:"event_reference,omitempty"`
	Metadata          map[string]string `json:"metadata,omitempty"`
	Error             *eventError       `json:"error,omitempty"`
	Settlements       *settlements      `json:"settlements,omitempty"`
}

type eventError struct {
	Code        string      `json:"code"`
	Message     string      `json:"message"`
	RetryPolicy retryPolicy `json:"retry_policy"`
}

type retryPolicy struct {
	RetryCodes []string `json:"retry_codes"`
}

// settlements says with which payout the money of a captured payment went to the merchant; here it goes at once, and
// without a fee.
type settlements struct {
	Events []settlement `json:"events"`
	Status string       `json:"settlement_status"`
}

type settlement struct {
	ID        string `json:"settlement_id"`
	Reference string `json:"provider_reference"`
	Amount    int64  `json:"amount"`
	Capture   int64  `json:"capture"`
	Fee       int64  `json:"fee"`
}

// The keys of invoice metadata.
const (
	metaNumber  = "kravia:invoice_number"
	metaURL     = "kravia:invoice_url"
	metaChannel = "kravia:invoice_channel"
	metaDate    = "kravia:invoice_date"
	metaDue     = "kravia:invoice_due_date"
)

// transactionBody renders t, hiding an invoice number and events whose time to show has not come.
func (p *Provider) transactionBody(t *transaction, s *session) *transactionBody {
	now, order := moment(), s.ordered()
	reference := order.EventReference
	order.EventReference = nil // it has another place
	body := &transactionBody{
		ID: t.ID, Status: t.Status, PaymentProduct: "kravia", PaymentProductType: t.Product,
		Amount: t.Amount, Currency: t.Currency,
		MerchantReference: t.Reference, MerchantReference2: t.Reference2, SessionID: t.Session, Channel: "ecommerce",
		CreatedAt: t.Created, UpdatedAt: t.Updated, SettlementStatus: p.settlementStatus(t),
		Customer: s.Customer, ordered: order,
		Metadata: make(map[string]any, 4), Events: make([]eventBody, 0, len(t.Events)),
		SystemHeaders: s.Headers,
	}
	if s.Callback != "" {
		body.URL = &callbackURL{s.Callback}
	}
	for key, value := range members(s.Metadata).all() {
		body.Metadata[key] = value
	}
	if reference != nil {
		body.Metadata["event_reference"] = reference
	}
	if t.Channel != "" {
		body.Metadata[metaChannel] = t.Channel
	}
	issued := t.issued(now)
	if issued {
		body.Metadata[metaNumber], body.Metadata[metaURL] = t.Number, t.url()
	}
	for i := range t.Events {
		if e := &t.Events[i]; !now.Before(e.Shown) {
			body.Events = append(body.Events, p.eventBody(t, i, reference, issued))
		}
	}
	return body
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

func (p *Provider) eventBody(t *transaction, position int, reference json.RawMessage, issued bool) eventBody {
	e := &t.Events[position]
	body := eventBody{
		ID: t.ID + "-" + opaque(4, position), TransactionStatus: e.Status,
		Success: e.Reason == "", Amount: e.Amount, CreatedAt: e.At,
		RequestID: opaque(6, t.N<<8+position), EventReference: reference,
	}
	if p.options.Model == ModelCaptured {
		body.Name = e.Kind
	} else {
		body.Event = e.Kind
		if e.Kind == eventCapture {
			paid := settlement{opaque(7, t.N<<8+position), t.Number, e.Amount, e.Amount, 0}
			body.Settlements = &settlements{[]settlement{paid}, "SETTLED"}
		}
	}
	if e.Dated && issued {
		body.Metadata = map[string]string{metaNumber: t.Number, metaDate: t.InvoiceDate, metaDue: t.DueDate}
	}
	if e.Reason != "" {
		body.Error = &eventError{"rejected", e.Reason, retryPolicy{[]string{"DO_NOT_RETRY"}}}
	}
	return body
}

func (p *Provider) paidBody(t *transaction, s *session) *paidBody {
	outcome := action{"kravia", t.Status, "success"}
	if t.Status == statusFailed {
		outcome.Type = "error"
	}
	return &paidBody{p.transactionBody(t, s), t.Status != statusFailed, []action{outcome}}
}
