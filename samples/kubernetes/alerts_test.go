package kubernetes_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"
)

// PrometheusRule is the part of the Prometheus Operator's API that the alerts use.
type PrometheusRule struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              struct {
		Groups []struct {
			Name  string `json:"name"`
			Rules []struct {
				Record      string            `json:"record,omitempty"`
				Alert       string            `json:"alert,omitempty"`
				Expr        string            `json:"expr"`
				For         string            `json:"for,omitempty"`
				Labels      map[string]string `json:"labels,omitempty"`
				Annotations map[string]string `json:"annotations,omitempty"`
			} `json:"rules"`
		} `json:"groups"`
	} `json:"spec"`
}

// DeepCopyObject is needed to be decoded; nothing changes a rule here.
func (r *PrometheusRule) DeepCopyObject() runtime.Object { return r }

// Alerts speak of metrics, labels and states that a run really gives.
func TestAlertsSpeakOfRealMetrics(t *testing.T) {
	t.Parallel()
	rule := only[*PrometheusRule](t, render(t, "single", "alerts"))
	require.Contains(t, rule.Labels, "release", "kube-prometheus-stack reads no rule without it")
	metrics := rehearse(t)
	covered := map[string]bool{}
	for _, r := range rule.Spec.Groups[0].Rules {
		if r.Record == "" {
			require.NotEmpty(t, r.Alert)
			require.Contains(t, []string{"critical", "warning"}, r.Labels["severity"], r.Alert)
			require.Contains(t, []string{"operations", "finance"}, r.Labels["team"], r.Alert)
			require.NotEmpty(t, r.Annotations["summary"], r.Alert)
		}
		for _, name := range regexp.MustCompile(`\bkravia_batch_\w+`).FindAllString(r.Expr, -1) {
			require.Regexp(t, `\n`+name+`\{.*environment=`, metrics, "%s: %s", r.Alert, name)
			covered[name] = true
		}
		for _, states := range regexp.MustCompile(`state=~"([^"]+)"`).FindAllStringSubmatch(r.Expr, -1) {
			for state := range strings.SplitSeq(states[1], "|") {
				require.Contains(t, metrics, `state="`+state+`"`, r.Alert)
			}
		}
	}
	require.Equal(t, map[string]bool{
		"kravia_batch_last_success_timestamp_seconds": true, "kravia_batch_orders": true, "kravia_batch_exit_code": true,
		"kravia_batch_run_end_timestamp_seconds": true,
	}, covered)
}

// Times of the table below. It is now day 40 of Prometheus's own count, and the job began an hour ago.
const (
	now   = 40 * 24 * 3600
	began = now - 3600
	since = now - 60 // after the job began
	ago   = now - 10*24*3600
)

// failed are the metrics of kube-state-metrics for a job of the CronJob that failed.
func failed(name string, start, pods int) map[string]int {
	of := func(metric, more string) string {
		return fmt.Sprintf(`%s{namespace="kravia-batch", job_name="%s"%s}`, metric, name, more)
	}
	return map[string]int{
		of("kube_job_status_start_time", ""):                                      start,
		of("kube_job_failed", `, condition="true"`):                               1,
		of("kube_job_spec_completions", ""):                                       pods,
		of("kube_job_owner", `, owner_kind="CronJob", owner_name="kravia-batch"`): 1,
	}
}

// ended is the metric of a run of a shard, "" for none, that ended with a code.
func ended(code int, shard string, at int) map[string]int {
	labels := fmt.Sprintf(`environment="live", code="%d"`, code)
	if shard != "" {
		labels += fmt.Sprintf(`, shard="%s"`, shard)
	}
	return map[string]int{"kravia_batch_run_end_timestamp_seconds{" + labels + "}": at}
}

// unowned is a helper's job, as the runbook's function makes it.
func unowned(series map[string]int) map[string]int {
	for name := range series {
		if strings.HasPrefix(name, "kube_job_owner") {
			delete(series, name)
		}
	}
	return series
}

// Prometheus's own tool says which alerts go off.
func TestAlertsGoOff(t *testing.T) {
	t.Parallel()
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("SKIPPED: promtool is not installed, so it is not checked when alerts go off")
	}
	const (
		runFailed = "KraviaBatchRunFailed"
		rows      = "KraviaBatchRowsNotInvoiced"
		cronJob   = `{namespace="kravia-batch", cronjob="kravia-batch"}`
		succeeded = "kube_cronjob_status_last_successful_time" + cronJob
		created   = "kube_cronjob_created" + cronJob
	)
	type series []map[string]int
	single, shards := failed("a", began, 1), failed("a", began, 2)
	spec, err := yaml.Marshal(only[*PrometheusRule](t, render(t, "single", "alerts")).Spec)
	require.NoError(t, err)
	for name, test := range map[string]struct {
		series series
		alerts []string
	}{
		"some rows invalid":   {series{single, ended(3, "", since)}, []string{rows}},
		"wrong settings":      {series{single, ended(2, "", since)}, []string{runFailed}},
		"credentials refused": {series{single, ended(4, "", since)}, []string{runFailed}},
		"input refused":       {series{single, ended(5, "", since)}, []string{runFailed}},
		"in doubt":            {series{single, ended(6, "", since)}, []string{runFailed}},
		"killed, not a word":  {series{single, ended(3, "", ago)}, []string{runFailed}},
		"no Pushgateway":      {series{single}, []string{runFailed}},
		"of last week":        {series{failed("a", ago, 1), ended(2, "", ago)}, nil},
		"a helper":            {series{unowned(failed("a", began, 1))}, nil},
		"a success":           {series{ended(0, "", since)}, nil},

		"rows of one shard": {series{shards, ended(0, "0/2", since), ended(3, "1/2", since)}, []string{rows}},
		"one shard killed":  {series{shards, ended(3, "0/2", since), ended(0, "1/2", ago)}, []string{runFailed}},
		"one shard refused": {series{shards, ended(3, "0/2", since), ended(4, "1/2", since)}, []string{runFailed}},

		"no success for a month":  {series{{succeeded: 5}}, []string{"KraviaBatchNoSuccess"}},
		"no success ever":         {series{{created: 5}}, []string{"KraviaBatchNeverSucceeded"}},
		"a success of this month": {series{{succeeded: ago, created: 5}}, nil},
		"no real success": {
			series{{`kravia_batch_last_success_timestamp_seconds{environment="live"}`: 5}}, []string{"KraviaBatchLiveNoSuccess"},
		},
		"an order in conflict": {
			series{{`kravia_batch_orders{environment="live", state="conflict"}`: 1}}, []string{"KraviaBatchInDoubt"},
		},
		"a command that failed": {series{{`kravia_batch_exit_code{environment="live"}`: 1}}, []string{"KraviaBatchExitCode"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			require.NoError(t, os.WriteFile(filepath.Join(dir, "rules.yaml"), spec, 0o600))
			path := filepath.Join(dir, "test.yaml")
			require.NoError(t, os.WriteFile(path, alertTest(t, test.series, test.alerts), 0o600))
			out, err := exec.Command(promtool, "test", "rules", path).CombinedOutput()
			require.NoError(t, err, string(out))
		})
	}
}

// alertTest is a file for `promtool test rules`: with these series, these alerts and no others fire.
func alertTest(t *testing.T, series []map[string]int, alerts []string) []byte {
	t.Helper()
	type values struct {
		Series string `json:"series"`
		Values string `json:"values"`
	}
	type sample struct {
		Labels string `json:"labels"`
		Value  int    `json:"value"`
	}
	var input []values
	for _, some := range series {
		for name, value := range some {
			input = append(input, values{name, fmt.Sprintf("%d+0x%d", value, now/3600)})
		}
	}
	firing := []sample{}
	for _, name := range slices.Sorted(slices.Values(alerts)) {
		firing = append(firing, sample{fmt.Sprintf(`{alertname="%s"}`, name), 1})
	}
	text, err := yaml.Marshal(map[string]any{
		"rule_files": []string{"rules.yaml"}, "evaluation_interval": "1h",
		"tests": []any{map[string]any{
			"interval": "1h", "input_series": input, "promql_expr_test": []any{map[string]any{
				"expr":      `count by (alertname) (ALERTS{alertstate="firing"})`,
				"eval_time": fmt.Sprintf("%ds", now), "exp_samples": firing,
			}},
		}},
	})
	require.NoError(t, err)
	return text
}
