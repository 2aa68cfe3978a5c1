package intake_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/intake"
)

// TestProfileMistakes loads every profile of testdata/language/mistakes.txt. The line after ⇒ is the error, or "right".
func TestProfileMistakes(t *testing.T) {
	t.Parallel()
	const path = "testdata/language/mistakes.txt"
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	var said strings.Builder
	for block := range strings.SplitSeq(strings.TrimSpace(string(text)), "\n\n") {
		profile, _, found := strings.Cut(block, "\n⇒")
		require.True(t, found, block)
		file := filepath.Join(t.TempDir(), "p.yaml")
		require.NoError(t, os.WriteFile(file, []byte(profile+"\n"), 0o600))
		says := "right"
		if _, err := intake.LoadProfile(file); err != nil {
			says = err.Error()
		}
		said.WriteString(profile + "\n⇒ " + says + "\n\n")
	}
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(said.String()), 0o644))
		return
	}
	require.Equal(t, string(text), said.String())
}
