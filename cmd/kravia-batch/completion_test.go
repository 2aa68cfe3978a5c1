package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// offered is what a shell is offered for the last word.
func offered(t *testing.T, words ...string) []string {
	t.Helper()
	code, stdout, stderr := call(t, append([]string{"__complete"}, words...)...)
	require.Zero(t, code)
	require.Regexp(t, `^Completion ended with directive: \w+(, \w+)*\n$`, stderr, "nothing else is written into the prompt")
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	require.Regexp(t, `^:\d+$`, lines[len(lines)-1])
	return lines[:len(lines)-1]
}

func TestCompletionOfRuns(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var newest string
	for _, file := range []string{"november.csv", "grouped.csv"} {
		code, stdout, stderr := call(t, "run", "--sandbox", "--rate", "0", "--state", dir, "--reports", filepath.Join(dir, "reports"), filepath.Join(samples, file))
		require.Zero(t, code, stderr)
		newest = runForm.FindString(stdout)
	}
	for _, command := range []string{"report", "refresh", "void"} {
		runs := offered(t, command, "--sandbox", "--state", dir, "--run", "")
		require.Len(t, runs, 2, command)
		require.Equal(t, newest+"\tT00000000, 6 rows, grouped.csv", runs[0])
		require.Regexp(t, `^\d{8}-\d{6}-[0-9a-f]{6}\tT00000000, 60 rows, november.csv$`, runs[1])
	}
	require.Len(t, offered(t, "report", "--state", dir, "--run", ""), 2, "runs of every account")
	require.Empty(t, offered(t, "report", "--account", "T12345678", "--state", dir, "--run", ""), "no runs of another account")
}

// What goes wrong is neither told nor mended, and nothing is made.
func TestCompletionOfRunsIsSilent(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	damaged := filepath.Join(dir, "damaged")
	require.NoError(t, os.Mkdir(damaged, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(damaged, "journal.db"), []byte(strings.Repeat("no journal", 100)), 0o600))
	for name, words := range map[string][]string{
		"no folder":       {"report", "--state", filepath.Join(dir, "none"), "--run", ""},
		"no journal":      {"report", "--state", dir, "--run", ""},
		"damaged":         {"report", "--state", damaged, "--run", ""},
		"no server":       {"report", "--journal", "postgres://u:p@127.0.0.1:1/x?connect_timeout=1", "--run", ""},
		"no home":         {"report", "--run", ""},
		"wrong settings":  {"report", "--account", "12345678", "--state", dir, "--run", ""},
		"no such setting": {"report", "--config", filepath.Join(samples, "profiles", "fiken.yaml"), "--state", dir, "--run", ""},
	} {
		require.Empty(t, offered(t, words...), name)
	}
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, left, 1)
}

func TestCompletionOfValues(t *testing.T) {
	t.Parallel()
	for words, want := range map[string][]string{
		"run --flow":                  {"one-step", "two-step", "two-step-profile"},
		"plan --duplicate-guard":      {"strict-success", "strict"},
		"check --invoice-channel":     {"kravia", "merchant"},
		"run --on-invalid":            {"skip", "stop"},
		"refresh --format":            {"xlsx", "csv", "json"},
		"explain --profile":           {"yaml", "yml"},
		"run --sandbox --format csv,": {"csv,xlsx", "csv,csv", "csv,json"},
	} {
		list := strings.Fields(words)
		if strings.HasPrefix(list[len(list)-1], "--") {
			list = append(list, "")
		}
		require.Equal(t, want, offered(t, list...), words)
	}
}
