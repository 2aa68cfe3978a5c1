package batch_test

import (
	"bufio"
	"cmp"
	"fmt"
	"math/rand/v2"
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

// BenchmarkCheck reads, checks and groups an export of a million rows (TEST_ROWS for another number), and in the same
// run has gocsv decode the same file into structs of strings. peak-MiB is the Go heap and stack in use, sampled.
func BenchmarkCheck(b *testing.B) {
	rows, _ := strconv.Atoi(os.Getenv("TEST_ROWS"))
	if rows == 0 {
		rows = 1_000_000
	}
	path := filepath.Join(b.TempDir(), "export.csv")
	writeWideCSV(b, path, rows)
	runtime.GC()
	var check, decode time.Duration
	var peak uint64
	for b.Loop() {
		start := time.Now()
		peak = max(peak, sampled(func() { checkFile(b, path, rows, rows/4) }))
		check += time.Since(start)
		start = time.Now()
		decodeFile(b, path, rows)
		decode += time.Since(start)
	}
	b.ReportMetric(check.Seconds()/float64(b.N), "check-s")
	b.ReportMetric(decode.Seconds()/float64(b.N), "gocsv-s")
	b.ReportMetric(check.Seconds()/decode.Seconds(), "ratio")
	b.ReportMetric(float64(peak>>20), "peak-MiB")
}

// BenchmarkCheckMemory checks 200,000 rows in orders of four, in orders of one, and in grouped orders of one that are each another
// business's. peak-MiB is as in BenchmarkCheck, beside-fours how many times as much as for orders of four.
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
	_, _ = w.WriteString("order_reference,product,business_name,organization_number,contact_name,email,phone_number,address_line,postal_code,postal_place," +
		"country,description,amount,vat\n")
	numbers := organizationNumbers(businesses)
	for i := range rows {
		order := i % orders
		business := order % businesses
		fmt.Fprintf(w, "ORD-%07d,%s,Firma %d AS,%s,Ola Nordmann,ola%d@nordmann.no,+4799999999,Storgata %d,0151,Oslo,NO,Abonnement linje %d,100.00,25\n",
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
		Paths: []string{path}, ExpectRows: rows, Rules: &billing.Rules{DaysUntilDue: 14, Channel: billing.ChannelKravia},
	})
	require.NoError(b, err)
	defer reading.Close()
	totals, err := batch.Count(reading.Groups())
	require.NoError(b, err)
	require.Equal(b, orders, totals.Orders)
}

// stringRecord has the file's columns as strings and nothing that helps to decode them.
type stringRecord struct {
	OrderReference     string `csv:"order_reference"`
	CustomerNumber     string `csv:"customer_number"`
	BusinessName       string `csv:"business_name"`
	OrganizationNumber string `csv:"organization_number"`
	ContactName        string `csv:"contact_name"`
	Email              string `csv:"email"`
	PhoneNumber        string `csv:"phone_number"`
	AddressLine        string `csv:"address_line"`
	PostalCode         string `csv:"postal_code"`
	PostalPlace        string `csv:"postal_place"`
	Country            string `csv:"country"`
	Currency           string `csv:"currency"`
	DaysUntilDue       string `csv:"days_until_due"`
	CustomerReference  string `csv:"customer_reference"`
	ItemID             string `csv:"item_id"`
	Description        string `csv:"description"`
	Quantity           string `csv:"quantity"`
	UnitPrice          string `csv:"unit_price"`
	Amount             string `csv:"amount"`
	VAT                string `csv:"vat"`
	DeliveryDate       string `csv:"delivery_date"`
	Project            string `csv:"project"`
}

// writeWideCSV is an export of 22 columns with four lines an order, in random order.
func writeWideCSV(b *testing.B, path string, rows int) {
	b.Helper()
	f, err := os.Create(path)
	require.NoError(b, err)
	w := bufio.NewWriter(f)
	_, _ = w.WriteString("order_reference,customer_number,business_name,organization_number,contact_name,email,phone_number,address_line,postal_code," +
		"postal_place,country,currency,days_until_due,customer_reference,item_id,description,quantity,unit_price,amount,vat,delivery_date,project\n")
	for _, i := range rand.New(rand.NewPCG(1, 1)).Perm(rows) {
		order, customer, price := i/4, i/4%50_000, 100+i%900
		fmt.Fprintf(w, "ORD-%07d,%d,\"Firma, nr %d AS\",974760673,Ola Nordmann,ola%d@nordmann.no,+47%08d,Storgata %d,0151,Oslo,NO,NOK,14,ref %d,SKU-%d,"+
			"\"Abonnement \"\"Premium\"\" linje %d\",1,%d.50,%d.50,%s,2026-11-%02d,P%d\n",
			order, 100_000+customer, customer, customer, 40_000_000+order%9_000_000, order%200, customer, i%500, i, price, price,
			[]string{"25", "15", "12", "0"}[i%4], 1+i%28, i%77)
	}
	require.NoError(b, w.Flush())
	require.NoError(b, f.Close())
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
