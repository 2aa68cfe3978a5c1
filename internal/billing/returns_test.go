package billing_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
)

// A negative quantity makes a negative line, rounded like the charge that it returns.
func TestReturns(t *testing.T) {
	t.Parallel()
	excl, minor := rules(), rules()
	excl.ExclVAT, minor.Minor = true, true
	for _, tt := range []struct {
		rules *billing.Rules
		row   string
		want  string // gross/VAT
	}{
		{rules(), "quantity=-1 | unit_price=299", "-299.00/-59.80"},
		{rules(), "quantity=-2 | unit_price=149.50", "-299.00/-59.80"},
		{rules(), "quantity=-2.5 | unit_price=100", "-250.00/-50.00"},
		{rules(), "quantity=-1 | unit_price=0.125", "-0.13/-0.03"},
		{rules(), "quantity=-1 | amount=-0.99", "-0.99/-0.20"},
		{rules(), "quantity=-30 | unit_price=3.33 | amount=-100", "-100.00/-20.00"},
		{rules(), "quantity=1 | unit_price=-299", "-299.00/-59.80"},
		{rules(), "quantity=-2 | unit_price=-100", "200.00/40.00"},
		{rules(), "quantity=-2 | unit_price=100 | discount_percent=10", "-180.00/-36.00"},
		{rules(), "quantity=-2 | unit_price=100 | discount_percent=10 | amount=-180", "-180.00/-36.00"},
		{rules(), "quantity=-3 | unit_price=0.49 | discount_percent=10", "-1.32/-0.26"},
		{rules(), "quantity=-2 | unit_price=100 | discount_percent=100", "0.00/0.00"},
		{rules(), "quantity=-2 | unit_price=100 | discount_amount=-20", "-180.00/-36.00"},
		{rules(), "quantity=-2 | unit_price=100 | discount_amount=-20 | amount=-180", "-180.00/-36.00"},
		{rules(), "quantity=-2 | unit_price=100 | discount_amount=20 | amount=-180", "-180.00/-36.00"},
		{rules(), "quantity=-2 | unit_price=100 | discount_amount=-200", "0.00/0.00"},
		{rules(), "quantity=2 | unit_price=-100 | discount_amount=20 | amount=-180", "-180.00/-36.00"},
		{rules(), "quantity=2 | unit_price=100 | discount_amount=-20 | amount=180", "180.00/36.00"},
		{rules(), "quantity=-30 | unit_price=3.33 | discount_amount=10 | amount=-90", "-90.00/-18.00"},
		{rules(), "quantity=-2 | unit_price=100 | vat_amount=-40.00", "-200.00/-40.00"},
		{excl, "quantity=-2 | unit_price=100", "-250.00/-50.00"},
		{excl, "quantity=-1 | unit_price=0.99", "-1.24/-0.25"},
		{excl, "quantity=-2 | unit_price=100 | discount_amount=-20", "-225.00/-45.00"},
		{excl, "quantity=-2 | unit_price=100 | discount_amount=20 | amount=-180", "-225.00/-45.00"},
		{minor, "quantity=-2 | unit_price=10000 | discount_amount=2000 | amount=-18000", "-180.00/-36.00"},
	} {
		charge := "amount=1000"
		if tt.rules.Minor {
			charge = "amount=100000"
		}
		groups := group(t, tt.rules, sheet(charge, "amount= | description=Return | "+tt.row)...)
		require.NotNil(t, groups[0].Order, "%s: %v", tt.row, messages(groups))
		line := groups[0].Order.Lines[1]
		require.Equal(t, tt.want, line.Gross.String()+"/"+line.VAT.String(), tt.row)
		require.Equal(t, line.Gross, *groups[0].Rows[1].Amount, tt.row)
		require.Empty(t, codes(groups), tt.row)
	}
	checkProblems(t, rules(), []problemTest{
		{
			"positive discount of a return", "amount= | quantity=-2 | unit_price=100 | discount_amount=20; ",
			"discount_amount.range order.incomplete", false,
		},
		{
			"discount that makes a return larger", "quantity=-2 | unit_price=100 | discount_amount=20 | amount=-220; ",
			"discount_amount.range order.incomplete", false,
		},
		{
			"discount larger than a return", "amount= | quantity=-2 | unit_price=100 | discount_amount=-200.01; ",
			"discount_amount.range order.incomplete", false,
		},
		{"discount below zero", "amount= | unit_price=100 | discount_amount=-20", "discount_amount.range", false},
		{
			"discount below zero that is added", "unit_price=100 | discount_amount=-20 | amount=120",
			"discount_amount.range", false,
		},
		{
			"amount of a return before its discount",
			"quantity=-2 | unit_price=100 | discount_percent=10 | amount=-200; ",
			"amount.mismatch order.incomplete", false,
		},
		{
			"amount of a return with the other sign", "quantity=-2 | unit_price=100 | amount=200; ",
			"amount.mismatch order.incomplete", false,
		},
		{
			"VAT of a return with the other sign", "amount= | quantity=-2 | unit_price=100 | vat_amount=40; ",
			"vat_amount.mismatch order.incomplete", false,
		},
	})
	require.Equal(t, `row 2: the discount "20.00" is larger than the line, or has the other sign `+
		"(write the discount with the sign of the line: positive, and negative on a return)",
		messages(group(t, rules(), record("amount= | quantity=-2 | unit_price=100 | discount_amount=20")))[0])
}
