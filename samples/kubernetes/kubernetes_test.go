package kubernetes_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/apimachinery/pkg/util/yaml"
)

// sample is an input without problems.
const sample = "../november.csv"

// object is one decoded object of a manifest.
type object = runtime.Object

// combinations are the overlays with each optional part, and with all of them.
func combinations() map[string][]string {
	all := map[string][]string{}
	for _, overlay := range []string{"single", "sharded"} {
		for _, parts := range [][]string{
			{},
			{"fetch"},
			{"canary"},
			{"alerts"},
			{"rehearsal"},
			{"proxy"},
			{"fetch", "alerts", "proxy", "canary"},
			{"rehearsal", "fetch", "alerts", "proxy", "canary"},
		} {
			list := append([]string{overlay}, parts...)
			all[strings.Join(list, "+")] = list
		}
	}
	return all
}

// render makes the objects of an overlay with optional parts, strictly: a field that the API does not have is an error.
func render(t *testing.T, overlay string, components ...string) []object {
	t.Helper()
	here, err := os.Getwd()
	require.NoError(t, err)
	dir, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	up, err := filepath.Rel(dir, here)
	require.NoError(t, err)
	var text strings.Builder
	text.WriteString("apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nnamespace: kravia-batch\n")
	fmt.Fprintf(&text, "resources: [%s/%s]\ncomponents:\n", up, overlay)
	for _, c := range components {
		fmt.Fprintf(&text, "  - %s/%s\n", up, c)
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "kustomization.yaml"), []byte(text.String()), 0o600))
	return decode(t, kustomize(t, dir))
}

func kustomize(t *testing.T, dir string) []byte {
	t.Helper()
	path, err := compileKustomize()
	require.NoError(t, err)
	cmd := exec.Command(path, "build", dir)
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	require.NoError(t, err, complaint.String())
	require.Empty(t, complaint.String(), "a deprecated field, perhaps")
	return out
}

func decode(t *testing.T, manifest []byte) []object {
	t.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{batchv1.AddToScheme, corev1.AddToScheme, networkingv1.AddToScheme} {
		require.NoError(t, add(scheme))
	}
	scheme.AddKnownTypes(schema.GroupVersion{Group: "monitoring.coreos.com", Version: "v1"}, &PrometheusRule{})
	options := json.SerializerOptions{Yaml: true, Strict: true}
	strict := json.NewSerializerWithOptions(json.DefaultMetaFactory, scheme, scheme, options)
	reader := yaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(manifest)))
	var objects []object
	for {
		document, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return objects
		}
		require.NoError(t, err)
		decoded, kind, err := strict.Decode(document, nil, nil)
		require.NoError(t, err, "%v\n%s", kind, document)
		objects = append(objects, decoded)
	}
}

// of gives the objects of one type.
func of[T object](objects []object) (found []T) {
	for _, o := range objects {
		if one, ok := o.(T); ok {
			found = append(found, one)
		}
	}
	return found
}

func only[T object](t *testing.T, objects []object) T {
	t.Helper()
	found := of[T](objects)
	require.Len(t, found, 1)
	return found[0]
}

func podOf(job *batchv1.CronJob) *corev1.PodSpec { return &job.Spec.JobTemplate.Spec.Template.Spec }

func containerOf(t *testing.T, job *batchv1.CronJob) *corev1.Container {
	t.Helper()
	pod := podOf(job)
	require.Len(t, pod.Containers, 1)
	return &pod.Containers[0]
}

// environmentOf is the container's environment, but for what comes from secrets.
func environmentOf(t *testing.T, objects []object) map[string]string {
	t.Helper()
	settings := only[*corev1.ConfigMap](t, objects)
	container := containerOf(t, only[*batchv1.CronJob](t, objects))
	require.Len(t, container.EnvFrom, 1)
	require.Equal(t, settings.Name, container.EnvFrom[0].ConfigMapRef.Name, "the job uses the settings beside it")
	return settings.Data
}

func TestManifests(t *testing.T) {
	t.Parallel()
	for name, parts := range combinations() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			objects := render(t, parts[0], parts[1:]...)
			job := only[*batchv1.CronJob](t, objects)
			checkSchedule(t, job, slices.Contains(parts, "canary") || slices.Contains(parts, "rehearsal"))
			checkFailurePolicy(t, job, slices.Contains(parts, "canary"))
			checkTimes(t, job, environmentOf(t, objects))
			checkPod(t, podOf(job))
			checkSecrets(t, objects)
			checkVolumes(t, objects, podOf(job))
			checkNetwork(t, of[*networkingv1.NetworkPolicy](objects), podLabels(job))
			checkShards(t, job, environmentOf(t, objects), parts[0] == "sharded")
			require.Empty(t, of[*corev1.PersistentVolumeClaim](objects), "kubectl delete -k would delete the journal")
			require.Empty(t, of[*corev1.Namespace](objects), "kubectl delete -k would delete all that is in it")
		})
	}
}

// What outlives the job is applied by itself.
func TestKept(t *testing.T) {
	t.Parallel()
	for file, mode := range map[string]corev1.PersistentVolumeAccessMode{
		"single": corev1.ReadWriteOncePod, "sharded": corev1.ReadWriteMany,
	} {
		claim := only[*corev1.PersistentVolumeClaim](t, decode(t, read(t, "kept", file+".yaml")))
		require.Equal(t, []corev1.PersistentVolumeAccessMode{mode}, claim.Spec.AccessModes)
		job := only[*batchv1.CronJob](t, render(t, file))
		require.Equal(t, claim.Namespace, job.Namespace)
		uses := func(v corev1.Volume) bool {
			return v.PersistentVolumeClaim != nil && v.PersistentVolumeClaim.ClaimName == claim.Name
		}
		require.True(t, slices.ContainsFunc(podOf(job).Volumes, uses))
	}
	space := only[*corev1.Namespace](t, decode(t, read(t, "kept", "namespace.yaml")))
	require.Equal(t, "kravia-batch", space.Name)
	require.Equal(t, "restricted", space.Labels["pod-security.kubernetes.io/enforce"])
}

// The example's image takes the place of the base's, and its settings that of the parts'.
func TestOverlayExample(t *testing.T) {
	t.Parallel()
	objects := decode(t, kustomize(t, "overlay-example"))
	job := only[*batchv1.CronJob](t, objects)
	require.Equal(t, "registry.example.com/billing/kravia-batch:1.2.3", containerOf(t, job).Image)
	require.Equal(t, "/files/inbox/{period}/control.yaml", environmentOf(t, objects)["KRAVIA_BATCH_CONTROL"])
	require.True(t, *job.Spec.Suspend, "it starts as a rehearsal")
	require.Len(t, of[*PrometheusRule](objects), 1)
}

// read gives a file of this folder.
func read(t *testing.T, path ...string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(path...))
	require.NoError(t, err)
	return text
}

func podLabels(job *batchv1.CronJob) map[string]string {
	return job.Spec.JobTemplate.Spec.Template.Labels
}

func checkSchedule(t *testing.T, job *batchv1.CronJob, byHand bool) {
	t.Helper()
	require.Equal(t, byHand, job.Spec.Suspend != nil && *job.Spec.Suspend)
	require.Equal(t, "Europe/Oslo", *job.Spec.TimeZone)
	require.Equal(t, batchv1.ForbidConcurrent, job.Spec.ConcurrencyPolicy)
	require.GreaterOrEqual(t, *job.Spec.StartingDeadlineSeconds, int64(3600), "a short outage must not cost a month")
	require.Equal(t, batchv1.Failed, *job.Spec.JobTemplate.Spec.PodReplacementPolicy)
	require.Equal(t, corev1.RestartPolicyNever, podOf(job).RestartPolicy)
}

// checkFailurePolicy holds the policy against the program's exit codes: what needs a person ends the job, the rest is
// tried again.
func checkFailurePolicy(t *testing.T, job *batchv1.CronJob, canary bool) {
	t.Helper()
	exit := exitCodes(t)
	people := []int32{
		exit["ExitUsage"], exit["ExitIncomplete"], exit["ExitCredentials"], exit["ExitInput"], exit["ExitDoubt"],
		exit["ExitPlan"],
	}
	if canary {
		people = append(people, exit["ExitStopped"])
	}
	slices.Sort(people)
	spec := &job.Spec.JobTemplate.Spec
	rules := spec.PodFailurePolicy.Rules
	require.Len(t, rules, 2)
	codes := rules[0].OnExitCodes
	require.Equal(t, containerOf(t, job).Name, *codes.ContainerName, "an init container's codes mean other things")
	require.Equal(t, batchv1.PodFailurePolicyOnExitCodesOpIn, codes.Operator)
	require.Equal(t, people, codes.Values, "sorted, as the API wants them")
	if spec.BackoffLimitPerIndex != nil {
		require.Equal(t, batchv1.PodFailurePolicyActionFailIndex, rules[0].Action, "one shard does not end the others")
		require.Nil(t, spec.BackoffLimit, "a total would end the others too")
		require.Positive(t, *spec.BackoffLimitPerIndex)
	} else {
		require.Equal(t, batchv1.PodFailurePolicyActionFailJob, rules[0].Action)
		require.Positive(t, *spec.BackoffLimit)
	}
	require.Equal(t, batchv1.PodFailurePolicyActionIgnore, rules[1].Action)
	drained := batchv1.PodFailurePolicyOnPodConditionsPattern{Type: corev1.DisruptionTarget, Status: corev1.ConditionTrue}
	require.Equal(t, []batchv1.PodFailurePolicyOnPodConditionsPattern{drained}, rules[1].OnPodConditions)
}

// checkTimes: a stop is gentle in time, and the cluster never ends what the program would have ended by itself.
func checkTimes(t *testing.T, job *batchv1.CronJob, env map[string]string) {
	t.Helper()
	timeout, err := time.ParseDuration(env["KRAVIA_BATCH_TIMEOUT"])
	require.NoError(t, err)
	deadline, err := time.ParseDuration(env["KRAVIA_BATCH_DEADLINE"])
	require.NoError(t, err)
	grace := time.Duration(*podOf(job).TerminationGracePeriodSeconds) * time.Second
	active := time.Duration(*job.Spec.JobTemplate.Spec.ActiveDeadlineSeconds) * time.Second
	require.Greater(t, grace, 2*timeout, "two calls of one order, then the report")
	require.Greater(t, active, deadline+grace)
}

func checkPod(t *testing.T, pod *corev1.PodSpec) {
	t.Helper()
	require.False(t, *pod.AutomountServiceAccountToken)
	require.False(t, *pod.EnableServiceLinks)
	require.True(t, *pod.SecurityContext.RunAsNonRoot)
	require.Equal(t, int64(65532), *pod.SecurityContext.RunAsUser, "the user of the container file")
	require.Equal(t, int64(65532), *pod.SecurityContext.FSGroup)
	require.Equal(t, corev1.SeccompProfileTypeRuntimeDefault, pod.SecurityContext.SeccompProfile.Type)
	for _, c := range slices.Concat(pod.InitContainers, pod.Containers) {
		require.True(t, *c.SecurityContext.ReadOnlyRootFilesystem, c.Name)
		require.False(t, *c.SecurityContext.AllowPrivilegeEscalation, c.Name)
		require.Equal(t, []corev1.Capability{"ALL"}, c.SecurityContext.Capabilities.Drop, c.Name)
		require.Empty(t, c.SecurityContext.Capabilities.Add, c.Name)
		for _, resource := range []corev1.ResourceName{"cpu", "memory", "ephemeral-storage"} {
			require.Contains(t, c.Resources.Requests, resource, c.Name)
			require.Contains(t, c.Resources.Limits, resource, c.Name)
		}
	}
	for _, c := range pod.InitContainers {
		checkForeignImage(t, c.Image)
	}
	require.Equal(t, "registry.example/kravia-batch:set-me", pod.Containers[0].Image, "no cluster can pull it")
	require.Equal(t, "512Mi", pod.Containers[0].Resources.Limits.Memory().String())
}

// checkForeignImage: an image of others has its registry, for some clusters have no default one, and its digest.
func checkForeignImage(t *testing.T, image string) {
	t.Helper()
	require.Regexp(t, `^[a-z0-9-]+\.[a-z.]+/[a-z0-9/-]+:[0-9][a-zA-Z0-9._-]*@sha256:[0-9a-f]{64}$`, image)
}

// checkSecrets: no manifest holds a secret, and secrets are files that only their owner reads.
func checkSecrets(t *testing.T, objects []object) {
	t.Helper()
	require.Empty(t, of[*corev1.Secret](objects), "secrets are made by a person or a vault")
	for name, value := range only[*corev1.ConfigMap](t, objects).Data {
		if u, err := url.Parse(value); err == nil && u.User != nil {
			_, has := u.User.Password()
			require.False(t, has, name)
		}
		require.NotRegexp(t, `(?i)secret$|password|token`, name)
	}
	pod := podOf(only[*batchv1.CronJob](t, objects))
	found := false
	for _, v := range pod.Volumes {
		if v.Secret != nil {
			optional := v.Secret.Optional != nil && *v.Secret.Optional
			require.Equal(t, v.Name == "credentials", optional, "a rehearsal needs no credentials")
			require.Equal(t, int32(0o400), *v.Secret.DefaultMode, v.Name)
			require.NotEmpty(t, v.Secret.Items, "only what is needed")
			found = true
		}
	}
	require.True(t, found)
	for _, c := range slices.Concat(pod.InitContainers, pod.Containers) {
		for _, e := range c.Env {
			if e.ValueFrom != nil && e.ValueFrom.SecretKeyRef != nil {
				require.True(t, *e.ValueFrom.SecretKeyRef.Optional, e.Name)
				require.Contains(t, []string{"DINTERO_CLIENT_ID", "KRAVIA_BATCH_NOTIFY"}, e.Name, "the rest is in files")
			}
		}
	}
}

// checkVolumes: every path that a setting names lies in a volume, every volume is used, every mount has one.
func checkVolumes(t *testing.T, objects []object, pod *corev1.PodSpec) {
	t.Helper()
	used := map[string]bool{}
	var paths []string
	for _, c := range slices.Concat(pod.InitContainers, pod.Containers) {
		for _, m := range c.VolumeMounts {
			used[m.Name] = true
		}
	}
	for _, m := range pod.Containers[0].VolumeMounts {
		paths = append(paths, m.MountPath)
	}
	for _, v := range pod.Volumes {
		require.True(t, used[v.Name], v.Name)
		delete(used, v.Name)
	}
	require.Empty(t, used)
	require.Contains(t, paths, "/tmp")
	for name, value := range environmentOf(t, objects) {
		if strings.HasPrefix(value, "/") && name != "KRAVIA_BATCH_TERMINATION_LOG" {
			inside := func(p string) bool { return value == p || strings.HasPrefix(value, p+"/") }
			require.True(t, slices.ContainsFunc(paths, inside), "%s=%s", name, value)
		}
	}
}

func checkNetwork(t *testing.T, policies []*networkingv1.NetworkPolicy, labels map[string]string) {
	t.Helper()
	ports := map[int]bool{}
	denied := false
	for _, p := range policies {
		require.Empty(t, p.Spec.Ingress, "nobody calls the job")
		if len(p.Spec.PodSelector.MatchLabels)+len(p.Spec.PodSelector.MatchExpressions) == 0 { // all pods of the namespace
			both := []networkingv1.PolicyType{networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress}
			require.Equal(t, both, p.Spec.PolicyTypes)
			require.Empty(t, p.Spec.Egress)
			denied = true
			continue
		}
		require.Equal(t, []networkingv1.PolicyType{networkingv1.PolicyTypeEgress}, p.Spec.PolicyTypes)
		for key, value := range p.Spec.PodSelector.MatchLabels {
			require.Equal(t, value, labels[key], "the policy is for these pods")
		}
		for _, e := range p.Spec.Egress {
			require.NotEmpty(t, e.Ports, "a rule without ports permits all")
			require.NotEmpty(t, e.To, "a rule without targets permits all")
			for _, port := range e.Ports {
				ports[port.Port.IntValue()] = true
			}
		}
	}
	require.True(t, denied, "what no policy permits is denied, to the desk pod too")
	require.True(t, ports[53] && ports[443])
	for port := range ports {
		require.Contains(t, []int{22, 53, 443, 3128, 5432, 9091}, port)
	}
}

func checkShards(t *testing.T, job *batchv1.CronJob, env map[string]string, sharded bool) {
	t.Helper()
	spec := &job.Spec.JobTemplate.Spec
	args := containerOf(t, job).Args
	if !sharded {
		require.Equal(t, []string{"run", "$(EXPORT)"}, args)
		require.Nil(t, spec.CompletionMode)
		return
	}
	require.Equal(t, batchv1.IndexedCompletion, *spec.CompletionMode)
	require.Equal(t, strconv.Itoa(int(*spec.Completions)), env["SHARDS"])
	require.GreaterOrEqual(t, *spec.Parallelism, *spec.Completions, "no shard waits for another")
	require.Equal(t, []string{"run", "--shard=$(JOB_COMPLETION_INDEX)/$(SHARDS)", "$(EXPORT)"}, args)
}

// Every setting and flag of the manifests is one that the program knows.
func TestSettingsAreTheProgramsOwn(t *testing.T) {
	t.Parallel()
	help, err := exec.Command(program(t), "run", "--help").Output()
	require.NoError(t, err)
	known := map[string]bool{}
	for _, found := range regexp.MustCompile(`(?m)^ +(?:-\w, |    )?--([a-z-]+)`).FindAllSubmatch(help, -1) {
		known[string(found[1])] = true
	}
	require.True(t, known["deadline"] && known["config"], "the help is read rightly")
	for name, parts := range combinations() {
		objects := render(t, parts[0], parts[1:]...)
		container := containerOf(t, only[*batchv1.CronJob](t, objects))
		names := []string{}
		for setting := range environmentOf(t, objects) {
			names = append(names, setting)
		}
		for _, e := range container.Env {
			names = append(names, e.Name)
		}
		for _, setting := range names {
			if flag, ok := strings.CutPrefix(setting, "KRAVIA_BATCH_"); ok {
				require.True(t, known[strings.ReplaceAll(strings.ToLower(flag), "_", "-")], "%s: %s", name, setting)
			}
		}
		for _, arg := range container.Args {
			if flag, ok := strings.CutPrefix(arg, "--"); ok {
				flag, _, _ = strings.Cut(flag, "=")
				require.True(t, known[flag], "%s: %s", name, arg)
			}
		}
	}
}

// No file of this folder generates a secret or carries a key.
func TestFilesHoldNoSecrets(t *testing.T) {
	t.Parallel()
	files := 0
	require.NoError(t, filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".yaml" {
			return err
		}
		files++
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		require.NotRegexp(t, `secretGenerator|stringData|kind: Secret|-----BEGIN|://[^/@\s]+:[^/@\s]+@`, string(text), path)
		return nil
	}))
	require.GreaterOrEqual(t, files, 20)
}
