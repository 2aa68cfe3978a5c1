package billing_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"kraviabatch/internal/billing"
)

// Every grouped order is compared with the first order of its business, wherever its rows are.
func TestGroupedOrdersAreComparedWithTheFirst(t *testing.T) {
	t.Parallel()
	row := func(number int, reference, name, customerReference string) billing.Record {
		rec := record(
			fmt.Sprintf("grouped | line_id= | order_reference=%s | business_name=%s | customer_reference=%s",
				reference, name, customerReference))
		rec.Row = number
		return rec
	}
	groups := group(t, rules(),
		row(2, "A", "", "PO 1"), row(3, "B", "Nordmann As", "PO 1"), row(4, "C", "Nordmann AS", "PO 1"),
		row(5, "A", "Nordmann AS", ""),
		row(6, "D", "Nordmann AS", "PO 2"), row(7, "E", "NORDMANN", "PO 2"))
	var found []string
	for _, g := range groups {
		require.NotNil(t, g.Order, g.Reference)
		for _, p := range g.Rows[0].Problems {
			if p.Code == "grouped.split" {
				found = append(found, fmt.Sprintf("%s %d: %s", g.Reference, p.Row, p.Message))
			}
		}
	}
	require.Equal(t, []string{
		`B 3: business_name is "Nordmann AS" in row 2 of lines.csv, so this business gets two grouped invoices`,
		`D 6: customer_reference is "PO 1" in row 2 of lines.csv, so this business gets two grouped invoices`,
		`E 7: business_name is "Nordmann AS" in row 2 of lines.csv, so this business gets two grouped invoices`,
		`E 7: customer_reference is "PO 1" in row 2 of lines.csv, so this business gets two grouped invoices`,
	}, found)
}

// Groups gives the same each time, also after a caller that stopped early.
func TestGroupsAgain(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		g := billing.NewGrouper(rules(), &memory{})
		g.AddTable(billing.Table{File: "lines.csv"})
		n := rapid.IntRange(1, 60).Draw(t, "rows")
		for i := range n {
			rec := record("grouped | line_id= | order_reference=" +
				rapid.SampledFrom([]string{"", "A", "B", "C"}).Draw(t, "reference") +
				" | business_name=" + rapid.SampledFrom([]string{"Nordmann AS", "Nordmann"}).Draw(t, "name"))
			rec.Row = i + 2
			require.NoError(t, g.Add(rec))
		}
		all := func(most int) (groups []billing.Group) {
			for group, err := range g.Groups() {
				require.NoError(t, err)
				if groups = append(groups, group); len(groups) == most {
					break
				}
			}
			return groups
		}
		all(rapid.IntRange(1, 4).Draw(t, "some"))
		first := all(0)
		require.Equal(t, first, all(0))
		next, rows := -1, 0
		for _, group := range first {
			require.Greater(t, group.Rows[0].Ordinal, next, "in the order of first rows")
			next = group.Rows[0].Ordinal
			rows += len(group.Rows)
		}
		require.Equal(t, n, rows)
	})
}
