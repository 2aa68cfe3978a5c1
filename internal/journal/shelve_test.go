package journal_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/journal"
)

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
