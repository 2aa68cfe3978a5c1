package simulator

import (
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

// The documented filters of the lists.
const (
	transactionFilters = " merchant_reference merchant_reference_2 session_id id search status payment_product" +
		" payment_product_type store_id currency amount amount.gte amount.lte created_at.gte" +
		" created_at.lte captured_at.gte captured_at.lte refunded_at.gte refunded_at.lte customer_id" +
		" payout_destination_id payout_correlation_id" +
		" payment_operation card_brand token_id terminal_id channel includes "
	sessionFilters = " search id transaction_id store_id created_at.gte created_at.lte "
)

// query is a checked list query.
type query struct {
	url.Values

	limit  int
	bounds map[string]int64 // of the amount and, in microseconds, of times
}

// readQuery checks that the query has no other keys than the known ones, and reads its page size and bounds.
func readQuery(values url.Values, known string) (*query, violations) {
	var found violations
	q := &query{values, defaultPage, map[string]int64{}}
	for key := range values {
		var err error
		value := values.Get(key)
		switch name, _, _ := strings.Cut(key, "."); {
		case key == "starting_after":
		case key == "limit":
			if q.limit, err = strconv.Atoi(value); err != nil || q.limit < 1 || q.limit > maxPage {
				found.add(violates("MAXIMUM", "limit must be 1 to %d", maxPage), key)
			}
		case !strings.Contains(known, " "+key+" "):
			found.add(violates("OBJECT_ADDITIONAL_PROPERTIES", "unknown query parameter %q", key), key)
		case name == "amount":
			if q.bounds[key], err = strconv.ParseInt(value, 10, 64); err != nil {
				found.add(violates("INVALID_TYPE", "%s is not a number", key), key)
			}
		case name != key:
			at, err := readTime(value)
			if err != nil {
				found.add(violates("INVALID_FORMAT", "%s is not an ISO 8601 time", key), key)
			}
			q.bounds[key] = at.UnixMicro()
		}
	}
	return q, found
}

// readTime reads an ISO 8601 time or day; UTC is assumed where no zone is given.
func readTime(value string) (at time.Time, err error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", time.DateOnly} {
		if at, err = time.Parse(layout, value); err == nil {
			return at, nil
		}
	}
	return at, err
}

// within reports whether the value is within the bounds that the query sets under the name. An unknown value is within
// none.
func (q *query) within(name string, value int64, known bool) bool {
	for key, bound := range q.bounds {
		of, side, _ := strings.Cut(key, ".")
		if of == name && (!known || side == "" && value != bound || side == "gte" && value < bound || side == "lte" &&
			value > bound) {
			return false
		}
	}
	return true
}

// among reports whether every filter that the query sets allows the element's value.
func (q *query) among(values map[string]string) bool {
	for key, value := range values {
		if q.Has(key) && !slices.Contains(q.Values[key], value) {
			return false
		}
	}
	return true
}

// searches reports whether the text that the query searches for is among the texts, whatever its case. A query without
// a search matches.
func (q *query) searches(texts ...string) bool {
	return !q.Has("search") ||
		slices.ContainsFunc(texts, func(text string) bool { return strings.EqualFold(text, q.Get("search")) })
}

// list answers with a bare array, newest first, of what render makes of the elements; it makes nil of those that do
// not match. words are filters that the shelf can find by; the first that the query has is used, which spares a pass
// over all.
func list[T any](c *call, filters string, from *shelf[T], words []string, render func(*query, T) any) answer {
	q, found := readQuery(c.request.URL.Query(), filters)
	if found != nil {
		return invalid(found)
	}
	before := len(from.all) + 1
	if q.Has("starting_after") {
		if before = from.byID[q.Get("starting_after")]; before == 0 {
			return badRequest("INVALID_REQUEST_PARAMETER", "starting_after is unknown")
		}
	}
	position, count := func(i int) int { return i + 1 }, len(from.all)
	if i := slices.IndexFunc(words, q.Has); i >= 0 {
		found := from.find(q.Values[words[i]]...)
		position, count = func(i int) int { return found[i] }, len(found)
	}
	elements := []any{}
	for i := count - 1; i >= 0 && len(elements) < q.limit; i-- {
		n := position(i)
		if n >= before {
			continue
		}
		if element := render(q, from.all[n-1]); element != nil {
			elements = append(elements, element)
		}
	}
	return reply(elements)
}

// listTransactions lists transactions. The filters are exact, except search: it ignores case and matches the
// transaction id, the session id, either reference, the e-mail address, the phone number or the name.
func (p *Provider) listTransactions(c *call) answer {
	words := []string{"id", "session_id", "merchant_reference", "merchant_reference_2", "search"}
	return list(c, transactionFilters, &p.ledger.transactions, words, func(q *query, t *transaction) any {
		if moment().Before(t.Visible) {
			return nil
		}
		t = p.ripe(t)
		s := p.ledger.sessions.get(t.SessionID)
		if !t.matches(q, s) {
			return nil
		}
		return p.answerTransaction(t, s)
	})
}

func (t *transaction) matches(q *query, s *session) bool {
	return q.among(map[string]string{
		"merchant_reference": t.Reference, "merchant_reference_2": t.Reference2, "session_id": t.SessionID, "id": t.ID,
		"status": t.Status, "payment_product": "kravia", "payment_product_type": t.Product, "currency": t.Currency,
		"channel": "ecommerce", "customer_id": members(s.Customer).text("customer_id"), "store_id": s.store(),
		// Invoices have none of these.
		"payment_operation": "", "card_brand": "", "token_id": "", "terminal_id": "", "payout_destination_id": "",
		"payout_correlation_id": "",
	}) && q.within("amount", t.Amount, true) && q.within("created_at", t.CreatedAt.UnixMicro(), true) &&
		q.within("captured_at", t.CapturedAt.UnixMicro(), !t.CapturedAt.IsZero()) &&
		q.within("refunded_at", 0, false) &&
		q.searches(append([]string{t.ID, t.SessionID, t.Reference, t.Reference2}, t.Words...)...)
}

func (s *session) store() string { return members(members(s.Order).get("store")).text("id") }

// listSessions lists sessions. There is no filter by reference; search ignores case and matches either reference or the
// name.
func (p *Provider) listSessions(c *call) answer {
	if p.options.NoSessionList {
		return notFound("GET /v1/sessions")
	}
	return list(c, sessionFilters, &p.ledger.sessions, []string{"id", "transaction_id", "search"},
		func(q *query, s *session) any {
			if moment().Before(s.Visible) || !q.within("created_at", s.CreatedAt.UnixMicro(), true) ||
				!q.searches(s.Reference, s.Reference2, s.Buyer) ||
				!q.among(map[string]string{"id": s.ID, "transaction_id": s.TransactionID, "store_id": s.store()}) {
				return nil
			}
			return s.sessionBody
		})
}
