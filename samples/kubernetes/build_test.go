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
	elsewhere := filepath.Join(t.TempDir(), "elsewhere")
	require.NoError(t, copySources(elsewhere))
	again := filepath.Join(t.TempDir(), "kravia-batch")
	require.NoError(t, compile(elsewhere, again))
	a, err := os.ReadFile(program(t))
	require.NoError(t, err)
	b, err := os.ReadFile(again)
	require.NoError(t, err)
	require.True(t, bytes.Equal(a, b), "the same sources in two folders give two programs")
	told := strings.Contains(string(a), tools) // require.NotContains would print all of the program
	require.False(t, told, "the program tells where it was built")
	command, err := buildCommand()
	require.NoError(t, err)
	require.Contains(t, command, "-buildvcs=false", "the state of a checkout must not count")
}

func TestProgramIsStatic(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("SKIPPED: only Linux programs are ELF files")
	}
	file, err := elf.Open(program(t))
	require.NoError(t, err)
	defer func() { require.NoError(t, file.Close()) }()
	for _, part := range file.Progs {
		require.NotEqual(t, elf.PT_INTERP, part.Type, "the program needs a dynamic linker")
	}
	out, err := exec.Command(program(t), "version").Output()
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
	for _, label := range []string{"title", "description", "licenses", "version", "revision"} {
		require.Contains(t, last, "org.opencontainers.image."+label+"=")
	}
	require.Contains(t, string(text), "\nARG GO_IMAGE=docker.io/library/golang:", "a short name is not known everywhere")
}

// The builder compiles for the platforms that it is asked for, on its own.
func TestContainerForEachPlatform(t *testing.T) {
	t.Parallel()
	require.Contains(t, string(read(t, "Containerfile")), "\nFROM --platform=$BUILDPLATFORM ${GO_IMAGE} AS build\n")
	command, err := buildCommand()
	require.NoError(t, err)
	dir := t.TempDir()
	stub := "#!/bin/sh\necho \"$CGO_ENABLED $GOOS/$GOARCH\"\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go"), []byte(stub), 0o755))
	for _, platform := range []string{"linux/amd64", "linux/arm64", "/"} { // the last one: a builder that names none
		system, machine, _ := strings.Cut(platform, "/")
		cmd := exec.Command("sh", "-c", command)
		cmd.Env = []string{"PATH=" + dir, "TARGETOS=" + system, "TARGETARCH=" + machine}
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, string(out))
		require.Equal(t, "0 "+platform+"\n", string(out))
	}
}

// Without certificates the program says so before any call; the environment names places where there are none.
func TestMissingCertificatesAreNamed(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("SKIPPED: other systems keep their certificates elsewhere")
	}
	dir := t.TempDir()
	cmd := exec.Command(program(t), "run", "--account", "T12345678", "--state", dir, "--reports", dir, sample)
	cmd.Env = []string{
		"SSL_CERT_FILE=/no/such/file", "SSL_CERT_DIR=/no/such/folder", "TMPDIR=" + dir,
		"DINTERO_CLIENT_ID=any", "DINTERO_CLIENT_SECRET=any",
	}
	out, err := cmd.CombinedOutput()
	require.Error(t, err)
	require.Equal(t, 2, cmd.ProcessState.ExitCode(), string(out))
	require.Contains(t, string(out), "there are no CA certificates")
}
