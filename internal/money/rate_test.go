package money_test

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"kraviabatch/internal/money"
)

func TestParseRate(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]money.Rate{
		"25": 2500, "25 %": 2500, "25%": 2500, "% 25": 2500, "25.5": 2550, "11.11": 1111, "0": 0, "100": 10000,
		"13.50": 1350, " 8 ": 800,
	} {
		rate, err := money.ParseRate(text, money.Dot)
		require.NoError(t, err, text)
		require.Equal(t, want, rate, text)
	}
	for text, want := range map[string]error{
		"": money.ErrNotNumber, "%": money.ErrNotNumber, "high": money.ErrNotNumber, "25,5": money.ErrNotNumber,
		"25 kr":  money.ErrNotNumber,
		"NOK 25": money.ErrNotNumber, "-1": money.ErrPercentRange, "100.01": money.ErrPercentRange,
		"25.555": money.ErrTooManyDigits,
	} {
		_, err := money.ParseRate(text, money.Dot)
		require.ErrorIs(t, err, want, text)
	}
	rate, err := money.ParseRate("25,5 %", money.Comma)
	require.NoError(t, err)
	require.Equal(t, "25.5", rate.String())
}

func TestParsePercent(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"33.333": "33.333", "12.5 %": "12.5", "0": "0", "100 %": "100", "0.000001": "0.000001",
		"14.285714%": "14.285714", "5.00000000": "5",
	} {
		d, err := money.ParsePercent(text, money.Dot)
		require.NoError(t, err, text)
		require.Equal(t, want, d.String(), text)
	}
	for text, want := range map[string]string{
		"ten":        `"ten" is not a number`,
		"50 kr":      `"50 kr" has the currency kr, which a percentage cannot have: not a number`,
		"-5":         `"-5" is not between 0 and 100 percent`,
		"(5)":        `"(5)" is not between 0 and 100 percent`,
		"100.000001": `"100.000001" is not between 0 and 100 percent`,
		"3.3333333":  `"3.3333333" has too many digits: at most 6 decimals are read`,
	} {
		_, err := money.ParsePercent(text, money.Dot)
		require.EqualError(t, err, want)
	}
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
		exact := new(big.Rat).SetFrac(new(big.Int).Mul(big.NewInt(gross), big.NewInt(int64(rate))),
			big.NewInt(10000+int64(rate)))
		distance := new(big.Rat).Sub(new(big.Rat).SetInt64(rate.InGross(nok(gross)).Minor()), exact)
		half := big.NewRat(1, 2)
		require.LessOrEqual(t, new(big.Rat).Abs(distance).Cmp(half), 0)
		if new(big.Rat).Abs(distance).Cmp(half) == 0 {
			require.Equal(t, exact.Sign(), distance.Sign(), "a half goes away from zero")
		}
	})
}
