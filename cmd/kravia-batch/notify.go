package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/pflag"

	"kraviabatch/internal/batch"
	"kraviabatch/internal/billing"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/fault"
	"kraviabatch/internal/report"
)

const (
	// terminationSize is what Kubernetes keeps of a container's termination message, in bytes.
	terminationSize = 4096
	// notifyTimeout is the longest wait for a pushgateway or a notified address, so that it never delays a run's end.
	notifyTimeout = 10 * time.Second
)

// notifyFlags are where a command reports its end to people who do not read its output. A report holds counts, sums and
// codes, and no personal data. It has no file names either, since those may name a customer: the run's id finds the
// report.
type notifyFlags struct {
	terminationLog string
	metricsFile    string
	pushgateway    string // may hold a password
	notify         string // the whole address may be a secret
	nobody         bool   // is notified: a dry run is no success of a month
}

func (s *notifyFlags) add(f *pflag.FlagSet) {
	f.StringVar(&s.terminationLog, "termination-log", "",
		"`file` for a summary of at most 4 KB, such as a container's /dev/termination-log")
	f.StringVar(&s.metricsFile, "metrics-file", "",
		"`file` for metrics in Prometheus' text format, one for each account")
	f.StringVar(&s.pushgateway, "pushgateway", "", "`URL` of a Prometheus Pushgateway to push metrics to")
	f.StringVar(&s.notify, "notify", "", "`URL` that gets counts and sums as JSON when the command ends")
}

// check leaves the addresses to announced, which can still write the termination log when one is wrong.
func (s *notifyFlags) check() error { return nil }

// checkAddresses refuses addresses that cannot be notified. Its errors do not repeat them.
func (s *notifyFlags) checkAddresses() error {
	for _, given := range []struct{ flag, address string }{{"pushgateway", s.pushgateway}, {"notify", s.notify}} {
		if given.address == "" {
			continue
		}
		u, err := url.Parse(given.address)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			return usage(msgNotURL, given.flag)
		}
		if given.flag == "pushgateway" && (u.RawQuery != "" || u.Fragment != "") {
			return usage(msgPushgatewayQuery)
		}
	}
	return nil
}

// announced does a command's work and notifies all addresses of its end. A failure to notify is a note: it never
// changes the outcome.
func (a *app) announced(ctx context.Context, to *notifyFlags, n *notice, work func() error) error {
	started := time.Now()
	err := to.checkAddresses()
	if err == nil {
		err = fault.Run(work)
	} else {
		to.pushgateway, to.notify = "", ""
	}
	if !to.nobody {
		n.end(a.codeOf(err), time.Since(started), a.result)
		a.notifyAll(context.WithoutCancel(ctx), to, n)
	}
	return err
}

// notifyAll reports the end of a command everywhere.
func (a *app) notifyAll(ctx context.Context, to *notifyFlags, n *notice) {
	ways := []struct {
		flag, value string
		report      func() error
	}{
		{"termination-log", to.terminationLog, func() error { return writeTermination(to.terminationLog, n.text()) }},
		{"metrics-file", to.metricsFile, func() error { return writeMetrics(to.metricsFile, n, time.Now()) }},
		{"pushgateway", to.pushgateway, func() error { return pushMetrics(ctx, to.pushgateway, n, time.Now()) }},
		{"notify", to.notify, func() error { return notify(ctx, to.notify, n) }},
	}
	for _, way := range ways {
		if way.value == "" {
			continue
		}
		if err := way.report(); err != nil {
			if full, ok := errors.AsType[*url.Error](err); ok {
				err = full.Err // the whole address may be a secret
			}
			a.note(msgNotNotified, way.flag, err)
		}
	}
}

// notice is how a command ended, without personal data. Its JSON goes to --notify: names are those of the summary's
// JSON, amounts are in minor units. What needs a summary is missing if the command ended before there was one.
type notice struct {
	Version       int                  `json:"version"`
	Program       string               `json:"program"`
	Command       string               `json:"command"` // run or refresh
	Run           string               `json:"run,omitempty"`
	Environment   report.Environment   `json:"environment"` // "" where the settings do not say
	Account       string               `json:"account,omitempty"`
	Shard         string               `json:"shard,omitempty"` // I/N
	ExitCode      int                  `json:"exit_code"`
	Meaning       string               `json:"meaning"`
	Stopped       string               `json:"stopped,omitempty"`
	Seconds       float64              `json:"duration_seconds"`
	Rows          *report.Counts       `json:"rows,omitempty"`
	Orders        *report.Counts       `json:"orders,omitempty"`
	Money         []*report.Money      `json:"money,omitempty"`
	Balanced      *bool                `json:"balanced,omitempty"`
	Problems      map[billing.Code]int `json:"problems,omitempty"` // how many of each code
	ProblemsTotal int                  `json:"problems_total"`
}

// noticeOf begins the notice of a command. The account is left empty where the settings do not say whose it is.
func noticeOf(command string, account *accountFlags) *notice {
	n := &notice{Version: 1, Program: "kravia-batch " + programVersion(), Command: command}
	n.Account, n.Environment, _ = account.target()
	return n
}

// end adds how the command ended; result is nil if it ended before there was one.
func (n *notice) end(code int, took time.Duration, result *batch.Result) {
	n.ExitCode, n.Meaning, n.Seconds = code, meaning(code), took.Round(time.Millisecond).Seconds()
	if result == nil {
		return
	}
	n.Run = result.Run
	if result.Reason != dispatch.Finished {
		n.Stopped = result.Reason.String()
	}
	s := result.Summary
	if s == nil {
		return
	}
	n.Rows, n.Orders, n.Balanced, n.ProblemsTotal = &s.Rows, &s.Orders, &s.Balanced, s.ProblemsTotal
	for i := range s.Money {
		n.Money = append(n.Money, &s.Money[i])
	}
	n.Problems = make(map[billing.Code]int, len(s.Groups))
	for _, g := range s.Groups {
		n.Problems[g.Code] += g.Count
	}
}

// text is the notice in words, the most important first, within terminationSize.
func (n *notice) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, msgNotice+"\n",
		strings.Join(
			strings.Fields(fmt.Sprintf("%s %s: %s %s %s", n.Program, n.Command, n.Environment, n.Account, n.Run)),
			" "), n.ExitCode, n.Meaning)
	if n.Shard != "" {
		fmt.Fprintln(&b, "shard:", n.Shard)
	}
	if n.Stopped != "" {
		fmt.Fprintln(&b, "stopped:", n.Stopped)
	}
	if n.Orders != nil {
		fmt.Fprintf(&b, "orders: %s\nrows: %s\n", counted(n.Orders), counted(n.Rows))
	}
	if n.Balanced != nil && !*n.Balanced {
		fmt.Fprintln(&b, msgNotBalanced)
	}
	for _, m := range n.Money {
		fmt.Fprintf(&b, "money: total %s", m.Out().Grouped())
		for _, f := range billing.Finals() {
			if m.Of(f).Minor() != 0 {
				fmt.Fprintf(&b, ", %s %s", f, m.Of(f).Grouped())
			}
		}
		fmt.Fprintln(&b)
	}
	codes := make([]billing.Code, 0, len(n.Problems))
	for code := range n.Problems {
		codes = append(codes, code)
	}
	slices.SortFunc(codes, func(x, y billing.Code) int {
		return cmp.Or(cmp.Compare(n.Problems[y], n.Problems[x]), cmp.Compare(x, y))
	})
	for _, code := range codes {
		fmt.Fprintf(&b, "problem: %s, %s\n", code, plural(n.Problems[code], "time"))
	}
	return cut(b.String(), terminationSize)
}

func counted(c *report.Counts) string {
	var text strings.Builder
	fmt.Fprintf(&text, "total %d", c.Total())
	for _, f := range billing.Finals() {
		if c.Of(f) != 0 {
			fmt.Fprintf(&text, ", %s %d", f, c.Of(f))
		}
	}
	return text.String()
}

// cut shortens a text to at most limit bytes, never within a character, and marks the cut by an ellipsis.
func cut(text string, limit int) string {
	const more = "…"
	if len(text) <= limit {
		return text
	}
	end := limit - len(more)
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + more
}

// writeTermination writes in place: in a container the file is a mount, which cannot be replaced.
func writeTermination(path, text string) error {
	return os.WriteFile(path, []byte(text), 0o600)
}

// notify posts the notice once. Its errors do not repeat the address.
func notify(ctx context.Context, address string, n *notice) error {
	body, err := json.Marshal(n)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, notifyTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return errors.New(msgBadAddress)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := notifyClient().Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()       // nothing is kept of it
	_, _ = io.CopyN(io.Discard, response.Body, 64<<10) // the answer's text says nothing to us
	if response.StatusCode/100 != 2 {
		return fmt.Errorf(msgAnswered, response.StatusCode)
	}
	return nil
}

// notifyClient follows no redirect: a notice goes to the given address or nowhere.
func notifyClient() *http.Client {
	return &http.Client{
		Timeout:       notifyTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
