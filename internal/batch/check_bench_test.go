package batch_test

import (
	"bufio"
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/batch"
	"kraviabatch/internal/billing"
)

// BenchmarkCheckMemory checks 200,000 rows in orders of four, in orders of one, and in grouped orders of one
// that are each another business's. peak-MiB is the Go heap and stack in use, sampled, beside-fours how many
// times as much as for orders of four.
func BenchmarkCheckMemory(b *testing.B) {
	const rows = 200_000
	var fours uint64
	for _, shape := range []struct {
		name, product string
		orders        int
		businesses    int
	}{
		{"fours", "b2b", rows / 4, 500}, {"ones", "b2b", rows, 500}, {"grouped", "b2b_grouped", rows, rows},
	} {
		b.Run(shape.name, func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "export.csv")
			writeOrders(b, path, rows, shape.orders, shape.product, shape.businesses)
			var peak uint64
			for b.Loop() {
				runtime.GC()
				peak = max(peak, sampled(func() { checkFile(b, path, rows, shape.orders) }))
			}
			fours = cmp.Or(fours, peak)
			b.ReportMetric(float64(peak>>20), "peak-MiB")
			b.ReportMetric(float64(peak)/float64(fours), "beside-fours")
		})
	}
}

// writeOrders is an export whose rows are dealt out to so many orders, and those to so many businesses.
func writeOrders(b *testing.B, path string, rows, orders int, product string, businesses int) {
	b.Helper()
	f, err := os.Create(path)
	require.NoError(b, err)
	w := bufio.NewWriter(f)
	_, _ = w.WriteString("order_reference,product,business_name,organization_number,contact_name,email,phone_number," +
		"address_line,postal_code,postal_place,country,description,amount,vat\n")
	numbers := organizationNumbers(businesses)
	for i := range rows {
		order := i % orders
		business := order % businesses
		fmt.Fprintf(w,
			"ORD-%07d,%s,Firma %d AS,%s,Ola Nordmann,ola%d@nordmann.no,+4799999999,"+
				"Storgata %d,0151,Oslo,NO,Abonnement linje %d,100.00,25\n",
			order, product, business, numbers[business], business, business, i)
	}
	require.NoError(b, w.Flush())
	require.NoError(b, f.Close())
}

// organizationNumbers are n different valid Norwegian numbers.
func organizationNumbers(n int) (numbers []string) {
	for base := 80_000_000; len(numbers) < n; base++ {
		sum, rest := 0, base
		for _, weight := range []int{2, 3, 4, 5, 6, 7, 2, 3} {
			sum += rest % 10 * weight
			rest /= 10
		}
		if check := (11 - sum%11) % 11; check < 10 {
			numbers = append(numbers, fmt.Sprintf("%d%d", base, check))
		}
	}
	return numbers
}

func checkFile(b *testing.B, path string, rows, orders int) {
	b.Helper()
	reading, err := batch.Read(b.Context(), &batch.Input{
		Paths: []string{path}, ExpectRows: rows,
		Rules: &billing.Rules{DaysUntilDue: 14, Channel: billing.ChannelKravia},
	})
	require.NoError(b, err)
	defer reading.Close()
	totals, err := batch.Count(reading.Groups())
	require.NoError(b, err)
	require.Equal(b, orders, totals.Orders)
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
