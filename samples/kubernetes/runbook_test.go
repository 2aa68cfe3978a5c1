package kubernetes_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

func runbook(t *testing.T) string {
	t.Helper()
	return string(read(t, "RUNBOOK.md"))
}

// Every exit code and every final state has a line that says what to do.
func TestRunbookIsComplete(t *testing.T) {
	t.Parallel()
	text := runbook(t)
	for name, code := range exitCodes(t) {
		require.Contains(t, text, fmt.Sprintf("\n| %d | ", code), name)
	}
	require.Contains(t, text, "\n| 130, 143 | ")
	require.Contains(t, text, "\n| 137 | ")
	for _, state := range statesOf(t, rehearse(t)) {
		require.Contains(t, text, fmt.Sprintf("\n| `%s` | ", strings.ReplaceAll(state, "_", " ")))
	}
}

// The runbook's shell function makes a sound job of each kind of CronJob.
func TestRunbookJobFunction(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("jq"); err != nil {
		t.Skip("SKIPPED: jq is not installed, so the runbook's job function is not checked")
	}
	filter := regexp.MustCompile(`(?s)jq --argjson args "\$args" '(.*?)'`).FindStringSubmatch(runbook(t))
	require.NotNil(t, filter)
	for _, overlay := range []string{"single", "sharded"} {
		job := batchv1.Job{Spec: only[*batchv1.CronJob](t, render(t, overlay)).Spec.JobTemplate.Spec}
		job.APIVersion, job.Kind = "batch/v1", "Job"
		owner := metav1.OwnerReference{
			APIVersion: "batch/v1", Kind: "CronJob", Name: "kravia-batch", UID: "1", Controller: new(true),
		}
		job.OwnerReferences = []metav1.OwnerReference{owner} // as `kubectl create job --from` makes it
		before, err := json.Marshal(job)
		require.NoError(t, err)
		cmd := exec.Command("jq", "--argjson", "args", `["refresh", "--all"]`, filter[1])
		cmd.Stdin = bytes.NewReader(before)
		after, err := cmd.Output()
		require.NoError(t, err)
		made := only[*batchv1.Job](t, decode(t, after))
		require.Empty(t, made.OwnerReferences, "its success would be the CronJob's, its failure would page")
		require.Positive(t, *made.Spec.TTLSecondsAfterFinished, "nobody else removes it")
		require.Equal(t, []string{"refresh", "--all"}, made.Spec.Template.Spec.Containers[0].Args)
		if overlay == "sharded" {
			require.Equal(t, int32(1), *made.Spec.Completions)
			require.Equal(t, int32(1), *made.Spec.Parallelism)
		} else {
			require.Nil(t, made.Spec.Completions)
		}
	}
}

// The commands of helper jobs, the settings and the files that the runbook and the manifests name are there.
func TestRunbookNamesWhatThereIs(t *testing.T) {
	t.Parallel()
	text := runbook(t)
	jobs := regexp.MustCompile("(?m)(?:^|`)job [a-z]+-1 ([^\n`]+)").FindAllStringSubmatch(text, -1)
	require.GreaterOrEqual(t, len(jobs), 6)
	for _, found := range jobs {
		words := strings.Fields(found[1])
		help := helpOf(t, words[0])
		for _, word := range words[1:] {
			if strings.HasPrefix(word, "--") {
				require.Contains(t, help, word+" ", found[1])
			}
		}
	}
	known := helpOf(t, "run")
	for _, found := range regexp.MustCompile(`KRAVIA_BATCH_([A-Z_]+)`).FindAllStringSubmatch(text, -1) {
		require.Contains(t, known, "--"+strings.ReplaceAll(strings.ToLower(found[1]), "_", "-")+" ")
	}
	for _, path := range regexp.MustCompile(`samples/kubernetes/[\w./-]*\w`).FindAllString(text, -1) {
		if path == "samples/kubernetes/overlay" { // the reader's own
			continue
		}
		_, err := os.Stat(filepath.Join(top, path))
		require.NoError(t, err)
	}
}

// The runbook's control file is one, and its snapshot is of the volume that is kept.
func TestRunbookFiles(t *testing.T) {
	t.Parallel()
	blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(runbook(t), -1)
	require.Len(t, blocks, 2)
	control := filepath.Join(t.TempDir(), "control.yaml")
	require.NoError(t, os.WriteFile(control, []byte(blocks[0][1]), 0o600))
	out, err := exec.Command(program(t), "check", "--control", control, "--reports", "off", sample).CombinedOutput()
	require.NoError(t, err, string(out))

	var snapshot struct {
		metav1.TypeMeta   `json:",inline"`
		metav1.ObjectMeta `json:"metadata"`
		Spec              struct {
			Source struct {
				Claim string `json:"persistentVolumeClaimName"`
			} `json:"source"`
		} `json:"spec"`
	}
	require.NoError(t, yaml.UnmarshalStrict([]byte(blocks[1][1]), &snapshot))
	require.Equal(t, "VolumeSnapshot", snapshot.Kind)
	claim := only[*corev1.PersistentVolumeClaim](t, decode(t, read(t, "kept", "single.yaml")))
	require.Equal(t, claim.Name, snapshot.Spec.Source.Claim)
	require.Equal(t, claim.Namespace, snapshot.Namespace)
}

// helpOf is what the program says of a command.
func helpOf(t *testing.T, command string) string {
	t.Helper()
	out, err := exec.Command(program(t), command, "--help").CombinedOutput()
	require.NoError(t, err, string(out))
	return string(out)
}

// The desk pod meets the namespace's restricted policy as the job does.
func TestDeskPod(t *testing.T) {
	t.Parallel()
	pod := only[*corev1.Pod](t, decode(t, read(t, "desk.yaml")))
	require.NotEqual(t, "kravia-batch", pod.Labels["app.kubernetes.io/name"], "the job's policies would give it a network")
	require.Equal(t, "kravia-batch", pod.Namespace)
	require.True(t, *pod.Spec.SecurityContext.RunAsNonRoot)
	require.Equal(t, corev1.SeccompProfileTypeRuntimeDefault, pod.Spec.SecurityContext.SeccompProfile.Type)
	desk := pod.Spec.Containers[0]
	require.False(t, *desk.SecurityContext.AllowPrivilegeEscalation)
	require.Equal(t, []corev1.Capability{"ALL"}, desk.SecurityContext.Capabilities.Drop)
	checkForeignImage(t, desk.Image)
	require.Equal(t, "kravia-batch", pod.Spec.Volumes[0].PersistentVolumeClaim.ClaimName)
}
