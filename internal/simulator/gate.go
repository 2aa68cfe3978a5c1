package simulator

import (
	"net/http"
	"strconv"
	"sync"
	"time"
)

// gate is the provider's own rate limit, as a virtual schedule: each call moves it on by one interval, and a call is
// refused while the schedule is a second or more ahead.
type gate struct {
	perSecond int
	mu        sync.Mutex
	scheduled time.Time
}

// enter admits a call, or says how long to wait.
func (g *gate) enter(now time.Time) time.Duration {
	if g.perSecond <= 0 {
		return 0
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.scheduled.Before(now) {
		g.scheduled = now
	}
	interval := time.Second / time.Duration(g.perSecond)
	if ahead := g.scheduled.Sub(now) + interval; ahead > time.Second {
		return ahead - time.Second
	}
	g.scheduled = g.scheduled.Add(interval)
	return 0
}

// throttled rounds the wait up to whole seconds, as Retry-After needs it.
func throttled(wait time.Duration) answer {
	a := refuse(http.StatusTooManyRequests, "TOO_MANY_REQUESTS", "rate limit exceeded")
	seconds := (wait + time.Second - 1) / time.Second
	a.header = http.Header{"Retry-After": {strconv.Itoa(int(seconds))}}
	return a
}
