package batch

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/money"
	"kraviabatch/internal/report"
)

func TestCompare(t *testing.T) {
	t.Parallel()
	nok, eur, jpy := money.MustCurrency("NOK"), money.MustCurrency("EUR"), money.MustCurrency("JPY")
	of := func(coef int64, scale int, c money.Currency) ExpectedSum {
		return ExpectedSum{money.NewDecimal(coef, scale), c}
	}
	sum := money.New
	for name, test := range map[string]struct {
		expected []ExpectedSum
		sums     []money.Amount
		want     []string
	}{
		"without a currency": {
			[]ExpectedSum{of(125050, 2, money.Currency{})},
			[]money.Amount{sum(125050, nok)},
			nil,
		},
		"fewer decimals": {
			[]ExpectedSum{of(12505, 1, money.Currency{})},
			[]money.Amount{sum(125050, eur)},
			nil,
		},
		"a currency without decimals": {
			[]ExpectedSum{of(1250, 0, money.Currency{})},
			[]money.Amount{sum(1250, jpy)},
			nil,
		},
		"each currency": {
			[]ExpectedSum{of(100, 0, eur), of(200, 0, nok)},
			[]money.Amount{sum(20000, nok), sum(10000, eur)},
			nil,
		},
		"another sum": {
			[]ExpectedSum{of(125051, 2, money.Currency{})},
			[]money.Amount{sum(125050, nok)},
			[]string{"a total of 1 250.51 NOK was expected and the rows add up to 1 250.50 NOK including VAT"},
		},
		"parts of the smallest unit": {
			[]ExpectedSum{of(1250501, 3, nok)},
			[]money.Amount{sum(125050, nok)},
			[]string{"a total of 1250.501 NOK was expected and the rows add up to 1 250.50 NOK including VAT"},
		},
		"a currency that no row has": {
			[]ExpectedSum{of(1, 0, eur)},
			nil,
			[]string{"a total of 1.00 EUR was expected and the rows add up to 0.00 EUR including VAT"},
		},
		"a currency that is not named": {
			[]ExpectedSum{of(200, 0, nok)},
			[]money.Amount{sum(20000, nok), sum(10000, eur)},
			[]string{"no total in EUR was expected and the rows add up to 100.00 EUR including VAT"},
		},
		"no row could be read": {
			[]ExpectedSum{of(2, 0, money.Currency{})},
			nil,
			[]string{
				"a total of 2 was expected without a currency, and the rows add up to nothing including VAT: " +
					`name the currencies, as in --expect-total "1184.66 EUR,251116.31 NOK"`,
			},
		},
		"two currencies, none named": {
			[]ExpectedSum{of(2, 0, money.Currency{})},
			[]money.Amount{sum(1, nok), sum(1, eur)},
			[]string{
				"a total of 2 was expected without a currency, and the rows add up to 0.01 NOK and 0.01 EUR" +
					` including VAT: name the currencies, as in --expect-total "1184.66 EUR,251116.31 NOK"`,
			},
		},
		"all differences are told": {
			[]ExpectedSum{of(1, 0, eur), of(2, 0, nok)},
			[]money.Amount{sum(300, nok), sum(5, jpy)},
			[]string{
				"a total of 1.00 EUR was expected and the rows add up to 0.00 EUR including VAT",
				"a total of 2.00 NOK was expected and the rows add up to 3.00 NOK including VAT",
				"no total in JPY was expected and the rows add up to 5 JPY including VAT",
			},
		},
	} {
		wanted, differences := compare(sumOf{"--expect-total", "total", "including VAT"}, test.expected, test.sums)
		require.Equal(t, test.want, differences, name)
		if differences == nil {
			require.ElementsMatch(t, test.sums, wanted, name)
		}
	}
}

func TestCompareNamesTheSum(t *testing.T) {
	t.Parallel()
	nok, eur := money.MustCurrency("NOK"), money.MustCurrency("EUR")
	sumNet, sumVAT := sumOf{"--expect-net", "net", "without VAT"}, sumOf{"--expect-vat", "VAT", "of VAT"}
	bare := []ExpectedSum{{money.NewDecimal(100, 0), money.Currency{}}}
	for _, test := range []struct {
		sum  sumOf
		sums []money.Amount
		want []string
	}{
		{
			sumNet,
			[]money.Amount{money.New(10001, nok)},
			[]string{"a net of 100.00 NOK was expected and the rows add up to 100.01 NOK without VAT"},
		},
		{
			sumVAT,
			[]money.Amount{money.New(10001, nok)},
			[]string{"a VAT of 100.00 NOK was expected and the rows add up to 100.01 NOK of VAT"},
		},
		{
			sumVAT,
			[]money.Amount{money.New(1, nok), money.New(2, eur)},
			[]string{
				"a VAT of 100 was expected without a currency, and the rows add up to 0.01 NOK and 0.02 EUR of VAT: " +
					`name the currencies, as in --expect-vat "1184.66 EUR,251116.31 NOK"`,
			},
		},
		{
			sumNet, nil,
			[]string{
				"a net of 100 was expected without a currency, and the rows add up to nothing without VAT: " +
					`name the currencies, as in --expect-net "1184.66 EUR,251116.31 NOK"`,
			},
		},
	} {
		_, differences := compare(test.sum, bare, test.sums)
		require.Equal(t, test.want, differences)
	}
	_, differences := compare(sumNet, []ExpectedSum{{money.NewDecimal(100, 0), nok}},
		[]money.Amount{money.New(10000, nok), money.New(5, eur)})
	require.Equal(t, []string{"no net in EUR was expected and the rows add up to 0.05 EUR without VAT"}, differences)
	wanted, differences := compare(sumVAT, nil, []money.Amount{money.New(5, eur)})
	require.Empty(t, differences, "nothing was expected")
	require.Empty(t, wanted)
}

// Net, VAT and total of whatever rows belong together, and a row without a VAT keeps net and VAT back and not
// the total.
func TestCountedSums(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		totals := &Totals{}
		var gross, net, vat, without int64
		for range rapid.IntRange(1, 20).Draw(t, "rows") {
			row := billing.Row{Valid: rapid.Bool().Draw(t, "valid"), Rate: 2500}
			amount := money.New(rapid.Int64Range(-99999, 99999).Draw(t, "gross"), money.MustCurrency("NOK"))
			row.Amount = &amount
			gross += amount.Minor()
			if row.Valid || rapid.Bool().Draw(t, "with VAT") {
				part := money.New(rapid.Int64Range(-999, 999).Draw(t, "VAT"), money.MustCurrency("NOK"))
				row.VATAmount = &part
				net, vat = net+amount.Minor()-part.Minor(), vat+part.Minor()
			} else {
				without++
			}
			require.NoError(t, totals.Add(&billing.Group{Rows: []billing.Row{row}}))
		}
		sum := func(sums []money.Amount) (minor int64) {
			for _, s := range sums {
				minor += s.Minor()
			}
			return minor
		}
		require.Equal(t, []int64{gross, net, vat, without},
			[]int64{sum(totals.Money), sum(totals.Net), sum(totals.VAT), int64(totals.WithoutVAT)})
		of := func(minor int64) []ExpectedSum {
			return []ExpectedSum{{money.NewDecimal(minor, 2), money.MustCurrency("NOK")}}
		}
		in := &Input{ExpectTotal: of(gross), ExpectNet: of(net), ExpectVAT: of(vat)}
		differences := in.compareSums(&journal.Expected{}, totals)
		if without == 0 {
			require.Empty(t, differences)
			return
		}
		require.Equal(t, []string{
			fmt.Sprintf("a net or a VAT was expected, but the VAT of %d of %d rows with an amount cannot be computed: "+
				"correct the rows that `kravia-batch check` names", without, totals.Rows),
		}, differences)
		in.ExpectNet, in.ExpectVAT = nil, nil
		require.Empty(t, in.compareSums(&journal.Expected{}, totals))
	})
}

// What was expected of the whole input is said of all its shards together; a part of them has a share of its sums.
func TestControlOfShards(t *testing.T) {
	t.Parallel()
	of := func(minor int64, currency string) []money.Amount {
		return []money.Amount{money.New(minor, money.MustCurrency(currency))}
	}
	shard := func(index, rows int, c journal.Control) journal.Run {
		c.Rows = rows
		return journal.Run{
			Files: []journal.File{{Name: "a.csv", Rows: 9}}, Control: c,
			Settings: json.RawMessage(fmt.Sprintf(`[{"Name":"shard","Value":"%d/2"}]`, index)),
		}
	}
	first := shard(0, 3, journal.Control{Money: of(125, "NOK"), Net: of(100, "NOK"), VAT: of(25, "NOK")})
	second := shard(1, 6, journal.Control{
		Money: of(250, "NOK"), Net: of(200, "NOK"), VAT: of(50, "NOK"),
		Expected: &journal.Expected{Rows: new(9), VAT: of(75, "NOK")},
	})
	got, err := control([]journal.Run{first, second})
	require.NoError(t, err)
	require.Equal(t, report.Control{
		Rows: 9, Money: of(375, "NOK"), Net: of(300, "NOK"), VAT: of(75, "NOK"),
		Expected: &report.Expected{Rows: new(9), VAT: of(75, "NOK")},
	}, got)
	got, err = control([]journal.Run{second})
	require.NoError(t, err)
	require.Equal(t, report.Control{Rows: 6, Money: of(250, "NOK"), Net: of(200, "NOK"), VAT: of(50, "NOK")}, got)
	second.Settings = nil
	got, err = control([]journal.Run{second})
	require.NoError(t, err)
	require.Equal(t, (*report.Expected)(second.Control.Expected), got.Expected, "a run that took the whole")
	first.Control.VAT = of(math.MaxInt64, "NOK")
	_, err = control([]journal.Run{first, second})
	require.ErrorIs(t, err, money.ErrOverflow)
}
