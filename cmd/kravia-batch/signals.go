package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"syscall"

	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/fault"
)

// listen lets the first signal stop the work gently: calls under way are awaited and no others are made. The second
// signal ends the work at once, by the context.
func (a *app) listen(ctx context.Context, cancel context.CancelFunc) {
	select {
	case s := <-a.signals:
		code := 128 + int(syscall.SIGINT)
		if s == syscall.SIGTERM {
			code = 128 + int(syscall.SIGTERM)
		}
		a.signal.Store(int32(code))
		close(a.stop)
		fmt.Fprintln(a.stderr) // below a progress bar
		a.say(msgStopping)
	case <-ctx.Done():
		return
	}
	select {
	case <-a.signals:
		cancel()
	case <-ctx.Done():
	}
}

// signalCode is the exit code of the first signal, 0 for none.
func (a *app) signalCode() int { return int(a.signal.Load()) }

// stoppedAtOnce reports whether the error is that of work which a second signal ended.
func (a *app) stoppedAtOnce(err error) bool {
	return a.signalCode() != 0 && errors.Is(err, context.Canceled)
}

// untilStopped is a context that the first signal ends: for work that can be cut off anywhere.
func (a *app) untilStopped(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		select {
		case <-a.stop:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

// cutOff is the error of work that untilStopped ended.
func (a *app) cutOff(err error) error {
	if a.stoppedAtOnce(err) {
		return fmt.Errorf(msgCutOff, dispatch.ErrStopped)
	}
	return err
}

// stoppable is an input that a stop ends, even while the program waits for it: nobody has to press Enter to leave a
// question.
type stoppable struct {
	in   io.Reader
	stop <-chan struct{}
}

// Read gives dispatch.ErrStopped after a stop. A read that waits at that moment is abandoned until the program ends.
func (s stoppable) Read(p []byte) (int, error) {
	type result struct {
		n   int
		err error
	}
	done, buffer := make(chan result, 1), make([]byte, len(p)) // p is the caller's again when Read returns
	go func() {
		var r result
		r.err = fault.Run(func() (err error) {
			r.n, err = s.in.Read(buffer)
			return err
		})
		done <- r
	}()
	select {
	case r := <-done:
		return copy(p, buffer[:r.n]), r.err
	case <-s.stop:
		return 0, dispatch.ErrStopped
	}
}
