package dispatch_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/simulator"
)

// An order whose payment is in flight must not get another session because the first cannot be read or has run out meanwhile.
func TestNoSecondSessionWhileInFlight(t *testing.T) {
	for name, session := range map[string]simulator.Fault{
		"not found": {Operation: simulator.OpSession, Action: simulator.ActionStatus, Status: 404},
	} {
		t.Run(name, func(t *testing.T) {
			inTime(t, simulator.Options{Faults: []simulator.Fault{
				{Operation: simulator.OpSessionPay, Action: simulator.ActionHang, Delay: 200 * time.Second, Times: 1}, session,
			}}, func(t *testing.T, b *bundle) {
				b.run(dispatch.TwoStep, order("R-1"))
				time.Sleep(10 * time.Minute)
				require.Equal(t, 1, b.provider.Live("R-1"), "two live invoices")
			})
		})
	}
}

// A session that was made on another day has another day's due date: it is not paid as it is.
func TestSessionOfAnotherDay(t *testing.T) {
	inTime(t, simulator.Options{Faults: []simulator.Fault{
		{Operation: simulator.OpSessionPay, Action: simulator.ActionStatus, Status: 400, Times: 1},
	}}, func(t *testing.T, b *bundle) {
		due := time.Now().UTC().AddDate(0, 0, 30).Format(time.DateOnly)
		dated := func(days int) *billing.Order {
			return order("R-1", func(o *billing.Order) { o.DueDate, o.DaysUntilDue = billing.Date(due), days })
		}
		b.run(dispatch.TwoStep, dated(30))
		time.Sleep(23*time.Hour + 59*time.Minute)
		run := b.plan(dispatch.TwoStep, dated(30)) // same Hash as the product's, which has -1 where the due date says it
		_, err := b.send(run)
		require.NoError(t, err)
		require.Len(t, b.live("R-1"), 1)
		require.Equal(t, due, b.live("R-1")[0].DueDate)
	})
}

// The session that a refusal names is not the order's: it is never paid.
func TestSessionNamedByARefusal(t *testing.T) {
	inTime(t, simulator.Options{}, func(t *testing.T, b *bundle) {
		body, err := dintero.SessionBody(order("R-1", amount(999999)), dintero.BodyOptions{Days: 14, ReturnURL: "https://example.com/"})
		require.NoError(t, err)
		run := b.plan(dispatch.TwoStep, order("R-1"))
		shop := b.foreign(body)
		require.NoError(t, b.provider.SetFaults([]simulator.Fault{
			{Operation: simulator.OpSessions, Action: simulator.ActionStatus, Status: 404, Times: 1}, // not listed yet
			{
				Operation: simulator.OpSessionPay, Action: simulator.ActionDuplicate, Times: 1,
				Body: naming(shop),
			},
		}))
		_, err = b.send(run)
		require.NoError(t, err)
		again, _ := b.run(dispatch.TwoStep, order("R-1"))
		require.NotEmpty(t, b.outcome(again, "R-1").State)
		for _, live := range b.live("R-1") {
			require.Equal(t, int64(29900), live.Amount, "another program's session was paid")
		}
	})
}

// A declined order in two steps is sent once more by the next run, which ends.
func TestDeclinedSessionAgain(t *testing.T) {
	inTime(t, simulator.Options{Faults: []simulator.Fault{{Operation: simulator.OpSessionPay, Action: simulator.ActionFailed, Times: 1}}}, func(t *testing.T, b *bundle) {
		run, _ := b.run(dispatch.TwoStep, order("R-1"))
		require.Equal(t, billing.Rejected, b.outcome(run, "R-1").State)
		again := b.plan(dispatch.TwoStep, order("R-1"))
		b.stopAfter(time.Hour)
		reason, err := b.send(again)
		require.NoError(t, err)
		require.Equal(t, dispatch.Finished, reason, "still at it after an hour, %d calls", b.calls())
		require.Equal(t, billing.Invoiced, b.outcome(again, "R-1").State)
	})
}

// A session of another program that can still be paid is in the way also beside a failed transaction.
func TestForeignSessionBesideAFailedTransaction(t *testing.T) {
	inTime(t, simulator.Options{}, func(t *testing.T, b *bundle) {
		b.fails(order("R-1"))
		require.NoError(t, b.provider.SetFaults(nil))
		body, err := dintero.SessionBody(order("R-1", amount(999999)), dintero.BodyOptions{Days: 14, ReturnURL: "https://example.com/"})
		require.NoError(t, err)
		b.foreign(body)
		run, _ := b.run(dispatch.TwoStep, order("R-1"))
		require.Equal(t, billing.Conflict, b.outcome(run, "R-1").State)
		require.Empty(t, b.live("R-1"))
	})
}

// A conflict with a session that can be paid ends with that session: the hint says to cancel it.
func TestForeignConflictEnds(t *testing.T) {
	inTime(t, simulator.Options{SessionLife: time.Hour}, func(t *testing.T, b *bundle) {
		body, err := dintero.SessionBody(order("R-1", amount(999999)), dintero.BodyOptions{Days: 14, ReturnURL: "https://example.com/"})
		require.NoError(t, err)
		b.foreign(body)
		run, _ := b.run(dispatch.TwoStep, order("R-1"))
		require.Equal(t, billing.Conflict, b.outcome(run, "R-1").State)
		time.Sleep(2 * time.Hour)
		b.run(dispatch.TwoStep, order("R-1"))
		run, _ = b.run(dispatch.TwoStep, order("R-1"))
		require.Equal(t, billing.Invoiced, b.outcome(run, "R-1").State, "in conflict for ever with a session that is over")
	})
}

// The session that a refusal names is another program's: it is not cancelled either.
func TestForeignSessionIsNotCancelled(t *testing.T) {
	inTime(t, simulator.Options{}, func(t *testing.T, b *bundle) {
		body, err := dintero.SessionBody(order("R-1", amount(999999)), dintero.BodyOptions{Days: 14, ReturnURL: "https://example.com/"})
		require.NoError(t, err)
		run := b.plan(dispatch.TwoStep, order("R-1"))
		c := b.client(b.provider.Transport(), "secret")
		shop := b.foreign(body)
		require.NoError(t, b.provider.SetFaults([]simulator.Fault{
			{Operation: simulator.OpSessions, Action: simulator.ActionStatus, Status: 404, Times: 1}, // not listed yet
			{
				Operation: simulator.OpSessionPay, Action: simulator.ActionDuplicate, Times: 1,
				Body: naming(shop),
			},
		}))
		_, err = b.send(run)
		require.NoError(t, err)
		b.run(dispatch.TwoStep, order("R-1", amount(19900)))
		s, err := c.Session(t.Context(), shop)
		require.NoError(t, err)
		require.False(t, s.Ended, "the other program's session was cancelled")
	})
}

// An answer that names another program's session does not make it the order's: it is never paid.
func TestSessionNamedByDoubt(t *testing.T) {
	for _, status := range []int{409, 500} {
		for _, list := range []bool{true, false} {
			t.Run(fmt.Sprint(status, list), func(t *testing.T) {
				inTime(t, simulator.Options{NoSessionList: !list}, func(t *testing.T, b *bundle) {
					body, err := dintero.SessionBody(order("R-1", amount(999999)), dintero.BodyOptions{Days: 14, ReturnURL: "https://example.com/"})
					require.NoError(t, err)
					run := b.plan(dispatch.TwoStep, order("R-1"))
					shop := b.foreign(body)
					require.NoError(t, b.provider.SetFaults([]simulator.Fault{
						{Operation: simulator.OpSessions, Action: simulator.ActionStatus, Status: 404, Times: 1}, // not listed yet
						{
							Operation: simulator.OpSessionPay, Action: simulator.ActionStatus, Status: status, Times: 1,
							Body: naming(shop),
						},
					}))
					_, err = b.send(run)
					require.NoError(t, err)
					for _, live := range b.live("R-1") {
						require.Equal(t, int64(29900), live.Amount, "another program's session was paid")
					}
					if !list { // else it is in the way
						require.Len(t, b.live("R-1"), 1)
					}
				})
			})
		}
	}
}

// An order in doubt across midnight is not paid by the session of the day before, which would give it another due date.
func TestInDoubtAcrossMidnight(t *testing.T) {
	inTime(t, simulator.Options{SessionLife: 100 * time.Hour, Faults: []simulator.Fault{
		{Operation: simulator.OpSessionPay, Action: simulator.ActionDropBefore, Times: 1},
	}}, func(t *testing.T, b *bundle) {
		due := time.Now().UTC().AddDate(0, 0, 30).Format(time.DateOnly)
		o := func() *billing.Order {
			return order("R-1", func(o *billing.Order) { o.DueDate, o.DaysUntilDue = billing.Date(due), 30 })
		}
		b.config.NoWait = true
		b.run(dispatch.TwoStep, o())
		b.config.NoWait = false
		time.Sleep(48 * time.Hour)
		run, _ := b.run(dispatch.TwoStep, o())
		t.Log(b.outcome(run, "R-1").Code, b.outcome(run, "R-1").Message)
		require.Len(t, b.live("R-1"), 1)
		require.Equal(t, due, b.live("R-1")[0].DueDate)
	})
}

// A pay answer that is a payment result is followed to the session and its transaction.
func TestPaymentResultIsFollowed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t, simulator.Options{PaymentResult: true})
		defer b.close()
		run := b.plan(dispatch.TwoStep, order("R-1", products()[billing.B2C]))
		_, err := b.send(run)
		require.NoError(t, err)
		got := b.outcome(run, "R-1")
		require.Equal(t, billing.Invoiced, got.State)
		require.NotEmpty(t, got.InvoiceNumber)
	})
}

// A session that was made for another content is never paid: the order is invoiced as it stands now, or not at all.
func TestTwoStepPaysItsOwnContentAlone(t *testing.T) {
	days := func(o *billing.Order) { o.DaysUntilDue = 60 }
	text := func(o *billing.Order) { o.Lines[0].Description = "Something else" }
	vat := func(o *billing.Order) {
		o.VAT, o.Lines[0].VAT, o.Lines[0].Rate = nok(3900), nok(3900), 1500
	}
	channel := func(o *billing.Order) { o.Channel = billing.ChannelMerchant }
	for name, edit := range map[string]func(*billing.Order){"amount": amount(19900), "days": days, "text": text, "vat": vat, "channel": channel} {
		t.Run(name, func(t *testing.T) {
			inTime(t, simulator.Options{Faults: []simulator.Fault{
				{Operation: simulator.OpSessionPay, Action: simulator.ActionStatus, Status: 400, Times: 1},
			}}, func(t *testing.T, b *bundle) {
				run, _ := b.run(dispatch.TwoStep, order("R-1"))
				require.Equal(t, billing.Rejected, b.outcome(run, "R-1").State)
				corrected := order("R-1", edit)
				again, _ := b.run(dispatch.TwoStep, corrected)
				got := b.outcome(again, "R-1")
				require.Equal(t, billing.Invoiced, got.State, "%s %s", got.Code, got.Message)
				live := b.live("R-1")
				require.Len(t, live, 1)
				require.Equal(t, corrected.Gross.Minor(), live[0].Amount)
				require.Equal(t, string(corrected.Channel), live[0].Channel)
				calls := b.provider.Requests().Calls
				require.Equal(t, 2, calls[simulator.OpCreate])
				require.Equal(t, 1, calls[simulator.OpCancel], "the session of the old content is given up")
			})
		})
	}
}

// A session for the same content is paid, not made again.
func TestTwoStepPaysItsSessionAgain(t *testing.T) {
	inTime(t, simulator.Options{Faults: []simulator.Fault{
		{Operation: simulator.OpSessionPay, Action: simulator.ActionStatus, Status: 400, Times: 1},
	}}, func(t *testing.T, b *bundle) {
		b.run(dispatch.TwoStep, order("R-1"))
		run, _ := b.run(dispatch.TwoStep, order("R-1"))
		require.Equal(t, billing.Invoiced, b.outcome(run, "R-1").State)
		require.Equal(t, 1, b.provider.Requests().Calls[simulator.OpCreate])
	})
}

// A payment that never arrived is made again of the same session when the schedule is over: it cannot make a second invoice.
func TestTwoStepLostPayment(t *testing.T) {
	inTime(t, simulator.Options{Faults: []simulator.Fault{
		{Operation: simulator.OpSessionPay, Action: simulator.ActionDropBefore, Times: 1},
	}}, func(t *testing.T, b *bundle) {
		begin := time.Now()
		run, _ := b.run(dispatch.TwoStep, order("R-1"))
		require.Equal(t, billing.Invoiced, b.outcome(run, "R-1").State)
		require.Less(t, time.Since(begin), 2*time.Minute)
		require.Equal(t, 1, b.provider.Requests().Calls[simulator.OpCreate])
	})
}

// Another program's open session under the reference is a conflict before anything is made or paid; when it has ended it is in nobody's way.
func TestTwoStepForeignSession(t *testing.T) {
	inTime(t, simulator.Options{SessionLife: time.Hour}, func(t *testing.T, b *bundle) {
		shop := order("R-1", amount(999999))
		shop.Reference = "R-1"
		body, err := dintero.SessionBody(shop, dintero.BodyOptions{Days: 14, ReturnURL: "https://example.com/"})
		require.NoError(t, err)
		b.foreign(body)
		run, _ := b.run(dispatch.TwoStep, order("R-1"))
		got := b.outcome(run, "R-1")
		require.Equal(t, billing.Conflict, got.State)
		require.Equal(t, dispatch.CodeForeign, got.Code)
		calls := b.provider.Requests().Calls
		require.Zero(t, calls[simulator.OpSessionPay])
		require.Equal(t, 1, calls[simulator.OpCreate], "the shop's")
		require.Empty(t, b.live("R-1"))
	})
}

// A session that has ended is never a reason to stay rejected.
func TestTwoStepExpiredSession(t *testing.T) {
	inTime(t, simulator.Options{SessionLife: time.Hour, Faults: []simulator.Fault{
		{Operation: simulator.OpSessionPay, Action: simulator.ActionStatus, Status: 400, Times: 1},
	}}, func(t *testing.T, b *bundle) {
		b.run(dispatch.TwoStep, order("R-1"))
		time.Sleep(2 * time.Hour)
		run, _ := b.run(dispatch.TwoStep, order("R-1"))
		require.Equal(t, billing.Invoiced, b.outcome(run, "R-1").State)
		require.Equal(t, 2, b.provider.Requests().Calls[simulator.OpCreate])
	})
}

// A session of another day would give the invoice of an order with a due date another one: it is given up for a new one.
func TestTwoStepSessionOfAnotherDay(t *testing.T) {
	inTime(t, simulator.Options{SessionLife: 100 * time.Hour, Faults: []simulator.Fault{
		{Operation: simulator.OpSessionPay, Action: simulator.ActionStatus, Status: 400, Times: 1},
	}}, func(t *testing.T, b *bundle) {
		due := time.Now().UTC().AddDate(0, 0, 30).Format(time.DateOnly)
		asks := func(days int) *billing.Order {
			return order("R-1", func(o *billing.Order) { o.DueDate, o.DaysUntilDue = billing.Date(due), days })
		}
		b.run(dispatch.TwoStep, asks(30))
		time.Sleep(48 * time.Hour)
		b.run(dispatch.TwoStep, asks(28))
		live := b.live("R-1")
		require.Len(t, live, 1)
		require.Equal(t, due, live[0].DueDate)
		calls := b.provider.Requests().Calls
		require.Equal(t, 2, calls[simulator.OpCreate])
		require.Equal(t, 1, calls[simulator.OpCancel])
	})
}

// The answer to a creation is lost: the session is known by its mark, and paid.
func TestTwoStepLostCreation(t *testing.T) {
	for _, guard := range []dintero.Guard{dintero.StrictSuccess, dintero.Strict} {
		t.Run(guard.String(), func(t *testing.T) {
			inTime(t, simulator.Options{CreateGuard: simulator.GuardHonoured, Faults: []simulator.Fault{
				{Operation: simulator.OpCreate, Action: simulator.ActionDropAfter, Times: 1},
			}}, func(t *testing.T, b *bundle) {
				b.config.Guard = guard
				run, _ := b.run(dispatch.TwoStep, order("R-1"))
				got := b.outcome(run, "R-1")
				require.Equal(t, billing.Invoiced, got.State, "%s %s", got.Code, got.Message)
				require.Equal(t, 1, b.provider.Requests().Calls[simulator.OpCreate])
			})
		})
	}
}

// The guard goes with the creation; a provider that does not take it there is asked without it, which is said once.
func TestTwoStepGuard(t *testing.T) {
	for name, tt := range map[string]struct {
		guard   simulator.Guard
		notices int
	}{"ignored": {simulator.GuardIgnored, 0}, "honoured": {simulator.GuardHonoured, 0}, "refused": {simulator.GuardRefused, 1}} {
		t.Run(name, func(t *testing.T) {
			inTime(t, simulator.Options{CreateGuard: tt.guard}, func(t *testing.T, b *bundle) {
				var notices []string
				b.config.Notice = func(text string) { notices = append(notices, text) }
				b.config.Concurrency = 1
				run, _ := b.run(dispatch.TwoStep, many(3)...)
				for _, o := range many(3) {
					require.Equal(t, billing.Invoiced, b.outcome(run, o.Reference).State)
					require.Len(t, b.live(o.Reference), 1)
				}
				require.Len(t, notices, tt.notices)
			})
		})
	}
}

// A lost payment beside an older failed transaction ends invoiced where the provider honours the guard with sessions.
func TestCreateRefusedForeign(t *testing.T) {
	inTime(t, simulator.Options{SessionLife: 10000 * time.Hour, CreateGuard: simulator.GuardHonoured}, func(t *testing.T, b *bundle) {
		b.fails(order("R-1"))
		require.NoError(t, b.provider.SetFaults([]simulator.Fault{
			{Operation: simulator.OpSessionPay, Action: simulator.ActionDropBefore, Times: 1},
		}))
		b.config.NoWait = true
		b.run(dispatch.TwoStep, order("R-1"))
		b.config.NoWait = false
		for range 3 {
			time.Sleep(24 * time.Hour)
			run, _ := b.run(dispatch.TwoStep, order("R-1"))
			t.Log(b.outcome(run, "R-1").State, b.outcome(run, "R-1").Message)
		}
		stored, err := b.journal.Stored(t.Context(), account, []string{"R-1"})
		require.NoError(t, err)
		require.Equal(t, billing.Invoiced, stored["R-1"].State)
	})
}

// An order in doubt whose session has run out, and whose row was corrected since, is concluded.
func TestExpiredSessionAndCorrected(t *testing.T) {
	inTime(t, simulator.Options{SessionLife: time.Hour, Faults: []simulator.Fault{
		{Operation: simulator.OpSessionPay, Action: simulator.ActionDropBefore, Times: 1},
	}}, func(t *testing.T, b *bundle) {
		b.config.NoWait = true
		b.run(dispatch.TwoStep, order("R-1"))
		b.config.NoWait = false
		for range 3 {
			time.Sleep(24 * time.Hour)
			b.run(dispatch.TwoStep, order("R-1", amount(19900)))
		}
		stored, err := b.journal.Stored(t.Context(), account, []string{"R-1"})
		require.NoError(t, err)
		require.Equal(t, billing.Invoiced, stored["R-1"].State, "its session ended unpaid: nothing can come of it")
	})
}
