package journal_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/journal"
)

// The day before which tests prune, and runs that ended before and after it.
var (
	cut2027  = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	longAgo  = cut2027.AddDate(0, -2, 0)
	recently = cut2027.AddDate(0, 0, 1)
)

// finishRun puts rows and rows left out into a run and ends it.
func finishRun(t *testing.T, j *journal.Journal, run string, at time.Time) {
	t.Helper()
	rows := make([]billing.Row, 1200)
	for i := range rows {
		rows[i] = row(i)
	}
	require.NoError(t, j.AppendRows(t.Context(), run, journal.Encoded(rows...)))
	appendLeftOut(t, j, run, leftOut(0))
	r, err := j.FindRun(t.Context(), run)
	require.NoError(t, err)
	r.Finished, r.ExitCode, r.Tables = at, 0, []billing.Table{{File: "november.csv"}}
	require.NoError(t, j.UpdateRun(t.Context(), r))
}

// ended is an order in a state, which one request was made for, or none.
func ended(t *testing.T, j *journal.Journal, run string, seq int, state billing.State) string {
	t.Helper()
	reference := strings.ReplaceAll(fmt.Sprintf("%s-%d-%s", run, seq, state), " ", "_")
	p := entry(seq, reference, "old")
	p.CreateBody = []byte(`{"session":1}`)
	o := enterOne(t, j, run, p).Stored
	if state != billing.Planned {
		conclude(t, j, run, o, billing.Outcome{
			State: state, InvoiceNumber: "1001", DueDate: "2026-12-06", InvoiceURL: "https://example.com/1",
			Message: "Fjord is bankrupt", Code: "c",
		})
	}
	return reference
}

func storedOrder(t *testing.T, j *journal.Journal, reference string) journal.Order {
	t.Helper()
	found, err := j.Stored(t.Context(), account, []string{reference})
	require.NoError(t, err)
	require.Contains(t, found, reference)
	return found[reference]
}

func rowsOf(t *testing.T, j *journal.Journal, run string) (n int, err error) {
	t.Helper()
	for _, err := range j.LeftOut(t.Context(), run) {
		if err != nil {
			return n, err
		}
	}
	for _, err := range j.Rows(t.Context(), run) {
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

func TestPruneByState(t *testing.T) {
	t.Parallel()
	settled := map[billing.State]bool{
		billing.Planned: true, billing.Invoiced: true, billing.Rejected: true, billing.Failed: true,
		billing.Voided: true,
	}
	onEngines(t, func(t *testing.T, location string) {
		j := open(t, location)
		for _, state := range billing.States() {
			run := "R-" + state.String()
			begin(t, j, run)
			finishRun(t, j, run, longAgo)
			references := []string{ended(t, j, run, 0, billing.Invoiced), ended(t, j, run, 1, state)}

			p, err := j.Prune(t.Context(), account, cut2027)
			require.NoError(t, err)
			rows, err := rowsOf(t, j, run)
			if !settled[state] {
				require.NoError(t, err)
				require.Equal(t, 1200, rows, state)
				require.Contains(t, p.Kept, run)
				require.Empty(t, p.Runs)
				for _, reference := range references {
					require.NotEmpty(t, storedOrder(t, j, reference).Body, state)
					require.NotEmpty(t, find(t, j, run, reference).Customer)
				}
				continue
			}
			require.ErrorIs(t, err, journal.ErrPruned, state)
			require.ErrorContains(t, err, "the rows of the run were pruned on "+time.Now().UTC().Format(time.DateOnly))
			require.Equal(t, []string{run}, p.Runs)
			require.Equal(t, 2, p.Orders)
			requirePruned(t, j, run, references[1], state)
		}
	})
}

// requirePruned asks what stays of an order and what is gone.
func requirePruned(t *testing.T, j *journal.Journal, run, reference string, state billing.State) {
	t.Helper()
	o := storedOrder(t, j, reference)
	require.Empty(t, o.Body)
	require.Nil(t, o.CreateBody)
	require.Empty(t, o.Customer)
	for of, err := range j.RunOrders(t.Context(), run) {
		require.NoError(t, err)
		require.Zero(t, of.Particulars)
	}
	require.Empty(t, o.Message)
	require.Equal(t, "old", o.Hash)
	require.Equal(t, int64(29900), o.Gross.Minor())
	require.Equal(t, state, o.State)
	attempts, err := j.Attempts(t.Context(), account, reference)
	require.NoError(t, err)
	if state != billing.Planned {
		require.Equal(t, "1001", o.InvoiceNumber)
		require.Equal(t, billing.Date("2026-12-06"), o.DueDate)
		require.Equal(t, "https://example.com/1", o.InvoiceURL)
		require.Equal(t, billing.Code("c"), o.Code)
		require.Len(t, attempts, 1)
		require.Equal(t, "done", attempts[0].Meaning)
		require.Empty(t, attempts[0].Detail)
	}
	found := ordersOf(t, j.View, run)
	require.Empty(t, found[reference].Customer)
	require.Equal(t, "42", found[reference].CustomerNumber)
	r, err := j.FindRun(t.Context(), run)
	require.NoError(t, err)
	require.WithinDuration(t, time.Now(), r.Pruned, time.Minute)
	require.Nil(t, r.Tables)
	require.Equal(t, longAgo, r.Finished)
}

// What stays decides as before: what is invoiced is not sent again, and what may be sent has a body.
func TestEnteringWhatWasPruned(t *testing.T) {
	t.Parallel()
	tests := []struct {
		state    billing.State
		hash     string
		decision billing.Decision
		body     string
	}{
		{billing.Invoiced, "old", billing.Already, ""},
		{billing.Invoiced, "new", billing.Mismatched, ""},
		{billing.Voided, "old", billing.Already, ""},
		{billing.Rejected, "old", billing.ToSend, `{"hash":"old"}`},
		{billing.Rejected, "new", billing.ToSend, `{"hash":"new"}`},
		{billing.Failed, "old", billing.ToSend, `{"hash":"old"}`},
		{billing.Planned, "old", billing.ToSend, `{"hash":"old"}`},
		{billing.Planned, "new", billing.ToSend, `{"hash":"new"}`},
	}
	onEngines(t, func(t *testing.T, location string) {
		j := open(t, location)
		begin(t, j, "OLD")
		finishRun(t, j, "OLD", longAgo)
		references := make([]string, len(tests))
		for i, test := range tests {
			references[i] = ended(t, j, "OLD", i, test.state)
		}
		_, err := j.Prune(t.Context(), account, cut2027)
		require.NoError(t, err)
		begin(t, j, "NEW")
		for i, test := range tests {
			entered := enterOne(t, j, "NEW", entry(i, references[i], test.hash))
			require.Equal(t, test.decision, entered.Decision, references[i])
			require.Equal(t, test.body, string(entered.Stored.Body), references[i])
			require.Equal(t, test.body, string(storedOrder(t, j, references[i]).Body))
		}
		p, err := j.Prune(t.Context(), account, cut2027)
		require.NoError(t, err)
		require.Empty(t, p, "the new run is not older")
		require.NotEmpty(t, storedOrder(t, j, references[3]).Body)
	})
}

// Only runs of the account that ended before the day are touched, and no order that a younger run has.
func TestPruneLeavesTheRest(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, location string) {
		j := open(t, location)
		for _, run := range []string{"OLD", "YOUNG", "KILLED"} { // KILLED began in 2027 and did not end
			begin(t, j, run)
		}
		require.NoError(t, j.BeginRun(t.Context(), journal.Run{ID: "OTHERS", Account: "T87654321", Started: longAgo}))
		finishRun(t, j, "OTHERS", longAgo)
		finishRun(t, j, "OLD", longAgo)
		finishRun(t, j, "YOUNG", recently)
		both, alone := ended(t, j, "OLD", 0, billing.Invoiced), ended(t, j, "OLD", 1, billing.Invoiced)
		enterOne(t, j, "YOUNG", entry(0, both, "old"))

		p, err := j.Prune(t.Context(), account, cut2027)
		require.NoError(t, err)
		require.Equal(t, journal.Pruned{Runs: []string{"OLD"}, Orders: 1}, p)
		require.NotEmpty(t, storedOrder(t, j, both).Body)
		require.NotEmpty(t, find(t, j, "YOUNG", both).Customer)
		require.Empty(t, storedOrder(t, j, alone).Body)
		for _, run := range []string{"YOUNG", "OTHERS"} {
			n, err := rowsOf(t, j, run)
			require.NoError(t, err)
			require.Equal(t, 1200, n)
		}
		// Later, when the younger run is old as well. The killed one is: nobody can be at work on it under the lock.
		p, err = j.Prune(t.Context(), account, cut2027.AddDate(5, 0, 0))
		require.NoError(t, err)
		require.Equal(t, journal.Pruned{Runs: []string{"YOUNG", "KILLED"}, Orders: 1}, p)
		require.Empty(t, storedOrder(t, j, both).Body)
	})
}

func TestPruneWaitsForNobody(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, location string) {
		j, other := open(t, location), open(t, location)
		begin(t, j, "OLD")
		finishRun(t, j, "OLD", longAgo)
		release, err := other.Lock(t.Context(), account, journal.Shard{}, journal.Holder{Run: "R9"})
		require.NoError(t, err)
		_, err = j.Prune(t.Context(), account, cut2027)
		locked := &journal.LockedError{}
		require.ErrorAs(t, err, &locked)
		require.Equal(t, "R9", locked.Holder.Run)
		_, err = rowsOf(t, j, "OLD")
		require.NoError(t, err)
		require.NoError(t, release())
	})
}

// stopAfter is a context that ends when it was asked so many times whether it has.
type stopAfter struct {
	context.Context //nolint:containedctx // it is one
	left            atomic.Int64
}

func (c *stopAfter) Err() error {
	if c.left.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

// Wherever Prune is cut off, a run has all of its rows or says that they are gone, and the next Prune finishes.
func TestPruneGoesOn(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, location string) {
		j := open(t, location)
		begin(t, j, "OLD")
		finishRun(t, j, "OLD", longAgo)
		var entries []journal.Entry
		for i := range 1100 {
			entries = append(entries, entry(i, fmt.Sprintf("A%d", i), "old"))
		}
		_, err := j.Enter(t.Context(), "OLD", entries)
		require.NoError(t, err)
		cuts := 0
		for left := 0; ; left++ {
			ctx := &stopAfter{Context: t.Context()}
			ctx.left.Store(int64(left))
			_, err := j.Prune(ctx, account, cut2027)
			if n, rowsErr := rowsOf(t, j, "OLD"); rowsErr != nil {
				require.ErrorIs(t, rowsErr, journal.ErrPruned)
			} else {
				require.Equal(t, 1200, n)
			}
			if err == nil {
				break
			}
			require.ErrorIs(t, err, context.Canceled)
			cuts++
		}
		require.Greater(t, cuts, 5)
		for _, i := range []int{0, 499, 500, 1099} {
			require.Empty(t, storedOrder(t, j, fmt.Sprintf("A%d", i)).Body, i)
		}
		r, err := j.FindRun(t.Context(), "OLD")
		require.NoError(t, err)
		require.Nil(t, r.Tables)
	})
}

func TestPruneGivesSpaceBack(t *testing.T) {
	t.Parallel()
	location := t.TempDir() + "/journal.db"
	j, err := journal.Open(t.Context(), location)
	require.NoError(t, err)
	for i := range 20 {
		run := fmt.Sprint("R", i)
		begin(t, j, run)
		finishRun(t, j, run, longAgo)
	}
	require.NoError(t, j.Close()) // all of it is in the file
	before, err := os.Stat(location)
	require.NoError(t, err)
	j = open(t, location)
	_, err = j.Prune(t.Context(), account, cut2027)
	require.NoError(t, err)
	after, err := os.Stat(location)
	require.NoError(t, err)
	require.Less(t, after.Size(), before.Size()/2)
}
