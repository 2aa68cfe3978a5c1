package billing

import (
	_ "embed"
	"encoding/csv"
	"slices"
	"strings"
)

// Column is a column that the program understands. The zero value is any other column of the input. Everything known
// about a column is in columns.csv, whose rows are in the order of these constants.
type Column uint8

// The columns. Those before ColLineID belong to the order, the others to the line.
const (
	ColOrderReference Column = iota + 1
	ColCustomerNumber
	ColProduct
	ColCurrency
	ColDaysUntilDue
	ColDueDate
	ColInvoiceChannel
	ColFirstName
	ColLastName
	ColContactName
	ColBusinessName
	ColOrganizationNumber
	ColEmail
	ColPhoneNumber
	ColAddressLine
	ColAddressLine2
	ColCOAddress
	ColPostalCode
	ColPostalPlace
	ColCountry
	ColCustomerReference
	ColCostCenter
	ColLineID
	ColItemID
	ColDescription
	ColQuantity
	ColUnitPrice
	ColAmount
	ColDiscountPercent
	ColDiscountAmount
	ColVAT
	ColVATAmount
	ColVATTreatment
	ColPrices
	ColDeliveryDate
	endOfColumns
)

// Kind is what the cells of a column hold. Intake reads cells by it.
type Kind string

// The kinds of column, as columns.csv names them.
const (
	Text       Kind = "text"       // free text
	Choice     Kind = "choice"     // one of the column's choices, in any case
	Identifier Kind = "identifier" // digits that are not a number: organization number, postal code, phone
	Number     Kind = "number"     // decimal
	Money      Kind = "money"      // decimal, perhaps with a currency
	Percent    Kind = "percent"    // decimal, perhaps with a % sign
	Day        Kind = "day"        // calendar date
)

// ColumnInfo is a row of columns.csv.
type ColumnInfo struct {
	Name          string
	Kind          Kind
	Order         bool     // belongs to the order, so that its cells must agree or be empty; else to the line
	InTemplate    bool     // stands in the template; the others can be added
	Needed        string   // when it must be filled in
	Meaning       string   // one sentence
	Example       string   // a cell
	Choices       []string // the usual values; for a Choice all values
	TemplateLines []string // cells of the template's example lines
	Synonyms      []string // other headers; one with a ? at its end counts only if the cells decide
	WithVAT       []string // headers of a price with VAT
	WithoutVAT    []string // headers of a price without VAT
}

//go:embed columns.csv
var columnsCSV string

//nolint:gochecknoglobals // fixed tables
var (
	columnInfos   = readColumns()
	columnsByName = indexColumns()
	numbers       = numericColumns()
)

func readColumns() [endOfColumns]ColumnInfo {
	rows, err := csv.NewReader(strings.NewReader(columnsCSV)).ReadAll()
	if err != nil || len(rows) != int(endOfColumns) {
		panic("columns.csv does not fit the constants") // a test reads it
	}
	var infos [endOfColumns]ColumnInfo
	for i, row := range rows[1:] {
		infos[i+1] = ColumnInfo{
			Name: row[0], Kind: Kind(row[1]), Order: row[2] == "order", InTemplate: row[3] == "yes",
			Needed: row[4], Meaning: row[5], Example: row[6],
			Choices: list(row[7]), TemplateLines: list(row[8]), Synonyms: list(row[9]), WithVAT: list(row[10]),
			WithoutVAT: list(row[11]),
		}
	}
	return infos
}

func numericColumns() (numeric [endOfColumns]bool) {
	for c, info := range columnInfos {
		numeric[c] = info.Kind == Number || info.Kind == Money || info.Kind == Percent
	}
	return numeric
}

// list splits a cell of several values.
func list(cell string) []string {
	if cell == "" {
		return nil
	}
	return strings.Split(cell, "|")
}

func indexColumns() map[string]Column {
	index := make(map[string]Column, endOfColumns)
	for _, c := range Columns() {
		index[c.String()] = c
	}
	return index
}

// Columns lists every column. The result is the caller's.
func Columns() []Column {
	columns := make([]Column, 0, endOfColumns-1)
	for c := range endOfColumns - 1 {
		columns = append(columns, c+1)
	}
	return columns
}

// ColumnNames lists the names of every column. The result is the caller's.
func ColumnNames() []string {
	var names []string
	for _, c := range Columns() {
		names = append(names, c.String())
	}
	return names
}

// ColumnByName is the column of a name such as "order_reference"; ok is false for any other text.
func ColumnByName(name string) (c Column, ok bool) {
	c, ok = columnsByName[name]
	return c, ok
}

// Info is the column's row of columns.csv. The caller must not change it.
func (c Column) Info() *ColumnInfo { return &columnInfos[c] }

// String is the column's name, "" for the zero value.
func (c Column) String() string { return columnInfos[c].Name }

// Kind is what the column's cells hold, "" for the zero value.
func (c Column) Kind() Kind { return columnInfos[c].Kind }

// Numeric reports whether the column's cells are numbers. It is fast, because it is asked for every cell.
func (c Column) Numeric() bool { return numbers[c] }

// MarshalText writes String.
func (c Column) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads String. An unknown name becomes the zero value, because a newer program may know more columns.
func (c *Column) UnmarshalText(text []byte) error {
	*c = columnsByName[string(text)]
	return nil
}

// choice is the column's choice that equals text in any case, "" for none.
func (c Column) choice(text string) string {
	choices := c.Info().Choices
	i := slices.IndexFunc(choices, func(word string) bool { return strings.EqualFold(word, text) })
	if i < 0 {
		return ""
	}
	return choices[i]
}
