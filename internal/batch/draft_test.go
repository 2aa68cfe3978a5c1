package batch_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"kraviabatch/internal/batch"
	"kraviabatch/internal/billing"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/planfile"
	"kraviabatch/internal/report"
	"kraviabatch/internal/simulator"
)

func sha256Of(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func TestPlanIsNeverWrittenOver(t *testing.T) {
	t.Parallel()
	b := setup(t, simulator.Options{})
	made := b.makePlan(t, b.settings(0, b.export(t, 1)))
	for _, taken := range []string{"PLAN.json", "PLAN.xlsx"} {
		dir := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(dir, taken), []byte("mine"), 0o600))
		_, err := made.Write(t.Context(), filepath.Join(dir, "PLAN.json"))
		require.ErrorIs(t, err, os.ErrExist)
		entries, err := os.ReadDir(dir)
		require.NoError(t, err)
		require.Len(t, entries, 1)
	}
}

func TestPlanControlTotalsAndStates(t *testing.T) {
	t.Parallel()
	b := setup(t, simulator.Options{})
	input := b.export(t, 4)
	limited := b.settings(0, input)
	limited.Limit = 1
	result, err := batch.Run(t.Context(), limited)
	require.NoError(t, err)
	require.Equal(t, 1, result.Summary.Orders.Of(billing.FinalInvoiced))

	expecting := b.settings(0, input)
	expecting.ExpectRows = 12
	made := b.makePlan(t, expecting)
	require.Equal(t, &journal.Expected{Rows: new(12)}, made.Totals.Expected)
	preview, err := made.Preview()
	require.NoError(t, err)
	require.Equal(t, &report.Expected{Rows: new(12)}, preview.Control.Expected)
	require.Equal(t, made.Totals.Net, preview.Control.Net)
	c := made.Plan.Control
	require.Equal(t, 12, c.Rows)
	require.Equal(t, 4, c.Orders)
	require.Equal(t, 3, c.ToSend)
	require.Equal(t, 1, c.Concluded)
	require.Zero(t, c.Conflicts+c.InvalidRows+c.InvalidOrders)
	var sum int64
	for o, err := range made.Plan.Orders() {
		require.NoError(t, err)
		if o.Send {
			sum += o.Gross.Minor()
		}
	}
	require.Equal(t,
		[]planfile.Sum{{Currency: "NOK", Total: c.Money[0].Total, ToSend: sum, ToSendVAT: c.Money[0].ToSendVAT}},
		c.Money)
	require.Equal(t, map[billing.Final]int{billing.FinalAlreadyInvoiced: 1}, made.Plan.Earlier)

	replaceIn(t, input, "Storgata 1", "Storgata 2")
	made = b.makePlan(t, b.settings(0, input))
	require.Equal(t, 1, made.Plan.Control.Conflicts, "what was invoiced has another content now")
	require.Equal(t, 3, made.Plan.Control.ToSend, "what was not sent is planned anew")
}

// Whatever the journal holds from earlier runs, a plan and a run with it send the same bytes: those of the
// plan, all of them, and no others.
func TestPlanThenRunSendsThoseBytes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		b, sent := recorded(t)
		input := filepath.Join(b.dir, "export.csv")
		records, _ := shuffled(rapid.IntRange(1, 6).Draw(rt, "orders"), rapid.Uint64().Draw(rt, "seed"))
		writeCSV(t, input, records)
		flow := rapid.SampledFrom([]string{dispatch.OneStep, dispatch.TwoStep}).Draw(rt, "flow")
		settings := func(period string) *batch.Settings {
			s := b.settings(0, input)
			s.Flow, s.Period, s.Body.ReturnURL = flow, period, "https://example.com/"
			return s
		}
		if rapid.Bool().Draw(rt, "earlier run") {
			s := settings(rapid.SampledFrom([]string{"2026-10", "2026-11"}).Draw(rt, "earlier period"))
			s.Limit = rapid.IntRange(1, 3).Draw(rt, "sent earlier")
			_, err := batch.Run(t.Context(), s)
			require.NoError(rt, err)
		}
		_ = sent() // the earlier run's
		made := b.makePlan(t, settings("2026-11"))
		path := filepath.Join(b.dir, "PLAN.json")
		var file bytes.Buffer
		require.NoError(rt, made.Plan.Write(&file))
		require.NoError(rt, os.WriteFile(path, file.Bytes(), 0o600))
		var err error
		s := settings("2026-11")
		s.Plan, err = planfile.Open(path)
		require.NoError(rt, err)
		_, err = batch.Run(t.Context(), s)
		require.NoError(rt, err)
		var want []string
		for _, o := range ordersOf(t, s.Plan) {
			if o.Send {
				want = append(want, o.Request)
			}
			if o.Send && o.Session != "" {
				want = append(want, o.Session)
			}
		}
		require.ElementsMatch(rt, want, sent())
		require.Len(rt, b.provider.Invoices(), s.Plan.Control.Orders)
	})
}

// recorded is a bench, and what its provider was sent since the last call beside token requests: the
// hashes of the bodies.
func recorded(t *testing.T) (b *bench, sent func() []string) {
	t.Helper()
	b = setup(t, simulator.Options{})
	b.server.Close()
	var mu sync.Mutex
	var hashes []string
	b.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil && r.Method == http.MethodPost && !strings.HasSuffix(r.URL.Path, "/auth/token") {
			mu.Lock()
			hashes = append(hashes, sha256Of(string(body)))
			mu.Unlock()
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		b.provider.ServeHTTP(w, r)
	}))
	return b, func() []string {
		mu.Lock()
		defer mu.Unlock()
		all := hashes
		hashes = nil
		return all
	}
}

func TestPreviewSaysThatNothingIsSent(t *testing.T) {
	t.Parallel()
	b := setup(t, simulator.Options{})
	input := b.export(t, 3)
	s := b.settings(0, input)
	s.Environment = report.Test
	path := b.planned(t, s)
	f := openWorkbook(t, path[:len(path)-len(".json")]+".xlsx")
	require.Equal(t, []string{"Summary", "Rows", "Orders", "VAT", "Problems", "Last month"}, f.GetSheetList())
	first, err := f.GetCellValue("Summary", "A1")
	require.NoError(t, err)
	require.Equal(t, "PLAN – NOTHING IS SENT", first)
	rows, err := f.GetRows("Rows")
	require.NoError(t, err)
	require.Len(t, rows, 12, "with a total below an empty row")
	for _, row := range rows[1:10] {
		require.Equal(t, "not attempted", row[12])
	}
	last, err := f.GetRows("Last month")
	require.NoError(t, err)
	require.Equal(t, "There is no earlier run to compare with", last[1][0])
}

// Parts of a split order stand among the orders whose rows come between.
func TestPreviewOfSplitOrders(t *testing.T) {
	t.Parallel()
	b := setup(t, simulator.Options{})
	var bills []bill
	for range 101 {
		bills = append(bills, bill{"A", "1", "Alfa AS", "10.00", "NOK"}, bill{"B", "2", "Beta AS", "10.00", "NOK"})
	}
	input := b.month(t, "long.csv", bills...)
	settings := func() *batch.Settings {
		s := b.settings(0, input)
		s.Rules.SplitOrders = true
		return s
	}
	path := b.planned(t, settings())
	rows, err := openWorkbook(t, path[:len(path)-len(".json")]+".xlsx").GetRows("Orders")
	require.NoError(t, err)
	var references []string
	for _, row := range rows[1 : len(rows)-2] { // the foot is a total below an empty row
		references = append(references, row[1])
	}
	require.Equal(t, []string{"A-1", "B-1", "A-2", "B-2"}, references)
	s := settings()
	s.Plan, err = planfile.Open(path)
	require.NoError(t, err)
	result, err := batch.Run(t.Context(), s)
	require.NoError(t, err)
	require.Equal(t, batch.ExitDone, result.Summary.ExitCode)
}
