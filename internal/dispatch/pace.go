package dispatch

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// How the pace answers a 429.
const (
	defaultPause = 5 * time.Second  // if the provider does not say how long to wait
	maxPause     = 2 * time.Minute  // whatever the provider says
	lowerEvery   = 10 * time.Second // the rate is lowered by a third, once in this time at most
	recoverEvery = time.Second      // time without a 429 before the next step back to the set rate
	recoverSteps = 20               // steps from nothing to the set rate
	slowest      = 16               // the rate is never below 1/slowest of the set rate
	// spacing makes the distance between requests a little longer than 1/rate. So a request that starts late and one
	// that starts on time stay within the rate in any second.
	spacing = 1.015
)

// ErrStopped says that a stop came before the request was begun, so it did not leave.
var ErrStopped = errors.New(msgStopped)

// Pace spaces the requests of all workers evenly. After a 429 it slows all of them: it waits as long as the provider
// asks for, lowers the rate, and recovers step by step. It is the client's Pacer, and so the one gate through which
// every request leaves. A stop closes the gate.
type Pace struct {
	limiter *rate.Limiter
	set     rate.Limit
	stop    <-chan struct{}

	mu      sync.Mutex
	until   time.Time // no request leaves before
	lowered time.Time // when the rate was last lowered
	changed time.Time // from when recoverEvery counts
}

// NewPace permits perSecond requests per second, evenly spaced; 0 is no limit. After stop is closed no request leaves,
// not even one that is waiting already. A nil stop never stops.
func NewPace(perSecond float64, stop <-chan struct{}) *Pace {
	set := rate.Inf
	if perSecond > 0 {
		set = rate.Limit(perSecond / spacing)
	}
	return &Pace{limiter: rate.NewLimiter(set, 1), set: set, stop: stop}
}

// Wait blocks until the next request may leave. After an error it must not leave: [ErrStopped], or the context's.
func (p *Pace) Wait(ctx context.Context) error {
	for {
		p.mu.Lock()
		pause := time.Until(p.until)
		p.mu.Unlock()
		if pause <= 0 {
			break
		}
		if err := sleep(ctx, p.stop, pause); err != nil {
			return err
		}
	}
	turn := p.limiter.Reserve()
	err := sleep(ctx, p.stop, turn.Delay())
	if err != nil {
		turn.Cancel()
	}
	return err
}

// Throttled slows all workers after a 429. wait is how long the provider asks to wait; known is false if it does not
// say.
func (p *Pace) Throttled(wait time.Duration, known bool) {
	if !known {
		wait = defaultPause
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if until := now.Add(min(wait, maxPause)); until.After(p.until) {
		p.until = until
	}
	p.changed = p.until
	if p.set == rate.Inf || now.Sub(p.lowered) < lowerEvery { // then the pause alone must do
		return
	}
	p.lowered = now
	p.limiter.SetLimit(max(p.limiter.Limit()*2/3, p.set/slowest))
}

// Passed takes a step back towards the set rate, if it is time for one. Call it after every answer but a 429.
func (p *Pace) Passed() {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if current := p.limiter.Limit(); current < p.set && now.Sub(p.changed) >= recoverEvery {
		p.changed = now
		p.limiter.SetLimit(min(current+p.set/recoverSteps, p.set))
	}
}

// Until gives a context that a stop ends, see the function [Until].
func (p *Pace) Until(ctx context.Context) (context.Context, context.CancelFunc) {
	return Until(ctx, p.stop)
}

// Until gives a context that ends when stop is closed, with ErrStopped as its cause, and at once if stop is closed
// already.
func Until(ctx context.Context, stop <-chan struct{}) (context.Context, context.CancelFunc) {
	open, shut := context.WithCancelCause(ctx)
	if closed(stop) {
		shut(ErrStopped)
	}
	go func() {
		select {
		case <-stop:
			shut(ErrStopped)
		case <-open.Done():
		}
	}()
	return open, func() { shut(nil) }
}

func closed(stop <-chan struct{}) bool {
	select {
	case <-stop:
		return true
	default:
		return false
	}
}

// sleep waits for d. Its error says why waiting is of no use any more. A wait of 0 takes no timer: two timers that are
// due at once crash the race detector in tests with virtual time, which gives both one context.
func sleep(ctx context.Context, stop <-chan struct{}, d time.Duration) error {
	if d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
		case <-stop:
		}
	}
	if closed(stop) { // also after the time has passed: select may have missed a stop that came at the same moment
		return ErrStopped
	}
	return context.Cause(ctx)
}
