package report

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"kraviabatch/internal/billing"
)

// scattered is a report of orders with so many rows each, whose rows stand in any order: of is the order of each row.
func scattered(rows []int, of []int) *Report {
	var all []billing.Row
	var orders []Order
	seen := map[int]bool{}
	for i, n := range of {
		all = append(all,
			billing.Row{
				Place: billing.Place{File: "lines.csv", Row: i + 2}, Ordinal: i,
				Reference: fmt.Sprint("R-", n), Valid: true,
			})
		if seen[n] {
			continue
		}
		seen[n] = true
		o := Order{
			Reference: fmt.Sprint("R-", n), Rows: rows[n], Final: billing.FinalInvoiced,
			Changed: fmt.Sprint("changed ", n),
			Outcome: billing.Outcome{
				TransactionID: fmt.Sprint("T-", n), SessionID: "S", InvoiceNumber: fmt.Sprint(n),
				InvoiceDate: "2026-11-26", DueDate: "2026-12-10",
				InvoiceURL: "https://x", PaymentStatus: "unpaid", Code: "a.b", Message: strings.Repeat("m", n),
				Hint: "h",
			},
		}
		if n%2 == 1 {
			o.Remarks = []billing.Problem{
				{
					Code: "c.d", Severity: billing.Warning, Column: "x", Value: fmt.Sprint(n), Message: "said",
					Hint: "of each row",
				},
			}
		}
		orders = append(orders, o)
	}
	return &Report{Rows: sequence(all), Orders: sequence(orders)}
}

// However the rows of orders are mixed, each row gets the state of its own order, and the first row gets the order.
func TestRowsAreJoinedToTheirOrders(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOfN(rapid.IntRange(1, 5), 1, 20).Draw(t, "rows")
		var of []int
		for n, count := range rows {
			for range count {
				of = append(of, n)
			}
		}
		of = rapid.Permutation(of).Draw(t, "of")
		seen, left := map[int]bool{}, 0
		err := join(scattered(rows, of), folder, rapid.IntRange(0, 3).Draw(t, "most"), func(row *Row) error {
			n := of[row.Ordinal]
			require.Equal(t, fmt.Sprint("T-", n), row.Outcome.TransactionID)
			require.Equal(t, strings.Repeat("m", n), row.Outcome.Message)
			require.Equal(t, fmt.Sprint("changed ", n), row.Changed)
			require.Equal(t, billing.FinalInvoiced, row.Final)
			require.Len(t, row.Problems, n%2)
			for _, p := range row.Problems {
				require.Equal(t, billing.Problem{
					Code: "c.d", Severity: billing.Warning, Place: row.Place, Column: "x", Value: fmt.Sprint(n),
					Message: "said", Hint: "of each row",
				}, p)
			}
			require.Equal(t, seen[n], row.order == nil)
			if row.order != nil {
				seen[n] = true
				require.Equal(t, len(seen), row.order.Seq)
				row.listed = place{"Orders", n + 1}
			} else {
				require.Equal(t, place{"Orders", n + 1}, row.listed)
			}
			left++
			return nil
		}, func(*Order) error { return errors.New("no order was lost") })
		require.NoError(t, err)
		require.Len(t, of, left)
	})
	require.Empty(t, namesIn(t, folder))
}

// Orders may come in another sequence than their first rows.
func TestOrdersThatComeEarly(t *testing.T) {
	t.Parallel()
	r := scattered([]int{2, 1, 1}, []int{0, 1, 2, 0})
	orders := collect(t, r.Orders)
	r.Orders = sequence([]Order{orders[2], orders[1], orders[0]})
	var seqs []int
	require.NoError(t, join(r, "", maxHeld, func(row *Row) error {
		if row.order != nil {
			seqs = append(seqs, row.order.Seq)
		}
		require.NotEmpty(t, row.Outcome.TransactionID)
		return nil
	}, func(*Order) error { return errors.New("no order was lost") }))
	require.Equal(t, []int{1, 2, 3}, seqs)
}

func TestRowWithoutOrder(t *testing.T) {
	t.Parallel()
	more := scattered([]int{1, 1}, []int{0, 1, 0}) // a row more than the order has
	none := scattered([]int{1, 1}, []int{0, 1})
	none.Orders = sequence(collect(t, none.Orders)[:1])
	for row, r := range map[int]*Report{4: more, 3: none} {
		_, err := reconcile(r)
		require.ErrorContains(t, err,
			fmt.Sprintf("row %d of lines.csv: its order R-%d is not in the run, or has fewer rows there", row, 4-row))
	}
}

func TestOrderTwice(t *testing.T) {
	t.Parallel()
	r := scattered([]int{1, 1}, []int{0, 1})
	orders := collect(t, r.Orders)
	r.Orders = sequence([]Order{orders[1], orders[1], orders[0]})
	_, err := reconcile(r)
	require.ErrorContains(t, err, "order R-1 is in the run twice")
}
