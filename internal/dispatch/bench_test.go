package dispatch_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/simulator"
)

// BenchmarkSend sends planned orders without a rate limit, 64 at a time, and posts the same bodies with a bare net/http client. The
// ratios, by the clock and by processor time, are what the journal and the judging of answers cost; the provider's share is in both.
func BenchmarkSend(b *testing.B) {
	const n, inFlight = 4000, 64
	var program, bare spent
	for b.Loop() {
		w := setup(b, simulator.Options{})
		w.path, w.config.Concurrency = filepath.Join(b.TempDir(), "journal.db"), inFlight // on the disk
		w.reopen()
		server := httptest.NewServer(w.provider)
		run := w.plan(dispatch.OneStep, many(n)...)
		w.transport = &http.Transport{MaxIdleConnsPerHost: inFlight}
		c := w.clientAt(server.URL + "/v1")
		require.NoError(b, c.Authenticate(b.Context()))
		start := now()
		_, err := dispatch.Run(context.Background(), w.journal, c, w.configOf(run))
		program.add(start)
		require.NoError(b, err)
		pays := w.provider.Requests().Pays
		require.Len(b, pays, n)
		server.Close()
		require.NoError(b, w.journal.Close())
		bare.add(postAll(b, pays, inFlight))
	}
	rounds := float64(b.N)
	b.ReportMetric(rounds*n/program.clock.Seconds(), "orders/s")
	b.ReportMetric(program.processor.Seconds()*1e6/n/rounds, "cpu-µs/order")
	b.ReportMetric(bare.processor.Seconds()*1e6/n/rounds, "bare-cpu-µs/order")
	b.ReportMetric(bare.clock.Seconds()/program.clock.Seconds(), "ratio")
	b.ReportMetric(bare.processor.Seconds()/program.processor.Seconds(), "cpu-ratio")
}

// spent is time by the clock and of the processor.
type spent struct{ clock, processor time.Duration }

func now() spent {
	var usage syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return spent{time.Duration(time.Now().UnixNano()), time.Duration(usage.Utime.Nano() + usage.Stime.Nano())}
}

func (s *spent) add(start spent) {
	end := now()
	s.clock += end.clock - start.clock
	s.processor += end.processor - start.processor
}

// postAll posts the bodies to an empty provider with a bare client, and gives when it started.
func postAll(b *testing.B, pays []simulator.PayCall, inFlight int) spent {
	b.Helper()
	provider, err := simulator.New(simulator.Options{Account: account})
	require.NoError(b, err)
	server := httptest.NewServer(provider)
	defer server.Close()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: inFlight}}
	defer client.CloseIdleConnections()
	token := bearer(b, client, server.URL)
	start := now()
	var workers errgroup.Group
	workers.SetLimit(inFlight)
	for _, pay := range pays {
		workers.Go(func() error {
			req, err := http.NewRequest(http.MethodPost, server.URL+"/v1/sessions/pay", bytes.NewReader([]byte(pay.Body)))
			if err != nil {
				return err
			}
			req.Header.Set("Authorization", "Bearer "+token)
			req.Header.Set("Content-Type", "application/json")
			req.Header.Set("Dintero-Feature-Toggles", pay.Toggles)
			resp, err := client.Do(req)
			if err != nil {
				return err
			}
			var answer bytes.Buffer
			_, err = answer.ReadFrom(resp.Body)
			_ = resp.Body.Close()
			return err
		})
	}
	require.NoError(b, workers.Wait())
	require.Len(b, provider.Invoices(), len(pays))
	return start
}

func bearer(b *testing.B, client *http.Client, base string) string {
	b.Helper()
	body := `{"grant_type":"client_credentials","audience":"https://api.dintero.com/v1/accounts/T12345678"}`
	req, err := http.NewRequest(http.MethodPost, base+"/v1/accounts/T12345678/auth/token", strings.NewReader(body))
	require.NoError(b, err)
	req.SetBasicAuth("id", "secret")
	req.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(req)
	require.NoError(b, err)
	defer func() { _ = resp.Body.Close() }()
	var token struct {
		AccessToken string `json:"access_token"`
	}
	require.NoError(b, json.NewDecoder(resp.Body).Decode(&token))
	return token.AccessToken
}
