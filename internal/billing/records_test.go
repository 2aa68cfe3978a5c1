package billing

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/fault"
)

func TestRecordsComeBackByTable(t *testing.T) {
	t.Parallel()
	scratch, err := os.CreateTemp(t.TempDir(), "")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, scratch.Close()) })
	g := NewGrouper(&Rules{Constants: map[Column]string{ColCurrency: "SEK"}}, scratch)
	g.spool.held = 1
	long := strings.Repeat("x", blockBytes/2)
	for _, table := range []Table{
		{File: "a.csv", Known: []Column{0, ColAmount, ColDescription}},
		{File: "b.xlsx", Sheet: "Lines"},
	} {
		g.AddTable(table)
		for row := 2; row < 5; row++ {
			rec := Record{
				Place: Place{Row: row}, Cells: []string{"same", "1,50", long}, Currencies: []Said{{ColAmount, "kr"}},
				Problems: []Problem{{Code: "amount.date", Severity: Error, Column: "amount"}},
			}
			rec.Set(ColOrderReference, "same")
			rec.Set(ColAmount, "1.5")
			require.NoError(t, g.Add(rec))
		}
	}
	records := func(table int) (places []Place) {
		for rec, err := range g.Records(table) {
			require.NoError(t, err)
			require.Equal(t, []string{"same", "1,50", long}, rec.Cells)
			require.Empty(t, rec.Values[ColDescription])
			require.Equal(t, "1.5", rec.Values[ColAmount])
			require.Equal(t, "SEK", rec.Values[ColCurrency])
			require.Equal(t, []Said{{ColAmount, "kr"}}, rec.Currencies)
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

// A panic of the rules is an error, and no group is lost silently.
func TestFaultInTheRules(t *testing.T) {
	t.Parallel()
	scratch, err := os.CreateTemp(t.TempDir(), "")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, scratch.Close()) })
	g := NewGrouper(&Rules{}, scratch)
	g.AddTable(Table{File: "x.csv"})
	rec := Record{Place: Place{Row: 2}}
	rec.Set(ColOrderReference, "A")
	require.NoError(t, g.Add(rec))
	g.batch.rules = nil // every check panics
	given := 0
	for group, err := range g.Groups() {
		given++
		caught := &fault.Error{}
		require.ErrorAs(t, err, &caught)
		require.Empty(t, group.Rows)
	}
	require.Equal(t, 1, given)
}
