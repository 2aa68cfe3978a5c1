package dintero

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// maxAnswer is the longest answer that is read, in bytes. A page of a hundred transactions is far shorter.
const maxAnswer = 4 << 20

// Guard is the provider's duplicate guard: it checks the merchant reference before it creates anything.
type Guard uint8

// The guards, each a value of the Dintero-Feature-Toggles header.
const (
	StrictSuccess Guard = iota + 1 // refuses a reference if a session with it was authorized
	Strict                         // refuses a reference if there is any session with it, also a failed one
)

// toggle is the header's value, "" for no guard.
func (g Guard) toggle() string {
	switch g {
	case StrictSuccess:
		return "strict-success-merchant-reference"
	case Strict:
		return "strict-merchant-reference"
	}
	return ""
}

// String is the word of the setting: strict-success, strict.
func (g Guard) String() string { return strings.TrimSuffix(g.toggle(), "-merchant-reference") }

// ParseGuard reads a word that String gives.
func ParseGuard(text string) (Guard, error) {
	for _, g := range []Guard{StrictSuccess, Strict} {
		if g.String() == text {
			return g, nil
		}
	}
	return 0, fmt.Errorf(msgGuard, text)
}

// call is one request before it has a token.
type call struct {
	operation string
	kind      count
	method    string
	target    string // absolute
	body      []byte // nil for none
	guard     Guard
	bearer    bool
	once      bool  // a 401 is the answer, not a reason to get another token
	limit     int64 // of the answer, in bytes
}

// reply is an answer that arrived. If failure is set, its body is not complete.
type reply struct {
	status     int
	location   string
	date       string
	retryAfter time.Duration
	retryKnown bool
	body       []byte
	failure    *Error
}

// apiCall is a call below the base URL with a token.
func (c *Client) apiCall(operation string, kind count, method string, query url.Values, body []byte,
	path ...string,
) call {
	for i, part := range path {
		path[i] = url.PathEscape(part)
	}
	target := c.base.JoinPath(path...)
	target.RawQuery = query.Encode()
	return call{
		operation: operation, kind: kind, method: method, target: target.String(), body: body, bearer: true,
		limit: maxAnswer,
	}
}

// send makes the call, and repeats it once with a new token after a 401: the provider checks the token before it does
// anything.
func (c *Client) send(ctx context.Context, call call) (*reply, *Error) {
	if !call.bearer {
		return c.attempt(ctx, call, "")
	}
	token, failure := c.token(ctx, "")
	if failure != nil {
		return nil, failure
	}
	r, failure := c.attempt(ctx, call, token)
	if failure != nil || r.status != http.StatusUnauthorized || call.once {
		return r, failure
	}
	c.log.Warn("token refused, getting another", "operation", call.operation)
	if token, failure = c.token(ctx, token); failure != nil {
		return nil, failure
	}
	return c.attempt(ctx, call, token)
}

// attempt waits for its turn, then makes one request.
func (c *Client) attempt(ctx context.Context, call call, token string) (*reply, *Error) {
	if failure := c.turn(ctx, call.operation); failure != nil {
		return nil, failure
	}
	timed, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	req, failure := c.request(timed, call, token)
	if failure != nil {
		return nil, failure
	}
	c.counts[call.kind].Add(1)
	secrets := c.tokens.secretForms(token)
	r, failure := c.exchange(req, call.operation, call.limit, secrets)
	switch {
	case failure != nil:
		if ctx.Err() != nil {
			failure.Code = CodeCancelled
		}
		return nil, failure
	case r.status == http.StatusTooManyRequests:
		c.pace.Throttled(r.retryAfter, r.retryKnown)
	default:
		c.pace.Passed()
	}
	r.scrub(secrets)
	return r, nil
}

// turn waits until a request may leave. A failure means that it must not.
func (c *Client) turn(ctx context.Context, operation string) *Error {
	err := c.pace.Wait(ctx)
	if err == nil {
		err = ctx.Err()
	}
	if err == nil {
		return nil
	}
	return cancelled(operation, err)
}

// request builds the HTTP request. GetBody is nil: with it, the transport would repeat a POST on its own after a
// connection broke.
func (c *Client) request(ctx context.Context, call call, token string) (*http.Request, *Error) {
	req, err := http.NewRequestWithContext(ctx, call.method, call.target, bytes.NewReader(call.body))
	if err != nil {
		return nil, &Error{
			Operation: call.operation, Code: CodeRejected, Message: msgNotCallable, Unsent: true,
			cause: err,
		}
	}
	req.GetBody = nil
	c.setHeaders(req)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if toggle := call.guard.toggle(); toggle != "" {
		req.Header.Set("Dintero-Feature-Toggles", toggle)
	}
	return req, nil
}

func (c *Client) setHeaders(req *http.Request) {
	req.Header.Set("Accept", "application/json, */*;q=0.5")
	if req.Method == http.MethodPost && req.ContentLength > 0 {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("User-Agent", systemName+"/"+c.version)
	req.Header.Set("Dintero-System-Name", systemName)
	req.Header.Set("Dintero-System-Version", c.version)
}

// exchange sends the request and reads the answer. A failure is Unsent only on proof: the transport looked for a
// connection and never got one. Once it has one, bytes may have left.
func (c *Client) exchange(req *http.Request, operation string, limit int64, secrets []string) (*reply, *Error) {
	var sought, got atomic.Bool
	started := time.Now()
	trace := &httptrace.ClientTrace{
		GetConn: func(string) { sought.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { got.Store(true) },
	}
	resp, err := c.http.Do(req.WithContext(httptrace.WithClientTrace(req.Context(), trace)))
	if err != nil {
		failure := networkError(operation, err, secrets)
		failure.Unsent = sought.Load() && !got.Load()
		c.log.Debug("call failed",
			"operation", operation, "code", failure.Code, "unsent", failure.Unsent, "took", time.Since(started))
		return nil, failure
	}
	defer func() { _ = resp.Body.Close() }()
	r := &reply{status: resp.StatusCode, location: resp.Header.Get("Location"), date: resp.Header.Get("Date")}
	r.retryAfter, r.retryKnown = parseRetryAfter(resp.Header.Get("Retry-After"), time.Now())
	r.body, err = io.ReadAll(io.LimitReader(resp.Body, limit+1))
	switch {
	case err != nil:
		r.failure = networkError(operation, err, secrets)
		r.failure.Status = r.status
	case int64(len(r.body)) > limit:
		r.body = r.body[:limit]
		r.failure = &Error{
			Operation: operation, Code: CodeTooLarge, Status: r.status,
			Message: fmt.Sprintf(msgTooLong, limit),
		}
	}
	c.log.Debug("call answered", "operation", operation, "status", r.status, "bytes", len(r.body), "took",
		time.Since(started))
	return r, nil
}
