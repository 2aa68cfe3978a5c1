package dispatch_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/simulator"
)

// In two steps a refusal of the session's payment is not believed while look-ups fail.
func TestRefusalAfterFailedLookUpsTwice(t *testing.T) {
	inTime(t, simulator.Options{Faults: []simulator.Fault{
		{Operation: simulator.OpSessionPay, Action: simulator.ActionStatusAfterCommit, Status: 400, Times: 1},
	}, IndexDelay: 8 * time.Second}, func(t *testing.T, b *bundle) {
		run := b.plan(dispatch.TwoStep, order("R-1"))
		cfg := b.config
		cfg.Run, cfg.Flow = run, dispatch.TwoStep
		_, err := dispatch.Ready(t.Context(), b.journal, cfg)
		require.NoError(t, err)
		_, err = dispatch.Run(t.Context(), b.journal, b.client(failOnce{b.provider.Transport(), new(bool), new(bool)}, "secret"), cfg)
		require.NoError(t, err)
		require.Equal(t, billing.Invoiced, b.outcome(run, "R-1").State)
	})
}

// failOnce makes the first list of transactions after the first payment fail, and reading a session lag.
type failOnce struct {
	http.RoundTripper
	paid, failed *bool
}

func (f failOnce) RoundTrip(r *http.Request) (*http.Response, error) {
	if *f.paid && !*f.failed && r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/transactions") {
		*f.failed = true
		return &http.Response{StatusCode: 500, Body: http.NoBody, Header: http.Header{}, Request: r}, nil
	}
	if strings.HasSuffix(r.URL.Path, "/pay") {
		*f.paid = true
	}
	return f.RoundTripper.RoundTrip(r)
}

// An order of which nothing was sent, in doubt because of what was pending there, and corrected since, is concluded.
func TestNeverSentInDoubtForEver(t *testing.T) {
	inTime(t, simulator.Options{SessionLife: time.Hour}, func(t *testing.T, b *bundle) {
		// an own session, of a journal that was lost, under the reference
		body, err := dintero.SessionBody(order("R-1"), dintero.BodyOptions{Days: 14, ReturnURL: "https://example.com/"})
		require.NoError(t, err)
		b.client(b.provider.Transport(), "secret").CreateSession(t.Context(), body, false, 0)
		b.extraLooks = 1
		run, _ := b.run(dispatch.OneStep, order("R-1"))
		t.Log(b.outcome(run, "R-1").State)
		b.extraLooks = 0
		for range 4 {
			time.Sleep(24 * time.Hour)
			b.run(dispatch.OneStep, order("R-1", amount(19900)))
		}
		stored, err := b.journal.Stored(t.Context(), account, []string{"R-1"})
		require.NoError(t, err)
		t.Log(stored["R-1"].State, stored["R-1"].Sent)
		require.Equal(t, billing.Invoiced, stored["R-1"].State, "in doubt for ever, though nothing was ever sent")
	})
}

// A limit counts places in the run, also among orders that wait for a second look-up.
func TestLimit(t *testing.T) {
	inTime(t, simulator.Options{}, func(t *testing.T, b *bundle) {
		b.extraLooks = 1
		b.config.NoWait = true
		b.run(dispatch.TwoStep, many(4)...)
		run := b.plan(dispatch.TwoStep, many(4)...)
		held, err := b.journal.Hold(t.Context(), run, 1)
		require.NoError(t, err)
		require.Equal(t, int64(3), held)
	})
}

// After the deadline nothing waits for a repetition that is not made any more.
func TestDeadlineWaits(t *testing.T) {
	inTime(t, simulator.Options{Faults: []simulator.Fault{{Operation: simulator.OpPay, Action: simulator.ActionDropBefore, Times: 1}}}, func(t *testing.T, b *bundle) {
		begin := time.Now()
		b.config.Deadline = begin.Add(2 * time.Minute)
		_, reason := b.run(dispatch.OneStep, order("R-1"))
		require.Equal(t, dispatch.PastDeadline, reason)
		require.Less(t, time.Since(begin), 4*time.Minute, "it waits ten minutes for a repetition that it must not make")
	})
}
