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

// ChangePercent is by how much of last month's total a customer's must differ to be listed as changed, where
// nobody says otherwise.
const ChangePercent = 30

// compared begins the comparison of runs that are reported together, or of one that is planned, with what
// lastMonth finds before them. A part of the shards is compared with nothing: it does not have all orders of
// its customers.
func compared(ctx context.Context, v journal.View, runs []journal.Run, percent int) (*billing.Comparison, error) {
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
			before = before[i+1:] // what was begun later is no last month
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

// lastMonth is what a run is compared with, of the account's runs before it with the newest first: the newest
// finished one of another period, with all its shards; a pruned one does not know its customers. For a run
// without a period it is the newest that read none of its lines: the same bytes again are this month, not the
// last one. A register is the same in both. There may be none.
func lastMonth(before []journal.Run, of *journal.Run) []journal.Run {
	before = slices.DeleteFunc(slices.Clone(before), func(r journal.Run) bool {
		return r.ExitCode == journal.Unfinished || !r.Pruned.IsZero()
	})
	for i := range before {
		run := &before[i]
		if of.Period == "" && sharesLines(run, of) || of.Period != "" && (run.Period == "" || run.Period == of.Period) {
			continue
		}
		if all, missing := sistersAmong(before, run); len(missing) == 0 {
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

// comparing has the comparison count orders on their way, and finish after the last.
func comparing(orders iter.Seq2[report.Order, error], c *billing.Comparison) iter.Seq2[report.Order, error] {
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
