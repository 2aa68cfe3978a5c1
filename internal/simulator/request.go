package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// The request bodies, with the documented fields a merchant initiated invoice has a use for. Pointers tell an absent
// field from a zero one. Amounts are minor units.
type (
	payRequest struct {
		Session *paySession `json:"session"`
		Payment *payment    `json:"payment"`
	}
	payment struct {
		Product        *string `json:"payment_product_type"`
		Operation      *string `json:"operation"`
		DaysUntilDue   *int    `json:"days_until_due"`
		InvoiceChannel *string `json:"invoice_channel"`
	}
	paySession struct {
		sessionRequest
		Configuration *struct {
			AutoCapture *bool `json:"auto_capture"`
		} `json:"configuration"`
	}
	sessionRequest struct {
		Order     *order                     `json:"order"`
		URL       *sessionURL                `json:"url"`
		Customer  *customer                  `json:"customer"`
		ExpiresAt *time.Time                 `json:"expires_at"`
		Metadata  map[string]json.RawMessage `json:"metadata"`
	}
	createRequest struct {
		sessionRequest
		ProfileID     *string        `json:"profile_id"`
		Configuration *configuration `json:"configuration"`
	}
	sessionPayRequest struct {
		Product *string  `json:"payment_product_type"`
		Address *address `json:"billing_address"`
	}
	sessionURL struct {
		CallbackURL *string `json:"callback_url"`
		ReturnURL   *string `json:"return_url"`
	}
	customer struct {
		CustomerID  *string `json:"customer_id"`
		Email       *string `json:"email"`
		PhoneNumber *string `json:"phone_number"`
	}
	configuration struct {
		AutoCapture *bool                `json:"auto_capture,omitempty"`
		Kravia      *kraviaConfiguration `json:"kravia,omitempty"`
	}
	kraviaConfiguration struct {
		Type    string                `json:"type,omitempty"`
		B2B     *productConfiguration `json:"invoice_b2b,omitempty"`
		Grouped *productConfiguration `json:"invoice_b2b_grouped,omitempty"`
		B2C     *productConfiguration `json:"invoice_b2c,omitempty"`
	}
	productConfiguration struct {
		Type                        string  `json:"type,omitempty"`
		Enabled                     bool    `json:"enabled"`
		DaysUntilDue                *int    `json:"days_until_due,omitempty"`
		RequireIdentityVerification *bool   `json:"require_identity_verification,omitempty"`
		InvoiceChannel              *string `json:"invoice_channel,omitempty"`
		InvoiceSchedule             *struct {
			Interval string `json:"interval"`
		} `json:"invoice_schedule,omitempty"`
	}
	order struct {
		Amount             *int64   `json:"amount"`
		Currency           *string  `json:"currency"`
		VATAmount          *int64   `json:"vat_amount"`
		MerchantReference  *string  `json:"merchant_reference"`
		MerchantReference2 *string  `json:"merchant_reference_2"`
		EventReference     *string  `json:"event_reference"`
		Items              []item   `json:"items"`
		BillingAddress     *address `json:"billing_address"`
	}
	item struct {
		LineID      *string `json:"line_id,omitempty"`
		ID          *string `json:"id,omitempty"`
		Description *string `json:"description,omitempty"`
		Quantity    *number `json:"quantity,omitempty"`
		Amount      *int64  `json:"amount,omitempty"`
		VAT         *number `json:"vat,omitempty"`
		VATAmount   *int64  `json:"vat_amount,omitempty"`
		Type        *string `json:"type,omitempty"`
		// Discounts are informational: the amount is already net of them.
		DiscountLines       json.RawMessage `json:"discount_lines,omitempty"`
		EligibleForDiscount *bool           `json:"eligible_for_discount,omitempty"`
	}
	address struct {
		FirstName          *string `json:"first_name,omitempty"`
		LastName           *string `json:"last_name,omitempty"`
		BusinessName       *string `json:"business_name,omitempty"`
		OrganizationNumber *string `json:"organization_number,omitempty"`
		Email              *string `json:"email,omitempty"`
		PhoneNumber        *string `json:"phone_number,omitempty"`
		AddressLine        *string `json:"address_line,omitempty"`
		AddressLine2       *string `json:"address_line_2,omitempty"`
		COAddress          *string `json:"co_address,omitempty"`
		PostalCode         *string `json:"postal_code,omitempty"`
		PostalPlace        *string `json:"postal_place,omitempty"`
		Country            *string `json:"country,omitempty"`
		Comment            *string `json:"comment,omitempty"`
		CustomerReference  *string `json:"customer_reference,omitempty"`
		CostCenter         *string `json:"cost_center,omitempty"`
	}
	captureRequest struct {
		Amount           *int64  `json:"amount"`
		CaptureReference *string `json:"capture_reference"`
		Items            []struct {
			LineID   *string `json:"line_id"`
			Amount   *int64  `json:"amount"`
			Quantity *number `json:"quantity"`
		} `json:"items"`
		Metadata map[string]string `json:"metadata"`
	}
)

// number is a JSON number kept as it was written, so that 25.5 stays exact.
type number string

// UnmarshalJSON refuses numbers in quotes.
func (n *number) UnmarshalJSON(data []byte) error {
	if len(data) == 0 || strings.ContainsRune(`"{[tfn`, rune(data[0])) {
		return fmt.Errorf("%s is not a number", data)
	}
	*n = number(data)
	return nil
}

// MarshalJSON writes the number as it was read.
func (n number) MarshalJSON() ([]byte, error) {
	return []byte(n), nil
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// violation is one finding about a body, with the path of names and indexes to the place.
type violation struct {
	Code        string   `json:"code"`
	Message     string   `json:"message"`
	Path        []string `json:"path"`
	Description string   `json:"description"`
}

type errorBody struct {
	Error   errorDetail `json:"error"`
	Success bool        `json:"success"`
	Actions []string    `json:"actions"`
}

type errorDetail struct {
	Code    string      `json:"code"`
	Message string      `json:"message"`
	Errors  []violation `json:"errors,omitempty"`
}

// refuse is a refusal in the documented shape of errors.
func refuse(status int, code, message string) answer {
	return reply(status, errorBody{Error: errorDetail{Code: code, Message: message}, Actions: []string{}})
}

// invalid is the refusal of a body that breaks the schema.
func invalid(found []violation) answer {
	for i := range found {
		found[i].Description = found[i].Message
	}
	detail := errorDetail{Code: "INVALID_REQUEST_PARAMETER", Message: "Validation errors", Errors: found}
	return reply(http.StatusBadRequest, errorBody{Error: detail, Actions: []string{}})
}

// duplicate is the refusal of a merchant reference that is taken. Its code and text are not documented.
func duplicate() answer {
	return refuse(http.StatusBadRequest, "DUPLICATE_MERCHANT_REFERENCE", "merchant_reference already exists")
}

// decode reads one JSON object and refuses unknown fields, wrong types, explicit nulls and trailing data.
func decode(body []byte, into any) []violation {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(into)
	var after json.RawMessage
	var wrongType *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrongType):
		place := strings.Replace(wrongType.Field, "sessionRequest.", "", 1) // an embedded struct is no place in the body
		return []violation{{
			Code: "INVALID_TYPE", Path: strings.Split(place, "."),
			Message: fmt.Sprintf("expected %s, got %s", wrongType.Type, wrongType.Value),
		}}
	case err != nil:
		return []violation{{Code: "INVALID_BODY", Message: err.Error(), Path: []string{}}}
	case !errors.Is(decoder.Decode(&after), io.EOF):
		return []violation{{Code: "INVALID_BODY", Message: "data after the JSON object", Path: []string{}}}
	}
	if hasNull(body) {
		return []violation{{Code: "INVALID_TYPE", Message: "null is not a value; leave the field out", Path: []string{}}}
	}
	return nil
}

// hasNull looks for a null outside of text.
func hasNull(body []byte) bool {
	if !bytes.Contains(body, []byte("null")) {
		return false
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	for {
		token, err := decoder.Token()
		if err != nil {
			return false
		}
		if token == nil {
			return true
		}
	}
}
