package kubernetes_test

import (
	"encoding/json"
	"encoding/pem"
	"io/fs"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

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
	inboxes := inboxes()
	for _, dir := range append([]string{"tmp", "files", "files/inbox"}, inboxes...) {
		require.NoError(t, os.Mkdir(filepath.Join(root, dir), 0o755))
		require.NoError(t, os.Chown(filepath.Join(root, dir), nobody, nobody))
	}
	require.NoError(t, os.Mkdir(filepath.Join(root, "dev"), 0o755))
	put(t, root, "dev/termination-log", nil)
	for _, inbox := range inboxes {
		put(t, root, inbox+"/november.csv", read(t, sample))
		put(t, root, inbox+"/control.yaml", []byte("expect-rows: 60\nexpect-total: 251116.31\n"))
	}
	return root
}

// inboxes are the folders of the previous month and of this one, for a month may end while a test runs.
func inboxes() []string {
	oslo, err := time.LoadLocation("Europe/Oslo")
	if err != nil {
		panic(err)
	}
	now := time.Now().In(oslo)
	last := now.AddDate(0, 0, -now.Day())
	return []string{"files/inbox/" + last.Format("2006-01"), "files/inbox/" + now.Format("2006-01")}
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
		arg = strings.NewReplacer("$(", "${", ")", "}").Replace(arg)
		args = append(args, os.Expand(arg, func(name string) string { return env[name] }))
	}
	cmd := exec.Command("/kravia-batch", args...)
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	for name, value := range env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	for _, variable := range containerOf(t, job).Env {
		if variable.ValueFrom == nil {
			cmd.Env = append(cmd.Env, variable.Name+"="+variable.Value) // the last one of a name counts
		}
	}
	cmd.Env = append(cmd.Env, more...)
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		require.NoError(t, err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

// fullSpeed is for the built-in provider.
const fullSpeed = "KRAVIA_BATCH_RATE=0"

// noGateway is for an overlay with alerts: there is none here.
const noGateway = "KRAVIA_BATCH_PUSHGATEWAY="

// A rehearsal runs as it is installed: without an account, without a secret, on the previous month.
func TestCronJobRunsInABareRoot(t *testing.T) {
	t.Parallel()
	objects := decode(t, kustomize(t, "overlay-example"))
	root := bareRoot(t)
	code, out := start(t, root, objects, fullSpeed, noGateway)
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

	code, out = start(t, root, objects, fullSpeed, noGateway)
	require.Equal(t, 0, code, out)
	message, err = os.ReadFile(filepath.Join(root, "dev/termination-log"))
	require.NoError(t, err)
	require.Contains(t, string(message), "already invoiced")
	require.NotContains(t, string(message), ", invoiced", "a second run invoices nothing")
}

func TestCanarySendsThreeOrders(t *testing.T) {
	t.Parallel()
	root := bareRoot(t)
	code, out := start(t, root, render(t, "single", "rehearsal", "canary"), fullSpeed)
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
	require.NoError(t, os.MkdirAll(filepath.Join(root, "etc/kravia-batch/credentials"), 0o755))
	put(t, root, "etc/kravia-batch/credentials/client-secret", []byte("any"))
	code, out := start(t, root, render(t, "single"), "DINTERO_CLIENT_ID=any")
	require.Equal(t, 2, code, out)
	require.Contains(t, out, "there are no CA certificates")
	message, err := os.ReadFile(filepath.Join(root, "dev/termination-log"))
	require.NoError(t, err)
	require.Contains(t, string(message), "exit code 2: wrong settings")
}

// The secret is optional for the sake of rehearsals; a run that needs it says so.
func TestBareRootWithoutCredentialsIsRefused(t *testing.T) {
	t.Parallel()
	root := bareRoot(t)
	server := httptest.NewTLSServer(nil)
	server.Close()
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	put(t, root, "tmp/ca.crt", certificate)
	code, out := start(t, root, render(t, "single"), "SSL_CERT_FILE=/tmp/ca.crt")
	require.Equal(t, 2, code, out)
	require.Contains(t, out, "DINTERO_CLIENT_ID")
}
