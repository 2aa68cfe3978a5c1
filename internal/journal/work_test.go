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

// One look-up that shows nothing lets the orders be sent in their order; where two are to be made the second
// is due later.
func TestLooked(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, location string) {
		j := open(t, location)
		begin(t, j, "R1")
		begin(t, j, "R2")
		var entries []journal.Entry
		for i, reference := range []string{"E", "A", "D", "B"} {
			p := entry(i, reference, "a")
			p.Looks = 1
			entries = append(entries, p)
		}
		for i := range 3 {
			p := entry(10+i, fmt.Sprint("2-", i), "a")
			p.Looks = 2
			entries = append(entries, p)
		}
		_, err := j.Enter(t.Context(), "R1", append(entries, entry(20, "known", "a")))
		require.NoError(t, err)
		p := entry(0, "other", "a")
		p.Looks = 1
		other := enterOne(t, j, "R2", p).Stored
		doubt := standing(t, j, "R1", entry(30, "doubt", "a"), life(billing.InDoubt, billing.StepLookUp, 0))
		// A look-up that failed is tried again.
		failed := storedOrder(t, j, "D")
		require.NoError(t,
			j.Conclude(t.Context(), &failed, nil, failed.Next(billing.EventLookFailed, billing.Outcome{}, begun)))
		late := storedOrder(t, j, "2-1")
		require.NoError(t,
			j.Conclude(t.Context(), &late, nil, late.Next(billing.EventLookFailed, billing.Outcome{}, begun)))
		work := journal.Work{
			Account: account, Run: "R1",
			Steps: []billing.Step{billing.StepLookFirst, billing.StepLookUp},
		}

		unlooked(t, j, 7, "R1", journal.Shard{})
		unlooked(t, j, 1, "R2", journal.Shard{})
		require.Equal(t, []string{"E", "A", "B", "2-0", "2-2", "doubt"}, dueNow(t, j, work))
		now := begun.Add(time.Minute)
		require.NoError(t, j.ReleaseUnchecked(t.Context(), "T12345678", "R1", journal.Shard{}, now))
		unlooked(t, j, 3, "R1", journal.Shard{})
		due, err := j.Due(t.Context(), send("R1"), now, 99, nil)
		require.NoError(t, err)
		var got []string
		for _, o := range due {
			got = append(got, o.Reference)
			require.Zero(t, o.Looks)
			require.Equal(t, map[string]int{"D": 1}[o.Reference], o.Tries, "what failed still counts")
			require.Equal(t, billing.Planned, o.State)
		}
		require.Equal(t, []string{"E", "A", "B", "known", "D"}, got, "in their order, but for the one that was put off")
		for i := range 3 {
			o := storedOrder(t, j, fmt.Sprint("2-", i))
			require.Equal(t, billing.StepLookFirst, o.Step)
			require.Equal(t, now.Add(67*time.Second), o.Due)
			require.Equal(t, 1, o.Looks)
			require.Equal(t, map[string]int{"2-1": 1}[o.Reference], o.Tries)
			require.Greater(t, o.Version, int64(1))
		}
		require.Equal(t, other, storedOrder(t, j, "other"))
		require.Equal(t, doubt, storedOrder(t, j, "doubt"))

		require.NoError(t, j.ReleaseUnchecked(t.Context(), "T12345678", "R1", journal.Shard{}, now.Add(67*time.Second)))
		unlooked(t, j, 0, "R1", journal.Shard{})
		require.Equal(t, billing.StepSend, storedOrder(t, j, "2-1").Step)
	})
}

func unlooked(t *testing.T, j *journal.Journal, want int, run string, shard journal.Shard) {
	t.Helper()
	got, err := j.Unchecked(t.Context(), "T12345678", run, shard)
	require.NoError(t, err)
	require.Equal(t, want, got)
}

func TestLookedOfAShard(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, location string) {
		j := open(t, location)
		begin(t, j, "R1")
		for i := range 30 {
			p := entry(i, fmt.Sprint("A", i), "a")
			p.Looks = 1
			enterOne(t, j, "R1", p)
		}
		shard := journal.Shard{Index: 2, Count: 3}
		unlooked(t, j, 10, "R1", shard)
		require.NoError(t, j.ReleaseUnchecked(t.Context(), "T12345678", "R1", shard, begun))
		unlooked(t, j, 0, "R1", shard)
		unlooked(t, j, 20, "R1", journal.Shard{})
		require.Equal(t, []string{"A1", "A6", "A8", "A10", "A13", "A16", "A23", "A25", "A26", "A29"},
			dueNow(t, j, send("R1")))
	})
}

// What other runs planned and did not send is due no more, until a run enters it again; what may have been
// sent stays as it is.
func TestShelve(t *testing.T) {
	t.Parallel()
	const own, others = 0, 1
	look := func(looks, tries int, after time.Duration) billing.Life {
		l := life(billing.Planned, billing.StepLookFirst, after)
		l.Looks, l.Tries = looks, tries
		return l
	}
	parkedLook := billing.Life{
		Outcome: billing.Outcome{State: billing.InDoubt}, Step: billing.StepLookUp,
		Due: billing.Never(), Tries: 5,
	}
	tests := []struct {
		run, reference string
		life           billing.Life
		shelved        bool
	}{
		{"R1", "send", life(billing.Planned, billing.StepSend, 0), true},
		{"R1", "send-later", life(billing.Planned, billing.StepSend, time.Hour), true},
		{"R1", "look-first", look(2, 0, 0), true},
		{"R1", "look-again", look(1, 3, 67*time.Second), true},
		{"R0", "of-an-older-run", life(billing.Planned, billing.StepSend, 0), true},
		{"R1", "held", billing.Life{Outcome: billing.Outcome{State: billing.Planned}, Looks: 1}, false},
		{"R1", "resend", life(billing.InDoubt, billing.StepSend, 0), false},
		{"R1", "sending", life(billing.Sending, billing.StepLookUp, 0), false},
		{"R1", "doubt", parkedLook, false},
		{"R1", "conflict", life(billing.Conflict, billing.StepLookUp, 0), false},
		{"R1", "await", life(billing.Registered, billing.StepAwait, 0), false},
		{"R1", "capture", life(billing.Invoiced, billing.StepCapture, 0), false},
		{"R1", "failed", billing.Life{Outcome: billing.Outcome{State: billing.Failed}, Tries: 5}, false},
		{"R2", "own-send", life(billing.Planned, billing.StepSend, 0), false},
		{"R2", "own-look-first", look(1, 0, 0), false},
		{"R2", "own-resend", life(billing.InDoubt, billing.StepSend, 0), false},
	}
	onEngines(t, func(t *testing.T, location string) {
		j := open(t, location)
		for _, run := range []string{"R0", "R1", "R2"} {
			begin(t, j, run)
		}
		require.NoError(t, j.BeginRun(t.Context(), journal.Run{ID: "R9", Account: "T87654321", Started: begun}))
		var mine, otherShard, otherAccount []journal.Order
		for i, test := range tests {
			mine = append(mine, standing(t, j, test.run, entry(2*i, inShard(own, test.reference), "a"), test.life))
			otherShard = append(otherShard,
				standing(t, j, test.run, entry(2*i+1, inShard(others, test.reference), "a"), test.life))
			otherAccount = append(otherAccount,
				standing(t, j, "R9", entry(i, inShard(own, test.reference), "a"), test.life))
		}
		stored := func(o journal.Order) journal.Order {
			found, err := j.Stored(t.Context(), o.Account, []string{o.Reference})
			require.NoError(t, err)
			return found[o.Reference]
		}
		// shelved is what becomes of an order, by its place in the table.
		shelved := func(i int, before journal.Order) journal.Order {
			if tests[i].shelved {
				before.Step, before.Due = 0, time.Time{}
				before.Version++ // who saw it before must not send it
			}
			return before
		}

		for range 2 { // the second time there is nothing to do
			require.NoError(t, j.Shelve(t.Context(), account, "R2", journal.Shard{Index: own, Count: 2}))
			for i, test := range tests {
				require.Equal(t, shelved(i, mine[i]), stored(mine[i]), test.reference)
				require.Equal(t, otherShard[i], stored(otherShard[i]), "another shard's %s", test.reference)
				require.Equal(t, otherAccount[i], stored(otherAccount[i]), "another account's %s", test.reference)
			}
		}
		require.NoError(t, j.Shelve(t.Context(), account, "R2", journal.Shard{}))
		for i, test := range tests {
			require.Equal(t, shelved(i, mine[i]), stored(mine[i]), test.reference)
			require.Equal(t, shelved(i, otherShard[i]), stored(otherShard[i]), "of all shards %s", test.reference)
			require.Equal(t, otherAccount[i], stored(otherAccount[i]), "another account's %s", test.reference)
		}

		work := journal.Work{
			Account: account, Run: "R1",
			Steps: []billing.Step{billing.StepSend, billing.StepLookFirst},
		}
		require.Equal(t, []string{inShard(own, "resend"), inShard(others, "resend")}, dueNow(t, j, work),
			"of the run whose orders were put aside")
		again := enterOne(t, j, "R2", entry(99, inShard(own, "send"), "a"))
		require.Equal(t, billing.ToSend, again.Decision)
		require.Equal(t, billing.StepSend, again.Stored.Step)
	})
}
