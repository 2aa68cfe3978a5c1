package dispatch_test

import (
	"bytes"
	"io"
	"net/http"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/simulator"
)

// A failed transaction that is older than the order's own request accounts for nothing: what is in flight is in doubt.
func TestFailedOfOthersIsNotOurRequest(t *testing.T) {
	for _, flow := range []string{dispatch.OneStep, dispatch.TwoStep} {
		t.Run(flow, func(t *testing.T) {
			inTime(t, simulator.Options{}, func(t *testing.T, b *bundle) {
				b.fails(order("R-1", amount(100)))
				time.Sleep(24 * time.Hour)
				require.NoError(t, b.provider.SetFaults([]simulator.Fault{
					{Operation: simulator.OpPay, Action: simulator.ActionHang, Delay: 90 * time.Second, Times: 1},
					{Operation: simulator.OpSessionPay, Action: simulator.ActionHang, Delay: 90 * time.Second, Times: 1},
				}))
				run, _ := b.run(flow, order("R-1"))
				assert.Equal(t, billing.Invoiced, b.outcome(run, "R-1").State, "rejected after 2 s, though the request was in flight")
				b.run(flow, order("R-1", amount(19900)))
				time.Sleep(10 * time.Minute)
				require.Equal(t, 1, b.provider.Live("R-1"), "two live invoices")
			})
		})
	}
}

// Sessions that ended account for no payment request.
func TestEndedSessionsAreNoRequests(t *testing.T) {
	inTime(t, simulator.Options{Faults: []simulator.Fault{
		{Operation: simulator.OpSessionPay, Action: simulator.ActionStatus, Status: 400, Times: 1},
		{Operation: simulator.OpSessionPay, Action: simulator.ActionFailed, Times: 1},
		{Operation: simulator.OpSessionPay, Action: simulator.ActionHang, Delay: 90 * time.Second, Times: 1},
	}}, func(t *testing.T, b *bundle) {
		b.run(dispatch.TwoStep, order("R-1"))
		b.run(dispatch.TwoStep, order("R-1", amount(10100)))
		b.config.Deadline = time.Now().Add(3 * time.Minute)
		run, _ := b.run(dispatch.TwoStep, order("R-1", amount(10200)))
		assert.NotEqual(t, billing.Rejected, b.outcome(run, "R-1").State, "its request is in flight")
		b.config.Deadline = time.Time{}
		b.run(dispatch.TwoStep, order("R-1", amount(10300)))
		time.Sleep(10 * time.Minute)
		require.Equal(t, 1, b.provider.Live("R-1"), "two live invoices")
	})
}

// Another program's attempt that fails while the order's own request is in flight accounts for nothing either.
func TestFailureOfOthersMeanwhile(t *testing.T) {
	inTime(t, simulator.Options{Faults: []simulator.Fault{
		{Operation: simulator.OpPay, Action: simulator.ActionHang, Delay: 9 * time.Minute, Times: 1},
		{Operation: simulator.OpPay, Action: simulator.ActionFailed, Times: 1},
	}}, func(t *testing.T, b *bundle) {
		b.config.NoWait = true
		b.run(dispatch.OneStep, order("R-1"))
		time.Sleep(6 * time.Minute)
		body, err := dintero.OneStep(order("R-1", amount(100)), dintero.BodyOptions{Days: 14})
		require.NoError(t, err)
		answer := b.client(b.provider.Transport(), "secret").Pay(t.Context(), unmarked(t, body), 0, dintero.Expect{})
		require.Equal(t, dintero.MeansDeclined, answer.Meaning)
		run, _ := b.run(dispatch.OneStep, order("R-1"))
		require.Equal(t, billing.InDoubt, b.outcome(run, "R-1").State, "its request is in flight")
		time.Sleep(5 * time.Minute)
		run, _ = b.run(dispatch.OneStep, order("R-1"))
		require.Equal(t, billing.Invoiced, b.outcome(run, "R-1").State)
	})
}

type shifted struct {
	http.RoundTripper
	by time.Duration
}

var createdAt = regexp.MustCompile(`"created_at":"([^"]+)"`)

func (f shifted) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := f.RoundTripper.RoundTrip(r)
	if err != nil {
		return resp, err
	}
	body, _ := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	body = createdAt.ReplaceAllFunc(body, func(m []byte) []byte {
		at, err := time.Parse(time.RFC3339, string(createdAt.FindSubmatch(m)[1]))
		if err != nil {
			return m
		}
		return []byte(`"created_at":"` + at.Add(f.by).Format(time.RFC3339Nano) + `"`)
	})
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	resp.Header.Del("Content-Length")
	return resp, nil
}

// A provider whose clock is ahead: the failed transaction of the run before accounts for nothing of this one's request.
func TestProviderClockAhead(t *testing.T) {
	for _, flow := range []string{dispatch.OneStep, dispatch.TwoStep} {
		t.Run(flow, func(t *testing.T) {
			inTime(t, simulator.Options{Faults: []simulator.Fault{
				{Operation: simulator.OpPay, Action: simulator.ActionFailed, Times: 1},
				{Operation: simulator.OpSessionPay, Action: simulator.ActionFailed, Times: 1},
				{Operation: simulator.OpPay, Action: simulator.ActionHang, Delay: 90 * time.Second, Times: 1},
				{Operation: simulator.OpSessionPay, Action: simulator.ActionHang, Delay: 90 * time.Second, Times: 1},
			}}, func(t *testing.T, b *bundle) {
				send := func(o *billing.Order) string {
					run := b.plan(flow, o)
					cfg := b.config
					cfg.Run, cfg.Flow = run, flow
					_, err := dispatch.Ready(t.Context(), b.journal, cfg)
					require.NoError(t, err)
					_, err = dispatch.Run(t.Context(), b.journal, b.client(shifted{b.provider.Transport(), 2 * time.Minute}, "secret"), cfg)
					require.NoError(t, err)
					return run
				}
				run := send(order("R-1"))
				require.Equal(t, billing.Rejected, b.outcome(run, "R-1").State)
				time.Sleep(30 * time.Second)
				run = send(order("R-1", amount(19900)))
				assert.Equal(t, billing.Invoiced, b.outcome(run, "R-1").State, "concluded by the failed transaction of the request before")
				send(order("R-1", amount(18900)))
				time.Sleep(10 * time.Minute)
				require.Equal(t, 1, b.provider.Live("R-1"), "two live invoices")
			})
		})
	}
}
