package money_test

import (
	"errors"
	"fmt"

	"kraviabatch/internal/money"
)

func ExampleParseNumber() {
	for _, text := range []string{"kr 1 234,50", "(1.250,00)", "US$ 100", "25 %", "100:-", "EUR 100 kr"} {
		n, err := money.ParseNumber(text, money.Comma)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Printf("%s currency=%q percent=%t\n", n.Decimal, n.Currency, n.Percent)
	}
	// Output:
	// 1234.5 currency="kr" percent=false
	// -1250 currency="" percent=false
	// 100 currency="USD" percent=false
	// 25 currency="" percent=true
	// 100 currency="kr" percent=false
	// "EUR 100 kr" says EUR and kr: not a number
}

func ExampleParseDecimal() {
	comma, _ := money.ParseDecimal("1.234", money.Comma)
	dot, _ := money.ParseDecimal("1.234", money.Dot)
	fmt.Println(comma, dot)
	_, err := money.ParseDecimal("100 kr", money.Comma)
	fmt.Println(errors.Is(err, money.ErrNotNumber), err)
	// Output:
	// 1234 1.234
	// true "100 kr" has the currency kr: not a number alone
}

func ExampleParseCurrency() {
	nok, _ := money.ParseCurrency("nok")
	yen, _ := money.ParseCurrency("JPY")
	fmt.Println(money.New(29900, nok).Grouped(), "/", money.New(29900, yen).Grouped())
	_, err := money.ParseCurrency("kroner")
	fmt.Println(err)
	// Output:
	// 299.00 NOK / 29 900 JPY
	// "kroner" is not an ISO 4217 currency code
}

func ExampleCurrencyWord_Fits() {
	nok, eur := money.MustCurrency("NOK"), money.MustCurrency("EUR")
	n, _ := money.ParseNumber("100 kr", money.Comma)
	fmt.Println(n.Currency.Fits(nok), n.Currency.Fits(eur))
	// Output: true false
}

func ExampleRate_InGross() {
	gross := money.New(29900, money.MustCurrency("NOK"))
	fmt.Println(money.Rate(2500).InGross(gross))
	// Output: 59.80
}

func ExampleRate_AddTo() {
	net := money.New(23920, money.MustCurrency("NOK"))
	gross, err := money.Rate(2500).AddTo(net)
	fmt.Println(gross, err)
	// Output: 299.00 <nil>
}
