package money

import (
	"fmt"
	"strings"
)

// Currency is an ISO 4217 currency with the number of digits of its minor unit.
// The zero value is "no currency".
type Currency struct {
	code   string
	digits int8
}

// The active codes of ISO 4217 (list one, February 2026) by the digits of their minor unit. Metals, testing codes
// and funds are not among them, except the units of account of Chile and Uruguay, in which contracts are invoiced.
// These are the digits that payments are made with; CLDR lists fewer for some, because it is about display.
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

// lookUp finds a code in any case; only three ASCII letters can be one.
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

// MustCurrency is ParseCurrency for codes written in the program; it panics on a wrong one.
func MustCurrency(code string) Currency {
	c, err := ParseCurrency(code)
	if err != nil {
		panic(err)
	}
	return c
}

// Code is the three-letter code, "" for the zero value.
func (c Currency) Code() string { return c.code }

// Digits is the number of decimals of the minor unit: 2 for NOK.
func (c Currency) Digits() int { return int(c.digits) }

// String is Code.
func (c Currency) String() string { return c.code }
