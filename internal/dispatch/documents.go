package dispatch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/journal"
)

// maxDocument is the largest invoice document that is fetched, in bytes.
const maxDocument = 20 << 20

// Documents fetches the document of every live invoice of the run that has one, as PDF, and gives it to save under the
// invoice number. save reports false, and does not call write, for a name that it has already. One document that cannot be
// had does not keep the others from being fetched: all errors come back together.
func Documents(ctx context.Context, j *journal.Journal, c *dintero.Client, cfg Config, save func(name string, write func(io.Writer) error) (bool, error)) (fetched int, err error) {
	d := newDispatcher(j, c, cfg)
	var workers errgroup.Group
	workers.SetLimit(cfg.Concurrency)
	var mu sync.Mutex
	var failures []error
	note := func(reference string, saved bool, err error) {
		mu.Lock()
		defer mu.Unlock()
		if saved {
			fetched++
		}
		if err != nil {
			failures = append(failures, fmt.Errorf("document of order %s: %w", reference, err))
		}
	}
	for ro, readErr := range j.RunOrders(ctx, cfg.Run) {
		if readErr != nil {
			err = readErr
			break
		}
		o := ro.Order
		if d.stopped(ctx) {
			break
		}
		if ro.Verdict == billing.Mismatched || !o.Outcome.State.Live() || o.Outcome.InvoiceURL == "" || !d.mine(o.Reference) {
			continue
		}
		workers.Go(func() error {
			saved, err := save(documentName(&o), func(w io.Writer) error { return c.Document(ctx, o.Outcome.InvoiceURL, w, maxDocument) })
			note(o.Reference, saved, err)
			return nil
		})
	}
	_ = workers.Wait() // workers note their errors
	return fetched, errors.Join(err, errors.Join(failures...))
}

// documentName is the invoice number, or the reference where there is none, with nothing in it that means something to a
// file system.
func documentName(o *journal.Order) string {
	name := o.Outcome.InvoiceNumber
	if name == "" {
		name = o.Reference
	}
	name = strings.Map(func(r rune) rune {
		if (r >= '0' && r <= '9') || (r >= 'A' && r <= 'Z') || (r >= 'a' && r <= 'z') || r == '-' || r == '_' {
			return r
		}
		return '_'
	}, name)
	return name + ".pdf"
}
