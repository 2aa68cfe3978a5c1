package money

import (
	"fmt"
	"strings"
)

// Currency is an ISO 4217 currency with the number of digits of its minor unit.
// The zero value is no currency.
type Currency struct {
	code   string
	digits int8
}

// The active codes of ISO 4217 (list one, February 2026), by the digits of their minor unit. Metals, testing codes and
// funds are left out, except the units of account of Chile and Uruguay, because contracts are invoiced in them. The
// digits are those of payments; CLDR has fewer for some currencies, because it is about display.
const (
	noDigits  = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
	twoDigits = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY " +
		"COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS " +
		"INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR " +
		"MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD " +
		"SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG"
	threeDigits = "BHD IQD JOD KWD LYD OMR TND"
	fourDigits  = "CLF UYW"
)

// ParseCurrency reads the code of an active ISO 4217 currency in any case, with spaces around it.
// The error names the code.
func ParseCurrency(code string) (Currency, error) {
	c, ok := lookUp(strings.TrimSpace(code))
	if !ok {
		return Currency{}, fmt.Errorf(msgNoCurrency, code)
	}
	return c, nil
}

// lookUp finds a code in any case. Only three ASCII letters can be a code.
func lookUp(code string) (Currency, bool) {
	if len(code) != 3 {
		return Currency{}, false
	}
	for i := range len(code) {
		if letter := code[i] | 0x20; letter < 'a' || letter > 'z' {
			return Currency{}, false
		}
	}
	code = strings.ToUpper(code)
	for digits, codes := range [...]string{0: noDigits, 2: twoDigits, 3: threeDigits, 4: fourDigits} {
		if at := strings.Index(codes, code); at >= 0 {
			return Currency{codes[at : at+3], int8(digits)}, true
		}
	}
	return Currency{}, false
}

// MustCurrency is ParseCurrency for codes in the source of the program. It panics on an unknown one.
func MustCurrency(code string) Currency {
	c, err := ParseCurrency(code)
	if err != nil {
		panic(err)
	}
	return c
}

// Code is the code of three letters, "" for the zero value.
func (c Currency) Code() string { return c.code }

// Digits is the number of decimals of the minor unit: 2 for NOK.
func (c Currency) Digits() int { return int(c.digits) }

// String is Code.
func (c Currency) String() string { return c.code }
