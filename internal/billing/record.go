// Package billing turns records (rows of an export as text) into orders that can be invoiced, and decides what happens
// to an order afterwards. It hides what a correct row is, how rows make an order, how VAT is computed, which problem
// has which code, and how an order gets its merchant reference and content hash. It does no I/O of its own: working
// storage is a [Scratch] that the caller gives.
//
// # From records to orders
//
// [NewGrouper] takes the [Rules] of a run, which [Rules.Lint] must have accepted. For every table the caller calls
// AddTable and then Add with each [Record] in input order. Groups then gives, for each merchant reference in the order
// of its first row, the [Order] and its rows. A group with a problem of severity Error has no order.
//
// # After that
//
// The journal keeps a [Life] for every order. [Decide] says what a run does with an order that the journal knows, and
// [Life.Next] what becomes of an order when something happens. No other code decides that.
//
// # Rules that must not be broken
//
//   - Every record that goes in is in exactly one [Row] of one group.
//   - A cell is read exactly or reported; nothing is guessed. All problems of all rows are found in one pass.
//   - Money is [money.Amount]; rounding is half up, and rounding.go says where.
//   - [Order.Hash] identifies an order's content. If its canonical form changes, every order that was sent before looks
//     like an order with other content, which is a conflict.
//
// # Where things are
//
// Columns are in columns.csv, problem codes in codes.csv, other texts in messages.go, countries in country.go, VAT
// rates in vat.go, and when an order is sent, looked up or sent again in lifecycle.go.
package billing

import (
	"fmt"
	"strings"

	"kraviabatch/internal/money"
)

// Place is a row of the input, as a reader of the file sees it.
type Place struct {
	File  string `json:"file"`
	Sheet string `json:"sheet,omitempty"` // "" for CSV
	Row   int    `json:"row"`             // 1-based, as a spreadsheet shows it
}

// from names the row for a reader of file: "row 7", or "row 7 of other.csv" if the row is in another file.
func (p Place) from(file string) string {
	if p.File == file {
		return fmt.Sprintf("row %d", p.Row)
	}
	return fmt.Sprintf("row %d of %s", p.Row, p.File)
}

// Record is one input row as text. Where intake could read a cell, a number has a dot as its decimal mark and a date is
// YYYY-MM-DD; other cells are as the file had them.
type Record struct {
	Place
	Cells      []string             // the row as the file had it, in the order of Table.Header
	Values     [endOfColumns]string // by Column
	Currencies []Said               // the currencies that cells, number formats and headers name
	Problems   []Problem            // what intake found in cells, such as an error value
}

// Said is a currency that stands with a number in a cell, its number format or its header.
type Said struct {
	Column Column
	Word   money.CurrencyWord
}

// Get is the cell of a column without spaces around it.
func (r *Record) Get(c Column) string { return strings.TrimSpace(r.Values[c]) }

// Set replaces the cell of a column.
func (r *Record) Set(c Column, value string) { r.Values[c] = value }

// Table is one sheet or file: its header, and the column that each header cell is read as.
type Table struct {
	File   string   `json:"file"`
	Sheet  string   `json:"sheet,omitempty"`
	Header []string `json:"header"`         // as the file has it
	Known  []Column `json:"known"`          // the column that each header cell is read as, 0 for one it does not know
	Made   []Column `json:"made,omitempty"` // columns whose cells the profile's formulas make
}
