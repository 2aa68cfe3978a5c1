package billing

import (
	"cmp"
	"slices"

	"kraviabatch/internal/money"
)

// Particulars are what the report of a run says of an order beside its sums: who it is for, what it is about,
// and how it is taxed.
type Particulars struct {
	Organization      string `json:"organization_number,omitempty"`
	CustomerReference string `json:"customer_reference,omitempty"`
	CostCenter        string `json:"cost_center,omitempty"`
	Country           string `json:"country,omitempty"` // the customer's
	DeliveredFrom     Date   `json:"delivered_from,omitempty"`
	DeliveredTo       Date   `json:"delivered_to,omitempty"` // the same as DeliveredFrom where all is of one day
	// the highest rate first, then by treatment; none in a journal of an older program
	VAT []VATShare `json:"vat,omitempty"`
}

// VATShare is what the lines of an order with one rate and one treatment come to. Amounts are in minor units
// of the order's currency.
type VATShare struct {
	Rate      money.Rate `json:"rate"` // basis points
	Treatment string     `json:"treatment,omitempty"`
	Gross     int64      `json:"gross"`
	VAT       int64      `json:"vat"` // sum of the lines' VAT
}

// OnSum is VAT computed once, on the share's net and rounded half up, as EN 16931 has it for each rate of an
// invoice (BR-CO-17).
func (s *VATShare) OnSum() int64 {
	net := money.New(s.Gross-s.VAT, money.Currency{})
	gross, err := s.Rate.AddTo(net)
	if err != nil { // no order is so large
		return s.VAT
	}
	return gross.Minor() - net.Minor()
}

// Particulars gives what the order's report says.
func (o *Order) Particulars() Particulars {
	p := Particulars{
		Organization: o.Address.OrganizationNumber, CustomerReference: o.Address.CustomerReference,
		CostCenter: o.Address.CostCenter,
		Country:    o.Address.Country,
	}
	for i := range o.Lines {
		line := &o.Lines[i]
		if day := line.DeliveryDate; day != "" {
			if p.DeliveredFrom == "" || day < p.DeliveredFrom {
				p.DeliveredFrom = day
			}
			p.DeliveredTo = max(p.DeliveredTo, day)
		}
		at, found := slices.BinarySearchFunc(p.VAT, line, func(share VATShare, line *Line) int {
			return cmp.Or(cmp.Compare(line.Rate, share.Rate), cmp.Compare(share.Treatment, line.Treatment))
		})
		if !found {
			p.VAT = slices.Insert(p.VAT, at, VATShare{Rate: line.Rate, Treatment: line.Treatment})
		}
		p.VAT[at].Gross += line.Gross.Minor() // an order has at most 2^31 minor units, and a line no more than fits
		p.VAT[at].VAT += line.VAT.Minor()
	}
	return p
}
