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
