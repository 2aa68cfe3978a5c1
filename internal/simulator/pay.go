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
	var request payRequest
	if found := decode(c.body, &request); found != nil {
		return invalid(found)
	}
	var check checker
	check.payBody(&request)
	asked := check.toggles(c.request.Header, toggleStrict, toggleSuccess)
	if check.found != nil {
		return invalid(check.found)
	}
	product := *request.Payment.Product
	if !p.offers(product) {
		return notEnabled(product, "for the account")
	}
	s := p.newSession(c, &request.Session.sessionRequest, sentBy(members(c.body)["session"]))
	t := p.newTransaction(c, s, product, request.Session.Order.BillingAddress)
	t.Days, t.Channel = *request.Payment.DaysUntilDue, p.channel(product, request.Payment.InvoiceChannel)

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

// newSession is a session without a place in the books.
func (p *Provider) newSession(c *call, request *sessionRequest, from sent) *session {
	s := &session{
		sent:       from,
		Reference:  *request.Order.MerchantReference,
		Reference2: text(request.Order.MerchantReference2),
		Amount:     *request.Order.Amount,
		Currency:   *request.Order.Currency,
		Headers:    systemHeaders(c.request.Header),
		Created:    c.at,
		Expires:    c.at.Add(p.options.SessionLife),
	}
	s.add(c.at, "INITIATED")
	if request.URL != nil {
		s.Callback = text(request.URL.CallbackURL)
	}
	if request.ExpiresAt != nil {
		s.Expires = *request.ExpiresAt
	}
	return s
}

// newTransaction is a transaction without a place in the books.
func (p *Provider) newTransaction(c *call, s *session, product string, billed *address) *transaction {
	t := &transaction{
		Reference:  s.Reference,
		Reference2: s.Reference2,
		Words:      []string{*billed.Email, text(billed.PhoneNumber), *billed.FirstName + " " + *billed.LastName},
		Amount:     s.Amount,
		Currency:   s.Currency,
		Product:    product,
		Coming:     coming(*billed.Email),
		Base:       c.base(),
	}
	if product == productGrouped {
		t.Group = strings.Join([]string{
			*billed.BusinessName, *billed.OrganizationNumber, *billed.Country, text(billed.CustomerReference), s.Currency,
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
