package dispatch_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/simulator"
)

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

// A session that two steps left does not keep an order in doubt that goes in one step now.
func TestFlowSwitchedAtOnce(t *testing.T) {
	inTime(t, simulator.Options{SessionLife: 10000 * time.Hour, Faults: []simulator.Fault{
		{Operation: simulator.OpSessionPay, Action: simulator.ActionStatus, Status: 400},
		{Operation: simulator.OpPay, Action: simulator.ActionStatus, Status: 400, Times: 1},
	}}, func(t *testing.T, b *bundle) {
		b.run(dispatch.TwoStep, order("R-1"))
		time.Sleep(time.Minute)
		var run string
		for range 5 {
			run, _ = b.run(dispatch.OneStep, order("R-1", amount(10100)))
			t.Log(b.outcome(run, "R-1").State, b.outcome(run, "R-1").Message)
			time.Sleep(24 * time.Hour)
		}
		require.NotEqual(t, billing.InDoubt, b.outcome(run, "R-1").State)
	})
}

// Every flow × product × channel × status model × lost answer: one live invoice for the order, registered until issued when
// grouped, collection started exactly once when the merchant delivers.
func TestFlowMatrix(t *testing.T) {
	t.Parallel()
	lost := map[string]simulator.Operation{
		"clean": "", "token": simulator.OpToken, "pay": simulator.OpPay, "create": simulator.OpCreate, "session pay": simulator.OpSessionPay,
		"capture": simulator.OpCapture, "transactions": simulator.OpTransactions, "sessions": simulator.OpSessions,
	}
	for _, flow := range []string{dispatch.OneStep, dispatch.TwoStep, dispatch.TwoStepProfile} {
		for product, edit := range products() {
			for _, channel := range []billing.Channel{billing.ChannelKravia, billing.ChannelMerchant} {
				if product == billing.B2BGrouped && channel == billing.ChannelMerchant {
					continue // has no channel, refused when the order is checked
				}
				for _, model := range []simulator.Model{simulator.ModelCaptured, simulator.ModelAuthorized} {
					for name, operation := range lost {
						for _, action := range []simulator.Action{simulator.ActionDropAfter, simulator.ActionDropBefore} {
							t.Run(fmt.Sprintf("%s/%s/%s/%d/%s/%s", flow, product, channel, model, name, action), func(t *testing.T) {
								t.Parallel()
								synctest.Test(t, func(t *testing.T) { flowCase(t, flow, edit, channel, model, operation, action) })
							})
						}
					}
				}
			}
		}
	}
}

func flowCase(t *testing.T, flow string, edit func(*billing.Order), channel billing.Channel, model simulator.Model, operation simulator.Operation, action simulator.Action) {
	t.Helper()
	options := simulator.Options{Model: model}
	if operation != "" {
		options.Faults = []simulator.Fault{{Operation: operation, Action: action, Times: 1}}
	}
	b := setup(t, options)
	defer b.close()
	o := order("R-1", func(o *billing.Order) { o.Channel = channel }, edit)
	for range 2 { // the second run settles what the first could not, and changes nothing else
		run := b.plan(flow, o)
		if _, err := b.send(run); operation != simulator.OpToken {
			require.NoError(t, err)
		}
	}
	run := b.plan(flow, o)
	_, err := b.send(run)
	require.NoError(t, err)
	require.Equal(t, 1, b.provider.Live("R-1"))
	got := b.outcome(run, "R-1")
	if o.Product == billing.B2BGrouped {
		require.Equal(t, billing.Registered, got.State)
		issued, err := b.provider.Issue(time.Now())
		require.NoError(t, err)
		require.Equal(t, 1, issued)
		got = b.refresh(t, run, false)
	}
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
	require.Equal(t, captures, b.provider.Requests().Calls[simulator.OpCapture])
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
