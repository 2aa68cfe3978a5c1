package dintero

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// PageSize is the provider's largest page of a list, and how many ids one look-up takes.
const PageSize = 100

// maxPages bounds a look-up whose filter the provider does not honour.
const maxPages = 20

// Session is what the provider holds of one session. Fields that an answer lacks are empty.
type Session struct {
	ID            string
	Reference     string // merchant reference
	Amount        int64  // minor units
	Currency      string
	TransactionID string // set once a transaction exists
	CreatedAt     time.Time
	Ended         bool // cancelled, declined or failed for good
}

// InFlight reports whether the session may still become an invoice, or just has.
func (s *Session) InFlight() bool { return s.TransactionID == "" && !s.Ended }

func (w *wireSession) session() Session {
	ended := slices.ContainsFunc(w.Events, func(e wireEvent) bool {
		switch e.kind() {
		case "CANCELLED", "DECLINED", "FAILED":
			return true
		}
		return false
	})
	order := w.Order.value
	return Session{
		ID: string(w.ID), Reference: string(order.Reference), Amount: int64(order.Amount), Currency: string(order.Currency),
		TransactionID: string(w.TransactionID), CreatedAt: parseTime(w.CreatedAt), Ended: ended || w.CancelledAt != "",
	}
}

// Transaction reads one transaction by its id. Errors of all look-ups are [*Error], with [CodeNotFound] for an id that
// the provider does not know.
func (c *Client) Transaction(ctx context.Context, id string) (*Transaction, error) {
	wire, failure := c.readTransaction(ctx, id)
	if failure != nil {
		return nil, failure
	}
	return wire.transaction(), nil
}

// Session reads one session by its id.
func (c *Client) Session(ctx context.Context, id string) (*Session, error) {
	const operation = "session"
	r, failure := c.read(ctx, c.apiCall(operation, countLookUp, http.MethodGet, nil, nil, "sessions", id))
	if failure != nil {
		return nil, failure
	}
	var wire wireSession
	if err := json.Unmarshal(r.body, &wire); err != nil || string(wire.ID) != id {
		return nil, unreadable(operation, r)
	}
	session := wire.session()
	return &session, nil
}

// TransactionsByReference lists all transactions with exactly this merchant reference, failed ones too. That the list
// is empty proves nothing for some time after a payment: the provider's index may lag.
func (c *Client) TransactionsByReference(ctx context.Context, reference string) ([]Transaction, error) {
	query := url.Values{"merchant_reference": {reference}}
	var found []Transaction
	err := c.pages(ctx, "transactions", query, func(element json.RawMessage) (id string, err error) {
		t, err := ParseTransaction(element)
		if err != nil {
			return "", err
		}
		if t.Reference == reference {
			found = append(found, *t)
		}
		return t.ID, nil
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}

// SessionsByReference lists all sessions with exactly this merchant reference, under the caution of
// [Client.TransactionsByReference]. The provider has only a search over several fields; the rest is left out here.
func (c *Client) SessionsByReference(ctx context.Context, reference string) ([]Session, error) {
	var found []Session
	err := c.pages(ctx, "sessions", url.Values{"search": {reference}}, func(element json.RawMessage) (id string, err error) {
		var wire wireSession
		if err := json.Unmarshal(element, &wire); err != nil {
			return "", errors.New("an element is no session")
		}
		if s := wire.session(); s.Reference == reference {
			found = append(found, s)
		}
		return string(wire.ID), nil
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}

// TransactionsByID reads up to PageSize transactions in one request. Ids that the provider does not know are missing
// in the result, whose order is the provider's.
func (c *Client) TransactionsByID(ctx context.Context, ids []string) ([]Transaction, error) {
	const operation = "transactions"
	if len(ids) == 0 || len(ids) > PageSize {
		return nil, fmt.Errorf("%d ids in one look-up, it takes 1 to %d", len(ids), PageSize)
	}
	query := url.Values{"id": ids, "limit": {strconv.Itoa(PageSize)}}
	r, failure := c.read(ctx, c.apiCall(operation, countLookUp, http.MethodGet, query, nil, operation))
	if failure != nil {
		return nil, failure
	}
	elements, failure := decode(operation, r)
	if failure != nil {
		return nil, failure
	}
	var found []Transaction
	for _, element := range elements {
		t, err := ParseTransaction(element)
		if err != nil {
			return nil, unreadable(operation, r)
		}
		if slices.Contains(ids, t.ID) {
			found = append(found, *t)
		}
	}
	return found, nil
}

// pages walks through all pages of a list. take gives back the element's id, by which the next page is asked for. An
// element it cannot read ends the walk: it might be the one that was looked for.
func (c *Client) pages(
	ctx context.Context, operation string, query url.Values, take func(json.RawMessage) (id string, err error),
) error {
	query.Set("limit", strconv.Itoa(PageSize))
	seen := make(map[string]bool)
	for range maxPages {
		r, failure := c.read(ctx, c.apiCall(operation, countLookUp, http.MethodGet, query, nil, operation))
		if failure != nil {
			return failure
		}
		elements, failure := decode(operation, r)
		if failure != nil {
			return failure
		}
		last := ""
		for _, element := range elements {
			id, err := take(element)
			if err != nil || id == "" {
				return unreadable(operation, r)
			}
			if seen[id] {
				return &Error{Operation: operation, Code: CodeUnreadable, Status: r.status, Message: "the list repeats itself"}
			}
			seen[id], last = true, id
		}
		if len(elements) < PageSize {
			return nil
		}
		query.Set("starting_after", last)
	}
	return &Error{Operation: operation, Code: CodeTooLarge, Message: fmt.Sprintf("more than %d pages", maxPages)}
}
