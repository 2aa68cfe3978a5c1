package dintero

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"
)

// A token without a readable lifetime is kept this long; none is kept longer than the other.
const (
	unstatedLife = 10 * time.Minute
	longestLife  = 24 * time.Hour
)

// tokens holds the one access token that all workers share.
type tokens struct {
	clientID string
	secret   Secret

	mu      sync.Mutex
	forms   []string // what secretForms gave for the token formsOf
	formsOf string
	value   string
	renewAt time.Time
	flight  *flight // the renewal under way, nil if none
}

// flight is one renewal, made by one worker on behalf of all that wait for done.
type flight struct {
	done      chan struct{}
	value     string
	err       *Error
	abandoned bool // the worker that made it was cancelled: this says nothing to the others
}

// Authenticate gets a token now, so that wrong credentials are found before the first order. Such an error wraps
// [ErrCredentials]; others are an [*Error].
func (c *Client) Authenticate(ctx context.Context) error {
	if _, err := c.token(ctx); err != nil {
		return err
	}
	return nil
}

// token is the cached token, or a new one that one worker fetches for all. Waiting for it ends with ctx.
func (c *Client) token(ctx context.Context) (string, *Error) {
	t := c.tokens
	for {
		t.mu.Lock()
		if t.value != "" && time.Now().Before(t.renewAt) {
			value := t.value
			t.mu.Unlock()
			return value, nil
		}
		f := t.flight
		if f == nil {
			f = &flight{done: make(chan struct{})}
			t.flight = f
			t.mu.Unlock()
			c.renew(ctx, f)
			return f.value, f.err
		}
		t.mu.Unlock()
		select {
		case <-f.done:
		case <-ctx.Done():
			return "", cancelled("token", ctx.Err())
		}
		if !f.abandoned {
			return f.value, f.err
		}
	}
}

// drop forgets a token that was answered 401, unless another worker has renewed it already.
func (t *tokens) drop(failed string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.value == failed {
		t.value = ""
	}
}

// renew lands the flight, whatever happens.
func (c *Client) renew(ctx context.Context, f *flight) {
	var life time.Duration
	f.err = &Error{Operation: "token", Code: CodeToken, Unsent: true}
	defer func() {
		t := c.tokens
		t.mu.Lock()
		defer t.mu.Unlock()
		if f.err == nil {
			t.value, t.renewAt = f.value, time.Now().Add(life-renewalMargin(life))
		}
		f.abandoned = f.err != nil && ctx.Err() != nil
		t.flight = nil
		close(f.done)
	}()
	f.value, life, f.err = c.fetchToken(ctx)
}

// renewalMargin is how long before its end a token is given up: a minute or a tenth of its life, whichever is more, but
// never more than half of it.
func renewalMargin(life time.Duration) time.Duration {
	return min(max(time.Minute, life/10), life/2)
}

// fetchToken asks for a token by client credentials. The audience names the core API whatever host is called.
func (c *Client) fetchToken(ctx context.Context) (value string, life time.Duration, failure *Error) {
	const operation = "token"
	open, shut := c.pace.Until(ctx) // the token does not share the rate
	defer shut()
	if open.Err() != nil {
		return "", 0, cancelled(operation, context.Cause(open))
	}
	body := []byte(`{"grant_type":"client_credentials","audience":"https://api.dintero.com/v1/accounts/` + c.account + `"}`)
	timed, cancel := context.WithTimeout(open, c.timeout)
	defer cancel()
	target := c.base.JoinPath("accounts", c.account, "auth", "token").String()
	req, err := http.NewRequestWithContext(timed, http.MethodPost, target, bytes.NewReader(body))
	if err != nil {
		return "", 0, &Error{Operation: operation, Code: CodeToken, Unsent: true, cause: err}
	}
	req.GetBody = nil
	c.setHeaders(req)
	req.SetBasicAuth(c.tokens.clientID, string(c.tokens.secret))
	c.counts[countToken].Add(1)
	r, failure := c.exchange(req, operation, maxAnswer, c.tokens.secretForms(""))
	if failure != nil && open.Err() != nil {
		return "", 0, cancelled(operation, context.Cause(open))
	}
	if failure != nil {
		failure.Unsent = true // whatever became of it, no order was part of it
		return "", 0, failure
	}
	if r.status == http.StatusTooManyRequests {
		c.pace.Throttled(r.retryAfter, r.retryKnown)
	}
	if r.status != http.StatusOK {
		r.scrub()
		failure = refusal(operation, r)
		if r.status != http.StatusUnauthorized && r.status != http.StatusForbidden && r.status != http.StatusTooManyRequests {
			failure.Code = CodeToken
		}
		failure.Unsent = true
		return "", 0, failure
	}
	return c.readToken(operation, r)
}

func (c *Client) readToken(operation string, r *reply) (string, time.Duration, *Error) {
	var wire struct {
		AccessToken text   `json:"access_token"`
		ExpiresIn   number `json:"expires_in"` // seconds
	}
	if r.failure != nil || json.Unmarshal(r.body, &wire) != nil || wire.AccessToken == "" {
		// The body is not shown: it may hold half a token.
		return "", 0, &Error{
			Operation: operation, Code: CodeToken, Status: r.status, Message: "the answer holds no token", Unsent: true,
		}
	}
	life := unstatedLife
	if seconds := int64(wire.ExpiresIn); seconds > 0 {
		life = time.Duration(min(seconds, int64(longestLife/time.Second))) * time.Second
	}
	c.log.Debug("token renewed", "life", life)
	return string(wire.AccessToken), life, nil
}
