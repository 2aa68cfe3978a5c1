package journal_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/money"
)

var nok = money.MustCurrency("NOK")

func TestMain(m *testing.M) {
	if task := os.Getenv("JOURNAL_CHILD"); task != "" {
		os.Exit(child(task))
	}
	code := m.Run()
	postgres.stop()
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
		test(t, postgres.database(t))
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
var postgres server

// server is started by the first test that needs it, on a Unix socket in a folder of its own.
type server struct {
	start  sync.Once
	dir    string
	cmd    *exec.Cmd
	err    error
	number atomic.Int64
}

// database makes a new database and gives its URL.
func (s *server) database(t testing.TB) string {
	t.Helper()
	s.start.Do(func() { s.err = s.run() })
	if errors.Is(s.err, exec.ErrNotFound) {
		t.Skip("no PostgreSQL here: install it, on Debian with `apt-get install postgresql`, to run this test")
	}
	require.NoError(t, s.err)
	name := "journal" + strconv.FormatInt(s.number.Add(1), 10)
	conn, err := pgx.Connect(t.Context(), s.url("postgres"))
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), "CREATE DATABASE "+name)
	require.NoError(t, err)
	require.NoError(t, conn.Close(t.Context()))
	return s.url(name)
}

func (s *server) url(database string) string {
	return "postgres://postgres@/" + database + "?host=" + url.QueryEscape(s.dir)
}

func (s *server) run() error {
	bin, err := postgresBin()
	if err != nil {
		return err
	}
	if s.dir, err = os.MkdirTemp("", "journal-postgres-"); err != nil {
		return err
	}
	account, err := serverAccount(s.dir)
	if err != nil {
		return err
	}
	data := filepath.Join(s.dir, "data")
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-N", "-E", "UTF8")
	initdb.SysProcAttr, initdb.Dir = account, s.dir
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	s.cmd = exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-k", s.dir, "-c", "listen_addresses=",
		"-c", "fsync=off", "-c", "max_connections=400")
	s.cmd.SysProcAttr, s.cmd.Dir = account, s.dir
	var log bytes.Buffer
	s.cmd.Stderr = &log
	if err := s.cmd.Start(); err != nil {
		return err
	}
	return s.await(&log)
}

func (s *server) await(log *bytes.Buffer) error {
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := pgx.Connect(ctx, s.url("postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			s.stop()
			return fmt.Errorf("postgres did not start: %w: %s", err, log)
		}
	}
}

func (s *server) stop() {
	if s.cmd != nil && s.cmd.Process != nil {
		_ = s.cmd.Process.Signal(syscall.SIGINT) // fast shutdown
		_ = s.cmd.Wait()
		s.cmd = nil
	}
	if s.dir != "" {
		_ = os.RemoveAll(s.dir)
	}
}

// postgresBin is the folder of the newest server; exec.ErrNotFound without one.
func postgresBin() (string, error) {
	if path, err := exec.LookPath("postgres"); err == nil {
		return filepath.Dir(path), nil
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil || len(found) == 0 {
		return "", exec.ErrNotFound
	}
	return filepath.Dir(found[len(found)-1]), nil
}

// serverAccount makes root give way to the user postgres, since the server refuses to run as root.
func serverAccount(dir string) (*syscall.SysProcAttr, error) {
	if os.Getuid() != 0 {
		return &syscall.SysProcAttr{}, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, exec.ErrNotFound
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return nil, err
	}
	if err := os.Chown(dir, uid, gid); err != nil {
		return nil, err
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, nil
}

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
