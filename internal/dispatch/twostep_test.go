package dispatch_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/simulator"
)

// A session that was made for another content is never paid: the order is invoiced as it stands now, or not at all.
func TestTwoStepPaysItsOwnContentAlone(t *testing.T) {
	for name, edit := range map[string]func(*billing.Order){
		"amount":  amount(19900),
		"days":    func(o *billing.Order) { o.DaysUntilDue = 60 },
		"text":    func(o *billing.Order) { o.Lines[0].Description = "Something else" },
		"vat":     func(o *billing.Order) { o.VAT, o.Lines[0].VAT, o.Lines[0].Rate = nok(3900), nok(3900), 1500 },
		"channel": delivered,
	} {
		t.Run(name, func(t *testing.T) {
			inTime(t, with(refuses(simulator.OpSessionPay, 400)), func(t *testing.T, b *bundle) {
				require.Equal(t, billing.Rejected, b.sends(dispatch.TwoStep, order("R-1")).State)
				corrected := order("R-1", edit)
				got := b.sends(dispatch.TwoStep, corrected)
				require.Equal(t, billing.Invoiced, got.State, "%s %s", got.Code, got.Message)
				live := b.live("R-1")
				require.Len(t, live, 1)
				require.Equal(t, corrected.Gross.Minor(), live[0].Amount)
				require.Equal(t, string(corrected.Channel), live[0].Channel)
				require.Equal(t, 2, b.count(simulator.OpCreate))
				require.Equal(t, 1, b.count(simulator.OpCancel), "the session of the old content is given up")
			})
		})
	}
}

// What was rejected is invoiced by the next run: by the session that was made for the same content while that
// can be paid, else by a new one.
func TestTwoStepAgain(t *testing.T) {
	for name, tt := range map[string]struct {
		fault   simulator.Fault
		wait    time.Duration
		creates int
	}{
		"refused":              {refuses(simulator.OpSessionPay, 400), 0, 1},
		"refused, and ran out": {refuses(simulator.OpSessionPay, 400), 2 * time.Hour, 2},
		"declined":             {once(simulator.OpSessionPay, simulator.ActionFailed), 0, 2},
	} {
		t.Run(name, func(t *testing.T) {
			options := with(tt.fault)
			options.SessionLife = time.Hour
			inTime(t, options, func(t *testing.T, b *bundle) {
				require.Equal(t, billing.Rejected, b.sends(dispatch.TwoStep, order("R-1")).State)
				time.Sleep(tt.wait)
				b.stopAfter(time.Hour)
				run, reason := b.run(dispatch.TwoStep, order("R-1"))
				require.Equal(t, dispatch.Finished, reason, "still at it after an hour, %d calls", b.calls())
				require.Equal(t, billing.Invoiced, b.outcome(run, "R-1").State)
				require.Equal(t, tt.creates, b.count(simulator.OpCreate))
				require.Len(t, b.live("R-1"), 1)
			})
		})
	}
}

// A payment that never arrived is made again of the same session when the schedule is over: it cannot make a
// second invoice.
func TestTwoStepLostPayment(t *testing.T) {
	inTime(t, with(once(simulator.OpSessionPay, simulator.ActionDropBefore)), func(t *testing.T, b *bundle) {
		begin := time.Now()
		require.Equal(t, billing.Invoiced, b.sends(dispatch.TwoStep, order("R-1")).State)
		require.Less(t, time.Since(begin), 2*time.Minute)
		require.Equal(t, 1, b.count(simulator.OpCreate))
	})
}

// The answer to a creation is lost: the session is known by its mark, and paid.
func TestTwoStepLostCreation(t *testing.T) {
	for _, guard := range []dintero.Guard{dintero.StrictSuccess, dintero.Strict} {
		t.Run(guard.String(), func(t *testing.T) {
			options := with(once(simulator.OpCreate, simulator.ActionDropAfter))
			options.CreateGuard = simulator.GuardHonoured
			inTime(t, options, func(t *testing.T, b *bundle) {
				b.config.Guard = guard
				got := b.sends(dispatch.TwoStep, order("R-1"))
				require.Equal(t, billing.Invoiced, got.State, "%s %s", got.Code, got.Message)
				require.Equal(t, 1, b.count(simulator.OpCreate))
			})
		})
	}
}

// The guard goes with the creation; a provider that does not take it there is asked without it, which is said once.
func TestTwoStepGuard(t *testing.T) {
	for name, tt := range map[string]struct {
		guard   simulator.Guard
		notices int
	}{
		"ignored": {simulator.GuardIgnored, 0}, "honoured": {simulator.GuardHonoured, 0},
		"refused": {simulator.GuardRefused, 1},
	} {
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

// A pay answer that is a payment result is followed to the session and its transaction.
func TestPaymentResultIsFollowed(t *testing.T) {
	inTime(t, simulator.Options{PaymentResult: true}, func(t *testing.T, b *bundle) {
		got := b.sends(dispatch.TwoStep, order("R-1", person))
		require.Equal(t, billing.Invoiced, got.State)
		require.NotEmpty(t, got.InvoiceNumber)
	})
}

// An order whose payment is in flight must not get another session because the first cannot be read meanwhile.
func TestNoSecondSessionWhileInFlight(t *testing.T) {
	inTime(t, with(
		hangs(simulator.OpSessionPay, 200*time.Second),
		simulator.Fault{Operation: simulator.OpSession, Action: simulator.ActionStatus, Status: 404},
	), func(t *testing.T, b *bundle) {
		b.sends(dispatch.TwoStep, order("R-1"))
		time.Sleep(10 * time.Minute)
		require.Equal(t, 1, b.provider.Live("R-1"), "two live invoices")
	})
}

// A session of another day would give the invoice of an order with a due date another one: it is given up for
// a new one.
func TestSessionOfAnotherDay(t *testing.T) {
	for name, tt := range map[string]struct {
		fault  simulator.Fault
		atOnce bool // the first run does not wait
		wait   time.Duration
		days   int // that the second run's plan has
	}{
		"refused, the next day": {
			refuses(simulator.OpSessionPay, 400), false,
			23*time.Hour + 59*time.Minute, 30,
		},
		"refused, planned for the second day": {refuses(simulator.OpSessionPay, 400), false, 48 * time.Hour, 28},
		"in doubt across midnight": {
			once(simulator.OpSessionPay, simulator.ActionDropBefore), true,
			48 * time.Hour, 30,
		},
	} {
		t.Run(name, func(t *testing.T) {
			options := with(tt.fault)
			options.SessionLife = 100 * time.Hour
			inTime(t, options, func(t *testing.T, b *bundle) {
				edit, due := dueIn(30)
				b.config.NoWait = tt.atOnce
				b.sends(dispatch.TwoStep, order("R-1", edit))
				b.config.NoWait = false
				time.Sleep(tt.wait)
				b.sends(dispatch.TwoStep, order("R-1", edit, func(o *billing.Order) { o.DaysUntilDue = tt.days }))
				live := b.live("R-1")
				require.Len(t, live, 1)
				require.Equal(t, due, live[0].DueDate)
				require.Equal(t, 2, b.count(simulator.OpCreate))
				require.Equal(t, 1, b.count(simulator.OpCancel))
			})
		})
	}
}

// Another program's open session under the reference is a conflict before anything is made or paid, also
// beside a failed transaction; when it has ended it is in nobody's way.
func TestTwoStepForeignSession(t *testing.T) {
	for name, before := range map[string]func(b *bundle){
		"alone":                       func(*bundle) {},
		"beside a failed transaction": func(b *bundle) { b.fails(order("R-1")) },
	} {
		t.Run(name, func(t *testing.T) {
			inTime(t, simulator.Options{SessionLife: time.Hour}, func(t *testing.T, b *bundle) {
				before(b)
				b.shopOpens("R-1")
				got := b.sends(dispatch.TwoStep, order("R-1"))
				require.Equal(t, billing.Conflict, got.State)
				require.Equal(t, dispatch.CodeForeign, got.Code)
				require.Zero(t, b.count(simulator.OpSessionPay))
				require.Equal(t, 1, b.count(simulator.OpCreate), "the shop's")
				require.Empty(t, b.live("R-1"))
				time.Sleep(2 * time.Hour)
				b.sends(dispatch.TwoStep, order("R-1"))
				require.Equal(t, billing.Invoiced, b.sends(dispatch.TwoStep, order("R-1")).State,
					"in conflict for ever with a session that is over")
			})
		})
	}
}

// An answer that names another program's session does not make it the order's: it is never paid, and not
// cancelled either.
func TestSessionNamedByAnAnswer(t *testing.T) {
	for name, answer := range map[string]simulator.Fault{
		"refused": once(simulator.OpSessionPay, simulator.ActionDuplicate),
		"409":     refuses(simulator.OpSessionPay, 409), "500": refuses(simulator.OpSessionPay, 500),
	} {
		for _, list := range []bool{true, false} {
			for next, minor := range map[string]int64{"the same": 29900, "corrected": 19900} {
				t.Run(fmt.Sprint(name, list, next), func(t *testing.T) {
					inTime(t, simulator.Options{NoSessionList: !list}, func(t *testing.T, b *bundle) {
						run := b.plan(dispatch.TwoStep, order("R-1"))
						shop := b.shopOpens("R-1")
						answer.Body = naming(shop)
						b.faults(refuses(simulator.OpSessions, 404), answer) // not listed yet
						_, err := b.send(run)
						require.NoError(t, err)
						if !list && name != "refused" { // else it is in the way
							require.Len(t, b.live("R-1"), 1)
						}
						b.sends(dispatch.TwoStep, order("R-1", amount(minor)))
						for _, live := range b.live("R-1") {
							require.NotEqual(t, int64(999999), live.Amount, "another program's session was paid")
						}
						s, err := b.client().Session(t.Context(), shop)
						require.NoError(t, err)
						require.False(t, s.Ended, "the other program's session was cancelled")
					})
				})
			}
		}
	}
}

// An order whose end is read from another program's failed attempt keeps its own session: that is the one
// given up for what is corrected.
func TestFailedSessionOfOthersIsNotTaken(t *testing.T) {
	inTime(t, simulator.Options{SessionLife: time.Hour}, func(t *testing.T, b *bundle) {
		b.faults(once(simulator.OpPay, simulator.ActionFailed))
		shop := b.shopPays(order("R-1")).SessionID
		b.faults(once(simulator.OpSessionPay, simulator.ActionDropBefore))
		b.sendsAtOnce(dispatch.TwoStep, order("R-1"))
		time.Sleep(24 * time.Hour) // its own session has run out
		got := b.sends(dispatch.TwoStep, order("R-1", amount(19900)))
		require.Equal(t, billing.Rejected, got.State)
		require.NotEqual(t, shop, got.SessionID)
		require.Equal(t, billing.Invoiced, b.sends(dispatch.TwoStep, order("R-1", amount(19900))).State)
	})
}

// In one step an order takes the session that its answer tells, in the place of the one that two steps had:
// while the customer can still pay there it is not sent again, and its content is not that of the other
// session.
func TestSessionOfOneStepIsNotThatOfTwo(t *testing.T) {
	inTime(t, with(refuses(simulator.OpSessionPay, 400)), func(t *testing.T, b *bundle) {
		require.Equal(t, billing.Rejected, b.sends(dispatch.TwoStep, order("R-1")).State)
		time.Sleep(time.Hour)
		corrected := order("R-1", amount(10100))
		session := b.opens(corrected) // by the request that is answered with it
		b.faults(simulator.Fault{
			Operation: simulator.OpPay, Action: simulator.ActionStatus, Status: 200, Times: 1,
			Body: fmt.Sprintf(`{"session_id":%q,"redirect_url":"https://example.com/prove-who-you-are"}`, session),
		})
		assert.Equal(t, billing.InDoubt, b.sends(dispatch.OneStep, corrected).State)
		b.sends(dispatch.TwoStep, order("R-1"))
		body, err := dintero.PayBody(corrected)
		require.NoError(t, err)
		b.client().PaySession(t.Context(), session, body, dintero.Expect{}) // the customer proves it
		require.Len(t, b.live("R-1"), 1)
		require.Equal(t, session, b.live("R-1")[0].SessionID)
		require.Equal(t, billing.Invoiced, b.sends(dispatch.OneStep, corrected).State)
	})
}

// In two steps a journal that knows nothing looks twice before it sends: an interrupted first run does not
// make that one look.
func TestSecondLookIsNotForgotten(t *testing.T) {
	t.Run("interrupted", func(t *testing.T) {
		inTime(t, simulator.Options{NoSessionList: true}, func(t *testing.T, b *bundle) {
			b.sends(dispatch.TwoStep, order("R-1"))
			b.faults(
				simulator.Fault{
					Operation: simulator.OpSessionPay, Action: simulator.ActionHang,
					Delay: 30 * time.Second, Times: 1,
				})
			b.round(dispatch.TwoStep, round{stopped: time.Second, killed: true}, []*billing.Order{order("R-2")})
			l := b.lost(1) // the volume is gone, and the job begins again
			l.rate, l.config.Concurrency = 2, 1
			l.round(dispatch.TwoStep, round{stopped: 700 * time.Millisecond},
				[]*billing.Order{order("R-1"), order("R-2")})
			known, err := l.journal.KnownSince(t.Context(), account)
			require.NoError(t, err)
			require.NotZero(t, known, "so the next run plans one look, see batch.Settings.looks")
			l.extraLooks, l.config.Stop = 0, nil
			l.run(dispatch.TwoStep, order("R-1"), order("R-2"))
			time.Sleep(10 * time.Minute)
			require.LessOrEqual(t, b.provider.Live("R-2"), 1, "two live invoices")
		})
	})
	t.Run("planned in one step", func(t *testing.T) {
		inTime(t, simulator.Options{NoSessionList: true}, func(t *testing.T, b *bundle) {
			b.faults(
				simulator.Fault{
					Operation: simulator.OpSessionPay, Action: simulator.ActionHang,
					Delay: 30 * time.Second, Times: 1,
				})
			b.round(dispatch.TwoStep, round{stopped: time.Second, killed: true}, []*billing.Order{order("R-2")})
			l := b.lost(1)
			l.plan(dispatch.OneStep, order("R-2")) // stopped before any call
			known, err := l.journal.KnownSince(t.Context(), account)
			require.NoError(t, err)
			require.Zero(t, known, "so the next run plans two looks in two steps")
			l.run(dispatch.TwoStep, order("R-2"))
			time.Sleep(10 * time.Minute)
			require.LessOrEqual(t, b.provider.Live("R-2"), 1, "two live invoices")
		})
	})
}

// An order that was never sent is not rejected for what another program's customer failed at.
func TestNotRejectedForAnother(t *testing.T) {
	inTime(t, simulator.Options{}, func(t *testing.T, b *bundle) {
		shop := b.shopOpens("R-1")
		require.Equal(t, dispatch.CodeForeign, b.sends(dispatch.TwoStep, order("R-1")).Code)
		b.faults(once(simulator.OpSessionPay, simulator.ActionFailed))
		body, err := dintero.PayBody(order("R-1"))
		require.NoError(t, err)
		b.client().PaySession(t.Context(), shop, body, dintero.Expect{})
		got := b.sends(dispatch.TwoStep, order("R-1"))
		t.Log(got.State, got.Message, got.Hint)
		require.Equal(t, billing.Failed, got.State, "%s: this is about somebody else", got.Message)
	})
}

// In two steps the look-up before the first request is fresh when the payment leaves, also when it was turned
// away for a while.
func TestLookIsFreshAfterThrottling(t *testing.T) {
	inTime(t, with(simulator.Fault{
		Operation: simulator.OpSessionPay, Action: simulator.ActionThrottle,
		Header: map[string]string{"Retry-After": "120"}, Times: 5,
	}), func(t *testing.T, b *bundle) {
		time.AfterFunc(30*time.Second, func() { b.pays(order("R-1")) })
		b.sends(dispatch.TwoStep, order("R-1"))
		require.Len(t, b.live("R-1"), 1, "two live invoices: it was looked up ten minutes before it was paid")
	})
}
