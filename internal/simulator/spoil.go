package simulator

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

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
		return c.finish(f.duplicate())
	case ActionUnauthorized:
		p.tokens.Delete(bearer(c.request))
		return unauthorized()
	case ActionDelay:
		pause(f.Delay)
		c.at = moment()
	case ActionStatusAfterCommit, ActionDropAfter, ActionHang, ActionSlowCommit, ActionFailed, ActionUnknownStatus,
		ActionOnHold, ActionMissingFields, ActionExtraFields, ActionHTML, ActionTruncated, ActionHuge,
		ActionWrongAmount, ActionWrongDueDate, ActionNoNumber, ActionLateIndex, ActionLateEvent:
	}
	started := time.Now()
	a := c.finish(handle(c))
	if f.Action == ActionHang {
		pause(f.Delay - time.Since(started)) // what has no commit to delay
	}
	return f.spoil(a)
}

// duplicate is the refusal of a taken reference in the fault's words: a whole JSON object, or the message of one.
func (f *Fault) duplicate() answer {
	switch {
	case strings.HasPrefix(f.Body, "{"):
		return f.answer(http.StatusBadRequest)
	case f.Body != "":
		return duplicate(f.Body)
	}
	return duplicate(takenText)
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
		ActionDelay, ActionSlowCommit, ActionFailed, ActionOnHold, ActionNoNumber, ActionLateIndex, ActionLateEvent:
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
	return reply(whole)
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
