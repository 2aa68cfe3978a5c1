package simulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// The documented transaction statuses that occur here.
const (
	statusAuthorized        = "AUTHORIZED"
	statusCaptured          = "CAPTURED"
	statusPartiallyCaptured = "PARTIALLY_CAPTURED"
	statusOnHold            = "ON_HOLD"
	statusFailed            = "FAILED"
	statusVoided            = "AUTHORIZATION_VOIDED"
)

// The documented transaction events that occur here.
const (
	eventAuthorize       = "AUTHORIZE"
	eventCapture         = "CAPTURE"
	eventInitiateCapture = "INITIATE_CAPTURE"
	eventVoid            = "VOID"
)

// guard is the duplicate check a call asks for with Dintero-Feature-Toggles. A voided invoice still counts as a success.
type guard struct {
	any     bool // strict-merchant-reference
	success bool // strict-success-merchant-reference
}

func readGuard(header http.Header) (guard, []violation) {
	var g guard
	for _, line := range header.Values("Dintero-Feature-Toggles") {
		for toggle := range strings.SplitSeq(line, ",") {
			switch strings.TrimSpace(toggle) {
			case "":
			case "strict-merchant-reference":
				g.any = true
			case "strict-success-merchant-reference":
				g.success = true
			default:
				return g, []violation{{
					Code: "ENUM_MISMATCH", Path: []string{"Dintero-Feature-Toggles"},
					Message: fmt.Sprintf("no such toggle on this endpoint: %q", toggle),
				}}
			}
		}
	}
	return g, nil
}

// pay creates a session and its invoice in one step.
func (p *Provider) pay(c *call) answer {
	var request payRequest
	if found := decode(c.body, &request); found != nil {
		return invalid(found)
	}
	var check checker
	check.payBody(&request)
	if check.found != nil {
		return invalid(check.found)
	}
	toggles, found := readGuard(c.request.Header)
	if found != nil {
		return invalid(found)
	}
	s := p.newSession(c, &request.Session.sessionRequest)
	t := p.newTransaction(c, s, *request.Payment.Product, request.Session.Order.BillingAddress)
	t.Days = *request.Payment.DaysUntilDue
	if channel := request.Payment.InvoiceChannel; channel != nil {
		t.Channel = *channel
	}

	p.books.mu.Lock()
	defer p.books.mu.Unlock()
	if toggles.any && p.books.taken(s.Reference, false) || toggles.success && p.books.taken(s.Reference, true) {
		return duplicate()
	}
	p.unlockedFor(p.commitDelay(c))
	s.Visible = p.visible(c, moment())
	p.books.name(s)
	return p.settle(c, s, t)
}

// commitDelay is how long a call stays invisible between its checks and its commit.
func (p *Provider) commitDelay(c *call) time.Duration {
	if c.fault.Action == ActionSlowCommit || c.fault.Action == ActionHang {
		return c.fault.Delay
	}
	return p.options.CommitDelay
}

// unlockedFor lets others at the books for d. The caller holds books.mu and holds it again afterwards.
func (p *Provider) unlockedFor(d time.Duration) {
	if d <= 0 {
		return
	}
	p.books.mu.Unlock()
	pause(d)
	p.books.mu.Lock()
}

// settle decides what becomes of a new transaction, commits it with its session, and answers with it. The caller holds
// books.mu.
func (p *Provider) settle(c *call, s *session, t *transaction) answer {
	p.books.nameTransaction(t)
	now := moment()
	t.Created, t.Updated, t.Visible = now, now, p.visible(c, now)
	t.Session, s.Transaction = s.ID, t.ID
	switch c.fault.Action { //nolint:exhaustive // the others change the answer, not what is committed
	case ActionFailed:
		reason := c.fault.Body
		if reason == "" {
			reason = "credit check refused"
		}
		t.add(event{Kind: eventAuthorize, Status: statusFailed, At: now, Reason: reason})
		s.Events = append(s.Events, sessionEvent{"PAY_FAILED", now})
	case ActionOnHold:
		t.Status = statusOnHold
		if c.fault.Delay > 0 {
			t.Held = now.Add(c.fault.Delay)
		}
		s.Events = append(s.Events, sessionEvent{"ON_HOLD_CALLBACK_SENT", now})
	case ActionNoNumber:
		t.Late = c.fault.Delay == 0
		t.Numbered = now.Add(c.fault.Delay)
		p.authorize(s, t, now)
	default:
		p.authorize(s, t, now)
	}
	if err := p.books.commit(s, t); err != nil {
		return refuse(http.StatusInternalServerError, "INTERNAL_SERVER_ERROR", err.Error())
	}
	return reply(http.StatusOK, p.paidBody(t, s))
}

// visible is when something committed now appears in lists.
func (p *Provider) visible(c *call, now time.Time) time.Time {
	if c.fault.Action == ActionLateIndex {
		return now.Add(c.fault.Delay)
	}
	return now.Add(p.options.IndexDelay)
}

// authorize registers the invoice: its status and events under the model in use, and its number unless that comes
// later. It changes s and t, which must not be in the books yet.
func (p *Provider) authorize(s *session, t *transaction, now time.Time) {
	grouped := t.Product == productGrouped
	t.Captured = t.Channel != channelMerchant
	switch {
	case p.options.Model == ModelCaptured && t.Captured:
		t.add(event{Kind: eventCapture, Status: statusCaptured, Amount: t.Amount, At: now, Dated: true})
	default:
		t.add(event{Kind: eventAuthorize, Status: statusAuthorized, Amount: t.Amount, At: now, Dated: true})
		if t.Captured && !grouped {
			t.add(event{Kind: eventInitiateCapture, Status: statusAuthorized, Amount: t.Amount, At: now, Dated: true})
		}
	}
	if !grouped && !t.Late {
		p.books.numbers++
		p.number(t, now)
	}
	s.Authorized = true
	s.Events = append(slices.Clip(s.Events), sessionEvent{"AUTHORIZED", now}, sessionEvent{"COMPLETED", now})
}

func (t *transaction) add(e event) {
	t.Status = e.Status
	t.Updated = e.At
	t.Events = append(slices.Clip(t.Events), e)
}

// number gives the invoice of t the newest number, its document and its dates. The caller holds books.mu.
func (p *Provider) number(t *transaction, now time.Time) {
	day := now.In(p.oslo)
	t.Number = fmt.Sprintf("INV-%d-%04d", day.Year(), p.books.numbers)
	t.File = "f-" + opaque(3, p.books.numbers)
	t.InvoiceDate = day.Format(time.DateOnly)
	t.DueDate = day.AddDate(0, 0, t.Days).Format(time.DateOnly)
}

// newSession is a session without a place in the books.
func (p *Provider) newSession(c *call, request *sessionRequest) *session {
	s := &session{
		Reference:  *request.Order.MerchantReference,
		Reference2: text(request.Order.MerchantReference2),
		Amount:     *request.Order.Amount,
		Currency:   *request.Order.Currency,
		Items:      raw(request.Order.Items),
		Metadata:   request.Metadata,
		Headers:    systemHeaders(c.request.Header),
		Created:    c.at,
		Events:     []sessionEvent{{"INITIATED", c.at}},
	}
	if request.ExpiresAt != nil {
		s.Expires = *request.ExpiresAt
	}
	return s
}

// newTransaction is a transaction without a place in the books; s gets the address it is billed to.
func (p *Provider) newTransaction(c *call, s *session, product string, billed *address) *transaction {
	s.Address = raw(billed)
	t := &transaction{
		Reference:  s.Reference,
		Reference2: s.Reference2,
		Amount:     s.Amount,
		Currency:   s.Currency,
		Product:    product,
		Days:       defaultDays,
		Base:       c.base(),
	}
	if product == productGrouped {
		t.Group = strings.Join([]string{
			text(billed.BusinessName), text(billed.OrganizationNumber), text(billed.Country),
			text(billed.CustomerReference), s.Currency,
		}, "\x1f")
	} else {
		t.Channel = channelKravia
	}
	return t
}

// systemHeaders are the documented headers that tell which program called, as a JSON object; nil when there are none.
func systemHeaders(header http.Header) json.RawMessage {
	found := map[string]string{}
	for _, name := range []string{
		"Dintero-System-Name", "Dintero-System-Version",
		"Dintero-System-Plugin-Name", "Dintero-System-Plugin-Version",
	} {
		if value := header.Get(name); value != "" {
			found[strings.ReplaceAll(strings.ToLower(name), "-", "_")] = value
		}
	}
	if len(found) == 0 {
		return nil
	}
	return raw(found)
}

func (p *Provider) create(c *call) answer            { return p.createSession(c, false) }
func (p *Provider) createFromProfile(c *call) answer { return p.createSession(c, true) }

// createSession makes a session to be paid later.
func (p *Provider) createSession(c *call, fromProfile bool) answer {
	var request createRequest
	if found := decode(c.body, &request); found != nil {
		return invalid(found)
	}
	var check checker
	check.createBody(&request, fromProfile)
	if check.found != nil {
		return invalid(check.found)
	}
	s := p.newSession(c, &request.sessionRequest)
	s.Configuration, s.ProfileID = request.Configuration, text(request.ProfileID)

	p.books.mu.Lock()
	defer p.books.mu.Unlock()
	p.unlockedFor(p.commitDelay(c))
	s.Visible = p.visible(c, moment())
	p.books.name(s)
	if err := p.books.commit(s, nil); err != nil {
		return refuse(http.StatusInternalServerError, "INTERNAL_SERVER_ERROR", err.Error())
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
	check.product("payment_product_type", request.Product)
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
	if refusal, refused := s.unpayable(*request.Product, moment()); refused {
		return refusal
	}
	changed := *s
	t := p.newTransaction(c, &changed, *request.Product, request.Address)
	settings := s.Configuration.of(*request.Product)
	if settings.DaysUntilDue != nil {
		t.Days = *settings.DaysUntilDue
	}
	if settings.InvoiceChannel != nil {
		t.Channel = *settings.InvoiceChannel
	}
	changed.Events = slices.Clip(changed.Events)
	return p.payAnswer(p.settle(c, &changed, t))
}

// paymentResult is the other documented answer to a two-step pay.
type paymentResult struct {
	Success     bool     `json:"success"`
	Actions     []string `json:"actions"`
	RedirectURL string   `json:"redirect_url,omitempty"`
	Error       string   `json:"error,omitempty"`
}

// unpayable is the answer when a session cannot be paid with the product, or only by the customer in person. A profile
// that the session does not override is taken to enable every product without identity verification.
func (s *session) unpayable(product string, now time.Time) (answer, bool) {
	settings := s.Configuration.of(product)
	profileDecides := s.ProfileID != "" && (s.Configuration == nil || s.Configuration.Kravia == nil)
	switch {
	case !s.Cancelled.IsZero():
		return refuse(http.StatusBadRequest, "SESSION_CANCELLED", "the session is cancelled"), true
	case !s.Expires.IsZero() && !now.Before(s.Expires):
		return refuse(http.StatusBadRequest, "SESSION_EXPIRED", "the session has expired"), true
	case !profileDecides && !settings.Enabled:
		return refuse(http.StatusBadRequest, "INVALID_PAYMENT_PRODUCT_TYPE", product+" is not enabled in the session"), true
	}
	ask := settings.RequireIdentityVerification
	if product == productB2C && settings.Enabled && (ask == nil || *ask) {
		return reply(http.StatusOK, paymentResult{
			Success: true, Actions: []string{},
			RedirectURL: "https://identity.invalid/verify/" + s.ID,
		}), true
	}
	return answer{}, false
}

// payAnswer turns the answer to a two-step pay into a payment result where that is configured.
func (p *Provider) payAnswer(a answer) answer {
	if !p.options.PaymentResult || a.status != http.StatusOK {
		return a
	}
	var paid struct {
		Success bool `json:"success"`
	}
	if err := json.Unmarshal(a.body, &paid); err != nil {
		return a
	}
	result := paymentResult{Success: paid.Success, Actions: []string{}}
	if !paid.Success {
		result.Error = "Rejected"
	}
	return reply(http.StatusOK, result)
}
