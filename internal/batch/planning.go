package batch

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/journal"
)

// planSize is how many orders, and how many rows, are written to the journal at once.
const planSize = 500

// plan writes every order with its exact request to the journal, then every row in input order. toSend are the orders that
// the provider has still to be asked about. A stop does not end it: the report needs every row with its order.
func (s *Settings) plan(ctx context.Context, run string, r *Reading) (totals *Totals, toSend needs, err error) {
	scratch, err := r.newScratch(s.TmpDir)
	if err != nil {
		return nil, nil, err
	}
	r.rows = billing.NewRowStore(rowsOf(r.Files), scratch)
	totals, toSend = &Totals{}, needs{}
	var plans []journal.Plan
	flush := func() error {
		planned, err := s.Journal.Plan(ctx, run, plans)
		for i := range planned {
			if planned[i].Verdict == billing.ToSend {
				toSend.add(&plans[i])
			}
		}
		plans = plans[:0]
		return err
	}
	looks, err := s.looks(ctx)
	if err != nil {
		return nil, nil, err
	}
	for g, err := range s.watched(r) {
		if err != nil {
			return nil, nil, err
		}
		if err := s.planGroup(r, totals, &g, looks, &plans); err != nil {
			return nil, nil, err
		}
		if len(plans) == planSize {
			if err := flush(); err != nil {
				return nil, nil, err
			}
		}
	}
	if err := flush(); err != nil {
		return nil, nil, err
	}
	return totals, toSend, s.storeRows(ctx, run, r.rows)
}

// newJournal is the age below which a journal may stand in the place of one that was lost: by then a month's files were sent with it.
const newJournal = 35 * 24 * time.Hour

// looks is how many look-ups each new order needs before it is sent. A new journal does not know what was invoiced or voided before, so
// the provider is asked. In two steps, where no guard of the provider is documented, it always is; and once more, after the time
// in which its lists may lag, where the journal knows nothing at all.
func (s *Settings) looks(ctx context.Context) (looks int, err error) {
	since, err := s.Journal.KnownSince(ctx, s.Account)
	switch {
	case s.Flow != dispatch.OneStep && since.IsZero():
		return 2, err
	case s.Flow != dispatch.OneStep, since.IsZero(), time.Since(since) < newJournal:
		return 1, err
	}
	return 0, err
}

// watched are this process's groups, seen by Watch on their way; the rows of the others' are omitted from the reading's rows.
func (s *Settings) watched(r *Reading) iter.Seq2[billing.Group, error] {
	mine := func(yield func(billing.Group, error) bool) {
		for g, err := range r.all() {
			others := err == nil && !s.mine(g.Reference)
			for i := range g.Rows {
				if others && err == nil {
					err = r.rows.Omit(&g.Rows[i])
				}
			}
			if (err != nil || !others) && !yield(g, err) {
				return
			}
		}
	}
	if s.Watch == nil {
		return mine
	}
	return s.Watch(mine)
}

// mine reports whether this process takes the order.
func (s *Settings) mine(reference string) bool {
	return s.Shard.Count == 0 || journal.ShardOf(reference, s.Shard.Count) == s.Shard.Index
}

func (s *Settings) planGroup(r *Reading, totals *Totals, g *billing.Group, looks int, plans *[]journal.Plan) error {
	if err := totals.Add(g); err != nil {
		return err
	}
	if g.Order != nil {
		plan, err := s.planOrder(g.Order)
		if err != nil {
			return err
		}
		plan.Looks = looks
		*plans = append(*plans, plan)
	}
	if g.Order == nil && s.Watch == nil && totals.InvalidOrders <= maxLogged {
		s.logInvalid(g)
	}
	for i := range g.Rows {
		if err := r.rows.Put(&g.Rows[i]); err != nil {
			return err
		}
	}
	return nil
}

// maxLogged is how many invalid orders, and how many rows of each, are logged; the report has all.
const maxLogged = 50

// logInvalid tells where an invalid order stands, and nothing of what its cells hold.
func (s *Settings) logInvalid(g *billing.Group) {
	var rows []int
	var codes []string
	for _, row := range g.Rows[:min(maxLogged, len(g.Rows))] {
		rows = append(rows, row.Row)
		for _, p := range row.Problems {
			if code := string(p.Code); p.Severity == billing.Error && p.Code != billing.CodeOrderIncomplete && !slices.Contains(codes, code) {
				codes = append(codes, code)
			}
		}
	}
	reference := g.Reference
	if slices.ContainsFunc(codes, func(code string) bool { return strings.HasPrefix(code, billing.ColOrderReference.String()+".") }) {
		reference = "" // it may be anything, also somebody's name
	}
	s.logger().Warn("order cannot be sent", "order", reference, "file", g.Rows[0].File, "rows", rows, "codes", codes)
}

// planOrder fixes the exact bytes that will be sent.
func (s *Settings) planOrder(o *billing.Order) (journal.Plan, error) {
	body, create, err := s.bodies(o)
	if err != nil {
		return journal.Plan{}, fmt.Errorf("order %s: %w", o.Reference, err)
	}
	return journal.Plan{
		Seq: o.First, Reference: o.Reference, Hash: o.Hash(), Customer: o.Address.CustomerName(), CustomerNumber: o.CustomerNumber,
		Organization: o.Address.OrganizationNumber, Product: o.Product, Channel: o.Channel, Gross: o.Gross, VAT: o.VAT,
		DaysUntilDue: s.days(o),
		AskedDue:     o.DueDate, Rows: o.Rows, Flow: s.Flow, Body: body, CreateBody: create,
	}, nil
}

// days are the order's days until due from today. Only an order that was sent before may be past its due date; its request is not made.
func (s *Settings) days(o *billing.Order) int { return max(0, o.DaysFrom(s.Rules.Today)) }

// bodies are the order's exact requests: one, or in a two-step flow that of the payment and that of the session.
func (s *Settings) bodies(o *billing.Order) (body, create []byte, err error) {
	options := s.Body
	options.Days, options.Period = s.days(o), s.Period
	if s.Flow == dispatch.OneStep {
		body, err = dintero.OneStep(o, options)
		return body, nil, err
	}
	if s.Flow == dispatch.TwoStep {
		options.ProfileID = ""
	}
	create, err = dintero.SessionBody(o, options)
	if err != nil {
		return nil, nil, err
	}
	body, err = dintero.PayBody(o)
	return body, create, err
}

func (s *Settings) storeRows(ctx context.Context, run string, rows *billing.RowStore) error {
	chunk := make([]billing.Row, 0, planSize)
	for row, err := range rows.All() {
		if err != nil {
			return err
		}
		chunk = append(chunk, row)
		if len(chunk) == planSize {
			if err := s.Journal.AppendRows(ctx, run, chunk); err != nil {
				return err
			}
			chunk = chunk[:0]
		}
	}
	if len(chunk) == 0 {
		return nil
	}
	return s.Journal.AppendRows(ctx, run, chunk)
}

// Request is an order as a dry run shows it.
type Request struct {
	Order  *billing.Order
	Body   []byte
	Create []byte        // of a two-step flow, else nil
	State  billing.Final // what the journal has it as; FinalNotAttempted would be sent
	// Problems are those that the journal makes, of the order's first row.
	Problems []billing.Problem
}

// DryRun goes through the groups as Run would and calls each with every order's exact requests, sending and keeping nothing.
// Without a Journal nothing is known to have been sent before.
func DryRun(ctx context.Context, s *Settings, groups iter.Seq2[billing.Group, error], each func(Request) error) (*Totals, error) {
	totals := &Totals{}
	for g, err := range groups {
		if err != nil {
			return nil, err
		}
		if !s.mine(g.Reference) {
			continue
		}
		if err := totals.Add(&g); err != nil {
			return nil, err
		}
		if g.Order == nil {
			continue
		}
		request, err := s.request(ctx, &g)
		if err != nil {
			return nil, err
		}
		if err := each(request); err != nil {
			return nil, err
		}
	}
	return totals, nil
}

func (s *Settings) request(ctx context.Context, g *billing.Group) (Request, error) {
	plan, err := s.planOrder(g.Order)
	if err != nil {
		return Request{}, err
	}
	intended, err := s.intend(ctx, []journal.Plan{plan}, []billing.Place{g.Rows[0].Place})
	if err != nil {
		return Request{}, err
	}
	order := &intended[0]
	return Request{Order: g.Order, Body: plan.Body, Create: plan.CreateBody, State: order.Final, Problems: order.Problems(g.Rows[0].Place, s.Period)}, nil
}
