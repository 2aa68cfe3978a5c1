package billing_test

import (
	"bufio"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"kraviabatch/internal/billing"
)

var lifecycleNow = time.Date(2026, 11, 30, 23, 59, 0, 0, time.UTC)

// The table of an order's life; each row is a test. Unless a row says otherwise, the run's file has the order and the
// last request is a minute old.
func TestLifecycle(t *testing.T) {
	t.Parallel()
	file, err := os.Open("testdata/lifecycle.md")
	require.NoError(t, err)
	defer func() { _ = file.Close() }()
	seen := map[billing.Event]bool{}
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		cells := strings.Split(lines.Text(), "|")
		require.Len(t, cells, 6, lines.Text())
		order, event, becomes, next := strings.TrimSpace(cells[1]), strings.TrimSpace(cells[2]),
			strings.TrimSpace(cells[3]), strings.TrimSpace(cells[4])
		if order == "order" || strings.HasPrefix(order, "---") {
			continue
		}
		t.Run(order+": "+event, func(t *testing.T) {
			e, answer := parseEvent(t, event)
			seen[e] = true
			l := parseLife(t, order).Next(e, answer, lifecycleNow)
			require.Equal(t, becomes, l.State.String())
			require.Equal(t, next, words(&l))
		})
	}
	require.NoError(t, lines.Err())
	for e := billing.EventPlanned; e <= billing.EventNoCapture; e++ {
		require.True(t, seen[e], "no row for the event %q", e)
	}
}

// words gives the step of an order as the table writes it.
func words(l *billing.Life) string {
	switch {
	case l.Step == 0:
		return "–"
	case l.Parked():
		return l.Step.String() + ", next run"
	case l.Due.Equal(lifecycleNow):
		return l.Step.String() + " now"
	}
	return fmt.Sprintf("%s in %s", l.Step, l.Due.Sub(lifecycleNow))
}

func parseEvent(t *testing.T, text string) (billing.Event, billing.Outcome) {
	t.Helper()
	answer := billing.Outcome{State: billing.Invoiced}
	for e := billing.EventPlanned; e <= billing.EventNoCapture; e++ {
		if text == e.String() {
			return e, answer
		}
		detail, found := strings.CutPrefix(text, e.String()+": ")
		if !found {
			continue
		}
		switch detail {
		case "number later":
			answer.State = billing.Registered
		case "incomplete":
			answer.Code = billing.CodeIncomplete
		case "not collected":
			answer.Code = billing.CodeDeliver
		default:
			require.Fail(t, "unknown detail", text)
		}
		return e, answer
	}
	require.Fail(t, "unknown event", text)
	return 0, answer
}

var number = regexp.MustCompile(`^(tries|last request)? ?(\w+)( looks? to make| ago)?$`)

func parseLife(t *testing.T, text string) billing.Life {
	t.Helper()
	parts := strings.Split(text, ", ")
	state, err := billing.ParseState(parts[0])
	require.NoError(t, err)
	l := billing.Life{
		Outcome: billing.Outcome{State: state}, Sent: 1, LastAttempt: lifecycleNow.Add(-time.Minute),
		Wanted: true, ResendAfter: 10 * time.Minute,
	}
	switch state {
	case billing.Planned:
		l.Step, l.Due, l.Sent = billing.StepSend, lifecycleNow, 0
	case billing.Sending, billing.InDoubt, billing.Conflict:
		l.Step = billing.StepLookUp
	case billing.Registered, billing.Invoiced, billing.Rejected, billing.Failed, billing.Voided:
	}
	for _, part := range parts[1:] {
		if step, err := billing.ParseStep(part); err == nil {
			l.Step = step
			if step == billing.StepCapture {
				l.Code = billing.CodeDeliver
			}
			continue
		}
		if wait, found := strings.CutPrefix(part, "due in "); found {
			in, err := time.ParseDuration(wait)
			require.NoError(t, err)
			l.Due = lifecycleNow.Add(in)
			continue
		}
		switch part {
		case "refused":
			l.Refused = true
		case "resent":
			l.Resent = true
		case "grouped":
			l.Grouped = true
		case "not in the file":
			l.Wanted = false
		case "none sent":
			l.Sent = 0
		default:
			m := number.FindStringSubmatch(part)
			require.NotNil(t, m, part)
			switch m[1] {
			case "tries":
				l.Tries, err = strconv.Atoi(m[2])
			case "last request":
				var age time.Duration
				age, err = time.ParseDuration(m[2])
				l.LastAttempt = lifecycleNow.Add(-age)
			default:
				l.Looks, err = strconv.Atoi(m[2])
				if state == billing.Planned {
					l.Step = billing.StepLookFirst
				}
			}
			require.NoError(t, err)
		}
	}
	return l
}

// What a run does with an order that the journal knows.
func TestDecide(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		state       billing.State
		same, other billing.Decision
		replaced    bool
	}{
		{billing.Planned, billing.ToSend, billing.ToSend, true},
		{billing.Failed, billing.ToSend, billing.ToSend, true},
		{billing.Rejected, billing.ToSend, billing.ToSend, true},
		{billing.Sending, billing.ToSend, billing.Mismatched, false},
		{billing.InDoubt, billing.ToSend, billing.Mismatched, false},
		{billing.Registered, billing.Already, billing.Mismatched, false},
		{billing.Invoiced, billing.Already, billing.Mismatched, false},
		{billing.Conflict, billing.Already, billing.Mismatched, false},
		{billing.Voided, billing.Already, billing.Already, false},
	} {
		decision, replace := billing.Decide(billing.Life{Outcome: billing.Outcome{State: row.state}, Sent: 1}, true)
		require.Equal(t, row.same, decision, row.state)
		require.Equal(t, row.replaced, replace, row.state)
		decision, replace = billing.Decide(billing.Life{Outcome: billing.Outcome{State: row.state}, Sent: 1}, false)
		require.Equal(t, row.other, decision, row.state)
		require.Equal(t, row.replaced, replace, row.state)
	}
	for _, nothing := range []billing.Life{{}, {Sent: 1, Refused: true}} {
		nothing.State = billing.Conflict
		decision, replace := billing.Decide(nothing, false)
		require.Equal(t, billing.ToSend, decision, "no request can have created anything")
		require.True(t, replace)
		require.Equal(t, 1, nothing.Next(billing.EventPlanned, billing.Outcome{}, time.Now()).Looks,
			"and what is there is looked at again")
		decision, replace = billing.Decide(nothing, true)
		require.Equal(t, billing.Already, decision)
		require.False(t, replace)
	}
}

// Whatever happens in whatever sequence: an order with a request that may have arrived is sent again only if the
// request is old enough, the run's file has the order, and this run has not sent it again before. No event leaves an
// order in an unknown state.
func TestLifecycleNeverSendsTwiceEarly(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l := billing.Life{
			Wanted: rapid.Bool().Draw(t, "wanted"), Grouped: rapid.Bool().Draw(t, "grouped"),
			ResendAfter: 10 * time.Minute,
		}
		l.Looks = rapid.IntRange(0, 2).Draw(t, "looks")
		now := lifecycleNow
		l = l.Next(billing.EventPlanned, billing.Outcome{}, now)
		resends := 0
		for range rapid.IntRange(1, 60).Draw(t, "events") {
			e := rapid.SampledFrom(possible(&l)).Draw(t, "event")
			if l.Step != 0 && !l.Parked() && l.Due.After(now) && e != billing.EventResumed {
				now = l.Due
			}
			now = now.Add(time.Duration(rapid.IntRange(0, 90).Draw(t, "seconds")) * time.Second)
			answer := billing.Outcome{
				State: rapid.SampledFrom([]billing.State{billing.Invoiced, billing.Registered}).Draw(t, "answer"),
			}
			before := l
			l = l.Next(e, answer, now)
			if e == billing.EventResumed {
				resends = 0
			}
			require.NotZero(t, l.State)
			require.GreaterOrEqual(t, l.Sent, 0)
			if l.Step == billing.StepSend && l.Sent > 0 && l.State == billing.InDoubt {
				require.True(t, l.Wanted)
				require.True(t, now.Sub(before.LastAttempt) >= l.ResendAfter || e == billing.EventUnpaid,
					"%s after %s", e, now.Sub(before.LastAttempt))
			}
			if e == billing.EventBegun && before.State == billing.InDoubt {
				resends++
				require.LessOrEqual(t, resends, 1)
			}
			if l.State == billing.Sending || l.State == billing.InDoubt || l.State == billing.Conflict {
				require.NotZero(t, l.Step, "an unclear order is forgotten")
			}
		}
	})
}

// An order whose requests never arrive fails in the end.
func TestLifecycleGivesUp(t *testing.T) {
	t.Parallel()
	for e, want := range map[billing.Event]int{billing.EventUnsent: 5, billing.EventThrottled: 20} {
		l := billing.Life{Wanted: true, ResendAfter: 10 * time.Minute}.Next(billing.EventPlanned, billing.Outcome{},
			lifecycleNow)
		tries := 0
		for ; l.Step == billing.StepSend && tries < 100; tries++ {
			l = l.Next(billing.EventBegun, billing.Outcome{}, l.Due).Next(e, billing.Outcome{}, l.Due)
		}
		require.Equal(t, want, tries)
		require.Equal(t, billing.Failed, l.State)
		require.Zero(t, l.Sent)
	}
}

// If a wrong clock dated the last request far in the future, the wait is --resend-after, and happens once.
func TestLifecycleClockThatWasAhead(t *testing.T) {
	t.Parallel()
	l := billing.Life{
		Outcome: billing.Outcome{State: billing.InDoubt}, Step: billing.StepLookUp, Tries: 5, Sent: 1,
		Wanted: true, ResendAfter: 10 * time.Minute,
	}
	l.LastAttempt = lifecycleNow.AddDate(1, 0, 0)
	l = l.Next(billing.EventNothing, billing.Outcome{}, lifecycleNow)
	require.Equal(t, lifecycleNow.Add(10*time.Minute), l.Due)
	require.Equal(t, billing.StepSend, l.Next(billing.EventNothing, billing.Outcome{}, l.Due).Step)
}

// possible lists the events that the step of an order can lead to.
func possible(l *billing.Life) []billing.Event {
	looks := []billing.Event{
		billing.EventLive, billing.EventDiffers, billing.EventSeveral, billing.EventForeign, billing.EventDeclined,
		billing.EventVoided,
		billing.EventPending, billing.EventUnpaid, billing.EventSpent, billing.EventNothing, billing.EventLookFailed,
	}
	switch {
	case l.State == billing.Sending:
		return []billing.Event{
			billing.EventUnsent, billing.EventThrottled, billing.EventWithdrawn, billing.EventRefused,
			billing.EventLost, billing.EventLive,
			billing.EventDeclined, billing.EventVoided, billing.EventResumed,
		}
	case l.Parked():
		return []billing.Event{billing.EventResumed}
	case l.Step == billing.StepSend:
		return []billing.Event{
			billing.EventBegun, billing.EventBegun, billing.EventHeld, billing.EventUnsendable,
			billing.EventResumed,
		}
	case l.Step == billing.StepCapture && l.State.Live():
		return []billing.Event{
			billing.EventCapturing, billing.EventUncaptured, billing.EventNoCapture,
			billing.EventLive, billing.EventResumed,
		}
	}
	return append(looks, billing.EventResumed)
}
