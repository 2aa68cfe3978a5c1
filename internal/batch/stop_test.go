package batch_test

import (
	"log/slog"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/batch"
	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/fault"
	"kraviabatch/internal/simulator"
)

// stops closes a channel when something is written.
type stops chan struct{}

func (s stops) Write(p []byte) (int, error) {
	select {
	case <-s:
	default:
		close(s)
	}
	return len(p), nil
}

// A stop before the first call: while the input is read there is no run, and from the plan on there is a
// report of what was not attempted. The provider hears nothing of it.
func TestStopBeforeTheFirstCall(t *testing.T) {
	t.Parallel()
	for name, arrange := range map[string]func(s *batch.Settings, stop stops){
		"reading": func(_ *batch.Settings, stop stops) { close(stop) },
		"planning": func(s *batch.Settings, stop stops) {
			s.Logger = slog.New(slog.NewTextHandler(stop, nil)) // "order cannot be sent"
			s.Connect = func() (*dintero.Client, error) {
				t.Error("it was to stop before")
				return nil, http.ErrAbortHandler
			}
		},
		"connecting": func(s *batch.Settings, stop stops) {
			connect := s.Connect
			s.Connect = func() (*dintero.Client, error) { close(stop); return connect() }
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, simulator.Options{})
			path := filepath.Join(b.dir, "export.csv")
			records, _ := shuffled(20, 3)
			records[0][13] = "much" // no amount
			writeCSV(t, path, records)
			stop := make(stops)
			s := b.settings(0, path)
			s.Stop, s.SignalCode = stop, func() int { return 143 }
			s.Connect = func() (*dintero.Client, error) {
				return dintero.New(dintero.Config{
					BaseURL: b.server.URL + "/v1", Account: "T12345678", ClientID: "id", Secret: "secret",
					Pace: dispatch.NewPace(0, stop),
				})
			}
			arrange(s, stop)
			result, err := batch.Run(t.Context(), s)
			require.Empty(t, b.provider.Requests().Calls)
			if name == "reading" {
				require.ErrorIs(t, err, dispatch.ErrStopped)
				require.EqualError(t, err, "interrupted by a signal while the input was being read; nothing was sent")
				runs, err := b.journal.Runs(t.Context(), "", 1)
				require.NoError(t, err)
				require.Empty(t, runs)
				return
			}
			require.NoError(t, err)
			require.Equal(t, dispatch.Interrupted, result.Reason)
			require.Equal(t, 143, result.Summary.ExitCode)
			require.Equal(t, 57, result.Summary.Rows.Of(billing.FinalNotAttempted))
			require.Equal(t, 3, result.Summary.Rows.Of(billing.FinalInvalid))
			require.True(t, result.Summary.Balanced)
			require.Len(t, lines(t, result.Summary.Reports[0]), 61)
		})
	}
}

// The groups of an input end early too, for what only reads it.
func TestStopWhileGrouping(t *testing.T) {
	t.Parallel()
	b := setup(t, simulator.Options{})
	path := filepath.Join(b.dir, "export.csv")
	records, _ := shuffled(20, 3)
	writeCSV(t, path, records)
	stop := make(stops)
	s := b.settings(0, path)
	s.Stop = stop
	reading, err := batch.Read(t.Context(), &s.Input)
	require.NoError(t, err)
	defer reading.Close()
	seen := 0
	for _, err = range reading.Groups() {
		if seen++; seen == 5 {
			close(stop)
		}
	}
	require.ErrorIs(t, err, dispatch.ErrStopped)
	require.Equal(t, 6, seen)
}

// Why a run ended early is told as it was: refused credentials are no signal.
func TestRefusedCredentialsAreNoSignal(t *testing.T) {
	t.Parallel()
	b := setup(t,
		simulator.Options{
			Faults: []simulator.Fault{{Operation: simulator.OpPay, Skip: 2, Action: simulator.ActionUnauthorized}},
		})
	path := filepath.Join(b.dir, "export.csv")
	records, _ := shuffled(10, 3)
	writeCSV(t, path, records)
	s := b.settings(0, path)
	s.Dispatch.Concurrency = 1
	result, err := batch.Run(t.Context(), s)
	require.ErrorIs(t, err, dintero.ErrCredentials)
	require.Equal(t, dispatch.CredentialsRefused, result.Reason)
	require.Equal(t, batch.ExitCredentials, result.Summary.ExitCode)
	require.Equal(t, "the provider refused the credentials", result.Summary.Run().StoppedBecause)
}

// A panic on the way of one order ends the run with a report, not the program with a trace. The next run goes
// on, and nothing is invoiced twice.
func TestFaultWhileSending(t *testing.T) {
	t.Parallel()
	for name, arrange := range map[string]func(s *batch.Settings){
		"in a worker": func(s *batch.Settings) {
			s.Dispatch.Concluded = func(billing.State) { panic("an order like no other") }
		},
		"before them": func(s *batch.Settings) { s.Planned = func(int) { panic("an order like no other") } },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, simulator.Options{})
			path := filepath.Join(b.dir, "export.csv")
			records, _ := shuffled(20, 3)
			writeCSV(t, path, records)
			s := b.settings(0, path)
			arrange(s)
			result, err := batch.Run(t.Context(), s)
			caught := &fault.Error{}
			require.ErrorAs(t, err, &caught)
			require.Equal(t, dispatch.Faulted, result.Reason)
			require.Equal(t, batch.ExitError, result.Summary.ExitCode)
			require.Equal(t, batch.ExitError, batch.ExitCodeOf(err))
			require.Positive(t, result.Summary.Rows.Of(billing.FinalNotAttempted))
			require.True(t, result.Summary.Balanced)
			require.Len(t, lines(t, result.Summary.Reports[0]), 61)

			result, err = batch.Run(t.Context(), b.settings(0, path))
			require.NoError(t, err)
			require.Equal(t, batch.ExitDone, result.Summary.ExitCode)
			require.Equal(t, 20, b.provider.Requests().Calls[simulator.OpPay])
		})
	}
}
