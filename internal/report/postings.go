package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// CheckAccounts returns an error when a format for a ledger lacks the accounts, or cannot have one of them.
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

// notNumeric returns an account that an SIE file cannot have, "" for none.
func notNumeric(a *billing.Accounts) string {
	all := slices.AppendSeq(slices.AppendSeq([]string{a.Receivable}, maps.Values(a.Revenue)), maps.Values(a.VAT))
	slices.Sort(all)
	i := slices.IndexFunc(all, func(account string) bool { return strings.Trim(account, "0123456789") != "" })
	if i < 0 {
		return ""
	}
	return all[i]
}

// voucher is the entry of an invoice, or of its cancellation, in the ledger. Its postings add up to zero.
type voucher struct {
	id       string // the same in every report of the run, so that a ledger can refuse a second import
	date     billing.Date
	text     string
	order    *Order
	postings []posting
}

// posting is one line of a voucher.
type posting struct {
	account    string
	amount     int64 // minor units of the order's currency; a debit is above zero, a credit below
	rate       string
	treatment  string
	costCenter string
	problem    string // why the line cannot be posted, "" if it can
}

// postings makes a voucher of each order that this run invoiced, when the order passes. Orders that another run
// invoiced or will invoice are in that run's report, so that no revenue is posted twice.
type postings struct {
	accounts *billing.Accounts
	prefix   string       // of texts, see rehearsed
	from     billing.Date // vouchers of earlier days are left out; "" for none
	shape    *shape
	list     *postingsList // nil without a workbook
	csv      *csvFile      // nil without the format
	sie      *sieFile      // nil without the format
	problems []string      // the first problems of vouchers, each once
	more     bool          // there are more problems
	columns  []postingColumn
	cells    []string // used again for each posting
}

// maxPostingProblems is the number of problems of vouchers that are named.
const maxPostingProblems = 10

// note keeps a problem of a voucher, to be named.
func (p *postings) note(problem string) {
	switch {
	case problem == "" || slices.Contains(p.problems, problem):
	case len(p.problems) == maxPostingProblems:
		p.more = true
	default:
		p.problems = append(p.problems, problem)
	}
}

// unposted returns why the files for a ledger are not complete. It is nil when they are, and when there are none.
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

// rehearsed returns a word that marks texts of a run that is not real, so that no ledger takes them for real; "" for a
// real run.
func rehearsed(run *RunInfo) string {
	if run.Environment == Live {
		return ""
	}
	return strings.ToUpper(string(run.Environment)) + " "
}

// add posts an order. If it was cancelled since, a second voucher reverses the first one.
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

// voucher returns the id of an invoice's voucher: its number and an ending, and for grouped invoices, which share a
// number, also the order's reference.
func (o *Order) voucher(ending string) string {
	id := o.Outcome.InvoiceNumber + ending
	if o.Product == billing.B2BGrouped {
		id += "/" + o.Reference
	}
	return id
}

// of returns an invoice's postings: what the customer owes, and for each rate and treatment the revenue and the VAT.
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

// rateText returns "25 % (treatment 3)".
func rateText(share *billing.VATShare) string {
	if share.Treatment == "" {
		return share.Rate.String() + " %"
	}
	return fmt.Sprintf(msgTreatment, share.Rate, share.Treatment)
}

// put gives a voucher to the sheet and the files, unless it is too early. A voucher without a date is never too early.
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
		posting := &v.postings[i]
		p.note(posting.problem)
		p.cells = p.cells[:0]
		for _, c := range p.columns {
			p.cells = append(p.cells, c.text(booked{v, posting}))
		}
		if p.list != nil {
			p.list.add(v.currency(), posting, p.cells)
		}
		if p.csv != nil {
			p.csv.put(p.csv.dialect.text(p.cells[0]), p.cells[1:])
		}
	}
	if p.sie != nil {
		p.sie.add(v)
	}
}

// postingColumn is a column of the CSV file and of the sheet Postings.
type postingColumn struct {
	name  string // in the file
	title string // on the sheet
	kind  kind
	text  func(booked) string
}

// booked is a posting and its voucher.
type booked struct {
	*voucher
	*posting
}

// postingColumns are the columns of postings, with their titles in the language of the workbook.
func postingColumns(w words) []postingColumn {
	return []postingColumn{
		{"voucher", w.say("Voucher"), kindText, func(p booked) string { return p.id }},
		{"date", w.say("Date"), kindDate, func(p booked) string { return string(p.date) }},
		{"account", w.say("Account"), kindText, func(p booked) string { return p.account }},
		{"debit", w.say("Debit"), kindAmount, func(p booked) string { return p.positive(p.amount) }},
		{"credit", w.say("Credit"), kindAmount, func(p booked) string { return p.positive(-p.amount) }},
		{"currency", w.say("Currency"), kindText, func(p booked) string { return p.currency().Code() }},
		{"text", w.say("Text"), kindProse, func(p booked) string { return p.text }},
		{"customer_number", w.say("Customer number"), kindText, func(p booked) string {
			return p.order.CustomerNumber
		}},
		{"customer", w.say("Customer"), kindText, func(p booked) string { return p.order.Customer }},
		{"invoice_number", w.say("Invoice number"), kindText, func(p booked) string {
			return p.order.Outcome.InvoiceNumber
		}},
		{"due_date", w.say("Due date"), kindDate, func(p booked) string { return string(p.order.Outcome.DueDate) }},
		{"vat_rate", w.say("VAT rate"), kindNumber, func(p booked) string { return p.rate }},
		{"vat_treatment", w.say("VAT treatment"), kindText, func(p booked) string { return p.treatment }},
		{"cost_center", w.say("Cost center"), kindText, func(p booked) string { return p.costCenter }},
		{referenceColumn, w.say("Order reference"), kindText, func(p booked) string { return p.order.Reference }},
		{"problem", w.say("Problem"), kindProse, func(p booked) string { return w.unposted(p.problem) }},
	}
}

func (v *voucher) currency() money.Currency { return v.order.Gross.Currency() }

// positive returns an amount of the voucher's currency, "" unless it is above zero.
func (v *voucher) positive(minor int64) string {
	if minor <= 0 {
		return ""
	}
	return money.New(minor, v.currency()).String()
}
