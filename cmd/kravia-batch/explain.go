package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kraviabatch/internal/batch"
	"kraviabatch/internal/billing"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/intake"
)

type explainOptions struct {
	*app
	accountFlags
	journalFlags
	inputFlags
	row   int
	sheet string
	json  bool
}

func (o *explainOptions) add(f *pflag.FlagSet) {
	f.IntVar(&o.row, "row", 0, "row `N`, as a spreadsheet shows it")
	f.StringVar(&o.sheet, "sheet", "", "the `sheet`, where the profile names none")
	f.BoolVar(&o.json, "json", false, "print everything as JSON, amounts in minor units (øre, cents)")
}

func (o *explainOptions) check() error {
	if o.row < 1 {
		return usage(msgExplainNeedsRow)
	}
	return nil
}

func (a *app) explainCommand() *cobra.Command {
	o := &explainOptions{app: a}
	cmd := &cobra.Command{
		Use:   "explain FILE… --row N",
		Short: "Show how one row was read, grouped and taxed",
		Long: `Explain shows how one row of a file is read, normalised, grouped, taxed and
sent, with the settings of run: what became of every cell and, for a row that is
not a line, such as a total that was passed over, why. With --account or
--sandbox it also tells where the order of the row ended, if the journal knows
it. Nothing is sent and nothing is kept. Beside the file with the row, give the
registers that its profile names.`,
		Example: `  kravia-batch explain november.csv --row 17
  kravia-batch explain fortnox.xlsx --row 17 --profile fortnox.yaml
  kravia-batch explain fiken.csv kunder.csv --row 3 --profile fiken.yaml`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage(msgExplainNeedsFile, cmd.CommandPath())
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return o.explain(cmd.Context(), args) },
	}
	a.addFlags(cmd, nil, section{"", []group{o, &o.accountFlags, &o.journalFlags, &o.inputFlags}})
	return cmd
}

// explanation is all that is known of a row. Amounts are in minor units.
type explanation struct {
	Version int `json:"version"`
	billing.Place
	// why the row is not a line; only Cells is set beside it
	Passed    string            `json:"passed_over,omitempty"`
	Cells     []explainedCell   `json:"cells"`
	Reference string            `json:"order_reference"`
	Derived   string            `json:"derived_from,omitempty"` // the template that made the reference
	Others    []billing.Place   `json:"other_rows"`             // of the same order
	Order     *explainedOrder   `json:"order,omitempty"`        // none if a problem keeps the order from being made
	Tax       *explainedTax     `json:"tax,omitempty"`
	Problems  []billing.Problem `json:"problems"`
	Item      json.RawMessage   `json:"item,omitempty"` // the row's part of Body
	Body      json.RawMessage   `json:"body,omitempty"` // exact request of the one-step flow
	Outcome   *explainedOutcome `json:"outcome,omitempty"`
}

type explainedOrder struct {
	Product      billing.Product `json:"product"`
	Channel      billing.Channel `json:"invoice_channel,omitempty"`
	DaysUntilDue int             `json:"days_until_due"`
	Customer     string          `json:"customer_number,omitempty"`
	Address      billing.Address `json:"billing_address"`
	Currency     string          `json:"currency"`
	Lines        int             `json:"lines"`
	Gross        int64           `json:"gross"`
	VAT          int64           `json:"vat"`
	shown        string          // sums for people
}

type explainedTax struct {
	Rate     string `json:"rate"` // percent
	Net      int64  `json:"net"`
	VAT      int64  `json:"vat"`
	Gross    int64  `json:"gross"`
	Currency string `json:"currency"`
	Formula  string `json:"formula"`
	shown    string
}

func (o *explainOptions) explain(ctx context.Context, args []string) error {
	input, err := o.input(&o.inputFlags, args, o.progress(false))
	if err != nil {
		return err
	}
	lines := slices.DeleteFunc(slices.Clone(input.Paths), func(path string) bool {
		return input.Profile.RegisterOf(path) != ""
	})
	if len(lines) > 1 {
		return usage(msgExplainOneFile, len(lines), strings.Join(lines, ", "))
	}
	if o.sheet != "" {
		profile := intake.Profile{Name: "--sheet"}
		if input.Profile != nil {
			profile = *input.Profile
		}
		profile.Input.Sheet = o.sheet
		input.Profile = &profile
	}
	reading, err := batch.Read(ctx, input)
	if err != nil {
		return err
	}
	defer reading.Close()
	e, err := o.explainRow(ctx, input, reading)
	if err != nil {
		return err
	}
	if o.json {
		return writeJSON(o.stdout, e)
	}
	printExplanation(o.stdout, e)
	return nil
}

// explainRow follows the row through the program.
func (o *explainOptions) explainRow(ctx context.Context, input *batch.Input, reading *batch.Reading) (*explanation,
	error,
) {
	record, last, err := recordOf(reading, o.row)
	if err != nil {
		return nil, err
	}
	if record == nil {
		return explainPassed(ctx, reading, o.row, last)
	}
	group, i, err := groupOf(reading, o.row)
	if err != nil {
		return nil, err
	}
	e := &explanation{
		Version: 1, Place: record.Place, Reference: group.Reference, Others: []billing.Place{},
		Problems: append([]billing.Problem{}, group.Rows[i].Problems...),
	}
	var made []intake.Made
	if len(reading.Tables()[0].Made) > 0 {
		err = reading.Again(ctx, func(file *intake.File) (err error) {
			made, err = file.MadeCells(ctx, o.row)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	e.Cells = explainCells(reading, made, record, input.Rules)
	if own := record.Get(billing.ColOrderReference); strings.TrimSpace(own) == "" && group.Reference != "" {
		e.Derived = input.Rules.Reference
	}
	for k := range group.Rows {
		if k != i {
			e.Others = append(e.Others, group.Rows[k].Place)
		}
	}
	e.Tax = explainTax(&group.Rows[i], record, input.Rules)
	if group.Order == nil {
		return e, nil
	}
	e.Order = explainOrder(group.Order, input.Rules.Today)
	if err := e.request(ctx, o.period, input, group, group.Rows[i].LineID); err != nil {
		return nil, err
	}
	e.Outcome, err = o.whereItEnded(ctx, group.Order)
	return e, err
}

// groupOf finds the order of a row, and the row in it.
func groupOf(reading *batch.Reading, row int) (*billing.Group, int, error) {
	for group, err := range reading.Groups() {
		if err != nil {
			return nil, 0, err
		}
		for i := range group.Rows {
			if group.Rows[i].Row == row {
				return &group, i, nil
			}
		}
	}
	return nil, 0, fmt.Errorf(msgRowInNoOrder, row)
}

func explainOrder(o *billing.Order, today billing.Date) *explainedOrder {
	return &explainedOrder{
		Product: o.Product, Channel: o.Channel, DaysUntilDue: o.DaysFrom(today), Customer: o.CustomerNumber,
		Address:  o.Address,
		Currency: o.Currency.Code(), Lines: len(o.Lines), Gross: o.Gross.Minor(), VAT: o.VAT.Minor(),
		shown: fmt.Sprintf(msgOrderSum, o.Gross.Grouped(), o.VAT.Grouped(), plural(len(o.Lines), "line")),
	}
}

// explainTax is nil where a problem kept the VAT from being computed.
func explainTax(row *billing.Row, record *billing.Record, rules *billing.Rules) *explainedTax {
	if row.Amount == nil || row.VATAmount == nil {
		return nil
	}
	net, err := row.Amount.Sub(*row.VATAmount)
	if err != nil {
		return nil
	}
	from := wordAmount
	if record.Get(billing.ColAmount) == "" {
		from = wordQuantityPrice
		if record.Get(billing.ColDiscountPercent)+record.Get(billing.ColDiscountAmount) != "" {
			from += wordLessDiscount
		}
	}
	t := &explainedTax{
		Rate: row.Rate.String(), Net: net.Minor(), VAT: row.VATAmount.Minor(),
		Gross: row.Amount.Minor(), Currency: row.Currency,
	}
	t.shown = fmt.Sprintf(msgTaxSum, net.Grouped(), row.VATAmount.Grouped(), row.Amount.Grouped())
	withoutVAT := rules.ExclVAT
	if says := cmp.Or(record.Get(billing.ColPrices), rules.Defaults[billing.ColPrices]); says != "" {
		withoutVAT = strings.EqualFold(says, "excl")
	}
	alone := row.Rate.InGross(*row.Amount) // the VAT of the line, where it is rounded for itself
	if withoutVAT {
		gross, err := row.Rate.AddTo(net)
		if err != nil {
			return nil
		}
		alone, _ = gross.Sub(net) // is smaller
		t.Formula = fmt.Sprintf(msgTaxWithout, from, net, row.Rate+100_00, gross)
	} else {
		t.Formula = fmt.Sprintf(msgTaxWith, from, row.Amount, row.Rate, row.Rate+100_00, alone)
	}
	if bears, err := row.VATAmount.Sub(alone); err == nil && bears.Minor() != 0 {
		t.Formula += fmt.Sprintf(msgTaxDifference, bears)
	}
	return t
}

// request adds the exact request of the order, and the row's part of it.
func (e *explanation) request(ctx context.Context, period string, input *batch.Input, group *billing.Group,
	lineID string,
) error {
	settings := &batch.Settings{Input: *input, Period: period, Flow: dispatch.OneStep}
	var one iter.Seq2[billing.Group, error] = func(yield func(billing.Group, error) bool) { yield(*group, nil) }
	_, err := batch.DryRun(ctx, settings, one, func(r batch.Request) error {
		e.Body = r.Body
		return nil
	})
	if err != nil {
		return err
	}
	var body struct {
		Session struct {
			Order struct{ Items []json.RawMessage }
		}
	}
	if err := json.Unmarshal(e.Body, &body); err != nil {
		return fmt.Errorf(msgRequestOf, e.Reference, err)
	}
	for _, item := range body.Session.Order.Items {
		var line struct {
			ID string `json:"line_id"`
		}
		if err := json.Unmarshal(item, &line); err != nil {
			return fmt.Errorf(msgRequestOf, e.Reference, err)
		}
		if line.ID == lineID {
			var indented bytes.Buffer
			_ = json.Indent(&indented, item, "", "  ") // was valid before
			e.Item = indented.Bytes()
		}
	}
	return nil
}

// explainedOutcome is where the order stands in the journal of an account.
type explainedOutcome struct {
	Account       string       `json:"account"`
	Run           string       `json:"run,omitempty"`
	State         string       `json:"state"`
	InvoiceNumber string       `json:"invoice_number,omitempty"`
	InvoiceDate   billing.Date `json:"invoice_date,omitempty"`
	DueDate       billing.Date `json:"due_date,omitempty"`
	InvoiceURL    string       `json:"invoice_url,omitempty"`
	PaymentStatus string       `json:"payment_status,omitempty"`
	Message       string       `json:"message,omitempty"`
	Differs       bool         `json:"differs"` // the journal has the reference with other content
}

// whereItEnded looks the order up in the account's journal. It is nil when no account is named or there is no journal.
func (o *explainOptions) whereItEnded(ctx context.Context, order *billing.Order) (*explainedOutcome, error) {
	account := o.named()
	j, err := o.existingJournal(ctx, &o.accountFlags, &o.journalFlags)
	if err != nil || j == nil {
		return nil, err // nothing to tell is no error
	}
	defer func() { _ = j.Close() }() // only read
	stored, err := j.Stored(ctx, account, []string{order.Reference})
	if err != nil {
		return nil, err
	}
	known, ok := stored[order.Reference]
	if !ok {
		return &explainedOutcome{Account: account, State: stateUnknown}, nil
	}
	attempts, err := j.Attempts(ctx, account, order.Reference)
	if err != nil {
		return nil, err
	}
	out := &known.Outcome
	ended := &explainedOutcome{
		Account: account, State: out.State.String(), InvoiceNumber: out.InvoiceNumber, InvoiceDate: out.InvoiceDate,
		DueDate: out.DueDate, InvoiceURL: out.InvoiceURL, PaymentStatus: out.PaymentStatus, Message: out.Message,
		Differs: known.Hash != order.Hash(),
	}
	if n := len(attempts); n > 0 {
		ended.Run = attempts[n-1].Run
	}
	return ended, nil
}
