package billing_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Part 2 of a split order was sent and part 1 was not: the order is not sent now that it has no parts.
func TestWholeAfterSecondPart(t *testing.T) {
	r := rules()
	r.SplitOrders = true
	r.Sent = func(reference string) string {
		if reference == "A-2" {
			return "sent"
		}
		return ""
	}
	groups := group(t, r, sheet(many("A", 100)...)...)
	for _, g := range groups {
		require.Nil(t, g.Order, "%s is sent though A-2 was", g.Reference)
	}
}

// Part 3 was sent, and the order now has two parts: neither is sent.
func TestFewerParts(t *testing.T) {
	r := rules()
	r.SplitOrders = true
	r.Sent = func(reference string) string {
		if reference == "A-3" {
			return "sent"
		}
		return ""
	}
	groups := group(t, r, sheet(many("A", 200)...)...)
	for _, g := range groups {
		require.Nil(t, g.Order, "%s is sent though A-3 was", g.Reference)
	}
}
