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

// highest is how many bytes more than before are in use at most while work goes on. Tests that use it are not parallel: it
// counts for the whole process.
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

// A plan of many orders is made, compared with last month, approved and followed in little memory. Only the comparison takes
// more where there are more customers.
func TestPlanOfManyOrdersTakesLittleMemory(t *testing.T) {
	const orders, customers, limit = 100_000, 10_000, 56 << 20
	if testing.Short() {
		t.Skip("takes seconds")
	}
	each := func(yield func(planfile.Made, error) bool) {
		for i := range orders {
			o := order(i)
			o.CustomerNumber = fmt.Sprint(i % customers)
			if !yield(o, nil) {
				return
			}
		}
	}
	last := func(yield func(journal.RunOrder, error) bool) {
		for o := range each {
			r := journal.RunOrder{Verdict: billing.ToSend, Customer: o.Customer, CustomerNumber: o.CustomerNumber, Gross: nok(1), Order: journal.Order{Life: billing.Life{Outcome: billing.Outcome{State: billing.Invoiced}}}}
			if !yield(r, nil) {
				return
			}
		}
	}
	d := draft(t, 0, "2026-11")
	var path string
	require.Less(t, highest(func() {
		require.NoError(t, d.CompareWith(&journal.Run{ID: "R"}, last, 30))
		for o, err := range each {
			if err == nil {
				err = d.Add(&o)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
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
