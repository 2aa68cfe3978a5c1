package dispatch_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/simulator"
)

func TestRefreshReadsPages(t *testing.T) {
	inTime(t, simulator.Options{}, func(t *testing.T, b *bundle) {
		orders := many(1000, grouped)
		run, _ := b.run(dispatch.OneStep, orders...)
		before := b.count(simulator.OpTransactions)
		_, err := b.provider.Issue(time.Now())
		require.NoError(t, err)
		changes, _, err := b.refresh(run, false)
		require.NoError(t, err)
		require.LessOrEqual(t, b.count(simulator.OpTransactions)-before, 20)
		require.Len(t, changes, 1000)
		require.Contains(t, changes["R-0500"], "registered → invoiced")
		outcomes := b.outcomes(run)
		for _, o := range orders {
			require.NotEmpty(t, outcomes[o.Reference].InvoiceNumber)
		}
	})
}

func TestRefreshAllTellsPayments(t *testing.T) {
	inTime(t, simulator.Options{Model: simulator.ModelAuthorized}, func(t *testing.T, b *bundle) {
		run, _ := b.run(dispatch.OneStep, order("R-1"), order("R-2"), order("R-3"))
		require.NoError(t, b.provider.MarkPaid("R-1", 29900))
		require.NoError(t, b.provider.MarkPaid("R-2", 100))
		_, _, err := b.refresh(run, true)
		require.NoError(t, err)
		for reference, want := range map[string]string{"R-1": "paid", "R-2": "part-paid", "R-3": "unpaid"} {
			require.Equal(t, want, b.outcome(run, reference).PaymentStatus)
		}
	})
}

// What was registered and failed afterwards is no invoice: its row must not stay registered, which ends with
// exit code 0.
func TestRegisteredThenFailed(t *testing.T) {
	inTime(t, with(once(simulator.OpPay, simulator.ActionNoNumber)), func(t *testing.T, b *bundle) {
		b.transport = rewriting{b.transport, func(r *http.Request, body []byte) []byte {
			if r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/transactions") {
				body = bytes.ReplaceAll(body, []byte(`"status":"AUTHORIZED"`), []byte(`"status":"FAILED"`))
			}
			return body
		}}
		run, _ := b.run(dispatch.OneStep, order("R-1"))
		_, _, err := b.refresh(run, true)
		require.NoError(t, err)
		require.Equal(t, billing.Rejected, b.outcome(run, "R-1").State, "the provider says FAILED")
	})
}

// A signal keeps refresh from starting further look-ups.
func TestRefreshStops(t *testing.T) {
	inTime(t, simulator.Options{}, func(t *testing.T, b *bundle) {
		run, _ := b.run(dispatch.OneStep, order("R-1", grouped))
		before := b.calls()
		stop := make(chan struct{})
		close(stop)
		b.config.Stop = stop
		changes, reason, err := b.refresh(run, true)
		require.NoError(t, err)
		require.Equal(t, dispatch.Interrupted, reason)
		require.Empty(t, changes)
		require.Equal(t, before, b.calls())
	})
}

// A provider that is down stops a refresh after as many look-ups in a row as would stop a run, with one error.
func TestRefreshGivesUp(t *testing.T) {
	inTime(t, simulator.Options{}, func(t *testing.T, b *bundle) {
		run, _ := b.run(dispatch.OneStep, many(500, grouped)...)
		b.faults(simulator.Fault{Operation: simulator.OpTransactions, Action: simulator.ActionStatus, Status: 503})
		b.config.MaxFailures, b.config.Concurrency = 2, 1
		before := b.calls()
		_, reason, err := b.refresh(run, false)
		require.Equal(t, dispatch.TooManyFailures, reason)
		require.Error(t, err)
		require.NotContains(t, err.Error(), "\n")
		require.Equal(t, 2*3, b.calls()-before-1, "two pages, three times each, beside the token")
	})
}
