package report

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// line is one row as text, in the columns with which the sheet Rows and the CSV file begin. The csv tag is the column's
// name in the file, the cell tag the kind of the cell in the workbook. ProblemCode, Problem and Hint are lists, see
// setProblems.
type line struct {
	File           string `csv:"file"`
	Sheet          string `csv:"sheet"`
	Row            string `csv:"row" cell:"number"`
	OrderReference string `csv:"order_reference"`
	LineID         string `csv:"line_id"`
	Customer       string `csv:"customer" cell:"prose"`
	Description    string `csv:"description" cell:"prose"`
	Quantity       string `csv:"quantity" cell:"number"`
	Amount         string `csv:"amount" cell:"amount"`
	VAT            string `csv:"vat" cell:"number"`
	VATAmount      string `csv:"vat_amount" cell:"amount"`
	Currency       string `csv:"currency"`
	State          string `csv:"state"`
	InvoiceNumber  string `csv:"invoice_number"`
	InvoiceDate    string `csv:"invoice_date" cell:"date"`
	DueDate        string `csv:"due_date" cell:"date"`
	InvoiceURL     string `csv:"invoice_url" cell:"link"`
	TransactionID  string `csv:"transaction_id"`
	SessionID      string `csv:"session_id"`
	PaymentStatus  string `csv:"payment_status"`
	ProblemCode    string `csv:"problem_code" cell:"prose"`
	Problem        string `csv:"problem" cell:"prose"`
	Hint           string `csv:"hint" cell:"prose"`
}

// invoicedColumn says which run invoiced a row or order, see [Invoiced].
const invoicedColumn = "invoiced"

// changedColumn is the last column, only in a report after a refresh that found something different.
const changedColumn = "changed"

// lastColumns come after the input's own columns.
func lastColumns(changed bool) []column {
	last := []column{
		{"net_amount", kindAmount},
		{"vat_treatment", kindText},
		{"customer_country", kindText},
		{invoicedColumn, kindText},
	}
	if changed {
		last = append(last, column{changedColumn, kindText})
	}
	return last
}

func lastCells(r *Row, changed bool, cells []string) []string {
	net := ""
	if r.VATAmount != nil {
		if amount, err := r.Amount.Sub(*r.VATAmount); err == nil { // the counter has reported an error already
			net = amount.String()
		}
	}
	cells = append(cells, net, r.Treatment, r.Country, r.Invoiced.String())
	if changed {
		cells = append(cells, r.Changed)
	}
	return cells
}

// newLine returns the row's line as the CSV file has it, in English.
func newLine(r *Row) line {
	l := line{
		File: r.File, Sheet: r.Sheet, Row: strconv.Itoa(r.Place.Row), OrderReference: r.Reference, LineID: r.LineID,
		Customer: r.Customer, Description: r.Description, Quantity: r.Quantity, Amount: r.AmountText, VAT: r.VAT,
		Currency: r.Currency, State: r.Final.String(), InvoiceNumber: r.Outcome.InvoiceNumber,
		InvoiceDate: string(r.Outcome.InvoiceDate), DueDate: string(r.Outcome.DueDate),
		InvoiceURL: r.Outcome.InvoiceURL, TransactionID: r.Outcome.TransactionID, SessionID: r.Outcome.SessionID,
		PaymentStatus: r.Outcome.PaymentStatus,
	}
	if r.Amount != nil {
		l.Amount = r.Amount.String()
		l.Currency = r.Amount.Currency().Code()
	}
	if r.VATAmount != nil {
		l.VATAmount = r.VATAmount.String()
	}
	l.setProblems(r, words{})
	return l
}

// in returns the row's line in the language of the workbook.
func (l *line) in(w words, r *Row) *line {
	if w.english() {
		return l
	}
	said := *l
	said.State, said.PaymentStatus = w.final(r.Final), w.text(l.PaymentStatus)
	said.setProblems(r, w)
	return &said
}

// listSeparator separates the texts in a cell that holds a list. Inside a text it becomes listComma, so a program that
// splits the cells gets as many codes as problems and hints.
const (
	listSeparator = "; "
	listComma     = ", "
)

// joined returns a list as the text of one cell.
func joined(texts []string) string {
	for i := range texts {
		texts[i] = strings.ReplaceAll(texts[i], listSeparator, listComma)
	}
	return strings.Join(texts, listSeparator)
}

// setProblems lists the row's problems and then the one that its order ended with: codes, problems and hints in one
// sequence and as many of each, also when one is empty.
func (l *line) setProblems(r *Row, w words) {
	var codes, messages, hints []string
	for i := range r.Problems {
		p := &r.Problems[i]
		message, hint := w.problem(p.Code, p.Message, p.Hint)
		codes, messages, hints = append(codes, string(p.Code)), append(messages, message), append(hints, hint)
	}
	if r.Outcome.Code != "" || r.Outcome.Message != "" {
		message, hint := w.problem(r.Outcome.Code, r.Outcome.Message, r.Outcome.Hint)
		codes, messages, hints = append(codes, string(r.Outcome.Code)), append(messages, message), append(hints, hint)
	}
	l.ProblemCode, l.Problem, l.Hint = joined(codes), joined(messages), joined(hints)
}

func (l *line) cell(i int) string { return reflect.ValueOf(l).Elem().Field(i).String() }

// column is one column of a list in the workbook.
type column struct {
	name string
	kind kind
}

func fixedColumns() []column {
	t := reflect.TypeFor[line]()
	columns := make([]column, t.NumField())
	for i := range columns {
		tag := t.Field(i).Tag
		columns[i] = column{tag.Get("csv"), kindOf(tag.Get("cell"))}
	}
	return columns
}

// own are the input's own columns, which the report repeats after the fixed ones.
type own struct {
	names []string
	kinds []kind  // kindNumber or kindDate for a column that is read as such in every table, else kindText
	at    [][]int // for each table and cell of its rows the index in names, -1 for a cell that is not repeated
}

// ownColumns returns a column for every header of every table, the first seen first. A header is left out when a fixed
// column has the same cells, and gets the prefix input_ when its name is taken.
func ownColumns(tables []billing.Table, before []column) own {
	fixed := make(map[string]bool)
	for _, c := range before {
		fixed[c.name] = true
	}
	var o own
	for _, t := range tables {
		at := make([]int, len(t.Header))
		used := make(map[string]bool)
		for i, name := range t.Header {
			if i < len(t.Known) && fixed[name] && repeated(name, t.Known[i]) {
				at[i] = -1
				continue
			}
			if strings.TrimSpace(name) == "" {
				name = "column_" + strconv.Itoa(i+1)
			}
			for fixed[name] || used[name] {
				name = "input_" + name
			}
			used[name] = true
			at[i] = slices.Index(o.names, name)
			if at[i] < 0 {
				at[i] = len(o.names)
				o.names, o.kinds = append(o.names, name), append(o.kinds, kindOfOwn(&t, i))
			} else if o.kinds[at[i]] != kindOfOwn(&t, i) {
				o.kinds[at[i]] = kindText
			}
		}
		o.at = append(o.at, at)
	}
	return o
}

// kindOfOwn returns the kind that a column of the input is read as.
func kindOfOwn(t *billing.Table, i int) kind {
	switch {
	case i >= len(t.Known):
	case t.Known[i].Numeric():
		return kindNumber
	case t.Known[i].Kind() == billing.Day:
		return kindDate
	}
	return kindText
}

// repeated reports whether a fixed column of the same name has the header's cells unchanged.
func repeated(header string, known billing.Column) bool {
	switch known { //nolint:exhaustive // the others are not among the fixed columns, or change
	case billing.ColOrderReference, billing.ColLineID, billing.ColDescription, billing.ColQuantity, billing.ColVAT,
		billing.ColCurrency:
		return header == known.String()
	}
	return false
}

// cells returns the cells of a row of a table under their columns, in the given buffer.
func (o *own) cells(table int, cells, buffer []string) []string {
	buffer = slices.Grow(buffer[:0], len(o.names))[:len(o.names)]
	clear(buffer)
	if table < 0 || table >= len(o.at) {
		return buffer
	}
	for i, text := range cells {
		if i < len(o.at[table]) && o.at[table][i] >= 0 {
			buffer[o.at[table][i]] = text
		}
	}
	return buffer
}

func digitsOf(a *money.Amount) int {
	if a == nil {
		return 2
	}
	return a.Currency().Digits()
}
