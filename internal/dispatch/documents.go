package dispatch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/journal"
)

// maxDocument is the largest invoice document that is fetched, in bytes.
const maxDocument = 20 << 20

// Fetched is what came of fetching documents.
type Fetched struct {
	Saved   int
	Missing int    // documents that the provider did not give
	Why     string // order and reason of the first missing one, without the provider's words, which may hold names
	Reason  Reason
}

// Documents fetches the document of every live invoice of the run that has one, as PDF, and gives it to save under the
// invoice number, once for an invoice of several orders. For a name that it has already, save returns false and does
// not call write.
//
// A document that the provider does not give counts as missing, and the others are fetched. The error is one that ends
// the work: refused credentials, the journal's, or save's own.
func Documents(ctx context.Context, j *journal.Journal, c *dintero.Client, cfg Config,
	save func(name string, write func(io.Writer) error) (bool, error),
) (Fetched, error) {
	f := &fetcher{dispatcher: newDispatcher(j, c, cfg)}
	if cfg.DocumentDone != nil {
		for range f.documents(ctx) { // counting takes far less time than fetching
			f.total++
		}
	}
	var workers errgroup.Group
	workers.SetLimit(cfg.Concurrency)
	for name, o := range f.documents(ctx) {
		workers.Go(f.worker(func() {
			saved, err := save(name, func(w io.Writer) error { return c.Document(ctx, o.InvoiceURL, w, maxDocument) })
			f.record(ctx, o.Reference, saved, err)
		}))
	}
	_ = workers.Wait() // workers keep their errors in f.err
	reason, err := f.result()
	f.fetched.Reason = reason
	return f.fetched, err
}

// documents gives the names of the run's documents, each with an order that it is for, until a stop.
func (f *fetcher) documents(ctx context.Context) iter.Seq2[string, journal.Order] {
	return func(yield func(string, journal.Order) bool) {
		seen := map[string]bool{}
		for ro, err := range f.journal.RunOrders(ctx, f.Run) {
			if f.stopped(ctx) {
				return
			}
			if err != nil {
				f.fail(fmt.Errorf(msgReadDocuments, err))
				return
			}
			o := ro.Order
			if ro.Decision == billing.Mismatched || !o.State.Live() || o.InvoiceURL == "" || !f.Shard.Has(o.Reference) {
				continue
			}
			name := documentName(&o)
			if !seen[name] && !yield(name, o) {
				return
			}
			seen[name] = true
		}
	}
}

// fetcher is Documents in progress.
type fetcher struct {
	*dispatcher
	total     int // documents, 0 if nobody watches the progress
	fetchedMu sync.Mutex
	done      int
	fetched   Fetched
}

// record counts what came of one document.
func (f *fetcher) record(ctx context.Context, reference string, saved bool, err error) {
	refused, provider := errors.AsType[*dintero.Error](err)
	switch {
	case f.gaveUp(ctx, err):
		return
	case errors.Is(err, dintero.ErrCredentials):
		f.fail(fmt.Errorf(msgDocument, reference, err))
		return
	case err != nil && !provider: // the others could not be saved either
		f.stop(Finished, fmt.Errorf(msgDocument, reference, err))
		return
	}
	f.fetchedMu.Lock()
	defer f.fetchedMu.Unlock()
	if f.done++; f.DocumentDone != nil {
		f.DocumentDone(f.done, f.total)
	}
	switch {
	case err != nil:
		f.fetched.Missing++
		if f.fetched.Why == "" {
			f.fetched.Why = fmt.Sprintf(msgMissing, reference, missing(refused))
		}
	case saved:
		f.fetched.Saved++
	}
}

// missing says why the provider did not give a document.
func missing(err *dintero.Error) string {
	if err.Status != 0 {
		return codeStatus(string(err.Code), err.Status)
	}
	return err.Message
}

// documentName is the invoice number, or the reference if there is none, with _ for every character that could mean
// something to a file system.
func documentName(o *journal.Order) string {
	name := o.InvoiceNumber
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
