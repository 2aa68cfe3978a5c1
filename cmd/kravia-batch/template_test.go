package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTemplateCommand(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"lines.xlsx", "lines.csv"} {
		path := filepath.Join(dir, name)
		code, stdout, stderr := call(t, "template", "-o", path)
		require.Equal(t, 0, code, stderr)
		require.Equal(t, "wrote "+path+"\n", stdout)
		code, stdout, stderr = call(t, "check", "--reports", dir, path)
		require.Equal(t, 5, code, "nothing is filled in yet")
		require.Empty(t, stdout)
		require.Contains(t, stderr, "the file has a header and no rows")

		before, err := os.ReadFile(path)
		require.NoError(t, err)
		code, _, stderr = call(t, "template", "--output", path)
		require.Equal(t, 2, code)
		require.Contains(t, stderr, "is not overwritten")
		after, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, before, after)
	}
	for _, name := range []string{"lines.json", "lines", "lines.ods"} {
		code, _, stderr := call(t, "template", "-o", filepath.Join(dir, name))
		require.Equal(t, 2, code)
		require.Contains(t, stderr, "does not end in .xlsx or .csv")
	}
}
