package kubernetes_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// tools is where what several tests use is compiled to, once.
var tools string

func TestMain(m *testing.M) {
	var err error
	if tools, err = os.MkdirTemp("", "kravia-batch-kubernetes-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(tools) // the system empties its temporary folder, too
	os.Exit(code)
}

// kustomizeModule is what kubectl has built in for `apply -k`. An old kubectl does not know components.
const kustomizeModule = "sigs.k8s.io/kustomize/kustomize/v5@v5.8.0"

var compileKustomize = sync.OnceValues(func() (string, error) {
	cmd := exec.Command("go", "install", kustomizeModule)
	cmd.Env = append(os.Environ(), "GOBIN="+tools, "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return filepath.Join(tools, "kustomize"), nil
})

var compileProgram = sync.OnceValues(func() (string, error) {
	dir := filepath.Join(tools, "sources")
	if err := copySources(dir); err != nil {
		return "", err
	}
	path := filepath.Join(tools, "kravia-batch")
	return path, compile(dir, path)
})

// program is the path of the program as the container has it.
func program(t *testing.T) string {
	t.Helper()
	path, err := compileProgram()
	require.NoError(t, err)
	return path
}

// buildCommand is the line of the container file that makes the program.
func buildCommand() (string, error) {
	text, err := os.ReadFile("Containerfile")
	if err != nil {
		return "", err
	}
	found := regexp.MustCompile(`(?m)^RUN (CGO_ENABLED=0 .*go build .*)$`).FindSubmatch(text)
	if found == nil {
		return "", fmt.Errorf("the container file does not build the program in one line")
	}
	return string(found[1]), nil
}

// copySources copies what the container file copies.
func copySources(dir string) error {
	for _, name := range []string{"cmd", "internal"} {
		if err := os.CopyFS(filepath.Join(dir, name), os.DirFS(filepath.Join(top, name))); err != nil {
			return err
		}
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join(top, name))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// compile runs the container file's command on the sources in dir, so that the program is made at path.
func compile(dir, path string) error {
	command, err := buildCommand()
	if err != nil {
		return err
	}
	cmd := exec.Command("sh", "-c", regexp.MustCompile(`/out/kravia-batch`).ReplaceAllLiteralString(command, path))
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "VERSION=1.2.3", "GOFLAGS=", "TARGETOS=", "TARGETARCH=")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}
