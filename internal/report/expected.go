package report

import (
	"cmp"
	"encoding/json"
	"slices"

	"kraviabatch/internal/money"
)

// Expected holds the control totals that the user gave for the input: sums by currency, empty for none.
type Expected struct {
	Rows  *int           // nil if no number was given
	Total []money.Amount // including VAT
	Net   []money.Amount
	VAT   []money.Amount
}

// MarshalJSON writes what was given, amounts in minor units.
func (e *Expected) MarshalJSON() ([]byte, error) {
	type sums struct {
		Currency string `json:"currency"`
		Total    *int64 `json:"total,omitempty"`
		Net      *int64 `json:"net,omitempty"`
		VAT      *int64 `json:"vat,omitempty"`
	}
	var all []*sums
	in := func(c money.Currency) *sums {
		i := slices.IndexFunc(all, func(s *sums) bool { return s.Currency == c.Code() })
		if i < 0 {
			i = len(all)
			all = append(all, &sums{Currency: c.Code()})
		}
		return all[i]
	}
	for _, a := range e.Total {
		in(a.Currency()).Total = new(a.Minor())
	}
	for _, a := range e.Net {
		in(a.Currency()).Net = new(a.Minor())
	}
	for _, a := range e.VAT {
		in(a.Currency()).VAT = new(a.Minor())
	}
	slices.SortFunc(all, func(a, b *sums) int { return cmp.Compare(a.Currency, b.Currency) })
	return json.Marshal(struct {
		Rows  *int    `json:"rows,omitempty"`
		Money []*sums `json:"money,omitempty"`
	}{e.Rows, all})
}
