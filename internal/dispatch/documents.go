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
	total, err := d.countDocuments(ctx)
	if err != nil {
		return 0, err
	}
	done := 0
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
		if done++; cfg.Fetched != nil {
			cfg.Fetched(done, total)
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
		if !d.hasDocument(&ro) {
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

func (d *dispatcher) hasDocument(ro *journal.RunOrder) bool {
	return ro.Verdict != billing.Mismatched && ro.Order.Outcome.State.Live() && ro.Order.Outcome.InvoiceURL != "" && d.mine(ro.Order.Reference)
}

// countDocuments goes through the run's orders once for the sake of progress: the provider's answers take far longer.
func (d *dispatcher) countDocuments(ctx context.Context) (total int, err error) {
	if d.Fetched == nil {
		return 0, nil
	}
	for ro, err := range d.journal.RunOrders(ctx, d.Run) {
		if err != nil {
			return 0, err
		}
		if d.hasDocument(&ro) {
			total++
		}
	}
	return total, nil
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
