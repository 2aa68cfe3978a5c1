package billing

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"kraviabatch/internal/money"
)

// merged is what the rows of an order say in one order-level column, and which row said it first.
type merged struct {
	value string
	row   int
}

// merge takes the first non-empty cell of each order-level column and finds rows that disagree.
func (c *check) merge() {
	for i := range c.records {
		cells := c.records[i].cells()
		for _, column := range orderColumns {
			value := *cells[column.field]
			m := &c.cells[column.field]
			if value == "" || value == m.value {
				continue
			}
			switch value = clean(value); {
			case value == "" || value == m.value:
			case m.value == "":
				*m = merged{value, i}
			default:
				c.add(i, CodeOrderDiffers, column.Name, value,
					fmt.Sprintf("%s is %q here and %q in row %d of the same order", column.Name, value, m.value, c.rows[m.row].Row),
					"make them agree, or leave one empty")
			}
		}
	}
	for name, value := range c.rules.Defaults {
		if m := &c.cells[columnsByName[name].field]; m.value == "" {
			m.value = strings.TrimSpace(value)
		}
	}
}

// orderColumns are those that merge looks at.
var orderColumns = slices.DeleteFunc(Columns(), func(c Column) bool { //nolint:gochecknoglobals // fixed table
	return !c.Order || c.Name == ColOrderReference
})

// at is the merged cell of a column.
func (c *check) at(column string) merged { return c.cells[columnsByName[column].field] }

// head reads everything that belongs to the order.
func (c *check) head() {
	c.merge()
	o := &c.order
	o.Reference = c.reference
	o.CustomerNumber = c.at(ColCustomerNumber).value
	c.readCountry()
	c.readCurrency()
	c.readProduct()
	c.readDue()
	c.readChannel()
	c.readAddress()
	name := o.Address.CustomerName()
	if name == "" {
		name = o.CustomerNumber
	}
	for i := range c.rows {
		c.rows[i].Customer, c.rows[i].Currency, c.rows[i].Country = name, o.Currency.Code(), o.Address.Country
	}
}

func (c *check) readCountry() {
	m := c.at(ColCountry)
	code := strings.ToUpper(m.value)
	known, near := countries[code]
	switch {
	case code == "":
		c.add(m.row, CodeCountryMissing, ColCountry, "", "the country is missing", "fill in country, or set constants: {country: \"NO\"} in the profile")
	case !near && !isCountry(code):
		c.add(m.row, CodeCountryUnknown, ColCountry, m.value, fmt.Sprintf("%q is not an ISO 3166-1 alpha-2 country code", m.value), "use NO, SE, FI or DK")
	case !near || !known.supported:
		c.add(m.row, CodeCountryUnsupported, ColCountry, m.value, fmt.Sprintf("Kravia is not known to invoice in %s", code), "ask the provider before sending")
	}
	c.home = known
	c.order.Address.Country = code
}

func (c *check) readCurrency() {
	m := c.at(ColCurrency)
	if m.value == "" {
		m.value = "NOK"
	}
	currency, err := money.ParseCurrency(m.value)
	if err != nil {
		c.add(m.row, CodeCurrencyUnknown, ColCurrency, m.value, err.Error(), "use NOK, SEK or EUR")
		return
	}
	c.order.Currency = currency
	switch currency.Code() {
	case "NOK", "SEK", "EUR":
		if c.home.currency != "" && c.home.currency != currency.Code() {
			c.add(m.row, CodeCurrencyCountry, ColCurrency, m.value,
				fmt.Sprintf("%s is not the currency of %s", currency, c.order.Address.Country), "check the currency and the country")
		}
	default:
		c.add(m.row, CodeCurrencyUnsupported, ColCurrency, m.value,
			fmt.Sprintf("Kravia is not known to invoice in %s", currency), "use NOK, SEK or EUR, or ask the provider")
	}
}

func (c *check) readProduct() {
	m := c.at(ColProduct)
	switch strings.TrimPrefix(strings.ToLower(m.value), "kravia.invoice_") {
	case "b2b":
		c.order.Product = B2B
	case "b2b_grouped":
		c.order.Product = B2BGrouped
	case "b2c":
		c.order.Product = B2C
	case "":
		c.order.Product = B2C
		if c.at(ColOrganizationNumber).value != "" {
			c.order.Product = B2B
		}
	default:
		c.add(m.row, CodeProductUnknown, ColProduct, m.value, fmt.Sprintf("%q is not a product", m.value), "use b2b, b2b_grouped or b2c")
	}
}

func (c *check) readDue() {
	days, date := c.at(ColDaysUntilDue), c.at(ColDueDate)
	c.order.DaysUntilDue = c.rules.DaysUntilDue
	fromRow := func(column string) bool { return c.records[c.at(column).row].Get(columnsByName[column]) != "" }
	if date.value != "" && (days.value == "" || !fromRow(ColDaysUntilDue)) {
		c.readDueDate(date)
		return
	}
	if days.value == "" {
		return
	}
	if date.value != "" && fromRow(ColDueDate) {
		c.add(date.row, CodeDueTwice, ColDueDate, date.value, "the order has both days until due and a due date", "keep one of the two")
	}
	n, err := strconv.Atoi(days.value)
	if err != nil {
		c.add(days.row, CodeDaysUnreadable, ColDaysUntilDue, days.value, fmt.Sprintf("%q is not a whole number of days", days.value), "write a number from 0 to 365")
		return
	}
	if n < 0 || n > MaxDays {
		c.add(days.row, CodeDaysRange, ColDaysUntilDue, days.value, fmt.Sprintf("%d days until due are outside 0 to %d", n, MaxDays), "use 0 to 365")
	}
	c.order.DaysUntilDue = n
}

func (c *check) readDueDate(m merged) {
	date, err := ParseDate(m.value)
	if err != nil {
		c.add(m.row, CodeDueUnreadable, ColDueDate, m.value, err.Error(), "write it as 2026-02-28")
		return
	}
	c.order.DueDate, c.order.DaysUntilDue = date, -1
	if days := c.order.DaysFrom(c.rules.Today); days < 0 || days > MaxDays {
		c.add(m.row, CodeDueRange, ColDueDate, m.value,
			fmt.Sprintf("the due date %s is %d days from %s, the provider takes 0 to %d", date, days, c.rules.Today, MaxDays),
			"set a due date within the next 365 days")
	}
}

func (c *check) readChannel() {
	m := c.at(ColInvoiceChannel)
	channel := Channel(strings.ToLower(m.value))
	switch {
	case c.order.Product == B2BGrouped:
		if channel != "" {
			c.add(m.row, CodeChannelGrouped, ColInvoiceChannel, m.value, "a grouped invoice has no channel of its own", "leave the cell empty")
		}
	case channel == "":
		c.order.Channel = c.rules.Channel
	case channel != ChannelKravia && channel != ChannelMerchant:
		c.add(m.row, CodeChannelUnknown, ColInvoiceChannel, m.value, fmt.Sprintf("%q is not an invoice channel", m.value), "use kravia or merchant")
	default:
		c.order.Channel = channel
	}
}
