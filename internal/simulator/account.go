package simulator

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
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
	body, found := p.decode(c.body, "{token", unchecked)
	if found != nil {
		return invalid(found)
	}
	audience := "https://api.dintero.com/v1/accounts/" + p.options.Account
	if c.request.PathValue("aid") != p.options.Account || body.text("audience") != audience {
		return refuse(http.StatusForbidden, "FORBIDDEN", "the client has no access to this account")
	}
	token := rand.Text()
	p.tokens.Store(token, c.at.Add(tokenLife))
	return reply(
		map[string]any{"access_token": token, "token_type": "Bearer", "expires_in": int(tokenLife / time.Second)})
}

func (p *Provider) admits(id, secret string) bool {
	if p.options.ClientID == "" {
		return id != "" && secret != ""
	}
	return subtle.ConstantTimeCompare([]byte(id+"\x00"+secret),
		[]byte(p.options.ClientID+"\x00"+p.options.ClientSecret)) == 1
}

func bearer(r *http.Request) string {
	return strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
}

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

// checkout answers which payment products the account has, and in which currencies.
func (p *Provider) checkout(*call) answer {
	if p.options.NoAdmin {
		return forbidden()
	}
	options := []any{}
	for _, product := range []string{productB2B, productGrouped, productB2C} {
		if !p.offers(product) {
			continue
		}
		details := map[string]string{}
		if channel := p.channel(product, ""); channel != "" {
			details["invoice_channel"] = channel
		}
		options = append(options,
			map[string]any{"type": product, "currencies": []string{"NOK", "SEK", "EUR"}, "details": details})
	}
	kravia := map[string]any{
		"url": "https://kravia.invalid", "merchant_id": 1,
		"supported_invoice_channels": []string{channelKravia, channelMerchant},
	}
	return reply(map[string]any{
		"configuration": map[string]any{"payment_options": options}, "gateways": map[string]any{"kravia": kravia},
	})
}

// profile answers with a payment profile. Every id is a profile, and all are the same.
func (p *Provider) profile(c *call) answer {
	if p.options.NoAdmin {
		return forbidden()
	}
	id := c.request.PathValue("id")
	return reply(map[string]any{
		"id": id, "name": id, "created_at": time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		"configuration": map[string]any{"kravia": p.profileSettings()},
	})
}

// profileSettings is the Kravia part of every profile.
func (p *Provider) profileSettings() map[string]any {
	return p.enabling(defaultDays, p.channel(productB2B, ""), productB2B, productGrouped, productB2C)
}

// enabling is the part of a configuration with which the products can be paid without identity verification.
func (p *Provider) enabling(days int64, channel string, products ...string) map[string]any {
	kravia := map[string]any{"type": "payment_type"}
	for _, product := range products {
		settings := map[string]any{
			"type": "payment_product_type", "enabled": p.offers(product), "days_until_due": days,
			"require_identity_verification": false,
		}
		if product == productGrouped {
			settings["invoice_schedule"] = map[string]string{"interval": "monthly"}
		} else {
			settings["invoice_channel"] = channel
		}
		kravia[strings.TrimPrefix(product, "kravia.")] = settings
	}
	return kravia
}

// settlements lists the payouts to the merchant's bank account. There are none here.
func (p *Provider) settlements(*call) answer { return reply([]any{}) }

// settingsOf is the part of a configuration about one product, empty where there is none.
func settingsOf(configuration json.RawMessage, product string) object {
	return members(members(members(configuration).get("kravia")).get(strings.TrimPrefix(product, "kravia.")))
}

func (p *Provider) offers(product string) bool { return !slices.Contains(p.options.Disabled, product) }

// channel is who delivers the invoice: as asked for, otherwise the account's default, otherwise Kravia. Grouped
// invoices have no channel.
func (p *Provider) channel(product, asked string) string {
	if product == productGrouped {
		return ""
	}
	return cmp.Or(asked, p.options.DefaultChannel, channelKravia)
}

const (
	temporaryPath = "/_files/" // outside of the API, as the provider's content network is
	temporaryLife = 10 * time.Minute
)

// file answers with an invoice document, and needs no token: the documentation shows none.
func (p *Provider) file(c *call) answer {
	id := c.request.PathValue("id")
	number := p.ledger.numberOf(id)
	if number == "" {
		return notFound("file")
	}
	expires := c.at.Add(temporaryLife)
	temporary := fmt.Sprintf("%s%s%s.pdf?expires=%d", c.base(), temporaryPath, id, expires.Unix())
	switch p.options.Files {
	case FilesPDF:
		return document(number)
	case FilesRedirect:
		return answer{status: http.StatusFound, header: http.Header{"Location": {temporary}}}
	case FilesJSON:
	}
	return reply(map[string]any{
		"id": id, "name": "invoice_" + number + ".pdf", "mime_type": "application/pdf", "expires_at": expires,
		"url": temporary,
	})
}

// temporaryFile serves a document to anyone with its URL until the URL expires. It refuses a caller that sends a bearer
// token: the URL is of a foreign host, which must not see it.
func (p *Provider) temporaryFile(w http.ResponseWriter, r *http.Request) {
	p.ledger.mu.Lock()
	number := p.ledger.numberOf(strings.TrimSuffix(r.PathValue("id"), ".pdf"))
	p.ledger.mu.Unlock()
	expires, err := strconv.ParseInt(r.URL.Query().Get("expires"), 10, 64)
	switch {
	case r.Header.Get("Authorization") != "":
		badRequest("INVALID_REQUEST", "only one way to authenticate is allowed").write(w)
	case err != nil || !time.Now().Before(time.Unix(expires, 0)):
		refuse(http.StatusForbidden, "ACCESS_DENIED", "the link has expired").write(w)
	case number == "":
		notFound("file").write(w)
	default:
		document(number).write(w)
	}
}

// document is a one-page PDF that names the invoice.
func document(number string) answer {
	content := fmt.Sprintf("BT /F1 18 Tf 72 720 Td (Invoice %s) Tj ET", number)
	objects := []string{
		"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
		fmt.Sprintf("<</Length %d>>stream\n%s\nendstream", len(content), content),
		"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
	}
	var pdf, xref bytes.Buffer
	pdf.WriteString("%PDF-1.4\n")
	for i, object := range objects {
		fmt.Fprintf(&xref, "%010d 00000 n \n", pdf.Len())
		fmt.Fprintf(&pdf, "%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	start := pdf.Len()
	fmt.Fprintf(&pdf, "xref\n0 %d\n0000000000 65535 f \n%s", len(objects)+1, xref.Bytes())
	fmt.Fprintf(&pdf, "trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, start)
	return answer{status: http.StatusOK, header: http.Header{"Content-Type": {"application/pdf"}}, body: pdf.Bytes()}
}
