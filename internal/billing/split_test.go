package billing_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
)

// row is one of many lines of an order.
func row(reference string, number int) string {
	return fmt.Sprintf("line_id= | order_reference=%s | item_id=%d | amount=1.00", reference, number)
}

// text is a row that belongs to a line.
func text(reference, words string) string {
	return "line_id= | quantity= | amount= | vat= | order_reference=" + reference + " | description=" + words
}

func many(reference string, n int) []string {
	rows := make([]string, n)
	for i := range rows {
		rows[i] = row(reference, i)
	}
	return rows
}

func TestTextRows(t *testing.T) {
	t.Parallel()
	const priced = "line_id= | description=Hours"
	for _, tt := range []struct {
		name  string
		rows  []string
		lines []string // descriptions
		ids   []string // of every row
	}{
		{"behind", []string{priced, text("inv-2026-001", "Mon 2")}, []string{"Hours; Mon 2"}, []string{"1", "1"}},
		{
			"before",
			[]string{text("inv-2026-001", "Contract 7"), priced},
			[]string{"Hours; Contract 7"},
			[]string{"1", "1"},
		},
		{
			"everywhere",
			[]string{
				text("inv-2026-001", "A"), text("inv-2026-001", "B"), priced, text("inv-2026-001", "C"),
				text("inv-2026-001", "D"),
				"description=Travel", "description=Food", text("inv-2026-001", "E"),
			},
			[]string{"Hours; A; B; C; D", "Travel", "Food; E"},
			[]string{"1", "1", "1", "1", "1", "2", "3", "3"},
		},
		{
			"of a named line",
			[]string{"line_id=x | description=Hours", text("inv-2026-001", "A")},
			[]string{"Hours; A"},
			[]string{"x", "x"},
		},
	} {
		groups := group(t, rules(), sheet(tt.rows...)...)
		require.Len(t, groups, 1, tt.name)
		o := groups[0].Order
		require.NotNil(t, o, "%s: %v", tt.name, messages(groups))
		var lines []string
		for _, line := range o.Lines {
			lines = append(lines, line.Description)
		}
		require.Equal(t, tt.lines, lines, tt.name)
		require.Equal(t, int64(29900*len(lines)), o.Gross.Minor(), tt.name)
		sum := int64(0)
		for i, r := range groups[0].Rows {
			require.Equal(t, tt.ids[i], r.LineID, tt.name)
			require.True(t, r.Valid)
			sum += r.Amount.Minor()
		}
		require.Equal(t, o.Gross.Minor(), sum, tt.name)
		require.Equal(t, len(tt.rows)-len(lines),
			strings.Count(strings.Join(codes(groups), " "), "description.text"), tt.name)
	}
	checkProblems(t, rules(), []problemTest{
		{
			"text with a quantity is a line", "; line_id= | amount= | vat= | quantity=2",
			"order.incomplete amount.missing vat.missing", false,
		},
		{"text with a rate is a line", "; line_id= | amount= | quantity=", "order.incomplete amount.missing", false},
		{
			"text with an id is a line", "; line_id=2 | amount= | vat= | quantity=",
			"order.incomplete amount.missing vat.missing", false,
		},
		{"text alone is no order", "line_id= | amount= | vat= | quantity=", "amount.missing vat.missing", false},
		{
			"texts alone are no order",
			"line_id= | amount= | vat= | quantity= | description=A; amount= | vat= | quantity= | description=B",
			"description.text order.incomplete amount.missing vat.missing", false,
		},
		{
			"long with its text", "; amount= | vat= | quantity= | description=" + strings.Repeat("a", 100),
			"description.long description.text", true,
		},
	})
}

// If the profile gives every row a price, a row with only a reference and a description is a line.
func TestRowsWithThePriceOfTheProfileAreLines(t *testing.T) {
	t.Parallel()
	for _, column := range []billing.Column{billing.ColAmount, billing.ColUnitPrice} {
		for _, constant := range []bool{false, true} {
			r := rules()
			values := map[billing.Column]string{column: "99", billing.ColVAT: "25"}
			if r.Defaults = values; constant {
				r.Constants, r.Defaults = values, nil
			}
			groups := group(t, r,
				sheet("line_id= | quantity= | amount= | vat=", "quantity= | amount= | vat= | description=Second")...)
			require.Equal(t, int64(19800), groups[0].Order.Gross.Minor())
			require.Len(t, groups[0].Order.Lines, 2)
		}
	}
	r := rules()
	r.Constants = map[billing.Column]string{billing.ColVAT: "25", billing.ColQuantity: "1"}
	require.Len(t, group(t, r, sheet("", "amount=")...)[0].Order.Lines, 1, "a rate alone makes no line")
}

func TestSplitOrders(t *testing.T) {
	t.Parallel()
	records := sheet(many("A", 250)...)
	groups := group(t, rules(), records...)
	require.Len(t, groups, 1)
	require.Nil(t, groups[0].Order)
	require.Equal(t, "order.lines", codes(groups)[0])
	require.Len(t, codes(groups), 250)
	lowered := rules()
	lowered.Severity = map[billing.Code]billing.Severity{"order.lines": billing.Warning}
	require.Nil(t, group(t, lowered, records...)[0].Order, "no severity makes parts")

	r := rules()
	r.SplitOrders = true
	groups = group(t, r, records...)
	require.Len(t, groups, 3)
	for i, want := range []struct {
		reference string
		lines     int
	}{{"A-1", 100}, {"A-2", 100}, {"A-3", 50}} {
		require.Equal(t, want.reference, groups[i].Order.Reference)
		require.Len(t, groups[i].Order.Lines, want.lines)
		require.Equal(t, int64(want.lines*100), groups[i].Order.Gross.Minor())
		require.Equal(t, want.reference, groups[i].Rows[0].Reference)
		require.Equal(t, i*100, groups[i].Order.First)
		require.Equal(t, want.lines, groups[i].Order.Rows)
	}
	require.Len(t, group(t, r, sheet(many("A", 100)...)...), 1)
}

// Rows with only text are not lines: each goes into the part of its line.
func TestSplitOrdersWithTexts(t *testing.T) {
	t.Parallel()
	r := rules()
	r.SplitOrders = true
	rows := []string{text("A", "first"), text("A", "second")}
	for i := range 150 {
		rows = append(rows, row("A", i))
		if i%2 == 1 {
			rows = append(rows, text("A", fmt.Sprint("of ", i)))
		}
	}
	groups := group(t, r, sheet(rows...)...)
	require.Len(t, groups, 2)
	next := 2
	for i, want := range []struct{ rows, lines int }{{152, 100}, {75, 50}} {
		g := groups[i]
		require.Len(t, g.Rows, want.rows)
		require.Len(t, g.Order.Lines, want.lines)
		require.Equal(t, want.rows, g.Order.Rows)
		sum := int64(0)
		for _, r := range g.Rows {
			require.Equal(t, next, r.Row)
			next++
			require.Equal(t, g.Reference, r.Reference)
			sum += r.Amount.Minor()
		}
		require.Equal(t, g.Order.Gross.Minor(), sum)
	}
	require.True(t, strings.HasSuffix(groups[0].Order.Lines[0].Description, "; first; second"))
	require.True(t, strings.HasSuffix(groups[0].Order.Lines[99].Description, "; of 99"))
	require.NotContains(t, groups[1].Order.Lines[0].Description, ";")

	rows = append(many("A", 100), text("A", "more"))
	require.Equal(t, "A", group(t, r, sheet(rows...)...)[0].Order.Reference)
	require.Equal(t, "A", group(t, rules(), sheet(rows...)...)[0].Order.Reference, "100 lines are not too many")
}

// If an order has the reference of another order's part, both are held back, and no other order.
func TestPartsCollide(t *testing.T) {
	t.Parallel()
	r := rules()
	r.SplitOrders = true
	sent := func(rows ...string) (references []string) {
		for _, g := range group(t, r, sheet(rows...)...) {
			if g.Order != nil {
				references = append(references, g.Reference)
			}
		}
		return references
	}
	others := []string{
		row("A1-1", 0), row("A1-2", 0), row("A1-3", 0), row("A1-0", 0), row("A1-01", 0),
		row("A1-", 0), row("A1-x", 0), row("-1", 0), row("A2-1", 0),
	}
	require.Equal(t, []string{"A1-3", "A1-0", "A1-x", "-1", "A2-1"}, sent(append(many("A1", 101), others...)...))
	require.Equal(t, []string{"A1-3", "A1-0", "A1-x", "-1", "A2-1"}, sent(append(others, many("A1", 101)...)...))
	require.Equal(t, []string{"A1-1", "A1-2", "A1-3"}, sent(many("A1", 201)...))
	require.Equal(t, []string{"A1-1", "A1-2", "A1-4"}, sent(append(many("A1", 101), row("A1-4", 0))...))
	require.Equal(t, []string{"A1", "A1-1"}, sent(append(many("A1", 100), text("A1", "x"), row("A1-1", 0))...),
		"100 lines have no parts")
	require.Empty(t, sent(append(many("A1", 101), many("A1-1", 101)...)...))
	require.Contains(t, codes(group(t, r, sheet(append(many("", 101), row("-1", 0))...)...)), "order.held")
	require.NotContains(t, codes(group(t, r, sheet(append(many("", 101), row("-1", 0))...)...)), "order.part",
		"rows without a reference make no parts")
	found := messages(group(t, r, sheet(append(many("A1", 101), row("A1-2", 0))...)...))
	require.Contains(t, found,
		"row 2: order A1 is split, and another order has the reference of its part A1-2 "+
			"(give one of the two orders another reference)")
	require.Contains(t, found,
		"row 103: order A1 is split, and another order has the reference of its part A1-2 "+
			"(give one of the two orders another reference)")
}

func TestReferenceOfAPartIsTooLong(t *testing.T) {
	t.Parallel()
	r := rules()
	r.SplitOrders = true
	reference := strings.Repeat("a", 34)
	groups := group(t, r, sheet(many(reference, 101)...)...)
	require.Len(t, groups, 1)
	require.Nil(t, groups[0].Order)
	require.Contains(t, messages(groups)[0],
		"the order reference of part "+reference+
			"-1 has 36 characters; the provider keeps at most 35 (shorten the reference)")
	require.NotNil(t, group(t, r, sheet(many(reference[:33], 101)...)...)[0].Order)
}
