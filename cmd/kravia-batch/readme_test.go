package main

import (
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/batch"
	"kraviabatch/internal/simulator"
)

// block is a fenced block of a page, and what stands behind its language.
type block struct{ language, attributes, text string }

// The pages that tests follow.
const (
	readme       = "../../README.md"
	tour         = "../../samples/README.md"
	filesPage    = "../../samples/FILES.md"
	commandsPage = "../../samples/COMMANDS.md"
)

func blocksOf(t *testing.T, page string) []block {
	t.Helper()
	data, err := os.ReadFile(page)
	require.NoError(t, err)
	var blocks []block
	for _, m := range regexp.MustCompile("(?ms)^ *```([a-z]+)(?: ([^\n]*))?\n(.*?)^ *```$").FindAllStringSubmatch(
		string(data), -1) {
		blocks = append(blocks, block{m[1], m[2], m[3]})
	}
	return blocks
}

// TestReadme runs the pages' commands in a shell, one after the other as their reader would, with a simulator in the
// provider's place. A comment "exit code N" is taken at its word, and what is shown as output is compared.
func TestReadme(t *testing.T) {
	t.Parallel()
	for page, least := range map[string]int{readme: 12, tour: 30, commandsPage: 5} {
		t.Run(page, func(t *testing.T) {
			t.Parallel()
			require.Greater(t, runPage(t, page), least)
		})
	}
}

// runPage gives the number of commands that ran.
func runPage(t *testing.T, page string) (ran int) {
	t.Helper()
	shell := newReader(t)
	output := ""
	for _, b := range blocksOf(t, page) {
		if b.language == "text" && output != "" {
			require.Equal(t, stableText(b.text), stableText(output))
		}
		output = ""
		if b.language != "sh" {
			continue
		}
		for line := range strings.Lines(b.text) {
			switch line = strings.TrimSpace(line); {
			case line == "make run":
				output = shell.run(t, makeRun(t), 0)
			case strings.HasPrefix(line, "kravia-batch "):
				shell.run(t, line, statedCode(t, line))
				ran++
			default:
				require.Regexp(t, "^(make (test|build)|export .+)$", line)
			}
		}
	}
	return ran
}

func statedCode(t *testing.T, line string) int {
	t.Helper()
	_, stated, found := strings.Cut(line, "# exit code ")
	if !found {
		return 0
	}
	code, err := strconv.Atoi(stated[:1])
	require.NoError(t, err)
	return code
}

// makeRun is what `make run` does after it has built the program.
func makeRun(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile("../../Makefile")
	require.NoError(t, err)
	recipe := regexp.MustCompile(`(?m)^run: build .*\n\t@\$\(PROGRAM\) (.+)$`).FindStringSubmatch(string(data))
	require.NotEmpty(t, recipe)
	return "kravia-batch " + recipe[1]
}

// reader is somebody at a shell in a copy of the repository.
type reader struct {
	dir string
	env []string
}

func newReader(t *testing.T) *reader {
	t.Helper()
	provider, err := simulator.New(simulator.Options{})
	require.NoError(t, err)
	server := httptest.NewServer(provider)
	t.Cleanup(func() { server.Close(); require.NoError(t, provider.Close()) })
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(filepath.Join(dir, "samples"), os.DirFS(samples)))
	return &reader{dir, []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "KRAVIA_BATCH_BASE_URL=" + server.URL + "/v1",
		"KRAVIA_BATCH_RATE=0",
		"DINTERO_CLIENT_ID=any", "DINTERO_CLIENT_SECRET=any", raceExit,
	}}
}

func (r *reader) run(t *testing.T, line string, code int) (stdout string) {
	t.Helper()
	var out, diagnostics strings.Builder
	cmd := exec.CommandContext(t.Context(), "sh", "-c", line)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = r.dir, r.env, &out, &diagnostics
	_ = cmd.Run() // its exit code tells
	require.Equal(t, code, cmd.ProcessState.ExitCode(), "%s\n%s%s", line, out.String(), diagnostics.String())
	return out.String()
}

// TestReadmeRow holds the figures of "One row through the program" against the sample's report.
func TestReadmeRow(t *testing.T) {
	t.Parallel()
	report, err := os.ReadFile(filepath.Join(expected, "november.csv"))
	require.NoError(t, err)
	_, requests, _ := call(t, "run", "--dry-run", "--json", filepath.Join(samples, "november.xlsx"))
	shown := 0
	for _, b := range blocksOf(t, tour) {
		text := strings.TrimSpace(b.text)
		switch {
		case strings.HasPrefix(text, "november.xlsx,"):
			require.Contains(t, stableText(string(report)), stableText(text))
			shown++
		case b.language == "json":
			require.Contains(t, withoutSpace(requests), withoutSpace(text))
			shown++
		}
	}
	require.Equal(t, 2, shown)
	require.Contains(t, withoutSpace(requests),
		`"amount":446040,"currency":"NOK","vat_amount":89208,"merchant_reference":"F26-1110"`)
}

func withoutSpace(text string) string { return strings.Join(strings.Fields(text), "") }

// TestPagesAreComplete finds every command and every exit code on their page, and every linked file. The README stays short.
func TestPagesAreComplete(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(commandsPage)
	require.NoError(t, err)
	_, help, _ := call(t, "help")
	_, listed, _ := strings.Cut(help, "\nPrepare:\n")
	listed, _, _ = strings.Cut(listed, "\nSettings and logging:")
	commands := regexp.MustCompile(`(?m)^  ([a-z]+) +[A-Z]`).FindAllStringSubmatch(listed, -1)
	require.Greater(t, len(commands), 15)
	for _, c := range commands {
		require.Regexp(t, "(?m)^\\| .*`"+c[1]+"[ `]", string(data))
	}
	for code := batch.ExitDone; code <= batch.ExitPlan; code++ {
		require.Contains(t, string(data), "\n| "+strconv.Itoa(code)+" | ")
	}
	pages, err := filepath.Glob(filepath.Join(samples, "*.md"))
	require.NoError(t, err)
	for _, page := range append(pages, readme, filepath.Join(samples, "kubernetes", "RUNBOOK.md")) {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		if page == readme {
			require.LessOrEqual(t, strings.Count(string(text), "\n"), 150)
		}
		links := regexp.MustCompile(`\]\(([^)#:]+)[)#]`).FindAllStringSubmatch(string(text), -1)
		for _, link := range links {
			_, err := os.Stat(filepath.Join(filepath.Dir(page), link[1]))
			require.NoError(t, err, "%s: %s", page, link[1])
		}
	}
}
