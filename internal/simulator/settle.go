package simulator

import (
	"fmt"
	"net/http"
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

// commitDelay is how long a call stays invisible between its checks and its commit.
func (p *Provider) commitDelay(c *call) time.Duration {
	if c.fault.Action == ActionSlowCommit || c.fault.Action == ActionHang {
		return c.fault.Delay
	}
	return 0
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

// visible is when something committed now appears in lists.
func (p *Provider) visible(c *call, now time.Time) time.Time {
	if c.fault.Action == ActionLateIndex {
		return now.Add(c.fault.Delay)
	}
	return now.Add(p.options.IndexDelay)
}

// commit makes a change durable, and answers only when that fails. The caller holds books.mu.
func (p *Provider) commit(s *session, t *transaction) (failure answer, done bool) {
	if err := p.books.commit(s, t); err != nil {
		return refuse(http.StatusInternalServerError, "INTERNAL_SERVER_ERROR", err.Error()), false
	}
	return answer{}, true
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
		s.add(now, "PAY_FAILED")
	case ActionOnHold:
		t.Status = statusOnHold
		if c.fault.Delay > 0 {
			t.Held = now.Add(c.fault.Delay)
		}
		s.add(now, "ON_HOLD_CALLBACK_SENT")
	case ActionNoNumber:
		t.Late = c.fault.Delay == 0
		t.Numbered = now.Add(c.fault.Delay)
		p.authorize(s, t, now)
	default:
		p.authorize(s, t, now)
	}
	if failure, done := p.commit(s, t); !done {
		return failure
	}
	return reply(http.StatusOK, p.paidBody(t, s))
}

// authorize registers the invoice: its status and events under the model in use, and its number unless that comes
// later. It changes s and t, which must not be in the books yet.
func (p *Provider) authorize(s *session, t *transaction, now time.Time) {
	grouped := t.Product == productGrouped
	if t.Channel != channelMerchant {
		t.Collected = t.Amount
	}
	if p.options.Model == ModelCaptured && t.Collected > 0 {
		t.add(event{Kind: eventCapture, Status: statusCaptured, Amount: t.Amount, At: now, Dated: true})
	} else {
		t.add(event{Kind: eventAuthorize, Status: statusAuthorized, Amount: t.Amount, At: now, Dated: true})
		if t.Collected > 0 && !grouped {
			t.add(event{Kind: eventInitiateCapture, Status: statusAuthorized, Amount: t.Amount, At: now, Dated: true})
		}
	}
	if !grouped && !t.Late {
		p.books.numbers++
		p.number(t, now)
	}
	s.Authorized = true
	s.add(now, "AUTHORIZED", "COMPLETED")
}

// number gives the invoice of t the newest number, its document and its dates. The caller holds books.mu.
func (p *Provider) number(t *transaction, now time.Time) {
	day := now.In(p.oslo)
	t.Number = fmt.Sprintf("INV-%d-%04d", day.Year(), p.books.numbers)
	t.File = "f-" + opaque(3, p.books.numbers)
	t.InvoiceDate = day.Format(time.DateOnly)
	t.DueDate = day.AddDate(0, 0, int(t.Days)).Format(time.DateOnly)
}

// ripe is the n-th transaction as it is now: one whose hold has ended is authorized first, and payments that were to come
// have come. The caller holds books.mu.
func (p *Provider) ripe(n int) *transaction {
	t, now := p.books.transactions[n-1], moment()
	if t.Status == statusOnHold && !t.Held.IsZero() && !now.Before(t.Held) {
		ripened, s := *t, *p.books.session(t.Session)
		p.authorize(&s, &ripened, t.Held)
		if p.books.commit(&s, &ripened) == nil { // else it stays on hold, and the next look tries again
			t = &ripened
		}
	}
	if len(t.Coming) > 0 && t.live() && t.Status != statusOnHold && t.issued(now) && t.Collected > 0 {
		paid := *t
		p.receiveComing(&paid, now)
		if p.books.commit(nil, &paid) == nil {
			t = &paid
		}
	}
	return t
}
