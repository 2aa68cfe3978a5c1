package report

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// Receivables sums up the invoices of a report: their numbers, when those of this run are due, and what is paid.
type Receivables struct {
	Series  []Series  // of this run's invoices, including cancelled ones
	Due     []Due     // of this run's invoices that are not cancelled, by currency and week
	Aging   []Aging   // of all invoices of the report that are not cancelled, by currency and age
	Settled []Settled // of the same invoices, by currency and word
}

// Series is the invoice numbers that have the same text before the running number.
type Series struct {
	First, Last string
	Invoices    int
	Missing     int      // numbers between the first and the last that are not this run's
	Gaps        []string // the first ten gaps: "INV-7" or "INV-7 – INV-9"
}

// Due is what is due in one week.
type Due struct {
	Monday   billing.Date // "" when the due date is not known
	Invoices int
	Amount   money.Amount
}

// age says how long an invoice is overdue.
type age uint8

// The ages, and the invoices for which no payment is expected any more.
const (
	ageNotDue age = iota + 1
	ageMonth      // 1 to 30 days
	ageTwo        // 31 to 60
	ageThree      // 61 to 90
	ageOlder
	ageUndated
	agePaid
	ageRefunded // refunded in part; one that is refunded in full counts as cancelled
	ages        = iota + 1
)

// Aging is the invoices of one currency and age.
type Aging struct {
	Currency money.Currency
	Age      age
	Invoices int
	Amount   money.Amount
	Paid     money.Amount // as far as the provider says it
	Open     money.Amount // Amount less Paid
	Untold   int          // invoices that are paid in part, when the provider does not say how much
}

// Settled is the invoices of one currency and one word for the settlement, which is the provider's payout to the
// seller.
type Settled struct {
	Currency money.Currency
	Word     string // the provider's, "" when it says nothing
	Invoices int
	Amount   money.Amount
}

// receivables counts invoices. Only the invoice numbers make it grow with the report, by eight bytes each.
type receivables struct {
	today   billing.Date
	series  map[string]*numbers // by the text before the running number
	others  int                 // invoices of series beyond maxSeries
	due     map[inCurrency[billing.Date]]*Due
	aging   map[inCurrency[age]]*Aging
	settled map[inCurrency[string]]*Settled
}

// inCurrency is a key within a currency.
type inCurrency[T comparable] struct {
	currency money.Currency
	of       T
}

// numbers are the running numbers of a series.
type numbers struct {
	width int // digits of the shortest number, with zeros in front
	all   []int64
}

func newReceivables(today billing.Date) receivables {
	return receivables{
		today: today, series: map[string]*numbers{}, due: map[inCurrency[billing.Date]]*Due{},
		aging: map[inCurrency[age]]*Aging{}, settled: map[inCurrency[string]]*Settled{},
	}
}

func (v *receivables) add(o *Order) {
	if o.Invoiced == ByThisRun && o.Outcome.InvoiceNumber != "" {
		v.number(o.Outcome.InvoiceNumber)
	}
	if o.Cancelled() || o.Invoiced != ByThisRun && o.Invoiced != Before {
		return
	}
	currency := o.Gross.Currency()
	if o.Invoiced == ByThisRun {
		of := entry(v.due, inCurrency[billing.Date]{currency, mondayOf(o.Outcome.DueDate)})
		of.Monday, of.Invoices, of.Amount = mondayOf(o.Outcome.DueDate), of.Invoices+1, plus(of.Amount, o.Gross)
	}
	s := entry(v.settled, inCurrency[string]{currency, o.Outcome.Settlement})
	s.Currency, s.Word, s.Invoices, s.Amount = currency, o.Outcome.Settlement, s.Invoices+1, plus(s.Amount, o.Gross)
	a := entry(v.aging, inCurrency[age]{currency, v.ageOf(o)})
	a.Currency, a.Age, a.Invoices, a.Amount = currency, v.ageOf(o), a.Invoices+1, plus(a.Amount, o.Gross)
	a.Paid, a.Open = plus(a.Paid, o.Paid()), plus(a.Open, o.Open())
	if o.Outcome.Paid == 0 && strings.HasPrefix(o.Outcome.PaymentStatus, "part-paid") {
		a.Untold++
	}
}

// entry returns the value of a key, and makes it at the first use.
func entry[K comparable, V any](all map[K]*V, key K) *V {
	if all[key] == nil {
		all[key] = new(V)
	}
	return all[key]
}

// plus adds amounts of orders. The sum of the rows would overflow first, and is checked.
func plus(a, b money.Amount) money.Amount {
	sum, err := a.Add(b)
	if err != nil {
		return a
	}
	return sum
}

// Paid returns what the customer has paid, as far as the provider says it.
func (o *Order) Paid() money.Amount {
	if o.Outcome.PaymentStatus == "paid" { // older programs did not record the amount
		return o.Gross
	}
	return money.New(o.Outcome.Paid, o.Gross.Currency())
}

// Open returns what is still to be paid, as far as the provider says it; 0 for a cancelled or partly refunded invoice.
func (o *Order) Open() money.Amount {
	open := o.Gross.Minor() - o.Paid().Minor()
	if o.Cancelled() || o.Invoiced != ByThisRun && o.Invoiced != Before || o.Outcome.PaymentStatus == "part-refunded" {
		open = 0
	}
	return money.New(open, o.Gross.Currency())
}

// DaysOverdue returns the days since an open invoice was due, 0 for one that is not overdue.
func (o *Order) DaysOverdue(today billing.Date) int {
	if o.Outcome.DueDate == "" || o.Outcome.DueDate >= today || o.Open().Minor() == 0 {
		return 0
	}
	return int(today.Time().Sub(o.Outcome.DueDate.Time()) / (24 * time.Hour))
}

func (v *receivables) ageOf(o *Order) age {
	switch days := o.DaysOverdue(v.today); {
	case o.Outcome.PaymentStatus == "part-refunded":
		return ageRefunded
	case o.Open().Minor() == 0:
		return agePaid
	case o.Outcome.DueDate == "":
		return ageUndated
	case days == 0:
		return ageNotDue
	case days <= 30:
		return ageMonth
	case days <= 60:
		return ageTwo
	case days <= 90:
		return ageThree
	}
	return ageOlder
}

// mondayOf returns the Monday of a day's week, "" for no day.
func mondayOf(day billing.Date) billing.Date {
	if day == "" {
		return ""
	}
	t := day.Time()
	return billing.Date(t.AddDate(0, 0, -(int(t.Weekday())+6)%7).Format(time.DateOnly))
}

// single ends the key of an invoice number without a running number.
const single = "\x00"

// number notes an invoice number. Its series is the text before its last digits.
func (v *receivables) number(text string) {
	digits := len(text)
	for digits > 0 && text[digits-1] >= '0' && text[digits-1] <= '9' {
		digits--
	}
	if v.series[text[:digits]] == nil && len(v.series) >= maxSeries {
		v.others++
		return
	}
	n, err := strconv.ParseInt(text[digits:], 10, 64)
	if err != nil { // no digits, or more than a number has: a series of one
		v.series[text+single] = &numbers{}
		return
	}
	s := entry(v.series, text[:digits])
	s.width, s.all = min(cmp.Or(s.width, len(text)-digits), len(text)-digits), append(s.all, n)
}

// maxSeries is the number of series that are counted separately; further ones are counted as one.
const maxSeries = 1000

// maxGaps is the number of gaps of a series that are named.
const maxGaps = 10

// seriesOf returns the series of a prefix with its gaps.
func (n *numbers) seriesOf(prefix string) Series {
	if len(n.all) == 0 {
		name := strings.TrimSuffix(prefix, single)
		return Series{First: name, Last: name, Invoices: 1}
	}
	slices.Sort(n.all)
	all := slices.Compact(n.all)
	name := func(number int64) string {
		digits := strconv.FormatInt(number, 10)
		return prefix + strings.Repeat("0", max(0, n.width-len(digits))) + digits
	}
	s := Series{First: name(all[0]), Last: name(all[len(all)-1]), Invoices: len(all)}
	for i, number := range all[1:] {
		before := all[i]
		if number == before+1 {
			continue
		}
		s.Missing += int(number - before - 1)
		switch {
		case len(s.Gaps) == maxGaps:
		case number == before+2:
			s.Gaps = append(s.Gaps, name(before+1))
		default:
			s.Gaps = append(s.Gaps, name(before+1)+" – "+name(number-1))
		}
	}
	return s
}

// finish returns what was counted, sorted as the tables show it.
func (v *receivables) finish() *Receivables {
	r := &Receivables{}
	for _, prefix := range slices.Sorted(maps.Keys(v.series)) {
		r.Series = append(r.Series, v.series[prefix].seriesOf(prefix))
	}
	if v.others > 0 {
		r.Series = append(r.Series, Series{First: "…", Last: "…", Invoices: v.others})
	}
	r.Due = sorted(v.due, func(a, b *Due) int {
		return cmp.Or(compareCurrency(a.Amount.Currency(), b.Amount.Currency()), cmp.Compare(a.Monday, b.Monday))
	})
	r.Aging = sorted(v.aging, func(a, b *Aging) int {
		return cmp.Or(compareCurrency(a.Currency, b.Currency), cmp.Compare(a.Age, b.Age))
	})
	r.Settled = sorted(v.settled, func(a, b *Settled) int {
		return cmp.Or(compareCurrency(a.Currency, b.Currency), cmp.Compare(a.Word, b.Word))
	})
	return r
}

func compareCurrency(a, b money.Currency) int { return cmp.Compare(a.Code(), b.Code()) }

// sorted returns the values of a map, sorted.
func sorted[K comparable, V any](all map[K]*V, compare func(a, b *V) int) []V {
	var list []V
	for _, of := range slices.SortedFunc(maps.Values(all), compare) {
		list = append(list, *of)
	}
	return list
}
