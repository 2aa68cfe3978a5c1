package simulator

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// create makes a session to be paid later. What it does with the toggles of the duplicate guard is an option.
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
	s := p.newSession(c, body)
	s.Profile = fromProfile

	if p.options.CreateGuard == GuardHonoured && p.taken(asked, s.Reference) {
		return duplicate(takenText)
	}
	p.unlockedWhileSlow(c)
	p.place(c, s)
	return p.commit(s, nil, map[string]any{"id": s.ID, "url": c.base() + "/v1/view/" + s.ID})
}

// paySession is the second step. A session never gets a second transaction: paying again answers with the first. A
// profile that the session does not override enables every product without identity verification.
func (p *Provider) paySession(c *call) answer {
	body, found := p.decode(c.body, "{sessionPay", checkSessionPay)
	if found != nil {
		return invalid(found)
	}
	product := body.text("payment_product_type")
	p.unlockedWhileSlow(c)
	s := p.books.sessions.get(c.request.PathValue("id"))
	if s == nil {
		return notFound("session")
	}
	if t := p.ripe(p.books.transactions.get(s.TransactionID)); t != nil {
		return p.payResult(reply(p.answerPaid(t, s)))
	}
	settings := settingsOf(s.Configuration, product)
	profileDecides := s.Profile && !s.configured()
	verify := settings.get("require_identity_verification") == nil || settings.flag("require_identity_verification")
	switch {
	case !s.CancelledAt.IsZero():
		return badRequest("SESSION_CANCELLED", "the session is cancelled")
	case !moment().Before(s.ExpiresAt):
		return badRequest("SESSION_EXPIRED", "the session has expired")
	case !profileDecides && !settings.flag("enabled"):
		return notEnabled(product, "in the session")
	case !p.offers(product):
		return notEnabled(product, "for the account")
	case !profileDecides && verify:
		return reply(paymentResult{Success: true, Actions: []action{}, RedirectURL: "https://identity.invalid/verify/" + s.ID})
	}
	changed := *s
	changed.Order = members(s.Order).with("billing_address", body.get("billing_address"))
	return p.payResult(p.settle(c, &changed, product, settings))
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
	s := p.books.sessions.get(c.request.PathValue("id"))
	if s == nil {
		return notFound("session")
	}
	if !s.CancelledAt.IsZero() {
		return badRequest("INVALID_STATUS", "the session is already cancelled")
	}
	t := p.ripe(p.books.transactions.get(s.TransactionID))
	if t != nil {
		voided := *t
		if code, message := p.voided(&voided); code != "" {
			return badRequest(code, message)
		}
		t = &voided
	}
	cancelled := *p.books.sessions.get(s.ID)
	cancelled.CancelledAt = moment()
	cancelled.add(cancelled.CancelledAt, "CANCELLED")
	return p.commit(&cancelled, t, cancelled.sessionBody)
}
