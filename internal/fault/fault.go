// Package fault turns a panic into an error. A row or an order that the program cannot handle must not take
// the whole run with it: what was done is in the journal, and the report of it is still to be written.
package fault

import (
	"fmt"
	"runtime/debug"
)

// Error is a panic that was caught.
type Error struct {
	Value any    // of the panic
	Stack []byte // of the goroutine that panicked: functions and lines, no data
}

// Error tells a person that nobody but the program's makers can help.
func (e *Error) Error() string {
	return fmt.Sprintf("this is a fault of the program, please report it: %v", e.Value)
}

// Run is work's error, or an *Error if work panicked. A panic ends only the goroutine in which it happens, so
// each goroutine needs its own Run.
func Run(work func() error) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = &Error{Value: value, Stack: debug.Stack()}
		}
	}()
	return work()
}
