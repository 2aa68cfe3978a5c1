package dispatch

import (
	"context"
	"time"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/journal"
)

// capture starts the collection of an invoice that the merchant delivers, or sees whether it has started: an
// earlier request may have worked though its event does not show yet.
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
	h := happened{event: billing.EventUncaptured, told: o.Outcome, attempt: a}
	switch {
	case answer.Fatal != nil:
		d.fail(answer.Fatal)
	case answer.Code == dintero.CodeCancelled:
		d.note(Interrupted)
	case answer.Meaning == dintero.MeansRefused:
		h.told.Message = "collection has not started: " + answer.Message
		if seen := d.collected(ctx, o); seen.event == billing.EventLive {
			h.event, h.told = seen.event, seen.told
		} else {
			h.event = billing.EventNoCapture
		}
	}
	if t := answer.Transaction; t != nil && t.Live() && t.Initiated() && d.shows(o, t).event == billing.EventLive {
		h.event, h.told = billing.EventLive, created(o, t, "")
	}
	return h
}

// collected reads the transaction and tells whether its collection has started.
func (d *dispatcher) collected(ctx context.Context, o *journal.Order) happened {
	h, t := d.read(ctx, o)
	switch {
	case h.event == billing.EventLookFailed, h.event == billing.EventLive && !t.Initiated():
		return happened{event: billing.EventUncaptured, told: o.Outcome}
	}
	return h
}
