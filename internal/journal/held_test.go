package journal_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/journal"
)

// TestHeld sees who holds an account, whole or in parts, and leaves the lock to whoever wants it.
func TestHeld(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, location string) {
		found, err := journal.Found(t.Context(), location)
		require.NoError(t, err)
		require.False(t, found)
		if !journal.Shared(location) {
			require.NoDirExists(t, filepath.Dir(location), "looking makes nothing")
		}
		j, other := open(t, location), open(t, location)
		found, err = journal.Found(t.Context(), location)
		require.NoError(t, err)
		require.True(t, found)

		require.NoError(t, j.Locked(t.Context(), account))
		shards := []journal.Shard{{}}
		if journal.Shared(location) {
			shards = append(shards, journal.Shard{Index: 1, Count: 3})
		} else {
			files, err := os.ReadDir(filepath.Dir(location))
			require.NoError(t, err)
			for _, file := range files {
				require.NotContains(t, file.Name(), account)
			}
		}
		for _, shard := range shards {
			release, err := j.Lock(t.Context(), account, shard, journal.Holder{Host: "here", PID: 1, Run: "R1"})
			require.NoError(t, err)
			var locked *journal.LockedError
			require.ErrorAs(t, other.Locked(t.Context(), account), &locked)
			require.Equal(t, "R1", locked.Holder.Run)
			require.NoError(t, other.Locked(t.Context(), "T87654321"))
			require.NoError(t, release())
			require.NoError(t, other.Locked(t.Context(), account))
		}
	})
}
