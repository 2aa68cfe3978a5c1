package dintero

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
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

	turn     chan struct{} // full while one worker reads or renews what stands below it
	value    string
	renewAt  time.Time
	failure  *Error       // of the last renewal that failed
	failures atomic.Int64 // how many did

	ahead atomic.Pointer[time.Duration] // see ClockAhead

	mu      sync.Mutex
	forms   []string // what secretForms gave for the token formsOf
	formsOf string
}

// Authenticate gets a token now, so that wrong credentials are found before the first order. Such an error wraps
// [ErrCredentials]; others are an [*Error].
func (c *Client) Authenticate(ctx context.Context) error {
	if _, err := c.token(ctx, ""); err != nil {
		return err
	}
	return nil
}

// token gives the cached token, or a new one if there is none, if it is due for renewal, or if it is the refused one.
// One worker fetches it for all; they share its failure too, unless that worker was cancelled. Waiting ends with ctx.
func (c *Client) token(ctx context.Context, refused string) (string, *Error) {
	t := c.tokens
	failures := t.failures.Load()
	select {
	case t.turn <- struct{}{}:
		defer func() { <-t.turn }()
	case <-ctx.Done():
		return "", cancelled("token", ctx.Err())
	}
	switch {
	case t.value != "" && t.value != refused && time.Now().Before(t.renewAt):
		return t.value, nil
	case t.failures.Load() != failures:
		return "", t.failure
	}
	value, life, failure := c.fetchToken(ctx)
	switch {
	case failure == nil:
		t.value, t.renewAt = value, time.Now().Add(life-renewalMargin(life))
	case ctx.Err() == nil:
		t.failure = failure
		t.failures.Add(1)
	}
	return value, failure
}

// renewalMargin is how long before its end a token is renewed: a minute or a tenth of its life, whichever is more, but
// at most half of its life.
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
	timed, cancel := context.WithTimeout(open, c.timeout)
	defer cancel()
	body := []byte(`{"grant_type":"client_credentials","audience":"https://api.dintero.com/v1/accounts/` +
		c.account + `"}`)
	call := c.apiCall(operation, countToken, http.MethodPost, nil, body, "accounts", c.account, "auth", "token")
	req, failure := c.request(timed, call, "")
	if failure != nil {
		return "", 0, failure
	}
	req.SetBasicAuth(c.tokens.clientID, string(c.tokens.secret))
	c.counts[countToken].Add(1)
	secrets := c.tokens.secretForms("")
	r, failure := c.exchange(req, operation, maxAnswer, secrets)
	if failure != nil && open.Err() != nil {
		return "", 0, cancelled(operation, context.Cause(open))
	}
	if failure != nil {
		failure.Unsent = true // whatever became of it, no order was part of it
		return "", 0, failure
	}
	if date, err := http.ParseTime(r.date); err == nil {
		c.tokens.ahead.Store(new(time.Since(date)))
	}
	if r.status == http.StatusTooManyRequests {
		c.pace.Throttled(r.retryAfter, r.retryKnown)
	}
	if r.status != http.StatusOK {
		r.scrub(secrets)
		failure = refusal(operation, r)
		if r.status != http.StatusUnauthorized && r.status != http.StatusForbidden &&
			r.status != http.StatusTooManyRequests {
			failure.Code = CodeToken
		}
		failure.Unsent = true
		return "", 0, failure
	}
	return c.readToken(operation, r)
}

func (c *Client) readToken(operation string, r *reply) (string, time.Duration, *Error) {
	type answer struct {
		Token   string `json:"access_token"`
		Seconds int64  `json:"expires_in"`
	}
	token, err := decode[answer](r.body)
	if r.failure != nil || err != nil || token.Token == "" {
		// The body is not shown: it may hold half a token.
		return "", 0, &Error{
			Operation: operation, Code: CodeToken, Status: r.status, Message: msgNoToken, Unsent: true,
		}
	}
	life := unstatedLife
	if token.Seconds > 0 {
		life = time.Duration(min(token.Seconds, int64(longestLife/time.Second))) * time.Second
	}
	c.log.Debug("token renewed", "life", life)
	return token.Token, life, nil
}
