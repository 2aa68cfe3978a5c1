package simulator

import (
	"strings"
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
