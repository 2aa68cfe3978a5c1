package simulator

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Operation names one kind of API call, in faults and counts.
type Operation string

// The operations of the API.
const (
	OpToken        Operation = "token"
	OpPay          Operation = "pay"          // POST /sessions/pay
	OpCreate       Operation = "create"       // POST /sessions and /sessions-profile
	OpSessionPay   Operation = "session_pay"  // POST /sessions/{id}/pay
	OpCancel       Operation = "cancel"       // POST /sessions/{id}/cancel
	OpSession      Operation = "session"      // GET /sessions/{id}
	OpSessions     Operation = "sessions"     // GET /sessions
	OpTransaction  Operation = "transaction"  // GET /transactions/{id}
	OpTransactions Operation = "transactions" // GET /transactions
	OpUpdate       Operation = "update"       // PUT /sessions/{id} and /transactions/{id}
	OpCapture      Operation = "capture"
	OpVoid         Operation = "void"
	OpRefund       Operation = "refund"
	OpFile         Operation = "file"        // GET /files/{id}
	OpSettlements  Operation = "settlements" // GET /accounts/{aid}/settlements
	OpCheckout     Operation = "checkout"    // GET /admin/checkout
	OpProfile      Operation = "profile"     // GET /admin/session/profiles/{id}
)

// Action is what a fault does to a call. A call commits when it has its normal effect at the provider.
type Action string

// Actions that answer in place of the provider. The call does not commit.
const (
	ActionStatus       Action = "status"       // Status (default 500) with Body and Header
	ActionRedirect     Action = "redirect"     // Status (default 307) to Header["Location"]
	ActionThrottle     Action = "throttle"     // 429 with Header as given, so with or without Retry-After
	ActionUnauthorized Action = "unauthorized" // 401, and the token is forgotten
	ActionDropBefore   Action = "drop_before"  // cuts the connection
	// ActionDuplicate answers 400 as the guard would; Body is its message, or the whole answer if a JSON object.
	ActionDuplicate Action = "duplicate_400"
)

// Actions that spoil the answer. The call commits, and look-ups show what it did.
const (
	ActionStatusAfterCommit Action = "status_after_commit" // Status (default 500) with Body and Header
	ActionDropAfter         Action = "drop_after"          // cuts the connection
	ActionHTML              Action = "html"                // Status (default 200) with a web page
	ActionTruncated         Action = "truncated"           // the headers of the whole answer and half of its body
	ActionHuge              Action = "huge"                // 20 MB of JSON
	ActionUnknownStatus     Action = "unknown_status"      // a status that is not documented
	ActionMissingFields     Action = "missing_fields"      // without Fields (default id, status, metadata, events)
	ActionExtraFields       Action = "extra_fields"        // with undocumented fields, metadata and events
	ActionWrongAmount       Action = "wrong_amount"        // 100 minor units more
	ActionWrongDueDate      Action = "wrong_due_date"      // 2099-12-31
)

// Actions that change when and what is committed. All but ActionDelay and ActionHang work on payments, and on the calls
// that they name.
const (
	// ActionDelay waits Delay, then goes on as if nothing had happened.
	ActionDelay Action = "delay"
	// ActionHang passes the duplicate guard, commits only after Delay, and never answers: the connection is
	// cut then. What has nothing to commit hangs as long.
	ActionHang Action = "hang"
	// ActionSlowCommit passes the duplicate guard, commits after Delay and answers. Others cannot see the
	// order meanwhile. Creations, captures and voids too.
	ActionSlowCommit Action = "slow_commit"
	// ActionFailed answers 200 with a FAILED transaction, Body being the reason in its event. Commits a session and a
	// transaction that are not live.
	ActionFailed Action = "failed"
	// ActionOnHold commits a live transaction that is ON_HOLD without a number and authorized after Delay;
	// with no Delay, never. The strict-success guard does not see it until then.
	ActionOnHold Action = "on_hold"
	// ActionNoNumber hides the invoice number, URL and dates for Delay; with no Delay, until Issue.
	ActionNoNumber Action = "no_number"
	// ActionLateIndex is an IndexDelay of Delay for this call. Creations too.
	ActionLateIndex Action = "late_index"
	// ActionLateEvent commits a capture whose event is in answers only after Delay. Captures only.
	ActionLateEvent Action = "late_event"
)

// Fault makes calls go wrong. The first fault of a script that matches a call and is not used up applies to it; no
// other does. No fault applies to a request that fails authentication.
type Fault struct {
	Operation Operation `json:"operation,omitempty"` // empty: any but OpToken, OpCheckout and OpProfile
	Reference string    `json:"reference,omitempty"` // exact merchant reference; empty: any
	Skip      int       `json:"skip,omitempty"`      // lets so many matching calls pass first
	Times     int       `json:"times,omitempty"`     // applies so often; 0 = for ever
	Chance    float64   `json:"chance,omitempty"`    // probability in 0..1; 0 = always
	Action    Action    `json:"action"`

	Status int               `json:"status,omitempty"`
	Header map[string]string `json:"header,omitempty"`
	Body   string            `json:"body,omitempty"`
	Delay  time.Duration     `json:"delay,omitempty"` // in JSON nanoseconds, or text such as "1.5s"
	Fields []string          `json:"fields,omitempty"`
}

// UnmarshalJSON refuses unknown fields, and reads Delay from text as well as from a number of nanoseconds.
func (f *Fault) UnmarshalJSON(data []byte) error {
	type plain Fault
	read := struct {
		*plain
		Delay json.RawMessage `json:"delay"`
	}{(*plain)(f), json.RawMessage("0")}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&read); err != nil {
		return fmt.Errorf("fault: %w", err)
	}
	delay, isText := strings.CutPrefix(string(read.Delay), `"`)
	if delay = strings.TrimSuffix(delay, `"`); !isText {
		delay += "ns"
	}
	var err error
	if f.Delay, err = time.ParseDuration(delay); err != nil {
		return fmt.Errorf("fault: delay: %w", err)
	}
	return nil
}

// The names that a fault may have.
const (
	operations = "token pay create session_pay cancel session sessions transaction transactions update" +
		" capture void refund file settlements checkout profile"
	actions = "status status_after_commit drop_before drop_after delay hang slow_commit failed unknown_status on_hold" +
		" missing_fields extra_fields html truncated huge redirect wrong_amount wrong_due_date no_number" +
		" late_index late_event unauthorized throttle duplicate_400"
)

// check refuses a fault that would silently do nothing.
func (f *Fault) check() error {
	switch {
	case f.Operation != "" && !slices.Contains(strings.Fields(operations), string(f.Operation)):
		return fmt.Errorf("simulator: fault with unknown operation %q", f.Operation)
	case !slices.Contains(strings.Fields(actions), string(f.Action)):
		return fmt.Errorf("simulator: fault with unknown action %q", f.Action)
	case f.Action == ActionRedirect && f.Header["Location"] == "":
		return fmt.Errorf("simulator: fault %q needs the header Location", f.Action)
	case f.Chance < 0 || f.Chance > 1 || f.Skip < 0 || f.Times < 0 || f.Delay < 0:
		return fmt.Errorf("simulator: fault %q with a number out of range", f.Action)
	case f.Status != 0 && (f.Status < 200 || f.Status > 599):
		return fmt.Errorf("simulator: fault %q with status %d", f.Action, f.Status)
	}
	return nil
}

// script is the list of faults, with how often each has matched and applied.
type script struct {
	mu     sync.Mutex
	random *rand.Rand
	steps  []step
}

type step struct {
	Fault
	matched int
	applied int
}

// SetFaults replaces the fault script. A call in progress keeps its fault. Error: a fault that could never apply.
func (p *Provider) SetFaults(faults []Fault) error {
	steps := make([]step, len(faults))
	for i, fault := range faults {
		if err := fault.check(); err != nil {
			return err
		}
		steps[i].Fault = fault
	}
	p.script.mu.Lock()
	defer p.script.mu.Unlock()
	p.script.steps = steps
	return nil
}

// next is the fault for one call, or a Fault without an Action. It calls reference only for a fault that names one.
func (s *script) next(operation Operation, reference func() string) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	aside := operation == OpToken || operation == OpCheckout || operation == OpProfile // none of an order's
	for i := range s.steps {
		step := &s.steps[i]
		if step.Operation != operation && (step.Operation != "" || aside) ||
			step.Times > 0 && step.applied == step.Times || step.Reference != "" && step.Reference != reference() {
			continue
		}
		if step.matched++; step.matched <= step.Skip || step.Chance > 0 && s.random.Float64() >= step.Chance {
			continue
		}
		step.applied++
		return step.Fault
	}
	return Fault{}
}

// answer is the fault's answer in place of the handler's.
func (f *Fault) answer(status int) answer {
	status = cmp.Or(f.Status, status)
	code := strings.ToUpper(strings.ReplaceAll(http.StatusText(status), " ", "_"))
	a := refuse(status, code, "simulated fault")
	if f.Body != "" {
		a.body = []byte(f.Body)
	}
	a.header = http.Header{}
	for name, value := range f.Header {
		a.header.Set(name, value)
	}
	return a
}

// spoil changes the answer to a call that has committed.
func (f *Fault) spoil(a answer) answer {
	switch f.Action { //nolint:exhaustive // the others leave it as it is
	case ActionStatusAfterCommit:
		return f.answer(http.StatusInternalServerError)
	case ActionDropAfter, ActionHang:
		return answer{cut: true}
	case ActionTruncated:
		a.half = true
	case ActionHTML:
		a = f.answer(http.StatusOK)
		a.body = []byte(
			"<!doctype html>\n<html><head><title>Please wait</title></head><body><h1>Please wait</h1></body></html>\n")
		a.header.Set("Content-Type", "text/html; charset=utf-8")
	case ActionHuge:
		a.body = fmt.Appendf(nil, `{"padding":"%s"}`, bytes.Repeat([]byte("x"), hugeAnswer))
	case ActionUnknownStatus, ActionWrongAmount, ActionWrongDueDate, ActionMissingFields, ActionExtraFields:
		return a.edit(f.change)
	}
	return a
}

// edit changes the object, or each object of the list, of a successful answer.
func (a answer) edit(change func(map[string]any)) answer {
	decoder := json.NewDecoder(bytes.NewReader(a.body))
	decoder.UseNumber()
	var whole any
	if a.status != http.StatusOK || decoder.Decode(&whole) != nil {
		return a
	}
	list, isList := whole.([]any)
	if !isList {
		list = []any{whole}
	}
	for _, one := range list {
		if object, ok := one.(map[string]any); ok {
			change(object)
		}
	}
	return reply(whole)
}

// change makes a transaction in an answer untrue.
func (f *Fault) change(t map[string]any) {
	events, _ := t["events"].([]any)
	metadata, _ := t["metadata"].(map[string]any)
	switch f.Action { //nolint:exhaustive // the others change no transaction
	case ActionUnknownStatus:
		t["status"] = "UNDER_REVIEW"
	case ActionWrongAmount:
		if amount, ok := t["amount"].(json.Number); ok {
			units, _ := amount.Int64()
			t["amount"] = units + 100
		}
	case ActionWrongDueDate:
		for _, e := range events {
			if metadata, ok := e.(map[string]any)["metadata"].(map[string]any); ok { //nolint:forcetypeassert // objects
				metadata[metaDue] = "2099-12-31"
			}
		}
	case ActionMissingFields:
		fields := f.Fields
		if len(fields) == 0 {
			fields = []string{"id", "status", "metadata", "events"}
		}
		for _, field := range fields {
			delete(t, field)
		}
	case ActionExtraFields:
		t["x_new_field"] = map[string]any{"nested": []any{1, "two", nil}}
		if metadata != nil {
			metadata["kravia:new_key"] = 42
		}
		if events != nil {
			t["events"] = append(events, map[string]any{"event": "NEW_EVENT", "name": "NEW_EVENT", "x_new_field": true})
		}
	}
}
