package journal_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/journal"
)

func TestAttemptIsRecordedBeforeAndAfter(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, location string) {
		j := open(t, location)
		begin(t, j, "R1")
		o := planOne(t, j, "R1", plan(0, "A", "a")).Stored

		pay, err := j.Begin(t.Context(), journal.Attempt{
			Account: account, Reference: "A", Run: "R1", Kind: "pay", Guard: "strict", To: billing.Sending,
		}, o.Version)
		require.NoError(t, err)
		require.Equal(t, int64(2), pay.Version)
		version, err := j.Settle(t.Context(), journal.Settlement{
			Account: account, Reference: "A", Version: pay.Version, Outcome: billing.Outcome{State: billing.Sending, SessionID: "S1"},
		})
		require.NoError(t, err)
		look, err := j.Begin(t.Context(), journal.Attempt{Account: account, Reference: "A", Run: "R1", Kind: "lookup"}, version)
		require.NoError(t, err)
		found := find(t, j, "R1", "A")
		require.Equal(t, billing.Sending, found.Outcome.State, "a look-up leaves the state")
		require.Equal(t, "S1", found.Outcome.SessionID)

		outcome := billing.Outcome{
			State: billing.Invoiced, TransactionID: "T1", SessionID: "S1", InvoiceNumber: "1001", InvoiceDate: "2026-11-22",
			DueDate: "2026-12-06", InvoiceURL: "https://example.com/1001", PaymentStatus: "unpaid", Code: "c",
			Message: "m\x00", Hint: "h",
		}
		version, err = j.Settle(t.Context(), journal.Settlement{
			Account: account, Reference: "A", Version: look.Version, Attempt: look.Number, Outcome: outcome,
			Result: journal.AttemptResult{HTTPStatus: 200, Meaning: "found", Detail: "d"},
		})
		require.NoError(t, err)
		require.Equal(t, int64(5), version)
		found = find(t, j, "R1", "A")
		require.WithinDuration(t, time.Now(), found.Outcome.UpdatedAt, time.Minute)
		outcome.UpdatedAt, outcome.Message = found.Outcome.UpdatedAt, "m"
		require.Equal(t, outcome, found.Outcome)
		require.Equal(t, int64(5), found.Version)
		require.Equal(t, 2, found.Attempts)
		require.True(t, found.LastAttempt.After(found.FirstAttempt))

		attempts, err := j.Attempts(t.Context(), account, "A")
		require.NoError(t, err)
		require.Len(t, attempts, 2)
		require.Equal(t, 1, pay.Number)
		require.Equal(t, 1, attempts[0].Number)
		require.Equal(t, "pay", attempts[0].Kind)
		require.Equal(t, "strict", attempts[0].Guard)
		require.True(t, attempts[0].Finished.IsZero())
		require.Equal(t, journal.AttemptResult{HTTPStatus: 200, Meaning: "found", Detail: "d"}, attempts[1].Result)
		require.False(t, attempts[1].Finished.IsZero())
	})
}

func find(t testing.TB, j *journal.Journal, run, reference string) journal.Order {
	t.Helper()
	found, err := j.OutcomesOf(t.Context(), run, []string{reference})
	require.NoError(t, err)
	require.Contains(t, found, reference)
	return found[reference].Order
}

func TestStaleOrForeignWritesAreRefused(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, location string) {
		j := open(t, location)
		begin(t, j, "R1")
		a := planOne(t, j, "R1", plan(0, "A", "a")).Stored
		b := planOne(t, j, "R1", plan(1, "B", "b")).Stored
		attempt := journal.Attempt{Account: account, Reference: "A", Run: "R1", Kind: "pay", To: billing.Sending}
		begun, err := j.Begin(t.Context(), attempt, a.Version)
		require.NoError(t, err)

		_, err = j.Begin(t.Context(), attempt, a.Version)
		require.ErrorIs(t, err, journal.ErrTaken)
		settlement := journal.Settlement{
			Account: account, Reference: "A", Version: a.Version, Outcome: billing.Outcome{State: billing.Failed},
		}
		_, err = j.Settle(t.Context(), settlement)
		require.ErrorIs(t, err, journal.ErrTaken)
		settlement.Version, settlement.Outcome.State = begun.Version, 0
		_, err = j.Settle(t.Context(), settlement)
		require.Error(t, err, "an outcome has a state")
		_, err = j.Settle(t.Context(), journal.Settlement{
			Account: account, Reference: "B", Version: b.Version, Attempt: begun.Number,
			Outcome: billing.Outcome{State: billing.Failed},
		})
		require.ErrorIs(t, err, journal.ErrNotFound, "the attempt is another order's")
		attempt.Reference = "Z"
		_, err = j.Begin(t.Context(), attempt, 1)
		require.ErrorIs(t, err, journal.ErrNotFound)

		require.Equal(t, billing.Sending, find(t, j, "R1", "A").Outcome.State)
		require.Equal(t, b.Version, find(t, j, "R1", "B").Version)
		attempts, err := j.Attempts(t.Context(), account, "A")
		require.NoError(t, err)
		require.Len(t, attempts, 1)
	})
}

func TestOneOfManyBeginsWins(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, location string) {
		journals := []*journal.Journal{open(t, location), open(t, location)}
		begin(t, journals[0], "R1")
		const orders, racers = 20, 8
		var plans []journal.Plan
		for i := range orders {
			plans = append(plans, plan(i, fmt.Sprintf("A%d", i), "a"))
		}
		planned, err := journals[0].Plan(t.Context(), "R1", plans)
		require.NoError(t, err)
		var won, taken atomic.Int64
		var group sync.WaitGroup
		for i := range orders * racers {
			group.Go(func() {
				o := planned[i%orders].Stored
				_, err := journals[i%2].Begin(context.WithoutCancel(t.Context()), journal.Attempt{
					Account: account, Reference: o.Reference, Run: "R1", Kind: "pay", To: billing.Sending,
				}, o.Version)
				switch {
				case err == nil:
					won.Add(1)
				case errors.Is(err, journal.ErrTaken):
					taken.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		group.Wait()
		require.Equal(t, int64(orders), won.Load())
		require.Equal(t, int64(orders*(racers-1)), taken.Load())
		for i := range orders {
			attempts, err := journals[0].Attempts(t.Context(), account, fmt.Sprintf("A%d", i))
			require.NoError(t, err)
			require.Len(t, attempts, 1)
		}
	})
}

func TestSixtyFourWritersAtOnce(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, location string) {
		j := open(t, location)
		begin(t, j, "R1")
		var plans []journal.Plan
		for i := range 640 {
			plans = append(plans, plan(i, fmt.Sprintf("A%d", i), "a"))
		}
		planned, err := j.Plan(t.Context(), "R1", plans)
		require.NoError(t, err)
		var group sync.WaitGroup
		for worker := range 64 {
			group.Go(func() {
				for i := worker; i < len(planned); i += 64 {
					o := planned[i].Stored
					settle(t, j, "R1", o, billing.Outcome{State: billing.Invoiced, InvoiceNumber: o.Reference})
					_, err := j.Begin(t.Context(), journal.Attempt{Account: account, Reference: o.Reference, Run: "R1"}, o.Version)
					if !errors.Is(err, journal.ErrTaken) {
						t.Error("a stale begin beside sound ones", err)
					}
				}
			})
		}
		group.Wait()
		n := 0
		for order, err := range j.RunOrders(t.Context(), "R1") {
			require.NoError(t, err)
			require.Equal(t, order.Order.Reference, order.Order.Outcome.InvoiceNumber)
			require.Equal(t, 1, order.Order.Attempts)
			n++
		}
		require.Equal(t, 640, n)
	})
}

func TestWritesAfterTheEnd(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, location string) {
		j := open(t, location)
		begin(t, j, "R1")
		canceled, cancel := context.WithCancel(t.Context())
		cancel()
		require.ErrorIs(t, j.BeginRun(canceled, journal.Run{ID: "R2"}), context.Canceled)
		_, err := j.FindRun(t.Context(), "R2")
		require.ErrorIs(t, err, journal.ErrNotFound)
		require.NoError(t, j.Close())
		require.NoError(t, j.Close())
		require.ErrorIs(t, j.BeginRun(t.Context(), journal.Run{ID: "R2"}), journal.ErrClosed)
	})
}

func TestVirtualTime(t *testing.T) {
	t.Parallel()
	location := t.TempDir() + "/journal.db"
	synctest.Test(t, func(t *testing.T) {
		j, err := journal.Open(t.Context(), location)
		require.NoError(t, err)
		begin(t, j, "R1")
		require.NoError(t, j.AppendRows(t.Context(), "R1", []billing.Row{{Ordinal: 1}}))
		var group sync.WaitGroup
		for i := range 8 {
			group.Go(func() {
				o := planOne(t, j, "R1", plan(i, fmt.Sprintf("A%d", i), "a")).Stored
				timer := time.NewTimer(time.Hour)
				<-timer.C
				settle(t, j, "R1", o, billing.Outcome{State: billing.Invoiced})
			})
		}
		group.Wait()
		attempts, err := j.Attempts(t.Context(), account, "A3")
		require.NoError(t, err)
		require.Equal(t, time.Date(2000, 1, 1, 1, 0, 0, 0, time.UTC), attempts[0].Started)
		for row, err := range j.Rows(t.Context(), "R1") {
			require.NoError(t, err)
			require.Equal(t, 1, row.Ordinal)
		}
		require.NoError(t, j.Close())
	})
}
