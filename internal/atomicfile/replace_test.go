package atomicfile

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReplace(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path, link := filepath.Join(dir, "plan.json"), filepath.Join(dir, "link.json")
	require.NoError(t, os.WriteFile(path, []byte("old"), 0o600))
	require.NoError(t, os.Chmod(path, 0o664))
	require.NoError(t, os.Symlink("plan.json", link))
	full := errors.New("disk full")
	err := Replace(path, func(w io.Writer) error {
		_, _ = io.WriteString(w, "ne")
		return full
	})
	require.ErrorIs(t, err, full)
	require.Equal(t, "old", textOf(t, path))

	require.NoError(t, Replace(link, content("new")))
	require.Equal(t, "new", textOf(t, path))
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o664), info.Mode().Perm())
	target, err := os.Readlink(link)
	require.NoError(t, err)
	require.Equal(t, "plan.json", target, "the link stays one")
	require.Equal(t, []string{"link.json", "plan.json"}, namesIn(t, dir))

	err = Replace(filepath.Join(dir, "none.json"), func(io.Writer) error { return nil })
	require.ErrorIs(t, err, os.ErrNotExist)
}

func textOf(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(data)
}
