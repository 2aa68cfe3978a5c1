package batch

import (
	"fmt"
	"iter"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/journal"
)

// groupsOf are groups of rows with these ordinals.
func groupsOf(groups ...[]int) iter.Seq2[billing.Group, error] {
	return func(yield func(billing.Group, error) bool) {
		for _, ordinals := range groups {
			g := billing.Group{}
			for _, ordinal := range ordinals {
				g.Rows = append(g.Rows, billing.Row{Ordinal: ordinal})
			}
			if !yield(g, nil) {
				return
			}
		}
	}
}

func passed(files []journal.File, groups ...[]int) error {
	for _, err := range everyRow(files, groupsOf(groups...)) {
		if err != nil {
			return err
		}
	}
	return nil
}

func TestEveryRow(t *testing.T) {
	t.Parallel()
	files := []journal.File{{Name: "a.csv", Rows: 3}, {Name: "empty.csv"}, {Name: "b.csv", Rows: 2}}
	const fault = "rows were lost or doubled inside the program: "
	for _, tt := range []struct {
		name   string
		groups [][]int
		want   string
	}{
		{"all", [][]int{{0, 4}, {1}, {2, 3}}, ""},
		{
			"a group lost",
			[][]int{{0, 4}, {2, 3}},
			"3 rows of a.csv were read and 2 were grouped, row number 2 is missing; no call was made",
		},
		{
			"the last row lost",
			[][]int{{0, 1, 2}, {3}},
			"2 rows of b.csv were read and 1 were grouped, row number 2 is missing; no call was made",
		},
		{
			"nothing came", nil,
			"3 rows of a.csv were read and 0 were grouped, row number 1 is missing; no call was made",
		},
		{
			"one for another",
			[][]int{{0, 1, 1}, {3, 4}},
			"row number 2 of a.csv was grouped twice; no call was made",
		},
		{
			"twice in another file",
			[][]int{{0, 1, 2}, {3, 4}, {4}},
			"row number 2 of b.csv was grouped twice; no call was made",
		},
		{
			"one too many",
			[][]int{{0, 1, 2}, {3, 4, 5}},
			"5 rows were read, but there is a row number 6; no call was made",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := passed(files, tt.groups...)
			if tt.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, ErrLostRows)
			require.EqualError(t, err, fault+tt.want)
		})
	}
}

// Whatever the groups are, leaving one row out or giving one twice is found, and nothing else is.
func TestEveryRowFindsAnyLoss(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var files []journal.File
		for i, rows := range rapid.SliceOfN(rapid.IntRange(0, 80), 1, 4).Draw(t, "files") {
			files = append(files, journal.File{Name: fmt.Sprint(i), Rows: rows})
		}
		ordinals := make([]int, rowsOf(files))
		for i := range ordinals {
			ordinals[i] = i
		}
		if len(ordinals) == 0 {
			return
		}
		shuffled := rapid.Permutation(ordinals).Draw(t, "order")
		size := rapid.IntRange(1, 7).Draw(t, "size")
		groups := slices.Collect(slices.Chunk(shuffled, size))
		require.NoError(t, passed(files, groups...))
		at := rapid.IntRange(0, len(shuffled)-1).Draw(t, "at")
		lost := slices.Delete(slices.Clone(shuffled), at, at+1)
		require.ErrorIs(t, passed(files, slices.Collect(slices.Chunk(lost, size))...), ErrLostRows)
		require.ErrorIs(t, passed(files, append(groups, []int{at})...), ErrLostRows)
	})
}
