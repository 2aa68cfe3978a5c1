package batch

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"iter"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"kraviabatch/internal/atomicfile"
	"kraviabatch/internal/billing"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/money"
	"kraviabatch/internal/report"
)

// Planning is a plan that was just made, with what only its preview shows.
type Planning struct {
	Plan   *Plan
	Totals *Totals
	rows   *billing.RowStore
	files  []journal.File
	tables []billing.Table
	left   *leavings
	seller string
	told   Progress
}

// MakePlan writes down what [Run] would do with the reading, whose groups are given. It reads the journal and changes nothing. by is
// who plans; a customer whose total differs by more than changePercent of last month's is listed. An impossible name is [ErrName].
func MakePlan(ctx context.Context, s *Settings, r *Reading, groups iter.Seq2[billing.Group, error], by string, changePercent int) (*Planning, error) {
	by, err := person(by)
	if err != nil {
		return nil, err
	}
	if err := r.Expected(&s.Input); err != nil {
		return nil, err
	}
	scratch, err := r.newScratch(s.TmpDir)
	if err != nil {
		return nil, err
	}
	runs, err := s.Journal.Runs(ctx, s.Account, math.MaxInt32)
	if err != nil {
		return nil, err
	}
	made := &Planning{
		Totals: &Totals{}, rows: billing.NewRowStore(rowsOf(r.Files), scratch), files: r.Files, tables: r.Tables(), left: r.left,
		seller: s.Seller, told: s.Progress,
	}
	p := &Plan{PlanHead: PlanHead{
		Version: planVersion, Program: s.Version, Day: s.Rules.Today, Made: time.Now().UTC().Truncate(time.Second), By: by,
		Account: s.Account, Environment: s.Environment, Settings: s.planSettings(),
	}}
	for _, f := range r.Files {
		p.Files = append(p.Files, report.File{Name: plain(f.Name), SHA256: f.SHA256, Rows: f.Rows, Register: plain(f.Register)})
	}
	for o, err := range s.intended(ctx, made.kept(groups)) {
		if err != nil {
			return nil, err
		}
		p.Orders = append(p.Orders, o)
	}
	made.Totals.sortVAT()
	if err := p.count(made.Totals); err != nil {
		return nil, err
	}
	if p.LastMonth, err = s.lastMonth(ctx, p, runs, changePercent); err != nil {
		return nil, err
	}
	made.Plan = p
	p.SHA256, err = p.hash()
	return made, err
}

// planSettings are the run's settings that decide what is sent.
func (s *Settings) planSettings() PlanSettings {
	return PlanSettings{
		Flow: s.Flow, DuplicateGuard: s.Dispatch.Guard.String(), Period: s.Period, ProfileSHA256: s.ProfileSHA256,
		DaysUntilDue: s.Rules.DaysUntilDue, InvoiceChannel: s.Rules.Channel, PaymentProfile: s.Body.ProfileID,
		CallbackURL: s.Body.CallbackURL, ReturnURL: s.Body.ReturnURL,
	}
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

// sortVAT puts the rates into the order of reports: by currency, the highest first.
func (t *Totals) sortVAT() {
	slices.SortFunc(t.VAT, func(a, b VATTotal) int {
		return cmp.Or(cmp.Compare(a.Gross.Currency().Code(), b.Gross.Currency().Code()), cmp.Compare(b.Rate, a.Rate))
	})
}

// count fills in the control totals.
func (p *Plan) count(t *Totals) error {
	c := PlanControl{Rows: t.Rows, InvalidRows: t.InvalidRows, Orders: t.Orders, InvalidOrders: t.InvalidOrders}
	gross, err := p.Sums()
	if err != nil {
		return err
	}
	var vat []money.Amount
	for i := range p.Orders {
		o := &p.Orders[i]
		switch {
		case o.Send:
			c.ToSend++
			if err := AddTo(&vat, money.New(o.VAT.Minor(), o.Gross.Currency())); err != nil {
				return fmt.Errorf("order %s: %w", o.Reference, err)
			}
		case o.final == billing.FinalConflict:
			c.Conflicts++
		default:
			c.Settled++
		}
	}
	for _, total := range t.Money {
		m := PlanMoney{Currency: total.Currency().Code(), Total: total.Minor()}
		same := func(a money.Amount) bool { return a.Currency() == total.Currency() }
		if i := slices.IndexFunc(gross, same); i >= 0 {
			m.ToSend, m.ToSendVAT = gross[i].Minor(), vat[i].Minor()
		}
		c.Money = append(c.Money, m)
	}
	for _, v := range t.VAT {
		net, err := v.Gross.Sub(v.VAT)
		if err != nil {
			return fmt.Errorf("VAT of %s %%: %w", v.Rate, err)
		}
		c.VAT = append(c.VAT, PlanVAT{v.Gross.Currency().Code(), v.Rate.String(), net.Minor(), v.VAT.Minor(), v.Gross.Minor()})
	}
	p.Control = c
	return nil
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
	written, err := report.WritePreview(ctx, p.preview(), dir, preview)
	if err != nil {
		return nil, fmt.Errorf("preview: %w", err)
	}
	paths = append(paths, written)
	written, err = atomicfile.Create(dir, name, func(w io.Writer) error { return p.Plan.encode(w) })
	if err != nil {
		return paths, fmt.Errorf("plan: %w", err)
	}
	return append(paths, written), nil
}

// Encode writes the plan as its file has it.
func (p *Plan) Encode(w io.Writer) error { return p.encode(w) }

// preview is the report that the run would begin with.
func (p *Planning) preview() *report.Report {
	plan := p.Plan
	control := p.Totals.control()
	sums, _ := plan.Sums() // they were counted before
	rep := &report.Report{
		Run: report.RunInfo{
			ID: "plan " + plan.SHA256[:12], Environment: plan.Environment, Account: plan.Account, Seller: p.seller,
			Period: plan.Settings.Period, Flow: plan.Settings.Flow,
			Version: plan.Program, Started: plan.Made, Finished: plan.Made, Files: plan.Files,
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
		Preview: &report.Preview{Hash: plan.SHA256, By: plan.By, Day: plan.Day, ToSend: plan.Control.ToSend, LastMonth: plan.LastMonth, Money: sums},
	}
	for _, v := range p.Totals.VAT {
		rep.Preview.VAT = append(rep.Preview.VAT, billing.VATTotal{Rate: v.Rate, Gross: v.Gross, VAT: v.VAT})
	}
	return rep
}

func (p *Planning) previewRows() iter.Seq2[report.Row, error] {
	special := map[string]*PlanOrder{}
	for i := range p.Plan.Orders {
		if o := &p.Plan.Orders[i]; o.final != billing.FinalNotAttempted || o.earlier != nil {
			special[o.Reference] = o
		}
	}
	return func(yield func(report.Row, error) bool) {
		for row, err := range p.rows.All() {
			out := report.Row{Row: row, Final: billing.FinalInvalid}
			if row.Valid {
				out.Final = billing.FinalNotAttempted
				if o := special[row.Reference]; o != nil {
					out.Final, out.Outcome = o.final, o.outcome
					out.Problems = append(out.Problems, o.problems(row.Place, p.Plan.Settings.Period)...)
				}
			}
			if !yield(out, err) || err != nil {
				return
			}
		}
	}
}

func (p *Planning) previewOrders() iter.Seq2[report.Order, error] {
	return func(yield func(report.Order, error) bool) {
		for i := range p.Plan.Orders {
			o := &p.Plan.Orders[i]
			order := report.Order{
				Seq: i + 1, Reference: o.Reference, Customer: o.Customer, Product: o.Product, Channel: o.Channel, Rows: o.Rows, Gross: o.Gross,
				VAT: o.VAT, DaysUntilDue: o.DaysUntilDue, Final: o.final, Outcome: o.outcome, Todo: o.outcome.Hint,
			}
			if !yield(order, nil) {
				return
			}
		}
	}
}

// Problems are those that the journal makes, one for an order, at its first row.
func (p *Planning) Problems() []billing.Problem {
	var problems []billing.Problem
	for i := range p.Plan.Orders {
		o := &p.Plan.Orders[i]
		problems = append(problems, o.problems(o.first, p.Plan.Settings.Period)...)
	}
	return problems
}

// Earlier is how many of the orders the state of the journal keeps from being sent, by state.
func (p *Planning) Earlier() map[billing.Final]int {
	states := map[billing.Final]int{}
	for i := range p.Plan.Orders {
		if o := &p.Plan.Orders[i]; o.final != billing.FinalNotAttempted {
			states[o.final]++
		}
	}
	return states
}
