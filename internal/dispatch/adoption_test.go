package dispatch_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/dispatch"
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
			require.Equal(t, billing.FinalAlreadyInvoiced, billing.FinalOf(billing.ToSend, &got))
			require.Equal(t, 1, b.provider.Live(o.Reference))
		}
		require.Equal(t, number, fresh.outcome(run, "R-0007").InvoiceNumber)
	})
}

// What was found before anything was sent is adopted, also when it was pending at first, and when its collection is started.
func TestAdoptedFirst(t *testing.T) {
	for name, tt := range map[string]struct {
		edit   func(*billing.Order)
		faults []simulator.Fault
	}{
		"pending":                         {amount(29900), []simulator.Fault{{Operation: simulator.OpPay, Action: simulator.ActionOnHold, Delay: 10 * time.Second, Times: 1}}},
		"to be delivered by the merchant": {delivered, nil},
	} {
		t.Run(name, func(t *testing.T) {
			inTime(t, with(tt.faults...), func(t *testing.T, b *bundle) {
				b.pays(order("R-1", tt.edit))
				b.extraLooks = 1
				got := b.sends(dispatch.OneStep, order("R-1", tt.edit))
				require.Equal(t, billing.Invoiced, got.State)
				require.Equal(t, billing.CodeAdopted, got.Code, "this run created nothing, and counts it as invoiced by itself")
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
		"the same person":  {person, person, nil, billing.Invoiced},
		"another person":   {kari, person, nil, billing.Conflict},
		"another business": {func(o *billing.Order) { o.Address.OrganizationNumber = "923609016" }, amount(29900), nil, billing.Conflict},
		"nobody is told":   {person, person, []string{"billing_address", "metadata"}, billing.Conflict},
		"no amount":        {amount(29900), amount(29900), []string{"amount"}, billing.Conflict},
		"no currency":      {amount(29900), amount(29900), []string{"currency"}, billing.Conflict},
	} {
		t.Run(name, func(t *testing.T) {
			inTime(t, simulator.Options{}, func(t *testing.T, b *bundle) {
				b.sends(dispatch.OneStep, order("R-1", tt.there))
				if tt.untold != nil {
					b.faults(simulator.Fault{Operation: simulator.OpTransactions, Action: simulator.ActionMissingFields, Fields: tt.untold})
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
				require.Equal(t, billing.Conflict, b.sends(dispatch.OneStep, order("R-1", person)).State, "Kari's invoice is taken for Ola's")
			})
		})
	}
}

// What was found to be another person's invoice stays that, however often it is looked up.
func TestConflictStaysOne(t *testing.T) {
	untold := simulator.Fault{Operation: simulator.OpTransactions, Action: simulator.ActionMissingFields, Fields: []string{"billing_address", "metadata"}}
	for name, tt := range map[string]struct {
		there  func(*billing.Order)
		twice  bool // and one is cancelled
		faults []simulator.Fault
	}{
		"another person's": {there: kari}, "two of another person": {there: kari, twice: true}, "nobody is told": {there: person, faults: []simulator.Fault{untold}},
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
		require.Equal(t, dispatch.CodeDuplicated, got.Code)
		require.Contains(t, got.Message, "2 live invoices")
		require.Equal(t, billing.Planned, b.outcome(run, "R-2").State, "nothing more is sent to that customer")
		require.Equal(t, billing.Invoiced, b.outcome(run, "R-3").State)
	})
}

// The alarm of two live invoices ends when one of them is cancelled, by the next run or refresh; nobody is told to make a third.
func TestAlarmHeals(t *testing.T) {
	for name, heal := range map[string]func(b *bundle, run string) error{
		"run":     func(b *bundle, _ string) error { b.sends(dispatch.OneStep, order("R-1")); return nil },
		"refresh": func(b *bundle, run string) error { _, _, err := b.refresh(run, false); return err },
	} {
		t.Run(name, func(t *testing.T) {
			inTime(t, simulator.Options{}, func(t *testing.T, b *bundle) {
				first, second := b.pays(order("R-1")).Transaction.ID, b.pays(order("R-1")).Transaction.ID
				require.Equal(t, dispatch.CodeDuplicated, b.sends(dispatch.OneStep, order("R-1")).Code)
				again, _ := b.run(dispatch.OneStep, order("R-1"))
				require.Equal(t, dispatch.CodeDuplicated, b.outcome(again, "R-1").Code, "the same file once more is no other content")
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
