package batch_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/journal/journaltest"
	"kraviabatch/internal/simulator"
)

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
