package batch

import (
	"context"
	"iter"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/planfile"
)

// Request is an order as a dry run shows it.
type Request struct {
	Order    *billing.Order
	Body     []byte            // exact pay request
	Create   []byte            // exact session request of a two-step flow, else nil
	State    billing.Final     // the journal's state of the order; FinalNotAttempted would be sent
	Problems []billing.Problem // those that the journal makes, at the order's first row
}

// DryRun calls each with the exact requests of every order that Run would make of the groups. It sends nothing and
// writes nothing. Without a Journal no order counts as sent before.
func DryRun(ctx context.Context, s *Settings, groups iter.Seq2[billing.Group, error],
	each func(Request) error,
) (*Totals, error) {
	totals := &Totals{}
	for g, err := range only(seen(only(groups, s.takes), totals.Add), hasOrder) {
		if err == nil {
			err = s.request(ctx, &g, each)
		}
		if err != nil {
			return nil, err
		}
	}
	return totals, nil
}

func (s *Settings) request(ctx context.Context, g *billing.Group, each func(Request) error) error {
	e, err := s.entry(g)
	if err != nil {
		return err
	}
	known, err := s.withJournal(ctx, []planfile.DraftOrder{planfile.NewOrder(&e, g.Rows[0].Place)})
	if err != nil {
		return err
	}
	o := &known[0]
	return each(Request{
		Order: g.Order, Body: e.Body, Create: e.CreateBody, State: o.Final, Problems: o.Problems(o.First, s.Period),
	})
}
