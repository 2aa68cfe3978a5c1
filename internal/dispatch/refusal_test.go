package dispatch_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/simulator"
)

// A refusal of a repeated request is not believed by the next run either: the first request may be in flight still.
func TestRefusedRepetitionAndRestart(t *testing.T) {
	inTime(t, simulator.Options{Faults: []simulator.Fault{
		{Operation: simulator.OpSessionPay, Action: simulator.ActionHang, Delay: 400 * time.Second, Times: 1},
		{Operation: simulator.OpSessionPay, Action: simulator.ActionStatus, Status: 400, Times: 1},
	}}, func(t *testing.T, b *bundle) {
		run, _ := b.run(dispatch.TwoStep, order("R-1"))
		require.Equal(t, billing.InDoubt, b.outcome(run, "R-1").State)
		b.config.NoWait = true
		run, _ = b.run(dispatch.TwoStep, order("R-1"))
		assert.Equal(t, billing.InDoubt, b.outcome(run, "R-1").State, "believed at once, though the first request is in flight")
		b.config.NoWait = false
		b.run(dispatch.TwoStep, order("R-1", amount(19900)))
		time.Sleep(10 * time.Minute)
		require.Equal(t, 1, b.provider.Live("R-1"), "two live invoices")
	})
}

// The same in one step: wrong state only, for the guard holds.
func TestRefusedRepetitionOneStep(t *testing.T) {
	inTime(t, simulator.Options{Faults: []simulator.Fault{
		{Operation: simulator.OpPay, Action: simulator.ActionHang, Delay: 640 * time.Second, Times: 1},
	}, IndexDelay: 100 * time.Second}, func(t *testing.T, b *bundle) {
		run, _ := b.run(dispatch.OneStep, order("R-1"))
		require.Equal(t, billing.InDoubt, b.outcome(run, "R-1").State)
		b.config.NoWait = true
		run, _ = b.run(dispatch.OneStep, order("R-1"))
		require.NotEqual(t, billing.Rejected, b.outcome(run, "R-1").State, "the provider has it")
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

// With the strict guard a failed attempt burns its reference; with strict-success it does not.
func TestGuardsAfterAFailure(t *testing.T) {
	t.Parallel()
	for guard, want := range map[dintero.Guard]billing.State{dintero.StrictSuccess: billing.Invoiced, dintero.Strict: billing.Rejected} {
		t.Run(guard.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := setup(t, simulator.Options{Faults: []simulator.Fault{{Operation: simulator.OpPay, Action: simulator.ActionFailed, Times: 1}}})
				defer b.close()
				b.config.Guard = guard
				run := b.plan(dispatch.OneStep, order("R-1"))
				_, err := b.send(run)
				require.NoError(t, err)
				require.Equal(t, billing.Rejected, b.outcome(run, "R-1").State)
				run = b.plan(dispatch.OneStep, order("R-1"))
				_, err = b.send(run)
				require.NoError(t, err)
				require.Equal(t, want, b.outcome(run, "R-1").State)
			})
		})
	}
}

// A refusal whose reference exists, though the list shows it only later: the words of the refusal decide nothing.
func TestRefusedThoughItLives(t *testing.T) {
	for name, words := range map[string]string{"a known word": "already exists", "another": "is taken", "none": "Bad Request"} {
		t.Run(name, func(t *testing.T) {
			inTime(t, simulator.Options{IndexDelay: 8 * time.Second}, func(t *testing.T, b *bundle) {
				b.run(dispatch.OneStep, order("R-1"))
				lost := setup(t, simulator.Options{})
				require.NoError(t, lost.provider.Close())
				lost.provider = b.provider
				require.NoError(t, b.provider.SetFaults([]simulator.Fault{{Operation: simulator.OpPay, Action: simulator.ActionDuplicate, Body: words}}))
				run, _ := lost.run(dispatch.OneStep, order("R-1"))
				got := lost.outcome(run, "R-1")
				require.Equal(t, billing.Invoiced, got.State, got.Message)
				require.Equal(t, billing.CodeAdopted, got.Code)
				require.NoError(t, lost.journal.Close())
			})
		})
	}
}

// In one step a shop's open session is in nobody's way: a refusal of the data stays a refusal.
func TestOneStepForeignSession(t *testing.T) {
	inTime(t, simulator.Options{Faults: []simulator.Fault{
		{Operation: simulator.OpPay, Action: simulator.ActionStatus, Status: 400, Times: 1},
	}}, func(t *testing.T, b *bundle) {
		shop := order("R-1", amount(999999))
		body, err := dintero.SessionBody(shop, dintero.BodyOptions{Days: 14, ReturnURL: "https://example.com/"})
		require.NoError(t, err)
		b.foreign(body)
		time.Sleep(time.Hour)
		run, _ := b.run(dispatch.OneStep, order("R-1"))
		require.Equal(t, billing.Rejected, b.outcome(run, "R-1").State)
		again, _ := b.run(dispatch.OneStep, order("R-1", amount(19900)))
		require.Equal(t, billing.Invoiced, b.outcome(again, "R-1").State)
	})
}
