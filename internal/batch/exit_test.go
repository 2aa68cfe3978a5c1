package batch_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/batch"
	"kraviabatch/internal/journal"
)

// What running again does not mend is a matter of settings.
func TestJournalsThatNoRunMends(t *testing.T) {
	t.Parallel()
	for _, err := range []error{journal.ErrDamaged, journal.ErrNewer, journal.ErrNetwork, journal.ErrPruned} {
		require.Equal(t, batch.ExitUsage, batch.ExitCodeOf(fmt.Errorf("journal: %w", err)))
	}
}
