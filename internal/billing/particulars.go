package billing

import (
	"cmp"
	"slices"

	"kraviabatch/internal/money"
)

// Particulars is what the report says of an order besides its sums: who it is for, when it was delivered, and how it is
// taxed. The journal keeps it as JSON.
type Particulars struct {
	Organization      string `json:"organization_number,omitempty"`
	CustomerReference string `json:"customer_reference,omitempty"`
	CostCenter        string `json:"cost_center,omitempty"`
	Country           string `json:"country,omitempty"` // the customer's
	DeliveredFrom     Date   `json:"delivered_from,omitempty"`
	DeliveredTo       Date   `json:"delivered_to,omitempty"` // equal to DeliveredFrom if all lines have the same day
	// the highest rate first, then by treatment; empty in the journal of an older program
	VAT []VATShare `json:"vat,omitempty"`
}

// VATShare is the sum of an order's lines with one rate and one treatment, in minor units of the order's currency.
type VATShare struct {
	Rate      money.Rate `json:"rate"` // basis points
	Treatment string     `json:"treatment,omitempty"`
	Gross     int64      `json:"gross"`
	VAT       int64      `json:"vat"` // sum of the lines' VAT
}

// OnSum is the VAT computed once on the share's net amount, rounded half up. EN 16931 wants it so for each rate of an
// invoice (rule BR-CO-17).
func (s *VATShare) OnSum() int64 {
	net := money.New(s.Gross-s.VAT, money.Currency{})
	gross, err := s.Rate.AddTo(net)
	if err != nil { // no order is so large
		return s.VAT
	}
	return gross.Minor() - net.Minor()
}

// Particulars collects what the report says of the order.
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
		p.VAT[at].Gross += line.Gross.Minor() // cannot overflow: an order has at most 2^31 minor units
		p.VAT[at].VAT += line.VAT.Minor()
	}
	return p
}
