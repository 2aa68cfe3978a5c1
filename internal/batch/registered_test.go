package batch_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/batch"
	"kraviabatch/internal/intake"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/planfile"
	"kraviabatch/internal/report"
	"kraviabatch/internal/simulator"
)

// read is the input of the settings.
func read(t *testing.T, s *batch.Settings) *batch.Reading {
	t.Helper()
	reading, err := batch.Read(t.Context(), &s.Input)
	require.NoError(t, err)
	t.Cleanup(reading.Close)
	return reading
}

// registered adds register customers to a reading, with a content of this hash.
func registered(t *testing.T, r *batch.Reading, sha256 string) {
	t.Helper()
	require.NoError(t,
		r.AddRegister("kunder.csv", &intake.Register{Name: "customers", File: "kunder.csv", SHA256: sha256, Rows: 120}))
}

func TestRegistersOfARun(t *testing.T) {
	t.Parallel()
	b := setup(t, simulator.Options{})
	for _, month := range []string{"oktober", "november"} {
		s := b.settings(0, b.month(t, month+".csv", bill{month + "-1", "100", "Alfa AS", "1000.00", "NOK"}))
		reading := read(t, s)
		registered(t, reading, "cc")
		result, err := batch.RunReading(t.Context(), s, reading)
		require.NoError(t, err)
		require.True(t, result.Summary.Balanced)
		require.Empty(t, result.Notices, "the register is the same as last month, and the lines are not")
		require.Equal(t, 1, result.Summary.Rows.Total())
		require.True(t, strings.HasPrefix(filepath.Base(result.Summary.Reports[0]), month+"_2"), result.Summary.Reports)
		run, err := b.journal.FindRun(t.Context(), result.Run)
		require.NoError(t, err)
		require.Equal(t, journal.File{Name: "kunder.csv", SHA256: "cc", Rows: 120, Register: "customers"}, run.Files[1])
		again, err := batch.Rewrite(t.Context(), b.journal, result.Run,
			batch.Rewriting{Reports: t.TempDir(), Formats: []report.Format{report.CSV}})
		require.NoError(t, err)
		require.Equal(t, report.File{Name: "kunder.csv", SHA256: "cc", Rows: 120, Register: "customers"},
			again.Run().Files[1])
	}
}

// A plan is made with the registers as they are: with another content, or none, it is stale.
func TestPlanBindsRegisters(t *testing.T) {
	t.Parallel()
	b := setup(t, simulator.Options{})
	input := b.export(t, 2)
	s := b.settings(0, input)
	reading := read(t, s)
	registered(t, reading, "cc")
	made, err := batch.DraftPlan(t.Context(), s, reading, reading.Groups(), "Ola Nordmann", 30)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "PLAN.json")
	_, err = made.Write(t.Context(), path)
	require.NoError(t, err)
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Contains(t, string(data), `"register": "customers"`)
	for name, tt := range map[string]struct {
		change func(r *batch.Reading)
		reason string
	}{
		"another content": {
			func(r *batch.Reading) { registered(t, r, "dd") },
			"the input is stale: kunder.csv is not the file that was planned (kunder.csv), or was changed since",
		},
		"no register": {func(*batch.Reading) {}, "the input is stale: kunder.csv is missing"},
		"another register": {func(r *batch.Reading) {
			require.NoError(t,
				r.AddRegister("varer.csv", &intake.Register{Name: "items", File: "varer.csv", SHA256: "cc", Rows: 120}))
		}, "the input is stale: varer.csv is not the file that was planned (kunder.csv), or was changed since"},
		"one more": {func(r *batch.Reading) {
			registered(t, r, "cc")
			require.NoError(t,
				r.AddRegister("varer.csv", &intake.Register{Name: "items", File: "varer.csv", SHA256: "ee", Rows: 1}))
		}, "the input is stale: varer.csv is not part of the plan"},
	} {
		s := b.following(t, path, input)
		reading := read(t, s)
		tt.change(reading)
		_, err := batch.RunReading(t.Context(), s, reading)
		require.ErrorIs(t, err, planfile.ErrRefused, name)
		require.ErrorContains(t, err, tt.reason, name)
		require.Equal(t, batch.ExitPlan, batch.ExitCodeOf(err), name)
	}
	require.Empty(t, b.provider.Requests().Calls)

	s = b.following(t, path, input)
	reading = read(t, s)
	registered(t, reading, "cc")
	result, err := batch.RunReading(t.Context(), s, reading)
	require.NoError(t, err)
	require.Equal(t, batch.ExitDone, result.Summary.ExitCode)
}
