package batch_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"kraviabatch/internal/batch"
	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/report"
	"kraviabatch/internal/simulator"
)

// bench is a journal, a provider behind a real socket, and settings for runs against it.
type bench struct {
	tb       testing.TB
	dir      string
	provider *simulator.Provider
	server   *httptest.Server
	journal  *journal.Journal
}

func setup(tb testing.TB, options simulator.Options) *bench {
	tb.Helper()
	options.Account = "T12345678"
	provider, err := simulator.New(options)
	require.NoError(tb, err)
	b := &bench{tb: tb, dir: tb.TempDir(), provider: provider, server: httptest.NewServer(provider)}
	b.journal, err = journal.Open(context.Background(), filepath.Join(b.dir, "journal.db"))
	require.NoError(tb, err)
	tb.Cleanup(func() {
		b.server.Close()
		require.NoError(tb, b.journal.Close())
		require.NoError(tb, provider.Close())
	})
	return b
}

func (b *bench) settings(rate float64, paths ...string) *batch.Settings {
	return &batch.Settings{
		Input: batch.Input{
			Paths: paths, ExpectRows: -1,
			Rules: &billing.Rules{DaysUntilDue: 14, Channel: billing.ChannelKravia},
		},
		Journal: b.journal, Account: "T12345678", Environment: report.Test, Flow: dispatch.OneStep, Version: "test",
		Connect: func() (*dintero.Client, error) {
			return dintero.New(dintero.Config{
				BaseURL: b.server.URL + "/v1", Account: "T12345678", ClientID: "id", Secret: "secret",
				Pace: dispatch.NewPace(rate, nil),
			})
		},
		Dispatch: dispatch.Config{Concurrency: 16, Guard: dintero.StrictSuccess, ResendAfter: 100 * time.Millisecond},
		Reports:  filepath.Join(b.dir, "reports"), Formats: []report.Format{report.CSV},
	}
}

// lines are the records of a CSV file.
func lines(tb testing.TB, path string) [][]string {
	tb.Helper()
	data, err := os.ReadFile(path)
	require.NoError(tb, err)
	records, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	require.NoError(tb, err)
	return records
}

var exportHeader = []string{
	"order_reference", "business_name", "organization_number", "contact_name", "email", "phone_number", "address_line",
	"postal_code", "postal_place", "country", "line_id", "description", "quantity", "amount", "vat",
}

// shuffled is three lines for each of n orders, in random order, with the amounts of the orders in minor units.
func shuffled(n int, seed uint64) (records [][]string, sums map[string]int64) {
	chance := rand.New(rand.NewPCG(seed, seed))
	sums = map[string]int64{}
	for i := range n {
		reference := fmt.Sprintf("ORD-%05d", i)
		for k := range 3 {
			minor := chance.Int64N(1_000_000) + 1
			sums[reference] += minor
			records = append(records, []string{
				reference, "Nordmann AS", "974760673", "Ola Nordmann", "ola@nordmann.no", "+4799999999",
				"Storgata 1", "0151", "Oslo", "NO",
				strconv.Itoa(k + 1), fmt.Sprintf("Linje %d, «æøå»\nny linje", k), "1.5",
				fmt.Sprintf("%d.%02d", minor/100, minor%100), []string{"25", "15", "12"}[k],
			})
		}
	}
	chance.Shuffle(len(records), func(i, j int) { records[i], records[j] = records[j], records[i] })
	return records, sums
}

func writeCSV(tb testing.TB, path string, records [][]string) {
	tb.Helper()
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	require.NoError(tb, w.Write(exportHeader))
	require.NoError(tb, w.WriteAll(records))
	require.NoError(tb, os.WriteFile(path, b.Bytes(), 0o600))
}

func TestThousandOrdersShuffledOverThreeThousandRows(t *testing.T) {
	t.Parallel()
	b := setup(t, simulator.Options{})
	path := filepath.Join(b.dir, "export.csv")
	records, sums := shuffled(1000, 1)
	writeCSV(t, path, records)
	result, err := batch.Run(t.Context(), b.settings(0, path))
	require.NoError(t, err)
	s := result.Summary
	require.Equal(t, batch.ExitDone, s.ExitCode)
	require.True(t, s.Balanced)
	require.Equal(t, 3000, s.Rows.Of(billing.FinalInvoiced))
	require.Equal(t, 1000, s.Orders.Of(billing.FinalInvoiced))

	requests := b.provider.Requests()
	require.Equal(t, 1, requests.Calls[simulator.OpToken])
	require.Equal(t, 1000, requests.Calls[simulator.OpPay])
	for _, pay := range requests.Pays {
		require.Equal(t, "strict-success-merchant-reference", pay.Toggles)
	}
	numbers := map[string]string{}
	for _, invoice := range b.provider.Invoices() {
		require.NotContains(t, numbers, invoice.Reference)
		require.Equal(t, sums[invoice.Reference], invoice.Amount)
		numbers[invoice.Reference] = invoice.Number
	}
	require.Len(t, numbers, 1000)
	table := lines(t, s.Reports[0])
	require.Len(t, table, 3001)
	for i, row := range table[1:] {
		require.Equal(t, strconv.Itoa(i+2), row[2], "a quoted newline does not move row numbers")
		require.Equal(t, records[i][0], row[3])
		require.Equal(t, numbers[row[3]], row[13])
		require.NotEmpty(t, row[15])
		require.NotEmpty(t, row[16])
	}
}

// The same content as CSV and as a workbook: the same request bodies byte for byte, the same report rows.
func TestCSVAndWorkbookAreTheSame(t *testing.T) {
	t.Parallel()
	records, _ := shuffled(40, 7)
	for i := range records {
		records[i][11] = fmt.Sprintf("Linje %d", i) // a workbook has no quoted newlines that move row numbers
	}
	bodies := map[string]map[string]bool{}
	tables := map[string][][]string{}
	for _, ext := range []string{".csv", ".xlsx"} {
		b := setup(t, simulator.Options{})
		path := filepath.Join(b.dir, "export"+ext)
		if ext == ".csv" {
			writeCSV(t, path, records)
		} else {
			writeWorkbook(t, path, records)
		}
		result, err := batch.Run(t.Context(), b.settings(0, path))
		require.NoError(t, err)
		require.Equal(t, batch.ExitDone, result.Summary.ExitCode)
		bodies[ext] = map[string]bool{}
		for _, pay := range b.provider.Requests().Pays {
			bodies[ext][pay.Body] = true
		}
		for _, row := range lines(t, result.Summary.Reports[0])[1:] {
			own := append([]string{}, row[2:13]...) // what the provider numbers differs by chance of the workers' order
			tables[ext] = append(tables[ext], append(own, row[14:16]...))
		}
	}
	require.Len(t, bodies[".csv"], 40)
	require.Equal(t, bodies[".csv"], bodies[".xlsx"])
	require.Equal(t, tables[".csv"], tables[".xlsx"])
}

func writeWorkbook(tb testing.TB, path string, records [][]string) {
	tb.Helper()
	f := excelize.NewFile()
	defer func() { require.NoError(tb, f.Close()) }()
	require.NoError(tb, f.SetSheetRow("Sheet1", "A1", &exportHeader))
	for i, record := range records {
		for k, cell := range record {
			name, err := excelize.CoordinatesToCellName(k+1, i+2)
			require.NoError(tb, err)
			if k >= 12 { // quantity, amount and VAT as numbers
				number, err := strconv.ParseFloat(cell, 64)
				require.NoError(tb, err)
				require.NoError(tb, f.SetCellFloat("Sheet1", name, number, -1, 64))
				continue
			}
			require.NoError(tb, f.SetCellStr("Sheet1", name, cell))
		}
	}
	require.NoError(tb, f.SaveAs(path))
}

func TestRunAgainPaysNothing(t *testing.T) {
	t.Parallel()
	b := setup(t, simulator.Options{})
	path := filepath.Join(b.dir, "export.csv")
	records, _ := shuffled(20, 3)
	writeCSV(t, path, records)
	first, err := batch.Run(t.Context(), b.settings(0, path))
	require.NoError(t, err)
	again, err := batch.Run(t.Context(), b.settings(0, path))
	require.NoError(t, err)
	require.Equal(t, 60, again.Summary.Rows.Of(billing.FinalAlreadyInvoiced))
	require.Equal(t, 20, b.provider.Requests().Calls[simulator.OpPay])
	require.Equal(t, 1, b.provider.Requests().Calls[simulator.OpToken], "there was nothing to ask")
	require.Len(t, again.Notices, 1)
	require.Contains(t, again.Notices[0], first.Run)
	x, y := lines(t, first.Summary.Reports[0]), lines(t, again.Summary.Reports[0])
	for i := range x {
		require.Equal(t, x[i][13:20], y[i][13:20], "the same numbers, dates, links and ids")
	}
}

// The same bytes under another name are recognised, and nothing is sent.
func TestSameFileUnderAnotherName(t *testing.T) {
	t.Parallel()
	b := setup(t, simulator.Options{})
	records, _ := shuffled(3, 3)
	for _, name := range []string{"november.csv", "november (2).csv"} {
		path := filepath.Join(b.dir, name)
		writeCSV(t, path, records)
		result, err := batch.Run(t.Context(), b.settings(0, path))
		require.NoError(t, err)
		require.Equal(t, batch.ExitDone, result.Summary.ExitCode)
		if name != "november.csv" {
			require.Contains(t, result.Notices[0], "was read before")
			require.Equal(t, 9, result.Summary.Rows.Of(billing.FinalAlreadyInvoiced))
		}
	}
	require.Equal(t, 3, b.provider.Requests().Calls[simulator.OpPay])
}

// A corrected file: what was invoiced stays, what was wrong is sent, what changed after it was invoiced is a conflict.
func TestCorrectedFile(t *testing.T) {
	t.Parallel()
	b := setup(t, simulator.Options{})
	path := filepath.Join(b.dir, "export.csv")
	records, _ := shuffled(3, 3)
	bad := records[0][0]
	records[0][13] = "much"
	writeCSV(t, path, records)
	result, err := batch.Run(t.Context(), b.settings(0, path))
	require.NoError(t, err)
	require.Equal(t, batch.ExitIncomplete, result.Summary.ExitCode)
	require.Equal(t, 3, result.Summary.Rows.Of(billing.FinalInvalid), "an order is sent whole or not at all")
	records[0][13] = "100.00"
	for i := range records {
		if records[i][0] != bad {
			records[i][13] = "9999.00" // after it was invoiced
			break
		}
	}
	writeCSV(t, path, records)
	result, err = batch.Run(t.Context(), b.settings(0, path))
	require.NoError(t, err)
	require.Equal(t, batch.ExitDoubt, result.Summary.ExitCode)
	require.Equal(t, 1, result.Summary.Orders.Of(billing.FinalInvoiced))
	require.Equal(t, 1, result.Summary.Orders.Of(billing.FinalAlreadyInvoiced))
	require.Equal(t, 1, result.Summary.Orders.Of(billing.FinalConflict))
	require.Equal(t, 3, b.provider.Requests().Calls[simulator.OpPay])
}

func TestNothingIsSentWhenTotalsDiffer(t *testing.T) {
	t.Parallel()
	b := setup(t, simulator.Options{})
	path := filepath.Join(b.dir, "export.csv")
	records, _ := shuffled(3, 3)
	writeCSV(t, path, records)
	s := b.settings(0, path)
	s.ExpectRows = 10
	_, err := batch.Run(t.Context(), s)
	require.ErrorIs(t, err, batch.ErrControlTotal)
	require.Equal(t, batch.ExitInput, batch.ExitCodeOf(err))
	require.Empty(t, b.provider.Requests().Calls)
}

func TestStopOnInvalidSendsNothing(t *testing.T) {
	t.Parallel()
	b := setup(t, simulator.Options{})
	path := filepath.Join(b.dir, "export.csv")
	records, _ := shuffled(3, 3)
	records[0][13] = "much"
	writeCSV(t, path, records)
	s := b.settings(0, path)
	s.StopOnInvalid = true
	result, err := batch.Run(t.Context(), s)
	require.NoError(t, err)
	require.Equal(t, batch.ExitIncomplete, result.Summary.ExitCode)
	require.Equal(t, 6, result.Summary.Rows.Of(billing.FinalNotAttempted))
	require.Empty(t, b.provider.Requests().Calls)
}

// The report cannot be written: the work is kept, and the report is made later.
func TestReportsFolderCannotBeWritten(t *testing.T) {
	t.Parallel()
	b := setup(t, simulator.Options{})
	path := filepath.Join(b.dir, "export.csv")
	records, _ := shuffled(3, 3)
	writeCSV(t, path, records)
	s := b.settings(0, path)
	s.Reports = filepath.Join(path, "no folder")
	result, err := batch.Run(t.Context(), s)
	require.ErrorContains(t, err, "report --run "+result.Run)
	require.Equal(t, 3, b.provider.Requests().Calls[simulator.OpPay])
	summary, err := batch.Rewrite(t.Context(), b.journal, result.Run,
		batch.Rewriting{Reports: filepath.Join(b.dir, "later"), Formats: []report.Format{report.CSV}})
	require.NoError(t, err)
	require.Equal(t, 9, summary.Rows.Of(billing.FinalInvoiced))
	require.Len(t, lines(t, summary.Reports[0]), 10)
}

// The log tells the rows and codes of an order that cannot be sent, and nothing of what its cells hold.
func TestInvalidOrdersAreLoggedWithoutPersonalData(t *testing.T) {
	t.Parallel()
	b := setup(t, simulator.Options{})
	path := filepath.Join(b.dir, "export.csv")
	records, _ := shuffled(2, 3)
	records[0][13], records[1][0] = "much", "ola@nordmann.no"
	writeCSV(t, path, records)
	var log bytes.Buffer
	s := b.settings(0, path)
	s.Logger = slog.New(slog.NewJSONHandler(&log, nil))
	_, err := batch.Run(t.Context(), s)
	require.NoError(t, err)
	require.Contains(t, log.String(), `"rows":[`)
	require.Contains(t, log.String(), `"amount.unreadable"`)
	require.Contains(t, log.String(), `"order":"`+records[0][0]+`"`)
	for _, private := range []string{"nordmann", "Nordmann", "Ola", "974760673", "99999999", "Storgata"} {
		require.NotContains(t, log.String(), private)
	}
}
