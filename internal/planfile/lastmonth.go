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
	currency money.Currency
	id       string
	named    bool
}

// balance is what a customer is billed, then and now, in minor units.
type balance struct {
	name        string // as it is called today
	before, now int64
}

// comparison adds up what customers are billed in a plan and were in an earlier run. It takes memory by customers.
type comparison struct {
	run       *journal.Run
	percent   int
	customers map[customer]balance
}

// CompareWith has the orders that follow compared with those of an earlier run, customer by customer; one whose total differs by
// more than percent counts as changed.
func (d *Draft) CompareWith(run *journal.Run, orders iter.Seq2[journal.RunOrder, error], percent int) error {
	c := &comparison{run: run, percent: percent, customers: map[customer]balance{}}
	for o, err := range orders {
		if err != nil {
			return err
		}
		if o.Verdict == billing.Mismatched || !o.Order.State.Live() {
			continue
		}
		c.add(o.CustomerNumber, o.Customer, o.Gross, false)
	}
	d.month = c
	return nil
}

func (c *comparison) add(number, name string, gross money.Amount, now bool) {
	number, name = plain(number), plain(name)
	key := customer{gross.Currency(), number, false}
	if number == "" {
		key.id, key.named = strings.ToLower(strings.Join(strings.Fields(name), " ")), true
	}
	b, known := c.customers[key]
	if now || !known {
		b.name = name
	}
	if now {
		b.now += gross.Minor() // an order has at most 2^31 minor units
	} else {
		b.before += gross.Minor()
	}
	c.customers[key] = b
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
	for key, b := range c.customers {
		change := billing.CustomerChange{Customer: b.name, Before: money.New(b.before, key.currency), Now: money.New(b.now, key.currency)}
		if !key.named {
			change.Number = key.id
		}
		var err error
		switch {
		case b.before == 0:
			err = m.New.Add(&change)
		case b.now == 0:
			err = m.Gone.Add(&change)
		case moved(change.Before, change.Now, c.percent):
			err = m.Changed.Add(&change)
		default:
			m.Same++
		}
		if err == nil {
			err = m.All.Sum(&change)
		}
		for _, g := range []*billing.CustomerGroup{&m.New, &m.Gone, &m.Changed} {
			if len(g.List) == 2*maxListed {
				shorten(g)
			}
		}
		if err != nil {
			return nil, fmt.Errorf("compare with run %s: %w", c.run.ID, err)
		}
	}
	for _, g := range []*billing.CustomerGroup{&m.New, &m.Gone, &m.Changed} {
		shorten(g)
		sortMoney(g.Money)
	}
	sortMoney(m.All.Money)
	return m, nil
}

// shorten keeps the largest differences.
func shorten(g *billing.CustomerGroup) {
	slices.SortFunc(g.List, byDifference)
	g.Cut(maxListed)
}

func sortMoney(sums []billing.Shift) {
	slices.SortFunc(sums, func(a, b billing.Shift) int {
		return cmp.Compare(a.Now.Currency().Code(), b.Now.Currency().Code())
	})
}

func byDifference(a, b billing.CustomerChange) int {
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
