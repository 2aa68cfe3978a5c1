package billing_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
)

func TestDiscount(t *testing.T) {
	t.Parallel()
	checkProblems(t, rules(), []problemTest{
		{"agrees with the amount", "unit_price=373.75 | discount_percent=20", "", true},
		{"amount before the discount", "unit_price=299 | discount_percent=20", "amount.mismatch", false},
		{"money agrees with the amount", "unit_price=349 | discount_amount=50", "", true},
		{"money before the discount", "unit_price=299 | discount_amount=50", "amount.mismatch", false},
		{"above 100", "unit_price=299 | discount_percent=110", "discount_percent.unreadable", false},
		{"negative", "unit_price=299 | discount_percent=-10", "discount_percent.unreadable", false},
		{"words", "unit_price=299 | discount_percent=abc", "discount_percent.unreadable", false},
		{"fraction", "amount= | unit_price=299 | discount_percent=0.25", "discount_percent.fraction", false},
		{"half a percent", "amount= | unit_price=299 | discount_percent=0.5%", "", true},
		{"without a price", "discount_percent=10", "discount_percent.no_price", false},
		{"none without a price", "discount_percent=0", "", true},
		{"unreadable without a price", "discount_percent=abc", "discount_percent.unreadable", false},
		{"money without a price", "discount_amount=10", "discount_amount.no_price", false},
		{"no money without a price", "discount_amount=0.00", "", true},
		{"unreadable money without a price", "discount_amount=abc", "discount_amount.unreadable", false},
		{"money in parts of an øre", "unit_price=299 | discount_amount=0.005", "discount_amount.unreadable", false},
		{
			"percent and money", "amount= | unit_price=299 | discount_percent=10 | discount_amount=29.90",
			"discount_amount.twice", false,
		},
		{"percent and no money", "amount= | unit_price=299 | discount_percent=10 | discount_amount=0", "", true},
		{"money and no percent", "amount= | unit_price=299 | discount_percent=0 | discount_amount=29.90", "", true},
		{"money of the whole line", "amount= | unit_price=299 | discount_amount=299; ", "", true},
		{
			"more money than the line", "amount= | unit_price=299 | discount_amount=299.01; ",
			"discount_amount.range order.incomplete", false,
		},
		{"negative money", "amount= | unit_price=299 | discount_amount=-50", "discount_amount.range", false},
		{"negative money on a credit", "amount= | unit_price=-100 | discount_amount=-10; ", "", true},
		{
			"money on a credit", "amount= | unit_price=-100 | discount_amount=10; ",
			"discount_amount.range order.incomplete", false,
		},
	})
	excl, minor := rules(), rules()
	excl.ExclVAT, minor.Minor = true, true
	for _, tt := range []struct {
		rules *billing.Rules
		row   string
		want  int64
	}{
		{rules(), "unit_price=100 | discount_percent=33.333", 6667},
		{rules(), "unit_price=400 | quantity=2 | discount_amount=50", 75000},
		{rules(), "unit_price=400 | discount_percent=12.5 %", 35000},
		{rules(), "unit_price=1000 | discount_percent=0.5%", 99500},
		{excl, "unit_price=400 | quantity=2 | discount_amount=50", 93750},
		{excl, "unit_price=400 | discount_percent=50", 25000},
		{rules(), "unit_price=400 | discount_amount=50 | prices=excl", 43750},
		{rules(), "unit_price=-200 | quantity=-2 | discount_percent=25", 30000},
		{minor, "unit_price=40000 | quantity=2 | discount_amount=5000", 75000},
	} {
		groups := group(t, tt.rules, record("amount= | "+tt.row))
		require.NotNil(t, groups[0].Order, "%s: %v", tt.row, messages(groups))
		require.Equal(t, tt.want, groups[0].Order.Gross.Minor(), tt.row)
	}
	require.Contains(t, messages(group(t, rules(), record("amount= | unit_price=299 | discount_amount=-50")))[0],
		`the discount "-50.00" is larger than the line`)
}

// An amount may differ from quantity × price by as much as rounding the price explains.
func TestAmountAndPrice(t *testing.T) {
	t.Parallel()
	checkProblems(t, rules(), []problemTest{
		{"one øre off", "unit_price=299.01", "", true},
		{"two øre off", "unit_price=299.02", "amount.mismatch", false},
		{"two øre below", "unit_price=298.98", "amount.mismatch", false},
		{"rounded price", "quantity=30 | unit_price=33.33 | amount=1000.00", "", true},
		{"as far as rounding goes", "quantity=30 | unit_price=33.33 | amount=1000.05", "", true},
		{"farther than rounding goes", "quantity=30 | unit_price=33.33 | amount=1000.06", "amount.mismatch", false},
		{"a coin off", "quantity=30 | unit_price=33.33 | amount=1000.20", "amount.mismatch", false},
		{"price of four decimals", "quantity=30 | unit_price=33.3333 | amount=1000.00", "", true},
		{
			"price of four decimals, øre off", "quantity=30 | unit_price=33.3333 | amount=1000.02", "amount.mismatch",
			false,
		},
		{"price of whole kroner", "quantity=30 | unit_price=33 | amount=990.15", "", true},
		{"price of whole kroner, farther", "quantity=30 | unit_price=33 | amount=990.16", "amount.mismatch", false},
		{"part of a unit", "quantity=0.5 | unit_price=0.01 | amount=0.01; ", "", true},
		{"other sign", "unit_price=299 | amount=-299; ", "amount.mismatch order.incomplete", false},
	})
	yen := rules()
	yen.Severity = map[billing.Code]billing.Severity{"currency.unsupported": billing.Off}
	checkProblems(t, yen, []problemTest{
		{"rounded yen", "currency=JPY | quantity=30 | unit_price=33 | amount=1005", "", true},
		{"rounded yen, farther", "currency=JPY | quantity=30 | unit_price=33 | amount=1006", "amount.mismatch", false},
		{"parts of a yen", "currency=JPY | amount=100.5", "amount.decimals", false},
	})
	minor := rules()
	minor.Minor = true
	checkProblems(t, minor, []problemTest{
		{"rounded øre", "quantity=30 | unit_price=3333 | amount=100000", "", true},
		{"rounded øre, farther", "quantity=30 | unit_price=3333 | amount=100006", "amount.mismatch", false},
		{"parts of an øre in a price", "quantity=30 | unit_price=3333.33 | amount=100000", "", true},
		{"parts of an øre in an amount", "amount=29900.5", "amount.decimals", false},
		{"parts of an øre in VAT", "amount=29900 | vat_amount=5980.5", "vat_amount.unreadable", false},
		{"øre of VAT", "amount=29900 | vat_amount=5980", "", true},
	})
	const (
		less    = "the amount is 100.00 but quantity and unit price make 125.00"
		more    = "the amount is 125.00 but quantity and unit price make 100.00"
		farther = "the amount is 120.00 but quantity and unit price make 100.00"
		noVAT   = "the amount is 100.00 but quantity and unit price make 50.00"
		because = "; the difference is the VAT of the row: one of them is with VAT and one without"
	)
	for row, want := range map[string]string{
		"quantity=2 | unit_price=50 | amount=125":          more + because,
		"quantity=2 | unit_price=62.50 | amount=100":       less + because,
		"quantity=2 | unit_price=50 | amount=120":          farther + " ",
		"quantity=2 | unit_price=50 | amount=125 | vat=15": more + " ",
		"unit_price=50 | amount=100 | vat=0":               noVAT + " ",
	} {
		require.Contains(t, messages(group(t, rules(), record(row)))[0], want, row)
	}
}

func TestNetPrices(t *testing.T) {
	t.Parallel()
	r := rules()
	r.ExclVAT = true
	o := group(t, r, record("amount=239.20"))[0].Order
	require.Equal(t, int64(29900), o.Gross.Minor())
	require.Equal(t, int64(5980), o.VAT.Minor())
	r.Minor = true
	require.Equal(t, int64(29900), group(t, r, record("amount=23920"))[0].Order.Gross.Minor())
	require.Equal(t, int64(29900),
		group(t, r, record("amount= | unit_price=11960 | quantity=2"))[0].Order.Gross.Minor())
}
