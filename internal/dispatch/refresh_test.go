package dispatch_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/simulator"
)

// failing makes one transaction look failed when it is read by its id.
type failing struct{ http.RoundTripper }

func (f failing) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := f.RoundTripper.RoundTrip(r)
	if err != nil || r.Method != http.MethodGet || !strings.Contains(r.URL.Path, "/transactions") {
		return resp, err
	}
	body, _ := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	body = bytes.ReplaceAll(body, []byte(`"status":"AUTHORIZED"`), []byte(`"status":"FAILED"`))
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	resp.Header.Del("Content-Length")
	return resp, nil
}

// What was registered and failed afterwards is no invoice: its row must not stay registered, which ends with exit code 0.
func TestRegisteredThenFailed(t *testing.T) {
	inTime(t, simulator.Options{Faults: []simulator.Fault{{Operation: simulator.OpPay, Action: simulator.ActionNoNumber, Times: 1}}}, func(t *testing.T, b *bundle) {
		run := b.plan(dispatch.OneStep, order("R-1"))
		cfg := b.config
		cfg.Run = run
		c := b.client(failing{b.provider.Transport()}, "secret")
		_, err := dispatch.Run(t.Context(), b.journal, c, cfg)
		require.NoError(t, err)
		_, _, err = dispatch.Refresh(t.Context(), b.journal, c, cfg, true)
		require.NoError(t, err)
		require.NotContains(t, []billing.State{billing.Registered, billing.Invoiced}, b.outcome(run, "R-1").State, "the provider says FAILED")
	})
}

func TestRefreshReadsPages(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t, simulator.Options{})
		defer b.close()
		orders := many(1000)
		for _, o := range orders {
			products()[billing.B2BGrouped](o)
		}
		run := b.plan(dispatch.OneStep, orders...)
		_, err := b.send(run)
		require.NoError(t, err)
		before := b.provider.Requests().Calls[simulator.OpTransactions]
		_, err = b.provider.Issue(time.Now())
		require.NoError(t, err)
		cfg := b.config
		cfg.Run = run
		changes, _, err := dispatch.Refresh(t.Context(), b.journal, b.client(b.provider.Transport(), "secret"), cfg, false)
		require.NoError(t, err)
		require.LessOrEqual(t, b.provider.Requests().Calls[simulator.OpTransactions]-before, 20)
		require.Len(t, changes, 1000)
		require.Contains(t, changes["R-0500"], "registered → invoiced")
		for _, o := range orders {
			require.NotEmpty(t, b.outcome(run, o.Reference).InvoiceNumber)
		}
	})
}

func TestRefreshAllTellsPayments(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t, simulator.Options{Model: simulator.ModelAuthorized})
		defer b.close()
		run := b.plan(dispatch.OneStep, order("R-1"), order("R-2"), order("R-3"))
		_, err := b.send(run)
		require.NoError(t, err)
		require.NoError(t, b.provider.MarkPaid("R-1", 29900))
		require.NoError(t, b.provider.MarkPaid("R-2", 100))
		require.Equal(t, "paid", b.refresh(t, run, true).PaymentStatus)
		require.Equal(t, "part-paid", b.outcome(run, "R-2").PaymentStatus)
		require.Equal(t, "unpaid", b.outcome(run, "R-3").PaymentStatus)
	})
}

// A signal keeps refresh from starting further look-ups.
func TestRefreshStops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t, simulator.Options{})
		defer b.close()
		run := b.plan(dispatch.OneStep, order("R-1", products()[billing.B2BGrouped]))
		_, err := b.send(run)
		require.NoError(t, err)
		before := b.provider.Requests().Calls[simulator.OpTransactions]
		stop := make(chan struct{})
		close(stop)
		cfg := b.config
		cfg.Run, cfg.Stop = run, stop
		b.config.Stop = stop
		changes, reason, err := dispatch.Refresh(t.Context(), b.journal, b.client(b.provider.Transport(), "secret"), cfg, true)
		require.NoError(t, err)
		require.Equal(t, dispatch.Interrupted, reason)
		require.Empty(t, changes)
		require.Equal(t, before, b.provider.Requests().Calls[simulator.OpTransactions])
	})
}

// A provider that is down stops a refresh after as many look-ups in a row as would stop a run, with one error.
func TestRefreshGivesUp(t *testing.T) {
	inTime(t, simulator.Options{}, func(t *testing.T, b *bundle) {
		run, _ := b.run(dispatch.OneStep, grouped(500)...)
		require.NoError(t, b.provider.SetFaults([]simulator.Fault{{Operation: simulator.OpTransactions, Action: simulator.ActionStatus, Status: 503}}))
		cfg := b.config
		cfg.Run, cfg.MaxFailures, cfg.Concurrency = run, 2, 1
		before := b.calls()
		_, reason, err := dispatch.Refresh(context.Background(), b.journal, b.client(b.provider.Transport(), "secret"), cfg, false)
		require.Equal(t, dispatch.TooManyFailures, reason)
		require.Error(t, err)
		require.NotContains(t, err.Error(), "\n")
		require.Equal(t, 2*3, b.calls()-before-1, "two pages, three times each, beside the token")
	})
}
