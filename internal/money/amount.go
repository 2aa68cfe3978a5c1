package money

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// ErrOverflow is for a sum or product that is out of range: more than int64 minor units or MaxDigits digits.
var ErrOverflow = errors.New(msgOverflow)

// Amount is a sum of money in minor units of its currency. It is a value: no operation changes it. The zero value is 0
// without a currency, and can be added to any amount.
type Amount struct {
	minor    int64
	currency Currency
}

// New makes an amount of minor units: New(29900, NOK) is 299.00 NOK.
func New(minor int64, c Currency) Amount { return Amount{minor: minor, currency: c} }

// Minor is the amount in minor units.
func (a Amount) Minor() int64 { return a.minor }

// Currency is the amount's currency, the zero Currency for none.
func (a Amount) Currency() Currency { return a.currency }

// Add is a + b. Different currencies and overflow are errors.
func (a Amount) Add(b Amount) (Amount, error) {
	if a.currency != b.currency {
		switch (Currency{}) {
		case a.currency:
			a.currency = b.currency
		case b.currency:
		default:
			return Amount{}, fmt.Errorf(msgCannotAdd, b.currency, a.currency)
		}
	}
	if (b.minor > 0 && a.minor > math.MaxInt64-b.minor) || (b.minor < 0 && a.minor < math.MinInt64-b.minor) {
		return Amount{}, ErrOverflow
	}
	return Amount{a.minor + b.minor, a.currency}, nil
}

// Sub is a - b. It fails where Add does.
func (a Amount) Sub(b Amount) (Amount, error) {
	if b.minor == math.MinInt64 {
		return Amount{}, ErrOverflow
	}
	return a.Add(Amount{-b.minor, b.currency})
}

// Cmp compares minor units: -1, 0 or 1. Both amounts must have the same currency.
func (a Amount) Cmp(b Amount) int { return cmp.Compare(a.minor, b.minor) }

// String is the amount with the decimals of its currency and a dot, without the code: "299.00", "-0.50".
func (a Amount) String() string {
	return fixed(a.minor, a.currency.Digits())
}

// Grouped is Thousands with the code: "1 234 567.50 NOK".
func (a Amount) Grouped() string { return strings.TrimSpace(a.Thousands() + " " + a.currency.code) }

// Thousands is String with spaces between thousands: "1 234 567.50".
func (a Amount) Thousands() string {
	text := a.String()
	sign := ""
	if strings.HasPrefix(text, "-") {
		sign, text = "-", text[1:]
	}
	whole, fraction, found := strings.Cut(text, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + " " + whole[i:]
	}
	if found {
		whole += "." + fraction
	}
	return sign + whole
}

// MarshalJSON writes {"minor":29900,"currency":"NOK"}.
func (a Amount) MarshalJSON() ([]byte, error) {
	return []byte(`{"minor":` + strconv.FormatInt(a.minor, 10) + `,"currency":"` + a.currency.code + `"}`), nil
}

// UnmarshalJSON reads what MarshalJSON writes.
func (a *Amount) UnmarshalJSON(data []byte) error {
	var wire struct {
		Minor    int64  `json:"minor"`
		Currency string `json:"currency"`
	}
	if err := json.Unmarshal(data, &wire); err != nil {
		return fmt.Errorf("amount: %w", err)
	}
	*a = Amount{minor: wire.Minor}
	if wire.Currency == "" {
		return nil
	}
	c, err := ParseCurrency(wire.Currency)
	a.currency = c
	return err
}
