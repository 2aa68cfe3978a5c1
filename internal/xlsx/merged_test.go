package xlsx_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"kraviabatch/internal/xlsx"
)

// mergedSheet is a sheet part of rows and merged areas.
func mergedSheet(rows string, areas ...string) string {
	var b strings.Builder
	for _, a := range areas {
		fmt.Fprintf(&b, `<mergeCell ref="%s"/>`, a)
	}
	return strings.Replace(inSheet(rows), "</sheetData>", "</sheetData><mergeCells>"+b.String()+"</mergeCells>", 1)
}

// mergedAreas reads the only sheet to its end and gives its merged areas.
func mergedAreas(tb testing.TB, sheet string) ([]xlsx.Area, error) {
	tb.Helper()
	data := archived(tb, parts(sheet))
	book, err := xlsx.Open(bytes.NewReader(data), int64(len(data)))
	require.NoError(tb, err)
	rows, err := book.Rows(book.Sheets[0])
	require.NoError(tb, err)
	for err == nil {
		_, err = rows.Next()
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return rows.Merged(), err
}

func TestMergedAreas(t *testing.T) {
	t.Parallel()
	for ref, want := range map[string]xlsx.Area{
		"A1:B2":         {1, 0, 2, 1},
		"a1:b2":         {1, 0, 2, 1},
		"A6":            {6, 0, 6, 0},
		"B:C":           {1, 1, 1 << 20, 2},
		"2:3":           {2, 0, 3, 1<<14 - 1},
		"A1:XFD1048576": {1, 0, 1 << 20, 1<<14 - 1},
	} {
		got, err := mergedAreas(t, mergedSheet("", ref))
		require.NoError(t, err, ref)
		require.Equal(t, []xlsx.Area{want}, got, ref)
	}
	for _, ref := range []string{
		"", "A", "6", ":", "A1:", "A1:B", "A:2", "B2:A1", "A2:B1", "A1:B2:C3", "A0", "XFE1",
		"A1048577", "$A$1:$B$2", "A1 B2",
	} {
		_, err := mergedAreas(t, mergedSheet("", ref))
		requireRefused(t, err, xlsx.Damaged, "merged area")
	}
	_, err := mergedAreas(t, mergedSheet("", strings.Split(strings.Repeat("A1:B2 ", 100_001), " ")[:100_001]...))
	requireRefused(t, err, xlsx.TooLarge, "more than 100000 merged areas")
}

// TestCover compares with looking at every area for every cell.
func TestCover(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		areas := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) xlsx.Area {
			top, left := rapid.IntRange(1, 9).Draw(rt, "top"), rapid.IntRange(0, 5).Draw(rt, "left")
			return xlsx.Area{
				top, left, top + rapid.IntRange(0, 4).Draw(rt, "height"),
				left + rapid.IntRange(0, 4).Draw(rt, "width"),
			}
		}), 0, 6).Draw(rt, "areas")
		columns := rapid.IntRange(0, 5).Draw(rt, "columns")
		cover := xlsx.NewCover(areas, columns)
		for number := 1; number <= 12; number += rapid.IntRange(1, 3).Draw(rt, "step") {
			row := &xlsx.Row{Number: number, Cells: []xlsx.Cell{{Value: "x", Kind: xlsx.Text}}}
			cover.Mark(row)
			for column := range max(columns, len(row.Cells)) {
				covered := false
				for _, a := range areas {
					inside := a.Top <= number && number <= a.Bottom && a.Left <= column && column <= a.Right
					covered = covered || inside && (number > a.Top || column > a.Left)
				}
				require.Equal(rt, covered && column < columns, column < len(row.Cells) &&
					row.Cells[column].Kind == xlsx.Merged, "row %d column %d", number, column)
			}
			require.Equal(rt, "x", row.Cells[0].Value)
		}
	})
}

// TestManyMergedAreas holds that areas which cover one another cost no more than others do: each for itself,
// they would take minutes.
func TestManyMergedAreas(t *testing.T) {
	t.Parallel()
	areas := make([]xlsx.Area, 100_000)
	for i := range areas {
		areas[i] = xlsx.Area{2, 0, 1 << 20, 1<<14 - 1}
	}
	begin := time.Now()
	cover := xlsx.NewCover(areas, 20)
	row := &xlsx.Row{}
	for row.Number = range 10_000 {
		row.Cells = row.Cells[:0]
		cover.Mark(row)
	}
	require.Less(t, time.Since(begin), 10*time.Second)
}
