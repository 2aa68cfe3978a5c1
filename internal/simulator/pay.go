package simulator

import (
	"encoding/json"
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

// readToggles gives the feature toggles of a call, and a finding for each that its endpoint does not have.
func readToggles(header http.Header, allowed ...string) (asked []string, found violations) {
	for _, line := range header.Values("Dintero-Feature-Toggles") {
		for toggle := range strings.SplitSeq(line, ",") {
			toggle = strings.TrimSpace(toggle)
			switch {
			case toggle == "":
			case slices.Contains(allowed, toggle):
				asked = append(asked, toggle)
			default:
				found.add(violates("ENUM_MISMATCH", "no such toggle on this endpoint: %q", toggle),
					"Dintero-Feature-Toggles")
			}
		}
	}
	return asked, found
}

// taken is the duplicate guard. It reports whether any session, or any session that was authorized once, has the
// merchant reference; which of the two, the toggles say. A voided invoice counts as authorized. A slow call waits after
// the guard, invisible to other calls.
func (p *Provider) taken(c *call, asked []string, body object) bool {
	reference := members(body.get("order")).text("merchant_reference")
	for _, n := range p.ledger.sessions.find(reference) {
		s := p.ledger.sessions.all[n-1]
		if s.Reference == reference &&
			(slices.Contains(asked, toggleStrict) || s.Authorized && slices.Contains(asked, toggleSuccess)) {
			return true
		}
	}
	p.unlockedWhileSlow(c)
	return false
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
	session := members(body.get("session"))
	if p.taken(c, asked, session) {
		return duplicate(takenText)
	}
	return p.register(c, p.newSession(c, session), product, payment)
}

const takenText = "merchant_reference already exists"

// duplicate is the refusal of a merchant reference that is taken. Its code and text are not documented.
func duplicate(message string) answer { return badRequest("DUPLICATE_MERCHANT_REFERENCE", message) }

func notEnabled(product, where string) answer {
	return badRequest("INVALID_PAYMENT_PRODUCT_TYPE", product+" is not enabled "+where)
}

// newSession makes the next session of a checked body.
func (p *Provider) newSession(c *call, body object) *session {
	n := len(p.ledger.sessions.all) + 1
	s := &session{N: n, Visible: p.visible(c, moment()), sessionBody: sessionBody{
		ID: p.options.Account + "." + opaque(1, n), URL: body.get("url"), Customer: body.get("customer"),
		Configuration: body.get("configuration"), Metadata: body.get("metadata"), CreatedAt: c.at,
		ExpiresAt: c.at.Add(p.options.SessionLife), SystemHeaders: readSystemHeaders(c.request.Header),
	}}
	s.setOrder(body.get("order"))
	if expires := body.get("expires_at"); expires != nil {
		s.ExpiresAt = readExpiry(expires)
	}
	s.add(c.at, "INITIATED")
	return s
}

// newTransaction makes the next transaction. Its buyer is the billing address in the order of s.
func (p *Provider) newTransaction(c *call, s *session, product string) *transaction {
	billed := members(members(s.Order).get("billing_address"))
	s.Buyer = billed.text("first_name") + " " + billed.text("last_name")
	n := len(p.ledger.transactions.all) + 1
	t := &transaction{
		transactionBody: transactionBody{
			ID: p.options.Account + "." + opaque(2, n), Product: product, Amount: s.Amount, Currency: s.Currency,
			Reference: s.Reference, Reference2: s.Reference2, SessionID: s.ID,
		},
		N: n, Words: []string{billed.text("email"), billed.text("phone_number"), s.Buyer},
		Coming: coming(billed.text("email")), Base: c.base(),
	}
	if product == productGrouped {
		for _, name := range []string{"business_name", "organization_number", "country", "customer_reference"} {
			t.Group += billed.text(name) + "\x1f"
		}
		t.Group += s.Currency
	}
	return t
}

// create makes a session to be paid later. What it does with the toggles of the duplicate guard is Options.CreateGuard.
func (p *Provider) create(c *call) answer {
	toggles := []string{toggleAmounts, toggleStrict, toggleSuccess}
	if p.options.CreateGuard == GuardRefused {
		toggles = toggles[:1]
	}
	asked, wrong := readToggles(c.request.Header, toggles...)
	fromProfile := strings.HasSuffix(c.request.URL.Path, "-profile")
	body, found := p.decode(c.body, "{create", func(body object) violations {
		found := checkCreate(body, fromProfile, p.options.Model)
		if slices.Contains(asked, toggleAmounts) {
			found.add(checkSum(members(body.get("order"))))
		}
		return found
	})
	if found.add(wrong); found != nil {
		return invalid(found)
	}
	if p.options.CreateGuard == GuardIgnored {
		asked = nil
	}
	if p.taken(c, asked, body) {
		return duplicate(takenText)
	}
	s := p.newSession(c, body)
	if fromProfile {
		s.Metadata = members(s.Metadata).with("session:profile_id", body.get("profile_id"))
		s.configure(p.profileSettings())
	}
	created := map[string]any{"id": s.ID, "url": c.base() + "/v1/view/" + s.ID}
	if c.request.URL.Query().Get("include_session") == "true" {
		created["session"] = s.sessionBody
	}
	return p.commit(s, nil, created)
}

// updateSession replaces parts of the order of a session that is unpaid.
func (p *Provider) updateSession(c *call) answer {
	asked, wrong := readToggles(c.request.Header, toggleAmounts)
	body, found := p.decode(c.body, "{updateSession", unchecked)
	if found.add(wrong); found != nil {
		return invalid(found)
	}
	s := p.ledger.sessions.get(c.request.PathValue("id"))
	if s == nil {
		return notFound("session")
	}
	if s.TransactionID != "" {
		return badRequest("INVALID_STATUS", "a paid session cannot be changed")
	}
	changed := *s
	for name, value := range members(body.get("order")).all() {
		changed.Order = members(changed.Order).with(name, value)
	}
	order := members(changed.Order)
	found.add(checkOrder(order), "order")
	if slices.Contains(asked, toggleAmounts) {
		found.add(checkSum(order))
	}
	if found != nil {
		return invalid(found)
	}
	changed.setOrder(changed.Order)
	changed.UpdatedAt = moment()
	return p.commit(&changed, nil, changed.sessionBody)
}

// paySession pays a session, the second of two steps. A session never gets a second transaction: paying again answers
// with the first.
func (p *Provider) paySession(c *call) answer {
	body, found := p.decode(c.body, "{sessionPay", checkSessionPay)
	if found != nil {
		return invalid(found)
	}
	product := body.text("payment_product_type")
	p.unlockedWhileSlow(c)
	s := p.ledger.sessions.get(c.request.PathValue("id"))
	if s == nil {
		return notFound("session")
	}
	if t := p.ripe(p.ledger.transactions.get(s.TransactionID)); t != nil {
		return p.payResult(reply(p.answerPaid(t, s)))
	}
	settings := settingsOf(s.Configuration, product)
	verify := settings.get("require_identity_verification") == nil || settings.flag("require_identity_verification")
	switch {
	case !s.CancelledAt.IsZero():
		return badRequest("SESSION_CANCELLED", "the session is cancelled")
	case !moment().Before(s.ExpiresAt):
		return badRequest("SESSION_EXPIRED", "the session has expired")
	case !p.offers(product):
		return notEnabled(product, "for the account")
	case !settings.flag("enabled"):
		return notEnabled(product, "in the session")
	case verify:
		return reply(
			paymentResult{Success: true, Actions: []action{}, RedirectURL: "https://identity.invalid/verify/" + s.ID})
	}
	changed := *s
	changed.Order = members(s.Order).with("billing_address", body.get("billing_address"))
	return p.payResult(p.register(c, &changed, product, settings))
}

// paymentResult is the other documented answer to a two-step pay.
type paymentResult struct {
	Success     bool     `json:"success"`
	Actions     []action `json:"actions"`
	RedirectURL string   `json:"redirect_url,omitempty"`
	Error       string   `json:"error,omitempty"`
}

// payResult turns the answer to a two-step pay into a payment result where that is configured.
func (p *Provider) payResult(a answer) answer {
	if !p.options.PaymentResult || a.status != http.StatusOK {
		return a
	}
	var paid paymentResult
	_ = json.Unmarshal(a.body, &paid)
	if !paid.Success {
		paid.Error = "Rejected"
	}
	return reply(paid)
}

// cancelSession cancels a session that is unpaid, or voids what it was paid with.
func (p *Provider) cancelSession(c *call) answer {
	s := p.ledger.sessions.get(c.request.PathValue("id"))
	if s == nil {
		return notFound("session")
	}
	if !s.CancelledAt.IsZero() {
		return badRequest("INVALID_STATUS", "the session is already cancelled")
	}
	t := p.ripe(p.ledger.transactions.get(s.TransactionID))
	if t != nil {
		voided := *t
		if code, message := p.voided(&voided); code != "" {
			return badRequest(code, message)
		}
		t = &voided
	}
	cancelled := *p.ledger.sessions.get(s.ID)
	cancelled.CancelledAt = moment()
	cancelled.add(cancelled.CancelledAt, "CANCELLED")
	return p.commit(&cancelled, t, cancelled.sessionBody)
}
