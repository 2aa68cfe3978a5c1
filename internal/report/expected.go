package report

import (
	"cmp"
	"encoding/json"

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
	all := map[string]*sums{}
	for _, a := range e.Total {
		entry(all, a.Currency().Code()).Total = new(a.Minor())
	}
	for _, a := range e.Net {
		entry(all, a.Currency().Code()).Net = new(a.Minor())
	}
	for _, a := range e.VAT {
		entry(all, a.Currency().Code()).VAT = new(a.Minor())
	}
	for code, of := range all {
		of.Currency = code
	}
	return json.Marshal(struct {
		Rows  *int   `json:"rows,omitempty"`
		Money []sums `json:"money,omitempty"`
	}{e.Rows, sorted(all, func(a, b *sums) int { return cmp.Compare(a.Currency, b.Currency) })})
}
