package dispatch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/journal"
)

// How often an order that certainly was not sent is tried again in one run.
const (
	unreachableTries = 5  // no connection
	throttledTries   = 20 // 429; the pace waits as long as the provider asks
	firstBackoff     = time.Second
)

// The attempts that the journal keeps.
const (
	kindPay     = "pay"
	kindCreate  = "create session"
	kindPaySess = "pay session"
	kindCapture = "capture"
	kindVoid    = "void"
)

// send takes a planned order to its outcome, or leaves it to resolve.
func (d *dispatcher) send(ctx context.Context, o journal.Order) {
	for try := 1; !d.stopped(ctx) && !d.held(&o); try++ {
		answer, attempt, ok := d.attempt(ctx, &o, d.Guard)
		if !ok {
			return
		}
		if answer.Meaning != dintero.MeansNotSent {
			d.conclude(ctx, &o, attempt, answer)
			return
		}
		if answer.Fatal != nil {
			d.unsent(ctx, &o, attempt, billing.Planned, answer)
			d.fail(answer.Fatal)
			return
		}
		if answer.Code == dintero.CodeCancelled { // it was still waiting for its turn
			d.unsent(ctx, &o, attempt, billing.Planned, answer)
			d.note(Interrupted)
			return
		}
		if !again(try, answer) {
			d.unsent(ctx, &o, attempt, billing.Failed, answer)
			d.done(billing.Failed)
			return
		}
		if !d.unsent(ctx, &o, attempt, billing.Planned, answer) || !d.pause(ctx, backoff(try, answer)) {
			return
		}
	}
}

// held reports whether the order's customer is alarmed; the order stays planned then.
func (d *dispatcher) held(o *journal.Order) bool {
	_, held := d.alarmed.Load(customerOf(o))
	return held
}

func customerOf(o *journal.Order) string {
	if o.CustomerNumber != "" {
		return "number " + o.CustomerNumber
	}
	return "name " + o.Customer
}

// attempt journals an attempt and makes its request. ok is false when the request must not leave or the order is
// another process's now.
func (d *dispatcher) attempt(ctx context.Context, o *journal.Order, guard dintero.Guard) (answer dintero.Answer, id int, ok bool) {
	if o.Flow != OneStep {
		return d.twoStep(ctx, o)
	}
	begun, ok := d.begin(ctx, o, journal.Attempt{Kind: kindPay, Guard: guard.String(), To: billing.Sending})
	if !ok {
		return dintero.Answer{}, 0, false
	}
	return d.client.Pay(ctx, o.Body, guard, expect(o)), begun, true
}

// begin makes an attempt durable. Nothing may be sent when it reports false.
func (d *dispatcher) begin(ctx context.Context, o *journal.Order, a journal.Attempt) (id int, ok bool) {
	a.Account, a.Reference, a.Run = d.Account, o.Reference, d.Run
	begun, err := d.journal.Begin(ctx, a, o.Version)
	switch {
	case errors.Is(err, journal.ErrTaken):
		d.Logger.Warn("order was taken up by another process", "order", o.Reference)
		return 0, false
	case err != nil:
		if ctx.Err() == nil {
			d.fail(fmt.Errorf("stopped before sending order %s: %w", o.Reference, err))
		}
		return 0, false
	}
	o.Version = begun.Version
	if a.To != 0 {
		o.Outcome.State = a.To
	}
	return begun.Number, true
}

// unsent records that an attempt did not reach the provider.
func (d *dispatcher) unsent(ctx context.Context, o *journal.Order, attempt int, to billing.State, a dintero.Answer) bool {
	outcome := billing.Outcome{State: to, SessionID: a.SessionID}
	if to == billing.Failed {
		outcome.Code, outcome.Message, outcome.Hint = a.Code, a.Message, "nothing was created; run again"
	}
	return d.settle(ctx, o, attempt, outcome, resultOf(a))
}

// again reports whether an order that was not sent is tried again in this run.
func again(try int, a dintero.Answer) bool {
	if a.Code == dintero.CodeThrottled {
		return try < throttledTries
	}
	return try < unreachableTries
}

// backoff doubles from firstBackoff, with jitter of a half; after a 429 the pace does the waiting.
func backoff(try int, a dintero.Answer) time.Duration {
	if a.Code == dintero.CodeThrottled {
		return 0
	}
	wait := firstBackoff << (try - 1)
	return wait/2 + rand.N(wait/2) //nolint:gosec // G404: jitter is no secret
}

// conclude settles an order by its answer.
func (d *dispatcher) conclude(ctx context.Context, o *journal.Order, attempt int, a dintero.Answer) {
	switch a.Meaning {
	case dintero.MeansInvoiced, dintero.MeansRegistered, dintero.MeansVoided:
		d.accept(ctx, o, attempt, a)
	case dintero.MeansRejected:
		if a.LookUp {
			d.refused(ctx, o, attempt, a)
			return
		}
		d.reject(ctx, o, attempt, a)
	case dintero.MeansInDoubt, dintero.MeansOpened, dintero.MeansNotSent:
		if a.Code == dintero.CodeDuplicate || a.Code == dintero.CodeConflict {
			d.refused(ctx, o, attempt, a)
			return
		}
		if d.settle(ctx, o, attempt, doubtful(a), resultOf(a)) {
			d.count(billing.InDoubt)
			order := *o
			d.later(func() { d.resolve(ctx, order) })
		}
	}
}

// accept settles an order that the provider has.
func (d *dispatcher) accept(ctx context.Context, o *journal.Order, attempt int, a dintero.Answer) {
	if !d.settle(ctx, o, attempt, withSession(d.created(o, a.Transaction), a.SessionID), resultOf(a)) {
		return
	}
	if o.Outcome.State == billing.Registered && o.Product != billing.B2BGrouped {
		order := *o
		d.later(func() { d.awaitNumber(ctx, order) })
		return
	}
	d.done(o.Outcome.State)
}

func (d *dispatcher) reject(ctx context.Context, o *journal.Order, attempt int, a dintero.Answer) {
	outcome := billing.Outcome{State: billing.Rejected, SessionID: a.SessionID, Code: a.Code, Message: a.Message, Hint: a.Hint}
	if a.Transaction != nil {
		outcome.TransactionID = a.Transaction.ID
	}
	if d.settle(ctx, o, attempt, outcome, resultOf(a)) {
		d.done(billing.Rejected)
	}
}

// refused looks up an order that the provider refused, for the reason may be that it exists. One look-up is enough for
// a refusal of the data; one that speaks of a duplicate is looked up on the whole schedule.
func (d *dispatcher) refused(ctx context.Context, o *journal.Order, attempt int, a dintero.Answer) {
	if a.SessionID != "" {
		o.Outcome.SessionID = a.SessionID
	}
	found, err := d.find(ctx, o)
	if err == nil {
		if outcome, ok := d.verdict(ctx, o, found); ok && outcome.State != billing.Rejected {
			if d.settle(ctx, o, attempt, adopted(outcome), resultOf(a)) {
				d.done(outcome.State)
			}
			return
		}
		burnt := d.Guard == dintero.Strict && len(found.failed)+found.ended > 0
		if burnt {
			a.Message = "the reference was used by an attempt that failed, and the strict guard refuses it for good: " + a.Message
			a.Hint = "run with --duplicate-guard strict-success, or give the order a new reference"
		}
		if (burnt || a.Meaning == dintero.MeansRejected) && !found.pending {
			o.Outcome.SessionID = ""
			d.reject(ctx, o, attempt, a)
			return
		}
	}
	if d.settle(ctx, o, attempt, doubtful(a), resultOf(a)) {
		d.count(billing.InDoubt)
		order := *o
		d.later(func() { d.resolve(ctx, order) })
	}
}

// adopted marks an outcome as found, not made.
func adopted(outcome billing.Outcome) billing.Outcome {
	if outcome.State.Live() && outcome.Code == "" {
		outcome.Code = billing.CodeAdopted
		outcome.Message = "the provider had this invoice already; this run created nothing"
		outcome.Hint = "nothing to do"
	}
	return outcome
}

func doubtful(a dintero.Answer) billing.Outcome {
	outcome := billing.Outcome{State: billing.InDoubt, SessionID: a.SessionID, Code: a.Code, Message: a.Message, Hint: a.Hint}
	if a.Transaction != nil {
		outcome.TransactionID = a.Transaction.ID
	}
	return outcome
}

func withSession(o billing.Outcome, session string) billing.Outcome {
	if o.SessionID == "" {
		o.SessionID = session
	}
	return o
}

func resultOf(a dintero.Answer) journal.AttemptResult {
	return journal.AttemptResult{HTTPStatus: a.HTTPStatus, Meaning: a.Meaning.String(), Detail: a.Raw}
}

// expect is what the provider's transaction must say to be the order's.
func expect(o *journal.Order) dintero.Expect {
	var body struct {
		Address billing.Address `json:"billing_address"` // two-step
		Session struct {
			Order struct {
				Address billing.Address `json:"billing_address"` // one-step
			} `json:"order"`
		} `json:"session"`
	}
	_ = json.Unmarshal(o.Body, &body) // our own JSON; without it there is nothing to compare
	number := body.Address.OrganizationNumber
	if number == "" {
		number = body.Session.Order.Address.OrganizationNumber
	}
	return dintero.Expect{Reference: o.Reference, Amount: o.Gross, Product: o.Product, OrganizationNumber: number}
}
