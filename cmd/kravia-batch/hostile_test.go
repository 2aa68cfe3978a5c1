package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/simulator"
)

// poison is what foreign text may hold: a line of a log, and characters that steer a terminal, turn text
// round or cannot be seen.
const (
	forged = `{"time":"2026-12-01T06:00:00Z","level":"ERROR","msg":"forged"}`
	poison = "\n" + forged + "\r\n\t\x1b[31m\a\b\x7f\u0085\u009b2J\u202e\u2066\u2028\u2029\ufeff\u200b" + forged
)

// hostileWorld is a folder, a provider and an environment of which every name and text is poisoned.
type hostileWorld struct {
	dir, csv, book string
	provider       *simulator.Provider
	server         *httptest.Server
	hook           *listener
	env            map[string]string
	quiet          string // what was said so far where nobody asked for names
}

func newHostileWorld(t *testing.T) *hostileWorld {
	t.Helper()
	w := &hostileWorld{dir: filepath.Join(t.TempDir(), "in"+poison), hook: newListener(t, http.StatusNoContent)}
	require.NoError(t, os.Mkdir(w.dir, 0o700))
	var err error
	w.provider, err = simulator.New(simulator.Options{Account: "T12345678", ClientID: "client", ClientSecret: "canary"})
	require.NoError(t, err)
	w.server = httptest.NewServer(w.provider)
	t.Cleanup(func() {
		w.server.Close()
		require.NoError(t, w.provider.Close())
	})
	w.env = map[string]string{
		"DINTERO_CLIENT_ID": "client", "DINTERO_CLIENT_SECRET": "canary", "USER": "Ola",
		"KRAVIA_BATCH_STATE":   w.path("state"),
		"KRAVIA_BATCH_REPORTS": w.path("reports"), "KRAVIA_BATCH_RATE": "0", "KRAVIA_BATCH_LOG_FORMAT": "json",
		"KRAVIA_BATCH_LOG_LEVEL": "debug",
		"KRAVIA_BATCH_ACCOUNT":   "T12345678", "KRAVIA_BATCH_BASE_URL": w.server.URL + "/v1",
		"KRAVIA_BATCH_NOTIFY":          w.hook.URL,
		"KRAVIA_BATCH_TERMINATION_LOG": w.path("termination"), "KRAVIA_BATCH_METRICS_FILE": w.path("metrics"),
		"KRAVIA_BATCH_FORMAT":       "xlsx,csv,json",
		"KRAVIA_BATCH_MAX_FAILURES": "0", "KRAVIA_BATCH_RESEND_AFTER": "50ms",
	}
	w.csv, w.book = w.path("lines.csv"), w.path("book.xlsx")
	w.write(t, w.csv, hostileLines(readable(poison), "A-1", "A-2", "A-3", "A-4", "B"+readable(poison)))
	book := excelize.NewFile()
	defer func() { require.NoError(t, book.Close()) }()
	const sheet = "Hemmelig\n{\"msg\"\u009b\u202e}"
	require.NoError(t, book.SetSheetName("Sheet1", sheet))
	for i, cell := range []string{"order_reference", "description", "amount", "vat", "note\u009b\u202e\n" + forged} {
		require.NoError(t, book.SetCellValue(sheet, cellName(t, i, 0), cell))
		require.NoError(t, book.SetCellValue(sheet, cellName(t, i, 1), "\u009b\u202e\n"+forged))
	}
	data, err := book.WriteToBuffer()
	require.NoError(t, err)
	w.write(t, w.book, data.String())
	return w
}

// path is a poisoned name in the folder, which ends readably.
func (w *hostileWorld) path(name string) string {
	return filepath.Join(w.dir, "x\x1b[2J\u009b"+poison+"\xff"+name)
}

func (w *hostileWorld) write(t *testing.T, path, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
}

// readable is a poisoned text without the control characters that refuse a file, but for line breaks and tabs.
func readable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && !strings.ContainsRune("\n\r\t", r) {
			return -1
		}
		return r
	}, text)
}

// hostileLines is an export with an order of one row for each reference.
func hostileLines(poison string, references ...string) string {
	var b strings.Builder
	line := func(cells ...string) {
		for i, cell := range cells {
			cells[i] = `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
		}
		b.WriteString(strings.Join(cells, ",") + "\n")
	}
	line("order_reference", "product", "first_name", "last_name", "email", "phone_number", "address_line",
		"postal_code", "postal_place", "country",
		"amount", "vat", "description", "note"+poison)
	for _, reference := range references {
		line(reference, "b2c", "Kari", "Hemmelig"+poison, "kari@example.no", "+4740612345", "Lillegata 5", "0151",
			"Oslo", "NO",
			"99.00", "25", "Time"+poison, poison)
	}
	return b.String()
}

// run runs the program as a pod does: no terminal, logs as JSON.
func (w *hostileWorld) run(t *testing.T, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, diagnostics bytes.Buffer
	code = run(context.Background(), args, &environment{
		getenv: func(name string) string { return w.env[name] }, stdin: strings.NewReader(stdin), stdout: &out,
		stderr: &diagnostics,
	})
	requireHarmless(t, out.String(), args)
	requireHarmless(t, diagnostics.String(), args)
	requireWholeLog(t, diagnostics.String(), args)
	w.quiet += diagnostics.String()
	return code, out.String(), diagnostics.String()
}

// requireHarmless finds no character that does anything but show itself, and no line that foreign text began.
func requireHarmless(t *testing.T, text string, of any) {
	t.Helper()
	require.True(t, utf8.ValidString(text), "%q: %q", of, text)
	for _, r := range text {
		require.False(t, r != '\n' && r != '\t' && billing.Hostile(r) || strings.ContainsRune("\ufeff\u200b", r),
			"%q: %q in %q", of, r, text)
	}
	for line := range strings.Lines(text) {
		require.False(t, strings.HasPrefix(strings.TrimSpace(line), forged[:20]), "%q: forged in %q", of, text)
	}
}

// requireWholeLog parses every line that looks like one of the log.
func requireWholeLog(t *testing.T, text string, of any) {
	t.Helper()
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "{") {
			continue
		}
		var record map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &record), "%q: %s", of, line)
		require.NotEqual(t, "forged", record["msg"])
		require.Contains(t, []any{"DEBUG", "INFO", "WARN", "ERROR"}, record["level"])
	}
}

// answers has the provider answer an operation with a poisoned refusal.
func (w *hostileWorld) answers(t *testing.T, operation simulator.Operation, reference string,
	status int,
) simulator.Fault {
	t.Helper()
	body, err := json.Marshal(
		map[string]any{
			"error": map[string]any{"code": "E1" + poison, "message": "Kari Hemmelig, Lillegata 5 " + poison},
		})
	require.NoError(t, err)
	return simulator.Fault{
		Operation: operation, Reference: reference, Action: simulator.ActionStatus,
		Status: status, Body: string(body),
	}
}

// TestHostileWorld runs every command where each name and text that is not the program's own tries to steer
// the terminal, to forge a line of the log, or is personal.
func TestHostileWorld(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("file systems of other systems take no such names")
	}
	w := newHostileWorld(t)
	for _, args := range [][]string{
		{"check", w.csv},
		{"check", "--json", w.csv},
		{"check", w.book},
		{"check", "--json", w.book},
		{"check", w.dir},
		{"explain", w.csv, "--row", "2"},
		{"explain", w.csv, "--row", "2", "--json"},
		{"explain", w.csv, "--row", "6"},
		{"explain", w.csv, "--row", "99"},
		{"explain", w.book, "--row", "2", "--sheet", "Hemmelig" + poison},
		{"run", "--dry-run", w.csv},
		{"run", "--dry-run", "--json", w.csv},
		{"plan", w.csv, "-o", w.path("plan.json")},
		{"plan", w.csv, "-o", w.path("other.json"), "--json"},
		{"plan", w.csv, "-o", w.path("plan.json")},
		{"approve", w.path("plan.json"), "--by", "Kari"},
		{"approve", w.path("plan.json"), "--by", poison},
		{"approve", w.csv, "--by", "Kari"},
		{"template", "-o", w.path("t.xlsx")},
		{"template", "-o", w.path("t.csv")},
		{"template", "-o", w.path("t.csv")},
		{"template", "-o", poison},
		{"version"},
		{"help"},
		{"help", poison},
		{"completion", "bash"},
		{poison},
		{"run", "--" + poison},
		{"run", "--limit", poison, w.csv},
	} {
		code, stdout, stderr := w.run(t, "", args...)
		require.NotEqual(t, 1, code, "%q: %s%s", args, stdout, stderr)
	}
	w.sends(t)
	w.refuses(t)
	w.leaves(t)
}

// sends invoices orders, of which the provider refuses some, then looks at them in every way.
func (w *hostileWorld) sends(t *testing.T) {
	t.Helper()
	require.NoError(t, w.provider.SetFaults([]simulator.Fault{
		w.answers(t, simulator.OpPay, "A-2", 400), w.answers(t, simulator.OpPay, "A-3", 500),
		{Operation: simulator.OpPay, Reference: "A-4", Action: simulator.ActionFailed, Body: "Kari Hemmelig " + poison},
	}))
	code, stdout, stderr := w.run(t, "", "run", w.csv)
	require.Contains(t, []int{3, 6}, code, stderr)
	w.quiet += stdout
	_, stdout, _ = w.run(t, "", "run", "--json", w.csv)
	require.True(t, json.Valid([]byte(stdout)))
	id := runForm.FindString(stdout)
	require.NotEmpty(t, id)
	require.NoError(t, w.provider.SetFaults([]simulator.Fault{w.answers(t, "", "", 500)}))
	_, stdout, stderr = w.run(t, "", "refresh", "--all")
	require.Contains(t, stderr, `"msg":"look-up failed"`)
	w.quiet += stdout
	_, stdout, stderr = w.run(t, "", "void", "--run", id, "--yes")
	require.Contains(t, stderr, "A-1")
	w.quiet += stdout
	require.NoError(t, w.provider.SetFaults([]simulator.Fault{w.answers(t, simulator.OpVoid, "", 409)}))
	_, _, stderr = w.run(t, "yes", "void", "--run", id)
	require.Contains(t, stderr, "Cancel 1 invoice at the provider?")
	require.Contains(t, stderr, "(HTTP 409)")
	for _, args := range [][]string{
		{"report"},
		{"report", "--json"},
		{"report", "--run", poison},
		{"runs"},
		{"runs", "--json"},
		{"__complete", "report", "--run", ""},
		{"explain", w.csv, "--row", "3"},
		{"explain", w.csv, "--row", "4"},
		{"explain", w.csv, "--row", "5", "--json"},
	} {
		code, stdout, stderr := w.run(t, "", args...)
		require.NotEqual(t, 1, code, "%q: %s%s", args, stdout, stderr)
	}
	_, stdout, _ = w.run(t, "", "explain", w.csv, "--row", "3")
	require.Contains(t, stdout, "E1 {", "who asks for an order is told the provider's words")
}

// refuses has the credentials, the settings and the files refused.
func (w *hostileWorld) refuses(t *testing.T) {
	t.Helper()
	more := w.path("more.csv")
	w.write(t, more, hostileLines(readable(poison), "C-1"))
	for _, operation := range []simulator.Operation{simulator.OpPay, simulator.OpToken} {
		require.NoError(t, w.provider.SetFaults([]simulator.Fault{w.answers(t, operation, "", 403)}))
		code, _, stderr := w.run(t, "", "run", more)
		require.Equal(t, 4, code, stderr)
		require.Contains(t, stderr, "(HTTP 403): check account, client id, client secret and the client's rights")
	}
	controls := w.path("controls.csv")
	w.write(t, controls, hostileLines(poison, "C-1"))
	code, _, stderr := w.run(t, "", "run", controls)
	require.Equal(t, 5, code, stderr)
	require.Contains(t, stderr, "holds the control character U+001B")
	headerless, profile, config := w.path("headerless.csv"), w.path("p.yaml"), w.path("c.yaml")
	w.write(t, headerless,
		"C-1,b2c,Kari Hemmelig,kari@example.no,+4740612345,Lillegata 5,99.00\nC-2,b2c,Kari Hemmelig,kari@example.no,+4740612345,Lillegata 5,99.00\n")
	_, _, stderr = w.run(t, "", "run", headerless)
	require.Contains(t, stderr, "no column for description; found 7 cells that look like data instead of column names")
	w.write(t, profile,
		"name: \"x\\n\\u009b\\u202e\"\ncolumns: {amount: \"\\e[31mHemmelig\\n"+strings.ReplaceAll(forged, `"`, `\"`)+
			"\"}\n")
	w.write(t, config, "\"\\n\\e[31m"+strings.ReplaceAll(forged, `"`, `\"`)+"\": 1\n")
	for _, args := range [][]string{
		{"run", w.path("missing.csv")},
		{"run", w.csv, w.csv},
		{"run", "--profile", w.path("missing.yaml"), w.csv},
		{"run", "--profile", profile, w.csv},
		{"run", "--profile", config, w.csv},
		{"run", "--config", config, w.csv},
		{"run", "--config", profile, w.csv},
		{"run", "--client-secret-file", w.path("missing"), w.csv},
		{"run", "--expect-total", poison, w.csv},
		{"run", "--account", poison, w.csv},
		{"run", "--base-url", poison, w.csv},
		{"run", "--shard", poison, w.csv},
		{"run", "--plan", w.csv, w.csv},
		{"run", "--deadline", poison, w.csv},
		{"run", "--format", poison, w.csv},
		{"run", "--callback-url", poison, w.csv},
		{"run", "--reports", w.csv, w.csv},
		{"run", "--state", w.csv, w.csv},
		{"run", "--notify", poison, w.csv},
		{"run", "--documents", w.csv, w.csv},
		{"run", "--termination-log", w.path("no") + "/x", w.csv},
		{"run", "--log-level", poison, w.csv},
		{"sandbox", "--listen", poison},
		{"run", "--journal", "postgres://u:canary@host/db" + poison, w.csv},
	} {
		code, _, stderr := w.run(t, "", args...)
		require.NotZero(t, code, "%q", args)
		require.NotEmpty(t, stderr, "%q", args)
	}
	for name := range w.env {
		kept := w.env[name]
		w.env[name] = kept + poison
		_, _, _ = w.run(t, "", "run", more)
		w.env[name] = kept
	}
}

// leaves looks at everything that was written, and for names where nobody asked for them.
func (w *hostileWorld) leaves(t *testing.T) {
	t.Helper()
	seen := map[string]int{}
	require.NoError(t, filepath.WalkDir(w.dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		kind := filepath.Ext(path)
		switch {
		case strings.HasSuffix(path, "\xfftermination"), strings.HasSuffix(path, "\xffmetrics"):
			kind = "told"
			w.quiet += string(data)
		case !runForm.MatchString(filepath.Base(path)) && !strings.HasSuffix(path, "plan.json"), kind == ".xlsx":
			return nil
		}
		seen[kind]++
		if kind == ".csv" {
			for _, cell := range slices.Concat(readCSV(t, path)...) { // which may have lines
				require.False(t,
					strings.ContainsFunc(strings.NewReplacer("\n", "", "\t", "").Replace(cell), billing.Hostile),
					"%q", cell)
			}
			return nil
		}
		requireHarmless(t, string(data), path)
		return nil
	}))
	require.Equal(t, 2, seen["told"])
	require.Positive(t, seen[".csv"])
	require.Positive(t, seen[".json"])
	require.NotEmpty(t, w.hook.requests())
	for _, told := range w.hook.requests() {
		requireHarmless(t, string(told.body), "notify")
		w.quiet += string(told.body)
	}
	for _, personal := range []string{"Kari Hemmelig", "example.no", "40612345", "Lillegata", "canary"} {
		require.NotContains(t, w.quiet, personal)
	}
}
