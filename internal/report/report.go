// Package report writes the reconciliation of a run: every input row beside what became of it, as a workbook, as CSV,
// as JSON, and as postings for a ledger. It hides what "reconciled" means, the control totals, the layouts, the
// languages, and the guard against formulas in foreign text.
//
// [Write] is the entry point for a run, [WritePreview] for a plan. Both read the rows and the orders of a [Report]
// once, beside each other (join.go). Each row goes to the counter (reconcile.go) and to every file that is asked for.
// The counter proves that as many rows come out as went in, and as much money, to the minor unit. The files get their
// names only when everything is counted: a report with a name is complete. Nothing holds all rows, so the disk and not
// the memory limits their number.
//
// Files by subject: summary.go is the counted [Summary] and its JSON; summary_sheet.go and summary_parts.go write the
// sheet Summary, with headline.go for its yes or no. lines.go writes the sheets Rows and Orders, columns.go and
// order_columns.go their columns. vat_sheet.go and invoicing.go are VAT; receivables*.go due dates and payments;
// postings*.go and sie.go the ledger; corrections*.go the workbook that gives bad rows back; template.go the empty
// input. page.go, list.go, sheet.go, cell.go, style.go and layout.go write any sheet. words.go and words.csv translate.
//
// Two rules must not be broken: no work is added for each cell beyond writing it (a report may have millions), and
// every text from outside goes through [clean] or the guard of the CSV file before anything shows it.
package report

import (
	"iter"
	"time"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// Report is the input of a reconciliation: everything that is known before the rows are counted.
type Report struct {
	Run      RunInfo
	Tables   []billing.Table
	Control  Control
	Requests Requests
	// Rows yields all rows in input order, Ordinal 0, 1, 2, …. A valid row has an order.
	Rows iter.Seq2[billing.Row, error]
	// Orders yields all orders whose rows have no errors, best in the sequence of their first rows: orders that come
	// earlier than their first row wait in memory or in a file. It is read while Rows is read.
	Orders  iter.Seq2[Order, error]
	Changed bool // an order may have Changed, so the lists get that column
	// LeftOut yields the rows that the profile left out, in input order. It is called several times. Nil for none.
	LeftOut func() iter.Seq2[billing.LeftOut, error]
	// LastMonth compares with an earlier run; nil when there is none. It is complete once Orders was read.
	LastMonth *billing.LastMonth
	// Accounts are the ledger accounts of the postings; nil when nothing is posted.
	Accounts *billing.Accounts
	// PostingsFrom is the first day whose vouchers are among the postings, "" for all. Those before it were posted
	// from an earlier report.
	PostingsFrom billing.Date
	// Preview is set in the report of a plan, see [WritePreview].
	Preview  *Preview
	Today    billing.Date // the day on which the report is made; it decides what is overdue
	Language string       // of the workbook, one of [Languages]; "" for English

	rowsPerSheet int // for tests; 0 for as many as a sheet takes
}

// leftOut is LeftOut, or nothing where that is nil.
func (r *Report) leftOut() iter.Seq2[billing.LeftOut, error] {
	if r.LeftOut == nil {
		return func(func(billing.LeftOut, error) bool) {}
	}
	return r.LeftOut()
}

// Environment says whether the invoices are real.
type Environment string

// The environments.
const (
	Sandbox Environment = "sandbox" // the built-in provider: nothing leaves the machine
	Test    Environment = "test"    // the provider's test account: nobody gets an invoice
	Live    Environment = "live"    // real invoices
)

// RunInfo is what is known about a run besides its rows.
type RunInfo struct {
	ID             string
	Environment    Environment
	Account        string   // "" in the sandbox
	Seller         string   // the seller's name, "" when the profile does not say it
	SellerCountry  string   // the seller's country, whose VAT the invoices have; "" when the profile does not say it
	Prepared       string   // who drafted the plan of the run and when: "Ola, 2026-11-22T12:00:00Z"; or ""
	Approved       []string // who approved the plan and when, in the same form
	Period         string   // YYYY-MM or ""
	Flow           string
	Version        string // of the program
	Started        time.Time
	Finished       time.Time
	Made           time.Time // when the report is made, which may be long after the run
	Files          []File
	Settings       []Setting // never a secret
	ExitCode       int
	Notices        []string // sentences for the reader of the report
	StoppedBecause string   // why a run ended early, "" if it did not
}

// File is one input.
type File struct {
	Name     string `json:"name"`               // without its folder
	SHA256   string `json:"sha256"`             // hex
	Rows     int    `json:"rows"`               // without the header; rows of a register are in no total
	Register string `json:"register,omitempty"` // the profile's name for the register, "" for a file of lines
}

// Setting is one setting of the run, never a secret.
type Setting struct {
	Name  string
	Value string
}

// Control holds the control totals that the rows are compared with. They are counted where the files are read, not
// where the report is made, so that the two prove each other.
type Control struct {
	Rows          int // of one shard, only its share
	InvalidOrders int // orders with a problem, which Report.Orders does not yield
	LeftOut       int // rows that the profile left out; they are not among Rows
	// per currency and including VAT; a row whose amount could not be read counts 0
	Money    []money.Amount
	Net      []money.Amount // of the rows whose VAT could be computed; nil from older programs
	VAT      []money.Amount // of the same rows
	Expected *Expected      // what the user expects of the whole input; nil for nothing, and in one shard of several
}

// Requests counts the HTTP requests of a run by purpose.
type Requests struct {
	Token   int `json:"token"`
	Account int `json:"account,omitempty"` // requests for what the account is set up for
	Pay     int `json:"pay"`
	Lookup  int `json:"lookup"`
	Other   int `json:"other"`
}

// Invoiced says which run invoiced an order. It decides from which run's report the invoice is posted, so that none
// is posted twice.
type Invoiced uint8

// Which run invoiced an order.
const (
	NotInvoiced Invoiced = iota // no run, or another run's invoice was cancelled
	ByThisRun                   // this run, also when the invoice was cancelled since: that is a correction
	Before                      // another run, whose report has the invoice
	Later                       // no run yet: the order is registered and the invoice comes later, as grouped ones do
)

// String returns the word in the column invoiced.
func (i Invoiced) String() string {
	return string([...]phrase{NotInvoiced: "no", ByThisRun: "by this run", Before: "before", Later: "later"}[i])
}

// InvoicedOf returns which run invoiced an order with this final state. ours says that this run sent the order.
func InvoicedOf(final billing.Final, outcome *billing.Outcome, ours bool) Invoiced {
	switch final {
	case billing.FinalInvoiced:
		return ByThisRun
	case billing.FinalAlreadyInvoiced:
		return Before
	case billing.FinalRegistered:
		return Later
	case billing.FinalVoided:
		if ours && outcome.InvoiceNumber != "" {
			return ByThisRun
		}
	case billing.FinalRejected, billing.FinalFailed, billing.FinalInDoubt, billing.FinalConflict,
		billing.FinalInvalid, billing.FinalNotAttempted:
	}
	return NotInvoiced
}

// Cancelled reports whether this run invoiced the order and the invoice was cancelled since.
func (o *Order) Cancelled() bool { return o.Final == billing.FinalVoided && o.Invoiced == ByThisRun }

// Order is one order and its final state.
type Order struct {
	Seq            int // 1, 2, 3 … by first rows; set by the report
	Reference      string
	Customer       string
	CustomerNumber string
	Product        billing.Product
	Channel        billing.Channel
	Rows           int
	Gross          money.Amount
	VAT            money.Amount
	Particulars    billing.Particulars
	DaysUntilDue   int
	Final          billing.Final
	Invoiced       Invoiced
	Run            string // the other run that invoiced or registered it; "" for none or unknown
	Outcome        billing.Outcome
	Attempts       int
	FirstAttempt   time.Time         // zero if nothing was sent
	LastAttempt    time.Time         // zero if nothing was sent
	Expected       billing.Date      // when a grouped invoice is expected, else ""
	Todo           string            // what somebody must still do, "" for nothing
	Changed        string            // what a later look-up at the provider found different, usually ""
	Remarks        []billing.Problem // repeated at each row of the order, with the row's place
}
