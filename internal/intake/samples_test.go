package intake_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/intake"
)

// TestReadyProfiles reads the sample of each ready profile.
func TestReadyProfiles(t *testing.T) {
	t.Parallel()
	dir := filepath.Join("..", "..", "samples", "profiles")
	paths, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	require.NoError(t, err)
	want := map[string][]string{
		"tripletex.csv":       {"2 order_reference=10001", "3 order_reference=10001", "4 order_reference=10002"},
		"fiken.csv":           {"2 order_reference=F-2026-11-1", "3 order_reference=F-2026-11-2"},
		"poweroffice-go.xlsx": {"3 order_reference=5001", "4 order_reference=5001", "5 order_reference=5002"},
		"fortnox.xlsx":        {"2 order_reference=301", "3 order_reference=301", "4 order_reference=302"},
		"visma-eekonomi.csv":  {"2 order_reference=9001", "3 order_reference=9001", "4 order_reference=9002"},
	}
	require.Len(t, paths, len(want))
	for name, starts := range want {
		p, err := intake.LoadProfile(filepath.Join(dir, strings.TrimSuffix(name, filepath.Ext(name))+".yaml"))
		require.NoError(t, err)
		f, err := intake.Open(t.Context(), filepath.Join(dir, name), intake.Options{Profile: p})
		require.NoError(t, err, name)
		got := lines(t.Context(), t, f)
		require.Len(t, got, len(starts), name)
		for i, start := range starts {
			require.True(t, strings.HasPrefix(got[i], start), got[i])
			require.NotContains(t, got[i], "!", name)
			for _, column := range []string{"business_name=", "organization_number=", "description=", "unit_price=", "quantity=", "vat="} {
				require.Contains(t, got[i], column, name)
			}
		}
		require.NoError(t, f.Close())
	}
}
