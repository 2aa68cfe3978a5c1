package simulator

import (
	"net/http"
	"strings"
)

func badState(message string) (answer, bool) {
	return refuse(http.StatusBadRequest, "INVALID_STATUS", message), false
}

// capture starts the collection of an invoice that the merchant delivers, or of a part of it. One that Kravia delivers
// is captured from the start.
func (p *Provider) capture(c *call) answer {
	body, found := p.decode(c.body, "capture")
	if found != nil {
		return invalid(found)
	}
	var check checker
	asked := body.integer("amount")
	check.int32("", "amount", asked)
	for key, value := range members(body.get("metadata")).all() {
		if !strings.HasPrefix(key, "ext_") || value[0] != '"' {
			check.add("metadata", key, "PATTERN", "metadata keys start with ext_ and values are texts, not so %q", key)
		}
	}
	if check.found != nil {
		return invalid(check.found)
	}
	return p.change(c, func(t *transaction) (answer, bool) {
		amount := *asked
		switch {
		case !t.live() || t.Status == statusOnHold:
			return badState("a transaction that is " + t.Status + " cannot be captured")
		case t.Collected == t.Amount:
			return refuse(http.StatusBadRequest, "ALREADY_CAPTURED", "the transaction is already captured"), false
		case amount <= 0 || amount > t.Amount-t.Collected:
			return refuse(http.StatusBadRequest, "INVALID_AMOUNT", "amount is not within the authorized amount"), false
		}
		t.Collected += amount
		captured := event{Kind: eventInitiateCapture, Status: t.Status, Amount: amount, At: moment(), Dated: true}
		if p.options.Model == ModelCaptured {
			captured.Kind, captured.Status = eventCapture, statusCaptured
			if t.Collected < t.Amount {
				captured.Status = statusPartiallyCaptured
			}
		}
		if c.fault.Action == ActionLateEvent {
			captured.Shown = captured.At.Add(c.fault.Delay)
		}
		t.add(captured)
		return answer{}, true
	})
}

// void cancels an invoice on which nothing has been paid.
func (p *Provider) void(c *call) answer { return p.change(c, p.voided) }

func (p *Provider) voided(t *transaction) (answer, bool) {
	switch {
	case !t.live():
		return badState("a transaction that is " + t.Status + " cannot be voided")
	case t.Paid > 0:
		return badState("a paid transaction cannot be voided")
	}
	t.add(event{Kind: eventVoid, Status: statusVoided, Amount: t.Amount, At: moment()})
	return answer{}, true
}

// change applies one operation to the transaction of the path and answers with the result.
func (p *Provider) change(c *call, operate func(*transaction) (refusal answer, done bool)) answer {
	p.books.mu.Lock()
	defer p.books.mu.Unlock()
	n := p.books.txByID[c.request.PathValue("id")]
	if n == 0 {
		return notFound("transaction")
	}
	p.unlockedFor(p.commitDelay(c))
	changed := *p.ripe(n)
	if refusal, done := operate(&changed); !done {
		return refusal
	}
	if failure, done := p.commit(nil, &changed); !done {
		return failure
	}
	return reply(http.StatusOK, p.transactionBody(&changed, p.books.session(changed.Session)))
}

// cancelSession cancels a session that is unpaid, or voids what it was paid with.
func (p *Provider) cancelSession(c *call) answer {
	p.books.mu.Lock()
	defer p.books.mu.Unlock()
	s := p.books.session(c.request.PathValue("id"))
	if s == nil {
		return notFound("session")
	}
	if !s.Cancelled.IsZero() {
		refusal, _ := badState("the session is already cancelled")
		return refusal
	}
	var voided *transaction
	if n := p.books.txByID[s.Transaction]; n > 0 {
		t := *p.ripe(n)
		if refusal, done := p.voided(&t); !done {
			return refusal
		}
		voided = &t
	}
	cancelled := *p.books.session(s.ID)
	cancelled.Cancelled = moment()
	cancelled.add(cancelled.Cancelled, "CANCELLED")
	if failure, done := p.commit(&cancelled, voided); !done {
		return failure
	}
	return reply(http.StatusOK, p.sessionBody(&cancelled))
}
