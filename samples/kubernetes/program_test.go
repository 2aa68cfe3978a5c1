// Package kubernetes_test holds the manifests and the container file against the program: exit codes, settings, times,
// metrics, and what a bare container has.
package kubernetes_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// buildCommand is the line of the container file that makes the program.
func buildCommand(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("Containerfile")
	require.NoError(t, err)
	found := regexp.MustCompile(`(?m)^RUN (CGO_ENABLED=0 go build .*)$`).FindSubmatch(text)
	require.NotNil(t, found, "the container file builds the program in one line")
	return string(found[1])
}

// sources copies what the container file copies.
func sources(t *testing.T) string {
	t.Helper()
	dir, top := t.TempDir(), filepath.Join("..", "..")
	for _, name := range []string{"cmd", "internal"} {
		require.NoError(t, os.CopyFS(filepath.Join(dir, name), os.DirFS(filepath.Join(top, name))))
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join(top, name))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), text, 0o600))
	}
	return dir
}

// build runs the container file's command in dir and gives the program's path.
func build(t *testing.T, dir string) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "kravia-batch")
	command := regexp.MustCompile(`/out/kravia-batch`).ReplaceAllLiteralString(buildCommand(t), program)
	cmd := exec.Command("sh", "-c", command)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "VERSION=1.2.3", "GOFLAGS=")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	return program
}
