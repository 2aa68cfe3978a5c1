package dintero

import (
	"bytes"
	"errors"
	"reflect"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

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
	Amount    int64        `json:"amount"`
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

// errUnreadable is every reading error: the parser's own may quote personal data.
var errUnreadable = errors.New(msgUnreadableJSON)

// decode reads a JSON object, or a list for a slice, as far as it understands it: between editions the provider renames
// and drops fields, and writes numbers as texts or texts as numbers. A value that does not fit its field leaves it
// empty.
func decode[T any](data []byte) (*T, error) {
	trimmed := bytes.TrimLeft(data, " \t\r\n")
	if len(trimmed) == 0 || jsontext.Kind(trimmed[0]) != opening(reflect.TypeFor[T]()) {
		return nil, errUnreadable
	}
	plain := json.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	to := new(T)
	if json.Unmarshal(data, to, plain) == nil {
		return to, nil
	}
	to = new(T)
	if json.Unmarshal(data, to, plain, json.WithUnmarshalers(json.UnmarshalFromFunc(readLeniently))) == nil {
		return to, nil
	}
	return nil, errUnreadable
}

// opening is how a value of a type begins that has members or elements.
func opening(t reflect.Type) jsontext.Kind {
	if t.Kind() == reflect.Slice {
		return jsontext.KindBeginArray
	}
	return jsontext.KindBeginObject
}

// readLeniently reads one value of any type of this package. errors.ErrUnsupported leaves it to the parser.
func readLeniently(from *jsontext.Decoder, to any) error {
	kind := from.PeekKind()
	switch field := to.(type) {
	case *string:
		if kind == jsontext.KindString {
			return errors.ErrUnsupported
		}
		word, err := scalar(from)
		*field = word
		return err
	case *int64:
		word, err := scalar(from)
		*field = wholeNumber(word)
		return err
	case **bool:
		word, err := scalar(from)
		if word = strings.ToLower(word); word == "true" || word == "false" {
			*field = new(word == "true")
		}
		return err
	case *wireError:
		if kind == jsontext.KindString { // one word
			word, err := scalar(from)
			field.Message = word
			return err
		}
	}
	if kind == opening(reflect.TypeOf(to).Elem()) {
		return errors.ErrUnsupported
	}
	return from.SkipValue()
}

// scalar reads a string, or a number or boolean as its literal; "" for anything else.
func scalar(from *jsontext.Decoder) (string, error) {
	kind := from.PeekKind()
	value, err := from.ReadValue()
	switch {
	case err != nil:
		return "", err
	case kind == jsontext.KindString:
		word, _ := jsontext.AppendUnquote(nil, value) // an error is of its encoding
		return strings.TrimSpace(string(word)), nil
	case kind == jsontext.KindNumber, kind == jsontext.KindTrue, kind == jsontext.KindFalse:
		return string(value), nil
	}
	return "", nil
}

// wholeNumber reads a whole number, also one such as 299.00; 0 for anything else.
func wholeNumber(word string) int64 {
	d, err := money.ParseDecimal(word, money.Dot)
	if err != nil {
		return 0
	}
	amount, err := d.MinorAmount(money.Currency{})
	if err != nil {
		return 0
	}
	return amount.Minor()
}
