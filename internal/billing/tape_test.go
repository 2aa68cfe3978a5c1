package billing_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
)

func TestTapeGivesBackWhatWasPut(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "tape")
	scratch, err := os.Create(path)
	require.NoError(t, err)
	defer func() { require.NoError(t, scratch.Close()) }()
	tape := billing.NewTape[billing.Place](scratch)
	want := []billing.Place{{File: "a.csv", Row: 2}, {File: "b\n.xlsx", Sheet: "Line\ts", Row: 3}, {}}
	for i := range want {
		require.NoError(t, tape.Put(&want[i]))
	}
	for range 2 {
		var got []billing.Place
		for place, err := range tape.All() {
			require.NoError(t, err)
			got = append(got, place)
		}
		require.Equal(t, want, got)
	}
	require.NoError(t, os.Truncate(path, 30))
	for _, err = range tape.All() {
		if err != nil {
			break
		}
	}
	require.ErrorContains(t, err, "read working file")
}
