package dispatch

import (
	"context"
	"fmt"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/journal"
)

// twoStep opens a session, keeps its id, and pays it. Opening has no duplicate guard, so the reference is looked up
// first; a session that is not in the journal was never paid, and the one that is may be paid again.
func (d *dispatcher) twoStep(ctx context.Context, o *journal.Order) (answer dintero.Answer, id int, ok bool) {
	if o.Outcome.SessionID == "" {
		answer, id, ok = d.open(ctx, o)
		if !ok || answer.Meaning != dintero.MeansOpened {
			return answer, id, ok
		}
		if !d.keepSession(ctx, o, id, answer) {
			return dintero.Answer{}, 0, false
		}
	}
	id, ok = d.begin(ctx, o, journal.Attempt{Kind: kindPaySess, To: billing.Sending})
	if !ok {
		return dintero.Answer{}, 0, false
	}
	answer = d.client.PaySession(ctx, o.Outcome.SessionID, o.Body, expect(o))
	return answer, id, true
}

// open makes a session for a reference that the provider does not have.
func (d *dispatcher) open(ctx context.Context, o *journal.Order) (answer dintero.Answer, id int, ok bool) {
	found, err := d.find(ctx, o)
	if d.gaveUp(ctx, err) {
		return dintero.Answer{}, 0, false
	}
	if err != nil {
		id, ok = d.begin(ctx, o, journal.Attempt{Kind: kindCreate})
		return dintero.Answer{Meaning: dintero.MeansNotSent, Code: dintero.CodeUnavailable, Message: dintero.Detail(err)}, id, ok
	}
	if outcome, settled := d.verdict(ctx, o, found); settled && outcome.State != billing.Rejected {
		if d.settle(ctx, o, 0, adopted(outcome), journal.AttemptResult{}) {
			d.done(outcome.State)
		}
		return dintero.Answer{}, 0, false
	}
	id, ok = d.begin(ctx, o, journal.Attempt{Kind: kindCreate, To: billing.Sending})
	if !ok {
		return dintero.Answer{}, 0, false
	}
	if found.session != "" {
		return dintero.Answer{Meaning: dintero.MeansOpened, SessionID: found.session}, id, true
	}
	return d.client.CreateSession(ctx, o.CreateBody, o.Flow == TwoStepProfile), id, true
}

// keepSession makes the session's id durable before it is paid.
func (d *dispatcher) keepSession(ctx context.Context, o *journal.Order, attempt int, a dintero.Answer) bool {
	outcome := billing.Outcome{State: billing.Sending, SessionID: a.SessionID}
	version, err := d.journal.Settle(context.WithoutCancel(ctx), journal.Settlement{
		Account: d.Account, Reference: o.Reference, Version: o.Version, Attempt: attempt, Outcome: outcome, Result: resultOf(a),
	})
	if err != nil {
		d.fail(fmt.Errorf("the session of order %s could not be kept: %w", o.Reference, err))
		return false
	}
	o.Version, o.Outcome = version, outcome
	return true
}
