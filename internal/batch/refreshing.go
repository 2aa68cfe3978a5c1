package batch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"

	"kraviabatch/internal/atomicfile"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/journal"
)

// Refresh looks up the orders of a run, and of its sister shards, and gives what is to be told of it in the
// run's report. It makes no payment. The reason is Finished when every order was looked up.
func Refresh(ctx context.Context, j *journal.Journal, c *dintero.Client, cfg dispatch.Config, run journal.Run,
	all bool,
) Rewriting {
	w := Rewriting{Changes: map[string]string{}, Reason: dispatch.Finished}
	runs, _, err := sisters(ctx, j.View, run)
	if err != nil {
		w.Failure = err
		return w
	}
	before, err := doubts(ctx, j, cfg.Shard, runs)
	for _, r := range runs {
		if err != nil || w.Reason != dispatch.Finished {
			break
		}
		cfg.Run = r.ID
		found, why, refreshErr := dispatch.Refresh(ctx, j, c, cfg, all)
		maps.Copy(w.Changes, found)
		w.Reason, w.Failure = why, errors.Join(w.Failure, refreshErr)
	}
	notices, unread := settled(context.WithoutCancel(ctx), j, before)
	w.Notices, w.Failure = notices, errors.Join(w.Failure, err, unread)
	return w
}

// Fetched is what came of fetching a run's documents.
type Fetched struct {
	Saved   int
	Notices []string // of documents that could not be had
	Reason  dispatch.Reason
}

// Documents fetches the invoice documents of a run, and of its sister shards, into a folder, under their
// invoice numbers. What is there already is not fetched again. What the provider does not give is told in a
// notice.
func Documents(ctx context.Context, j *journal.Journal, c *dintero.Client, cfg dispatch.Config, run journal.Run,
	dir string, told Progress,
) (Fetched, error) {
	cfg.DocumentDone = func(done, total int) { told.tell(StageDocuments, done, total) }
	save := func(name string, write func(io.Writer) error) (bool, error) {
		_, err := os.Stat(filepath.Join(dir, name))
		switch {
		case err == nil:
			return false, nil
		case !errors.Is(err, fs.ErrNotExist):
			return false, err
		}
		_, err = atomicfile.Create(dir, name, write)
		return err == nil, err
	}
	atomicfile.Sweep(dir)
	all := Fetched{Reason: dispatch.Finished}
	runs, _, err := sisters(ctx, j.View, run)
	for _, r := range runs {
		cfg.Run = r.ID
		fetched, fetchErr := dispatch.Documents(ctx, j, c, cfg, save)
		all.Saved += fetched.Saved
		if fetched.Missing > 0 {
			all.Notices = append(all.Notices,
				fmt.Sprintf(
					"documents that could not be fetched: %d, the first that of %s; `kravia-batch refresh --documents %s` fetches what is missing", fetched.Missing, fetched.Why, dir))
		}
		all.Reason, err = fetched.Reason, errors.Join(err, fetchErr)
		if all.Reason != dispatch.Finished || fetchErr != nil {
			break
		}
	}
	return all, err
}
