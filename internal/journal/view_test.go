package journal_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/journal"
)

// looked is all that a view shows of a run: states by reference, twice, and the number of rows.
type looked struct {
	inOrder, byReference map[string]billing.State
	rows                 int
	control              int
}

func look(t *testing.T, v journal.View, run string, references ...string) (l looked) {
	t.Helper()
	l = looked{inOrder: map[string]billing.State{}, byReference: map[string]billing.State{}}
	for o, err := range v.RunOrders(t.Context(), run) {
		require.NoError(t, err)
		l.inOrder[o.Order.Reference] = o.Order.State
	}
	orders, err := v.OutcomesOf(t.Context(), run, references)
	require.NoError(t, err)
	for reference, o := range orders {
		l.byReference[reference] = o.Order.State
	}
	for _, err := range v.Rows(t.Context(), run) {
		require.NoError(t, err)
		l.rows++
	}
	r, err := v.FindRun(t.Context(), run)
	require.NoError(t, err)
	l.control = r.Control.Rows
	return l
}

// A snapshot shows a run as it was when it was first looked at, however much is written meanwhile, and keeps no writer waiting.
func TestSnapshot(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, location string) {
		j := open(t, location)
		begin(t, j, "run")
		first := planOne(t, j, "run", plan(0, "A", "a"))
		require.NoError(t, j.AppendRows(t.Context(), "run", journal.Encoded(make([]billing.Row, 2)...)))
		before := looked{
			inOrder: map[string]billing.State{"A": billing.Planned}, byReference: map[string]billing.State{"A": billing.Planned}, rows: 2,
		}
		after := looked{
			inOrder:     map[string]billing.State{"A": billing.Invoiced, "B": billing.Planned},
			byReference: map[string]billing.State{"A": billing.Invoiced, "B": billing.Planned}, rows: 5, control: 5,
		}
		err := j.Snapshot(t.Context(), func(v journal.View) error {
			require.Equal(t, before, look(t, v, "run", "A", "B"))
			settle(t, j, "run", first.Stored, billing.Outcome{State: billing.Invoiced})
			planOne(t, j, "run", plan(1, "B", "b"))
			require.NoError(t, j.AppendRows(t.Context(), "run", journal.Encoded(make([]billing.Row, 3)...)))
			require.NoError(t, j.UpdateRun(t.Context(), journal.Run{
				ID: "run", Environment: "test", Started: time.Unix(1_800_000_000, 0), Control: journal.Control{Rows: 5},
			}))
			require.Equal(t, before, look(t, v, "run", "A", "B"))
			require.Equal(t, after, look(t, j.View, "run", "A", "B"))
			return nil
		})
		require.NoError(t, err)
		err = j.Snapshot(t.Context(), func(v journal.View) error {
			require.Equal(t, after, look(t, v, "run", "A", "B"))
			return context.DeadlineExceeded
		})
		require.ErrorIs(t, err, context.DeadlineExceeded, "what look said")
		require.Equal(t, after, look(t, j.View, "run", "A", "B"), "the journal goes on")
	})
}
