package intake_test

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/intake"
)

// headers of the generated export, 22 columns.
func exportHeader() []string {
	return []string{
		"order_reference", "customer_number", "first_name", "last_name", "business_name", "address_line",
		"postal_code", "postal_place",
		"country", "email", "phone_number", "organization_number", "description", "item_id", "quantity",
		"unit_price", "amount", "vat",
		"discount_percent", "currency", "due_date", "delivery_date",
	}
}

func exportLine(i int) []string {
	return []string{
		fmt.Sprintf("2026-%07d", i/4), fmt.Sprint(10000 + i%9000), "Kari", "Nordmann", "Fjord & Fjell AS",
		fmt.Sprintf("Storgata %d, oppgang B", i%200),
		"0151", "Oslo", "NO", fmt.Sprintf("kari.nordmann%d@example.no", i%1000), "+4740000000", "987654321",
		`Abonnement "Pluss", måned`,
		"SKU-1001", "2.5", "1199.00", "2997.50", "25", "0", "NOK", "2026-12-31", "2026-11-30",
	}
}

func exportCSV(tb testing.TB, rows int) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "export.csv")
	file, err := os.Create(path)
	require.NoError(tb, err)
	w := csv.NewWriter(bufio.NewWriterSize(file, 1<<20))
	require.NoError(tb, w.Write(exportHeader()))
	for i := range rows {
		require.NoError(tb, w.Write(exportLine(i)))
	}
	w.Flush()
	require.NoError(tb, w.Error())
	require.NoError(tb, file.Close())
	return path
}

// drain reads a file to its end and counts its records.
func drain(tb testing.TB, path string) int {
	tb.Helper()
	f, err := intake.Open(tb.Context(), path, intake.Options{TmpDir: tb.TempDir()})
	require.NoError(tb, err)
	count := 0
	for _, err := range f.Records(tb.Context()) {
		if err != nil {
			tb.Fatal(err)
		}
		count++
	}
	require.NoError(tb, f.Close())
	return count
}

// peak samples the heap in use while work runs, in MiB.
func peak(work func()) float64 {
	runtime.GC()
	var most atomic.Uint64
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		ticker := time.NewTicker(5 * time.Millisecond)
		defer ticker.Stop()
		var m runtime.MemStats
		for {
			select {
			case <-stop:
				return
			case <-ticker.C:
				runtime.ReadMemStats(&m)
				most.Store(max(most.Load(), m.HeapInuse+m.StackInuse))
			}
		}
	}()
	work()
	close(stop)
	<-stopped
	return float64(most.Load()) / (1 << 20)
}

// TestMemoryStaysFlat is not parallel, since it measures the whole heap. It holds the heap of a reading to a
// bound that does not depend on the rows.
func TestMemoryStaysFlat(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 100,000 rows")
	}
	path := exportCSV(t, 100_000)
	require.Less(t, peak(func() { require.Equal(t, 100_000, drain(t, path)) }), 64.0)
}
