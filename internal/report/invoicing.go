package report

import (
	"cmp"
	"encoding/json"
	"fmt"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// part is a part of a report that is posted alike, or not at all.
type part uint8

// The parts. What is cancelled is by this run too: its invoice stands, and the cancellation corrects it.
const (
	partThisRun part = iota
	partCancelled
	partBefore
	partLater
	partNot
	parts = iota
)

// partsOf are those that an order or its row belongs to. They must not be changed.
func partsOf(invoiced Invoiced, final billing.Final) []part {
	if invoiced == ByThisRun && final == billing.FinalVoided {
		return cancelledParts
	}
	return partsByRun[invoiced]
}

//nolint:gochecknoglobals // fixed tables
var (
	cancelledParts = []part{partThisRun, partCancelled}
	partsByRun     = [...][]part{
		NotInvoiced: {partNot}, ByThisRun: {partThisRun}, Before: {partBefore},
		Later: {partLater},
	}
)

// Figures is the sum of some orders in one currency.
type Figures struct {
	Orders int
	Gross  money.Amount
	Net    money.Amount // of the rows whose VAT could be computed: all that can be invoiced
	VAT    money.Amount // sum of the lines', of the same rows
}

func (f *Figures) add(r *Row) (err error) {
	if f.Gross, err = f.Gross.Add(*r.Amount); err != nil || r.VATAmount == nil {
		return err
	}
	if f.VAT, err = f.VAT.Add(*r.VATAmount); err != nil {
		return err
	}
	net, err := r.Amount.Sub(*r.VATAmount)
	if err == nil {
		f.Net, err = f.Net.Add(net)
	}
	return err
}

// Invoicing keeps apart, for one currency, what this run invoiced from what others did, from what is
// registered and from the rest.
type Invoicing struct {
	Currency money.Currency
	by       [parts]Figures
}

// ByThisRun is what this run invoiced, also what was cancelled since.
func (i *Invoicing) ByThisRun() *Figures { return &i.by[partThisRun] }

// MarshalJSON writes minor units.
func (i *Invoicing) MarshalJSON() ([]byte, error) {
	type figures struct {
		Orders int   `json:"orders"`
		Net    int64 `json:"net"`
		VAT    int64 `json:"vat"`
		Total  int64 `json:"total"`
	}
	var of [parts]figures
	for p := range i.by {
		f := &i.by[p]
		of[p] = figures{f.Orders, f.Net.Minor(), f.VAT.Minor(), f.Gross.Minor()}
	}
	return json.Marshal(struct {
		Currency  string  `json:"currency"`
		ByThisRun figures `json:"by_this_run"` // also what was cancelled since
		Cancelled figures `json:"cancelled"`
		Before    figures `json:"before"`
		Later     figures `json:"registered"`
		Not       figures `json:"not_invoiced"`
	}{i.Currency.Code(), of[partThisRun], of[partCancelled], of[partBefore], of[partLater], of[partNot]})
}

// VATLine is the VAT of one part, month of invoices, currency, seller's country, rate, treatment and
// customer's country.
type VATLine struct {
	vatKey
	Gross money.Amount
	VAT   money.Amount // sum of the lines'
	OnSum money.Amount // VAT computed once for each invoice, on its sum
	Off   money.Amount // by how much the two differ, added up over the invoices without their signs
	known money.Amount // VAT of the orders of which OnSum is told
	told  bool         // of a total: OnSum is told of all that is in it
}

type vatKey struct {
	Part      part
	Month     billing.Date // YYYY-MM of the invoices of this run; "" where no date is told, and in other parts
	Currency  money.Currency
	Country   string // of the seller; "" where it is not known
	Rate      money.Rate
	Treatment string
	Customer  string // country
}

// compare is the order of tables: what belongs together, the highest rate first.
func (a *vatKey) compare(b *vatKey) int {
	return cmp.Or(cmp.Compare(a.Part, b.Part), cmp.Compare(a.Currency.Code(), b.Currency.Code()),
		cmp.Compare(a.Month, b.Month), cmp.Compare(a.Country, b.Country),
		cmp.Compare(b.Rate, a.Rate), cmp.Compare(a.Treatment, b.Treatment), cmp.Compare(a.Customer, b.Customer))
}

// monthOf is the month in whose VAT return an invoice of this run belongs. A cancellation is not known by its rows.
func monthOf(p part, o *billing.Outcome) billing.Date {
	if p != partThisRun || o.InvoiceDate == "" {
		return ""
	}
	return o.InvoiceDate[:len("2006-01")]
}

// OnSumKnown reports whether VAT on the sum is told of every invoice; runs of older programs do not tell it.
func (t *VATLine) OnSumKnown() bool { return t.known.Minor() == t.VAT.Minor() }

// invoicing counts what was invoiced by which run, and its VAT.
type invoicing struct {
	seller   string // country
	sums     map[money.Currency]*Invoicing
	vat      map[vatKey]*VATLine
	spelling map[string]string // of treatments that formulas take for one, as they stand first
}

func newInvoicing(seller string) invoicing {
	return invoicing{seller, map[money.Currency]*Invoicing{}, map[vatKey]*VATLine{}, map[string]string{}}
}

func (v *invoicing) of(currency money.Currency) *Invoicing {
	if v.sums[currency] == nil {
		v.sums[currency] = &Invoicing{Currency: currency}
	}
	return v.sums[currency]
}

// total is the place of a key, whose parts are put in.
func (v *invoicing) total(key *vatKey) *VATLine {
	key.Country = billing.VATCountry(v.seller, key.Currency.Code(), key.Customer)
	if key.Treatment != "" {
		folded := billing.TreatmentKey(key.Treatment)
		if v.spelling[folded] == "" {
			v.spelling[folded] = key.Treatment
		}
		key.Treatment = v.spelling[folded]
	}
	if v.vat[*key] == nil {
		v.vat[*key] = &VATLine{vatKey: *key}
	}
	return v.vat[*key]
}

// addRow counts a row that has an amount.
func (v *invoicing) addRow(r *Row) (err error) {
	sums := v.of(r.Amount.Currency())
	for _, p := range partsOf(r.Invoiced, r.Final) {
		if err := sums.by[p].add(r); err != nil {
			return fmt.Errorf("sum of rows: %w", err)
		}
		if r.VATAmount == nil {
			continue
		}
		t := v.total(&vatKey{
			Part: p, Month: monthOf(p, &r.Outcome), Currency: r.Amount.Currency(), Rate: r.Rate,
			Treatment: r.Treatment, Customer: r.Country,
		})
		if t.Gross, err = t.Gross.Add(*r.Amount); err != nil {
			return fmt.Errorf("VAT base: %w", err)
		}
		if t.VAT, err = t.VAT.Add(*r.VATAmount); err != nil {
			return fmt.Errorf("VAT: %w", err)
		}
	}
	return nil
}

// addOrder counts an order, and what its VAT would be if each rate were computed once. No sum of orders
// overflows before that of their rows does.
func (v *invoicing) addOrder(o *Order) {
	currency := o.Gross.Currency()
	for _, p := range partsOf(o.Invoiced, o.Final) {
		v.of(currency).by[p].Orders++
		for i := range o.Particulars.VAT {
			share := &o.Particulars.VAT[i]
			t := v.total(&vatKey{
				Part: p, Month: monthOf(p, &o.Outcome), Currency: currency, Rate: share.Rate,
				Treatment: share.Treatment, Customer: o.Particulars.Country,
			})
			off := share.VAT - share.OnSum()
			t.OnSum, _ = t.OnSum.Add(money.New(share.OnSum(), currency))
			t.Off, _ = t.Off.Add(money.New(max(off, -off), currency))
			t.known, _ = t.known.Add(money.New(share.VAT, currency))
		}
	}
}

// finish gives the sums in the order of tables.
func (v *invoicing) finish() (sums []Invoicing, vat []VATLine) {
	return sorted(v.sums, func(a, b *Invoicing) int { return compareCurrency(a.Currency, b.Currency) }),
		sorted(v.vat, func(a, b *VATLine) int { return a.compare(&b.vatKey) })
}
