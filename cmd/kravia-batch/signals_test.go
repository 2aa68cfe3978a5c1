package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"kraviabatch/internal/billing"
)

// The second order has no e-mail address and is invalid, the third is for a private person.
const onCallInput = `order_reference,description,amount,vat,business_name,organization_number,first_name,last_name,email,phone_number,address_line,postal_code,postal_place,country
A-1,Subscription,299.00,25,Nordmann AS,974760673,Ola,Nordmann,ola@example.no,+4740612345,Storgata 1,0151,Oslo,NO
A-2,Subscription,100.00,25,Nordmann AS,974760673,Ola,Nordmann,,+4740612345,Storgata 1,0151,Oslo,NO
A-3,Coaching,50.00,25,,,Kari,Hemmelig,kari@example.no,+4740612345,Lillegata 5,5003,Bergen,NO
`

// received is one request that a server got.
type received struct {
	method, path, kind, user, password string
	body                               []byte
}

// listener is a server that remembers requests and gives one answer.
type listener struct {
	*httptest.Server
	mu  sync.Mutex
	got []received
}

func newListener(t *testing.T, status int) *listener {
	t.Helper()
	l := &listener{}
	l.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		user, password, _ := r.BasicAuth()
		l.mu.Lock()
		l.got = append(l.got, received{r.Method, r.URL.Path, r.Header.Get("Content-Type"), user, password, body})
		l.mu.Unlock()
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(status)
	}))
	t.Cleanup(l.Close)
	return l
}

func (l *listener) requests() []received {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.got
}

// onCallBed is a folder with an input and a command line that tells everybody.
type onCallBed struct {
	dir    string
	input  string
	stderr bytes.Buffer
}

func newOnCallBed(t *testing.T, input string) *onCallBed {
	t.Helper()
	b := &onCallBed{dir: t.TempDir()}
	b.input = filepath.Join(b.dir, "november.csv")
	require.NoError(t, os.WriteFile(b.input, []byte(input), 0o600))
	return b
}

func (b *onCallBed) run(t *testing.T, more ...string) int {
	t.Helper()
	return b.command(t, "run", append(more, b.input)...)
}

func (b *onCallBed) command(t *testing.T, name string, more ...string) int {
	t.Helper()
	args := append([]string{
		name, "--sandbox", "--rate", "0", "--state", filepath.Join(b.dir, "state"), "--reports",
		filepath.Join(b.dir, "reports"),
		"--log-format", "json", "--metrics-file", filepath.Join(b.dir, "m.prom"), "--termination-log",
		filepath.Join(b.dir, "termination"),
	}, more...)
	b.stderr.Reset()
	return run(context.Background(), args, &environment{
		getenv: func(string) string { return "" }, stdin: strings.NewReader(""), stdout: io.Discard,
		stderr: &b.stderr, signals: nil,
	})
}

func (b *onCallBed) read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(b.dir, name))
	require.NoError(t, err)
	return string(text)
}

func TestPeopleOnCallAreTold(t *testing.T) {
	t.Parallel()
	gateway, hook := newListener(t, http.StatusOK), newListener(t, http.StatusNoContent)
	b := newOnCallBed(t, onCallInput)
	address := strings.Replace(gateway.URL, "://", "://pusher:canary-password@", 1)

	require.Equal(t, 3, b.run(t, "--pushgateway", address, "--notify", hook.URL+"/canary-path"), b.stderr.String())

	require.Len(t, hook.requests(), 1)
	got := hook.requests()[0]
	require.Equal(t, http.MethodPost, got.method)
	require.Equal(t, "application/json", got.kind)
	var told map[string]any
	require.NoError(t, json.Unmarshal(got.body, &told))
	require.Equal(t, "sandbox", told["environment"])
	require.InDelta(t, 3, told["exit_code"], 0)
	require.InDelta(t, 3, told["orders"].(map[string]any)["total"], 0)
	require.InDelta(t, 2, told["orders"].(map[string]any)["invoiced"], 0)
	money := told["money"].([]any)[0].(map[string]any)
	require.Equal(t, "NOK", money["currency"])
	require.InDelta(t, 44900, money["total"], 0)
	require.InDelta(t, 10000, money["invalid"], 0)
	require.Equal(t, true, told["balanced"])
	require.Equal(t, map[string]any{"email.missing": 1.0}, told["problems"])
	require.Regexp(t, runForm, told["run"], "it finds the reports")

	require.Len(t, gateway.requests(), 1)
	pushed := gateway.requests()[0]
	require.Equal(t, http.MethodPost, pushed.method, "a POST replaces by name and keeps the time of the last success")
	require.Equal(t, "/metrics/job/kravia_batch/environment/sandbox", pushed.path)
	require.Equal(t, "pusher canary-password", pushed.user+" "+pushed.password)
	values := pushedValues(t, pushed)
	require.InDelta(t, 3, values["kravia_batch_exit_code"], 0)
	require.InDelta(t, time.Now().Unix(), values["kravia_batch_run_end_timestamp_seconds 3"], 60)
	require.InDelta(t, 1, values["kravia_batch_orders invalid"], 0)
	require.InDelta(t, 34900, values["kravia_batch_money_minor_units NOK invoiced"], 0)
	require.NotContains(t, values, "kravia_batch_last_success_timestamp_seconds")

	metrics, termination := b.read(t, "m.prom"), b.read(t, "termination")
	require.Contains(t, metrics, `kravia_batch_orders{environment="sandbox",state="invoiced"} 2`)
	require.Contains(t, metrics,
		`kravia_batch_money_minor_units{currency="NOK",environment="sandbox",state="invoiced"} 34900`)
	require.Contains(t, termination, "exit code 3: finished, but some rows were invalid")
	require.Contains(t, termination, "orders: total 3, invoiced 2, invalid 1")
	require.Contains(t, termination, "money: total 449.00 NOK, invoiced 349.00 NOK, invalid 100.00 NOK")
	for _, personal := range []string{
		"Nordmann", "Hemmelig", "Kari", "@example.no", "40612345", "Lillegata",
		"974760673", "A-1", "november",
	} {
		for where, text := range map[string]string{
			"notify": string(got.body), "push": string(pushed.body),
			"metrics": metrics, "termination": termination,
		} {
			require.NotContains(t, text, personal, where)
		}
	}
	require.NotContains(t, b.stderr.String(), "canary")
}

// pushedValues are the pushed metrics by name and labels' values.
func pushedValues(t *testing.T, r received) map[string]float64 {
	t.Helper()
	values := map[string]float64{}
	decoder := expfmt.NewDecoder(bytes.NewReader(r.body), expfmt.ResponseFormat(http.Header{"Content-Type": {r.kind}}))
	for {
		family := &dto.MetricFamily{}
		if err := decoder.Decode(family); err != nil {
			require.ErrorIs(t, err, io.EOF)
			return values
		}
		for _, m := range family.GetMetric() {
			name := family.GetName()
			for _, label := range m.GetLabel() {
				name += " " + label.GetValue()
			}
			values[name] = m.GetGauge().GetValue()
		}
	}
}

// endCodes are the exit codes of which metrics say when a run ended so.
func endCodes(metrics string) (codes []string) {
	form := regexp.MustCompile(`kravia_batch_run_end_timestamp_seconds\{code="(\d+)",`)
	for _, found := range form.FindAllStringSubmatch(metrics, -1) {
		codes = append(codes, found[1])
	}
	return codes
}

func TestLastSuccessOutlivesAFailure(t *testing.T) {
	t.Parallel()
	const name = "kravia_batch_last_success_timestamp_seconds"
	line := func(metrics string) string {
		for l := range strings.Lines(metrics) {
			if strings.HasPrefix(l, name+"{") {
				return l
			}
		}
		return ""
	}
	b := newOnCallBed(t, strings.Join(strings.SplitAfter(onCallInput, "\n")[:2], ""))
	require.Equal(t, 0, b.run(t), b.stderr.String())
	success := line(b.read(t, "m.prom"))
	require.NotEmpty(t, success)
	require.Contains(t, b.read(t, "termination"), "exit code 0: done")

	require.NoError(t, os.WriteFile(b.input, []byte("nothing\n"), 0o600))
	require.Equal(t, 5, b.run(t))
	after := b.read(t, "m.prom")
	require.Equal(t, success, line(after))
	require.Contains(t, after, `kravia_batch_exit_code{environment="sandbox"} 5`)
	require.Equal(t, []string{"5"}, endCodes(after), "the last end replaces the one before")
	require.Contains(t, after, `kravia_batch_orders{environment="sandbox",state="invoiced"} 1`,
		"what the failed run does not know stays")
	require.Equal(t, 1, strings.Count(after, "# TYPE kravia_batch_exit_code gauge"))
	require.Contains(t, b.read(t, "termination"), "exit code 5: the input was refused as a whole, no call was made")

	require.NoError(t, os.WriteFile(filepath.Join(b.dir, "m.prom"), []byte("{broken"), 0o600))
	require.Equal(t, 5, b.run(t))
	require.Contains(t, b.read(t, "m.prom"), `kravia_batch_exit_code{environment="sandbox"} 5`)
}

func TestRefreshTellsButIsNoSuccess(t *testing.T) {
	t.Parallel()
	b := newOnCallBed(t, strings.Join(strings.SplitAfter(onCallInput, "\n")[:2], ""))
	require.Equal(t, 0, b.run(t), b.stderr.String())
	require.Equal(t, []string{"0"}, endCodes(b.read(t, "m.prom")))
	require.NoError(t, os.Remove(filepath.Join(b.dir, "m.prom")))
	require.Equal(t, 0, b.command(t, "refresh"), b.stderr.String())
	metrics := b.read(t, "m.prom")
	require.Contains(t, metrics, `kravia_batch_orders{environment="sandbox",state="in_doubt"} 0`,
		"what was in doubt is cleared")
	require.NotContains(t, metrics, "last_success")
	require.Empty(t, endCodes(metrics))
	require.Contains(t, b.read(t, "termination"), "refresh: sandbox")
}

func TestTellingNeverChangesTheOutcome(t *testing.T) {
	t.Parallel()
	failing, moved := newListener(t, http.StatusInternalServerError), newListener(t, http.StatusTemporaryRedirect)
	const gone = "127.0.0.1:1" // a port of the system's, where no other test listens
	good := strings.Join(strings.SplitAfter(onCallInput, "\n")[:2], "")
	for name, test := range map[string]struct {
		args []string
		says []string
	}{
		"notify fails": {
			[]string{"--notify", failing.URL + "/canary"},
			[]string{"could not notify --notify", "answered 500"},
		},
		"notify redirects": {
			[]string{"--notify", moved.URL + "/canary"},
			[]string{"could not notify --notify", "answered 307"},
		},
		"notify unreachable": {
			[]string{"--notify", "http://" + gone + "/canary"},
			[]string{"could not notify --notify", "connection refused"},
		},
		"gateway fails": {
			[]string{"--pushgateway", strings.Replace(failing.URL, "://", "://u:canary@", 1)},
			[]string{"could not notify --pushgateway", "500"},
		},
		"gateway unreachable": {
			[]string{"--pushgateway", "http://u:canary@" + gone},
			[]string{"could not notify --pushgateway", "connection refused"},
		},
		"no folder": {
			[]string{"--metrics-file", "/no/such/folder/m", "--termination-log", "/no/such/folder/t"},
			[]string{"could not notify --metrics-file", "could not notify --termination-log"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newOnCallBed(t, good)
			require.Equal(t, 0, b.run(t, test.args...), b.stderr.String())
			for _, words := range test.says {
				require.Contains(t, b.stderr.String(), words)
			}
			require.NotContains(t, b.stderr.String(), "canary")
			require.Equal(t, 0, b.run(t), "the second run finds the first one's invoice")
		})
	}
	for _, l := range moved.requests() {
		require.Equal(t, "/canary", l.path, "no redirect is followed")
	}
}

func TestAddressesAreCheckedBeforeTheRun(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"--notify", "canary"},
		{"--notify", "ftp://canary/x"},
		{"--notify", "https:///canary"},
		{"--notify", "http://canary\x7f/"},
		{"--pushgateway", "https://host/?canary=1"},
		{"--pushgateway", "canary:9091"},
	} {
		b := newOnCallBed(t, onCallInput)
		require.Equal(t, 2, b.run(t, args...), args)
		require.Contains(t, b.stderr.String(), args[0])
		require.NotContains(t, b.stderr.String(), "canary")
		require.NoDirExists(t, filepath.Join(b.dir, "reports"))
		require.Contains(t, b.read(t, "termination"), "exit code 2: wrong settings")
	}
}

func TestDryRunTellsNobody(t *testing.T) {
	t.Parallel()
	hook := newListener(t, http.StatusOK)
	b := newOnCallBed(t, strings.Join(strings.SplitAfter(onCallInput, "\n")[:2], ""))
	require.Equal(t, 0, b.run(t, "--dry-run", "--notify", hook.URL))
	require.Empty(t, hook.requests())
	require.NoFileExists(t, filepath.Join(b.dir, "m.prom"))
	require.NoFileExists(t, filepath.Join(b.dir, "termination"))
}

func TestShardsHaveMetricsOfTheirOwn(t *testing.T) {
	t.Parallel()
	gateway := newListener(t, http.StatusOK)
	n := &notice{Command: "run", Environment: "test", Shard: "1/4", ExitCode: 7}
	require.NoError(t, pushMetrics(t.Context(), gateway.URL, n, time.Unix(1, 0)))
	require.Contains(t, gateway.requests()[0].path, "/shard@base64/MS80")
	require.Equal(t, map[string]float64{
		"kravia_batch_exit_code": 7, "kravia_batch_duration_seconds": 0, "kravia_batch_run_end_timestamp_seconds 7": 1,
	}, pushedValues(t, gateway.requests()[0]))
}

func TestTerminationMessageFits(t *testing.T) {
	t.Parallel()
	n := &notice{
		Version: 1, Program: "kravia-batch 1", Command: "run", ExitCode: 6, Meaning: meaning(6),
		Problems: map[billing.Code]int{},
	}
	for i := range 1000 {
		n.Problems[billing.Code(fmt.Sprint("måned.", i))] = 1
	}
	text := n.text()
	require.LessOrEqual(t, len(text), 4096)
	require.Greater(t, len(text), 4080)
	require.True(t,
		strings.HasPrefix(text, "kravia-batch 1 run:\nexit code 6: something is in doubt or in conflict"), text[:60])
	rapid.Check(t, func(t *rapid.T) {
		text, limit := rapid.String().Draw(t, "text"), rapid.IntRange(3, 40).Draw(t, "limit")
		short := cut(text, limit)
		require.LessOrEqual(t, len(short), limit)
		require.True(t, utf8.ValidString(short))
		require.True(t, strings.HasPrefix(text, strings.TrimSuffix(short, "…")))
		require.Equal(t, len(text) <= limit, short == text)
	})
}

func TestSelfCheckNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	check := func(change func(*runOptions)) error {
		o := &runOptions{app: &app{environment: &environment{getenv: func(string) string { return "" }}}}
		o.reports, o.state = filepath.Join(dir, "reports"), filepath.Join(dir, "state")
		o.baseURL = "http://127.0.0.1/v1"
		change(o)
		return o.selfCheck()
	}
	require.NoError(t, check(func(*runOptions) {}))
	left, err := os.ReadDir(filepath.Join(dir, "reports"))
	require.NoError(t, err)
	require.Empty(t, left, "nothing is left behind")

	err = check(func(s *runOptions) {
		s.reports, s.state = filepath.Join(file, "reports"), filepath.Join(file, "state")
	})
	require.ErrorContains(t, err, "the reports folder cannot be made")
	require.ErrorContains(t, err, "state folder")
	require.Equal(t, 2, (&app{}).codeOf(err))
	require.NoError(t, check(func(s *runOptions) {
		s.state, s.journal = filepath.Join(file, "state"), "postgres://journal"
	}), "a shared journal needs no state folder")

	require.NoError(t, checkSpace("state", "/s", 64<<20))
	require.EqualError(t, checkSpace("state", "/s", 64<<20-1),
		"the disk of the state folder /s is nearly full: 63 MiB are free, 64 are needed")
}
