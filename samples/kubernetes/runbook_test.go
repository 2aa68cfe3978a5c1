package kubernetes_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
)

func runbook(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("RUNBOOK.md")
	require.NoError(t, err)
	return string(text)
}

// Every exit code and every final state has a line that says what to do.
func TestRunbookIsComplete(t *testing.T) {
	t.Parallel()
	text := runbook(t)
	for name, code := range exitCodes(t) {
		require.Contains(t, text, fmt.Sprintf("\n| %d | ", code), name)
	}
	require.Contains(t, text, "\n| 130, 143 | ")
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
		before, err := json.Marshal(job)
		require.NoError(t, err)
		cmd := exec.Command("jq", "--argjson", "args", `["refresh", "--all"]`, filter[1])
		cmd.Stdin = bytes.NewReader(before)
		after, err := cmd.Output()
		require.NoError(t, err)
		made := only[*batchv1.Job](t, decode(t, after))
		require.Equal(t, []string{"refresh", "--all"}, made.Spec.Template.Spec.Containers[0].Args)
		if overlay == "sharded" {
			require.Equal(t, int32(1), *made.Spec.Completions)
			require.Equal(t, int32(1), *made.Spec.Parallelism)
		} else {
			require.Nil(t, made.Spec.Completions)
		}
	}
}

// The desk pod meets the namespace's restricted policy as the job does.
func TestDeskPod(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("desk.yaml")
	require.NoError(t, err)
	pod := only[*corev1.Pod](t, decode(t, text))
	require.Equal(t, "kravia-batch", pod.Namespace)
	require.True(t, *pod.Spec.SecurityContext.RunAsNonRoot)
	require.Equal(t, corev1.SeccompProfileTypeRuntimeDefault, pod.Spec.SecurityContext.SeccompProfile.Type)
	desk := pod.Spec.Containers[0]
	require.False(t, *desk.SecurityContext.AllowPrivilegeEscalation)
	require.Equal(t, []corev1.Capability{"ALL"}, desk.SecurityContext.Capabilities.Drop)
	require.False(t, strings.HasSuffix(desk.Image, ":latest"))
	require.Equal(t, "kravia-batch", pod.Spec.Volumes[0].PersistentVolumeClaim.ClaimName)
}
