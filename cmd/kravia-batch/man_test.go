package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra/doc"
	"github.com/stretchr/testify/require"
)

// TestManPages makes a page for every command; with -update they stay in .bin/man, which is what `make docs` does.
func TestManPages(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if *update {
		dir = filepath.Join("..", "..", ".bin", "man")
		require.NoError(t, os.MkdirAll(dir, 0o755))
	}
	root := (&app{environment: &environment{getenv: func(string) string { return "" }}}).root()
	date := time.Unix(0, 0).UTC()
	require.NoError(t,
		doc.GenManTree(root,
			&doc.GenManHeader{Title: "KRAVIA-BATCH", Section: "1", Date: &date, Source: "kravia-batch"}, dir))
	pages, err := filepath.Glob(filepath.Join(dir, "kravia-batch*.1"))
	require.NoError(t, err)
	require.Greater(t, len(pages), 12)
	run, err := os.ReadFile(filepath.Join(dir, "kravia-batch-run.1"))
	require.NoError(t, err)
	require.Contains(t, strings.ReplaceAll(string(run), `\-`, "-"), "--duplicate-guard")
	check, err := os.ReadFile(filepath.Join(dir, "kravia-batch-check.1"))
	require.NoError(t, err)
	require.Regexp(t, `(?s)\.EX\norder_reference +Your number .*\n.*\ndelivery_date [^\n]*\n[^\n]*\n(\n)*\.EE`,
		string(check), "a line for each column")
}
