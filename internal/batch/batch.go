// Package batch is one run from file to report. It holds the sequence and nothing else: what a step does is known
// by the package that it calls.
package batch

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"time"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/fault"
	"kraviabatch/internal/intake"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/planfile"
	"kraviabatch/internal/report"
)

// Settings is everything that a run is made with.
type Settings struct {
	Input
	Journal       *journal.Journal
	Connect       func() (*dintero.Client, error) // called once the lock is held and there is something to send
	Account       string
	Environment   report.Environment
	Period        string
	Version       string
	Body          dintero.BodyOptions // Days is each order's own
	Flow          string              // of dispatch
	Dispatch      dispatch.Config     // Account, Run, Flow, Shard, Stop and Logger are filled in here
	Shard         journal.Shard
	StopOnInvalid bool // send nothing when any row is invalid
	Reports       string
	Formats       []report.Format
	PostingsFrom  billing.Date     // as the report's
	Language      string           // of the workbook, "" for English
	Documents     string           // folder for the invoices' documents, "" for none
	Shown         []report.Setting // settings for the report's reader, no secrets
	Limit         int              // only so many of the run's first orders are sent, 0 for all
	Plan          *planfile.File   // what the run must do exactly; nil for whatever the input says
	Signing       planfile.Signing
	Seller        string           // whose name the report bears, "" for nobody's
	ProfileSHA256 string           // of the profile's file, "" without one
	Planned       func(orders int) // told how many orders are to be sent, before the first; may be nil
	// Watch sees the groups as they are planned, before anything is sent. Without it those that cannot be
	// sent are logged.
	Watch      func(iter.Seq2[billing.Group, error]) iter.Seq2[billing.Group, error]
	SignalCode func() int // exit code of the signal that came, 0 for none
}

// Result is what a run came to. It is as complete as the run got, also beside an error.
type Result struct {
	Run     string
	Summary *report.Summary
	Reason  dispatch.Reason
	Notices []string
}

// Run reads, checks, groups, plans, sends and reports. Running it again on the same input is the resume.
func Run(ctx context.Context, s *Settings) (*Result, error) {
	started := time.Now()
	id := NewRunID(started)
	release, err := s.Journal.Lock(ctx, s.Account, s.Shard, journal.ThisProcess(id))
	if err != nil {
		return nil, fmt.Errorf("no call was made: %w", err)
	}
	defer func() { _ = release() }() // falls with the process at the latest

	reading, err := Read(ctx, &s.Input)
	if err != nil {
		return nil, err
	}
	defer reading.Close()
	return s.run(ctx, id, started, reading)
}

// run does with an input that was read what Run does.
func (s *Settings) run(ctx context.Context, id string, started time.Time, reading *Reading) (*Result, error) {
	expected, err := reading.Expected()
	if err != nil {
		return nil, err
	}
	if err := s.follow(ctx, reading); err != nil {
		return nil, err
	}

	run := s.newRun(id, started, reading)
	result := &Result{Run: run.ID, Reason: dispatch.Finished, Notices: reading.Notices}
	s.noteSeen(ctx, reading, result)
	if err := s.Journal.BeginRun(ctx, run); err != nil {
		return result, err
	}
	s.Rules.Sent = s.sent(ctx)
	totals, toSend, err := s.plan(ctx, run.ID, reading)
	if err != nil {
		return result, err
	}
	run.Tables, run.Control = reading.Tables(), totals.Control
	run.Control.Expected = expected
	if run.Control.LeftOut, err = s.storeLeftOut(ctx, run.ID, reading); err != nil {
		return result, err
	}
	if err := s.Journal.UpdateRun(ctx, run); err != nil { // a report can be made from here on
		return result, err
	}

	var requests report.Requests
	held := s.StopOnInvalid && totals.InvalidRows > 0
	switch {
	case held:
	case reading.stopped():
		result.Reason = dispatch.Interrupted
	default:
		err = fault.Run(func() (err error) {
			requests, err = s.work(ctx, run, toSend, result)
			return err
		})
		if _, faulted := errors.AsType[*fault.Error](err); faulted {
			result.Reason = dispatch.Faulted
		}
	}
	result, err = s.finish(ctx, run, result, requests, held, err)
	if totals.InvalidRows > 0 {
		s.correct(ctx, reading, result)
	}
	return result, err
}

func (s *Settings) newRun(id string, now time.Time, r *Reading) journal.Run {
	shown, _ := json.Marshal(s.shown()) // strings only
	return journal.Run{
		ID: id, Account: s.Account, Environment: string(s.Environment), Period: s.Period, Flow: s.Flow,
		Started: now, Version: s.Version, Files: r.Files, Settings: shown, ExitCode: journal.Unfinished,
	}
}

// NewRunID is a name that sorts by time, to the millisecond, and that no other process makes: 20261122-173005-1f4a12.
func NewRunID(now time.Time) string {
	var random [2]byte
	_, _ = rand.Read(random[:]) // never fails
	millis := now.Nanosecond() / int(time.Millisecond)
	return fmt.Sprintf("%s%03x%s", now.UTC().Format("20060102-150405-"), millis, hex.EncodeToString(random[:])[:3])
}

// noteSeen tells when the same lines were read by an earlier run: its orders will be found settled. A
// register is the same every month.
func (s *Settings) noteSeen(ctx context.Context, r *Reading, result *Result) {
	for _, f := range linesOf(r.Files) {
		if earlier, seen, err := s.Journal.SeenFile(ctx, s.Account, f.SHA256); err == nil && seen {
			result.Notices = append(result.Notices,
				fmt.Sprintf("%s was read before, by run %s; what that run invoiced is not invoiced again", f.Name,
					earlier))
		}
	}
}

// sent tells what the journal has sent under a reference, by its content.
func (s *Settings) sent(ctx context.Context) func(reference string) string {
	return func(reference string) string {
		stored, err := s.Journal.Stored(ctx, s.Account, []string{reference})
		if err != nil {
			return "" // planning will find the same error
		}
		o := stored[reference]
		if _, replace := billing.Decide(o.Life, true); replace {
			return ""
		}
		return o.Hash
	}
}

// work is send, and names what it settled of other runs.
func (s *Settings) work(ctx context.Context, run journal.Run, toSend needs, result *Result) (report.Requests, error) {
	before, err := doubts(ctx, s.Journal, s.Shard, []journal.Run{run})
	if err != nil {
		return report.Requests{}, err
	}
	requests, err := s.send(ctx, run.ID, toSend, result)
	notices, unread := settled(context.WithoutCancel(ctx), s.Journal, before)
	result.Notices = append(result.Notices, notices...)
	return requests, errors.Join(err, unread)
}

// send hands the run's planned orders, and what earlier runs left unclear, to dispatch.
func (s *Settings) send(ctx context.Context, run string, toSend needs, result *Result) (report.Requests, error) {
	if s.Limit > 0 {
		held, err := s.Journal.Limit(ctx, run, s.Limit)
		if err != nil {
			return report.Requests{}, err
		}
		if held > 0 {
			result.Reason = dispatch.LimitReached
		}
	}
	cfg := s.Dispatch
	cfg.Account, cfg.Run, cfg.Flow, cfg.Shard, cfg.Stop, cfg.Day = s.Account, run, s.Flow, s.Shard, s.Stop, intake.DayOf
	cfg.Logger = s.logger().With("run", run)
	cfg.Notice = func(text string) { result.Notices = append(result.Notices, text) }
	if due, err := dispatch.Ready(ctx, s.Journal, cfg); err != nil || !due && s.Documents == "" {
		return report.Requests{}, err
	}
	client, err := s.Connect()
	if err != nil {
		return report.Requests{}, err
	}
	if err := client.Authenticate(ctx); err != nil {
		switch {
		case errors.Is(err, dispatch.ErrStopped), errors.Is(err, context.Canceled):
			result.Reason = dispatch.Interrupted
			return RequestsOf(client), nil
		case errors.Is(err, dintero.ErrCredentials):
			result.Reason = dispatch.CredentialsRefused
		}
		return RequestsOf(client), fmt.Errorf("no call was made: %w", err)
	}
	result.Notices = append(result.Notices, s.askAccount(ctx, client, toSend)...)
	if s.Planned != nil {
		s.Planned(toSend.orders())
	}
	reason, err := dispatch.Run(ctx, s.Journal, client, cfg)
	if reason != dispatch.Finished {
		result.Reason = reason
	}
	if s.Documents != "" && err == nil && result.Reason != dispatch.Interrupted {
		var documents Fetched
		documents, err = Documents(ctx, s.Journal, client, cfg, journal.Run{ID: run}, s.Documents, s.Progress)
		result.Notices = append(result.Notices, documents.Notices...)
		if documents.Reason != dispatch.Finished {
			result.Reason = documents.Reason
		}
	}
	return RequestsOf(client), err
}

// finish writes the report and closes the run in the journal, whatever happened before.
func (s *Settings) finish(ctx context.Context, run journal.Run, result *Result, requests report.Requests, held bool,
	failure error,
) (*Result, error) {
	ctx = context.WithoutCancel(ctx) // a report is written also after a signal
	run.Finished = time.Now()
	w := Rewriting{
		Requests: requests, Reason: result.Reason, Failure: failure, SignalCode: s.SignalCode,
		Notices: result.Notices, Reports: s.Reports,
		Formats: s.Formats, PostingsFrom: s.PostingsFrom, Language: s.Language, Progress: s.Progress, shard: s.Shard,
		held: held,
	}
	err := s.Journal.Snapshot(ctx, func(v journal.View) error {
		summary, err := w.write(ctx, v, run.ID, []journal.Run{run})
		if summary != nil {
			result.Summary, result.Notices, run.ExitCode = summary, summary.Run().Notices, summary.ExitCode
		}
		return err
	})
	if err != nil {
		failure = errors.Join(failure,
			fmt.Errorf(
				"the orders are in the journal, but the report could not be written: make it with `kravia-batch report --run %s`", run.ID), err)
	}
	failure = errors.Join(failure, s.Journal.UpdateRun(ctx, run), s.whole(ctx, run, result))
	if summary := result.Summary; summary != nil && failure != nil && summary.ExitCode == ExitDone {
		summary.ExitCode = ExitCodeOf(failure)
	}
	return result, failure
}

func (s *Settings) logger() *slog.Logger {
	if s.Logger == nil {
		return slog.New(slog.DiscardHandler)
	}
	return s.Logger
}
