package billing_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
)

// stored reads a store to its end.
func stored(s *billing.RowStore) (ordinals []int, err error) {
	for row, err := range s.All() {
		if err != nil {
			return ordinals, err
		}
		ordinals = append(ordinals, row.Ordinal)
	}
	return ordinals, nil
}

func TestRowStoreTellsOfAHole(t *testing.T) {
	t.Parallel()
	s := billing.NewRowStore(4, &memory{})
	require.NoError(t, s.Put(&billing.Row{Ordinal: 3}))
	require.NoError(t, s.Put(&billing.Row{Ordinal: 0}))
	require.NoError(t, s.Omit(&billing.Row{Ordinal: 1}))
	got, err := stored(s)
	require.EqualError(t, err, "input row number 3 of 4 was lost after it was read")
	require.Equal(t, []int{0}, got)
	require.NoError(t, s.Put(&billing.Row{Ordinal: 2}))
	got, err = stored(s)
	require.NoError(t, err)
	require.Equal(t, []int{0, 2, 3}, got)
}

func TestRowStoreTakesARowOnce(t *testing.T) {
	t.Parallel()
	s := billing.NewRowStore(2, &memory{})
	require.NoError(t, s.Put(&billing.Row{Ordinal: 0}))
	require.NoError(t, s.Omit(&billing.Row{Ordinal: 1}))
	for ordinal := range 2 {
		require.ErrorContains(t, s.Put(&billing.Row{Ordinal: ordinal}), "already stored")
		require.ErrorContains(t, s.Omit(&billing.Row{Ordinal: ordinal}), "already stored")
	}
	require.ErrorContains(t, s.Put(&billing.Row{Ordinal: 2}), "has number 3, but there are only 2 rows")
	require.ErrorContains(t, s.Omit(&billing.Row{Ordinal: -1}), "has number 0, but there are only 2 rows")
}
