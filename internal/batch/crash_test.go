package batch_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

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

// Three processes on one file at the same moment: one does the work, the others find the lock or nothing left to do.
func TestThreeProcessesAtOnce(t *testing.T) {
	t.Parallel()
	onEngines(t, 60, threeAtOnce)
}

func threeAtOnce(t *testing.T, w *world) {
	t.Helper()
	w.script(
		[]simulator.Fault{{Operation: simulator.OpPay, Action: simulator.ActionDelay, Delay: 50 * time.Millisecond}})
	var commands []*exec.Cmd
	var outputs [3]bytes.Buffer
	for i := range 3 {
		cmd := w.command("--timeout", "10s")
		cmd.Stdout, cmd.Stderr = &outputs[i], &outputs[i]
		require.NoError(t, cmd.Start())
		commands = append(commands, cmd)
	}
	var codes [3]int
	for i, cmd := range commands {
		codes[i] = exitCode(cmd.Wait())
		require.Contains(t, []int{0, 7}, codes[i], "%s", &outputs[i])
	}
	require.Contains(t, codes, 0)
	for i, code := range codes {
		named := slices.ContainsFunc(commands, func(c *exec.Cmd) bool {
			return strings.Contains(outputs[i].String(), fmt.Sprintf("process %d)", c.Process.Pid))
		})
		require.Equal(t, code == 7, named, "it says who holds the lock: %s", &outputs[i])
	}
	require.Equal(t, 30, w.pays())
	w.settled()
}

// SIGTERM lets calls in flight end, writes the report and leaves with 143; running again finishes.
func TestSignal(t *testing.T) {
	t.Parallel()
	for signal, code := range map[os.Signal]int{os.Interrupt: 130, syscall.SIGTERM: 143} {
		t.Run(strconv.Itoa(code), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 80)
			w.script(
				[]simulator.Fault{
					{Operation: simulator.OpPay, Action: simulator.ActionDelay, Delay: 100 * time.Millisecond},
				})
			cmd := w.command("--timeout", "10s")
			require.NoError(t, cmd.Start())
			for w.pays() < 5 {
				time.Sleep(5 * time.Millisecond)
			}
			require.NoError(t, cmd.Process.Signal(signal))
			require.Equal(t, code, exitCode(cmd.Wait()))
			reports, err := filepath.Glob(filepath.Join(w.dir, "reports", "*.csv"))
			require.NoError(t, err)
			require.Len(t, reports, 1)
			data, err := os.ReadFile(reports[0])
			require.NoError(t, err)
			require.Contains(t, string(data), "not attempted")
			require.NotContains(t, string(data), "in doubt")
			require.NoError(t, w.command("--timeout", "10s").Run())
			w.settled()
			require.Equal(t, 40, w.pays(), "nothing was sent twice")
		})
	}
}

// The shared journal's server crashes in the middle of a run and comes back: the run goes on, or stops and the next one
// finishes, and nothing is sent twice.
func TestPostgreSQLRestarts(t *testing.T) {
	t.Parallel()
	var server journaltest.Server
	t.Cleanup(server.Stop)
	w := newWorld(t, 100, "--journal", server.Database(t))
	w.script(
		[]simulator.Fault{{Operation: simulator.OpPay, Action: simulator.ActionDelay, Delay: 60 * time.Millisecond}})
	cmd := w.command("--timeout", "10s", "--concurrency", "4")
	require.NoError(t, cmd.Start())
	for w.pays() < 12 {
		time.Sleep(5 * time.Millisecond)
	}
	server.Restart(t)
	require.Contains(t, []int{0, 1, 6}, exitCode(cmd.Wait()))
	out, err := w.command("--timeout", "10s").CombinedOutput()
	require.NoError(t, err, "%s", out)
	w.settled()
}

// Four shards as four processes: one is killed and run again, one is started twice. Each order goes out once,
// all of them together keep the rate, and the last to finish writes the report over all.
func TestFourShards(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 200, "--journal", postgres.Database(t))
	shard := func(i int) *exec.Cmd {
		return w.command("--rate", "80", "--shard", fmt.Sprintf("%d/4", i), "--timeout", "10s")
	}
	commands := []*exec.Cmd{shard(0), shard(1), shard(2), shard(3), shard(3)}
	for _, cmd := range commands {
		require.NoError(t, cmd.Start())
	}
	for w.pays() < 20 {
		time.Sleep(5 * time.Millisecond)
	}
	require.NoError(t, commands[0].Process.Kill())
	_ = commands[0].Wait()
	codes := make([]int, 0, 5)
	for _, cmd := range commands[1:] {
		codes = append(codes, exitCode(cmd.Wait()))
	}
	require.Equal(t, []int{0, 0}, codes[:2])
	require.Contains(t, [][]int{{0, 7}, {7, 0}, {0, 0}}, codes[2:])
	out, err := shard(0).CombinedOutput()
	require.NoError(t, err, "%s", out)
	whole, err := filepath.Glob(filepath.Join(w.dir, "reports", "*-whole.csv"))
	require.NoError(t, err)
	require.NotEmpty(t, whole)
	w.settledIn(whole[len(whole)-1])
	var counts simulator.Counts
	w.get("/_simulator/requests", &counts)
	// Each process leaves room of 1.5 %; what a busy machine delays arrives together with what follows.
	require.LessOrEqual(t, busiest(counts.Arrivals), 80+4)
}

// busiest is the largest number of arrivals in any second.
func busiest(arrivals []time.Time) int {
	slices.SortFunc(arrivals, func(a, b time.Time) int { return a.Compare(b) })
	most, from := 0, 0
	for to := range arrivals {
		for arrivals[to].Sub(arrivals[from]) >= time.Second {
			from++
		}
		most = max(most, to-from+1)
	}
	return most
}

// Cancelling a run is killed again and again and started anew: what was paid stays, everything else is void, each once.
func TestVoidKilled(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 80)
	require.NoError(t, w.command("--timeout", "10s").Run())
	w.settled()
	w.post("/_simulator/paid", `{"reference": "R-0007", "amount": 1}`)
	w.script([]simulator.Fault{
		{Operation: simulator.OpVoid, Action: simulator.ActionDropAfter, Chance: 0.1},
		{Operation: simulator.OpVoid, Action: simulator.ActionDelay, Delay: 20 * time.Millisecond},
	})
	path, err := binary()
	require.NoError(t, err)
	provider := []string{"--account", "T12345678", "--state", filepath.Join(w.dir, "state")}
	listed, err := exec.Command(path, append([]string{"runs", "--json"}, provider...)...).Output()
	require.NoError(t, err)
	var runs []struct {
		Run string `json:"run"`
	}
	require.NoError(t, json.Unmarshal(listed, &runs))
	void := func() *exec.Cmd {
		cmd := exec.Command(path, append([]string{
			"void", "--yes", "--run", runs[0].Run, "--base-url", w.base + "/v1", "--rate", "0", "--timeout", "10s",
			"--log-level", "error",
			"--reports", filepath.Join(w.dir, "void"), "--format", "csv",
		}, provider...)...)
		cmd.Env = w.env
		return cmd
	}
	chance := rand.New(rand.NewPCG(3, 3))
	for range 4 {
		at := time.Now().Add(time.Duration(60+chance.IntN(120)) * time.Millisecond)
		_, _ = endWhen(void(), syscall.SIGKILL, chance, func() bool { return time.Now().After(at) })
	}
	w.script(nil)
	out, err := void().CombinedOutput()
	require.Contains(t, []int{0, 3}, exitCode(err), "%s", out)
	var ledger []simulator.Invoice
	w.get("/_simulator/ledger", &ledger)
	for _, invoice := range ledger {
		require.Equal(t, invoice.Reference == "R-0007", invoice.Live, invoice.Reference)
	}
}

func (w *world) post(path, body string) {
	resp, err := http.Post(w.base+path, "application/json", strings.NewReader(body))
	require.NoError(w.t, err)
	defer func() { _ = resp.Body.Close() }()
	require.Equal(w.t, http.StatusOK, resp.StatusCode)
}

// A signal ends refresh and void like a run: what left is awaited, nothing else leaves, the report is
// written, and the exit code is the signal's.
func TestSignalInRefreshAndVoid(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 240)
	require.NoError(t, w.command("--timeout", "10s").Run())
	path, err := binary()
	require.NoError(t, err)
	account := []string{"--account", "T12345678", "--state", filepath.Join(w.dir, "state")}
	listed, err := exec.Command(path, append([]string{"runs", "--json"}, account...)...).Output()
	require.NoError(t, err)
	var runs []struct {
		Run string `json:"run"`
	}
	require.NoError(t, json.Unmarshal(listed, &runs))
	w.script([]simulator.Fault{
		{Operation: simulator.OpTransactions, Action: simulator.ActionDelay, Delay: 4 * time.Second},
		{Operation: simulator.OpTransaction, Action: simulator.ActionDelay, Delay: 4 * time.Second},
	})
	calls := func() map[simulator.Operation]int {
		var counts simulator.Counts
		w.get("/_simulator/requests", &counts)
		return counts.Calls
	}
	for _, tt := range []struct {
		command string
		args    []string
		reads   simulator.Operation
		signal  syscall.Signal
		code    int
	}{
		{"refresh", []string{"--all"}, simulator.OpTransactions, syscall.SIGTERM, 143},
		{"refresh", []string{"--all"}, simulator.OpTransactions, syscall.SIGINT, 130},
		{"void", []string{"--yes"}, simulator.OpTransaction, syscall.SIGTERM, 143},
	} {
		reports := filepath.Join(t.TempDir(), "reports")
		cmd := exec.Command(path, slices.Concat([]string{
			tt.command, "--run", runs[0].Run, "--base-url", w.base + "/v1", "--rate", "0", "--concurrency", "1",
			"--log-level", "error",
			"--reports", reports, "--format", "json",
		}, account, tt.args)...)
		cmd.Env = w.env
		before := calls()
		require.NoError(t, cmd.Start())
		require.Eventually(t, func() bool { return calls()[tt.reads] > before[tt.reads] }, time.Minute,
			5*time.Millisecond)
		require.NoError(t, cmd.Process.Signal(tt.signal))
		require.Equal(t, tt.code, exitCode(cmd.Wait()), tt.command)
		after := calls()
		require.Equal(t, before[tt.reads]+1, after[tt.reads], "one look-up had left")
		require.Equal(t, before[simulator.OpVoid], after[simulator.OpVoid], "nothing was cancelled")
		written, err := filepath.Glob(filepath.Join(reports, "*.json"))
		require.NoError(t, err)
		require.Len(t, written, 1)
		data, err := os.ReadFile(written[0])
		require.NoError(t, err)
		require.Contains(t, string(data), fmt.Sprintf(`"exit_code": %d`, tt.code))
	}
	w.settled()
}
