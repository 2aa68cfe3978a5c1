// Package billing turns records (rows of an export as text) into orders that can be invoiced. It hides what a
// correct row is, how rows make an order, how VAT is computed, which problem has which code, and how an order
// gets its merchant reference and content hash. It does no I/O of its own.
//
// The way through it: a [Grouper] takes every [Record] in input order; its Groups gives back, for each
// merchant reference in first-seen order, the [Order] (or none, when something is wrong) and one [Row] for
// every record that went in.
//
// What is known of a column stands in columns.csv, of a problem in codes.csv, of a country in country.go, of
// VAT rates in vat.go.
package billing

import (
	"fmt"
	"strings"

	"kraviabatch/internal/money"
)

// Place is where something stands in the input, as a reader of the file sees it.
type Place struct {
	File  string `json:"file"`
	Sheet string `json:"sheet,omitempty"` // "" for CSV
	Row   int    `json:"row"`             // 1-based, as a spreadsheet shows it
}

// from names a row for a reader of a file: "row 7", with its own file behind it if that is another one.
func (p Place) from(file string) string {
	if p.File == file {
		return fmt.Sprintf("row %d", p.Row)
	}
	return fmt.Sprintf("row %d of %s", p.Row, p.File)
}

// Record is one input row as text. Numbers have a dot as their decimal mark and dates are ISO once intake has
// read them; what it could not read stands here as the file had it.
type Record struct {
	Place
	Cells      []string             // the row as the file had it, under Table.Header
	Values     [endOfColumns]string // by Column
	Currencies []Said               // what cells, number formats and headers say beside their numbers
	Problems   []Problem            // what intake found in single cells, such as an error value
}

// Said is a currency that stands with a number in a cell, its number format or its header.
type Said struct {
	Column Column
	Word   money.CurrencyWord
}

// Get is the trimmed cell of a column.
func (r *Record) Get(c Column) string { return strings.TrimSpace(r.Values[c]) }

// Set replaces the cell of a column.
func (r *Record) Set(c Column, value string) { r.Values[c] = value }

// Table says how the cells of one sheet or file stand.
type Table struct {
	File   string   `json:"file"`
	Sheet  string   `json:"sheet,omitempty"`
	Header []string `json:"header"`         // as the file has it
	Known  []Column `json:"known"`          // for each header cell the column it is read as, "" for the input's own
	Made   []Column `json:"made,omitempty"` // those whose cells the profile makes of others
}
