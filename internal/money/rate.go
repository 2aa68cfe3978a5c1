package money

import (
	"errors"
	"fmt"
	"math"
	"math/big"
)

// Rate is a VAT rate in basis points: 2500 is 25 %, 2550 is 25.5 %, 1111 is 11.11 %.
type Rate int32

// fullRate is 100 % in basis points.
const fullRate = 10_000

// percentDecimals is how many decimals ParsePercent reads.
const percentDecimals = 6

// ErrPercentRange is for a percentage below 0 or above 100.
var ErrPercentRange = errors.New(msgPercentRange)

// ParseRate reads a VAT rate from 0 to 100 with at most two decimals, with or without a percent sign: "25", "25 %",
// "25,5". Errors wrap ErrNotNumber, ErrTooManyDigits or ErrPercentRange.
func ParseRate(text string, mark Mark) (Rate, error) {
	d, err := parsePercent(text, mark, 2)
	if err != nil {
		return 0, err
	}
	points := d.coef
	for range 2 - d.scale {
		points *= 10
	}
	return Rate(points), nil //nolint:gosec // G115: 0 to 10000
}

// ParsePercent reads a percentage, such as a discount, as ParseRate does, but with at most six decimals. "33.333" gives
// 33.333.
func ParsePercent(text string, mark Mark) (Decimal, error) {
	return parsePercent(text, mark, percentDecimals)
}

func parsePercent(text string, mark Mark, decimals int) (Decimal, error) {
	n, err := ParseNumber(text, mark)
	switch d := n.Decimal; {
	case err != nil:
		return Decimal{}, err
	case n.Currency != "":
		return Decimal{}, fmt.Errorf(msgPercentCurrency, text, n.Currency, ErrNotNumber)
	case d.Sign() < 0 || d.Cmp(NewDecimal(100, 0)) > 0:
		return Decimal{}, fmt.Errorf(msgIs, text, ErrPercentRange)
	case d.Decimals() > decimals:
		return Decimal{}, fmt.Errorf(msgDecimals, text, ErrTooManyDigits, decimals)
	}
	return n.Decimal, nil
}

// Decimal is the rate in percent: 25.5.
func (r Rate) Decimal() Decimal { return NewDecimal(int64(r), 2) }

// String is the rate in percent without a sign: "25.5".
func (r Rate) String() string { return r.Decimal().String() }

// smallLimit is the largest amount whose products with a rate fit int64.
const smallLimit = math.MaxInt64 / (4 * fullRate)

// quotientHalfUp is n / d rounded half away from zero, for positive d.
func quotientHalfUp(n, d int64) int64 {
	quotient, rest := n/d, n%d
	switch {
	case 2*rest >= d:
		quotient++
	case 2*rest <= -d:
		quotient--
	}
	return quotient
}

// InGross is the VAT contained in a gross amount: gross × rate / (100 + rate), half up.
func (r Rate) InGross(gross Amount) Amount {
	if gross.minor <= smallLimit && gross.minor >= -smallLimit {
		return Amount{quotientHalfUp(gross.minor*int64(r), fullRate+int64(r)), gross.currency}
	}
	vat, _ := divideHalfUp(new(big.Int).Mul(big.NewInt(gross.minor), big.NewInt(int64(r))),
		big.NewInt(fullRate+int64(r)))
	return Amount{vat.Int64(), gross.currency}
}

// AddTo is the gross amount of a net one: net × (100 + rate) / 100, half up.
func (r Rate) AddTo(net Amount) (Amount, error) {
	if net.minor <= smallLimit && net.minor >= -smallLimit {
		return Amount{quotientHalfUp(net.minor*(fullRate+int64(r)), fullRate), net.currency}, nil
	}
	gross, _ := divideHalfUp(new(big.Int).Mul(big.NewInt(net.minor), big.NewInt(fullRate+int64(r))),
		big.NewInt(fullRate))
	if !gross.IsInt64() {
		return Amount{}, ErrOverflow
	}
	return Amount{gross.Int64(), net.currency}, nil
}
