package simulator

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"time"
)

// transactionBody is a transaction as look-ups answer it. Amounts are minor units.
type transactionBody struct {
	ID                 string                     `json:"id"`
	Status             string                     `json:"status"`
	PaymentProduct     string                     `json:"payment_product"`
	PaymentProductType string                     `json:"payment_product_type"`
	Amount             int64                      `json:"amount"`
	Currency           string                     `json:"currency"`
	MerchantReference  string                     `json:"merchant_reference"`
	MerchantReference2 string                     `json:"merchant_reference_2,omitempty"`
	SessionID          string                     `json:"session_id"`
	CreatedAt          time.Time                  `json:"created_at"`
	UpdatedAt          time.Time                  `json:"updated_at"`
	SettlementStatus   string                     `json:"settlement_status"`
	Items              json.RawMessage            `json:"items"`
	BillingAddress     json.RawMessage            `json:"billing_address"`
	Metadata           map[string]json.RawMessage `json:"metadata"`
	Events             []eventBody                `json:"events"`
	SystemHeaders      json.RawMessage            `json:"initiating_system_request_headers,omitempty"`
}

// paidBody is a transaction as pay calls answer it.
type paidBody struct {
	transactionBody
	Success bool     `json:"success"`
	Actions []string `json:"actions"`
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
	Metadata          map[string]string `json:"metadata,omitempty"`
	Error             *eventError       `json:"error,omitempty"`
}

type eventError struct {
	Code        string `json:"code"`
	Message     string `json:"message"`
	RetryPolicy struct {
		RetryCodes []string `json:"retry_codes"`
	} `json:"retry_policy"`
}

// The keys of invoice metadata.
const (
	metaNumber  = "kravia:invoice_number"
	metaURL     = "kravia:invoice_url"
	metaChannel = "kravia:invoice_channel"
	metaDate    = "kravia:invoice_date"
	metaDue     = "kravia:invoice_due_date"
)

// url is where the invoice document is described; "" before the invoice is issued.
func (t *transaction) url() string {
	if t.File == "" {
		return ""
	}
	return t.Base + "/v1/files/" + t.File
}

// transactionBody renders t, hiding an invoice number whose time to show has not come.
func (p *Provider) transactionBody(t *transaction, s *session) *transactionBody {
	issued := t.Number != "" && !moment().Before(t.Numbered)
	body := &transactionBody{
		ID: t.ID, Status: t.Status, PaymentProduct: "kravia", PaymentProductType: t.Product,
		Amount: t.Amount, Currency: t.Currency,
		MerchantReference: t.Reference, MerchantReference2: t.Reference2, SessionID: t.Session,
		CreatedAt: t.Created, UpdatedAt: t.Updated, SettlementStatus: "NOT_SETTLED",
		Items: s.Items, BillingAddress: s.Address,
		Metadata:      map[string]json.RawMessage{},
		Events:        make([]eventBody, len(t.Events)),
		SystemHeaders: s.Headers,
	}
	maps.Copy(body.Metadata, s.Metadata)
	if s.ProfileID != "" {
		body.Metadata["session:profile_id"] = raw(s.ProfileID)
	}
	if t.Channel != "" {
		body.Metadata[metaChannel] = raw(t.Channel)
	}
	if issued {
		body.Metadata[metaNumber] = raw(t.Number)
		body.Metadata[metaURL] = raw(t.url())
	}
	for i, e := range t.Events {
		body.Events[i] = p.eventBody(t, i, e, issued)
	}
	return body
}

func (p *Provider) eventBody(t *transaction, position int, e event, issued bool) eventBody {
	body := eventBody{
		ID: t.ID + "-" + opaque(4, position), TransactionStatus: e.Status,
		Success: e.Reason == "", Amount: e.Amount, CreatedAt: e.At,
	}
	if p.options.Model == ModelAuthorized {
		body.Event = e.Kind
	} else {
		body.Name = e.Kind
	}
	if e.Dated && issued {
		body.Metadata = map[string]string{metaNumber: t.Number, metaDate: t.InvoiceDate, metaDue: t.DueDate}
	}
	if e.Reason != "" {
		body.Error = &eventError{Code: "rejected", Message: e.Reason}
		body.Error.RetryPolicy.RetryCodes = []string{"DO_NOT_RETRY"}
	}
	return body
}

func (p *Provider) paidBody(t *transaction, s *session) *paidBody {
	return &paidBody{
		transactionBody: *p.transactionBody(t, s),
		Success:         t.Status != statusFailed,
		Actions:         []string{},
	}
}

// sessionBody is a session as look-ups answer it.
type sessionBody struct {
	ID            string                     `json:"id"`
	Order         sessionOrderBody           `json:"order"`
	Configuration *configuration             `json:"configuration,omitempty"`
	ProfileID     string                     `json:"profile_id,omitempty"`
	Metadata      map[string]json.RawMessage `json:"metadata,omitempty"`
	TransactionID string                     `json:"transaction_id,omitempty"`
	CreatedAt     time.Time                  `json:"created_at"`
	ExpiresAt     time.Time                  `json:"expires_at,omitzero"`
	CancelledAt   time.Time                  `json:"cancelled_at,omitzero"`
	Events        []sessionEventBody         `json:"events"`
}

type sessionOrderBody struct {
	Amount             int64           `json:"amount"`
	Currency           string          `json:"currency"`
	MerchantReference  string          `json:"merchant_reference"`
	MerchantReference2 string          `json:"merchant_reference_2,omitempty"`
	Items              json.RawMessage `json:"items"`
	BillingAddress     json.RawMessage `json:"billing_address,omitempty"`
}

type sessionEventBody struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	CreatedAt time.Time `json:"created_at"`
}

func (p *Provider) sessionBody(s *session) *sessionBody {
	body := &sessionBody{
		ID: s.ID,
		Order: sessionOrderBody{
			Amount: s.Amount, Currency: s.Currency,
			MerchantReference: s.Reference, MerchantReference2: s.Reference2,
			Items: s.Items, BillingAddress: s.Address,
		},
		Configuration: s.Configuration, ProfileID: s.ProfileID, Metadata: s.Metadata,
		TransactionID: s.Transaction,
		CreatedAt:     s.Created, ExpiresAt: s.Expires, CancelledAt: s.Cancelled,
		Events: make([]sessionEventBody, len(s.Events)),
	}
	for i, e := range s.Events {
		body.Events[i] = sessionEventBody{ID: s.ID + "-" + opaque(5, i), Name: e.Name, CreatedAt: e.At}
	}
	slices.Reverse(body.Events) // newest first
	return body
}

func notFound(what string) answer {
	return refuse(http.StatusNotFound, "NOT FOUND", what+" not found")
}
