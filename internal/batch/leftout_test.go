package batch_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/batch"
	"kraviabatch/internal/billing"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/report"
	"kraviabatch/internal/simulator"
)

// leftOut is the input of the settings, of which a profile left n rows of 1 000.50 each out.
func leftOut(t *testing.T, s *batch.Settings, n int) *batch.Reading {
	t.Helper()
	reading := read(t, s)
	for i := range n {
		require.NoError(t, reading.LeaveOut(billing.LeftOut{
			Place: billing.Place{File: "export.csv", Row: 100 + i}, Reference: fmt.Sprintf("U-%d", i),
			Customer:    "Nordmann AS",
			Description: "Utkast", Amount: "1000.5", Cells: []string{fmt.Sprintf("U-%d", i), "Nordmann AS"},
		}))
	}
	return reading
}

// sheetOf is a sheet of the first workbook among the reports.
func sheetOf(t *testing.T, s *report.Summary, sheet string) [][]string {
	t.Helper()
	i := slices.IndexFunc(s.Reports, func(path string) bool { return filepath.Ext(path) == ".xlsx" })
	require.GreaterOrEqual(t, i, 0)
	rows, err := openWorkbook(t, s.Reports[i]).GetRows(sheet)
	require.NoError(t, err)
	return rows
}

// What the profile left out is in the journal and in the report, and in no other total of either; a report
// from the journal is the same.
func TestRowsLeftOutAreReported(t *testing.T) {
	t.Parallel()
	b := setup(t, simulator.Options{})
	s := b.settings(0, b.export(t, 2))
	s.ExpectRows, s.Seller = 6, "Eksempel AS"
	s.Formats = []report.Format{report.XLSX, report.CSV, report.JSON}
	reading := leftOut(t, s, 1203)
	require.Equal(t, "1203 rows, 1 203 601.50", reading.LeftOut().String())
	result, err := batch.RunReading(t.Context(), s, reading)
	require.NoError(t, err)
	require.Equal(t, batch.ExitDone, result.Summary.ExitCode)
	require.True(t, result.Summary.Balanced)
	again, err := batch.Rewrite(t.Context(), b.journal, result.Run,
		batch.Rewriting{Reports: filepath.Join(b.dir, "again"), Formats: s.Formats})
	require.NoError(t, err)

	for _, summary := range []*report.Summary{result.Summary, again} {
		require.Equal(t, 6, summary.Rows.Total())
		require.Equal(t, "1203 rows, 1 203 601.50", summary.LeftOut.String())
		left := sheetOf(t, summary, "Left out")
		require.Len(t, left, 1204)
		require.Equal(t,
			[]string{"export.csv", "", "100", "U-0", "Nordmann AS", "Utkast", "1,000.50", "", "Nordmann AS"},
			left[1][:9])
		require.Equal(t, "1302", left[1203][2])
		require.Len(t, lines(t, summary.Reports[1]), 7)
		data, err := os.ReadFile(summary.Reports[2])
		require.NoError(t, err)
		require.Equal(t, 1203, strings.Count(string(data), `"order_reference":"U-`))
		require.Equal(t, "Eksempel AS", summary.Run().Seller)
		require.Equal(t, "Eksempel AS", sheetOf(t, summary, "Summary")[0][0])
		require.Empty(t, summary.Run().Settings, "the seller is no setting for the reader")
	}
	run, err := b.journal.FindRun(t.Context(), result.Run)
	require.NoError(t, err)
	require.Equal(t, 6, run.Control.Rows)
	require.Equal(t, 1203, run.Control.LeftOut)
	text, err := json.Marshal(result.Summary)
	require.NoError(t, err)
	require.Contains(t, string(text), `"left_out":{"rows":1203,"money":[{"currency":"","amount":"1203601.5"}]}`)
}

// Each shard keeps its part of what was left out, and the report over all shards has all of it once and in order.
func TestShardsShareWhatWasLeftOut(t *testing.T) {
	t.Parallel()
	b := setup(t, simulator.Options{})
	b.share(t)
	path := b.export(t, 10)
	var id string
	rows := 0
	for i := range 2 {
		s := b.settings(0, path)
		s.Shard = journal.Shard{Index: i, Count: 2}
		result, err := batch.RunReading(t.Context(), s, leftOut(t, s, 50))
		require.NoError(t, err)
		require.True(t, result.Summary.Balanced)
		require.Positive(t, result.Summary.LeftOut.Rows)
		rows += result.Summary.LeftOut.Rows
		id = result.Run
	}
	require.Equal(t, 50, rows)
	whole, err := batch.Rewrite(t.Context(), b.journal, id,
		batch.Rewriting{Reports: filepath.Join(b.dir, "whole"), Formats: []report.Format{report.XLSX}})
	require.NoError(t, err)
	require.Equal(t, "50 rows, 50 025.00", whole.LeftOut.String())
	for i, row := range sheetOf(t, whole, "Left out")[1:] {
		require.Equal(t, fmt.Sprint(100+i), row[2])
	}
}

func TestPlanShowsWhatWasLeftOut(t *testing.T) {
	t.Parallel()
	b := setup(t, simulator.Options{})
	s := b.settings(0, b.export(t, 2))
	s.Seller = "Eksempel AS"
	reading := leftOut(t, s, 3)
	made, err := batch.DraftPlan(t.Context(), s, reading, reading.Groups(), "Ola Nordmann", 30)
	require.NoError(t, err)
	paths, err := made.Write(t.Context(), filepath.Join(t.TempDir(), "PLAN.json"))
	require.NoError(t, err)
	f := openWorkbook(t, paths[0])
	require.Equal(t, []string{"Summary", "Rows", "Orders", "VAT", "Problems", "Left out", "Last month"},
		f.GetSheetList())
	rows, err := f.GetRows("Left out")
	require.NoError(t, err)
	require.Len(t, rows, 4)
	top, err := f.GetCellValue("Summary", "A1")
	require.NoError(t, err)
	require.Equal(t, "Eksempel AS", top)
}

func TestCreditsAreReported(t *testing.T) {
	t.Parallel()
	b := setup(t, simulator.Options{})
	s := b.settings(0, b.month(t, "november.csv",
		bill{"N-1", "100", "Alfa AS", "1000.00", "NOK"}, bill{"N-2", "200", "Beta AS", "-500.00", "NOK"},
		bill{"N-3", "300", "Gamma AS", "-0.50", "EUR"}, bill{"N-2", "200", "Beta AS", "150.00", "NOK"}))
	s.Formats = []report.Format{report.XLSX}
	result, err := batch.Run(t.Context(), s)
	require.NoError(t, err)
	require.Equal(t, batch.ExitIncomplete, result.Summary.ExitCode)
	again, err := batch.Rewrite(t.Context(), b.journal, result.Run,
		batch.Rewriting{Reports: filepath.Join(b.dir, "again"), Formats: s.Formats})
	require.NoError(t, err)
	for _, summary := range []*report.Summary{result.Summary, again} {
		require.Equal(t, "2 orders, -0.50 EUR and -350.00 NOK", summary.Credits.String())
		rows := sheetOf(t, summary, "Credits")
		require.Len(t, rows, 3)
		require.Equal(t, []string{"N-2", "Beta AS", "2", "-350.00", "NOK"}, rows[1][:5])
		require.Equal(t, []string{"N-3", "Gamma AS", "1", "-0.50", "EUR"}, rows[2][:5])
	}

	reading := read(t, s)
	totals, err := batch.Count(reading.Groups())
	require.NoError(t, err)
	require.Equal(t, "2 orders, -0.50 EUR and -350.00 NOK", totals.Credits.String(), "a check says the same")
	require.Nil(t, reading.LeftOut())
}
