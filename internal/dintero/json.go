package dintero

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// wire is what is read of a transaction, of a session, and of what answers to payments say beside them.
type wire struct {
	ID            string          `json:"id"`
	Status        string          `json:"status"`
	Product       string          `json:"payment_product_type"`
	Amount        int64           `json:"amount"`
	Currency      string          `json:"currency"`
	Reference     string          `json:"merchant_reference"`
	SessionID     string          `json:"session_id"`
	TransactionID string          `json:"transaction_id"`
	Settlement    string          `json:"settlement_status"`
	CreatedAt     string          `json:"created_at"`
	ExpiresAt     string          `json:"expires_at"`
	CancelledAt   string          `json:"cancelled_at"`
	Address       billing.Address `json:"billing_address"`
	Metadata      wireMetadata    `json:"metadata"`
	Events        []wireEvent     `json:"events"`
	Order         struct {
		Amount    int64  `json:"amount"`
		Currency  string `json:"currency"`
		Reference string `json:"merchant_reference"`
	} `json:"order"`

	Success *bool     `json:"success"`
	Error   wireError `json:"error"`
	Details []struct {
		Code     string `json:"code"`
		Category string `json:"category"`
		Field    string `json:"field"`
	} `json:"error_details"`
	Actions []struct {
		Code string `json:"code"`
		Type string `json:"type"`
	} `json:"actions"`
	RedirectURL string `json:"redirect_url"`
}

// wireMetadata is the metadata of a transaction, a session or an event.
type wireMetadata struct {
	Number  string `json:"kravia:invoice_number"`
	URL     string `json:"kravia:invoice_url"`
	Date    string `json:"kravia:invoice_date"`
	DueDate string `json:"kravia:invoice_due_date"`
	Channel string `json:"kravia:invoice_channel"`
	Content string `json:"ext_content"`
}

// wireEvent has its kind in event (specification) or name (examples of the older edition).
type wireEvent struct {
	Event     string       `json:"event"`
	Name      string       `json:"name"`
	Success   *bool        `json:"success"`
	CreatedAt string       `json:"created_at"`
	Metadata  wireMetadata `json:"metadata"`
	Error     wireError    `json:"error"`
}

// kind is the event's kind in capitals.
func (e *wireEvent) kind() string {
	if e.Event == "" {
		return strings.ToUpper(e.Name)
	}
	return strings.ToUpper(e.Event)
}

// succeeded takes an event for successful unless it says otherwise: older editions say nothing.
func (e *wireEvent) succeeded() bool { return !denied(e.Success) }

func denied(success *bool) bool { return success != nil && !*success }

// wireError is the documented error, of answers and of events.
type wireError struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Errors  []struct {
		Message     string   `json:"message"`
		Description string   `json:"description"`
		Path        []string `json:"path"`
	} `json:"errors"`
	Retry struct {
		Codes []string `json:"retry_codes"`
		After string   `json:"retry_after"`
	} `json:"retry_policy"`
}

// errNoObject is every reading error: the parser's own may quote personal data.
var errNoObject = errors.New("no complete JSON object")

// decode reads a JSON object. The provider renames and drops fields between editions and writes numbers as texts and the
// other way round, so what does not fit its type is read once more, field by field.
func decode[T any](data []byte) (*T, error) {
	if !bytes.HasPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte("{")) {
		return nil, errNoObject
	}
	plain := new(T)
	if json.Unmarshal(data, plain) == nil {
		return plain, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var value any
	if !json.Valid(data) || decoder.Decode(&value) != nil {
		return nil, errNoObject
	}
	lenient := new(T)
	fill(reflect.ValueOf(lenient).Elem(), value)
	return lenient, nil
}

// fill sets what it understands of a JSON value. The rest stays empty.
func fill(to reflect.Value, value any) {
	switch field := to.Addr().Interface().(type) {
	case *string:
		*field = text(value)
	case *int64:
		*field = whole(value)
	case **bool:
		if word := strings.ToLower(text(value)); word == "true" || word == "false" {
			*field = new(word == "true")
		}
	case *wireError:
		field.Message = text(value) // an error may be one word
		fillFields(to, value)
	default:
		elements, _ := value.([]any)
		if to.Kind() != reflect.Slice {
			fillFields(to, value)
			return
		}
		for _, element := range elements {
			to.Set(reflect.Append(to, reflect.Zero(to.Type().Elem())))
			fill(to.Index(to.Len()-1), element)
		}
	}
}

func fillFields(to reflect.Value, value any) {
	object, _ := value.(map[string]any)
	for i := range to.NumField() {
		name, _, _ := strings.Cut(to.Type().Field(i).Tag.Get("json"), ",")
		if inner, found := object[name]; found {
			fill(to.Field(i), inner)
		}
	}
}

// text is a string, or a number or boolean as its literal; "" for anything else.
func text(value any) string {
	switch v := value.(type) {
	case string:
		return strings.TrimSpace(v)
	case json.Number:
		return v.String()
	case bool:
		if v {
			return "true"
		}
		return "false"
	}
	return ""
}

// whole is a whole number, also as a string or as 299.00; 0 for anything else.
func whole(value any) int64 {
	d, err := money.ParseDecimal(text(value), money.Dot)
	if err != nil {
		return 0
	}
	amount, err := d.MinorAmount(money.Currency{})
	if err != nil {
		return 0
	}
	return amount.Minor()
}
