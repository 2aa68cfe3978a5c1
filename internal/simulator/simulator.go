// Package simulator is the provider's side of the Dintero Checkout and Kravia contract as an [http.Handler]:
// tokens, one-step and two-step payments, look-ups, updates, capture, void, invoice files, what a client may
// ask about its account, and scripted faults. It is used by tests and rehearsals, knows nothing of the rest
// of the program and moves no money.
//
// The base URL is {scheme}://{host}/v1. Amounts are integers in minor units; times in answers are UTC,
// invoice dates are days in Europe/Oslo. Where the public documentation leaves a behaviour open, the
// simulator behaves in the way that is harder for a client:
//
//   - The look-up lists can lag behind ([Options.IndexDelay]), look-ups by id cannot. The list of sessions, which only
//     an old specification has, can be missing ([Options.NoSessionList]).
//   - Time can pass between the duplicate guard and the commit ([ActionSlowCommit]); two calls may then both pass.
//   - Duplicate guards work on POST /sessions/pay; what the calls that make a session do with them is an option.
//   - Bodies and queries may have every name that the documentation has; other names are refused, so that a typo shows.
//   - The code and text of the refusal of a duplicate are not documented; a client must not rely on the ones used here.
//   - In two steps every product asks for identity verification unless the session says otherwise.
//
// The e-mail address of the billing address says what the buyer pays, as in the provider's test environment, whose own
// addresses are not public. The payments come once the invoice has its number and its collection has started, and show
// in later answers:
//
//	paid@example.com              pays in full
//	half-paid@example.com         pays 50 %
//	paid-in-three@example.com     pays 50, 30 and 20 %
//	part-paid-in-two@example.com  pays 30 and 30 %
//
// Beside the API there is a control interface for tests in other processes, without authentication:
//
//	GET  /_simulator/ledger    every transaction, oldest first ([Provider.Invoices])
//	GET  /_simulator/requests  what was called ([Provider.Requests])
//	POST /_simulator/faults    replaces the fault script; body: a JSON array of [Fault]
//	POST /_simulator/issue     issues the waiting invoices ([Provider.Issue]); body: {"now": RFC 3339 time}, optional
//	POST /_simulator/paid      records a payment ([Provider.MarkPaid]); body: {"reference": "…", "amount": 100}
package simulator

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"
)

// Model is the edition of the documentation that answers follow.
type Model int

// The newer edition, and the older one.
const (
	ModelAuthorized Model = iota // an invoice is AUTHORIZED with an INITIATE_CAPTURE "event", and CAPTURED means paid
	ModelCaptured                // an invoice is CAPTURED from the start, and events are told apart by "name"
)

// FileMode is how GET /files/{id} answers.
type FileMode int

// With a description that holds a temporary URL, with the document itself, or with 302 to the temporary URL.
const (
	FilesJSON FileMode = iota
	FilesPDF
	FilesRedirect
)

// Guard is what the calls that make a session do with the feature toggles against duplicate merchant references. The
// toggles are documented for POST /sessions/pay only.
type Guard int

// The call ignores the toggles, honours them and answers 400 as POST /sessions/pay does, or answers 400 because its
// endpoint does not have the toggle.
const (
	GuardIgnored Guard = iota
	GuardHonoured
	GuardRefused
)

// Options configures a [Provider]. The zero value is a fast, healthy provider that forgets everything when it ends.
type Options struct {
	Account        string // account id; default T12345678
	ClientID       string // with ClientSecret the only accepted pair; both empty: any non-empty pair
	ClientSecret   string
	Model          Model
	Files          FileMode
	DefaultChannel string        // of orders that name none; default kravia
	Disabled       []string      // product types that the account does not have, such as kravia.invoice_b2c
	NoAdmin        bool          // answers 403 to questions about the account: the client lacks the scope
	SessionLife    time.Duration // how long a session can be paid that sets no end of its own; default 24h
	NoSessionList  bool          // answers 404 to the list of sessions
	CreateGuard    Guard
	PaymentResult  bool          // a two-step pay answers with a payment result instead of a transaction
	Latency        time.Duration // added to every call but the token's
	IndexDelay     time.Duration // how long after its commit a transaction or session is missing in lists
	// an append-only log of JSON lines that New replays, for one process at a time; "" keeps nothing
	StateFile      string
	Faults         []Fault
	ForgetRequests bool // keeps only the counts of calls, not their times and bodies: for long rehearsals
}

// Provider is the simulated provider. It is safe for concurrent use.
type Provider struct {
	options Options
	oslo    *time.Location
	mux     *http.ServeMux
	schema  *schema
	ledger  ledger
	script  script
	tokens  sync.Map // bearer tokens, and when each ends; a restart forgets them all
	seen    requestLog

	closing sync.Mutex
	closed  bool
	running sync.WaitGroup
}

// New makes a provider, with the state found in Options.StateFile. The caller must Close it.
func New(options Options) (*Provider, error) {
	options.Account = cmp.Or(options.Account, "T12345678")
	options.SessionLife = cmp.Or(options.SessionLife, 24*time.Hour)
	if (options.ClientID == "") != (options.ClientSecret == "") {
		return nil, errors.New("simulator: ClientID and ClientSecret must be given together")
	}
	oslo, err := time.LoadLocation("Europe/Oslo")
	if err != nil {
		return nil, fmt.Errorf("simulator: time zone of invoice dates: %w", err)
	}
	p := &Provider{options: options, oslo: oslo, schema: readSchema()}
	p.seen.Calls = map[Operation]int{}
	p.script.random = rand.New(rand.NewPCG(0, 0)) //nolint:gosec // G404: faults are to be repeatable
	if err := p.SetFaults(options.Faults); err != nil {
		return nil, err
	}
	if err := p.ledger.open(options.StateFile); err != nil {
		return nil, err
	}
	p.routes()
	return p, nil
}

// ServeHTTP implements [http.Handler]. It finishes a request even when its client has gone.
func (p *Provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.closing.Lock()
	if p.closed {
		p.closing.Unlock()
		refuse(http.StatusServiceUnavailable, "SERVICE_UNAVAILABLE", "the simulator is closed").write(w)
		return
	}
	p.running.Add(1)
	p.closing.Unlock()
	defer p.running.Done()
	p.mux.ServeHTTP(w, r)
}

// Close refuses new requests, waits for those in progress with their delayed commits, and closes the state file.
func (p *Provider) Close() error {
	p.closing.Lock()
	p.closed = true
	p.closing.Unlock()
	p.running.Wait()
	return p.ledger.close()
}

// pause waits for d. It ignores the request's context, as the far side of a network does.
func pause(d time.Duration) {
	if d > 0 {
		<-time.After(d)
	}
}

// moment is the present time as answers and the state file have it: UTC, in milliseconds.
func moment() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }
