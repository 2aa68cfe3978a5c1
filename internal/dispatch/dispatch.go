// Package dispatch takes a run's planned orders from the journal to the provider and back: it keeps the pace, limits
// the workers, writes to the journal before and after every request, resolves what is in doubt, and knows when to stop.
//
// The rules that keep an order from being invoiced twice:
//   - an attempt is durable in the journal before its request leaves, its outcome after the answer;
//   - only what certainly did not happen is sent again ([dintero.MeansNotSent]);
//   - what is in doubt is looked up on a schedule; only when the whole schedule found nothing is it sent once more, under
//     the guard that any session of the reference blocks;
//   - a refusal is believed only after a look-up, for it may mean that the reference exists;
//   - one reference has one request in flight at most.
package dispatch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/fault"
	"kraviabatch/internal/journal"
)

// DefaultSchedule is how long to wait before each look-up of an order in doubt.
func DefaultSchedule() []time.Duration {
	return []time.Duration{2 * time.Second, 5 * time.Second, 10 * time.Second, 20 * time.Second, 30 * time.Second}
}

// Flows are the ways to register an invoice.
const (
	OneStep        = "one-step"         // POST /sessions/pay
	TwoStep        = "two-step"         // POST /sessions, then /sessions/{id}/pay
	TwoStepProfile = "two-step-profile" // POST /sessions-profile, then /sessions/{id}/pay
)

// Config says what to send and when to stop.
type Config struct {
	Account      string
	Run          string
	Shard        journal.Shard   // zero for all orders
	Concurrency  int             // requests in flight, at least 1
	Guard        dintero.Guard   // of first attempts
	Schedule     []time.Duration // waits before the look-ups of an order in doubt
	Limit        int             // at most so many orders are started, 0 for all
	MaxFailures  int             // so many orders in a row that failed, were refused or fell in doubt stop the run, 0 for never
	Deadline     time.Time       // after it no order is started, zero for none
	Stop         <-chan struct{} // closed: start nothing more and stop waiting, but let requests in flight end; the client's Pace has the same
	Logger       *slog.Logger
	Settled      func(billing.State)   // told of every order that is done with, from many goroutines; may be nil
	DocumentDone func(done, total int) // told of every document, from many goroutines; may be nil
}

// Reason is why a run ended.
type Reason uint8

// The reasons.
const (
	Finished    Reason = iota + 1 // every order was taken up
	Interrupted                   // Stop was closed or the context ended
	PastDeadline
	TooManyFailures
	LimitReached
	CredentialsRefused
	JournalFailed
	Faulted // a panic
)

// String is the reason in words, as in "stopped: the deadline passed".
func (r Reason) String() string {
	switch r {
	case Finished:
		return "finished"
	case Interrupted:
		return ErrStopped.Error()
	case PastDeadline:
		return "the deadline passed"
	case TooManyFailures:
		return "too many orders in a row failed"
	case LimitReached:
		return "the limit of orders was reached"
	case CredentialsRefused:
		return "the provider refused the credentials"
	case JournalFailed:
		return "the journal could not be read or written"
	case Faulted:
		return "a fault of the program"
	}
	return fmt.Sprintf("reason(%d)", uint8(r))
}

// pageSize is how many orders are held in memory at once, beside those in flight and in doubt.
const pageSize = 200

// dispatcher is one Run in progress.
type dispatcher struct {
	Config
	journal *journal.Journal
	client  *dintero.Client
	doubts  errgroup.Group
	slots   chan struct{} // bounds look-ups in flight

	alarmed  sync.Map     // customers with two live invoices for one reference: nothing more is sent to them
	failures atomic.Int64 // in a row
	halt     chan struct{}
	mu       sync.Mutex
	reason   Reason
	err      error
}

// Run sends the run's pending orders and returns when all of them are settled, or as far as they go. Everything known is
// in the journal then. When ctx ends, requests in flight are given up and stay in doubt; close Config.Stop first to
// let them end. The error is one that kept the run from going on: [dintero.ErrCredentials], or the journal's.
func Run(ctx context.Context, j *journal.Journal, c *dintero.Client, cfg Config) (Reason, error) {
	d := newDispatcher(j, c, cfg)
	if err := d.feed(ctx); err != nil {
		d.fail(err)
	}
	return d.result()
}

func newDispatcher(j *journal.Journal, c *dintero.Client, cfg Config) *dispatcher {
	return &dispatcher{
		Config: cfg, journal: j, client: c, slots: make(chan struct{}, cfg.Concurrency), halt: make(chan struct{}), reason: Finished,
	}
}

// result is how the work ended, once all of it has.
func (d *dispatcher) result() (Reason, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.reason, d.err
}

// note keeps the first reason for not having taken up every order. Reaching the limit ends nothing that was started, so
// that what ends it goes before.
func (d *dispatcher) note(reason Reason) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.reason == Finished || d.reason == LimitReached {
		d.reason = reason
	}
}

// stop keeps new orders from being started.
func (d *dispatcher) stop(reason Reason, err error) {
	d.note(reason)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.err == nil {
		d.err = err
	}
	select {
	case <-d.halt:
	default:
		close(d.halt)
	}
}

// fail stops the run because of an error that no further order could escape: the provider's refusal of the credentials, the
// journal's, or a fault of the program.
func (d *dispatcher) fail(err error) {
	reason := JournalFailed
	if errors.Is(err, dintero.ErrCredentials) {
		reason = CredentialsRefused
	}
	if _, faulted := errors.AsType[*fault.Error](err); faulted {
		reason = Faulted
	}
	d.stop(reason, err)
}

// worker is work for a group. A panic in it stops the run instead of the program; its order is taken up again by the next run.
func (d *dispatcher) worker(work func()) func() error {
	return func() error {
		if err := fault.Run(func() error { work(); return nil }); err != nil {
			d.fail(err)
		}
		return nil
	}
}

// stopped reports whether nothing more is to be started, and keeps why.
func (d *dispatcher) stopped(ctx context.Context) bool {
	select {
	case <-d.halt:
		return true
	case <-d.Stop:
		d.stop(Interrupted, nil)
		return true
	case <-ctx.Done():
		d.stop(Interrupted, nil)
		return true
	default:
	}
	if !d.Deadline.IsZero() && time.Now().After(d.Deadline) {
		d.stop(PastDeadline, nil)
		return true
	}
	return false
}

// feed gives every pending order to a worker, page by page, and waits for all of them.
func (d *dispatcher) feed(ctx context.Context) error {
	var workers errgroup.Group
	workers.SetLimit(d.Concurrency)
	err := d.pages(ctx, func(o journal.PendingOrder) {
		switch o.Outcome.State {
		case billing.Sending, billing.InDoubt:
			d.later(func() { d.resolve(ctx, o.Order) })
		case billing.Planned, billing.Registered, billing.Invoiced, billing.Rejected, billing.Failed, billing.Conflict, billing.Voided:
			workers.Go(d.worker(func() { d.send(ctx, o.Order) }))
		}
	})
	_ = workers.Wait() // workers keep their errors in d.err
	_ = d.doubts.Wait()
	if err != nil || d.stopped(ctx) {
		return err
	}
	return d.deliver(ctx)
}

func (d *dispatcher) pages(ctx context.Context, each func(journal.PendingOrder)) error {
	started := 0
	for seq := -1; ; {
		page, err := d.journal.Pending(ctx, d.Run, d.Shard, seq, pageSize)
		if err != nil && ctx.Err() == nil {
			return fmt.Errorf("read planned orders: %w", err)
		}
		for _, o := range page {
			if d.stopped(ctx) {
				return nil
			}
			if d.Limit > 0 && started == d.Limit {
				d.note(LimitReached) // those that were started go on
				return nil
			}
			started++
			seq = o.Seq
			each(o)
		}
		if len(page) == 0 {
			return nil
		}
	}
}

// later runs work that mostly waits, beside the workers.
func (d *dispatcher) later(work func()) {
	d.doubts.Go(d.worker(work))
}

// gaveUp reports whether a stop, or the end of ctx, kept a call from being made or answered, and keeps that as the reason.
func (d *dispatcher) gaveUp(ctx context.Context, err error) bool {
	if !errors.Is(err, ErrStopped) && (err == nil || ctx.Err() == nil) {
		return false
	}
	d.note(Interrupted)
	return true
}

// pause waits and reports whether to go on: it ends early when the run is to stop at once.
func (d *dispatcher) pause(ctx context.Context, wait time.Duration) bool {
	if sleep(ctx, d.Stop, wait) == nil {
		return true
	}
	d.note(Interrupted)
	return false
}

// settle writes what is known of an order, also when ctx is done: an answer must not be lost to an interrupt.
func (d *dispatcher) settle(ctx context.Context, o *journal.Order, attempt int, outcome billing.Outcome, result journal.AttemptResult) bool {
	if outcome.SessionID == "" {
		outcome.SessionID = o.Outcome.SessionID
	}
	if outcome.TransactionID == "" {
		outcome.TransactionID = o.Outcome.TransactionID
	}
	version, err := d.journal.Settle(context.WithoutCancel(ctx), journal.Settlement{
		Account: d.Account, Reference: o.Reference, Version: o.Version, Attempt: attempt, Outcome: outcome, Result: result,
	})
	if err != nil {
		d.fail(fmt.Errorf("order %s was answered, but the answer could not be kept: %w", o.Reference, err))
		return false
	}
	o.Version, o.Outcome = version, outcome
	level := slog.LevelDebug
	if !outcome.State.Live() && outcome.State != billing.Planned {
		level = slog.LevelWarn
	}
	d.Logger.Log(ctx, level, "order settled", "order", o.Reference, "state", outcome.State.String(), "code", string(outcome.Code))
	return true
}

// done counts an order that is finished for this run, well or badly.
func (d *dispatcher) done(state billing.State) {
	if d.Settled != nil {
		d.Settled(state)
	}
	d.count(state)
}

// count stops the run when too many orders in a row came to nothing.
func (d *dispatcher) count(state billing.State) {
	switch state {
	case billing.Registered, billing.Invoiced, billing.Voided, billing.Conflict:
		d.failures.Store(0)
	case billing.Rejected, billing.Failed, billing.InDoubt:
		if n := d.failures.Add(1); d.MaxFailures > 0 && n >= int64(d.MaxFailures) {
			d.stop(TooManyFailures, nil)
		}
	case billing.Planned, billing.Sending:
	}
}
