package kubernetes_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
)

const nobody = 65532

// bareRoot is what the container has: the program, its volumes, and nothing else. Only the volumes can be written.
func bareRoot(t *testing.T) string {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("SKIPPED: changing the root folder needs root")
	}
	root := t.TempDir()
	require.NoError(t, os.Chmod(root, 0o755))
	file, err := os.ReadFile(program(t))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(root, "kravia-batch"), file, 0o755))
	for _, dir := range []string{"tmp", "files", "files/inbox"} {
		require.NoError(t, os.Mkdir(filepath.Join(root, dir), 0o755))
		require.NoError(t, os.Chown(filepath.Join(root, dir), nobody, nobody))
	}
	require.NoError(t, os.MkdirAll(filepath.Join(root, "etc/kravia-batch/credentials"), 0o755))
	put(t, root, "etc/kravia-batch/credentials/client-secret", []byte("any"))
	require.NoError(t, os.Mkdir(filepath.Join(root, "dev"), 0o755))
	put(t, root, "dev/termination-log", nil)
	text, err := os.ReadFile(sample)
	require.NoError(t, err)
	put(t, root, "files/inbox/november.csv", text)
	return root
}

func put(t *testing.T, root, name string, text []byte) {
	t.Helper()
	path := filepath.Join(root, name)
	require.NoError(t, os.WriteFile(path, text, 0o600))
	require.NoError(t, os.Chown(path, nobody, nobody))
}

// start runs the container of a CronJob in root as Kubernetes would, with more environment.
func start(t *testing.T, root string, objects []object, more ...string) (code int, output string) {
	t.Helper()
	job := only[*batchv1.CronJob](t, objects)
	env := environmentOf(t, objects)
	var args []string
	for _, arg := range containerOf(t, job).Args {
		args = append(args, os.Expand(strings.NewReplacer("$(", "${", ")", "}").Replace(arg), func(name string) string { return env[name] }))
	}
	cmd := exec.Command("/kravia-batch", args...)
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	for name, value := range env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	cmd.Env = append(cmd.Env, more...)
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		require.NoError(t, err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

// rehearsal is the built-in provider at full speed.
func rehearsal() []string {
	return []string{"KRAVIA_BATCH_SANDBOX=true", "KRAVIA_BATCH_ACCOUNT=", "KRAVIA_BATCH_RATE=0"}
}

func TestCronJobRunsInABareRoot(t *testing.T) {
	t.Parallel()
	objects := render(t, "single")
	root := bareRoot(t)
	code, out := start(t, root, objects, rehearsal()...)
	require.Equal(t, 0, code, out)
	message, err := os.ReadFile(filepath.Join(root, "dev/termination-log"))
	require.NoError(t, err)
	require.Contains(t, string(message), "exit code 0: done")
	require.FileExists(t, filepath.Join(root, "files/state/journal.db"))
	for _, pattern := range []string{"*.xlsx", "*.csv", "*.json"} {
		found, err := fs.Glob(os.DirFS(filepath.Join(root, "files/reports")), pattern)
		require.NoError(t, err)
		require.Len(t, found, 1, pattern)
	}
	left, err := os.ReadDir(filepath.Join(root, "tmp"))
	require.NoError(t, err)
	require.Empty(t, left, "personal data stays behind in temporary files")

	code, out = start(t, root, objects, append(rehearsal(), "KRAVIA_BATCH_MAX_FAILURES=1")...)
	require.Equal(t, 0, code, out)
	message, err = os.ReadFile(filepath.Join(root, "dev/termination-log"))
	require.NoError(t, err)
	require.Contains(t, string(message), "already invoiced")
	require.NotContains(t, string(message), ", invoiced", "a second run invoices nothing")
}

func TestCanarySendsThreeOrders(t *testing.T) {
	t.Parallel()
	root := bareRoot(t)
	code, out := start(t, root, render(t, "single", "canary"), rehearsal()...)
	require.Equal(t, 8, code, out)
	found, err := filepath.Glob(filepath.Join(root, "files/reports/*.json"))
	require.NoError(t, err)
	require.Len(t, found, 1)
	text, err := os.ReadFile(found[0])
	require.NoError(t, err)
	var summary struct {
		Orders map[string]int `json:"orders"`
	}
	require.NoError(t, json.Unmarshal(text, &summary))
	require.Equal(t, 3, summary.Orders["invoiced"]+summary.Orders["registered"])
	require.Positive(t, summary.Orders["not_attempted"])
}

func TestBareRootWithoutCertificatesIsRefused(t *testing.T) {
	t.Parallel()
	root := bareRoot(t)
	code, out := start(t, root, render(t, "single"), "DINTERO_CLIENT_ID=any")
	require.Equal(t, 2, code, out)
	require.Contains(t, out, "there are no CA certificates")
	message, err := os.ReadFile(filepath.Join(root, "dev/termination-log"))
	require.NoError(t, err)
	require.Contains(t, string(message), "exit code 2: wrong settings")
}
