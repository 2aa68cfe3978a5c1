package batch

import (
	"context"
	"iter"
	"math"
	"slices"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/report"
)

// ChangePercent is the default for how much a customer's total must differ from last month's, in percent of it, to be
// listed as changed.
const ChangePercent = 30

// beginComparison begins to compare runs that are reported together, or one that is drafted, with those that lastMonth
// finds before them. A part of the shards is compared with nothing, because it does not have all orders of its
// customers.
func beginComparison(ctx context.Context, v journal.View, runs []journal.Run, percent int,
) (*billing.Comparison, error) {
	none := &billing.Comparison{}
	if len(runs) < shardOfRun(&runs[0]).Count {
		return none, nil
	}
	before, err := v.Runs(ctx, runs[0].Account, math.MaxInt32)
	if err != nil {
		return none, err
	}
	for i, earlier := range slices.Backward(before) {
		if slices.ContainsFunc(runs, func(r journal.Run) bool { return r.ID == earlier.ID }) {
			before = before[i+1:] // a run that began later is not last month's
			break
		}
	}
	last := lastMonth(before, &runs[0])
	if len(last) == 0 {
		return none, nil
	}
	m := billing.LastMonth{Run: last[0].ID, Period: last[0].Period, Started: last[0].Started, ChangePercent: percent}
	if len(last) > 1 {
		m.Run += wholeSuffix
	}
	c := billing.CompareWith(m)
	for _, run := range last {
		for o, err := range v.RunOrders(ctx, run.ID) {
			if err != nil {
				return none, err
			}
			final, _ := standing(&o, "")
			c.Before(final, o.CustomerNumber, o.Customer, o.Gross)
		}
	}
	return c, nil
}

// lastMonth is what a run is compared with: of the runs before it, the newest first, the newest finished one of another
// period, with its sibling shards. A pruned run does not count, because it no longer knows its customers. For a run
// without a period it is the newest that read none of the same files of lines: the same file again is this month's.
// Registers may be the same. There may be none.
func lastMonth(before []journal.Run, of *journal.Run) []journal.Run {
	before = slices.DeleteFunc(slices.Clone(before), func(r journal.Run) bool {
		return r.ExitCode == journal.Unfinished || !r.Pruned.IsZero()
	})
	for i := range before {
		run := &before[i]
		if of.Period == "" && sharesLines(run, of) || of.Period != "" && (run.Period == "" || run.Period == of.Period) {
			continue
		}
		if all, missing := siblingsAmong(before, run); len(missing) == 0 {
			return all
		}
	}
	return nil
}

// sharesLines reports whether two runs read lines from the same bytes.
func sharesLines(a, b *journal.Run) bool {
	return slices.ContainsFunc(linesOf(a.Files), func(f journal.File) bool {
		return slices.ContainsFunc(linesOf(b.Files), func(other journal.File) bool { return f.SHA256 == other.SHA256 })
	})
}

// compareOrders passes orders on, adds each to the comparison, and finishes it after the last.
func compareOrders(orders iter.Seq2[report.Order, error], c *billing.Comparison) iter.Seq2[report.Order, error] {
	return func(yield func(report.Order, error) bool) {
		for o, err := range orders {
			if err == nil {
				c.Now(o.Final, o.CustomerNumber, o.Customer, o.Gross)
			}
			if !yield(o, err) || err != nil {
				return
			}
		}
		if err := c.Finish(); err != nil {
			yield(report.Order{}, err)
		}
	}
}
