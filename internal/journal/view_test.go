package journal_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/journal"
)

// looked is all that a view shows of a run: states by reference, and the number of rows.
type looked struct {
	states  map[string]billing.State
	rows    int
	control int
}

// ordersOf are the orders of a run by reference.
func ordersOf(t testing.TB, v journal.View, run string) map[string]journal.RunOrder {
	t.Helper()
	all := map[string]journal.RunOrder{}
	for o, err := range v.RunOrders(t.Context(), run) {
		require.NoError(t, err)
		all[o.Order.Reference] = o
	}
	return all
}

func look(t *testing.T, v journal.View, run string) (l looked) {
	t.Helper()
	l = looked{states: map[string]billing.State{}}
	for reference, o := range ordersOf(t, v, run) {
		l.states[reference] = o.Order.State
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

// A snapshot shows a run as it was when it was first looked at, however much is written meanwhile, and keeps
// no writer waiting.
func TestSnapshot(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, location string) {
		j := open(t, location)
		begin(t, j, "run")
		first := enterOne(t, j, "run", entry(0, "A", "a"))
		require.NoError(t, j.AppendRows(t.Context(), "run", journal.Encoded(make([]billing.Row, 2)...)))
		before := looked{states: map[string]billing.State{"A": billing.Planned}, rows: 2}
		after := looked{
			states: map[string]billing.State{"A": billing.Invoiced, "B": billing.Planned}, rows: 5,
			control: 5,
		}
		err := j.Snapshot(t.Context(), func(v journal.View) error {
			require.Equal(t, before, look(t, v, "run"))
			conclude(t, j, "run", first.Stored, billing.Outcome{State: billing.Invoiced})
			enterOne(t, j, "run", entry(1, "B", "b"))
			require.NoError(t, j.AppendRows(t.Context(), "run", journal.Encoded(make([]billing.Row, 3)...)))
			require.NoError(t, j.UpdateRun(t.Context(), journal.Run{
				ID: "run", Environment: "test", Started: time.Unix(1_800_000_000, 0), Control: journal.Control{Rows: 5},
			}))
			require.Equal(t, before, look(t, v, "run"))
			require.Equal(t, after, look(t, j.View, "run"))
			return nil
		})
		require.NoError(t, err)
		err = j.Snapshot(t.Context(), func(v journal.View) error {
			require.Equal(t, after, look(t, v, "run"))
			return context.DeadlineExceeded
		})
		require.ErrorIs(t, err, context.DeadlineExceeded, "what look said")
		require.Equal(t, after, look(t, j.View, "run"), "the journal goes on")
	})
}
