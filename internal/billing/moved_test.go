package billing

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/money"
)

func TestMovedIsExact(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		before, now int64
		percent     int
		want        bool
	}{
		{100, 130, 30, false},
		{100, 131, 30, true},
		{100, 70, 30, false},
		{100, 69, 30, true},
		{100, 100, 0, false},
		{100, 101, 0, true},
		{3, 4, 33, true},
		{3, 4, 34, false},
		{1_000_000_000_000_001, 1_300_000_000_000_001, 30, false},
		{1_000_000_000_000_001, 1_300_000_000_000_002, 30, true},
		{1, math.MaxInt64, 10_000, true},
		{math.MaxInt64, math.MaxInt64 - 1, 10_000, false},
	} {
		currency := money.MustCurrency("NOK")
		require.Equal(t, test.want,
			moved(money.New(test.before, currency), money.New(test.now, currency), test.percent), "%+v", test)
	}
}
