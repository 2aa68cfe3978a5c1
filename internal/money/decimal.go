package money

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strconv"
)

// MaxDigits is how many significant digits a number may have. More digits are an error; they are never rounded.
const MaxDigits = 18

// Decimal is an exact decimal number, such as a quantity or a unit price. It is a value: no operation changes it. Equal
// numbers are equal by ==. The zero value is 0.
type Decimal struct {
	coef  int64 // does not end in 0 if scale is above 0
	scale int8  // the number is coef / 10^scale
}

// NewDecimal is coef / 10^scale: NewDecimal(25, 1) is 2.5. scale must be 0 to MaxDigits.
func NewDecimal(coef int64, scale int) Decimal {
	for scale > 0 && coef%10 == 0 {
		coef /= 10
		scale--
	}
	return Decimal{coef, int8(scale)} //nolint:gosec // G115: documented range
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

// IsZero reports whether d is 0. encoding/json uses it for omitzero.
func (d Decimal) IsZero() bool { return d.coef == 0 }

// String is the shortest exact form, with a dot: "2.5", "-0.05", "100".
func (d Decimal) String() string { return fixed(d.coef, int(d.scale)) }

// Decimals is the number of digits after the mark in the shortest form: 2 for 33.33, 1 for 33.30.
func (d Decimal) Decimals() int { return int(d.scale) }

// HalfUnit is half a unit of d's last decimal, the largest difference that rounding to it makes: 0.005 for 33.33. Zeros
// at the end are not kept, so decimals says how many decimals d has at least: 33.3 with 2 gives 0.005. The result may
// have one decimal more than MaxDigits.
func (d Decimal) HalfUnit(decimals int) Decimal {
	return NewDecimal(5, max(d.Decimals(), decimals)+1)
}

// Abs is d without its sign.
func (d Decimal) Abs() Decimal { return Decimal{max(d.coef, -d.coef), d.scale} }

// Rat is the decimal as a fraction.
func (d Decimal) Rat() *big.Rat { return new(big.Rat).SetFrac(big.NewInt(d.coef), pow10(int(d.scale))) }

// Add is d + e, or ErrOverflow.
func (d Decimal) Add(e Decimal) (Decimal, error) {
	var s Sum
	s.Add(d)
	s.Add(e)
	return s.Decimal()
}

// Sub is d - e, or ErrOverflow.
func (d Decimal) Sub(e Decimal) (Decimal, error) { return d.Add(Decimal{-e.coef, e.scale}) }

// Mul is d × e, exactly, or ErrOverflow.
func (d Decimal) Mul(e Decimal) (Decimal, error) {
	return fit(new(big.Int).Mul(big.NewInt(d.coef), big.NewInt(e.coef)), int(d.scale)+int(e.scale))
}

// Cmp compares two decimals by value: -1, 0 or 1.
func (d Decimal) Cmp(e Decimal) int {
	if d.scale == e.scale {
		return cmp.Compare(d.coef, e.coef)
	}
	var s Sum
	s.Add(d)
	return s.Cmp(e)
}

// PercentLeft is the factor that remains after a discount of d percent: 20 gives 0.8. It fails with ErrOverflow if d
// has more decimals than ParsePercent reads.
func (d Decimal) PercentLeft() (Decimal, error) {
	left, err := NewDecimal(100, 0).Sub(d)
	if err != nil {
		return Decimal{}, err
	}
	return left.Mul(NewDecimal(1, 2))
}

// Amount is d units of the currency: 2.5 of NOK is 2.50 NOK. exact is false if d has more decimals than the currency
// and was rounded half up. It fails with ErrOverflow.
func (d Decimal) Amount(c Currency) (amount Amount, exact bool, err error) {
	const plain = 1_000_000_000_000 // below it the product fits int64
	if d.scale <= c.digits && d.coef < plain && d.coef > -plain {
		minor := d.coef
		for range c.digits - d.scale {
			minor *= 10
		}
		return Amount{minor, c}, true, nil
	}
	return Product(c, d)
}

// MinorAmount is d minor units of the currency. It fails if d is not a whole number.
func (d Decimal) MinorAmount(c Currency) (Amount, error) {
	if d.scale > 0 {
		return Amount{}, fmt.Errorf(msgNotMinor, d)
	}
	return Amount{d.coef, c}, nil
}

// Product multiplies the factors exactly and rounds once, half up, to the currency's minor unit. exact is false if
// rounding changed the value. It fails with ErrOverflow.
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

// MarshalJSON writes the number as a JSON number.
func (d Decimal) MarshalJSON() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalJSON reads a JSON number. An exponent is an error.
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

// fixed writes coef / 10^scale with exactly scale decimals.
func fixed(coef int64, scale int) string {
	text := strconv.AppendInt(make([]byte, 0, 48), coef, 10)
	if scale == 0 {
		return string(text)
	}
	first := 0
	if coef < 0 {
		first = 1
	}
	for len(text)-first <= scale {
		text = slices.Insert(text, first, '0')
	}
	return string(slices.Insert(text, len(text)-scale, '.'))
}

// fit is coef / 10^scale. It fails with ErrOverflow if that has more than MaxDigits digits or decimals.
func fit(coef *big.Int, scale int) (Decimal, error) {
	for ten := big.NewInt(10); scale > 0; scale-- {
		shorter, last := new(big.Int).QuoRem(coef, ten, new(big.Int))
		if last.Sign() != 0 {
			break
		}
		coef = shorter
	}
	if scale > MaxDigits || coef.CmpAbs(pow10(MaxDigits)) >= 0 {
		return Decimal{}, ErrOverflow
	}
	return Decimal{coef.Int64(), int8(scale)}, nil //nolint:gosec // G115: checked
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
