package simulator

import (
	"cmp"
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

// unlockedWhileSlow releases the ledger while a slow call waits between its checks and its commit, so that other calls
// run and do not see it. The ledger is locked before and after it, as in all handlers.
func (p *Provider) unlockedWhileSlow(c *call) {
	if c.fault.Delay == 0 || c.fault.Action != ActionSlowCommit && c.fault.Action != ActionHang {
		return
	}
	p.ledger.mu.Unlock()
	pause(c.fault.Delay)
	p.ledger.mu.Lock()
}

// visible is when a change that is committed now appears in lists.
func (p *Provider) visible(c *call, now time.Time) time.Time {
	if c.fault.Action == ActionLateIndex {
		return now.Add(c.fault.Delay)
	}
	return now.Add(p.options.IndexDelay)
}

// commit commits a change to the ledger and gives the answer, or a 500 when the ledger fails.
func (p *Provider) commit(s *session, t *transaction, body any) answer {
	if err := p.ledger.commit(s, t); err != nil {
		return refuse(http.StatusInternalServerError, "INTERNAL_SERVER_ERROR", err.Error())
	}
	return reply(body)
}

// register makes the transaction of a session on the given terms, under the call's fault, commits both, and answers
// with the transaction.
func (p *Provider) register(c *call, s *session, product string, terms object) answer {
	t, now := p.newTransaction(c, s, product), moment()
	t.Channel, t.Days = p.channel(product, terms.text("invoice_channel")), defaultDays
	if terms.get("days_until_due") != nil {
		t.Days = terms.integer("days_until_due")
	}
	s.configure(p.enabling(t.Days, t.Channel, product))
	t.CreatedAt, t.UpdatedAt, t.Visible = now, now, p.visible(c, now)
	s.TransactionID = t.ID
	switch c.fault.Action { //nolint:exhaustive // the others change the answer, not what is committed
	case ActionFailed:
		failed := p.note(t, eventAuthorize, statusFailed, 0, now)
		failed.Success = false
		failed.Error = raw(map[string]any{
			"code": "rejected", "message": cmp.Or(c.fault.Body, "credit check refused"),
			"retry_policy": map[string]any{"retry_codes": []string{"DO_NOT_RETRY"}},
		})
		s.add(now, "PAY_FAILED")
	case ActionOnHold:
		t.Status = statusOnHold
		if c.fault.Delay > 0 {
			t.Held = now.Add(c.fault.Delay)
		}
		s.add(now, "ON_HOLD_CALLBACK_SENT")
	case ActionNoNumber:
		t.Late, t.Numbered = c.fault.Delay == 0, now.Add(c.fault.Delay)
		p.authorize(s, t, now)
	default:
		p.authorize(s, t, now)
	}
	return p.commit(s, t, p.answerPaid(t, s))
}

// authorize gives the invoice its status and events under the model in use, and its number unless the number comes
// later. It changes s and t, which must not be in the ledger yet.
func (p *Provider) authorize(s *session, t *transaction, now time.Time) {
	grouped := t.Product == productGrouped
	if t.Channel != channelMerchant {
		t.Collected = t.Amount
	}
	if p.options.Model == ModelCaptured && t.Collected > 0 {
		p.note(t, eventCapture, statusCaptured, t.Amount, now).Dated = true
	} else {
		p.note(t, eventAuthorize, statusAuthorized, t.Amount, now).Dated = true
		if t.Collected > 0 && !grouped {
			p.note(t, eventInitiateCapture, statusAuthorized, t.Amount, now).Dated = true
		}
	}
	if !grouped && !t.Late {
		p.number(t, now)
	}
	s.Authorized = true
	s.add(now, "AUTHORIZED", "COMPLETED")
}

// number gives the invoice of t the next number, its document and its dates.
func (p *Provider) number(t *transaction, now time.Time) {
	p.ledger.numbers++
	day := now.In(p.oslo)
	t.Number = fmt.Sprintf("INV-%d-%04d", day.Year(), p.ledger.numbers)
	t.File = "f-" + opaque(3, p.ledger.numbers)
	t.URL = t.Base + "/v1/files/" + t.File
	t.InvoiceDate = day.Format(time.DateOnly)
	t.DueDate = day.AddDate(0, 0, int(t.Days)).Format(time.DateOnly)
}

// ripe is the transaction as it is now. A transaction whose hold has ended is authorized first, and announced payments
// whose time has come are recorded. It is nil for nil.
func (p *Provider) ripe(t *transaction) *transaction {
	now := moment()
	if t != nil && t.Status == statusOnHold && !t.Held.IsZero() && !now.Before(t.Held) {
		ripened, s := *t, *p.ledger.sessions.get(t.SessionID)
		p.authorize(&s, &ripened, t.Held)
		if p.ledger.commit(&s, &ripened) == nil { // else it stays on hold, and the next look tries again
			t = &ripened
		}
	}
	if t != nil && len(t.Coming) > 0 && t.live() && t.Status != statusOnHold && t.issued(now) && t.Collected > 0 {
		paid := *t
		p.receiveComing(&paid, now)
		if p.ledger.commit(nil, &paid) == nil {
			t = &paid
		}
	}
	return t
}

// capture starts the collection of an invoice that the merchant delivers, or of a part of it. One that Kravia delivers
// is captured from the start.
func (p *Provider) capture(c *call) answer {
	body, found := p.decode(c.body, "{capture", checkCapture)
	if found != nil {
		return invalid(found)
	}
	amount := body.integer("amount")
	return p.change(c, func(t *transaction) (code, message string) {
		switch {
		case !t.live() || t.Status == statusOnHold:
			return "INVALID_STATUS", "a transaction that is " + t.Status + " cannot be captured"
		case t.Collected == t.Amount:
			return "ALREADY_CAPTURED", "the transaction is already captured"
		case amount <= 0 || amount > t.Amount-t.Collected:
			return "INVALID_AMOUNT", "amount is not within the authorized amount"
		}
		t.Collected += amount
		kind, status, now := eventInitiateCapture, t.Status, moment()
		if p.options.Model == ModelCaptured {
			kind, status = eventCapture, statusCaptured
			if t.Collected < t.Amount {
				status = statusPartiallyCaptured
			}
		}
		captured := p.note(t, kind, status, amount, now)
		if captured.Dated = true; c.fault.Action == ActionLateEvent {
			captured.Shown = now.Add(c.fault.Delay)
		}
		return "", ""
	})
}

// void cancels an invoice on which nothing has been paid.
func (p *Provider) void(c *call) answer { return p.change(c, p.voided) }

func (p *Provider) voided(t *transaction) (code, message string) {
	switch {
	case !t.live():
		return "INVALID_STATUS", "a transaction that is " + t.Status + " cannot be voided"
	case t.Paid > 0:
		return "INVALID_STATUS", "a paid transaction cannot be voided"
	}
	p.note(t, eventVoid, statusVoided, t.Amount, moment())
	return "", ""
}

// refund refuses: refunds are documented for other products only.
func (p *Provider) refund(*call) answer {
	return badRequest("NOT_SUPPORTED", "refund is not supported for kravia")
}

// updateTransaction changes the second reference, the only field that can be changed.
func (p *Provider) updateTransaction(c *call) answer {
	body, found := p.decode(c.body, "{updateTransaction", unchecked)
	if found != nil {
		return invalid(found)
	}
	return p.change(c, func(t *transaction) (code, message string) {
		t.Reference2, t.UpdatedAt = body.text("merchant_reference_2"), moment()
		return "", ""
	})
}

// change applies one operation to the transaction of the path. It answers with the result, or with the reason why the
// operation refuses.
func (p *Provider) change(c *call, operate func(*transaction) (code, message string)) answer {
	id := c.request.PathValue("id")
	if p.ledger.transactions.get(id) == nil {
		return notFound("transaction")
	}
	p.unlockedWhileSlow(c)
	changed := *p.ripe(p.ledger.transactions.get(id))
	if code, message := operate(&changed); code != "" {
		return badRequest(code, message)
	}
	return p.commit(nil, &changed, p.answerTransaction(&changed, p.ledger.sessions.get(changed.SessionID)))
}
