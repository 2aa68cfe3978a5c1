package batch_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/gocarina/gocsv"
	"github.com/stretchr/testify/require"

	"kraviabatch/internal/batch"
	"kraviabatch/internal/billing"
)

// BenchmarkCheck reads, checks and groups an export of a million rows (KRAVIA_BATCH_TEST_ROWS for another number), and in the same
// run has gocsv decode the same file into structs of strings. peak-MiB is the Go heap and stack in use, sampled.
func BenchmarkCheck(b *testing.B) {
	rows, _ := strconv.Atoi(os.Getenv("KRAVIA_BATCH_TEST_ROWS"))
	if rows == 0 {
		rows = 1_000_000
	}
	path := filepath.Join(b.TempDir(), "export.csv")
	records, _ := shuffled(rows/3, 5)
	for i := range records {
		records[i][11] = "Abonnement, linje " + strconv.Itoa(i)
	}
	writeCSV(b, path, records)
	runtime.GC()
	var check, decode time.Duration
	var peak uint64
	for b.Loop() {
		start := time.Now()
		peak = max(peak, sampled(func() { checkFile(b, path, rows/3*3) }))
		check += time.Since(start)
		start = time.Now()
		decodeFile(b, path, rows/3*3)
		decode += time.Since(start)
	}
	b.ReportMetric(check.Seconds()/float64(b.N), "check-s")
	b.ReportMetric(decode.Seconds()/float64(b.N), "gocsv-s")
	b.ReportMetric(check.Seconds()/decode.Seconds(), "ratio")
	b.ReportMetric(float64(peak>>20), "peak-MiB")
}

func checkFile(b *testing.B, path string, rows int) {
	b.Helper()
	reading, err := batch.Read(b.Context(), &batch.Input{
		Paths: []string{path}, ExpectRows: rows, Rules: &billing.Rules{DaysUntilDue: 14, Channel: billing.ChannelKravia},
	})
	require.NoError(b, err)
	defer reading.Close()
	totals, err := batch.Count(reading.Groups())
	require.NoError(b, err)
	require.Equal(b, rows/3, totals.Orders)
}

// stringRecord has billing.Record's columns and nothing that helps to decode them.
type stringRecord struct {
	OrderReference     string `csv:"order_reference"`
	BusinessName       string `csv:"business_name"`
	OrganizationNumber string `csv:"organization_number"`
	ContactName        string `csv:"contact_name"`
	Email              string `csv:"email"`
	PhoneNumber        string `csv:"phone_number"`
	AddressLine        string `csv:"address_line"`
	PostalCode         string `csv:"postal_code"`
	PostalPlace        string `csv:"postal_place"`
	Country            string `csv:"country"`
	LineID             string `csv:"line_id"`
	Description        string `csv:"description"`
	Quantity           string `csv:"quantity"`
	Amount             string `csv:"amount"`
	VAT                string `csv:"vat"`
}

func decodeFile(b *testing.B, path string, rows int) {
	b.Helper()
	f, err := os.Open(path)
	require.NoError(b, err)
	defer func() { _ = f.Close() }()
	n := 0
	require.NoError(b, gocsv.UnmarshalToCallback(f, func(stringRecord) { n++ }))
	require.Equal(b, rows, n)
}

// sampled is the largest heap and stack in use while work runs.
func sampled(work func()) (peak uint64) {
	done := make(chan struct{})
	go func() { defer close(done); work() }()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-done:
			return peak
		case <-ticker.C:
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			peak = max(peak, m.HeapInuse+m.StackInuse)
		}
	}
}
