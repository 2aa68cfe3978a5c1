package report

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// CheckAccounts refuses formats for which accounts are missing, or are none that the format can have.
func CheckAccounts(formats []Format, accounts *billing.Accounts) error {
	for _, f := range formats {
		switch {
		case f != Postings && f != ExcelPostings && f != SIE:
		case accounts == nil:
			return fmt.Errorf(msgNoAccounts, f)
		case f == SIE:
			if account := notNumeric(accounts); account != "" {
				return fmt.Errorf(msgAccountDigits, account)
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
	id       string // the same in every report of the run
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

// postings makes vouchers of the orders that the run invoiced, each as its order passes. Those that another
// run invoiced, or that are invoiced later, are another report's, so that no revenue is posted twice.
type postings struct {
	accounts *billing.Accounts
	prefix   string       // of texts
	from     billing.Date // vouchers of days before it are left out, "" for none
	shape    *shape
	list     *postingsList // nil without a workbook
	csv      *postingsFile // nil without the format
	sie      *sieFile      // nil without the format
	problems []string      // of vouchers, the first ones, each once
	more     bool          // there are others
}

// maxPostingProblems is how many problems of vouchers are named.
const maxPostingProblems = 10

// note keeps a problem of a voucher to be named.
func (p *postings) note(problem string) {
	switch {
	case problem == "" || slices.Contains(p.problems, problem):
	case len(p.problems) == maxPostingProblems:
		p.more = true
	default:
		p.problems = append(p.problems, problem)
	}
}

// unposted is what keeps the files for a ledger from being all that is to be posted, nil for nothing and
// where no such file is made.
func (p *postings) unposted() (all []string) {
	if p == nil || p.csv == nil && p.sie == nil {
		return nil
	}
	if all = slices.Clone(p.problems); p.more {
		all = append(all, msgAndMore)
	}
	if len(all) > 0 {
		all = append(all, hintAccounts)
	}
	if p.sie != nil {
		all = append(all, p.sie.refusals()...)
	}
	return all
}

// rehearsed is a word before what a ledger must not take for real, "" for what is real.
func rehearsed(run *RunInfo) string {
	if run.Environment == Live {
		return ""
	}
	return strings.ToUpper(string(run.Environment)) + " "
}

// add posts an order. One that was cancelled since has a second voucher, which takes the first one back.
func (p *postings) add(o *Order) {
	if o.Invoiced != ByThisRun {
		return
	}
	id := o.voucher("")
	v := &voucher{
		id: id, date: o.Outcome.InvoiceDate,
		text: p.prefix + p.shape.words.say("Invoice %s, %s", id, o.Customer), order: o, postings: p.of(o),
	}
	p.put(v)
	if !o.Cancelled() {
		return
	}
	v.id, v.date = o.voucher("-C"), billing.Date(cancelledOn(o, p.shape.location))
	v.text = p.prefix + p.shape.words.say("Cancelled invoice %s, %s", v.id, o.Customer)
	for i := range v.postings {
		v.postings[i].amount = -v.postings[i].amount
	}
	p.put(v)
}

// voucher is what an invoice's voucher is called: by its number with an ending behind it, and where orders
// share the number by the reference too.
func (o *Order) voucher(ending string) string {
	id := o.Outcome.InvoiceNumber + ending
	if o.Product == billing.B2BGrouped {
		id += "/" + o.Reference
	}
	return id
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
				account: part.by.Of(share), amount: -part.amount, rate: share.Rate.String(),
				treatment: share.Treatment, costCenter: part.costCenter,
			}
			if line.account == "" {
				line.problem = fmt.Sprintf(msgNoAccount, part.what, rateText(share))
			}
			lines = append(lines, line)
		}
	}
	if left != 0 || len(o.Particulars.VAT) == 0 {
		return []posting{{problem: fmt.Sprintf(msgByHand, o.Outcome.InvoiceNumber, o.Gross.Grouped())}}
	}
	return lines
}

// rateText is "25 % (treatment 3)".
func rateText(share *billing.VATShare) string {
	if share.Treatment == "" {
		return share.Rate.String() + " %"
	}
	return fmt.Sprintf(msgTreatment, share.Rate, share.Treatment)
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

// put gives a voucher to all that takes vouchers, unless it is too early. One without a date is never that.
func (p *postings) put(v *voucher) {
	if v.date != "" && v.date < p.from {
		if p.list != nil {
			p.list.earlier++
		}
		return
	}
	if first := &v.postings[0]; v.date == "" && first.problem == "" {
		first.problem = fmt.Sprintf(msgNoDay, v.order.Outcome.InvoiceNumber)
	}
	for i := range v.postings {
		p.note(v.postings[i].problem)
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
		{"voucher", w.say("Voucher"), kindText, func(v *voucher, _ *posting) string { return v.id }},
		{"date", w.say("Date"), kindDate, func(v *voucher, _ *posting) string { return string(v.date) }},
		{"account", w.say("Account"), kindText, func(_ *voucher, p *posting) string { return p.account }},
		{"debit", w.say("Debit"), kindAmount, func(v *voucher, p *posting) string { return v.positive(p.amount) }},
		{"credit", w.say("Credit"), kindAmount, func(v *voucher, p *posting) string { return v.positive(-p.amount) }},
		{"currency", w.say("Currency"), kindText, func(v *voucher, _ *posting) string { return v.currency().Code() }},
		{"text", w.say("Text"), kindProse, func(v *voucher, _ *posting) string { return v.text }},
		{"customer_number", w.say("Customer number"), kindText, func(v *voucher, _ *posting) string {
			return v.order.CustomerNumber
		}},
		{"customer", w.say("Customer"), kindText, func(v *voucher, _ *posting) string { return v.order.Customer }},
		{"invoice_number", w.say("Invoice number"), kindText, func(v *voucher, _ *posting) string {
			return v.order.Outcome.InvoiceNumber
		}},
		{"due_date", w.say("Due date"), kindDate, func(v *voucher, _ *posting) string {
			return string(v.order.Outcome.DueDate)
		}},
		{"vat_rate", w.say("VAT rate"), kindNumber, func(_ *voucher, p *posting) string { return p.rate }},
		{"vat_treatment", w.say("VAT treatment"), kindText, func(_ *voucher, p *posting) string { return p.treatment }},
		{"cost_center", w.say("Cost center"), kindText, func(_ *voucher, p *posting) string { return p.costCenter }},
		{referenceColumn, w.say("Order reference"), kindText, func(v *voucher, _ *posting) string {
			return v.order.Reference
		}},
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
