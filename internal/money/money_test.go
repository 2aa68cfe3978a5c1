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

func TestParseDecimal(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text       string
		dot, comma string // "" is refused
	}{
		{"0", "0", "0"},
		{"299", "299", "299"},
		{"299.00", "299", ""},
		{"299,00", "", "299"},
		{"-0.05", "-0.05", ""},
		{"1234,5", "", "1234.5"},
		{"1.234,50", "", "1234.5"},
		{"1,234.50", "1234.5", ""},
		{"1.234", "1.234", "1234"},
		{"1,234", "1234", "1.234"},
		{"1 234,50", "", "1234.5"},
		{"1\u00a0234,50", "", "1234.5"},
		{"1\u202f234\u202f567,5", "", "1234567.5"},
		{"1'234.50", "1234.5", ""},
		{"1\u2019234.50", "1234.5", ""},
		{"12 34,50", "", ""},
		{"1234 567", "", ""},
		{"\u22125,00", "", "-5"},
		{"12,50-", "", "-12.5"},
		{"-12-", "", ""},
		{"kr 299,00", "", "299"},
		{"299,00 kr", "", "299"},
		{"NOK 1 299,00", "", "1299"},
		{"-kr 5", "-5", "-5"},
		{"kr -5", "-5", "-5"},
		{"100,-", "100", "100"},
		{"€ 9.50", "9.5", ""},
		{"5.", "", ""},
		{".5", "", ""},
		{"", "", ""},
		{" ", "", ""},
		{"-", "", ""},
		{"1e3", "", ""},
		{"0x10", "", ""},
		{"NaN", "", ""},
		{"inf", "", ""},
		{"1_000", "", ""},
		{"12 %", "", ""},
		{"1,2,3", "", ""},
		{"1..2", "", ""},
		{"010", "10", "10"},
		{"999999999999999999", "999999999999999999", "999999999999999999"},
		{"9999999999999999999", "", ""},
		{"0.1234567890123456789", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			for mark, want := range map[money.Mark]string{money.Dot: tt.dot, money.Comma: tt.comma} {
				d, err := money.ParseDecimal(tt.text, mark)
				if want == "" {
					require.Error(t, err, "mark %s gave %s", mark, d)
					continue
				}
				require.NoError(t, err, "mark %s", mark)
				require.Equal(t, want, d.String(), "mark %s", mark)
			}
		})
	}
}

func TestReadTellsAmbiguity(t *testing.T) {
	t.Parallel()
	require.True(t, money.Read("1.234").Ambiguous())
	require.True(t, money.Read("1,234").Ambiguous())
	require.False(t, money.Read("1.23").Ambiguous())
	require.False(t, money.Read("299").Ambiguous())
	require.False(t, money.Read("1.234,50").Ambiguous())
	require.False(t, money.Read("abc").Ambiguous())
	require.True(t, money.Read("1,5").CommaOK)
	require.False(t, money.Read("1,5").DotOK)
}

func TestParseStored(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text, want string
		exact      bool
	}{
		{"299", "299", true},
		{"299.00000000000006", "299", false},
		{"4.7999999999E10", "47999999999", true},
		{"2.9900000000000003E-2", "0.0299", false},
		{"0.1", "0.1", true},
		{"1.1000000000000001", "1.1", false},
		{"999999999999999.9", "1000000000000000", false},
		{"-12.5", "-12.5", true},
		{"1E-400", "0", false},
		{"0", "0", true},
		{"1.5E+2", "150", true},
	}
	for _, tt := range tests {
		d, exact, err := money.ParseStored(tt.text)
		require.NoError(t, err, tt.text)
		require.Equal(t, tt.want, d.String(), tt.text)
		require.Equal(t, tt.exact, exact, tt.text)
	}
	for _, text := range []string{"", "1E400", "1E18", "1E", "abc", "1,5", "--1", "1E999999999999"} {
		_, _, err := money.ParseStored(text)
		require.Error(t, err, text)
	}
}

func TestParseRate(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]money.Rate{
		"25": 2500, "25 %": 2500, "25%": 2500, "25.5": 2550, "11.11": 1111, "0": 0, "100": 10000, "13.50": 1350,
	} {
		rate, err := money.ParseRate(text, money.Dot)
		require.NoError(t, err, text)
		require.Equal(t, want, rate, text)
	}
	for _, text := range []string{"", "%", "-1", "100.01", "25.555", "high", "25,5"} {
		_, err := money.ParseRate(text, money.Dot)
		require.Error(t, err, text)
	}
	rate, err := money.ParseRate("25,5 %", money.Comma)
	require.NoError(t, err)
	require.Equal(t, "25.5", rate.String())
}

func TestVAT(t *testing.T) {
	t.Parallel()
	tests := []struct {
		gross int64
		rate  money.Rate
		vat   int64
	}{
		{29900, 2500, 5980}, // the source document's example
		{50000, 2500, 10000},
		{29990, 2500, 5998},
		{11500, 1500, 1500},
		{11200, 1200, 1200},
		{14, 1200, 2},   // 1.5 exactly: half up
		{-14, 1200, -2}, // away from zero for a discount
		{42, 1200, 5},   // 4.5 exactly: half up, to even would give 4
		{12550, 2550, 2550},
		{100, 0, 0},
		{1, 2500, 0},
		{math.MaxInt32, 2500, 429496729},
	}
	for _, tt := range tests {
		require.Equal(t, tt.vat, tt.rate.InGross(nok(tt.gross)).Minor(), "%d at %s", tt.gross, tt.rate)
	}
	for _, tt := range []struct {
		net, gross int64
		rate       money.Rate
	}{{23920, 29900, 2500}, {10000, 12550, 2550}, {2, 3, 2500}, {-2, -3, 2500}, {999, 1110, 1111}} {
		gross, err := tt.rate.AddTo(nok(tt.net))
		require.NoError(t, err)
		require.Equal(t, tt.gross, gross.Minor(), "%d at %s", tt.net, tt.rate)
	}
	_, err := money.Rate(2500).AddTo(nok(math.MaxInt64))
	require.ErrorIs(t, err, money.ErrOverflow)
}

// VAT from gross is the half-up quotient, checked against rational arithmetic.
func TestVATIsHalfUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		gross := rapid.Int64Range(-1<<48, 1<<48).Draw(t, "gross") // on both sides of where large numbers are needed
		rate := money.Rate(rapid.Int32Range(0, 10000).Draw(t, "rate"))
		exact := new(big.Rat).SetFrac(new(big.Int).Mul(big.NewInt(gross), big.NewInt(int64(rate))), big.NewInt(10000+int64(rate)))
		distance := new(big.Rat).Sub(new(big.Rat).SetInt64(rate.InGross(nok(gross)).Minor()), exact)
		half := big.NewRat(1, 2)
		require.LessOrEqual(t, new(big.Rat).Abs(distance).Cmp(half), 0)
		if new(big.Rat).Abs(distance).Cmp(half) == 0 {
			require.Equal(t, exact.Sign(), distance.Sign(), "a half goes away from zero")
		}
	})
}

func TestProduct(t *testing.T) {
	t.Parallel()
	d := func(text string) money.Decimal {
		v, err := money.ParseDecimal(text, money.Dot)
		require.NoError(t, err)
		return v
	}
	currency := money.MustCurrency("NOK")
	amount, exact, err := money.Product(currency, d("149.50"), d("2.5"))
	require.NoError(t, err)
	require.True(t, exact)
	require.Equal(t, int64(37375), amount.Minor())
	amount, exact, err = money.Product(currency, d("0.335"), d("1"))
	require.NoError(t, err)
	require.False(t, exact)
	require.Equal(t, int64(34), amount.Minor())
	amount, _, err = money.Product(currency, d("100"), d("20").PercentLeft())
	require.NoError(t, err)
	require.Equal(t, int64(8000), amount.Minor())
	_, _, err = money.Product(currency, d("999999999999999999"), d("999999999999999999"))
	require.ErrorIs(t, err, money.ErrOverflow)
	_, err = d("1.5").MinorAmount(currency)
	require.Error(t, err)
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
	_, err = money.ParseCurrency("kroner")
	require.Error(t, err)
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

// Whatever is accepted has one canonical form, which means the same under a dot.
func FuzzParseDecimal(f *testing.F) {
	for _, seed := range []string{"1 234,50", "1.234", "-5,-", "kr 9", "\u22121", "12-", "0x1", "1e9", "\xff"} {
		f.Add(seed, true)
		f.Add(seed, false)
	}
	f.Fuzz(func(t *testing.T, text string, comma bool) {
		mark := money.Dot
		if comma {
			mark = money.Comma
		}
		d, err := money.ParseDecimal(text, mark)
		if err != nil {
			return
		}
		again, err := money.ParseDecimal(d.String(), money.Dot)
		require.NoError(t, err)
		require.Equal(t, d, again)
	})
}

func FuzzParseStored(f *testing.F) {
	for _, seed := range []string{"299.00000000000006", "4.7E10", "1E-300", "-0.0", "E", "9999999999999999"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, _, err := money.ParseStored(text)
		if err == nil {
			_, err = money.ParseDecimal(d.String(), money.Dot)
			require.NoError(t, err)
		}
	})
}
