package intake

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestQuickLookFindsAllTotals holds that the quick look at a text passes none of the words for total over.
func TestQuickLookFindsAllTotals(t *testing.T) {
	t.Parallel()
	for _, word := range slices.Concat(totalWords(), loneTotals()) {
		require.True(t, mayBeTotal(word), word)
		says, alone := isTotalText(word)
		require.True(t, says && alone, word)
	}
}
