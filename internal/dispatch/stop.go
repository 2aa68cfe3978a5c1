package dispatch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/fault"
)

// Reason is why a run ended.
type Reason uint8

// The reasons.
const (
	Finished    Reason = iota + 1 // every order was taken up
	Interrupted                   // Stop was closed or ctx ended
	PastDeadline
	TooManyFailures
	LimitReached
	CredentialsRefused
	JournalFailed
	Faulted // a panic
)

// String is the reason in words, as in "stopped: the deadline passed".
func (r Reason) String() string {
	words := [...]string{
		Finished: "finished", Interrupted: msgStopped, PastDeadline: msgPastDeadline,
		TooManyFailures: msgTooManyFailures, LimitReached: msgLimitReached,
		CredentialsRefused: msgCredentialsRefused, JournalFailed: msgJournalFailed, Faulted: msgFaulted,
	}
	if r == 0 || int(r) >= len(words) {
		return fmt.Sprintf("reason(%d)", uint8(r))
	}
	return words[r]
}

// count stops the run if too many orders in a row failed, were refused or fell in doubt: something may be wrong with
// all.
func (d *dispatcher) count(e billing.Event, state billing.State) {
	switch e { //nolint:exhaustive // the others say nothing about the provider's health
	case billing.EventLive, billing.EventAdopted, billing.EventVoided, billing.EventDiffers, billing.EventSeveral:
		d.failures.Store(0)
	case billing.EventRefused, billing.EventLost, billing.EventDeclined, billing.EventLookFailed,
		billing.EventUnsent, billing.EventThrottled:
		switch {
		case (e == billing.EventUnsent || e == billing.EventThrottled) && state != billing.Failed:
			return
		case e == billing.EventLookFailed && state == billing.InDoubt && d.work.Run != "": // counted at its request
			return
		}
		if n := d.failures.Add(1); d.MaxFailures > 0 && n >= int64(d.MaxFailures) {
			d.sendNoMore(TooManyFailures)
		}
	}
}

// result says how the work ended. Call it when no worker runs any more.
func (d *dispatcher) result() (Reason, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.reason, d.err
}

// note keeps the first reason why not everything is done.
func (d *dispatcher) note(reason Reason) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.reason == Finished {
		d.reason = reason
	}
}

// sendNoMore ends sending. Orders that were sent are still looked up to the end of their schedule. Work that sends
// nothing, such as Refresh, stops.
func (d *dispatcher) sendNoMore(reason Reason) {
	d.note(reason)
	d.closeOnce(d.shut)
	if d.work.Run == "" {
		d.closeOnce(d.halt)
	}
}

// stop lets nothing more begin, not even a look-up. What a worker has begun ends.
func (d *dispatcher) stop(reason Reason, err error) {
	d.note(reason)
	d.mu.Lock()
	if d.err == nil {
		d.err = err
	}
	d.mu.Unlock()
	d.closeOnce(d.halt)
}

func (d *dispatcher) closeOnce(c chan struct{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !closed(c) {
		close(c)
	}
}

// fail stops because of an error that every further order would meet: refused credentials, a journal that does not
// work, or a fault of the program.
func (d *dispatcher) fail(err error) {
	reason := JournalFailed
	if errors.Is(err, dintero.ErrCredentials) {
		reason = CredentialsRefused
	}
	if _, faulted := errors.AsType[*fault.Error](err); faulted {
		reason = Faulted
	}
	d.stop(reason, err)
}

// stopped reports whether nothing more may begin, and keeps the reason. After the deadline only look-ups go on.
func (d *dispatcher) stopped(ctx context.Context) bool {
	if !d.Deadline.IsZero() && time.Now().After(d.Deadline) && !closed(d.shut) {
		d.sendNoMore(PastDeadline)
	}
	switch {
	case closed(d.halt):
		return true
	case closed(d.Stop), ctx.Err() != nil:
		d.stop(Interrupted, nil)
		return true
	}
	return false
}

// over reports whether a call's error ends the work: the credentials are refused, or the call was given up.
func (d *dispatcher) over(ctx context.Context, err error) bool {
	if errors.Is(err, dintero.ErrCredentials) {
		d.fail(err)
		return true
	}
	return d.gaveUp(ctx, err)
}

// gaveUp reports whether a stop or the end of ctx kept a call from being made or answered. It keeps that as the reason.
func (d *dispatcher) gaveUp(ctx context.Context, err error) bool {
	if !errors.Is(err, ErrStopped) && (err == nil || ctx.Err() == nil) {
		return false
	}
	d.note(Interrupted)
	return true
}
