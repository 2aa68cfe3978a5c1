// Package report makes the reconciliation of a run: every input row beside what became of it, as a workbook,
// a CSV file and a JSON summary. It hides what "reconciled" means, the control totals, the layouts, the guard
// against formulas in foreign text, and how a file is written whole or not at all.
//
// The way through it: [Write] reads the rows and orders of a [Report] once, beside each other. Every row goes
// to the counter, which proves that rows in are rows out and money in is money out, to the minor unit, and to
// every file that is asked for; the files get their names when all is counted. Nothing holds all rows, so
// that their number is limited by the disk and not by memory.
package report

import (
	"iter"
	"time"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// Report is everything that a reconciliation tells, before it is counted.
type Report struct {
	Run      RunInfo
	Tables   []billing.Table
	Control  Control
	Requests Requests
	// Rows gives all rows in input order, Ordinal 0, 1, 2, …; a valid one has an order.
	Rows iter.Seq2[billing.Row, error]
	// Orders gives all orders that have rows without errors, each no later than its first row asks for it,
	// best in the order of first rows. It is read while Rows is.
	Orders  iter.Seq2[Order, error]
	Changed bool // some order may have Changed
	// LeftOut gives the rows that the profile left out, in input order; it is iterated several times. Nil for none.
	LeftOut func() iter.Seq2[billing.LeftOut, error]
	// LastMonth is how it differs from an earlier run; nil where there is nothing to compare with. That of a
	// run is complete once Orders was read.
	LastMonth *billing.LastMonth
	// Accounts are what the invoices are posted to; nil where nothing is posted.
	Accounts *billing.Accounts
	// PostingsFrom is the first day whose vouchers are among the postings, "" for all: those before it were
	// posted from an earlier report.
	PostingsFrom billing.Date
	// Preview is set in the report of a plan, see [WritePreview].
	Preview  *Preview
	Today    billing.Date // the day on which the report is made, which decides what is overdue
	Language string       // of the workbook, one of [Languages]; "" for English

	rowsPerSheet int // 0 for as many as a sheet takes
}

// leftOut is LeftOut, also where that is nil.
func (r *Report) leftOut() iter.Seq2[billing.LeftOut, error] {
	if r.LeftOut == nil {
		return func(func(billing.LeftOut, error) bool) {}
	}
	return r.LeftOut()
}

// Environment says whose invoices they are.
type Environment string

// The environments.
const (
	Sandbox Environment = "sandbox" // the built-in provider: nothing leaves the machine
	Test    Environment = "test"    // the provider's test account: nobody gets an invoice
	Live    Environment = "live"    // real invoices
)

// RunInfo is what is known of a run beside its rows.
type RunInfo struct {
	ID             string
	Environment    Environment
	Account        string   // "" in the sandbox
	Seller         string   // whose invoices they are, by name; "" where no profile says it
	SellerCountry  string   // whose VAT they have, as a profile says it, or ""
	Prepared       string   // who made the plan of the run and when, "" without one
	Approved       []string // who approved that, and when
	Period         string   // YYYY-MM or ""
	Flow           string
	Version        string // of the program
	Started        time.Time
	Finished       time.Time
	Made           time.Time // when the report is made, which may be long after
	Files          []File
	Settings       []Setting // never a secret
	ExitCode       int
	Notices        []string // sentences for the reader
	StoppedBecause string   // why a run ended early, "" if it did not
}

// File is one input.
type File struct {
	Name     string `json:"name"`               // without its folder
	SHA256   string `json:"sha256"`             // hex
	Rows     int    `json:"rows"`               // without the header; those of a register are in no total
	Register string `json:"register,omitempty"` // the profile's name of the register that it is, "" for a file of lines
}

// Setting is one setting that the run was made with.
type Setting struct {
	Name  string
	Value string
}

// Control is what the rows are held against.
type Control struct {
	Rows          int // counted where the files are read, for one shard of several its share of them
	InvalidOrders int // orders with a problem, which Report.Orders does not give
	// rows that the profile left out, counted where the files are read; they are not among Rows
	LeftOut int
	// per currency, summed as the rows are grouped; a row whose amount could not be read counts 0
	Money    []money.Amount
	Net      []money.Amount // of the rows whose VAT could be computed; nil where an older program read them
	VAT      []money.Amount // of the same rows
	Expected *Expected      // of the whole input, nil for nothing and for one shard of several
}

// Requests counts HTTP requests by purpose.
type Requests struct {
	Token   int `json:"token"`
	Account int `json:"account,omitempty"` // what the account is set up for
	Pay     int `json:"pay"`
	Lookup  int `json:"lookup"`
	Other   int `json:"other"`
}

// Invoiced says which run's invoice, if any, an order became: what a run's report is to be posted from.
type Invoiced uint8

// Where an order can stand.
const (
	NotInvoiced Invoiced = iota // or by nobody any more
	ByThisRun                   // also where it was cancelled since, which is a correction
	Before                      // by another run, whose report has it
	Later                       // registered at the provider: its invoice comes later, as grouped ones do
)

// String is the word in the column invoiced.
func (i Invoiced) String() string {
	return string([...]phrase{NotInvoiced: "no", ByThisRun: "by this run", Before: "before", Later: "later"}[i])
}

// InvoicedOf is where an order stands that ended so. ours says that this run sent it.
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

// Cancelled reports whether this run's invoice was cancelled since.
func (o *Order) Cancelled() bool { return o.Final == billing.FinalVoided && o.Invoiced == ByThisRun }

// Order is one order and where it ended.
type Order struct {
	Seq            int // from 1, in the order of first rows; set by the report
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
	Run            string // another run whose invoice it is, or was or will be; "" for none or unknown
	Outcome        billing.Outcome
	Attempts       int
	FirstAttempt   time.Time         // zero if nothing was sent
	LastAttempt    time.Time         // zero if nothing was sent
	Expected       billing.Date      // when a grouped invoice is expected, else ""
	Todo           string            // what a person must still do, "" for nothing
	Changed        string            // what a later look at the provider found different, usually ""
	Remarks        []billing.Problem // said at each of its rows; their places are the rows'
}
