package batch

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/report"
)

// source is where a report comes from: one view of the journal, and the day on which it is made.
type source struct {
	journal.View
	changes map[string]string // by reference, from a refresh
	zone    *time.Location    // where invoices are dated
	today   billing.Date
}

func newSource(v journal.View, changes map[string]string) *source {
	zone := oslo()
	return &source{View: v, changes: changes, zone: zone, today: dayOf(time.Now(), zone)}
}

// report is a report of a run, or of all shards of one, that streams from the journal.
func (s *source) report(ctx context.Context, runs []journal.Run) *report.Report {
	run := runs[0]
	rows := make([]iter.Seq2[report.Row, error], len(runs))
	orders := make([]iter.Seq2[report.Order, error], len(runs))
	for i, r := range runs {
		rows[i], orders[i] = s.rows(ctx, &r), s.orders(ctx, r.ID)
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
	rep.Run.Settings = slices.DeleteFunc(rep.Run.Settings, func(shown report.Setting) bool {
		if shown.Name == sellerSetting {
			rep.Run.Seller = shown.Value
		}
		return shown.Name == sellerSetting
	})
	for _, f := range run.Files {
		rep.Run.Files = append(rep.Run.Files, report.File{Name: f.Name, SHA256: f.SHA256, Rows: f.Rows, Register: f.Register})
	}
	rep.LeftOut = s.leftOut(ctx, runs)
	return rep
}

// sellerSetting names the seller among the settings of a run.
const sellerSetting = "seller"

// leftOut gives what the profile left out in the runs, in input order; nil for nothing.
func (s *source) leftOut(ctx context.Context, runs []journal.Run) func() iter.Seq2[billing.LeftOut, error] {
	var rows []iter.Seq2[billing.LeftOut, error]
	for i := range runs {
		if runs[i].Control.LeftOut > 0 {
			rows = append(rows, s.LeftOut(ctx, runs[i].ID))
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return func() iter.Seq2[billing.LeftOut, error] {
		return merged(rows, func(a, b *billing.LeftOut) bool {
			return cmp.Or(cmp.Compare(a.Table, b.Table), cmp.Compare(a.Row, b.Row)) < 0
		})
	}
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

// rows puts each stored row beside the outcome of its order.
func (s *source) rows(ctx context.Context, run *journal.Run) iter.Seq2[report.Row, error] {
	return func(yield func(report.Row, error) bool) {
		var chunk []billing.Row
		flush := func() bool {
			rows, err := s.joined(ctx, run, chunk)
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
		for row, err := range s.Rows(ctx, run.ID) {
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

func (s *source) joined(ctx context.Context, run *journal.Run, chunk []billing.Row) ([]report.Row, error) {
	references := make([]string, 0, len(chunk))
	seen := make(map[string]bool, len(chunk))
	for _, row := range chunk {
		if row.Valid && !seen[row.Reference] {
			seen[row.Reference] = true
			references = append(references, row.Reference)
		}
	}
	orders, err := s.OutcomesOf(ctx, run.ID, references)
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
			return nil, fmt.Errorf("row %d of %s: its order %s is not in run %s", row.Row, row.File, row.Reference, run.ID)
		}
		outcome := outcomeIn(&o, s.today)
		rows[i].Final, rows[i].Outcome, rows[i].Changed = billing.FinalOf(o.Verdict, &outcome), outcome, s.changes[row.Reference]
		if o.Order.PlannedAt.Before(run.Started) && o.Order.Period != run.Period {
			state := o.Order.State
			if o.Verdict == billing.ToSend {
				state = billing.Planned // by the earlier run, and what became of it since is this run's
			}
			rows[i].Problems = append(rows[i].Problems, billing.OtherPeriod(row.Place, row.Reference, state, o.Order.Period, run.Period))
		}
	}
	return rows, nil
}

// outcomeIn is what a run says of an order on a day: the stored outcome, or that it is another order than the run's.
func outcomeIn(o *journal.RunOrder, today billing.Date) billing.Outcome {
	if o.Verdict == billing.Mismatched && o.Hash == o.Order.Hash { // of a program that could not tell
		o.Verdict = billing.Already
	}
	if o.Verdict != billing.Mismatched {
		outcome := o.Order.Outcome
		outcome.PaymentStatus = outcome.PaymentOn(today)
		return outcome
	}
	return billing.Outcome{
		State: billing.Conflict, TransactionID: o.Order.TransactionID, InvoiceNumber: o.Order.InvoiceNumber,
		Code: "order.conflict",
		Message: fmt.Sprintf("the reference was used before for another content: %s to %s, now %s to %s; that order is %s",
			o.Order.Gross.Grouped(), o.Order.Customer, o.Gross.Grouped(), o.Customer, o.Order.State),
		Hint: "give the order a new reference if it is to be invoiced as it stands now; otherwise correct the row",
	}
}

func (s *source) orders(ctx context.Context, run string) iter.Seq2[report.Order, error] {
	return func(yield func(report.Order, error) bool) {
		for o, err := range s.RunOrders(ctx, run) {
			if err != nil {
				yield(report.Order{}, err)
				return
			}
			if !yield(s.order(&o), nil) {
				return
			}
		}
	}
}

func (s *source) order(o *journal.RunOrder) report.Order {
	outcome := outcomeIn(o, s.today)
	order := report.Order{
		Seq: o.Seq, Reference: o.Order.Reference, Customer: o.Customer, Product: o.Product, Channel: o.Order.Channel, Rows: o.Rows,
		Gross: o.Gross, VAT: o.VAT, DaysUntilDue: o.Order.DaysUntilDue, Final: billing.FinalOf(o.Verdict, &outcome), Outcome: outcome,
		Attempts: o.Order.Attempts, FirstAttempt: o.Order.FirstAttempt, LastAttempt: o.Order.LastAttempt,
	}
	if outcome.State == billing.Registered && o.Product == billing.B2BGrouped {
		order.Expected = billing.GroupedIssue(dayOf(o.Order.FirstAttempt, s.zone))
	}
	order.Todo = todo(&order)
	return order
}

// todo is what is left to a person, "" for nothing.
func todo(o *report.Order) string {
	switch {
	case o.Outcome.Code == billing.CodeDeliver:
		return o.Outcome.Hint
	case o.Outcome.State.Live() && o.Channel == billing.ChannelMerchant:
		return "send the invoice to the customer"
	case o.Outcome.State.Live():
		return ""
	}
	return o.Outcome.Hint
}

// Rewriting says how a run's report is made anew, after which work.
type Rewriting struct {
	Changes    map[string]string // by reference, from a refresh; may be nil
	Requests   report.Requests
	Reason     dispatch.Reason // how the work ended, zero without any
	Failure    error           // of the work
	SignalCode func() int      // exit code of the signal that came, 0 for none; may be nil
	Notices    []string
	Reports    string
	Formats    []report.Format
	Progress   Progress // may be nil
}

// Rewrite makes a run's report anew from the journal, without a call; for a shard's run, the report over all shards that
// read the same files. A run under way is shown as it is at one moment. The summary's exit code is that of the work.
func Rewrite(ctx context.Context, j *journal.Journal, id string, w Rewriting) (summary *report.Summary, err error) {
	err = j.Snapshot(ctx, func(v journal.View) (err error) {
		summary, err = w.write(ctx, v, id)
		return err
	})
	return summary, err
}

func (w *Rewriting) write(ctx context.Context, v journal.View, id string) (*report.Summary, error) {
	run, err := v.FindRun(ctx, id)
	if err != nil {
		return nil, err
	}
	if unread(&run) {
		return nil, fmt.Errorf("run %s has no report: it has not finished reading its input, or was stopped before it had; it sent nothing", id)
	}
	runs, missing, err := sisters(ctx, v, run)
	if err != nil {
		return nil, err
	}
	if runs[0].Finished.IsZero() {
		runs[0].Finished = time.Now()
	}
	rep := newSource(v, w.Changes).report(ctx, runs)
	if rep.Control, err = control(runs); err != nil {
		return nil, err
	}
	rep.Requests = w.Requests
	rep.Rows = w.Progress.reporting(rep.Control.Rows, rep.Rows)
	rep.Run.Notices = slices.Clone(w.Notices)
	if len(runs) > 1 {
		rep.Run.ID = run.ID + "-whole"
	}
	if len(missing) > 0 {
		rep.Run.Notices = append(rep.Run.Notices, "rows of these shards are not in this report, for they have not run: "+strings.Join(missing, ", "))
	}
	notices, elsewhere, err := unclear(ctx, v, run.Account, journal.Shard{}, idsOf(runs)...)
	if err != nil {
		return nil, err
	}
	rep.Run.Notices = append(rep.Run.Notices, notices...)
	reason := cmp.Or(w.Reason, dispatch.Finished)
	rep.Run.StoppedBecause = because(reason)
	summary, err := report.Reconcile(ctx, rep)
	if err != nil {
		return summary, err
	}
	code := func(failure error) int {
		end := ending{reason: reason, unclear: elsewhere, failure: failure, signal: w.SignalCode}
		code := end.code(summary)
		if len(missing) > 0 && (code == ExitDone || code == ExitIncomplete) {
			return ExitStopped
		}
		return code
	}
	summary.ExitCode = code(w.Failure)
	rep.Run.ExitCode = summary.ExitCode
	_, err = report.Write(ctx, rep, summary, w.Reports, w.Formats)
	summary.ExitCode = code(errors.Join(w.Failure, err))
	return summary, err
}

func idsOf(runs []journal.Run) (ids []string) {
	for i := range runs {
		ids = append(ids, runs[i].ID)
	}
	return ids
}

// maxNamed is how many unclear orders are named.
const maxNamed = 10

// unclear names the account's orders that are in doubt or in conflict and that none of the runs has. Their number is the second result.
func unclear(ctx context.Context, v journal.View, account string, shard journal.Shard, runs ...string) (notices []string, number int, err error) {
	orders, number, err := v.Unclear(ctx, account, shard, runs, maxNamed)
	for i := range orders {
		o := &orders[i]
		notices = append(notices, fmt.Sprintf("order %s of run %s is %s (%s), and no valid row of this input is that order as it was sent; every run and refresh looks it up until that is settled",
			o.Reference, o.Run, o.State, cmp.Or(o.Code, "its answer was lost")))
	}
	if number > len(orders) {
		notices = append(notices, fmt.Sprintf("%d more orders of earlier runs are in doubt or in conflict", number-len(orders)))
	}
	return notices, number, err
}

// because is the reason for the report's reader, "" when nothing was left.
func because(reason dispatch.Reason) string {
	if reason == dispatch.Finished {
		return ""
	}
	return reason.String()
}

// RequestsOf is how many requests a client has made.
func RequestsOf(c *dintero.Client) report.Requests { return requests(c.Requests()) }

func requests(c dintero.Counts) report.Requests {
	return report.Requests{Token: c.Token, Account: c.Account, Pay: c.Pay, Lookup: c.LookUp, Other: c.Other}
}
