package batch

import (
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/money"
)

func TestCompareTotals(t *testing.T) {
	t.Parallel()
	nok, eur, jpy := money.MustCurrency("NOK"), money.MustCurrency("EUR"), money.MustCurrency("JPY")
	of := func(coef int64, scale int, c money.Currency) ExpectedTotal {
		return ExpectedTotal{money.NewDecimal(coef, scale), c}
	}
	sum := money.New
	for name, test := range map[string]struct {
		expected []ExpectedTotal
		sums     []money.Amount
		want     []string
	}{
		"without a currency":           {[]ExpectedTotal{of(125050, 2, money.Currency{})}, []money.Amount{sum(125050, nok)}, nil},
		"fewer decimals":               {[]ExpectedTotal{of(12505, 1, money.Currency{})}, []money.Amount{sum(125050, eur)}, nil},
		"a currency without decimals":  {[]ExpectedTotal{of(1250, 0, money.Currency{})}, []money.Amount{sum(1250, jpy)}, nil},
		"each currency":                {[]ExpectedTotal{of(100, 0, eur), of(200, 0, nok)}, []money.Amount{sum(20000, nok), sum(10000, eur)}, nil},
		"another sum":                  {[]ExpectedTotal{of(125051, 2, money.Currency{})}, []money.Amount{sum(125050, nok)}, []string{"a total of 1 250.51 NOK was expected and the rows add up to 1 250.50 NOK including VAT"}},
		"parts of the smallest unit":   {[]ExpectedTotal{of(1250501, 3, nok)}, []money.Amount{sum(125050, nok)}, []string{"a total of 1250.501 NOK was expected and the rows add up to 1 250.50 NOK including VAT"}},
		"a currency that no row has":   {[]ExpectedTotal{of(1, 0, eur)}, nil, []string{"a total of 1.00 EUR was expected and the rows add up to 0.00 EUR including VAT"}},
		"a currency that is not named": {[]ExpectedTotal{of(200, 0, nok)}, []money.Amount{sum(20000, nok), sum(10000, eur)}, []string{"no total in EUR was expected and the rows add up to 100.00 EUR including VAT"}},
		"no row could be read":         {[]ExpectedTotal{of(2, 0, money.Currency{})}, nil, []string{`a total of 2 was expected without a currency, and the rows add up to nothing including VAT: name the currencies, as in --expect-total "1184.66 EUR,251116.31 NOK"`}},
		"two currencies, none named":   {[]ExpectedTotal{of(2, 0, money.Currency{})}, []money.Amount{sum(1, nok), sum(1, eur)}, []string{`a total of 2 was expected without a currency, and the rows add up to 0.01 NOK and 0.01 EUR including VAT: name the currencies, as in --expect-total "1184.66 EUR,251116.31 NOK"`}},
		"all differences are told":     {[]ExpectedTotal{of(1, 0, eur), of(2, 0, nok)}, []money.Amount{sum(300, nok), sum(5, jpy)}, []string{"a total of 1.00 EUR was expected and the rows add up to 0.00 EUR including VAT", "a total of 2.00 NOK was expected and the rows add up to 3.00 NOK including VAT", "no total in JPY was expected and the rows add up to 5 JPY including VAT"}},
	} {
		require.Equal(t, test.want, compareTotals(test.expected, test.sums), name)
	}
}
