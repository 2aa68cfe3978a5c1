package journal_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/journal"
)

func TestKnownSince(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		life *billing.Life
		want bool
	}{
		{"planned", nil, false},
		{
			"looked up and not there",
			&billing.Life{Outcome: billing.Outcome{State: billing.Planned}, Step: billing.StepSend, Due: begun}, false,
		},
		{"looked up and there", &billing.Life{Outcome: billing.Outcome{State: billing.Invoiced}}, true},
	}
	onEngines(t, func(t *testing.T, location string) {
		j := open(t, location)
		known := func(account string, want bool) {
			since, err := j.KnownSince(t.Context(), account)
			require.NoError(t, err)
			require.Equal(t, want, !since.IsZero())
			if want {
				require.WithinDuration(t, time.Now(), since, time.Minute, "when it was planned")
			}
		}
		known(account, false)
		begin(t, j, "R1")
		known(account, false)
		for i, test := range tests {
			o := enterOne(t, j, "R1", entry(i, test.name, "a")).Stored
			if test.life != nil {
				require.NoError(t, j.Conclude(t.Context(), &o, nil, *test.life))
			}
			known(account, test.want)
		}
		known("T87654321", false)
		require.NoError(t, j.BeginRun(t.Context(), journal.Run{ID: "R2", Account: "T87654321", Started: begun}))
		o := enterOne(t, j, "R2", entry(0, "A", "a")).Stored
		known("T87654321", false)
		_, err := j.Begin(t.Context(), &o, journal.Attempt{Run: "R2"}, o.Life)
		require.NoError(t, err)
		known("T87654321", true)
	})
}

// What is unclear and stands in none of the runs as it was sent must be told beside their reports.
func TestUnclear(t *testing.T) {
	t.Parallel()
	parkedAs := func(state billing.State, step billing.Step) billing.Life {
		return billing.Life{
			Outcome: billing.Outcome{State: state, Code: "c"}, Step: step, Due: billing.Never(),
			Sent: 1,
		}
	}
	onEngines(t, func(t *testing.T, location string) {
		j := open(t, location)
		for _, run := range []string{"R1", "R2", "R3"} {
			begin(t, j, run)
		}
		require.NoError(t, j.BeginRun(t.Context(), journal.Run{ID: "R9", Account: "T87654321", Started: begun}))
		for i, o := range []struct {
			run, reference string
			life           billing.Life
		}{
			{"R1", "doubt", parkedAs(billing.InDoubt, billing.StepLookUp)},
			{"R1", "conflict", parkedAs(billing.Conflict, billing.StepLookUp)},
			{"R1", "sending", parkedAs(billing.Sending, billing.StepLookUp)},
			{"R1", "resend", parkedAs(billing.InDoubt, billing.StepSend)},
			{"R1", "held", parkedAs(billing.InDoubt, billing.StepLookUp)},
			{"R1", "mismatched", parkedAs(billing.InDoubt, billing.StepLookUp)},
			{"R1", "same-conflict", parkedAs(billing.Conflict, billing.StepLookUp)},
			{"R1", "planned", parkedAs(billing.Planned, billing.StepSend)},
			{"R1", "unlooked", parkedAs(billing.Planned, billing.StepLookFirst)},
			{"R1", "invoiced", billing.Life{Outcome: billing.Outcome{State: billing.Invoiced}}},
			{"R1", "uncollected", parkedAs(billing.Invoiced, billing.StepCapture)},
			{"R1", "incomplete", parkedAs(billing.Registered, billing.StepAwait)},
			{"R9", "other-account", parkedAs(billing.InDoubt, billing.StepLookUp)},
		} {
			standing(t, j, o.run, entry(i, o.reference, "old"), o.life)
		}
		enterOne(t, j, "R2", entry(0, "held", "old"))
		enterOne(t, j, "R2", entry(1, "mismatched", "new"))
		enterOne(t, j, "R2", entry(2, "same-conflict", "old"))
		enterOne(t, j, "R3", entry(0, "conflict", "old"))

		for _, test := range []struct {
			runs  []string
			shard journal.Shard
			want  []string
		}{
			{runs: []string{"R2"}, want: []string{"doubt", "conflict", "sending", "resend", "mismatched"}},
			{runs: []string{"R2", "R3"}, want: []string{"doubt", "sending", "resend", "mismatched"}},
			{runs: []string{"R1"}},
			{
				runs: []string{"none"},
				want: []string{"doubt", "conflict", "sending", "resend", "held", "mismatched", "same-conflict"},
			},
			{want: []string{"doubt", "conflict", "sending", "resend", "held", "mismatched", "same-conflict"}},
			{
				runs: []string{"R2"}, shard: journal.Shard{Index: 1, Count: 2},
				want: []string{"doubt", "conflict", "sending"},
			},
		} {
			orders, number, err := j.Unclear(t.Context(), account, test.shard, test.runs, 99)
			require.NoError(t, err)
			var got []string
			for _, o := range orders {
				got = append(got, o.Reference)
				stored := storedOrder(t, j, o.Reference)
				stored.Body = nil
				require.Equal(t, stored, o)
			}
			require.Equal(t, test.want, got, test.runs)
			require.Equal(t, len(test.want), number)
			few, number, err := j.Unclear(t.Context(), account, test.shard, test.runs, 2)
			require.NoError(t, err)
			require.Len(t, few, min(2, len(test.want)))
			require.Equal(t, len(test.want), number)
		}
		require.NoError(t, j.Snapshot(t.Context(), func(v journal.View) error {
			before, _, err := v.Unclear(t.Context(), account, journal.Shard{}, []string{"R2"}, 99)
			require.NoError(t, err)
			require.NoError(t, j.Resume(t.Context(), account, journal.Shard{}, begun, 0))
			after, _, err := v.Unclear(t.Context(), account, journal.Shard{}, []string{"R2"}, 99)
			require.NoError(t, err)
			require.Equal(t, before, after, "a snapshot shows what was")
			return nil
		}))
	})
}

// Whether a conflict counts as unclear is asked of the database in the words of the table.
func TestUnclearAsTheTableSays(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, location string) {
		j := open(t, location)
		begin(t, j, "R1")
		var want []string
		i := 0
		for _, code := range []billing.Code{"c", billing.CodeDuplicated} {
			for sent := range 3 {
				for _, refused := range []bool{false, true} {
					l := billing.Life{
						Outcome: billing.Outcome{State: billing.Conflict, Code: code},
						Step:    billing.StepLookUp, Due: billing.Never(), Sent: sent, Refused: refused,
					}
					reference := fmt.Sprint(code, sent, refused)
					standing(t, j, "R1", entry(i, reference, "a"), l)
					if i++; code == billing.CodeDuplicated || !l.NothingMade() {
						want = append(want, reference)
					}
				}
			}
		}
		orders, number, err := j.Unclear(t.Context(), account, journal.Shard{}, nil, 100)
		require.NoError(t, err)
		require.Equal(t, len(want), number)
		var got []string
		for _, o := range orders {
			got = append(got, o.Reference)
		}
		require.Equal(t, want, got)
	})
}
