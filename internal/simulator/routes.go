package simulator

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// routes fills the mux with the API and the control interface.
func (p *Provider) routes() {
	p.mux = http.NewServeMux()
	for _, route := range []struct {
		pattern   string
		operation Operation
		handle    func(*call) answer
	}{
		{"POST /v1/accounts/{aid}/auth/token", OpToken, p.token},
		{"POST /v1/sessions/pay", OpPay, p.pay},
		{"POST /v1/sessions", OpCreate, p.create},
		{"POST /v1/sessions-profile", OpCreate, p.create},
		{"GET /v1/sessions", OpSessions, p.listSessions},
		{"GET /v1/sessions/{id}", OpSession, p.getSession},
		{"PUT /v1/sessions/{id}", OpUpdate, p.updateSession},
		{"POST /v1/sessions/{id}/pay", OpSessionPay, p.paySession},
		{"POST /v1/sessions/{id}/cancel", OpCancel, p.cancelSession},
		{"GET /v1/transactions", OpTransactions, p.listTransactions},
		{"GET /v1/transactions/{id}", OpTransaction, p.getTransaction},
		{"PUT /v1/transactions/{id}", OpUpdate, p.updateTransaction},
		{"POST /v1/transactions/{id}/capture", OpCapture, p.capture},
		{"POST /v1/transactions/{id}/void", OpVoid, p.void},
		{"POST /v1/transactions/{id}/refund", OpRefund, p.refund},
		{"GET /v1/files/{id}", OpFile, p.file},
		{"GET /v1/accounts/{aid}/settlements", OpSettlements, p.settlements},
		{"GET /v1/admin/checkout", OpCheckout, p.checkout},
		{"GET /v1/admin/session/profiles/{id}", OpProfile, p.profile},
	} {
		p.mux.HandleFunc(route.pattern, p.serve(route.operation, route.handle))
	}
	p.mux.HandleFunc("GET "+temporaryPath+"{id}", p.temporaryFile)
	p.mux.HandleFunc("/", p.unknown)
	p.controlRoutes()
}

// unknown answers 405 where another method has a route, otherwise 404.
func (p *Provider) unknown(w http.ResponseWriter, r *http.Request) {
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut} {
		other := *r
		other.Method = method
		if _, pattern := p.mux.Handler(&other); pattern != "/" {
			refuse(http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED", r.Method+" is not allowed here").write(w)
			return
		}
	}
	notFound(r.Method + " " + r.URL.Path).write(w)
}

// controlRoutes adds the interface for tests in other processes.
func (p *Provider) controlRoutes() {
	p.mux.HandleFunc("GET /_simulator/ledger", func(w http.ResponseWriter, _ *http.Request) {
		reply(p.Invoices()).write(w)
	})
	p.mux.HandleFunc("GET /_simulator/requests", func(w http.ResponseWriter, _ *http.Request) {
		reply(p.Requests()).write(w)
	})
	p.mux.HandleFunc("POST /_simulator/faults", command(func(faults []Fault) (any, error) {
		return map[string]int{"faults": len(faults)}, p.SetFaults(faults)
	}))
	p.mux.HandleFunc("POST /_simulator/issue", command(func(order struct{ Now time.Time }) (any, error) {
		if order.Now.IsZero() {
			order.Now = moment()
		}
		issued, err := p.Issue(order.Now)
		return map[string]int{"issued": issued}, err
	}))
	type payment struct {
		Reference string
		Amount    int64
	}
	p.mux.HandleFunc("POST /_simulator/paid", command(func(order payment) (any, error) {
		return map[string]int64{"paid": order.Amount}, p.MarkPaid(order.Reference, order.Amount)
	}))
}

// command is a control request with a JSON body; an empty body is the zero value.
func command[T any](do func(T) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, requestLimit))
		var request T
		if err == nil && len(body) > 0 {
			err = json.Unmarshal(body, &request)
		}
		var result any
		if err == nil {
			result, err = do(request)
		}
		if err != nil {
			badRequest("BAD_REQUEST", err.Error()).write(w)
			return
		}
		reply(result).write(w)
	}
}

// Counts says which calls the provider got since it started.
type Counts struct {
	Calls    map[Operation]int `json:"calls"`
	Arrivals []time.Time       `json:"arrivals"` // of every call but the token's, in order
	Pays     []PayCall         `json:"pays"`     // one-step pays only
}

// PayCall is one POST /sessions/pay as it arrived, whatever its answer was.
type PayCall struct {
	At      time.Time `json:"at"`
	Toggles string    `json:"toggles"` // the Dintero-Feature-Toggles header
	Body    string    `json:"body"`
}

// requestLog collects Counts.
type requestLog struct {
	mu sync.Mutex
	Counts
}

func (l *requestLog) add(c *call, countOnly bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.Calls[c.operation]++
	if countOnly || c.operation == OpToken {
		return
	}
	now := time.Now() // under the lock and not rounded, because tests measure the pace with it
	l.Arrivals = append(l.Arrivals, now)
	if c.operation == OpPay {
		toggles := strings.Join(c.request.Header.Values("Dintero-Feature-Toggles"), ",")
		l.Pays = append(l.Pays, PayCall{At: now, Toggles: toggles, Body: string(c.body)})
	}
}

// Requests says which calls the provider got so far. Refused calls and closed connections count too.
func (p *Provider) Requests() Counts {
	p.seen.mu.Lock()
	defer p.seen.mu.Unlock()
	return Counts{maps.Clone(p.seen.Calls), slices.Clone(p.seen.Arrivals), slices.Clone(p.seen.Pays)}
}
