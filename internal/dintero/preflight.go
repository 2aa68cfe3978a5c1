package dintero

import (
	"context"
	"net/http"
	"slices"
	"time"

	"kraviabatch/internal/billing"
)

// Checkout is what the account is set up for, as far as it is told.
type Checkout struct {
	Options           []PaymentOption
	SupportedChannels []string // of the gateway to Kravia, empty when not told
}

// PaymentOption is one way to pay that the account has.
type PaymentOption struct {
	Type       string   // payment product type
	Currencies []string // ISO 4217 in capitals
	Channel    string   // the invoice channel of orders that say none
}

// Offers reports whether the account may have the product in the currency. It is false only if the provider clearly
// says that it has not.
func (c *Checkout) Offers(product billing.Product, currency string) bool {
	offered := len(c.Options) == 0
	for _, o := range c.Options {
		offered = offered || o.Type == string(product) &&
			(len(o.Currencies) == 0 || slices.Contains(o.Currencies, currency))
	}
	return offered
}

// Delivers reports whether invoices may go by the channel, in the same way.
func (c *Checkout) Delivers(channel billing.Channel) bool {
	return len(c.SupportedChannels) == 0 || slices.Contains(c.SupportedChannels, string(channel))
}

type wireCheckout struct {
	Configuration struct {
		Options []struct {
			Type       string   `json:"type"`
			Currencies []string `json:"currencies"`
			Details    struct {
				Channel string `json:"invoice_channel"`
			} `json:"details"`
		} `json:"payment_options"`
	} `json:"configuration"`
	Gateways struct {
		Kravia struct {
			Channels []string `json:"supported_invoice_channels"`
		} `json:"kravia"`
	} `json:"gateways"`
}

// Checkout reads what the account is set up for. The provider documents the route for another kind of key
// than the token, so a refusal says nothing: it is [ErrNotAvailable].
func (c *Client) Checkout(ctx context.Context) (*Checkout, error) {
	r, failure := c.ask(ctx, "checkout", "admin", "checkout")
	if failure != nil {
		return nil, failure
	}
	w, err := decode[wireCheckout](r.body)
	if err != nil {
		return nil, notAvailable(unreadable("checkout", r), msgCannotTell)
	}
	checkout := &Checkout{SupportedChannels: w.Gateways.Kravia.Channels}
	for _, option := range w.Configuration.Options {
		for i, currency := range option.Currencies {
			option.Currencies[i] = capitals(currency)
		}
		checkout.Options = append(checkout.Options,
			PaymentOption{option.Type, option.Currencies, option.Details.Channel})
	}
	return checkout, nil
}

// Profile checks that the account has a payment profile. As with [Client.Checkout], a refusal says nothing.
func (c *Client) Profile(ctx context.Context, id string) error {
	r, failure := c.ask(ctx, "profile", "admin", "session", "profiles", id)
	if failure != nil {
		return failure
	}
	if _, err := decode[struct{}](r.body); err != nil {
		return notAvailable(unreadable("profile", r), msgCannotTell)
	}
	return nil
}

// ClockAhead is by how much the clock here was ahead of the provider's when it last answered for a token, to
// a second or two.
func (c *Client) ClockAhead() (ahead time.Duration, known bool) {
	if told := c.tokens.ahead.Load(); told != nil {
		return *told, true
	}
	return 0, false
}

// ask reads what the provider may refuse to say. A refusal does not make the token invalid.
func (c *Client) ask(ctx context.Context, operation string, path ...string) (*reply, *Error) {
	call := c.apiCall(operation, countAccount, http.MethodGet, nil, nil, path...)
	call.once = true
	r, failure := c.read(ctx, call)
	if failure != nil && failure.Operation == operation && failure.Status >= 200 && failure.Status < 500 &&
		failure.Status != http.StatusTooManyRequests {
		return nil, notAvailable(failure, msgCannotTell)
	}
	return r, failure
}
