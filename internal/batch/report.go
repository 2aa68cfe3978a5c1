package batch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/intake"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/report"
)

// report writes the report and ends the run in the journal, whatever happened before, also after a signal. failure is
// the error of the sending; the result is that error and its own. It sets the result's summary.
func (s *Settings) report(ctx context.Context, run journal.Run, result *Result, failure error) error {
	ctx = context.WithoutCancel(ctx)
	run.Finished = time.Now()
	w := Rewriting{
		Requests: result.requests, Reason: result.Reason, Failure: failure, SignalCode: s.SignalCode,
		Notices: result.Notices, Reports: s.Reports, Formats: s.Formats, PostingsFrom: s.PostingsFrom,
		Language: s.Language, Progress: s.Progress, shard: s.Shard, held: result.held,
	}
	err := s.Journal.Snapshot(ctx, func(v journal.View) error {
		summary, err := w.write(ctx, v, run.ID, []journal.Run{run})
		if summary != nil {
			result.Summary, result.Notices, run.ExitCode = summary, summary.Run().Notices, summary.ExitCode
		}
		return err
	})
	if err != nil {
		failure = errors.Join(failure, fmt.Errorf(msgNoReport, run.ID), err)
	}
	failure = errors.Join(failure, s.Journal.UpdateRun(ctx, run), s.reportWhole(ctx, run, result))
	if summary := result.Summary; summary != nil && failure != nil && summary.ExitCode == ExitDone {
		summary.ExitCode = ExitCodeOf(failure)
	}
	return failure
}

// source is what a report is made from: one view of the journal, and the day on which the report is made.
type source struct {
	journal.View
	changes map[string]string // by reference, from a refresh
	today   billing.Date
}

// report is the report of a run, or of the sibling shards of one. Its rows and orders stream from the journal.
func (s *source) report(ctx context.Context, runs []journal.Run) *report.Report {
	run := runs[0]
	var rows []iter.Seq2[billing.Row, error]
	var orders []iter.Seq2[report.Order, error]
	var leftOut []iter.Seq2[billing.LeftOut, error]
	for _, r := range runs {
		rows = append(rows, s.Rows(ctx, r.ID))
		orders = append(orders, mapped(s.RunOrders(ctx, r.ID), func(o *journal.RunOrder) (report.Order, error) {
			return s.order(&r, o), nil
		}))
		leftOut = append(leftOut, s.LeftOut(ctx, r.ID))
		if r.Finished.After(run.Finished) {
			run.Finished = r.Finished
		}
	}
	rep := &report.Report{
		Run: report.RunInfo{
			ID: run.ID, Environment: report.Environment(run.Environment), Account: run.Account, Period: run.Period,
			Flow: run.Flow, Version: run.Version, Started: run.Started, Finished: run.Finished,
		},
		Tables: run.Tables,
		Rows: numbered(joined(rows, func(a, b *billing.Row) int { return cmp.Compare(a.Ordinal, b.Ordinal) }),
			func(row *billing.Row, n int) { row.Ordinal = n }),
		Orders:  joined(orders, func(a, b *report.Order) int { return cmp.Compare(a.Seq, b.Seq) }),
		Changed: len(s.changes) > 0, Today: s.today,
		LeftOut: func() iter.Seq2[billing.LeftOut, error] {
			return joined(leftOut, func(a, b *billing.LeftOut) int {
				return cmp.Or(cmp.Compare(a.Table, b.Table), cmp.Compare(a.Row, b.Row))
			})
		},
	}
	for _, shown := range settingsOf(&run) {
		switch shown.Name {
		case sellerSetting:
			rep.Run.Seller = shown.Value
		case countrySetting:
			rep.Run.SellerCountry = shown.Value
		case plannedSetting:
			rep.Run.Prepared = shown.Value
		case approvedSetting:
			rep.Run.Approved = append(rep.Run.Approved, shown.Value)
		case accountsSetting:
		default:
			rep.Run.Settings = append(rep.Run.Settings, shown)
		}
	}
	for _, f := range run.Files {
		rep.Run.Files = append(rep.Run.Files, report.File(f))
	}
	return rep
}

// standing is the state of an order in a run's report of a day: its state in the journal, or conflict where the run's
// order has other content than the journal's.
func standing(o *journal.RunOrder, today billing.Date) (billing.Final, billing.Outcome) {
	if o.Decision == billing.Mismatched && o.Hash == o.Order.Hash { // an older program could not tell
		o.Decision = billing.Already
	}
	outcome := o.Order.Outcome
	outcome.PaymentStatus = outcome.PaymentOn(today)
	if outcome.State == billing.InDoubt { // the advice of a refusal counts only once the order is rejected
		outcome.Hint = billing.HintInDoubt
	}
	if o.Decision == billing.Mismatched {
		outcome = billing.Outcome{
			// The invoice number belongs to the other content, so it is not shown.
			State: billing.Conflict, TransactionID: o.Order.TransactionID, Code: "order.conflict",
			Message: fmt.Sprintf(msgConflict, o.Order.Gross.Grouped(), o.Order.Customer, o.Gross.Grouped(), o.Customer,
				o.Order.State),
			Hint: hintNewReference,
		}
	}
	return billing.FinalOf(o.Decision, &outcome), outcome
}

// order is an order as the report of a run shows it.
func (s *source) order(run *journal.Run, o *journal.RunOrder) report.Order {
	final, outcome := standing(o, s.today)
	// An older journal does not say which run sent an order.
	ours := o.Decision == billing.ToSend && (o.Order.Run == run.ID || o.Order.Run == "")
	if final == billing.FinalInvoiced && !ours {
		final = billing.FinalAlreadyInvoiced
	}
	order := report.Order{
		Seq: o.Seq, Reference: o.Order.Reference, Customer: o.Customer, CustomerNumber: o.CustomerNumber,
		Product: o.Product, Channel: o.Order.Channel, Rows: o.Rows, Gross: o.Gross, VAT: o.VAT,
		Particulars: o.Particulars, Invoiced: report.InvoicedOf(final, &outcome, ours),
		DaysUntilDue: o.Order.DaysUntilDue, Final: final, Outcome: outcome,
		Attempts: o.Order.Attempts, FirstAttempt: o.Order.FirstAttempt, LastAttempt: o.Order.LastAttempt,
		Changed: s.changes[o.Order.Reference],
	}
	made := outcome.State.Live() || outcome.State == billing.Voided && outcome.InvoiceNumber != ""
	// An invoice that a look-up found at the provider belongs to no run.
	if made && o.Order.Run != run.ID && outcome.Code != billing.CodeAdopted {
		order.Run = o.Order.Run
	}
	if outcome.State == billing.Registered && o.Product == billing.B2BGrouped {
		order.Expected = billing.GroupedIssue(intake.DayOf(o.Order.FirstAttempt))
	}
	order.Todo = todo(&order)
	if o.Order.PlannedAt.Before(run.Started) && o.Order.Period != run.Period {
		state := o.Order.State
		if o.Decision == billing.ToSend {
			state = billing.Planned // the earlier run only planned it; its state since is of this run
		}
		order.Remarks = []billing.Problem{
			billing.OtherPeriod(billing.Place{}, order.Reference, state, o.Order.Period, run.Period),
		}
	}
	return order
}

// todo is what the user has to do about an order, "" for nothing.
func todo(o *report.Order) string {
	switch {
	case o.Outcome.Code == billing.CodeDeliver, !o.Outcome.State.Live():
		return o.Outcome.Hint
	case o.Channel == billing.ChannelMerchant:
		return hintSendInvoice
	}
	return ""
}

// Rewriting says how a run's report is made, and what happened just before.
type Rewriting struct {
	PostingsFrom billing.Date      // as report.Report has it
	Changes      map[string]string // what a refresh changed, by reference; may be nil
	Requests     report.Requests
	Reason       dispatch.Reason // why the work ended, zero without any work
	Failure      error           // of the work
	SignalCode   func() int      // exit code of the signal that the process received, 0 for none; may be nil
	Notices      []string
	Reports      string // folder of the reports
	Formats      []report.Format
	Accounts     *billing.Accounts // that invoices are posted to; nil for those that the run was recorded with
	Language     string            // of the workbook, "" for English
	Progress     Progress          // may be nil

	shard   journal.Shard // that the report is of, zero for the whole
	missing []string      // shards that the report lacks
	held    bool          // nothing was sent because some rows are invalid
}

// Rewrite makes a run's report again from the journal, without a request to the provider. For the run of a shard it is
// the report over all sibling shards. A run in progress is shown as it is at one moment. The summary's exit code is
// that of the work before.
func Rewrite(ctx context.Context, j *journal.Journal, id string, w Rewriting) (summary *report.Summary, err error) {
	err = j.Snapshot(ctx, func(v journal.View) error {
		run, err := v.FindRun(ctx, id)
		if err != nil {
			return err
		}
		if unread(&run) {
			return fmt.Errorf(msgUnread, id)
		}
		var runs []journal.Run
		if runs, w.missing, err = siblings(ctx, v, run); err != nil {
			return err
		}
		if runs[0].Finished.IsZero() {
			runs[0].Finished = time.Now()
		}
		if len(runs) > 1 {
			run.ID += wholeSuffix
		}
		summary, err = w.write(ctx, v, run.ID, runs)
		return err
	})
	return summary, err
}

// write writes the report of runs as the view of the journal shows them. It writes a report that does not balance too:
// the report shows the difference. The summary is nil only where the runs could not be counted.
func (w *Rewriting) write(ctx context.Context, v journal.View, id string, runs []journal.Run,
) (summary *report.Summary, err error) {
	rep := (&source{v, w.Changes, intake.DayOf(time.Now())}).report(ctx, runs)
	if rep.Control, err = control(runs); err != nil {
		return nil, err
	}
	unclear, elsewhere, err := w.unclearNotices(ctx, v, runs)
	if err != nil {
		return nil, err
	}
	month, incomparable := beginComparison(ctx, v, runs, ChangePercent)
	rep.LastMonth, rep.Orders = month.LastMonth, compareOrders(rep.Orders, month)
	w.Progress.watchRows(rep)
	formats := w.Formats
	if len(runs) < shardOfRun(&runs[0]).Count { // only the report over all shards has the postings
		formats = slices.DeleteFunc(slices.Clone(formats), report.Format.ForLedger)
	} else if rep.Accounts = w.Accounts; rep.Accounts == nil {
		if rep.Accounts, err = AccountsOf(&runs[0]); err != nil {
			return nil, err
		}
	}
	rep.PostingsFrom, rep.Language = w.PostingsFrom, w.Language
	rep.Run.Made = time.Now()
	rep.Requests, rep.Run.ID, rep.Run.Notices = w.Requests, id, slices.Clone(w.Notices)
	if len(w.missing) > 0 {
		rep.Run.Notices = append(rep.Run.Notices, fmt.Sprintf(msgShardsMissing, strings.Join(w.missing, ", ")))
	}
	rep.Run.Notices = append(rep.Run.Notices, unclear...)
	if incomparable != nil { // an old run that cannot be read must not prevent a new report
		rep.Run.Notices = append(rep.Run.Notices, fmt.Sprintf(msgNotCompared, incomparable))
	}
	switch {
	case w.held:
		rep.Run.StoppedBecause = msgHeld
	case w.stopped():
		rep.Run.StoppedBecause = w.Reason.String()
	}
	code := func(s *report.Summary, err error) int { return w.code(s, errors.Join(w.Failure, err), elsewhere) }
	summary, err = report.Write(ctx, rep, w.Reports, formats, code)
	if summary != nil {
		summary.ExitCode = code(summary, err)
	}
	return summary, err
}

// stopped reports whether the work ended early.
func (w *Rewriting) stopped() bool { return w.Reason != 0 && w.Reason != dispatch.Finished }
