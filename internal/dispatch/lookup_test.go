package dispatch_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/simulator"
)

// A slow commit that the guard cannot see yet, with an index that lags: the schedule outlasts both.
func TestSlowCommitAndLateIndex(t *testing.T) {
	options := with(hangs(simulator.OpPay, 70*time.Second))
	options.IndexDelay = 10 * time.Second
	inTime(t, options, func(t *testing.T, b *bundle) {
		require.Equal(t, billing.Invoiced, b.sends(dispatch.OneStep, order("R-1")).State)
		require.Equal(t, 1, b.provider.Live("R-1"))
		require.Equal(t, 1, b.count(simulator.OpPay))
	})
}

// The look-up before a first request is made right before it, not before those of all other orders.
func TestLookUpIsFreshWhenSent(t *testing.T) {
	inTime(t, simulator.Options{}, func(t *testing.T, b *bundle) {
		b.rate = 5
		run := b.plan(dispatch.TwoStep, many(100)...)
		time.AfterFunc(50*time.Second, func() { b.pays(order("R-0100")) })
		_, err := b.send(run)
		require.NoError(t, err)
		require.Equal(t, billing.CodeAdopted, b.outcome(run, "R-0100").Code)
		require.Equal(t, 1, b.provider.Live("R-0100"),
			"two live invoices: it was looked up half a minute before it was sent")
	})
}

// The list of sessions is in no newer specification: without it the journal's session and the transactions must do.
func TestWithoutTheListOfSessions(t *testing.T) {
	for flow, pay := range map[string]simulator.Operation{
		dispatch.OneStep: simulator.OpPay,
		dispatch.TwoStep: simulator.OpSessionPay,
	} {
		t.Run(flow, func(t *testing.T) {
			options := with(once(pay, simulator.ActionDropAfter))
			options.NoSessionList = true
			inTime(t, options, func(t *testing.T, b *bundle) {
				require.Equal(t, billing.Invoiced, b.sends(flow, order("R-1")).State)
				require.Len(t, b.live("R-1"), 1)
			})
		})
	}
}

// An invoice of which the address or the due date is not told is read again, and said when it stays so.
func TestIncompleteInvoice(t *testing.T) {
	for name, tt := range map[string]struct {
		times int
		code  billing.Code
	}{"told later": {2, ""}, "never told": {0, billing.CodeIncomplete}} {
		t.Run(name, func(t *testing.T) {
			missing := []string{"events"}
			inTime(t, with(
				simulator.Fault{
					Operation: simulator.OpPay, Action: simulator.ActionMissingFields, Fields: missing,
					Times: 1,
				},
				simulator.Fault{
					Operation: simulator.OpTransaction, Action: simulator.ActionMissingFields,
					Fields: missing, Times: tt.times,
				},
			), func(t *testing.T, b *bundle) {
				run, _ := b.run(dispatch.OneStep, order("R-1"))
				got := b.outcome(run, "R-1")
				require.Equal(t, billing.Invoiced, got.State)
				require.Equal(t, tt.code, got.Code)
				require.Equal(t, tt.code == "", got.DueDate != "")
				b.faults()
				b.run(dispatch.OneStep, order("R-2"))
				require.NotEmpty(t, b.outcome(run, "R-1").DueDate, "the next run asks again")
			})
		})
	}
}

// No order stays in doubt, or in conflict, for ever with what has ended at the provider: a run a day invoices
// it, as it stands in the file then.
func TestDoubtEnds(t *testing.T) {
	t.Parallel()
	const forEver = 10000 * time.Hour
	lost := func(operation simulator.Operation) []simulator.Fault {
		return []simulator.Fault{once(operation, simulator.ActionDropBefore)}
	}
	for name, tt := range map[string]struct {
		flow    string
		options simulator.Options // but for faults
		before  func(b *bundle)
		faults  []simulator.Fault
		atOnce  bool // the first run does not wait
		looks   int  // of it
		later   int64
	}{
		"a second attempt failed, then corrected": {
			flow:   dispatch.OneStep,
			faults: append(lost(simulator.OpPay), once(simulator.OpPay, simulator.ActionFailed)), later: 19900,
		},
		"the session ran out, then corrected": {
			flow: dispatch.TwoStep, options: simulator.Options{SessionLife: time.Hour},
			faults: lost(simulator.OpSessionPay), atOnce: true, later: 19900,
		},
		"a session that the provider has no more": {
			flow: dispatch.TwoStep, options: simulator.Options{NoSessionList: true}, later: 29900,
			faults: append(lost(simulator.OpSessionPay),
				simulator.Fault{Operation: simulator.OpSession, Action: simulator.ActionStatus, Status: 404},
				simulator.Fault{Operation: simulator.OpCancel, Action: simulator.ActionStatus, Status: 404}),
		},
		"nothing was sent because of a lost journal's session, then corrected": {
			flow: dispatch.OneStep, options: simulator.Options{SessionLife: time.Hour}, looks: 1, later: 19900,
			before: func(b *bundle) { b.opens(order("R-1")) },
		},
		"a failed attempt that the guard for sessions sees": {
			flow:    dispatch.TwoStep,
			options: simulator.Options{SessionLife: forEver, CreateGuard: simulator.GuardHonoured},
			before:  func(b *bundle) { b.fails(order("R-1")) }, faults: lost(simulator.OpSessionPay), atOnce: true,
			later: 29900,
		},
		"a shop's open session, for which the strict guard refuses a repetition": {
			flow: dispatch.OneStep, options: simulator.Options{SessionLife: forEver},
			before: func(b *bundle) { b.shopOpens("R-1") }, faults: lost(simulator.OpPay), later: 29900,
		},
		"a shop's session that ran out": {
			flow: dispatch.OneStep, options: simulator.Options{SessionLife: time.Minute},
			before: func(b *bundle) { b.shopOpens("R-1") }, faults: lost(simulator.OpPay), later: 29900,
		},
	} {
		t.Run(name, func(t *testing.T) {
			inTime(t, tt.options, func(t *testing.T, b *bundle) {
				if tt.before != nil {
					tt.before(b)
					time.Sleep(time.Minute)
				}
				b.faults(tt.faults...)
				b.config.NoWait, b.extraLooks = tt.atOnce, tt.looks
				b.sends(tt.flow, order("R-1"))
				b.config.NoWait, b.extraLooks = false, 0
				for range 4 {
					time.Sleep(24 * time.Hour)
					b.sends(tt.flow, order("R-1", amount(tt.later)))
				}
				require.Equal(t, billing.Invoiced, b.stored().State)
				require.Len(t, b.live("R-1"), 1)
				require.Equal(t, tt.later, b.live("R-1")[0].Amount)
			})
		})
	}
}

// A list that does not tell the reference, by which it was asked or by which orders are found in all of it,
// is not an empty one.
func TestReferenceUntold(t *testing.T) {
	untold := simulator.Fault{
		Operation: simulator.OpTransactions, Action: simulator.ActionMissingFields,
		Fields: []string{"merchant_reference"},
	}
	t.Run("asked by it", func(t *testing.T) {
		inTime(t, simulator.Options{NoSessionList: true}, func(t *testing.T, b *bundle) {
			b.sends(dispatch.TwoStep, order("R-1"))
			b.faults(untold)
			b.lost(1).sends(dispatch.TwoStep, order("R-1"))
			require.Len(t, b.live("R-1"), 1, "two live invoices")
		})
	})
	t.Run("all read", func(t *testing.T) {
		inTime(t, simulator.Options{}, func(t *testing.T, b *bundle) {
			b.run(dispatch.OneStep, many(10)...)
			b.faults(untold)
			l := b.lost(1)
			l.run(dispatch.OneStep, many(10)...)
			require.Equal(t, 10, b.count(simulator.OpPay), "nothing is sent that was not seen to be absent")
		})
	})
}

// Without the list of sessions, which no newer specification has, a session of others is seen by the strict
// guard alone: no order stays in doubt for ever with it. (TestDoubtEnds has the same with the list.)
func TestDoubtEndsWithoutSessionList(t *testing.T) {
	inTime(t, simulator.Options{SessionLife: time.Minute, NoSessionList: true}, func(t *testing.T, b *bundle) {
		b.shopOpens("R-1") // and it is given up
		time.Sleep(time.Hour)
		b.faults(once(simulator.OpPay, simulator.ActionDropBefore))
		b.sends(dispatch.OneStep, order("R-1"))
		for range 10 {
			time.Sleep(24 * time.Hour)
			b.sends(dispatch.OneStep, order("R-1"))
		}
		got := b.stored()
		require.Equal(t, billing.Invoiced, got.State, "%s (%s), after %d requests", got.Message, got.Hint, got.Sent)
	})
}
