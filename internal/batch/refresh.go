package batch

import (
	"context"
	"errors"
	"maps"

	"kraviabatch/internal/dintero"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/journal"
)

// Refresh looks up the orders of a run, and of its sibling shards, and gives what the run's report, made by [Rewrite],
// says of it. It sends no order. Its reason is Finished when every order was looked up.
func Refresh(ctx context.Context, j *journal.Journal, c *dintero.Client, cfg dispatch.Config, run journal.Run,
	all bool,
) Rewriting {
	w := Rewriting{Changes: map[string]string{}, Reason: dispatch.Finished}
	runs, _, err := siblings(ctx, j.View, run)
	if err != nil {
		w.Failure = err
		return w
	}
	before, err := unclearElsewhere(ctx, j, cfg.Shard, runs)
	for _, r := range runs {
		if err != nil || w.Reason != dispatch.Finished {
			break
		}
		cfg.Run = r.ID
		found, why, refreshErr := dispatch.Refresh(ctx, j, c, cfg, all)
		maps.Copy(w.Changes, found)
		w.Reason, w.Failure = why, errors.Join(w.Failure, refreshErr)
	}
	notices, unread := clearedNotices(context.WithoutCancel(ctx), j, before)
	w.Notices, w.Failure = notices, errors.Join(w.Failure, err, unread)
	return w
}
