package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The table of an order's life stands on the page between these.
const lifeBegins, lifeEnds = "<!-- an order's life -->\n", "<!-- /an order's life -->"

// TestLifeOnThePage keeps the table in samples/SCENARIOS.md the one by which internal/billing is tested.
func TestLifeOnThePage(t *testing.T) {
	t.Parallel()
	table, err := os.ReadFile("../../internal/billing/testdata/lifecycle.md")
	require.NoError(t, err)
	path := filepath.Join(samples, "SCENARIOS.md")
	page, err := os.ReadFile(path)
	require.NoError(t, err)
	before, after, begins := strings.Cut(string(page), lifeBegins)
	shown, after, ends := strings.Cut(after, lifeEnds)
	require.True(t, begins && ends)
	if *update {
		shown = string(table)
		require.NoError(t, os.WriteFile(path, []byte(before+lifeBegins+shown+lifeEnds+after), 0o644))
	}
	require.Equal(t, string(table), shown, "`make samples` writes it anew")
}
