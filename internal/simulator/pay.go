package simulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// The documented feature toggles.
const (
	toggleStrict  = "strict-merchant-reference"
	toggleSuccess = "strict-success-merchant-reference"
	toggleAmounts = "strict-session-amounts"
)

// toggles are the feature toggles that a call asks for.
type toggles []string

func (c *checker) toggles(header http.Header, allowed ...string) (asked toggles) {
	for _, line := range header.Values("Dintero-Feature-Toggles") {
		for toggle := range strings.SplitSeq(line, ",") {
			toggle = strings.TrimSpace(toggle)
			switch {
			case toggle == "":
			case slices.Contains(allowed, toggle):
				asked = append(asked, toggle)
			default:
				c.add("", "Dintero-Feature-Toggles", "ENUM_MISMATCH", "no such toggle on this endpoint: %q", toggle)
			}
		}
	}
	return asked
}

// taken is the duplicate check that the toggles ask for. A voided invoice still counts as a success. The caller holds
// books.mu.
func (p *Provider) taken(asked toggles, reference string) bool {
	return slices.Contains(asked, toggleStrict) && p.books.taken(reference, false) ||
		slices.Contains(asked, toggleSuccess) && p.books.taken(reference, true)
}

// pay creates a session and its invoice in one step.
func (p *Provider) pay(c *call) answer {
	body, found := p.decode(c.body, "pay")
	if found != nil {
		return invalid(found)
	}
	var check checker
	check.payBody(body)
	asked := check.toggles(c.request.Header, toggleStrict, toggleSuccess)
	if check.found != nil {
		return invalid(check.found)
	}
	payment := members(body.get("payment"))
	product := *payment.text("payment_product_type")
	if !p.offers(product) {
		return notEnabled(product, "for the account")
	}
	s := p.newSession(c, members(body.get("session")))
	t := p.newTransaction(c, s, product)
	t.Days, t.Channel = *payment.integer("days_until_due"), p.channel(product, payment.text("invoice_channel"))

	p.books.mu.Lock()
	defer p.books.mu.Unlock()
	if p.taken(asked, s.Reference) {
		return duplicate(takenText)
	}
	p.unlockedFor(p.commitDelay(c))
	s.Visible = p.visible(c, moment())
	p.books.name(s)
	return p.settle(c, s, t)
}

const takenText = "merchant_reference already exists"

func notEnabled(product, where string) answer {
	return refuse(http.StatusBadRequest, "INVALID_PAYMENT_PRODUCT_TYPE", product+" is not enabled "+where)
}

// offers says whether the account has the product.
func (p *Provider) offers(product string) bool {
	return !slices.Contains(p.options.Disabled, product)
}

// channel is who delivers: as asked for, else the account's default, else Kravia. Grouped invoices have no channel.
func (p *Provider) channel(product string, asked *string) string {
	switch {
	case product == productGrouped:
		return ""
	case asked != nil:
		return *asked
	case p.options.DefaultChannel != "":
		return p.options.DefaultChannel
	}
	return channelKravia
}

// newSession is a session without a place in the books, made of a checked body.
func (p *Provider) newSession(c *call, body object) *session {
	order := members(body.get("order"))
	s := &session{
		sent:       sentBy(body),
		Reference:  *order.text("merchant_reference"),
		Reference2: text(order.text("merchant_reference_2")),
		Amount:     *order.integer("amount"),
		Currency:   *order.text("currency"),
		Callback:   text(members(body.get("url")).text("callback_url")),
		Headers:    systemHeaders(c.request.Header),
		Created:    c.at,
		Expires:    c.at.Add(p.options.SessionLife),
	}
	s.add(c.at, "INITIATED")
	if expires := body.text("expires_at"); expires != nil {
		s.Expires = readExpiry(*expires)
	}
	return s
}

// newTransaction is a transaction without a place in the books, billed to the address in the order of s.
func (p *Provider) newTransaction(c *call, s *session, product string) *transaction {
	billed := members(members(s.Order).get("billing_address"))
	of := func(name string) string { return text(billed.text(name)) }
	t := &transaction{
		Reference:  s.Reference,
		Reference2: s.Reference2,
		Words:      []string{of("email"), of("phone_number"), of("first_name") + " " + of("last_name")},
		Amount:     s.Amount,
		Currency:   s.Currency,
		Product:    product,
		Coming:     coming(of("email")),
		Base:       c.base(),
	}
	if product == productGrouped {
		t.Group = strings.Join([]string{
			of("business_name"), of("organization_number"), of("country"), of("customer_reference"), s.Currency,
		}, "\x1f")
	}
	return t
}

// systemHeaders are the documented headers that tell which program called, as a JSON object; nil when there are none.
func systemHeaders(header http.Header) json.RawMessage {
	var found []string
	for _, name := range []string{
		"Dintero-System-Name", "Dintero-System-Version",
		"Dintero-System-Plugin-Name", "Dintero-System-Plugin-Version", "User-Agent",
	} {
		if value := header.Get(name); value != "" {
			found = append(found, fmt.Sprintf("%q:%s", strings.ToLower(name), raw(value)))
		}
	}
	if found == nil {
		return nil
	}
	return json.RawMessage("{" + strings.Join(found, ",") + "}")
}
