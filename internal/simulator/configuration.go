package simulator

import (
	"encoding/json"
	"strings"
)

// settingsOf is the part of a configuration about one product, empty where there is none.
func settingsOf(configuration json.RawMessage, product string) object {
	return members(members(members(configuration).get("kravia")).get(strings.TrimPrefix(product, "kravia.")))
}

// enabling is the configuration in which the products can be paid without identity verification.
func (p *Provider) enabling(days int64, channel string, products ...string) map[string]any {
	kravia := map[string]any{"type": "payment_type"}
	for _, product := range products {
		part := map[string]any{
			"type": "payment_product_type", "enabled": p.offers(product), "days_until_due": days,
			"require_identity_verification": false,
		}
		if product == productGrouped {
			part["invoice_schedule"] = map[string]string{"interval": "monthly"}
		} else {
			part["invoice_channel"] = channel
		}
		kravia[strings.TrimPrefix(product, "kravia.")] = part
	}
	return map[string]any{"kravia": kravia}
}
