package batch_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/journal/journaltest"
	"kraviabatch/internal/simulator"
)

// binary is the real program, built once.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "kravia-batch-test-*")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "kravia-batch")
	out, err := exec.Command("go", "build", "-o", path, "kraviabatch/cmd/kravia-batch").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build: %w: %s", err, out)
	}
	return path, nil
})

// postgres is the private server of this test binary.
var postgres journaltest.Server

// A check here makes whole runs: -rapid.checks asks for more of them than these.
func TestMain(m *testing.M) {
	flag.Parse()
	if checks := flag.Lookup("rapid.checks"); checks.Value.String() == checks.DefValue {
		_ = checks.Value.Set("30") // a number, which it takes
	}
	code := m.Run()
	postgres.Stop()
	if path, err := binary(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// world is a simulator in a process of its own, and folders for runs against it.
type world struct {
	t    *testing.T
	dir  string
	base string // of the simulator, without /v1
	file string
	rows int

	prefix string // of the references
	env    []string
	more   []string // arguments of every run, such as --journal
}

// onEngines runs a test with the journal in the state folder, and with a shared one.
func onEngines(t *testing.T, rows int, test func(t *testing.T, w *world)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, newWorld(t, rows))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, newWorld(t, rows, "--journal", postgres.Database(t)))
	})
}

func newWorld(t *testing.T, rows int, more ...string) *world {
	t.Helper()
	path, err := binary()
	require.NoError(t, err)
	w := &world{
		t: t, dir: t.TempDir(), rows: rows, more: more,
		env: append(os.Environ(), "DINTERO_CLIENT_ID=id", "DINTERO_CLIENT_SECRET=canary-secret-1234"),
	}
	t.Cleanup(w.serve(path))
	w.file = filepath.Join(w.dir, "export.csv")
	amounts := make([]int, rows)
	for i := range amounts {
		amounts[i] = i + 1
	}
	w.export(amounts)
	return w
}

// serve starts the simulator, which remembers what the one before it in the world knew, and gives what ends it.
func (w *world) serve(program string) (end func()) {
	server := exec.Command(program, "sandbox", "--listen", "127.0.0.1:0", "--keep", "--state",
		filepath.Join(w.dir, "provider"))
	out, err := server.StdoutPipe()
	require.NoError(w.t, err)
	server.Stderr = os.Stderr
	require.NoError(w.t, server.Start())
	line := make([]byte, 200)
	n, err := out.Read(line)
	require.NoError(w.t, err)
	_, rest, found := strings.Cut(string(line[:n]), "http://")
	require.True(w.t, found, "the sandbox says where it listens: %s", line[:n])
	host, _, _ := strings.Cut(rest, "/v1")
	w.base = "http://" + host
	return func() { _ = server.Process.Kill(); _ = server.Wait() }
}

// export writes the file: a row for each amount in whole kroner, orders with two lines each, the second line
// far from the first.
func (w *world) export(amounts []int) {
	var b bytes.Buffer
	b.WriteString("order_reference,business_name,organization_number,contact_name,email,phone_number," +
		"address_line,postal_code,postal_place,country,description,amount,vat\n")
	for i, amount := range amounts {
		fmt.Fprintf(&b, "%s,Nordmann AS,974760673,Ola Nordmann,ola@nordmann.no,+4799999999,"+
			"Storgata 1,0151,Oslo,NO,Line %d,%d.50,25\n", w.reference(i), i, amount)
	}
	require.NoError(w.t, os.WriteFile(w.file, b.Bytes(), 0o600))
}

// reference is that of a row's order.
func (w *world) reference(row int) string { return fmt.Sprintf("%sR-%04d", w.prefix, row%(w.rows/2)) }

// script replaces the simulator's faults.
func (w *world) script(faults []simulator.Fault) {
	data, err := json.Marshal(faults)
	require.NoError(w.t, err)
	resp, err := http.Post(w.base+"/_simulator/faults", "application/json", bytes.NewReader(data))
	require.NoError(w.t, err)
	defer func() { _ = resp.Body.Close() }()
	body, _ := io.ReadAll(resp.Body)
	require.Equal(w.t, http.StatusOK, resp.StatusCode, "%s", body)
}

func (w *world) get(path string, into any) {
	resp, err := http.Get(w.base + path)
	require.NoError(w.t, err)
	defer func() { _ = resp.Body.Close() }()
	require.NoError(w.t, json.NewDecoder(resp.Body).Decode(into))
}

func (w *world) pays() int {
	var counts simulator.Counts
	w.get("/_simulator/requests", &counts)
	return counts.Calls[simulator.OpPay]
}

// command is a run of the export against the simulator.
func (w *world) command(more ...string) *exec.Cmd {
	path, err := binary()
	require.NoError(w.t, err)
	cmd := exec.Command(path, append([]string{
		"run", "--account", "T12345678", "--base-url", w.base + "/v1", "--state", filepath.Join(w.dir, "state"),
		"--reports", filepath.Join(w.dir, "reports"), "--format", "csv,json", "--rate", "0", "--timeout", "400ms",
		"--resend-after", "1500ms", "--max-failures", "0", "--log-level", "error", w.file,
	}, slices.Concat(w.more, more)...)...)
	cmd.Env = w.env
	return cmd
}

func exitCode(err error) int {
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode()
	}
	if err != nil {
		return -2
	}
	return 0
}

// settled asserts the two invariants on the newest report.
func (w *world) settled() {
	w.t.Helper()
	reports, err := filepath.Glob(filepath.Join(w.dir, "reports", "*.csv"))
	require.NoError(w.t, err)
	require.NotEmpty(w.t, reports)
	w.settledIn(reports[len(reports)-1])
}

// settledIn asserts the two invariants: one live invoice for every order, one final state for every row, with
// the ledger's number, due date and URL.
func (w *world) settledIn(path string) {
	w.t.Helper()
	var ledger []simulator.Invoice
	w.get("/_simulator/ledger", &ledger)
	live := map[string]simulator.Invoice{}
	for _, invoice := range ledger {
		if invoice.Live && strings.HasPrefix(invoice.Reference, w.prefix+"R") {
			require.NotContains(w.t, live, invoice.Reference, "invoiced twice")
			live[invoice.Reference] = invoice
		}
	}
	require.Len(w.t, live, w.rows/2)
	f, err := os.Open(path)
	require.NoError(w.t, err)
	defer func() { _ = f.Close() }()
	records, err := csv.NewReader(f).ReadAll()
	require.NoError(w.t, err)
	require.Len(w.t, records, w.rows+1)
	column := map[string]int{}
	for i, name := range records[0] {
		column[name] = i
	}
	sums := map[string]int64{}
	for i, record := range records[1:] {
		cell := func(name string) string { return record[column[name]] }
		invoice := live[cell("order_reference")]
		require.Equal(w.t, strconv.Itoa(i+2), cell("row"))
		require.Contains(w.t, []string{"invoiced", "already invoiced"}, cell("state"), "%s %s", cell("problem_code"),
			cell("problem"))
		require.Equal(w.t, invoice.Number, cell("invoice_number"))
		require.Equal(w.t, invoice.DueDate, cell("due_date"))
		require.Equal(w.t, invoice.URL, cell("invoice_url"))
		whole, fraction, _ := strings.Cut(cell("amount"), ".")
		minor, err := strconv.ParseInt(whole+fraction, 10, 64)
		require.NoError(w.t, err)
		sums[cell("order_reference")] += minor
	}
	for reference, sum := range sums {
		require.Equal(w.t, live[reference].Amount, sum, reference)
	}
}

func (w *world) post(path, body string) {
	resp, err := http.Post(w.base+path, "application/json", strings.NewReader(body))
	require.NoError(w.t, err)
	defer func() { _ = resp.Body.Close() }()
	require.Equal(w.t, http.StatusOK, resp.StatusCode)
}
