package main

import (
	"bytes"
	"iter"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/batch"
	"kraviabatch/internal/billing"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/intake"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/money"
	"kraviabatch/internal/report"
)

// besideSummary is that of a run of one credit, of which the profile left two rows out.
func besideSummary(t *testing.T) *report.Summary {
	t.Helper()
	amount := money.New(-35000, money.MustCurrency("NOK"))
	row := billing.Row{
		Place: billing.Place{File: "lines.csv", Row: 2}, Reference: "K-1", Amount: &amount,
		Problems: []billing.Problem{
			{Code: billing.CodeOrderCredit, Severity: billing.Error, Message: "a credit", Hint: "make it by hand"},
		},
	}
	left := []billing.LeftOut{{Amount: "4000"}, {Amount: "500"}, {}}
	s, err := report.Write(t.Context(), &report.Report{
		Run:     report.RunInfo{ID: "20261122-130405-ab12", Environment: report.Sandbox, Account: "T00000000"},
		Control: report.Control{Rows: 1, InvalidOrders: 1, LeftOut: 3, Money: []money.Amount{amount}},
		Rows:    func(yield func(billing.Row, error) bool) { yield(row, nil) },
		Orders:  func(func(report.Order, error) bool) {},
		LeftOut: func() iter.Seq2[billing.LeftOut, error] {
			return func(yield func(billing.LeftOut, error) bool) {
				for _, row := range left {
					if !yield(row, nil) {
						return
					}
				}
			}
		},
	}, "", nil, func(*report.Summary, error) int { return 0 })
	require.NoError(t, err)
	return s
}

func TestSummaryTellsWhatIsInNoTotal(t *testing.T) {
	t.Parallel()
	s := besideSummary(t)
	var out bytes.Buffer
	printWords(&out, s, dispatch.Finished)
	require.Contains(t, out.String(), "\ntotal                     1        1             -350.00\n"+
		"left out by the profile: 3 rows, 4 500.00, 1 without an amount\ncredits to make by hand: 1 order, -350.00 NOK\n")

	out.Reset()
	printTotals(&out,
		&batch.Totals{Control: journal.Control{Rows: 1, InvalidRows: 1, InvalidOrders: 1}, Credits: s.Credits},
		s.LeftOut)
	require.Equal(t, "1 row in 1 order; 1 row in 1 order cannot be sent\n"+
		"left out by the profile: 3 rows, 4 500.00, 1 without an amount\ncredits to make by hand: 1 order, -350.00 NOK\n", out.String())

	out.Reset()
	printTotals(&out, &batch.Totals{Control: journal.Control{Rows: 1, Orders: 1}}, nil)
	require.Equal(t, "1 row in 1 order; 0 rows in 0 orders cannot be sent\n", out.String())
}

// The runs of a journal name the registers among their files.
func TestRunsNameRegisters(t *testing.T) {
	t.Parallel()
	state := t.TempDir()
	j, err := journal.Open(t.Context(), filepath.Join(state, "journal.db"))
	require.NoError(t, err)
	require.NoError(t, j.BeginRun(t.Context(), journal.Run{
		ID: "20261122-130405-ab12", Account: "T12345678", Environment: "test", Started: time.Unix(1_800_000_000, 0),
		Files: []journal.File{
			{Name: "november.csv", SHA256: "aa", Rows: 60},
			{Name: "kunder.csv", SHA256: "bb", Rows: 120, Register: "customers"},
		},
	}))
	require.NoError(t, j.Close())
	code, stdout, stderr := call(t, "runs", "--state", state)
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, "  november.csv, kunder.csv (register customers, 120 rows)\n")
	code, stdout, stderr = call(t, "runs", "--state", state, "--json")
	require.Zero(t, code, stderr)
	require.Contains(t, withoutSpace(stdout),
		`"files":["november.csv","kunder.csv"],"registers":[{"name":"kunder.csv","register":"customers","rows":120}]`)
}

// A register is named among the files of a check, with what its columns are used for.
func TestColumnsOfARegister(t *testing.T) {
	t.Parallel()
	r := &batch.Reading{
		Files: []journal.File{{Name: "kunder.csv", SHA256: "bb", Rows: 1, Register: "customers"}},
		Columns: [][]intake.ColumnUse{
			{{Header: "Navn", How: "used for register customers"}, {Header: "Sperret", How: "not used"}},
		},
	}
	var out bytes.Buffer
	printColumns(&out, r)
	require.Equal(t,
		"kunder.csv, register customers, 1 row:\n  used for register customers: Navn\n  not used: Sperret\n\n",
		out.String())
	require.Equal(t, "customers", filesJSON(r)[0].Register)
	require.NotNil(t, filesJSON(r)[0].Columns)
}
