package dispatch_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/simulator"
)

// The look-up before a first request is made right before it, not before those of all other orders.
func TestLookUpIsFreshWhenSent(t *testing.T) {
	inTime(t, simulator.Options{}, func(t *testing.T, b *bundle) {
		b.run(dispatch.OneStep, order("OLD"))
		require.NoError(t, b.provider.SetFaults([]simulator.Fault{ // no survey
			{Operation: simulator.OpTransactions, Action: simulator.ActionStatus, Status: 500, Times: 1},
		}))
		b.rate = 5
		run := b.plan(dispatch.TwoStep, many(100)...)
		c := b.client(b.provider.Transport(), "secret")
		body, err := dintero.OneStep(order("R-0100"), dintero.BodyOptions{Days: 14})
		require.NoError(t, err)
		time.AfterFunc(50*time.Second, func() { c.Pay(t.Context(), body, 0, dintero.Expect{}) })
		_, err = b.send(run)
		require.NoError(t, err)
		require.Equal(t, 1, b.provider.Live("R-0100"), "two live invoices: it was looked up half a minute before it was sent")
	})
}

// The same in one step.
func TestSpentAndCorrected(t *testing.T) {
	inTime(t, simulator.Options{Faults: []simulator.Fault{
		{Operation: simulator.OpPay, Action: simulator.ActionDropBefore, Times: 1},
		{Operation: simulator.OpPay, Action: simulator.ActionFailed, Times: 1},
	}}, func(t *testing.T, b *bundle) {
		run, _ := b.run(dispatch.OneStep, order("R-1"))
		t.Log(b.outcome(run, "R-1").State, b.outcome(run, "R-1").Code, b.outcome(run, "R-1").Message, b.outcome(run, "R-1").Hint)
		for range 4 {
			time.Sleep(24 * time.Hour)
			b.run(dispatch.OneStep, order("R-1", amount(19900)))
		}
		stored, err := b.journal.Stored(t.Context(), account, []string{"R-1"})
		require.NoError(t, err)
		require.Equal(t, billing.Invoiced, stored["R-1"].State, "in doubt for ever: the row was corrected")
	})
}

// A conflict whose transaction failed in the end is over.
func TestConflictThatFailed(t *testing.T) {
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	for _, sent := range []int{0, 1} {
		l := billing.Life{Outcome: billing.Outcome{State: billing.Conflict, TransactionID: "T"}, Step: billing.StepLookUp, Sent: sent, Wanted: true, LastAttempt: now.AddDate(0, 0, -9)}
		got := l.Next(billing.EventDeclined, billing.Outcome{TransactionID: "T"}, now)
		assert.NotEqual(t, billing.Conflict, got.State, "sent %d: in conflict for ever, every run ends with 6", sent)
	}
}

// An order of which nothing was sent, in doubt because of what was pending there, and corrected since, is concluded.
func TestNeverSentInDoubtForEver(t *testing.T) {
	inTime(t, simulator.Options{SessionLife: time.Hour}, func(t *testing.T, b *bundle) {
		// an own session, of a journal that was lost, under the reference
		body, err := dintero.SessionBody(order("R-1"), dintero.BodyOptions{Days: 14, ReturnURL: "https://example.com/"})
		require.NoError(t, err)
		b.client(b.provider.Transport(), "secret").CreateSession(t.Context(), body, false, 0)
		b.extraLooks = 1
		run, _ := b.run(dispatch.OneStep, order("R-1"))
		t.Log(b.outcome(run, "R-1").State)
		b.extraLooks = 0
		for range 4 {
			time.Sleep(24 * time.Hour)
			b.run(dispatch.OneStep, order("R-1", amount(19900)))
		}
		stored, err := b.journal.Stored(t.Context(), account, []string{"R-1"})
		require.NoError(t, err)
		t.Log(stored["R-1"].State, stored["R-1"].Sent)
		require.Equal(t, billing.Invoiced, stored["R-1"].State, "in doubt for ever, though nothing was ever sent")
	})
}

// A slow commit that the guard cannot see yet, with an index that lags: the schedule outlasts both.
func TestSlowCommitAndLateIndex(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t, simulator.Options{
			IndexDelay: 10 * time.Second,
			Faults:     []simulator.Fault{{Operation: simulator.OpPay, Action: simulator.ActionHang, Delay: 70 * time.Second, Times: 1}},
		})
		defer b.close()
		run := b.plan(dispatch.OneStep, order("R-1"))
		_, err := b.send(run)
		require.NoError(t, err)
		require.Equal(t, billing.Invoiced, b.outcome(run, "R-1").State)
		require.Equal(t, 1, b.provider.Live("R-1"))
		require.Equal(t, 1, b.provider.Requests().Calls[simulator.OpPay])
	})
}

// An invoice of which the address or the due date is not told is read again, and said when it stays so.
func TestIncompleteInvoice(t *testing.T) {
	for name, tt := range map[string]struct {
		times int
		code  billing.Code
	}{"told later": {2, ""}, "never told": {0, billing.CodeIncomplete}} {
		t.Run(name, func(t *testing.T) {
			missing := []string{"events"}
			inTime(t, simulator.Options{Faults: []simulator.Fault{
				{Operation: simulator.OpPay, Action: simulator.ActionMissingFields, Fields: missing, Times: 1},
				{Operation: simulator.OpTransaction, Action: simulator.ActionMissingFields, Fields: missing, Times: tt.times},
			}}, func(t *testing.T, b *bundle) {
				run, _ := b.run(dispatch.OneStep, order("R-1"))
				got := b.outcome(run, "R-1")
				require.Equal(t, billing.Invoiced, got.State)
				require.Equal(t, tt.code, got.Code)
				require.Equal(t, tt.code == "", got.DueDate != "")
				require.NoError(t, b.provider.SetFaults(nil))
				b.run(dispatch.OneStep, order("R-2"))
				require.NotEmpty(t, b.outcome(run, "R-1").DueDate, "the next run asks again")
			})
		})
	}
}

// The list of sessions is in no newer specification: without it the journal's session and the transactions must do.
func TestWithoutTheListOfSessions(t *testing.T) {
	for _, flow := range []string{dispatch.OneStep, dispatch.TwoStep} {
		t.Run(flow, func(t *testing.T) {
			inTime(t, simulator.Options{NoSessionList: true, Faults: []simulator.Fault{
				{Operation: simulator.OpPay, Action: simulator.ActionDropAfter, Times: 1},
				{Operation: simulator.OpSessionPay, Action: simulator.ActionDropAfter, Times: 1},
			}}, func(t *testing.T, b *bundle) {
				run, _ := b.run(flow, order("R-1"))
				require.Equal(t, billing.Invoiced, b.outcome(run, "R-1").State)
				require.Len(t, b.live("R-1"), 1)
			})
		})
	}
}
