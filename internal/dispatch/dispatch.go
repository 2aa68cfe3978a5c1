// Package dispatch takes orders from the journal to the provider and back. It is one bounded pool: take what
// is due, make the call of its step, ask [billing.Life.Next] what the answer means, write that. It keeps the
// pace and knows when to stop; when an order is sent, looked up or settled is the table's rule alone.
//
// What keeps the table's promises here:
//   - an attempt is durable in the journal before its request leaves, its outcome after the answer;
//   - one reference has one request in flight at most;
//   - the provider's own guard goes with every request: in one step with a repeated one the guard that any session blocks, in two steps
//     with the session, of which at most one invoice can come.
package dispatch

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/fault"
	"kraviabatch/internal/journal"
)

// Flows are the ways to register an invoice.
const (
	OneStep        = "one-step"         // POST /sessions/pay
	TwoStep        = "two-step"         // POST /sessions, then /sessions/{id}/pay
	TwoStepProfile = "two-step-profile" // POST /sessions-profile, then /sessions/{id}/pay
)

// DefaultResendAfter is the age of an order's last request before it is sent once more.
const DefaultResendAfter = 10 * time.Minute

// Config says what to send and when to stop.
type Config struct {
	Account     string
	Run         string
	Flow        string        // of the run
	Shard       journal.Shard // zero for all orders
	Concurrency int           // requests in flight, at least 1
	Guard       dintero.Guard // of first requests
	ResendAfter time.Duration // see billing.Life
	NoWait      bool          // end as soon as nothing can be done at once
	// so many orders in a row that failed, were refused or fell in doubt stop the run, 0 for never
	MaxFailures int
	Deadline    time.Time // after it no order is started, zero for none
	// closed: begin nothing more, but let requests in flight end; the client's Pace has the same
	Stop   <-chan struct{}
	Day    func(time.Time) billing.Date // by which invoices are dated
	Logger *slog.Logger
	// told of every order of the run that is done with, from many goroutines; may be nil
	Concluded      func(billing.State)
	DocumentDone func(done, total int) // told of every document, from many goroutines; may be nil
	Notice       func(string)          // told what a person should know, at most once each; may be nil
}

// quietWait is how long nothing is said while nothing can be done.
const quietWait = 10 * time.Second

// ahead is how many orders are taken for each that can be in flight: enough that reading them costs little,
// and few enough that a look-up that becomes due does not wait for long.
const ahead = 4

// dispatcher is one Run, Refresh or Void in progress.
type dispatcher struct {
	Config
	journal *journal.Journal
	client  *dintero.Client
	work    journal.Work
	changed func(reference string, before, after billing.Outcome) // told of every outcome that was written; may be nil

	alarmed   sync.Map     // customers with two live invoices for one reference: nothing more is sent to them
	unguarded atomic.Bool  // the provider does not take the guard with a session
	unmarked  atomic.Bool  // its transactions do not tell this program's mark
	failures  atomic.Int64 // in a row

	mu     sync.Mutex
	busy   map[string]bool // references in flight
	reason Reason
	err    error
	freed  chan struct{} // a worker has ended
	halt   chan struct{} // closed: do nothing more
	shut   chan struct{} // closed: send nothing more
}

// Run sends the run's orders and looks up what earlier runs of the account left unclear, until nothing more
// is due or as far as it goes. Everything known is in the journal then. When ctx ends, requests in flight are
// given up and stay in doubt; close Config.Stop first to let them end. The error is one that kept the run
// from going on: [dintero.ErrCredentials], or the journal's.
func Run(ctx context.Context, j *journal.Journal, c *dintero.Client, cfg Config) (Reason, error) {
	d := newDispatcher(j, c, cfg)
	d.work = journal.Work{
		Account: cfg.Account, Run: cfg.Run, Shard: cfg.Shard,
		Steps: []billing.Step{
			billing.StepCapture, billing.StepAwait, billing.StepLookUp, billing.StepLookFirst,
			billing.StepSend,
		},
	}
	err := d.survey(ctx)
	if err == nil {
		err = d.pool(ctx)
	}
	if err != nil {
		d.fail(err)
	}
	return d.result()
}

// Ready takes up what earlier runs of the account left, and reports whether anything is to be done before the
// run's report. It makes no call.
func Ready(ctx context.Context, j *journal.Journal, cfg Config) (due bool, err error) {
	if err := j.Resume(ctx, cfg.Account, cfg.Shard, time.Now(),
		cmp.Or(cfg.ResendAfter, DefaultResendAfter)); err != nil {
		return false, err
	}
	if err := j.Shelve(ctx, cfg.Account, cfg.Run, cfg.Shard); err != nil {
		return false, err
	}
	next, err := j.NextDue(ctx,
		journal.Work{Account: cfg.Account, Run: cfg.Run, Shard: cfg.Shard, Steps: billing.Steps()}, nil)
	return !next.IsZero(), err
}

func newDispatcher(j *journal.Journal, c *dintero.Client, cfg Config) *dispatcher {
	cfg.ResendAfter = cmp.Or(cfg.ResendAfter, DefaultResendAfter)
	return &dispatcher{
		Config: cfg, journal: j, client: c, reason: Finished, busy: map[string]bool{},
		freed: make(chan struct{}, 1), halt: make(chan struct{}), shut: make(chan struct{}),
	}
}

// pool gives every order of which a step is due to a worker, until none is due any more.
func (d *dispatcher) pool(ctx context.Context) error {
	orders := make(chan *journal.Order, d.Concurrency) // workers go on while the next are read
	var workers errgroup.Group
	for range d.Concurrency {
		workers.Go(d.worker(func() {
			for o := range orders {
				d.do(ctx, o)
			}
		}))
	}
	defer func() {
		close(orders)
		_ = workers.Wait() // workers keep their errors in d.err
	}()
	for !d.stopped(ctx) {
		page, err := d.take(ctx)
		if err != nil {
			return err
		}
		for i := range page {
			select {
			case orders <- &page[i]:
			case <-d.halt:
			case <-d.Stop:
			case <-ctx.Done():
			}
			if d.stopped(ctx) {
				return nil
			}
		}
		if len(page) == 0 {
			if more, err := d.await(ctx); err != nil || !more {
				return err
			}
		}
	}
	return nil
}

// do does what is due for an order. What was looked up first is sent at once: the look-up would not be worth
// much later.
func (d *dispatcher) do(ctx context.Context, o *journal.Order) {
	defer d.release(o.Reference)
	first := o.Step == billing.StepLookFirst
	if d.stopped(ctx) || (first || o.Step == billing.StepSend) && closed(d.shut) {
		return
	}
	d.step(ctx, o)
	if first && o.Step == billing.StepSend && !closed(d.shut) && !d.stopped(ctx) {
		d.step(ctx, o)
	}
}

// step makes the call of an order's step, asks the table what becomes of the order, and writes that.
func (d *dispatcher) step(ctx context.Context, o *journal.Order) {
	o.ResendAfter, o.Wanted = d.ResendAfter, d.work.Run != "" && o.Run == d.work.Run && !closed(d.shut)
	var h happened
	switch o.Step {
	case billing.StepSend:
		h = d.send(ctx, o)
	case billing.StepLookFirst, billing.StepLookUp:
		h = d.lookUp(ctx, o)
	case billing.StepAwait:
		h = d.readAgain(ctx, o)
	case billing.StepCapture:
		h = d.capture(ctx, o)
	}
	if h.event != 0 {
		d.write(ctx, o, h)
	}
}

// happened is an event with what was told; event 0 leaves the order as it is.
type happened struct {
	event   billing.Event
	told    billing.Outcome
	attempt *journal.Attempt // that ended with it, nil for none
}

// write makes durable what became of an order, also when ctx is done: an answer must not be lost to an interrupt.
func (d *dispatcher) write(ctx context.Context, o *journal.Order, h happened) {
	before, to := o.Outcome, o.Next(h.event, h.told, time.Now())
	if to.SessionID != o.SessionID && h.event != billing.EventUnpaid { // it may be another's
		o.SessionHash = ""
	}
	if err := d.journal.Conclude(context.WithoutCancel(ctx), o, h.attempt, to); err != nil {
		d.fail(fmt.Errorf("order %s was answered, but the answer could not be kept: %w", o.Reference, err))
		return
	}
	level := slog.LevelDebug
	if !to.State.Live() && to.State != billing.Planned {
		level = slog.LevelWarn
	}
	d.Logger.Log(ctx, level, "order settled", "order", o.Reference, "state", to.State.String(), "code",
		string(to.Code), "event", h.event.String(), "next", to.Step.String())
	if d.changed != nil {
		d.changed(o.Reference, before, o.Outcome)
	}
	if to.Parked() && o.Run == d.Run && d.Concluded != nil {
		d.Concluded(to.State)
	}
	d.count(h.event, to.State)
}

// take is the next page of orders of which a step is due; they are busy until released.
func (d *dispatcher) take(ctx context.Context) ([]journal.Order, error) {
	page, err := d.journal.Due(ctx, d.due(), time.Now(), ahead*d.Concurrency, d.underWay())
	if err != nil {
		return nil, unlessEnded(ctx, fmt.Errorf("read orders that are due: %w", err))
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := range page {
		d.busy[page[i].Reference] = true
	}
	return page, nil
}

// underWay are the references in flight, for a read that keeps no worker waiting. One that is released
// meanwhile is read the next time.
func (d *dispatcher) underWay() map[string]bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return maps.Clone(d.busy)
}

// due is the work, without what must not be sent any more.
func (d *dispatcher) due() journal.Work {
	w := d.work
	if n := len(w.Steps); closed(d.shut) && w.Steps[n-1] == billing.StepSend {
		w.Steps = w.Steps[:n-2] // nor looked up before
	}
	return w
}

func (d *dispatcher) release(reference string) {
	d.mu.Lock()
	delete(d.busy, reference)
	d.mu.Unlock()
	select {
	case d.freed <- struct{}{}:
	default:
	}
}

// await waits until a worker has ended or a step is due. more is false when there is nothing to wait for.
func (d *dispatcher) await(ctx context.Context) (more bool, err error) {
	busy := d.underWay()
	working := len(busy) > 0
	next, err := d.journal.NextDue(ctx, d.due(), busy)
	if err != nil {
		return false, unlessEnded(ctx, fmt.Errorf("read when orders are due: %w", err))
	}
	if closed(d.shut) && next.After(time.Now().Add(billing.ScheduleLength())) {
		next = time.Time{} // for a repetition that is not made any more
	}
	if !working && (next.IsZero() || d.NoWait && next.After(time.Now())) {
		select {
		case <-d.freed: // it ended after the page was read
			return true, nil
		default:
			return false, nil
		}
	}
	wait := time.Hour // a worker ends before
	if !next.IsZero() {
		wait = max(0, time.Until(next))
	}
	if left := time.Until(d.Deadline); left > 0 { // what it ends is not waited for
		wait = min(wait, left+time.Millisecond)
	}
	if !working && wait > quietWait {
		d.Logger.Info("waiting for the next look-up", "until", next.Local().Format(time.TimeOnly))
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-d.freed:
	case <-d.halt:
	case <-d.Stop:
	case <-ctx.Done():
	}
	return true, nil
}

// unlessEnded is an error of reading, unless the context that ended is the reason.
func unlessEnded(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return err
	}
	return nil
}

// worker is work for a group. A panic in it stops the run instead of the program; its order is taken up again
// by the next run.
func (d *dispatcher) worker(work func()) func() error {
	return func() error {
		if err := fault.Run(func() error { work(); return nil }); err != nil {
			d.fail(err)
		}
		return nil
	}
}
