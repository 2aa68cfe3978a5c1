package dispatch_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/simulator"
)

// fails leaves a failed transaction under the reference, as a web shop's or an earlier journal's attempt does.
func (b *bundle) fails(o *billing.Order) {
	require.NoError(b.t, b.provider.SetFaults([]simulator.Fault{{Operation: simulator.OpPay, Action: simulator.ActionFailed, Times: 1}}))
	body, err := dintero.OneStep(o, dintero.BodyOptions{Days: 14})
	require.NoError(b.t, err)
	b.client(b.provider.Transport(), "secret").Pay(b.t.(*testing.T).Context(), body, 0, dintero.Expect{})
}

// A failed transaction that is older than the order's own request accounts for nothing: what is in flight is in doubt.
func TestFailedOfOthersIsNotOurRequest(t *testing.T) {
	for _, flow := range []string{dispatch.OneStep, dispatch.TwoStep} {
		t.Run(flow, func(t *testing.T) {
			inTime(t, simulator.Options{}, func(t *testing.T, b *bundle) {
				b.fails(order("R-1", amount(100)))
				time.Sleep(24 * time.Hour)
				require.NoError(t, b.provider.SetFaults([]simulator.Fault{
					{Operation: simulator.OpPay, Action: simulator.ActionHang, Delay: 90 * time.Second, Times: 1},
					{Operation: simulator.OpSessionPay, Action: simulator.ActionHang, Delay: 90 * time.Second, Times: 1},
				}))
				run, _ := b.run(flow, order("R-1"))
				assert.Equal(t, billing.Invoiced, b.outcome(run, "R-1").State, "rejected after 2 s, though the request was in flight")
				b.run(flow, order("R-1", amount(19900)))
				time.Sleep(10 * time.Minute)
				require.Equal(t, 1, b.provider.Live("R-1"), "two live invoices")
			})
		})
	}
}

// Two steps, ten orders or more: the survey must not stand in the place of the look-up of an order.
func TestSurveyLeavesTwoStepsAlone(t *testing.T) {
	inTime(t, simulator.Options{}, func(t *testing.T, b *bundle) {
		b.run(dispatch.OneStep, order("R-0001"))
		other := setup(t, simulator.Options{})
		require.NoError(t, other.provider.Close())
		other.provider = b.provider
		defer func() { require.NoError(t, other.journal.Close()) }()
		other.run(dispatch.OneStep, order("OLD"))
		run, _ := other.run(dispatch.TwoStep, many(12)...)
		require.Equal(t, 1, b.provider.Live("R-0001"), "two live invoices: the look-up before the first request was not made")
		require.Equal(t, billing.CodeAdopted, other.outcome(run, "R-0001").Code)
	})
}

// The same with another program's open session: a conflict before anything is made or paid.
func TestSurveyForeignSession(t *testing.T) {
	inTime(t, simulator.Options{}, func(t *testing.T, b *bundle) {
		b.run(dispatch.OneStep, order("OLD"))
		body, err := dintero.SessionBody(order("R-0001", amount(999999)), dintero.BodyOptions{Days: 14, ReturnURL: "https://example.com/"})
		require.NoError(t, err)
		b.foreign(body)
		run, _ := b.run(dispatch.TwoStep, many(12)...)
		require.Equal(t, billing.Conflict, b.outcome(run, "R-0001").State)
		require.Empty(t, b.live("R-0001"))
	})
}

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

// A refusal of a repeated request is not believed by the next run either: the first request may be in flight still.
func TestRefusedRepetitionAndRestart(t *testing.T) {
	inTime(t, simulator.Options{Faults: []simulator.Fault{
		{Operation: simulator.OpSessionPay, Action: simulator.ActionHang, Delay: 400 * time.Second, Times: 1},
		{Operation: simulator.OpSessionPay, Action: simulator.ActionStatus, Status: 400, Times: 1},
	}}, func(t *testing.T, b *bundle) {
		run, _ := b.run(dispatch.TwoStep, order("R-1"))
		require.Equal(t, billing.InDoubt, b.outcome(run, "R-1").State)
		b.config.NoWait = true
		run, _ = b.run(dispatch.TwoStep, order("R-1"))
		assert.Equal(t, billing.InDoubt, b.outcome(run, "R-1").State, "believed at once, though the first request is in flight")
		b.config.NoWait = false
		b.run(dispatch.TwoStep, order("R-1", amount(19900)))
		time.Sleep(10 * time.Minute)
		require.Equal(t, 1, b.provider.Live("R-1"), "two live invoices")
	})
}

// The same in one step: wrong state only, for the guard holds.
func TestRefusedRepetitionOneStep(t *testing.T) {
	inTime(t, simulator.Options{Faults: []simulator.Fault{
		{Operation: simulator.OpPay, Action: simulator.ActionHang, Delay: 640 * time.Second, Times: 1},
	}, IndexDelay: 100 * time.Second}, func(t *testing.T, b *bundle) {
		run, _ := b.run(dispatch.OneStep, order("R-1"))
		require.Equal(t, billing.InDoubt, b.outcome(run, "R-1").State)
		b.config.NoWait = true
		run, _ = b.run(dispatch.OneStep, order("R-1"))
		require.NotEqual(t, billing.Rejected, b.outcome(run, "R-1").State, "the provider has it")
	})
}

// Sessions that ended account for no payment request.
func TestEndedSessionsAreNoRequests(t *testing.T) {
	inTime(t, simulator.Options{Faults: []simulator.Fault{
		{Operation: simulator.OpSessionPay, Action: simulator.ActionStatus, Status: 400, Times: 1},
		{Operation: simulator.OpSessionPay, Action: simulator.ActionFailed, Times: 1},
		{Operation: simulator.OpSessionPay, Action: simulator.ActionHang, Delay: 90 * time.Second, Times: 1},
	}}, func(t *testing.T, b *bundle) {
		b.run(dispatch.TwoStep, order("R-1"))
		b.run(dispatch.TwoStep, order("R-1", amount(10100)))
		b.config.Deadline = time.Now().Add(3 * time.Minute)
		run, _ := b.run(dispatch.TwoStep, order("R-1", amount(10200)))
		assert.NotEqual(t, billing.Rejected, b.outcome(run, "R-1").State, "its request is in flight")
		b.config.Deadline = time.Time{}
		b.run(dispatch.TwoStep, order("R-1", amount(10300)))
		time.Sleep(10 * time.Minute)
		require.Equal(t, 1, b.provider.Live("R-1"), "two live invoices")
	})
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

// An invoice of another person is not adopted because a refusal named its session.
func TestAdoptionBySessionOfARefusal(t *testing.T) {
	b2c := products()[billing.B2C]
	inTime(t, simulator.Options{}, func(t *testing.T, b *bundle) {
		kari := order("R-1", b2c, func(o *billing.Order) { o.Address.FirstName, o.Address.Email = "Kari", "kari@nordmann.no" })
		body, err := dintero.OneStep(kari, dintero.BodyOptions{Days: 14})
		require.NoError(t, err)
		answer := b.client(b.provider.Transport(), "secret").Pay(t.Context(), unmarked(t, body), 0, dintero.Expect{})
		require.NotNil(t, answer.Transaction, answer.Message)
		require.NoError(t, b.provider.SetFaults([]simulator.Fault{
			{
				Operation: simulator.OpPay, Action: simulator.ActionDuplicate, Times: 1,
				Body: naming(answer.SessionID),
			},
		}))
		run, _ := b.run(dispatch.OneStep, order("R-1", b2c))
		require.Equal(t, billing.Conflict, b.outcome(run, "R-1").State, "Kari's invoice is taken for Ola's")
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

// A provider that answers every creation with 500 ends the order as failed after some tries.
func TestCreationAlwaysFails(t *testing.T) {
	inTime(t, simulator.Options{Faults: []simulator.Fault{{Operation: simulator.OpCreate, Action: simulator.ActionStatus, Status: 500}}}, func(t *testing.T, b *bundle) {
		b.config.MaxFailures = 3
		run := b.plan(dispatch.TwoStep, many(5)...)
		b.stopAfter(time.Hour)
		reason, err := b.send(run)
		require.NoError(t, err)
		require.NotEqual(t, dispatch.Interrupted, reason, "still at it after an hour, %d calls", b.calls())
		require.Less(t, b.calls(), 100)
	})
}

// With --no-wait a new journal in two steps gets its second look by a later run.
func TestNoWaitTwoStepsNewJournal(t *testing.T) {
	inTime(t, simulator.Options{}, func(t *testing.T, b *bundle) {
		b.config.NoWait, b.extraLooks = true, 1
		var run string
		for range 4 {
			known, err := b.journal.KnownSince(t.Context(), account)
			require.NoError(t, err)
			require.Zero(t, known)
			run, _ = b.run(dispatch.TwoStep, order("R-1"))
			time.Sleep(10 * time.Minute)
			if b.outcome(run, "R-1").State == billing.Invoiced {
				return
			}
		}
		require.Equal(t, billing.Invoiced, b.outcome(run, "R-1").State, "never sent")
	})
}

// A last request or a due time that a wrong clock put far into the future is waited for no longer than --resend-after.
func TestClockThatWasAhead(t *testing.T) {
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	l := billing.Life{Outcome: billing.Outcome{State: billing.InDoubt}, Step: billing.StepLookUp, Tries: 5, Sent: 1, LastAttempt: now.AddDate(1, 0, 0), Wanted: true, ResendAfter: 10 * time.Minute}
	got := l.Next(billing.EventNothing, billing.Outcome{}, now)
	require.False(t, got.Due.After(now.Add(10*time.Minute)) && !got.Parked(), "the run waits until %s", got.Due)
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

// What was found before anything was sent is adopted, also when it was pending at first, and when its collection is started.
func TestAdoptedAfterPending(t *testing.T) {
	inTime(t, simulator.Options{Faults: []simulator.Fault{{Operation: simulator.OpPay, Action: simulator.ActionOnHold, Delay: 10 * time.Second, Times: 1}}}, func(t *testing.T, b *bundle) {
		body, err := dintero.OneStep(order("R-1"), dintero.BodyOptions{Days: 14})
		require.NoError(t, err)
		b.client(b.provider.Transport(), "secret").Pay(t.Context(), body, 0, dintero.Expect{})
		b.extraLooks = 1
		run, _ := b.run(dispatch.OneStep, order("R-1"))
		require.Equal(t, billing.CodeAdopted, b.outcome(run, "R-1").Code)
	})
}

func TestAdoptedMerchant(t *testing.T) {
	merchant := func(o *billing.Order) { o.Channel = billing.ChannelMerchant }
	inTime(t, simulator.Options{}, func(t *testing.T, b *bundle) {
		body, err := dintero.OneStep(order("R-1", merchant), dintero.BodyOptions{Days: 14})
		require.NoError(t, err)
		b.client(b.provider.Transport(), "secret").Pay(t.Context(), body, 0, dintero.Expect{})
		b.extraLooks = 1
		run, _ := b.run(dispatch.OneStep, order("R-1", merchant))
		require.Equal(t, billing.CodeAdopted, b.outcome(run, "R-1").Code, "this run created nothing, and counts it as invoiced by itself")
	})
}

// A session of two steps that nobody will pay does not keep a one-step refusal in doubt.
func TestFlowSwitchedOldSession(t *testing.T) {
	inTime(t, simulator.Options{Faults: []simulator.Fault{
		{Operation: simulator.OpSessionPay, Action: simulator.ActionStatus, Status: 400},
		{Operation: simulator.OpPay, Action: simulator.ActionStatus, Status: 400, Times: 1},
	}}, func(t *testing.T, b *bundle) {
		b.run(dispatch.TwoStep, order("R-1"))
		time.Sleep(time.Hour)
		run, _ := b.run(dispatch.OneStep, order("R-1", amount(10100)))
		require.Equal(t, billing.Rejected, b.outcome(run, "R-1").State)
		again, _ := b.run(dispatch.OneStep, order("R-1", amount(10200)))
		require.Equal(t, billing.Invoiced, b.outcome(again, "R-1").State)
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

// failing makes one transaction look failed when it is read by its id.
type failing struct{ http.RoundTripper }

func (f failing) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := f.RoundTripper.RoundTrip(r)
	if err != nil || r.Method != http.MethodGet || !strings.Contains(r.URL.Path, "/transactions") {
		return resp, err
	}
	body, _ := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	body = bytes.ReplaceAll(body, []byte(`"status":"AUTHORIZED"`), []byte(`"status":"FAILED"`))
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	resp.Header.Del("Content-Length")
	return resp, nil
}

// What was registered and failed afterwards is no invoice: its row must not stay registered, which ends with exit code 0.
func TestRegisteredThenFailed(t *testing.T) {
	inTime(t, simulator.Options{Faults: []simulator.Fault{{Operation: simulator.OpPay, Action: simulator.ActionNoNumber, Times: 1}}}, func(t *testing.T, b *bundle) {
		run := b.plan(dispatch.OneStep, order("R-1"))
		cfg := b.config
		cfg.Run = run
		c := b.client(failing{b.provider.Transport()}, "secret")
		_, err := dispatch.Run(t.Context(), b.journal, c, cfg)
		require.NoError(t, err)
		_, _, err = dispatch.Refresh(t.Context(), b.journal, c, cfg, true)
		require.NoError(t, err)
		require.NotContains(t, []billing.State{billing.Registered, billing.Invoiced}, b.outcome(run, "R-1").State, "the provider says FAILED")
	})
}

// Another program's attempt that fails while the order's own request is in flight accounts for nothing either.
func TestFailureOfOthersMeanwhile(t *testing.T) {
	inTime(t, simulator.Options{Faults: []simulator.Fault{
		{Operation: simulator.OpPay, Action: simulator.ActionHang, Delay: 9 * time.Minute, Times: 1},
		{Operation: simulator.OpPay, Action: simulator.ActionFailed, Times: 1},
	}}, func(t *testing.T, b *bundle) {
		b.config.NoWait = true
		b.run(dispatch.OneStep, order("R-1"))
		time.Sleep(6 * time.Minute)
		body, err := dintero.OneStep(order("R-1", amount(100)), dintero.BodyOptions{Days: 14})
		require.NoError(t, err)
		answer := b.client(b.provider.Transport(), "secret").Pay(t.Context(), unmarked(t, body), 0, dintero.Expect{})
		require.Equal(t, dintero.MeansDeclined, answer.Meaning)
		run, _ := b.run(dispatch.OneStep, order("R-1"))
		require.Equal(t, billing.InDoubt, b.outcome(run, "R-1").State, "its request is in flight")
		time.Sleep(5 * time.Minute)
		run, _ = b.run(dispatch.OneStep, order("R-1"))
		require.Equal(t, billing.Invoiced, b.outcome(run, "R-1").State)
	})
}
