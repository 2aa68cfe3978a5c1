package simulator

import (
	"cmp"
	"net/http"
	"time"
)

// paymentOption is a product that the account has.
type paymentOption struct {
	Type       string        `json:"type"`
	Currencies []string      `json:"currencies"`
	Details    optionDetails `json:"details"`
}

type optionDetails struct {
	InvoiceChannel string `json:"invoice_channel,omitempty"`
}

func forbidden() answer {
	return refuse(http.StatusForbidden, "FORBIDDEN", "the client lacks the scope of this call")
}

// checkout answers for the account: what it can be paid with, and in which currencies.
func (p *Provider) checkout(*call) answer {
	if p.options.NoAdmin {
		return forbidden()
	}
	options := []paymentOption{}
	for _, product := range []string{productB2B, productGrouped, productB2C} {
		option := paymentOption{Type: product, Currencies: []string{"NOK", "SEK", "EUR"}}
		if product != productGrouped {
			option.Details.InvoiceChannel = cmp.Or(p.options.DefaultChannel, channelKravia)
		}
		if p.offers(product) {
			options = append(options, option)
		}
	}
	return reply(http.StatusOK, map[string]any{
		"configuration": map[string]any{"payment_options": options},
		"gateways": map[string]any{"kravia": map[string]any{
			"url": "https://kravia.invalid", "merchant_id": 1,
			"supported_invoice_channels": []string{channelKravia, channelMerchant},
		}},
	})
}

// profile answers for a payment profile. Every id is one, and all are alike.
func (p *Provider) profile(c *call) answer {
	if p.options.NoAdmin {
		return forbidden()
	}
	channel := p.channel(productB2B, nil)
	return reply(http.StatusOK, map[string]any{
		"id": c.request.PathValue("id"), "name": c.request.PathValue("id"),
		"created_at":    time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		"configuration": p.enabling(defaultDays, channel, productB2B, productGrouped, productB2C),
	})
}
