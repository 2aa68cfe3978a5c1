package batch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"iter"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/journal"
)

// intended gives each order as a run would take it up now, with the hash of the bytes that it would send. Nothing is written.
func (s *Settings) intended(ctx context.Context, groups iter.Seq2[billing.Group, error]) iter.Seq2[PlanOrder, error] {
	return func(yield func(PlanOrder, error) bool) {
		var chunk []journal.Plan
		var places []billing.Place
		flush := func() bool {
			orders, err := s.intend(ctx, chunk, places)
			if err != nil {
				return yield(PlanOrder{}, err) && false
			}
			for i := range orders {
				if !yield(orders[i], nil) {
					return false
				}
			}
			chunk, places = chunk[:0], places[:0]
			return true
		}
		for g, err := range groups {
			var plan journal.Plan
			if err == nil && g.Order != nil {
				plan, err = s.planOrder(g.Order)
			}
			if err != nil {
				yield(PlanOrder{}, err)
				return
			}
			if g.Order == nil {
				continue
			}
			places = append(places, g.Rows[0].Place)
			if chunk = append(chunk, plan); len(chunk) == planSize && !flush() {
				return
			}
		}
		flush()
	}
}

// counted adds the groups up as they pass.
func counted(totals *Totals, groups iter.Seq2[billing.Group, error]) iter.Seq2[billing.Group, error] {
	return func(yield func(billing.Group, error) bool) {
		for g, err := range groups {
			if err == nil {
				err = totals.Add(&g)
			}
			if !yield(g, err) {
				return
			}
		}
	}
}

// intend looks up what the journal has of the plans' orders, whose first rows stand in these places; without a journal nothing was
// sent before.
func (s *Settings) intend(ctx context.Context, plans []journal.Plan, places []billing.Place) ([]PlanOrder, error) {
	references := make([]string, len(plans))
	for i := range plans {
		references[i] = plans[i].Reference
	}
	var stored map[string]journal.Order
	if s.Journal != nil {
		var err error
		if stored, err = s.Journal.Stored(ctx, s.Account, references); err != nil {
			return nil, err
		}
	}
	orders := make([]PlanOrder, len(plans))
	for i := range plans {
		p := &plans[i]
		orders[i] = PlanOrder{
			Reference: p.Reference, CustomerNumber: plain(p.CustomerNumber), Customer: plain(p.Customer), Product: p.Product, Channel: p.Channel,
			DaysUntilDue: p.DaysUntilDue, Rows: p.Rows, Gross: p.Gross, VAT: p.VAT, Content: p.Hash, Send: true, final: billing.FinalNotAttempted, first: places[i],
		}
		orders[i].requests(p.Body, p.CreateBody)
		if found, ok := stored[p.Reference]; ok {
			orders[i].meet(&found, s.Rules.Today, s.Period)
		}
		orders[i].State = orders[i].final.String()
	}
	return orders, nil
}

func (o *PlanOrder) requests(body, create []byte) {
	o.Request, o.Session = hashOf(body), ""
	if create != nil {
		o.Session = hashOf(create)
	}
}

func hashOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// meet applies [billing.Decide] to an order that is stored already. One in doubt is sent again with the request that it was stored
// with, and stays in the period of that.
func (o *PlanOrder) meet(found *journal.Order, today billing.Date, period string) {
	verdict, replaced := billing.Decide(found.Outcome.State, found.Hash == o.Content)
	if replaced {
		return
	}
	if found.Period != period {
		o.earlier = &earlier{found.Outcome.State, found.Period}
	}
	if o.Send = verdict == billing.ToSend; o.Send {
		o.requests(found.Body, found.CreateBody)
		o.DaysUntilDue = found.DaysUntilDue
	}
	now := journal.RunOrder{Verdict: verdict, Customer: o.Customer, Gross: o.Gross, Order: *found}
	o.outcome = outcomeIn(&now, today)
	if o.final = billing.FinalOf(verdict, &o.outcome); o.final == billing.FinalNotAttempted {
		o.outcome = billing.Outcome{}
	}
}

// problems are those that the journal makes of one of the order's rows in a run of the period.
func (o *PlanOrder) problems(place billing.Place, period string) []billing.Problem {
	if o.earlier == nil {
		return nil
	}
	return []billing.Problem{billing.OtherPeriod(place, o.Reference, o.earlier.state, o.earlier.period, period)}
}
