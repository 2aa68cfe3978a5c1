package billing

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"kraviabatch/internal/money"
)

// Date is a calendar day as YYYY-MM-DD, "" for none. Dates can be compared as text.
type Date string

// ParseDate reads a date as YYYY-MM-DD; "" is no date. Any other text is an error, also a day that does not exist.
func ParseDate(text string) (Date, error) {
	if text == "" {
		return "", nil
	}
	if !IsDay(text) {
		return "", fmt.Errorf(msgNotDate, text)
	}
	return Date(text), nil
}

// IsDay reports whether a text is an existing day as YYYY-MM-DD. It is faster than package time, which matters for
// every date cell.
func IsDay(text string) bool {
	if len(text) != len(time.DateOnly) || text[4] != '-' || text[7] != '-' {
		return false
	}
	number := func(part string) (n int) {
		for i := range len(part) {
			if part[i] < '0' || part[i] > '9' {
				return -1
			}
			n = 10*n + int(part[i]-'0')
		}
		return n
	}
	year, month, day := number(text[:4]), number(text[5:7]), number(text[8:])
	const shortest = 28 // days of a month
	return year >= 0 && month >= 1 && month <= 12 && day >= 1 &&
		(day <= shortest || time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC).Day() == day)
}

// Time is midnight UTC of the day, and the zero time for "".
func (d Date) Time() time.Time {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return time.Time{}
	}
	return t
}

// Product is a Kravia invoice product: the payment product of the provider's session.
type Product string

// The products, as the provider names them.
const (
	B2B        Product = "kravia.invoice_b2b"
	B2BGrouped Product = "kravia.invoice_b2b_grouped"
	B2C        Product = "kravia.invoice_b2c"
)

// Channel says who delivers the invoice.
type Channel string

// The invoice channels, as the provider names them.
const (
	ChannelKravia   Channel = "kravia"
	ChannelMerchant Channel = "merchant"
)

// Address is the billing address. Its JSON is the provider's `billing_address`: empty fields are left out.
type Address struct {
	FirstName          string `json:"first_name,omitempty"`
	LastName           string `json:"last_name,omitempty"`
	BusinessName       string `json:"business_name,omitempty"`
	OrganizationNumber string `json:"organization_number,omitempty"`
	Email              string `json:"email,omitempty"`
	PhoneNumber        string `json:"phone_number,omitempty"` // E.164
	AddressLine        string `json:"address_line,omitempty"`
	AddressLine2       string `json:"address_line_2,omitempty"`
	COAddress          string `json:"co_address,omitempty"`
	PostalCode         string `json:"postal_code,omitempty"`
	PostalPlace        string `json:"postal_place,omitempty"`
	Country            string `json:"country,omitempty"` // ISO 3166-1 alpha-2
	CustomerReference  string `json:"customer_reference,omitempty"`
	CostCenter         string `json:"cost_center,omitempty"`
}

// Line is one billed item. Amounts include VAT.
type Line struct {
	ID           string        `json:"id"`
	ItemID       string        `json:"item_id,omitempty"`
	Description  string        `json:"description"`
	Quantity     money.Decimal `json:"quantity"`
	Gross        money.Amount  `json:"gross"`
	Rate         money.Rate    `json:"rate"` // basis points
	VAT          money.Amount  `json:"vat"`
	DeliveryDate Date          `json:"delivery_date,omitempty"`
	Treatment    string        `json:"-"` // not sent, and so no part of the content hash
	numbered     bool          // ID is a running number, not a cell of the input
	row          int           // index of the line's first row among the rows of the order
	rounding     rounding
}

// Order is what becomes one invoice, or one entry of a grouped invoice.
type Order struct {
	Reference      string         `json:"reference"` // merchant reference, 1-35 of A-Za-z0-9._-
	CustomerNumber string         `json:"customer_number,omitempty"`
	Product        Product        `json:"product"`
	Currency       money.Currency `json:"-"`
	Channel        Channel        `json:"channel,omitempty"` // "" for grouped
	DaysUntilDue   int            `json:"days_until_due"`    // 0-365; -1 if DueDate is set
	DueDate        Date           `json:"due_date,omitempty"`
	Address        Address        `json:"address"`
	Lines          []Line         `json:"lines"`
	First          int            `json:"-"` // ordinal of the first row; orders are sent by it
	Rows           int            `json:"-"` // how many rows the order has
	Gross          money.Amount   `json:"gross"`
	VAT            money.Amount   `json:"vat"` // sum of the lines' VAT
}

// VATTotal is one VAT rate's share of a batch.
type VATTotal struct {
	Rate  money.Rate
	Gross money.Amount
	VAT   money.Amount // sum of the lines' VAT
}

// hashVersion changes with the canonical form, so that a hash of the old form is never taken for one of the new form.
const hashVersion = "1"

// Hash identifies the order's content: the version and the hex SHA-256 of its canonical JSON. Two orders with the same
// reference and different hashes are in conflict. Run, period, file and day of sending are no part of it. The sequence
// of lines is no part of it either, nor what follows from it: running line ids, and which of equal lines takes a
// rounding.
func (o *Order) Hash() string {
	canonical := *o
	lines := make([]string, 0, len(o.Lines))
	for _, line := range o.Lines {
		if line.numbered {
			line.ID = ""
		}
		if r := line.rounding; r.vat != 0 {
			line = line.alone()
			lines = append(lines, r.canonical(&line))
		}
		lines = append(lines, mustMarshal(line))
	}
	slices.Sort(lines)
	canonical.Lines = nil
	sum := sha256.Sum256([]byte(hashVersion + "\n" + mustMarshal(canonical) + "\n" + strings.Join(lines, "\n")))
	return hashVersion + ":" + hex.EncodeToString(sum[:])
}

// mustMarshal writes a value of this package as JSON. None of them can fail.
func mustMarshal(value any) string {
	data, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return string(data)
}

// DaysFrom is the number of days until due, counted from today; negative if the due date has passed.
func (o *Order) DaysFrom(today Date) int {
	if o.DueDate == "" {
		return o.DaysUntilDue
	}
	return int(o.DueDate.Time().Sub(today.Time()).Hours() / 24)
}

// CustomerName is the name of the business or private customer that the invoice goes to, "" if there is none.
func (a *Address) CustomerName() string {
	if a.BusinessName != "" {
		return a.BusinessName
	}
	switch {
	case a.FirstName == "":
		return a.LastName
	case a.LastName == "":
		return a.FirstName
	}
	return a.FirstName + " " + a.LastName
}

// GroupedIssue is the day on which the provider issues the grouped invoice for orders of a day, by its documentation:
// the first of the next month, or the following Monday if that is a weekend. It knows no quarterly grouping and no
// holidays.
func GroupedIssue(day Date) Date {
	t := day.Time()
	issue := time.Date(t.Year(), t.Month()+1, 1, 0, 0, 0, 0, time.UTC)
	switch issue.Weekday() {
	case time.Saturday:
		issue = issue.AddDate(0, 0, 2)
	case time.Sunday:
		issue = issue.AddDate(0, 0, 1)
	case time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday:
	}
	return Date(issue.Format(time.DateOnly))
}
