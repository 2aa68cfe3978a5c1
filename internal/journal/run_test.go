package journal_test

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/money"
)

func TestRunIsKept(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, location string) {
		j := open(t, location)
		run := journal.Run{
			ID: "R1", Account: account, Environment: "sandbox", Period: "2026-11", Flow: "two-step", Version: "v1",
			Started: time.Date(2026, 11, 22, 12, 0, 0, 123456789, time.UTC),
			Files:   []journal.File{{Name: "a.csv", SHA256: "aa", Rows: 3}, {Name: "b.xlsx", SHA256: "bb", Rows: 4}},
			Tables: []billing.Table{
				{File: "a.csv", Header: []string{"Sum"}, Known: []billing.Column{billing.ColAmount}},
			},
			Settings: json.RawMessage(`{"rate":5}`), Control: journal.Control{Rows: 7}, ExitCode: journal.Unfinished,
		}
		require.NoError(t, j.BeginRun(t.Context(), run))
		require.Error(t, j.BeginRun(t.Context(), run), "an id is used once")
		got, err := j.FindRun(t.Context(), "R1")
		require.NoError(t, err)
		require.Equal(t, run, got)

		run.Finished = run.Started.Add(time.Minute)
		run.Files = append(run.Files, journal.File{Name: "c", SHA256: "cc", Rows: 1},
			journal.File{Name: "kunder.csv", SHA256: "dd", Rows: 120, Register: "customers"})
		run.Control = journal.Control{
			Rows: 8, InvalidRows: 1, Orders: 3, InvalidOrders: 1, LeftOut: 12,
			Money: []money.Amount{money.New(-5, nok), money.New(7, money.MustCurrency("SEK"))},
			Net:   []money.Amount{money.New(-4, nok)}, VAT: []money.Amount{money.New(-1, nok)},
			Expected: &journal.Expected{Rows: new(8), Net: []money.Amount{money.New(-4, nok)}},
		}
		run.ExitCode = 3
		require.NoError(t, j.UpdateRun(t.Context(), run))
		got, err = j.FindRun(t.Context(), "R1")
		require.NoError(t, err)
		require.Equal(t, run, got)

		_, err = j.FindRun(t.Context(), "R2")
		require.ErrorIs(t, err, journal.ErrNotFound)
		require.ErrorIs(t, j.UpdateRun(t.Context(), journal.Run{ID: "R2"}), journal.ErrNotFound)
	})
}

func TestRunsAreListedNewestFirst(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, location string) {
		j := open(t, location)
		start := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
		for i, run := range []journal.Run{ // each begun by a clock that is behind the one before
			{
				ID: "R1", Account: "T1", Files: []journal.File{{Name: "a", SHA256: "same"}},
				Tables: []billing.Table{{File: "a"}},
			},
			{ID: "R2", Account: "T2", Files: []journal.File{{Name: "b", SHA256: "other"}}},
			{ID: "R3", Account: "T1", Files: []journal.File{{Name: "c", SHA256: "same"}}},
			{ID: "R4", Account: "T1", Files: []journal.File{{Name: "kunder", SHA256: "same", Register: "customers"}}},
		} {
			run.Started = start.Add(-time.Duration(i) * time.Second)
			require.NoError(t, j.BeginRun(t.Context(), run))
		}
		tests := []struct {
			account string
			limit   int
			want    []string
		}{
			{"", 10, []string{"R4", "R3", "R2", "R1"}},
			{"", 1, []string{"R4"}},
			{"T1", 10, []string{"R4", "R3", "R1"}},
			{"T3", 10, nil},
		}
		for _, test := range tests {
			runs, err := j.Runs(t.Context(), test.account, test.limit)
			require.NoError(t, err)
			var ids []string
			for _, run := range runs {
				ids = append(ids, run.ID)
				require.Len(t, run.Files, 1)
				require.Nil(t, run.Tables, "a list of runs is cheap")
			}
			require.Equal(t, test.want, ids)
		}
		run, found, err := j.SeenFile(t.Context(), "T1", "same")
		require.NoError(t, err)
		require.True(t, found)
		require.Equal(t, "R3", run, "as lines, and not as a register")
		_, found, err = j.SeenFile(t.Context(), "T2", "same")
		require.NoError(t, err)
		require.False(t, found, "another account's file")
	})
}

func row(i int) billing.Row {
	amount, vat := money.New(int64(i)*100, nok), money.New(int64(i)*20, nok)
	return billing.Row{
		Place: billing.Place{File: "november.csv", Row: i + 2}, Ordinal: i, Reference: fmt.Sprintf("2026-11-%d", i/3),
		LineID: fmt.Sprint(i%3 + 1), Customer: "Nordlys Kraft AS", Description: "Strøm november", Quantity: "1",
		Amount: &amount, VAT: "25", VATAmount: &vat, Currency: "NOK", Rate: 2500, Country: "NO", Valid: true,
		Cells: []string{fmt.Sprintf("2026-11-%d", i/3), "Nordlys Kraft AS", "Strøm november", "1", fmt.Sprint(i), "25"},
	}
}

func TestRowsComeBackInOrder(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, location string) {
		j := open(t, location)
		begin(t, j, "R1")
		begin(t, j, "R2")
		const want = 20_000
		for first := 0; first < want; first += 5_000 {
			rows := make([]billing.Row, 5_000)
			for i := range rows {
				rows[i] = row(first + i)
			}
			require.NoError(t, j.AppendRows(t.Context(), "R1", journal.Encoded(rows...)))
		}
		n := 0
		for got, err := range j.Rows(t.Context(), "R1") {
			require.NoError(t, err)
			if n%997 == 0 {
				require.Equal(t, row(n), got)
				require.NoError(t, j.AppendRows(t.Context(), "R2", journal.Encoded(got)), "a write amid a read")
			}
			require.Equal(t, n, got.Ordinal)
			n++
		}
		require.Equal(t, want, n)
		for got, err := range j.Rows(t.Context(), "R1") {
			require.NoError(t, err)
			require.Zero(t, got.Ordinal)
			break
		}
		require.Error(t, j.AppendRows(t.Context(), "R9", journal.Encoded(row(0))), "a run that was not begun")
	})
}

func TestRowsSurviveAnyGrouping(t *testing.T) {
	t.Parallel()
	j := open(t, filepath.Join(t.TempDir(), "journal.db"))
	number := 0
	rapid.Check(t, func(r *rapid.T) {
		number++
		run := fmt.Sprint(number)
		begin(t, j, run)
		var want []billing.Row
		for range rapid.IntRange(0, 4).Draw(r, "calls") {
			rows := make([]billing.Row, rapid.IntRange(0, 1100).Draw(r, "rows"))
			for i := range rows {
				rows[i] = billing.Row{Ordinal: len(want) + i, Description: rapid.String().Draw(r, "text")}
			}
			require.NoError(t, j.AppendRows(t.Context(), run, journal.Encoded(rows...)))
			want = append(want, rows...)
		}
		var got []billing.Row
		for row, err := range j.Rows(t.Context(), run) {
			require.NoError(t, err)
			got = append(got, row)
		}
		require.Equal(t, want, got)
	})
}

// Runs that several processes begin at once have a place each.
func TestRunsBegunAtOnce(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, location string) {
		const processes, each = 4, 10
		var group sync.WaitGroup
		for process := range processes {
			j := open(t, location)
			group.Go(func() {
				for i := range each {
					run := journal.Run{
						ID: fmt.Sprintf("%d-%d", process, i), Account: account,
						Files: []journal.File{{Name: "a"}},
					}
					if err := j.BeginRun(context.WithoutCancel(t.Context()), run); err != nil {
						t.Error(err)
					}
				}
			})
		}
		group.Wait()
		runs, err := open(t, location).Runs(t.Context(), account, 99)
		require.NoError(t, err)
		require.Len(t, runs, processes*each)
		require.Len(t, runs[7].Files, 1)
	})
}
