package main

import (
	"context"
	"encoding/json"
	"fmt"

	"kraviabatch/internal/batch"
	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// dryRequest is one order of a dry run in JSON.
type dryRequest struct {
	Reference string          `json:"order_reference"`
	Send      bool            `json:"send"`  // would be sent, or looked up first when in doubt
	State     string          `json:"state"` // in the journal; "not attempted" when it is not there
	Rows      int             `json:"rows"`
	Body      json.RawMessage `json:"body"`
	Create    json.RawMessage `json:"create_body,omitempty"`
}

// dryReading is what a dry run finds out, and a check does not.
type dryReading struct {
	requests []dryRequest // with --json
	toSend   int          // orders
	sums     []money.Amount
	before   map[billing.Final]int // orders by their state in the journal
}

func (d *dryReading) take(r *batch.Request, keep bool) error {
	d.before[r.State]++
	send := r.State == billing.FinalNotAttempted || r.State == billing.FinalInDoubt
	if keep {
		d.requests = append(d.requests,
			dryRequest{r.Order.Reference, send, r.State.String(), r.Order.Rows, r.Body, r.Create})
	}
	if !send {
		return nil
	}
	d.toSend++
	return batch.AddTo(&d.sums, r.Order.Gross)
}

// dryRun shows what would be sent.
func (o *runOptions) dryRun(ctx context.Context, settings *batch.Settings) error {
	reading, err := batch.Read(ctx, &settings.Input)
	if err != nil {
		return err
	}
	defer reading.Close()
	problems := newProblemList(o.json)
	totals, dry, err := o.wouldSend(ctx, settings, reading, problems)
	if err != nil {
		return err
	}
	for _, state := range billing.Finals() {
		if n := dry.before[state]; n > 0 && state != billing.FinalNotAttempted {
			reading.Notices = append(reading.Notices, fmt.Sprintf(msgInJournal, plural(n, "order"), state))
		}
	}
	return o.printReading(reading, totals, problems, nil, dry, o.json)
}

// wouldSend finds out what a run would send, with the journal as it is now. It keeps nothing.
func (o *runOptions) wouldSend(ctx context.Context, settings *batch.Settings, reading *batch.Reading,
	problems *problemList,
) (*batch.Totals, *dryReading, error) {
	if _, err := reading.Expected(); err != nil {
		return nil, nil, err
	}
	s := *settings
	var err error
	if s.Journal, err = o.existingJournal(ctx, &o.accountFlags, &o.journalFlags); err != nil {
		return nil, nil, err
	}
	if s.Journal != nil {
		s.Account = o.named()
		defer func() { _ = s.Journal.Close() }() // only read
	}
	dry := &dryReading{before: map[billing.Final]int{}}
	totals, err := batch.DryRun(ctx, &s, problems.watch(reading.Groups()), func(r batch.Request) error {
		problems.add(r.Problems)
		return dry.take(&r, o.json)
	})
	return totals, dry, err
}
