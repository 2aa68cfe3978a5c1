// Package kubernetes_test holds the manifests and the container file against the program: exit codes, settings, times,
// metrics, and what a bare container has. It is a module of its own, so that the program does not depend on Kubernetes.
// The program lies outside of it: give -count=1 after a change there, or Go may show an old result again.
package kubernetes_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// top is the folder of the program's module.
var top = filepath.Join("..", "..")

// exitCodes are the program's exit codes by the names that its source gives them.
func exitCodes(t *testing.T) map[string]int32 {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(top, "internal", "batch", "exit.go"), nil, 0)
	require.NoError(t, err)
	codes := map[string]int32{}
	ast.Inspect(file, func(node ast.Node) bool {
		if spec, ok := node.(*ast.ValueSpec); ok && strings.HasPrefix(spec.Names[0].Name, "Exit") {
			code, err := strconv.ParseInt(spec.Values[0].(*ast.BasicLit).Value, 10, 32)
			require.NoError(t, err)
			codes[spec.Names[0].Name] = int32(code)
		}
		return true
	})
	require.Len(t, codes, 10)
	return codes
}

// rehearse runs the program in its sandbox and gives its metrics.
func rehearse(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "metrics.prom")
	cmd := exec.Command(program(t), "run", "--sandbox", "--rate", "0", "--quiet",
		"--state", dir, "--reports", dir, "--metrics-file", file, sample)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	metrics, err := os.ReadFile(file)
	require.NoError(t, err)
	return string(metrics)
}

// statesOf are the final states of orders that the metrics count.
func statesOf(t *testing.T, metrics string) []string {
	t.Helper()
	states := map[string]bool{}
	for _, found := range regexp.MustCompile(`kravia_batch_orders\{.*state="(\w+)"`).FindAllStringSubmatch(metrics, -1) {
		states[found[1]] = true
	}
	require.Len(t, states, 10)
	return slices.Sorted(maps.Keys(states))
}
