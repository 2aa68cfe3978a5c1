package dispatch_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/simulator"
)

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

// In one step neither: another person's invoice is not adopted because an answer named its session.
func TestAdoptionBySessionOfDoubt(t *testing.T) {
	b2c := products()[billing.B2C]
	inTime(t, simulator.Options{}, func(t *testing.T, b *bundle) {
		kari := order("R-1", b2c, func(o *billing.Order) { o.Address.FirstName, o.Address.Email = "Kari", "kari@nordmann.no" })
		body, err := dintero.OneStep(kari, dintero.BodyOptions{Days: 14})
		require.NoError(t, err)
		answer := b.client(b.provider.Transport(), "secret").Pay(t.Context(), unmarked(t, body), 0, dintero.Expect{})
		require.NotNil(t, answer.Transaction, answer.Message)
		require.NoError(t, b.provider.SetFaults([]simulator.Fault{{
			Operation: simulator.OpPay, Action: simulator.ActionStatus, Status: 409, Times: 1,
			Body: naming(answer.SessionID),
		}}))
		run, _ := b.run(dispatch.OneStep, order("R-1", b2c))
		require.Equal(t, billing.Conflict, b.outcome(run, "R-1").State, "Kari's invoice is taken for Ola's")
	})
}

// The journal is lost: everything is found at the provider and adopted.
func TestLostJournal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t, simulator.Options{})
		run := b.plan(dispatch.OneStep, many(20)...)
		_, err := b.send(run)
		require.NoError(t, err)
		number := b.outcome(run, "R-0007").InvoiceNumber
		require.NoError(t, b.journal.Close())

		fresh := setup(t, simulator.Options{})
		require.NoError(t, fresh.provider.Close())
		fresh.provider = b.provider
		defer fresh.close()
		run = fresh.plan(dispatch.OneStep, many(20)...)
		_, err = fresh.send(run)
		require.NoError(t, err)
		for _, o := range many(20) {
			got := fresh.outcome(run, o.Reference)
			require.Equal(t, billing.Invoiced, got.State)
			require.Equal(t, billing.CodeAdopted, got.Code)
			require.Equal(t, billing.FinalAlreadyInvoiced, billing.FinalOf(billing.ToSend, &got))
			require.Equal(t, 1, b.provider.Live(o.Reference))
		}
		require.Equal(t, number, fresh.outcome(run, "R-0007").InvoiceNumber)
	})
}

// The reference is at the provider with another amount, or for another business: nothing is adopted.
func TestConflictAtTheProvider(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]func(*billing.Order){
		"amount": func(o *billing.Order) {
			o.Gross, o.Lines[0].Gross = nok(30000), nok(30000)
			o.VAT, o.Lines[0].VAT = nok(6000), nok(6000)
		},
		"product": func(o *billing.Order) { o.Product, o.Channel = billing.B2BGrouped, "" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := setup(t, simulator.Options{})
				run := b.plan(dispatch.OneStep, order("R-1"))
				_, err := b.send(run)
				require.NoError(t, err)
				require.NoError(t, b.journal.Close())
				fresh := setup(t, simulator.Options{})
				require.NoError(t, fresh.provider.Close())
				fresh.provider = b.provider
				defer fresh.close()
				run = fresh.plan(dispatch.OneStep, order("R-1", edit))
				_, err = fresh.send(run)
				require.NoError(t, err)
				got := fresh.outcome(run, "R-1")
				require.Equal(t, billing.Conflict, got.State)
				require.NotEmpty(t, got.Message)
				require.Equal(t, 1, b.provider.Live("R-1"))
			})
		})
	}
}

// Two live invoices for one reference are an alarm, not a success.
func TestTwoLiveInvoices(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t, simulator.Options{})
		defer b.close()
		c := b.client(b.provider.Transport(), "secret")
		body, err := dintero.OneStep(order("R-1"), dintero.BodyOptions{Days: 14})
		require.NoError(t, err)
		for range 2 {
			require.Equal(t, dintero.MeansInvoiced, c.Pay(t.Context(), body, 0, dintero.Expect{}).Meaning)
		}
		b.config.Concurrency, b.extraLooks = 1, 1
		other := func(o *billing.Order) { o.Address.BusinessName = "Fjord AS" }
		run := b.plan(dispatch.OneStep, order("R-1"), order("R-2"), order("R-3", other))
		_, err = b.send(run)
		require.NoError(t, err)
		got := b.outcome(run, "R-1")
		require.Equal(t, billing.Conflict, got.State)
		require.Equal(t, dispatch.CodeDuplicated, got.Code)
		require.Contains(t, got.Message, "2 live invoices")
		require.Equal(t, billing.Planned, b.outcome(run, "R-2").State, "nothing more is sent to that customer")
		require.Equal(t, billing.Invoiced, b.outcome(run, "R-3").State)
	})
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
