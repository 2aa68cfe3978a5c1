package dispatch_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/simulator"
)

// inTime runs a test in virtual time against a provider.
func inTime(t *testing.T, options simulator.Options, test func(t *testing.T, b *bundle)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t, options)
		defer b.close()
		test(t, b)
	})
}

// run plans the orders and sends them.
func (b *bundle) run(flow string, orders ...*billing.Order) (run string, reason dispatch.Reason) {
	run = b.plan(flow, orders...)
	reason, err := b.send(run)
	require.NoError(b.t, err)
	return run, reason
}

// live is the live invoices of a reference.
func (b *bundle) live(reference string) (live []simulator.Invoice) {
	for _, invoice := range b.provider.Invoices() {
		if invoice.Live && invoice.Reference == reference {
			live = append(live, invoice)
		}
	}
	return live
}

// amount gives an order another amount.
func amount(minor int64) func(*billing.Order) {
	return func(o *billing.Order) { o.Gross, o.Lines[0].Gross = nok(minor), nok(minor) }
}

// A process that is killed while the provider takes longer than the whole look-up schedule: the next, begun at once, must wait for the age
// of the request and not for its own.
func TestSlowCommitAfterAKill(t *testing.T) {
	for name, delay := range map[string]time.Duration{"80 s": 80 * time.Second, "9 minutes": 9 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			faults := []simulator.Fault{{Operation: simulator.OpPay, Action: simulator.ActionHang, Delay: delay, Times: 1}}
			inTime(t, simulator.Options{Faults: faults}, func(t *testing.T, b *bundle) {
				b.round(dispatch.OneStep, round{stopped: 100 * time.Millisecond, killed: true}, []*billing.Order{order("R-1")})
				run, reason := b.run(dispatch.OneStep, order("R-1"))
				require.Equal(t, dispatch.Finished, reason)
				require.Equal(t, billing.Invoiced, b.outcome(run, "R-1").State)
				require.Equal(t, 1, b.provider.Live("R-1"))
				require.Equal(t, 1, b.provider.Requests().Calls[simulator.OpPay])
			})
		})
	}
}

// Of what never arrived nothing is ever seen: it is sent again when the first request is ten minutes old, under the guard that any session
// blocks, and no earlier.
func TestResendWaitsForTheAgeOfTheRequest(t *testing.T) {
	inTime(t, simulator.Options{Faults: []simulator.Fault{{Operation: simulator.OpPay, Action: simulator.ActionDropBefore, Times: 1}}}, func(t *testing.T, b *bundle) {
		run, _ := b.run(dispatch.OneStep, order("R-1"))
		require.Equal(t, billing.Invoiced, b.outcome(run, "R-1").State)
		pays := b.provider.Requests().Pays
		require.Len(t, pays, 2)
		require.GreaterOrEqual(t, pays[1].At.Sub(pays[0].At), 10*time.Minute)
		require.Less(t, pays[1].At.Sub(pays[0].At), 10*time.Minute+time.Second)
		require.Equal(t, "strict-merchant-reference", pays[1].Toggles)
	})
}

// With --no-wait a run ends at once; the order stays in doubt for the next.
func TestNoWait(t *testing.T) {
	inTime(t, simulator.Options{Faults: []simulator.Fault{{Operation: simulator.OpPay, Action: simulator.ActionDropAfter, Times: 1}}}, func(t *testing.T, b *bundle) {
		b.config.NoWait = true
		begin := time.Now()
		run, reason := b.run(dispatch.OneStep, order("R-1"))
		require.Equal(t, dispatch.Finished, reason)
		require.Less(t, time.Since(begin), time.Second)
		require.Equal(t, billing.InDoubt, b.outcome(run, "R-1").State)
		run, _ = b.run(dispatch.OneStep, order("R-1"))
		require.Equal(t, billing.Invoiced, b.outcome(run, "R-1").State)
		require.Less(t, time.Since(begin), time.Second, "the first look-up of the next run needs no wait either")
	})
}

// A refusal whose reference exists, though the list shows it only later: the words of the refusal decide nothing.
func TestRefusedThoughItLives(t *testing.T) {
	for name, words := range map[string]string{"a known word": "already exists", "another": "is taken", "none": "Bad Request"} {
		t.Run(name, func(t *testing.T) {
			inTime(t, simulator.Options{IndexDelay: 8 * time.Second}, func(t *testing.T, b *bundle) {
				b.run(dispatch.OneStep, order("R-1"))
				lost := setup(t, simulator.Options{})
				require.NoError(t, lost.provider.Close())
				lost.provider = b.provider
				require.NoError(t, b.provider.SetFaults([]simulator.Fault{{Operation: simulator.OpPay, Action: simulator.ActionDuplicate, Body: words}}))
				run, _ := lost.run(dispatch.OneStep, order("R-1"))
				got := lost.outcome(run, "R-1")
				require.Equal(t, billing.Invoiced, got.State, got.Message)
				require.Equal(t, billing.CodeAdopted, got.Code)
				require.NoError(t, lost.journal.Close())
			})
		})
	}
}

// The alarm of two live invoices ends when one of them is cancelled, by the next run or refresh; nobody is told to make a third.
func TestAlarmHeals(t *testing.T) {
	for name, heal := range map[string]func(b *bundle, run string) string{
		"run":     func(b *bundle, _ string) string { run, _ := b.run(dispatch.OneStep, order("R-1")); return run },
		"refresh": func(b *bundle, run string) string { b.refresh(b.t.(*testing.T), run, false); return run },
	} {
		t.Run(name, func(t *testing.T) {
			inTime(t, simulator.Options{}, func(t *testing.T, b *bundle) {
				c := b.client(b.provider.Transport(), "secret")
				body, err := dintero.OneStep(order("R-1"), dintero.BodyOptions{Days: 14})
				require.NoError(t, err)
				var ids []string
				for range 2 {
					ids = append(ids, c.Pay(t.Context(), body, 0, dintero.Expect{}).Transaction.ID)
				}
				run, _ := b.run(dispatch.OneStep, order("R-1"))
				require.Equal(t, dispatch.CodeDuplicated, b.outcome(run, "R-1").Code)
				again, _ := b.run(dispatch.OneStep, order("R-1"))
				require.Equal(t, dispatch.CodeDuplicated, b.outcome(again, "R-1").Code, "the same file once more is no other content")
				require.Equal(t, dintero.MeansVoided, c.Void(t.Context(), ids[0]).Meaning)
				healed := heal(b, again)
				got := b.outcome(healed, "R-1")
				require.Equal(t, billing.Invoiced, got.State, got.Message)
				require.Equal(t, ids[1], got.TransactionID)
				require.Equal(t, 1, b.provider.Requests().Calls[simulator.OpPay]-2, "nothing was sent after the refused request")
			})
		})
	}
}

// An order that asks for a due date is dated on the day it is sent, also when it was planned on another, and across midnight.
func TestDueDateCountsFromTheDayOfSending(t *testing.T) {
	inTime(t, simulator.Options{}, func(t *testing.T, b *bundle) {
		due := time.Now().UTC().AddDate(0, 0, 30).Format(time.DateOnly)
		o := order("R-1", func(o *billing.Order) { o.DueDate, o.DaysUntilDue = billing.Date(due), 30 })
		run := b.plan(dispatch.OneStep, o)
		time.Sleep(10 * 24 * time.Hour)
		_, err := b.send(run)
		require.NoError(t, err)
		require.Equal(t, due, b.live("R-1")[0].DueDate)
		require.Empty(t, b.outcome(run, "R-1").Code)

		late := b.plan(dispatch.TwoStep, order("R-2", func(o *billing.Order) { o.DueDate, o.DaysUntilDue = billing.Date(due), 20 }))
		time.Sleep(15 * 24 * time.Hour)
		_, err = b.send(late)
		require.NoError(t, err)
		require.Equal(t, due, b.live("R-2")[0].DueDate)

		past := b.plan(dispatch.OneStep, order("R-3", func(o *billing.Order) { o.DueDate, o.DaysUntilDue = billing.Date(due), 5 }))
		time.Sleep(6 * 24 * time.Hour)
		_, err = b.send(past)
		require.NoError(t, err)
		got := b.outcome(past, "R-3")
		require.Equal(t, billing.Failed, got.State)
		require.Equal(t, dispatch.CodeDuePassed, got.Code)
		require.Empty(t, b.live("R-3"))
	})
}

// What was planned and not sent takes everything from the run that sends it.
func TestPlannedAgainTakesTheNewFlow(t *testing.T) {
	inTime(t, simulator.Options{}, func(t *testing.T, b *bundle) {
		b.plan(dispatch.OneStep, order("R-1"))
		b.run(dispatch.TwoStep, order("R-1"))
		calls := b.provider.Requests().Calls
		require.Equal(t, 1, calls[simulator.OpSessionPay])
		require.Zero(t, calls[simulator.OpPay])
	})
}

// An order that no file holds any more is looked up all the same; its resend is not made, for no file says it.
func TestDoubtIsNeverForgotten(t *testing.T) {
	for name, arrived := range map[string]bool{"it arrived": true, "it did not": false} {
		t.Run(name, func(t *testing.T) {
			action := simulator.ActionDropBefore
			if arrived {
				action = simulator.ActionDropAfter
			}
			faults := []simulator.Fault{{Operation: simulator.OpPay, Action: action, Times: 1}, {Operation: simulator.OpTransactions, Action: simulator.ActionStatus, Times: 3}}
			inTime(t, simulator.Options{Faults: faults}, func(t *testing.T, b *bundle) {
				b.config.NoWait = true
				first, _ := b.run(dispatch.OneStep, order("R-1"))
				b.config.NoWait = false
				b.run(dispatch.OneStep, order("R-2"))
				_, unclear, err := b.journal.Unclear(t.Context(), account, journal.Shard{}, []string{"run-2"}, 10)
				require.NoError(t, err)
				if arrived {
					require.Equal(t, billing.Invoiced, b.outcome(first, "R-1").State)
					require.Zero(t, unclear)
					return
				}
				require.Equal(t, billing.InDoubt, b.outcome(first, "R-1").State)
				require.Equal(t, 1, unclear)
				require.Equal(t, 2, b.provider.Requests().Calls[simulator.OpPay], "R-1 and R-2, once each")
				time.Sleep(time.Hour)
				run, _ := b.run(dispatch.OneStep, order("R-1"))
				require.Equal(t, billing.Invoiced, b.outcome(run, "R-1").State, "the file says it again")
			})
		})
	}
}

// Who an invoice is for must be told, and agree, before it is taken for the order's.
func TestAdoptionComparesThePerson(t *testing.T) {
	b2c := products()[billing.B2C]
	for name, tt := range map[string]struct {
		there, here *billing.Order
		fault       []string
		want        billing.State
	}{
		"the same person":  {order("R-1", b2c), order("R-1", b2c), nil, billing.Invoiced},
		"another person":   {order("R-1", b2c, func(o *billing.Order) { o.Address.FirstName, o.Address.Email = "Kari", "kari@nordmann.no" }), order("R-1", b2c), nil, billing.Conflict},
		"another business": {order("R-1", func(o *billing.Order) { o.Address.OrganizationNumber = "923609016" }), order("R-1"), nil, billing.Conflict},
		"nobody is told":   {order("R-1", b2c), order("R-1", b2c), []string{"billing_address", "metadata"}, billing.Conflict},
		"no amount":        {order("R-1"), order("R-1"), []string{"amount"}, billing.Conflict},
		"no currency":      {order("R-1"), order("R-1"), []string{"currency"}, billing.Conflict},
	} {
		t.Run(name, func(t *testing.T) {
			inTime(t, simulator.Options{}, func(t *testing.T, b *bundle) {
				b.run(dispatch.OneStep, tt.there)
				lost := setup(t, simulator.Options{})
				require.NoError(t, lost.provider.Close())
				lost.provider, lost.extraLooks = b.provider, 1
				if tt.fault != nil {
					require.NoError(t, b.provider.SetFaults([]simulator.Fault{{Operation: simulator.OpTransactions, Action: simulator.ActionMissingFields, Fields: tt.fault}}))
				}
				run, _ := lost.run(dispatch.OneStep, tt.here)
				got := lost.outcome(run, "R-1")
				require.Equal(t, tt.want, got.State, "%s %s", got.Code, got.Message)
				require.Len(t, b.live("R-1"), 1)
				require.NoError(t, lost.journal.Close())
			})
		})
	}
}

// A new journal in the place of one that was lost sees first what the provider has: what was void stays void, and nothing is sent twice,
// however many orders there are and though the lists lag in two steps.
func TestLostJournalKeepsWhatIs(t *testing.T) {
	for name, tt := range map[string]struct {
		flow   string
		orders int
		lag    time.Duration
	}{
		"one by one": {dispatch.OneStep, 5, 0}, "all at once": {dispatch.OneStep, 350, 0},
		"two steps": {dispatch.TwoStep, 5, 0}, "two steps, lists lag": {dispatch.TwoStep, 5, 30 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			inTime(t, simulator.Options{IndexDelay: tt.lag}, func(t *testing.T, b *bundle) {
				orders := many(tt.orders)
				run, _ := b.run(tt.flow, orders...)
				if tt.lag == 0 {
					stored, err := dispatch.Voidable(t.Context(), b.journal, run, []string{"R-0002"})
					require.NoError(t, err)
					_, _, err = dispatch.Void(t.Context(), b.journal, b.client(b.provider.Transport(), "secret"), b.config, stored)
					require.NoError(t, err)
				}
				before := b.provider.Requests().Calls
				lost := setup(t, simulator.Options{})
				require.NoError(t, lost.provider.Close())
				lost.provider, lost.extraLooks = b.provider, 1
				again, reason := lost.run(tt.flow, append(many(tt.orders), order("NEW-1"))...)
				require.Equal(t, dispatch.Finished, reason)
				for _, o := range orders {
					got := lost.outcome(again, o.Reference)
					if tt.lag == 0 && o.Reference == "R-0002" {
						require.Equal(t, billing.Voided, got.State)
						continue
					}
					require.Equal(t, billing.CodeAdopted, got.Code, o.Reference)
					require.Len(t, b.live(o.Reference), 1)
				}
				require.Equal(t, billing.Invoiced, lost.outcome(again, "NEW-1").State)
				after := b.provider.Requests().Calls
				require.Equal(t, 1, after[simulator.OpPay]+after[simulator.OpSessionPay]-before[simulator.OpPay]-before[simulator.OpSessionPay], "the new order alone")
				if tt.orders > 100 {
					require.LessOrEqual(t, after[simulator.OpTransactions]-before[simulator.OpTransactions], 5, "pages of a hundred")
				}
				require.NoError(t, lost.journal.Close())
			})
		})
	}
}

// A capture whose event shows late is not asked for twice within the schedule; one that is refused is left with its reason.
func TestCaptureShowsLate(t *testing.T) {
	merchant := func(o *billing.Order) { o.Channel = billing.ChannelMerchant }
	inTime(t, simulator.Options{Faults: []simulator.Fault{
		{Operation: simulator.OpCapture, Action: simulator.ActionLateEvent, Delay: 25 * time.Second, Times: 1},
	}}, func(t *testing.T, b *bundle) {
		b.round(dispatch.OneStep, round{stopped: 100 * time.Millisecond, killed: true}, []*billing.Order{order("R-1", merchant)})
		run, _ := b.run(dispatch.OneStep, order("R-1", merchant))
		got := b.outcome(run, "R-1")
		require.Equal(t, billing.Invoiced, got.State)
		require.Empty(t, got.Code, got.Message)
		require.Equal(t, 1, b.provider.Requests().Calls[simulator.OpCapture])
	})
}

func TestCaptureRefused(t *testing.T) {
	merchant := func(o *billing.Order) { o.Channel = billing.ChannelMerchant }
	inTime(t, simulator.Options{Faults: []simulator.Fault{
		{Operation: simulator.OpCapture, Action: simulator.ActionStatus, Status: 400, Times: 1},
	}}, func(t *testing.T, b *bundle) {
		run, _ := b.run(dispatch.OneStep, order("R-1", merchant))
		got := b.outcome(run, "R-1")
		require.Equal(t, billing.CodeDeliver, got.Code)
		require.Contains(t, got.Message, "collection has not started")
		require.Equal(t, 1, b.provider.Requests().Calls[simulator.OpCapture])
		time.Sleep(2 * time.Minute)
		again, _ := b.run(dispatch.OneStep, order("R-1", merchant))
		require.Empty(t, b.outcome(again, "R-1").Code, "the next run asks again")
		require.Equal(t, 2, b.provider.Requests().Calls[simulator.OpCapture])
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

// A stop with hundreds in doubt ends within the calls in flight, and makes no further one.
func TestStopWithHundredsInDoubt(t *testing.T) {
	inTime(t, simulator.Options{Faults: []simulator.Fault{{Operation: simulator.OpPay, Action: simulator.ActionDropBefore}}}, func(t *testing.T, b *bundle) {
		b.config.NoWait, b.config.MaxFailures = true, 0
		run, _ := b.run(dispatch.OneStep, many(300)...)
		require.Equal(t, billing.InDoubt, b.outcome(run, "R-0300").State)
		b.config.NoWait, b.rate = false, 5
		again := b.plan(dispatch.OneStep, many(300)...)
		then := b.stopAfter(10 * time.Second)
		reason, err := b.send(again)
		require.NoError(t, err)
		require.Equal(t, dispatch.Interrupted, reason)
		at, calls := then()
		require.Equal(t, calls, b.calls())
		require.Zero(t, time.Since(at))
	})
}

// A provider that is down stops a refresh after as many look-ups in a row as would stop a run, with one error.
func TestRefreshGivesUp(t *testing.T) {
	inTime(t, simulator.Options{}, func(t *testing.T, b *bundle) {
		run, _ := b.run(dispatch.OneStep, grouped(500)...)
		require.NoError(t, b.provider.SetFaults([]simulator.Fault{{Operation: simulator.OpTransactions, Action: simulator.ActionStatus, Status: 503}}))
		cfg := b.config
		cfg.Run, cfg.MaxFailures, cfg.Concurrency = run, 2, 1
		before := b.calls()
		_, reason, err := dispatch.Refresh(context.Background(), b.journal, b.client(b.provider.Transport(), "secret"), cfg, false)
		require.Equal(t, dispatch.TooManyFailures, reason)
		require.Error(t, err)
		require.NotContains(t, err.Error(), "\n")
		require.Equal(t, 2*3, b.calls()-before-1, "two pages, three times each, beside the token")
	})
}
