// Package fault turns a panic into an error. A row or an order that the program cannot handle must not end the run:
// the journal holds what was done, and the report about it must still be written. Put [Run] around the work of every
// goroutine; it is the only entry point.
package fault

import (
	"fmt"
	"runtime/debug"
)

// Error is a panic that was caught.
type Error struct {
	Value any    // that panic was called with
	Stack []byte // of the goroutine that panicked: functions and lines, no data, so it may be logged
}

// Error tells the user to report the fault, since only the makers of the program can help.
func (e *Error) Error() string {
	return fmt.Sprintf(msgFault, e.Value)
}

// Run calls work and gives its error, or an *Error if work panicked. A panic can be caught only in the goroutine in
// which it happens, so each goroutine needs its own Run.
func Run(work func() error) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = &Error{Value: value, Stack: debug.Stack()}
		}
	}()
	return work()
}
