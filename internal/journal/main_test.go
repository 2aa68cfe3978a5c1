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
		ID: run, Account: account, Environment: "test", Started: begun,
	}))
}

const account = "T12345678"

// When the runs of tests begin, and a time by which all their orders are due.
var (
	begun = time.Date(2027, 1, 15, 8, 0, 0, 0, time.UTC)
	soon  = begun.Add(time.Second)
)

// plan is an order of 299.00 NOK whose content is named by hash.
func entry(seq int, reference, hash string) journal.Entry {
	return journal.Entry{
		Seq: seq, Reference: reference, Hash: hash, Customer: "Fjord " + hash, CustomerNumber: "42",
		Product: billing.B2B, Channel: billing.ChannelKravia, Gross: money.New(29900, nok), VAT: money.New(5980, nok),
		DaysUntilDue: 14, Rows: 2, Flow: "one-step", Body: []byte(`{"hash":"` + hash + `"}`),
		Particulars: billing.Particulars{Organization: "974760673"},
	}
}

// enterOne enters a single order.
func enterOne(t testing.TB, j *journal.Journal, run string, p journal.Entry) journal.Entered {
	t.Helper()
	entered, err := j.Enter(t.Context(), run, []journal.Entry{p})
	require.NoError(t, err)
	require.Len(t, entered, 1)
	return entered[0]
}

// sent begins a payment request for an order, as a dispatcher would.
func sent(t testing.TB, j *journal.Journal, run string, o *journal.Order) journal.Attempt {
	t.Helper()
	a, err := j.Begin(t.Context(), o, journal.Attempt{Run: run, Kind: "pay"},
		o.Next(billing.EventBegun, billing.Outcome{}, begun))
	require.NoError(t, err)
	return a
}

// conclude brings an order to a state after one request, as a dispatcher that has done what it could leaves it.
func conclude(t testing.TB, j *journal.Journal, run string, o journal.Order, outcome billing.Outcome) journal.Order {
	t.Helper()
	a := sent(t, j, run, &o)
	a.HTTPStatus, a.Meaning = 200, "done"
	require.NoError(t, j.Conclude(t.Context(), &o, &a, parked(&o, outcome)))
	return o
}

// parked is an order's life with an outcome after which a run does nothing more.
func parked(o *journal.Order, outcome billing.Outcome) billing.Life {
	l := o.Life
	l.Outcome, l.Step, l.Due = outcome, 0, time.Time{}
	switch outcome.State {
	case billing.Sending, billing.InDoubt, billing.Conflict:
		l.Step, l.Due = billing.StepLookUp, billing.Never()
	case billing.Registered:
		l.Step, l.Due = billing.StepAwait, billing.Never()
	case billing.Planned, billing.Invoiced, billing.Rejected, billing.Failed, billing.Voided:
	}
	return l
}

// send is the work of sending a run's orders.
func send(run string) journal.Work {
	return journal.Work{Account: account, Run: run, Steps: []billing.Step{billing.StepSend}}
}

// dueNow is what is due soon after the runs began, by reference.
func dueNow(t testing.TB, j *journal.Journal, w journal.Work) (references []string) {
	t.Helper()
	due, err := j.Due(t.Context(), w, soon, 99, nil)
	require.NoError(t, err)
	for _, o := range due {
		references = append(references, o.Reference)
	}
	return references
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
