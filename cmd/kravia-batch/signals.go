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
	// tellTimeout is the longest wait for a pushgateway or a notified address, so that a run's end is never held up.
	tellTimeout = 10 * time.Second
)

// onCall is where a run tells people who do not read its output. Nothing told holds personal data: counts,
// sums and codes only. Names of files are none of it, for they may name a customer: the run's id finds the
// report.
type onCall struct {
	terminationLog string
	metricsFile    string
	pushgateway    string // may hold a password
	notify         string // may be a secret as a whole
}

func (s *settings) addOnCall(f *pflag.FlagSet) {
	f.StringVar(&s.onCall.terminationLog, "termination-log", "",
		"file for a summary of at most 4 KB, such as a container's /dev/termination-log")
	f.StringVar(&s.onCall.metricsFile, "metrics-file", "",
		"file for metrics in Prometheus' text format, one for each account")
	f.StringVar(&s.onCall.pushgateway, "pushgateway", "", "URL of a Prometheus Pushgateway to push metrics to")
	f.StringVar(&s.onCall.notify, "notify", "", "URL that gets counts and sums as JSON when the command ends")
}

// check refuses addresses that cannot be told anything. Its errors do not repeat them.
func (o *onCall) check() error {
	for _, given := range []struct{ flag, address string }{{"pushgateway", o.pushgateway}, {"notify", o.notify}} {
		if given.address == "" {
			continue
		}
		u, err := url.Parse(given.address)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			return usage("--%s is not a URL such as https://host/path", given.flag)
		}
		if given.flag == "pushgateway" && (u.RawQuery != "" || u.Fragment != "") {
			return usage("--pushgateway has a query or a fragment; give its base URL")
		}
	}
	return nil
}

// announced does a command's work and tells the people on call how it ended. A failure to tell is a warning: it never
// changes the outcome. A dry run tells nobody, since it is no success of a month.
func (a *app) announced(ctx context.Context, command string, work func() error) error {
	started := time.Now()
	err := a.settings.onCall.check()
	if err == nil {
		err = fault.Run(work)
	} else {
		a.settings.onCall.pushgateway, a.settings.onCall.notify = "", ""
	}
	if !a.settings.dryRun {
		a.tell(context.WithoutCancel(ctx), a.noticeOf(command, a.codeOf(err), time.Since(started)))
	}
	return err
}

func (a *app) tell(ctx context.Context, n *notice) {
	to := &a.settings.onCall
	ways := []struct {
		flag, value string
		tell        func() error
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
		if err := way.tell(); err != nil {
			if full, ok := errors.AsType[*url.Error](err); ok {
				err = full.Err // the address may be a secret as a whole
			}
			fmt.Fprintf(a.stderr, "kravia-batch: note: --%s could not be told, the outcome is the same: %v\n",
				way.flag, err)
		}
	}
}

// notice is how a command ended, without personal data. Its JSON goes to --notify; names are those of the
// summary's JSON, amounts are in minor units. What needs a summary is missing where the command ended before
// there was one.
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

func (a *app) noticeOf(command string, code int, took time.Duration) *notice {
	n := &notice{
		Version: 1, Program: "kravia-batch " + programVersion(), Command: command, Shard: a.settings.shard,
		ExitCode: code, Meaning: meaning(code),
		Seconds: took.Round(time.Millisecond).Seconds(),
	}
	if account, env, err := a.target(); err == nil {
		n.Account, n.Environment = account, env
	}
	if a.result == nil {
		return n
	}
	n.Run = a.result.Run
	if a.result.Reason != dispatch.Finished {
		n.Stopped = a.result.Reason.String()
	}
	s := a.result.Summary
	if s == nil {
		return n
	}
	n.Rows, n.Orders, n.Balanced, n.ProblemsTotal = &s.Rows, &s.Orders, &s.Balanced, s.ProblemsTotal
	for i := range s.Money {
		n.Money = append(n.Money, &s.Money[i])
	}
	n.Problems = make(map[billing.Code]int, len(s.Groups))
	for _, g := range s.Groups {
		n.Problems[g.Code] += g.Count
	}
	return n
}

// meaning is what an exit code asks of a person.
func meaning(code int) string {
	switch code {
	case batch.ExitDone:
		return "done, nothing is left to do"
	case batch.ExitError:
		return "unexpected error: see the log, then run it again"
	case batch.ExitUsage:
		return "wrong settings, or something is missing here: see the log and correct it"
	case batch.ExitIncomplete:
		return "finished, but some rows were invalid, rejected or failed, or a capture was refused: see the report"
	case batch.ExitCredentials:
		return "the provider refused the credentials"
	case batch.ExitInput:
		return "the input was refused as a whole, no call was made: see the log"
	case batch.ExitDoubt:
		return "something is in doubt or in conflict: refresh, then look at the report"
	case batch.ExitLocked:
		return "another run holds the lock, no call was made: wait for it"
	case batch.ExitStopped:
		return "stopped early, the rest is not attempted: run it again to go on"
	case batch.ExitPlan:
		return "the plan does not hold any more, or is not approved: see the log, make a new plan"
	case 130, 143:
		return "interrupted, everything is journaled: run it again to go on"
	}
	return fmt.Sprintf("exit code %d", code)
}

// text is the notice for a person, what matters most first, within terminationSize.
func (n *notice) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\nexit code %d: %s\n",
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
		fmt.Fprintln(&b, "NOT BALANCED: rows or money in are not rows or money out")
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

// cut shortens a text to so many bytes, between characters, and shows that it did.
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
	ctx, cancel := context.WithTimeout(ctx, tellTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return errors.New("the address cannot be used")
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := tellClient().Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()       // nothing is kept of it
	_, _ = io.CopyN(io.Discard, response.Body, 64<<10) // the answer's text says nothing to us
	if response.StatusCode/100 != 2 {
		return fmt.Errorf("answered %d", response.StatusCode)
	}
	return nil
}

// tellClient follows no redirect: what is told goes to the address that was given or nowhere.
func tellClient() *http.Client {
	return &http.Client{
		Timeout:       tellTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
