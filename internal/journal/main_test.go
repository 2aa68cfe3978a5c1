package journal_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/journal/journaltest"
	"kraviabatch/internal/money"
)

var nok = money.MustCurrency("NOK")

func TestMain(m *testing.M) {
	if task := os.Getenv("JOURNAL_CHILD"); task != "" {
		os.Exit(child(task))
	}
	code := m.Run()
	postgres.Stop()
	if code == 0 {
		if err := goleak.Find(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// onEngines runs a test on SQLite and on PostgreSQL, each time with the location of a new journal.
func onEngines(t *testing.T, test func(t *testing.T, location string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, filepath.Join(t.TempDir(), "state", "journal.db"))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, postgres.Database(t))
	})
}

// open opens a journal that is closed with the test.
func open(t testing.TB, location string) *journal.Journal {
	t.Helper()
	j, err := journal.Open(t.Context(), location)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, j.Close()) })
	return j
}

// begin starts a run of account T12345678.
func begin(t testing.TB, j *journal.Journal, run string) {
	t.Helper()
	require.NoError(t, j.BeginRun(t.Context(), journal.Run{
		ID: run, Account: account, Environment: "test", Started: time.Unix(1_800_000_000, 0),
	}))
}

const account = "T12345678"

// plan is an order of 299.00 NOK whose content is named by hash.
func plan(seq int, reference, hash string) journal.Plan {
	return journal.Plan{
		Seq: seq, Reference: reference, Hash: hash, Customer: "Fjord " + hash, CustomerNumber: "42",
		Product: billing.B2B, Channel: billing.ChannelKravia, Gross: money.New(29900, nok), VAT: money.New(5980, nok),
		DaysUntilDue: 14, Rows: 2, Flow: "one-step", Body: []byte(`{"hash":"` + hash + `"}`),
	}
}

// planOne plans a single order.
func planOne(t testing.TB, j *journal.Journal, run string, p journal.Plan) journal.Planned {
	t.Helper()
	planned, err := j.Plan(t.Context(), run, []journal.Plan{p})
	require.NoError(t, err)
	require.Len(t, planned, 1)
	return planned[0]
}

// settle brings an order to a state as a dispatcher would.
func settle(t testing.TB, j *journal.Journal, run string, o journal.Order, outcome billing.Outcome) int64 {
	t.Helper()
	begun, err := j.Begin(t.Context(), journal.Attempt{
		Account: o.Account, Reference: o.Reference, Run: run, Kind: "pay", To: billing.Sending,
	}, o.Version)
	require.NoError(t, err)
	version, err := j.Settle(t.Context(), journal.Settlement{
		Account: o.Account, Reference: o.Reference, Version: begun.Version, Attempt: begun.Number, Outcome: outcome,
		Result: journal.AttemptResult{HTTPStatus: 200, Meaning: "done"},
	})
	require.NoError(t, err)
	return version
}

// postgres is the private server of this test binary.
var postgres journaltest.Server

// spawn runs this test binary as another process doing task, and waits for its first line.
func spawn(t *testing.T, task string, args ...string) (*exec.Cmd, string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "JOURNAL_CHILD="+task, "JOURNAL_ARGS="+strings.Join(args, "\n"))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	in, err := cmd.StdinPipe() // ends when this process does, so that no child outlives it
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	line := make([]byte, 200)
	n, err := out.Read(line)
	require.NoError(t, err)
	return cmd, strings.TrimSpace(string(line[:n]))
}
