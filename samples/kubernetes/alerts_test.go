package kubernetes_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// PrometheusRule is the part of the Prometheus Operator's API that the alerts use.
type PrometheusRule struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              struct {
		Groups []struct {
			Name  string `json:"name"`
			Rules []struct {
				Alert       string            `json:"alert"`
				Expr        string            `json:"expr"`
				For         string            `json:"for,omitempty"`
				Labels      map[string]string `json:"labels"`
				Annotations map[string]string `json:"annotations"`
			} `json:"rules"`
		} `json:"groups"`
	} `json:"spec"`
}

// DeepCopyObject is needed to be decoded; nothing changes a rule here.
func (r *PrometheusRule) DeepCopyObject() runtime.Object { return r }

// Alerts speak of metrics, labels and states that a run really gives.
func TestAlertsSpeakOfRealMetrics(t *testing.T) {
	t.Parallel()
	rules := only[*PrometheusRule](t, render(t, "single", "alerts")).Spec.Groups[0].Rules
	metrics := rehearse(t)
	covered := map[string]bool{}
	for _, r := range rules {
		require.NotEmpty(t, r.Alert)
		require.NotEmpty(t, r.Labels["severity"], r.Alert)
		require.NotEmpty(t, r.Annotations["summary"], r.Alert)
		for _, name := range regexp.MustCompile(`\bkravia_batch_\w+`).FindAllString(r.Expr, -1) {
			require.Contains(t, metrics, "\n"+name+"{environment=", "%s: %s", r.Alert, name)
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
	}, covered)
}
