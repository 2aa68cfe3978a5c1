// Package planfile is the plan as a file. A plan says before a run which orders the run sends and with which
// requests. Approvers read it and approve it, and a run with a plan sends exactly that or nothing.
//
// `kravia-batch plan` drafts a plan: [New], [Draft.Add] for each order, [Draft.Finish], [Draft.Write]. Approvers add
// their names with [Approve]. A run reads the file with [Open], and asks it whether it may be used:
// [Signing.Check], [File.Unused], [File.SameTarget], [File.SameInputs] and, before the first call,
// [File.SameOrders]. Each answers no with [ErrRefused].
//
// A plan has exactly one byte form, and its parts carry hashes, so any edit is detected. That form must not
// change without a new version number: a plan that was approved before an update would be refused without a
// reason that helps. Plans are written and read in constant memory, whatever the number of orders.
package planfile

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/money"
)

// ErrRefused is the error for a plan that may not be used, and for a run that lacks a required plan or approval.
// No call was made to the provider.
var ErrRefused = errors.New("plan refused")

// refusal is an [ErrRefused] with its reason as the text.
type refusal string

func (r refusal) Error() string        { return string(r) }
func (r refusal) Is(target error) bool { return target == ErrRefused }

// errForm refuses a file that does not have the exact form in which this program writes plans.
const errForm refusal = msgEdited

func refuse(format string, args ...any) error {
	return refusal(fmt.Sprintf(msgRefused, fmt.Sprintf(format, args...)))
}

// Head is what a plan says about all its orders together. The file holds names of customers, but no addresses.
type Head struct {
	Version int `json:"version"` // of the file's form
	// the plan's identity: the hash of the head as it stands in the file, computed with this value empty
	SHA256 string `json:"sha256"`
	// the hash of the lines of the orders as they stand in the file, each with its line feed
	OrdersSHA256 string             `json:"orders_sha256"`
	Program      string             `json:"program"` // version of the program
	Day          billing.Date       `json:"day"`     // days until due count from this day
	Made         time.Time          `json:"made"`
	By           string             `json:"by"` // the author's name
	Account      string             `json:"account"`
	Environment  string             `json:"environment"` // sandbox, test or live
	Settings     Settings           `json:"settings"`
	Inputs       []Input            `json:"files"`
	Control      Control            `json:"control"`
	LastMonth    *billing.LastMonth `json:"last_month"` // null when there is no earlier run to compare with
}

// Settings are the settings that decide what a run sends. A run must have the same ones as its plan.
type Settings struct {
	Flow           string          `json:"flow"`
	DuplicateGuard string          `json:"duplicate_guard"`
	Period         string          `json:"period"`         // YYYY-MM or ""
	ProfileSHA256  string          `json:"profile_sha256"` // of the profile's file, "" without a profile
	DaysUntilDue   int             `json:"days_until_due"`
	InvoiceChannel billing.Channel `json:"invoice_channel"`
	PaymentProfile string          `json:"payment_profile"`
	CallbackURL    string          `json:"callback_url"`
	ReturnURL      string          `json:"return_url"`
}

// Input is one input file.
type Input struct {
	Name     string `json:"name"`
	SHA256   string `json:"sha256"` // hex
	Rows     int    `json:"rows"`
	Register string `json:"register,omitempty"` // the profile's name for the register, "" for a file of lines
}

// Control holds the control totals of a plan. Rows and orders are counted over all input files.
type Control struct {
	Rows          int   `json:"rows"`
	InvalidRows   int   `json:"invalid_rows"`
	Orders        int   `json:"orders"` // without problems
	InvalidOrders int   `json:"invalid_orders"`
	ToSend        int   `json:"to_send"`
	Concluded     int   `json:"settled"`   // invoiced, registered or voided by an earlier run
	Conflicts     int   `json:"conflicts"` // the order's reference is in use with other content, or in conflict
	Money         []Sum `json:"money"`
	VAT           []VAT `json:"vat"`
}

// Sum is the money of one currency, in minor units and including VAT.
type Sum struct {
	Currency  string `json:"currency"`
	Total     int64  `json:"total"` // of all rows whose amount can be read
	ToSend    int64  `json:"to_send"`
	ToSendVAT int64  `json:"to_send_vat"`
}

// VAT is one rate's share of the valid rows, in minor units.
type VAT struct {
	Currency string `json:"currency"`
	Rate     string `json:"rate"` // percent
	Net      int64  `json:"net"`
	VAT      int64  `json:"vat"`
	Gross    int64  `json:"gross"`
}

// ToSend returns the total of the orders to be sent, including VAT, one amount for each currency.
func (h *Head) ToSend() (sums []money.Amount, err error) {
	for _, m := range h.Control.Money {
		if m.ToSend == 0 {
			continue
		}
		currency, err := money.ParseCurrency(m.Currency)
		if err != nil {
			return nil, fmt.Errorf("plan: %w", err)
		}
		sums = append(sums, money.New(m.ToSend, currency))
	}
	return sums, nil
}

// Inputs returns the input files in the form in which a plan keeps them.
func Inputs(files []journal.File) []Input {
	inputs := make([]Input, len(files))
	for i, f := range files {
		inputs[i] = Input{Name: validText(f.Name), SHA256: f.SHA256, Rows: f.Rows, Register: validText(f.Register)}
	}
	return inputs
}

// validText replaces bytes that are not UTF-8, which JSON could not give back as they were written.
func validText(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }
