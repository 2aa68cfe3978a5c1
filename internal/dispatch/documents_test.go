package dispatch_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/simulator"
)

// Every kind of answer that the provider may give for a document leads to the PDF, fetched once.
func TestDocuments(t *testing.T) {
	for _, mode := range []simulator.FileMode{simulator.FilesJSON, simulator.FilesPDF, simulator.FilesRedirect} {
		t.Run(fmt.Sprint(mode), func(t *testing.T) {
			inTime(t, simulator.Options{Files: mode, Faults: []simulator.Fault{refuses(simulator.OpFile, 500)}},
				func(t *testing.T, b *bundle) {
					run, _ := b.run(dispatch.OneStep, many(3)...)
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
					fetched, err := dispatch.Documents(t.Context(), b.journal, b.client(), b.configOf(run), save)
					require.NoError(t, err)
					require.Equal(t, 2, fetched.Saved, "one that fails does not keep the others")
					require.Equal(t, 1, fetched.Missing)
					require.Regexp(t, `^order R-\d+: provider.unavailable \(HTTP 500\)$`, fetched.Why)
					fetched, err = dispatch.Documents(t.Context(), b.journal, b.client(), b.configOf(run), save)
					require.NoError(t, err)
					require.Equal(t, dispatch.Fetched{Saved: 1, Reason: dispatch.Finished}, fetched)
					require.Len(t, files, 3)
					for name, data := range files {
						require.Regexp(t, `^INV-\d{4}-\d+\.pdf$`, name)
						require.True(t, strings.HasPrefix(data, "%PDF-"))
					}
				})
		})
	}
}

// The orders of one grouped invoice have one document, which is asked for once.
func TestDocumentOfSeveralOrders(t *testing.T) {
	inTime(t, simulator.Options{Files: simulator.FilesPDF}, func(t *testing.T, b *bundle) {
		run, _ := b.run(dispatch.OneStep, many(8, grouped)...)
		_, err := b.provider.Issue(time.Now().AddDate(0, 2, 0))
		require.NoError(t, err)
		_, _, err = b.refresh(run, false)
		require.NoError(t, err)
		numbers := map[string]bool{}
		for _, o := range many(8) {
			numbers[b.outcome(run, o.Reference).InvoiceNumber] = true
		}
		require.Len(t, numbers, 1, "one invoice for all")
		require.Equal(t, dispatch.Fetched{Saved: 1, Reason: dispatch.Finished}, b.documents(run))
		require.Equal(t, 1, b.count(simulator.OpFile))
	})
}

// A folder that cannot be written is no matter of one document.
func TestDocumentsCannotBeSaved(t *testing.T) {
	inTime(t, simulator.Options{}, func(t *testing.T, b *bundle) {
		run, _ := b.run(dispatch.OneStep, many(3)...)
		full := errors.New("no space left on device")
		b.config.Concurrency = 1
		tries := 0
		fetched, err := dispatch.Documents(t.Context(), b.journal, b.client(), b.configOf(run),
			func(string, func(io.Writer) error) (bool, error) {
				tries++
				return false, full
			})
		require.ErrorIs(t, err, full)
		require.Equal(t, dispatch.Fetched{Reason: dispatch.Finished}, fetched,
			"neither a signal nor the journal, and none is missing at the provider")
		require.Less(t, tries, 3)
	})
}
