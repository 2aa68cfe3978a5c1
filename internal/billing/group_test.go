package billing_test

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"kraviabatch/internal/billing"
)

func TestSourceDocumentExamples(t *testing.T) {
	t.Parallel()
	groups := group(t, rules(), record(""), record("consumer"))
	require.Empty(t, codes(groups))
	require.Len(t, groups, 2)
	for i, want := range []struct {
		reference string
		product   billing.Product
		days      int
	}{{"inv-2026-001", billing.B2B, 30}, {"inv-2026-002", billing.B2C, 14}} {
		o := groups[i].Order
		require.NotNil(t, o)
		require.Equal(t, want.reference, o.Reference)
		require.Equal(t, want.product, o.Product)
		require.Equal(t, want.days, o.DaysFrom("2026-11-22"))
		require.Equal(t, int64(29900), o.Gross.Minor())
		require.Equal(t, int64(5980), o.VAT.Minor())
		require.Equal(t, billing.ChannelKravia, o.Channel)
		require.True(t, groups[i].Rows[0].Valid)
		require.Equal(t, "299.00", groups[i].Rows[0].Amount.String())
		require.Equal(t, "59.80", groups[i].Rows[0].VATAmount.String())
	}
	require.Equal(t, "Nordmann AS", groups[0].Rows[0].Customer)
	require.Equal(t, "Kari Nordmann", groups[1].Rows[0].Customer)
}

func TestDerivedReference(t *testing.T) {
	t.Parallel()
	r := rules()
	r.Reference, r.Period = "{period}-{customer_number}", "2026-11"
	groups := group(t, r,
		sheet("order_reference= | customer_number=1001", "order_reference= | customer_number=1001")...)
	require.Len(t, groups, 1)
	require.Equal(t, "2026-11-1001", groups[0].Order.Reference)
	require.Len(t, groups[0].Rows, 2)
	groups = group(t, r,
		sheet("order_reference= | customer_number=1001", "order_reference=", "order_reference=own-1")...)
	require.Equal(t, []string{"order.held", "order_reference.template", "order.held"}, codes(groups))
	require.Equal(t, `row 2: order 2026-11-1001 is not sent because row 3 may belong to it (order_reference.template) `+
		`(fix row 3; until then no order of its file is sent)`, messages(groups)[0])
	require.Equal(t,
		`row 3: the reference "{period}-{customer_number}" cannot be made because customer_number is empty `+
			`(fill in customer_number)`,
		messages(groups)[1])
	r.Period = ""
	require.ErrorContains(t, r.Lint(), "--period")
	r.Reference = "{nobody}"
	require.ErrorContains(t, r.Lint(), "{nobody}")
}

func TestDefaultsAndConstants(t *testing.T) {
	t.Parallel()
	r := rules()
	r.Constants = map[billing.Column]string{billing.ColCountry: "NO"}
	r.Defaults = map[billing.Column]string{
		billing.ColVAT: "15", billing.ColDaysUntilDue: "20",
		billing.ColFirstName: "Regnskap",
	}
	o := group(t, r, sheet("country= | vat= | days_until_due= | first_name=", "days_until_due=30")...)[0].Order
	require.NotNil(t, o)
	require.Equal(t, "NO", o.Address.Country)
	require.Equal(t, 30, o.DaysUntilDue, "a default does not disagree with another row")
	require.Equal(t, "Ola", o.Address.FirstName)
	require.Equal(t, int64(3900+5980), o.VAT.Minor())
}

// However rows are mixed, every row is in exactly one group, orders come in the order of their first rows, and their
// totals are the sums of their rows.
func TestGroupingKeepsEveryRow(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 60).Draw(t, "rows")
		lines := make([]string, n)
		want := map[string]int64{}
		var seen []string
		for i := range n {
			minor := rapid.Int64Range(1, 1_000_000).Draw(t, "minor")
			reference := fmt.Sprintf("R-%d", rapid.IntRange(1, 12).Draw(t, "reference"))
			lines[i] = fmt.Sprintf("line_id= | order_reference=%s | amount=%d.%02d", reference, minor/100, minor%100)
			if want[reference] == 0 {
				seen = append(seen, reference)
			}
			want[reference] += minor
		}
		rows := billing.NewRowStore(n, &memory{})
		var order []string
		stored := 0
		for _, g := range group(t, rules(), sheet(lines...)...) {
			for _, row := range g.Rows {
				require.NoError(t, rows.Put(&row))
				require.Error(t, rows.Put(&row), "a row is stored once")
				stored++
			}
			require.NotNil(t, g.Order)
			order = append(order, g.Order.Reference)
			require.Equal(t, want[g.Order.Reference], g.Order.Gross.Minor())
		}
		require.Equal(t, n, stored)
		require.Equal(t, seen, order)
		i := 0
		for row, err := range rows.All() {
			require.NoError(t, err)
			require.Equal(t, i+2, row.Row)
			i++
		}
		require.Equal(t, n, i)
	})
}

func TestManyRowsOfOneReferenceAreRefusedInChunks(t *testing.T) {
	t.Parallel()
	records := make([]billing.Record, 20_001)
	for i := range records {
		records[i] = record("")
		records[i].Row = i + 2
		records[i].Set(billing.ColLineID, "")
	}
	r := rules()
	r.SplitOrders = true
	total := 0
	for _, g := range group(t, r, records...) {
		require.Nil(t, g.Order)
		require.Contains(t, codes([]billing.Group{g}), "order.lines")
		total += len(g.Rows)
	}
	require.Equal(t, len(records), total)
}

// failing is scratch storage on a full disk.
type failing struct{}

func (failing) Write([]byte) (int, error)         { return 0, errors.New("no space left") }
func (failing) ReadAt([]byte, int64) (int, error) { return 0, io.EOF }

func TestFullDisk(t *testing.T) {
	t.Parallel()
	g := billing.NewGrouper(rules(), failing{})
	require.ErrorContains(t, g.Add(record("")), "before its table")
	g.AddTable(billing.Table{File: "x"})
	long := record("description=" + strings.Repeat("x", 1<<20))
	var err error
	for range 50 { // which are more than is kept in memory
		if err = g.Add(long); err != nil {
			break
		}
	}
	require.ErrorContains(t, err, "no space left")
}

func BenchmarkGroup(b *testing.B) {
	records := make([]billing.Record, 10_000)
	for i := range records {
		records[i] = record(fmt.Sprintf("line_id= | order_reference=R-%d", i/4))
		records[i].Row = i
	}
	rand.Shuffle(len(records), func(i, j int) { records[i], records[j] = records[j], records[i] })
	b.ReportAllocs()
	for b.Loop() {
		group(b, rules(), records...)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(records)), "ns/row")
}
