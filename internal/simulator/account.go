package simulator

import (
	"cmp"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

const tokenLife = 4 * time.Hour

// token exchanges client credentials for a bearer token. The audience names the api host whichever host is called.
func (p *Provider) token(c *call) answer {
	id, secret, ok := c.request.BasicAuth()
	if !ok || !p.admits(id, secret) {
		return refuse(http.StatusUnauthorized, "UNAUTHORIZED", "invalid client credentials")
	}
	body, found := p.decode(c.body, "{token", func(object) violations { return nil })
	if found != nil {
		return invalid(found)
	}
	audience := "https://api.dintero.com/v1/accounts/" + p.options.Account
	if c.request.PathValue("aid") != p.options.Account || body.text("audience") != audience {
		return refuse(http.StatusForbidden, "FORBIDDEN", "the client has no access to this account")
	}
	token := rand.Text()
	p.tokens.Store(token, c.at.Add(tokenLife))
	return reply(map[string]any{"access_token": token, "token_type": "Bearer", "expires_in": int(tokenLife / time.Second)})
}

func (p *Provider) admits(id, secret string) bool {
	if p.options.ClientID == "" {
		return id != "" && secret != ""
	}
	return subtle.ConstantTimeCompare([]byte(id+"\x00"+secret), []byte(p.options.ClientID+"\x00"+p.options.ClientSecret)) == 1
}

func bearer(r *http.Request) string {
	return strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
}

// authorized says whether the request carries a token that is good.
func (p *Provider) authorized(r *http.Request) bool {
	until, known := p.tokens.Load(bearer(r))
	return known && time.Now().Before(until.(time.Time)) //nolint:forcetypeassert // nothing else is stored
}

func unauthorized() answer {
	return refuse(http.StatusUnauthorized, "UNAUTHORIZED", "Access forbidden, invalid JWT token was used")
}

func forbidden() answer {
	return refuse(http.StatusForbidden, "FORBIDDEN", "the client lacks the scope of this call")
}

// checkout answers for the account: what it can be paid with, and in which currencies.
func (p *Provider) checkout(*call) answer {
	if p.options.NoAdmin {
		return forbidden()
	}
	options := []any{}
	for _, product := range []string{productB2B, productGrouped, productB2C} {
		details := map[string]string{}
		if channel := p.channel(product, ""); channel != "" {
			details["invoice_channel"] = channel
		}
		if p.offers(product) {
			options = append(options, map[string]any{
				"type": product, "currencies": []string{"NOK", "SEK", "EUR"}, "details": details,
			})
		}
	}
	return reply(map[string]any{
		"configuration": map[string]any{"payment_options": options},
		"gateways": map[string]any{"kravia": map[string]any{
			"url": "https://kravia.invalid", "merchant_id": 1,
			"supported_invoice_channels": []string{channelKravia, channelMerchant},
		}},
	})
}

// profile answers for a payment profile. Every id is one, and all let pay with every product of the account without
// identity verification.
func (p *Provider) profile(c *call) answer {
	if p.options.NoAdmin {
		return forbidden()
	}
	settings := func(product, more string, is any) map[string]any {
		return map[string]any{
			"type": "payment_product_type", "enabled": p.offers(product), "days_until_due": defaultDays,
			"require_identity_verification": false, more: is,
		}
	}
	return reply(map[string]any{
		"id": c.request.PathValue("id"), "name": c.request.PathValue("id"),
		"created_at": time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		"configuration": map[string]any{"kravia": map[string]any{
			"type":                "payment_type",
			"invoice_b2b":         settings(productB2B, "invoice_channel", p.channel(productB2B, "")),
			"invoice_b2c":         settings(productB2C, "invoice_channel", p.channel(productB2C, "")),
			"invoice_b2b_grouped": settings(productGrouped, "invoice_schedule", map[string]string{"interval": "monthly"}),
		}},
	})
}

// settingsOf is the part of a configuration about one product, empty where there is none.
func settingsOf(configuration json.RawMessage, product string) object {
	return members(members(members(configuration).get("kravia")).get(strings.TrimPrefix(product, "kravia.")))
}

// offers says whether the account has the product.
func (p *Provider) offers(product string) bool { return !slices.Contains(p.options.Disabled, product) }

// channel is who delivers: as asked for, else the account's default, else Kravia. Grouped invoices have no channel.
func (p *Provider) channel(product, asked string) string {
	if product == productGrouped {
		return ""
	}
	return cmp.Or(asked, p.options.DefaultChannel, channelKravia)
}
