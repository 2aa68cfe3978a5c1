package simulator

import (
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

func (p *Provider) getTransaction(c *call) answer {
	p.books.mu.Lock()
	defer p.books.mu.Unlock()
	n := p.books.txByID[c.request.PathValue("id")]
	if n == 0 {
		return notFound("transaction")
	}
	t := p.ripe(n)
	s := p.books.session(t.Session)
	body := p.transactionBody(t, s)
	if slices.Contains(c.request.URL.Query()["includes"], "session") {
		body.Session = p.sessionBody(s)
	}
	return reply(http.StatusOK, body)
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

// query is a checked list query.
type query struct {
	url.Values

	limit   int
	after   string // id of the last element of the page before
	times   map[string]time.Time
	amounts map[string]int64
}

// readQuery checks that the query has no other keys than the known ones, and reads its paging, times and amounts.
func readQuery(values url.Values, known string) (query, []violation) {
	var check checker
	q := query{values, defaultPage, values.Get("starting_after"), map[string]time.Time{}, map[string]int64{}}
	for key := range values {
		var err error
		value := values.Get(key)
		switch name, _, _ := strings.Cut(key, "."); {
		case key == "starting_after":
		case key == "limit":
			if q.limit, err = strconv.Atoi(value); err != nil || q.limit < 1 || q.limit > maxPage {
				check.add("", key, "MAXIMUM", "limit must be 1 to %d", maxPage)
			}
		case !strings.Contains(known, " "+key+" "):
			check.add("", key, "OBJECT_ADDITIONAL_PROPERTIES", "unknown query parameter %q", key)
		case name == "amount":
			if q.amounts[key], err = strconv.ParseInt(value, 10, 64); err != nil {
				check.add("", key, "INVALID_TYPE", "%s is not a number", key)
			}
		case name != key:
			if q.times[key], err = readTime(value); err != nil {
				check.add("", key, "INVALID_FORMAT", "%s is not an ISO 8601 time", key)
			}
		}
	}
	return q, check.found
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

// during says whether the time is within the bounds that the query sets for it. The zero time is within none.
func (q *query) during(name string, at time.Time) bool {
	from, bounded := q.times[name+".gte"]
	to, limited := q.times[name+".lte"]
	if at.IsZero() {
		return !bounded && !limited
	}
	return !at.Before(from) && (!limited || !at.After(to))
}

// costs says whether the amount is within the bounds that the query sets.
func (q *query) costs(amount int64) bool {
	for key, bound := range q.amounts {
		if key == "amount" && amount != bound || key == "amount.gte" && amount < bound || key == "amount.lte" && amount > bound {
			return false
		}
	}
	return true
}

// before is the position in front of which the page begins; known is false when the query names an unknown one.
func (q *query) before(byID map[string]int) (position int, known bool) {
	if q.after == "" {
		return len(byID) + 1, true
	}
	position, known = byID[q.after]
	return position, known
}

// page collects what render gives for the elements before the given one, newest first, until the page is full. Unknown
// positions are 0 and left out; all walks every element.
func page[T any](q *query, positions []int, all bool, before int, render func(n int) (T, bool)) answer {
	list := []T{}
	next := func(n int) bool {
		if n > 0 && n < before {
			if element, ok := render(n); ok {
				list = append(list, element)
			}
		}
		return len(list) < q.limit
	}
	if all {
		for n := before - 1; n > 0 && next(n); n-- {
		}
		return reply(http.StatusOK, list)
	}
	slices.Sort(positions)
	for _, n := range slices.Backward(slices.Compact(positions)) {
		if !next(n) {
			break
		}
	}
	return reply(http.StatusOK, list)
}
