package batch_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/batch"
	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/planfile"
	"kraviabatch/internal/report"
	"kraviabatch/internal/simulator"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// planned writes a plan by Ola beside the journal and gives its path.
func (b *bench) planned(t *testing.T, s *batch.Settings) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "PLAN.json")
	made := b.makePlan(t, s)
	paths, err := made.Write(t.Context(), path)
	require.NoError(t, err)
	require.Equal(t, []string{strings.TrimSuffix(path, ".json") + ".xlsx", path}, paths)
	return path
}

func ordersOf(t *testing.T, f *planfile.File) (orders []planfile.Order) {
	t.Helper()
	for o, err := range f.Orders() {
		require.NoError(t, err)
		orders = append(orders, o)
	}
	return orders
}

func (b *bench) makePlan(t *testing.T, s *batch.Settings) *batch.PlanDraft {
	t.Helper()
	reading, err := batch.Read(t.Context(), &s.Input)
	require.NoError(t, err)
	t.Cleanup(reading.Close)
	made, err := batch.DraftPlan(t.Context(), s, reading, reading.Groups(), "Ola Nordmann", 30)
	require.NoError(t, err)
	return made
}

// following are settings for a run with the plan.
func (b *bench) following(t *testing.T, plan, input string) *batch.Settings {
	t.Helper()
	s := b.settings(0, input)
	var err error
	s.Plan, err = planfile.Open(plan)
	require.NoError(t, err)
	return s
}

func (b *bench) export(t *testing.T, orders int) string {
	t.Helper()
	path := filepath.Join(b.dir, "export.csv")
	records, _ := shuffled(orders, 5)
	writeCSV(t, path, records)
	return path
}

func TestPlanApproveRun(t *testing.T) {
	t.Parallel()
	b := setup(t, simulator.Options{})
	input := b.export(t, 7)
	path := b.planned(t, b.settings(0, input))
	require.Empty(t, b.provider.Requests().Calls, "a plan calls nobody")
	runs, err := b.journal.Runs(t.Context(), "", 10)
	require.NoError(t, err)
	require.Empty(t, runs, "a plan leaves nothing in the journal")

	info, err := os.Stat(path)
	require.NoError(t, err)
	for i, name := range []string{" Kari Nordmann ", "Per"} {
		plan, err := planfile.Approve(path, name, noon)
		require.NoError(t, err)
		require.Len(t, plan.Approvals, i+1)
	}
	after, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, info.Mode(), after.Mode())
	_, err = planfile.Approve(path, "KARI  nordmann", noon)
	require.ErrorIs(t, err, planfile.ErrName)

	s := b.following(t, path, input)
	s.Signing = planfile.Signing{FourEyes: true}
	result, err := batch.Run(t.Context(), s)
	require.NoError(t, err)
	require.Equal(t, batch.ExitDone, result.Summary.ExitCode)
	sent := map[string]bool{}
	for _, pay := range b.provider.Requests().Pays {
		sent[sha256Of(pay.Body)] = true
	}
	require.Len(t, sent, 7)
	for _, o := range ordersOf(t, s.Plan) {
		require.True(t, o.Send)
		require.True(t, sent[o.Request], o.Reference)
	}
	run, err := b.journal.FindRun(t.Context(), result.Run)
	require.NoError(t, err)
	for _, words := range []string{
		s.Plan.SHA256, "Ola Nordmann",
		`"approved by","Value":"Kari Nordmann, 2026-11-22T12:00:00Z"`, `"Per,`,
	} {
		require.Contains(t, string(run.Settings), words)
	}

	_, err = batch.Run(t.Context(), b.following(t, path, input))
	require.ErrorIs(t, err, planfile.ErrRefused)
	require.ErrorContains(t, err, "the plan was used: run "+result.Run)
	require.Equal(t, batch.ExitPlan, batch.ExitCodeOf(err))
}

func TestPlanIsRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(t *testing.T, s *batch.Settings, input string)
		reason string
	}{
		"changed input": {func(t *testing.T, _ *batch.Settings, input string) {
			replaceIn(t, input, "Storgata 1", "Storgata 2")
		}, "the input is stale: export.csv"},
		"another file": {func(t *testing.T, s *batch.Settings, input string) {
			other := filepath.Join(filepath.Dir(input), "more.csv")
			records, _ := shuffled(1, 9)
			records[0][0], records[1][0], records[2][0] = "X-1", "X-1", "X-1"
			writeCSV(t, other, records)
			s.Paths = append(s.Paths, other)
		}, "more.csv is not part of the plan"},
		"no file": {func(t *testing.T, s *batch.Settings, input string) {
			s.Paths = nil
		}, "export.csv is missing"},
		"another account": {
			func(_ *testing.T, s *batch.Settings, _ string) { s.Account = "T87654321" },
			"the plan is for account T12345678 (test)",
		},
		"another environment": {
			func(_ *testing.T, s *batch.Settings, _ string) { s.Environment = report.Live },
			"and the run for T12345678 (live)",
		},
		"another flow": {
			func(_ *testing.T, s *batch.Settings, _ string) { s.Flow = dispatch.TwoStep },
			"--flow one-step",
		},
		"another guard": {func(_ *testing.T, s *batch.Settings, _ string) {
			s.Dispatch.Guard = dintero.Strict
		}, "--duplicate-guard strict-success"},
		"another period": {
			func(_ *testing.T, s *batch.Settings, _ string) { s.Period = "2026-12" },
			`the run has "2026-12"`,
		},
		"changed profile": {
			func(_ *testing.T, s *batch.Settings, _ string) { s.ProfileSHA256 = "00" },
			"the profile is not the one",
		},
		"other days": {
			func(_ *testing.T, s *batch.Settings, _ string) { s.Rules.DaysUntilDue = 10 },
			"--days-until-due 14",
		},
		"another channel": {func(_ *testing.T, s *batch.Settings, _ string) {
			s.Rules.Channel = billing.ChannelMerchant
		}, "--invoice-channel kravia"},
		"another callback": {func(_ *testing.T, s *batch.Settings, _ string) {
			s.Body.CallbackURL = "https://x.example/?key=canary"
		}, "--callback-url"},
		"other rules": {
			func(_ *testing.T, s *batch.Settings, _ string) { s.Rules.ExclVAT = true },
			"has other content than planned",
		},
		"rules that make rows invalid": {func(_ *testing.T, s *batch.Settings, _ string) {
			s.Rules.Constants = map[billing.Column]string{billing.ColPostalCode: ""}
		}, "now there are 0 orders"},
		"no approval": {
			func(_ *testing.T, s *batch.Settings, _ string) { s.Signing.Approved = true },
			"the plan is not approved",
		},
		"no other approval": {
			func(_ *testing.T, s *batch.Settings, _ string) { s.Signing.FourEyes = true },
			"the plan is not approved",
		},
		"no plan": {func(_ *testing.T, s *batch.Settings, _ string) {
			s.Plan, s.Signing.Approved = nil, true
		}, "there is no plan"},
		"four eyes and no plan": {func(_ *testing.T, s *batch.Settings, _ string) {
			s.Plan, s.Signing.FourEyes = nil, true
		}, "there is no plan"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, simulator.Options{})
			input := b.export(t, 3)
			s := b.following(t, b.planned(t, b.settings(0, input)), input)
			test.change(t, s, input)
			result, err := batch.Run(t.Context(), s)
			require.ErrorIs(t, err, planfile.ErrRefused)
			require.ErrorContains(t, err, test.reason)
			require.NotContains(t, err.Error(), "canary")
			require.Nil(t, result)
			require.Empty(t, b.provider.Requests().Calls)
			runs, err := b.journal.Runs(t.Context(), "", 10)
			require.NoError(t, err)
			require.Empty(t, runs)
		})
	}
}

// A due date is another number of days, and so another request, on another day.
func TestPlanOfAnotherDayIsStale(t *testing.T) {
	t.Parallel()
	b := setup(t, simulator.Options{})
	input := b.export(t, 2)
	zone, err := time.LoadLocation("Europe/Oslo")
	require.NoError(t, err)
	in := func(days int) billing.Date { // orders are dated by the real day when they are sent
		return billing.Date(time.Now().In(zone).AddDate(0, 0, days).Format(time.DateOnly))
	}
	day, next, due := in(0), in(1), string(in(31))
	replaceIn(t, input, "vat\n", "vat,due_date\n")
	replaceIn(t, input, "25\n", "25,"+due+"\n")
	replaceIn(t, input, "15\n", "15,"+due+"\n")
	replaceIn(t, input, "12\n", "12,"+due+"\n")
	on := func(day billing.Date) *batch.Settings {
		s := b.settings(0, input)
		s.Rules.Today = day
		return s
	}
	path := b.planned(t, on(day))
	s := on(next)
	s.Plan = b.following(t, path, input).Plan
	require.Equal(t, 31, ordersOf(t, s.Plan)[0].DaysUntilDue)
	_, err = batch.Run(t.Context(), s)
	require.ErrorIs(t, err, planfile.ErrRefused)
	require.ErrorContains(t, err, "would be sent with another request than planned; the plan was made for "+string(day))

	// Stopped after the first order on its own day, the plan cannot be resumed on the next: the second would
	// be another request.
	plan := s.Plan
	s = on(day)
	s.Plan, s.Limit = plan, 1
	result, err := batch.Run(t.Context(), s)
	require.NoError(t, err)
	require.Equal(t, batch.ExitStopped, result.Summary.ExitCode)
	s = on(next)
	s.Plan = plan
	_, err = batch.Run(t.Context(), s)
	require.ErrorIs(t, err, planfile.ErrRefused)
	s = on(day)
	s.Plan = plan
	result, err = batch.Run(t.Context(), s)
	require.NoError(t, err)
	require.Equal(t, batch.ExitDone, result.Summary.ExitCode)
	require.Len(t, b.provider.Invoices(), 2)
}

func TestAuthorsApprovalIsNotEnoughForFourEyes(t *testing.T) {
	t.Parallel()
	b := setup(t, simulator.Options{})
	input := b.export(t, 2)
	path := b.planned(t, b.settings(0, input))
	_, err := planfile.Approve(path, " ola NORDMANN", noon)
	require.NoError(t, err)
	s := b.following(t, path, input)
	s.Signing = planfile.Signing{FourEyes: true}
	_, err = batch.Run(t.Context(), s)
	require.ErrorIs(t, err, planfile.ErrRefused)
	require.ErrorContains(t, err, "only by its author Ola Nordmann")
	require.Empty(t, b.provider.Requests().Calls)

	s.Signing = planfile.Signing{Approved: true}
	result, err := batch.Run(t.Context(), s)
	require.NoError(t, err)
	require.Equal(t, batch.ExitDone, result.Summary.ExitCode)
}

func replaceIn(t *testing.T, path, from, to string) {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Contains(t, string(data), from)
	require.NoError(t, os.WriteFile(path, []byte(strings.ReplaceAll(string(data), from, to)), 0o600))
}
