package simulator

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Invoice is one transaction as the ledger has it, whatever a spoiled answer said. Amounts are in minor units, dates
// YYYY-MM-DD.
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

// Invoices gives all transactions of the ledger in the order of their creation, failed and voided ones too.
func (p *Provider) Invoices() []Invoice {
	p.ledger.mu.Lock()
	defer p.ledger.mu.Unlock()
	invoices := make([]Invoice, len(p.ledger.transactions.all))
	for i, t := range p.ledger.transactions.all {
		t = p.ripe(t)
		invoices[i] = Invoice{
			Reference: t.Reference, TransactionID: t.ID, SessionID: t.SessionID,
			Amount: t.Amount, Paid: t.Paid, Currency: t.Currency, Product: t.Product, Channel: t.Channel,
			Status: t.Status, Live: t.live(),
			Number: t.Number, InvoiceDate: t.InvoiceDate, DueDate: t.DueDate, URL: t.URL, Created: t.CreatedAt,
		}
	}
	return invoices
}

// Live counts the live invoices of a merchant reference. More than one must never happen.
func (p *Provider) Live(reference string) (live int) {
	p.ledger.mu.Lock()
	defer p.ledger.mu.Unlock()
	for _, n := range p.ledger.transactions.find(reference) {
		if t := p.ripe(p.ledger.transactions.all[n-1]); t.Reference == reference && t.live() {
			live++
		}
	}
	return live
}

// coming are the payments that an e-mail address of the package comment announces, in percent of the amount; none for
// other addresses.
func coming(email string) []int64 {
	return map[string][]int64{
		"paid@example.com": {100}, "half-paid@example.com": {50}, "paid-in-three@example.com": {50, 30, 20},
		"part-paid-in-two@example.com": {30, 30},
	}[strings.ToLower(email)]
}

// receiveComing records the announced payments. Rounding never leaves an amount open: the last payment of 100 % is the
// rest.
func (p *Provider) receiveComing(t *transaction, now time.Time) {
	paid := int64(0)
	for _, percent := range t.Coming {
		paid += percent
		p.receive(t, t.Amount*paid/100-t.Paid, now)
	}
	t.Coming = nil
}

// receive records a payment. Under ModelAuthorized it is a CAPTURE event, and the transaction is CAPTURED once all is
// paid. ModelCaptured cannot show payments.
func (p *Provider) receive(t *transaction, amount int64, now time.Time) {
	if amount <= 0 {
		return
	}
	t.Paid += amount
	if p.options.Model == ModelCaptured {
		return
	}
	status := statusPartiallyCaptured
	if t.Paid == t.Amount {
		status = statusCaptured
	}
	p.note(t, eventCapture, status, amount, now)
}

// MarkPaid records that the customer paid an amount, in minor units, on the live invoice of a reference. Error: there
// is no live invoice, or less is open.
func (p *Provider) MarkPaid(reference string, amount int64) error {
	p.ledger.mu.Lock()
	defer p.ledger.mu.Unlock()
	for _, n := range slices.Backward(p.ledger.transactions.find(reference)) {
		t := *p.ripe(p.ledger.transactions.all[n-1])
		if t.Reference != reference || !t.live() || t.Status == statusOnHold {
			continue
		}
		if amount <= 0 || amount > t.Amount-t.Paid {
			return fmt.Errorf("simulator: payment of %d on %s, where %d is open", amount, reference, t.Amount-t.Paid)
		}
		p.receive(&t, amount, moment())
		return p.ledger.commit(nil, &t)
	}
	return errors.New("simulator: payment on " + reference + ", which has no live invoice")
}

// Issue gives a number to every invoice that waits for one: the grouped ones, and those of ActionNoNumber. issued is
// how many transactions got one. Grouped purchases with the same business name, organization number, country, customer
// reference and currency share a number. Their status does not change.
func (p *Provider) Issue(now time.Time) (issued int, err error) {
	p.ledger.mu.Lock()
	defer p.ledger.mu.Unlock()
	groups := map[string]*transaction{}
	for _, found := range p.ledger.transactions.all {
		t := *p.ripe(found)
		if t.Number != "" || !t.live() || t.Status == statusOnHold {
			continue
		}
		if first := groups[t.Group]; first != nil && t.Group != "" {
			t.Number, t.File, t.URL, t.InvoiceDate = first.Number, first.File, first.URL, first.InvoiceDate
			t.DueDate = now.In(p.oslo).AddDate(0, 0, int(t.Days)).Format(time.DateOnly)
		} else {
			p.number(&t, now)
			groups[t.Group] = &t
		}
		t.Late, t.UpdatedAt = false, moment()
		if err := p.ledger.commit(nil, &t); err != nil {
			return issued, err
		}
		issued++
	}
	return issued, nil
}
