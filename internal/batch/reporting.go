package batch

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"strings"
	"time"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/report"
)

// report is the run as the journal has it now.
func (s *Settings) report(ctx context.Context, run journal.Run, counts dintero.Counts, result *Result) *report.Report {
	rep := fromJournal(ctx, s.Journal, []journal.Run{run}, nil)
	rep.Control, _ = control([]journal.Run{run}) // one run's own sums
	rep.Requests = requests(counts)
	rep.Rows = s.Progress.reporting(rep.Control.Rows, rep.Rows)
	rep.Run.Notices = result.Notices
	if result.Reason != dispatch.Finished {
		rep.Run.StoppedBecause = result.Reason.String()
	}
	return rep
}

// fromJournal is a report of a run, or of all shards of one, that streams from the journal. changes are by reference,
// from a refresh.
func fromJournal(ctx context.Context, j *journal.Journal, runs []journal.Run, changes map[string]string) *report.Report {
	run := runs[0]
	rows := make([]iter.Seq2[report.Row, error], len(runs))
	orders := make([]iter.Seq2[report.Order, error], len(runs))
	for i, r := range runs {
		rows[i], orders[i] = reportRows(ctx, j, r.ID, changes), reportOrders(ctx, j, r.ID)
		if r.Finished.After(run.Finished) {
			run.Finished = r.Finished
		}
	}
	rep := &report.Report{
		Run: report.RunInfo{
			ID: run.ID, Environment: report.Environment(run.Environment), Account: run.Account, Period: run.Period, Flow: run.Flow,
			Version: run.Version, Started: run.Started, Finished: run.Finished,
		},
		Tables: run.Tables,
		Rows: func() iter.Seq2[report.Row, error] {
			return numbered(merged(rows, func(a, b *report.Row) bool { return a.Ordinal < b.Ordinal }), func(row *report.Row, n int) { row.Ordinal = n })
		},
		Orders: func() iter.Seq2[report.Order, error] {
			return numbered(merged(orders, func(a, b *report.Order) bool { return a.Seq < b.Seq }), func(o *report.Order, n int) { o.Seq = n + 1 })
		},
	}
	_ = json.Unmarshal(run.Settings, &rep.Run.Settings) // what newRun wrote
	for _, f := range run.Files {
		rep.Run.Files = append(rep.Run.Files, report.File{Name: f.Name, SHA256: f.SHA256, Rows: f.Rows})
	}
	return rep
}

// numbered gives every element its place in the sequence: a shard's rows and orders are not all of the input's.
func numbered[T any](sequence iter.Seq2[T, error], set func(*T, int)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		n := 0
		for v, err := range sequence {
			set(&v, n)
			n++
			if !yield(v, err) {
				return
			}
		}
	}
}

// reportRows puts each stored row beside the outcome of its order.
func reportRows(ctx context.Context, j *journal.Journal, run string, changes map[string]string) iter.Seq2[report.Row, error] {
	return func(yield func(report.Row, error) bool) {
		var chunk []billing.Row
		flush := func() bool {
			rows, err := joined(ctx, j, run, chunk, changes)
			if err != nil {
				return yield(report.Row{}, err) && false
			}
			for _, row := range rows {
				if !yield(row, nil) {
					return false
				}
			}
			chunk = chunk[:0]
			return true
		}
		for row, err := range j.Rows(ctx, run) {
			if err != nil {
				yield(report.Row{}, err)
				return
			}
			if chunk = append(chunk, row); len(chunk) == planSize && !flush() {
				return
			}
		}
		flush()
	}
}

func joined(ctx context.Context, j *journal.Journal, run string, chunk []billing.Row, changes map[string]string) ([]report.Row, error) {
	references := make([]string, 0, len(chunk))
	seen := make(map[string]bool, len(chunk))
	for _, row := range chunk {
		if row.Valid && !seen[row.Reference] {
			seen[row.Reference] = true
			references = append(references, row.Reference)
		}
	}
	orders, err := j.OutcomesOf(ctx, run, references)
	if err != nil {
		return nil, err
	}
	rows := make([]report.Row, len(chunk))
	for i, row := range chunk {
		rows[i] = report.Row{Row: row, Final: billing.FinalInvalid}
		if !row.Valid {
			continue
		}
		o, ok := orders[row.Reference]
		if !ok {
			return nil, fmt.Errorf("row %d of %s: its order %s is not in run %s", row.Row, row.File, row.Reference, run)
		}
		outcome := outcomeIn(&o)
		rows[i].Final, rows[i].Outcome, rows[i].Changed = billing.FinalOf(o.Verdict, &outcome), outcome, changes[row.Reference]
	}
	return rows, nil
}

// outcomeIn is what a run says of an order: the stored outcome, or that it is another order than the run's.
func outcomeIn(o *journal.RunOrder) billing.Outcome {
	if o.Verdict != billing.Mismatched {
		outcome := o.Order.Outcome
		outcome.PaymentStatus = outcome.PaymentOn(today(time.Now()))
		return outcome
	}
	return billing.Outcome{
		State: billing.Conflict, TransactionID: o.Order.Outcome.TransactionID, InvoiceNumber: o.Order.Outcome.InvoiceNumber,
		Code: "order.conflict",
		Message: fmt.Sprintf("the reference was used before for another content: %s to %s, now %s to %s; that order is %s",
			o.Order.Gross.Grouped(), o.Order.Customer, o.Gross.Grouped(), o.Customer, o.Order.Outcome.State),
		Hint: "give the order a new reference if it is to be invoiced as it stands now; otherwise correct the row",
	}
}

func reportOrders(ctx context.Context, j *journal.Journal, run string) iter.Seq2[report.Order, error] {
	return func(yield func(report.Order, error) bool) {
		for o, err := range j.RunOrders(ctx, run) {
			if err != nil {
				yield(report.Order{}, err)
				return
			}
			if !yield(reportOrder(&o), nil) {
				return
			}
		}
	}
}

func reportOrder(o *journal.RunOrder) report.Order {
	outcome := outcomeIn(o)
	order := report.Order{
		Seq: o.Seq, Reference: o.Order.Reference, Customer: o.Customer, Product: o.Product, Channel: o.Order.Channel, Rows: o.Rows,
		Gross: o.Gross, VAT: o.VAT, DaysUntilDue: o.Order.DaysUntilDue, Final: billing.FinalOf(o.Verdict, &outcome), Outcome: outcome,
		Attempts: o.Order.Attempts, FirstAttempt: o.Order.FirstAttempt, LastAttempt: o.Order.LastAttempt,
	}
	if outcome.State == billing.Registered && o.Product == billing.B2BGrouped {
		order.Expected = billing.GroupedIssue(today(o.Order.FirstAttempt))
	}
	order.Todo = todo(&order)
	return order
}

// todo is what is left to a person, "" for nothing.
func todo(o *report.Order) string {
	switch {
	case o.Outcome.Code == dispatch.CodeDeliver:
		return o.Outcome.Hint
	case o.Outcome.State.Live() && o.Channel == billing.ChannelMerchant:
		return "send the invoice to the customer"
	case o.Outcome.State.Live():
		return ""
	}
	return o.Outcome.Hint
}

// Rewrite makes a run's report anew from the journal, without a call; for a shard's run, the report over all shards that
// read the same files. changes and told may be nil.
func Rewrite(ctx context.Context, j *journal.Journal, id string, changes map[string]string, requests report.Requests, dir string, formats []report.Format, told Progress) (*report.Summary, error) {
	run, err := j.FindRun(ctx, id)
	if err != nil {
		return nil, err
	}
	runs, missing, err := sisters(ctx, j, run)
	if err != nil {
		return nil, err
	}
	if runs[0].Finished.IsZero() {
		runs[0].Finished = time.Now()
	}
	rep := fromJournal(ctx, j, runs, changes)
	if rep.Control, err = control(runs); err != nil {
		return nil, err
	}
	rep.Requests = requests
	rep.Rows = told.reporting(rep.Control.Rows, rep.Rows)
	if len(runs) > 1 {
		rep.Run.ID = run.ID + "-whole"
	}
	if len(missing) > 0 {
		rep.Run.Notices = append(rep.Run.Notices, "rows of these shards are not in this report, for they have not run: "+strings.Join(missing, ", "))
	}
	summary, err := report.Reconcile(ctx, rep)
	if err != nil {
		return summary, err
	}
	summary.ExitCode = exitCode(dispatch.Finished, summary, nil, false, nil)
	if len(missing) > 0 && summary.ExitCode != ExitDoubt {
		summary.ExitCode = ExitStopped
	}
	rep.Run.ExitCode = summary.ExitCode
	_, err = report.Write(ctx, rep, summary, dir, formats)
	return summary, err
}

// RequestsOf is how many requests a client has made.
func RequestsOf(c *dintero.Client) report.Requests { return requests(c.Requests()) }

func requests(c dintero.Counts) report.Requests {
	return report.Requests{Token: c.Token, Pay: c.Pay, Lookup: c.LookUp, Other: c.Other}
}
