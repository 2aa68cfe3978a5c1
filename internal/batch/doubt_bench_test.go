package batch_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/money"
	"kraviabatch/internal/simulator"
)

// BenchmarkManyInDoubt starts the program on a small file and a journal with 100,000 orders in doubt, of
// which the provider has nothing, and ends it with SIGTERM two seconds after its first look-up. first-ms is
// from the start of the process to that look-up, peak-MiB the process's largest resident memory, Go's runtime
// and the program's code among it, and stop-ms from the signal to its end.
func BenchmarkManyInDoubt(b *testing.B) {
	const orders = 100_000
	path, err := binary()
	require.NoError(b, err)
	dir := b.TempDir()
	doubtful(b, filepath.Join(dir, "journal.db"), orders)
	provider, err := simulator.New(simulator.Options{Account: "T12345678", Latency: 20 * time.Millisecond})
	require.NoError(b, err)
	var first atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/transactions") {
			first.CompareAndSwap(0, time.Now().UnixNano())
		}
		provider.ServeHTTP(w, r)
	}))
	b.Cleanup(func() { server.Close(); require.NoError(b, provider.Close()) })
	file := filepath.Join(dir, "export.csv")
	records, _ := shuffled(10, 3)
	writeCSV(b, file, records)
	var begin, stop time.Duration
	var peak int64
	for b.Loop() {
		first.Store(0)
		cmd := exec.Command(path, "run", "--account", "T12345678", "--base-url", server.URL+"/v1", "--state", dir,
			"--reports", filepath.Join(dir, "reports"),
			"--format", "csv", "--rate", "0", "--log-level", "error", "--quiet", file)
		cmd.Env = append(os.Environ(), "DINTERO_CLIENT_ID=id", "DINTERO_CLIENT_SECRET=canary-secret-1234")
		started := time.Now()
		require.NoError(b, cmd.Start())
		for first.Load() == 0 && time.Since(started) < time.Minute {
			time.Sleep(time.Millisecond)
		}
		require.NotZero(b, first.Load(), "nothing was looked up")
		begin += time.Unix(0, first.Load()).Sub(started)
		time.Sleep(2 * time.Second)
		signalled := time.Now()
		require.NoError(b, cmd.Process.Signal(syscall.SIGTERM))
		require.Equal(b, 143, exitCode(cmd.Wait()))
		stop += time.Since(signalled)
		if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
			peak = max(peak, usage.Maxrss)
		}
	}
	require.Less(b, peak>>10, int64(100), "MiB")
	b.ReportMetric(float64(begin.Milliseconds())/float64(b.N), "first-ms")
	b.ReportMetric(float64(stop.Milliseconds())/float64(b.N), "stop-ms")
	b.ReportMetric(float64(peak>>10), "peak-MiB")
}

// doubtful makes a journal of which a run was killed with so many requests away.
func doubtful(b *testing.B, path string, orders int) {
	b.Helper()
	ctx := context.Background()
	j, err := journal.Open(ctx, path)
	require.NoError(b, err)
	defer func() { require.NoError(b, j.Close()) }()
	const run = "20261101-000000-000000"
	require.NoError(b,
		j.BeginRun(ctx,
			journal.Run{ID: run, Account: "T12345678", Environment: "test", Started: time.Now(), Flow: "one-step"}))
	body := []byte(`{"session":{"order":{"billing_address":{"business_name":"Nordmann AS"}}},"padding":"` +
		strings.Repeat("x", 1000) + `"}`)
	nok := money.MustCurrency("NOK")
	for from := 0; from < orders; from += 500 {
		var plans []journal.Entry
		for i := from; i < from+500; i++ {
			plans = append(plans, journal.Entry{
				Seq: i, Reference: fmt.Sprintf("OLD-%06d", i), Hash: strconv.Itoa(i), Customer: "Nordmann AS",
				Product: billing.B2B, Channel: billing.ChannelKravia,
				Gross: money.New(10000, nok), VAT: money.New(2000, nok), DaysUntilDue: 14, Rows: 1, Flow: "one-step",
				Body: body,
			})
		}
		planned, err := j.Enter(ctx, run, plans)
		require.NoError(b, err)
		begun := make(chan error, len(planned))
		for i := range planned { // together, so that they share a sync of the disk
			go func() {
				o := &planned[i].Stored
				_, err := j.Begin(ctx, o, journal.Attempt{Run: run, Kind: "pay"},
					o.Next(billing.EventBegun, billing.Outcome{}, time.Now()))
				begun <- err
			}()
		}
		for range planned {
			require.NoError(b, <-begun)
		}
	}
}
