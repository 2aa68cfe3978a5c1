package simulator

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"
)

// sessionBody is a session as the ledger has it and as look-ups answer it: the request that made it, unchanged, and
// what happened since. A two-step payment adds its billing address to the order.
type sessionBody struct {
	ID            string          `json:"id"`
	TransactionID string          `json:"transaction_id,omitempty"`
	URL           json.RawMessage `json:"url,omitempty"`
	Customer      json.RawMessage `json:"customer,omitempty"`
	Order         json.RawMessage `json:"order"`
	Configuration json.RawMessage `json:"configuration,omitempty"`
	Metadata      json.RawMessage `json:"metadata,omitempty"`
	CreatedAt     time.Time       `json:"created_at"`
	UpdatedAt     time.Time       `json:"updated_at"`
	ExpiresAt     time.Time       `json:"expires_at"`
	CancelledAt   time.Time       `json:"cancelled_at,omitzero"`
	Events        []sessionEvent  `json:"events"` // oldest first
	SystemHeaders systemHeaders   `json:"initiating_system_request_headers,omitempty"`
}

// systemHeaders are the documented headers that tell which program called, by their names in lower case.
type systemHeaders map[string]string

func readSystemHeaders(header http.Header) systemHeaders {
	found := systemHeaders{}
	for _, name := range []string{
		"dintero-system-name", "dintero-system-version", "dintero-system-plugin-name",
		"dintero-system-plugin-version", "user-agent",
	} {
		if value := header.Get(name); value != "" {
			found[name] = value
		}
	}
	return found
}

type sessionEvent struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	CreatedAt time.Time `json:"created_at"`
	RequestID string    `json:"request_id"`
}

// session and transaction are immutable once they are in the ledger: a change puts a changed copy in their place.
type session struct {
	sessionBody

	N          int       `json:"n"` // position in the order of creation, from 1
	Reference  string    `json:"reference"`
	Reference2 string    `json:"reference_2,omitempty"`
	Buyer      string    `json:"buyer,omitempty"`
	Amount     int64     `json:"amount"`
	Currency   string    `json:"currency"`
	Visible    time.Time `json:"visible"`              // in lists from then on
	Authorized bool      `json:"authorized,omitempty"` // was successfully authorized once
}

// add appends an event. Other copies of the session keep their events.
func (s *session) add(at time.Time, names ...string) {
	s.Events, s.UpdatedAt = slices.Clip(s.Events), at
	for _, name := range names {
		i := len(s.Events)
		s.Events = append(s.Events, sessionEvent{s.ID + "-" + opaque(5, i), name, at, opaque(8, s.N<<8+i)})
	}
}

// configure adds what the session says of Kravia, unless it says something itself.
func (s *session) configure(kravia map[string]any) {
	if configuration := members(s.Configuration); configuration.get("kravia") == nil {
		s.Configuration = configuration.with("kravia", raw(kravia))
	}
}

// setOrder sets the session's order, and the members of it that the simulator reads.
func (s *session) setOrder(text json.RawMessage) {
	order := members(text)
	s.Order, s.Amount, s.Currency = text, order.integer("amount"), order.text("currency")
	s.Reference, s.Reference2 = order.text("merchant_reference"), order.text("merchant_reference_2")
}

// transactionBody is the part of a transaction that the ledger has as look-ups answer it. Amounts are in minor units.
type transactionBody struct {
	ID         string    `json:"id"`
	Status     string    `json:"status"`
	Product    string    `json:"payment_product_type"`
	Amount     int64     `json:"amount"`
	Currency   string    `json:"currency"`
	Reference  string    `json:"merchant_reference"`
	Reference2 string    `json:"merchant_reference_2,omitempty"`
	SessionID  string    `json:"session_id"`
	CreatedAt  time.Time `json:"created_at"`
	UpdatedAt  time.Time `json:"updated_at"`
	Events     []event   `json:"events"`
}

type transaction struct {
	transactionBody

	N           int       `json:"n"`                   // position in the order of creation, from 1
	Words       []string  `json:"words,omitempty"`     // what search finds it by beside its references
	Collected   int64     `json:"collected,omitempty"` // captured: how much of it the collection has been started for
	Paid        int64     `json:"paid,omitempty"`
	CapturedAt  time.Time `json:"captured_at,omitzero"` // of the first money
	Coming      []int64   `json:"coming,omitempty"`     // payments that come once the invoice is out, in percent
	Channel     string    `json:"channel,omitempty"`
	Days        int64     `json:"days"`
	Group       string    `json:"group,omitempty"`  // grouped purchases of one group share an invoice
	Visible     time.Time `json:"visible"`          // in lists from then on
	Held        time.Time `json:"held,omitzero"`    // ON_HOLD until then; zero: for ever
	Late        bool      `json:"late,omitempty"`   // its number waits for Issue, as a grouped one's does
	Numbered    time.Time `json:"shown,omitzero"`   // the number shows from then on
	Base        string    `json:"base"`             // scheme and host of its URLs
	Number      string    `json:"number,omitempty"` // invoice number
	File        string    `json:"file,omitempty"`
	URL         string    `json:"url,omitempty"` // where the document is described
	InvoiceDate string    `json:"invoice_date,omitempty"`
	DueDate     string    `json:"due_date,omitempty"`
}

// event carries its kind as "name" under ModelCaptured and as "event" under ModelAuthorized.
type event struct {
	ID        string            `json:"id"`
	Name      string            `json:"name,omitempty"`
	Event     string            `json:"event,omitempty"`
	Status    string            `json:"transaction_status"` // after it
	Success   bool              `json:"success"`
	Amount    int64             `json:"amount"`
	CreatedAt time.Time         `json:"created_at"`
	RequestID string            `json:"request_id"`
	Reference string            `json:"event_reference,omitempty"` // in answers only, as the next
	Metadata  map[string]string `json:"metadata,omitempty"`
	Error     json.RawMessage   `json:"error,omitempty"`
	Payouts   json.RawMessage   `json:"settlements,omitempty"` // of a payment

	Shown time.Time `json:"shown,omitzero"`  // in answers from then on; not in them, as what follows
	Dated bool      `json:"dated,omitempty"` // shows the invoice's number and dates
}

// note appends an event. Other copies of the transaction keep their events.
func (p *Provider) note(t *transaction, kind, status string, amount int64, at time.Time) *event {
	i := len(t.Events)
	e := event{
		ID: t.ID + "-" + opaque(4, i), Status: status, Success: true, Amount: amount, CreatedAt: at,
		RequestID: opaque(6, t.N<<8+i),
	}
	if p.options.Model == ModelCaptured {
		e.Name = kind
	} else {
		e.Event = kind
	}
	if e.Event == eventCapture { // the money goes to the merchant at once, and without a fee
		e.Payouts = raw(map[string]any{"settlement_status": "SETTLED", "events": []any{map[string]any{
			"settlement_id": opaque(7, t.N<<8+i), "provider_reference": t.Number, "amount": amount,
			"capture": amount, "fee": 0,
		}}})
	}
	if kind == eventCapture && t.CapturedAt.IsZero() {
		t.CapturedAt = at
	}
	t.Status, t.UpdatedAt = status, at
	t.Events = append(slices.Clip(t.Events), e)
	return &t.Events[i]
}

// live reports whether the customer owes this: it neither failed nor was voided.
func (t *transaction) live() bool { return t.Status != statusFailed && t.Status != statusVoided }

// issued reports whether answers show the invoice's number.
func (t *transaction) issued(now time.Time) bool { return t.Number != "" && !now.Before(t.Numbered) }

// transactionAnswer is a transaction as look-ups answer it.
type transactionAnswer struct {
	transactionBody

	PaymentProduct   string          `json:"payment_product"`
	Channel          string          `json:"channel"`
	SettlementStatus string          `json:"settlement_status"`
	URL              map[string]any  `json:"url,omitempty"`
	Customer         json.RawMessage `json:"customer,omitempty"`
	Items            json.RawMessage `json:"items"`
	BillingAddress   json.RawMessage `json:"billing_address,omitempty"`
	ShippingAddress  json.RawMessage `json:"shipping_address,omitempty"`
	Store            json.RawMessage `json:"store,omitempty"`
	Metadata         map[string]any  `json:"metadata"`
	SystemHeaders    systemHeaders   `json:"initiating_system_request_headers,omitempty"`
	Session          *sessionBody    `json:"session,omitempty"`
}

// paidAnswer is a transaction as pay calls answer it.
type paidAnswer struct {
	*transactionAnswer

	Success bool     `json:"success"`
	Actions []action `json:"actions"`
}

// action is the outcome of a payment, in the words of its processor.
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

// answerTransaction is the answer of a look-up. It hides an invoice number and events until their time to show.
func (p *Provider) answerTransaction(t *transaction, s *session) *transactionAnswer {
	now, order := moment(), members(s.Order)
	a := &transactionAnswer{
		transactionBody: t.transactionBody, Items: order.get("items"), BillingAddress: order.get("billing_address"),
		ShippingAddress: order.get("shipping_address"), Store: order.get("store"), Customer: s.Customer,
		SystemHeaders:  s.SystemHeaders,
		PaymentProduct: "kravia", Channel: "ecommerce", SettlementStatus: p.settlementStatus(t),
		Metadata: map[string]any{},
	}
	if callback := members(s.URL).get("callback_url"); callback != nil {
		a.URL = map[string]any{"callback_url": callback}
	}
	for key, value := range members(s.Metadata).all() {
		a.Metadata[key] = value
	}
	reference := order.text("event_reference")
	if reference != "" {
		a.Metadata["event_reference"] = reference
	}
	if t.Channel != "" {
		a.Metadata[metaChannel] = t.Channel
	}
	issued := t.issued(now)
	if issued {
		a.Metadata[metaNumber], a.Metadata[metaURL] = t.Number, t.URL
	}
	a.Events = make([]event, 0, len(t.Events))
	for _, e := range t.Events {
		if now.Before(e.Shown) {
			continue
		}
		if e.Dated && issued {
			e.Metadata = map[string]string{metaNumber: t.Number, metaDate: t.InvoiceDate, metaDue: t.DueDate}
		}
		e.Reference, e.Shown, e.Dated = reference, time.Time{}, false
		a.Events = append(a.Events, e)
	}
	return a
}

// settlementStatus says how much of t was paid out to the merchant. Only the newer edition shows it.
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

func (p *Provider) getTransaction(c *call) answer {
	t := p.ripe(p.ledger.transactions.get(c.request.PathValue("id")))
	if t == nil {
		return notFound("transaction")
	}
	s := p.ledger.sessions.get(t.SessionID)
	a := p.answerTransaction(t, s)
	if slices.Contains(c.request.URL.Query()["includes"], "session") {
		a.Session = &s.sessionBody
	}
	return reply(a)
}

func (p *Provider) getSession(c *call) answer {
	s := p.ledger.sessions.get(c.request.PathValue("id"))
	if s == nil {
		return notFound("session")
	}
	p.ripe(p.ledger.transactions.get(s.TransactionID))
	return reply(p.ledger.sessions.get(s.ID).sessionBody)
}
