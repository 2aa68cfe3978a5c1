package dispatch_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/simulator"
)

// The journal is lost: everything is found at the provider and adopted.
func TestLostJournal(t *testing.T) {
	inTime(t, simulator.Options{}, func(t *testing.T, b *bundle) {
		run, _ := b.run(dispatch.OneStep, many(20)...)
		number := b.outcome(run, "R-0007").InvoiceNumber
		fresh := b.lost(0)
		run, _ = fresh.run(dispatch.OneStep, many(20)...)
		for _, o := range many(20) {
			got := fresh.outcome(run, o.Reference)
			require.Equal(t, billing.Invoiced, got.State)
			require.Equal(t, billing.CodeAdopted, got.Code)
			require.Equal(t, "check whether it was posted: no run of this journal sent it", got.Hint)
			require.Equal(t, billing.FinalAlreadyInvoiced, billing.FinalOf(billing.ToSend, &got))
			require.Equal(t, 1, b.provider.Live(o.Reference))
		}
		require.Equal(t, number, fresh.outcome(run, "R-0007").InvoiceNumber)
	})
}

// What was found before anything was sent is adopted, also when it was pending at first, and when its
// collection is started.
func TestAdoptedFirst(t *testing.T) {
	for name, tt := range map[string]struct {
		edit   func(*billing.Order)
		faults []simulator.Fault
	}{
		"pending": {
			amount(29900),
			[]simulator.Fault{
				{Operation: simulator.OpPay, Action: simulator.ActionOnHold, Delay: 10 * time.Second, Times: 1},
			},
		},
		"to be delivered by the merchant": {delivered, nil},
	} {
		t.Run(name, func(t *testing.T) {
			inTime(t, with(tt.faults...), func(t *testing.T, b *bundle) {
				b.pays(order("R-1", tt.edit))
				b.extraLooks = 1
				got := b.sends(dispatch.OneStep, order("R-1", tt.edit))
				require.Equal(t, billing.Invoiced, got.State)
				require.Equal(t, billing.CodeAdopted, got.Code,
					"this run created nothing, and counts it as invoiced by itself")
				require.Equal(t, 1, b.count(simulator.OpPay))
			})
		})
	}
}

// The reference is at the provider with another amount, or as another product: nothing is adopted.
func TestConflictAtTheProvider(t *testing.T) {
	for name, edit := range map[string]func(*billing.Order){
		"amount": func(o *billing.Order) {
			o.Gross, o.Lines[0].Gross = nok(30000), nok(30000)
			o.VAT, o.Lines[0].VAT = nok(6000), nok(6000)
		},
		"product": grouped,
	} {
		t.Run(name, func(t *testing.T) {
			inTime(t, simulator.Options{}, func(t *testing.T, b *bundle) {
				b.sends(dispatch.OneStep, order("R-1"))
				got := b.lost(0).sends(dispatch.OneStep, order("R-1", edit))
				require.Equal(t, billing.Conflict, got.State)
				require.NotEmpty(t, got.Message)
				require.Equal(t, 1, b.provider.Live("R-1"))
			})
		})
	}
}

// Who an invoice is for must be told, and agree, before it is taken for the order's.
func TestAdoptionComparesThePerson(t *testing.T) {
	for name, tt := range map[string]struct {
		there, here func(*billing.Order)
		untold      []string
		want        billing.State
	}{
		"the same person": {person, person, nil, billing.Invoiced},
		"another person":  {kari, person, nil, billing.Conflict},
		"another business": {
			func(o *billing.Order) { o.Address.OrganizationNumber = "923609016" }, amount(29900),
			nil, billing.Conflict,
		},
		"nobody is told": {person, person, []string{"billing_address", "metadata"}, billing.Conflict},
		"no amount":      {amount(29900), amount(29900), []string{"amount"}, billing.Conflict},
		"no currency":    {amount(29900), amount(29900), []string{"currency"}, billing.Conflict},
	} {
		t.Run(name, func(t *testing.T) {
			inTime(t, simulator.Options{}, func(t *testing.T, b *bundle) {
				b.sends(dispatch.OneStep, order("R-1", tt.there))
				if tt.untold != nil {
					b.faults(
						simulator.Fault{
							Operation: simulator.OpTransactions, Action: simulator.ActionMissingFields,
							Fields: tt.untold,
						})
				}
				got := b.lost(1).sends(dispatch.OneStep, order("R-1", tt.here))
				require.Equal(t, tt.want, got.State, "%s %s", got.Code, got.Message)
				require.Len(t, b.live("R-1"), 1)
			})
		})
	}
}

// An invoice of another person is not adopted because an answer named its session.
func TestAdoptionBySessionOfAnAnswer(t *testing.T) {
	for name, answer := range map[string]simulator.Fault{
		"a refusal": once(simulator.OpPay, simulator.ActionDuplicate), "doubt": refuses(simulator.OpPay, 409),
	} {
		t.Run(name, func(t *testing.T) {
			inTime(t, simulator.Options{}, func(t *testing.T, b *bundle) {
				answer.Body = naming(b.shopPays(order("R-1", kari)).SessionID)
				b.faults(answer)
				require.Equal(t, billing.Conflict, b.sends(dispatch.OneStep, order("R-1", person)).State,
					"Kari's invoice is taken for Ola's")
			})
		})
	}
}

// What was found to be another person's invoice stays that, however often it is looked up.
func TestConflictStaysOne(t *testing.T) {
	untold := simulator.Fault{
		Operation: simulator.OpTransactions, Action: simulator.ActionMissingFields,
		Fields: []string{"billing_address", "metadata"},
	}
	for name, tt := range map[string]struct {
		there  func(*billing.Order)
		twice  bool // and one is cancelled
		faults []simulator.Fault
	}{
		"another person's": {there: kari}, "two of another person": {there: kari, twice: true},
		"nobody is told": {there: person, faults: []simulator.Fault{untold}},
	} {
		t.Run(name, func(t *testing.T) {
			inTime(t, with(tt.faults...), func(t *testing.T, b *bundle) {
				first := b.shopPays(order("R-1", tt.there)).Transaction.ID
				if tt.twice {
					b.shopPays(order("R-1", tt.there))
				}
				run, _ := b.run(dispatch.OneStep, order("R-1", person))
				require.Equal(t, billing.Conflict, b.stored().State)
				if tt.twice {
					require.Equal(t, dintero.MeansVoided, b.client().Void(t.Context(), first).Meaning)
				}
				for range 2 {
					_, _, err := b.refresh(run, false)
					require.NoError(t, err)
					require.Equal(t, billing.Conflict, b.stored().State)
					require.Equal(t, billing.Conflict, b.sends(dispatch.OneStep, order("R-1", person)).State)
				}
				require.Empty(t, b.stored().SessionID, "of another program")
			})
		})
	}
}

// Two live invoices for one reference are an alarm, not a success.
func TestTwoLiveInvoices(t *testing.T) {
	inTime(t, simulator.Options{}, func(t *testing.T, b *bundle) {
		for range 2 {
			require.Equal(t, dintero.MeansInvoiced, b.pays(order("R-1")).Meaning)
		}
		b.config.Concurrency, b.extraLooks = 1, 1
		other := func(o *billing.Order) { o.Address.BusinessName = "Fjord AS" }
		run, _ := b.run(dispatch.OneStep, order("R-1"), order("R-2"), order("R-3", other))
		got := b.outcome(run, "R-1")
		require.Equal(t, billing.Conflict, got.State)
		require.Equal(t, billing.CodeDuplicated, got.Code)
		require.Contains(t, got.Message, "2 live invoices")
		require.Equal(t, billing.Planned, b.outcome(run, "R-2").State, "nothing more is sent to that customer")
		require.Equal(t, billing.Invoiced, b.outcome(run, "R-3").State)
	})
}

// The alarm of two live invoices ends when one of them is cancelled, by the next run or refresh; nobody is
// told to make a third.
func TestAlarmHeals(t *testing.T) {
	for name, heal := range map[string]func(b *bundle, run string) error{
		"run":     func(b *bundle, _ string) error { b.sends(dispatch.OneStep, order("R-1")); return nil },
		"refresh": func(b *bundle, run string) error { _, _, err := b.refresh(run, false); return err },
	} {
		t.Run(name, func(t *testing.T) {
			inTime(t, simulator.Options{}, func(t *testing.T, b *bundle) {
				first, second := b.pays(order("R-1")).Transaction.ID, b.pays(order("R-1")).Transaction.ID
				require.Equal(t, billing.CodeDuplicated, b.sends(dispatch.OneStep, order("R-1")).Code)
				again, _ := b.run(dispatch.OneStep, order("R-1"))
				require.Equal(t, billing.CodeDuplicated, b.outcome(again, "R-1").Code,
					"the same file once more is no other content")
				require.Equal(t, dintero.MeansVoided, b.client().Void(t.Context(), first).Meaning)
				require.NoError(t, heal(b, again))
				got := b.stored()
				require.Equal(t, billing.Invoiced, got.State, got.Message)
				require.Equal(t, second, got.TransactionID)
				require.Equal(t, 1, b.count(simulator.OpPay)-2, "nothing was sent after the refused request")
			})
		})
	}
}

// An invoice that was there before is "already invoiced", also where it was found after a refusal and is
// delivered by the merchant, where its due date was counted from another day, and where it is not this
// program's.
func TestAdoptedIsSaid(t *testing.T) {
	t.Run("refused, and delivered by the merchant", func(t *testing.T) {
		inTime(t, simulator.Options{}, func(t *testing.T, b *bundle) {
			b.pays(order("R-1", delivered))
			got := b.sends(dispatch.OneStep, order("R-1", delivered))
			require.Equal(t, billing.Invoiced, got.State)
			require.Equal(t, billing.CodeAdopted, got.Code, "this run created nothing")
		})
	})
	t.Run("due date, two days later", func(t *testing.T) {
		inTime(t, simulator.Options{}, func(t *testing.T, b *bundle) {
			due := billing.Date(time.Now().UTC().AddDate(0, 0, 30).Format(time.DateOnly))
			asked := func(o *billing.Order) { o.DueDate, o.DaysUntilDue = due, -1 } // as billing makes it
			b.sendsAsPlanned(order("R-1", asked))
			time.Sleep(48 * time.Hour)
			l := b.lost(1)
			l.sendsAsPlanned(order("R-1", asked))
			got := l.stored()
			require.Equal(t, billing.Invoiced, got.State)
			require.Equal(t, due, got.DueDate, "as asked for")
			require.Equal(t, billing.CodeAdopted, got.Code, got.Message)
		})
	})
	t.Run("a real warning", func(t *testing.T) {
		inTime(t, simulator.Options{}, func(t *testing.T, b *bundle) {
			b.shopPays(order("R-1")) // in 14 days
			b.extraLooks = 1
			got := b.sends(dispatch.OneStep, order("R-1", func(o *billing.Order) { o.DaysUntilDue = 60 }))
			require.Equal(t, billing.Invoiced, got.State)
			require.Equal(t, billing.FinalAlreadyInvoiced, billing.FinalOf(billing.ToSend, &got),
				"this run created nothing: %s %s", got.Code, got.Message)
			require.Contains(t, got.Message, "created nothing; due ")
		})
	})
	t.Run("a shop's while in doubt", func(t *testing.T) {
		inTime(t, with(once(simulator.OpPay, simulator.ActionDropBefore)), func(t *testing.T, b *bundle) {
			time.AfterFunc(3*time.Second, func() { b.shopPays(order("R-1")) })
			got := b.sends(dispatch.OneStep, order("R-1"))
			require.Equal(t, billing.Invoiced, got.State)
			require.Equal(t, billing.CodeAdopted, got.Code, "another program's")
			require.Equal(t, 1, strings.Count(got.Message, "created nothing"), got.Message)
		})
	})
}

// sendsAsPlanned makes a run of one order in one step whose days until due are counted as
// batch.Settings.planOrder counts them.
func (b *bundle) sendsAsPlanned(o *billing.Order) {
	b.runs++
	b.flow = dispatch.OneStep
	id := fmt.Sprintf("run-%d", b.runs)
	ctx := b.t.Context()
	require.NoError(b.t,
		b.journal.BeginRun(ctx,
			journal.Run{ID: id, Account: account, Environment: "test", Started: time.Now(), Flow: b.flow}))
	days := max(0, o.DaysFrom(b.config.Day(time.Now())))
	body, err := dintero.OneStep(o, dintero.BodyOptions{Content: o.Hash(), Days: days})
	require.NoError(b.t, err)
	_, err = b.journal.Enter(ctx, id, []journal.Entry{{
		Reference: o.Reference, Hash: o.Hash(), Customer: o.Address.CustomerName(),
		Organization: o.Address.OrganizationNumber, Product: o.Product,
		Channel: o.Channel, Gross: o.Gross, VAT: o.VAT, DaysUntilDue: days, AskedDue: o.DueDate, Rows: 1,
		Flow: b.flow, Looks: b.looks(b.flow), Body: body,
	}})
	require.NoError(b.t, err)
	_, err = b.send(id)
	require.NoError(b.t, err)
}

// Another person's cancelled invoice is not the order's.
func TestCancelledInvoiceOfAnother(t *testing.T) {
	for _, flow := range []string{dispatch.OneStep, dispatch.TwoStep} {
		t.Run(flow+" before", func(t *testing.T) {
			inTime(t, simulator.Options{}, func(t *testing.T, b *bundle) {
				kariPaid := b.shopPays(order("R-1", kari, amount(77700))).Transaction
				b.client().Void(t.Context(), kariPaid.ID)
				got := b.sends(flow, order("R-1", person))
				assert.NotEqual(t, kariPaid.InvoiceNumber, got.InvoiceNumber, "Kari's invoice stands in Ola's row")
				assert.NotEqual(t, billing.Voided, got.State, "%s: the order was never created", got.Message)
			})
		})
		t.Run(flow+" conflict first", func(t *testing.T) {
			inTime(t, simulator.Options{}, func(t *testing.T, b *bundle) {
				b.extraLooks = 1
				kariPaid := b.shopPays(order("R-1", kari, amount(77700))).Transaction
				require.Equal(t, billing.Conflict, b.sends(flow, order("R-1", person)).State)
				b.client().Void(t.Context(), kariPaid.ID) // as the hint says: gives one of them another reference
				for range 3 {
					time.Sleep(24 * time.Hour)
					b.sends(flow, order("R-1", person))
				}
				got := b.stored()
				assert.NotEqual(t, kariPaid.InvoiceNumber, got.InvoiceNumber, "Kari's invoice stands in Ola's row")
				assert.NotEqual(t, billing.Voided, got.State, "%s: the order was never created", got.Message)
				t.Log(got.State, got.Code, got.Message, got.Hint, len(b.live("R-1")))
			})
		})
	}
}

// A file that was wrong is corrected to what the provider has: nothing is in conflict any more.
func TestConflictIsCorrectedInTheFile(t *testing.T) {
	for looks, name := range []string{"refused", "looked up first"} {
		t.Run(name, func(t *testing.T) {
			inTime(t, simulator.Options{}, func(t *testing.T, b *bundle) {
				b.sends(dispatch.OneStep, order("R-1"))
				l := b.lost(looks)
				got := l.sends(dispatch.OneStep, order("R-1", amount(30000))) // a typing error
				require.Equal(t, billing.Conflict, got.State)
				t.Log(got.Message, "|", got.Hint)
				for range 3 {
					time.Sleep(24 * time.Hour)
					l.sends(dispatch.OneStep, order("R-1")) // corrected
				}
				require.Equal(t, billing.Invoiced, l.stored().State, "in conflict for ever with its own invoice")
			})
		})
	}
}

// What cannot be compared may well be the order's own invoice: nobody is told to invoice it under another reference.
func TestUntoldIsNotOtherContent(t *testing.T) {
	untold := simulator.Fault{
		Operation: simulator.OpTransactions, Action: simulator.ActionMissingFields,
		Fields: []string{"billing_address", "metadata"},
	}
	inTime(t, simulator.Options{}, func(t *testing.T, b *bundle) {
		b.sends(dispatch.OneStep, order("R-1"))
		b.faults(untold)
		got := b.lost(1).sends(dispatch.OneStep, order("R-1"))
		require.Equal(t, dintero.CodeUncomparable, got.Code)
		assert.NotContains(t, got.Message, "with other content")
		assert.NotContains(t, got.Hint, "another reference")
	})
}

// Who does as the hint says, and gives the order another reference, is done with the conflict: nothing of the
// order exists under the old one.
func TestConflictLeftByTheFile(t *testing.T) {
	for looks, name := range []string{"refused", "looked up first"} {
		t.Run(name, func(t *testing.T) {
			inTime(t, simulator.Options{}, func(t *testing.T, b *bundle) {
				b.shopPays(order("R-1", kari))
				b.extraLooks = looks
				got := b.sends(dispatch.OneStep, order("R-1", person))
				require.Equal(t, billing.Conflict, got.State)
				require.Contains(t, got.Hint, "give one of them another reference")
				require.Equal(t, billing.Invoiced, b.sends(dispatch.OneStep, order("R-1-b", person)).State)
				for range 3 {
					time.Sleep(24 * time.Hour)
					run, _ := b.run(dispatch.OneStep, order("R-1-b", person))
					_, _, err := b.refresh(run, true)
					require.NoError(t, err)
				}
				_, unclear, err := b.journal.Unclear(t.Context(), account, journal.Shard{},
					[]string{fmt.Sprintf("run-%d", b.runs)}, 10)
				require.NoError(t, err)
				require.Zero(t, unclear, "every run and refresh of the account ends with exit code 6, for ever")
			})
		})
	}
}
