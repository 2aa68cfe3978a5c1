package dispatch_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/simulator"
)

// Every flow × product × channel × status model × lost answer: one live invoice for the order, registered
// until issued when grouped, collection started exactly once when the merchant delivers.
func TestFlowMatrix(t *testing.T) {
	t.Parallel()
	lost := map[string]simulator.Operation{
		"clean": "", "token": simulator.OpToken, "pay": simulator.OpPay, "create": simulator.OpCreate,
		"session pay": simulator.OpSessionPay,
		"capture":     simulator.OpCapture, "transactions": simulator.OpTransactions, "sessions": simulator.OpSessions,
	}
	products := map[billing.Product]func(*billing.Order){
		billing.B2B:        func(*billing.Order) {},
		billing.B2BGrouped: grouped, billing.B2C: person,
	}
	for _, flow := range []string{dispatch.OneStep, dispatch.TwoStep, dispatch.TwoStepProfile} {
		for product, edit := range products {
			for _, channel := range []billing.Channel{billing.ChannelKravia, billing.ChannelMerchant} {
				if product == billing.B2BGrouped && channel == billing.ChannelMerchant {
					continue // has no channel, refused when the order is checked
				}
				for _, model := range []simulator.Model{simulator.ModelCaptured, simulator.ModelAuthorized} {
					for name, operation := range lost {
						for _, action := range []simulator.Action{
							simulator.ActionDropAfter,
							simulator.ActionDropBefore,
						} {
							t.Run(fmt.Sprintf("%s/%s/%s/%d/%s/%s", flow, product, channel, model, name, action),
								func(t *testing.T) {
									options := simulator.Options{Model: model}
									if operation != "" {
										options.Faults = []simulator.Fault{once(operation, action)}
									}
									o := order("R-1", func(o *billing.Order) { o.Channel = channel }, edit)
									inTime(t, options, func(t *testing.T, b *bundle) {
										flowCase(t, b, flow, o, operation, action)
									})
								})
						}
					}
				}
			}
		}
	}
}

func flowCase(t *testing.T, b *bundle, flow string, o *billing.Order, operation simulator.Operation,
	action simulator.Action,
) {
	t.Helper()
	for range 2 { // the second run settles what the first could not, and changes nothing else
		run := b.plan(flow, o)
		if _, err := b.send(run); operation != simulator.OpToken {
			require.NoError(t, err)
		}
	}
	run, _ := b.run(flow, o)
	require.Equal(t, 1, b.provider.Live("R-1"))
	if o.Product == billing.B2BGrouped {
		require.Equal(t, billing.Registered, b.outcome(run, "R-1").State)
		issued, err := b.provider.Issue(time.Now())
		require.NoError(t, err)
		require.Equal(t, 1, issued)
		_, _, err = b.refresh(run, false)
		require.NoError(t, err)
	}
	got := b.outcome(run, "R-1")
	require.Equal(t, billing.Invoiced, got.State, "%s %s", got.Code, got.Message)
	require.NotEmpty(t, got.InvoiceNumber)
	require.NotEmpty(t, got.DueDate)
	require.NotEmpty(t, got.InvoiceURL)
	require.NotEqual(t, billing.CodeDeliver, got.Code, "collection has started")
	captures := 0
	switch {
	case o.Channel != billing.ChannelMerchant:
	case operation == simulator.OpCapture && action == simulator.ActionDropBefore:
		captures = 2 // the first never arrived
	default:
		captures = 1
	}
	require.Equal(t, captures, b.count(simulator.OpCapture))
}

// What the guard refused in one step, and the lists do not show yet, is not sent in two steps, where there is no guard.
func TestRefusedThenTwoSteps(t *testing.T) {
	inTime(t, simulator.Options{IndexDelay: 15 * time.Second}, func(t *testing.T, b *bundle) {
		b.sends(dispatch.OneStep, order("R-1"))
		l := b.lost(1)
		t.Log(l.sends(dispatch.OneStep, order("R-1")))
		l.extraLooks = 0 // the journal knows the account
		l.sends(dispatch.TwoStep, order("R-1"))
		time.Sleep(time.Minute)
		require.Len(t, b.live("R-1"), 1, "two live invoices")
	})
}
