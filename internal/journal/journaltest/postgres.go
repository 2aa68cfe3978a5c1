// Package journaltest starts a private PostgreSQL server for tests: on a Unix socket, in a folder of its own, gone when
// the test binary ends.
package journaltest

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
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Server is a server that its first Database starts. Its zero value is ready; Stop it in TestMain.
type Server struct {
	start  sync.Once
	bin    string
	dir    string
	cmd    *exec.Cmd
	owner  *syscall.SysProcAttr
	err    error
	number atomic.Int64
}

// Database makes a new database and gives its URL. Where no PostgreSQL is installed the test is skipped, and says so.
func (s *Server) Database(tb testing.TB) string {
	tb.Helper()
	s.start.Do(func() { s.err = s.init() })
	if errors.Is(s.err, exec.ErrNotFound) {
		tb.Skip("no PostgreSQL here: install it, on Debian with `apt-get install postgresql`, to run this test")
	}
	if s.err != nil {
		tb.Fatal(s.err)
	}
	name := "journal" + strconv.FormatInt(s.number.Add(1), 10)
	conn, err := pgx.Connect(tb.Context(), s.url("postgres"))
	if err != nil {
		tb.Fatal(err)
	}
	if _, err = conn.Exec(tb.Context(), "CREATE DATABASE "+name); err != nil {
		tb.Fatal(err)
	}
	if err := conn.Close(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	return s.url(name)
}

// Restart stops the server at once, as a crash would, and starts it again on the same data.
func (s *Server) Restart(tb testing.TB) {
	tb.Helper()
	_ = s.cmd.Process.Signal(syscall.SIGQUIT) // immediate shutdown: connections break, the log is replayed at the start
	_ = s.cmd.Wait()
	if err := s.serve(); err != nil {
		tb.Fatal(err)
	}
}

func (s *Server) url(database string) string {
	return "postgres://postgres@/" + database + "?host=" + url.QueryEscape(s.dir)
}

func (s *Server) init() error {
	var err error
	if s.bin, err = serverBin(); err != nil {
		return err
	}
	if s.dir, err = os.MkdirTemp("", "journal-postgres-"); err != nil {
		return err
	}
	if s.owner, err = serverAccount(s.dir); err != nil {
		return err
	}
	arguments := []string{"-D", filepath.Join(s.dir, "data"), "-U", "postgres", "-A", "trust", "-N", "-E", "UTF8"}
	initdb := exec.Command(filepath.Join(s.bin, "initdb"), arguments...) //nolint:gosec,noctx // it ends by itself
	initdb.SysProcAttr, initdb.Dir = s.owner, s.dir
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	return s.serve()
}

func (s *Server) serve() error {
	arguments := []string{
		"-D", filepath.Join(s.dir, "data"), "-k", s.dir, "-c", "listen_addresses=", "-c", "fsync=off",
		"-c", "max_connections=400",
	}
	s.cmd = exec.Command(filepath.Join(s.bin, "postgres"), arguments...) //nolint:gosec,noctx // Stop ends it
	s.cmd.SysProcAttr, s.cmd.Dir = s.owner, s.dir
	var log bytes.Buffer
	s.cmd.Stderr = &log
	if err := s.cmd.Start(); err != nil {
		return err
	}
	return s.await(&log)
}

func (s *Server) await(log *bytes.Buffer) error {
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
			s.Stop()
			return fmt.Errorf("postgres did not start: %w: %s", err, log)
		}
	}
}

// Stop ends the server and removes its data.
func (s *Server) Stop() {
	if s.cmd != nil && s.cmd.Process != nil {
		_ = s.cmd.Process.Signal(syscall.SIGINT) // fast shutdown
		_ = s.cmd.Wait()
		s.cmd = nil
	}
	if s.dir != "" {
		_ = os.RemoveAll(s.dir)
	}
}

// serverBin is the folder of the newest server; exec.ErrNotFound without one.
func serverBin() (string, error) {
	if path, err := exec.LookPath("postgres"); err == nil {
		if resolved, err := filepath.EvalSymlinks(path); err == nil {
			path = resolved
		}
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
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	if err := os.Chown(dir, int(uid), int(gid)); err != nil {
		return nil, err
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, nil
}
