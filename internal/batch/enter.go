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

func hasOrder(g *billing.Group) bool { return g.Order != nil }

// newJournal is the age up to which a journal may be the replacement of one that was lost. After it, the files of a
// month were sent with it.
const newJournal = 35 * 24 * time.Hour

// looks is how many look-ups each new order needs before it is sent. A new journal does not know what was
// invoiced or voided before, so the provider is asked. In two steps the provider documents no guard against
// duplicates, so it is always asked; and once more where the journal knew nothing until now, after the time by which
// the provider's lists may lag.
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

// sentContent gives the content hash that the journal has sent under a reference, "" for none or for an order that
// may be replaced. billing compares parts of an order with it.
func (s *Settings) sentContent(ctx context.Context) func(reference string) string {
	return func(reference string) string {
		stored, err := s.Journal.Stored(ctx, s.Account, []string{reference})
		if err != nil {
			return "" // entering the order will find the same error
		}
		o := stored[reference]
		if _, replace := billing.Decide(o.Life, true); replace {
			return ""
		}
		return o.Hash
	}
}

// watched are the groups of this process, after Watch has seen them. The rows of the other shards' groups are omitted
// from the rows that the run keeps.
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

// count adds a group to the totals and keeps its rows for the report.
func (s *Settings) count(g *billing.Group, totals *Totals, r *Reading) error {
	if err := totals.Add(g); err != nil {
		return err
	}
	if g.Order == nil && s.Watch == nil && totals.InvalidOrders <= maxLogged {
		s.logInvalid(g)
	}
	return eachRow(g, r.rows.Put)
}

// maxLogged is how many invalid orders, and how many rows of each, are logged. The report has all of them.
const maxLogged = 50

// logInvalid logs where an invalid order stands. Nothing of what its cells hold is logged: it may be personal data.
func (s *Settings) logInvalid(g *billing.Group) {
	var rows []int
	var codes []string
	for _, row := range g.Rows[:min(maxLogged, len(g.Rows))] {
		rows = append(rows, row.Row)
		for _, p := range row.Problems {
			code := string(p.Code)
			if p.Severity == billing.Error && p.Code != billing.CodeOrderIncomplete && !slices.Contains(codes, code) {
				codes = append(codes, code)
			}
		}
	}
	reference := g.Reference
	if slices.ContainsFunc(codes, func(code string) bool {
		return strings.HasPrefix(code, billing.ColOrderReference.String()+".")
	}) {
		reference = "" // a wrong reference may be anything, also a name
	}
	s.logger().Warn("order cannot be sent", "order", reference, "file", g.Rows[0].File, "rows", rows, "codes", codes)
}

// entry is a group's order as the journal takes it, with its exact request: one body, or in a two-step flow that of
// the session and that of the payment. Days until due below zero become zero: only an order that was sent before may
// be past its due date, and its request is not sent again.
func (s *Settings) entry(g *billing.Group) (e journal.Entry, err error) {
	o, options := g.Order, s.Body
	options.Days, options.Period, options.Content = max(0, o.DaysFrom(s.Rules.Today)), s.Period, o.Hash()
	e = journal.Entry{
		Seq: o.First, Reference: o.Reference, Hash: options.Content, Flow: s.Flow,
		Customer: o.Address.CustomerName(), CustomerNumber: o.CustomerNumber,
		Organization: o.Address.OrganizationNumber, Product: o.Product, Channel: o.Channel,
		Gross: o.Gross, VAT: o.VAT, DaysUntilDue: options.Days, AskedDue: o.DueDate, Rows: o.Rows,
		Particulars: o.Particulars(),
	}
	if s.Flow == dispatch.OneStep {
		e.Body, err = dintero.OneStep(o, options)
	} else {
		if s.Flow == dispatch.TwoStep {
			options.ProfileID = ""
		}
		if e.CreateBody, err = dintero.SessionBody(o, options); err == nil {
			e.Body, err = dintero.PayBody(o)
		}
	}
	if err != nil {
		err = fmt.Errorf("order %s: %w", o.Reference, err)
	}
	return e, err
}

// enterChunk enters some orders in one transaction of the journal. Those that the journal does not know yet, or that
// may be sent again, are added to toSend.
func (s *Settings) enterChunk(ctx context.Context, run string, chunk []journal.Entry, looks int, toSend needs) error {
	for i := range chunk {
		chunk[i].Looks = looks
	}
	entered, err := s.Journal.Enter(ctx, run, chunk)
	if err != nil {
		return err
	}
	for i := range entered {
		if entered[i].Decision == billing.ToSend {
			toSend.add(&chunk[i])
		}
	}
	return nil
}
