package simulator

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// The documented filters of the lists.
const (
	transactionFilters = " merchant_reference merchant_reference_2 session_id id search status payment_product" +
		" payment_product_type store_id currency amount amount.gte amount.lte created_at.gte created_at.lte captured_at.gte" +
		" captured_at.lte refunded_at.gte refunded_at.lte customer_id payout_destination_id payout_correlation_id" +
		" payment_operation card_brand token_id terminal_id channel includes "
	sessionFilters = " search id transaction_id store_id created_at.gte created_at.lte "
)

func unknownStart() answer {
	return refuse(http.StatusBadRequest, "INVALID_REQUEST_PARAMETER", "starting_after is unknown")
}

// listTransactions answers a bare array, newest first. Filters are exact but for search, which ignores case and matches
// the transaction id, the session id, either reference, the e-mail address, the phone number or the name.
func (p *Provider) listTransactions(c *call) answer {
	q, found := readQuery(c.request.URL.Query(), transactionFilters)
	if found != nil {
		return invalid(found)
	}
	p.books.mu.Lock()
	defer p.books.mu.Unlock()
	before, known := q.before(p.books.txByID)
	if !known {
		return unknownStart()
	}
	positions, all := p.books.transactionsFor(&q)
	return page(&q, positions, all, before, func(n int) (*transactionBody, bool) {
		if moment().Before(p.books.transactions[n-1].Visible) {
			return nil, false
		}
		t := p.ripe(n)
		s := p.books.session(t.Session)
		if !t.matches(&q, s) {
			return nil, false
		}
		return p.transactionBody(t, s), true
	})
}

// transactionsFor narrows a query down by the indexes; all means that no index helps.
func (b *books) transactionsFor(q *query) (positions []int, all bool) {
	switch {
	case q.Has("id"):
		for _, id := range q.Values["id"] {
			positions = append(positions, b.txByID[id])
		}
	case q.Has("session_id"):
		for _, id := range q.Values["session_id"] {
			if s := b.session(id); s != nil {
				positions = append(positions, b.txByID[s.Transaction])
			}
		}
	case q.Has("merchant_reference"):
		positions = slices.Clone(b.txByRef[strings.ToLower(q.Get("merchant_reference"))])
	case q.Has("merchant_reference_2"):
		positions = slices.Clone(b.txByRef[strings.ToLower(q.Get("merchant_reference_2"))])
	case q.Has("search"):
		search := q.Get("search")
		positions = slices.Concat(b.txByRef[strings.ToLower(search)], b.txByWord[strings.ToLower(search)])
		positions = append(positions, b.txByID[search])
		if s := b.session(search); s != nil {
			positions = append(positions, b.txByID[s.Transaction])
		}
	default:
		return nil, true
	}
	return positions, false
}

// matches applies all filters of a query.
func (t *transaction) matches(q *query, s *session) bool {
	for key, value := range map[string]string{
		"merchant_reference": t.Reference, "merchant_reference_2": t.Reference2, "session_id": t.Session, "id": t.ID,
		"status": t.Status, "payment_product": "kravia", "payment_product_type": t.Product, "currency": t.Currency,
		"channel": "ecommerce", "customer_id": textOf(s.Customer, "customer_id"), "store_id": textOf(s.ordered().Store, "id"),
		// Invoices have none of these, and nothing is ever refunded.
		"payment_operation": "", "card_brand": "", "token_id": "", "terminal_id": "", "payout_destination_id": "",
		"payout_correlation_id": "", "refunded_at.gte": "", "refunded_at.lte": "",
	} {
		if q.Has(key) && !slices.Contains(q.Values[key], value) {
			return false
		}
	}
	same := func(text string) bool { return strings.EqualFold(text, q.Get("search")) }
	texts := append([]string{t.ID, t.Session, t.Reference, t.Reference2}, t.Words...)
	return q.costs(t.Amount) && q.during("created_at", t.Created) && q.during("captured_at", t.captured()) &&
		(!q.Has("search") || slices.ContainsFunc(texts, same))
}

// textOf is a text in a JSON object, "" when it has none of that name.
func textOf(object json.RawMessage, name string) (value string) {
	_ = json.Unmarshal(members(object).get(name), &value)
	return value
}

// listSessions answers a bare array, newest first. There is no filter by reference; search ignores case and matches
// either reference or the name.
func (p *Provider) listSessions(c *call) answer {
	if p.options.NoSessionList {
		return notFound("GET /v1/sessions")
	}
	q, found := readQuery(c.request.URL.Query(), sessionFilters)
	if found != nil {
		return invalid(found)
	}
	p.books.mu.Lock()
	defer p.books.mu.Unlock()
	before, known := q.before(p.books.sessionByID)
	if !known {
		return unknownStart()
	}
	positions, all := p.books.sessionsFor(&q)
	return page(&q, positions, all, before, func(n int) (*sessionBody, bool) {
		s := p.books.sessions[n-1]
		if moment().Before(s.Visible) || !p.books.sessionMatches(&q, s) {
			return nil, false
		}
		return p.sessionBody(s), true
	})
}

func (b *books) sessionsFor(q *query) (positions []int, all bool) {
	switch {
	case q.Has("id"):
		return []int{b.sessionByID[q.Get("id")]}, false
	case q.Has("transaction_id"):
		if t := b.transaction(q.Get("transaction_id")); t != nil {
			positions = []int{b.sessionByID[t.Session]}
		}
		return positions, false
	case q.Has("search"):
		search := strings.ToLower(q.Get("search"))
		positions = slices.Clone(b.sessionByRef[search])
		for _, n := range b.txByWord[search] {
			positions = append(positions, b.sessionByID[b.transactions[n-1].Session])
		}
		return positions, false
	}
	return nil, true
}

func (b *books) sessionMatches(q *query, s *session) bool {
	if q.Has("id") && q.Get("id") != s.ID || q.Has("transaction_id") && q.Get("transaction_id") != s.Transaction ||
		q.Has("store_id") && q.Get("store_id") != textOf(s.ordered().Store, "id") || !q.during("created_at", s.Created) {
		return false
	}
	search := q.Get("search")
	if search == "" || strings.EqualFold(search, s.Reference) || strings.EqualFold(search, s.Reference2) {
		return true
	}
	t := b.transaction(s.Transaction)
	return t != nil && len(t.Words) == 3 && strings.EqualFold(search, t.Words[2])
}
