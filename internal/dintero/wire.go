package dintero

import (
	"bytes"
	"encoding/json"
	"strings"

	"kraviabatch/internal/money"
)

// The wire types take whatever stands where a value is expected: the provider renames and drops fields between
// editions, and metadata values are strings or numbers. What is not understood is empty, never an error.

// text is a JSON string, or a number or boolean as its literal; "" for anything else.
type text string

// UnmarshalJSON never fails.
func (t *text) UnmarshalJSON(data []byte) error {
	var s string
	switch {
	case json.Unmarshal(data, &s) == nil:
		*t = text(strings.TrimSpace(s))
	case len(data) > 0 && data[0] != '{' && data[0] != '[':
		*t = text(data)
	}
	return nil
}

// number is a whole JSON number, also as a string or as 299.00; 0 for anything else.
type number int64

// UnmarshalJSON never fails.
func (n *number) UnmarshalJSON(data []byte) error {
	var t text
	_ = t.UnmarshalJSON(data)
	d, err := money.ParseDecimal(string(t), money.Dot)
	if err != nil {
		return nil //nolint:nilerr // see above
	}
	if a, err := d.MinorAmount(money.Currency{}); err == nil {
		*n = number(a.Minor())
	}
	return nil
}

// flag is a JSON boolean that knows whether it was there.
type flag uint8

const (
	flagTrue flag = iota + 1
	flagFalse
)

// UnmarshalJSON never fails.
func (f *flag) UnmarshalJSON(data []byte) error {
	switch strings.ToLower(strings.Trim(string(data), `"`)) {
	case "true":
		*f = flagTrue
	case "false":
		*f = flagFalse
	}
	return nil
}

// object is a JSON object as T; the zero T for anything else.
type object[T any] struct{ value T }

// UnmarshalJSON never fails.
func (o *object[T]) UnmarshalJSON(data []byte) error {
	var v T
	if json.Unmarshal(data, &v) == nil {
		o.value = v
	}
	return nil
}

// list is a JSON array of T without the elements that are no T; empty for anything else.
type list[T any] []T

// UnmarshalJSON never fails.
func (l *list[T]) UnmarshalJSON(data []byte) error {
	var elements []json.RawMessage
	if json.Unmarshal(data, &elements) != nil {
		return nil //nolint:nilerr // see above
	}
	*l = nil
	for _, element := range elements {
		var v T
		if !bytes.Equal(element, []byte("null")) && json.Unmarshal(element, &v) == nil {
			*l = append(*l, v)
		}
	}
	return nil
}

// metadata is a flat object of strings and numbers.
type metadata = object[map[string]text]

// wireTransaction is a transaction, and the fields that an answer to a payment merges into it.
type wireTransaction struct {
	ID        text              `json:"id"`
	Status    text              `json:"status"`
	Product   text              `json:"payment_product_type"`
	Amount    number            `json:"amount"`
	Currency  text              `json:"currency"`
	Reference text              `json:"merchant_reference"`
	SessionID text              `json:"session_id"`
	CreatedAt text              `json:"created_at"`
	Address   object[wireBuyer] `json:"billing_address"`
	Metadata  metadata          `json:"metadata"`
	Events    list[wireEvent]   `json:"events"`

	wireResult
}

type wireBuyer struct {
	OrganizationNumber text `json:"organization_number"`
}

// wireEvent has its kind in event (specification) or name (examples of the older edition).
type wireEvent struct {
	Event     text              `json:"event"`
	Name      text              `json:"name"`
	Success   flag              `json:"success"`
	CreatedAt text              `json:"created_at"`
	Metadata  metadata          `json:"metadata"`
	Error     object[wireError] `json:"error"`
}

// kind is the event's kind in capitals.
func (e *wireEvent) kind() string {
	kind := e.Event
	if kind == "" {
		kind = e.Name
	}
	return strings.ToUpper(string(kind))
}

// succeeded takes an event for successful unless it says otherwise: older editions say nothing.
func (e *wireEvent) succeeded() bool { return e.Success != flagFalse }

// wireResult is what answers to payments say beside the transaction. Error is an object, or in payment results a word.
type wireResult struct {
	Success     flag                  `json:"success"`
	Error       json.RawMessage       `json:"error"`
	Details     list[wireErrorDetail] `json:"error_details"`
	Actions     list[wireAction]      `json:"actions"`
	RedirectURL text                  `json:"redirect_url"`
}

type wireErrorDetail struct {
	Code     text `json:"code"`
	Category text `json:"category"`
	Field    text `json:"field"`
}

type wireAction struct {
	Code text `json:"code"`
	Type text `json:"type"`
}

// wireError is the documented error, of answers and of events.
type wireError struct {
	Code    text                    `json:"code"`
	Message text                    `json:"message"`
	Errors  list[wireFinding]       `json:"errors"`
	Retry   object[wireRetryPolicy] `json:"retry_policy"`
}

type wireFinding struct {
	Message     text       `json:"message"`
	Description text       `json:"description"`
	Path        list[text] `json:"path"`
}

type wireRetryPolicy struct {
	Codes list[text] `json:"retry_codes"`
	After text       `json:"retry_after"`
}

// wireSession is a session as look-ups give it.
type wireSession struct {
	ID            text              `json:"id"`
	TransactionID text              `json:"transaction_id"`
	CreatedAt     text              `json:"created_at"`
	CancelledAt   text              `json:"cancelled_at"`
	Order         object[wireOrder] `json:"order"`
	Events        list[wireEvent]   `json:"events"`
}

type wireOrder struct {
	Amount    number `json:"amount"`
	Currency  text   `json:"currency"`
	Reference text   `json:"merchant_reference"`
}
