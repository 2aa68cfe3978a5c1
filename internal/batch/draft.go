package batch

import (
	"context"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"time"

	"kraviabatch/internal/atomicfile"
	"kraviabatch/internal/billing"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/planfile"
	"kraviabatch/internal/report"
)

// PlanDraft is a plan that was just drafted, with what only its preview shows.
type PlanDraft struct {
	Plan     *planfile.Draft
	Totals   *Totals
	settings *Settings
	reading  *Reading
}

// DraftPlan writes down what [Run] would do with the reading, whose groups are given. It reads the journal and
// changes nothing there. by is the name of the user who plans. The preview lists a customer whose total differs from
// last month's by more than changePercent of it. Error: [planfile.ErrName] for an impossible name.
func DraftPlan(ctx context.Context, s *Settings, r *Reading, groups iter.Seq2[billing.Group, error], by string,
	changePercent int,
) (*PlanDraft, error) {
	expected, err := r.Expected()
	if err != nil {
		return nil, err
	}
	scratch, err := r.newScratch()
	if err != nil {
		return nil, err
	}
	plan, err := planfile.New(planfile.Head{
		Program: s.Version, Day: s.Rules.Today, Account: s.Account, Environment: string(s.Environment),
		Settings: s.planSettings(), Inputs: planfile.Inputs(r.Files),
	}, by, scratch)
	if err != nil {
		return nil, err
	}
	asRun := journal.Run{Account: s.Account, Period: s.Period, Files: r.Files}
	month, err := beginComparison(ctx, s.Journal.View, []journal.Run{asRun}, changePercent)
	if err != nil {
		return nil, err
	}
	totals := &Totals{}
	kept := seen(seen(groups, totals.Add), func(g *billing.Group) error { return eachRow(g, r.rows.Put) })
	add := func(m *planfile.DraftOrder) error {
		month.Now(m.Final, m.CustomerNumber, m.Customer, m.Gross)
		return plan.Add(m)
	}
	for _, err := range seen(s.intended(ctx, kept), add) {
		if err != nil {
			return nil, err
		}
	}
	totals.SortVAT()
	if plan.LastMonth, err = month.LastMonth, month.Finish(); err != nil {
		return nil, err
	}
	totals.Expected = expected
	return &PlanDraft{plan, totals, s, r}, plan.Finish(totals.Control, totals.ByRate)
}

// Write writes the plan's file and beside it, under the same name, its preview as a workbook. It never replaces a
// file that exists: the error is fs.ErrExist then. The paths are those of the files that were written.
func (p *PlanDraft) Write(ctx context.Context, path string) (paths []string, err error) {
	dir, name := filepath.Dir(path), filepath.Base(path)
	preview := strings.TrimSuffix(name, filepath.Ext(name)) + ".xlsx"
	for _, name := range []string{name, preview} {
		if _, err := os.Lstat(filepath.Join(dir, name)); err == nil {
			return nil, fmt.Errorf("%s: %w", filepath.Join(dir, name), os.ErrExist)
		}
	}
	rep, err := p.preview()
	if err != nil {
		return nil, err
	}
	written, err := report.WritePreview(ctx, rep, dir, preview)
	if err != nil {
		return nil, fmt.Errorf("preview: %w", err)
	}
	paths = append(paths, written)
	written, err = atomicfile.Create(dir, name, p.Plan.Write)
	if err != nil {
		return paths, fmt.Errorf("plan: %w", err)
	}
	return append(paths, written), nil
}

// preview is a report of the run as it would begin: every order in its state of now, and no outcomes.
func (p *PlanDraft) preview() (*report.Report, error) {
	plan := p.Plan
	control := p.Totals.Control
	sums, err := plan.ToSend()
	rep := &report.Report{
		Run: report.RunInfo{
			ID: "plan " + plan.SHA256[:12], Environment: report.Environment(plan.Environment), Account: plan.Account,
			Seller: p.settings.Seller, SellerCountry: p.settings.Rules.Seller,
			Prepared: plan.By + ", " + plan.Made.Format(time.RFC3339),
			Period:   plan.Settings.Period, Flow: plan.Settings.Flow, Version: plan.Program,
			Started: plan.Made, Finished: plan.Made,
			Settings: []report.Setting{
				{Name: "duplicate guard", Value: plan.Settings.DuplicateGuard},
				{Name: "profile SHA-256", Value: plan.Settings.ProfileSHA256},
				{Name: msgDaysUntilDue, Value: fmt.Sprint(plan.Settings.DaysUntilDue)},
				{Name: msgChannel, Value: string(plan.Settings.InvoiceChannel)},
			},
		},
		Language: p.settings.Language,
		Tables:   p.reading.Tables(),
		Today:    plan.Day,
		Control: report.Control{
			Rows: rowsOf(p.reading.Files), InvalidOrders: control.InvalidOrders, LeftOut: p.reading.leftOut.Rows,
			Money: control.Money, Net: control.Net, VAT: control.VAT, Expected: (*report.Expected)(control.Expected),
		},
		LeftOut: p.reading.left.All,
		Rows:    p.reading.rows.All(),
		Orders:  mapped(p.Plan.Orders(), p.previewOrder),
		Preview: &report.Preview{
			Hash: plan.SHA256, By: plan.By, Day: plan.Day, ToSend: plan.Control.ToSend, Money: sums,
			VAT: p.Totals.ByRate,
		},
		LastMonth: plan.LastMonth,
	}
	for _, f := range plan.Inputs {
		rep.Run.Files = append(rep.Run.Files, report.File(f))
	}
	p.settings.Progress.watchRows(rep)
	return rep, err
}

func (p *PlanDraft) previewOrder(o *planfile.DraftOrder) (report.Order, error) {
	return report.Order{
		Reference: o.Reference, Customer: o.Customer, CustomerNumber: o.CustomerNumber, Product: o.Product,
		Channel: o.Channel, Rows: o.Rows, Gross: o.Gross, VAT: o.VAT, Particulars: o.Particulars,
		Invoiced:     report.InvoicedOf(o.Final, &o.Outcome, false),
		DaysUntilDue: o.DaysUntilDue, Final: o.Final, Outcome: o.Outcome, Todo: o.Outcome.Hint,
		Remarks: o.Problems(billing.Place{}, p.Plan.Settings.Period),
	}, nil
}

// Problems gives one problem for each order that an earlier run has for another period, at the order's first row. An
// error is the last thing yielded.
func (p *PlanDraft) Problems() iter.Seq2[billing.Problem, error] {
	earlier := only(p.Plan.Orders(), func(o *planfile.DraftOrder) bool { return o.Earlier != nil })
	return mapped(earlier, func(o *planfile.DraftOrder) (billing.Problem, error) {
		return o.Problems(o.First, p.Plan.Settings.Period)[0], nil
	})
}
