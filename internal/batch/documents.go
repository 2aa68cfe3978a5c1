package batch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"kraviabatch/internal/atomicfile"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/journal"
)

// Fetched says which of a run's documents were fetched.
type Fetched struct {
	Saved   int
	Notices []string // of documents that could not be fetched
	Reason  dispatch.Reason
}

// Documents fetches the invoice documents of a run, and of its sibling shards, into a folder, under their invoice
// numbers. A document that is there already is not fetched again. A notice counts those that the provider does not
// give.
func Documents(ctx context.Context, j *journal.Journal, c *dintero.Client, cfg dispatch.Config, run journal.Run,
	dir string, progress Progress,
) (Fetched, error) {
	cfg.DocumentDone = func(done, total int) { progress.notify(StageDocuments, done, total) }
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
	runs, _, err := siblings(ctx, j.View, run)
	for _, r := range runs {
		cfg.Run = r.ID
		fetched, fetchErr := dispatch.Documents(ctx, j, c, cfg, save)
		all.Saved += fetched.Saved
		if fetched.Missing > 0 {
			all.Notices = append(all.Notices, fmt.Sprintf(msgDocumentsMissing, fetched.Missing, fetched.Why, dir))
		}
		all.Reason, err = fetched.Reason, errors.Join(err, fetchErr)
		if all.Reason != dispatch.Finished || fetchErr != nil {
			break
		}
	}
	return all, err
}
