package simulator

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Limits of the simulated gateway.
const (
	requestLimit = 1 << 20  // bytes of a request body; far above 100 items
	hugeAnswer   = 20 << 20 // bytes of ActionHuge
)

// call is one API request in progress.
type call struct {
	operation Operation
	request   *http.Request
	body      []byte
	at        time.Time
	fault     Fault
}

// answer is a complete response before it is written.
type answer struct {
	status int
	header http.Header
	body   []byte
	cut    bool // close the connection instead
	half   bool // announce the entire body, send half of it, then close the connection
}

func reply(body any) answer { return answer{status: http.StatusOK, body: raw(body)} }

// refuse is a refusal in the documented shape of errors.
func refuse(status int, code, message string) answer {
	return answer{status: status, body: raw(map[string]any{"error": map[string]any{"code": code, "message": message}})}
}

func badRequest(code, message string) answer { return refuse(http.StatusBadRequest, code, message) }

func notFound(what string) answer { return refuse(http.StatusNotFound, "NOT FOUND", what+" not found") }

// invalid is the refusal of a request that breaks the schema.
func invalid(found violations) answer {
	return answer{status: http.StatusBadRequest, body: raw(map[string]any{"error": map[string]any{
		"code": "INVALID_REQUEST_PARAMETER", "message": "Validation errors", "errors": found,
	}})}
}

func (a answer) write(w http.ResponseWriter) {
	if a.cut {
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Type", "application/json")
	maps.Copy(w.Header(), a.header)
	w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.status)
	if a.half {
		_, _ = w.Write(a.body[:len(a.body)/2])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	_, _ = w.Write(a.body) // the client may be gone; the change stays committed
}

// serve is what every API request goes through: it is counted, delayed, authenticated, and then handled under its
// fault.
func (p *Provider) serve(operation Operation, handle func(*call) answer) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var body bytes.Buffer
		body.Grow(int(min(max(r.ContentLength, 0), requestLimit)) + bytes.MinRead)
		if _, err := body.ReadFrom(http.MaxBytesReader(w, r.Body, requestLimit)); err != nil {
			badRequest("BAD_REQUEST", "the request body cannot be read").write(w)
			return
		}
		c := &call{operation: operation, request: r, body: body.Bytes(), at: moment()}
		p.seen.add(c, p.options.ForgetRequests)
		if operation != OpToken {
			pause(p.options.Latency)
			if operation != OpFile && !p.authorized(r) {
				unauthorized().write(w)
				return
			}
		}
		c.fault = p.script.next(operation, func() string { return p.referenceOf(c) })
		p.underFault(c, handle).write(w)
	}
}

// underFault runs the handler, unless the call's fault answers in its place, and spoils the answer if the fault says
// so.
func (p *Provider) underFault(c *call, handle func(*call) answer) answer {
	f := c.fault
	switch f.Action { //nolint:exhaustive // the others let the call through
	case ActionStatus:
		return f.answer(http.StatusInternalServerError)
	case ActionRedirect:
		return f.answer(http.StatusTemporaryRedirect)
	case ActionThrottle:
		return f.answer(http.StatusTooManyRequests)
	case ActionDropBefore:
		return answer{cut: true}
	case ActionUnauthorized:
		p.tokens.Delete(bearer(c.request))
		return unauthorized()
	case ActionDuplicate:
		if strings.HasPrefix(f.Body, "{") {
			return c.finish(f.answer(http.StatusBadRequest))
		}
		return c.finish(duplicate(cmp.Or(f.Body, takenText)))
	case ActionDelay:
		pause(f.Delay)
		c.at = moment()
	}
	started := time.Now()
	a := p.locked(c, handle)
	if f.Action == ActionHang {
		pause(f.Delay - time.Since(started)) // a call that commits nothing hangs as long
	}
	return f.spoil(a)
}

// locked runs a handler while it holds the ledger: no other call reads or changes it meanwhile.
func (p *Provider) locked(c *call, handle func(*call) answer) answer {
	p.ledger.mu.Lock()
	defer p.ledger.mu.Unlock()
	return c.finish(handle(c))
}

// referenceOf is the merchant reference a call is about, or "" when it names none.
func (p *Provider) referenceOf(c *call) string {
	if c.operation == OpPay || c.operation == OpCreate {
		type order struct {
			Reference string `json:"merchant_reference"`
		}
		var request struct {
			Order   order
			Session struct{ Order order }
		}
		_ = json.Unmarshal(c.body, &request)
		return request.Order.Reference + request.Session.Order.Reference // a body has one or the other
	}
	p.ledger.mu.Lock()
	defer p.ledger.mu.Unlock()
	if id := c.request.PathValue("id"); id != "" {
		return p.ledger.referenceOf(id)
	}
	query := c.request.URL.Query()
	if query.Has("session_id") {
		return p.ledger.referenceOf(query.Get("session_id"))
	}
	return query.Get("merchant_reference") + query.Get("search") // a query has one or the other
}

// finish gives refusals of one-step payments the members that only they have.
func (c *call) finish(a answer) answer {
	if c.operation == OpPay && a.status >= http.StatusBadRequest {
		a.body = append(bytes.TrimSuffix(a.body, []byte("}")), `,"success":false,"actions":[]}`...)
	}
	return a
}

// base is scheme and host as the client used them, for URLs in answers.
func (c *call) base() string {
	return (&url.URL{Scheme: cmp.Or(c.request.URL.Scheme, "http"), Host: c.request.Host}).String()
}
