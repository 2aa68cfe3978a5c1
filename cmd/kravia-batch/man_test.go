package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
	"github.com/stretchr/testify/require"
)

// TestHelpsFitATerminal holds every help against the width of a usual terminal.
func TestHelpsFitATerminal(t *testing.T) {
	t.Parallel()
	root := (&app{environment: &environment{getenv: func(string) string { return "" }}}).root()
	for _, cmd := range slices.Concat([]*cobra.Command{root}, root.Commands()) {
		_, help, _ := call(t, append(strings.Fields(cmd.CommandPath())[1:], "--help")...)
		require.Contains(t, help, "\nUsage:\n  kravia-batch", cmd.Name())
		for line := range strings.Lines(help) {
			require.LessOrEqual(t, utf8.RuneCountInString(strings.TrimRight(line, "\n")), helpWidth, "%s: %s", cmd.Name(), line)
		}
	}
}

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
	for _, page := range pages {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		before, after, found := strings.Cut(string(text), ".SH SEE ALSO")
		require.True(t, found, page)
		require.NoError(t, os.WriteFile(page, []byte(before+manSections()+".SH SEE ALSO"+after), 0o644))
	}
	run, err := os.ReadFile(filepath.Join(dir, "kravia-batch-run.1"))
	require.NoError(t, err)
	require.Contains(t, strings.ReplaceAll(string(run), `\-`, "-"), "--duplicate-guard")
	for _, section := range []string{"SYNOPSIS", "EXIT STATUS", "ENVIRONMENT", "FILES", "SEE ALSO"} {
		require.Equal(t, 1, strings.Count(string(run), ".SH "+section+"\n"), section)
	}
	check, err := os.ReadFile(filepath.Join(dir, "kravia-batch-check.1"))
	require.NoError(t, err)
	require.Regexp(t, `(?s)\.EX\norder_reference +identifier .*\n.*\ndelivery_date [^\n]*\n[^\n]*\n(\n)*\.EE`,
		string(check), "a line for each column")
}

// manSections are what every manual page says beside its command: exit codes, environment and files.
func manSections() string {
	var b strings.Builder
	b.WriteString(".SH EXIT STATUS\n")
	for _, e := range exitCodes() {
		fmt.Fprintf(&b, ".TP\n.B %d\n%s\n", e.code, e.name)
	}
	for _, section := range []struct {
		title   string
		entries [][2]string
	}{
		{"ENVIRONMENT", [][2]string{
			{envPrefix + "FLAG", manVariables},
			{"DINTERO_CLIENT_ID, DINTERO_CLIENT_SECRET", manCredentials},
			{"DINTERO_CLIENT_ID_FILE, DINTERO_CLIENT_SECRET_FILE", manCredentialFiles},
			{"XDG_STATE_HOME", manStateHome},
			{"TMPDIR", manTemporary},
			{"NO_COLOR", manNoColor},
			{"SSL_CERT_FILE, HTTPS_PROXY", manNetwork},
		}},
		{"FILES", [][2]string{
			{"~/.local/state/kravia-batch/journal.db", manJournal},
			{"~/.local/state/kravia-batch/sandbox.jsonl", manSandbox},
			{"reports/", manReports},
		}},
	} {
		fmt.Fprintf(&b, ".SH %s\n", section.title)
		for _, e := range section.entries {
			fmt.Fprintf(&b, ".TP\n.B %s\n%s\n", e[0], e[1])
		}
	}
	return b.String()
}
