package intake

import (
	"math/big"
	"strings"

	"kraviabatch/internal/money"
)

// sum adds decimals exactly, as 10^-MaxDigits.
type sum struct{ total big.Int }

func (s *sum) add(d money.Decimal) { s.total.Add(&s.total, scaled(d)) }

func (s *sum) equals(d money.Decimal) bool { return s.total.Cmp(scaled(d)) == 0 }

func scaled(d money.Decimal) *big.Int {
	whole, fraction, _ := strings.Cut(d.String(), ".")
	n, _ := new(big.Int).SetString(whole+fraction+strings.Repeat("0", money.MaxDigits-len(fraction)), 10)
	return n
}
