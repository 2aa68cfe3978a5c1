package main

import (
	"context"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"github.com/prometheus/client_golang/prometheus/push"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"kraviabatch/internal/batch"
	"kraviabatch/internal/billing"
)

// metricsJob is the job's name at a Pushgateway and the first part of every metric's name.
const metricsJob = "kravia_batch"

// labels are those of all metrics of a run. They name the environment, and never the account or the run.
func (n *notice) labels() prometheus.Labels {
	labels := prometheus.Labels{"environment": string(n.Environment)}
	if n.Environment == "" {
		labels["environment"] = "unknown"
	}
	if n.Shard != "" {
		labels["shard"] = n.Shard // or shards would replace each other's metrics
	}
	return labels
}

// register sets the metrics of a run. A command that ended without a summary sets only those that it knows, and only a
// success sets the time of the last success. A file or a gateway keeps the last values of the others.
func (n *notice) register(r prometheus.Registerer, now time.Time) {
	metrics := promauto.With(r)
	gauge := func(name, help string, value float64) {
		metrics.NewGauge(prometheus.GaugeOpts{Namespace: metricsJob, Name: name, Help: help}).Set(value)
	}
	gauge("exit_code", metricExitCode, float64(n.ExitCode))
	gauge("duration_seconds", metricDuration, n.Seconds)
	if n.Command == "run" { // a refresh of last month is no run of this one
		metrics.NewGaugeVec(prometheus.GaugeOpts{
			Namespace: metricsJob, Name: "run_end_timestamp_seconds", Help: metricEnd,
		}, []string{"code"}).WithLabelValues(strconv.Itoa(n.ExitCode)).Set(float64(now.Unix()))
	}
	if n.Command == "run" && n.ExitCode == batch.ExitDone {
		gauge("last_success_timestamp_seconds", metricSuccess, float64(now.Unix()))
	}
	if n.Orders == nil {
		return
	}
	orders := metrics.NewGaugeVec(prometheus.GaugeOpts{
		Namespace: metricsJob, Name: "orders", Help: "Orders of the last run by their final state.",
	}, []string{"state"})
	// A metric is a float and exact up to 2^53 minor units; no amount is ever read from it.
	amounts := metrics.NewGaugeVec(prometheus.GaugeOpts{
		Namespace: metricsJob, Name: "money_minor_units",
		Help: "Money of the last run by final state, including VAT, in minor units.",
	}, []string{"currency", "state"})
	for _, f := range billing.Finals() {
		state := strings.ReplaceAll(f.String(), " ", "_")
		orders.WithLabelValues(state).Set(float64(n.Orders.Of(f)))
		for _, m := range n.Money {
			amounts.WithLabelValues(m.Currency.Code(), state).Set(float64(m.Of(f).Minor()))
		}
	}
}

// writeMetrics replaces the file completely or not at all. Metrics that this run does not set stay in it.
func writeMetrics(path string, n *notice, now time.Time) error {
	fresh := prometheus.NewRegistry()
	n.register(prometheus.WrapRegistererWith(n.labels(), fresh), now)
	return prometheus.WriteToTextfile(path, prometheus.Gatherers{fresh, kept(path, fresh)})
}

// kept gives the metrics of the file that are not set again. A file that cannot be read gives none and is replaced.
func kept(path string, fresh prometheus.Gatherer) prometheus.GathererFunc {
	return func() ([]*dto.MetricFamily, error) {
		anew, err := fresh.Gather()
		if err != nil {
			return nil, err
		}
		file, err := os.Open(path)
		if err != nil {
			return nil, nil
		}
		defer func() { _ = file.Close() }() // only read
		parser := expfmt.NewTextParser(model.UTF8Validation)
		old, err := parser.TextToMetricFamilies(file)
		if err != nil {
			return nil, nil
		}
		for _, family := range anew {
			delete(old, family.GetName())
		}
		var families []*dto.MetricFamily
		for name, family := range old {
			if strings.HasPrefix(name, metricsJob+"_") {
				families = append(families, family)
			}
		}
		return families, nil
	}
}

// pushMetrics replaces the metrics that this run sets. The gateway keeps the others, see register.
func pushMetrics(ctx context.Context, address string, n *notice, now time.Time) error {
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	// The pusher's errors repeat its URL, so the password is passed separately.
	user := u.User
	u.User = nil
	registry := prometheus.NewRegistry()
	n.register(registry, now)
	pusher := push.New(u.String(), metricsJob).Gatherer(registry).Client(notifyClient())
	for name, value := range n.labels() {
		pusher = pusher.Grouping(name, value)
	}
	if user != nil {
		password, _ := user.Password()
		pusher = pusher.BasicAuth(user.Username(), password)
	}
	ctx, cancel := context.WithTimeout(ctx, notifyTimeout)
	defer cancel()
	return pusher.AddContext(ctx)
}
