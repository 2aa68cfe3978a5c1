package money_test

import (
	"encoding/json"
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"kraviabatch/internal/money"
)

func nok(minor int64) money.Amount { return money.New(minor, money.MustCurrency("NOK")) }

func decimal(t *testing.T, text string) money.Decimal {
	t.Helper()
	d, err := money.ParseDecimal(text, money.Dot)
	require.NoError(t, err)
	return d
}

func TestProduct(t *testing.T) {
	t.Parallel()
	d := func(text string) money.Decimal { return decimal(t, text) }
	currency := money.MustCurrency("NOK")
	amount, exact, err := money.Product(currency, d("149.50"), d("2.5"))
	require.NoError(t, err)
	require.True(t, exact)
	require.Equal(t, int64(37375), amount.Minor())
	amount, exact, err = money.Product(currency, d("0.335"), d("1"))
	require.NoError(t, err)
	require.False(t, exact)
	require.Equal(t, int64(34), amount.Minor())
	left, err := d("20").PercentLeft()
	require.NoError(t, err)
	amount, _, err = money.Product(currency, d("100"), left)
	require.NoError(t, err)
	require.Equal(t, int64(8000), amount.Minor())
	_, _, err = money.Product(currency, d("999999999999999999"), d("999999999999999999"))
	require.ErrorIs(t, err, money.ErrOverflow)
	_, err = d("1.5").MinorAmount(currency)
	require.Error(t, err)
}

func TestPercentLeft(t *testing.T) {
	t.Parallel()
	for percent, want := range map[string]string{
		"0": "1", "20": "0.8", "100": "0", "33.333": "0.66667",
		"0.000001": "0.99999999",
	} {
		left, err := decimal(t, percent).PercentLeft()
		require.NoError(t, err)
		require.Equal(t, want, left.String())
	}
	_, err := decimal(t, "0.123456789012345678").PercentLeft()
	require.ErrorIs(t, err, money.ErrOverflow)
}

func TestHalfUnit(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		price    string
		decimals int
		want     string
	}{
		{"33.33", 2, "0.005"},
		{"33.30", 2, "0.005"},
		{"33", 2, "0.005"},
		{"0.1234", 2, "0.00005"},
		{"100", 0, "0.5"},
		{"-12.5", 0, "0.05"},
		{"0", 3, "0.0005"},
		{"0.000000000000000001", 2, "0.0000000000000000005"},
	} {
		require.Equal(t, tt.want, decimal(t, tt.price).HalfUnit(tt.decimals).String(), tt.price)
	}
	require.Equal(t, 1, decimal(t, "33.30").Decimals())
	require.Equal(t, 0, decimal(t, "100").Decimals())
}

func TestArithmeticOverflow(t *testing.T) {
	t.Parallel()
	most, least, one := decimal(t, "999999999999999999"), decimal(t, "0.000000000000000001"), decimal(t, "1")
	for name, op := range map[string]func() (money.Decimal, error){
		"sum":          func() (money.Decimal, error) { return most.Add(one) },
		"digits":       func() (money.Decimal, error) { return one.Add(least) },
		"difference":   func() (money.Decimal, error) { return decimal(t, "-999999999999999999").Sub(one) },
		"product":      func() (money.Decimal, error) { return most.Mul(most) },
		"small":        func() (money.Decimal, error) { return least.Mul(decimal(t, "0.1")) },
		"product of 2": func() (money.Decimal, error) { return decimal(t, "1000000000").Mul(decimal(t, "1000000000")) },
	} {
		_, err := op()
		require.ErrorIs(t, err, money.ErrOverflow, name)
	}
	d, err := most.Add(decimal(t, "0.0"))
	require.NoError(t, err)
	require.Equal(t, most, d)
}

// Sums, differences, products and comparisons are those of rational numbers.
func TestArithmeticIsExact(t *testing.T) {
	t.Parallel()
	number := rapid.Custom(func(t *rapid.T) money.Decimal {
		return money.NewDecimal(rapid.Int64Range(-999_999_999, 999_999_999).Draw(t, "coef"),
			rapid.IntRange(0, 8).Draw(t, "scale"))
	})
	rational := func(t *rapid.T, d money.Decimal) *big.Rat {
		r, ok := new(big.Rat).SetString(d.String())
		require.True(t, ok)
		return r
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := number.Draw(t, "a"), number.Draw(t, "b")
		x, y := rational(t, a), rational(t, b)
		require.Equal(t, x.Cmp(y), a.Cmp(b))
		require.Equal(t, x.Cmp(y) == 0, a == b)
		require.Zero(t, rational(t, a.Abs()).Cmp(new(big.Rat).Abs(x)))
		for _, op := range []struct {
			got  func(money.Decimal) (money.Decimal, error)
			want *big.Rat
		}{{a.Add, new(big.Rat).Add(x, y)}, {a.Sub, new(big.Rat).Sub(x, y)}, {a.Mul, new(big.Rat).Mul(x, y)}} {
			got, err := op.got(b)
			if err != nil { // 18 digits do not always hold it
				require.ErrorIs(t, err, money.ErrOverflow)
				continue
			}
			require.Zero(t, op.want.Cmp(rational(t, got)))
			require.Equal(t, decimalOf(t, got.String()), got, "one form for one value")
		}
	})
}

func decimalOf(t *rapid.T, text string) money.Decimal {
	d, err := money.ParseDecimal(text, money.Dot)
	require.NoError(t, err)
	return d
}

// A sum is that of rational numbers, however many there are and whatever their scales.
func TestSum(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var sum money.Sum
		want := new(big.Rat)
		for range rapid.IntRange(0, 20).Draw(t, "n") {
			d := money.NewDecimal(
				rapid.Int64Range(-999_999_999_999_999_999, 999_999_999_999_999_999).Draw(t, "coef"),
				rapid.IntRange(0, money.MaxDigits).Draw(t, "scale"))
			r, ok := new(big.Rat).SetString(d.String())
			require.True(t, ok)
			sum.Add(d)
			want.Add(want, r)
		}
		other := money.NewDecimal(rapid.Int64Range(-10, 10).Draw(t, "other"), 1)
		r, _ := new(big.Rat).SetString(other.String())
		require.Equal(t, want.Cmp(r), sum.Cmp(other))
		d, err := sum.Decimal()
		if err != nil {
			require.ErrorIs(t, err, money.ErrOverflow)
			return
		}
		require.Zero(t, sum.Cmp(d))
		got, _ := new(big.Rat).SetString(d.String())
		require.Zero(t, want.Cmp(got))
	})
	var sum money.Sum
	for range 1000 {
		sum.Add(decimal(t, "999999999999999999"))
	}
	_, err := sum.Decimal()
	require.ErrorIs(t, err, money.ErrOverflow)
	for range 999 {
		sum.Add(decimal(t, "-999999999999999999"))
	}
	d, err := sum.Decimal()
	require.NoError(t, err)
	require.Equal(t, "999999999999999999", d.String())
}

func TestAmount(t *testing.T) {
	t.Parallel()
	require.Equal(t, "299.00", nok(29900).String())
	require.Equal(t, "-0.05", nok(-5).String())
	require.Equal(t, "1 234 567.50 NOK", nok(123456750).Grouped())
	require.Equal(t, "-100.00 NOK", nok(-10000).Grouped())
	require.Equal(t, "500", money.New(500, money.MustCurrency("JPY")).String())
	sum, err := money.Amount{}.Add(nok(5))
	require.NoError(t, err)
	require.Equal(t, nok(5), sum)
	_, err = nok(1).Add(money.New(1, money.MustCurrency("SEK")))
	require.Error(t, err)
	_, err = nok(math.MaxInt64).Add(nok(1))
	require.ErrorIs(t, err, money.ErrOverflow)
	require.Equal(t, "1.234", money.New(1234, money.MustCurrency("KWD")).String())
	rsd, exact, err := decimal(t, "100").Amount(money.MustCurrency("RSD"))
	require.NoError(t, err)
	require.True(t, exact)
	require.Equal(t, int64(10000), rsd.Minor())
}

func TestJSONRoundTrip(t *testing.T) {
	t.Parallel()
	type pair struct {
		Amount  money.Amount  `json:"amount"`
		Decimal money.Decimal `json:"decimal"`
	}
	in := pair{nok(29900), money.NewDecimal(-25, 1)}
	data, err := json.Marshal(in)
	require.NoError(t, err)
	require.JSONEq(t, `{"amount":{"minor":29900,"currency":"NOK"},"decimal":-2.5}`, string(data))
	var out pair
	require.NoError(t, json.Unmarshal(data, &out))
	require.Equal(t, in, out)
}
