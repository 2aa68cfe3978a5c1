package dispatch_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/simulator"
)

// A new journal in the place of one that was lost sees first what the provider has: what was void stays void,
// and nothing is sent twice, however many orders there are and though the lists lag in two steps.
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
					b.void(run, "R-0002")
				}
				before := b.provider.Requests().Calls
				lost := b.lost(1)
				again, reason := lost.run(tt.flow, append(many(tt.orders), order("NEW-1"))...)
				require.Equal(t, dispatch.Finished, reason)
				outcomes := lost.outcomes(again)
				for _, o := range orders {
					got := outcomes[o.Reference]
					if tt.lag == 0 && o.Reference == "R-0002" {
						require.Equal(t, billing.Voided, got.State)
						continue
					}
					require.Equal(t, billing.CodeAdopted, got.Code, o.Reference)
					require.Len(t, b.live(o.Reference), 1)
				}
				require.Equal(t, billing.Invoiced, lost.outcome(again, "NEW-1").State)
				after := b.provider.Requests().Calls
				require.Equal(t, 1,
					after[simulator.OpPay]+
						after[simulator.OpSessionPay]-before[simulator.OpPay]-before[simulator.OpSessionPay],
					"the new order alone")
				if tt.orders > 100 {
					require.LessOrEqual(t, after[simulator.OpTransactions]-before[simulator.OpTransactions], 5,
						"pages of a hundred")
				}
			})
		})
	}
}

// Two steps, ten orders or more: the survey must not stand in the place of the look-up of an order.
func TestSurveyLeavesTwoStepsAlone(t *testing.T) {
	inTime(t, simulator.Options{}, func(t *testing.T, b *bundle) {
		b.pays(order("R-0001"))
		b.shopOpens("R-0002")
		run, _ := b.run(dispatch.TwoStep, many(12)...)
		require.Equal(t, 1, b.provider.Live("R-0001"),
			"two live invoices: the look-up before the first request was not made")
		require.Equal(t, billing.CodeAdopted, b.outcome(run, "R-0001").Code)
		require.Equal(t, billing.Conflict, b.outcome(run, "R-0002").State, "before anything is made or paid")
		require.Empty(t, b.live("R-0002"))
	})
}

// A lost journal's session that the customer can still pay keeps an order from being sent, also where the
// provider's whole list is read in the place of the look-ups.
func TestSurveySeesSessions(t *testing.T) {
	for _, orders := range []int{1, 10} { // 10 are as many as are surveyed
		t.Run(fmt.Sprint(orders, " orders"), func(t *testing.T) {
			inTime(t, simulator.Options{}, func(t *testing.T, b *bundle) {
				// as a one-step request leaves it that is answered with "prove who you are"
				session := b.opens(order("R-0001"))
				b.extraLooks = 1
				b.config.NoWait = true
				b.run(dispatch.OneStep, many(orders)...)
				body, err := dintero.PayBody(order("R-0001"))
				require.NoError(t, err)
				b.client().PaySession(t.Context(), session, body, dintero.Expect{}) // the customer proves it
				require.Len(t, b.live("R-0001"), 1, "two live invoices")
			})
		})
	}
}
