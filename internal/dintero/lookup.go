package dintero

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// PageSize is the provider's largest page of a list, and how many ids one look-up takes.
const PageSize = 100

// maxPages ends a look-up if the provider ignores its filter and lists everything.
const maxPages = 20

// Session is what the provider holds of one session. Fields that an answer lacks are empty.
type Session struct {
	ID            string
	Reference     string // merchant reference
	Amount        int64  // minor units
	Currency      string
	TransactionID string // set once a transaction exists
	CreatedAt     time.Time
	ExpiresAt     time.Time
	Content       string // [billing.Order.Hash] of the order that it was made for
	Ended         bool   // cancelled, declined or failed for good
}

// InFlight reports whether the session may still become an invoice. One that has expired cannot be paid any more.
func (s *Session) InFlight(now time.Time) bool {
	return s.TransactionID == "" && !s.Ended && (s.ExpiresAt.IsZero() || now.Before(s.ExpiresAt))
}

func (w *wire) session() Session {
	ended := slices.ContainsFunc(w.Events, func(e wireEvent) bool {
		return slices.Contains([]string{"CANCELLED", "DECLINED", "FAILED"}, e.kind())
	})
	return Session{
		ID: strings.TrimSpace(w.ID), Reference: strings.TrimSpace(w.Order.Reference), Amount: w.Order.Amount,
		Currency: capitals(w.Order.Currency), TransactionID: strings.TrimSpace(w.TransactionID),
		CreatedAt: parseTime(w.CreatedAt), ExpiresAt: parseTime(w.ExpiresAt),
		Content: strings.TrimSpace(w.Metadata.Content),
		Ended:   ended || w.CancelledAt != "",
	}
}

// Transaction reads one transaction by its id. Errors of all look-ups are [*Error], with [CodeNotFound] for an id that
// the provider does not know.
func (c *Client) Transaction(ctx context.Context, id string) (*Transaction, error) {
	w, failure := c.readTransaction(ctx, id)
	if failure != nil {
		return nil, failure
	}
	return w.transaction(), nil
}

func (c *Client) readTransaction(ctx context.Context, id string) (*wire, *Error) {
	return c.readOne(ctx, "transaction", "transactions", id)
}

// Session reads one session by its id.
func (c *Client) Session(ctx context.Context, id string) (*Session, error) {
	w, failure := c.readOne(ctx, "session", "sessions", id)
	if failure != nil {
		return nil, failure
	}
	return new(w.session()), nil
}

func (c *Client) readOne(ctx context.Context, operation, list, id string) (*wire, *Error) {
	r, failure := c.read(ctx, c.apiCall(operation, countLookUp, http.MethodGet, nil, nil, list, id))
	if failure != nil {
		return nil, failure
	}
	w, err := decode[wire](r.body)
	switch {
	case err != nil || w.ID == "":
		return nil, unreadable(operation, r)
	case w.ID != id:
		return nil, &Error{
			Operation: operation, Code: CodeOther, Status: r.status,
			Message: fmt.Sprintf(msgOther, operation),
		}
	}
	return w, nil
}

// TransactionsByReference lists all transactions with exactly this merchant reference, failed ones too. An empty list
// proves nothing for some minutes after a payment, since the provider's index may lag.
func (c *Client) TransactionsByReference(ctx context.Context, reference string) ([]Transaction, error) {
	elements, failure := c.pages(ctx, "transactions", url.Values{"merchant_reference": {reference}})
	if failure != nil {
		return nil, failure
	}
	return referenced(
		chosen(elements, func(t *Transaction) bool { return t.Reference == reference || t.Reference == "" }))
}

// referenced refuses a list with a transaction without a reference: it could be the one that was looked for.
func referenced(found []Transaction) ([]Transaction, error) {
	if slices.ContainsFunc(found, func(t Transaction) bool { return t.Reference == "" }) {
		return nil, &Error{
			Operation: "transactions", Code: CodeUnreadable, Status: http.StatusOK,
			Message: msgNoReference,
		}
	}
	return found, nil
}

func chosen(elements []*wire, wanted func(*Transaction) bool) []Transaction {
	var found []Transaction
	for _, w := range elements {
		if t := w.transaction(); wanted(t) {
			found = append(found, *t)
		}
	}
	return found
}

// TransactionsByID reads up to PageSize transactions in one request. Ids that the provider does not know are missing
// in the result, whose order is the provider's.
func (c *Client) TransactionsByID(ctx context.Context, ids []string) ([]Transaction, error) {
	if len(ids) == 0 || len(ids) > PageSize {
		return nil, fmt.Errorf(msgTooManyIDs, len(ids), PageSize)
	}
	elements, failure := c.page(ctx, "transactions", url.Values{"id": ids})
	if failure != nil {
		return nil, failure
	}
	return chosen(elements, func(t *Transaction) bool { return slices.Contains(ids, t.ID) }), nil
}

// TransactionsAfter reads one page of all invoices of the account, whoever made them, from behind the id
// after on; from the start for "". A page of less than PageSize is the last.
func (c *Client) TransactionsAfter(ctx context.Context, after string) ([]Transaction, error) {
	query := url.Values{"payment_product": {"kravia"}}
	if after != "" {
		query.Set("starting_after", after)
	}
	elements, failure := c.page(ctx, "transactions", query)
	if failure != nil {
		return nil, failure
	}
	return referenced(chosen(elements, func(*Transaction) bool { return true }))
}

// SessionsByReference lists all sessions with exactly this merchant reference, under the caution of
// [Client.TransactionsByReference]. The provider has only a search over several fields; the rest is left out
// here. No newer specification has this list: its absence is [ErrNotAvailable].
func (c *Client) SessionsByReference(ctx context.Context, reference string) ([]Session, error) {
	elements, failure := c.pages(ctx, sessionList, url.Values{"search": {reference}})
	sessions, err := sessionsOf(elements, failure)
	return slices.DeleteFunc(sessions, func(s Session) bool { return s.Reference != reference }), err
}

// SessionsAfter reads one page of all sessions of the account, as [Client.TransactionsAfter] reads transactions.
func (c *Client) SessionsAfter(ctx context.Context, after string) ([]Session, error) {
	query := url.Values{}
	if after != "" {
		query.Set("starting_after", after)
	}
	return sessionsOf(c.page(ctx, sessionList, query))
}

const sessionList = "sessions"

func sessionsOf(elements []*wire, failure *Error) ([]Session, error) {
	switch {
	case failure == nil:
	case failure.Operation == sessionList &&
		(failure.Status == http.StatusForbidden || failure.Status == http.StatusNotFound):
		return nil, notAvailable(failure, msgNoSessionList)
	default: // also a token that is refused
		return nil, failure
	}
	sessions := make([]Session, len(elements))
	for i, w := range elements {
		sessions[i] = w.session()
	}
	return sessions, nil
}

// pages reads all pages of a list, each by the id of the last element so far.
func (c *Client) pages(ctx context.Context, operation string, query url.Values) ([]*wire, *Error) {
	var all []*wire
	seen := make(map[string]bool)
	for range maxPages {
		elements, failure := c.page(ctx, operation, query)
		if failure != nil {
			return nil, failure
		}
		for _, w := range elements {
			if seen[w.ID] {
				return nil,
					&Error{
						Operation: operation, Code: CodeUnreadable, Status: http.StatusOK,
						Message: msgListRepeats,
					}
			}
			seen[w.ID] = true
			query.Set("starting_after", w.ID)
		}
		all = append(all, elements...)
		if len(elements) < PageSize {
			return all, nil
		}
	}
	return nil, &Error{Operation: operation, Code: CodeTooLarge, Message: fmt.Sprintf(msgTooManyPages, maxPages)}
}

// page reads one page of a list. An element that cannot be read makes the page an error: it could be the one that was
// looked for.
func (c *Client) page(ctx context.Context, operation string, query url.Values) ([]*wire, *Error) {
	query.Set("limit", strconv.Itoa(PageSize))
	r, failure := c.read(ctx, c.apiCall(operation, countLookUp, http.MethodGet, query, nil, operation))
	if failure != nil {
		return nil, failure
	}
	elements, err := decode[[]*wire](r.body)
	if err != nil || slices.ContainsFunc(*elements, func(w *wire) bool { return w == nil || w.ID == "" }) {
		return nil, unreadable(operation, r)
	}
	return *elements, nil
}

// read makes a call whose answer must be a complete 200.
func (c *Client) read(ctx context.Context, call call) (*reply, *Error) {
	r, failure := c.send(ctx, call)
	switch {
	case failure != nil:
		return nil, failure
	case r.status != http.StatusOK:
		return nil, refusal(call.operation, r)
	case r.failure != nil:
		return nil, r.failure
	}
	return r, nil
}

func unreadable(operation string, r *reply) *Error {
	return &Error{
		Operation: operation, Code: CodeUnreadable, Status: r.status,
		Message: msgNotAsked,
	}
}
