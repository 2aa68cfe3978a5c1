package billing

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"kraviabatch/internal/money"
)

// orderCell is what the rows of an order say in one column of the order: the first cell that is not empty, else the
// default.
type orderCell struct {
	value string // the normal form, which is sent
	ok    bool   // value is valid for the column
	given string // as the row has it
	row   int    // index of the row that has it first
	said  bool   // a row has it; else it is the default
}

// terms reads everything that belongs to the order. The country comes first, because it decides how other cells are
// read.
func (c *builder) terms() {
	c.combine(ColCountry)
	c.readCountry()
	for column := ColCustomerNumber; column < ColLineID; column++ {
		if column != ColCountry {
			c.combine(column)
		}
	}
	o := c.order
	o.Reference = c.reference
	o.CustomerNumber = c.cells[ColCustomerNumber].value
	c.readCurrency()
	c.readProduct()
	c.readDue()
	c.readChannel()
	c.readParty()
	name := o.Address.CustomerName()
	if name == "" {
		name = o.CustomerNumber
	}
	for i := range c.rows {
		c.rows[i].Customer, c.rows[i].Currency, c.rows[i].Country = name, o.Currency.Code(), o.Address.Country
	}
}

// combine takes the first cell of a column that is not empty, and reports rows that disagree with it.
func (c *builder) combine(column Column) {
	cell := &c.cells[column]
	for i := range c.records {
		given := c.records[i].Values[column]
		if given == "" || given == cell.given {
			continue
		}
		if given = clean(given); given == "" || given == cell.given {
			continue
		}
		value, ok := c.normal(column, given)
		switch {
		case !cell.said:
			*cell = orderCell{value: value, ok: ok, given: given, row: i, said: true}
		case !same(column, value, cell.value):
			c.report(i, "order.differs", given, "column", column.String(), "other", strconv.Quote(cell.given),
				"row", strconv.Itoa(c.rows[cell.row].Row))
		}
	}
	if given := strings.TrimSpace(c.rules.Defaults[column]); !cell.said && given != "" {
		cell.value, cell.ok = c.normal(column, given)
		cell.given = given
	}
}

// normal is the normal form of a cell's value, which is sent. ok is false for a value that the column cannot have; the
// value then stays as it is.
func (c *builder) normal(column Column, given string) (value string, ok bool) {
	switch column { //nolint:exhaustive // the other columns have only one form
	case ColCountry:
		value = CountryCode(given)
		_, near := countries[value]
		return value, near || isCountry(value)
	case ColCurrency:
		currency, err := money.ParseCurrency(given)
		if err != nil {
			return given, false
		}
		return currency.Code(), true
	case ColProduct:
		return choose(column, strings.TrimPrefix(strings.ToLower(given), "kravia.invoice_"), given)
	case ColInvoiceChannel, ColPrices:
		return choose(column, given, given)
	case ColDaysUntilDue:
		n, err := strconv.Atoi(given)
		if err != nil {
			return given, false
		}
		return strconv.Itoa(n), true
	case ColPhoneNumber:
		return c.phone(given)
	case ColOrganizationNumber:
		value, _, ok = c.organization(given)
		return value, ok
	case ColPostalCode:
		return c.postalCode(given)
	case ColBusinessName:
		return strings.Join(strings.Fields(given), " "), true
	}
	return given, true
}

// choose is the column's choice that the word names, else the cell as given.
func choose(column Column, word, given string) (value string, ok bool) {
	if choice := column.choice(word); choice != "" {
		return choice, true
	}
	return given, false
}

// same reports whether two normal forms are equal but for spaces and, in an e-mail address, for case.
func same(column Column, a, b string) bool {
	if column == ColEmail {
		return strings.EqualFold(a, b)
	}
	return a == b || slices.Equal(strings.Fields(a), strings.Fields(b))
}

// readCountry takes the country, which need not be one that is known.
func (c *builder) readCountry() {
	cell := &c.cells[ColCountry]
	code := cell.value
	known, near := countries[code]
	switch {
	case code == "":
		c.report(cell.row, "country.missing", "")
	case !cell.ok:
		c.report(cell.row, "country.unknown", cell.given)
	case !near || !known.supported:
		c.report(cell.row, "country.unsupported", cell.given, "country", code)
	}
	c.home = known
	c.order.Address.Country = code
}

// readCurrency takes the currency from the column, else from the amounts, else from the profile's default, else from
// the country. A currency word beside an amount must agree with it.
func (c *builder) readCurrency() {
	cell := c.cells[ColCurrency]
	code, stated := cell.value, cell.said
	if !stated {
		if named := c.namedCurrency(); named != "" {
			code, stated = named, true
		}
	}
	if code == "" {
		code = c.home.currency
	}
	switch {
	case code == "" && !c.cells[ColCountry].ok: // the country's own problem says what to do
		return
	case code == "":
		c.report(0, "currency.missing", "", "country", c.order.Address.Country)
		return
	}
	currency, err := money.ParseCurrency(code)
	if err != nil {
		c.report(cell.row, "currency.unknown", cell.given)
		return
	}
	c.order.Currency = currency
	c.checkCurrencyWords(stated)
	switch currency.Code() {
	case "NOK", "SEK", "EUR":
		if c.home.currency != "" && c.home.currency != currency.Code() {
			c.report(cell.row, "currency.country", cell.given, "currency", currency.Code(), "country",
				c.order.Address.Country)
		}
	default:
		c.report(cell.row, "currency.unsupported", cell.given, "currency", currency.Code())
	}
}

// namedCurrency is the first currency that stands beside an amount of the order, "" for none.
func (c *builder) namedCurrency() string {
	for i := range c.records {
		for _, said := range c.records[i].Currencies {
			if currency, ok := said.Word.Currency(); ok {
				return currency.Code()
			}
		}
	}
	return ""
}

// checkCurrencyWords reports amounts that name another currency than the order's. stated says that a row gives the
// order's currency.
func (c *builder) checkCurrencyWords(stated bool) {
	for i := range c.records {
		for _, said := range c.records[i].Currencies {
			if said.Word.Fits(c.order.Currency) {
				continue
			}
			code := Code("currency.differs")
			if _, names := said.Word.Currency(); !names && !stated {
				code = "currency.unclear"
			}
			c.report(i, code, string(said.Word), "column", said.Column.String(), "word", string(said.Word),
				"currency", c.order.Currency.Code())
		}
	}
}

// readProduct takes the product. Without one, an order with an organization number is B2B, any other B2C.
func (c *builder) readProduct() {
	cell := c.cells[ColProduct]
	switch cell.value {
	case "b2b":
		c.order.Product = B2B
	case "b2b_grouped":
		c.order.Product = B2BGrouped
	case "b2c":
		c.order.Product = B2C
	case "":
		c.order.Product = B2C
		if c.cells[ColOrganizationNumber].value != "" {
			c.order.Product = B2B
		}
	default:
		c.report(cell.row, "product.unknown", cell.given)
	}
}

// readDue takes the due date or the days until due. A row comes before a default; an order whose rows say both is
// refused.
func (c *builder) readDue() {
	days, date := c.cells[ColDaysUntilDue], c.cells[ColDueDate]
	c.order.DaysUntilDue = c.rules.DaysUntilDue
	if date.value != "" && (days.value == "" || !days.said) {
		c.readDueDate(date)
		return
	}
	if days.value == "" {
		return
	}
	if date.said {
		c.report(date.row, "due_date.twice", date.given)
		return
	}
	n, err := strconv.Atoi(days.value)
	if err != nil || !days.ok {
		c.report(days.row, "days_until_due.unreadable", days.given)
		return
	}
	if n < 0 || n > MaxDays {
		c.report(days.row, "days_until_due.range", days.given, "days", days.value)
	}
	c.order.DaysUntilDue = n
}

// readDueDate takes a due date and checks it against the day of the run.
func (c *builder) readDueDate(cell orderCell) {
	date, err := ParseDate(cell.value)
	if err != nil {
		c.report(cell.row, "due_date.unreadable", cell.given)
		return
	}
	c.order.DueDate, c.order.DaysUntilDue = date, -1
	days := c.order.DaysFrom(c.rules.Today)
	switch {
	case days < 0:
		c.past = true // a problem only if the order must still be sent, see checkPast
	case days > MaxDays:
		c.report(cell.row, "due_date.range", cell.given, "date", string(date), "when",
			fmt.Sprintf(msgDaysAfter, days, c.rules.Today))
	}
}

// checkPast refuses a due date that has passed, unless an earlier run has sent the order with the same content.
func (c *builder) checkPast(o *Order) {
	if !c.past || !c.bad && c.rules.sent(o.Reference) == o.Hash() {
		return
	}
	cell := c.cells[ColDueDate]
	c.report(cell.row, "due_date.range", cell.given, "date", string(o.DueDate), "when",
		fmt.Sprintf(msgDaysBefore, -o.DaysFrom(c.rules.Today), c.rules.Today))
	c.past = false
}

// readChannel takes the invoice channel. A row must not give one to a grouped invoice; a default does not count for
// grouped invoices.
func (c *builder) readChannel() {
	cell := c.cells[ColInvoiceChannel]
	channel := Channel(cell.value)
	switch {
	case c.order.Product == B2BGrouped:
		if cell.said {
			c.report(cell.row, "invoice_channel.grouped", cell.given)
		}
	case channel == "":
		c.order.Channel = c.rules.Channel
	case channel != ChannelKravia && channel != ChannelMerchant:
		c.report(cell.row, "invoice_channel.unknown", cell.given)
	default:
		c.order.Channel = channel
	}
}
