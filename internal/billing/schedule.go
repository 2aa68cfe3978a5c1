package billing

import (
	"math"
	"time"
)

// Schedule lists the waits before the look-ups of an order in doubt; together they last 67 s. The result is the
// caller's.
func Schedule() []time.Duration {
	return []time.Duration{2 * time.Second, 5 * time.Second, 10 * time.Second, 20 * time.Second, 30 * time.Second}
}

// ScheduleLength is how long the entire Schedule takes.
func ScheduleLength() (sum time.Duration) {
	for _, wait := range Schedule() {
		sum += wait
	}
	return sum
}

// pause is the wait before the look-up at this place of the Schedule, counted from 0.
func (l Life) pause(place int) time.Duration { return l.shortened(Schedule()[place]) }

// shortened scales a wait of the table down if ResendAfter is shorter than the Schedule, so that the entire Schedule
// fits into it.
func (l Life) shortened(wait time.Duration) time.Duration {
	if length := ScheduleLength(); l.ResendAfter > 0 && l.ResendAfter < length {
		return time.Duration(wait.Milliseconds()*l.ResendAfter.Milliseconds()/length.Milliseconds()) * time.Millisecond
	}
	return wait
}

// Never is the due time of a step that is left to the next run.
func Never() time.Time { return time.Unix(0, math.MaxInt64).UTC() }
