package dispatch_test

import (
	"bytes"
	"context"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/simulator"
)

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
