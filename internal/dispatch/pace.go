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
	defaultPause = 5 * time.Second  // when the provider does not say how long
	maxPause     = 2 * time.Minute  // whatever the provider says
	lowerEvery   = 10 * time.Second // the rate is lowered by a third at most so often
	recoverEvery = time.Second      // without a 429 before the next step back to the set rate
	recoverSteps = 20               // from nothing to the set rate
	slowest      = 16               // the rate is never lowered below 1/slowest of the set one
	// spacing is kept above 1/rate, so that a late start followed by a punctual one stays within the rate in
	// any second.
	spacing = 1.015
)

// ErrStopped says that a stop came before something was begun.
var ErrStopped = errors.New("interrupted by a signal")

// Pace spaces the requests of all workers evenly and slows all of them after a 429: it honours the wait that the
// provider asks for, lowers the rate, and recovers step by step. It is the client's Pacer, and so the one gate through
// which every request leaves: when it is shut by a stop, none does.
type Pace struct {
	limiter *rate.Limiter
	set     rate.Limit
	stop    <-chan struct{}

	mu      sync.Mutex
	until   time.Time // no request before
	lowered time.Time // when the rate was last lowered
	changed time.Time // when it was last changed, or would have been
}

// NewPace permits perSecond requests per second, evenly spaced; 0 is no limit. When stop is closed no further
// request may leave, also none that waits already; nil never stops.
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

// Throttled is told of a 429.
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
	if p.set == rate.Inf || now.Sub(p.lowered) < lowerEvery { // the pause alone does for a short one
		return
	}
	p.lowered = now
	p.limiter.SetLimit(max(p.limiter.Limit()*2/3, p.set/slowest))
}

// Passed is told of every other answer.
func (p *Pace) Passed() {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if current := p.limiter.Limit(); current < p.set && now.Sub(p.changed) >= recoverEvery {
		p.changed = now
		p.limiter.SetLimit(min(current+p.set/recoverSteps, p.set))
	}
}

// Until gives a context that a stop ends, see the function.
func (p *Pace) Until(ctx context.Context) (context.Context, context.CancelFunc) {
	return Until(ctx, p.stop)
}

// Until gives a context that ends when stop is closed, with ErrStopped as its cause, and at once if it is
// closed already.
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

// sleep waits for d, or tells why there is no use in waiting. What is due needs no timer; two that are due at
// once would even crash the race detector in tests of virtual time, which gives both one context.
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
	if closed(stop) { // also where the time passed: a stop that came by then must be seen
		return ErrStopped
	}
	return context.Cause(ctx)
}
