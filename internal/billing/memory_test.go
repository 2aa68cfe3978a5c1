package billing

import (
	"fmt"
	"os"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// allocated is how many bytes the process allocates while work runs. Tests that use it must not be parallel.
func allocated(work func()) int {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	work()
	runtime.ReadMemStats(&after)
	return int(after.TotalAlloc - before.TotalAlloc)
}

// The runs of many orders take no memory besides the index, and are the same each time.
func TestRunsTakeNoMemory(t *testing.T) {
	const records = 100_000
	for _, orders := range []int{1, records / 4, records} {
		g := &Grouper{}
		for i := range records {
			g.index = append(g.index, position{key: uint64(i%orders) * 0x9e3779b97f4a7c15, ordinal: i})
		}
		for range 2 {
			first, seen := 0, 0
			bytes := allocated(func() {
				for same := range g.runs() {
					for i, p := range same {
						if p.ordinal != first+i*orders {
							t.Fatalf("run %d of %d has record %d in place %d", first, orders, p.ordinal, i)
						}
					}
					first++
					seen += len(same)
				}
			})
			require.Equal(t, orders, first)
			require.Equal(t, records, seen)
			require.Less(t, bytes, 64<<10, "%d orders", orders)
		}
	}
}

// The memory for a business does not grow with the length of its cells.
func TestDebtorsTakeLittleMemory(t *testing.T) {
	const businesses = 100_000
	d := newDebtors(NewGrouper(&Rules{}, &os.File{}))
	groups := make([]Group, businesses)
	for i := range groups {
		groups[i] = Group{
			debtor: &Address{
				Country: "NO", OrganizationNumber: fmt.Sprint(i),
				BusinessName: fmt.Sprintf("%0200d", i),
			}, run: i,
		}
	}
	bytes := allocated(func() {
		for i := range groups {
			if err := d.compare(&groups[i]); err != nil {
				t.Fatal(err)
			}
		}
	})
	require.Len(t, d.first, businesses)
	require.Less(t, bytes/businesses, 120)
}
