package simulator

import (
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

// Invoices is the ledger: all transactions in the order of their creation, failed and voided ones too.
func (p *Provider) Invoices() []Invoice {
	p.books.mu.Lock()
	defer p.books.mu.Unlock()
	ledger := make([]Invoice, len(p.books.transactions.all))
	for i, t := range p.books.transactions.all {
		t = p.ripe(t)
		ledger[i] = Invoice{
			Reference: t.Reference, TransactionID: t.ID, SessionID: t.SessionID,
			Amount: t.Amount, Paid: t.Paid, Currency: t.Currency, Product: t.Product, Channel: t.Channel,
			Status: t.Status, Live: t.live(),
			Number: t.Number, InvoiceDate: t.InvoiceDate, DueDate: t.DueDate, URL: t.url(), Created: t.CreatedAt,
		}
	}
	return ledger
}

// Live counts the live invoices of a reference. More than one is what must never happen.
func (p *Provider) Live(reference string) (live int) {
	p.books.mu.Lock()
	defer p.books.mu.Unlock()
	for _, n := range p.books.transactions.find(reference) {
		if t := p.ripe(p.books.transactions.all[n-1]); t.Reference == reference && t.live() {
			live++
		}
	}
	return live
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
