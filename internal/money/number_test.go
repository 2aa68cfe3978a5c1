package money_test

import (
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"kraviabatch/internal/money"
)

func TestParseDecimal(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text       string
		dot, comma string // "" is refused
	}{
		{"0", "0", "0"},
		{"-0", "0", "0"},
		{"0.00", "0", ""},
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
		{"\u00a0 7,5\u2009", "", "7.5"},
		{"1'234.50", "1234.5", ""},
		{"1\u2019234.50", "1234.5", ""},
		{"12 34,50", "", ""},
		{"1234 567", "", ""},
		{"1  234", "", ""},
		{"1 234 ", "1234", "1234"},
		{"'1234", "", ""},
		{"010", "10", "10"},
		// negative
		{"\u22125,00", "", "-5"},
		{"- 5,00", "", "-5"},
		{"12,50-", "", "-12.5"},
		{"12,50 \u2212", "", "-12.5"},
		{"(1 250,00)", "", "-1250"},
		{"( 7 )", "-7", "-7"},
		{"-12-", "", ""},
		{"--5", "", ""},
		{"+5", "", ""},
		{"(-5)", "", ""},
		{"-(5)", "", ""},
		{"(5)-", "", ""},
		{"((5))", "", ""},
		{"(5", "", ""},
		{"5)", "", ""},
		{"()", "", ""},
		{"-", "", ""},
		// whole units
		{"100,-", "100", "100"},
		{"1 250.-", "1250", "1250"},
		{"100,\u2013", "100", "100"},
		{"-100,-", "-100", "-100"},
		{"(100,-)", "-100", "-100"},
		{"100,--", "", ""},
		{",-", "", ""},
		// says something else besides
		{"12 %", "", ""},
		{"kr 299", "", ""},
		{"299 NOK", "", ""},
		{"100:-", "", ""},
		{"€ 9.50", "", ""},
		// no numbers
		{"5.", "", ""},
		{".5", "", ""},
		{"", "", ""},
		{" ", "", ""},
		{"1e3", "", ""},
		{"0x10", "", ""},
		{"NaN", "", ""},
		{"inf", "", ""},
		{"1_000", "", ""},
		{"1,2,3", "", ""},
		{"1..2", "", ""},
		{"1:50", "", ""},
		{"１２", "", ""},
		{"١٢", "", ""},
		{"1½", "", ""},
		{"5²", "", ""},
		{"5\x00", "", ""},
		{"\xff5", "", ""},
		{"5\u200b", "", ""},
		{"999999999999999999", "999999999999999999", "999999999999999999"},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			for mark, want := range map[money.Mark]string{money.Dot: tt.dot, money.Comma: tt.comma} {
				d, err := money.ParseDecimal(tt.text, mark)
				if want == "" {
					require.ErrorIs(t, err, money.ErrNotNumber, "mark %s gave %s", mark, d)
					require.NotErrorIs(t, err, money.ErrTooManyDigits)
					continue
				}
				require.NoError(t, err, "mark %s", mark)
				require.Equal(t, want, d.String(), "mark %s", mark)
			}
		})
	}
}

func TestTooManyDigits(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"9999999999999999999", "0,1234567890123456789", "kr 1 234 567 890 123 456 789",
		"1234567890123,456789",
	} {
		_, err := money.ParseNumber(text, money.Comma)
		require.ErrorIs(t, err, money.ErrTooManyDigits, text)
		require.NotErrorIs(t, err, money.ErrNotNumber, text)
	}
	_, err := money.ParseDecimal("9999999999999999999", money.Dot)
	require.EqualError(t, err, `"9999999999999999999" has too many digits: at most 18 are read`)
}

func TestParseNumber(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text, value string
		currency    money.CurrencyWord
		percent     bool
	}{
		{"299,00", "299", "", false},
		{"kr 299,00", "299", "kr", false},
		{"299,00 kr", "299", "kr", false},
		{"299,00kr.", "299", "kr", false},
		{"Kr. 1.299,50", "1299.5", "kr", false},
		{"kr.299", "299", "kr", false},
		{"1 250 kroner", "1250", "kr", false},
		{"12 kronor", "12", "kr", false},
		{"12,50 euroa", "12.5", "EUR", false},
		{"5 EURO", "5", "EUR", false},
		{"NOK 1 299,00", "1299", "NOK", false},
		{"1 299,00 sek", "1299", "SEK", false},
		{"RSD100", "100", "RSD", false},
		{"100 chf", "100", "CHF", false},
		{"€ 9,50", "9.5", "€", false},
		{"9,50\u00a0€", "9.5", "€", false},
		{"$100", "100", "$", false},
		{"US$ 100", "100", "USD", false},
		{"£1'000", "1000", "£", false},
		// negative
		{"-kr 5", "-5", "kr", false},
		{"kr -5", "-5", "kr", false},
		{"kr \u22125,00", "-5", "kr", false},
		{"5,00- kr", "-5", "kr", false},
		{"5,00 kr-", "-5", "kr", false},
		{"(kr 5)", "-5", "kr", false},
		{"(1 250,00) NOK", "-1250", "NOK", false},
		{"EUR (3)", "-3", "EUR", false},
		// whole units
		{"100:-", "100", "kr", false},
		{"-1 250:-", "-1250", "kr", false},
		{"kr 100,-", "100", "kr", false},
		{"100,- kr", "100", "kr", false},
		{"€ 100,-", "100", "€", false},
		{"SEK 100:-", "100", "SEK", false},
		// on both sides
		{"NOK 100 NOK", "100", "NOK", false},
		{"kr 100 NOK", "100", "NOK", false},
		{"SEK 100 kr", "100", "SEK", false},
		{"€ 100 EUR", "100", "EUR", false},
		{"EUR 100 €", "100", "EUR", false},
		{"$ 100 cad", "100", "CAD", false},
		// percentages
		{"25 %", "25", "", true},
		{"25,5%", "25.5", "", true},
		{"% 12", "12", "", true},
		{"-5 %", "-5", "", true},
		{"(5 %)", "-5", "", true},
		{"100\u202f%", "100", "", true},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			n, err := money.ParseNumber(tt.text, money.Comma)
			require.NoError(t, err)
			require.Equal(t, tt.value, n.Decimal.String())
			require.Equal(t, tt.currency, n.Currency)
			require.Equal(t, tt.percent, n.Percent)
		})
	}
	for _, text := range []string{
		"EUR 100 kr", "NOK 100 SEK", "€ 100 $", "€ 100:-", "US$ 100 CAD", "£ 5 EUR", "100 % kr", "NOK 5 %", "% 5 %",
		"5 %%", "5 ‰", "5 ％",
		"kr", "kr kr 5", "kr 5 kr kr", "NOK kr 5", "kr -kr 5", "5 stk", "5 kr/stk", "ca. 5", "5 NOKK", "NOK. 5",
		"5 XAU", "5 ¤", "SEK,5", "5 kr,-", "ſek 5",
		"\u212ar 5", "1 250:50", "100:--", ":-", "%", "(", ")", "-kr", "5 E", "2 x 5", "5 eks. mva",
	} {
		_, err := money.ParseNumber(text, money.Comma)
		require.ErrorIs(t, err, money.ErrNotNumber, text)
	}
	_, err := money.ParseNumber("EUR 100 kr", money.Dot)
	require.EqualError(t, err, `"EUR 100 kr" says EUR and kr: not a number`)
	_, err = money.ParseNumber("5 % NOK", money.Dot)
	require.Error(t, err)
	_, err = money.ParseNumber("NOK 5 %", money.Dot)
	require.EqualError(t, err, `"NOK 5 %" says % and NOK: not a number`)
	_, err = money.ParseDecimal("5 kr", money.Dot)
	require.EqualError(t, err, `"5 kr" has the currency kr: not a number alone`)
}

func TestReadTellsAmbiguity(t *testing.T) {
	t.Parallel()
	require.True(t, money.Read("1.234").Ambiguous())
	require.True(t, money.Read("1,234").Ambiguous())
	require.True(t, money.Read("NOK 1,234").Ambiguous())
	require.False(t, money.Read("1.23").Ambiguous())
	require.False(t, money.Read("299").Ambiguous())
	require.False(t, money.Read("1.234,50").Ambiguous())
	require.False(t, money.Read("abc").Ambiguous())
	require.True(t, money.Read("1,5 %").CommaOK)
	require.False(t, money.Read("1,5 %").DotOK)
}

// A number written in any of the forms is read as the number that it is.
func TestNumbersAreReadAsWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		whole := rapid.Int64Range(0, 999_999_999_999).Draw(t, "whole")
		fraction := rapid.StringMatching(`[0-9]{0,6}`).Draw(t, "fraction")
		mark := rapid.SampledFrom([]money.Mark{money.Dot, money.Comma}).Draw(t, "mark")
		apart := rapid.SampledFrom(
			[]string{
				"", " ", "\u00a0", "\u202f", "'", "\u2019",
				map[money.Mark]string{money.Dot: ",", money.Comma: "."}[mark],
			}).Draw(t, "apart")
		text := money.NewDecimal(whole, 0).String()
		for i := len(text) - 3; i > 0; i -= 3 {
			text = text[:i] + apart + text[i:]
		}
		if fraction != "" {
			text += mark.String() + fraction
		}
		frame := rapid.SampledFrom(
			[]string{
				"#", "-#", "#-", "\u2212 #", "(#)", "kr #", "# kr.", "NOK #", "#nok", "kr -#", "-# €", "# %",
				"$#", "(US$ #)",
			}).Draw(t, "frame")
		n, err := money.ParseNumber(strings.Replace(frame, "#", text, 1), mark)
		require.NoError(t, err)

		want, ok := new(big.Rat).SetString(money.NewDecimal(whole, 0).String() + "." + fraction + "0")
		require.True(t, ok)
		if strings.ContainsAny(frame, "-\u2212(") {
			want.Neg(want)
		}
		got, ok := new(big.Rat).SetString(n.Decimal.String())
		require.True(t, ok)
		require.Zero(t, want.Cmp(got), "%s read as %s", text, n.Decimal)
		require.Equal(t, strings.Contains(frame, "%"), n.Percent)
		require.Equal(t, strings.ContainsAny(frame, "kKnN€$"), n.Currency != "")
	})
}

// Whatever is accepted has one canonical form, which means the same under a dot; and what ParseDecimal
// accepts is what ParseNumber finds nothing else in.
func FuzzParseNumber(f *testing.F) {
	for _, seed := range []string{
		"1 234,50", "1.234", "-5,-", "kr 9", "\u22121", "12-", "0x1", "1e9", "\xff", "(5)",
		"100:-", "US$ 5", "25 %", "€ 5 EUR", "kr.1",
	} {
		f.Add(seed, true)
		f.Add(seed, false)
	}
	f.Fuzz(func(t *testing.T, text string, comma bool) {
		mark := money.Dot
		if comma {
			mark = money.Comma
		}
		n, err := money.ParseNumber(text, mark)
		d, errDecimal := money.ParseDecimal(text, mark)
		if err != nil {
			require.Error(t, errDecimal)
			return
		}
		require.Equal(t, n.Percent || n.Currency != "", errDecimal != nil)
		if errDecimal == nil {
			require.Equal(t, n.Decimal, d)
		}
		if n.Currency != "" {
			again, ok := money.ParseCurrencyWord(string(n.Currency))
			require.True(t, ok)
			require.Equal(t, n.Currency, again)
			require.False(t, n.Percent)
		}
		again, err := money.ParseDecimal(n.Decimal.String(), money.Dot)
		require.NoError(t, err)
		require.Equal(t, n.Decimal, again)
	})
}
