package billing_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCredits(t *testing.T) {
	t.Parallel()
	checkProblems(t, rules(), []problemTest{
		{"alone", "amount=-100", "order.credit", false},
		{"return alone", "amount= | quantity=-1 | unit_price=100", "order.credit", false},
		{"of one øre", "amount=-0.01", "order.credit", false},
		{"larger than any order", "amount=-90000000000.00", "order.credit", false},
		{"more than the charge", "amount=100; amount=-100.01", "order.credit order.incomplete", false},
		{"as much as the charge", "amount=100; amount=-100", "order.total order.incomplete", false},
		{"less than the charge", "amount=100; amount=-99.99", "", true},
		{"before the charge", "amount=-99.99; amount=100", "", true},
		{
			"of a customer without an address", "amount=-100 | email= | address_line=",
			"email.missing address_line.missing order.credit", false,
		},
		{"due too late", "amount=-100 | days_until_due=366", "days_until_due.range order.credit", false},
		// An order whose amounts or rows are in doubt is not yet called a credit.
		{"no rate", "amount=-100 | vat=", "vat.missing", false},
		{"a line that cannot be read", "amount=-100; amount=x", "order.incomplete amount.unreadable", false},
		{"amount and price differ", "amount=-100 | unit_price=100", "amount.mismatch", false},
		{
			"two e-mails", "amount=-100; amount=-1 | email=kari@nordmann.no",
			"order.incomplete order.differs", false,
		},
		{"no reference", "amount=-100 | order_reference=", "order_reference.missing", false},
		{"currency", "amount=-100 | currency=kroner", "currency.unknown", false},
		{"country", "amount=-100 | currency= | country=", "country.missing", false},
	})
	require.Equal(t, []string{
		"row 2: order inv-2026-001 adds up to -1 234.50 NOK; this is a credit, and the program never sends credits (" +
			"to net the credit, give it the order reference of a charge to the same customer in the file; " +
			"or make it by hand: void the original invoice while it is unpaid, or credit it with the provider; " +
			"the report lists it under Credits)",
	}, messages(group(t, rules(), record("amount=-1234.50"))))
	p := group(t, rules(), record("amount=-100"))[0].Rows[0].Problems[0]
	require.Equal(t, []string{"amount", "-100.00"}, []string{p.Column, p.Value})
	require.Equal(t, "row 2: order inv-2026-001 adds up to 0.00 NOK, which cannot be invoiced (an order must be "+
		"between 0.01 and 21 474 836.47; an order that adds up to zero needs no invoice)",
		messages(group(t, rules(), record("amount=0")))[0])
}

// The sum of an order that is rounded by rate is that of the rounded lines.
func TestCreditsByRate(t *testing.T) {
	t.Parallel()
	rows := net("0.99 25, 0.99 25, 0.99 25, incl:-3.72 25")
	require.Contains(t, messages(group(t, byRate(), rows...))[0], "adds up to -0.01 NOK; this is a credit")
	require.Contains(t, messages(group(t, rules(), rows...))[0], "adds up to 0.00 NOK, which cannot be invoiced")
}

// A negative part of a positive order is not a credit, because the other parts have the other lines.
func TestCreditsAndParts(t *testing.T) {
	t.Parallel()
	r := rules()
	r.SplitOrders = true
	rows := many("A", 150)
	rows[120] += " | amount=-60.00"
	require.Contains(t, messages(group(t, r, sheet(rows...)...)),
		"row 102: order A-2 adds up to -11.00 NOK, which cannot be invoiced "+
			"(an order must be between 0.01 and 21 474 836.47; an order that adds up to zero needs no invoice)")
	require.NotContains(t, codes(group(t, r, sheet(rows...)...)), "order.credit")
	rows[120] += " | amount=-160.00"
	found := group(t, r, sheet(rows...)...)
	require.Contains(t, messages(found)[0], "order A adds up to -11.00 NOK; this is a credit")
	require.NotContains(t, codes(found), "order.total")
}
