package journal_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/journal"
)

func leftOut(i int) billing.LeftOut {
	return billing.LeftOut{
		Place: billing.Place{File: "november.xlsx", Sheet: "Linjer", Row: i + 2}, Table: 1,
		Reference: fmt.Sprintf("2026-11-%d", i), Customer: "Nordlys Kraft AS",
		Description: "=Strøm\x00\nnovember", Amount: "-1234.50", Currency: "NOK",
		Cells: []string{fmt.Sprintf("2026-11-%d", i), "Utkast", ""},
	}
}

func appendLeftOut(t *testing.T, j *journal.Journal, run string, rows ...billing.LeftOut) {
	t.Helper()
	stored, err := j.AppendLeftOut(t.Context(), run, journal.Sequence(rows...))
	require.NoError(t, err)
	require.Len(t, rows, stored)
}

// What the profile left out comes back as it was and in order, and has nothing to do with the rows or with another run.
func TestLeftOutComesBackInOrder(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, location string) {
		j := open(t, location)
		begin(t, j, "R1")
		begin(t, j, "R2")
		require.NoError(t, j.AppendRows(t.Context(), "R1", journal.Encoded(row(0))))
		appendLeftOut(t, j, "R2", leftOut(7))
		const want = 1_700
		for first := 0; first < want; first += 850 {
			rows := make([]billing.LeftOut, 850)
			for i := range rows {
				rows[i] = leftOut(first + i)
			}
			appendLeftOut(t, j, "R1", rows...)
		}
		n := 0
		for got, err := range j.LeftOut(t.Context(), "R1") {
			require.NoError(t, err)
			require.Equal(t, leftOut(n), got)
			n++
		}
		require.Equal(t, want, n)
		for got, err := range j.LeftOut(t.Context(), "R1") {
			require.NoError(t, err)
			require.Equal(t, 2, got.Row)
			break
		}
		rows := 0
		for _, err := range j.Rows(t.Context(), "R1") {
			require.NoError(t, err)
			rows++
		}
		require.Equal(t, 1, rows)
		_, err := j.AppendLeftOut(t.Context(), "R9", journal.Sequence(leftOut(0)))
		require.Error(t, err, "a run that was not begun")
		require.NoError(t, j.Snapshot(t.Context(), func(v journal.View) error {
			for got, err := range v.LeftOut(t.Context(), "R2") {
				require.NoError(t, err)
				require.Equal(t, leftOut(7), got)
			}
			return nil
		}))
	})
}
