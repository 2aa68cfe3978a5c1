package report

import (
	"slices"
	"strconv"
	"time"
	_ "time/tzdata"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// zone is the time zone of all times in the workbook.
const zone = "Europe/Oslo"

// timeLayout is how a time stands in a cell before it becomes a number.
const timeLayout = "2006-01-02 15:04:05"

// shape is the layout of a report, and what its pass learns beside the summary.
type shape struct {
	fixed        []column
	own          own
	changed      bool // Report.Changed
	orderColumns []orderColumn
	groups       billing.ProblemGroups
	orderRows    int            // rows of all orders
	orderMoney   []money.Amount // of all orders, beside Summary.Money
	credits      []*credit      // in the order of the rows that say so
	leftOut      leftOutShape
	location     *time.Location
	words        words
}

func newShape(r *Report) (shape, error) {
	location, err := time.LoadLocation(zone)
	if err != nil {
		return shape{}, err
	}
	words, err := newWords(r.Language)
	fixed := fixedColumns()
	return shape{
		fixed: fixed, own: ownColumns(r.Tables, fixed), changed: r.Changed, location: location, orderColumns: orderColumns(location),
		leftOut: newLeftOutShape(r.Tables), words: words,
	}, err
}

// ownHeader is the names of the columns after the fixed ones.
func (s *shape) ownHeader() []string {
	if !s.changed {
		return s.own.names
	}
	return append(slices.Clone(s.own.names), changedColumn)
}

// ownCells is a row's cells under ownHeader; buffer is reused.
func (s *shape) ownCells(r *Row, buffer []string) []string {
	buffer = s.own.cells(r.Table, r.Cells, buffer)
	if s.changed {
		buffer = append(buffer, r.Changed)
	}
	return buffer
}

// orderColumn is one column of the sheet Orders.
type orderColumn struct {
	name string
	kind kind
	text func(*Order) string
}

func orderColumns(location *time.Location) []orderColumn {
	return []orderColumn{
		{"order", kindNumber, func(o *Order) string { return strconv.Itoa(o.Seq) }},
		{"order_reference", kindText, func(o *Order) string { return o.Reference }},
		{"customer", kindProse, func(o *Order) string { return o.Customer }},
		{"rows", kindNumber, func(o *Order) string { return strconv.Itoa(o.Rows) }},
		{"amount", kindAmount, func(o *Order) string { return o.Gross.String() }},
		{"vat_amount", kindAmount, func(o *Order) string { return o.VAT.String() }},
		{"currency", kindText, func(o *Order) string { return o.Gross.Currency().Code() }},
		{"state", kindText, func(o *Order) string { return o.Final.String() }},
		{"to_do", kindProse, func(o *Order) string { return o.Todo }},
		{"problem_code", kindProse, func(o *Order) string { return string(o.Outcome.Code) }},
		{"problem", kindProse, func(o *Order) string { return o.Outcome.Message }},
		{"hint", kindProse, func(o *Order) string { return o.Outcome.Hint }},
		{"invoice_number", kindText, func(o *Order) string { return o.Outcome.InvoiceNumber }},
		{"invoice_date", kindDate, func(o *Order) string { return string(o.Outcome.InvoiceDate) }},
		{"due_date", kindDate, func(o *Order) string { return string(o.Outcome.DueDate) }},
		{"days_until_due", kindNumber, func(o *Order) string { return strconv.Itoa(o.DaysUntilDue) }},
		{"expected", kindDate, func(o *Order) string { return string(o.Expected) }},
		{"payment_status", kindText, func(o *Order) string { return o.Outcome.PaymentStatus }},
		{"settlement", kindText, func(o *Order) string { return o.Outcome.Settlement }},
		{"invoice_url", kindLink, func(o *Order) string { return o.Outcome.InvoiceURL }},
		{"product", kindText, func(o *Order) string { return string(o.Product) }},
		{"invoice_channel", kindText, func(o *Order) string { return string(o.Channel) }},
		{"attempts", kindNumber, func(o *Order) string { return strconv.Itoa(o.Attempts) }},
		{"first_attempt", kindTime, func(o *Order) string { return localTime(o.FirstAttempt, location) }},
		{"last_attempt", kindTime, func(o *Order) string { return localTime(o.LastAttempt, location) }},
		{"transaction_id", kindText, func(o *Order) string { return o.Outcome.TransactionID }},
		{"session_id", kindText, func(o *Order) string { return o.Outcome.SessionID }},
	}
}

func localTime(t time.Time, location *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(location).Format(timeLayout)
}

// findings is a row's own problems and, at the first row of an order, what became of the order.
func findings(r *Row) []billing.Problem {
	if r.order == nil || (r.Outcome.Code == "" && r.Outcome.Message == "") {
		return r.Problems
	}
	severity := billing.Error
	if live(r.Final) || r.Final == billing.FinalNotAttempted || r.Final == billing.FinalVoided {
		severity = billing.Warning
	}
	return append(slices.Clone(r.Problems), billing.Problem{
		Code: r.Outcome.Code, Severity: severity, Place: r.Place, Value: r.Reference, Message: r.Outcome.Message,
		Hint: r.Outcome.Hint,
	})
}
