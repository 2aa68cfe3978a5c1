package simulator

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// The request bodies, with every field that the documentation names. Pointers tell an absent field from a zero one;
// fields of type unread may be sent and change nothing here. Amounts are minor units.
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
			AutoCapture      *bool `json:"auto_capture"`
			PreAuthorization *bool `json:"pre_authorization"`
		} `json:"configuration"`
	}
	sessionRequest struct {
		Order      *order                     `json:"order"`
		URL        *sessionURL                `json:"url"`
		Customer   *customer                  `json:"customer"`
		ExpiresAt  *time.Time                 `json:"expires_at"`
		Metadata   map[string]json.RawMessage `json:"metadata"`
		Checkboxes unread                     `json:"checkboxes"`
		Express    unread                     `json:"express"`
		Merchant   unread                     `json:"merchant"`
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
		CallbackURL      *string `json:"callback_url"`
		ReturnURL        *string `json:"return_url"`
		MerchantTermsURL *string `json:"merchant_terms_url"`
	}
	customer struct {
		CustomerID  *string `json:"customer_id"`
		Email       *string `json:"email"`
		PhoneNumber *string `json:"phone_number"`
		Tokens      unread  `json:"tokens"`
		GiftCards   unread  `json:"gift_cards"`
	}
	order struct {
		Amount             *int64          `json:"amount"`
		Currency           *string         `json:"currency"`
		VATAmount          *int64          `json:"vat_amount"`
		MerchantReference  *string         `json:"merchant_reference"`
		MerchantReference2 *string         `json:"merchant_reference_2"`
		EventReference     *string         `json:"event_reference"`
		PartialPayment     bool            `json:"partial_payment"`
		Items              []item          `json:"items"`
		BillingAddress     *address        `json:"billing_address"`
		ShippingAddress    unread          `json:"shipping_address"`
		ShippingOption     *shippingOption `json:"shipping_option"`
		Store              unread          `json:"store"`
		DiscountLines      unread          `json:"discount_lines"`
		DiscountCodes      unread          `json:"discount_codes"`
		GiftCards          unread          `json:"gift_cards"`
		PayoutDestination  unread          `json:"payout_destination_id"`
	}
	shippingOption map[string]json.RawMessage
	item           struct {
		LineID        *string `json:"line_id"`
		ID            *string `json:"id"`
		Description   *string `json:"description"`
		Quantity      *number `json:"quantity"`
		Amount        *int64  `json:"amount"`
		VAT           *number `json:"vat"`
		VATAmount     *int64  `json:"vat_amount"`
		Type          *string `json:"type"`
		Groups        unread  `json:"groups"`
		UnitVolume    *number `json:"unit_volume"`
		UnitWeight    *number `json:"unit_weight"`
		UnitDimWeight *number `json:"unit_dimensional_weight"`
		ThumbnailURL  *string `json:"thumbnail_url"`
		DiscountLines unread  `json:"discount_lines"` // informational: the amount is already net of them
		Discountable  *bool   `json:"eligible_for_discount"`
		IsChanged     *bool   `json:"is_changed"`
		Store         unread  `json:"store"`
		Splits        unread  `json:"splits"`
		FeeSplit      unread  `json:"fee_split"`
		EMD           unread  `json:"emd"`
	}
	address struct {
		FirstName          *string `json:"first_name"`
		LastName           *string `json:"last_name"`
		BusinessName       *string `json:"business_name"`
		OrganizationNumber *string `json:"organization_number"`
		OrganizationType   *string `json:"organization_type"`
		Email              *string `json:"email"`
		PhoneNumber        *string `json:"phone_number"`
		AddressLine        *string `json:"address_line"`
		AddressLine2       *string `json:"address_line_2"`
		COAddress          *string `json:"co_address"`
		PostalCode         *string `json:"postal_code"`
		PostalPlace        *string `json:"postal_place"`
		Country            *string `json:"country"`
		Latitude           *number `json:"latitude"`
		Longitude          *number `json:"longitude"`
		Comment            *string `json:"comment"`
		CustomerReference  *string `json:"customer_reference"`
		CostCenter         *string `json:"cost_center"`
	}
	captureRequest struct {
		Amount           *int64            `json:"amount"`
		CaptureReference *string           `json:"capture_reference"`
		FinalCapture     *bool             `json:"final_capture"`
		Items            []item            `json:"items"`
		Metadata         map[string]string `json:"metadata"`
	}
)

// unread is a documented value that nothing here depends on.
type unread struct{}

// UnmarshalJSON accepts anything.
func (*unread) UnmarshalJSON([]byte) error { return nil }

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

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// amount is the price of a shipping option, 0 where it has none.
func (o *shippingOption) amount() (units int64) {
	if o != nil {
		_ = json.Unmarshal((*o)["amount"], &units)
	}
	return units
}
