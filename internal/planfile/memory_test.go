package planfile_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/planfile"
)

// highest returns by how many bytes the heap grows at most during work. It measures the whole process, so a test
// that uses it is not parallel.
func highest(work func()) uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	before, most := stats.HeapAlloc, stats.HeapAlloc
	done, seen := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(seen)
		for {
			select {
			case <-done:
				return
			case <-time.After(10 * time.Millisecond):
				runtime.ReadMemStats(&stats)
				most = max(most, stats.HeapAlloc)
			}
		}
	}()
	work()
	close(done)
	<-seen
	return most - before
}

// A plan of many orders is drafted, approved and followed in little memory. Only the comparison with last month
// takes more memory, with the number of customers.
func TestPlanOfManyOrdersTakesLittleMemory(t *testing.T) {
	const orders, customers, limit = 100_000, 10_000, 56 << 20
	if testing.Short() {
		t.Skip("takes seconds")
	}
	each := func(yield func(planfile.DraftOrder, error) bool) {
		for i := range orders {
			o := order(i)
			o.CustomerNumber = fmt.Sprint(i % customers)
			if !yield(o, nil) {
				return
			}
		}
	}
	d := draft(t, 0, "2026-11")
	var path string
	require.Less(t, highest(func() {
		month := billing.CompareWith(billing.LastMonth{Run: "R", ChangePercent: 30})
		for o := range each {
			month.Before(billing.FinalInvoiced, o.CustomerNumber, o.Customer, nok(1))
		}
		for o, err := range each {
			if err == nil {
				month.Now(o.Final, o.CustomerNumber, o.Customer, o.Gross)
				err = d.Add(&o)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		require.NoError(t, month.Finish())
		d.LastMonth = month.LastMonth
		require.NoError(t, d.Finish(journal.Control{Rows: 2 * orders, Orders: orders}, nil))
		path = written(t, d)
	}), uint64(limit), "made")
	require.Equal(t, customers, d.LastMonth.Changed.Customers)
	require.Len(t, d.LastMonth.Changed.List, 10_000)
	require.Less(t, highest(func() {
		_, err := planfile.Approve(path, "Kari", noon)
		require.NoError(t, err)
	}), uint64(limit), "approved")
	require.Less(t, highest(func() {
		f, err := planfile.Open(path)
		require.NoError(t, err)
		require.NoError(t, f.SameOrders(each, &journal.Control{Rows: 2 * orders}))
	}), uint64(limit), "followed")
}
