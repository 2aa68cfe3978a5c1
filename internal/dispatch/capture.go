package dispatch

import (
	"context"
	"fmt"
	"time"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/journal"
)

// capture starts the collection of an invoice that the merchant delivers. After an earlier try it first reads whether
// collection has started: that request may have worked although its event did not show yet.
func (d *dispatcher) capture(ctx context.Context, o *journal.Order) happened {
	if o.Tries > 0 {
		h := d.collected(ctx, o)
		if h.event != billing.EventUncaptured || !o.MayCapture(time.Now()) {
			return h
		}
	}
	a, ok := d.begin(ctx, o, kindCapture, 0, o.Next(billing.EventCapturing, billing.Outcome{}, time.Now()))
	if !ok {
		return happened{}
	}
	answer := d.client.Capture(ctx, o.TransactionID, o.Gross)
	a.HTTPStatus, a.Meaning, a.Detail = answer.HTTPStatus, answer.Meaning.String(), answer.Message
	h := happened{event: billing.EventUncaptured, outcome: o.Outcome, attempt: a}
	switch {
	case answer.Fatal != nil:
		d.fail(answer.Fatal)
	case answer.Code == dintero.CodeCancelled:
		d.note(Interrupted)
	case answer.Meaning == dintero.MeansRefused:
		h.outcome.Message = fmt.Sprintf(msgCaptureRefused, answer.Message)
		if seen := d.collected(ctx, o); seen.event == billing.EventLive {
			h.event, h.outcome = seen.event, seen.outcome
		} else {
			h.event = billing.EventNoCapture
		}
	}
	if t := answer.Transaction; t != nil && t.Live() && t.Initiated() && d.shows(o, t).event == billing.EventLive {
		h.event, h.outcome = billing.EventLive, created(o, t, "")
	}
	return h
}

// collected reads the transaction and says, as an event, whether its collection has started.
func (d *dispatcher) collected(ctx context.Context, o *journal.Order) happened {
	h, t := d.read(ctx, o)
	switch {
	case h.event == billing.EventLookFailed, h.event == billing.EventLive && !t.Initiated():
		return happened{event: billing.EventUncaptured, outcome: o.Outcome}
	}
	return h
}
