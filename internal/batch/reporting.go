package batch

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"
	"time"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/intake"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/report"
)

// source is where a report comes from: one view of the journal, and the day on which it is made.
type source struct {
	journal.View
	changes map[string]string // by reference, from a refresh
	today   billing.Date
}

// report is a report of a run, or of all shards of one, that streams from the journal.
func (s *source) report(ctx context.Context, runs []journal.Run) *report.Report {
	run := runs[0]
	var rows []iter.Seq2[billing.Row, error]
	var orders []iter.Seq2[report.Order, error]
	var leftOut []iter.Seq2[billing.LeftOut, error]
	for _, r := range runs {
		rows = append(rows, s.Rows(ctx, r.ID))
		orders = append(orders,
			mapped(s.RunOrders(ctx, r.ID), func(o *journal.RunOrder) (report.Order, error) {
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
			Flow:    run.Flow,
			Version: run.Version, Started: run.Started, Finished: run.Finished,
		},
		Tables: run.Tables,
		Rows: numbered(merged(rows, func(a, b *billing.Row) int { return cmp.Compare(a.Ordinal, b.Ordinal) }),
			func(row *billing.Row, n int) { row.Ordinal = n }),
		Orders:  merged(orders, func(a, b *report.Order) int { return cmp.Compare(a.Seq, b.Seq) }),
		Changed: len(s.changes) > 0, Today: s.today,
		LeftOut: func() iter.Seq2[billing.LeftOut, error] {
			return merged(leftOut, func(a, b *billing.LeftOut) int {
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

// settingsOf are the settings that a run was recorded with.
func settingsOf(run *journal.Run) (shown []report.Setting) {
	_ = json.Unmarshal(run.Settings, &shown) // what newRun wrote
	return shown
}

// AccountsOf are the accounts that a run was recorded with, nil for none.
func AccountsOf(run *journal.Run) (accounts *billing.Accounts, err error) {
	for _, s := range settingsOf(run) {
		if s.Name == accountsSetting {
			err = json.Unmarshal([]byte(s.Value), &accounts)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("accounts of run %s: %w: %w", run.ID, journal.ErrDamaged, err)
	}
	return accounts, nil
}

// standing is where an order stands in a run on a day: as it is stored, or as another order than the run's.
func standing(o *journal.RunOrder, today billing.Date) (billing.Final, billing.Outcome) {
	if o.Decision == billing.Mismatched && o.Hash == o.Order.Hash { // of a program that could not tell
		o.Decision = billing.Already
	}
	outcome := o.Order.Outcome
	outcome.PaymentStatus = outcome.PaymentOn(today)
	if outcome.State == billing.InDoubt { // what a refusal advises counts when it is believed
		outcome.Hint = billing.HintInDoubt
	}
	if o.Decision == billing.Mismatched {
		outcome = billing.Outcome{
			State: billing.Conflict, TransactionID: o.Order.TransactionID, // the invoice number is another content's
			Code: "order.conflict",
			Message: fmt.Sprintf(
				"the reference was used before for another content: %s to %s, now %s to %s; that order is %s",
				o.Order.Gross.Grouped(), o.Order.Customer, o.Gross.Grouped(), o.Customer, o.Order.State),
			Hint: "give the order a new reference if it is to be invoiced as it stands now; otherwise correct the row",
		}
	}
	return billing.FinalOf(o.Decision, &outcome), outcome
}

// order is an order as the report of a run shows it.
func (s *source) order(run *journal.Run, o *journal.RunOrder) report.Order {
	final, outcome := standing(o, s.today)
	ours := o.Decision == billing.ToSend && (o.Order.Run == run.ID || o.Order.Run == "") // older journals do not say it
	if final == billing.FinalInvoiced && !ours {
		final = billing.FinalAlreadyInvoiced
	}
	order := report.Order{
		Seq: o.Seq, Reference: o.Order.Reference, Customer: o.Customer, CustomerNumber: o.CustomerNumber,
		Product: o.Product,
		Channel: o.Order.Channel, Rows: o.Rows, Gross: o.Gross, VAT: o.VAT, Particulars: o.Particulars,
		Invoiced: report.InvoicedOf(final, &outcome, ours), DaysUntilDue: o.Order.DaysUntilDue, Final: final,
		Outcome:  outcome,
		Attempts: o.Order.Attempts, FirstAttempt: o.Order.FirstAttempt, LastAttempt: o.Order.LastAttempt,
		Changed: s.changes[o.Order.Reference],
	}
	made := outcome.State.Live() || outcome.State == billing.Voided && outcome.InvoiceNumber != ""
	// what was found at the provider is no run's
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
			state = billing.Planned // by the earlier run, and what became of it since is this run's
		}
		order.Remarks = []billing.Problem{
			billing.OtherPeriod(billing.Place{}, order.Reference, state, o.Order.Period, run.Period),
		}
	}
	return order
}

// todo is what is left to a person, "" for nothing.
func todo(o *report.Order) string {
	switch {
	case o.Outcome.Code == billing.CodeDeliver, !o.Outcome.State.Live():
		return o.Outcome.Hint
	case o.Channel == billing.ChannelMerchant:
		return "send the invoice to the customer"
	}
	return ""
}

// Rewriting says how a run's report is made, after which work.
type Rewriting struct {
	PostingsFrom billing.Date // as the report's

	Changes    map[string]string // by reference, from a refresh; may be nil
	Requests   report.Requests
	Reason     dispatch.Reason // how the work ended, zero without any
	Failure    error           // of the work
	SignalCode func() int      // exit code of the signal that came, 0 for none; may be nil
	Notices    []string
	Reports    string
	Formats    []report.Format
	Accounts   *billing.Accounts // that invoices are posted to; nil for those that the run was recorded with
	Language   string            // of the workbook, "" for English
	Progress   Progress          // may be nil
	shard      journal.Shard     // that the report is of, zero for the whole
	missing    []string          // shards that the report lacks
	held       bool              // some rows are invalid and the run was told to send nothing then
}

// Rewrite makes a run's report anew from the journal, without a call; for a shard's run, the report over all
// shards that read the same files. A run under way is shown as it is at one moment. The summary's exit code
// is that of the work.
func Rewrite(ctx context.Context, j *journal.Journal, id string, w Rewriting) (summary *report.Summary, err error) {
	err = j.Snapshot(ctx, func(v journal.View) error {
		run, err := v.FindRun(ctx, id)
		if err != nil {
			return err
		}
		if unread(&run) {
			return fmt.Errorf(
				"run %s has no report: it has not finished reading its input, or was stopped before it had; it sent nothing", id)
		}
		var runs []journal.Run
		if runs, w.missing, err = sisters(ctx, v, run); err != nil {
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

// write counts runs as the view shows them and writes their report, also when it does not balance: it shows
// the difference. The summary is there as soon as they are counted.
func (w *Rewriting) write(ctx context.Context, v journal.View, id string,
	runs []journal.Run,
) (summary *report.Summary, err error) {
	rep := (&source{v, w.Changes, intake.DayOf(time.Now())}).report(ctx, runs)
	if rep.Control, err = control(runs); err != nil {
		return nil, err
	}
	unclear, elsewhere, err := w.unclear(ctx, v, runs)
	if err != nil {
		return nil, err
	}
	month, incomparable := compared(ctx, v, runs, ChangePercent)
	rep.LastMonth, rep.Orders = month.LastMonth, comparing(rep.Orders, month)
	w.Progress.reporting(rep)
	formats := w.Formats
	if len(runs) < shardOfRun(&runs[0]).Count { // the report over all shards has the postings
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
		rep.Run.Notices = append(rep.Run.Notices,
			"rows of these shards are not in this report, for they have not run: "+strings.Join(w.missing, ", "))
	}
	rep.Run.Notices = append(rep.Run.Notices, unclear...)
	if incomparable != nil { // an old run keeps no new report back
		rep.Run.Notices = append(rep.Run.Notices,
			fmt.Sprintf("the report is not compared with an earlier run: %s", incomparable))
	}
	switch {
	case w.held:
		rep.Run.StoppedBecause = "some rows are invalid and the run was told to send nothing then"
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

// maxNamed is how many unclear orders are named.
const maxNamed = 10

// unclear names the account's orders that are in doubt or in conflict and that none of the runs has. Their
// number is the second result.
func (w *Rewriting) unclear(ctx context.Context, v journal.View, runs []journal.Run) (notices []string, number int,
	err error,
) {
	orders, number, err := v.Unclear(ctx, runs[0].Account, w.shard, idsOf(runs), maxNamed)
	for i := range orders {
		o := &orders[i]
		notices = append(notices,
			fmt.Sprintf(
				"order %s of run %s is %s (%s), and no valid row of this input is that order as it was sent; every run and refresh looks it up until that is settled",
				o.Reference, o.Run, o.State, cmp.Or(o.Code, "its answer was lost")))
	}
	if number > len(orders) {
		notices = append(notices,
			fmt.Sprintf("%d more orders of earlier runs are in doubt or in conflict", number-len(orders)))
	}
	return notices, number, err
}

func idsOf(runs []journal.Run) (ids []string) {
	for i := range runs {
		ids = append(ids, runs[i].ID)
	}
	return ids
}

// doubts are the account's orders that none of the runs has and that are unclear before some work. They are
// few: a run stops when many fall in doubt.
func doubts(ctx context.Context, j *journal.Journal, shard journal.Shard, runs []journal.Run) ([]journal.Order, error) {
	orders, _, err := j.Unclear(ctx, runs[0].Account, shard, idsOf(runs), math.MaxInt32)
	return orders, err
}

// settled names those of some doubts that the work since has settled: the last report of the run that sent
// them does not know it.
func settled(ctx context.Context, j *journal.Journal, before []journal.Order) (notices []string, err error) {
	more := 0
	for some := range slices.Chunk(before, chunkSize) {
		references := make([]string, len(some))
		for i := range some {
			references[i] = some[i].Reference
		}
		now, err := j.Stored(ctx, some[0].Account, references)
		if err != nil {
			return nil, err
		}
		for i := range some {
			o, state := &some[i], now[some[i].Reference].State
			switch {
			case state == billing.Sending, state == billing.InDoubt, state == billing.Conflict:
			case len(notices) == maxNamed:
				more++
			default:
				notices = append(notices,
					fmt.Sprintf(
						"order %s of run %s, which was %s, is %s now; `kravia-batch report --run %s` makes its report anew",
						o.Reference, o.Run, o.State, state, o.Run))
			}
		}
	}
	if more > 0 {
		notices = append(notices,
			fmt.Sprintf("%d more orders of other runs that were in doubt or in conflict are settled now", more))
	}
	return notices, nil
}

// RequestsOf is how many requests a client has made.
func RequestsOf(c *dintero.Client) report.Requests {
	n := c.Requests()
	return report.Requests{Token: n.Token, Account: n.Account, Pay: n.Pay, Lookup: n.LookUp, Other: n.Other}
}
