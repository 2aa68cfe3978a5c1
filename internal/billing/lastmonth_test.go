package billing_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

func nok(minor int64) money.Amount { return money.New(minor, money.MustCurrency("NOK")) }

func TestCustomersAddUp(t *testing.T) {
	t.Parallel()
	var g billing.CustomerGroup
	eur := money.MustCurrency("EUR")
	require.Equal(t, "0 customers", g.String())
	require.NoError(t, g.Add(&billing.CustomerChange{Before: nok(1), Now: nok(2)}))
	require.NoError(t, g.Add(&billing.CustomerChange{Before: nok(10), Now: nok(20)}))
	require.NoError(t, g.Sum(&billing.CustomerChange{Before: money.New(5, eur), Now: money.New(0, eur)}))
	require.Equal(t, "3 customers, 0.11 NOK before and 0.22 NOK now, 0.05 EUR before and 0.00 EUR now", g.String())
	require.Len(t, g.List, 2)
	require.NoError(t, g.Add(&billing.CustomerChange{Before: nok(1 << 62), Now: nok(1 << 62)}))
	require.ErrorIs(t, g.Add(&billing.CustomerChange{Before: nok(1 << 62), Now: nok(1)}), money.ErrOverflow)
}

// Only what is or will be invoiced counts: a voided order does not, a refused one does.
func TestWhatCountsAsThisMonth(t *testing.T) {
	t.Parallel()
	c := billing.CompareWith(billing.LastMonth{Run: "r", ChangePercent: 30})
	for _, final := range billing.Finals() {
		c.Before(final, "before "+final.String(), "", nok(100))
		c.Now(final, "now "+final.String(), "", nok(100))
	}
	require.NoError(t, c.Finish())
	numbers := func(g *billing.CustomerGroup) (all []string) {
		for _, change := range g.List {
			all = append(all, change.Number)
		}
		return all
	}
	require.Equal(t,
		[]string{
			"now already invoiced", "now failed", "now in doubt", "now invoiced", "now not attempted",
			"now registered", "now rejected",
		},
		numbers(&c.LastMonth.New))
	require.Equal(t, []string{"before already invoiced", "before invoiced", "before registered"},
		numbers(&c.LastMonth.Gone))
}
