// Package dintero makes one call to the Dintero Checkout API and says what the answer means for the order behind it.
// It hides URLs, JSON, token renewal, the meaning of statuses, Retry-After and secrets.
//
// [New] makes a [Client] for one account, and [Client.Authenticate] checks its credentials. Then:
//
//   - [OneStep] and [Client.Pay] register an invoice in one call.
//   - [SessionBody], [Client.CreateSession], [PayBody] and [Client.PaySession] do so in two.
//   - [Client.TransactionsByReference], [Client.SessionsByReference] and [Client.Same] find out what became of an order
//     in doubt.
//   - [Client.Capture], [Client.Void] and [Client.Document] act on an invoice.
//
// No order is invoiced twice because of these rules:
//
//   - A method makes one HTTP request and never retries; the caller decides by [Answer.Meaning]. There are two
//     exceptions: a token when none is cached, and one repeat after a 401, after which certainly nothing was done.
//     [Client.PaySession] and [Client.Document] may read what the provider points them to.
//   - Nothing below repeats a request either: the transport has no body to send again, and redirects are not followed.
//   - An answer means "not sent" only on proof. Whatever is not understood or not documented means "in doubt".
//   - An answer about another account, order, amount or content is never taken for the order's.
//
// The rules come from the provider's public pages on merchant initiated payments and its payments specification.
// Where editions of them disagree, this package understands both.
package dintero

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// Defaults of a [Config].
const (
	DefaultBaseURL = "https://checkout.dintero.com/v1"
	DefaultTimeout = time.Minute // a payment registers the invoice and its document before it is answered
)

// systemName is this program's name in the Dintero-System-* and User-Agent headers.
const systemName = "kravia-batch"

// Pacer spaces the requests of all workers. A nil Pacer in [Config] paces nothing.
type Pacer interface {
	// Wait blocks until the next request may leave. It is called right before every request except the token's. After
	// an error the request does not leave.
	Wait(ctx context.Context) error
	// Until gives a context that ends when no request may leave any more. The request for a token runs under it and may
	// be broken off, since no order depends on its answer.
	Until(ctx context.Context) (context.Context, context.CancelFunc)
	// Throttled is called after every 429. known is false if it came without a readable Retry-After.
	Throttled(wait time.Duration, known bool)
	// Passed is called after every other answer, except the token's.
	Passed()
}

// Config says whom to call as whom. Account, ClientID and Secret are required.
type Config struct {
	HTTP     *http.Client  // only its Transport is used; nil for a tuned one
	BaseURL  string        // "" for DefaultBaseURL; https, or http on loopback
	Account  string        // T or P and eight digits
	ClientID string        // of the API client
	Secret   Secret        // of the API client
	Timeout  time.Duration // of one request; 0 for DefaultTimeout
	Version  string        // of this program, for the provider's logs
	Pace     Pacer
	Logger   *slog.Logger // nil for none
}

// Client calls the provider for one account. It is safe for concurrent use.
type Client struct {
	http    *http.Client
	base    *url.URL
	account string
	timeout time.Duration
	version string
	pace    Pacer
	log     *slog.Logger
	tokens  *tokens // a pointer, so that printing a Client prints no secret
	counts  [countOther + 1]atomic.Int64
}

// New checks the configuration. It makes no request.
func New(cfg Config) (*Client, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	base, err := parseBase(cmp.Or(cfg.BaseURL, DefaultBaseURL))
	if err != nil {
		return nil, err
	}
	c := &Client{
		base: base, account: cfg.Account, timeout: cmp.Or(cfg.Timeout, DefaultTimeout),
		version: cmp.Or(cfg.Version, "devel"),
		pace:    cfg.Pace, log: cfg.Logger,
		tokens: &tokens{clientID: cfg.ClientID, secret: cfg.Secret, turn: make(chan struct{}, 1)},
	}
	if c.pace == nil {
		c.pace = unpaced{}
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	var transport http.RoundTripper
	if cfg.HTTP != nil {
		transport = cfg.HTTP.Transport
	}
	if transport == nil {
		transport = newTransport()
	}
	// A redirected POST would be a second POST. So a redirect is an answer, and is never followed.
	c.http = &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
	return c, nil
}

func (cfg *Config) check() error {
	switch {
	case !validAccount(cfg.Account):
		return fmt.Errorf(msgAccount, cfg.Account)
	case cfg.ClientID == "" || strings.ContainsRune(cfg.ClientID, ':'):
		return errors.New(msgClientID)
	case cfg.Secret == "":
		return errors.New(msgNoSecret)
	case cfg.Timeout < 0:
		return fmt.Errorf(msgTimeout, cfg.Timeout)
	}
	return nil
}

// newTransport speaks HTTP/1.1 only: a connection carries one request at a time, so an error on it concerns that
// request alone. It closes idle connections before usual servers do: a request on a connection that the other side has
// just closed would leave its order in doubt.
func newTransport() *http.Transport {
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	return &http.Transport{
		Protocols:           &protocols,
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: 15 * time.Second, KeepAlive: 15 * time.Second}).DialContext,
		TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout: 15 * time.Second,
		MaxIdleConns:        128,
		MaxIdleConnsPerHost: 64,
		IdleConnTimeout:     30 * time.Second,
		DisableCompression:  true,
	}
}

func validAccount(id string) bool {
	return len(id) == accountLength && (id[0] == 'T' || id[0] == 'P') && strings.Trim(id[1:], "0123456789") == ""
}

// accountLength is T or P and eight digits.
const accountLength = 9

// count is a kind of request, for Counts.
type count uint8

const (
	countToken count = iota + 1
	countPay
	countLookUp
	countAccount
	countOther
)

// Counts says how many requests left, by kind. A repeat after a 401 counts again.
type Counts struct {
	Token   int // access tokens
	Pay     int // one-step payments and payments of sessions
	LookUp  int // reads of transactions and sessions
	Account int // questions about the account, see [Client.Checkout]
	Other   int // sessions created and cancelled, captures, voids, documents
}

// Requests says how many requests this client has made so far.
func (c *Client) Requests() Counts {
	return Counts{
		Token:   int(c.counts[countToken].Load()),
		Pay:     int(c.counts[countPay].Load()),
		LookUp:  int(c.counts[countLookUp].Load()),
		Account: int(c.counts[countAccount].Load()),
		Other:   int(c.counts[countOther].Load()),
	}
}

type unpaced struct{}

func (unpaced) Wait(ctx context.Context) error { return ctx.Err() }
func (unpaced) Until(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithCancel(ctx)
}
func (unpaced) Throttled(time.Duration, bool) {}
func (unpaced) Passed()                       {}
