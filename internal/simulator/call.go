package simulator

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Limits of the simulated gateway.
const (
	requestLimit = 1 << 20  // bytes of a request body; far above 100 items
	hugeAnswer   = 20 << 20 // bytes of ActionHuge
)

// call is one API request on its way.
type call struct {
	request *http.Request
	body    []byte
	at      time.Time
	fault   Fault
}

// answer is a whole response before it is written.
type answer struct {
	status int
	header http.Header
	body   []byte
	cut    bool // end the connection instead
	half   bool // announce the whole body, send half of it, then end the connection
}

func reply(status int, body any) answer {
	encoded, err := json.Marshal(body)
	if err != nil {
		return refuse(http.StatusInternalServerError, "INTERNAL_SERVER_ERROR", err.Error())
	}
	return answer{status: status, body: encoded}
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
	_, _ = w.Write(a.body) // the client may be gone; what was done stays done
}

// serve is the way of every API request: counted, slowed, throttled, authenticated, then handled under its fault.
func (p *Provider) serve(operation Operation, handle func(*call) answer) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, requestLimit))
		if err != nil {
			refuse(http.StatusBadRequest, "BAD_REQUEST", "the request body cannot be read").write(w)
			return
		}
		c := &call{request: r, body: body, at: moment()}
		p.seen.add(operation, c, p.options.ForgetRequests)
		if operation != OpToken {
			pause(p.options.Latency)
			if wait := p.gate.enter(time.Now()); wait > 0 {
				throttled(wait).write(w)
				return
			}
			if operation != OpFile && !p.tokens.good(bearer(r), time.Now()) {
				refuse(http.StatusUnauthorized, "UNAUTHORIZED", "Access forbidden, invalid JWT token was used").write(w)
				return
			}
		}
		c.fault = p.script.next(operation, func() string { return p.referenceOf(operation, c) })
		p.underFault(c, handle).write(w)
	}
}

// referenceOf is the merchant reference a call is about, or "" when it names none.
func (p *Provider) referenceOf(operation Operation, c *call) string {
	id := c.request.PathValue("id")
	switch operation {
	case OpPay:
		var request struct{ Session struct{ Order order } }
		_ = json.Unmarshal(c.body, &request)
		return text(request.Session.Order.MerchantReference)
	case OpCreate:
		var request struct{ Order order }
		_ = json.Unmarshal(c.body, &request)
		return text(request.Order.MerchantReference)
	case OpSessionPay, OpCancel, OpSession:
		return p.books.referenceOfSession(id)
	case OpCapture, OpVoid, OpTransaction:
		return p.books.referenceOfTransaction(id)
	case OpFile:
		return p.books.referenceOfFile(id)
	case OpTransactions, OpSessions:
		query := c.request.URL.Query()
		if query.Has("merchant_reference") {
			return query.Get("merchant_reference")
		}
		if query.Has("session_id") {
			return p.books.referenceOfSession(query.Get("session_id"))
		}
		return query.Get("search")
	case OpToken:
		return ""
	}
	return ""
}

// underFault runs the handler unless the call's fault forbids it, and spoils the answer if the fault says so.
func (p *Provider) underFault(c *call, handle func(*call) answer) answer {
	f := c.fault
	switch f.Action {
	case ActionStatus:
		return f.answer(http.StatusInternalServerError)
	case ActionDropBefore:
		return answer{cut: true}
	case ActionRedirect:
		return f.answer(http.StatusTemporaryRedirect)
	case ActionThrottle:
		return f.answer(http.StatusTooManyRequests)
	case ActionDuplicate:
		return duplicate()
	case ActionUnauthorized:
		p.tokens.forget(bearer(c.request))
		return refuse(http.StatusUnauthorized, "UNAUTHORIZED", "Access forbidden, invalid JWT token was used")
	case ActionDelay:
		pause(f.Delay)
		c.at = moment()
	case ActionStatusAfterCommit, ActionDropAfter, ActionHang, ActionSlowCommit, ActionFailed, ActionUnknownStatus,
		ActionOnHold, ActionMissingFields, ActionExtraFields, ActionHTML, ActionTruncated, ActionHuge,
		ActionWrongAmount, ActionWrongDueDate, ActionNoNumber, ActionLateIndex:
	}
	started := time.Now()
	a := handle(c)
	if f.Action == ActionHang {
		pause(f.Delay - time.Since(started)) // what has no commit to delay
	}
	return f.spoil(a)
}

// answer is what a fault says instead of the handler.
func (f *Fault) answer(status int) answer {
	if f.Status != 0 {
		status = f.Status
	}
	a := answer{status: status, header: http.Header{}, body: []byte(f.Body)}
	if f.Body == "" {
		code := strings.ToUpper(strings.ReplaceAll(http.StatusText(status), " ", "_"))
		a.body = refuse(status, code, "simulated fault").body
	}
	for name, value := range f.Header {
		a.header.Set(name, value)
	}
	return a
}

// spoil changes the answer to a call that has had its effect.
func (f *Fault) spoil(a answer) answer {
	switch f.Action {
	case ActionStatusAfterCommit:
		return f.answer(http.StatusInternalServerError)
	case ActionDropAfter, ActionHang:
		return answer{cut: true}
	case ActionTruncated:
		a.half = true
	case ActionHTML:
		page := *f
		page.Body = "<!doctype html>\n<html><head><title>Please wait</title></head><body><h1>Please wait</h1></body></html>\n"
		a = page.answer(http.StatusOK)
		a.header.Set("Content-Type", "text/html; charset=utf-8")
	case ActionHuge:
		padding := bytes.Repeat([]byte("x"), hugeAnswer)
		a.body = slices.Concat([]byte(`{"padding":"`), padding, []byte(`"}`))
	case ActionUnknownStatus:
		return a.edit(func(t map[string]any) { t["status"] = "UNDER_REVIEW" })
	case ActionWrongAmount:
		return a.edit(func(t map[string]any) {
			if amount, ok := t["amount"].(json.Number); ok {
				units, _ := amount.Int64()
				t["amount"] = units + 100
			}
		})
	case ActionWrongDueDate:
		return a.edit(postpone)
	case ActionMissingFields:
		return a.edit(f.omit)
	case ActionExtraFields:
		return a.edit(embellish)
	case ActionStatus, ActionDropBefore, ActionRedirect, ActionThrottle, ActionDuplicate, ActionUnauthorized,
		ActionDelay, ActionSlowCommit, ActionFailed, ActionOnHold, ActionNoNumber, ActionLateIndex:
	}
	return a
}

// edit changes the object, or each object of the list, of a successful answer.
func (a answer) edit(change func(map[string]any)) answer {
	if a.status != http.StatusOK {
		return a
	}
	decoder := json.NewDecoder(bytes.NewReader(a.body))
	decoder.UseNumber()
	var whole any
	if decoder.Decode(&whole) != nil {
		return a
	}
	elements, isList := whole.([]any)
	if !isList {
		elements = []any{whole}
	}
	for _, element := range elements {
		if object, ok := element.(map[string]any); ok {
			change(object)
		}
	}
	return reply(a.status, whole)
}

func (f *Fault) omit(object map[string]any) {
	fields := f.Fields
	if len(fields) == 0 {
		fields = []string{"id", "status", "metadata", "events"}
	}
	for _, field := range fields {
		delete(object, field)
	}
}

func postpone(object map[string]any) {
	events, _ := object["events"].([]any)
	for _, e := range events {
		if e, ok := e.(map[string]any); ok {
			if metadata, ok := e["metadata"].(map[string]any); ok {
				metadata[metaDue] = "2099-12-31"
			}
		}
	}
}

func embellish(object map[string]any) {
	object["x_new_field"] = map[string]any{"nested": []any{1, "two", nil}}
	if metadata, ok := object["metadata"].(map[string]any); ok {
		metadata["kravia:new_key"] = 42
	}
	if events, ok := object["events"].([]any); ok {
		object["events"] = append(events, map[string]any{"event": "NEW_EVENT", "name": "NEW_EVENT", "x_new_field": true})
	}
}

// gate is the provider's own rate limit, as a virtual schedule: each call moves it on by one interval, and a call is
// refused while the schedule is a second or more ahead.
type gate struct {
	perSecond int
	mu        sync.Mutex
	scheduled time.Time
}

// enter admits a call, or says how long to wait.
func (g *gate) enter(now time.Time) time.Duration {
	if g.perSecond <= 0 {
		return 0
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.scheduled.Before(now) {
		g.scheduled = now
	}
	interval := time.Second / time.Duration(g.perSecond)
	if ahead := g.scheduled.Sub(now) + interval; ahead > time.Second {
		return ahead - time.Second
	}
	g.scheduled = g.scheduled.Add(interval)
	return 0
}

// throttled rounds the wait up to whole seconds, as Retry-After needs it.
func throttled(wait time.Duration) answer {
	a := refuse(http.StatusTooManyRequests, "TOO_MANY_REQUESTS", "rate limit exceeded")
	seconds := (wait + time.Second - 1) / time.Second
	a.header = http.Header{"Retry-After": {strconv.Itoa(int(seconds))}}
	return a
}

// base is scheme and host as the client used them, for URLs in answers.
func (c *call) base() string {
	scheme := c.request.URL.Scheme
	if scheme == "" {
		scheme = "http"
		if c.request.TLS != nil {
			scheme = "https"
		}
	}
	return (&url.URL{Scheme: scheme, Host: c.request.Host}).String()
}
