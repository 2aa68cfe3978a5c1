package batch

import (
	"cmp"
	"context"
	"fmt"
	"math/bits"
	"slices"
	"strings"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/money"
	"kraviabatch/internal/report"
)

// customerKey tells customers apart: by their number, or by their name where they have none. Every currency counts by itself.
type customerKey struct {
	id       string
	currency money.Currency
}

// balances are what each customer is billed, before and now.
type balances map[customerKey]*report.CustomerChange

func (b balances) of(number, name string, currency money.Currency) *report.CustomerChange {
	key := customerKey{"name " + strings.ToLower(strings.Join(strings.Fields(name), " ")), currency}
	if number != "" {
		key.id = "number " + number
	}
	c := b[key]
	if c == nil {
		c = &report.CustomerChange{Number: number, Customer: name, Before: money.New(0, currency), Now: money.New(0, currency)}
		b[key] = c
	}
	return c
}

// lastMonth compares the plan with the run to compare with, nil when there is none.
func (s *Settings) lastMonth(ctx context.Context, p *Plan, runs []journal.Run, percent int) (*report.LastMonth, error) {
	run := before(p, runs)
	if run == nil {
		return nil, nil
	}
	customers := balances{}
	for o, err := range s.Journal.RunOrders(ctx, run.ID) {
		if err != nil {
			return nil, err
		}
		if o.Verdict == billing.Mismatched || !o.Order.Outcome.State.Live() {
			continue
		}
		if err := customers.add(o.CustomerNumber, o.Customer, o.Gross, false); err != nil {
			return nil, err
		}
	}
	for i := range p.Orders {
		o := &p.Orders[i]
		if !o.Send && !o.outcome.State.Live() || o.final == billing.FinalConflict {
			continue
		}
		if err := customers.add(o.CustomerNumber, o.Customer, o.Gross, true); err != nil {
			return nil, err
		}
	}
	return compared(run, customers, percent)
}

func (b balances) add(number, name string, gross money.Amount, now bool) (err error) {
	c := b.of(plain(number), plain(name), gross.Currency())
	sum := &c.Before
	if now {
		sum = &c.Now
		c.Customer = plain(name) // as it is called today
	}
	if *sum, err = sum.Add(gross); err != nil {
		return fmt.Errorf("sum of customer %s: %w", c.Number, err)
	}
	return nil
}

// before is the newest finished run of another period. Without a period it is the newest that read none of the plan's lines: the
// same bytes again are this month, not the last one. A register is the same in both.
func before(p *Plan, runs []journal.Run) *journal.Run {
	for i := range runs {
		run := &runs[i]
		again := slices.ContainsFunc(linesOf(run.Files), func(f journal.File) bool {
			return slices.ContainsFunc(p.Files, func(own report.File) bool { return own.SHA256 == f.SHA256 })
		})
		switch period := p.Settings.Period; {
		case run.ExitCode == journal.Unfinished:
		case period != "" && run.Period != "" && run.Period != period, period == "" && !again:
			return run
		}
	}
	return nil
}

// compared sorts the customers into new, gone and changed ones, the largest difference first.
func compared(run *journal.Run, customers balances, percent int) (*report.LastMonth, error) {
	m := &report.LastMonth{Run: run.ID, Period: run.Period, Started: run.Started, ChangePercent: percent}
	for _, c := range customers {
		var err error
		switch {
		case c.Before.Minor() == 0:
			err = m.New.Add(c)
		case c.Now.Minor() == 0:
			err = m.Gone.Add(c)
		case moved(c.Before, c.Now, percent):
			err = m.Changed.Add(c)
		default:
			m.Same++
		}
		if err == nil {
			err = m.All.Sum(c)
		}
		if err != nil {
			return nil, fmt.Errorf("compare with run %s: %w", run.ID, err)
		}
	}
	for _, g := range []*report.CustomerGroup{&m.New, &m.Gone, &m.Changed} {
		slices.SortFunc(g.List, byDifference)
		sortMoney(g.Money)
	}
	sortMoney(m.All.Money)
	return m, nil
}

func sortMoney(sums []report.Shift) {
	slices.SortFunc(sums, func(a, b report.Shift) int {
		return cmp.Compare(a.Now.Currency().Code(), b.Now.Currency().Code())
	})
}

func byDifference(a, b report.CustomerChange) int {
	return cmp.Or(cmp.Compare(a.Now.Currency().Code(), b.Now.Currency().Code()), cmp.Compare(distance(b.Before, b.Now), distance(a.Before, a.Now)),
		cmp.Compare(a.Number, b.Number), cmp.Compare(a.Customer, b.Customer))
}

// distance is how far two sums of orders, which are never negative, lie apart in minor units.
func distance(a, b money.Amount) uint64 {
	return uint64(max(a.Minor(), b.Minor()) - min(a.Minor(), b.Minor())) //nolint:gosec // G115: not negative
}

// moved reports whether now differs from before by more than percent of before, exactly.
func moved(before, now money.Amount, percent int) bool {
	highA, lowA := bits.Mul64(distance(before, now), 100)
	highB, lowB := bits.Mul64(uint64(before.Minor()), uint64(percent)) //nolint:gosec // G115: not negative
	return highA > highB || (highA == highB && lowA > lowB)
}
