package journal_test

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/journal"
)

// BenchmarkBeginSettle is one order with its two durable records, at 64 in flight; its figure means
// something beside that of BenchmarkSync on the same disk.
func BenchmarkBeginSettle(b *testing.B) {
	for name, location := range map[string]func() string{
		"sqlite":   func() string { return filepath.Join(b.TempDir(), "journal.db") },
		"postgres": func() string { return postgres.Database(b) }, // its server runs without fsync
	} {
		b.Run(name, func(b *testing.B) {
			j := open(b, location())
			begin(b, j, "R1")
			orders := planMany(b, j, b.N)
			b.ResetTimer()
			var group sync.WaitGroup
			for worker := range 64 {
				group.Go(func() {
					for i := worker; i < len(orders); i += 64 {
						conclude(b, j, "R1", orders[i], billing.Outcome{State: billing.Invoiced, InvoiceNumber: "1"})
					}
				})
			}
			group.Wait()
		})
	}
}

// BenchmarkDue is a page of 200 of the 20,000 orders that are due, beside as many that another run left unsent.
func BenchmarkDue(b *testing.B) {
	for name, location := range map[string]func() string{
		"sqlite":   func() string { return filepath.Join(b.TempDir(), "journal.db") },
		"postgres": func() string { return postgres.Database(b) },
	} {
		b.Run(name, func(b *testing.B) {
			j := open(b, location())
			for _, run := range []string{"R0", "R1"} {
				begin(b, j, run)
				for first := 0; first < 20_000; first += 500 {
					var entries []journal.Entry
					for i := first; i < first+500; i++ {
						entries = append(entries, entry(i, fmt.Sprint(run, "-", i), "a"))
					}
					_, err := j.Enter(b.Context(), run, entries)
					require.NoError(b, err)
				}
			}
			for b.Loop() {
				due, err := j.Due(b.Context(), send("R1"), soon, 200, nil)
				require.NoError(b, err)
				require.Len(b, due, 200)
			}
		})
	}
}

func planMany(b *testing.B, j *journal.Journal, n int) []journal.Order {
	b.Helper()
	var orders []journal.Order
	for first := 0; first < n; first += 500 {
		var entries []journal.Entry
		for i := first; i < min(first+500, n); i++ {
			entries = append(entries, entry(i, fmt.Sprintf("2026-11-%d", i), "a"))
		}
		entered, err := j.Enter(b.Context(), "R1", entries)
		require.NoError(b, err)
		for _, p := range entered {
			orders = append(orders, p.Stored)
		}
	}
	return orders
}

// BenchmarkSync is one small record appended and synced, the disk's own limit.
func BenchmarkSync(b *testing.B) {
	file, err := os.Create(filepath.Join(b.TempDir(), "sync"))
	require.NoError(b, err)
	record := make([]byte, 300)
	for b.Loop() {
		_, err := file.Write(record)
		require.NoError(b, err)
		require.NoError(b, file.Sync())
	}
	require.NoError(b, file.Close())
}

// BenchmarkEnter is one new order.
func BenchmarkEnter(b *testing.B) {
	j := open(b, filepath.Join(b.TempDir(), "journal.db"))
	begin(b, j, "R1")
	b.ResetTimer()
	planMany(b, j, b.N)
}

// BenchmarkAppendRows is one row appended.
func BenchmarkAppendRows(b *testing.B) {
	j := open(b, filepath.Join(b.TempDir(), "journal.db"))
	begin(b, j, "R1")
	b.ResetTimer()
	appendMany(b, j, b.N)
}

// BenchmarkReadRows is one row read.
func BenchmarkReadRows(b *testing.B) {
	j := open(b, filepath.Join(b.TempDir(), "journal.db"))
	begin(b, j, "R1")
	appendMany(b, j, b.N)
	b.ResetTimer()
	for _, err := range j.Rows(b.Context(), "R1") {
		require.NoError(b, err)
	}
}

func appendMany(b *testing.B, j *journal.Journal, n int) {
	b.Helper()
	rows := make([]billing.Row, 500)
	for i := range rows {
		rows[i] = row(i)
	}
	for first := 0; first < n; first += len(rows) {
		require.NoError(b, j.AppendRows(b.Context(), "R1", journal.Encoded(rows[:min(len(rows), n-first)]...)))
	}
}

// BenchmarkRunOrders is one order read for a report.
func BenchmarkRunOrders(b *testing.B) {
	j := open(b, filepath.Join(b.TempDir(), "journal.db"))
	begin(b, j, "R1")
	planMany(b, j, b.N)
	b.ResetTimer()
	for _, err := range j.RunOrders(b.Context(), "R1") {
		require.NoError(b, err)
	}
}
