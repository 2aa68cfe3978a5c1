package dispatch_test

import (
	"context"
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

// products edit an order into each product.
func products() map[billing.Product]func(*billing.Order) {
	return map[billing.Product]func(*billing.Order){
		billing.B2B:        func(*billing.Order) {},
		billing.B2BGrouped: func(o *billing.Order) { o.Product, o.Channel = billing.B2BGrouped, "" },
		billing.B2C: func(o *billing.Order) {
			o.Product, o.Address.BusinessName, o.Address.OrganizationNumber = billing.B2C, "", ""
		},
	}
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

// refresh looks the run up and gives the first order's outcome.
func (b *bundle) refresh(t *testing.T, run string, all bool) billing.Outcome {
	t.Helper()
	cfg := b.config
	cfg.Run = run
	_, _, err := dispatch.Refresh(context.Background(), b.journal, b.client(b.provider.Transport(), "secret"), cfg, all)
	require.NoError(t, err)
	return b.outcome(run, "R-1")
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

// With the strict guard a failed attempt burns its reference; with strict-success it does not.
func TestGuardsAfterAFailure(t *testing.T) {
	t.Parallel()
	for guard, want := range map[dintero.Guard]billing.State{dintero.StrictSuccess: billing.Invoiced, dintero.Strict: billing.Rejected} {
		t.Run(guard.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := setup(t, simulator.Options{Faults: []simulator.Fault{{Operation: simulator.OpPay, Action: simulator.ActionFailed, Times: 1}}})
				defer b.close()
				b.config.Guard = guard
				run := b.plan(dispatch.OneStep, order("R-1"))
				_, err := b.send(run)
				require.NoError(t, err)
				require.Equal(t, billing.Rejected, b.outcome(run, "R-1").State)
				run = b.plan(dispatch.OneStep, order("R-1"))
				_, err = b.send(run)
				require.NoError(t, err)
				require.Equal(t, want, b.outcome(run, "R-1").State)
			})
		})
	}
}

func TestRefreshReadsPages(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t, simulator.Options{})
		defer b.close()
		orders := many(1000)
		for _, o := range orders {
			products()[billing.B2BGrouped](o)
		}
		run := b.plan(dispatch.OneStep, orders...)
		_, err := b.send(run)
		require.NoError(t, err)
		before := b.provider.Requests().Calls[simulator.OpTransactions]
		_, err = b.provider.Issue(time.Now())
		require.NoError(t, err)
		cfg := b.config
		cfg.Run = run
		changes, _, err := dispatch.Refresh(t.Context(), b.journal, b.client(b.provider.Transport(), "secret"), cfg, false)
		require.NoError(t, err)
		require.LessOrEqual(t, b.provider.Requests().Calls[simulator.OpTransactions]-before, 20)
		require.Len(t, changes, 1000)
		require.Contains(t, changes["R-0500"], "registered → invoiced")
		for _, o := range orders {
			require.NotEmpty(t, b.outcome(run, o.Reference).InvoiceNumber)
		}
	})
}

func TestRefreshAllTellsPayments(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t, simulator.Options{Model: simulator.ModelAuthorized})
		defer b.close()
		run := b.plan(dispatch.OneStep, order("R-1"), order("R-2"), order("R-3"))
		_, err := b.send(run)
		require.NoError(t, err)
		require.NoError(t, b.provider.MarkPaid("R-1", 29900))
		require.NoError(t, b.provider.MarkPaid("R-2", 100))
		require.Equal(t, "paid", b.refresh(t, run, true).PaymentStatus)
		require.Equal(t, "part-paid", b.outcome(run, "R-2").PaymentStatus)
		require.Equal(t, "unpaid", b.outcome(run, "R-3").PaymentStatus)
	})
}

// Of a paid, an unpaid and an already void invoice only the unpaid one is cancelled, also when the first call's answer is lost.
func TestVoid(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t, simulator.Options{
			Model:  simulator.ModelAuthorized,
			Faults: []simulator.Fault{{Operation: simulator.OpVoid, Action: simulator.ActionDropAfter, Times: 1}},
		})
		defer b.close()
		run := b.plan(dispatch.OneStep, order("paid"), order("unpaid"), order("void"))
		_, err := b.send(run)
		require.NoError(t, err)
		require.NoError(t, b.provider.MarkPaid("paid", 29900))
		c := b.client(b.provider.Transport(), "secret")
		cfg := b.config
		cfg.Run = run
		void := func(references ...string) []dispatch.Voided {
			orders, err := dispatch.Voidable(t.Context(), b.journal, run, references)
			require.NoError(t, err)
			results, _, err := dispatch.Void(t.Context(), b.journal, c, cfg, orders)
			require.NoError(t, err)
			return results
		}
		require.Equal(t, []dispatch.Voided{{Reference: "void", Done: true}}, void("void"))
		require.Equal(t, billing.Voided, b.outcome(run, "void").State)
		results := void()
		require.Len(t, results, 2)
		require.False(t, results[0].Done)
		require.Contains(t, results[0].Message, "paid")
		require.True(t, results[1].Done)
		require.Equal(t, 1, b.provider.Live("paid"))
		require.Zero(t, b.provider.Live("unpaid"))
		require.Empty(t, void("unpaid"))
		_, err = dispatch.Voidable(t.Context(), b.journal, run, []string{"nobody"})
		require.ErrorContains(t, err, "nobody")

		again := b.plan(dispatch.OneStep, order("unpaid"))
		_, err = b.send(again)
		require.NoError(t, err)
		require.Zero(t, b.provider.Live("unpaid"), "a cancelled order is not invoiced anew under its reference")
	})
}

// A signal keeps refresh from starting further look-ups.
func TestRefreshStops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t, simulator.Options{})
		defer b.close()
		run := b.plan(dispatch.OneStep, order("R-1", products()[billing.B2BGrouped]))
		_, err := b.send(run)
		require.NoError(t, err)
		before := b.provider.Requests().Calls[simulator.OpTransactions]
		stop := make(chan struct{})
		close(stop)
		cfg := b.config
		cfg.Run, cfg.Stop = run, stop
		b.config.Stop = stop
		changes, reason, err := dispatch.Refresh(t.Context(), b.journal, b.client(b.provider.Transport(), "secret"), cfg, true)
		require.NoError(t, err)
		require.Equal(t, dispatch.Interrupted, reason)
		require.Empty(t, changes)
		require.Equal(t, before, b.provider.Requests().Calls[simulator.OpTransactions])
	})
}
