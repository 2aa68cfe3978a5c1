package planfile

import (
	"cmp"
	"fmt"
	"iter"
	"math/bits"
	"slices"
	"strings"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/money"
)

// maxListed is how many customers each list of the comparison has; a plan's head is held in memory.
const maxListed = 10_000

// customer tells customers apart: by their number, or by their name where they have none. Every currency counts by itself.
type customer struct {
	currency     money.Currency
	number, name string // one of them
}

// comparison adds up what customers are billed in a plan and were in an earlier run. It takes memory by customers.
type comparison struct {
	run       *journal.Run
	percent   int
	customers map[customer]*billing.CustomerChange
}

// CompareWith has the orders that follow compared with those of an earlier run, customer by customer; one whose total differs by
// more than percent counts as changed.
func (d *Draft) CompareWith(run *journal.Run, orders iter.Seq2[journal.RunOrder, error], percent int) error {
	c := &comparison{run: run, percent: percent, customers: map[customer]*billing.CustomerChange{}}
	for o, err := range orders {
		if err != nil {
			return err
		}
		if o.Verdict != billing.Mismatched && o.Order.State.Live() {
			c.add(o.CustomerNumber, o.Customer, o.Gross, false)
		}
	}
	d.month = c
	return nil
}

func (c *comparison) add(number, name string, gross money.Amount, now bool) {
	number, name = plain(number), plain(name)
	key := customer{currency: gross.Currency(), number: number}
	if number == "" {
		key.name = strings.ToLower(strings.Join(strings.Fields(name), " "))
	}
	sums := c.customers[key]
	if sums == nil {
		none := money.New(0, key.currency)
		sums = &billing.CustomerChange{Number: number, Customer: name, Before: none, Now: none}
		c.customers[key] = sums
	}
	// Neither sum overflows: an order has at most 2^31 minor units.
	if now {
		sums.Customer = name // as it is called today
		sums.Now, _ = sums.Now.Add(gross)
	} else {
		sums.Before, _ = sums.Before.Add(gross)
	}
}

// LastMonthOf is the run to compare a plan with, of an account's runs with the newest first: the newest finished one of another period.
// Without a period it is the newest that read none of the plan's lines: the same bytes again are this month, not the last one. A
// register is the same in both. It is nil when there is none.
func (h *Head) LastMonthOf(runs []journal.Run) *journal.Run {
	for i := range runs {
		run := &runs[i]
		again := slices.ContainsFunc(run.Files, func(f journal.File) bool {
			return f.Register == "" && slices.ContainsFunc(h.Inputs, func(own Input) bool { return own.SHA256 == f.SHA256 })
		})
		switch period := h.Settings.Period; {
		case run.ExitCode == journal.Unfinished:
		case period != "" && run.Period != "" && run.Period != period, period == "" && !again:
			return run
		}
	}
	return nil
}

// result sorts the customers into new, gone and changed ones, the largest difference first.
func (c *comparison) result() (*billing.LastMonth, error) {
	m := &billing.LastMonth{Run: c.run.ID, Period: c.run.Period, Started: c.run.Started, ChangePercent: c.percent}
	groups := []*billing.CustomerGroup{&m.All, &m.New, &m.Gone, &m.Changed}
	for _, change := range c.customers {
		var err error
		switch {
		case change.Before.Minor() == 0:
			err = m.New.Add(change)
		case change.Now.Minor() == 0:
			err = m.Gone.Add(change)
		case moved(change.Before, change.Now, c.percent):
			err = m.Changed.Add(change)
		default:
			m.Same++
		}
		if err == nil {
			err = m.All.Sum(change)
		}
		for _, g := range groups {
			if len(g.List) == 2*maxListed {
				shorten(g)
			}
		}
		if err != nil {
			return nil, fmt.Errorf("compare with run %s: %w", c.run.ID, err)
		}
	}
	for _, g := range groups {
		shorten(g)
		slices.SortFunc(g.Money, func(a, b billing.Shift) int { return cmp.Compare(a.Now.Currency().Code(), b.Now.Currency().Code()) })
	}
	return m, nil
}

// shorten keeps the largest differences.
func shorten(g *billing.CustomerGroup) {
	slices.SortFunc(g.List, func(a, b billing.CustomerChange) int {
		return cmp.Or(cmp.Compare(a.Now.Currency().Code(), b.Now.Currency().Code()), cmp.Compare(distance(b.Before, b.Now), distance(a.Before, a.Now)),
			cmp.Compare(a.Number, b.Number), cmp.Compare(a.Customer, b.Customer))
	})
	g.Cut(maxListed)
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
