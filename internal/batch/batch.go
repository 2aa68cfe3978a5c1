// Package batch is one run, from the input files to the report. This file shows every stage in its order; what a
// stage does is known by the package that it calls, and how it is called stands in the file that has its name.
//
// [Run] is the entry point. Beside it, [DryRun] shows what a run would send, [DraftPlan] writes that down for
// approval, [Rewrite] makes a report again, [Refresh] asks the provider about a run's orders, and [Documents] fetches
// their invoices.
//
// The rules that no change may break:
//
//   - No order is sent before the journal has its exact request.
//   - No order is sent twice, whatever was sent, lost or interrupted before. The journal decides, never the input.
//   - Every input row stands in the report exactly once, with the final state of its order.
//   - A run that has recorded its input ends with a report, also after an error or a stop.
package batch

import (
	"context"
	"fmt"
	"time"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/journal"
)

// Run makes invoices of the rows of the input files, and a report. To resume a run, run it again on the same files:
// what was invoiced is not invoiced again. The result is nil when the run ended before the journal knew it.
func Run(ctx context.Context, s *Settings) (*Result, error) {
	started := time.Now()
	id := NewRunID(started)

	// Lock: one run at a time per account, or per shard of it. The lock ends with the process in any case.
	release, err := s.Journal.Lock(ctx, s.Account, s.Shard, journal.ThisProcess(id))
	if err != nil {
		return nil, fmt.Errorf(msgNoCall, err)
	}
	defer func() { _ = release() }()

	// Read: the files become records. Every file is read to its end, or none is used.
	reading, err := Read(ctx, &s.Input)
	if err != nil {
		return nil, err
	}
	defer reading.Close()
	return s.run(ctx, id, started, reading)
}

// run is the part of Run that begins once the input is read. The lock is held.
func (s *Settings) run(ctx context.Context, id string, started time.Time, reading *Reading) (*Result, error) {
	// Compare: the rows add up to the control totals that the user expects, or nothing is sent.
	expected, err := reading.Expected()
	if err != nil {
		return nil, err
	}

	// Check the plan: a run with a plan does exactly what was approved, or nothing.
	if err := s.checkPlan(ctx, reading); err != nil {
		return nil, err
	}

	// Begin: from here on the journal knows the run.
	run := s.newRun(id, started, reading)
	result := s.newResult(ctx, id, reading)
	if err := s.Journal.BeginRun(ctx, run); err != nil {
		return result, err
	}

	// Enter: every order and every row is in the journal before the first order is sent.
	totals, toSend, err := s.enter(ctx, id, reading)
	if err != nil {
		return result, err
	}

	// Record: what the input adds up to is in the journal. From here on a report can be made, whatever happens.
	if err := s.record(ctx, &run, reading, totals, expected); err != nil {
		return result, err
	}

	// Send: dispatch takes from the journal what is due, sends or looks it up, and records every outcome there.
	failure := s.send(ctx, run, totals, toSend, result)

	// Report: the rows and the outcomes come from the journal alone, and the report says whether they balance.
	failure = s.report(ctx, run, result, failure)

	// Correct: the user gets the invalid rows back in a workbook that can be corrected and read again.
	if totals.InvalidRows > 0 {
		s.correct(ctx, reading, result)
	}
	return result, failure
}

// enter groups the records and writes the orders and the rows to the journal. A stop does not end it, because the
// report needs every row with its order. It counts what it enters; toSend are the new orders.
func (s *Settings) enter(ctx context.Context, run string, reading *Reading) (totals *Totals, toSend needs, err error) {
	looks, err := s.looks(ctx)
	if err != nil {
		return nil, nil, err
	}
	totals, toSend = &Totals{}, needs{}

	// Group: the rows of one reference make one order, or they are invalid together. No row is lost or doubled.
	s.Rules.Sent = s.sentContent(ctx)
	groups := seen(s.watched(reading), func(g *billing.Group) error { return s.count(g, totals, reading) })

	// Write the requests: exactly what will be sent. Only the days until due change, when it is sent on a later day.
	entries := mapped(only(groups, hasOrder), s.entry)

	// Enter the orders: for each the journal decides whether it is sent or is known already.
	for chunk, err := range ahead(chunks(entries)) {
		if err != nil {
			return nil, nil, err
		}
		if err := s.enterChunk(ctx, run, chunk, looks, toSend); err != nil {
			return nil, nil, err
		}
	}

	// Keep the rows: all of them, in the order of the input. The report needs no file any more.
	return totals, toSend, s.Journal.AppendRows(ctx, run, reading.rows.Encoded())
}
