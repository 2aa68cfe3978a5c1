package journal

import (
	"iter"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// Sequence gives values as a sequence without an error.
func Sequence[T any](values ...T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, v := range values {
			if !yield(v, nil) {
				return
			}
		}
	}
}

// Encoded are rows as they are given to AppendRows.
func Encoded(rows ...billing.Row) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for i := range rows {
			if !yield(billing.AppendRow(nil, &rows[i]), nil) {
				return
			}
		}
	}
}

// Rows that an older version stored as lines of JSON are read as before, also before rows of this version.
func TestRowsOfOlderVersionsAreRead(t *testing.T) {
	t.Parallel()
	_, j := newFile(t)
	require.NoError(t, j.BeginRun(t.Context(), Run{ID: "R1"}))
	older := `{"file":"a.csv","row":2,"ordinal":0,"table":0,"reference":"A","amount":{"minor":29900,"currency":"NOK"},"rate":2500,"valid":true,"cells":["A","<299>"]}
{"file":"a.csv","row":3,"ordinal":1,"table":0,"amount_text":"x","valid":false,"problems":[{"code":"amount.unreadable","severity":"error","file":"a.csv","row":3,"message":"m","hint":"h"}]}
`
	_, err := j.db.ExecContext(t.Context(),
		`INSERT INTO run_rows (run, chunk, row_count, body) VALUES ('R1', 0, 2, $1)`,
		j.encoder.EncodeAll([]byte(older), nil))
	require.NoError(t, err)
	require.NoError(t, j.AppendRows(t.Context(), "R1", Encoded(billing.Row{Ordinal: 2})))
	var rows []billing.Row
	for row, err := range j.Rows(t.Context(), "R1") {
		require.NoError(t, err)
		rows = append(rows, row)
	}
	amount := money.New(29900, money.MustCurrency("NOK"))
	require.Equal(t, []billing.Row{
		{
			Place: billing.Place{File: "a.csv", Row: 2}, Reference: "A", Amount: &amount, Rate: 2500, Valid: true,
			Cells: []string{"A", "<299>"},
		},
		{Place: billing.Place{File: "a.csv", Row: 3}, Ordinal: 1, AmountText: "x", Problems: []billing.Problem{
			{
				Code: "amount.unreadable", Severity: billing.Error, Place: billing.Place{File: "a.csv", Row: 3},
				Message: "m", Hint: "h",
			},
		}},
		{Ordinal: 2},
	}, rows)
}

// A chunk that decompresses and yet holds no row is damage, told with its place.
func TestDamagedRowIsSaid(t *testing.T) {
	t.Parallel()
	path, j := newFile(t)
	require.NoError(t, j.BeginRun(t.Context(), Run{ID: "R1"}))
	row := billing.AppendRow(nil, &billing.Row{Reference: "A"})
	for _, damaged := range []string{"\x02", string(row) + "\x01", string(row) + "{", string(row[:len(row)-1])} {
		_, err := j.db.ExecContext(t.Context(), `INSERT INTO run_rows (run, chunk, row_count, body) VALUES ('R1', 0, 1, $1)
			ON CONFLICT (run, chunk) DO UPDATE SET body = excluded.body`, j.encoder.EncodeAll([]byte(damaged), nil))
		require.NoError(t, err)
		var last error
		for _, last = range j.Rows(t.Context(), "R1") {
		}
		require.ErrorIs(t, last, ErrDamaged, damaged)
		require.ErrorContains(t, last, filepath.Base(path))
	}
}

// Many rows in one call come back in order from several chunks, and so does a row that is longer than a chunk.
func TestRowsOfSeveralChunks(t *testing.T) {
	t.Parallel()
	_, j := newFile(t)
	require.NoError(t, j.BeginRun(t.Context(), Run{ID: "R1"}))
	rows := make([]billing.Row, 700)
	for i := range rows {
		rows[i] = billing.Row{Ordinal: i, Description: strings.Repeat("x", 4000)}
	}
	rows[300].Description = strings.Repeat("y", chunkSize+1)
	require.NoError(t, j.AppendRows(t.Context(), "R1", Encoded(rows...)))
	n := 0
	for row, err := range j.Rows(t.Context(), "R1") {
		require.NoError(t, err)
		require.Equal(t, rows[n], row)
		n++
	}
	require.Len(t, rows, n)
	var chunks, counted int
	require.NoError(t,
		j.db.QueryRowContext(t.Context(), "SELECT COUNT(*), SUM(row_count) FROM run_rows").Scan(&chunks, &counted))
	require.Equal(t, 5, chunks, "two before the long one, itself, and two after it")
	require.Equal(t, len(rows), counted)
}
