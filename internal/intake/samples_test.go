package intake_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/intake"
)

// TestReadyProfiles reads the sample of each ready profile; files after the first are registers.
func TestReadyProfiles(t *testing.T) {
	t.Parallel()
	dir := filepath.Join("..", "..", "samples", "profiles")
	paths, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	require.NoError(t, err)
	want := map[string][]string{
		"tripletex.csv": {
			"2 order_reference=10001", "3 order_reference=10001", "4 order_reference=10002", "5 order_reference=10002",
			"6 order_reference=10003",
		},
		"fiken.csv fiken-kunder.csv": {
			"2 order_reference=501", "3 order_reference=501", "4 order_reference=501", "5 order_reference=502",
			"6 order_reference=502", "7 order_reference=503", "8 order_reference=503",
		},
		"poweroffice-go.xlsx": {
			"4 order_reference=5001", "5 order_reference=5001", "7 order_reference=5002", "8 order_reference=5002",
			"10 order_reference=5003", "11 order_reference=5003",
		},
		"fortnox.xlsx": {
			"2 order_reference=301", "3 order_reference=301", "4 order_reference=301", "5 order_reference=301",
			"6 order_reference=302", "7 order_reference=302", "8 order_reference=303",
		},
		"visma-eekonomi.csv visma-eekonomi-kunder.csv visma-eekonomi-artiklar.csv": {
			"2 order_reference=9001", "3 order_reference=9001", "4 order_reference=9002", "5 order_reference=9002",
			"6 order_reference=9003",
		},
		"24sevenoffice.csv 24sevenoffice-companies.csv 24sevenoffice-products.csv": {
			"2 order_reference=7001-2026-12-01", "3 order_reference=7001-2026-12-01",
			"4 order_reference=7002-2026-12-01",
			"5 order_reference=7002-2026-12-01", "6 order_reference=7003-2026-12-01",
		},
		"uni-economy.xlsx uni-economy-kunder.xlsx": {
			"3 order_reference=30001", "4 order_reference=30001", "6 order_reference=30002", "7 order_reference=30002",
			"9 order_reference=30003",
		},
		"procountor.csv procountor-kumppanit.csv": {
			"2 order_reference=900001", "3 order_reference=900001", "5 order_reference=900002",
			"6 order_reference=900002",
		},
		"shopify.csv": {
			"2 order_reference=1001", "3 order_reference=1001", "4 order_reference=1002", "5 order_reference=1003",
		},
		"chargebee.csv chargebee-customers.csv": {
			"2 order_reference=INV-101", "3 order_reference=INV-101", "4 order_reference=INV-102",
			"5 order_reference=INV-102",
		},
		"toggl.csv toggl-clients.csv": {
			"2 customer_number=K1", "3 customer_number=K1", "5 customer_number=K2", "6 customer_number=K2",
			"7 customer_number=K3",
		},
	}
	require.Len(t, paths, len(want))
	for names, starts := range want {
		files := strings.Fields(names)
		p, err := intake.LoadProfile(filepath.Join(dir, strings.TrimSuffix(files[0], filepath.Ext(files[0]))+".yaml"))
		require.NoError(t, err)
		options := intake.Options{Profile: p}
		for _, name := range files[1:] {
			register, err := intake.OpenRegister(t.Context(), filepath.Join(dir, name), p.RegisterOf(name), options)
			require.NoError(t, err, name)
			options.Registers = append(options.Registers, register)
		}
		f, err := intake.Open(t.Context(), filepath.Join(dir, files[0]), options)
		require.NoError(t, err, names)
		got := lines(t.Context(), t, f)
		require.Len(t, got, len(starts), names)
		for i, start := range starts {
			require.True(t, strings.HasPrefix(got[i], start), got[i])
			require.NotContains(t, got[i], "!", names)
			require.Contains(t, got[i], "description=", names)
		}
		require.NoError(t, f.Close())
		for _, register := range options.Registers {
			require.NoError(t, register.Close())
		}
	}
}
