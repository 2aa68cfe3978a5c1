package dintero

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// operationInvoice is what the provider's guide wants in one-step bodies. A changelog line of March 2026 calls it
// invoice_purchase; the guide's later editions do not.
const operationInvoice = "invoice_payment"

// BodyOptions is what request bodies hold beside the order.
type BodyOptions struct {
	Content     string // [billing.Order.Hash] of the order: the mark by which this program knows its transactions
	Days        int    // until due, 0-365, counted from the day of sending
	Period      string // YYYY-MM, kept as metadata; "" for none
	CallbackURL string // "" for none
	ReturnURL   string // sessions only; the specification requires one, the guide's examples have none
	ProfileID   string // sessions by profile only
}

type oneStepBody struct {
	Payment paymentPart `json:"payment"`
	Session sessionPart `json:"session"`
}

type paymentPart struct {
	Product   billing.Product `json:"payment_product_type"`
	Operation string          `json:"operation"`
	Days      int             `json:"days_until_due"`
	Channel   billing.Channel `json:"invoice_channel,omitempty"`
}

type sessionPart struct {
	URL       urlPart      `json:"url,omitzero"`
	Order     orderPart    `json:"order"`
	Customer  customerPart `json:"customer,omitzero"`
	Config    *configPart  `json:"configuration,omitempty"`
	ProfileID string       `json:"profile_id,omitempty"`
	Metadata  metadataPart `json:"metadata"`
}

type metadataPart struct {
	Content string `json:"ext_content"`
	Period  string `json:"ext_period,omitempty"`
}

type urlPart struct {
	Return   string `json:"return_url,omitempty"`
	Callback string `json:"callback_url,omitempty"`
}

type customerPart struct {
	ID string `json:"customer_id,omitempty"`
}

type orderPart struct {
	Amount    int64            `json:"amount"`
	Currency  string           `json:"currency"`
	VAT       int64            `json:"vat_amount"`
	Reference string           `json:"merchant_reference"`
	Event     string           `json:"event_reference"` // ties the provider's settlement reports to the order
	Items     []itemPart       `json:"items"`
	Address   *billing.Address `json:"billing_address,omitempty"`
}

// itemPart has no VAT amount of its own: it is optional, and the guide's examples have none.
type itemPart struct {
	Description string        `json:"description"`
	Quantity    money.Decimal `json:"quantity"`
	Amount      int64         `json:"amount"`
	VAT         money.Decimal `json:"vat"` // percent
	LineID      string        `json:"line_id"`
	ID          string        `json:"id,omitempty"`
}

type configPart struct {
	Kravia productPart `json:"kravia"`
}

// productPart has one product set, the one that will be paid.
type productPart struct {
	Type    string       `json:"type"`
	B2B     *productType `json:"invoice_b2b,omitempty"`
	Grouped *productType `json:"invoice_b2b_grouped,omitempty"`
	B2C     *productType `json:"invoice_b2c,omitempty"`
}

type productType struct {
	Type           string          `json:"type"`
	Enabled        bool            `json:"enabled"`
	Days           int             `json:"days_until_due"`
	VerifyIdentity bool            `json:"require_identity_verification"`
	Channel        billing.Channel `json:"invoice_channel,omitempty"`
}

type payBody struct {
	Product billing.Product `json:"payment_product_type"`
	Address billing.Address `json:"billing_address"`
}

// OneStep is the body of [Client.Pay]. The same order and options give the same bytes, with the fields in the order of
// the provider's guide.
func OneStep(order *billing.Order, o BodyOptions) ([]byte, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	if err := checkProduct(order.Product); err != nil {
		return nil, err
	}
	body := oneStepBody{
		Payment: paymentPart{Product: order.Product, Operation: operationInvoice, Days: o.Days},
		Session: sessionOf(order, o),
	}
	body.Session.URL.Return = ""
	body.Session.Order.Address = &order.Address
	body.Payment.Channel = channelOf(order.Product, order.Channel)
	return encode(body)
}

// SessionBody is the body of [Client.CreateSession], with or without a profile. The customer need not prove their
// identity: nobody is there to do it. Terms of the order override the profile's.
func SessionBody(order *billing.Order, o BodyOptions) ([]byte, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	product := &productType{
		Type: "payment_product_type", Enabled: true, Days: o.Days,
		Channel: channelOf(order.Product, order.Channel),
	}
	config := &configPart{Kravia: productPart{Type: "payment_type"}}
	switch order.Product {
	case billing.B2B:
		config.Kravia.B2B = product
	case billing.B2BGrouped:
		config.Kravia.Grouped = product
	case billing.B2C:
		config.Kravia.B2C = product
	default:
		return nil, checkProduct(order.Product)
	}
	body := sessionOf(order, o)
	body.Config = config
	body.ProfileID = o.ProfileID
	return encode(body)
}

// PayBody is the body of [Client.PaySession].
func PayBody(order *billing.Order) ([]byte, error) {
	if err := checkProduct(order.Product); err != nil {
		return nil, err
	}
	return encode(payBody{Product: order.Product, Address: order.Address})
}

func sessionOf(order *billing.Order, o BodyOptions) sessionPart {
	session := sessionPart{
		URL: urlPart{Return: o.ReturnURL, Callback: o.CallbackURL},
		Order: orderPart{
			Amount: order.Gross.Minor(), Currency: order.Gross.Currency().Code(), VAT: order.VAT.Minor(),
			Reference: order.Reference,
			Event:     order.Reference, Items: make([]itemPart, len(order.Lines)),
		},
		Customer: customerPart{ID: order.CustomerNumber},
		Metadata: metadataPart{Content: o.Content, Period: o.Period},
	}
	for i, line := range order.Lines {
		session.Order.Items[i] = itemPart{
			Description: line.Description, Quantity: line.Quantity, Amount: line.Gross.Minor(),
			VAT:    line.Rate.Decimal(),
			LineID: line.ID, ID: line.ItemID,
		}
	}
	return session
}

// daysKey stands once in a body of [OneStep] or [SessionBody]: inside a text its quotes would be escaped.
const daysKey = `"days_until_due":`

// SetDays gives a body of [OneStep] or [SessionBody] other days until due. A body of [PayBody] has none and
// stays as it is.
func SetDays(body []byte, days int) ([]byte, error) {
	if err := checkDays(days); err != nil {
		return nil, err
	}
	before, after, found := bytes.Cut(body, []byte(daysKey))
	switch {
	case found:
		rest := bytes.TrimLeft(after, "0123456789")
		return slices.Concat(before, strconv.AppendInt([]byte(daysKey), int64(days), 10), rest), nil
	case bytes.HasPrefix(body, []byte(`{"payment_product_type":`)):
		return body, nil
	}
	return nil, errors.New(msgNoDaysField)
}

func (o *BodyOptions) check() error {
	if o.Content == "" {
		return errors.New(msgNoContent)
	}
	return checkDays(o.Days)
}

func checkDays(days int) error {
	if days < 0 || days > 365 {
		return fmt.Errorf(msgDays, days)
	}
	return nil
}

func checkProduct(product billing.Product) error {
	switch product {
	case billing.B2B, billing.B2BGrouped, billing.B2C:
		return nil
	}
	return fmt.Errorf(msgProduct, product)
}

// encode writes one line of JSON that leaves &, < and > as they are, since approvers read these bodies.
func encode(body any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(body); err != nil {
		return nil, fmt.Errorf(msgBody, err)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}
