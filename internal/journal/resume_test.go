package journal_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/journal"
)

// What earlier runs left is due again, as the table of an order's life says, row by row.
func TestResume(t *testing.T) {
	t.Parallel()
	var lives []billing.Life
	for _, state := range billing.States() {
		for _, step := range append([]billing.Step{0}, billing.Steps()...) {
			for _, tries := range []int{0, 1, 2, 5} {
				for _, refused := range []bool{false, true} {
					l := billing.Life{
						Outcome: billing.Outcome{State: state, Message: "m"}, Step: step, Tries: tries,
						Looks: tries % 3, Refused: refused, Resent: tries == 5, Sent: 1,
					}
					if step != 0 {
						l.Due = []time.Time{billing.Never(), begun}[tries%2]
					}
					lives = append(lives, l)
				}
			}
		}
	}
	onEngines(t, func(t *testing.T, location string) {
		j := open(t, location)
		begin(t, j, "R1")
		before := make([]journal.Order, len(lives))
		entries := make([]journal.Entry, len(lives))
		for i := range entries {
			entries[i] = entry(i, fmt.Sprint("A", i), "a")
		}
		entered, err := j.Enter(t.Context(), "R1", entries)
		require.NoError(t, err)
		for i := range lives {
			before[i] = entered[i].Stored
			require.NoError(t, j.Conclude(t.Context(), &before[i], nil, lives[i]))
		}
		now := begun.Add(time.Hour)
		require.NoError(t, j.Resume(t.Context(), account, journal.Shard{}, now, 0))
		after, err := j.Stored(t.Context(), account, referencesOf(entries))
		require.NoError(t, err)
		changed := 0
		for i := range before {
			got, want := after[before[i].Reference], before[i]
			want.Life = want.Next(billing.EventResumed, billing.Outcome{}, now)
			if want.Life != before[i].Life {
				changed++
				require.Greater(t, got.Version, want.Version, "who saw it before must not write")
			}
			want.Version = got.Version
			require.Equal(t, want, got, "%s %s tries %d refused %t", lives[i].State, lives[i].Step, lives[i].Tries,
				lives[i].Refused)
		}
		require.Equal(t, 320, changed, "8 states with 5 steps, 4 numbers of tries, refused or not")
		again, err := j.Stored(t.Context(), account, referencesOf(entries))
		require.NoError(t, err)
		require.Equal(t, after, again)
	})
}

func referencesOf(entries []journal.Entry) []string {
	references := make([]string, len(entries))
	for i := range entries {
		references[i] = entries[i].Reference
	}
	return references
}

// The same in literal values, for what a run leaves parked; other accounts and other shards are left alone.
func TestResumeOfWhatWasParked(t *testing.T) {
	t.Parallel()
	never := billing.Never()
	due := func(state billing.State, step billing.Step, tries int, at time.Time) billing.Life {
		return billing.Life{Outcome: billing.Outcome{State: state}, Step: step, Tries: tries, Due: at}
	}
	refused := due(billing.InDoubt, billing.StepLookUp, 1, begun)
	refused.Refused = true
	now := begun.Add(time.Hour)
	still := due(billing.InDoubt, billing.StepLookUp, 1, now)
	still.Refused = true
	resent := due(billing.InDoubt, billing.StepLookUp, 5, never)
	resent.Resent = true
	tests := []struct {
		reference    string // FNV-1a decides the shard
		before, want billing.Life
		version      int64 // more than before
	}{
		{
			"sending", due(billing.Sending, billing.StepLookUp, 0, begun),
			due(billing.Sending, billing.StepLookUp, 0, now), 1,
		},
		{
			"doubt", due(billing.InDoubt, billing.StepLookUp, 5, never),
			due(billing.InDoubt, billing.StepLookUp, 0, now), 1,
		},
		{"resent", resent, due(billing.InDoubt, billing.StepLookUp, 0, now), 1},
		{
			"resend", due(billing.InDoubt, billing.StepSend, 0, begun),
			due(billing.InDoubt, billing.StepLookUp, 0, now), 1,
		},
		{"refused", refused, still, 1},
		{
			"conflict", due(billing.Conflict, billing.StepLookUp, 0, never),
			due(billing.Conflict, billing.StepLookUp, 0, now), 1,
		},
		{
			"uncollected", due(billing.Invoiced, billing.StepCapture, 6, never),
			due(billing.Invoiced, billing.StepCapture, 1, now), 1,
		},
		{
			"incomplete", due(billing.Registered, billing.StepAwait, 3, never),
			due(billing.Registered, billing.StepAwait, 2, now), 1,
		},
		{
			"planned", due(billing.Planned, billing.StepSend, 0, begun),
			due(billing.Planned, billing.StepSend, 0, begun), 0,
		},
		{
			"unlooked", due(billing.Planned, billing.StepLookFirst, 0, begun),
			due(billing.Planned, billing.StepLookFirst, 0, begun), 0,
		},
		{"invoiced", due(billing.Invoiced, 0, 0, time.Time{}), due(billing.Invoiced, 0, 0, time.Time{}), 0},
		{"rejected", due(billing.Rejected, 0, 2, time.Time{}), due(billing.Rejected, 0, 2, time.Time{}), 0},
	}
	const own, others = 0, 1
	onEngines(t, func(t *testing.T, location string) {
		j := open(t, location)
		begin(t, j, "R1")
		require.NoError(t, j.BeginRun(t.Context(), journal.Run{ID: "R2", Account: "T87654321", Started: begun}))
		var mine, untouched []journal.Order
		for i, test := range tests {
			mine = append(mine, standing(t, j, "R1", entry(2*i, inShard(own, test.reference), "a"), test.before))
			untouched = append(untouched,
				standing(t, j, "R1", entry(2*i+1, inShard(others, test.reference), "a"), test.before),
				standing(t, j, "R2", entry(i, inShard(own, test.reference), "a"), test.before))
		}
		require.NoError(t, j.Resume(t.Context(), account, journal.Shard{Index: own, Count: 2}, now, 0))
		for i, test := range tests {
			got := storedOrder(t, j, mine[i].Reference)
			require.Equal(t, mine[i].Version+test.version, got.Version, test.reference)
			got.UpdatedAt = time.Time{}
			require.Equal(t, test.want, withoutTimes(got.Life), test.reference)
		}
		for _, o := range untouched {
			stored, err := j.Stored(t.Context(), o.Account, []string{o.Reference})
			require.NoError(t, err)
			require.Equal(t, o, stored[o.Reference])
		}
	})
}

// inShard is the first name with a number that is in the shard, of two.
func inShard(shard int, name string) string {
	for i := 0; ; i++ {
		if reference := fmt.Sprint(name, i); journal.ShardOf(reference, 2) == shard {
			return reference
		}
	}
}

func withoutTimes(l billing.Life) billing.Life {
	l.LastAttempt, l.UpdatedAt = time.Time{}, time.Time{}
	return l
}
