package main

import (
	"bytes"
	"context"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/simulator"
)

// heard is a stream of which a test waits for words.
type heard struct {
	mu   sync.Mutex
	text strings.Builder
	said chan struct{}
	word string
}

func listenFor(word string) *heard { return &heard{said: make(chan struct{}), word: word} }

func (h *heard) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	before := strings.Contains(h.text.String(), h.word)
	h.text.Write(p)
	if !before && strings.Contains(h.text.String(), h.word) {
		close(h.said)
	}
	return len(p), nil
}

func (h *heard) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.text.String()
}

// endless is a keyboard or pipe that gives what it has and then nothing for ever. It tells of the read that waits.
type endless struct {
	text    io.Reader
	waiting chan struct{}
	once    sync.Once
	never   chan struct{}
}

func (e *endless) Read(p []byte) (int, error) {
	if n, _ := e.text.Read(p); n > 0 {
		return n, nil
	}
	e.once.Do(func() { close(e.waiting) })
	<-e.never
	return 0, io.EOF
}

func newEndless(t *testing.T, text string) *endless {
	t.Helper()
	e := &endless{text: strings.NewReader(text), waiting: make(chan struct{}), never: make(chan struct{})}
	t.Cleanup(func() { close(e.never) })
	return e
}

// A signal ends a command that waits for its input, at once and by itself.
func TestSignalWhileWaitingForInput(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	state := []string{"--sandbox", "--state", filepath.Join(dir, "state"), "--reports", filepath.Join(dir, "reports")}
	start := func(in io.Reader, out io.Writer, signals <-chan os.Signal, args ...string) int {
		return run(context.Background(), args, &environment{
			getenv: func(string) string { return "" }, stdin: in, stdout: out, stderr: out, signals: signals,
		})
	}
	lines := listenFor("run ")
	require.Zero(t,
		start(strings.NewReader(""), lines, nil,
			append([]string{"run", "../../samples/grouped.csv", "--rate", "0"}, state...)...))
	id := runForm.FindString(lines.String())

	for _, tt := range []struct {
		name   string
		args   []string
		input  string
		signal os.Signal
		code   int
		says   string
	}{
		{
			"the question of void", append([]string{"void", "--run", id}, state...), "", os.Interrupt, 130,
			"interrupted by a signal; nothing was cancelled",
		},
		{
			"the question of void, half answered", append([]string{"void", "--run", id}, state...), "ye",
			syscall.SIGTERM, 143, "interrupted by a signal; nothing was cancelled",
		},
		{
			"an export on standard input", append([]string{"run", "-"}, state...),
			"order_reference,description,amount\n", syscall.SIGTERM, 143,
			"interrupted by a signal while the input was being read; nothing was sent",
		},
		{
			"check",
			[]string{"check", "-"},
			"", os.Interrupt, 130,
			"interrupted by a signal while the input was being read",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			signals, in, out := make(chan os.Signal, 1), newEndless(t, tt.input), listenFor(tt.says)
			ended := make(chan int, 1)
			go func() { ended <- start(in, out, signals, tt.args...) }()
			select {
			case <-in.waiting:
				signals <- tt.signal
			case code := <-ended:
				t.Fatalf("it ended with %d: %s", code, out)
			}
			select {
			case code := <-ended:
				require.Equal(t, tt.code, code, out)
			case <-time.After(patience):
				t.Fatal("it goes on waiting")
			}
			require.Contains(t, out.String(), "kravia-batch: "+tt.says)
		})
	}
	after := listenFor("registered")
	require.Zero(t, start(strings.NewReader(""), after, nil, append([]string{"report"}, state...)...))
	require.Regexp(t, `registered +5 +6`, after.String(), "nothing was cancelled")
}

// A second signal ends the calls of refresh at once; what is known by then is reported, and the code is the signal's.
func TestSecondSignal(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	provider, err := simulator.New(simulator.Options{Account: "T12345678"})
	require.NoError(t, err)
	server := httptest.NewServer(provider)
	t.Cleanup(func() { server.Close(); require.NoError(t, provider.Close()) })
	start := func(signals <-chan os.Signal, args ...string) (code int, said string) {
		var out bytes.Buffer
		env := map[string]string{"DINTERO_CLIENT_ID": "any", "DINTERO_CLIENT_SECRET": "any-secret"}
		code = run(context.Background(),
			append(args, "--account", "T12345678", "--base-url", server.URL+"/v1", "--rate", "0", "--state", dir,
				"--reports", dir, "--format", "csv"), &environment{
				getenv: func(name string) string { return env[name] }, stdin: strings.NewReader(""), stdout: &out,
				stderr: &out, signals: signals,
			})
		return code, out.String()
	}
	code, said := start(nil, "run", "../../samples/grouped.csv")
	require.Zero(t, code, said)
	require.NoError(t,
		provider.SetFaults(
			[]simulator.Fault{{Operation: simulator.OpTransactions, Action: simulator.ActionHang, Delay: time.Second}}))
	signals := make(chan os.Signal, 2)
	before := provider.Requests().Calls[simulator.OpTransactions]
	go func() {
		for provider.Requests().Calls[simulator.OpTransactions] == before {
			time.Sleep(time.Millisecond)
		}
		signals <- os.Interrupt
		signals <- os.Interrupt
	}()
	code, said = start(signals, "refresh", "--all", "--timeout", "10m")
	require.Equal(t, 130, code, said)
	require.Contains(t, said, "registered                5        6")
	require.Contains(t, said, "stopped: interrupted by a signal")
	reports, err := filepath.Glob(filepath.Join(dir, "grouped_*.csv"))
	require.NoError(t, err)
	require.Len(t, reports, 2)
}
