package batch

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"

	"kraviabatch/internal/dintero"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/report"
)

// Refresh looks up the orders of a run, and of its sister shards. It makes no payment. changes are by reference.
func Refresh(ctx context.Context, j *journal.Journal, c *dintero.Client, cfg dispatch.Config, run journal.Run, all bool) (changes map[string]string, err error) {
	changes = map[string]string{}
	runs, _, err := sisters(ctx, j, run)
	for _, r := range runs {
		cfg.Run = r.ID
		found, refreshErr := dispatch.Refresh(ctx, j, c, cfg, all)
		maps.Copy(changes, found)
		err = errors.Join(err, refreshErr)
	}
	return changes, err
}

// Documents fetches the invoice documents of a run, and of its sister shards, into a folder, under their invoice numbers. What
// is there already is not fetched again.
func Documents(ctx context.Context, j *journal.Journal, c *dintero.Client, cfg dispatch.Config, run journal.Run, dir string) (fetched int, err error) {
	save := func(name string, write func(io.Writer) error) (bool, error) {
		_, err := os.Stat(filepath.Join(dir, name))
		switch {
		case err == nil:
			return false, nil
		case !errors.Is(err, fs.ErrNotExist):
			return false, err
		}
		_, err = report.CreateWhole(dir, name, write)
		return err == nil, err
	}
	runs, _, err := sisters(ctx, j, run)
	for _, r := range runs {
		cfg.Run = r.ID
		n, documentErr := dispatch.Documents(ctx, j, c, cfg, save)
		fetched += n
		err = errors.Join(err, documentErr)
	}
	return fetched, err
}
