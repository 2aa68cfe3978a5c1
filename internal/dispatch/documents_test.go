package dispatch_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/simulator"
)

// The orders of one grouped invoice have one document, which is asked for once.
func TestDocumentOfSeveralOrders(t *testing.T) {
	t.Parallel()
	b := setup(t, simulator.Options{Files: simulator.FilesPDF})
	defer b.close()
	run := b.plan(dispatch.OneStep, grouped(8)...)
	require.Equal(t, 8, b.sendFast(run))
	_, err := b.provider.Issue(time.Now().AddDate(0, 2, 0))
	require.NoError(t, err)
	cfg := b.config
	cfg.Run = run
	c := b.client(b.provider.Transport(), "secret")
	_, _, err = dispatch.Refresh(t.Context(), b.journal, c, cfg, false)
	require.NoError(t, err)
	numbers := map[string]bool{}
	for _, o := range many(8) {
		numbers[b.outcome(run, o.Reference).InvoiceNumber] = true
	}
	require.Len(t, numbers, 1, "one invoice for all")
	fetched, err := dispatch.Documents(t.Context(), b.journal, c, cfg, func(_ string, write func(io.Writer) error) (bool, error) {
		return true, write(io.Discard)
	})
	require.NoError(t, err)
	require.Equal(t, dispatch.Fetched{Saved: 1, Reason: dispatch.Finished}, fetched)
	require.Equal(t, 1, b.provider.Requests().Calls[simulator.OpFile])
}

// A folder that cannot be written is no matter of one document.
func TestDocumentsCannotBeSaved(t *testing.T) {
	t.Parallel()
	b := setup(t, simulator.Options{})
	defer b.close()
	run := b.plan(dispatch.OneStep, many(3)...)
	b.sendFast(run)
	full := errors.New("no space left on device")
	cfg := b.config
	cfg.Run = run
	cfg.Concurrency = 1
	tries := 0
	fetched, err := dispatch.Documents(t.Context(), b.journal, b.client(b.provider.Transport(), "secret"), cfg, func(string, func(io.Writer) error) (bool, error) {
		tries++
		return false, full
	})
	require.ErrorIs(t, err, full)
	require.Equal(t, dispatch.Fetched{Reason: dispatch.Finished}, fetched, "neither a signal nor the journal, and none is missing at the provider")
	require.Less(t, tries, 3)
}

// Every kind of answer that the provider may give for a document leads to the PDF, fetched once.
func TestDocuments(t *testing.T) {
	t.Parallel()
	for _, mode := range []simulator.FileMode{simulator.FilesJSON, simulator.FilesPDF, simulator.FilesRedirect} {
		synctest.Test(t, func(t *testing.T) {
			b := setup(t, simulator.Options{
				Files:  mode,
				Faults: []simulator.Fault{{Operation: simulator.OpFile, Action: simulator.ActionStatus, Status: 500, Times: 1}},
			})
			defer b.close()
			run := b.plan(dispatch.OneStep, many(3)...)
			_, err := b.send(run)
			require.NoError(t, err)
			var mu sync.Mutex
			files := map[string]string{}
			save := func(name string, write func(io.Writer) error) (bool, error) {
				mu.Lock()
				_, have := files[name]
				mu.Unlock()
				if have {
					return false, nil
				}
				var data bytes.Buffer
				if err := write(&data); err != nil {
					return false, err
				}
				mu.Lock()
				defer mu.Unlock()
				files[name] = data.String()
				return true, nil
			}
			cfg := b.config
			cfg.Run = run
			c := b.client(b.provider.Transport(), "secret")
			fetched, err := dispatch.Documents(context.Background(), b.journal, c, cfg, save)
			require.NoError(t, err)
			require.Equal(t, 2, fetched.Saved, "one that fails does not keep the others")
			require.Equal(t, 1, fetched.Missing)
			require.Regexp(t, `^order R-\d+: provider.unavailable \(HTTP 500\)$`, fetched.Why)
			fetched, err = dispatch.Documents(context.Background(), b.journal, c, cfg, save)
			require.NoError(t, err)
			require.Equal(t, dispatch.Fetched{Saved: 1, Reason: dispatch.Finished}, fetched)
			require.Len(t, files, 3)
			for name, data := range files {
				require.Regexp(t, `^INV-\d{4}-\d+\.pdf$`, name)
				require.True(t, strings.HasPrefix(data, "%PDF-"))
			}
		})
	}
}
