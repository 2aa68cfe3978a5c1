package batch

import (
	"context"
	"iter"
	"math"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/planfile"
)

// checkPlan refuses a run that would not do exactly what its plan says, before anything is written or sent. For a run
// without a plan it only checks whether one is required. The run's lock must be held: otherwise two runs could use
// one plan.
func (s *Settings) checkPlan(ctx context.Context, r *Reading) error {
	if err := s.Signing.Check(s.Plan); err != nil || s.Plan == nil {
		return err
	}
	if err := s.Plan.SameTarget(s.Account, string(s.Environment), s.planSettings()); err != nil {
		return err
	}
	if err := s.Plan.SameInputs(r.Files); err != nil {
		return err
	}
	runs, err := s.Journal.Runs(ctx, s.Account, math.MaxInt32)
	if err != nil {
		return err
	}
	if err := s.Plan.Unused(runs, ExitDone, ExitIncomplete); err != nil {
		return err
	}
	totals := &Totals{}
	return s.Plan.SameOrders(s.intended(ctx, seen(r.Groups(), totals.Add)), &totals.Control)
}

// intended gives each order as a run would enter it now, with the hash of the bytes that it would send. It writes
// nothing.
func (s *Settings) intended(ctx context.Context,
	groups iter.Seq2[billing.Group, error],
) iter.Seq2[planfile.DraftOrder, error] {
	made := mapped(only(groups, hasOrder), func(g *billing.Group) (planfile.DraftOrder, error) {
		e, err := s.entry(g)
		return planfile.NewOrder(&e, g.Rows[0].Place), err
	})
	return inChunks(made, func(orders []planfile.DraftOrder) ([]planfile.DraftOrder, error) {
		return s.withJournal(ctx, orders)
	})
}

// withJournal adds to orders the state in which the journal has them. Without a journal no order counts as sent before.
func (s *Settings) withJournal(ctx context.Context, orders []planfile.DraftOrder) ([]planfile.DraftOrder, error) {
	if s.Journal == nil {
		return orders, nil
	}
	references := make([]string, len(orders))
	for i := range orders {
		references[i] = orders[i].Reference
	}
	stored, err := s.Journal.Stored(ctx, s.Account, references)
	for i := range orders {
		o := &orders[i]
		found, ok := stored[o.Reference]
		if !ok {
			continue
		}
		if decision, replaced := o.Compare(&found, s.Period); !replaced {
			as := journal.RunOrder{Decision: decision, Customer: o.Customer, Gross: o.Gross, Order: found}
			o.SetFinal(standing(&as, s.Rules.Today))
		}
	}
	return orders, err
}
