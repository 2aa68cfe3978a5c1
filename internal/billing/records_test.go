package billing

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/fault"
)

func TestRecordsComeBackByTable(t *testing.T) {
	t.Parallel()
	scratch, err := os.CreateTemp(t.TempDir(), "")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, scratch.Close()) })
	g := NewGrouper(&Rules{Constants: map[string]string{ColCurrency: "SEK"}}, scratch)
	for _, table := range []Table{{File: "a.csv"}, {File: "b.xlsx", Sheet: "Lines"}} {
		g.AddTable(table)
		for row := 2; row < 5; row++ {
			require.NoError(t, g.Add(Record{
				Place: Place{Row: row}, OrderReference: "same", Cells: []string{"same", "1,50"}, Amount: "1.5",
				Problems: []Problem{{Code: "amount.date", Severity: Error, Column: ColAmount}},
			}))
		}
	}
	records := func(table int) (places []Place) {
		for rec, err := range g.Records(table) {
			require.NoError(t, err)
			require.Equal(t, []string{"same", "1,50"}, rec.Cells)
			require.Equal(t, "1.5", rec.Amount)
			require.Equal(t, "SEK", rec.Currency)
			require.Equal(t, rec.Place, rec.Problems[0].Place)
			places = append(places, rec.Place)
		}
		return places
	}
	want := []Place{{"b.xlsx", "Lines", 2}, {"b.xlsx", "Lines", 3}, {"b.xlsx", "Lines", 4}}
	require.Equal(t, want, records(1))
	for _, err := range g.Groups() { // sorts its own index
		require.NoError(t, err)
	}
	require.Equal(t, want, records(1))
	require.Len(t, records(0), 3)
	require.NoError(t, scratch.Truncate(10))
	for _, err := range g.Records(1) {
		require.Error(t, err)
	}
}

// A row that the rules cannot handle is an error, and no group is lost without a word.
func TestFaultInTheRules(t *testing.T) {
	t.Parallel()
	scratch, err := os.CreateTemp(t.TempDir(), "")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, scratch.Close()) })
	g := NewGrouper(&Rules{}, scratch)
	g.AddTable(Table{File: "x.csv"})
	require.NoError(t, g.Add(Record{Place: Place{Row: 2}, OrderReference: "A"}))
	g.rules = nil // every check panics
	given := 0
	for group, err := range g.Groups() {
		given++
		caught := &fault.Error{}
		require.ErrorAs(t, err, &caught)
		require.Empty(t, group.Rows)
	}
	require.Equal(t, 1, given)
}
