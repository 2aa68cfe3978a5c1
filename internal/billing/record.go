// Package billing turns records (rows of an export as text) into orders that can be
// invoiced. It hides what a correct row is, how rows make an order, how VAT is
// computed, which problem has which code, and how an order gets its merchant
// reference and content hash. It does no I/O of its own.
//
// The way through it: a [Grouper] takes every [Record] in input order; its Groups
// gives back, for each merchant reference in first-seen order, the [Order] (or none,
// when something is wrong) and one [Row] for every record that went in.
package billing

import (
	"reflect"
	"strings"
)

// Place is where something stands in the input, as a reader of the file sees it.
type Place struct {
	File  string `json:"file"`
	Sheet string `json:"sheet,omitempty"` // "" for CSV
	Row   int    `json:"row"`             // 1-based, as a spreadsheet shows it
}

// Record is one input row as text. Numbers of numeric columns have a dot as their decimal mark and
// dates are ISO once intake has read them; what it could not read stands here as the file had it.
type Record struct {
	Place
	Cells []string // the row as the file had it, under Table.Header

	OrderReference     string `csv:"order_reference"`
	CustomerNumber     string `csv:"customer_number"`
	Product            string `csv:"product"`
	Currency           string `csv:"currency"`
	DaysUntilDue       string `csv:"days_until_due"`
	DueDate            string `csv:"due_date"`
	InvoiceChannel     string `csv:"invoice_channel"`
	FirstName          string `csv:"first_name"`
	LastName           string `csv:"last_name"`
	ContactName        string `csv:"contact_name"`
	BusinessName       string `csv:"business_name"`
	OrganizationNumber string `csv:"organization_number"`
	Email              string `csv:"email"`
	PhoneNumber        string `csv:"phone_number"`
	AddressLine        string `csv:"address_line"`
	AddressLine2       string `csv:"address_line_2"`
	COAddress          string `csv:"co_address"`
	PostalCode         string `csv:"postal_code"`
	PostalPlace        string `csv:"postal_place"`
	Country            string `csv:"country"`
	CustomerReference  string `csv:"customer_reference"`
	CostCenter         string `csv:"cost_center"`

	LineID          string `csv:"line_id"`
	ItemID          string `csv:"item_id"`
	Description     string `csv:"description"`
	Quantity        string `csv:"quantity"`
	UnitPrice       string `csv:"unit_price"`
	Amount          string `csv:"amount"`
	DiscountPercent string `csv:"discount_percent"`
	VAT             string `csv:"vat"`
	VATAmount       string `csv:"vat_amount"`
	DeliveryDate    string `csv:"delivery_date"`

	Problems []Problem // what intake found in single cells, such as an error value
}

// Column names of the input, as interface.md lists them.
const (
	ColOrderReference     = "order_reference"
	ColCustomerNumber     = "customer_number"
	ColProduct            = "product"
	ColCurrency           = "currency"
	ColDaysUntilDue       = "days_until_due"
	ColDueDate            = "due_date"
	ColInvoiceChannel     = "invoice_channel"
	ColFirstName          = "first_name"
	ColLastName           = "last_name"
	ColContactName        = "contact_name"
	ColBusinessName       = "business_name"
	ColOrganizationNumber = "organization_number"
	ColEmail              = "email"
	ColPhoneNumber        = "phone_number"
	ColAddressLine        = "address_line"
	ColAddressLine2       = "address_line_2"
	ColCOAddress          = "co_address"
	ColPostalCode         = "postal_code"
	ColPostalPlace        = "postal_place"
	ColCountry            = "country"
	ColCustomerReference  = "customer_reference"
	ColCostCenter         = "cost_center"
	ColLineID             = "line_id"
	ColItemID             = "item_id"
	ColDescription        = "description"
	ColQuantity           = "quantity"
	ColUnitPrice          = "unit_price"
	ColAmount             = "amount"
	ColDiscountPercent    = "discount_percent"
	ColVAT                = "vat"
	ColVATAmount          = "vat_amount"
	ColDeliveryDate       = "delivery_date"
)

// Kind is what a column's cells hold; intake reads cells by it.
type Kind uint8

// The kinds of column.
const (
	Text       Kind = iota + 1 // free text
	Identifier                 // digits that are no number: organization number, postal code, phone
	Number                     // decimal
	Percent                    // decimal, perhaps with a % sign
	Day                        // calendar date
)

// Column is one column that the program understands.
type Column struct {
	Name  string
	Kind  Kind
	Order bool // belongs to the order, so that its cells must agree or be empty; else to the line
	field int
}

// Columns lists every known column in the order of Record's fields. The result is the caller's.
func Columns() []Column {
	var columns []Column
	t := reflect.TypeFor[Record]()
	order := true
	for field := range t.Fields() {
		name := field.Tag.Get("csv")
		if name == "" {
			continue
		}
		order = order && name != ColLineID
		columns = append(columns, Column{Name: name, Kind: kindOf(name), Order: order, field: len(columns)})
	}
	return columns
}

func kindOf(name string) Kind {
	switch name {
	case ColQuantity, ColUnitPrice, ColAmount, ColVATAmount:
		return Number
	case ColDiscountPercent, ColVAT:
		return Percent
	case ColDueDate, ColDeliveryDate:
		return Day
	case ColOrderReference, ColCustomerNumber, ColDaysUntilDue, ColOrganizationNumber, ColPhoneNumber, ColPostalCode,
		ColLineID, ColItemID, ColCustomerReference, ColCostCenter:
		return Identifier
	}
	return Text
}

// Get is the trimmed cell of a column from Columns.
func (r *Record) Get(c Column) string { return strings.TrimSpace(*r.cells()[c.field]) }

// Set replaces the cell of a column from Columns.
func (r *Record) Set(c Column, value string) { *r.cells()[c.field] = value }

// columnCount is how many known columns there are.
const columnCount = 32

// cells points to the cells of the known columns, in the order of Columns.
func (r *Record) cells() [columnCount]*string {
	return [columnCount]*string{
		&r.OrderReference, &r.CustomerNumber, &r.Product, &r.Currency, &r.DaysUntilDue, &r.DueDate, &r.InvoiceChannel, &r.FirstName, &r.LastName, &r.ContactName, &r.BusinessName, &r.OrganizationNumber, &r.Email, &r.PhoneNumber, &r.AddressLine, &r.AddressLine2, &r.COAddress, &r.PostalCode, &r.PostalPlace, &r.Country, &r.CustomerReference, &r.CostCenter, &r.LineID, &r.ItemID, &r.Description, &r.Quantity, &r.UnitPrice, &r.Amount, &r.DiscountPercent, &r.VAT, &r.VATAmount, &r.DeliveryDate,
	}
}

// Table says how the cells of one sheet or file stand.
type Table struct {
	File   string   `json:"file"`
	Sheet  string   `json:"sheet,omitempty"`
	Header []string `json:"header"` // as the file has it
	Known  []string `json:"known"`  // for each header cell the known column it is read as, "" for the input's own
}
