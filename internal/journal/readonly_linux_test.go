package journal

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// somebodyElse makes the rest of the test another user to the file system.
func somebodyElse(t *testing.T) {
	t.Helper()
	if os.Getuid() != 0 {
		return // the modes bind us already
	}
	runtime.LockOSThread() // never unlocked: the thread ends with the test
	_, err := unix.SetfsuidRetUid(65534)
	require.NoError(t, err)
}

func TestOpenOfWhatCannotBeWritten(t *testing.T) {
	dir, err := os.MkdirTemp("", "journal-") //nolint:usetesting // the folder above t.TempDir is closed to others
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.Chmod(dir, 0o700)); require.NoError(t, os.RemoveAll(dir)) })
	path := filepath.Join(dir, "journal.db")
	j, err := Open(t.Context(), path)
	require.NoError(t, err)
	require.NoError(t, j.BeginRun(t.Context(), Run{ID: "R1", Account: "T1"}))
	require.NoError(t, j.Close())
	require.NoError(t, os.Chmod(path, 0o444))
	require.NoError(t, os.Chmod(dir, 0o555))
	t.Run("read", func(t *testing.T) {
		somebodyElse(t)
		j, err := Open(t.Context(), path)
		require.NoError(t, err)
		defer func() { require.NoError(t, j.Close()) }()
		_, err = j.FindRun(t.Context(), "R1")
		require.NoError(t, err)
		require.ErrorContains(t, j.BeginRun(t.Context(), Run{ID: "R2"}), "read-only, nothing was recorded")
	})
}
