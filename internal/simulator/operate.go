package simulator

import (
	"net/http"
	"strings"
)

// capture starts the collection of an invoice that the merchant delivers. One that Kravia delivers is captured from the
// start, and a second capture is a conflict.
func (p *Provider) capture(c *call) answer {
	var request captureRequest
	if found := decode(c.body, &request); found != nil {
		return invalid(found)
	}
	var check checker
	check.int32("amount", request.Amount)
	for key := range request.Metadata {
		if !strings.HasPrefix(key, "ext_") {
			check.add("metadata."+key, "PATTERN", "metadata keys start with ext_, %q does not", key)
		}
	}
	if check.found != nil {
		return invalid(check.found)
	}
	return p.change(c, func(t *transaction) (answer, bool) {
		switch {
		case t.Captured:
			return refuse(http.StatusConflict, "ALREADY_CAPTURED", "the transaction is already captured"), false
		case t.Status != statusAuthorized:
			return refuse(http.StatusBadRequest, "INVALID_STATUS", "a transaction that is "+t.Status+" cannot be captured"), false
		case *request.Amount <= 0 || *request.Amount > t.Amount:
			return refuse(http.StatusBadRequest, "INVALID_AMOUNT", "amount is not within the authorized amount"), false
		}
		t.Captured = true
		captured := event{Kind: eventInitiateCapture, Status: statusAuthorized, Amount: *request.Amount, At: moment(), Dated: true}
		if p.options.Model == ModelCaptured {
			captured.Kind, captured.Status = eventCapture, statusCaptured
		}
		t.add(captured)
		return answer{}, true
	})
}

// void cancels an invoice on which nothing has been paid.
func (p *Provider) void(c *call) answer {
	return p.change(c, p.voided)
}

func (p *Provider) voided(t *transaction) (answer, bool) {
	switch {
	case !t.live():
		return refuse(http.StatusBadRequest, "INVALID_STATUS", "a transaction that is "+t.Status+" cannot be voided"), false
	case t.Paid > 0:
		return refuse(http.StatusBadRequest, "INVALID_STATUS", "a paid transaction cannot be voided"), false
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
	if err := p.books.commit(nil, &changed); err != nil {
		return refuse(http.StatusInternalServerError, "INTERNAL_SERVER_ERROR", err.Error())
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
		return refuse(http.StatusBadRequest, "INVALID_STATUS", "the session is already cancelled")
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
	cancelled.Events = append(cancelled.Events[:len(s.Events):len(s.Events)], sessionEvent{"CANCELLED", cancelled.Cancelled})
	if err := p.books.commit(&cancelled, voided); err != nil {
		return refuse(http.StatusInternalServerError, "INTERNAL_SERVER_ERROR", err.Error())
	}
	return reply(http.StatusOK, p.sessionBody(&cancelled))
}
