// Package planfile is the plan as a file: what a run is going to do, written down before. People approve it,
// and a run with it does that or nothing. The package knows the file's one form, its hashes, its approvals,
// and what makes it stale. Files are written and read in constant memory, whatever the number of orders.
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

// ErrRefused refuses a plan, or a run for which a plan or its approval is missing. No call was made.
var ErrRefused = errors.New("plan refused")

// refusal is an [ErrRefused] in words of its own.
type refusal string

func (r refusal) Error() string        { return string(r) }
func (r refusal) Is(target error) bool { return target == ErrRefused }

// errForm is the refusal of a file that is not exactly as this program wrote it.
const errForm refusal = "not a plan file, or it was edited"

func refuse(format string, args ...any) error {
	return refusal("refused, and no call was made: " + fmt.Sprintf(format, args...))
}

// Head is what a plan says of all its orders. The file holds customers' names and no addresses.
type Head struct {
	Version int `json:"version"` // of the file's form
	// the plan's identity: over the head as it stands in the file, with this empty
	SHA256 string `json:"sha256"`
	// over the orders as they stand in the file, each with a line feed
	OrdersSHA256 string             `json:"orders_sha256"`
	Program      string             `json:"program"` // its version
	Day          billing.Date       `json:"day"`     // from which days until due are counted
	Made         time.Time          `json:"made"`
	By           string             `json:"by"`
	Account      string             `json:"account"`
	Environment  string             `json:"environment"` // sandbox, test or live
	Settings     Settings           `json:"settings"`
	Inputs       []Input            `json:"files"`
	Control      Control            `json:"control"`
	LastMonth    *billing.LastMonth `json:"last_month"` // null when there is no earlier run to compare with
}

// Settings are the settings that decide what is sent.
type Settings struct {
	Flow           string          `json:"flow"`
	DuplicateGuard string          `json:"duplicate_guard"`
	Period         string          `json:"period"`
	ProfileSHA256  string          `json:"profile_sha256"` // of the profile's file, "" without one
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
	Register string `json:"register,omitempty"` // the profile's name of the register that it is, "" for a file of lines
}

// Control holds the control totals of a plan.
type Control struct {
	Rows          int   `json:"rows"`
	InvalidRows   int   `json:"invalid_rows"`
	Orders        int   `json:"orders"` // without problems
	InvalidOrders int   `json:"invalid_orders"`
	ToSend        int   `json:"to_send"`
	Settled       int   `json:"settled"`   // invoiced, registered or voided by an earlier run
	Conflicts     int   `json:"conflicts"` // the reference is in use with other content, or in conflict
	Money         []Sum `json:"money"`
	VAT           []VAT `json:"vat"`
}

// Sum is the money of one currency, in minor units including VAT.
type Sum struct {
	Currency  string `json:"currency"`
	Total     int64  `json:"total"` // of all rows that could be read
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

// ToSend is the money of the orders to be sent, by currency.
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

// Inputs are the input files as a plan has them.
func Inputs(files []journal.File) []Input {
	inputs := make([]Input, len(files))
	for i, f := range files {
		inputs[i] = Input{Name: plain(f.Name), SHA256: f.SHA256, Rows: f.Rows, Register: plain(f.Register)}
	}
	return inputs
}

// plain makes a text one that is read from JSON as it was written.
func plain(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }
