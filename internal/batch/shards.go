package batch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"kraviabatch/internal/journal"
	"kraviabatch/internal/money"
	"kraviabatch/internal/report"
)

// wholeSuffix makes of a shard's run ID the name of the report over all shards.
const wholeSuffix = "-whole"

// shardOfRun is the shard that a run took, zero for a run of all orders.
func shardOfRun(r *journal.Run) (shard journal.Shard) {
	for _, s := range settingsOf(r) {
		if s.Name == shardSetting {
			_, _ = fmt.Sscanf(s.Value, "%d/%d", &shard.Index, &shard.Count) // written by newRun
		}
	}
	return shard
}

// siblings are the newest runs of every shard that read the same files as r, with r itself, in the order of the shards;
// missing names the shards that have not read them yet. A run of all orders is alone.
func siblings(ctx context.Context, j journal.View, r journal.Run) (runs []journal.Run, missing []string, err error) {
	shard := shardOfRun(&r)
	if shard.Count == 0 {
		return []journal.Run{r}, nil, nil
	}
	all, err := j.Runs(ctx, r.Account, 100*shard.Count)
	if err != nil {
		return nil, nil, err
	}
	runs, missing = siblingsAmong(all, &r)
	for i := range runs {
		if runs[i], err = j.FindRun(ctx, runs[i].ID); err != nil { // with its tables
			return nil, nil, err
		}
	}
	return runs, missing, nil
}

// siblingsAmong are the siblings of r among runs of its account, which come with the newest first.
func siblingsAmong(all []journal.Run, r *journal.Run) (runs []journal.Run, missing []string) {
	shard := shardOfRun(r)
	if shard.Count == 0 {
		return []journal.Run{*r}, nil
	}
	newest := map[int]journal.Run{}
	for _, other := range all {
		s := shardOfRun(&other)
		_, seen := newest[s.Index]
		if s.Count == shard.Count && !seen && !unread(&other) && sameFiles(r, &other) {
			newest[s.Index] = other
		}
	}
	for i := range shard.Count {
		if run, ok := newest[i]; ok {
			runs = append(runs, run)
		} else {
			missing = append(missing, fmt.Sprintf("%d/%d", i, shard.Count))
		}
	}
	return runs, missing
}

// unread reports whether the run has not recorded its input. Then it has sent nothing either.
func unread(r *journal.Run) bool { return r.Control.Rows == 0 && r.Finished.IsZero() }

func sameFiles(a, b *journal.Run) bool {
	return slices.EqualFunc(a.Files, b.Files, func(x, y journal.File) bool {
		return x.SHA256 == y.SHA256 && x.Register == y.Register
	})
}

// control are the control totals of runs, added up. Where the runs cover the entire input, the rows are those that were
// counted while the files were read, so that a row lost since then shows, and the totals that the user expects hold. A
// part of the shards has its share of the sums.
func control(runs []journal.Run) (c report.Control, err error) {
	for _, r := range runs {
		c.Rows += r.Control.Rows
		c.InvalidOrders += r.Control.InvalidOrders
		c.LeftOut += r.Control.LeftOut
		err = errors.Join(addAll(&c.Money, r.Control.Money), addAll(&c.Net, r.Control.Net),
			addAll(&c.VAT, r.Control.VAT))
		if err != nil {
			return c, err
		}
	}
	if len(runs) == max(1, shardOfRun(&runs[0]).Count) {
		c.Rows = rowsOf(runs[0].Files)
		for _, r := range runs {
			c.Expected = cmp.Or(c.Expected, (*report.Expected)(r.Control.Expected))
		}
	}
	return c, nil
}

func addAll(sums *[]money.Amount, parts []money.Amount) (err error) {
	for _, part := range parts {
		err = errors.Join(err, AddTo(sums, part))
	}
	return err
}

// reportWhole writes the report over all shards when this run is the last of them to finish.
func (s *Settings) reportWhole(ctx context.Context, run journal.Run, result *Result) error {
	if s.Shard.Count == 0 {
		return nil
	}
	runs, missing, err := siblings(ctx, s.Journal.View, run)
	unfinished := func(r journal.Run) bool { return r.Finished.IsZero() }
	if err != nil || len(missing) > 0 || slices.ContainsFunc(runs, unfinished) {
		return err
	}
	summary, err := Rewrite(ctx, s.Journal, run.ID, Rewriting{
		Reports: s.Reports, Formats: s.Formats, PostingsFrom: s.PostingsFrom, Language: s.Language,
		Progress: s.Progress,
	})
	if summary != nil {
		result.Notices = append(result.Notices, fmt.Sprintf(msgWholeReport, strings.Join(summary.Reports, ", ")))
	}
	return err
}
