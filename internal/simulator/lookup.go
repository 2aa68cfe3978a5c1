package simulator

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Page sizes of the lists.
const (
	defaultPage = 10
	maxPage     = 100
)

// ripe is the n-th transaction as it is now: one whose hold has ended is authorized first. The caller holds books.mu.
func (p *Provider) ripe(n int) *transaction {
	t := p.books.transactions[n-1]
	now := moment()
	if t.Status != statusOnHold || t.Held.IsZero() || now.Before(t.Held) {
		return t
	}
	ripened, s := *t, *p.books.session(t.Session)
	p.authorize(&s, &ripened, t.Held)
	if p.books.commit(&s, &ripened) != nil {
		return t // still on hold: the next look tries again
	}
	return &ripened
}

func (p *Provider) getTransaction(c *call) answer {
	p.books.mu.Lock()
	defer p.books.mu.Unlock()
	n := p.books.txByID[c.request.PathValue("id")]
	if n == 0 {
		return notFound("transaction")
	}
	t := p.ripe(n)
	return reply(http.StatusOK, p.transactionBody(t, p.books.session(t.Session)))
}

func (p *Provider) getSession(c *call) answer {
	p.books.mu.Lock()
	defer p.books.mu.Unlock()
	s := p.books.session(c.request.PathValue("id"))
	if s == nil {
		return notFound("session")
	}
	if n := p.books.txByID[s.Transaction]; n > 0 {
		p.ripe(n)
		s = p.books.session(s.ID)
	}
	return reply(http.StatusOK, p.sessionBody(s))
}

// page is the paging part of a list query.
type page struct {
	limit int
	after string // id of the last element of the page before
}

// readPage checks that the query has no other keys than the known ones, and reads its paging.
func readPage(query url.Values, known ...string) (page, []violation) {
	var check checker
	for key := range query {
		if key != "limit" && key != "starting_after" && !slices.Contains(known, key) {
			check.add(key, "OBJECT_ADDITIONAL_PROPERTIES", "unknown query parameter %q", key)
		}
	}
	result := page{limit: defaultPage, after: query.Get("starting_after")}
	if query.Has("limit") {
		limit, err := strconv.Atoi(query.Get("limit"))
		if err != nil || limit < 1 || limit > maxPage {
			check.add("limit", "MAXIMUM", "limit must be 1 to %d", maxPage)
		}
		result.limit = limit
	}
	return result, check.found
}

// listTransactions answers a bare array, newest first. Filters are exact but for search, which ignores case and matches
// the transaction id, the session id or either reference.
func (p *Provider) listTransactions(c *call) answer {
	query := c.request.URL.Query()
	paging, found := readPage(query, "merchant_reference", "merchant_reference_2", "session_id", "id", "search", "status",
		"payment_product", "payment_product_type", "created_at.gte", "created_at.lte")
	span, spanFound := readSpan(query)
	if found = append(found, spanFound...); found != nil {
		return invalid(found)
	}
	p.books.mu.Lock()
	defer p.books.mu.Unlock()
	before := len(p.books.transactions) + 1
	if paging.after != "" {
		if before = p.books.txByID[paging.after]; before == 0 {
			return refuse(http.StatusBadRequest, "INVALID_REQUEST_PARAMETER", "starting_after is unknown")
		}
	}
	positions, all := p.transactionsFor(query)
	list := []*transactionBody{}
	for n := range newestFirst(positions, all, before) {
		if moment().Before(p.books.transactions[n-1].Visible) {
			continue
		}
		t := p.ripe(n)
		if !t.matches(query) || !span.holds(t.Created) {
			continue
		}
		list = append(list, p.transactionBody(t, p.books.session(t.Session)))
		if len(list) == paging.limit {
			break
		}
	}
	return reply(http.StatusOK, list)
}

// transactionsFor narrows a query down by the indexes; all means that no index helps.
func (p *Provider) transactionsFor(query url.Values) (positions []int, all bool) {
	b := &p.books
	switch {
	case query.Has("id"):
		for _, id := range query["id"] {
			positions = append(positions, b.txByID[id])
		}
	case query.Has("session_id"):
		for _, id := range query["session_id"] {
			if s := b.session(id); s != nil {
				positions = append(positions, b.txByID[s.Transaction])
			}
		}
	case query.Has("merchant_reference"):
		return b.txByRef[strings.ToLower(query.Get("merchant_reference"))], false
	case query.Has("merchant_reference_2"):
		return b.txByRef[strings.ToLower(query.Get("merchant_reference_2"))], false
	case query.Has("search"):
		search := query.Get("search")
		positions = slices.Clone(b.txByRef[strings.ToLower(search)])
		positions = append(positions, b.txByID[search])
		if s := b.session(search); s != nil {
			positions = append(positions, b.txByID[s.Transaction])
		}
	default:
		return nil, true
	}
	slices.Sort(positions)
	return slices.Compact(positions), false
}

// newestFirst walks the positions, or all, downwards from before. Unknown ones are 0 and left out.
func newestFirst(positions []int, all bool, before int) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		if all {
			for n := before - 1; n > 0; n-- {
				if !yield(n) {
					return
				}
			}
			return
		}
		for _, n := range slices.Backward(positions) {
			if n > 0 && n < before && !yield(n) {
				return
			}
		}
	}
}

// matches applies the exact filters of a query.
func (t *transaction) matches(query url.Values) bool {
	for key, value := range map[string]string{
		"merchant_reference": t.Reference, "merchant_reference_2": t.Reference2, "session_id": t.Session, "id": t.ID,
		"status": t.Status, "payment_product": "kravia", "payment_product_type": t.Product,
	} {
		if query.Has(key) && !slices.Contains(query[key], value) {
			return false
		}
	}
	return true
}

// span is a time filter with either end open when zero.
type span struct{ from, to time.Time }

func readSpan(query url.Values) (span, []violation) {
	var (
		result span
		check  checker
	)
	for key, end := range map[string]*time.Time{"created_at.gte": &result.from, "created_at.lte": &result.to} {
		if !query.Has(key) {
			continue
		}
		at, err := time.Parse(time.RFC3339, query.Get(key))
		if err != nil {
			check.found = append(check.found, violation{
				Code: "INVALID_FORMAT", Path: []string{key}, Message: fmt.Sprintf("%s is not an ISO 8601 time", key),
			})
		}
		*end = at
	}
	return result, check.found
}

func (s span) holds(at time.Time) bool {
	return !at.Before(s.from) && (s.to.IsZero() || !at.After(s.to))
}

// listSessions answers a bare array, newest first. There is no filter by reference; search ignores case and matches
// either reference.
func (p *Provider) listSessions(c *call) answer {
	query := c.request.URL.Query()
	paging, found := readPage(query, "search", "id", "transaction_id", "created_at.gte", "created_at.lte")
	span, spanFound := readSpan(query)
	if found = append(found, spanFound...); found != nil {
		return invalid(found)
	}
	p.books.mu.Lock()
	defer p.books.mu.Unlock()
	before := len(p.books.sessions) + 1
	if paging.after != "" {
		if before = p.books.sessionByID[paging.after]; before == 0 {
			return refuse(http.StatusBadRequest, "INVALID_REQUEST_PARAMETER", "starting_after is unknown")
		}
	}
	positions, all := p.sessionsFor(query)
	list := []*sessionBody{}
	for n := range newestFirst(positions, all, before) {
		s := p.books.sessions[n-1]
		if moment().Before(s.Visible) || !span.holds(s.Created) || !s.matches(query) {
			continue
		}
		list = append(list, p.sessionBody(s))
		if len(list) == paging.limit {
			break
		}
	}
	return reply(http.StatusOK, list)
}

func (p *Provider) sessionsFor(query url.Values) (positions []int, all bool) {
	b := &p.books
	switch {
	case query.Has("id"):
		return []int{b.sessionByID[query.Get("id")]}, false
	case query.Has("transaction_id"):
		if t := b.transaction(query.Get("transaction_id")); t != nil {
			return []int{b.sessionByID[t.Session]}, false
		}
		return nil, false
	case query.Has("search"):
		return b.sessionByRef[strings.ToLower(query.Get("search"))], false
	}
	return nil, true
}

func (s *session) matches(query url.Values) bool {
	if query.Has("id") && query.Get("id") != s.ID ||
		query.Has("transaction_id") && query.Get("transaction_id") != s.Transaction {
		return false
	}
	search := query.Get("search")
	return search == "" || strings.EqualFold(search, s.Reference) || strings.EqualFold(search, s.Reference2)
}
