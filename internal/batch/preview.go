package batch

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"kraviabatch/internal/atomicfile"
	"kraviabatch/internal/billing"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/planfile"
	"kraviabatch/internal/report"
)

// Planning is a plan that was just made, with what only its preview shows.
type Planning struct {
	Plan   *planfile.Draft
	Totals *Totals
	rows   *billing.RowStore
	files  []journal.File
	tables []billing.Table
	left   *leavings
	seller string
	told   Progress
}

// MakePlan writes down what [Run] would do with the reading, whose groups are given. It reads the journal and changes nothing. by is
// who plans; a customer whose total differs by more than changePercent of last month's is listed. An impossible name is
// [planfile.ErrName].
func MakePlan(ctx context.Context, s *Settings, r *Reading, groups iter.Seq2[billing.Group, error], by string, changePercent int) (*Planning, error) {
	if err := r.Expected(&s.Input); err != nil {
		return nil, err
	}
	rows, err := r.newScratch(s.TmpDir)
	if err != nil {
		return nil, err
	}
	orders, err := r.newScratch(s.TmpDir)
	if err != nil {
		return nil, err
	}
	made := &Planning{
		Totals: &Totals{}, rows: billing.NewRowStore(rowsOf(r.Files), rows), files: r.Files, tables: r.Tables(), left: r.left,
		seller: s.Seller, told: s.Progress,
	}
	made.Plan, err = planfile.New(planfile.Head{
		Program: s.Version, Day: s.Rules.Today, Account: s.Account, Environment: string(s.Environment), Settings: s.planSettings(),
		Inputs: planfile.Inputs(r.Files),
	}, by, orders)
	if err != nil {
		return nil, err
	}
	runs, err := s.runs(ctx)
	if err != nil {
		return nil, err
	}
	if run := made.Plan.LastMonthOf(runs); run != nil {
		if err := made.Plan.CompareWith(run, s.Journal.RunOrders(ctx, run.ID), changePercent); err != nil {
			return nil, err
		}
	}
	for o, err := range s.intended(ctx, made.kept(groups)) {
		if err == nil {
			err = made.Plan.Add(&o)
		}
		if err != nil {
			return nil, err
		}
	}
	return made, made.Plan.Finish(made.Totals.control(), made.vat())
}

// kept counts the groups as they pass and keeps their rows for the preview.
func (p *Planning) kept(groups iter.Seq2[billing.Group, error]) iter.Seq2[billing.Group, error] {
	return func(yield func(billing.Group, error) bool) {
		for g, err := range counted(p.Totals, groups) {
			for i := range g.Rows {
				if err == nil {
					err = p.rows.Put(&g.Rows[i])
				}
			}
			if !yield(g, err) {
				return
			}
		}
	}
}

// vat is the VAT in the order of reports: by currency, the highest rate first.
func (p *Planning) vat() (all []billing.VATTotal) {
	slices.SortFunc(p.Totals.VAT, func(a, b VATTotal) int {
		return cmp.Or(cmp.Compare(a.Gross.Currency().Code(), b.Gross.Currency().Code()), cmp.Compare(b.Rate, a.Rate))
	})
	for _, v := range p.Totals.VAT {
		all = append(all, billing.VATTotal{Rate: v.Rate, Gross: v.Gross, VAT: v.VAT})
	}
	return all
}

// Write makes the plan's file and beside it, under the same name, its preview as a workbook. A file that exists is never
// written over: the error is fs.ErrExist then. The paths are those that were written.
func (p *Planning) Write(ctx context.Context, path string) (paths []string, err error) {
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

// preview is the report that the run would begin with.
func (p *Planning) preview() (*report.Report, error) {
	plan := p.Plan
	control := p.Totals.control()
	sums, err := plan.ToSend()
	rep := &report.Report{
		Run: report.RunInfo{
			ID: "plan " + plan.SHA256[:12], Environment: report.Environment(plan.Environment), Account: plan.Account, Seller: p.seller,
			Period: plan.Settings.Period, Flow: plan.Settings.Flow, Version: plan.Program, Started: plan.Made, Finished: plan.Made,
			Settings: []report.Setting{
				{Name: "duplicate guard", Value: plan.Settings.DuplicateGuard},
				{Name: "profile SHA-256", Value: plan.Settings.ProfileSHA256},
				{Name: "days until due, where the row says nothing", Value: fmt.Sprint(plan.Settings.DaysUntilDue)},
				{Name: "invoice channel, where the row says nothing", Value: string(plan.Settings.InvoiceChannel)},
			},
		},
		Tables:  p.tables,
		Control: report.Control{Rows: rowsOf(p.files), InvalidOrders: control.InvalidOrders, LeftOut: p.left.rows(), Money: control.Money},
		LeftOut: p.left.all,
		Rows:    p.told.reporting(rowsOf(p.files), p.previewRows),
		Orders:  p.previewOrders,
		Preview: &report.Preview{
			Hash: plan.SHA256, By: plan.By, Day: plan.Day, ToSend: plan.Control.ToSend, LastMonth: plan.LastMonth, Money: sums, VAT: p.vat(),
		},
	}
	for _, f := range plan.Inputs {
		rep.Run.Files = append(rep.Run.Files, report.File(f))
	}
	return rep, err
}

// placed is a row with the order that it is part of, nil for none.
type placed struct {
	billing.Row
	order *planfile.Made
	left  int // rows of the order that have not passed, this one among them
}

// placed gives every row with its order. An order is held from its first row until its rows have passed.
func (p *Planning) placed(orders iter.Seq2[planfile.Made, error]) iter.Seq2[placed, error] {
	return func(yield func(placed, error) bool) {
		next, stop := iter.Pull2(orders)
		defer stop()
		held := map[string]*placed{}
		find := func(row *placed) error {
			for held[row.Reference] == nil {
				o, err, more := next()
				if err == nil && !more {
					err = fmt.Errorf("row %d of %s: its order %s is not in the plan", row.Row.Row, row.File, row.Reference)
				}
				if err != nil {
					return err
				}
				held[o.Reference] = &placed{order: &o, left: o.Rows}
			}
			of := held[row.Reference]
			row.order, row.left = of.order, of.left
			if of.left--; of.left == 0 {
				delete(held, row.Reference)
			}
			return nil
		}
		for r, err := range p.rows.All() {
			row := placed{Row: r}
			if err == nil && r.Valid {
				err = find(&row)
			}
			if !yield(row, err) || err != nil {
				return
			}
		}
	}
}

func (p *Planning) previewRows() iter.Seq2[report.Row, error] {
	return func(yield func(report.Row, error) bool) {
		for row, err := range p.placed(p.Plan.Found()) {
			out := report.Row{Row: row.Row, Final: billing.FinalInvalid}
			if o := row.order; o != nil {
				out.Final, out.Outcome = o.Final, o.Outcome
				out.Problems = append(out.Problems, o.Problems(row.Place, p.Plan.Settings.Period)...)
			}
			if !yield(out, err) || err != nil {
				return
			}
		}
	}
}

// previewOrders gives the orders in the order of their first rows, which is not that of the plan where orders are split.
func (p *Planning) previewOrders() iter.Seq2[report.Order, error] {
	return func(yield func(report.Order, error) bool) {
		seq := 0
		for row, err := range p.placed(p.Plan.Orders()) {
			o := row.order
			if err == nil && (o == nil || row.left != o.Rows) {
				continue
			}
			var order report.Order
			if err == nil {
				seq++
				order = report.Order{
					Seq: seq, Reference: o.Reference, Customer: o.Customer, Product: o.Product, Channel: o.Channel, Rows: o.Rows, Gross: o.Gross,
					VAT: o.VAT, DaysUntilDue: o.DaysUntilDue, Final: o.Final, Outcome: o.Outcome, Todo: o.Outcome.Hint,
				}
			}
			if !yield(order, err) || err != nil {
				return
			}
		}
	}
}

// Problems are those that the journal makes, one for an order, at its first row. An error is the last thing yielded.
func (p *Planning) Problems() iter.Seq2[billing.Problem, error] {
	return func(yield func(billing.Problem, error) bool) {
		for o, err := range p.Plan.Found() {
			if err != nil {
				yield(billing.Problem{}, err)
				return
			}
			if o.Earlier != nil && !yield(o.Problems(o.Earlier.First, p.Plan.Settings.Period)[0], nil) {
				return
			}
		}
	}
}
