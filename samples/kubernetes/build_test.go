package kubernetes_test

import (
	"bytes"
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBuildIsReproducible(t *testing.T) {
	t.Parallel()
	first := sources(t)
	second := filepath.Join(t.TempDir(), "elsewhere")
	require.NoError(t, os.CopyFS(second, os.DirFS(first)))
	a, err := os.ReadFile(build(t, first))
	require.NoError(t, err)
	b, err := os.ReadFile(build(t, second))
	require.NoError(t, err)
	require.True(t, bytes.Equal(a, b), "the same sources in two folders give two programs")
	require.NotContains(t, string(a), first, "the program tells where it was built")
	require.Contains(t, buildCommand(t), "-buildvcs=false", "the state of a checkout must not count")
}

func TestProgramIsStatic(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("SKIPPED: only Linux programs are ELF files")
	}
	program := build(t, sources(t))
	file, err := elf.Open(program)
	require.NoError(t, err)
	defer func() { require.NoError(t, file.Close()) }()
	for _, part := range file.Progs {
		require.NotEqual(t, elf.PT_INTERP, part.Type, "the program needs a dynamic linker")
	}
	out, err := exec.Command(program, "version").Output()
	require.NoError(t, err)
	require.Regexp(t, `^kravia-batch 1\.2\.3\ngo1\.\S+, linux/\w+\n$`, string(out))
}

func TestContainerIsBareAndUnprivileged(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("Containerfile")
	require.NoError(t, err)
	_, last, found := strings.Cut(string(text), "\nFROM scratch\n")
	require.True(t, found)
	require.Contains(t, last, "\nUSER 65532:65532\n", "a numeric user, or runAsNonRoot cannot be checked")
	require.Contains(t, last, "ca-certificates.crt")
	require.NotContains(t, last, "RUN ")
	require.NotContains(t, string(text), ":latest")
}

// Without certificates the program says so before any call; the environment names places where there are none.
func TestMissingCertificatesAreNamed(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("SKIPPED: other systems keep their certificates elsewhere")
	}
	dir := t.TempDir()
	cmd := exec.Command(build(t, sources(t)), "run", "--account", "T12345678", "--state", dir, "--reports", dir, sample)
	cmd.Env = []string{
		"SSL_CERT_FILE=/no/such/file", "SSL_CERT_DIR=/no/such/folder", "DINTERO_CLIENT_ID=any", "DINTERO_CLIENT_SECRET=any", "TMPDIR=" + dir,
	}
	out, err := cmd.CombinedOutput()
	require.Error(t, err)
	require.Equal(t, 2, cmd.ProcessState.ExitCode(), string(out))
	require.Contains(t, string(out), "there are no CA certificates")
}
