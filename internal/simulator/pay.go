package simulator

import (
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

// readToggles gives the feature toggles that a call asks for, and complains of those that its endpoint does not have.
func readToggles(header http.Header, allowed ...string) (asked []string, found violations) {
	for _, line := range header.Values("Dintero-Feature-Toggles") {
		for toggle := range strings.SplitSeq(line, ",") {
			toggle = strings.TrimSpace(toggle)
			switch {
			case toggle == "":
			case slices.Contains(allowed, toggle):
				asked = append(asked, toggle)
			default:
				found.add(violates("ENUM_MISMATCH", "no such toggle on this endpoint: %q", toggle), "Dintero-Feature-Toggles")
			}
		}
	}
	return asked, found
}

// taken is the duplicate guard that the toggles ask for: whether any session, or any once authorized session, has the
// reference. A voided invoice still counts as a success.
func (p *Provider) taken(asked []string, reference string) bool {
	return slices.ContainsFunc(p.books.sessions.find(reference), func(n int) bool {
		s := p.books.sessions.all[n-1]
		return s.Reference == reference &&
			(slices.Contains(asked, toggleStrict) || s.Authorized && slices.Contains(asked, toggleSuccess))
	})
}

// pay creates a session and its invoice in one step.
func (p *Provider) pay(c *call) answer {
	body, found := p.decode(c.body, "{pay", checkPay)
	asked, wrong := readToggles(c.request.Header, toggleStrict, toggleSuccess)
	if found.add(wrong); found != nil {
		return invalid(found)
	}
	payment := members(body.get("payment"))
	product := payment.text("payment_product_type")
	if !p.offers(product) {
		return notEnabled(product, "for the account")
	}
	s := p.newSession(c, members(body.get("session")))

	if p.taken(asked, s.Reference) {
		return duplicate(takenText)
	}
	p.unlockedWhileSlow(c)
	p.place(c, s)
	return p.settle(c, s, product, payment)
}

const takenText = "merchant_reference already exists"

// duplicate is the refusal of a merchant reference that is taken. Its code and text are not documented.
func duplicate(message string) answer { return badRequest("DUPLICATE_MERCHANT_REFERENCE", message) }

func notEnabled(product, where string) answer {
	return badRequest("INVALID_PAYMENT_PRODUCT_TYPE", product+" is not enabled "+where)
}

// newSession is a session without a place in the books, made of a checked body.
func (p *Provider) newSession(c *call, body object) *session {
	order := members(body.get("order"))
	s := &session{
		sessionBody: sessionBody{
			URL: body.get("url"), Customer: body.get("customer"), Order: body.get("order"),
			Configuration: body.get("configuration"), Metadata: body.get("metadata"),
			CreatedAt: c.at, ExpiresAt: c.at.Add(p.options.SessionLife),
		},
		Reference:  order.text("merchant_reference"),
		Reference2: order.text("merchant_reference_2"),
		Amount:     order.integer("amount"),
		Currency:   order.text("currency"),
	}
	if expires := body.get("expires_at"); expires != nil {
		s.ExpiresAt = readExpiry(expires)
	}
	return s
}

// place numbers a new session and gives it its id. The caller holds books.mu.
func (p *Provider) place(c *call, s *session) {
	s.N = len(p.books.sessions.all) + 1
	s.ID = p.options.Account + "." + opaque(1, s.N)
	s.Visible = p.visible(c, moment())
	s.add(c.at, "INITIATED")
}

// newTransaction is the next transaction, billed to the address in the order of s. The caller holds books.mu.
func (p *Provider) newTransaction(c *call, s *session, product string) *transaction {
	billed := members(members(s.Order).get("billing_address"))
	s.Buyer = billed.text("first_name") + " " + billed.text("last_name")
	n := len(p.books.transactions.all) + 1
	t := &transaction{
		transactionBody: transactionBody{
			ID: p.options.Account + "." + opaque(2, n), Product: product, Amount: s.Amount, Currency: s.Currency,
			Reference: s.Reference, Reference2: s.Reference2, SessionID: s.ID,
		},
		N:      n,
		Words:  []string{billed.text("email"), billed.text("phone_number"), s.Buyer},
		Coming: coming(billed.text("email")),
		Base:   c.base(),
	}
	if product == productGrouped {
		for _, name := range []string{"business_name", "organization_number", "country", "customer_reference"} {
			t.Group += billed.text(name) + "\x1f"
		}
		t.Group += s.Currency
	}
	return t
}
