package dispatch_test

import (
	"bytes"
	"fmt"
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

// An answer that names another program's session does not make it the order's: it is never paid.
func TestSessionNamedByDoubt(t *testing.T) {
	for _, status := range []int{409, 500} {
		for _, list := range []bool{true, false} {
			t.Run(fmt.Sprint(status, list), func(t *testing.T) {
				inTime(t, simulator.Options{NoSessionList: !list}, func(t *testing.T, b *bundle) {
					body, err := dintero.SessionBody(order("R-1", amount(999999)), dintero.BodyOptions{Days: 14, ReturnURL: "https://example.com/"})
					require.NoError(t, err)
					run := b.plan(dispatch.TwoStep, order("R-1"))
					shop := b.foreign(body)
					require.NoError(t, b.provider.SetFaults([]simulator.Fault{
						{Operation: simulator.OpSessions, Action: simulator.ActionStatus, Status: 404, Times: 1}, // not listed yet
						{
							Operation: simulator.OpSessionPay, Action: simulator.ActionStatus, Status: status, Times: 1,
							Body: naming(shop),
						},
					}))
					_, err = b.send(run)
					require.NoError(t, err)
					for _, live := range b.live("R-1") {
						require.Equal(t, int64(29900), live.Amount, "another program's session was paid")
					}
					if !list { // else it is in the way
						require.Len(t, b.live("R-1"), 1)
					}
				})
			})
		}
	}
}

// In one step neither: another person's invoice is not adopted because an answer named its session.
func TestAdoptionBySessionOfDoubt(t *testing.T) {
	b2c := products()[billing.B2C]
	inTime(t, simulator.Options{}, func(t *testing.T, b *bundle) {
		kari := order("R-1", b2c, func(o *billing.Order) { o.Address.FirstName, o.Address.Email = "Kari", "kari@nordmann.no" })
		body, err := dintero.OneStep(kari, dintero.BodyOptions{Days: 14})
		require.NoError(t, err)
		answer := b.client(b.provider.Transport(), "secret").Pay(t.Context(), unmarked(t, body), 0, dintero.Expect{})
		require.NotNil(t, answer.Transaction, answer.Message)
		require.NoError(t, b.provider.SetFaults([]simulator.Fault{{
			Operation: simulator.OpPay, Action: simulator.ActionStatus, Status: 409, Times: 1,
			Body: naming(answer.SessionID),
		}}))
		run, _ := b.run(dispatch.OneStep, order("R-1", b2c))
		require.Equal(t, billing.Conflict, b.outcome(run, "R-1").State, "Kari's invoice is taken for Ola's")
	})
}

// A shop's session under the reference, for which the strict guard would refuse every repetition, does not leave an order in doubt for ever.
func TestStrictGuardForEver(t *testing.T) {
	for name, life := range map[string]time.Duration{"open": 10000 * time.Hour, "expired": time.Minute} {
		t.Run(name, func(t *testing.T) {
			inTime(t, simulator.Options{SessionLife: life}, func(t *testing.T, b *bundle) {
				body, err := dintero.SessionBody(order("R-1", amount(999999)), dintero.BodyOptions{Days: 14, ReturnURL: "https://example.com/"})
				require.NoError(t, err)
				b.foreign(body)
				time.Sleep(time.Hour)
				require.NoError(t, b.provider.SetFaults([]simulator.Fault{{Operation: simulator.OpPay, Action: simulator.ActionDropBefore, Times: 1}}))
				var run string
				for range 6 {
					run, _ = b.run(dispatch.OneStep, order("R-1"))
					t.Log(b.outcome(run, "R-1").State, b.outcome(run, "R-1").Code, b.outcome(run, "R-1").Message)
					time.Sleep(24 * time.Hour)
				}
				require.Equal(t, billing.Invoiced, b.outcome(run, "R-1").State)
			})
		})
	}
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

// A session that two steps left does not keep an order in doubt that goes in one step now.
func TestFlowSwitchedAtOnce(t *testing.T) {
	inTime(t, simulator.Options{SessionLife: 10000 * time.Hour, Faults: []simulator.Fault{
		{Operation: simulator.OpSessionPay, Action: simulator.ActionStatus, Status: 400},
		{Operation: simulator.OpPay, Action: simulator.ActionStatus, Status: 400, Times: 1},
	}}, func(t *testing.T, b *bundle) {
		b.run(dispatch.TwoStep, order("R-1"))
		time.Sleep(time.Minute)
		var run string
		for range 5 {
			run, _ = b.run(dispatch.OneStep, order("R-1", amount(10100)))
			t.Log(b.outcome(run, "R-1").State, b.outcome(run, "R-1").Message)
			time.Sleep(24 * time.Hour)
		}
		require.NotEqual(t, billing.InDoubt, b.outcome(run, "R-1").State)
	})
}

// A look-up that failed does not count among the two that a refusal needs.
func TestRefusalAfterAFailedLookUp(t *testing.T) {
	inTime(t, simulator.Options{IndexDelay: 8 * time.Second}, func(t *testing.T, b *bundle) {
		b.run(dispatch.OneStep, order("R-1"))
		lost := setup(t, simulator.Options{})
		require.NoError(t, lost.provider.Close())
		lost.provider = b.provider
		defer func() { require.NoError(t, lost.journal.Close()) }()
		require.NoError(t, b.provider.SetFaults([]simulator.Fault{{Operation: simulator.OpTransactions, Action: simulator.ActionStatus, Status: 500, Times: 1}}))
		run, _ := lost.run(dispatch.OneStep, order("R-1"))
		got := lost.outcome(run, "R-1")
		require.Equal(t, billing.Invoiced, got.State, "%s: the only look-up that succeeded was 2 s after the refusal", got.Message)
	})
}

// One order whose look-ups fail is one failure.
func TestOneOrderIsManyFailures(t *testing.T) {
	inTime(t, simulator.Options{Faults: []simulator.Fault{
		{Operation: simulator.OpPay, Action: simulator.ActionDropBefore, Times: 1},
		{Operation: simulator.OpTransactions, Action: simulator.ActionStatus, Status: 500, Times: 3},
	}}, func(t *testing.T, b *bundle) {
		b.config.MaxFailures = 3
		run, reason := b.run(dispatch.OneStep, order("R-1"))
		assert.Equal(t, dispatch.Finished, reason)
		require.Equal(t, billing.Invoiced, b.outcome(run, "R-1").State)
	})
}

// An order in doubt across midnight is not paid by the session of the day before, which would give it another due date.
func TestInDoubtAcrossMidnight(t *testing.T) {
	inTime(t, simulator.Options{SessionLife: 100 * time.Hour, Faults: []simulator.Fault{
		{Operation: simulator.OpSessionPay, Action: simulator.ActionDropBefore, Times: 1},
	}}, func(t *testing.T, b *bundle) {
		due := time.Now().UTC().AddDate(0, 0, 30).Format(time.DateOnly)
		o := func() *billing.Order {
			return order("R-1", func(o *billing.Order) { o.DueDate, o.DaysUntilDue = billing.Date(due), 30 })
		}
		b.config.NoWait = true
		b.run(dispatch.TwoStep, o())
		b.config.NoWait = false
		time.Sleep(48 * time.Hour)
		run, _ := b.run(dispatch.TwoStep, o())
		t.Log(b.outcome(run, "R-1").Code, b.outcome(run, "R-1").Message)
		require.Len(t, b.live("R-1"), 1)
		require.Equal(t, due, b.live("R-1")[0].DueDate)
	})
}

// The same in one step.
func TestSpentAndCorrected(t *testing.T) {
	inTime(t, simulator.Options{Faults: []simulator.Fault{
		{Operation: simulator.OpPay, Action: simulator.ActionDropBefore, Times: 1},
		{Operation: simulator.OpPay, Action: simulator.ActionFailed, Times: 1},
	}}, func(t *testing.T, b *bundle) {
		run, _ := b.run(dispatch.OneStep, order("R-1"))
		t.Log(b.outcome(run, "R-1").State, b.outcome(run, "R-1").Code, b.outcome(run, "R-1").Message, b.outcome(run, "R-1").Hint)
		for range 4 {
			time.Sleep(24 * time.Hour)
			b.run(dispatch.OneStep, order("R-1", amount(19900)))
		}
		stored, err := b.journal.Stored(t.Context(), account, []string{"R-1"})
		require.NoError(t, err)
		require.Equal(t, billing.Invoiced, stored["R-1"].State, "in doubt for ever: the row was corrected")
	})
}

// A conflict whose transaction failed in the end is over.
func TestConflictThatFailed(t *testing.T) {
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	for _, sent := range []int{0, 1} {
		l := billing.Life{Outcome: billing.Outcome{State: billing.Conflict, TransactionID: "T"}, Step: billing.StepLookUp, Sent: sent, Wanted: true, LastAttempt: now.AddDate(0, 0, -9)}
		got := l.Next(billing.EventDeclined, billing.Outcome{TransactionID: "T"}, now)
		assert.NotEqual(t, billing.Conflict, got.State, "sent %d: in conflict for ever, every run ends with 6", sent)
	}
}
