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
		"", "NO", "NOKK", "N K", "K S", "kroner", "XAU", "XTS", "XXX", "XDR", "CHE", "HRK", "BGN", "DEM", "ＮＯＫ", "\u212aWD", "\xffOK", "ZZZ",
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

