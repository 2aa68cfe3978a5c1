package intake_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/intake"
)

const (
	oneLine  = `<row><c t="inlineStr"><is><t>x</t></is></c><c><v>5</v></c></row>`
	noAmount = `<row><c t="inlineStr"><is><t>x</t></is></c></row>`
	again    = `<row><c t="inlineStr"><is><t>description</t></is></c><c t="inlineStr"><is><t>amount</t></is></c></row>`
)

// mergedSheet is a sheet of rows under the header description, amount, with merged areas.
func mergedSheet(t *testing.T, rows string, areas ...string) string {
	t.Helper()
	var b strings.Builder
	b.WriteString(sheetStart + rows + `</sheetData><mergeCells>`)
	for _, a := range areas {
		fmt.Fprintf(&b, `<mergeCell ref="%s"/>`, a)
	}
	b.WriteString(`</mergeCells></worksheet>`)
	return workbook(t, []byte(b.String()))
}

func TestMergedAreas(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		rows  string
		areas []string
		want  []string
	}{
		"beside the table":           {oneLine, []string{"S1:S2"}, []string{"2 description=x amount=5"}},
		"right of the header":        {oneLine, []string{"C1:E3"}, []string{"2 description=x amount=5"}},
		"from the table to the side": {oneLine, []string{"B2:D2"}, []string{"2 description=x amount=5"}},
		"down and to the side": {
			oneLine + noAmount,
			[]string{"B2:D3"},
			[]string{"2 description=x amount=5", "3 description=x !amount.merged"},
		},
		"to the right": {
			noAmount + oneLine,
			[]string{"A2:B2"},
			[]string{"2 description=x !amount.merged", "3 description=x amount=5"},
		},
		"a value that is covered": {oneLine, []string{"A2:B2"}, []string{"2 description=x !amount.merged"}},
		"a whole column": {
			oneLine + oneLine,
			[]string{"B:B"},
			[]string{"2 description=x !amount.merged", "3 description=x !amount.merged"},
		},
		"one over the other": {
			noAmount + noAmount,
			[]string{"B2:C3", "B2:B2", "A2:B2"},
			[]string{"2 description=x !amount.merged", "3 description=x !amount.merged"},
		},
		"beside a repeated header": {
			oneLine + again + oneLine,
			[]string{"B3:F3", "H3:J3"},
			[]string{"2 description=x amount=5", "4 description=x amount=5"},
		},
		"beside a cell of its own": {
			oneLine + `<row><c t="inlineStr"><is><t>y</t></is></c><c><v>6</v></c><c r="E3"><v>7</v></c></row>`,
			[]string{"D2:E2", "E3:F4"},
			[]string{"2 description=x amount=5", "3 description=y amount=6"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, err := intake.Open(t.Context(), mergedSheet(t, tc.rows, tc.areas...), intake.Options{})
			require.NoError(t, err)
			defer func() { require.NoError(t, f.Close()) }()
			require.Equal(t, tc.want, lines(t.Context(), t, f))
		})
	}
}

// TestManyMergedAreas holds that wide areas which cover one another cost no more than others do: each for
// itself, they would take hours.
func TestManyMergedAreas(t *testing.T) {
	t.Parallel()
	areas := make([]string, 100_000)
	for i := range areas {
		areas[i] = "A2:XFD1048576"
	}
	begin := time.Now()
	f, err := intake.Open(t.Context(), mergedSheet(t, strings.Repeat(oneLine, 10_000), areas...), intake.Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	require.Len(t, lines(t.Context(), t, f), 10_000)
	require.Less(t, time.Since(begin), time.Minute)
}
