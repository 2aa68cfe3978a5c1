// Package dispatch brings orders from the journal to the provider and their outcomes back. It hides the pool of
// workers, the pace, the waits, and how a run stops. When an order is sent, looked up or concluded is decided by
// [billing.Life.Next] alone; this package has no rule of its own about that.
//
// [Ready] takes up what earlier runs left. [Run] then works until nothing is due: it takes an order whose step is due,
// makes the call of that step, turns the answer into an event, asks the lifecycle what the event means, and writes that
// to the journal. [Refresh] only looks up, [Void] cancels invoices, and [Documents] fetches them. All of them call
// through one [Pace].
//
// No order is invoiced twice because of these rules:
//
//   - An attempt is in the journal before its request leaves (journal.Begin), and its outcome is there after the answer
//     (journal.Conclude). Whatever happens in between, the next run finds the order in state sending and looks it up.
//   - A reference has at most one request in flight. The pool never takes an order that a worker has.
//   - The provider's duplicate guard goes with every request. In one step, a repeated request carries the strict guard,
//     which any session of the reference blocks. In two steps the guard goes with the session, and a session becomes at
//     most one invoice.
//   - A request without a clear answer is never repeated without a look-up in between.
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

// The flows are the ways to register an invoice.
const (
	OneStep        = "one-step"         // POST /sessions/pay
	TwoStep        = "two-step"         // POST /sessions, then /sessions/{id}/pay
	TwoStepProfile = "two-step-profile" // POST /sessions-profile, then /sessions/{id}/pay
)

// DefaultResendAfter is how old an order's last request must be before the order may be sent once more. The provider
// may take minutes to list what a request created.
const DefaultResendAfter = 10 * time.Minute

// Config says what to send and when to stop.
type Config struct {
	Account     string
	Run         string
	Flow        string        // of the run
	Shard       journal.Shard // zero for all orders
	Concurrency int           // requests in flight, at least 1
	Guard       dintero.Guard // of first requests
	ResendAfter time.Duration // see billing.Life; 0 for DefaultResendAfter
	NoWait      bool          // end as soon as nothing can be done at once
	// MaxFailures is how many orders in a row that failed, were refused or fell in doubt stop the run, 0 for never.
	MaxFailures int
	Deadline    time.Time // after it no order is started, zero for none
	// Stop is closed to begin nothing more while requests in flight end. Give the client's Pace the same channel.
	Stop   <-chan struct{}
	Day    func(time.Time) billing.Date // by which invoices are dated
	Logger *slog.Logger
	// Concluded is called for every order of the run whose work here is done, from many goroutines; may be nil.
	Concluded    func(billing.State)
	DocumentDone func(done, total int) // called after every document, from many goroutines; may be nil
	Notice       func(string)          // called with what the operator must know, once for each text; may be nil
}

// quietWait is the longest wait that is not logged.
const quietWait = 10 * time.Second

// ahead is how many orders are read from the journal for each worker: enough that reading costs little, and few enough
// that a look-up that becomes due does not wait long behind them.
const ahead = 4

// dispatcher is one Run, Refresh, Void or Documents in progress.
type dispatcher struct {
	Config
	journal *journal.Journal
	client  *dintero.Client
	work    journal.Work
	changed func(reference string, before, after billing.Outcome) // called after an outcome is written; may be nil

	alarmed   sync.Map     // customers with two live invoices for one reference: nothing more is sent to them
	unguarded atomic.Bool  // the provider does not take the guard with a session
	unmarked  atomic.Bool  // the provider's transactions do not show this program's mark, the content hash
	failures  atomic.Int64 // in a row

	mu     sync.Mutex
	busy   map[string]bool // references that a worker has, or is about to get
	reason Reason
	err    error
	freed  chan struct{} // gets a value when a worker has ended an order
	halt   chan struct{} // closed: begin nothing more
	shut   chan struct{} // closed: send nothing more, but look up what was sent
}

// Run sends the run's orders and looks up what earlier runs of the account left unclear, until nothing more is due or
// the run must stop; the Reason says which. Everything that is known is then in the journal.
//
// When ctx ends, requests in flight are given up and their orders stay in doubt. Close Config.Stop first to let them
// end. The error is what kept the run from going on: it wraps [dintero.ErrCredentials], or it is the journal's.
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

// Ready takes up what earlier runs of the account left, and reports whether Run has anything to do before the run's
// report. It makes no request.
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

// pool gives every order whose step is due to a worker, until none is due any more.
func (d *dispatcher) pool(ctx context.Context) error {
	orders := make(chan *journal.Order, d.Concurrency) // so that workers go on while the next page is read
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

// do makes the step that is due for an order. An order that had to be looked up first is sent at once after that: the
// older the look-up is, the less it proves.
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

// step makes the call of an order's step and writes what becomes of the order.
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

// happened is an event and what the provider said with it. Event 0 leaves the order as it is.
type happened struct {
	event   billing.Event
	outcome billing.Outcome
	attempt *journal.Attempt // that ended with the event, nil for none
}

// write makes durable what became of an order, also when ctx has ended: an interrupt must not lose an answer.
func (d *dispatcher) write(ctx context.Context, o *journal.Order, h happened) {
	before, to := o.Outcome, o.Next(h.event, h.outcome, time.Now())
	if to.SessionID != o.SessionID && h.event != billing.EventUnpaid { // the session may be another program's
		o.SessionHash = ""
	}
	if err := d.journal.Conclude(context.WithoutCancel(ctx), o, h.attempt, to); err != nil {
		d.fail(fmt.Errorf(msgAnswerNotKept, o.Reference, err))
		return
	}
	level := slog.LevelDebug
	if !to.State.Live() && to.State != billing.Planned {
		level = slog.LevelWarn
	}
	d.Logger.Log(ctx, level, "order concluded", "order", o.Reference, "state", to.State.String(), "code",
		string(to.Code), "event", h.event.String(), "next", to.Step.String())
	if d.changed != nil {
		d.changed(o.Reference, before, o.Outcome)
	}
	if to.Parked() && o.Run == d.Run && d.Concluded != nil {
		d.Concluded(to.State)
	}
	d.count(h.event, to.State)
}

// take reads the next page of orders whose step is due, and marks them busy until release.
func (d *dispatcher) take(ctx context.Context) ([]journal.Order, error) {
	page, err := d.journal.Due(ctx, d.due(), time.Now(), ahead*d.Concurrency, d.underWay())
	if err != nil {
		return nil, unlessEnded(ctx, fmt.Errorf(msgReadDue, err))
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := range page {
		d.busy[page[i].Reference] = true
	}
	return page, nil
}

// underWay copies the busy references, so that reading the journal keeps no worker waiting. An order that is released
// meanwhile is read the next time.
func (d *dispatcher) underWay() map[string]bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return maps.Clone(d.busy)
}

// due gives the work of this moment: once nothing more may be sent, it has no step that leads to a payment request.
func (d *dispatcher) due() journal.Work {
	w := d.work
	if n := len(w.Steps); closed(d.shut) && w.Steps[n-1] == billing.StepSend {
		w.Steps = w.Steps[:n-2] // sending, and the look-up before it
	}
	return w
}

// release ends a worker's hold of a reference, and wakes await.
func (d *dispatcher) release(reference string) {
	d.mu.Lock()
	delete(d.busy, reference)
	d.mu.Unlock()
	select {
	case d.freed <- struct{}{}:
	default:
	}
}

// await waits until a worker has ended an order or a step is due. more is false if there is nothing to wait for.
func (d *dispatcher) await(ctx context.Context) (more bool, err error) {
	busy := d.underWay()
	working := len(busy) > 0
	next, err := d.journal.NextDue(ctx, d.due(), busy)
	if err != nil {
		return false, unlessEnded(ctx, fmt.Errorf(msgReadNextDue, err))
	}
	if closed(d.shut) && next.After(time.Now().Add(billing.ScheduleLength())) {
		next = time.Time{} // this look-up only prepares a resend, and nothing is resent any more
	}
	if !working && (next.IsZero() || d.NoWait && next.After(time.Now())) {
		select {
		case <-d.freed: // the last worker ended after the page was read, and its order may be due again
			return true, nil
		default:
			return false, nil
		}
	}
	wait := time.Hour // a worker ends earlier and wakes this
	if !next.IsZero() {
		wait = max(0, time.Until(next))
	}
	if left := time.Until(d.Deadline); left > 0 { // after the deadline the work is another, see due
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

// unlessEnded gives the error of a read, or nil if the read failed because ctx ended.
func unlessEnded(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return err
	}
	return nil
}

// worker makes work fit for an errgroup. A panic in it stops the run and not the program. The next run takes the order
// up again.
func (d *dispatcher) worker(work func()) func() error {
	return func() error {
		if err := fault.Run(func() error { work(); return nil }); err != nil {
			d.fail(err)
		}
		return nil
	}
}
