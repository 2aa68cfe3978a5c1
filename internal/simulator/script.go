package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// UnmarshalJSON refuses unknown fields, and reads Delay from text as well as from a number.
func (f *Fault) UnmarshalJSON(data []byte) error {
	type plain Fault
	read := struct {
		*plain
		Delay json.RawMessage `json:"delay"`
	}{plain: (*plain)(f)}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&read); err != nil {
		return fmt.Errorf("fault: %w", err)
	}
	if len(read.Delay) == 0 {
		return nil
	}
	var text string
	if err := json.Unmarshal(read.Delay, &text); err != nil {
		return json.Unmarshal(read.Delay, &f.Delay)
	}
	delay, err := time.ParseDuration(text)
	if err != nil {
		return fmt.Errorf("fault: delay: %w", err)
	}
	f.Delay = delay
	return nil
}

// check finds the mistakes that would make a fault silently do nothing.
func (f *Fault) check() error {
	operations := []Operation{
		"", OpToken, OpPay, OpCreate, OpSessionPay, OpCancel, OpSession, OpSessions, OpTransaction, OpTransactions,
		OpCapture, OpVoid, OpFile, OpCheckout, OpProfile,
	}
	if !slices.Contains(operations, f.Operation) {
		return fmt.Errorf("simulator: fault with unknown operation %q", f.Operation)
	}
	switch f.Action {
	case ActionStatus, ActionStatusAfterCommit, ActionDropBefore, ActionDropAfter, ActionDelay, ActionHang,
		ActionSlowCommit, ActionFailed, ActionUnknownStatus, ActionOnHold, ActionMissingFields, ActionExtraFields,
		ActionHTML, ActionTruncated, ActionHuge, ActionWrongAmount, ActionWrongDueDate, ActionNoNumber, ActionLateIndex, ActionLateEvent,
		ActionUnauthorized, ActionThrottle, ActionDuplicate:
	case ActionRedirect:
		if f.Header["Location"] == "" {
			return fmt.Errorf("simulator: fault %q needs the header Location", f.Action)
		}
	default:
		return fmt.Errorf("simulator: fault with unknown action %q", f.Action)
	}
	if f.Chance < 0 || f.Chance > 1 || f.Skip < 0 || f.Times < 0 || f.Delay < 0 {
		return fmt.Errorf("simulator: fault %q with a number out of range", f.Action)
	}
	if f.Status != 0 && (f.Status < 200 || f.Status > 599) {
		return fmt.Errorf("simulator: fault %q with status %d", f.Action, f.Status)
	}
	return nil
}

// script is the list of faults with what is left of each.
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

func (s *script) replace(faults []Fault) error {
	steps := make([]step, len(faults))
	for i, fault := range faults {
		if err := fault.check(); err != nil {
			return err
		}
		steps[i].Fault = fault
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.steps = steps
	return nil
}

// aside says whether the operation is none of an order's, so that only faults that name it apply.
func (o Operation) aside() bool {
	return o == OpToken || o == OpCheckout || o == OpProfile
}

// next is the fault for one call, or a Fault with no Action. The reference is asked for only when a fault names one.
func (s *script) next(operation Operation, reference func() string) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.steps {
		step := &s.steps[i]
		if step.Operation != operation && (step.Operation != "" || operation.aside()) {
			continue
		}
		if step.Times > 0 && step.applied == step.Times {
			continue
		}
		if step.Reference != "" && step.Reference != reference() {
			continue
		}
		step.matched++
		if step.matched <= step.Skip {
			continue
		}
		if step.Chance > 0 && s.random.Float64() >= step.Chance {
			continue
		}
		step.applied++
		return step.Fault
	}
	return Fault{}
}

// SetFaults replaces the fault script. Calls under way keep the fault that they met.
func (p *Provider) SetFaults(faults []Fault) error { return p.script.replace(faults) }
