package simulator

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// Counts says what was called since the provider started.
type Counts struct {
	Calls    map[Operation]int `json:"calls"`
	Arrivals []time.Time       `json:"arrivals"` // of every call but the token's, in order
	Pays     []PayCall         `json:"pays"`     // one-step pays only
}

// PayCall is one POST /sessions/pay as it came in, whatever became of it.
type PayCall struct {
	At      time.Time `json:"at"`
	Toggles string    `json:"toggles"` // the Dintero-Feature-Toggles header
	Body    string    `json:"body"`
}

// requestLog collects Counts.
type requestLog struct {
	mu       sync.Mutex
	calls    map[Operation]int
	arrivals []time.Time
	pays     []PayCall
}

func (l *requestLog) add(operation Operation, c *call, countOnly bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls[operation]++
	if countOnly || operation == OpToken {
		return
	}
	now := time.Now() // under the lock, and not rounded: pace is measured with it
	l.arrivals = append(l.arrivals, now)
	if operation == OpPay {
		toggles := strings.Join(c.request.Header.Values("Dintero-Feature-Toggles"), ",")
		l.pays = append(l.pays, PayCall{At: now, Toggles: toggles, Body: string(c.body)})
	}
}

// Requests says what was called so far. Calls that were refused or cut off count too.
func (p *Provider) Requests() Counts {
	l := &p.seen
	l.mu.Lock()
	defer l.mu.Unlock()
	return Counts{Calls: maps.Clone(l.calls), Arrivals: slices.Clone(l.arrivals), Pays: slices.Clone(l.pays)}
}
