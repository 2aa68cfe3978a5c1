package main

import (
	"cmp"
	"context"
	"embed"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"kraviabatch/internal/simulator"
)

//go:embed python
var scripts embed.FS

// The processes that are measured. Sending is the part of a run from its first payment request to its last answer, as
// the provider sees it.
const (
	checkCSV  = "check of CSV"
	checkXLSX = "check of XLSX"
	sending   = "sending"
	reporting = "report as XLSX and CSV"
	wholeRun  = "whole run"

	bareCSV     = "`encoding/csv` alone"
	bareGocsv   = "gocsv alone"
	pythonCSV   = "Python: DictReader, Decimal"
	bareXLSX    = "excelize's row iterator alone"
	pythonXLSX  = "Python: openpyxl's row iterator"
	bareClient  = "bare `net/http` client, same bodies"
	streamCells = "excelize's StreamWriter, same cells"
	wholePython = "Python: csv, Decimal, 64 threads, sqlite3, XlsxWriter"
)

// lab measures on data of one size. After an error it does nothing more.
type lab struct {
	program string
	python  string // "" for none
	self    string // this program, which is the other peers
	alone   bool   // without peers
	dir     string
	costs   map[string][]cost // by name, one a round
	err     error
}

// newLab makes the data, in a folder that close removes.
func newLab(program, python string, rows int, alone bool) (*lab, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "kravia-batch-bench-*")
	if err != nil {
		return nil, err
	}
	l := &lab{program: program, python: python, self: self, alone: alone, dir: dir, costs: map[string][]cost{}}
	if err := errors.Join(writeCSV(l.file("lines.csv"), rows), writeXLSX(l.file("lines.xlsx"), rows),
		os.CopyFS(dir, scripts)); err != nil {
		return nil, errors.Join(err, l.close())
	}
	return l, nil
}

func (l *lab) close() error { return os.RemoveAll(l.dir) }

func (l *lab) file(name string) string { return filepath.Join(l.dir, name) }

// round measures every process once. Processes that are compared run directly after each other.
func (l *lab) round(ctx context.Context) error {
	csv, xlsx, bodies, state, whole := l.file("lines.csv"), l.file("lines.xlsx"), l.file("bodies"), l.file("state"),
		l.file("whole")
	l.peer(ctx, bareCSV, "csv", csv)
	l.own(ctx, checkCSV, "check", "--reports", "off", csv)
	l.peer(ctx, bareGocsv, "gocsv", csv)
	l.script(ctx, pythonCSV, "read.py", csv)

	l.peer(ctx, bareXLSX, "excelize", xlsx)
	l.own(ctx, checkXLSX, "check", "--reports", "off", xlsx)
	l.script(ctx, pythonXLSX, "read.py", xlsx)

	pays := l.serve(sending, func(base string) {
		l.own(ctx, wholeRun, "run", "--account", account, "--base-url", base, "--rate", "0", "--concurrency",
			strconv.Itoa(inFlight),
			"--state", state, "--reports", l.file("run"), "--format", "xlsx,csv", "--log-level", "error", csv)
	})
	l.do(os.WriteFile(bodies, []byte(strings.Join(pays, "\n")), 0o600))
	l.serve(bareClient, func(base string) { l.peer(ctx, "", "post", bodies, base) })
	l.do(os.Mkdir(whole, 0o700))
	l.serve("", func(base string) { l.script(ctx, wholePython, "whole.py", csv, base, whole) })

	l.own(ctx, reporting, "report", "--account", account, "--state", state, "--reports", l.file("report"),
		"--format", "xlsx,csv", "--log-level", "error")
	l.peer(ctx, streamCells, "stream", l.file("report"))
	for _, folder := range []string{"state", "run", "whole", "report"} {
		l.do(os.RemoveAll(l.file(folder)))
	}
	return l.err
}

func (l *lab) do(err error) { l.err = cmp.Or(l.err, err) }

// own measures a command of the program, and keeps the cost under a name.
func (l *lab) own(ctx context.Context, name string, args ...string) {
	l.measure(ctx, name, l.program, args)
}

// peer measures one of [peers].
func (l *lab) peer(ctx context.Context, name string, args ...string) {
	if !l.alone {
		l.measure(ctx, name, l.self, args)
	}
}

// script measures one of the programs in Python.
func (l *lab) script(ctx context.Context, name, file string, args ...string) {
	if !l.alone && l.python != "" {
		l.measure(ctx, name, l.python, append([]string{l.file("python/" + file)}, args...))
	}
}

func (l *lab) measure(ctx context.Context, name, program string, args []string) {
	if l.err != nil {
		return
	}
	var c cost
	c, l.err = measure(ctx, l.self, append([]string{program}, args...))
	l.costs[name] = append(l.costs[name], c)
}

// serve has a process send to a new provider. It keeps the time from the first payment request to the last answer under
// a name, and gives the bodies of the payments.
func (l *lab) serve(name string, send func(base string)) (bodies []string) {
	provider, err := simulator.New(simulator.Options{Account: account, ForgetRequests: l.alone})
	if err != nil {
		l.do(err)
		return nil
	}
	var watch stopwatch
	server := httptest.NewServer(watch.over(provider))
	send(server.URL + "/v1")
	server.Close()
	l.do(provider.Close())
	for _, pay := range provider.Requests().Pays {
		bodies = append(bodies, pay.Body)
	}
	l.costs[name] = append(l.costs[name], cost{Seconds: watch.last.Sub(watch.first).Seconds()})
	return bodies
}

// stopwatch measures the time from the first payment request to the last answer.
type stopwatch struct {
	mu          sync.Mutex
	first, last time.Time
}

func (w *stopwatch) over(provider http.Handler) http.Handler {
	return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		begun := time.Now()
		provider.ServeHTTP(out, r)
		if !strings.HasSuffix(r.URL.Path, "/sessions/pay") {
			return
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.first.IsZero() || begun.Before(w.first) {
			w.first = begun
		}
		w.last = time.Now()
	})
}

// findPython is the path of a Python that has the libraries that the scripts need, or what is missing.
func findPython(ctx context.Context, name string) (path, missing string) {
	path, err := exec.LookPath(name)
	if err != nil {
		return "", "there is no " + name
	}
	if exec.CommandContext(ctx, path, "-c", "import openpyxl, xlsxwriter").Run() != nil {
		return "", path + " lacks openpyxl or XlsxWriter"
	}
	return path, ""
}
