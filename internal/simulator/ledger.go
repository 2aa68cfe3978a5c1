package simulator

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// Invoice is one transaction in the ledger, as the provider knows it, whatever answers have said. Amounts are minor
// units, dates YYYY-MM-DD.
type Invoice struct {
	Reference     string    `json:"reference"`
	TransactionID string    `json:"transaction_id"`
	SessionID     string    `json:"session_id"`
	Amount        int64     `json:"amount"`
	Paid          int64     `json:"paid"`
	Currency      string    `json:"currency"`
	Product       string    `json:"product"`
	Channel       string    `json:"channel"` // empty for grouped invoices
	Status        string    `json:"status"`
	Live          bool      `json:"live"`   // created, and neither failed nor voided
	Number        string    `json:"number"` // empty until issued
	InvoiceDate   string    `json:"invoice_date"`
	DueDate       string    `json:"due_date"`
	URL           string    `json:"url"`
	Created       time.Time `json:"created"`
}

func (t *transaction) invoice() Invoice {
	return Invoice{
		Reference: t.Reference, TransactionID: t.ID, SessionID: t.Session,
		Amount: t.Amount, Paid: t.Paid, Currency: t.Currency, Product: t.Product, Channel: t.Channel,
		Status: t.Status, Live: t.live(),
		Number: t.Number, InvoiceDate: t.InvoiceDate, DueDate: t.DueDate, URL: t.url(), Created: t.Created,
	}
}

// Invoices is the ledger: all transactions in the order of their creation, failed and voided ones too.
func (p *Provider) Invoices() []Invoice {
	p.books.mu.Lock()
	defer p.books.mu.Unlock()
	ledger := make([]Invoice, len(p.books.transactions))
	for i := range ledger {
		ledger[i] = p.ripe(i + 1).invoice()
	}
	return ledger
}

// Live counts the live invoices of a reference. More than one is what must never happen.
func (p *Provider) Live(reference string) int {
	p.books.mu.Lock()
	defer p.books.mu.Unlock()
	live := 0
	for _, n := range p.books.txByRef[strings.ToLower(reference)] {
		if t := p.ripe(n); t.Reference == reference && t.live() {
			live++
		}
	}
	return live
}

// Issue issues the waiting invoices, which are the grouped ones and those of ActionNoNumber, and says how many
// transactions got a number. Purchases by the same business name, organization number, country, customer reference and
// currency share one.
func (p *Provider) Issue(now time.Time) (int, error) {
	p.books.mu.Lock()
	defer p.books.mu.Unlock()
	issued := 0
	groups := map[string]*transaction{}
	for n := range p.books.transactions {
		t := *p.ripe(n + 1)
		if t.Number != "" || !t.live() || t.Status == statusOnHold {
			continue
		}
		if first := groups[t.Group]; first != nil && t.Group != "" {
			t.Number, t.File, t.InvoiceDate = first.Number, first.File, first.InvoiceDate
			t.DueDate = now.In(p.oslo).AddDate(0, 0, t.Days).Format(time.DateOnly)
		} else {
			p.books.numbers++
			p.number(&t, now)
			groups[t.Group] = &t
		}
		t.Late = false
		t.Updated = moment()
		if t.Product == productGrouped && p.options.Model == ModelAuthorized {
			t.add(event{Kind: eventInitiateCapture, Status: t.Status, Amount: t.Amount, At: moment(), Dated: true})
		}
		if err := p.books.commit(nil, &t); err != nil {
			return issued, err
		}
		issued++
	}
	return issued, nil
}

// MarkPaid records that the customer paid amount minor units on the live invoice of a reference. Under ModelAuthorized
// its status becomes PARTIALLY_CAPTURED or CAPTURED with a CAPTURE event; ModelCaptured has no way to show it.
func (p *Provider) MarkPaid(reference string, amount int64) error {
	p.books.mu.Lock()
	defer p.books.mu.Unlock()
	for _, n := range slices.Backward(p.books.txByRef[strings.ToLower(reference)]) {
		t := *p.ripe(n)
		if t.Reference != reference || !t.live() || t.Status == statusOnHold {
			continue
		}
		if amount <= 0 || amount > t.Amount-t.Paid {
			return fmt.Errorf("simulator: payment of %d on %s, where %d is open", amount, reference, t.Amount-t.Paid)
		}
		t.Paid += amount
		if p.options.Model == ModelAuthorized {
			status := statusPartiallyCaptured
			if t.Paid == t.Amount {
				status = statusCaptured
			}
			t.add(event{Kind: eventCapture, Status: status, Amount: amount, At: moment()})
		}
		return p.books.commit(nil, &t)
	}
	return errors.New("simulator: payment on " + reference + ", which has no live invoice")
}

// Counts says what was called since the provider started.
type Counts struct {
	Calls    map[Operation]int `json:"calls"`
	Arrivals []time.Time       `json:"arrivals"` // of every call but the token's, in order
	Pays     []PayCall         `json:"pays"`     // one-step pays only
}

// PayCall is one POST /sessions/pay as it came in, whatever became of it.
type PayCall struct {
	At      time.Time `json:"at"`
	Toggles string    `json:"toggles"` // the Dintero-Feature-Toggles header
	Body    string    `json:"body"`
}

// requestLog collects Counts.
type requestLog struct {
	mu       sync.Mutex
	calls    map[Operation]int
	arrivals []time.Time
	pays     []PayCall
}

func (l *requestLog) add(operation Operation, c *call, countOnly bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls[operation]++
	if countOnly || operation == OpToken {
		return
	}
	now := time.Now() // under the lock, and not rounded: pace is measured with it
	l.arrivals = append(l.arrivals, now)
	if operation == OpPay {
		toggles := strings.Join(c.request.Header.Values("Dintero-Feature-Toggles"), ",")
		l.pays = append(l.pays, PayCall{At: now, Toggles: toggles, Body: string(c.body)})
	}
}

// Requests says what was called so far. Calls that were refused or cut off count too.
func (p *Provider) Requests() Counts {
	l := &p.seen
	l.mu.Lock()
	defer l.mu.Unlock()
	return Counts{Calls: maps.Clone(l.calls), Arrivals: slices.Clone(l.arrivals), Pays: slices.Clone(l.pays)}
}
