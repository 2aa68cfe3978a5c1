package report

import (
	"encoding/json"
	"errors"
	"iter"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

func TestReconcileCountsEveryState(t *testing.T) {
	t.Parallel()
	s := reconciled(t, makeReport(everyState()))
	require.True(t, s.Balanced)
	require.Equal(t, 33, s.Rows.Total())
	require.Equal(t, 12, s.Orders.Total())
	require.Equal(t, 6, s.Rows.Of(billing.FinalInvoiced))
	require.Equal(t, 1, s.Orders.Of(billing.FinalInvalid))
	require.Len(t, s.Money, 2)
	require.Equal(t, "EUR", s.Money[0].Currency.Code())
	require.Equal(t, int64(10334), s.Money[0].Of(billing.FinalInvoiced).Minor())
	require.Equal(t, int64(11737399), s.Money[1].Out().Minor())
	require.Equal(t, 7, s.ProblemsTotal, "three invalid rows, and one for each of four orders with a problem")
	first := s.Groups[0]
	require.Equal(t, billing.Code("postal_code.missing"), first.Code)
	require.Equal(t, billing.Error, first.Severity)
	require.Equal(t, 3, first.Count)
	require.Len(t, first.First, 3)
	require.Equal(t, "Fill in the four digits of the Norwegian postal code", first.Hint)
}

func TestSummaryJSON(t *testing.T) {
	t.Parallel()
	r := makeReport([]ended{
		{billing.FinalInvoiced, []int64{29900}, "NOK"},
		{billing.FinalInvalid, []int64{100}, "NOK"},
	})
	s := reconciled(t, r)
	s.Reports, s.ExitCode = []string{"reports/a.xlsx"}, 3
	data, err := json.Marshal(s)
	require.NoError(t, err)
	require.JSONEq(t, `{"version":1,"run":"20261122-130405-ab12","environment":"sandbox","account":"","period":"2026-11",
		"files":[{"name":"lines.csv","sha256":"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08","rows":2}],
		"rows":{"total":2,"invoiced":1,"already_invoiced":0,"registered":0,"rejected":0,"failed":0,"in_doubt":0,"conflict":0,
			"invalid":1,"not_attempted":0,"voided":0},
		"orders":{"total":2,"invoiced":1,"already_invoiced":0,"registered":0,"rejected":0,"failed":0,"in_doubt":0,"conflict":0,
			"invalid":1,"not_attempted":0,"voided":0},
		"money":[{"currency":"NOK","total":30000,"invoiced":29900,"already_invoiced":0,"registered":0,"rejected":0,"failed":0,
			"in_doubt":0,"conflict":0,"invalid":100,"not_attempted":0,"voided":0}],
		"invoicing":[{"currency":"NOK","by_this_run":{"orders":1,"net":23920,"vat":5980,"total":29900},"cancelled":{"orders":0,"net":0,"vat":0,"total":0},
			"before":{"orders":0,"net":0,"vat":0,"total":0},"registered":{"orders":0,"net":0,"vat":0,"total":0},
			"not_invoiced":{"orders":0,"net":80,"vat":20,"total":100}}],
		"balanced":true,"requests":{"token":1,"pay":12,"lookup":2,"other":0},"duration_seconds":34.5,
		"reports":["reports/a.xlsx"],
		"problems":[{"code":"postal_code.missing","severity":"error","file":"lines.csv","sheet":"","row":3,"column":"postal_code",
			"message":"The postal code is missing","hint":"Fill in the four digits of the Norwegian postal code"}],
		"problems_total":1,"exit_code":3}`, string(data))
}

func TestSummaryJSONOfNothing(t *testing.T) {
	t.Parallel()
	r := &Report{Rows: sequence[billing.Row](nil), Orders: sequence[Order](nil)}
	data, err := json.Marshal(reconciled(t, r))
	require.NoError(t, err)
	require.Contains(t, string(data), `"files":[],"rows":{"total":0,`)
	require.Contains(t, string(data), `"money":[],"invoicing":[],"balanced":true`)
	require.Contains(t, string(data), `"reports":[],"problems":[]`)
}

// spoil gives the report with its rows changed, all else kept.
func spoil(t require.TestingT, r *Report, change func([]billing.Row) []billing.Row) *Report {
	spoiled := *r
	spoiled.Rows = sequence(change(collect(t, r.Rows)))
	return &spoiled
}

// spoilOrders gives the report with its orders changed, all else kept.
func spoilOrders(t require.TestingT, r *Report, change func([]Order) []Order) *Report {
	spoiled := *r
	spoiled.Orders = sequence(change(collect(t, r.Orders)))
	return &spoiled
}

func collect[T any](t require.TestingT, all iter.Seq2[T, error]) (values []T) {
	for v, err := range all {
		require.NoError(t, err)
		values = append(values, v)
	}
	return values
}

func TestReconcileFindsDifferences(t *testing.T) {
	t.Parallel()
	two := money.New(2, money.MustCurrency("NOK"))
	tests := []struct {
		name   string
		change func(*Report) *Report
		want   string
	}{
		{"wrong amount", func(r *Report) *Report {
			return spoil(t, r, func(rows []billing.Row) []billing.Row { rows[0].Amount = &two; return rows })
		}, "money in NOK: in 117373.99, out 116124.01"},
		{"lost row", func(r *Report) *Report {
			return spoil(t, r, func(rows []billing.Row) []billing.Row { return slices.Delete(rows, 4, 5) })
		}, "rows: in 33, out 32"},
		{"repeated row instead of another", func(r *Report) *Report {
			return spoil(t, r, func(rows []billing.Row) []billing.Row { rows[1] = rows[0]; return rows })
		}, "place of a row in the input: in 1, out 0"},
		{"fewer rows than the order has", func(r *Report) *Report {
			return spoilOrders(t, r, func(orders []Order) []Order { orders[0].Rows++; return orders })
		}, "rows of orders invoiced: in 7, out 6"},
		{"control total", func(r *Report) *Report { r.Control.Rows = 34; return r }, "rows: in 34, out 33"},
		{"money of a currency that no row has", func(r *Report) *Report {
			r.Control.Money = append(r.Control.Money, money.New(5, money.MustCurrency("SEK")))
			return r
		}, "money in SEK: in 0.05, out 0.00"},
		{"order without rows", func(r *Report) *Report {
			return spoilOrders(t, r, func(orders []Order) []Order {
				return append(orders, Order{Reference: "GHOST", Final: billing.FinalInvoiced})
			})
		}, "order GHOST: in one row or more, out no row"},
		{"order without rows among others", func(r *Report) *Report {
			return spoilOrders(t, r, func(orders []Order) []Order {
				return slices.Insert(orders, 1, Order{Reference: "GHOST", Final: billing.FinalInvoiced, Gross: two})
			})
		}, "order GHOST: in one row or more, out no row; money of orders invoiced in NOK: in "},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s, err := reconcile(test.change(makeReport(everyState())))
			var imbalance *ImbalanceError
			require.ErrorAs(t, err, &imbalance)
			require.ErrorContains(t, err, test.want)
			require.False(t, s.Balanced)
			require.Equal(t, imbalance.Differences, s.Differences)
		})
	}
}

func TestReconcileRefusesRowWithoutState(t *testing.T) {
	t.Parallel()
	r := spoilOrders(t, makeReport(everyState()), func(orders []Order) []Order { orders[0].Final = 0; return orders })
	_, err := reconcile(r)
	require.EqualError(t, err, "reconcile: lines.csv row 2 has no final state")
}

func TestReconcilePassesErrorsOn(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk gone")
	r := makeReport(everyState())
	r.Rows = func(yield func(billing.Row, error) bool) { yield(billing.Row{}, broken) }
	_, err := reconcile(r)
	require.ErrorIs(t, err, broken)
	r = makeReport(everyState())
	r.Orders = func(yield func(Order, error) bool) { yield(Order{}, broken) }
	_, err = reconcile(r)
	require.ErrorIs(t, err, broken)
}

func TestProblemsAreLimited(t *testing.T) {
	t.Parallel()
	r := makeReport([]ended{{billing.FinalInvalid, make([]int64, MaxProblems+5), "NOK"}})
	s := reconciled(t, r)
	require.Len(t, s.Problems, MaxProblems)
	require.Equal(t, MaxProblems+5, s.ProblemsTotal)
}

func someOrders() *rapid.Generator[[]ended] {
	one := rapid.Custom(func(t *rapid.T) ended {
		return ended{
			rapid.SampledFrom(billing.Finals()).Draw(t, "final"),
			rapid.SliceOfN(rapid.Int64Range(-5_000_00, 50_000_00), 1, 5).Draw(t, "amounts"),
			rapid.SampledFrom([]string{"NOK", "EUR", "JPY", "BHD"}).Draw(t, "currency"),
		}
	})
	return rapid.SliceOfN(one, 1, 20)
}

func TestAnyMixBalances(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		r := makeReport(someOrders().Draw(rt, "orders"))
		s, err := reconcile(r)
		require.NoError(rt, err)
		sum := 0
		for _, f := range billing.Finals() {
			sum += s.Rows.Of(f)
		}
		require.Equal(rt, r.Control.Rows, sum)
	})
}

func TestAnyWrongAmountIsFound(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		r := makeReport(someOrders().Draw(rt, "orders"))
		at := rapid.IntRange(0, r.Control.Rows-1).Draw(rt, "row")
		off := rapid.Int64Range(1, 1000).Draw(rt, "off")
		var was money.Amount
		r = spoil(rt, r, func(rows []billing.Row) []billing.Row {
			was = *rows[at].Amount
			wrong := money.New(was.Minor()+off, was.Currency())
			rows[at].Amount = &wrong
			return rows
		})
		s, err := reconcile(r)
		var imbalance *ImbalanceError
		require.ErrorAs(rt, err, &imbalance)
		i := slices.IndexFunc(s.Money, func(m Money) bool { return m.Currency == was.Currency() })
		require.Equal(rt, off, s.Money[i].Out().Minor()-s.Money[i].In.Minor())
	})
}
