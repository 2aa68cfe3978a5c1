// Command kravia-batch turns an export of billable lines into Kravia invoices, exactly once each, and proves it in a
// spreadsheet.
//
// The package holds all that a user or a shell sees: commands, flags, environment, signals, questions, exit codes and
// texts. What a command does is in the packages below internal; batch is the one to read first.
//
// A command has a file of its name, with its options, its flags and its run. The options embed the settings that
// commands share, which are in settings_*.go, each group with its flags and its check. load in settings.go fills them:
// a flag goes before the environment, the environment before --config, and the file before the default. All texts are
// in messages.go.
//
// Three rules hold for every command. Settings are checked before anything is read or called. Standard output has only
// the result, so that it can be piped: notes, logs and questions go to standard error. Everything that is printed goes
// through lines or paragraphs, since foreign text must not steer a terminal.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"sync/atomic"
	"syscall"
	_ "time/tzdata" // a container may have no time zones, and invoices have their date in Oslo

	"github.com/spf13/cobra"

	"kraviabatch/internal/batch"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/fault"
)

func main() {
	first := make(chan os.Signal, 2)
	signal.Notify(first, os.Interrupt, syscall.SIGTERM)
	os.Exit(run(context.Background(), os.Args[1:], &environment{
		getenv: os.Getenv, environ: os.Environ(), stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr,
		terminal: isTerminal(os.Stderr), screen: isTerminal(os.Stdout),
		asks:    isTerminal(os.Stdin) && isTerminal(os.Stderr),
		signals: first,
	}))
}

// environment is the world outside the program, so that tests can replace it.
type environment struct {
	getenv   func(string) string
	environ  []string // all variables as name=value
	stdin    io.Reader
	stdout   io.Writer
	stderr   io.Writer
	terminal bool // stderr is a terminal
	screen   bool // stdout is a terminal
	asks     bool // stdin and stderr are terminals, so that a question gets an answer
	signals  <-chan os.Signal
}

// run is the program without its exit. It gives the exit code.
func run(ctx context.Context, args []string, env *environment) int {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	world, stop := *env, make(chan struct{})
	a := &app{environment: &world, bar: newProgress(env), stop: stop}
	defer a.bar.clear()
	world.stdin = stoppable{env.stdin, stop}
	colours := env.getenv("NO_COLOR") == "" && env.getenv("TERM") != "dumb"
	a.stdout, a.stderr = lines{env.stdout, env.screen && colours}, lines{env.stderr, env.terminal && colours}
	if env.terminal {
		a.stdout.raw, a.stderr.raw = behind{a.bar, env.stdout}, behind{a.bar, env.stderr}
	}
	go a.listen(ctx, cancel)
	root := a.root() //nolint:contextcheck // commands get theirs from cobra
	root.SetArgs(args)
	err := fault.Run(func() error { return root.ExecuteContext(ctx) })
	var coded *exitError
	switch {
	case errors.As(err, &coded):
		if coded.err != nil {
			a.complain(coded.err)
		}
	case a.stoppedAtOnce(err):
		a.complain(errors.New(msgSecondSignal))
	case err != nil:
		a.complain(err)
	}
	return a.codeOf(err)
}

// codeOf is the exit code that an error leads to.
func (a *app) codeOf(err error) int {
	if coded, ok := errors.AsType[*exitError](err); ok {
		return coded.code
	}
	if errors.Is(err, dispatch.ErrStopped) || a.stoppedAtOnce(err) {
		return a.signalCode()
	}
	return batch.ExitCodeOf(err)
}

// app is one invocation of the program: what all commands have in common.
type app struct {
	*environment
	stdout   lines // in place of the environment's
	stderr   lines // the same
	logging  loggingFlags
	help     map[*cobra.Command][]helpPart // the flags of each command, as its help shows them
	workflow []step
	log      *slog.Logger // see logger
	bar      *progress
	stop     chan struct{} // closed by the first signal
	signal   atomic.Int32  // exit code of the first signal
	result   *batch.Result // of the command that ended, nil if it ended before there was one
}

// exitError carries an exit code. err is nil when everything was printed already.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf(msgExitCode, e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// usage is an error of the user or of the settings: exit code 2. Nothing was read and nobody was called.
func usage(format string, args ...any) error {
	return &exitError{batch.ExitUsage, fmt.Errorf(format, args...)}
}

// complain prints an error on a line. Errors that were joined get a line each; errors that another one wraps in a text
// of its own stay on its line.
func (a *app) complain(err error) {
	several, ok := err.(interface{ Unwrap() []error })
	if ok && errors.Join(several.Unwrap()...).Error() == err.Error() {
		for _, one := range several.Unwrap() {
			a.complain(one)
		}
		return
	}
	fmt.Fprintln(a.stderr, "kravia-batch:", err)
	if caught, ok := errors.AsType[*fault.Error](err); ok {
		for line := range strings.Lines(string(caught.Stack)) {
			fmt.Fprint(a.stderr, line)
		}
	}
}
