package simulator

import (
	"encoding/json"
	"net/http"
	"time"
)

func (p *Provider) create(c *call) answer            { return p.createSession(c, false) }
func (p *Provider) createFromProfile(c *call) answer { return p.createSession(c, true) }

// createToggles reads the toggles of a call that makes a session, where no duplicate guard is documented.
func (p *Provider) createToggles(check *checker, header http.Header) (asked toggles, amounts bool) {
	allowed := []string{toggleAmounts, toggleStrict, toggleSuccess}
	if p.options.CreateGuard == GuardRefused {
		allowed = allowed[:1]
	}
	asked = check.toggles(header, allowed...)
	for _, toggle := range asked {
		amounts = amounts || toggle == toggleAmounts
	}
	if p.options.CreateGuard == GuardIgnored {
		asked = nil
	}
	return asked, amounts
}

// createSession makes a session to be paid later.
func (p *Provider) createSession(c *call, fromProfile bool) answer {
	body, found := p.decode(c.body, "create")
	if found != nil {
		return invalid(found)
	}
	var check checker
	order := check.createBody(body, fromProfile, p.options.Model)
	asked, amounts := p.createToggles(&check, c.request.Header)
	if amounts && check.found == nil {
		check.sum("order", order)
	}
	if check.found != nil {
		return invalid(check.found)
	}
	s := p.newSession(c, body)
	if s.Profile = fromProfile; fromProfile {
		s.Metadata = members(s.Metadata).with("session:profile_id", body.get("profile_id"))
	}

	p.books.mu.Lock()
	defer p.books.mu.Unlock()
	if p.taken(asked, s.Reference) {
		return duplicate(takenText)
	}
	p.unlockedFor(p.commitDelay(c))
	s.Visible = p.visible(c, moment())
	p.books.name(s)
	if failure, done := p.commit(s, nil); !done {
		return failure
	}
	created := struct {
		ID      string       `json:"id"`
		URL     string       `json:"url"`
		Session *sessionBody `json:"session,omitempty"`
	}{ID: s.ID, URL: c.base() + "/v1/view/" + s.ID}
	if c.request.URL.Query().Get("include_session") == "true" {
		created.Session = p.sessionBody(s)
	}
	return reply(http.StatusOK, created)
}

// paySession is the second step. A session never gets a second transaction: paying again answers with the first.
func (p *Provider) paySession(c *call) answer {
	body, found := p.decode(c.body, "sessionPay")
	if found != nil {
		return invalid(found)
	}
	product := text(body.text("payment_product_type"))
	var check checker
	check.product("", body.text("payment_product_type"))
	check.address("billing_address", body.get("billing_address"), product)
	if check.found != nil {
		return invalid(check.found)
	}
	p.books.mu.Lock()
	defer p.books.mu.Unlock()
	p.unlockedFor(p.commitDelay(c))
	s := p.books.session(c.request.PathValue("id"))
	if s == nil {
		return notFound("session")
	}
	if s.Transaction != "" {
		return p.payAnswer(reply(http.StatusOK, p.paidBody(p.ripe(p.books.txByID[s.Transaction]), s)))
	}
	settings := settingsOf(s.Configuration, product)
	if refusal, refused := p.unpayable(s, product, settings); refused {
		return refusal
	}
	changed := *s
	changed.Order = members(s.Order).with("billing_address", body.get("billing_address"))
	t := p.newTransaction(c, &changed, product)
	t.Days, t.Channel = defaultDays, p.channel(product, settings.text("invoice_channel"))
	if days := settings.integer("days_until_due"); days != nil {
		t.Days = *days
	}
	return p.payAnswer(p.settle(c, &changed, t))
}

// paymentResult is the other documented answer to a two-step pay.
type paymentResult struct {
	Success     bool     `json:"success"`
	Actions     []action `json:"actions"`
	RedirectURL string   `json:"redirect_url,omitempty"`
	Error       string   `json:"error,omitempty"`
}

// unpayable is the answer when a session cannot be paid with the product, or only by the customer in person. A profile
// that the session does not override enables every product without identity verification.
func (p *Provider) unpayable(s *session, product string, settings object) (answer, bool) {
	profileDecides := s.Profile && !s.configured()
	enabled, _ := settings.flag("enabled")
	verify, given := settings.flag("require_identity_verification")
	switch {
	case !s.Cancelled.IsZero():
		return refuse(http.StatusBadRequest, "SESSION_CANCELLED", "the session is cancelled"), true
	case s.expired(moment()):
		return refuse(http.StatusBadRequest, "SESSION_EXPIRED", "the session has expired"), true
	case !profileDecides && !enabled:
		return notEnabled(product, "in the session"), true
	case !p.offers(product):
		return notEnabled(product, "for the account"), true
	case !profileDecides && (verify || !given):
		return reply(http.StatusOK, paymentResult{
			Success: true, Actions: []action{}, RedirectURL: "https://identity.invalid/verify/" + s.ID,
		}), true
	}
	return answer{}, false
}

// expired says whether the session can no longer be paid.
func (s *session) expired(now time.Time) bool {
	return !now.Before(s.Expires)
}

// payAnswer turns the answer to a two-step pay into a payment result where that is configured.
func (p *Provider) payAnswer(a answer) answer {
	if !p.options.PaymentResult || a.status != http.StatusOK {
		return a
	}
	var result paymentResult
	if err := json.Unmarshal(a.body, &result); err != nil {
		return a
	}
	result.RedirectURL = ""
	if !result.Success {
		result.Error = "Rejected"
	}
	return reply(http.StatusOK, result)
}
