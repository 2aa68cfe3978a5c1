package money_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/currency"

	"kraviabatch/internal/money"
)

func TestCurrencyDigits(t *testing.T) {
	t.Parallel()
	for codes, digits := range map[string]int{
		"NOK SEK DKK EUR USD GBP":             2,
		"RSD ALL IDR COP PKR LBP AFN MMK HUF": 2, // displayed without decimals, but paid with two
		"JPY ISK KRW XOF VND UYI":             0,
		"IQD KWD TND BHD JOD LYD OMR":         3,
		"CLF UYW":                             4,
	} {
		for code := range strings.FieldsSeq(codes) {
			c, err := money.ParseCurrency(code)
			require.NoError(t, err)
			require.Equal(t, code, c.Code())
			require.Equal(t, digits, c.Digits(), code)
		}
	}
	c, err := money.ParseCurrency(" nOk\u00a0")
	require.NoError(t, err)
	require.Equal(t, money.MustCurrency("NOK"), c)
	for _, code := range []string{
		"", "NO", "NOKK", "N K", "K S", "kroner", "XAU", "XTS", "XXX", "XDR", "CHE", "HRK", "BGN", "DEM", "ＮＯＫ",
		"\u212aWD", "\xffOK", "ZZZ",
	} {
		_, err := money.ParseCurrency(code)
		require.Error(t, err, "%q", code)
	}
	_, err = money.ParseCurrency("kroner")
	require.EqualError(t, err, `"kroner" is not an ISO 4217 currency code`)
}

// TestCurrenciesAgreeWithCLDR compares the table with the currencies of the Unicode repository. They differ where
// CLDR is about how a sum is displayed, and where its edition in x/text is older than the table.
func TestCurrenciesAgreeWithCLDR(t *testing.T) {
	t.Parallel()
	const (
		displayedWithout = "AFN ALL AMD COP GYD IDR IQD IRR KPW LAK LBP MGA MMK MNT MUR PKR RSD SOS SYP TZS UZS YER"
		newer            = "MRU SLE UYW VED VES XCG ZWG" // currencies of 2018 and later
		withdrawn        = "ANG BGN CUC HRK MRO SLL VEF" // no legal tender any more
	)
	known := 0
	for code := range threeLetters {
		ours, err := money.ParseCurrency(code)
		unit, errCLDR := currency.ParseISO(code)
		switch {
		case err != nil:
			continue
		case errCLDR != nil:
			require.Contains(t, newer, code)
		default:
			digits, _ := currency.Standard.Rounding(unit)
			if strings.Contains(displayedWithout, code) {
				require.Zero(t, digits, code)
			} else {
				require.Equal(t, digits, ours.Digits(), code)
			}
		}
		known++
	}
	require.Equal(t, 158, known)
	for q := currency.Query(); q.Next(); {
		code := q.Unit().String()
		_, err := money.ParseCurrency(code)
		require.Equal(t, strings.Contains(withdrawn, code), err != nil, code)
	}
}

func threeLetters(yield func(string) bool) {
	for a := byte('A'); a <= 'Z'; a++ {
		for b := byte('A'); b <= 'Z'; b++ {
			for c := byte('A'); c <= 'Z'; c++ {
				if !yield(string([]byte{a, b, c})) {
					return
				}
			}
		}
	}
}

func TestCurrencyWord(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		want money.CurrencyWord
		code string // of the one currency that it names
		fits string
		not  string
	}{
		{"NOK", "NOK", "NOK", "NOK", "SEK EUR"},
		{"usd", "USD", "USD", "USD", "CAD"},
		{"US$", "USD", "USD", "USD", "AUD"},
		{"€", "€", "EUR", "EUR", "NOK"},
		{"Euro", "EUR", "EUR", "EUR", "NOK"},
		{"euroa", "EUR", "EUR", "EUR", "SEK"},
		{" Kr. ", "kr", "", "NOK SEK DKK ISK", "EUR CZK"},
		{"kroner", "kr", "", "NOK DKK", "EUR"},
		{"KRONOR", "kr", "", "SEK", "USD"},
		{"$", "$", "", "USD AUD CAD NZD SGD HKD MXN", "EUR NOK GBP"},
		{"£", "£", "", "GBP EGP", "EUR"},
	}
	for _, tt := range tests {
		word, ok := money.ParseCurrencyWord(tt.text)
		require.True(t, ok, tt.text)
		require.Equal(t, tt.want, word, tt.text)
		c, ok := word.Currency()
		require.Equal(t, tt.code != "", ok, tt.text)
		require.Equal(t, tt.code, c.Code(), tt.text)
		for code := range strings.FieldsSeq(tt.fits) {
			require.True(t, word.Fits(money.MustCurrency(code)), "%s %s", tt.text, code)
		}
		for code := range strings.FieldsSeq(tt.not) {
			require.False(t, word.Fits(money.MustCurrency(code)), "%s %s", tt.text, code)
		}
		require.False(t, word.Fits(money.Currency{}), tt.text)
	}
	for _, text := range []string{"", "k", "krr", "\u212ar", "stk", "%", "$$", "US", "XXX", "EUROS!"} {
		_, ok := money.ParseCurrencyWord(text)
		require.False(t, ok, text)
	}
	require.True(t, money.CurrencyWord("").Fits(money.MustCurrency("NOK")))
}

// Every code is a word that names its own currency and fits no other.
func TestCodesAreWords(t *testing.T) {
	t.Parallel()
	nok := money.MustCurrency("NOK")
	for code := range threeLetters {
		want, err := money.ParseCurrency(code)
		word, ok := money.ParseCurrencyWord(strings.ToLower(code))
		require.Equal(t, err == nil, ok, code)
		if !ok {
			continue
		}
		got, ok := word.Currency()
		require.True(t, ok, code)
		require.Equal(t, want, got)
		require.True(t, word.Fits(want), code)
		require.Equal(t, code == "NOK", word.Fits(nok), code)
	}
}
