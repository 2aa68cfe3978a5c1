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
		o := enterOne(t, j, "R1", entry(0, "A", "a")).Stored

		sending := billing.Life{
			Outcome: billing.Outcome{State: billing.Sending}, Step: billing.StepLookUp,
			Due: begun.Add(2 * time.Second), Tries: 1, Sent: 1, Resent: true,
		}
		o.DaysUntilDue = 9 // of a request made for the day
		pay, err := j.Begin(t.Context(), &o, journal.Attempt{Run: "R1", Kind: "pay", Guard: "strict"}, sending)
		require.NoError(t, err)
		require.Equal(t, 1, pay.Number)
		require.WithinDuration(t, time.Now(), pay.Started, time.Minute)
		require.Equal(t, o, storedOrder(t, j, "A"), "what Begin left is what is stored")
		require.Equal(t, int64(2), o.Version)
		require.Equal(t, 1, o.Attempts)
		require.Equal(t, 9, o.DaysUntilDue)
		require.Equal(t, pay.Started, o.FirstAttempt)
		require.Equal(t, pay.Started, o.LastAttempt)
		require.Equal(t, pay.Started, o.UpdatedAt, "its state changed")
		sending.UpdatedAt, sending.LastAttempt = o.UpdatedAt, o.LastAttempt
		require.Equal(t, sending, o.Life)
		attempts, err := j.Attempts(t.Context(), account, "A")
		require.NoError(t, err)
		require.Empty(t, attempts, "it has not been answered")

		second, err := j.Begin(t.Context(), &o, journal.Attempt{Run: "R1", Kind: "capture"}, o.Life)
		require.NoError(t, err)
		require.Equal(t, 2, second.Number)
		require.Equal(t, o, storedOrder(t, j, "A"))
		require.Equal(t, pay.Started, o.UpdatedAt, "its state did not")
		require.Equal(t, pay.Started, o.FirstAttempt)
		require.Equal(t, second.Started, o.LastAttempt)

		outcome := billing.Outcome{
			State: billing.Invoiced, TransactionID: "T1", SessionID: "S1", InvoiceNumber: "1001",
			InvoiceDate: "2026-11-22",
			DueDate:     "2026-12-06", InvoiceURL: "https://example.com/1001", PaymentStatus: "unpaid",
			Settlement: "not settled", Paid: 250, Code: "c",
			Message: "m\x00", Hint: "h",
		}
		o.SessionHash = "a"
		second.HTTPStatus, second.Meaning, second.Detail = 200, "found", "d\x00"
		require.NoError(t, j.Conclude(t.Context(), &o, &second, billing.Life{
			Outcome: outcome, Step: billing.StepCapture, Due: begun.Add(time.Second), Tries: 3, Looks: 2, Sent: 4,
			Refused: true, LastAttempt: o.LastAttempt,
		}))
		require.Equal(t, o, storedOrder(t, j, "A"), "what Settle left is what is stored")
		require.Equal(t, int64(4), o.Version)
		require.Equal(t, 2, o.Attempts)
		require.Equal(t, "a", o.SessionHash)
		require.WithinDuration(t, time.Now(), o.UpdatedAt, time.Minute)
		outcome.UpdatedAt, outcome.Message = o.UpdatedAt, "m"
		require.Equal(t, billing.Life{
			Outcome: outcome, Step: billing.StepCapture, Due: begun.Add(time.Second), Tries: 3, Looks: 2, Sent: 4,
			Refused: true, LastAttempt: second.Started,
		}, o.Life)
		attempts, err = j.Attempts(t.Context(), account, "A")
		require.NoError(t, err)
		require.Equal(t, []journal.Attempt{{
			Number: 2, Run: "R1", Kind: "capture", Started: second.Started, Finished: o.UpdatedAt, HTTPStatus: 200,
			Meaning: "found", Detail: "d",
		}}, attempts, "the first was never answered")

		outcome.State = billing.Voided
		require.NoError(t, j.Conclude(t.Context(), &o, nil, billing.Life{Outcome: outcome}))
		require.Equal(t, billing.Voided, storedOrder(t, j, "A").State)
		attempts, err = j.Attempts(t.Context(), account, "A")
		require.NoError(t, err)
		require.Len(t, attempts, 1, "a look-up is none")
	})
}

func find(t testing.TB, j *journal.Journal, run, reference string) journal.Order {
	t.Helper()
	found := ordersOf(t, j.View, run)
	require.Contains(t, found, reference)
	return found[reference].Order
}

func TestStaleWritesAreRefused(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, location string) {
		j := open(t, location)
		begin(t, j, "R1")
		a := enterOne(t, j, "R1", entry(0, "A", "a")).Stored
		b := enterOne(t, j, "R1", entry(1, "B", "b")).Stored
		stale := a
		attempt := sent(t, j, "R1", &a)
		a.Body, a.CreateBody = nil, nil

		was := stale
		_, err := j.Begin(t.Context(), &stale, journal.Attempt{Run: "R1", Kind: "pay"}, stale.Life)
		require.ErrorIs(t, err, journal.ErrTaken)
		require.ErrorContains(t, err, "it has version 2 now")
		require.ErrorIs(t,
			j.Conclude(t.Context(), &stale, &attempt, billing.Life{Outcome: billing.Outcome{State: billing.Failed}}),
			journal.ErrTaken)
		require.Equal(t, was, stale, "what was refused changes nothing")
		require.ErrorContains(t, j.Conclude(t.Context(), &a, &attempt, billing.Life{}), "unknown order state")
		unknown := journal.Order{Account: account, Reference: "Z", Version: 1}
		_, err = j.Begin(t.Context(), &unknown, journal.Attempt{}, unknown.Life)
		require.ErrorIs(t, err, journal.ErrNotFound)
		require.ErrorIs(t,
			j.Conclude(t.Context(), &unknown, nil, billing.Life{Outcome: billing.Outcome{State: billing.Failed}}),
			journal.ErrNotFound)

		require.Equal(t, a, find(t, j, "R1", "A"))
		require.Equal(t, b.Version, find(t, j, "R1", "B").Version)
		attempts, err := j.Attempts(t.Context(), account, "A")
		require.NoError(t, err)
		require.Empty(t, attempts, "an answer for an order that was taken is not kept beside it")
	})
}

func TestOneOfManyBeginsWins(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, location string) {
		journals := []*journal.Journal{open(t, location), open(t, location)}
		begin(t, journals[0], "R1")
		const orders, racers = 20, 8
		var entries []journal.Entry
		for i := range orders {
			entries = append(entries, entry(i, fmt.Sprintf("A%d", i), "a"))
		}
		entered, err := journals[0].Enter(t.Context(), "R1", entries)
		require.NoError(t, err)
		var won, taken atomic.Int64
		var group sync.WaitGroup
		for i := range orders * racers {
			group.Go(func() {
				o := entered[i%orders].Stored
				_, err := journals[i%2].Begin(context.WithoutCancel(t.Context()), &o,
					journal.Attempt{Run: "R1", Kind: "pay"},
					o.Next(billing.EventBegun, billing.Outcome{}, begun))
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
			o := storedOrder(t, journals[0], fmt.Sprintf("A%d", i))
			require.Equal(t, 1, o.Attempts)
			require.Equal(t, 1, o.Sent)
			require.Equal(t, int64(2), o.Version)
		}
	})
}

func TestSixtyFourWritersAtOnce(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, location string) {
		j := open(t, location)
		begin(t, j, "R1")
		var entries []journal.Entry
		for i := range 640 {
			entries = append(entries, entry(i, fmt.Sprintf("A%d", i), "a"))
		}
		entered, err := j.Enter(t.Context(), "R1", entries)
		require.NoError(t, err)
		var group sync.WaitGroup
		for worker := range 64 {
			group.Go(func() {
				for i := worker; i < len(entered); i += 64 {
					o := entered[i].Stored
					conclude(t, j, "R1", o, billing.Outcome{State: billing.Invoiced, InvoiceNumber: o.Reference})
					_, err := j.Begin(t.Context(), &o, journal.Attempt{Run: "R1"}, o.Life)
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
			require.Equal(t, order.Order.Reference, order.Order.InvoiceNumber)
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
		require.NoError(t, j.AppendRows(t.Context(), "R1", journal.Encoded(billing.Row{Ordinal: 1})))
		var group sync.WaitGroup
		for i := range 8 {
			group.Go(func() {
				o := enterOne(t, j, "R1", entry(i, fmt.Sprintf("A%d", i), "a")).Stored
				timer := time.NewTimer(time.Hour)
				<-timer.C
				conclude(t, j, "R1", o, billing.Outcome{State: billing.Invoiced})
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
