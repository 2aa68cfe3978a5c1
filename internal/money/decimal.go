package money

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

// MaxDigits is how many significant digits a number may have; more is an error, never a rounded value.
const MaxDigits = 18

// Decimal is an exact decimal number, such as a quantity or a unit price: coef / 10^scale.
// The zero value is 0.
type Decimal struct {
	coef  int64
	scale int8
}

// NewDecimal is coef / 10^scale, scale 0 to 18: NewDecimal(25, 1) is 2.5.
func NewDecimal(coef int64, scale int) Decimal {
	return Decimal{coef, int8(scale)}.reduce() //nolint:gosec // G115: documented range
}

// Sign is -1, 0 or 1.
func (d Decimal) Sign() int {
	switch {
	case d.coef < 0:
		return -1
	case d.coef > 0:
		return 1
	}
	return 0
}

// IsZero reports whether d is 0; it makes `omitzero` work.
func (d Decimal) IsZero() bool { return d.coef == 0 }

// String is the shortest exact form, with a dot: "2.5", "-0.05", "100".
func (d Decimal) String() string { return d.reduce().fixed() }

// Amount is d whole currency units as an amount. exact is false when d has more
// decimals than the currency and was rounded half up.
func (d Decimal) Amount(c Currency) (amount Amount, exact bool, err error) {
	const plain = 1_000_000_000_000 // the usual amounts, which need no large numbers
	if d.scale <= c.digits && d.coef < plain && d.coef > -plain {
		minor := d.coef
		for range c.digits - d.scale {
			minor *= 10
		}
		return Amount{minor, c}, true, nil
	}
	return Product(c, d)
}

// MinorAmount is d minor units as an amount; it must be a whole number.
func (d Decimal) MinorAmount(c Currency) (Amount, error) {
	r := d.reduce()
	if r.scale > 0 {
		return Amount{}, fmt.Errorf("%s is not a whole number of minor units", d)
	}
	return Amount{r.coef, c}, nil
}

// Product multiplies the factors exactly and rounds once, half up, to the currency's
// minor unit. exact tells whether rounding changed the value.
func Product(c Currency, factors ...Decimal) (amount Amount, exact bool, err error) {
	coef, scale := big.NewInt(1), 0
	for _, f := range factors {
		coef.Mul(coef, big.NewInt(f.coef))
		scale += int(f.scale)
	}
	shift := c.Digits() - scale
	if shift >= 0 {
		coef.Mul(coef, pow10(shift))
		if !coef.IsInt64() {
			return Amount{}, false, ErrOverflow
		}
		return Amount{coef.Int64(), c}, true, nil
	}
	minor, exact := divideHalfUp(coef, pow10(-shift))
	if !minor.IsInt64() {
		return Amount{}, false, ErrOverflow
	}
	return Amount{minor.Int64(), c}, exact, nil
}

// PercentLeft is the factor that remains after a discount of d percent: 20 gives 0.8.
func (d Decimal) PercentLeft() Decimal {
	left := new(big.Int).Sub(new(big.Int).Mul(big.NewInt(100), pow10(int(d.scale))), big.NewInt(d.coef))
	return Decimal{left.Int64(), d.scale + 2}.reduce()
}

// Cmp compares two decimals by value.
func (d Decimal) Cmp(e Decimal) int {
	left := new(big.Int).Mul(big.NewInt(d.coef), pow10(int(e.scale)))
	return left.Cmp(new(big.Int).Mul(big.NewInt(e.coef), pow10(int(d.scale))))
}

// MarshalJSON writes the number as a JSON number.
func (d Decimal) MarshalJSON() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalJSON reads a JSON number without an exponent.
func (d *Decimal) UnmarshalJSON(data []byte) error {
	var number json.Number
	if err := json.Unmarshal(data, &number); err != nil {
		return fmt.Errorf("decimal: %w", err)
	}
	parsed, err := ParseDecimal(number.String(), Dot)
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

// reduce drops trailing zeros after the decimal mark.
func (d Decimal) reduce() Decimal {
	for d.scale > 0 && d.coef%10 == 0 {
		d.coef /= 10
		d.scale--
	}
	return d
}

// fixed writes all of the scale's decimals.
func (d Decimal) fixed() string {
	if d.scale == 0 {
		return strconv.FormatInt(d.coef, 10)
	}
	text := strconv.FormatInt(d.coef, 10)
	sign := ""
	if d.coef < 0 {
		sign, text = "-", text[1:]
	}
	scale := int(d.scale)
	if len(text) <= scale {
		text = strings.Repeat("0", scale-len(text)+1) + text
	}
	return sign + text[:len(text)-scale] + "." + text[len(text)-scale:]
}

func pow10(n int) *big.Int {
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
}

// divideHalfUp is n / d rounded half away from zero, for positive d.
func divideHalfUp(n, d *big.Int) (quotient *big.Int, exact bool) {
	quotient, rest := new(big.Int).QuoRem(n, d, new(big.Int))
	if rest.Sign() == 0 {
		return quotient, true
	}
	if rest.Abs(rest).Lsh(rest, 1).Cmp(d) >= 0 {
		quotient.Add(quotient, big.NewInt(int64(n.Sign())))
	}
	return quotient, false
}
