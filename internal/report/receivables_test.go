package report

import (
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// invoice is an order of this run with a number, or of another one.
func invoice(number string, of Invoiced, gross int64, change func(*Order)) *Order {
	o := &Order{
		Reference: "R" + number, Final: billing.FinalInvoiced, Invoiced: of, Gross: nok(gross),
		Outcome: billing.Outcome{
			State: billing.Invoiced, InvoiceNumber: number, DueDate: "2026-12-06",
			PaymentStatus: "unpaid", Settlement: "not settled",
		},
	}
	if change != nil {
		change(o)
	}
	return o
}

func receivablesOf(orders ...*Order) *Receivables {
	v := newReceivables("2027-01-15")
	for _, o := range orders {
		v.add(o)
	}
	return v.finish()
}

func TestInvoiceNumbers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		numbers []string
		want    []Series
	}{
		"none":         {nil, nil},
		"one":          {[]string{"INV-0007"}, []Series{{First: "INV-0007", Last: "INV-0007", Invoices: 1}}},
		"in any order": {[]string{"9", "7", "8"}, []Series{{First: "7", Last: "9", Invoices: 3}}},
		"grouped":      {[]string{"7", "7", "8"}, []Series{{First: "7", Last: "8", Invoices: 2}}},
		"gaps": {
			[]string{"A-08", "A-10", "A-13"},
			[]Series{{First: "A-08", Last: "A-13", Invoices: 3, Missing: 3, Gaps: []string{"A-09", "A-11 – A-12"}}},
		},
		"longer numbers": {[]string{"998", "999", "1000"}, []Series{{First: "998", Last: "1000", Invoices: 3}}},
		"two series": {
			[]string{"B1", "A1", "B2"},
			[]Series{{First: "A1", Last: "A1", Invoices: 1}, {First: "B1", Last: "B2", Invoices: 2}},
		},
		"no digits": {
			[]string{"A", "A1"},
			[]Series{{First: "A1", Last: "A1", Invoices: 1}, {First: "A", Last: "A", Invoices: 1}},
		},
		"too long": {
			[]string{"12345678901234567890"},
			[]Series{{First: "12345678901234567890", Last: "12345678901234567890", Invoices: 1}},
		},
		"many gaps": {
			[]string{"0", "2", "4", "6", "8", "10", "12", "14", "16", "18", "20", "22", "24"},
			[]Series{
				{
					First: "0", Last: "24", Invoices: 13, Missing: 12,
					Gaps: []string{"1", "3", "5", "7", "9", "11", "13", "15", "17", "19"},
				},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var orders []*Order
			for _, number := range test.numbers {
				orders = append(orders, invoice(number, ByThisRun, 100, nil))
			}
			orders = append(orders, invoice("999999", Before, 100, nil),
				invoice("", Later, 100, func(o *Order) { o.Final = billing.FinalRegistered }))
			require.Equal(t, test.want, receivablesOf(orders...).Series)
		})
	}
}

func TestAges(t *testing.T) {
	t.Parallel()
	status := func(word string, paid int64) func(*Order) {
		return func(o *Order) { o.Outcome.PaymentStatus, o.Outcome.Paid = word, paid }
	}
	due := func(day billing.Date) func(*Order) { return func(o *Order) { o.Outcome.DueDate = day } }
	r := receivablesOf(
		invoice("1", ByThisRun, 1000, due("2027-01-15")), invoice("2", Before, 100, due("2027-01-14")),
		invoice("3", ByThisRun, 200, due("2026-12-16")),
		invoice("4", ByThisRun, 300, due("2026-12-15")), invoice("5", ByThisRun, 400, due("2026-11-16")),
		invoice("6", ByThisRun, 500, due("2026-11-15")),
		invoice("7", ByThisRun, 600, due("2026-10-17")), invoice("8", ByThisRun, 700, due("2026-10-16")),
		invoice("9", ByThisRun, 800, due("")),
		invoice("10", ByThisRun, 900, status("paid", 900)), invoice("11", ByThisRun, 950, status("paid", 0)),
		invoice("12", ByThisRun, 5000, status("part-paid, overdue", 2000)),
		invoice("13", ByThisRun, 6000, status("part-paid, overdue", 0)),
		invoice("14", ByThisRun, 70, status("part-refunded", 0)),
		invoice("15", ByThisRun, 80, func(o *Order) { o.Final = billing.FinalVoided }),
		invoice("16", NotInvoiced, 90, nil),
	)
	currency := money.MustCurrency("NOK")
	aging := func(a age, orders int, amount, paid, open int64, untold int) Aging {
		return Aging{currency, a, orders, nok(amount), nok(paid), nok(open), untold}
	}
	require.Equal(t, []Aging{
		aging(ageNotDue, 1, 1000, 0, 1000, 0), aging(ageMonth, 2, 300, 0, 300, 0),
		aging(ageTwo, 4, 11700, 2000, 9700, 1), aging(ageThree, 2, 1100, 0, 1100, 0),
		aging(ageOlder, 1, 700, 0, 700, 0), aging(ageUndated, 1, 800, 0, 800, 0),
		aging(agePaid, 2, 1850, 1850, 0, 0), aging(ageRefunded, 1, 70, 0, 0, 0),
	}, r.Aging)
	require.Equal(t, []Settled{{currency, "not settled", 14, nok(17520)}}, r.Settled)
}

func TestDueByWeek(t *testing.T) {
	t.Parallel()
	due := func(day billing.Date) func(*Order) { return func(o *Order) { o.Outcome.DueDate = day } }
	eur := func(o *Order) { o.Gross = money.New(50, money.MustCurrency("EUR")) }
	r := receivablesOf(
		invoice("1", ByThisRun, 100, due("2026-12-06")), invoice("2", ByThisRun, 200, due("2026-12-07")),
		invoice("3", ByThisRun, 300, due("2026-11-30")),
		invoice("4", ByThisRun, 0, eur), invoice("5", Before, 400, nil),
		invoice("6", ByThisRun, 500, func(o *Order) { o.Final = billing.FinalVoided }),
		invoice("7", ByThisRun, 600, due("")),
	)
	require.Equal(t, []Due{
		{"2026-11-30", 1, money.New(50, money.MustCurrency("EUR"))},
		{"", 1, nok(600)},
		{"2026-11-30", 2, nok(400)},
		{"2026-12-07", 1, nok(200)},
	}, r.Due)
}

func TestMondays(t *testing.T) {
	t.Parallel()
	for day, monday := range map[billing.Date]billing.Date{
		"2026-11-30": "2026-11-30", "2026-12-06": "2026-11-30", "2026-12-07": "2026-12-07",
		"2027-01-01": "2026-12-28", "": "",
	} {
		require.Equal(t, monday, mondayOf(day), day)
	}
}
