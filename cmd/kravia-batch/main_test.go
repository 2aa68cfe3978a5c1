package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"

	"kraviabatch/internal/dintero"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/simulator"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"kravia-batch": main})
}

// raceExit spares each program that is run under the race detector its second of sleep at the end.
const raceExit = "GORACE=atexit_sleep_ms=0"

// The account of the scripts' provider. The secret is a canary: wherever it shows, something leaks.
const (
	scriptClient = "scripts"
	scriptSecret = "canary-7b1f2d0c9e"
)

// TestScripts runs testdata/script, where each file is a session at a shell. Beside the commands of
// testscript there are
//
//	exits CODE PROGRAM [ARG…]          runs a program and asserts its exit code
//	signals NAME CODE PROGRAM [ARG…]   the same, sending SIGINT, SIGTERM or SIGKILL once the provider works on a request of it that is no look into its lists; a killed program has code -1
//	pays N                             asserts how many payment requests the provider got
//	invoices N                         asserts how many live invoices there are, one for each reference at most
//	arrives                            waits for the first payment request
//	faults FILE                        makes the provider misbehave by a script of simulator faults
//	awaits ADDRESS                     waits until something listens there
//	post URL BODY                      sends JSON to a provider's control interface
//	doubles FILE                       has another program, which asks for no guard, pay FILE's orders at the provider
//	cancels REFERENCE                  cancels the newest live invoice of a reference at the provider
//	one-run                            sets $RUN to the run in the summary that was printed last
//
// In each script $PROVIDER is a provider of its own, credentials are in the environment, $DUE and $DUE_NORDIC are a
// day in a month's time, $THIS_MONTH and $LAST_MONTH are those of the script's start, and nothing may hold the secret
// in the end.
func TestScripts(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               func(env *testscript.Env) error { return setUp(env, root) },
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "signals": signals, "pays": pays, "invoices": invoices, "arrives": arrives,
			"faults": faults,
			"awaits": awaits, "one-run": oneRun, "post": post, "doubles": doubles, "cancels": cancels, "shows": shows,
		},
	})
}

var runForm = regexp.MustCompile(`\d{8}-\d{6}-[0-9a-f]{6}`)

type providerKey struct{}

func setUp(env *testscript.Env, root string) error {
	provider, err := simulator.New(
		simulator.Options{Account: "T12345678", ClientID: scriptClient, ClientSecret: scriptSecret})
	if err != nil {
		return err
	}
	server := httptest.NewServer(provider)
	free, err := freeAddress()
	if err != nil {
		return err
	}
	env.Defer(func() {
		server.Close()
		if err := errors.Join(provider.Close(), leaks(env.WorkDir)); err != nil {
			env.T().Fatal(err)
		}
	})
	env.Values[providerKey{}] = provider
	oslo, err := time.LoadLocation("Europe/Oslo")
	if err != nil {
		return err
	}
	today := time.Now().In(oslo)
	due := today.AddDate(0, 0, 30)
	env.Vars = append(env.Vars, "THIS_MONTH="+today.Format("2006-01"),
		"LAST_MONTH="+today.AddDate(0, 0, -today.Day()).Format("2006-01"),
		"DUE="+due.Format(time.DateOnly), "DUE_NORDIC="+due.Format("02.01.2006"),
		"PROVIDER="+server.URL+"/v1", "FREE="+free, "SAMPLES="+filepath.Join(root, "samples"),
		"XDG_STATE_HOME="+env.WorkDir+"/.state",
		"DINTERO_CLIENT_ID="+scriptClient, "DINTERO_CLIENT_SECRET="+scriptSecret, "KRAVIA_BATCH_RATE=0", raceExit,
	)
	return nil
}

// freeAddress has a port where nothing listens, below those that systems give to other tests.
func freeAddress() (string, error) {
	for {
		address := fmt.Sprintf("127.0.0.1:%d", 20_000+rand.IntN(12_000))
		listener, err := net.Listen("tcp", address)
		if err == nil {
			return address, listener.Close()
		}
		if !errors.Is(err, syscall.EADDRINUSE) {
			return "", err
		}
	}
}

// leaks looks for the secret in everything that a script left behind.
func leaks(dir string) error {
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Base(path) == "secret" {
			return err
		}
		data, err := os.ReadFile(path)
		if err == nil && bytes.Contains(data, []byte(scriptSecret)) {
			err = fmt.Errorf("%s holds the client secret", path)
		}
		return err
	})
}

func providerOf(ts *testscript.TestScript) *simulator.Provider {
	return ts.Value(providerKey{}).(*simulator.Provider)
}

func count(ts *testscript.TestScript, args []string) int {
	if len(args) < 1 {
		ts.Fatalf("a number is missing")
	}
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	return n
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM [ARG…]")
	}
	checkExit(ts, count(ts, args), ts.Exec(args[1], args[2:]...))
	checkOutput(ts, ts.ReadFile("stdout")+ts.ReadFile("stderr"))
}

// working is how many requests the provider got that are more than a look into its lists.
func working(ts *testscript.TestScript) (calls int) {
	for operation, n := range providerOf(ts).Requests().Calls {
		if !slices.Contains(
			[]simulator.Operation{
				simulator.OpToken, simulator.OpCheckout, simulator.OpTransactions,
				simulator.OpSessions,
			}, operation) {
			calls += n
		}
	}
	return calls
}

func checkExit(ts *testscript.TestScript, want int, err error) {
	got := 0
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, not %d", got, want)
	}
}

func checkOutput(ts *testscript.TestScript, output string) {
	if strings.Contains(output, scriptSecret) {
		ts.Fatalf("the output holds the client secret")
	}
}

func signals(ts *testscript.TestScript, neg bool, args []string) {
	names := map[string]os.Signal{"SIGINT": os.Interrupt, "SIGTERM": syscall.SIGTERM, "SIGKILL": os.Kill}
	if neg || len(args) < 3 || names[args[0]] == nil {
		ts.Fatalf("usage: signals SIGINT|SIGTERM|SIGKILL CODE PROGRAM [ARG…]")
	}
	var out, diagnostics bytes.Buffer
	path, err := exec.LookPath(args[2])
	ts.Check(err)
	cmd := exec.Command(path, args[3:]...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = ts.MkAbs("."), &out, &diagnostics
	for _, name := range []string{
		"HOME", "XDG_STATE_HOME", "DINTERO_CLIENT_ID", "DINTERO_CLIENT_SECRET",
		"KRAVIA_BATCH_RATE", "KRAVIA_BATCH_RESEND_AFTER", "GORACE",
	} {
		cmd.Env = append(cmd.Env, name+"="+ts.Getenv(name))
	}
	before := working(ts)
	ts.Check(cmd.Start())
	until(ts, "request", func() bool { return working(ts) > before })
	ts.Check(cmd.Process.Signal(names[args[0]]))
	err = cmd.Wait()
	_, _ = ts.Stdout().Write(out.Bytes())         // into a buffer
	_, _ = ts.Stderr().Write(diagnostics.Bytes()) // into a buffer
	checkExit(ts, count(ts, args[1:]), err)
	checkOutput(ts, out.String()+diagnostics.String())
}

func pays(ts *testscript.TestScript, _ bool, args []string) {
	calls := providerOf(ts).Requests().Calls
	if got := calls[simulator.OpPay] + calls[simulator.OpSessionPay]; got != count(ts, args) {
		ts.Fatalf("the provider got %d payment requests, not %s", got, args[0])
	}
}

func invoices(ts *testscript.TestScript, _ bool, args []string) {
	live := map[string]int{}
	for _, invoice := range providerOf(ts).Invoices() {
		if !invoice.Live {
			continue
		}
		if live[invoice.Reference]++; live[invoice.Reference] > 1 {
			ts.Fatalf("%s was invoiced twice", invoice.Reference)
		}
	}
	if len(live) != count(ts, args) {
		ts.Fatalf("there are %d invoices, not %s", len(live), args[0])
	}
}

// patience is how long a script waits for what should happen at once.
const patience = 30 * time.Second

func until(ts *testscript.TestScript, what string, happened func() bool) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for begun := time.Now(); !happened(); <-tick.C {
		if time.Since(begun) > patience {
			ts.Fatalf("%s: nothing after %s", what, patience)
		}
	}
}

func arrives(ts *testscript.TestScript, _ bool, _ []string) {
	until(ts, "payment request", func() bool { return providerOf(ts).Requests().Calls[simulator.OpPay] > 0 })
}

func faults(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: faults FILE")
	}
	var script []simulator.Fault
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &script))
	ts.Check(providerOf(ts).SetFaults(script))
}

func awaits(ts *testscript.TestScript, _ bool, args []string) {
	until(ts, args[0], func() bool {
		connection, err := net.Dial("tcp", args[0])
		return err == nil && connection.Close() == nil
	})
}

func oneRun(ts *testscript.TestScript, _ bool, _ []string) {
	found := runForm.FindString(ts.ReadFile("stdout"))
	if found == "" {
		ts.Fatalf("no run in the output")
	}
	ts.Setenv("RUN", found)
}

// client is another program with the scripts' credentials.
func client(ts *testscript.TestScript) *dintero.Client {
	c, err := dintero.New(dintero.Config{
		BaseURL: ts.Getenv("PROVIDER"), Account: "T12345678", ClientID: scriptClient, Secret: scriptSecret,
		Pace: dispatch.NewPace(0, nil),
	})
	ts.Check(err)
	return c
}

func doubles(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: doubles FILE")
	}
	ts.Check(ts.Exec("kravia-batch", "run", "--dry-run", "--json", args[0]))
	var dry struct{ Requests []dryRequest }
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &dry))
	for _, request := range dry.Requests {
		if answer := client(ts).Pay(context.Background(), request.Body, 0,
			dintero.Expect{}); answer.Meaning != dintero.MeansInvoiced {
			ts.Fatalf("%s: %s", request.Reference, answer.Message)
		}
	}
}

func cancels(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: cancels REFERENCE")
	}
	invoices := providerOf(ts).Invoices()
	slices.Reverse(invoices)
	i := slices.IndexFunc(invoices, func(i simulator.Invoice) bool { return i.Live && i.Reference == args[0] })
	if i < 0 {
		ts.Fatalf("%s has no live invoice", args[0])
	}
	if answer := client(ts).Void(context.Background(),
		invoices[i].TransactionID); answer.Meaning != dintero.MeansVoided {
		ts.Fatalf("%s: %s", args[0], answer.Message)
	}
}

func post(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: post URL BODY")
	}
	response, err := http.Post(args[0], "application/json", strings.NewReader(args[1]))
	ts.Check(err)
	ts.Check(response.Body.Close())
	if response.StatusCode != http.StatusOK {
		ts.Fatalf("%s answered %s", args[0], response.Status)
	}
}
