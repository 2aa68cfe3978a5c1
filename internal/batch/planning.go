package batch

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/fault"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/planfile"
)

// plan writes every order with its exact request to the journal, then every row in input order. toSend are
// the orders that the provider has still to be asked about. A stop does not end it: the report needs every
// row with its order.
func (s *Settings) plan(ctx context.Context, run string, r *Reading) (totals *Totals, toSend needs, err error) {
	totals, toSend = &Totals{}, needs{}
	looks, err := s.looks(ctx)
	if err != nil {
		return nil, nil, err
	}
	groups := seen(s.watched(r), func(g *billing.Group) error {
		if err := totals.Add(g); err != nil {
			return err
		}
		if g.Order == nil && s.Watch == nil && totals.InvalidOrders <= maxLogged {
			s.logInvalid(g)
		}
		return eachRow(g, r.rows.Put)
	})
	for plans, err := range ahead(chunks(mapped(only(groups, hasOrder), s.planOrder))) {
		if err != nil {
			return nil, nil, err
		}
		for i := range plans {
			plans[i].Looks = looks
		}
		planned, err := s.Journal.Enter(ctx, run, plans)
		if err != nil {
			return nil, nil, err
		}
		for i := range planned {
			if planned[i].Decision == billing.ToSend {
				toSend.add(&plans[i])
			}
		}
	}
	return totals, toSend, s.Journal.AppendRows(ctx, run, r.rows.Encoded())
}

// ahead gives chunks while a goroutine makes the next one. It has ended when the sequence has.
func ahead[T any](sequence iter.Seq2[[]T, error]) iter.Seq2[[]T, error] {
	return func(yield func([]T, error) bool) {
		var failed error
		made, stop := make(chan []T), make(chan struct{})
		var maker sync.WaitGroup
		maker.Go(func() {
			defer close(made)
			failed = fault.Run(func() error {
				for chunk, err := range sequence {
					if err != nil {
						return err
					}
					select {
					case made <- slices.Clone(chunk):
					case <-stop:
						return nil
					}
				}
				return nil
			})
		})
		defer maker.Wait()
		defer close(stop)
		for chunk := range made {
			if !yield(chunk, nil) {
				return
			}
		}
		if failed != nil {
			yield(nil, failed)
		}
	}
}

func hasOrder(g *billing.Group) bool { return g.Order != nil }

// storeLeftOut writes to the journal what the profile left out, for a shard its share by reference, and gives
// its number.
func (s *Settings) storeLeftOut(ctx context.Context, run string, r *Reading) (stored int, err error) {
	mine := only(r.left.All(), func(row *billing.LeftOut) bool { return s.Shard.Has(row.Reference) })
	return s.Journal.AppendLeftOut(ctx, run, mine)
}

// newJournal is the age below which a journal may stand in the place of one that was lost: by then a month's
// files were sent with it.
const newJournal = 35 * 24 * time.Hour

// looks is how many look-ups each new order needs before it is sent. A new journal does not know what was
// invoiced or voided before, so the provider is asked. In two steps, where no guard of the provider is
// documented, it always is; and once more, after the time in which its lists may lag, where the journal knew
// nothing at all until just now.
func (s *Settings) looks(ctx context.Context) (looks int, err error) {
	since, err := s.Journal.KnownSince(ctx, s.Account)
	switch {
	case s.Flow != dispatch.OneStep && (since.IsZero() || time.Since(since) < billing.ScheduleLength()):
		return 2, err
	case s.Flow != dispatch.OneStep, since.IsZero(), time.Since(since) < newJournal:
		return 1, err
	}
	return 0, err
}

// watched are this process's groups, seen by Watch on their way; the rows of the others' are omitted from the
// reading's rows.
func (s *Settings) watched(r *Reading) iter.Seq2[billing.Group, error] {
	omitted := seen(r.all(), func(g *billing.Group) error {
		if s.takes(g) {
			return nil
		}
		return eachRow(g, r.rows.Omit)
	})
	mine := only(omitted, s.takes)
	if s.Watch == nil {
		return mine
	}
	return s.Watch(mine)
}

// takes reports whether this process takes the order.
func (s *Settings) takes(g *billing.Group) bool { return s.Shard.Has(g.Reference) }

// maxLogged is how many invalid orders, and how many rows of each, are logged; the report has all.
const maxLogged = 50

// logInvalid tells where an invalid order stands, and nothing of what its cells hold.
func (s *Settings) logInvalid(g *billing.Group) {
	var rows []int
	var codes []string
	for _, row := range g.Rows[:min(maxLogged, len(g.Rows))] {
		rows = append(rows, row.Row)
		for _, p := range row.Problems {
			if code := string(p.Code); p.Severity == billing.Error && p.Code != billing.CodeOrderIncomplete &&
				!slices.Contains(codes, code) {
				codes = append(codes, code)
			}
		}
	}
	reference := g.Reference
	if slices.ContainsFunc(codes, func(code string) bool {
		return strings.HasPrefix(code, billing.ColOrderReference.String()+".")
	}) {
		reference = "" // it may be anything, also somebody's name
	}
	s.logger().Warn("order cannot be sent", "order", reference, "file", g.Rows[0].File, "rows", rows, "codes", codes)
}

// planOrder fixes the exact bytes that will be sent for a group's order: one request, or in a two-step flow
// that of the payment and that of the session. Only an order that was sent before may be past its due date;
// its request is not made.
func (s *Settings) planOrder(g *billing.Group) (p journal.Entry, err error) {
	o, options := g.Order, s.Body
	options.Days, options.Period, options.Content = max(0, o.DaysFrom(s.Rules.Today)), s.Period, o.Hash()
	p = journal.Entry{
		Seq: o.First, Reference: o.Reference, Hash: options.Content, Customer: o.Address.CustomerName(),
		CustomerNumber: o.CustomerNumber,
		Organization:   o.Address.OrganizationNumber, Product: o.Product, Channel: o.Channel, Gross: o.Gross,
		VAT:          o.VAT,
		DaysUntilDue: options.Days, AskedDue: o.DueDate, Rows: o.Rows, Flow: s.Flow, Particulars: o.Particulars(),
	}
	if s.Flow == dispatch.OneStep {
		p.Body, err = dintero.OneStep(o, options)
	} else {
		if s.Flow == dispatch.TwoStep {
			options.ProfileID = ""
		}
		if p.CreateBody, err = dintero.SessionBody(o, options); err == nil {
			p.Body, err = dintero.PayBody(o)
		}
	}
	if err != nil {
		err = fmt.Errorf("order %s: %w", o.Reference, err)
	}
	return p, err
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

// DryRun goes through the groups as Run would and calls each with every order's exact requests, sending and
// keeping nothing. Without a Journal nothing is known to have been sent before.
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
	plan, err := s.planOrder(g)
	if err != nil {
		return err
	}
	made, err := s.meet(ctx, []planfile.DraftOrder{planfile.NewOrder(&plan, g.Rows[0].Place)})
	if err != nil {
		return err
	}
	problems := made[0].Problems(made[0].First, s.Period)
	return each(
		Request{Order: g.Order, Body: plan.Body, Create: plan.CreateBody, State: made[0].Final, Problems: problems})
}
