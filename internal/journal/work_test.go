package journal_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/journal"
)

// standing puts an order where it stands by a life, whatever led there. A request for it was made unless it is planned.
func standing(t testing.TB, j *journal.Journal, run string, p journal.Entry, l billing.Life) journal.Order {
	t.Helper()
	o := enterOne(t, j, run, p).Stored
	if l.State != billing.Planned {
		a := sent(t, j, run, &o)
		a.Meaning, l.LastAttempt = "done", o.LastAttempt
		require.NoError(t, j.Conclude(t.Context(), &o, &a, l))
	} else {
		require.NoError(t, j.Conclude(t.Context(), &o, nil, l))
	}
	return o
}

// life is a state with a step that is due some time after the runs began.
func life(state billing.State, step billing.Step, after time.Duration) billing.Life {
	return billing.Life{Outcome: billing.Outcome{State: state}, Step: step, Due: begun.Add(after)}
}

// stood are the orders of TestDue and TestNextDue: of run R2 but for those that begin with R1, in the order
// in which they were planned.
func stood(t *testing.T, j *journal.Journal) {
	t.Helper()
	begin(t, j, "R1")
	begin(t, j, "R2")
	require.NoError(t, j.BeginRun(t.Context(), journal.Run{ID: "R3", Account: "T87654321", Started: begun}))
	const ms = time.Millisecond
	for i, o := range []struct {
		run, reference string
		life           billing.Life
	}{
		{"R1", "R1-send", life(billing.Planned, billing.StepSend, 0)},
		{"R1", "R1-first-look", life(billing.Planned, billing.StepLookFirst, 0)},
		{"R1", "R1-resend", life(billing.InDoubt, billing.StepSend, 0)},
		{"R1", "R1-doubt", life(billing.InDoubt, billing.StepLookUp, 40*ms)},
		{"R1", "R1-capture", life(billing.Invoiced, billing.StepCapture, 60*ms)},
		{"R2", "send-late", life(billing.Planned, billing.StepSend, 30*ms)},
		{"R2", "send-early", life(billing.Planned, billing.StepSend, 10*ms)},
		{"R2", "resend", life(billing.InDoubt, billing.StepSend, 20*ms)},
		{"R2", "first-look", life(billing.Planned, billing.StepLookFirst, 50*ms)},
		{"R2", "sending", life(billing.Sending, billing.StepLookUp, 10*ms)},
		{"R2", "conflict", life(billing.Conflict, billing.StepLookUp, 10*ms)},
		{"R2", "later", life(billing.InDoubt, billing.StepLookUp, time.Hour)},
		{"R2", "await", life(billing.Registered, billing.StepAwait, 20*ms)},
		{
			"R2", "parked",
			billing.Life{
				Outcome: billing.Outcome{State: billing.InDoubt}, Step: billing.StepLookUp,
				Due: billing.Never(),
			},
		},
		{"R2", "settled", billing.Life{Outcome: billing.Outcome{State: billing.Invoiced}}},
		{"R2", "held", billing.Life{Outcome: billing.Outcome{State: billing.Planned}}},
		{"R3", "other-account", life(billing.InDoubt, billing.StepLookUp, 0)},
	} {
		standing(t, j, o.run, entry(i, o.reference, "a"), o.life)
	}
}

func TestDue(t *testing.T) {
	t.Parallel()
	first, look, post, capture, await := billing.StepLookFirst, billing.StepLookUp, billing.StepSend,
		billing.StepCapture, billing.StepAwait
	tests := []struct {
		name  string
		run   string
		steps []billing.Step
		shard journal.Shard
		after time.Duration // since the runs began
		limit int
		busy  []string
		want  []string
	}{
		{
			name: "by step, then by time, then by age", run: "R2",
			steps: []billing.Step{capture, await, look, first, post}, after: time.Second, limit: 99, want: []string{
				"R1-capture", "await", "sending", "conflict", "R1-doubt", "first-look", "send-early", "resend",
				"send-late",
			},
		},
		{
			name: "another order of the steps", run: "R2", steps: []billing.Step{post, look, first}, after: time.Second,
			limit: 99, want: []string{
				"send-early", "resend", "send-late", "sending", "conflict", "R1-doubt", "first-look",
			},
		},
		{
			name: "no more than the limit", run: "R2", steps: []billing.Step{await, look, post}, after: time.Second,
			limit: 3, want: []string{
				"await", "sending", "conflict",
			},
		},
		{
			name: "the busy ones do not count", run: "R2", steps: []billing.Step{look, first, post}, after: time.Second,
			limit: 2, busy: []string{
				"sending", "conflict", "send-early",
			}, want: []string{"R1-doubt", "first-look"},
		},
		{
			name: "the busy ones of another step", run: "R2", steps: []billing.Step{look, first, post},
			after: time.Second, limit: 5, busy: []string{
				"sending", "conflict", "send-early",
			}, want: []string{"R1-doubt", "first-look", "resend", "send-late"},
		},
		{
			name: "until now", run: "R2", steps: []billing.Step{post, first, look}, after: 10 * time.Millisecond,
			limit: 99, want: []string{
				"send-early", "sending", "conflict",
			},
		},
		{
			name: "another run's orders are not sent, nor looked up first", run: "R1",
			steps: []billing.Step{post, first, look}, after: time.Second, limit: 99, want: []string{
				"R1-send", "R1-resend", "R1-first-look", "sending", "conflict", "R1-doubt",
			},
		},
		{name: "without a run nothing is sent", steps: billing.Steps(), after: time.Second, limit: 99, want: []string{
			"sending", "conflict", "R1-doubt", "await", "R1-capture",
		}},
		{
			name: "of a shard", run: "R2", steps: billing.Steps(), shard: journal.Shard{Index: 1, Count: 3},
			after: time.Second, limit: 99, want: []string{
				"resend", "sending",
			},
		},
		{
			name: "of another shard", run: "R2", steps: billing.Steps(), shard: journal.Shard{Index: 2, Count: 3},
			after: time.Second, limit: 99, want: []string{
				"send-early", "first-look", "await", "R1-capture",
			},
		},
		{name: "nothing yet", run: "R2", steps: billing.Steps(), after: -time.Second, limit: 99},
		{name: "no steps", run: "R2", after: time.Second, limit: 99},
	}
	onEngines(t, func(t *testing.T, location string) {
		j := open(t, location)
		stood(t, j)
		for _, test := range tests {
			busy := map[string]bool{}
			for _, reference := range test.busy {
				busy[reference] = true
			}
			due, err := j.Due(t.Context(),
				journal.Work{Account: account, Run: test.run, Shard: test.shard, Steps: test.steps},
				begun.Add(test.after), test.limit, busy)
			require.NoError(t, err)
			var got []string
			for _, o := range due {
				got = append(got, o.Reference)
				require.Equal(t, storedOrder(t, j, o.Reference), o, "with its body")
			}
			require.Equal(t, test.want, got, test.name)
		}
	})
}

func TestNextDue(t *testing.T) {
	t.Parallel()
	looks := []billing.Step{billing.StepLookFirst, billing.StepLookUp}
	tests := []struct {
		name  string
		run   string
		steps []billing.Step
		shard journal.Shard
		busy  []string
		want  time.Duration // since the runs began, -1 for none
	}{
		{name: "the first of all steps", run: "R2", steps: billing.Steps(), want: 10 * time.Millisecond},
		{
			name: "of a later step", run: "R2", steps: []billing.Step{billing.StepCapture, billing.StepAwait},
			want: 20 * time.Millisecond,
		},
		{name: "also what is past", run: "R1", steps: []billing.Step{billing.StepSend}, want: 0},
		{
			name: "the busy ones do not count", run: "R2", steps: looks,
			busy: []string{"sending", "conflict", "R1-doubt"}, want: 50 * time.Millisecond,
		},
		{
			name: "parked ones do not count", run: "R2", steps: looks,
			busy: []string{"sending", "conflict", "R1-doubt", "first-look"}, want: time.Hour,
		},
		{
			name: "only parked ones are left", run: "R2", steps: looks,
			busy: []string{"sending", "conflict", "R1-doubt", "first-look", "later"}, want: -1,
		},
		{name: "another run's orders are not sent", run: "R4", steps: []billing.Step{billing.StepSend}, want: -1},
		{name: "nor looked up first", run: "R4", steps: []billing.Step{billing.StepLookFirst}, want: -1},
		{name: "nor without a run", steps: looks, busy: []string{"sending", "conflict"}, want: 40 * time.Millisecond},
		{
			name: "of a shard", run: "R2", steps: []billing.Step{billing.StepSend},
			shard: journal.Shard{Index: 1, Count: 3}, want: 20 * time.Millisecond,
		},
		{name: "no steps", run: "R2", want: -1},
	}
	onEngines(t, func(t *testing.T, location string) {
		j := open(t, location)
		stood(t, j)
		for _, test := range tests {
			busy := map[string]bool{}
			for _, reference := range test.busy {
				busy[reference] = true
			}
			next, err := j.NextDue(t.Context(),
				journal.Work{Account: account, Run: test.run, Shard: test.shard, Steps: test.steps}, busy)
			require.NoError(t, err)
			if test.want < 0 {
				require.Zero(t, next, test.name)
				continue
			}
			require.Equal(t, begun.Add(test.want), next, test.name)
		}
	})
}

// All but the first places of a run are held, wherever its orders come from.
func TestHold(t *testing.T) {
	t.Parallel()
	tests := []struct {
		first int
		held  int64
		left  []string
	}{
		{1, 4, []string{"E"}},
		{2, 3, []string{"E", "D"}},
		{3, 2, []string{"E", "D", "C"}},
		{4, 1, []string{"E", "D", "C", "B"}},
		{5, 0, []string{"E", "D", "C", "B", "A"}},
		{6, 0, []string{"E", "D", "C", "B", "A"}},
	}
	onEngines(t, func(t *testing.T, location string) {
		j := open(t, location)
		begin(t, j, "OLD")
		enterOne(t, j, "OLD", entry(0, "A", "a"))
		enterOne(t, j, "OLD", entry(1, "D", "old"))
		enterOne(t, j, "OLD", entry(2, "B", "a"))
		enterOne(t, j, "OLD", entry(3, "away", "a"))
		for i, test := range tests {
			run := fmt.Sprint("R", i)
			begin(t, j, run)
			_, err := j.Enter(t.Context(), run, []journal.Entry{
				entry(7, "E", "a"), entry(10, "D", "a"), entry(11, "C", "a"), entry(200, "B", "a"), entry(4000, "A", "a"),
			})
			require.NoError(t, err)
			early := standing(t, j, run, entry(1, fmt.Sprint("early", i), "a"),
				life(billing.InDoubt, billing.StepLookUp, 0))
			late := standing(t, j, run, entry(5000, fmt.Sprint("late", i), "a"),
				life(billing.InDoubt, billing.StepLookUp, time.Hour))
			before := storedOrder(t, j, "A")
			held, err := j.Limit(t.Context(), run, test.first)
			require.NoError(t, err)
			require.Equal(t, test.held, held)
			require.Equal(t, test.left, dueNow(t, j, send(run)))
			require.Equal(t, early, storedOrder(t, j, early.Reference), "what was sent is not held")
			require.Equal(t, late, storedOrder(t, j, late.Reference))
			if a := storedOrder(t, j, "A"); test.held > 0 {
				require.Equal(t, before.Version+1, a.Version)
				require.Zero(t, a.Step)
				require.Zero(t, a.Due)
				require.Equal(t, billing.Planned, a.State)
			}
			again, err := j.Limit(t.Context(), run, test.first)
			require.NoError(t, err)
			require.Zero(t, again)
		}
		require.Equal(t, []string{"away"}, dueNow(t, j, send("OLD")), "another run's")
	})
}
