package billing

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Groups are the same whether their records are in memory or in the working file, and each time.
func TestSpilledGroups(t *testing.T) {
	t.Parallel()
	const records = 3000
	groups := func(held int) (all []Group) {
		scratch, err := os.CreateTemp(t.TempDir(), "")
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, scratch.Close()) })
		g := NewGrouper(&Rules{Today: "2026-11-22"}, scratch)
		g.spool.held = held
		g.AddTable(Table{File: "a.csv", Known: []Column{ColOrderReference, ColDescription, 0}})
		for i := range records {
			rec := Record{
				Place: Place{Row: i + 2},
				Cells: []string{fmt.Sprintf("R-%d", i*7%1009), fmt.Sprint("line ", i), strings.Repeat("x", i)},
			}
			rec.Set(ColOrderReference, rec.Cells[0])
			rec.Set(ColDescription, rec.Cells[1])
			require.NoError(t, g.Add(rec))
		}
		for range 2 {
			all = nil
			for group, err := range g.Groups() {
				require.NoError(t, err)
				all = append(all, group)
			}
		}
		require.Equal(t, held < heldBlocks, g.spool.written > 0)
		return all
	}
	inMemory := groups(heldBlocks)
	require.Len(t, inMemory, 1009)
	require.True(t, reflect.DeepEqual(inMemory, groups(1)))
	require.True(t, reflect.DeepEqual(inMemory, groups(7)))
	for i := range inMemory {
		for _, row := range inMemory[i].Rows {
			require.Equal(t, fmt.Sprint("line ", row.Ordinal), row.Description)
			require.Equal(t, inMemory[i].Reference, row.Cells[0])
			require.Len(t, row.Cells[2], row.Ordinal)
		}
	}
}
