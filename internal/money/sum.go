package money

import "math/big"

// Sum adds decimals exactly, without a limit. The zero value is 0. A Sum must not be copied after its first use.
type Sum struct {
	coef  big.Int
	scale int8
}

// Add adds d.
func (s *Sum) Add(d Decimal) { s.coef.Add(&s.coef, s.align(d)) }

// Cmp compares the sum with d by value: -1, 0 or 1.
func (s *Sum) Cmp(d Decimal) int {
	coef := s.align(d)
	return s.coef.Cmp(coef)
}

// Decimal is the sum. It fails with ErrOverflow if the sum has more digits than a Decimal can have.
func (s *Sum) Decimal() (Decimal, error) { return fit(&s.coef, int(s.scale)) }

// align is the coefficient of d at the sum's scale. It first raises the sum's scale to that of d.
func (s *Sum) align(d Decimal) *big.Int {
	if d.scale > s.scale {
		s.coef.Mul(&s.coef, pow10(int(d.scale-s.scale)))
		s.scale = d.scale
	}
	coef := big.NewInt(d.coef)
	if d.scale < s.scale {
		coef.Mul(coef, pow10(int(s.scale-d.scale)))
	}
	return coef
}
