package batch

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
	"kraviabatch/internal/report"
)

// planVersion is the version of the file's form. A program refuses every other one.
const planVersion = 1

// ErrPlan refuses a plan, or a run for which a plan or its approval is missing. No call was made.
var ErrPlan = errors.New("refused")

func refuse(format string, args ...any) error {
	return fmt.Errorf("%w, and no call was made: %w", ErrPlan, fmt.Errorf(format, args...))
}

// Plan is what a run is going to do, written down before: people approve it, and a run with it does that or nothing.
// Its file holds customers' names and no addresses.
type Plan struct {
	PlanHead
	Orders    []PlanOrder // in the order of sending
	Approvals []Approval
}

// PlanHead is what a plan says of all its orders.
type PlanHead struct {
	Version     int                `json:"version"` // of this form
	SHA256      string             `json:"sha256"`  // over the file without this and without approvals
	Program     string             `json:"program"` // its version
	Day         billing.Date       `json:"day"`     // from which days until due are counted
	Made        time.Time          `json:"made"`
	By          string             `json:"by"`
	Account     string             `json:"account"`
	Environment report.Environment `json:"environment"`
	Settings    PlanSettings       `json:"settings"`
	Files       []report.File      `json:"files"`
	Control     PlanControl        `json:"control"`
	LastMonth   *report.LastMonth  `json:"last_month"` // null when there is no earlier run to compare with
}

// PlanSettings are the settings that decide what is sent.
type PlanSettings struct {
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

// PlanControl holds the control totals of a plan.
type PlanControl struct {
	Rows          int         `json:"rows"`
	InvalidRows   int         `json:"invalid_rows"`
	Orders        int         `json:"orders"` // without problems
	InvalidOrders int         `json:"invalid_orders"`
	ToSend        int         `json:"to_send"`
	Settled       int         `json:"settled"`   // invoiced, registered or voided by an earlier run
	Conflicts     int         `json:"conflicts"` // the reference is in use with other content
	Money         []PlanMoney `json:"money"`
	VAT           []PlanVAT   `json:"vat"`
}

// PlanMoney is the money of one currency, in minor units including VAT.
type PlanMoney struct {
	Currency  string `json:"currency"`
	Total     int64  `json:"total"` // of all rows that could be read
	ToSend    int64  `json:"to_send"`
	ToSendVAT int64  `json:"to_send_vat"`
}

// PlanVAT is one rate's share of the valid rows, in minor units.
type PlanVAT struct {
	Currency string `json:"currency"`
	Rate     string `json:"rate"` // percent
	Net      int64  `json:"net"`
	VAT      int64  `json:"vat"`
	Gross    int64  `json:"gross"`
}

// PlanOrder is one order of a plan. Hashes are hex SHA-256 over the exact bytes of a request.
type PlanOrder struct {
	Reference      string          `json:"order_reference"`
	CustomerNumber string          `json:"customer_number,omitempty"`
	Customer       string          `json:"customer"`
	Product        billing.Product `json:"product"`
	Channel        billing.Channel `json:"invoice_channel,omitempty"`
	DaysUntilDue   int             `json:"days_until_due"`
	Rows           int             `json:"rows"`
	Gross          money.Amount    `json:"gross"`
	VAT            money.Amount    `json:"vat"`
	State          string          `json:"state"` // when it was planned: not attempted, already invoiced, …
	Send           bool            `json:"send"`
	Content        string          `json:"content_hash"` // billing.Order.Hash
	Request        string          `json:"request_sha256"`
	Session        string          `json:"session_request_sha256,omitempty"` // of a two-step flow

	final   billing.Final // of State; these are not in the file
	outcome billing.Outcome
	first   billing.Place // of its rows
	earlier *earlier      // where an earlier run has it for another period, else nil
}

// earlier is an order as an earlier run has it, for its period.
type earlier struct {
	state  billing.State
	period string
}

// Sums is the money of the orders to be sent, by currency.
func (p *Plan) Sums() (sums []money.Amount, err error) {
	for i := range p.Orders {
		if o := &p.Orders[i]; o.Send {
			if err := AddTo(&sums, o.Gross); err != nil {
				return nil, fmt.Errorf("order %s: %w", o.Reference, err)
			}
		}
	}
	return sums, nil
}

// encode writes the file's form: one line an order. A plan has one form only, so that every change of a byte shows.
func (p *Plan) encode(w io.Writer) error {
	out := bufio.NewWriter(w)
	var head bytes.Buffer
	indented := json.NewEncoder(&head)
	indented.SetEscapeHTML(false)
	indented.SetIndent("", "  ")
	if err := indented.Encode(p.PlanHead); err != nil {
		return err
	}
	_, _ = out.Write(bytes.TrimSuffix(billing.EscapeJSON(head.Bytes()), []byte("\n}\n"))) // Flush tells
	if err := encodeList(out, "orders", p.Orders); err != nil {
		return err
	}
	if err := encodeList(out, "approvals", p.Approvals); err != nil {
		return err
	}
	_, _ = out.WriteString("\n}\n") // Flush tells
	return out.Flush()
}

func encodeList[T any](out *bufio.Writer, name string, list []T) error {
	var line bytes.Buffer
	encoder := json.NewEncoder(&line)
	encoder.SetEscapeHTML(false)
	_, _ = fmt.Fprintf(out, ",\n  %q: [", name) // Flush tells
	separator := "\n"
	for i := range list {
		line.Reset()
		if err := encoder.Encode(&list[i]); err != nil {
			return err
		}
		_, _ = fmt.Fprintf(out, "%s    %s", separator, bytes.TrimSuffix(billing.EscapeJSON(line.Bytes()), []byte("\n"))) // Flush tells
		separator = ",\n"
	}
	_, err := out.WriteString("\n  ]")
	return err
}

// hash is the plan's identity: over its file's form without hash and approvals.
func (p *Plan) hash() (string, error) {
	bare := Plan{PlanHead: p.PlanHead, Orders: p.Orders}
	bare.SHA256 = ""
	sum := sha256.New()
	err := bare.encode(sum)
	return hex.EncodeToString(sum.Sum(nil)), err
}

// ReadPlan reads a plan's file. One that is not exactly as this program wrote it is refused with [ErrPlan].
func ReadPlan(path string) (*Plan, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read plan: %w", err)
	}
	p, err := parsePlan(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return p, nil
}

func parsePlan(data []byte) (*Plan, error) {
	if !json.Valid(data) {
		return nil, refuse("this is not a plan file: give the one that `kravia-batch plan` wrote")
	}
	p := &Plan{}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if decoder.Decode(p) != nil {
		return nil, refuse("the plan was edited, or is not a plan; make it anew")
	}
	if p.Version != planVersion {
		return nil, refuse("the form of the plan has version %d and this program knows version %d; make it anew", p.Version, planVersion)
	}
	form, err := sameForm(p, data)
	if err != nil {
		return nil, err
	}
	hash, err := p.hash()
	if err != nil {
		return nil, err
	}
	if !form || hash != p.SHA256 {
		return nil, refuse("the plan was edited after it was made; make it anew")
	}
	for i := range p.Approvals {
		if a := &p.Approvals[i]; a.Plan != p.SHA256 || a.Seal != a.seal() {
			return nil, refuse("the approval by %q was edited or belongs to another plan", a.By)
		}
	}
	return p, nil
}

// sameForm reports whether the bytes are those that the plan is written as.
func sameForm(p *Plan, data []byte) (bool, error) {
	written := sha256.New()
	if err := p.encode(written); err != nil {
		return false, err
	}
	given := sha256.Sum256(data)
	return bytes.Equal(written.Sum(nil), given[:]), nil
}

// plain makes a text one that is read from JSON as it was written.
func plain(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }
