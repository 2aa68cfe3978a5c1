package dintero

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"time"

	"kraviabatch/internal/billing"
)

// Transaction is what the provider holds for one payment. Fields that an answer lacks are empty.
type Transaction struct {
	ID               string
	Status           Status
	Product          billing.Product
	Amount           int64  // minor units, 0 when missing: no order is for nothing
	Currency         string // ISO 4217 in capitals
	Reference        string // merchant reference
	SessionID        string
	CreatedAt        time.Time
	InvoiceNumber    string
	InvoiceDate      billing.Date
	DueDate          billing.Date
	InvoiceURL       string // http or https, and only with a token: see [Client.Document]
	Channel          billing.Channel
	Content          string          // [billing.Order.Hash] of the order that it was made for
	SettlementStatus string          // NOT_SETTLED, PENDING_SETTLEMENT, PARTIALLY_SETTLED, SETTLED
	Buyer            billing.Address // as far as it is told
	events           []wireEvent     // newest first
}

func (w *wire) transaction() *Transaction {
	t := &Transaction{
		ID: strings.TrimSpace(w.ID), Status: parseStatus(w.Status),
		Product: billing.Product(strings.TrimSpace(w.Product)),
		Amount:  w.Amount, Currency: capitals(w.Currency), Reference: strings.TrimSpace(w.Reference),
		SessionID: strings.TrimSpace(w.SessionID), CreatedAt: parseTime(w.CreatedAt),
		SettlementStatus: capitals(w.Settlement), Buyer: w.Address, events: newestFirst(w.Events),
	}
	t.InvoiceNumber = w.find(t.events, func(m *wireMetadata) string { return m.Number })
	t.Channel = billing.Channel(strings.ToLower(w.find(t.events, func(m *wireMetadata) string { return m.Channel })))
	t.Content = w.find(t.events, func(m *wireMetadata) string { return m.Content })
	t.InvoiceURL = w.find(t.events, func(m *wireMetadata) string { return webAddress(m.URL) })
	t.InvoiceDate = billing.Date(w.find(t.events, func(m *wireMetadata) string { return string(dateOf(m.Date)) }))
	t.DueDate = billing.Date(w.find(t.events, func(m *wireMetadata) string { return string(dateOf(m.DueDate)) }))
	return t
}

// find looks a value up in the transaction's metadata, then in those of its successful events, whatever their kind: the
// editions put it on different ones.
func (w *wire) find(events []wireEvent, value func(*wireMetadata) string) string {
	if v := strings.TrimSpace(value(&w.Metadata)); v != "" {
		return v
	}
	for i := range events {
		if v := strings.TrimSpace(value(&events[i].Metadata)); v != "" && events[i].succeeded() {
			return v
		}
	}
	return ""
}

// newestFirst orders by time; among events without one the last listed counts as the newest.
func newestFirst(events []wireEvent) []wireEvent {
	slices.Reverse(events)
	slices.SortStableFunc(events, func(a, b wireEvent) int {
		return cmp.Compare(parseTime(b.CreatedAt).UnixNano(), parseTime(a.CreatedAt).UnixNano())
	})
	return events
}

func capitals(word string) string { return strings.ToUpper(strings.TrimSpace(word)) }

// parseTime gives the zero time for what is no RFC 3339.
func parseTime(value string) time.Time {
	at, err := time.Parse(time.RFC3339, strings.TrimSpace(value))
	if err != nil {
		return time.Time{}
	}
	return at
}

// dateOf drops a time behind the day. It gives "" for what is no day.
func dateOf(value string) billing.Date {
	value = strings.TrimSpace(value)
	date, err := billing.ParseDate(value[:min(len(value), len(time.DateOnly))])
	if err != nil {
		return ""
	}
	return date
}

// webAddress gives "" for other schemes: in reports the address becomes a link.
func webAddress(value string) string {
	value = strings.TrimSpace(value)
	u, err := url.Parse(value)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" {
		return ""
	}
	return value
}
