package intake_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/intake"
)

// open surveys a file of testdata and closes it when the test ends.
func open(t *testing.T, path string, p *intake.Profile) (*intake.File, error) {
	t.Helper()
	f, err := intake.Open(t.Context(), filepath.Join("testdata", path), intake.Options{Profile: p, TmpDir: t.TempDir()})
	if err == nil {
		t.Cleanup(func() { require.NoError(t, f.Close()) })
	}
	return f, err
}

// lines renders each record as its row number, its filled known columns and the codes of its problems.
func lines(ctx context.Context, t *testing.T, f *intake.File) []string {
	t.Helper()
	var all []string
	for r, err := range f.Records(ctx) {
		require.NoError(t, err)
		require.Equal(t, f.Name, r.File)
		require.Equal(t, f.Tables[0].Sheet, r.Sheet)
		require.Len(t, r.Cells, len(f.Tables[0].Header))
		var b strings.Builder
		fmt.Fprintf(&b, "%d", r.Row)
		for _, c := range billing.Columns() {
			if v := r.Get(c); v != "" {
				fmt.Fprintf(&b, " %s=%s", c, v)
			}
		}
		for _, said := range r.Currencies {
			fmt.Fprintf(&b, " ~%s:%s", said.Column, said.Word)
		}
		for _, p := range r.Problems {
			require.Equal(t, r.Row, p.Row)
			fmt.Fprintf(&b, " !%s", p.Code)
		}
		all = append(all, b.String())
	}
	require.Len(t, all, f.Rows)
	require.Len(t, f.Tables[0].Known, len(f.Tables[0].Header))
	return all
}
