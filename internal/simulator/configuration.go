package simulator

import (
	"encoding/json"
	"fmt"
	"strings"
)

// configuration is the part of a session's settings that is about Kravia.
type configuration struct {
	Kravia *kraviaConfiguration `json:"kravia,omitempty"`
}

type kraviaConfiguration struct {
	Type    string                `json:"type,omitempty"`
	B2B     *productConfiguration `json:"invoice_b2b,omitempty"`
	Grouped *productConfiguration `json:"invoice_b2b_grouped,omitempty"`
	B2C     *productConfiguration `json:"invoice_b2c,omitempty"`
}

type productConfiguration struct {
	Type                        string           `json:"type,omitempty"`
	Enabled                     bool             `json:"enabled"`
	DaysUntilDue                *int             `json:"days_until_due,omitempty"`
	RequireIdentityVerification *bool            `json:"require_identity_verification,omitempty"`
	InvoiceChannel              *string          `json:"invoice_channel,omitempty"`
	InvoiceSchedule             *invoiceSchedule `json:"invoice_schedule,omitempty"`
}

type invoiceSchedule struct {
	Interval string `json:"interval"`
}

// settings are the names that a configuration may hold beside kravia; nothing here depends on them.
const settings = " auto_capture channel publish active_payment_types default_payment_type pre_authorization" +
	" bambora dintero dintero_psp instabank netaxept payex vipps collector klarna two santander seitatech swish payout" +
	" allow_express_wallet_payment allow_different_billing_shipping_address allow_different_billing_shipping_address_default" +
	" discounts theme countries default_customer_type merchant platform_type "

// UnmarshalJSON refuses settings that the documentation does not name.
func (c *configuration) UnmarshalJSON(data []byte) error {
	var parts map[string]json.RawMessage
	if err := json.Unmarshal(data, &parts); err != nil {
		return err
	}
	for name, part := range parts {
		switch {
		case name == "kravia":
			if err := strict(part, &c.Kravia); err != nil {
				return err
			}
		case !strings.Contains(settings, " "+name+" "):
			return fmt.Errorf("json: unknown field %q", name)
		}
	}
	return nil
}

// of is the part about one product; the zero value where there is none.
func (c *configuration) of(product string) productConfiguration {
	if c == nil || c.Kravia == nil {
		return productConfiguration{}
	}
	part := map[string]*productConfiguration{
		productB2B: c.Kravia.B2B, productGrouped: c.Kravia.Grouped, productB2C: c.Kravia.B2C,
	}[product]
	if part == nil {
		return productConfiguration{}
	}
	return *part
}

// enabling is the configuration in which the products can be paid without identity verification.
func (p *Provider) enabling(days int, channel string, products ...string) *configuration {
	verify := false
	kravia := &kraviaConfiguration{Type: "payment_type"}
	for _, product := range products {
		part := &productConfiguration{
			Type: "payment_product_type", Enabled: p.offers(product), DaysUntilDue: &days, RequireIdentityVerification: &verify,
		}
		switch product {
		case productGrouped:
			part.InvoiceSchedule = &invoiceSchedule{"monthly"}
			kravia.Grouped = part
		case productB2C:
			part.InvoiceChannel, kravia.B2C = &channel, part
		default:
			part.InvoiceChannel, kravia.B2B = &channel, part
		}
	}
	return &configuration{kravia}
}
