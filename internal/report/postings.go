package report

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// ErrUnposted is the error of an SIE file that would not hold all vouchers, and is not written therefore.
var ErrUnposted = errors.New("the file would lack vouchers and is not written")

// CheckAccounts refuses formats for which accounts are missing, or are none that the format can have.
func CheckAccounts(formats []Format, accounts *billing.Accounts) error {
	for _, f := range formats {
		switch {
		case f != Postings && f != ExcelPostings && f != SIE:
		case accounts == nil:
			return fmt.Errorf("format %s needs the accounts of your ledger: accounts: {receivable: …, revenue: …, vat: …} in the profile", f)
		case f == SIE:
			if account := notNumeric(accounts); account != "" {
				return fmt.Errorf("format sie takes accounts of digits alone, and the profile has %q: correct it, or use format postings", account)
			}
		}
	}
	return nil
}

// notNumeric is an account that an SIE file cannot have, "" for none.
func notNumeric(a *billing.Accounts) string {
	all := []string{a.Receivable}
	for _, by := range []billing.AccountsBy{a.Revenue, a.VAT} {
		for _, account := range by {
			all = append(all, account)
		}
	}
	slices.Sort(all)
	i := slices.IndexFunc(all, func(account string) bool { return strings.Trim(account, "0123456789") != "" })
	if i < 0 {
		return ""
	}
	return all[i]
}

// voucher is what an invoice, or its cancellation, comes to in the ledger. Its postings add up to zero.
type voucher struct {
	number   int // from 1, in the order of the orders
	date     billing.Date
	text     string
	order    *Order
	postings []posting
}

// posting is one line of a voucher.
type posting struct {
	account    string
	amount     int64 // minor units of the order's currency, a debit above zero and a credit below it
	rate       string
	treatment  string
	costCenter string
	problem    string // why it cannot be posted as it stands
}

// postings makes vouchers of the orders that the run invoiced, each as its order passes. Those that another run invoiced, or that are
// invoiced later, are another report's, so that no revenue is posted twice.
type postings struct {
	accounts *billing.Accounts
	shape    *shape
	vouchers int
	list     *postingsList // nil without a workbook
	csv      *postingsFile // nil without the format
	sie      *sieFile      // nil without the format
}

// add posts an order. One that was cancelled since has a second voucher, which takes the first one back.
func (p *postings) add(o *Order) {
	if o.Invoiced != ByThisRun {
		return
	}
	v := &voucher{
		date: o.Outcome.InvoiceDate, text: p.shape.words.say("Invoice %s, %s", o.Outcome.InvoiceNumber, o.Customer), order: o, postings: p.of(o),
	}
	p.put(v)
	if !o.Cancelled() {
		return
	}
	v.date = ""
	if at := o.Outcome.UpdatedAt; !at.IsZero() {
		v.date = billing.Date(at.In(p.shape.location).Format(time.DateOnly))
	}
	v.text = p.shape.words.say("Cancelled invoice %s, %s", o.Outcome.InvoiceNumber, o.Customer)
	for i := range v.postings {
		v.postings[i].amount = -v.postings[i].amount
	}
	p.put(v)
}

// of are an invoice's postings: what the customer owes, and for each rate and treatment the revenue and the VAT.
func (p *postings) of(o *Order) []posting {
	lines := []posting{{account: p.accounts.Receivable, amount: o.Gross.Minor()}}
	left := o.Gross.Minor()
	for i := range o.Particulars.VAT {
		share := &o.Particulars.VAT[i]
		left -= share.Gross
		for _, part := range []struct {
			what       string
			by         billing.AccountsBy
			amount     int64
			costCenter string
		}{
			{"revenue", p.accounts.Revenue, share.Gross - share.VAT, o.Particulars.CostCenter},
			{"VAT", p.accounts.VAT, share.VAT, ""},
		} {
			if part.amount == 0 {
				continue
			}
			line := posting{
				account: part.by.Of(share), amount: -part.amount, rate: share.Rate.String(), treatment: share.Treatment, costCenter: part.costCenter,
			}
			if line.account == "" {
				line.problem = fmt.Sprintf("the profile has no account for %s at %s", part.what, rateText(share))
			}
			lines = append(lines, line)
		}
	}
	if left != 0 || len(o.Particulars.VAT) == 0 {
		return []posting{{problem: fmt.Sprintf("invoice %s of %s must be posted by hand: its VAT by rate is not in the journal, as an older program wrote it",
			o.Outcome.InvoiceNumber, o.Gross.Grouped())}}
	}
	return lines
}

// rateText is "25 % (treatment 3)".
func rateText(share *billing.VATShare) string {
	if share.Treatment == "" {
		return share.Rate.String() + " %"
	}
	return fmt.Sprintf("%s %% (treatment %s)", share.Rate, share.Treatment)
}

// close gives the working files up.
func (p *postings) close() (err error) {
	if p.csv != nil && p.csv.file != nil {
		err = p.csv.file.Close()
	}
	if p.sie != nil && p.sie.file != nil {
		err = errors.Join(err, p.sie.file.Close())
	}
	return err
}

// put numbers a voucher and gives it to all that takes vouchers.
func (p *postings) put(v *voucher) {
	p.vouchers++
	v.number = p.vouchers
	if first := &v.postings[0]; v.date == "" && first.problem == "" {
		first.problem = fmt.Sprintf("invoice %s must be posted by hand: the day is not known", v.order.Outcome.InvoiceNumber)
	}
	if p.list != nil {
		p.list.add(v)
	}
	if p.csv != nil {
		p.csv.add(v)
	}
	if p.sie != nil {
		p.sie.add(v)
	}
}

// postingColumn is a column of the CSV file and of the sheet.
type postingColumn struct {
	name  string // in the file
	title string // on the sheet
	kind  kind
	text  func(*voucher, *posting) string
}

func postingColumns(w words) []postingColumn {
	return []postingColumn{
		{"voucher", w.say("Voucher"), kindNumber, func(v *voucher, _ *posting) string { return strconv.Itoa(v.number) }},
		{"date", w.say("Date"), kindDate, func(v *voucher, _ *posting) string { return string(v.date) }},
		{"account", w.say("Account"), kindText, func(_ *voucher, p *posting) string { return p.account }},
		{"debit", w.say("Debit"), kindAmount, func(v *voucher, p *posting) string { return v.positive(p.amount) }},
		{"credit", w.say("Credit"), kindAmount, func(v *voucher, p *posting) string { return v.positive(-p.amount) }},
		{"currency", w.say("Currency"), kindText, func(v *voucher, _ *posting) string { return v.currency().Code() }},
		{"text", w.say("Text"), kindText, func(v *voucher, _ *posting) string { return v.text }},
		{"customer_number", w.say("Customer number"), kindText, func(v *voucher, _ *posting) string { return v.order.CustomerNumber }},
		{"customer", w.say("Customer"), kindText, func(v *voucher, _ *posting) string { return v.order.Customer }},
		{"invoice_number", w.say("Invoice number"), kindText, func(v *voucher, _ *posting) string { return v.order.Outcome.InvoiceNumber }},
		{"due_date", w.say("Due date"), kindDate, func(v *voucher, _ *posting) string { return string(v.order.Outcome.DueDate) }},
		{"vat_rate", w.say("VAT rate"), kindNumber, func(_ *voucher, p *posting) string { return p.rate }},
		{"vat_treatment", w.say("VAT treatment"), kindText, func(_ *voucher, p *posting) string { return p.treatment }},
		{"cost_center", w.say("Cost center"), kindText, func(_ *voucher, p *posting) string { return p.costCenter }},
		{referenceColumn, w.say("Order reference"), kindText, func(v *voucher, _ *posting) string { return v.order.Reference }},
		{"problem", w.say("Problem"), kindProse, func(_ *voucher, p *posting) string { return w.unposted(p.problem) }},
	}
}

func (v *voucher) currency() money.Currency { return v.order.Gross.Currency() }

// positive is an amount of the voucher's currency, "" unless it is above zero.
func (v *voucher) positive(minor int64) string {
	if minor <= 0 {
		return ""
	}
	return money.New(minor, v.currency()).String()
}
