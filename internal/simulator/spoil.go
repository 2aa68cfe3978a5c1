package simulator

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// answer is what a fault says instead of the handler.
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

// spoil changes the answer to a call that has had its effect.
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
		a.body = []byte("<!doctype html>\n<html><head><title>Please wait</title></head><body><h1>Please wait</h1></body></html>\n")
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
			if metadata, ok := e.(map[string]any)["metadata"].(map[string]any); ok { //nolint:forcetypeassert // events are objects
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
