package report

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// orderColumn is one column of the sheet Orders. It has either a text, or an amount in minor units, which false leaves
// empty.
type orderColumn struct {
	column
	text   func(*Order) string
	amount func(*Order) (minor int64, some bool)
}

func textColumn(name string, k kind, text func(*Order) string) orderColumn {
	return orderColumn{column: column{name, k}, text: text}
}

func amountColumn(name string, amount func(*Order) (int64, bool)) orderColumn {
	return orderColumn{column: column{name, kindAmount}, amount: amount}
}

// orderColumns are the columns of the sheet Orders except the last, first_row. What is asked only about a single order
// comes after what is asked about a month.
func orderColumns(r *Report, location *time.Location, w words) []orderColumn {
	columns := []orderColumn{
		textColumn("order", kindNumber, func(o *Order) string { return strconv.Itoa(o.Seq) }),
		textColumn("order_reference", kindText, func(o *Order) string { return o.Reference }),
		textColumn("customer_number", kindText, func(o *Order) string { return o.CustomerNumber }),
		textColumn("customer", kindProse, func(o *Order) string { return o.Customer }),
		textColumn("organization_number", kindText, func(o *Order) string { return o.Particulars.Organization }),
		textColumn("customer_reference", kindText, func(o *Order) string { return o.Particulars.CustomerReference }),
		textColumn("cost_center", kindText, func(o *Order) string { return o.Particulars.CostCenter }),
		textColumn("delivered", kindText, delivered),
		textColumn("rows", kindNumber, func(o *Order) string { return strconv.Itoa(o.Rows) }),
		amountColumn("net_amount", func(o *Order) (int64, bool) { return o.Gross.Minor() - o.VAT.Minor(), true }),
	}
	columns = append(columns, vatColumns(r, location, w)...)
	columns = append(columns, []orderColumn{
		amountColumn("vat_amount", func(o *Order) (int64, bool) { return o.VAT.Minor(), true }),
		amountColumn("amount", func(o *Order) (int64, bool) { return o.Gross.Minor(), true }),
		textColumn("currency", kindText, func(o *Order) string { return o.Gross.Currency().Code() }),
		textColumn("state", kindText, func(o *Order) string { return w.final(o.Final) }),
		textColumn(invoicedColumn, kindText, func(o *Order) string { return w.invoiced(o.Invoiced) }),
		textColumn("invoiced_by_run", kindText, func(o *Order) string { return o.Run }),
		textColumn("invoice_number", kindText, func(o *Order) string { return o.Outcome.InvoiceNumber }),
		textColumn("invoice_date", kindDate, func(o *Order) string { return string(o.Outcome.InvoiceDate) }),
		textColumn("due_date", kindDate, func(o *Order) string { return string(o.Outcome.DueDate) }),
		textColumn("cancelled", kindDate, func(o *Order) string { return cancelledOn(o, location) }),
		textColumn("expected", kindDate, func(o *Order) string { return string(o.Expected) }),
		textColumn("to_do", kindProse, func(o *Order) string { return w.text(todoOf(r, o)) }),
		textColumn("problem", kindProse, func(o *Order) string {
			message, _ := w.problem(o.Outcome.Code, o.Outcome.Message, o.Outcome.Hint)
			return apart(message, noBreak)
		}),
		textColumn("payment_status", kindText, func(o *Order) string { return w.text(o.Outcome.PaymentStatus) }),
		amountColumn("paid", func(o *Order) (int64, bool) { return o.Paid().Minor(), o.Paid().Minor() != 0 }),
		amountColumn("open", func(o *Order) (int64, bool) {
			return o.Open().Minor(), o.Invoiced == ByThisRun || o.Invoiced == Before
		}),
		textColumn("days_overdue", kindNumber, func(o *Order) string { return nonzero(o.DaysOverdue(r.Today)) }),
		textColumn("settlement", kindText, func(o *Order) string { return w.text(o.Outcome.Settlement) }),
		amountColumn("rounding", roundingAmount),
		textColumn("product", kindText, func(o *Order) string {
			return strings.TrimPrefix(string(o.Product), "kravia.invoice_")
		}),
		textColumn("invoice_channel", kindText, func(o *Order) string { return w.text(string(o.Channel)) }),
		textColumn("problem_code", kindProse, func(o *Order) string { return string(o.Outcome.Code) }),
		textColumn("invoice_url", kindLink, func(o *Order) string { return o.Outcome.InvoiceURL }),
		textColumn("attempts", kindNumber, func(o *Order) string { return strconv.Itoa(o.Attempts) }),
		textColumn("first_attempt", kindTime, func(o *Order) string { return localTime(o.FirstAttempt, location) }),
		textColumn("last_attempt", kindTime, func(o *Order) string { return localTime(o.LastAttempt, location) }),
		textColumn("transaction_id", kindText, func(o *Order) string { return o.Outcome.TransactionID }),
		textColumn("session_id", kindText, func(o *Order) string { return o.Outcome.SessionID }),
	}...)
	return columns
}

// todoOf returns what somebody must still do about an order: what the order says, or else what its state says.
func todoOf(r *Report, o *Order) string {
	if o.Todo == "" && r.Preview == nil && (o.Final == billing.FinalNotAttempted || o.Final == billing.FinalFailed) {
		return todo(o.Final)
	}
	return o.Todo
}

// vatColumns are a column for the net amount without VAT, and one for the VAT of each rate of the seller's country.
// Columns that no order fills are hidden, as for orders that an older program wrote without VAT by rate.
func vatColumns(r *Report, location *time.Location, w words) (columns []orderColumn) {
	var rates []money.Rate
	day := billing.Date(r.Run.Started.In(location).Format(time.DateOnly))
	for _, sum := range r.Control.Money {
		of, _ := billing.VATRates(r.Run.SellerCountry, sum.Currency().Code(), "", day)
		rates = append(rates, of...)
	}
	slices.SortFunc(rates, func(a, b money.Rate) int { return cmp.Compare(b, a) })
	rates = slices.Compact(rates)
	add := func(name string, is func(*billing.VATShare) bool, value func(*billing.VATShare) int64) {
		columns = append(columns, amountColumn(name, func(o *Order) (sum int64, some bool) {
			for i := range o.Particulars.VAT {
				if share := &o.Particulars.VAT[i]; is(share) {
					sum, some = sum+value(share), true
				}
			}
			return sum, some
		}))
	}
	add(w.say("Net at %s %%", "0"), func(s *billing.VATShare) bool { return s.Rate == 0 },
		func(s *billing.VATShare) int64 { return s.Gross })
	vat := func(s *billing.VATShare) int64 { return s.VAT }
	for _, rate := range rates {
		if rate != 0 {
			add(w.say("VAT %s %%", w.decimal(rate.String())), func(s *billing.VATShare) bool {
				return s.Rate == rate
			}, vat)
		}
	}
	add(w.say("VAT of other rates"), func(s *billing.VATShare) bool {
		return s.Rate != 0 && !slices.Contains(rates, s.Rate)
	}, vat)
	return columns
}

// delivered returns the month of delivery, or the first and the last.
func delivered(o *Order) string {
	const month = len("2006-01")
	from, to := o.Particulars.DeliveredFrom, o.Particulars.DeliveredTo
	switch {
	case from == "":
		return ""
	case from[:month] == to[:month]:
		return string(from[:month])
	}
	return string(from[:month] + " – " + to[:month])
}

// cancelledOn returns the day on which the program saw that this run's invoice was cancelled, "" for none.
func cancelledOn(o *Order, location *time.Location) string {
	if !o.Cancelled() || o.Outcome.UpdatedAt.IsZero() {
		return ""
	}
	return o.Outcome.UpdatedAt.In(location).Format(time.DateOnly)
}

// roundingAmount returns the VAT summed over the lines, less the VAT computed on the sum of each rate.
func roundingAmount(o *Order) (off int64, some bool) {
	for i := range o.Particulars.VAT {
		off += o.Particulars.VAT[i].VAT - o.Particulars.VAT[i].OnSum()
	}
	return off, off != 0
}

func nonzero(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}
