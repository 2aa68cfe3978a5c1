package report

import (
	"cmp"
	"encoding/json"
	"fmt"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// part is a part of a report: the orders of a part are posted in one way, or not at all.
type part uint8

// The parts. A cancelled order of this run is in the first two: its invoice is posted, and the cancellation corrects
// it.
const (
	partThisRun   part = iota // invoiced by this run, also if it was cancelled since
	partCancelled             // of those, cancelled since
	partBefore                // invoiced by another run
	partLater                 // registered, invoiced later
	partNot                   // not invoiced
	parts         = iota
)

// partsOf returns the parts of an order or its row. It is called for every row, so the caller gets a fixed slice, which
// it must not change.
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
		NotInvoiced: {partNot}, ByThisRun: {partThisRun}, Before: {partBefore}, Later: {partLater},
	}
)

// Figures is the sum of some orders in one currency.
type Figures struct {
	Orders int
	Gross  money.Amount
	Net    money.Amount // of the rows whose VAT could be computed, which are all that can be invoiced
	VAT    money.Amount // of the same rows, summed over the lines
}

func (f *Figures) net() int64   { return f.Net.Minor() }
func (f *Figures) vat() int64   { return f.VAT.Minor() }
func (f *Figures) gross() int64 { return f.Gross.Minor() }

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

// Invoicing is the figures of one currency, apart for what this run invoiced, what other runs did, what is registered
// and the rest.
type Invoicing struct {
	Currency money.Currency
	by       [parts]Figures
}

// ByThisRun returns what this run invoiced, including what was cancelled since.
func (i *Invoicing) ByThisRun() *Figures { return &i.by[partThisRun] }

// MarshalJSON writes amounts in minor units.
func (i Invoicing) MarshalJSON() ([]byte, error) {
	type figures struct {
		Orders int   `json:"orders"`
		Net    int64 `json:"net"`
		VAT    int64 `json:"vat"`
		Total  int64 `json:"total"`
	}
	var of [parts]figures
	for p, f := range i.by {
		of[p] = figures{f.Orders, f.net(), f.vat(), f.gross()}
	}
	return json.Marshal(struct {
		Currency  string  `json:"currency"`
		ByThisRun figures `json:"by_this_run"` // including what was cancelled since
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
	VAT   money.Amount // summed over the lines
	OnSum money.Amount // VAT computed once for each rate of an invoice, on the sum
	Off   money.Amount // the differences of the two, summed over the invoices without their signs
	known money.Amount // VAT of the orders whose OnSum is known
	told  bool         // in a total: OnSum is known for all of it
}

// vatKey is what a VATLine has in common.
type vatKey struct {
	Part      part
	Month     billing.Date // YYYY-MM of the invoice of this run; "" for an unknown date and in other parts
	Currency  money.Currency
	Country   string // of the seller; "" when it is not known
	Rate      money.Rate
	Treatment string
	Customer  string // the customer's country
}

// compare sorts lines as the tables show them: by part, currency and month, the highest rate first.
func (a *vatKey) compare(b *vatKey) int {
	return cmp.Or(cmp.Compare(a.Part, b.Part), compareCurrency(a.Currency, b.Currency),
		cmp.Compare(a.Month, b.Month), cmp.Compare(a.Country, b.Country),
		cmp.Compare(b.Rate, a.Rate), cmp.Compare(a.Treatment, b.Treatment), cmp.Compare(a.Customer, b.Customer))
}

// monthOf returns the month whose VAT return an invoice of this run belongs to. The rows do not say when an invoice was
// cancelled, so that part has no month.
func monthOf(p part, o *billing.Outcome) billing.Date {
	if p != partThisRun || o.InvoiceDate == "" {
		return ""
	}
	return o.InvoiceDate[:len("2006-01")]
}

// OnSumKnown reports whether VAT on the sum is known for every invoice. Older programs did not record it.
func (t *VATLine) OnSumKnown() bool { return t.known.Minor() == t.VAT.Minor() }

// invoicing counts which run invoiced what, and the VAT.
type invoicing struct {
	seller   string // the seller's country
	sums     map[money.Currency]*Invoicing
	vat      map[vatKey]*VATLine
	spelling map[string]string // the first spelling of treatments that formulas do not tell apart, such as A and a
}

func newInvoicing(seller string) invoicing {
	return invoicing{seller, map[money.Currency]*Invoicing{}, map[vatKey]*VATLine{}, map[string]string{}}
}

func (v *invoicing) of(currency money.Currency) *Invoicing {
	of := entry(v.sums, currency)
	of.Currency = currency
	return of
}

// total returns the line of a key. It sets the key's country, and the spelling of its treatment.
func (v *invoicing) total(key *vatKey) *VATLine {
	key.Country = billing.VATCountry(v.seller, key.Currency.Code(), key.Customer)
	if key.Treatment != "" {
		folded := billing.TreatmentKey(key.Treatment)
		if v.spelling[folded] == "" {
			v.spelling[folded] = key.Treatment
		}
		key.Treatment = v.spelling[folded]
	}
	line := entry(v.vat, *key)
	line.vatKey = *key
	return line
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

// addOrder counts an order, and its VAT computed on the sums. The sum of the rows would overflow first, and is checked.
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

func (v *invoicing) finish() (sums []Invoicing, vat []VATLine) {
	return sorted(v.sums, func(a, b *Invoicing) int { return compareCurrency(a.Currency, b.Currency) }),
		sorted(v.vat, func(a, b *VATLine) int { return a.compare(&b.vatKey) })
}
