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
	var request createRequest
	if found := decode(c.body, &request); found != nil {
		return invalid(found)
	}
	var check checker
	check.createBody(&request, fromProfile, p.options.Model)
	asked, amounts := p.createToggles(&check, c.request.Header)
	if amounts && check.found == nil {
		check.sum("order", request.Order)
	}
	if check.found != nil {
		return invalid(check.found)
	}
	s := p.newSession(c, &request.sessionRequest, sentBy(c.body))
	if s.Profile = fromProfile; fromProfile {
		s.Metadata["session:profile_id"] = raw(*request.ProfileID)
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
	var request sessionPayRequest
	if found := decode(c.body, &request); found != nil {
		return invalid(found)
	}
	var check checker
	check.product("", request.Product)
	check.address("billing_address", request.Address, text(request.Product))
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
	settings := s.configured().of(*request.Product)
	if refusal, refused := p.unpayable(s, *request.Product, settings); refused {
		return refusal
	}
	changed := *s
	changed.Order = with(s.Order, "billing_address", members(c.body)["billing_address"])
	t := p.newTransaction(c, &changed, *request.Product, request.Address)
	t.Days, t.Channel = defaultDays, p.channel(*request.Product, settings.InvoiceChannel)
	if settings.DaysUntilDue != nil {
		t.Days = *settings.DaysUntilDue
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
func (p *Provider) unpayable(s *session, product string, settings productConfiguration) (answer, bool) {
	profileDecides := s.Profile && s.configured() == nil
	verify := settings.RequireIdentityVerification
	switch {
	case !s.Cancelled.IsZero():
		return refuse(http.StatusBadRequest, "SESSION_CANCELLED", "the session is cancelled"), true
	case s.expired(moment()):
		return refuse(http.StatusBadRequest, "SESSION_EXPIRED", "the session has expired"), true
	case !profileDecides && !settings.Enabled:
		return notEnabled(product, "in the session"), true
	case !p.offers(product):
		return notEnabled(product, "for the account"), true
	case !profileDecides && (verify == nil || *verify):
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
